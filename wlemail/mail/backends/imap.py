"""One mailbox with folders over IMAP. Numbers are UIDs of the open folder.

The connection is taken up again where it is lost (imap_link.py); messages are read ahead (imap_source.py); what was
read is marked on the way (imap_marks.py). Nothing is ever expunged but by `expunge` and `move`.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from ...errors import MailError, MessageGone, Unsupported
from ...imap.client import ADD, REMOVE, Client, Criterion, search
from ...imap.client.idle import RENEWED_AFTER
from .. import rehearsal
from ..account import Account
from ..folder_paths import INBOX
from ..interfaces import Changes, Criteria, Folder, FolderCounts, Part, Progress, Source
from ..readahead import ReadAhead
from .imap_folder import DELETED, SEEN, OpenFolder
from .imap_folders import FolderTree
from .imap_link import Link
from .imap_marks import Marks
from .imap_source import ImapSource

#: Octets that closing takes in before it says goodbye, where nothing but politeness is at stake.
_WORTH_A_GOODBYE = 256 << 10
_LINE_ENDS = re.compile(rb"\r\n|\r|\n")

_T = TypeVar("_T")

_log = logging.getLogger("wlemail")


class ImapIncoming:
    """Reads through one connection at a time; the caller holds the session's lock."""

    def __init__(self, account: Account) -> None:
        self._account = rehearsal.redirect(account, "IMAP")
        self._read_only = rehearsal.read_only()
        self._link = Link(self._account, read_only=self._read_only, on_loss=self._lost)
        self._tree = FolderTree(self._link)
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
            folder.unread = self._do(lambda client: client.search(search.UNSEEN))
            folder.seen.difference_update(folder.unread)
        return folder.unread

    def search(self, criteria: Criteria) -> Sequence[int]:
        """UID SEARCH."""
        wanted = _criteria(criteria)
        return self._do(lambda client: client.search(*wanted))

    # -- folders ------------------------------------------------------------------------------------

    def folders(self, *, subscribed: bool = False) -> Sequence[Folder]:
        """LIST, with what folders are for and whether they are subscribed to."""
        return self._tree.listed(subscribed=subscribed)

    @property
    def current_folder(self) -> str:
        """The open folder, as the server calls it."""
        return self._folder.name

    @property
    def folder_key(self) -> object:
        """Name and UIDVALIDITY."""
        return self._folder.key

    def change_folder(self, path: str) -> None:
        """SELECT; where it fails, the folder that was open stays so."""
        self._open(self._tree.name(path))

    def _open(self, name: str) -> None:
        def opened(client: Client) -> OpenFolder:
            self._ahead.forget()
            self._source.lost()
            client.drop()
            return self._link.open_folder(name)

        self._do(opened)
        self._begin_folder()

    def add_folder(self, path: str) -> None:
        """CREATE and SUBSCRIBE, level by level."""
        if not self._rehearsed("a new folder"):
            self._tree.add(path)

    def remove_folder(self, path: str) -> None:
        """DELETE and UNSUBSCRIBE."""
        name = self._tree.name(path)
        if self._rehearsed("the removal of a folder"):
            return
        if name == self._folder.name and name != INBOX:
            # What becomes of a folder that is removed while it is open, servers do not agree on.
            self._open(INBOX)
        self._tree.remove(name)

    def rename_folder(self, path: str, new_path: str) -> None:
        """RENAME."""
        name, new_name = self._tree.name(path), self._tree.new_name(new_path)
        if self._rehearsed("a new name"):
            return
        current = self._folder.name
        inside = current != INBOX and (current == name or current.startswith(name + (self._tree.delimiter or "\0")))
        if inside:
            self._open(INBOX)
        self._tree.rename(name, new_name)
        if inside:
            self._open(new_name + current[len(name) :])

    def subscribe(self, path: str) -> None:
        """SUBSCRIBE."""
        name = self._tree.name(path)
        if not self._rehearsed("a subscription"):
            self._tree.subscribe(name)

    def unsubscribe(self, path: str) -> None:
        """UNSUBSCRIBE."""
        name = self._tree.name(path)
        if not self._rehearsed("the end of a subscription"):
            self._tree.unsubscribe(name)

    def counts(self, path: str = "") -> FolderCounts:
        """STATUS; of the open folder what the connection knows better."""
        name = self._tree.name(path) if path else self._folder.name
        if name != self._folder.name:
            return self._tree.counts(name)
        return FolderCounts(self.count(), len(self.unread()))

    # -- messages between folders -------------------------------------------------------------------

    def copy(self, numbers: Iterable[int], path: str) -> Mapping[int, int]:
        """UID COPY."""
        wanted, name = self._present(numbers), self._tree.name(path)
        if not wanted or self._rehearsed("a copy"):
            return {}
        return self._do_once(lambda client: client.copy(wanted, name))

    def move(self, numbers: Iterable[int], path: str) -> Mapping[int, int]:
        """UID MOVE, or what comes nearest to it."""
        wanted, name = self._present(numbers), self._tree.name(path)
        if not wanted:
            return {}
        moved = {} if self._rehearsed("a move") else self._do_once(lambda client: client.move(wanted, name))
        self._folder.deleted.update(wanted)
        for number in wanted:
            self._ahead.drop(number)
        return moved

    def append(
        self,
        message: bytes | Source,
        path: str,
        *,
        flags: Iterable[str] = (),
        date: datetime | None = None,
        progress: Progress | None = None,
    ) -> int | None:
        """APPEND. A source has to have CR LF line ends; octets get them here."""
        source = _Octets(message) if isinstance(message, bytes) else message
        name, total, flag_names = self._tree.name(path), source.size, list(flags)
        if self._rehearsed("a message in a folder"):
            return None
        told = self._do_once(
            lambda client: client.append(
                name,
                source.chunks(),
                total,
                flags=flag_names,
                when=date.astimezone() if date and date.tzinfo is None else date,
                utf8=client.takes_utf8 and _has_utf8_header(source),
                progress=None if progress is None else lambda octets: progress(total, octets),
            )
        )
        if progress is not None:
            progress(total, total)
        return next(iter(told.uids), None) if told else None

    def expunge(self) -> None:
        r"""EXPUNGE: everybody who is \Deleted goes."""
        if not self._rehearsed("an expunge"):
            self._do(lambda client: client.expunge())

    # -- the rest -----------------------------------------------------------------------------------

    def wait(self, seconds: float) -> Changes:
        """IDLE, or NOOP from time to time; what had been told before counts too."""
        self.numbers()
        known, gone = self._folder.roll.last, set(self._folder.roll.gone)
        deadline = time.monotonic() + seconds

        def waited(client: Client) -> Changes:
            self._link.learn_arrivals()
            roll = self._folder.roll
            changes = Changes()
            left = deadline - time.monotonic()
            if roll.last <= known and roll.gone <= gone and left > 0:
                changes = self._folder.changes(client.idle(min(left, RENEWED_AFTER)))
                self._link.learn_arrivals()
            arrived = tuple(uid for uid in roll.uids if uid > known)
            return Changes(arrived, tuple(sorted(roll.gone - gone)), changes.changed)

        # Each round may find the connection lost and make a new one: waiting can last for days.
        while not any(changes := self._do(waited)) and time.monotonic() < deadline:
            pass
        return changes

    def execute(self, command: str) -> str:
        """One line, as it is; another folder may be open afterwards."""
        if self._read_only:
            _refuse_changes(command)
        self._tree.forget()
        done = self._do_once(lambda client: client.execute(command))
        if self._link.adopt():
            self._begin_folder()
        if done.refusal is not None:
            raise done.refusal
        return "\r\n".join(done.lines)

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


# -- values ---------------------------------------------------------------------------------------------


def _counted(progress: Progress, size: int) -> Callable[[int], object]:
    """Octets that came as (total, done): what stands around the message is not counted beyond the total."""
    return lambda octets: progress(size or octets, min(octets, size or octets))


class _Octets:
    """A message in memory as a source, with CR LF line ends."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets if b"\n" not in octets.replace(b"\r\n", b"") else _LINE_ENDS.sub(b"\r\n", octets)
        self.size = len(self._octets)

    def chunks(self) -> Iterable[bytes]:
        return (self._octets,)


def _has_utf8_header(source: Source) -> bool:
    head = b""
    for chunk in source.chunks():
        head += chunk
        if b"\r\n\r\n" in head:
            break
    return not head.partition(b"\r\n\r\n")[0].isascii()


_WHERE = {Part.SUBJECT: "SUBJECT", Part.SENDER: "FROM", Part.RECIPIENT: "TO", Part.BODY: "BODY"}
_SYSTEM_FLAGS = ("ANSWERED", "DELETED", "DRAFT", "FLAGGED", "SEEN", "RECENT")


def _criteria(criteria: Criteria) -> list[Criterion]:
    wanted = []
    if criteria.text:
        texts = [_text(part, criteria.text) for part in criteria.parts] or [search.text("TEXT", criteria.text)]
        any_of = texts.pop()
        while texts:
            any_of = search.either(texts.pop(), any_of)
        wanted.append(any_of)
    if criteria.unread:
        wanted.append(search.UNSEEN)
    wanted += [_flag(name, present=True) for name in criteria.flags]
    wanted += [_flag(name, present=False) for name in criteria.without]
    return wanted


def _text(part: Part, text: str) -> Criterion:
    return search.header("Message-ID", text) if part is Part.MESSAGE_ID else search.text(_WHERE[part], text)


def _flag(name: str, *, present: bool) -> Criterion:
    system = name.upper().removeprefix("\\")
    if name.startswith("\\") and system in _SYSTEM_FLAGS:
        found = Criterion((system.encode(),))
        return found if present else search.none_of(found)
    return search.keyword(name, present=present)


# What changes nothing, in a folder that was opened read-only.
_HARMLESS = frozenset(
    "CAPABILITY CHECK EXAMINE FETCH GETACL GETMETADATA GETQUOTA GETQUOTAROOT ID LIST LISTRIGHTS LSUB MYRIGHTS "
    "NAMESPACE NOOP SEARCH SORT STATUS THREAD XLIST".split()
)


def _refuse_changes(command: str) -> None:
    words = command.upper().split()
    verb = words[1] if words[:1] == ["UID"] and len(words) > 1 else (words or [""])[0]
    if verb not in _HARMLESS:
        raise Unsupported(f"{verb} as text", "a rehearsal (WLEMAIL_REHEARSAL) changes nothing")
