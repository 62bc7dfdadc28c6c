"""Flags as clients write them (RFC 3501 2.3.2)."""

from __future__ import annotations

from collections.abc import Iterable

from ..accounts import SYSTEM_FLAGS, Problem
from .grammar import Malformed

#: keywords of one message, and characters of one
MAX_KEYWORDS = 100
MAX_LENGTH = 200

_SYSTEM = {flag.casefold(): flag for flag in SYSTEM_FLAGS}


def checked_flags(names: Iterable[str]) -> set[str]:
    """Flags that may be set: those of the system in their own spelling, keywords as they are."""
    found = set()
    for name in names:
        flag = _SYSTEM.get(name.casefold(), name)
        if flag.casefold() == "\\recent":
            raise Malformed("\\Recent is the server's")
        if flag.startswith("\\") and flag not in SYSTEM_FLAGS:
            raise Problem(f"there is no flag {flag}", "CANNOT")
        if len(flag) > MAX_LENGTH:
            raise Problem("a keyword that long", "LIMIT")
        found.add(flag)
    if len(found) > MAX_KEYWORDS:
        raise Problem("too many keywords", "LIMIT")
    return found


def without(flags: set[str], removed: Iterable[str]) -> set[str]:
    """The flags but for those; letters of either case are one (RFC 3501 2.3.2)."""
    names = {flag.casefold() for flag in removed}
    return {flag for flag in flags if flag.casefold() not in names}


def united(flags: set[str], added: Iterable[str]) -> set[str]:
    """The flags and those; a keyword that is there already keeps its spelling."""
    names = {flag.casefold() for flag in flags}
    return flags | {flag for flag in added if flag.casefold() not in names}
