"""The UIDs of the selected mailbox by sequence number, kept right by what the server tells. No I/O.

The server counts: EXPUNGE names a message by its place alone. Responses have to come here in the order in which they
came from the server, and those that tell who is there (a search for all) when nothing else was under way.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from .parsing.changes import Exists, Expunged, Vanished
from .parsing.fetch import Fetched
from .parsing.responses import Response


class Roll:
    """Who is there. `uids` is ascending, and is changed in place."""

    def __init__(self, exists: int) -> None:
        self.uids: list[int] = []
        #: so many messages are there; the last of them may be known by their number alone
        self.exists = exists
        #: UIDs that were there and are no more
        self.gone: set[int] = set()

    @property
    def complete(self) -> bool:
        """Every message is known."""
        return len(self.uids) == self.exists

    @property
    def last(self) -> int:
        """The highest UID that is known, 0 where none is."""
        return self.uids[-1] if self.uids else 0

    def __contains__(self, uid: int) -> bool:
        place = bisect_left(self.uids, uid)
        return place < len(self.uids) and self.uids[place] == uid

    def at(self, number: int) -> int | None:
        """The UID at a sequence number, None where it is not known."""
        return self.uids[number - 1] if 0 < number <= len(self.uids) else None

    def hear(self, response: Response) -> None:
        """What the server tells, asked or not."""
        if isinstance(response, Exists):
            # It may not become less without EXPUNGE (RFC 3501 7.3.1); where it does, a new call tells who is left.
            self.exists = response.count
        elif isinstance(response, Expunged):
            uid = self.at(response.number)
            if uid is not None:
                self._lose([uid])
            self.exists = max(0, self.exists - 1)
        elif isinstance(response, Vanished) and not response.earlier:
            known = [uid for uid in self.uids if uid in response.uids]
            self._lose(known)
            self.exists = max(0, self.exists - len(response.uids))

    def uid_of(self, fetched: Fetched) -> int | None:
        """Whom a FETCH that nobody asked for means: it need not say the UID."""
        return self.at(fetched.number) if fetched.uid is None else fetched.uid

    def call(self, found: Iterable[int]) -> list[int]:
        """Everybody who is there now, ascending; the new ones."""
        known = set(self.uids)
        everybody = sorted(found)
        self.gone |= known.difference(everybody)
        self.uids[:] = everybody
        # A server that takes a number back from the dead has not read RFC 3501 2.3.1.1; the living are in the right.
        self.gone.difference_update(everybody)
        return [uid for uid in everybody if uid not in known]

    def add(self, found: Iterable[int]) -> list[int]:
        """Those who came behind the last that was known; the others are passed over."""
        last = self.last
        new = sorted(uid for uid in found if uid > last and uid not in self.gone)
        self.uids += new
        return new

    def _lose(self, uids: list[int]) -> None:
        if len(uids) == 1:
            del self.uids[bisect_left(self.uids, uids[0])]
        else:
            lost = set(uids)
            self.uids[:] = [uid for uid in self.uids if uid not in lost]
        self.gone.update(uids)
