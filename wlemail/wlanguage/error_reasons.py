"""French for what the rooms below say in English inside their exceptions: reasons, and the names of members.

Those rooms know one language; a reason that is not here is told in English.
"""

from __future__ import annotations

_REASONS: dict[str, str] = {}

# Reasons that hold a value: what stands before it, and the French for that.
_BEGINNINGS: tuple[tuple[str, str], ...] = ()

_MEMBERS: dict[str, str] = {}


def reason(english: str) -> str:
    """A reason in French, or as it is where no French is known."""
    known = _REASONS.get(english)
    if known is not None:
        return known
    for beginning, french in _BEGINNINGS:
        if english.startswith(beginning):
            return french + english[len(beginning) :]
    return english


def member(english: str) -> str:
    """The French name of a member or parameter; an index or a member of a member behind it stays."""
    name = english
    for mark in "[.":
        name = name.partition(mark)[0]
    return _MEMBERS.get(name, name) + english[len(name) :]
