"""BODYSTRUCTURE as servers write it."""

from __future__ import annotations

from tests.imap.lines import meaning
from wlemail.imap.parsing.fetch import Fetched
from wlemail.imap.parsing.structure import Part

TEXT = (
    b'("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" 12 1 NIL ("ATTACHMENT" ("FILENAME" "a.txt")) ("fr" "en") "x")'
)


def structure(octets: bytes) -> Part | None:
    got = meaning(b"* 1 FETCH (BODYSTRUCTURE " + octets + b")\r\n")
    assert isinstance(got, Fetched)
    return got.structure


def outline(part: Part | None) -> list[tuple[str, str]]:
    return [(each.section, f"{each.type}/{each.subtype}") for each in part.walk()] if part else []


def test_a_leaf() -> None:
    part = structure(TEXT)
    assert part == Part(
        "1", "text", "plain", {"charset": "utf-8"}, None, None, "7bit", 12, 1, None,
        "attachment", {"filename": "a.txt"}, ("fr", "en"), "x",
    )  # fmt: skip


def test_parts_are_named_as_sections_are() -> None:
    image = b'("IMAGE" "PNG" NIL "<i@d>" "d" "BASE64" 9)'
    related = b"(" + TEXT + image + b' "RELATED" ("BOUNDARY" "b") NIL NIL)'
    inner = b"(" + TEXT + image + b' "MIXED")'
    message = b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 300 (NIL "s" NIL NIL NIL NIL NIL NIL NIL NIL) ' + inner + b" 20)"
    single = b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 300 (NIL "t" NIL NIL NIL NIL NIL NIL NIL NIL) ' + TEXT + b" 20)"
    part = structure(b"(" + related + message + single + b' "MIXED" NIL ("inline" NIL))')
    assert outline(part) == [
        ("", "multipart/mixed"),
        ("1", "multipart/related"), ("1.1", "text/plain"), ("1.2", "image/png"),
        ("2", "message/rfc822"), ("2", "multipart/mixed"), ("2.1", "text/plain"), ("2.2", "image/png"),
        ("3", "message/rfc822"), ("3.1", "text/plain"),
    ]  # fmt: skip
    assert part is not None
    assert part.disposition == "inline"
    message_part = part.parts[1]
    assert message_part.envelope is not None
    assert message_part.envelope.subject == "s"
    assert message_part.lines == 20


def test_nil_in_odd_places() -> None:
    assert structure(b"(NIL NIL NIL NIL NIL NIL NIL)") == Part("1", "", "")
    assert structure(b'("TEXT" "PLAIN" NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)') == Part("1", "text", "plain")
    assert structure(b'("TEXT" "PLAIN")') == Part("1", "text", "plain")
    assert structure(b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 30 NIL NIL 2)') == Part(
        "1", "message", "rfc822", encoding="7bit", size=30, lines=2
    )
    assert structure(b'("APPLICATION" "PDF" ("NAME" NIL "x") NIL NIL "BASE64" 5 NIL "ATTACHMENT" "fr")') == Part(
        "1", "application", "pdf", {"name": ""}, None, None, "base64", 5, None, None, "attachment", {}, ("fr",)
    )


def test_literals_in_a_structure() -> None:
    part = structure(b'("image" "png" ("name" {8}\r\na)b"c\r\nd) NIL NIL "base64" 3)')
    assert part is not None
    assert part.parameters == {"name": 'a)b"c\r\nd'}


def test_what_is_no_structure_leaves_the_rest() -> None:
    got = meaning(b"* 1 FETCH (BODYSTRUCTURE ((())) UID 4)\r\n")
    assert got == Fetched(1, 4)


def test_a_hundred_levels() -> None:
    deep = b"(" * 90 + TEXT + b' "MIXED")' * 90
    assert len(outline(structure(deep))) == 91
    assert meaning(b"* 1 FETCH (BODYSTRUCTURE " + b"(" * 100 + TEXT + b' "MIXED")' * 100 + b")\r\n") == "malformed"
