"""Japanese mail: ISO-2022-JP with everything that programs write under that name, read without failing.

RFC 1468 allows JIS X 0208 and ASCII alone. Windows (cp50220, cp50221) adds half-width katakana, the characters of NEC
and IBM; RFC 1554 and RFC 2237 add more sets. Python's codecs each read some of that and stop at the rest.
"""

from __future__ import annotations

import re

_ASCII = b"\x1b(B"
_KATAKANA = b"\x1b(I"
# What chooses a set: escape sequences, and SO/SI, which some programs use for katakana.
_SHIFT = re.compile(rb"(\x1b\$\([A-Z]|\x1b\$[@A-Z]|\x1b[(.][A-Z]|\x1b&@|\x0e|\x0f)")
_TO_EUC = bytes(byte | 0x80 if 0x21 <= byte <= 0x7E else byte for byte in range(256))
# The sets of two bytes, as the codec that reads them with the high bits on. All others are JIS X 0208.
_OTHER_SETS = {b"\x1b$A": "gb2312", b"\x1b$(C": "euc_kr"}
_JIS_X_0212 = b"\x1b$(D"


def decode_iso2022jp(data: bytes) -> str:
    """The text; bytes that stand for nothing become U+FFFD."""
    try:
        return data.decode("iso2022_jp")
    except UnicodeDecodeError:
        pass
    pieces = _SHIFT.split(data)
    text = [_single(pieces[0], _ASCII)]
    chosen = _ASCII
    for shift, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        if shift == b"\x0e":
            text.append(_single(piece, _KATAKANA))
            continue
        if shift != b"\x0f":
            chosen = shift
        text.append(_double(piece, chosen) if chosen.startswith(b"\x1b$") else _single(piece, chosen))
    return "".join(text)


def _single(piece: bytes, chosen: bytes) -> str:
    """The text of a piece in a set of one byte."""
    if chosen == _KATAKANA:  # JIS X 0201, in seven bits
        return piece.translate(_TO_EUC).decode("cp932", "replace")
    if piece.isascii():
        return piece.decode("ascii")
    try:
        return piece.decode("utf-8")
    except UnicodeDecodeError:
        return piece.decode("cp932", "replace")


def _double(piece: bytes, chosen: bytes) -> str:
    """The text of a piece in a set of two bytes."""
    # RFC 1468: lines end in ASCII. Where the way back is missing, the end of the line is it.
    line, newline, rest = piece.partition(b"\n")
    text = _pairs(line, chosen)
    return text if not newline else f"{text}\n{_single(rest, _ASCII)}"


def _pairs(line: bytes, chosen: bytes) -> str:
    high = line.translate(_TO_EUC)
    if chosen in _OTHER_SETS:
        return high.decode(_OTHER_SETS[chosen], "replace")
    if chosen == _JIS_X_0212:
        high = b"".join([b"\x8f" + high[place : place + 2] for place in range(0, len(high), 2)])
        return high.decode("euc_jp", "replace")
    try:
        return high.decode("euc_jp")
    except UnicodeDecodeError:
        return _to_shift_jis(line).decode("cp932", "replace")


def _to_shift_jis(line: bytes) -> bytes:
    """The rows of NEC and IBM are in cp932 alone, which counts 94 by 94 in another way."""
    found = bytearray()
    for first, second in zip(line[::2], line[1::2], strict=False):
        lead = (first + 1) // 2 + (0x70 if first < 0x5F else 0xB0)
        if first % 2:
            trail = second + (0x1F if second < 0x60 else 0x20)
        else:
            trail = second + 0x7E
        found += bytes((lead & 0xFF, trail & 0xFF))
    return bytes(found)
