"""Where header, bodies and parts are: what RFC 5322 and RFC 2046 say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.message.effort import takes_little
from wlemail.message.parse import LONGEST_HEADER, MOST_FIELDS, MOST_LEVELS, MOST_PARTS, Part, parse


def shape(part: Part) -> object:
    """The tree: a type, or a type with what is in it; leaves that are texts with their content."""
    if part.parts:
        return [part.content_type, *map(shape, part.parts)]
    return part.content.decode("latin-1") if part.content_type == "text/plain" else part.content_type


def texts(source: bytes) -> list[str]:
    """The contents of the leaves."""
    return [part.content.decode("latin-1") for part in parse(source).walk() if not part.parts]


def faults(source: bytes) -> list[str]:
    root = parse(source)
    for part in root.walk():
        _ = part.text
    return [f"{defect.part}: {defect.text}" if defect.part else defect.text for defect in root.defects]


MIXED = (
    b"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n"
    b"--b\r\n\r\none\r\n--b\r\nContent-Type: text/plain\r\n\r\ntwo\r\n\r\n--b--\r\nepilogue\r\n"
)


def test_a_message_without_parts() -> None:
    root = parse(b"From: a@b\r\nSubject: Hi\r\n\r\nHello\r\n\r\nBye\r\n")
    assert root.fields == [(b"From", b" a@b"), (b"Subject", b" Hi")]
    assert root.content == b"Hello\r\n\r\nBye\r\n"
    assert root.parts == []
    assert root.defects == []


def test_the_parts_of_a_multipart() -> None:
    root = parse(MIXED)
    assert shape(root) == ["multipart/mixed", "one", "two\r\n"]
    assert [part.number for part in root.parts] == ["1", "2"]
    assert root.defects == []


@pytest.mark.parametrize("line_end", [b"\n", b"\r", b"\r\n", b"\r\r\n"])
def test_every_kind_of_line_end(line_end: bytes) -> None:
    root = parse(MIXED.replace(b"\r\n", line_end))
    assert root.field_text(b"subject") == "x"
    assert [part.content.strip() for part in root.parts] == [b"one", b"two"]


@pytest.mark.parametrize("behind", [b"\r\n\r\n--b--", b"--b--", b"text", b"\0\xff"])
def test_bytes_behind_the_end_change_nothing(behind: bytes) -> None:
    assert shape(parse(MIXED + behind)) == shape(parse(MIXED))


@pytest.mark.parametrize("end", range(0, len(MIXED), 3))
def test_a_message_that_is_cut_off_anywhere(end: int) -> None:
    found = "".join(texts(MIXED[:end]))
    assert all(word in found for word in ("one", "two") if MIXED.find(word.encode()) + len(word) + 4 < end)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        # RFC 2046 5.1.1: space may follow; what follows it is ignored; a longer boundary is another one
        (b"--b \t\r\n\r\none\r\n--b--\r\n", ["one"]),
        (b"--b what is this\r\n\r\none\r\n--b-- end\r\n", ["one"]),
        (b"--b\r\n\r\none\r\n--bc\r\n--b-c\r\n--b--\r\n", ["one\r\n--bc\r\n--b-c"]),
        (b"--b\r\n\r\n one --b\r\n --b\r\n--b--\r\n", [" one --b\r\n --b"]),
        (b"--b\r\n--b\r\n\r\n--b\r\n\r\n\r\n--b--\r\n", ["", "", ""]),
        (b"--b--\r\n", []),
        # a closing line too early, and one too many
        (b"--b\r\n\r\none\r\n--b--\r\n--b\r\n\r\ntwo\r\n--b--\r\n", ["one", "two"]),
        (b"--b\r\n\r\none\r\n--b--\r\n\r\ntext\r\n\r\n--b\r\n\r\ntwo", ["one", "two"]),
        (b"--b--\r\n--b\r\n\r\ntwo\r\n--b--\r\n--b--\r\n", ["two"]),
        (b"--b\r\nContent-Type: text/html\r\n--b\r\n\r\ntwo\r\n--b--\r\n", ["", "two"]),
    ],
)
def test_boundary_lines(lines: bytes, expected: list[str]) -> None:
    root = parse(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + lines)
    assert [part.content.decode() for part in root.parts] == expected


def test_parts_behind_a_closing_boundary_line_are_told() -> None:
    source = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--\r\n--b\r\n\r\ntwo\r\n--b--"
    assert faults(source) == ["parts behind the closing boundary line"]
    assert faults(source.replace(b"--b--\r\n--b\r\n", b"--b\r\n")) == []


def test_an_outer_boundary_ends_what_is_inside() -> None:
    source = (
        b"Content-Type: multipart/mixed; boundary=out\r\n\r\n--out\r\n"
        b"Content-Type: multipart/alternative; boundary=in\r\n\r\n--in\r\n\r\none\r\n--out\r\n\r\ntwo\r\n--out--\r\n"
    )
    assert shape(parse(source)) == ["multipart/mixed", ["multipart/alternative", "one"], "two"]
    assert faults(source) == ["1: no closing boundary line"]


def test_an_inner_boundary_that_begins_like_the_outer_one() -> None:
    source = (
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
        b'Content-Type: multipart/mixed; boundary="b-1"\r\n\r\n--b-1\r\n\r\none\r\n--b-1--\r\n'
        b"--b\r\n\r\ntwo\r\n--b--\r\n"
    )
    assert shape(parse(source)) == ["multipart/mixed", ["multipart/mixed", "one"], "two"]


def test_messages_inside_messages() -> None:
    source = (
        b"Content-Type: message/rfc822\r\n\r\nSubject: inside\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\n\r\none\r\n--b--\r\n"
    )
    root = parse(source)
    assert shape(root) == ["message/rfc822", ["multipart/mixed", "one"]]
    assert root.parts[0].field_text(b"subject") == "inside"
    assert [part.number for part in root.walk()] == ["", "0", "0.1"]


def test_a_message_inside_that_is_encoded_all_the_same() -> None:
    source = (
        b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDogaW4NCg0Kb25lDQo=\r\n"
    )
    assert shape(parse(source)) == ["message/rfc822", "one\r\n"]
    assert parse(source).parts[0].field_text(b"subject") == "in"


def test_the_parts_of_a_digest_are_messages() -> None:
    source = b"Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: one\r\n\r\ntext\r\n--b--\r\n"
    assert shape(parse(source)) == ["multipart/digest", ["message/rfc822", "text"]]


def test_the_first_of_two_fields_counts() -> None:
    source = b"Content-Type: text/html\r\nContent-Type: text/plain\r\nSubject: a\r\nSubject: b\r\n\r\n"
    root = parse(source)
    assert (root.content_type, root.field_text(b"subject")) == ("text/html", "a")
    assert root.all_fields(b"subject") == [b" a", b" b"]


# -- limits -----------------------------------------------------------------------------------------


def test_levels_are_limited() -> None:
    inner = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(1000)
    )
    parts = list(parse(inner).walk())
    assert len(parts) == MOST_LEVELS + 1
    assert any("levels" in defect.text for defect in parts[0].defects)


def test_messages_in_messages_are_limited() -> None:
    assert len(list(parse(b"Content-Type: message/rfc822\r\n\r\n" * 1000).walk())) == MOST_LEVELS + 1


def test_parts_are_limited() -> None:
    source = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * (MOST_PARTS + 100)
    parts = list(parse(source).walk())
    assert MOST_PARTS <= len(parts) <= MOST_PARTS + 2
    assert any("parts" in defect.text for defect in parts[0].defects)


def test_headers_are_limited() -> None:
    root = parse(b"Subject: s\r\n" + b"A: b\r\n" * (MOST_FIELDS + 10) + b"\r\ntext")
    assert (len(root.fields), root.field_text(b"subject"), root.content) == (MOST_FIELDS, "s", b"text")
    root = parse(b"Subject: s\r\nX: " + b"x" * LONGEST_HEADER + b"\r\nTo: a@b\r\n\r\ntext")
    assert [name for name, _ in root.fields] == [b"Subject", b"X"]
    assert root.content == b"text"
    assert any("header" in defect.text for defect in root.defects)


H = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"


@pytest.mark.parametrize(
    ("start", "unit"),
    [
        (H, b"--b\r\n\r\n"),
        (H, b"--bx\r\n"),
        (H + b"--b\r\n\r\n", b"\n--"),
        (H + b"--b\r\n\r\n", b"-"),
        (H, b"--b\r\r\r\r\rx"),
        (b"", H + b"--b\r\n"),
        (b"", b"Content-Type: message/rfc822\r\n\r\n"),
        (b"", b"A: b\r\n"),
        (b"A: b\r\n", b" x\r\n"),
        (b"A: b\r\n", b"junk\r\n"),
        (b"A: b\r\n", b"x=y\r\n"),
        (b"", b"\r"),
        (b"", b"\n\r\r"),
        (b"A: b\n", b"\r"),
        (b"", b"junk\n\n"),
        (b"", b"junk\n\nA: b\n"),
        (b"", b">From x\n"),
        (b"Content-Type: multipart/mixed\r\n\r\n", b"\n--a\nContent-Type: multipart/mixed\n\n"),
        (b"Content-Transfer-Encoding: base64\r\n\r\n", b"QQ==\r\n"),
        (b"Content-Transfer-Encoding: quoted-printable\r\n\r\nx \r\n", b" "),
        (b"Content-Transfer-Encoding: quoted-printable\r\n\r\n", b"="),
        (b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\n", b"!!\n"),
    ],
)
def test_trap_messages_that_take_the_square_of_the_time(start: bytes, unit: bytes) -> None:
    source = start + unit * (300_000 // len(unit))
    takes_little(lambda: [part.text for part in parse(source).walk()])


# -- anything ---------------------------------------------------------------------------------------

pieces = st.sampled_from(
    [
        b"\r\n", b"\n", b"\r", b" ", b"--b", b"--b--", b"--", b"x", b"=", b"=41", b"QUJD", b"\xe9", b"\0",
        b"Content-Type: multipart/mixed; boundary=b\r\n", b"Content-Type: message/rfc822\r\n", b"Subject: x\r\n",
        b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: quoted-printable\r\n", b"From x\n",
        b"Content-Type: text/html; charset=utf-8\r\n", b"begin 644 a\n", b"end\n", b"boundary=b\r\n", b"=?utf-8?q?",
    ]
)  # fmt: skip


@given(st.one_of(st.binary(max_size=300), st.lists(pieces, max_size=30).map(b"".join)))
def test_anything_is_read(source: bytes) -> None:
    root = parse(source)
    for part in root.walk():
        assert isinstance(part.text, str)
        assert isinstance(part.content, bytes)
        assert repr(part)
        _ = (part.file_name, part.content_id, part.disposition, part.encoding, part.source, part.location)
    assert parse(bytearray(source)).fields == parse(memoryview(source)).fields == root.fields
