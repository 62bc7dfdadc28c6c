"""Lines and counted octets out of whatever pieces arrive. No I/O, no protocol.

`take_…` answers at once, with None where more bytes are needed; the generator twins (`line`, `exactly`) yield until
they have them, for grammars written as straight-line generators. Nothing is looked at before it is asked for, so
that bytes which arrived too early (before a TLS handshake) stay visible in `waiting`.
"""

from __future__ import annotations

from collections.abc import Generator

from ..errors import ProtocolViolation

# No protocol line of an honest server comes near; each protocol passes its own, smaller limit.
DEFAULT_LINE_LIMIT = 65536


class Reader:
    """Bytes received and not yet understood."""

    __slots__ = ("_data", "_searched")

    def __init__(self) -> None:
        self._data = bytearray()
        # How far the data is known to hold no LF: a line that dribbles in must not be searched again from its start.
        self._searched = 0

    @property
    def waiting(self) -> int:
        """Number of bytes that arrived and were not asked for."""
        return len(self._data)

    def feed(self, data: bytes) -> None:
        """Add bytes from the connection."""
        self._data += data

    def take_line(self, limit: int = DEFAULT_LINE_LIMIT) -> bytes | None:
        """The next line with its line end, or None where it is not complete; ProtocolViolation past `limit` bytes."""
        data = self._data
        end = data.find(b"\n", self._searched) + 1
        if not end:
            self._searched = len(data)
            if len(data) > limit:
                raise ProtocolViolation(f"the server sent a line of more than {limit} bytes")
            return None
        if end > limit:
            raise ProtocolViolation(f"the server sent a line of more than {limit} bytes")
        line = bytes(data[:end])
        del data[:end]
        self._searched = 0
        return line

    def take(self, count: int) -> bytes | None:
        """Exactly `count` bytes, or None where they are not all there."""
        if len(self._data) < count:
            return None
        return self.take_some(count)

    def take_some(self, limit: int) -> bytes:
        """What is there, at most `limit` bytes, perhaps none."""
        some = bytes(self._data[:limit])
        del self._data[:limit]
        self._searched = 0
        return some

    def line(self, limit: int = DEFAULT_LINE_LIMIT) -> Generator[None, None, bytes]:
        """take_line for generators: yields while the line is not complete."""
        while (line := self.take_line(limit)) is None:
            yield
        return line

    def exactly(self, count: int) -> Generator[None, None, bytes]:
        """take for generators: yields while bytes are missing."""
        while (octets := self.take(count)) is None:
            yield
        return octets
