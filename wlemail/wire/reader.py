"""Lines and counted octets out of whatever pieces arrive. No I/O, no protocol.

`take_…` answers at once, with None where more bytes are needed; the generator twins (`line`, `exactly`) yield until
they have them, for grammars written as straight-line generators. Nothing is looked at before it is asked for, so
that bytes which arrived too early (before a TLS handshake) stay visible in `waiting`.
"""

from __future__ import annotations

import re
from collections.abc import Generator

from ..errors import ProtocolViolation

# No protocol line of an honest server comes near; each protocol passes its own, smaller limit.
DEFAULT_LINE_LIMIT = 65536


class Reader:
    """Bytes received and not yet understood."""

    __slots__ = ("_at", "_data", "_searched")

    def __init__(self) -> None:
        # What arrives is usually used up before more does: then nothing is ever copied but the lines.
        self._data = b""
        self._at = 0
        # How far the data is known to hold no LF: a line that dribbles in must not be searched again from its start.
        self._searched = 0

    @property
    def waiting(self) -> int:
        """Number of bytes that arrived and were not asked for."""
        return len(self._data) - self._at

    def feed(self, data: bytes) -> None:
        """Add bytes from the connection."""
        if self._at == len(self._data):
            self._data = data
            self._searched = 0
        else:
            self._data = self._data[self._at :] + data
            self._searched -= self._at
        self._at = 0

    def take_line(self, limit: int = DEFAULT_LINE_LIMIT) -> bytes | None:
        """The next line with its line end, or None where it is not complete; ProtocolViolation past `limit` bytes."""
        data = self._data
        at = self._at
        end = data.find(b"\n", self._searched) + 1
        if (end or len(data)) - at > limit:
            raise ProtocolViolation(f"the server sent a line of more than {limit} bytes")
        if not end:
            self._searched = len(data)
            return None
        self._at = self._searched = end
        return data[at:end]

    def find(self, octets: bytes) -> int:
        """Where these octets begin among those that wait, counted from the first of them; -1 where they do not."""
        found = self._data.find(octets, self._at)
        return found if found < 0 else found - self._at

    def take_match(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """What the pattern matches here; None, and nothing is taken, where it does not."""
        found = pattern.match(self._data, self._at)
        if found is not None:
            self._at = self._searched = found.end()
        return found

    def take_counted(self, pattern: re.Pattern[bytes], ending: bytes) -> tuple[re.Match[bytes], bytes] | None:
        """What the pattern matches here, whose last group is a number, and so many octets behind it that these octets
        end; None, and nothing is taken, where it is not all there."""
        found = pattern.match(self._data, self._at)
        if found is None:
            return None
        start = found.end()
        end = start + int(found[found.re.groups])
        if not self._data.startswith(ending, end):
            return None
        self._at = self._searched = end + len(ending)
        return found, self._data[start:end]

    def peek(self, count: int) -> bytes:
        """The next octets, at most `count`, which stay where they are."""
        return self._data[self._at : self._at + count]

    def take_through(self, *endings: bytes) -> bytes | None:
        """What comes up to the first of these endings, and that one; None where none has arrived.

        What was searched is not searched again: the caller asks for the same endings until it has them."""
        data = self._data
        at = self._at
        end = -1
        for ending in endings:
            start = self._searched - len(ending) + 1
            found = data.find(ending, start if start > at else at)
            if found >= 0 and (end < 0 or found + len(ending) < end):
                end = found + len(ending)
        if end < 0:
            self._searched = len(data)
            return None
        self._at = self._searched = end
        return data[at:end]

    def take(self, count: int) -> bytes | None:
        """Exactly `count` bytes, or None where they are not all there. For few; many come better by `exactly`."""
        return None if self.waiting < count else self.take_some(count)

    def take_some(self, limit: int) -> bytes:
        """What is there, at most `limit` bytes, perhaps none."""
        some = self._data[self._at : self._at + limit]
        self._at = self._searched = self._at + len(some)
        return some

    def line(self, limit: int = DEFAULT_LINE_LIMIT) -> Generator[None, None, bytes]:
        """take_line for generators: yields while the line is not complete."""
        while (line := self.take_line(limit)) is None:
            yield
        return line

    def exactly(self, count: int) -> Generator[None, None, bytes]:
        """take for generators: yields while bytes are missing."""
        parts = [self.take_some(count)]
        missing = count - len(parts[0])
        while missing:
            yield
            parts.append(self.take_some(missing))
            missing -= len(parts[-1])
        return b"".join(parts)
