"""Reading a mailbox message by message: the cursor, the message that was read last, and what to delete.

Serves every protocol; the back end below it may read ahead and reopen its connection without a word.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ..errors import Broken, MessageGone, NoMessageRead, Refused, Unsupported
from .cursor import Cursor, walk
from .interfaces import Changes, Criteria, FolderedIncoming, Incoming, Progress

# A script that counts through UIDs leaves out those that it knows to be gone, not thousands.
_LARGEST_GAP = 1000


class Fetched(NamedTuple):
    """A message as it was read."""

    number: int
    #: all octets with CR LF line ends, or those of the header
    data: bytes
    headers_only: bool


class MailboxReader:
    """One mailbox with its current message. `None` is the end of the list; failures raise MailErrors.

    The place moves to a message that the server refuses to give, so that the next call comes to the one behind it; it
    stays where the connection broke, so that the next call asks for the same message again."""

    def __init__(self, incoming: Incoming) -> None:
        self.incoming = incoming
        self._foldered = incoming if isinstance(incoming, FolderedIncoming) else None
        self._folder_key = self._foldered.folder_key if self._foldered else None
        self.cursor = Cursor(incoming.numbers, incoming.is_deleted)
        # The number that was read last without the cursor.
        self._last_direct: int | None = None
        #: the number of the message that was read last, by whichever call; None before the first
        self.last_read: int | None = None

    @property
    def ended(self) -> bool:
        """The session is over: the connection was lost and the mailbox cannot be taken up again."""
        return self.incoming.ended

    # -- the cursor's readers -----------------------------------------------------------------------

    def read_first(
        self, *, headers_only: bool = False, progress: Progress | None = None, unread: bool = False
    ) -> Fetched | None:
        """The oldest message, None where there is none. `unread`, here and below: of those that were not read."""
        self._look_at(unread, anew=True)
        return self._read_by(self.cursor.first, self.cursor.next, headers_only, progress)

    def read_next(
        self, *, headers_only: bool = False, progress: Progress | None = None, unread: bool = False
    ) -> Fetched | None:
        """The message behind the current one; None at the end, then the first again."""
        self._notice_folder()
        self._look_at(unread, anew=self.cursor.starts)
        return self._read_by(self.cursor.next, self.cursor.next, headers_only, progress)

    def read_previous(
        self, *, headers_only: bool = False, progress: Progress | None = None, unread: bool = False
    ) -> Fetched | None:
        """The message before the current one, None before the first."""
        self._look_at(unread)
        return self._read_by(self.cursor.previous, self.cursor.previous, headers_only, progress)

    def read_last(
        self, *, headers_only: bool = False, progress: Progress | None = None, unread: bool = False
    ) -> Fetched | None:
        """The newest message, None where there is none."""
        self._look_at(unread, anew=True)
        return self._read_by(self.cursor.last, self.cursor.previous, headers_only, progress)

    def seek(
        self, criteria: Criteria, *, headers_only: bool = False, progress: Progress | None = None
    ) -> Fetched | None:
        """The oldest message that meets the criteria, None where none does.

        The cursor keeps to those that do, until read_first, read_last or another folder."""
        hits = self.folders.search(criteria)
        self._look_at(unread=False)
        return self._read_by(lambda: self.cursor.seek(hits), self.cursor.next, headers_only, progress)

    def _look_at(self, unread: bool, *, anew: bool = False) -> None:
        """Walk among all messages, or among those that were not read; `anew`: as the server has them now."""
        self._notice_folder()
        if anew and not unread:
            self.incoming.refresh()
        self.cursor.among = self._unread(ask=anew) if unread else None

    def _unread(self, *, ask: bool) -> Sequence[int]:
        return self.folders.unread(ask=ask)

    def _read_by(
        self,
        move: Callable[[], int | None],
        move_on: Callable[[], int | None],
        headers_only: bool,
        progress: Progress | None,
    ) -> Fetched | None:
        cursor, incoming = self.cursor, self.incoming
        before = cursor.position, cursor.ended
        try:
            number = move()
            if number is None and cursor.ended and self._more_arrived():
                cursor.position, cursor.ended = before
                number = move()
        except Broken:
            cursor.position, cursor.ended = before
            raise
        while number is not None:
            try:
                data = incoming.fetch(number, headers_only=headers_only, progress=progress, upcoming=cursor.upcoming())
            except MessageGone:
                # Another program deleted it: passed over like what we deleted.
                if not incoming.is_deleted(number):
                    raise
                number = move_on()
            except Broken:
                cursor.position, cursor.ended = before
                raise
            else:
                self.last_read = number
                return Fetched(number, data, headers_only)
        return None

    def _more_arrived(self) -> bool:
        """At the end of the list: whether the server has more by now."""
        cursor = self.cursor
        if cursor.has_hits:
            return False
        if cursor.among is None:
            return self.incoming.refresh()
        known = cursor.among
        cursor.among = self._unread(ask=True)
        return len(cursor.among) > 0 and (not known or cursor.among[-1] > known[-1])

    # -- folders ------------------------------------------------------------------------------------

    @property
    def folders(self) -> FolderedIncoming:
        """The mailbox with all that folders and flags can do; Unsupported where the protocol has none.

        Where another folder is open afterwards, place and hits are forgotten."""
        if self._foldered is None:
            raise Unsupported("folders and flags", "POP3 has none")
        return self._foldered

    def change_folder(self, path: str) -> None:
        """Read from another folder, or from this one as if it was just opened. Where that fails, everything stays."""
        self.folders.change_folder(path)
        self._forget_place()

    def remove_folder(self, path: str) -> None:
        """Remove a folder; where it was the current one, INBOX is."""
        self.folders.remove_folder(path)

    def wait(self, seconds: float) -> Changes:
        """Wait until something happens in the current folder, at most so long. New mail is what read_next comes to,
        wherever the current message was."""
        self._notice_folder()
        changes = self.folders.wait(seconds)
        if changes.arrived:
            self.cursor.go_before(changes.arrived[0])
        return changes

    def execute(self, command: str) -> str:
        """Send a raw command, which may open another folder."""
        return self.folders.execute(command)

    def _notice_folder(self) -> None:
        """Numbers of the folder that was open before mean nothing in this one."""
        if self._foldered is not None and self._foldered.folder_key != self._folder_key:
            self._forget_place()

    def _forget_place(self) -> None:
        self.cursor.reset()
        self.last_read = self._last_direct = None
        self._folder_key = self._foldered.folder_key if self._foldered else None

    # -- without the cursor -------------------------------------------------------------------------

    def read(self, number: int, *, headers_only: bool = False, progress: Progress | None = None) -> Fetched:
        """The message of that number; the current message stays. MessageGone where it is deleted or unknown."""
        self._notice_folder()
        data = self.incoming.fetch(number, headers_only=headers_only, progress=progress, upcoming=self._behind(number))
        self.last_read = number
        return Fetched(number, data, headers_only)

    def _behind(self, number: int) -> Iterator[int] | None:
        """Who comes next where a script counts through the numbers, up or down; None where it does not."""
        before, self._last_direct = self._last_direct, number
        if before is None or not 0 < abs(number - before) <= _LARGEST_GAP:
            return None
        numbers, is_deleted = self.incoming.numbers(), self.incoming.is_deleted
        place, last = bisect_left(numbers, number), bisect_left(numbers, before)
        if place - last not in (1, -1) or place >= len(numbers):
            return None
        step = place - last
        return walk(numbers, place + step, step, is_deleted)

    def read_all(
        self,
        *,
        headers_only: bool = False,
        progress: Progress | None = None,
        unread: bool = False,
        refused: Callable[[int, Refused], object] | None = None,
    ) -> Iterator[Fetched]:
        """All messages that are not deleted, oldest first, one at a time; neither place nor last message change.

        What arrives meanwhile comes too; `unread`: those alone that are unread now. `refused` is called with the
        number of a message that the server refuses to give, and then it goes on with the others; a refusal for now
        (`temporary`) is the server's state and no message's, and ends it."""
        steps = Cursor(self.incoming.numbers, self.incoming.is_deleted)
        if unread:
            steps.among = self._unread(ask=True)
        else:
            self.incoming.refresh()
        while (number := steps.next()) is not None:
            try:
                data = self.incoming.fetch(
                    number, headers_only=headers_only, progress=progress, upcoming=steps.upcoming()
                )
            except Refused as problem:
                if isinstance(problem, MessageGone) and self.incoming.is_deleted(number):
                    continue
                if refused is None or problem.temporary:
                    raise
                refused(number, problem)
            else:
                yield Fetched(number, data, headers_only)

    def fetch(self, number: int, *, headers_only: bool = False, progress: Progress | None = None) -> bytes:
        """The octets of a message, or of its header; neither the place nor the last message changes."""
        return self.incoming.fetch(number, headers_only=headers_only, progress=progress)

    @property
    def position(self) -> int:
        """The number of the current message, 0 before the first."""
        return self.cursor.position

    def count(self) -> int:
        """How many messages the mailbox has."""
        return self.incoming.count()

    def numbers(self) -> Sequence[int]:
        """The numbers of all messages, oldest first."""
        return self.incoming.numbers()

    def is_deleted(self, number: int) -> bool:
        """Whether the message was deleted in this session, or has gone."""
        return self.incoming.is_deleted(number)

    def size(self, number: int | None = None) -> int:
        """Octets of a message, of the one that was read last without a number; NoMessageRead, MessageGone."""
        return self.incoming.size(self._meant(number))

    def unique_id(self, number: int | None = None) -> str:
        """The name of a message that lasts over sessions, "" where the server has none."""
        return self.incoming.unique_id(self._meant(number))

    def delete(self, number: int | None = None) -> int:
        """Delete a message, the one that was read last without a number; its number."""
        meant = self._meant(number)
        self.incoming.delete(meant)
        return meant

    def _meant(self, number: int | None) -> int:
        if number is not None:
            return number
        self._notice_folder()
        if self.last_read is None:
            raise NoMessageRead
        return self.last_read

    def close(self, *, politely: bool = True) -> None:
        """End the session; on POP3 the deletions take place now."""
        self.incoming.close(politely=politely)
