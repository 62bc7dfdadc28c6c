"""One IMAP account: the mailbox that is the open folder, the other folders, and what goes between them.

Nothing is ever expunged but by `expunge` and `move`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from ...errors import Unsupported
from ...imap.client import Client
from ...imap.client.idle import RENEWED_AFTER
from ..account import Account
from ..folder_paths import INBOX
from ..interfaces import Changes, Folder, FolderCounts, Progress, Source
from ..octets import Octets, has_utf8_header
from .imap_folder import OpenFolder
from .imap_folders import FolderTree
from .imap_mailbox import ImapMailbox


class ImapIncoming(ImapMailbox):
    """wlemail.mail.interfaces.FolderedIncoming over IMAP."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._tree = FolderTree(self._link)

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
        source = Octets(message) if isinstance(message, bytes) else message
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
                utf8=client.takes_utf8 and has_utf8_header(source),
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
