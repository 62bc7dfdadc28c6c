"""A bar that grows in one line of a terminal; elsewhere it shows nothing."""

from __future__ import annotations

import sys
import time

from .console import Console

_WIDTH = 30
#: seconds between two drawings
_PAUSE = 0.1


class ProgressBar:
    """How far a row of steps has come. It is drawn on stderr, so that what is piped elsewhere holds no bar."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._begun = time.monotonic()
        self._drawn = 0.0
        # A terminal that cannot move back to the line's beginning would get a line for each drawing.
        self._shown = total > 0 and sys.stderr is not None and sys.stderr.isatty()
        self._console = Console(sys.stderr) if self._shown else None

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *failure: object) -> None:
        if self._console is not None and self._drawn:
            self._console.over("")

    def show(self, done: int, remark: str = "") -> None:
        """Draw it; calls that come too soon after the last one are left out."""
        now = time.monotonic()
        if self._console is None or (now - self._drawn < _PAUSE and done < self._total):
            return
        self._drawn = now
        full = _WIDTH * min(done, self._total) // self._total
        rate = done / max(now - self._begun, 0.001)
        self._console.over(f"  [{'█' * full}{'░' * (_WIDTH - full)}] {done}/{self._total}  {rate:.0f}/s  {remark}")
