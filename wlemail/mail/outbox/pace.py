"""How fast messages may leave, where the provider counts them: a bucket that fills evenly. No threads, no waits."""

from __future__ import annotations

import time
from collections.abc import Callable


class Pace:
    """So many messages a minute at most, 0 for no limit. A second's worth may leave together after a pause."""

    def __init__(self, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = 60.0 / per_minute if per_minute > 0 else 0.0
        self._slack = max(0.0, 1.0 - self._interval) if self._interval else 0.0
        self._clock = clock
        self._next = clock()

    def delay(self) -> float:
        """The seconds until another message may leave; 0.0: now."""
        if not self._interval:
            return 0.0
        return max(0.0, self._next - self._slack - self._clock())

    def spend(self) -> None:
        """A message leaves."""
        if self._interval:
            self._next = max(self._next, self._clock()) + self._interval
