"""What was found: SEARCH, SORT, ESEARCH."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..numbers import NumberSet, number_set, parse_set
from ..scanner import Scanner, optional_number, optional_text

# The numbers of SEARCH come by the hundred thousand: they are matched as one and split as one.
_NUMBERS = re.compile(rb"[ 0-9]*")
_LONGEST = re.compile(rb"[0-9]{21}")


@dataclass(frozen=True)
class Found:
    """SEARCH or SORT: the messages, in the server's order; `modseq`: the highest of theirs (RFC 7162 3.1.5)."""

    numbers: tuple[int, ...]
    modseq: int | None = None
    kind: str = "SEARCH"


@dataclass(frozen=True)
class FoundSet:
    """ESEARCH (RFC 4731): what was asked for by RETURN."""

    #: of the command that it answers, "" where the server does not say
    tag: str = ""
    #: the numbers are UIDs
    uid: bool = False
    all: NumberSet | None = None
    count: int | None = None
    min: int | None = None
    max: int | None = None
    modseq: int | None = None


def found(kind: str, words: Scanner) -> Found:
    """SEARCH, SORT."""
    octets = words.take(_NUMBERS)[0]
    if _LONGEST.search(octets):
        raise words.malformed()
    modseq = None
    if not words.ended:
        values = words.list()
        modseq = optional_number(values[1]) if len(values) == 2 and values[0] == b"MODSEQ" else None
    return Found(tuple(map(int, octets.split())), modseq, kind)


def found_set(words: Scanner) -> FoundSet:
    """ESEARCH: [(TAG "x")] [UID] then pairs of name and value."""
    tag = ""
    uid = False
    values: dict[str, object] = {}
    while not words.ended:
        value = words.value()
        if isinstance(value, tuple):
            if len(value) == 2 and not values:
                tag = optional_text(value[1]) or ""
        elif value is not None and value.upper() == b"UID" and not values:
            uid = True
        else:
            name = (value or b"").decode("ascii", "replace").lower()
            argument = words.value()
            if name == "all" and isinstance(argument, bytes):
                # "$" and the empty string stand for no message (RFC 4731 3.1 leaves ALL out then).
                values[name] = parse_set(argument) if argument else number_set(())
                if values[name] is None:
                    raise words.malformed()
            elif name in ("count", "min", "max", "modseq"):
                values[name] = optional_number(argument)
            else:
                values[""] = argument  # an extension of RETURN that we did not ask for
    values.pop("", None)
    return FoundSet(tag, uid, **values)  # type: ignore[arg-type]
