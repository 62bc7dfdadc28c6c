"""The open folder of an IMAP session as a mailbox: reading, marking, flags, searching. Numbers are UIDs.

The connection is taken up again where it is lost (imap_link.py); messages are read ahead (imap_source.py); what was
read is marked on the way (imap_marks.py).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from ...errors import MailError, MessageGone
from ...imap.client import ADD, REMOVE, Client, search
from .. import rehearsal
from ..account import Account
from ..interfaces import Criteria, Progress
from ..readahead import ReadAhead
from .imap_criteria import search_keys
from .imap_folder import DELETED, SEEN, OpenFolder
from .imap_link import Link
from .imap_marks import Marks
from .imap_source import ImapSource

#: Octets that closing takes in before it says goodbye, where nothing but politeness is at stake.
_WORTH_A_GOODBYE = 256 << 10

_T = TypeVar("_T")

_log = logging.getLogger("wlemail")


class ImapMailbox:
    """Reads through one connection at a time; the caller holds the session's lock."""

    def __init__(self, account: Account) -> None:
        self._account = rehearsal.redirect(account, "IMAP")
        self._read_only = rehearsal.read_only()
        self._link = Link(self._account, read_only=self._read_only, on_loss=self._lost)
        self._begin_folder()

    def _begin_folder(self) -> None:
        """Another folder is open: what is known of messages is about the other one."""
        self._marks = Marks()
        self._source = ImapSource(lambda: self._link.client, self._link.folder, self._marks)
        self._ahead = ReadAhead(self._source)

    def _lost(self) -> None:
        self._ahead.forget()
        self._source.lost()
        self._marks.lost()

    @property
    def client(self) -> Client:
        return self._link.client

    @property
    def ended(self) -> bool:
        """The folder is not what it was when the connection was lost."""
        return self._link.ended

    @property
    def _folder(self) -> OpenFolder:
        return self._link.folder

    def _read(self, action: Callable[[Client], _T]) -> _T:
        """Do what only reads; marks may wait."""
        return self._link.safely(lambda: action(self._link.client))

    def _do(self, action: Callable[[Client], _T]) -> _T:
        """Do what may be done twice, once everything is marked."""

        def done() -> _T:
            self._marks.finish(self._link.client)
            return action(self._link.client)

        return self._link.safely(done)

    def _do_once(self, action: Callable[[Client], _T]) -> _T:
        """Do what must not be done twice, once everything is marked."""
        if self._marks.any:
            self._read(self._marks.finish)
        return self._link.once(lambda: action(self._link.client))

    # -- what there is ------------------------------------------------------------------------------

    def count(self) -> int:
        """How many messages there are now; those that are only marked as deleted count."""
        self._do(Client.noop)
        return self._folder.roll.exists

    def numbers(self) -> Sequence[int]:
        """UIDs; the same list from call to call, which changes when the server tells of changes."""
        if not self._folder.called:
            self._read(lambda client: self._link.call_roll())
        return self._folder.roll.uids

    def refresh(self) -> bool:
        """NOOP, and who has come; whether anybody has."""
        if not self._folder.called:
            return bool(self._read(lambda client: self._link.call_roll()))
        self._do(Client.noop)
        return bool(self._read(lambda client: self._link.learn_arrivals()))

    def size(self, number: int) -> int:
        """RFC822.SIZE."""
        self._check(number)
        sizes = self._source.sizes
        if sizes.known(number) is None:
            self._read(lambda client: sizes.of(number))
        size = sizes.known(number)
        if size is None:
            self._folder.miss(number)
            raise MessageGone(number)
        return size

    def unique_id(self, number: int) -> str:
        """UIDVALIDITY and UID, "" where the server has none that last."""
        self._check(number)
        validity = self._folder.uid_validity
        return f"{validity}.{number}" if validity else ""

    def is_deleted(self, number: int) -> bool:
        """Whether this session deleted the message, or another one removed it."""
        folder = self._folder
        return number in folder.deleted or number in folder.roll.gone

    def _check(self, number: int) -> None:
        if number in self._folder.deleted or self._folder.has_lost(number):
            raise MessageGone(number)

    def _present(self, numbers: Iterable[int]) -> list[int]:
        """The same numbers; MessageGone for the first that the folder does not have."""
        wanted = sorted(set(numbers))
        known = frozenset(self.numbers())
        if not known.issuperset(wanted):
            self.refresh()
            known = frozenset(self._folder.roll.uids)
        for number in wanted:
            if number not in known or number in self._folder.roll.gone:
                raise MessageGone(number)
        return wanted

    # -- messages -----------------------------------------------------------------------------------

    def fetch(
        self,
        number: int,
        *,
        headers_only: bool = False,
        progress: Progress | None = None,
        upcoming: Iterable[int] | None = None,
    ) -> bytes:
        r"""A message, or its header; a whole one will be marked \Seen."""
        self._check(number)
        size = 0 if progress is None or headers_only else self.size(number)
        counted = None if progress is None else _counted(progress, size)

        def fetched(client: Client) -> bytes:
            # Once more where the connection was lost: it may have gone meanwhile.
            self._check(number)
            return self._ahead.fetch(number, headers_only=headers_only, progress=counted, upcoming=upcoming)

        data = self._read(fetched)
        if not headers_only:
            self._note_read(number)
        if progress is not None:
            total = size or len(data)
            progress(total, total)
        return data

    def _note_read(self, number: int) -> None:
        folder = self._folder
        if number not in folder.seen and not self._read_only and not folder.read_only:
            folder.note_seen(number, seen=True)
            self._marks.add(number)

    def delete(self, number: int) -> None:
        r"""\Deleted; nobody is expunged."""
        self._check(number)
        self.change_flags([number], add=[DELETED])

    # -- flags and searching ------------------------------------------------------------------------

    def flags(self, number: int) -> frozenset[str]:
        """The flags as the server has them now, and that the message was read."""
        if self._folder.has_lost(number):
            raise MessageGone(number)

        def asked(client: Client) -> frozenset[str] | None:
            flight = client.begin_fetch([number], ("FLAGS",))
            found = None
            while (message := flight.next()) is not None:
                found = message.flags
            return None if found is None else frozenset(found)

        flags = self._read(asked)
        if flags is None:
            self._folder.miss(number)
            raise MessageGone(number)
        return flags | {SEEN} if number in self._marks else flags

    def change_flags(self, numbers: Iterable[int], add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """UID STORE, with the marks in one flight."""
        wanted, added, removed = self._present(numbers), list(add), list(remove)
        if not wanted or not (added or removed):
            return

        def stored(client: Client) -> None:
            sent = []
            with client.together():
                self._marks.send(client)
                if removed:
                    sent += client.begin_store(wanted, REMOVE, removed)
                if added:
                    sent += client.begin_store(wanted, ADD, added)
            client.finish_store(sent)

        if not self._rehearsed("flags"):
            self._read(stored)
        self._note_flags(wanted, added, removed)

    def _note_flags(self, numbers: list[int], added: list[str], removed: list[str]) -> None:
        folder = self._folder
        for changed, present in ((removed, False), (added, True)):
            names = [each.lower() for each in changed]
            if DELETED.lower() in names:
                (folder.deleted.update if present else folder.deleted.difference_update)(numbers)
            if SEEN.lower() in names and not self._read_only:
                for number in numbers:
                    folder.note_seen(number, seen=present)
        for number in folder.deleted.intersection(numbers):
            self._ahead.drop(number)

    def unread(self, *, ask: bool = True) -> Sequence[int]:
        """The same list from call to call; messages leave it as they are read."""
        folder = self._folder
        if ask or folder.unread is None:
            folder.unread = folder.note_found(self._do(lambda client: client.search(search.UNSEEN)))
            folder.seen.difference_update(folder.unread)
        return folder.unread

    def search(self, criteria: Criteria) -> Sequence[int]:
        """UID SEARCH."""
        wanted = search_keys(criteria)
        return self._folder.note_found(self._do(lambda client: client.search(*wanted)))

    # -- the end ------------------------------------------------------------------------------------

    def _rehearsed(self, what: str) -> bool:
        """Whether this is only a rehearsal, in which nothing is changed."""
        if self._read_only:
            _log.info("rehearsal: %s on %s stays undone", what, self._account.host)
        return self._read_only

    def close(self, *, politely: bool = True) -> None:
        """Mark what was read, and say goodbye; nothing is expunged."""
        client = self._link.client
        if politely and not self.ended:
            if self._marks.any:
                try:
                    self._read(self._marks.finish)
                except MailError as problem:
                    _log.warning(
                        "%s:%d: what was read is not marked: %s", self._account.host, self._account.port, problem
                    )
                client = self._link.client
            if self._ahead.octets <= _WORTH_A_GOODBYE:
                client.drop()
                client.logout()
        client.close()


def _counted(progress: Progress, size: int) -> Callable[[int], object]:
    """Octets that came as (total, done): what stands around the message is not counted beyond the total."""
    return lambda octets: progress(size or octets, min(octets, size or octets))
