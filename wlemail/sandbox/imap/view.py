"""What one client knows of the folder that it has selected: sequence numbers, and what it has not been told yet.

Another session may change the folder at any moment; numbers change only when this client is told (RFC 3501 7.4.1).
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from .grammar import numbers_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..accounts import Entry, Folder


class View:
    """A selected folder; `close` it, or it goes on being told."""

    def __init__(self, folder: Folder, *, read_only: bool, tells_recent: bool = True) -> None:
        self.folder = folder
        self.read_only = read_only
        #: \\Recent and what belongs to it are not there any more in IMAP4rev2 (RFC 9051 E.5)
        self.tells_recent = tells_recent
        #: sequence number n is uids[n - 1]
        self.uids = list(folder.entries)
        self._gone: set[int] = set()
        self._changed: dict[int, Entry] = {}
        self._next_uid = folder.next_uid
        self._first_recent = folder.first_recent
        if not read_only:
            folder.first_recent = folder.next_uid
        folder.watchers.append(self)

    def close(self) -> None:
        self.folder.watchers.remove(self)

    # -- what the folder tells ------------------------------------------------------------------------------

    def gone(self, uids: Iterable[int]) -> None:
        self._gone.update(uids)

    def changed(self, entry: Entry) -> None:
        self._changed[entry.uid] = entry

    # -- numbers --------------------------------------------------------------------------------------------

    def number(self, uid: int) -> int:
        """The sequence number of a message that the client knows; 0 for any other."""
        place = bisect_left(self.uids, uid)
        return place + 1 if place < len(self.uids) and self.uids[place] == uid else 0

    def chosen(self, ranges: list[tuple[int, int]], *, by_uid: bool) -> list[int] | None:
        """The UIDs of the messages in a set; None for a sequence number that does not exist."""
        if by_uid:
            return numbers_in(ranges, self.uids)
        count = len(self.uids)
        if not count or any(max(first or count, last or count) > count for first, last in ranges):
            return None
        return [self.uids[number - 1] for number in numbers_in(ranges, list(range(1, count + 1)))]

    def entries(self, uids: Iterable[int]) -> Iterator[Entry]:
        """Those of the messages that are still there."""
        return (entry for uid in uids if (entry := self.folder.entries.get(uid)) is not None)

    def is_recent(self, uid: int) -> bool:
        return uid >= self._first_recent

    @property
    def recent(self) -> int:
        return len(self.uids) - bisect_left(self.uids, self._first_recent)

    def flags(self, entry: Entry) -> str:
        """Flags as they are written; \\Recent is this client's own."""
        recent = ["\\Recent"] if self.tells_recent and self.is_recent(entry.uid) else []
        return f"({' '.join(sorted(entry.flags) + recent)})"

    # -- what the client has not been told ------------------------------------------------------------------

    def news(self, *, may_expunge: bool) -> tuple[list[int], bool, list[Entry]]:
        """Sequence numbers that go, the last first; whether messages have come; messages whose flags have changed.

        From now on the client counts as told."""
        removed: list[int] = []
        if may_expunge and self._gone:
            # From the end: then no number changes before its turn.
            for uid in sorted(self._gone, reverse=True):
                if number := self.number(uid):
                    removed.append(number)
                    del self.uids[number - 1]
            self._gone.clear()
        arrived = self.folder.next_uid != self._next_uid
        if arrived:
            self.uids += [uid for uid in self._new_uids() if uid >= self._next_uid]
            self._next_uid = self.folder.next_uid
            if not self.read_only:
                self.folder.first_recent = self.folder.next_uid
        changed = [entry for uid, entry in self._changed.items() if uid in self.folder.entries and self.number(uid)]
        self._changed.clear()
        return removed, arrived, changed

    def _new_uids(self) -> list[int]:
        found = []
        for uid in reversed(self.folder.entries):
            if uid < self._next_uid:
                break
            found.append(uid)
        return found[::-1]

    def told_flags(self, entry: Entry) -> None:
        """The client has been told of this message's flags."""
        self._changed.pop(entry.uid, None)
