"""SMTP sessions of the sandbox for tests: made in one line, fed whole or in pieces."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from wlemail.sandbox.authentication import Credentials
from wlemail.sandbox.mailbox import Mailbox
from wlemail.sandbox.replies import Refusals
from wlemail.sandbox.smtp import Offer, SMTPSession


class Dialogue:
    """One session with the mailbox behind it."""

    def __init__(
        self,
        *,
        refuse: Mapping[str, str] | None = None,
        users: Mapping[str, str] | Collection[str] | None = None,
        tls: str = "",
        mailbox: Mailbox | None = None,
        **offer: Any,
    ) -> None:
        self.mailbox = mailbox or Mailbox()
        self.notes: list[str] = []
        self.session = SMTPSession(
            Offer(**offer), self.mailbox, Refusals(refuse), Credentials(users), tls=tls, note=self.notes.append
        )
        self.session.greet()

    def say(self, *pieces: bytes) -> list[str]:
        """Feed pieces one after the other; the reply lines."""
        return b"".join(self.session.receive(piece) for piece in pieces).decode("utf-8").splitlines()

    def hello(self) -> Dialogue:
        self.say(b"EHLO client.example\r\n")
        return self

    def codes(self, *pieces: bytes) -> list[str]:
        """Feed pieces; the codes of the replies, the last line of each counting."""
        return [line[:3] for line in self.say(*pieces) if line[3:4] == " "]

    @property
    def contents(self) -> list[bytes]:
        return [message.content for message in self.mailbox.messages]


def byte_by_byte(data: bytes) -> Iterable[bytes]:
    return (data[n : n + 1] for n in range(len(data)))
