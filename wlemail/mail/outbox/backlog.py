"""The messages that a worker has claimed and not sent, between the clerk who claims them and the threads that send.

A message counts as being sent, in the file, before its final octets leave. That costs a sync, so some messages are
marked ahead: the sync then runs while others are on the way. More are where the server is faster than the disk, but no
more than need be, for what is marked cannot be cancelled any more.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from itertools import islice

from ...errors import MailError, MessageCancelled
from ..interfaces import Source
from .pace import Pace
from .values import Claimed

#: Claimed messages: when there are no more than the fewest, they are filled up to the most.
_FEWEST, _MOST = 32, 64
#: Messages that are marked ahead, at first and at most.
_AHEAD, _FARTHEST = 4, 32
#: seconds: a disk that takes longer for a sync is slow
_SLOW = 0.004
#: Another connection takes four round trips to open: as much as it takes the open ones to send a few messages each, or
#: a message that waits behind a large one for so many seconds.
_FEW, _LONG = 4, 1.0
_SLICE = 0.25 if sys.platform == "win32" else threading.TIMEOUT_MAX  # Ctrl-C does not end a wait for a lock there


class Item:
    """One claimed message."""

    __slots__ = ("asked", "begun", "message", "problem", "since", "source")

    def __init__(self, message: Claimed, since: float) -> None:
        self.message = message
        self.since = since
        #: the clerk has been asked to mark it as being sent
        self.asked = False
        #: it is marked so; False: it was cancelled meanwhile; None: not yet
        self.begun: bool | None = None
        #: its content, where it was read ahead
        self.source: Source | None = None
        self.problem: MailError | None = None


class Call(Enum):
    """Why a sending thread wakes up."""

    WORK = "there is something to send"
    IDLE = "there was nothing for a while"
    STOP = "the worker closes"


class Backlog:
    """All of it under one lock, which is never held while anything else waits."""

    def __init__(self, pace: Pace, clock: Callable[[], float] = time.monotonic) -> None:
        self._pace = pace
        self._clock = clock
        self._lock = threading.Lock()
        self._for_clerk = threading.Condition(self._lock)
        self._for_senders = threading.Condition(self._lock)
        self._for_marks = threading.Condition(self._lock)
        self._for_drain = threading.Condition(self._lock)
        self._ready: deque[Item] = deque()
        self._asked: list[Item] = []
        self._ahead = _AHEAD
        self._under_way = 0
        self._news = True
        self._stopped = False
        self._ended = False
        #: threads that have a connection, and those among them with nothing to do; threads without one that wait
        self._connected = 0
        self._idle = 0
        self._spare = 0
        #: no connection is opened before, and none beside others
        self._opens_at = self._more_at = clock()
        self._hopeless = False
        #: who drains asks whether anything is due; the clerk answers the questions that came before it looked
        self._question = 0
        self._answer = 0

    # -- the clerk ------------------------------------------------------------------------------------

    @property
    def stopped(self) -> bool:
        return self._stopped

    @property
    def ended(self) -> bool:
        return self._ended

    @property
    def is_busy(self) -> bool:
        """Whether messages have been taken and not accounted for."""
        return self._under_way > 0

    @property
    def is_full(self) -> bool:
        """Whether nothing more is claimed before some have been taken."""
        return len(self._ready) > _FEWEST

    @property
    def connections(self) -> int:
        return self._connected

    def begin_turn(self) -> tuple[int, bool]:
        """The clerk looks at everything now: the number of the last question, and whether it is not answered yet."""
        with self._lock:
            self._news = False
            return self._question, self._question > self._answer

    def tell(self) -> None:
        """Something may have become due."""
        with self._lock:
            self._news = True
            self._for_clerk.notify()

    def room(self) -> int:
        """How many messages to claim now."""
        with self._lock:
            if self._stopped or len(self._ready) > _FEWEST or self._clock() < self._opens_at:
                return 0
            return _MOST - len(self._ready)

    def fill(self, messages: Iterable[Claimed]) -> None:
        """Add what was claimed."""
        now = self._clock()
        with self._lock:
            self._ready += [Item(message, now) for message in messages]
            self._for_senders.notify_all()

    def nothing_due(self, question: int) -> bool:
        """The clerk has found nothing more: that answers the question, unless something is still under way."""
        with self._lock:
            quiet = not (self._ready or self._under_way)
            if quiet:
                self._ahead = _AHEAD
                self._answer = question
                self._for_drain.notify_all()
            return quiet

    def to_begin(self) -> list[Item]:
        """Those that have to be marked as being sent, and as many ahead of them as is worth while."""
        with self._lock:
            items, self._asked = self._asked, []
            if items or self._runs_short():
                items += [item for item in islice(self._ready, self._ahead) if not item.asked]
                for item in items:
                    item.asked = True
            return items

    def _runs_short(self) -> bool:
        """Whether half of what was marked ahead has been taken."""
        if not self._under_way or not self._ready:
            return False
        half = min(self._ahead // 2, len(self._ready) - 1)
        return not self._ready[half].asked

    def begin(
        self, items: Sequence[Item], numbers: Iterable[int], problem: MailError | None = None, *, took: float = 0.0
    ) -> None:
        """These numbers are marked now, which took so many seconds, other items were cancelled; a problem: none could
        be marked."""
        begun = frozenset(numbers)
        with self._lock:
            if took > _SLOW:
                # While the disk syncs, nothing else can be written: let it do so less often.
                self._ahead = min(_FARTHEST, 2 * self._ahead)
            for item in items:
                item.problem = problem
                item.asked = problem is None
                if problem is None:
                    item.begun = item.message.id in begun
            self._for_marks.notify_all()

    def wait_for_clerk(self, seconds: float) -> None:
        """Until there is something for the clerk to do; so long at most."""
        with self._lock:
            if not (self._news or self._asked):
                self._for_clerk.wait(seconds)

    def pause(self, seconds: float) -> None:
        """The clerk cannot work now."""
        with self._lock:
            if not self._ended:
                self._for_clerk.wait_for(lambda: self._ended, seconds)

    def give_back(self) -> list[int]:
        """Empty the backlog; the numbers of those that nobody had taken, which count as taken until they are `done`."""
        with self._lock:
            items = list(self._ready)
            self._ready.clear()
            self._under_way += len(items)
        for item in items:
            self.settle_mark(item)
        return [item.message.id for item in items]

    def wants_thread(self, threads: int, most: int) -> bool:
        """Whether another thread has something to do."""
        with self._lock:
            if threads >= most or self._spare or self._idle or self._stopped or not self._ready:
                return False
            return self._may_open_at() <= self._clock()

    # -- the senders ----------------------------------------------------------------------------------

    def wait(self, seconds: float, *, connected: bool) -> Call:
        """Until there is something to send for a thread with or without a connection; so long at most."""
        until = self._clock() + seconds
        with self._lock:
            self._count_waiting(connected, 1)
            try:
                while not self._stopped:
                    now = self._clock()
                    wake = until
                    if self._ready:
                        at = now + self._pace.delay()
                        if not connected:
                            at = max(at, self._may_open_at())
                        if at <= now:
                            return Call.WORK
                        wake = min(until, at)
                    if now >= until:
                        return Call.IDLE
                    self._for_senders.wait(min(wake - now, threading.TIMEOUT_MAX))
                return Call.STOP
            finally:
                self._count_waiting(connected, -1)

    def _count_waiting(self, connected: bool, change: int) -> None:
        if connected:
            self._idle += change
        else:
            self._spare += change

    def _may_open_at(self) -> float:
        """When what waits is worth a connection, or another one."""
        if not self._connected:
            return self._opens_at
        at = max(self._opens_at, self._more_at)
        if not self._idle and len(self._ready) > _FEW * self._connected:
            return at
        return max(at, self._ready[0].since + _LONG)

    def take(self) -> Item | None:
        """The next message, None where there is none that may leave now."""
        with self._lock:
            while self._ready and not self._stopped and not self._pace.delay():
                item = self._ready.popleft()
                if item.begun is False:
                    continue
                self._pace.spend()
                self._under_way += 1
                if not item.asked:
                    item.asked = True
                    self._asked.append(item)
                if self._asked or self._runs_short() or len(self._ready) <= _FEWEST:
                    self._news = True
                    self._for_clerk.notify()
                return item
            return None

    def wait_until_begun(self, item: Item) -> None:
        """Until it is marked as being sent; MessageCancelled, or why it cannot be."""
        with self._lock:
            if item.begun is None and item.problem is None:
                self._ahead = min(_FARTHEST, 2 * self._ahead)
                while item.begun is None and item.problem is None and not self._ended:
                    self._for_marks.wait()
            if item.problem is not None:
                raise item.problem
            if not item.begun:
                raise MessageCancelled(item.message.id)

    def settle_mark(self, item: Item) -> None:
        """Before anything is written about an item, it is marked as being sent or will not be: a mark that came later
        would stay for ever."""
        with self._lock:
            if item in self._asked:
                self._asked.remove(item)
                item.asked = False
            while item.asked and item.begun is None and not self._ended:
                self._for_marks.wait()

    def done(self, count: int) -> None:
        """So many that were taken have been recorded or given back."""
        with self._lock:
            self._under_way -= count
            self._news = True
            self._for_clerk.notify()

    def connected(self, change: int) -> None:
        """A connection more, or less."""
        with self._lock:
            self._connected += change
            self._for_senders.notify_all()

    def open_no_more_for(self, seconds: float) -> None:
        """No connection could be opened beside those that are: they do it alone for so long."""
        with self._lock:
            self._more_at = self._clock() + seconds

    def open_again_in(self, seconds: float, *, hopeless: bool = False) -> None:
        """No connection could be opened: none is tried for so long. `hopeless`: it will hardly go better then."""
        with self._lock:
            self._opens_at = self._clock() + seconds
            self._hopeless = hopeless
            self._for_drain.notify_all()
            self._for_senders.notify_all()

    # -- the ends -------------------------------------------------------------------------------------

    def drain(self, seconds: float) -> bool:
        """Wait until nothing is due, so long at most; whether anything still is."""
        until = self._clock() + seconds
        with self._lock:
            self._question += 1
            question = self._question
            self._news = True
            self._for_clerk.notify()
            while self._answer < question and not self._stopped and not self._hopeless:
                left = until - self._clock()
                if left <= 0:
                    break
                self._for_drain.wait(min(left, _SLICE))
            return self._answer < question

    def stop(self) -> None:
        """Nothing more is taken."""
        with self._lock:
            self._stopped = True
            self._for_senders.notify_all()
            self._for_drain.notify_all()

    def end(self) -> None:
        """Nothing is done any more."""
        with self._lock:
            self._stopped = self._ended = self._news = True
            for condition in (self._for_clerk, self._for_senders, self._for_marks, self._for_drain):
                condition.notify_all()
