"""What concerns windows, for scripts that have none."""

from __future__ import annotations

__all__ = ["HourGlass", "Sablier"]


def HourGlass(State: object = True) -> None:
    """Show or hide the hourglass: there is no pointer here, so that this does nothing. French: Sablier."""


Sablier = HourGlass
