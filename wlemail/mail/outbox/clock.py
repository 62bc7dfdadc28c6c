"""What time it is, for messages that wait: the wall clock to show and to plan by, and one that cannot be set for ages.

A computer without a battery for its clock starts in 1970 and jumps once it has asked the network; a user corrects the
year. Neither may make a message fifty years old that was queued a minute ago. So a message remembers, beside the time,
how long the machine had been running and which start of it that was: while it is the same one, its age is exact.
"""

from __future__ import annotations

import sys
import time
import uuid
from typing import NamedTuple


class Moment(NamedTuple):
    """One reading of both clocks."""

    #: seconds since the epoch, as far as the machine knows
    wall: float
    #: seconds that the machine has been running, sleep included
    ticks: float
    #: which start of the machine (or, where that cannot be known, of this process) the ticks count from
    boot: str


def age(now: Moment, then: Moment) -> float:
    """The seconds from one to the other, never negative."""
    if now.boot == then.boot:
        return max(0.0, now.ticks - then.ticks)
    return max(0.0, now.wall - then.wall)


class Clock:
    """The machine's clocks."""

    def __init__(self) -> None:
        self._boot = _boot_id()

    def now(self) -> Moment:
        return Moment(time.time(), _ticks(), self._boot)


def at(clock: Clock, wall: float | None) -> Moment:
    """The moment that it would be if the wall clock had gone on until `wall`; None: now."""
    now = clock.now()
    return now if wall is None else Moment(wall, now.ticks + wall - now.wall, now.boot)


def _ticks() -> float:
    # time.monotonic() stands still while a laptop sleeps, but on Windows. These do not.
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    elif sys.platform == "darwin":  # noqa: RET505 - mypy takes what follows a return for unreachable elsewhere
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    else:
        return time.monotonic()


def _boot_id() -> str:
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read(64).strip()
    except (OSError, UnicodeError):
        return uuid.uuid4().hex
