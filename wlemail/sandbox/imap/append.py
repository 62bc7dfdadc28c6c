"""APPEND: messages that go straight from the wire into their place, one or several at once (RFC 3501, RFC 3502)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from ..accounts import Problem
from .grammar import Arguments
from .message_flags import checked_flags

if TYPE_CHECKING:
    from ..accounts import Account
    from ..mailbox import Mailbox
    from ..storage import Spool, Stored

#: Messages of one command.
MAX_MESSAGES = 10_000

_APPEND = re.compile(rb"[^ ]+ APPEND [^ ]", re.IGNORECASE)
_BEFORE_UTF8 = b"UTF8 ("


class _Message(NamedTuple):
    flags: set[str]
    when: datetime | None
    stored: Stored


def begins_append(line: bytes) -> bool:
    """Whether a literal that follows these words is a message, and not the name of its folder."""
    return _APPEND.match(line) is not None


class Append:
    """The messages of one command: some are there, one may be on its way."""

    def __init__(self, mailbox: Mailbox, account: Account, *, max_size: int, utf8: bool) -> None:
        self._mailbox = mailbox
        self._account = account
        self._max_size = max_size
        self._utf8 = utf8
        self._messages: list[_Message] = []
        self._flags: set[str] = set()
        self._when: datetime | None = None
        self._spool: Spool | None = None
        self._path = ""
        self._size = 0
        self._in_utf8 = False

    def begin(self, words: bytes, literals: list[bytes], size: int) -> None:
        """Read what stands in front of a message; Malformed, or Problem where it is not wanted."""
        arguments = Arguments(words, literals, utf8=self._utf8)
        if self._in_utf8 and not arguments.skip(b")"):
            arguments.end()
        if not self._messages:
            self._path = arguments.mailbox()
        arguments.space()
        self._flags = set()
        if arguments.at(b"("):
            self._flags = checked_flags(arguments.listed(arguments.flag, empty=True))
            arguments.space()
        self._when = None
        if arguments.at(b'"'):
            self._when = arguments.date_time()
            arguments.space()
        self._in_utf8 = self._utf8 and arguments.skip(_BEFORE_UTF8)
        arguments.end()
        self._check(size)
        self._spool = self._mailbox.spool_for_folder()

    def _check(self, size: int) -> None:
        self._size += size
        if size > self._max_size:
            raise Problem(f"messages have {self._max_size} bytes at most", "TOOBIG")
        if len(self._messages) >= MAX_MESSAGES:
            raise Problem("too many messages at once", "LIMIT")
        with self._mailbox.lock:
            self.find_folder()
            self._account.check_quota(self._size)

    def find_folder(self) -> None:
        """Problem with TRYCREATE where the folder is not there (RFC 3501 6.3.11)."""
        try:
            self._account.find(self._path)
        except Problem as problem:
            raise Problem(str(problem), "TRYCREATE") from None

    def write(self, data: bytes) -> None:
        assert self._spool is not None
        self._spool.write(data)

    def finish_message(self) -> None:
        """The message on its way is whole."""
        assert self._spool is not None
        spool, self._spool = self._spool, None
        self._messages.append(_Message(self._flags, self._when, spool.finish()))

    def closes(self, words: bytes) -> bool:
        """Whether the command ends with these words."""
        return words == (b")" if self._in_utf8 else b"")

    def commit(self) -> tuple[int, list[int]]:
        """Put the messages into their folder, all or none; its UIDVALIDITY, and their UIDs."""
        with self._mailbox.lock:
            self.find_folder()
            folder = self._account.find(self._path)
            self._account.check_quota(self._size)
            uids = []
            for flags, when, stored in self._messages:
                message = self._mailbox.new_message(stored, when or datetime.now().astimezone())
                uids.append(folder.append(message, flags))
            return folder.uid_validity, uids

    def discard(self) -> None:
        """Nothing comes of it."""
        if self._spool is not None:
            self._spool.discard()
            self._spool = None
        for message in self._messages:
            message.stored.delete()
        self._messages = []
