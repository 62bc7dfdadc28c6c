"""The connection under an IMAP session: a new one where the old one died, with the open folder taken up again.

Numbers are UIDs: on a new connection they mean the same messages as long as the folder's UIDVALIDITY is the same, and
where it is not, the session ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from ...errors import CommandRefused, ConnectionLost, MailboxChanged
from ...imap.client import Client
from ...imap.client.search import uids_from
from ...imap.connection import Mailbox
from ..account import Account
from ..opening import open_imap
from .imap_folder import OpenFolder

_T = TypeVar("_T")

#: A connection that was quiet for so many seconds is looked at before something is said that must not be said twice.
_QUIET = 1.0
#: After so many it is asked whether it is still there: routers and firewalls forget without a word.
_LONG_QUIET = 60.0
# New calls of the roll where servers expunge while it is called.
_MOST_CALLS = 3


class Link:
    """A client that is logged in, with its open folder. `on_loss` is called when what was under way is lost."""

    def __init__(self, account: Account, *, read_only: bool, on_loss: Callable[[], None]) -> None:
        self._account = account
        self._read_only = read_only
        self._on_loss = on_loss
        self.client: Client = open_imap(account)
        #: the folder cannot be taken up again: the session is over
        self.ended = False
        self._deleted: dict[tuple[str, int], set[int]] = {}
        ready = False
        try:
            self.folder = self._select("INBOX")
            ready = True
        finally:
            if not ready:
                self.client.close()
        self._used = time.monotonic()

    # -- doing things -------------------------------------------------------------------------------

    def safely(self, action: Callable[[], _T]) -> _T:
        """Do what may be done twice: once more where the connection turns out to be lost.

        After a time-out the script has waited enough: then the next call comes to a new connection."""
        if self._is_ready:
            try:
                return self._watched(action)
            except ConnectionLost:
                pass
        self._take_up()
        return self._watched(action)

    def once(self, action: Callable[[], _T]) -> _T:
        """Do what must not be done twice: before that, make sure that the connection lives."""
        quiet = time.monotonic() - self._used
        if quiet > _LONG_QUIET:
            self.safely(lambda: self.client.noop())
        elif quiet > _QUIET:
            self.safely(lambda: self.client.look())
        elif not self._is_ready:
            self._take_up()
        return self._watched(action)

    def _watched(self, action: Callable[[], _T]) -> _T:
        try:
            return action()
        except MailboxChanged:
            self.ended = True
            raise
        finally:
            self._used = time.monotonic()

    @property
    def _is_ready(self) -> bool:
        return not self.client.closed and self.client.mailbox is not None and not self.ended

    # -- folders ------------------------------------------------------------------------------------

    def open_folder(self, name: str) -> OpenFolder:
        """Select a folder; where that fails, the other one is taken up again when it is next used."""
        self.folder = self._select(name)
        return self.folder

    def _select(self, name: str) -> OpenFolder:
        client = self.client
        # What comes now may be about either folder; all that matters of the new one is in the answer.
        client.listen(None)
        return self._opened(client.select(name, read_only=self._read_only))

    def _opened(self, mailbox: Mailbox) -> OpenFolder:
        deleted = self._deleted.setdefault((mailbox.name, mailbox.uid_validity), set())
        folder = OpenFolder(mailbox, deleted)
        self._mailbox = mailbox
        self.client.listen(folder.hear)
        return folder

    def adopt(self) -> bool:
        """Whether a raw command has selected another folder, which then is the open one."""
        mailbox = self.client.mailbox
        if mailbox is None or mailbox is self._mailbox:
            return False
        self.folder = self._opened(mailbox)
        return True

    # -- who is there -------------------------------------------------------------------------------

    def call_roll(self) -> list[int]:
        """Learn who is in the folder; who is new."""
        folder = self.folder
        new: list[int] = []
        for _ in range(_MOST_CALLS):
            new += folder.roll.call(self.client.search())
            folder.called = True
            if folder.roll.complete:
                break
        return new

    def learn_arrivals(self) -> list[int]:
        """Learn who has come since; nothing is asked where the server told of nobody."""
        folder = self.folder
        roll = folder.roll
        if not folder.called or roll.exists < len(roll.uids):
            return self.call_roll()
        if roll.complete:
            return []
        new = roll.add(self.client.search(uids_from(roll.last + 1)))
        return new if roll.complete else new + self.call_roll()

    # -- a lost connection --------------------------------------------------------------------------

    def _take_up(self) -> None:
        """The same folder on a connection that lives."""
        if self.ended:
            raise self._changed("it was closed when the connection was lost")
        if self.client.closed:
            self._on_loss()
            self.client = open_imap(self._account)
        if self.client.mailbox is None:
            self._select_again(self.folder)

    def _select_again(self, folder: OpenFolder) -> None:
        client = self.client
        client.listen(None)
        try:
            mailbox = client.select(folder.name, read_only=self._read_only, uid_validity=folder.uid_validity)
        except MailboxChanged:
            self.ended = True
            raise
        except CommandRefused as problem:
            self._end()
            raise self._changed("the folder cannot be opened any more") from problem
        if not folder.uid_validity and folder.called:
            self._end()
            raise self._changed("the server gives messages no numbers that last (UIDVALIDITY)")
        self._mailbox = mailbox
        folder.roll.exists = mailbox.exists
        folder.read_only = mailbox.read_only
        client.listen(folder.hear)
        if folder.called:
            self.call_roll()

    def _end(self) -> None:
        self.ended = True
        self.client.close()

    def _changed(self, why: str) -> MailboxChanged:
        return MailboxChanged(why, host=self._account.host, port=self._account.port)
