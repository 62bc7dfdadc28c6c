"""What the sandbox has received: messages with their envelopes, in the order of arrival.

One mailbox takes the mail of every recipient; a user sees what is addressed to them in the INBOX of their account, and
deletes it for themselves alone. Each message has a number that grows and is never used again, as POP3 wants it.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from .accounts import Account, Layout, Problem
from .storage import MEMORY_LIMIT, MemorySpool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .maildir import Maildir
    from .storage import Spool, Stored

#: The user who sees every message, whoever it is addressed to.
EVERYTHING = "all"
#: Users whose folders are remembered.
MAX_ACCOUNTS = 10_000
#: All messages together stay in memory up to this many bytes; past it, new ones go to files whatever their size.
MEMORY_BUDGET = 64 << 20


@dataclass(frozen=True, kw_only=True, eq=False)
class Envelope:
    """How a message came: what the SMTP dialogue said about it. Never holds a password."""

    sender: str
    recipients: tuple[str, ...]
    #: recipients that were refused in the same transaction, with the reply to each
    refused: Mapping[str, str] = field(default_factory=dict)
    #: the name of the user that authenticated, and by which mechanism; "" where nobody did
    user: str = ""
    mechanism: str = ""
    #: "TLSv1.3" and the like; "" where the connection was clear
    tls: str = ""
    #: the name in EHLO or HELO
    client_name: str = ""
    smtputf8: bool = False
    body: str = "7BIT"
    #: parameters of MAIL (upper-case keyword to value), and of RCPT by recipient
    parameters: Mapping[str, str] = field(default_factory=dict)
    recipient_parameters: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class ReceivedMessage(Envelope):
    """A message as it arrived: its envelope, its number, the time, and its bytes (dots unstuffed, nothing added)."""

    number: int
    received: datetime
    stored: Stored = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes of the content."""
        return self.stored.size

    @property
    def content(self) -> bytes:
        """The content whole; `open()` reads a large one piece by piece."""
        with self.open() as stream:
            return stream.read()

    @property
    def path(self) -> Path | None:
        """The file that holds it (in a Maildir behind its trace fields), or None where it is in memory."""
        return self.stored.path

    def open(self) -> BinaryIO:
        """A binary stream over the content, to be closed by the caller."""
        return self.stored.open()

    def is_for(self, user: str) -> bool:
        """Whether a user (in lower case), an address or a local part alone, is among the recipients; a message that
        has none is for all."""
        if user == EVERYTHING or not self.recipients:
            return True
        named = (address.casefold() for address in self.recipients)
        return any(user in (address, address.rpartition("@")[0]) for address in named)


class Mailbox:
    """Messages in the order of arrival, for any number of threads."""

    def __init__(
        self,
        *,
        maildir: Maildir | None = None,
        keep: int | None = None,
        on_message: Callable[[ReceivedMessage], object] | None = None,
        memory_limit: int = MEMORY_LIMIT,
        layout: Layout | None = None,
    ) -> None:
        self._maildir = maildir
        self._keep = keep
        self._on_message = on_message
        self._memory_limit = memory_limit
        self._messages: list[ReceivedMessage] = []
        self._last_number = 0
        self._in_memory = 0
        self._spooled_files = 0
        self._directory: Path | None = None
        self._changed = threading.Condition()
        self._layout = layout or Layout()
        # by the user in lower case; made when somebody first changes something, or logs in over IMAP
        self._accounts: dict[str, Account] = {}
        self._locked: set[str] = set()
        #: with a message's number it makes a name that no message of another mailbox has (UIDL)
        self.token = secrets.token_hex(5)

    @property
    def lock(self) -> threading.Condition:
        """To be held by whoever looks into accounts or changes them."""
        return self._changed

    @property
    def messages(self) -> list[ReceivedMessage]:
        """The messages that are here now, oldest first (a copy of the list)."""
        with self._changed:
            return list(self._messages)

    def spool(self, envelope: Envelope) -> Spool:
        """A place for the content of a message that is about to come."""
        if self._maildir is not None:
            return self._maildir.spool(envelope)
        limit = self._memory_limit if self._in_memory < MEMORY_BUDGET else 0
        return MemorySpool(self._new_file, limit)

    def spool_for_folder(self) -> Spool:
        """A place for a message that a user puts into a folder."""
        return MemorySpool(self._new_file, self._memory_limit)

    def new_message(self, stored: Stored, received: datetime) -> ReceivedMessage:
        """A message that did not come by mail."""
        with self._changed:
            self._last_number += 1
            return ReceivedMessage(sender="", recipients=(), number=self._last_number, received=received, stored=stored)

    def _copy(self, message: ReceivedMessage) -> ReceivedMessage:
        """The same message under a number of its own."""
        self._last_number += 1
        return replace(message, number=self._last_number)

    def add(self, envelope: Envelope, stored: Stored) -> ReceivedMessage:
        """Take a whole message in, wake whoever waits, and call `on_message` with it."""
        with self._changed:
            self._last_number += 1
            message = ReceivedMessage(
                **vars(envelope), number=self._last_number, received=datetime.now().astimezone(), stored=stored
            )
            self._messages.append(message)
            for account in self._accounts.values():
                if message.is_for(account.user):
                    account.inbox.append(message)
            self._in_memory += stored.in_memory
            if self._keep is not None:
                self._drop(self._messages[: -self._keep])
            self._changed.notify_all()
        if self._on_message is not None:
            self._on_message(message)
        return message

    def wait_for(self, count: int, seconds: float) -> list[ReceivedMessage]:
        """The messages, as soon as there are at least `count`; TimeoutError after `seconds`."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while len(self._messages) < count:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"{len(self._messages)} of {count} messages arrived within {seconds:g} s")
                self._changed.wait(left)
            return list(self._messages)

    def of(self, user: str) -> list[ReceivedMessage]:
        """The messages in the INBOX of a user: those to this address, or to this name at any domain, that the user has
        not deleted, and those that the user has put there."""
        name = user.casefold()
        with self._changed:
            account = self._accounts.get(name)
            if account is not None:
                return [entry.message for entry in account.inbox.entries.values()]
            return [message for message in self._messages if message.is_for(name)]

    def delete(self, user: str, numbers: Iterable[int]) -> None:
        """The user will not see these again; `messages` still has them."""
        wanted = set(numbers)
        with self._changed:
            inbox = self.account(user).inbox
            inbox.remove([uid for uid, entry in inbox.entries.items() if entry.message.number in wanted])

    def account(self, user: str) -> Account:
        """The folders of a user, made where there are none."""
        name = user.casefold()
        with self._changed:
            account = self._accounts.get(name)
            if account is None:
                if len(self._accounts) >= MAX_ACCOUNTS:
                    raise Problem("too many users", "LIMIT")
                account = self._accounts[name] = Account(name, self._layout, self._copy)
                for message in self._messages:
                    if message.is_for(name):
                        account.inbox.append(message)
            return account

    def reserve(self, user: str) -> bool:
        """Keep other connections of this user out until `release`; False if another has done so."""
        name = user.casefold()
        with self._changed:
            if name in self._locked:
                return False
            self._locked.add(name)
            return True

    def release(self, user: str) -> None:
        with self._changed:
            self._locked.discard(user.casefold())

    def clear(self) -> None:
        """Forget all messages; files in a Maildir stay, they belong to whoever named the directory."""
        with self._changed:
            self._drop(list(self._messages))
            for account in self._accounts.values():
                account.clear()

    def close(self) -> None:
        """Remove the temporary files; what is in memory or in a Maildir stays readable."""
        with self._changed:
            directory, self._directory = self._directory, None
        if directory is not None:
            shutil.rmtree(directory, ignore_errors=True)

    def _drop(self, messages: list[ReceivedMessage]) -> None:
        for message in messages:
            self._messages.remove(message)
            for account in self._accounts.values():
                account.forget(message)
            self._in_memory -= message.stored.in_memory
            if self._maildir is None:
                message.stored.delete()

    def _new_file(self) -> Path:
        with self._changed:
            if self._directory is None:
                self._directory = Path(tempfile.mkdtemp(prefix="wlemail-sandbox-"))
            self._spooled_files += 1
            return self._directory / f"{self._spooled_files}.eml"
