"""The POP3 side of the sandbox as a byte machine (RFC 1939 and the extensions in `POP3Offer`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .mailbox import Mailbox


class POP3Session:
    """One client's POP3 dialogue. (Grows: this is the least of it.)"""

    def __init__(self, mailbox: Mailbox) -> None:
        self.closed = False
        self.wants_tls = False
        self.progress = 0
        self._mailbox = mailbox
        self._input = bytearray()

    def greet(self) -> bytes:
        return b"+OK wlemail sandbox\r\n"
