"""The folder that is open on an IMAP connection: who is in it, what was deleted, what was read. No I/O."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from ...imap.connection import Mailbox
from ...imap.parsing.changes import Exists, Expunged, Vanished
from ...imap.parsing.fetch import Fetched
from ...imap.parsing.responses import Response
from ...imap.roll import Roll
from ..interfaces import Changes

SEEN, DELETED = "\\Seen", "\\Deleted"
#: RFC 3501 9: UIDs have 32 bits
LARGEST_NUMBER = 2**32 - 1


class OpenFolder:
    """One folder as far as this session knows it. It outlives the connection on which it was opened."""

    def __init__(self, mailbox: Mailbox, deleted: set[int]) -> None:
        self.name = mailbox.name
        self.uid_validity = mailbox.uid_validity
        self.read_only = mailbox.read_only
        self.roll = Roll(mailbox.exists)
        #: the roll was called: everybody who was there then is known
        self.called = not mailbox.exists
        #: what this session deleted
        self.deleted = deleted
        #: messages that are known to have been read
        self.seen: set[int] = set()
        #: those that were not read, ascending; None where nobody has asked
        self.unread: list[int] | None = None
        # The highest number that a search has found: no lower one can still come.
        self._highest = 0
        # Messages whose flags the server has told of, unasked.
        self._changed: list[int] = []

    @property
    def key(self) -> tuple[str, int]:
        """Equal where numbers mean the same messages."""
        return self.name, self.uid_validity

    def has_lost(self, number: int) -> bool:
        """Whether this number certainly has no message (any more)."""
        if not 0 < number <= LARGEST_NUMBER or number in self.roll.gone:
            return True
        # UIDs ascend: who comes later has a higher one than all that are known.
        return self.called and number <= self.roll.last and number not in self.roll

    def note_found(self, numbers: Sequence[int]) -> list[int]:
        """What a search has found, without what is no number."""
        found = [number for number in numbers if 0 < number <= LARGEST_NUMBER]
        self._highest = max(self._highest, *found[-1:], 0)
        return found

    def miss(self, number: int) -> None:
        """The server has no such message. One that was there is gone; another may still come."""
        if number in self.roll or number <= self._highest:
            self.roll.gone.add(number)

    # -- what the server tells ----------------------------------------------------------------------

    def hear(self, response: Response) -> None:
        """Something that no command had asked for."""
        if isinstance(response, Fetched):
            uid = self.roll.uid_of(response)
            if uid is not None and response.flags is not None:
                self._changed.append(uid)
                self.note_flags(uid, response.flags)
        elif isinstance(response, (Exists, Expunged, Vanished)):
            self.roll.hear(response)

    def changes(self, heard: Iterable[Response]) -> Changes:
        """What these responses mean, but for who has come."""
        before = set(self.roll.gone)
        self._changed.clear()
        for response in heard:
            self.hear(response)
        gone = tuple(sorted(self.roll.gone - before))
        return Changes((), gone, tuple(dict.fromkeys(uid for uid in self._changed if uid not in gone)))

    # -- what was read ------------------------------------------------------------------------------

    def note_flags(self, number: int, flags: Iterable[str]) -> None:
        r"""The flags of a message, as the server has just told them."""
        self.note_seen(number, seen=any(flag.lower() == "\\seen" for flag in flags))

    def note_seen(self, number: int, *, seen: bool) -> None:
        """A message was read, or is unread again."""
        (self.seen.add if seen else self.seen.discard)(number)
        unread = self.unread
        if unread is None:
            return
        place = bisect_left(unread, number)
        known = place < len(unread) and unread[place] == number
        # In place: a cursor may be walking in it.
        if seen and known:
            del unread[place]
        elif not seen and not known:
            unread.insert(place, number)
