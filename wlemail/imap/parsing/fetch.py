"""FETCH (RFC 3501 7.4.2): what was asked of a message, and what the server tells unasked.

The octets of sections are those that were received, without another copy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any, NamedTuple

from ..scanner import Malformed, Scanner, Value, optional_number, text, texts
from .envelope import Envelope, envelope
from .structure import Part, structure

_QUOTED = rb'"(?:[^"\\]|\\.)*"'
# A name, a section where it has one (which may hold strings and even literals), the origin of a partial answer.
_ITEM = re.compile(rb' *([A-Za-z0-9.\-_]+)(\[[^\]"\0]*(?:(?:' + _QUOTED + rb'|\0)[^\]"\0]*)*\])?(<\d+>)?')
_OPEN = re.compile(rb" *\(")
_CLOSE = re.compile(rb" *\) *\Z")
_DATE = re.compile(
    r" *(\d{1,2})-(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)-(\d{4})"
    r" +(\d\d):(\d\d):(\d\d) +([+-])(\d\d)(\d\d) *",
    re.IGNORECASE,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Fetched(NamedTuple):
    """One message, as far as it was told."""

    #: the sequence number
    number: int
    uid: int | None = None
    flags: tuple[str, ...] | None = None
    #: octets, as the server counts them
    size: int | None = None
    internal_date: datetime | None = None
    modseq: int | None = None
    envelope: Envelope | None = None
    structure: Part | None = None
    #: what BODY[…] gave, by what stood in the brackets in upper case ("" the whole message, "HEADER", "1.2",
    #: "TEXT<0>"); None where the server has nothing to give. BINARY[…] keeps its name: "BINARY[1]".
    sections: Mapping[str, bytes | None] = _NOTHING
    #: whatever else was told: EMAILID, X-GM-LABELS, SAVEDATE …
    others: Mapping[str, Value] = _NOTHING


#: A response as nearly all are where whole messages or headers were asked for, up to its literal, behind which it ends.
MESSAGE = re.compile(
    rb"\* (\d{1,10}) FETCH \((?:FLAGS \(([!#-'*-z|}~ ]*)\) )?UID (\d{1,10}) (?:FLAGS \(([!#-'*-z|}~ ]*)\) )?"
    rb"BODY\[(HEADER)?\] \{(\d{1,10})\}\r\n"
)


#: The answer to a question for sizes.
SIZE = re.compile(
    rb"\* (\d{1,10}) FETCH \((?:UID (\d{1,10}) RFC822\.SIZE (\d{1,19})|RFC822\.SIZE (\d{1,19}) UID (\d{1,10}))\)\r\n"
)


def size(found: re.Match[bytes]) -> Fetched:
    """The same as `fetched` makes of it."""
    number, uid, told, told_first, uid_behind = found.groups()
    return Fetched(int(number), int(uid or uid_behind), size=int(told or told_first))


def message(found: re.Match[bytes], literal: bytes) -> Fetched:
    """The same as `fetched` makes of it, in a fraction of the time."""
    number, early, uid, late, header, _ = found.groups()
    flags = early if late is None else late
    told = None if flags is None else tuple(flags.decode("ascii").split())
    return Fetched(int(number), int(uid), told, sections={"HEADER" if header else "": literal})


def fetched(number: int, words: Scanner) -> Fetched:
    """FETCH."""
    told: dict[str, object] = {}
    sections: dict[str, bytes | None] = {}
    others: dict[str, Value] = {}
    words.take(_OPEN)
    line = words.text
    while (found := _ITEM.match(line, words.at)) is not None:
        words.at = found.end()
        name, section, origin = found.groups()
        if section is not None:
            key = _section(section, words)
            if name.upper() != b"BODY":
                key = f"{text(name).upper()}[{key}]"
            sections[key if origin is None else key + origin.decode()] = words.octets()
            continue
        reader = _READERS.get(name) or _READERS.get(name.upper())
        if reader is not None:
            told[reader[0]] = reader[1](words)
            continue
        name = name.upper()
        if name in _OLD_SECTIONS:
            sections[_OLD_SECTIONS[name]] = words.octets()
        else:
            others[text(name)] = words.value()
    words.take(_CLOSE)
    return Fetched(number, sections=sections, others=others, **told)  # type: ignore[arg-type]


def _section(section: bytes, words: Scanner) -> str:
    """What stands in the brackets, as it is looked up."""
    inside = section[1:-1]
    while b"\0" in inside:
        inside = inside.replace(b"\0", words.literal(), 1)
    return inside.replace(b'"', b"").decode("utf-8", "surrogateescape").upper()


def _uid(words: Scanner) -> int:
    return words.number()


def _size(words: Scanner) -> int | None:
    # QUIRK: NIL, and negative sizes of messages that have more than 2 GiB.
    return optional_number(words.octets())


def _flags(words: Scanner) -> tuple[str, ...]:
    return texts(words.list())


def _modseq(words: Scanner) -> int | None:
    value = words.value()
    return optional_number(value[0] if isinstance(value, tuple) and value else None)


def _internal_date(words: Scanner) -> datetime | None:
    return internal_date(text(words.octets() or b""))


def _envelope(words: Scanner) -> Envelope | None:
    value = words.value()
    return None if value is None else envelope(value)


def _structure(words: Scanner) -> Part | None:
    value = words.value()
    try:
        return None if value is None else structure(value)
    except Malformed:
        # What else was told of this message is none the worse for it.
        return None


_READERS: Mapping[bytes, tuple[str, Callable[[Scanner], object]]] = {
    b"UID": ("uid", _uid),
    b"FLAGS": ("flags", _flags),
    b"RFC822.SIZE": ("size", _size),
    b"MODSEQ": ("modseq", _modseq),
    b"INTERNALDATE": ("internal_date", _internal_date),
    b"ENVELOPE": ("envelope", _envelope),
    b"BODYSTRUCTURE": ("structure", _structure),
    b"BODY": ("structure", _structure),
}
_OLD_SECTIONS: Mapping[bytes, str] = {b"RFC822": "", b"RFC822.HEADER": "HEADER", b"RFC822.TEXT": "TEXT"}


def internal_date(written: str) -> datetime | None:
    """The time that INTERNALDATE writes ("17-Jul-1996 02:44:25 -0700"), None where it is none."""
    found = _DATE.fullmatch(written)
    if found is None:
        return None
    day, month, year, hour, minute, second, sign, zone_hours, zone_minutes = found.groups()
    offset = timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
    try:
        zone = timezone(-offset if sign == "-" else offset)
        at = _MONTHS.index(month.lower()) + 1
        return datetime(int(year), at, int(day), int(hour), int(minute), min(int(second), 59), tzinfo=zone)
    except ValueError:
        return None
