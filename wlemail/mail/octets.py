"""A message in memory as a source, and what has to be known of any source before it is put into a folder."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .interfaces import Source

_LINE_ENDS = re.compile(rb"\r\n|\r|\n")


class Octets:
    """A message in memory as a source, with CR LF line ends."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets if b"\n" not in octets.replace(b"\r\n", b"") else _LINE_ENDS.sub(b"\r\n", octets)
        self.size = len(self._octets)

    def chunks(self) -> Iterable[bytes]:
        """All of it in one piece."""
        return (self._octets,)


def has_utf8_header(source: Source) -> bool:
    """Whether its header has octets beyond ASCII."""
    head = b""
    for chunk in source.chunks():
        head += chunk
        if b"\r\n\r\n" in head:
            break
    return not head.partition(b"\r\n\r\n")[0].isascii()
