"""Reading a mailbox message by message: the cursor, the message that was read last, and what to delete.

Serves every protocol; the back end below it may read ahead and reopen its connection without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ..errors import Broken, MessageGone, NoMessageRead
from .cursor import Cursor
from .interfaces import Incoming, Progress


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
        self.cursor = Cursor(incoming.numbers, incoming.is_deleted)
        #: the number of the message that was read last, by whichever call; None before the first
        self.last_read: int | None = None

    @property
    def ended(self) -> bool:
        """The session is over: the connection was lost and the mailbox cannot be taken up again."""
        return self.incoming.ended

    # -- the cursor's readers -----------------------------------------------------------------------

    def read_first(self, *, headers_only: bool = False, progress: Progress | None = None) -> Fetched | None:
        """The oldest message, None where there is none."""
        return self._read_by(self.cursor.first, self.cursor.next, headers_only, progress)

    def read_next(self, *, headers_only: bool = False, progress: Progress | None = None) -> Fetched | None:
        """The message behind the current one; None at the end, then the first again."""
        return self._read_by(self.cursor.next, self.cursor.next, headers_only, progress)

    def read_previous(self, *, headers_only: bool = False, progress: Progress | None = None) -> Fetched | None:
        """The message before the current one, None before the first."""
        return self._read_by(self.cursor.previous, self.cursor.previous, headers_only, progress)

    def read_last(self, *, headers_only: bool = False, progress: Progress | None = None) -> Fetched | None:
        """The newest message, None where there is none."""
        return self._read_by(self.cursor.last, self.cursor.previous, headers_only, progress)

    def _read_by(
        self,
        move: Callable[[], int | None],
        move_on: Callable[[], int | None],
        headers_only: bool,
        progress: Progress | None,
    ) -> Fetched | None:
        cursor, incoming = self.cursor, self.incoming
        before = cursor.position, cursor.ended
        number = move()
        while number is not None:
            try:
                data = incoming.fetch(number, headers_only=headers_only, progress=progress, upcoming=cursor.upcoming())
            except MessageGone:
                # Another program deleted it while the connection was lost: passed over like what we deleted.
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

    # -- without the cursor -------------------------------------------------------------------------

    def read(self, number: int, *, headers_only: bool = False, progress: Progress | None = None) -> Fetched:
        """The message of that number; the current message stays. MessageGone where it is deleted or unknown."""
        data = self.incoming.fetch(number, headers_only=headers_only, progress=progress)
        self.last_read = number
        return Fetched(number, data, headers_only)

    def read_all(self, *, headers_only: bool = False, progress: Progress | None = None) -> Iterator[Fetched]:
        """All messages that are not deleted, oldest first, one at a time; neither place nor last message change."""
        walk = Cursor(self.incoming.numbers, self.incoming.is_deleted)
        while (number := walk.next()) is not None:
            try:
                data = self.incoming.fetch(
                    number, headers_only=headers_only, progress=progress, upcoming=walk.upcoming()
                )
            except MessageGone:
                if not self.incoming.is_deleted(number):
                    raise
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
        if self.last_read is None:
            raise NoMessageRead
        return self.last_read

    def close(self, *, politely: bool = True) -> None:
        """End the session; on POP3 the deletions take place now."""
        self.incoming.close(politely=politely)
