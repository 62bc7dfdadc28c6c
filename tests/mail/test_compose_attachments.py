from __future__ import annotations

import base64
import os
import random
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.message.reading import composed_message, draft, read, source
from tests.support.second_parser import parse_email
from wlemail.errors import AttachmentMissing, AttachmentUnreadable, ControlCharacter
from wlemail.mail.compose import compose
from wlemail.mail.draft import DraftAttachment


def only_part(attachment: DraftAttachment):  # type: ignore[no-untyped-def]
    (part,) = composed_message(attachments=[attachment]).iter_attachments()
    return part


def test_a_file_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "Résumé 2025.pdf"
    path.write_bytes(b"%PDF-1.7\r\n\n\r\x00")
    part = only_part(DraftAttachment(path=str(path)))
    assert part.get_filename() == "Résumé 2025.pdf"
    assert part.get_content_type() == "application/pdf"
    assert part.get_content_disposition() == "attachment"
    assert part.get_content() == b"%PDF-1.7\r\n\n\r\x00"


def test_a_name_and_a_type_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "x.tmp"
    path.write_bytes(b"a;b")
    part = only_part(DraftAttachment("list.dat", path=str(path), content_type="text/csv; charset=utf-8; name=evil"))
    assert part.get_filename() == "list.dat"
    assert part["Content-Type"].params == {"charset": "utf-8", "name": "list.dat"}
    assert part.get_content_type() == "text/csv"


def test_a_type_that_is_none_is_replaced_by_the_extensions() -> None:
    assert only_part(DraftAttachment("a.pdf", content=b"x", content_type="pdf")).get_content_type() == "application/pdf"


@pytest.mark.parametrize("data", [b"", b"a\nb\n", b"a\r\nb", b"\r\r\n\n", "é".encode("latin-1"), b".\r\n.\r\n"])
def test_the_bytes_of_text_attachments_arrive_as_they_are(data: bytes) -> None:
    part = only_part(DraftAttachment("a.txt", content=data))
    assert part.get_payload(decode=True) == data
    assert part["Content-Transfer-Encoding"] == "base64"


def test_bytes_without_a_name_are_not_sent() -> None:
    nameless = DraftAttachment(content=b"x")
    assert composed_message(attachments=[nameless]).get_content_type() == "text/plain"
    assert composed_message(attachments=[DraftAttachment("", path="")]).get_content_type() == "text/plain"
    assert composed_message(attachments=[DraftAttachment("only a name")]).get_content_type() == "text/plain"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("C:\\Temp\\report.pdf", "report.pdf"),
        ("/tmp/report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("a\r\nb.txt", "a b.txt"),
        ('say "hi".txt', 'say "hi".txt'),
        ("a;b=c.txt", "a;b=c.txt"),
        ("=?utf-8?q?x?=.txt", "=?utf-8?q?x?=.txt"),
        ("x" * 300 + ".txt", "x" * 300 + ".txt"),
        ("é" * 100 + ".txt", "é" * 100 + ".txt"),
        ("folder/", "folder"),
        ("///", "attachment"),
    ],
)
def test_names(name: str, expected: str) -> None:
    data = source(compose(draft(attachments=[DraftAttachment(name, content=b"x")])))
    (part,) = read(data).iter_attachments()
    assert part.get_filename() == expected


@pytest.mark.parametrize("name", ["report.pdf", "x" * 300 + ".txt", "é" * 100 + ".txt"])
def test_another_parser_reads_the_names(name: str) -> None:
    data = source(compose(draft(attachments=[DraftAttachment(name, content=b"x")])))
    assert [one.filename for one in parse_email(data).attachments] == [name]


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=80))
def test_any_name_comes_back_in_both_places(name: str) -> None:
    (part,) = composed_message(attachments=[DraftAttachment(f"{name}.x", content=b"x")]).iter_attachments()
    disposition = part["Content-Disposition"].params
    assert set(disposition) == {"filename"}
    assert set(part["Content-Type"].params) == {"name"}
    assert disposition["filename"] == part["Content-Disposition"].params["filename"]
    assert part.get_content() == b"x"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=200))
def test_descriptions_come_back(description: str) -> None:
    part = only_part(DraftAttachment("a.bin", content=b"x", description=description))
    assert " ".join((part["Content-Description"] or "").split()) == " ".join(description.split())


# -- files that are not as they should be -----------------------------------------------------------


@pytest.mark.parametrize("path", ["missing.pdf", "missing/missing.pdf", "nul\0.pdf"])
def test_a_missing_file_fails_before_anything_is_sent(path: str, tmp_path: Path) -> None:
    wanted = str(tmp_path / path)
    with pytest.raises(AttachmentMissing) as caught:
        compose(draft(attachments=[DraftAttachment(path=wanted)]))
    assert caught.value.path == wanted


def test_a_directory_is_no_attachment(tmp_path: Path) -> None:
    with pytest.raises(AttachmentUnreadable, match="directory"):
        compose(draft(attachments=[DraftAttachment(path=str(tmp_path))]))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_no_attachment_and_does_not_block(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(AttachmentUnreadable):
        compose(draft(attachments=[DraftAttachment(path=str(path))]))


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(AttachmentUnreadable, match="Permission denied"):
        compose(draft(attachments=[DraftAttachment(path=str(path))]))


@pytest.mark.parametrize("change", [b"", b"x" * 299_999, b"x" * 300_001])
def test_a_file_that_changes_its_size_before_it_is_sent(change: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"x" * 300_000)
    composed = compose(draft(attachments=[DraftAttachment(path=str(path))]))
    path.write_bytes(change)
    with pytest.raises(AttachmentUnreadable, match="size"):
        b"".join(composed.chunks())


@pytest.mark.parametrize(("size", "why"), [(200_000, "shorter"), (400_000, "longer")])
def test_a_file_that_changes_its_size_while_it_is_sent(size: int, why: str, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"x" * 300_000)
    chunks = compose(draft(attachments=[DraftAttachment(path=str(path))])).chunks()
    next(chunks)
    with path.open("r+b") as file:
        file.truncate(size)
    with pytest.raises(AttachmentUnreadable, match=why):
        b"".join(chunks)


def test_a_file_that_is_gone_when_it_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"x")
    composed = compose(draft(attachments=[DraftAttachment(path=str(path))]))
    path.unlink()
    with pytest.raises(AttachmentUnreadable):
        b"".join(composed.chunks())


# -- size and memory --------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 57, 58_367, 58_368, 58_369, 200_000])
def test_the_size_is_known_before(size: int, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    data = random.Random(size).randbytes(size)
    path.write_bytes(data)
    encoded = source(compose(draft(attachments=[DraftAttachment(path=str(path))])))
    assert base64.encodebytes(data).replace(b"\n", b"\r\n") in encoded


def test_memory_stays_flat_in_the_size_of_an_attachment(tmp_path: Path) -> None:
    path = tmp_path / "big.bin"
    with path.open("wb") as file:
        file.truncate(40 * 1024 * 1024)
    tracemalloc.start()
    try:
        composed = compose(draft(attachments=[DraftAttachment(path=str(path))]))
        total = sum(map(len, composed.chunks()))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert total == composed.size
    assert peak < 2 * 1024 * 1024


# -- attached messages ------------------------------------------------------------------------------

INNER = b"From: a@example.com\nSubject: inner\n\nHello\n"


@pytest.mark.parametrize("data", [INNER, INNER.replace(b"\n", b"\r\n"), INNER.rstrip(b"\n")])
def test_an_attached_message_is_sent_as_it_is(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "inner.eml"
    path.write_bytes(data)
    part = only_part(DraftAttachment(path=str(path)))
    assert part.get_content_type() == "message/rfc822"
    assert part["Content-Transfer-Encoding"] == "7bit"
    assert part.get_content()["Subject"] == "inner"
    assert part.get_content().get_content().split() == ["Hello"]


def test_an_attached_message_longer_than_a_block() -> None:
    data = INNER + b"another line of the body\r\n" * 10_000
    part = only_part(DraftAttachment("inner.eml", content=data))
    assert part.get_content_type() == "message/rfc822"
    assert part.get_content().get_content().count("another line") == 10_000


@pytest.mark.parametrize(
    "data",
    [
        INNER + "é".encode(),
        INNER + b"\0",
        INNER + b"bare\rreturn",
        INNER + b"x" * 999 + b"\n",
        b"x" * 200_000,
    ],
)
def test_an_attached_message_that_7bit_cannot_carry_keeps_its_bytes(data: bytes) -> None:
    part = only_part(DraftAttachment("inner.eml", content=data))
    assert part.get_content_type() == "application/octet-stream"
    assert part.get_filename() == "inner.eml"
    assert part.get_content() == data


@pytest.mark.parametrize("content_type", ["multipart/mixed; boundary=x", "message/delivery-status", "message/partial"])
def test_types_that_forbid_an_encoding_become_octet_streams(content_type: str) -> None:
    part = only_part(DraftAttachment("a.dat", content=b"abc", content_type=content_type))
    assert part["Content-Type"] == 'application/octet-stream; name="a.dat"'
    assert part.get_content() == b"abc"


def test_an_attached_message_alone_is_the_message_and_ends_its_last_line() -> None:
    data = source(compose(draft(text="", attachments=[DraftAttachment("inner.eml", content=INNER.rstrip(b"\n"))])))
    assert data.endswith(b"\r\n\r\nHello\r\n")


@pytest.mark.parametrize("change", [b"\xff", b"\r", b"\n"])  # another byte, another number of lines
def test_an_attached_message_that_changes_before_it_is_sent(change: bytes, tmp_path: Path) -> None:
    path = tmp_path / "inner.eml"
    path.write_bytes(INNER)
    composed = compose(draft(attachments=[DraftAttachment(path=str(path))]))
    path.write_bytes(INNER.replace(b"inner", b"inn" + change + b"r"))
    with pytest.raises(AttachmentUnreadable):
        b"".join(composed.chunks())


# -- control characters -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attachment", "member"),
    [
        (DraftAttachment("a\0.txt", content=b""), "Attach[1].Name"),
        (DraftAttachment("a", content=b"", content_type="text/plain\r\nBcc: x@example.com"), "Attach[1].ContentType"),
        (DraftAttachment("a", content=b"", description="a\0"), "Attach[1].ContentDescription"),
        (DraftAttachment("a", content=b"", identifier="x>\r\nBcc: x@example.com"), "Attach[1].Identifier"),
    ],
)
def test_control_characters_are_refused(attachment: DraftAttachment, member: str) -> None:
    with pytest.raises(ControlCharacter) as caught:
        compose(draft(attachments=[attachment]))
    assert caught.value.member == member


@pytest.mark.parametrize("html", ["", '<img src="cid:\u212a"><p>x</p>'])
@pytest.mark.parametrize("identifier", ["é", "x> y <z", "a" * 3000, "half\ud800", "=?utf-8?q?=0D=0ABcc:_a@b.c?= ", "k"])
def test_an_identifier_that_is_no_content_id_leaves_the_header_in_ascii(identifier: str, html: str) -> None:
    image = DraftAttachment("a.png", content=b"x", identifier=identifier)
    octets = source(compose(draft(html=html, attachments=[image])))  # which looks at every line
    assert b"> y <" not in octets
