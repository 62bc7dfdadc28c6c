"""Modules that are imported when they are first used: importing the face must cost little, and so must its calls."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Late:
    """Stands for a module of this package. What was used of it once is found without another import statement, of
    which each costs more than a call."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        module = __import__(f"{__package__}.{self._name}", fromlist=[name])
        found = getattr(module, name)
        setattr(self, name, found)
        return found
