"""Who sends: one process for each account of an outbox, known by a lock that the operating system ends with it."""

from __future__ import annotations

from typing import Protocol


class Ownership(Protocol):
    """Held until released; a forked child does not hold it."""

    @property
    def held(self) -> bool: ...

    def release(self) -> None: ...
