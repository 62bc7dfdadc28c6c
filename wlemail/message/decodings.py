"""Content-Transfer-Encodings undone (RFC 2045 6, uuencode), whatever has happened to what was encoded.

Bodies are large: all work is done by C, a second look is taken only where one is needed, and what takes several steps
is done block by block, so that nothing but the result is as large as the body.
"""

from __future__ import annotations

import re
from binascii import Error as _BadEncoding
from binascii import a2b_base64, a2b_qp, a2b_uu
from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple

# How much is worked on at a time. BytesIO gives its result without copying it.
_BLOCK = 64 << 10


class Decoded(NamedTuple):
    """The bytes, and what was wrong with their encoding ("" where nothing was)."""

    data: bytes
    wrong: str = ""


def decode_body(data: bytes, start: int, end: int, encoding: str) -> Decoded:
    """Undo the encoding (in lower case) of `data[start:end]`; what is in no known encoding stays as it is."""
    decoder = _DECODERS.get(encoding)
    if decoder is not None:
        return decoder(data, start, end)
    body = data[start:end]
    if encoding in _IDENTITY:
        return Decoded(body)
    return Decoded(body, f"unknown transfer encoding {encoding[:40]!r}")


_IDENTITY = frozenset(("", "7bit", "8bit", "binary", "7-bit", "8-bit", "7bits", "8bits", "7", "8", "none", "plain"))


# -- base64 -----------------------------------------------------------------------------------------

_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_LETTERS = bytes(sorted(set(range(256)) - set(_LETTERS)))
_ENDS = b"\r\n"
_BLANK = b"\r\n \t="
#: the padding at the end is missing, or the end is
UNPADDED = "base64 without its padding"
_PADDING = re.compile(rb"=[=\s]*")
# What programs put under a body without looking at its encoding (lists their footer, users their signature).
_FOOTER = re.compile(rb"\n[ \t]*(?:--|__)")


def _from_base64(data: bytes, start: int, end: int) -> Decoded:
    # The C decoder passes over what is no letter, and stops at the first padding.
    padding = data.find(b"=", start, end)
    if padding >= 0:
        after = _PADDING.match(data, padding, end)
        if after is not None and after.end() < end:
            return _from_pieces(data, start, end)
    if data.find(b"-", start, end) < 0 and data.find(b"_", start, end) < 0 and _begins_as_base64(data, start, end):
        try:
            return Decoded(a2b_base64(memoryview(data)[start:end]))
        except _BadEncoding:
            pass
    return _from_pieces(data, start, end)


def _begins_as_base64(data: bytes, start: int, end: int) -> bool:
    """False for a text that was sent as it is, whatever its header says."""
    sample = data[start : min(start + 200, end)].translate(None, _ENDS)
    return len(sample.translate(None, _NOT_LETTERS)) * 20 >= len(sample) * 19


def _from_pieces(data: bytes, start: int, end: int) -> Decoded:
    """Base64 that was made piece by piece, each with its padding, or has something else behind it."""
    found = BytesIO()
    pieces = 0
    wrong = ""
    footer = _FOOTER.search(data, start, end)
    if footer:
        end, wrong = footer.start(), "text behind the base64"
    position = start
    while position < end:
        padding = _PADDING.search(data, position, end)
        stop = padding.start() if padding else end
        letters, others = _counted(data, position, stop)
        if not pieces and _is_text(data, position, stop, letters):
            return Decoded(data[start:end], "text that is said to be base64")
        if others:
            if pieces and letters * 2 < stop - position + 64:
                return Decoded(found.getvalue(), "text behind the base64")
            wrong = wrong or "base64 with other characters in it"
        surplus = letters % 4
        if surplus == 1:
            wrong = "base64 that is cut off"
        elif surplus and not padding:
            wrong = UNPADDED
        _decode_letters(data, position, stop, found)
        pieces += 1
        position = padding.end() if padding else end
    if pieces > 1:
        wrong = wrong or "base64 in several pieces"
    return Decoded(found.getvalue(), wrong)


def _counted(data: bytes, start: int, end: int) -> tuple[int, int]:
    """How many letters of base64 there are, and how many characters that do not belong there."""
    letters = not_blank = 0
    while start < end:
        block = data[start : min(start + _BLOCK, end)]
        letters += len(block.translate(None, _NOT_LETTERS))
        not_blank += len(block.translate(None, _BLANK))
        start += _BLOCK
    return letters, not_blank - letters


def _decode_letters(data: bytes, start: int, end: int, found: BytesIO) -> None:
    rest = b""
    while start < end:
        rest += data[start : min(start + _BLOCK, end)].translate(None, _NOT_LETTERS)
        whole = len(rest) // 4 * 4
        if whole:
            found.write(a2b_base64(rest[:whole]))
            rest = rest[whole:]
        start += _BLOCK
    if len(rest) > 1:  # a single letter stands for less than a byte
        found.write(a2b_base64(rest + b"=" * (4 - len(rest))))


def _is_text(data: bytes, start: int, end: int, letters: int) -> bool:
    """True where too much is no letter of base64; space at line ends was added on the way."""
    most = letters + (end - start) // 20
    ends = data.count(b"\r", start, end) + data.count(b"\n", start, end)
    if end - start - ends <= most:
        return False
    spaces = sum(space.end() - space.start() for space in _SPACE_AT_END.finditer(data, start, end))
    return end - start - ends - spaces > most


# -- quoted-printable -------------------------------------------------------------------------------

# RFC 2045 6.7 (3): space at the end of a line was added on the way.
_SPACE_AT_END = re.compile(rb"(?<![ \t])[ \t]+(?=\r?\n|\Z)")
_BROKEN_ESCAPE = re.compile(rb"=(?![0-9A-Fa-f]{2}|\r?\n|\Z)")


def _from_quoted_printable(data: bytes, start: int, end: int) -> Decoded:
    # RFC 2045 6.7 (4): a line break stands for CR LF, whatever it has become in a file.
    bare = data.find(b"\r\n", start, end) < 0
    if end - start <= _BLOCK:
        block, is_broken = _quoted_printable_block(data[start:end], bare)
        return Decoded(block, _BROKEN if is_broken else "")
    found = BytesIO()
    wrong = ""
    while start < end:
        cut = _cut_quoted_printable(data, start, end)
        block, is_broken = _quoted_printable_block(data[start:cut], bare)
        found.write(block)
        wrong = _BROKEN if is_broken else wrong
        start = cut
    return Decoded(found.getvalue(), wrong)


_BROKEN = "quoted-printable with signs that escape nothing"


def _quoted_printable_block(body: bytes, bare: bool) -> tuple[bytes, bool]:
    """Whole lines decoded, and whether there are signs in them that escape nothing."""
    if b" \r\n" in body or b" \n" in body or b"\t\r\n" in body or b"\t\n" in body or body.endswith((b" ", b"\t")):
        body = _SPACE_AT_END.sub(b"", body)
    if bare:
        body = body.replace(b"\n", b"\r\n")
    if b"=" not in body:
        return body, False
    if _BROKEN_ESCAPE.search(body) is None:
        return a2b_qp(body), False
    # The C decoder takes `==` for one sign, and `=` before a lone CR for the end of a line that is never found.
    return a2b_qp(_BROKEN_ESCAPE.sub(b"=3D", body)), True


def _cut_quoted_printable(data: bytes, start: int, end: int) -> int:
    """Where a block ends: behind a line, or in a long one where nothing that belongs together is torn apart."""
    if end - start <= _BLOCK:
        return end
    cut = data.rfind(b"\n", start, start + _BLOCK) + 1
    if cut:
        return cut
    for cut in range(start + _BLOCK, start + _BLOCK - 100, -1):
        if data[cut - 1] not in b"= \t\r" and data[cut - 2] != 0x3D:
            return cut
    return data.find(b"\n", start + _BLOCK, end) + 1 or end


# -- uuencode ---------------------------------------------------------------------------------------

_BEGIN = re.compile(rb"^begin [0-7]{3,4}(?: [^\r\n]*)?\r?\n", re.MULTILINE)


def decode_uu_lines(data: bytes, start: int, end: int) -> Decoded:
    """The bytes of uuencoded lines, up to the line of no bytes or the word `end`."""
    found = BytesIO()
    wrong = ""
    for line in _lines(data, start, end):
        line = line.rstrip(b"\r\n")
        if not line or line == b"end" or line in (b"`", b" "):
            if line == b"end":
                break
            continue
        try:
            found.write(a2b_uu(line))
        except _BadEncoding:
            # Some encoders count wrong; some programs cut the spaces at the end.
            try:
                found.write(a2b_uu(line[: (((line[0] - 32) & 63) * 4 + 5) // 3 + 1]))
            except _BadEncoding:
                wrong = "uuencode with other characters in it"
    return Decoded(found.getvalue(), wrong)


def _lines(data: bytes, start: int, end: int) -> Iterator[bytes]:
    """The lines, without their ends."""
    while start < end:
        cut = data.rfind(b"\n", start, min(start + _BLOCK, end)) + 1 or data.find(b"\n", start, end) + 1 or end
        yield from data[start:cut].removesuffix(b"\n").split(b"\n")
        start = cut


def _from_uuencode(data: bytes, start: int, end: int) -> Decoded:
    begin = _BEGIN.search(memoryview(data)[start:end])
    if begin is None:
        return Decoded(data[start:end], "uuencode without its beginning")
    return decode_uu_lines(data, start + begin.end(), end)


_DECODERS = {
    **dict.fromkeys(("base64", "x-base64", "base-64", "b64", "base64."), _from_base64),
    **dict.fromkeys(("quoted-printable", "quotedprintable", "quoted_printable", "x-quoted-printable", "qp"),
                    _from_quoted_printable),
    **dict.fromkeys(("x-uuencode", "uuencode", "x-uue", "uue", "x-uu", "x-uuencoded"), _from_uuencode),
}  # fmt: skip
