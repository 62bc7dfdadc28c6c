"""A mailbox in memory that stands in for a POP3 server, and letters to put into it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from wlemail.errors import ConnectionLost, MailError, MessageGone
from wlemail.mail.interfaces import Progress


def letter(subject: str = "Hello", text: str = "Text", *fields: str) -> bytes:
    """A small mail with further header fields."""
    lines = [
        "Return-Path: <bounces@example.com>",
        "Received: from a by b; Sun, 22 Nov 2026 10:20:30 +0000",
        "From: Jean Dupont <jean@example.com>",
        "To: Anna <anna@example.org>, bob@example.org",
        f"Subject: {subject}",
        "Date: Sat, 21 Nov 2026 09:00:00 +0000",
        f"Message-ID: <{subject}@example.com>",
        *fields,
        "",
        text,
        "",
    ]
    return "\r\n".join(lines).encode()


class FakeMailbox:
    """What the fake server holds and what was asked of it; the next `problems` are raised, one a fetch."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.deleted: set[int] = set()
        self.fetched: list[tuple[int, bool]] = []
        self.problems: list[MailError | None] = []
        self.accounts: list[Any] = []
        self.ended = False
        self.closed = 0

    def headers(self) -> list[int]:
        return [number for number, headers_only in self.fetched if headers_only]

    def whole(self) -> list[int]:
        return [number for number, headers_only in self.fetched if not headers_only]


class FakeIncoming:
    """The mailbox as a session sees it: wlemail.mail.interfaces.Incoming."""

    def __init__(self, box: FakeMailbox, account: Any) -> None:
        self.box = box
        box.accounts.append(account)
        box.ended = False
        self._here = list(box.messages)
        self._deleted: set[int] = set()

    def count(self) -> int:
        return len(self._here)

    def numbers(self) -> Sequence[int]:
        return range(1, len(self._here) + 1)

    def size(self, number: int) -> int:
        return len(self._message(number))

    def unique_id(self, number: int) -> str:
        self._message(number)
        return f"uid-{number}"

    def fetch(
        self,
        number: int,
        *,
        headers_only: bool = False,
        progress: Progress | None = None,
        upcoming: Iterable[int] | None = None,
    ) -> bytes:
        if self.box.ended:
            raise ConnectionLost("the connection was lost", host="mail.example.com", port=110)
        if self.box.problems and (problem := self.box.problems.pop(0)) is not None:
            raise problem
        message = self._message(number)
        self.box.fetched.append((number, headers_only))
        if headers_only:
            message = message.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        if progress is not None:
            progress(len(message), len(message) // 2)
            progress(len(message), len(message))
        return message

    def delete(self, number: int) -> None:
        self._message(number)
        self._deleted.add(number)

    def is_deleted(self, number: int) -> bool:
        return number in self._deleted

    def refresh(self) -> bool:
        return False

    def _message(self, number: int) -> bytes:
        if not 0 < number <= len(self._here) or number in self._deleted:
            raise MessageGone(number)
        return self._here[number - 1]

    @property
    def ended(self) -> bool:
        return self.box.ended

    def close(self, *, politely: bool = True) -> None:
        self.box.closed += 1
        if politely and not self.box.ended:
            arrived = self.box.messages[len(self._here) :]
            self.box.messages = [m for n, m in enumerate(self._here, 1) if n not in self._deleted] + arrived
