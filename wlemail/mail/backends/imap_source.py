"""Messages of the open folder, asked for before they are taken: several UID FETCHes in flight, and what is in them.

A flight brings its messages in the server's order; they are given in the order in which they were asked for.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from ...errors import CommandRefused, MessageGone
from ...imap.client import HEADER, WHOLE, Client, Flight
from ...imap.numbers import NumberSet
from ...imap.parsing.fetch import Fetched
from ..readahead import LARGEST_HEADER
from .imap_folder import OpenFolder
from .imap_marks import Marks

#: Messages that may be asked for and not taken; octets bound them long before.
MOST = 2000
# With the flags: who was read before need not be marked again.
_WHOLE_ITEMS, _HEADER_ITEMS = ("FLAGS", WHOLE), (HEADER,)
# Sizes are asked for in blocks, each twice as large as the one before.
_FIRST_BLOCK, _LARGEST_BLOCK = 64, 4096
# A set of numbers without two in a row has to fit in a command line (RFC 7162 4).
_PER_COMMAND = 500
# Of a walk backwards.
_BACKWARDS, _BACKWARDS_OCTETS = 64, 128 << 10


class _Asked:
    """One flight: who was asked for, in the order in which they are wanted, and who came before his turn."""

    def __init__(self, numbers: Sequence[int], flight: Flight) -> None:
        self.numbers = deque(numbers)
        self.flight = flight
        self._early: dict[int, Fetched] = {}
        self._refusal: CommandRefused | None = None
        self._alone = len(numbers) == 1

    def take(self, progress: Callable[[int], object] | None) -> tuple[int, Fetched | None]:
        """The next number and its message, None where there is none; CommandRefused where it will not come.

        _AskAgain where the refusal was that of a group: one of its messages is enough for that."""
        number = self.numbers.popleft()
        message = self._early.pop(number, None)
        while message is None and self._refusal is None:
            try:
                came = self.flight.next(progress)
            except CommandRefused as problem:
                self._refusal = problem
                break
            if came is None:
                return number, None
            if came.uid == number:
                message = came
            elif came.uid is not None:
                self._early[came.uid] = came
        if message is None and self._refusal is not None:
            if self._alone or self._refusal.temporary:
                raise self._refusal
            raise _AskAgain
        return number, message


class _AskAgain(Exception):
    """Nobody knows whether this message was refused."""


class ImapSource:
    """What ReadAhead takes messages from; of one folder, on one connection at a time."""

    def __init__(self, client: Callable[[], Client], folder: OpenFolder, marks: Marks) -> None:
        self._client = client
        self._folder = folder
        self._marks = marks
        self._asked: deque[_Asked] = deque()
        self.sizes = Sizes(client, folder)

    def lost(self) -> None:
        """The connection is gone, and with it what was asked for."""
        self._asked.clear()
        self.sizes.lost()

    # -- for ReadAhead ------------------------------------------------------------------------------

    def most(self, *, headers_only: bool) -> int:
        return MOST

    def octets(self, number: int, *, headers_only: bool) -> int:
        # Headers differ less than it would take to ask.
        return LARGEST_HEADER if headers_only else self.sizes.of(number)

    def ask(self, numbers: Sequence[int], *, headers_only: bool) -> None:
        client = self._client()
        items = _HEADER_ITEMS if headers_only else _WHOLE_ITEMS
        with client.together():
            self._marks.send(client)
            for group in self._groups(numbers, headers_only=headers_only):
                self._asked.append(_Asked(group, client.begin_fetch(group, items)))
        self.sizes.walk(numbers[-1])

    def _groups(self, numbers: Sequence[int], *, headers_only: bool) -> Iterator[Sequence[int]]:
        """What to ask for by one command. The server gives its messages in ascending order: of a walk backwards the
        whole group has to come before the first can be taken, and groups are small."""
        group: list[int] = []
        octets = 0
        for number in numbers:
            backwards = len(group) > 0 and number < group[-1]
            if len(group) >= _PER_COMMAND or (backwards and (len(group) >= _BACKWARDS or octets > _BACKWARDS_OCTETS)):
                yield group
                group, octets = [], 0
            group.append(number)
            octets += 0 if headers_only else self.sizes.known(number) or 0
        yield group

    def receive(self, progress: Callable[[int], object] | None) -> bytes | None:
        asked = self._asked[0]
        if len(asked.numbers) == 1:
            self._asked.popleft()
        try:
            number, message = asked.take(progress)
        except _AskAgain:
            return None
        if message is None:
            self._folder.miss(number)
            raise MessageGone(number)
        if message.flags is not None:
            self._folder.note_flags(number, message.flags)
        sections = message.sections
        data = sections[""] if "" in sections else sections["HEADER"]
        if data is None:
            raise MessageGone(number)
        return data


class Sizes:
    """RFC822.SIZE, learnt in blocks along the walk: the next one is under way before it is needed."""

    def __init__(self, client: Callable[[], Client], folder: OpenFolder) -> None:
        self._client = client
        self._folder = folder
        self._known: dict[int, int] = {}
        self._flight: Flight | None = None
        self._block = _FIRST_BLOCK
        self._at = 0
        self._forwards = True
        # The last block: its end, and where the walk comes to before the next one is asked for; 0: it was.
        self._edge = self._horizon = 0

    def lost(self) -> None:
        """The connection is gone."""
        self._flight = None

    def known(self, number: int) -> int | None:
        """What is known without asking."""
        return self._known.get(number)

    def walk(self, number: int) -> None:
        """Somebody asks for this message, and perhaps for those behind it."""
        if number != self._at:
            self._forwards = number > self._at
            self._at = number

    def of(self, number: int) -> int:
        """The size of a message; 0 where there is none of that number."""
        size = self._known.get(number)
        if size is None:
            size = self._learn(number)
        elif self._horizon and (number >= self._horizon if self._forwards else number <= self._horizon):
            self._ask_beyond()
        return size

    def _learn(self, number: int) -> int:
        self._finish()
        if number not in self._known:
            self._ask_from(number)
            self._finish()
        return self._known.get(number, 0)

    def _finish(self) -> None:
        flight = self._flight
        while flight is not None and (message := flight.next()) is not None:
            if message.uid is not None and message.size is not None:
                self._known[message.uid] = message.size
        self._flight = None

    def _ask_beyond(self) -> None:
        """The block behind the last one."""
        if self._flight is not None:
            return
        self._horizon = 0
        uids = self._folder.roll.uids
        place = bisect_right(uids, self._edge) if self._forwards else bisect_left(uids, self._edge) - 1
        if 0 <= place < len(uids) and uids[place] not in self._known:
            self._ask_from(uids[place])

    def _ask_from(self, number: int) -> None:
        uids = self._folder.roll.uids
        place = bisect_left(uids, number)
        if self._forwards:
            block = uids[place : place + self._block] or [number]
        else:
            block = uids[max(0, place + 1 - self._block) : place + 1] or [number]
        first, last = min(block[0], number), max(block[-1], number)
        self._edge = last if self._forwards else first
        self._horizon = block[len(block) // 2] if len(block) > 1 else 0
        self._block = min(2 * self._block, _LARGEST_BLOCK)
        # Nobody else is between the two.
        self._flight = self._client().begin_fetch(NumberSet(((first, last),)), ("RFC822.SIZE",))
