"""The lines that a client sends, out of whatever pieces arrive. No protocol."""

from __future__ import annotations

#: Octets of one line that are passed over until its end comes; behind that the client is no client.
MAX_SKIPPED = 1 << 20


class EndlessLine(Exception):
    """The line goes on and on."""


class Lines:
    """Takes lines from the front of octets that somebody else adds to, and may take from too."""

    __slots__ = ("_longest", "_octets", "_skipped")

    def __init__(self, octets: bytearray, longest: int) -> None:
        self._octets = octets
        self._longest = longest
        # Octets of a line that is too long, which were passed over.
        self._skipped = 0

    def take(self) -> bytes | None:
        """The next line with its end, b"" for one that was too long, None where it is not complete."""
        octets = self._octets
        end = octets.find(b"\n") + 1
        if not end and len(octets) + self._skipped <= self._longest:
            return None
        taken = bytes(octets[: end or len(octets)])
        del octets[: len(taken)]
        length = self._skipped + len(taken)
        self._skipped = 0 if end else length
        if length > MAX_SKIPPED:
            raise EndlessLine
        if not end:
            return None
        return taken if length <= self._longest else b""
