"""The shape of a connection as the protocol clients see it.

Knows nothing of sockets; `transport` makes streams, tests script them.
"""

from __future__ import annotations

from typing import Protocol


class Stream(Protocol):
    """Bytes to and from one server. Raises MailErrors only: ConnectionLost, TimedOut, TLSFailed and their kin."""

    @property
    def is_secure(self) -> bool:
        """True once TLS is up."""

    @property
    def is_loopback(self) -> bool:
        """True where the bytes do not leave this machine."""

    @property
    def host(self) -> str:
        """The server's name as it was given."""

    @property
    def port(self) -> int:
        """The server's TCP port."""

    def write(self, data: bytes) -> None:
        """Send all of `data`; the write time-out applies to each progress. Where that fails, the error's `written` says
        how many octets had left, if that is known."""

    def begin_wait(self) -> None:
        """Start the deadline that the following reads share: the read time-out from now."""

    def begin_wait_of(self, seconds: float) -> None:
        """The same with a limit of its own: waiting for news (IDLE) is not waiting for an answer."""

    def read(self, limit: int = 65536) -> bytes:
        """Some bytes, at most `limit`; b"" at the end. Raises TimedOut("reply") past the deadline of begin_wait."""

    def start_tls(self) -> None:
        """Do the TLS handshake; policy and server name were given when the stream was made."""

    def close(self) -> None:
        """Drop the connection; never raises, never waits."""
