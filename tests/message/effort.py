"""How much work something takes: traps are inputs for which a careless parser takes the square of the time."""

from __future__ import annotations

import time
from collections.abc import Callable

#: of processor time, in seconds: what is linear takes a hundredth of it, and the square of the time several minutes
MOST = 5


def takes_little(work: Callable[[], object]) -> None:
    """Do it, and fail where it took the square of the time."""
    began = time.process_time()
    work()
    assert time.process_time() - began < MOST
