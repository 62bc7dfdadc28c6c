"""Content-Transfer-Encodings: choosing one for a text, and base64 in rows at the speed of the C encoder.

Everything made here ends its lines with CR LF.
"""

from __future__ import annotations

import re
import struct
from binascii import b2a_base64, b2a_qp
from collections.abc import Iterable, Iterator

#: what a line of text may have to be sent as it stands: RFC 5322 2.1.1 asks for 78 at most (998 is the hard limit)
LONGEST_PLAIN_LINE = 78

_ROW = 57  # bytes that make the 76 characters that RFC 2045 6.8 allows on a line
_ROWS_PER_STEP = 1024
#: how many bytes of content `base64_rows` likes to get at once (the last block may be shorter)
BASE64_BLOCK = _ROW * _ROWS_PER_STEP

# Cutting 1,024 rows in one call of C is the fastest way there is in Python: twice b2a_base64 row by row.
# The empty field at the end makes join() end the last row too.
_rows = struct.Struct("76s" * _ROWS_PER_STEP + "0s")

# Expressions that open with one literal character are searched for as fast as that character.
_CR_ALONE = re.compile("\r(?!\n)")
_LF_ALONE = re.compile("\n(?<!\r\n)")

_PLAIN = bytes(range(32, 127)) + b"\t\r\n"
_QUOTED_PRINTABLE_SAFE = bytes(b for b in range(33, 127) if b != ord("=")) + b" \t\r\n"


def with_crlf(text: str) -> str:
    """The text with every line end (CR LF, LF or CR) as CR LF."""
    if "\r" in text:
        if not (_CR_ALONE.search(text) or _LF_ALONE.search(text)):
            return text
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\n", "\r\n")


def is_plain(data: bytes) -> bool:
    """True where the bytes of a text (lines end with CR LF) can be sent as they stand: printable ASCII, short lines."""
    if data.translate(None, _PLAIN):
        return False
    if len(data) <= LONGEST_PLAIN_LINE:
        return True
    # Cut at one octet, which is faster than at two; each line still has its CR, and the last one gets it.
    return max(map(len, (data + b"\r").split(b"\n"))) <= LONGEST_PLAIN_LINE + 1


def encode_text(data: bytes) -> tuple[str, bytes]:
    """Encode the bytes of a text (lines end with CR LF) that is not plain.

    Returns the name of the encoding and the encoded bytes: whichever of quoted-printable and base64 is smaller.
    """
    escaped = len(data.translate(None, _QUOTED_PRINTABLE_SAFE))
    if len(data) + 2 * escaped > base64_size(len(data)):
        return "base64", b"".join(base64_rows((data,)))
    # "." alone on a line is encoded by b2a_qp, which protects it from servers that do not undo dot-stuffing.
    encoded = b2a_qp(data, istext=True)
    # It takes the kind of line end from the first line of the text; there may be none.
    return "quoted-printable", encoded if b"\r\n" in data else encoded.replace(b"=\n", b"=\r\n")


def base64_size(size: int) -> int:
    """How many bytes `base64_rows` makes of that many bytes of content."""
    rows, rest = divmod(size, _ROW)
    return rows * 78 + ((rest + 2) // 3 * 4 + 2 if rest else 0)


def base64_rows(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Encode blocks as base64 lines of 76 characters, each ended with CR LF.

    Every block but the last must be a multiple of 57 bytes long, and none longer than BASE64_BLOCK is cut: give
    blocks of that size, and memory stays flat.
    """
    for block in blocks:
        for start in range(0, len(block), BASE64_BLOCK):
            piece = block if len(block) <= BASE64_BLOCK else block[start : start + BASE64_BLOCK]
            encoded = b2a_base64(piece, newline=False)
            if len(piece) == BASE64_BLOCK:
                yield b"\r\n".join(_rows.unpack(encoded))
            else:
                yield b"\r\n".join([encoded[i : i + 76] for i in range(0, len(encoded) + 76, 76)])
