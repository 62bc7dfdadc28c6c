"""UID SEARCH (RFC 3501 6.4.4, RFC 4731): criteria as values, and servers that do not like CHARSET."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from ...errors import ProtocolViolation
from ..commands import Command, Content, Name, Octets, Part, Text, atom, day, flags
from ..connection import Pending
from ..dialogue import Dialogue
from ..numbers import number_set
from ..parsing.search import Found, FoundSet
from ..parsing.status import OK, Status
from .opening import learn_capabilities

# "1:4294967295" is an answer of twelve octets.
_MOST_FOUND = 10_000_000


class Criterion(NamedTuple):
    """What messages are searched for."""

    parts: tuple[Part, ...]


ALL = Criterion((b"ALL",))
SEEN, UNSEEN = Criterion((b"SEEN",)), Criterion((b"UNSEEN",))
DELETED, UNDELETED = Criterion((b"DELETED",)), Criterion((b"UNDELETED",))
FLAGGED, ANSWERED = Criterion((b"FLAGGED",)), Criterion((b"ANSWERED",))


def text(where: str, wanted: str) -> Criterion:
    """Messages with this text in SUBJECT, FROM, TO, CC, BCC, BODY or TEXT (header and body)."""
    return Criterion((atom(where.upper(), "SEARCH"), Text(wanted, "searched text")))


def header(name: str, wanted: str = "") -> Criterion:
    """Messages with this text in a header field; "" for any message that has the field."""
    return Criterion((b"HEADER", Text(name, "header name"), Text(wanted, "searched text")))


def keyword(name: str, *, present: bool = True) -> Criterion:
    """Messages that have a keyword ("$Forwarded"), or have it not."""
    return Criterion((b"KEYWORD" if present else b"UNKEYWORD", *flags([name])))


def since(when: date) -> Criterion:
    """Messages that arrived on this day or later."""
    return Criterion((b"SINCE", day(when)))


def before(when: date) -> Criterion:
    """Messages that arrived before this day."""
    return Criterion((b"BEFORE", day(when)))


def larger(octets: int) -> Criterion:
    """Messages of more octets."""
    return Criterion((b"LARGER", str(int(octets)).encode()))


def uids(numbers: Iterable[int]) -> Criterion:
    """Messages of these UIDs."""
    return Criterion((b"UID", str(number_set(numbers)).encode()))


def uids_from(first: int) -> Criterion:
    """Messages of this UID and later; and the last one, whatever its UID is (RFC 3501 6.4.8)."""
    return Criterion((b"UID", f"{int(first)}:*".encode()))


def all_of(*criteria: Criterion) -> Criterion:
    """Messages that meet all of these."""
    return Criterion((tuple(part for each in criteria for part in each.parts),)) if criteria else ALL


def either(first: Criterion, second: Criterion) -> Criterion:
    """Messages that meet one of these or both."""
    return Criterion((b"OR", first.parts, second.parts))


def none_of(criterion: Criterion) -> Criterion:
    """Messages that do not meet this."""
    return Criterion((b"NOT", criterion.parts))


def search(dialogue: Dialogue, *criteria: Criterion) -> list[int]:
    """The UIDs of the messages that meet all criteria, ascending."""
    parts = tuple(part for each in criteria or (ALL,) for part in each.parts)
    beyond_ascii = not all(map(_is_ascii, parts))
    # RFC 6855 3: no CHARSET once UTF8=ACCEPT is enabled.
    if not beyond_ascii or dialogue.connection.mode.utf8:
        return _numbers(dialogue, dialogue.ask(_command(dialogue, parts)))
    pending = dialogue.ask_anyway(_command(dialogue, (b"CHARSET", b"UTF-8", *parts)))
    if pending.status is not None and _names_charset(pending.status):
        # QUIRK: Exchange knows no CHARSET but US-ASCII, and understands UTF-8 where none is named.
        pending = dialogue.ask_anyway(_command(dialogue, parts))
    dialogue.check(pending)
    return _numbers(dialogue, pending)


def _names_charset(status: Status) -> bool:
    """Whether it is the character set that the server does not like; some say so without a code."""
    return status.code_name == "BADCHARSET" or (status.condition != OK and "charset" in status.text.lower())


def _is_ascii(part: Part) -> bool:
    if isinstance(part, Text):
        return part.value.isascii()
    if isinstance(part, (bytes, Octets, Name, Content)):
        return True
    return all(map(_is_ascii, part))


def _command(dialogue: Dialogue, parts: tuple[Part, ...]) -> Command:
    # A mailbox of 10,000 messages is "1:10000" by ESEARCH and 49,000 octets without.
    compact: tuple[Part, ...] = ()
    if learn_capabilities(dialogue) & {"ESEARCH", "IMAP4REV2"}:
        compact = (b"RETURN", (b"ALL",))
    return Command("UID SEARCH", (*compact, *parts), (Found, FoundSet))


def _numbers(dialogue: Dialogue, pending: Pending) -> list[int]:
    if pending.status is None or pending.status.condition != OK:
        raise AssertionError("numbers of a search that failed")
    numbers: set[int] = set()
    for each in pending.arrived:
        if isinstance(each, Found):
            numbers.update(each.numbers)
        elif isinstance(each, FoundSet) and each.all is not None:
            if len(each.all) > _MOST_FOUND:
                problem = ProtocolViolation(f"the server found {len(each.all)} messages, more than any mailbox has")
                dialogue.break_off(problem)
                raise problem
            numbers.update(each.all)
    return sorted(numbers)
