"""Reading ahead of a script that walks through a mailbox, bounded in octets. Knows numbers, no protocol.

Nothing is read ahead of a single message. A walk starts with little and is given more with each group that it asks
for, up to what makes a group cheap; and beyond that as long as it has to wait: the window ends up as large as line and
server need it to be, and what was read in vain when the walk ends stays small beside what was read.
What was asked for comes in the order in which it was asked for; a refusal is kept until the script comes to it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from ..errors import Refused

#: Octets that may be under way or held, at most.
LIMIT = 16 << 20
#: Octets for the first steps of a walk, some messages of ordinary size.
START = 64 << 10
#: Octets from which on larger groups cost hardly less: a group is a round trip, and a command on both sides.
ENOUGH = 1 << 20
#: A message counts for this much at least; a header for as much as most have, for no server tells its size.
_SMALLEST = 512
LARGEST_HEADER = 8 << 10
#: Seconds that taking a message may last without being called waiting.
_WAITING = 0.002

_Key = tuple[int, bool]


class Source(Protocol):
    """A connection on which messages can be asked for before they are taken."""

    def most(self, *, headers_only: bool) -> int:
        """How many messages may be asked for and not taken; 1: no reading ahead."""

    def octets(self, number: int, *, headers_only: bool) -> int:
        """How much a message, or its header, counts for; the server may have to be asked for that."""

    def ask(self, numbers: Sequence[int], *, headers_only: bool) -> None:
        """Ask for messages or their headers."""

    def receive(self, progress: Callable[[int], object] | None) -> bytes | None:
        """The next that was asked for; None where it has to be asked for again; Refused where it will not come.

        `progress` is called with the octets that have come."""


class ReadAhead:
    """What a session has asked for and not taken yet."""

    def __init__(self, source: Source, *, limit: int = LIMIT, clock: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._limit = limit
        self._clock = clock
        #: octets that may be under way now
        self.window = 0
        #: octets that are asked for or kept
        self.octets = 0
        # What is asked for or kept, with its octets.
        self._under_way: dict[_Key, int] = {}
        # Asked for, in order; the first `_unwanted` answers belong to a walk that was given up. Say 4 to 6 are under
        # way and the walk jumps to 40 (to the last message): what is on the line cannot be called back.
        #
        #     answers to come:   4 5 6          4 5 6 40
        #     _unwanted:         0              3            read past, and kept nowhere
        #     _flight:           4 5 6          40
        #     _under_way:        4 5 6          40           (and what is in `_kept`, of this walk alone)
        #
        # Where the walk comes back to 4 it is asked for anew, behind 40. A single message that is read in between (no
        # step of a walk) gives nothing up: 4 to 6 come in front of it, and are kept.
        self._flight: deque[_Key] = deque()
        self._unwanted = 0
        # Arrived before the script came to it, in the order of the walk.
        self._kept: dict[_Key, bytes | Refused] = {}
        self._held = 0
        # Where the walk should come to next.
        self._expected: _Key | None = None
        # All to the end of the mailbox is under way: whether more has come is looked at when so few are left.
        self._few: int | None = None

    def forget(self) -> None:
        """The connection is gone, and with it what was asked for; what has arrived counts."""
        for key in self._flight:
            self.octets -= self._under_way.pop(key)
        self._flight.clear()
        self._unwanted = 0

    def drop(self, number: int) -> None:
        """Nobody wants this message any more."""
        for key in ((number, False), (number, True)):
            if key in self._kept:
                self._unkeep(key)

    def fetch(
        self,
        number: int,
        *,
        headers_only: bool,
        progress: Callable[[int], object] | None = None,
        upcoming: Iterable[int] | None = None,
    ) -> bytes:
        """The message; `upcoming` are the numbers that a walk comes to next, None where this is no step of a walk."""
        key = number, headers_only
        is_new = key not in self._under_way
        if upcoming is not None:
            self._step(key, is_new)
        if is_new:
            # First of all: learning how large the others are may take a while.
            self._ask({number: _SMALLEST}, headers_only)
        if upcoming is not None:
            planned = self._planned(key, upcoming)
            if planned:
                self._ask(planned, headers_only)
                if self.window < ENOUGH:
                    self.window = min(2 * self.window, self._limit)
        began = self._clock()
        message = self._take(key, progress, keeping=is_new or upcoming is None)
        if self._clock() - began > _WAITING:
            self.window = min(2 * self.window, self._limit)
        if isinstance(message, Refused):
            raise message
        return message

    # -- what to ask for ----------------------------------------------------------------------------

    def _step(self, key: _Key, is_new: bool) -> None:
        """The walk comes to this message: as expected, or elsewhere, and then one message is no walk yet."""
        if is_new and key != self._expected:
            self.window = 0
            self._give_up()
        elif not self.window:
            self.window = START

    def _give_up(self) -> None:
        self._unwanted += len(self._flight)
        self._flight.clear()
        self._kept.clear()
        self._under_way.clear()
        self._few = None
        self.octets = self._held = 0

    def _planned(self, key: _Key, upcoming: Iterable[int]) -> dict[int, int]:
        """What to ask for now behind this message, with its octets. Groups cost less than single ones: nothing while
        half of what may be under way is."""
        headers_only = key[1]
        octets = self.octets - self._under_way.get(key, 0)
        most = self._source.most(headers_only=headers_only)
        room = most - len(self._flight)
        self._expected = None
        planned: dict[int, int] = {}
        under_way = len(self._under_way)
        for number in upcoming:
            if self._expected is None:
                self._expected = number, headers_only
                if room < most // 2 or most < 2 or not self.window or octets > self.window // 2:
                    break
                if self._few is not None and self._few < under_way and self._expected in self._under_way:
                    break
                self._few = None
            if (number, headers_only) in self._under_way:
                continue
            cost = self._cost(number, headers_only)
            octets += cost
            # A message that is larger than the window is still the next one, if it may be held at all.
            fits = octets <= self.window or (self._expected[0] == number and octets <= self._limit)
            if not fits or len(planned) >= room:
                break
            planned[number] = cost
        else:
            self._few = under_way // 2
        return planned

    def _cost(self, number: int, headers_only: bool) -> int:
        return max(_SMALLEST, self._source.octets(number, headers_only=headers_only))

    def _ask(self, wanted: Mapping[int, int], headers_only: bool) -> None:
        """Ask for these numbers, which count for so many octets each."""
        self._source.ask(list(wanted), headers_only=headers_only)
        for number, cost in wanted.items():
            key = number, headers_only
            self._under_way[key] = cost
            self.octets += cost
            self._flight.append(key)

    # -- what has come ------------------------------------------------------------------------------

    def _take(self, key: _Key, progress: Callable[[int], object] | None, *, keeping: bool) -> bytes | Refused:
        """The message. What comes before it is kept, or was passed by: deleted before the walk came to it."""
        if key in self._kept:
            for earlier in list(self._kept):
                message = self._unkeep(earlier)
                if earlier == key:
                    break
            return message
        while True:
            if self._unwanted:
                self._receive(None)
                self._unwanted -= 1
                continue
            first = self._flight[0]
            # Where this is the end of the connection, `forget` finds the message among those that were asked for.
            arrived = self._receive(progress if first == key else None)
            self._flight.popleft()
            if first == key and arrived is not None:
                self.octets -= self._under_way.pop(first)
                return arrived
            if arrived is not None and keeping:
                self._keep(first, arrived)
            else:
                self.octets -= self._under_way.pop(first)
            if first == key:
                self._ask({key[0]: _SMALLEST}, key[1])
                keeping = True

    def _receive(self, progress: Callable[[int], object] | None) -> bytes | Refused | None:
        try:
            return self._source.receive(progress)
        except Refused as problem:
            return problem

    def _keep(self, key: _Key, message: bytes | Refused) -> None:
        size = len(message) if isinstance(message, bytes) else 0
        if self._held + size > self._limit:
            # It is larger than the server had said, and will be asked for again.
            self.octets -= self._under_way.pop(key)
            return
        self._kept[key] = message
        self._held += size

    def _unkeep(self, key: _Key) -> bytes | Refused:
        message = self._kept.pop(key)
        self.octets -= self._under_way.pop(key)
        self._held -= len(message) if isinstance(message, bytes) else 0
        return message
