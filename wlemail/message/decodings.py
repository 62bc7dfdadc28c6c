"""Content-Transfer-Encodings undone (RFC 2045 6, uuencode), whatever has happened to what was encoded.

Bodies are large: all work is done by C over the whole of them, and a second look is taken only where one is needed.
"""

from __future__ import annotations

import re
from binascii import Error as _BadEncoding
from binascii import a2b_base64, a2b_qp, a2b_uu
from typing import NamedTuple


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
    found: list[bytes] = []
    wrong = ""
    footer = _FOOTER.search(data, start, end)
    if footer:
        end, wrong = footer.start(), "text behind the base64"
    position = start
    while position < end:
        padding = _PADDING.search(data, position, end)
        stop = padding.start() if padding else end
        piece = data[position:stop]
        letters = piece.translate(None, _NOT_LETTERS)
        others = len(piece.translate(None, _BLANK)) - len(letters)
        if not found and _is_text(piece, letters):
            return Decoded(data[start:end], "text that is said to be base64")
        if others:
            if found and len(letters) * 2 < len(piece) + 64:
                return Decoded(b"".join(found), "text behind the base64")
            wrong = wrong or "base64 with other characters in it"
        surplus = len(letters) % 4
        if surplus == 1:
            letters, wrong = letters[:-1], "base64 that is cut off"
        elif surplus and not padding:
            wrong = UNPADDED
        found.append(a2b_base64(letters + b"=" * (-len(letters) % 4)))
        position = padding.end() if padding else end
    if len(found) > 1:
        wrong = wrong or "base64 in several pieces"
    return Decoded(b"".join(found), wrong)


def _is_text(piece: bytes, letters: bytes) -> bool:
    """True where too much is no letter of base64; space at line ends was added on the way."""
    most = len(letters) + len(piece) // 20
    return len(piece.translate(None, _ENDS)) > most and len(_SPACE_AT_END.sub(b"", piece).translate(None, _ENDS)) > most


# -- quoted-printable -------------------------------------------------------------------------------

# RFC 2045 6.7 (3): space at the end of a line was added on the way.
_SPACE_AT_END = re.compile(rb"(?<![ \t])[ \t]+(?=\r?\n|\Z)")
_BROKEN_ESCAPE = re.compile(rb"=(?![0-9A-Fa-f]{2}|\r?\n|\Z)")


def _from_quoted_printable(data: bytes, start: int, end: int) -> Decoded:
    body = data[start:end]
    if b" \r\n" in body or b" \n" in body or b"\t\r\n" in body or b"\t\n" in body or body.endswith((b" ", b"\t")):
        body = _SPACE_AT_END.sub(b"", body)
    if b"\r\n" not in body:
        # RFC 2045 6.7 (4): a line break stands for CR LF, whatever it has become in a file.
        body = body.replace(b"\n", b"\r\n")
    if b"=" not in body:
        return Decoded(body)
    broken = _BROKEN_ESCAPE.search(body)
    if broken is None:
        return Decoded(a2b_qp(body))
    # The C decoder takes `==` for one sign, and `=` before a lone CR for the end of a line that is never found.
    return Decoded(a2b_qp(_BROKEN_ESCAPE.sub(b"=3D", body)), "quoted-printable with signs that escape nothing")


# -- uuencode ---------------------------------------------------------------------------------------

_BEGIN = re.compile(rb"^begin [0-7]{3,4}(?: [^\r\n]*)?\r?\n", re.MULTILINE)


def decode_uu_lines(lines: list[bytes]) -> Decoded:
    """The bytes of uuencoded lines, up to the line of no bytes or the word `end`."""
    found: list[bytes] = []
    wrong = ""
    for line in lines:
        line = line.rstrip(b"\r\n")
        if not line or line == b"end" or line in (b"`", b" "):
            if line == b"end":
                break
            continue
        try:
            found.append(a2b_uu(line))
        except _BadEncoding:
            # Some encoders count wrong; some programs cut the spaces at the end.
            try:
                found.append(a2b_uu(line[: (((line[0] - 32) & 63) * 4 + 5) // 3 + 1]))
            except _BadEncoding:
                wrong = "uuencode with other characters in it"
    return Decoded(b"".join(found), wrong)


def _from_uuencode(data: bytes, start: int, end: int) -> Decoded:
    body = data[start:end]
    begin = _BEGIN.search(body)
    if begin is None:
        return Decoded(body, "uuencode without its beginning")
    return decode_uu_lines(body[begin.end() :].split(b"\n"))


_DECODERS = {
    **dict.fromkeys(("base64", "x-base64", "base-64", "b64", "base64."), _from_base64),
    **dict.fromkeys(("quoted-printable", "quotedprintable", "quoted_printable", "x-quoted-printable", "qp"),
                    _from_quoted_printable),
    **dict.fromkeys(("x-uuencode", "uuencode", "x-uue", "uue", "x-uu", "x-uuencoded"), _from_uuencode),
}  # fmt: skip
