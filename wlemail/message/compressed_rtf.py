"""Compressed RTF, as Exchange keeps the text of messages ([MS-OXRTFCP])."""

from __future__ import annotations

import struct

_HEADER = struct.Struct("<IIII")
_COMPRESSED = 0x75465A4C  # "LZFu"
_STORED = 0x414C454D  # "MELA"
# What the dictionary begins with (2.1.2.1).
_FIRST_WORDS = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans "
    rb"SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0\fs20"
    rb"\b\i\u\tab\tx"
)
_WINDOW = 4096
#: the text of a message; a stranger's four bytes must not make more of themselves
MOST_BYTES = 64 * 1024 * 1024


def decompress_rtf(data: bytes) -> bytes:
    """The RTF; as much of it as can be read where it is damaged, nothing where it is something else."""
    if len(data) < _HEADER.size:
        return b""
    _, size, kind, _ = _HEADER.unpack_from(data)
    size = min(size, MOST_BYTES)
    if kind == _STORED:
        return data[_HEADER.size : _HEADER.size + size]
    return _inflate(data[_HEADER.size :], size) if kind == _COMPRESSED else b""


def _inflate(data: bytes, size: int) -> bytes:
    """Groups of eight, announced by a byte: a bit says whether a byte or a reference into the last 4,096 follows."""
    # All that came out is the dictionary: a reference is a place in it, counted in windows.
    out = bytearray(_FIRST_WORDS)
    skipped = len(out)
    full = skipped + size
    position, end = 0, len(data)
    while position < end and len(out) < full:
        flags = data[position]
        position += 1
        for bit in range(8):
            if not flags >> bit & 1:
                out += data[position : position + 1]
                position += 1
                continue
            if position + 2 > end:
                return bytes(out[skipped:full])
            reference = data[position] << 8 | data[position + 1]
            position += 2
            distance = (len(out) - (reference >> 4)) % _WINDOW
            if distance == 0:  # a reference to where the next byte would go ends the text (2.2.2.3)
                return bytes(out[skipped:full])
            _repeat(out, distance, (reference & 15) + 2)
    return bytes(out[skipped:full])


def _repeat(out: bytearray, distance: int, length: int) -> None:
    start = len(out) - distance
    if start < 0:  # what the window never held reads as zero
        out += bytes(length)
        return
    piece = out[start : start + length]
    while len(piece) < length:  # the reference reaches into what it makes
        piece += piece[: length - len(piece)]
    out += piece
