"""What real mail does to the rules, and how it is read all the same."""

from __future__ import annotations

import pytest

from wlemail.message.parse import parse

from .test_structure import faults, texts


@pytest.mark.parametrize(
    ("source", "expected", "fault"),
    [
        # before the header
        (b"From ann@x Sat Nov 21 09:00:00 2026\r\nSubject: s\r\n\r\nt", ["t"], []),
        (b">From ann@x Sat Nov 21 09:00:00 2026\nSubject: s\n\nt", ["t"], []),
        (b"\xef\xbb\xbfSubject: s\r\n\r\nt", ["t"], []),
        (b"\r\n\r\nSubject: s\r\n\r\nt", ["t"], ["empty lines before the header"]),
        (
            b"Mail follows\r\n\r\nFrom: a@b\r\nTo: c@d\r\nSubject: s\r\n\r\nt",
            ["t"],
            ["text before the header"],
        ),
        (b" Subject: s\r\nTo: a@b\r\n\r\nt", ["t"], []),
        # between header and body
        (b"Subject: s\r\nTo: a@b\r\nHello Ann\r\nhow are you", ["Hello Ann\nhow are you"],
         ["no empty line behind the header"]),
        (b"Subject: s\r\n \r\nHello\r\n\r\nBye", ["Hello\n\nBye"], ["no empty line behind the header"]),
        (b"Subject: s\r\nno field at all\r\nTo: a@b\r\n\r\nt", ["t"], ["a line in the header that is no field"]),
    ],
)  # fmt: skip
def test_headers(source: bytes, expected: list[str], fault: list[str]) -> None:
    root = parse(source)
    assert root.field_text(b"subject") == "s"
    assert [part.text for part in root.walk() if not part.parts] == expected
    assert faults(source) == fault


def test_a_text_without_a_header_is_a_text() -> None:
    assert parse(b"Just a line.\r\nAnd one more.").text == "Just a line.\nAnd one more."
    assert parse(b"Just a line.\r\n\r\nAnd one more.").text == "Just a line.\n\nAnd one more."


def test_a_parameter_on_a_line_that_is_not_folded() -> None:
    root = parse(b"Content-Type: application/zip;\r\nname=a.zip\r\nSubject: s\r\n\r\n")
    assert root.file_name == "a.zip"
    assert root.field_text(b"subject") == "s"


def test_a_multipart_without_the_empty_line() -> None:
    source = b"Content-Type: multipart/mixed; boundary=b\r\n--b\r\nContent-Type: text/html\r\n\r\none\r\n--b--\r\n"
    root = parse(source)
    assert (root.content_type, [part.content_type for part in root.parts]) == ("multipart/mixed", ["text/html"])
    assert texts(source) == ["one"]


def test_a_boundary_line_before_any_header_of_a_part() -> None:
    assert texts(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nno header\r\n\r\nhere\r\n--b--") == ["here"]
    part = parse(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nno header\r\n\r\nhere\r\n--b--").parts[0]
    assert part.text == "no header\n\nhere"


BODY = b"--xyz\r\nContent-Type: text/plain\r\n\r\none\r\n--xyz\r\nContent-Type: text/html\r\n\r\ntwo\r\n--xyz--\r\n"


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        (b"multipart/mixed", "no boundary in the header"),
        (b"multipart/mixed; boundary=other", "boundary lines that the header does not announce"),
        (b"multipart/mixed; boundary=\" xyz \"", ""),
        (b"multipart; boundary=xyz", "a Content-Type that is none"),
        (b"multipart/mixed; boundary=xyz; boundary=other", ""),
        (b"multipart/mixed boundary=xyz", ""),
        (b"multipart/mixed; boundary=\"xyz", ""),
        (b"multipart/mixed; boundary='xyz'", ""),
        (b"multipart/mixed; boundary=--xyz", ""),
        (b"text/plain; boundary=xyz", "a multipart that is said to be text"),
    ],
)  # fmt: skip
def test_boundaries_that_the_header_does_not_tell(header: bytes, fault: str) -> None:
    source = b"Content-Type: " + header + b"\r\n\r\n" + BODY
    assert texts(source) == ["one", "two"]
    assert faults(source) == ([fault] if fault else [])


def test_a_multipart_without_parts_is_a_text() -> None:
    assert parse(b"Content-Type: multipart/mixed; boundary=b\r\n\r\nhello").text == "hello"


def test_a_multipart_that_is_encoded_as_a_whole() -> None:
    import base64

    source = b"Content-Type: multipart/mixed; boundary=xyz\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    assert texts(source + base64.encodebytes(BODY)) == ["one", "two"]


def test_the_closing_boundary_line_is_missing() -> None:
    assert texts(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n") == [
        "one",
        "two\r\n",
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"text", "text/plain"),
        (b"html", "text/html"),
        (b"foo", "text/plain"),
        (b"text/html/x", "text/html"),
        (b"", "text/plain"),
        (b"/", "text/plain"),
        (b"TEXT/HTML;;", "text/html"),
        (b"text/html, charset=utf-8", "text/html"),
        (b"'text/html'", "text/html"),
        (b"application/x-unknown", "application/x-unknown"),
    ],
)
def test_content_types(value: bytes, expected: str) -> None:
    assert parse(b"Content-Type: " + value + b"\r\n\r\n").content_type == expected


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-be"])
def test_a_message_that_an_editor_saved_in_utf_16(charset: str) -> None:
    mark = "\ufeff" if charset == "utf-16-be" else ""
    root = parse(f"{mark}Subject: été\r\nTo: a@b\r\n\r\nà demain".encode(charset))
    assert root.field_text(b"subject") == "été"
    assert root.text == "à demain"


def test_lone_cr_in_a_header() -> None:
    root = parse(b"Subject: one\rTo: a@b\r\nCc: c\rd\r\n\r\n")
    assert root.field_text(b"subject") == "one"
    assert root.field_text(b"to") == "a@b"


def test_fields_beyond_ascii() -> None:
    root = parse("Subject: é\r\nInvälid: x\r\n\r\n".encode())
    assert root.field_text(b"subject") == "é"
    assert len(root.fields) == 2
