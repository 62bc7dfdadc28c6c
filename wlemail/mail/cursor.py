"""Where reading stands in a mailbox: first, next, previous, last, and the hits of a search. No I/O.

The place is a number, not an index: what is deleted or arrives does not move it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence


class Cursor:
    """The current message of a session. Moves pass over messages that `is_deleted` names.

    A move that finds nothing leaves the place alone; only `next` remembers that it came to the end, and then starts at
    the first message when it is called again. That hangs on no flag that deleting a message sets."""

    def __init__(self, numbers: Callable[[], Sequence[int]], is_deleted: Callable[[int], bool]) -> None:
        self._all = numbers
        self._is_deleted = is_deleted
        self._hits: Sequence[int] | None = None
        #: where moves keep to: these (ascending) numbers, None for all
        self.among: Sequence[int] | None = None
        #: the number of the current message, 0 before the first
        self.position = 0
        #: `next` came to the end
        self.ended = False
        self._backwards = False

    def first(self) -> int | None:
        """Go to the oldest message; the hits of a search are left."""
        self._hits = None
        return self._start()

    def last(self) -> int | None:
        """Go to the newest message; the hits of a search are left."""
        self._hits = None
        numbers = self._all()
        found = self._below(numbers, len(numbers))
        self.ended = found is None
        return self._arrive(found, backwards=True)

    def next(self) -> int | None:
        """Go to the message behind the current one; to the first where there is none yet, or after the end."""
        if self.starts:
            return self._start()
        numbers = self._numbers()
        found = self._above(numbers, bisect_right(numbers, self.position))
        self.ended = found is None
        return self._arrive(found)

    def previous(self) -> int | None:
        """Go to the message before the current one; before the first nothing moves."""
        numbers = self._numbers()
        found = self._below(numbers, bisect_left(numbers, self.position))
        if found is not None:
            self.ended = False
        return self._arrive(found, backwards=True)

    def seek(self, hits: Sequence[int]) -> int | None:
        """Go to the first of these (ascending) numbers; next and previous keep to them until first or last."""
        self._hits = hits
        return self._start()

    def go_before(self, number: int) -> None:
        """`next` will come to this message, or to the first behind it; the hits of a search are left."""
        self._hits = None
        self.position = number - 1
        self.ended = False

    @property
    def starts(self) -> bool:
        """`next` would come to the first message."""
        return not self.position or self.ended

    @property
    def has_hits(self) -> bool:
        """Moves keep to the hits of a search."""
        return self._hits is not None

    def reset(self) -> None:
        """Forget place and hits: another folder."""
        self._hits = self.among = None
        self.position = 0
        self.ended = False

    def upcoming(self) -> Iterator[int]:
        """The messages that further moves in the same direction would come to."""
        numbers = self._numbers()
        at = bisect_left(numbers, self.position)
        if self._backwards:
            return walk(numbers, at - 1, -1, self._is_deleted)
        if at < len(numbers) and numbers[at] == self.position:
            at += 1
        return walk(numbers, at, 1, self._is_deleted)

    # -- steps --------------------------------------------------------------------------------------

    def _numbers(self) -> Sequence[int]:
        hits, among = self._hits, self.among
        if hits is None:
            return self._all() if among is None else among
        if among is None:
            return hits
        wanted = set(among)
        return [number for number in hits if number in wanted]

    def _start(self) -> int | None:
        found = self._above(self._numbers(), 0)
        self.ended = found is None
        return self._arrive(found)

    def _above(self, numbers: Sequence[int], place: int) -> int | None:
        while place < len(numbers):
            if not self._is_deleted(numbers[place]):
                return numbers[place]
            place += 1
        return None

    def _below(self, numbers: Sequence[int], place: int) -> int | None:
        while place > 0:
            place -= 1
            if not self._is_deleted(numbers[place]):
                return numbers[place]
        return None

    def _arrive(self, found: int | None, *, backwards: bool = False) -> int | None:
        if found is not None:
            self.position = found
            self._backwards = backwards
        return found


def walk(numbers: Sequence[int], place: int, step: int, is_deleted: Callable[[int], bool]) -> Iterator[int]:
    """Those that are not deleted, from this place on. The list may lose some meanwhile."""
    while 0 <= place < len(numbers):
        number = numbers[place]
        if not is_deleted(number):
            yield number
        place += step
