"""The content of a message on its way into SMTP: line ends made CR LF, dots stuffed, pieces of a good size. No I/O.

Servers disagree on what a bare CR or LF is; where one of them ends the content at LF "." LF and the next does not,
what follows becomes a second mail that nobody checked (SMTP smuggling). So none leaves from here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

# Twice as fast as looking for two octets with `in`.
_DOT_AT_LINE_START = re.compile(rb"\n\.")
# A regular expression that opens with one literal octet is searched for as fast as that octet.
_CR_ALONE = re.compile(rb"\r(?!\n)")
_LF_ALONE = re.compile(rb"\n(?<!\r\n)")


def normalised(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same content with every line end CR LF, whatever it was and wherever the chunks are cut."""
    held = b""
    for chunk in chunks:
        chunk = held + chunk if held else chunk
        # A CR at the end waits for its LF in the next chunk.
        held = b"\r" if chunk.endswith(b"\r") else b""
        if held:
            chunk = chunk[:-1]
        if chunk:
            yield with_crlf(chunk)
    if held:
        yield b"\r\n"


def with_crlf(data: bytes) -> bytes:
    """The data with every CR LF, bare CR and bare LF as CR LF; untouched where it has no others."""
    if not (_CR_ALONE.search(data) or _LF_ALONE.search(data)):
        return data
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")


class DotStuffing:
    """RFC 5321 4.5.2, across chunks: a dot that opens a line is doubled, a line with one dot ends it all."""

    __slots__ = ("_at_line_start",)

    def __init__(self) -> None:
        self._at_line_start = True

    def stuff(self, chunk: bytes) -> bytes:
        """The chunk as it goes over the wire."""
        if not chunk:
            return chunk
        # Looked for behind LF alone: a CR LF may be cut by the chunks, and a bare LF that slipped through is covered.
        # A chunk of base64 has no dot at all, which is seen at once.
        found = b"." in chunk and _DOT_AT_LINE_START.search(chunk)
        stuffed = chunk.replace(b"\n.", b"\n..") if found else chunk
        if self._at_line_start and chunk.startswith(b"."):
            stuffed = b"." + stuffed
        self._at_line_start = chunk.endswith(b"\n")
        return stuffed

    def end(self) -> bytes:
        """What ends the content."""
        return b".\r\n" if self._at_line_start else b"\r\n.\r\n"


def pieces(chunks: Iterable[bytes], enough: int) -> Iterator[bytes]:
    """The same content in pieces of at least `enough` octets (but the last): a write for each header line would cost
    more than the content. A chunk that is large enough by itself is not copied, one that is huge is cut."""
    small: list[bytes] = []
    size = 0
    for chunk in chunks:
        if size or len(chunk) < enough:
            small.append(chunk)
            size += len(chunk)
            if size < enough:
                continue
            chunk = b"".join(small)
            small.clear()
            size = 0
        if len(chunk) <= 4 * enough:
            yield chunk
        else:
            yield from (chunk[at : at + enough] for at in range(0, len(chunk), enough))
    if small:
        yield b"".join(small)
