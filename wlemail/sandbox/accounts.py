"""The folders of a user: what IMAP shows and changes, with the INBOX that POP3 shows, too.

Knows no protocol. Whoever looks or changes holds the lock of the `Mailbox` that the accounts belong to.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from .mailbox import ReceivedMessage

INBOX = "INBOX"
SEEN, ANSWERED, FLAGGED, DELETED, DRAFT = "\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft"
SYSTEM_FLAGS = (ANSWERED, FLAGGED, DELETED, SEEN, DRAFT)
SPECIAL_FOLDERS = {"\\Sent": "Sent", "\\Drafts": "Drafts", "\\Trash": "Trash", "\\Junk": "Junk", "\\Archive": "Archive"}

#: folders of a user; how long their names may be, and how many levels they may have
MAX_FOLDERS = 2000
MAX_NAME = 1000
MAX_LEVELS = 50

# RFC 3501 2.3.1.1: a folder that is made again under an old name gets a greater UIDVALIDITY.
_validities = itertools.count(int(time.time()))


class Problem(Exception):
    """Something cannot be done; the text, and the response code of RFC 5530 for it."""

    def __init__(self, text: str, code: str = "CANNOT") -> None:
        self.code = code
        super().__init__(text)


@dataclass(frozen=True)
class Layout:
    """How folders are named, and which there are from the beginning."""

    delimiter: str = "/"
    #: what every name but INBOX begins with: "INBOX." where folders lie below it
    prefix: str = ""
    #: special use → name, without the prefix
    special: Mapping[str, str] = field(default_factory=lambda: SPECIAL_FOLDERS)
    #: bytes of all messages of a user, None for as many as there are
    quota: int | None = None


class Watcher(Protocol):
    """Whoever has a folder selected."""

    def gone(self, uids: Iterable[int]) -> None: ...
    def changed(self, entry: Entry) -> None: ...


@dataclass(eq=False)
class Entry:
    """A message in a folder."""

    uid: int
    message: ReceivedMessage
    flags: set[str]
    modseq: int


class Folder:
    """Messages in the order of their UIDs; a folder that is not `selectable` is there for those below it."""

    def __init__(self, path: str, *, special: str = "", selectable: bool = True) -> None:
        self.path = path
        self.special = special
        self.selectable = selectable
        self.uid_validity = next(_validities)
        self.next_uid = 1
        #: the first message that no session has been told of as \Recent
        self.first_recent = 1
        self.modseq = 1
        self.entries: dict[int, Entry] = {}
        self.watchers: list[Watcher] = []

    @property
    def size(self) -> int:
        """Bytes of all messages."""
        return sum(entry.message.size for entry in self.entries.values())

    def append(self, message: ReceivedMessage, flags: Iterable[str] = ()) -> int:
        """Put a message behind the others; its UID."""
        uid = self.next_uid
        self.next_uid += 1
        self.modseq += 1
        self.entries[uid] = Entry(uid, message, set(flags), self.modseq)
        return uid

    def remove(self, uids: Iterable[int]) -> list[Entry]:
        """Take messages out, as far as they are there; what was taken."""
        removed = [entry for uid in uids if (entry := self.entries.pop(uid, None)) is not None]
        if removed:
            self.modseq += 1
            for watcher in self.watchers:
                watcher.gone([entry.uid for entry in removed])
        return removed

    def change(self, entry: Entry, flags: set[str], *, quiet_for: Watcher | None = None) -> bool:
        """Give a message these flags; whether that changed anything. All watchers but one are told."""
        if flags == entry.flags:
            return False
        self.modseq += 1
        entry.flags, entry.modseq = flags, self.modseq
        for watcher in self.watchers:
            if watcher is not quiet_for:
                watcher.changed(entry)
        return True


class Account:
    """The folders of one user."""

    def __init__(self, user: str, layout: Layout, copy: Callable[[ReceivedMessage], ReceivedMessage]) -> None:
        self.user = user
        self.layout = layout
        self._copy = copy
        self.inbox = Folder(INBOX)
        self.folders: dict[str, Folder] = {INBOX: self.inbox}
        self.subscribed: set[str] = {INBOX}
        for use, name in layout.special.items():
            path = layout.prefix + name
            self.folders[path] = Folder(path, special=use)
            self.subscribed.add(path)

    # -- names ------------------------------------------------------------------------------------------

    def canonical(self, path: str) -> str:
        """The name with INBOX in capitals, where it is that, or lies below it (RFC 3501 5.1)."""
        first, delimiter, rest = path.partition(self.layout.delimiter)
        return INBOX + delimiter + rest if first.upper() == INBOX else path

    def find(self, path: str) -> Folder:
        """The folder of this name; Problem where there is none, or none with messages."""
        folder = self.folders.get(self.canonical(path))
        if folder is None:
            raise Problem(f"there is no folder {path}", "NONEXISTENT")
        if not folder.selectable:
            raise Problem(f"{path} holds folders only")
        return folder

    def parents(self, path: str) -> list[str]:
        """The names above this one, the topmost first."""
        parts = path.split(self.layout.delimiter)
        return [self.layout.delimiter.join(parts[:n]) for n in range(1, len(parts))]

    def below(self, path: str) -> list[str]:
        """The names below this one, at any level."""
        start = path + self.layout.delimiter
        return [name for name in self.folders if name.startswith(start)]

    # -- folders ----------------------------------------------------------------------------------------

    def create(self, path: str, special: str = "") -> Folder:
        """Make a folder, and those above it that are missing."""
        # RFC 3501 6.3.3: a delimiter at the end says that there will be folders below, which is always possible.
        path = self.canonical(path).removesuffix(self.layout.delimiter)
        existing = self.folders.get(path)
        if existing is not None and existing.selectable:
            raise Problem(f"{path} is there already", "ALREADYEXISTS")
        if special and any(folder.special == special for folder in self.folders.values()):
            raise Problem(f"there is a folder for {special} already", "USEATTR")
        self._check_name(path)
        wanted = [*self.parents(path), path]
        if len(self.folders) + len(wanted) > MAX_FOLDERS:
            raise Problem("too many folders", "LIMIT")
        for name in wanted:
            if name not in self.folders:
                self.folders[name] = Folder(name)
        self.folders[path].selectable = True
        self.folders[path].special = special
        return self.folders[path]

    def _check_name(self, path: str) -> None:
        delimiter = self.layout.delimiter
        parts = path.split(delimiter)
        if not path.startswith(self.layout.prefix) or len(path) > MAX_NAME or len(parts) > MAX_LEVELS:
            raise Problem(f"names begin with {self.layout.prefix!r} and are not too long")
        if not all(parts) or not path.isprintable() or any(c in "%*" for c in path):
            raise Problem("that is no name for a folder")

    def delete(self, path: str) -> None:
        """Remove a folder and its messages; one with folders below stays as a name (RFC 3501 6.3.4)."""
        path = self.canonical(path)
        folder = self.folders.get(path)
        if path == INBOX:
            raise Problem("INBOX stays")
        if folder is None:
            raise Problem(f"there is no folder {path}", "NONEXISTENT")
        if self.below(path):
            if not folder.selectable:
                raise Problem(f"{path} has folders below it", "HASCHILDREN")
            folder.selectable, folder.special = False, ""
        else:
            del self.folders[path]
        folder.remove(list(folder.entries))

    def rename(self, path: str, new: str) -> None:
        """Rename a folder with those below it; INBOX is emptied into a new one (RFC 3501 6.3.5)."""
        path, new = self.canonical(path), self.canonical(new)
        if path not in self.folders:
            raise Problem(f"there is no folder {path}", "NONEXISTENT")
        if new in self.folders:
            raise Problem(f"{new} is there already", "ALREADYEXISTS")
        if new.startswith(path + self.layout.delimiter) and path != INBOX:
            raise Problem("a folder cannot lie below itself")
        self._check_name(new)
        for name in self.parents(new):
            if name not in self.folders:
                self.create(name)
        if path == INBOX:
            self._move_inbox(self.create(new))
            return
        for name in [path, *self.below(path)]:
            folder = self.folders.pop(name)
            folder.path = new + name[len(path) :]
            self.folders[folder.path] = folder

    def _move_inbox(self, target: Folder) -> None:
        for entry in self.inbox.remove(list(self.inbox.entries)):
            target.append(entry.message, entry.flags)

    # -- messages ---------------------------------------------------------------------------------------

    @property
    def used(self) -> int:
        """Bytes that count for the quota."""
        return sum(folder.size for folder in self.folders.values())

    def check_quota(self, size: int) -> None:
        """Problem where there is no room for so many more bytes."""
        quota = self.layout.quota
        if quota is not None and self.used + size > quota:
            raise Problem("there is no room for that", "OVERQUOTA")

    def copy(self, entries: Iterable[Entry], target: Folder) -> list[int]:
        """Copy messages with their flags; their new UIDs. All or none (RFC 3501 6.4.7)."""
        entries = list(entries)
        self.check_quota(sum(entry.message.size for entry in entries))
        return [target.append(self._copy(entry.message), entry.flags) for entry in entries]

    def move(self, entries: Iterable[Entry], source: Folder, target: Folder) -> list[int]:
        """Move messages with their flags; their new UIDs."""
        entries = list(entries)
        source.remove([entry.uid for entry in entries])
        return [target.append(entry.message, entry.flags) for entry in entries]

    def clear(self) -> None:
        """Take all messages out of all folders."""
        for folder in self.folders.values():
            folder.remove(list(folder.entries))

    def forget(self, message: ReceivedMessage) -> None:
        """The content of a message is no longer kept: take it and its copies out of all folders."""
        for folder in self.folders.values():
            folder.remove([uid for uid, entry in folder.entries.items() if entry.message.stored is message.stored])
