"""The words of a command (RFC 3501 9), read strictly: what is no IMAP is for the client's author to see.

Knows no command. A command is one text in which a NUL stands for each literal.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, TypeVar

from ...imap import utf7

if TYPE_CHECKING:
    from collections.abc import Callable

    T = TypeVar("T")

MARK = b"\0"
#: Lists in lists.
MAX_DEPTH = 50
#: What stands for `*` in a set.
LAST = 0

_ATOM = re.compile(rb"[^\x00-\x20\x7f-\xff(){%*\"\\\]]+")
_ASTRING = re.compile(rb"[^\x00-\x20\x7f-\xff(){%*\"\\]+")
_PATTERN = re.compile(rb"[^\x00-\x20\x7f-\xff(){\"\\]+")
_FLAG = re.compile(rb"\\?[^\x00-\x20\x7f-\xff(){%*\"\\\]]+")
_QUOTED = re.compile(rb'"((?:[^\x00\r\n"\\\x80-\xff]|\\["\\])*)"')
_QUOTED_UTF8 = re.compile(rb'"((?:[^\x00\r\n"\\]|\\["\\])*)"')
_ESCAPED = re.compile(rb"\\(.)")
_NUMBER = re.compile(rb"\d{1,10}(?!\d)")
_LONG_NUMBER = re.compile(rb"\d{1,19}(?!\d)")
_SET = re.compile(rb"(?:\*|[1-9]\d{0,9})(?::(?:\*|[1-9]\d{0,9}))?(?:,(?:\*|[1-9]\d{0,9})(?::(?:\*|[1-9]\d{0,9}))?)*")
_ITEM = re.compile(rb"[A-Za-z0-9.]+")
_DATE = re.compile(rb'("?)(\d{1,2})-([A-Za-z]{3})-(\d{4})\1')
_DATE_TIME = re.compile(rb'"([ \d]\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"')
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MAX_NUMBER = 2**32 - 1


class Malformed(Exception):
    """A command does not follow the grammar: BAD."""


class Arguments:
    """What follows a command's name, read from left to right."""

    def __init__(self, text: bytes, literals: list[bytes], *, utf8: bool = False) -> None:
        self._text = text
        self._literals = iter(literals)
        self._utf8 = utf8
        self._at = 0

    # -- where we are -----------------------------------------------------------------------------------

    @property
    def ended(self) -> bool:
        return self._at == len(self._text)

    def end(self) -> None:
        """Malformed unless nothing is left."""
        if not self.ended:
            raise self._wrong("the end of the command")

    def at(self, octets: bytes) -> bool:
        """Whether these octets, in any case of letters, come next."""
        return self._text[self._at : self._at + len(octets)].upper() == octets

    def skip(self, octets: bytes) -> bool:
        """Pass these octets if they come next; whether they did."""
        found = self.at(octets)
        self._at += len(octets) if found else 0
        return found

    def space(self) -> None:
        self._expect(b" ", "one space")

    def require(self, octets: bytes) -> None:
        """Pass these octets; Malformed where others come."""
        self._expect(octets, octets.decode("ascii"))

    def _expect(self, octets: bytes, what: str) -> None:
        if not self.skip(octets):
            raise self._wrong(what)

    def _wrong(self, wanted: str) -> Malformed:
        found = self._text[self._at : self._at + 20].replace(MARK, b"{literal}").decode("ascii", "replace")
        return Malformed(f"wanted {wanted} at {found!r}" if found else f"wanted {wanted}, found the end")

    def _take(self, pattern: re.Pattern[bytes], what: str) -> re.Match[bytes]:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise self._wrong(what)
        self._at = found.end()
        return found

    # -- words ------------------------------------------------------------------------------------------

    def atom(self) -> str:
        return self._take(_ATOM, "an atom")[0].decode("ascii")

    def word(self) -> str:
        """An atom that is one of the protocol's words, in capitals."""
        return self.atom().upper()

    def item_name(self) -> str:
        """Letters, digits and dots, in capitals: what FETCH items and their sections are called."""
        return self._take(_ITEM, "an item")[0].decode("ascii").upper()

    def at_digit(self) -> bool:
        return self._text[self._at : self._at + 1].isdigit()

    def number(self) -> int:
        number = int(self._take(_NUMBER, "a number")[0])
        if number > MAX_NUMBER:
            raise Malformed("a number has 32 bits")
        return number

    def modification(self) -> int:
        """A modification sequence, which has 63 bits (RFC 7162 7)."""
        return int(self._take(_LONG_NUMBER, "a number")[0])

    def astring(self) -> bytes:
        return self._string() if self.at(b'"') or self.at(MARK) else self._take(_ASTRING, "a string")[0]

    def searched(self) -> bytes:
        """A string of SEARCH, in the charset that the command names."""
        if self.at(b'"'):
            # QUIRK: imap_tools and others quote what RFC 3501 9 wants as a literal, and every server takes it.
            return _ESCAPED.sub(rb"\1", self._take(_QUOTED_UTF8, "a string")[1])
        return self.astring()

    def nstring(self) -> bytes | None:
        return None if self.skip(b"NIL") else self._string()

    def _string(self) -> bytes:
        if self.skip(MARK):
            return next(self._literals)
        found = self._take(_QUOTED_UTF8 if self._utf8 else _QUOTED, "a string")
        return _ESCAPED.sub(rb"\1", found[1])

    def text(self) -> str:
        """A string that names something: UTF-8."""
        return _decoded(self.astring())

    def mailbox(self) -> str:
        return self._name(self.astring())

    def pattern(self) -> str:
        """A mailbox name with wildcards (RFC 3501 9, list-mailbox)."""
        return self._name(self._string() if self.at(b'"') or self.at(MARK) else self._take(_PATTERN, "a pattern")[0])

    def _name(self, octets: bytes) -> str:
        name = _decoded(octets)
        return name if self._utf8 else utf7.decode(name)

    def rest(self) -> bytes:
        """All that is left."""
        rest = self._text[self._at :]
        self._at = len(self._text)
        return rest

    def flag(self) -> str:
        return self._take(_FLAG, "a flag")[0].decode("ascii")

    def listed(self, read: Callable[[], T], *, empty: bool = False) -> list[T]:
        """A list in parentheses."""
        self._expect(b"(", "a list")
        if empty and self.skip(b")"):
            return []
        found = [read()]
        while not self.skip(b")"):
            self.space()
            found.append(read())
        return found

    # -- values -----------------------------------------------------------------------------------------

    def number_set(self) -> list[tuple[int, int]]:
        """Ranges of numbers; LAST for `*`."""
        return _ranges(self._take(_SET, "a set of numbers")[0])

    def at_set(self) -> bool:
        return _SET.match(self._text, self._at) is not None

    def date(self) -> date:
        found = self._take(_DATE, "a date")
        return _checked_date(found[2], found[3], found[4])

    def date_time(self) -> datetime:
        found = self._take(_DATE_TIME, "a date and time")
        day = _checked_date(found[1].strip(), found[2], found[3])
        offset = timedelta(hours=int(found[8]), minutes=int(found[9])) * (-1 if found[7] == b"-" else 1)
        try:
            hour, minute, second = (int(found[n]) for n in (4, 5, 6))
            return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=timezone(offset))
        except ValueError:
            raise Malformed("there is no such time") from None


def _ranges(octets: bytes) -> list[tuple[int, int]]:
    found = []
    for each in octets.split(b","):
        first, _, last = each.partition(b":")
        low = LAST if first == b"*" else int(first)
        high = low if not last else LAST if last == b"*" else int(last)
        if max(low, high) > MAX_NUMBER:
            raise Malformed("a number has 32 bits")
        found.append((low, high))
    return found


def numbers_in(ranges: list[tuple[int, int]], numbers: list[int]) -> list[int]:
    """Those of the numbers (ascending) that are in the set, ascending, each once."""
    from bisect import bisect_left, bisect_right

    last = numbers[-1] if numbers else 0
    chosen: set[int] = set()
    for first, second in ranges:
        low, high = sorted((first or last, second or last))
        chosen.update(numbers[bisect_left(numbers, low) : bisect_right(numbers, high)])
    return sorted(chosen)


def written_set(numbers: list[int]) -> str:
    """Ascending numbers as a set: 1:3,5."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ",".join(str(first) if first == last else f"{first}:{last}" for first, last in found)


def _checked_date(day: bytes, month: bytes, year: bytes) -> date:
    name = month.decode("ascii").lower()
    try:
        return date(int(year), _MONTHS.index(name) + 1, int(day))
    except ValueError:
        raise Malformed("there is no such day") from None


def _decoded(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("that is not UTF-8") from None


# -- writing ----------------------------------------------------------------------------------------------

_PLAIN = re.compile(rb"[\x20-\x7e\t]{0,4000}")
_SPECIAL = re.compile(rb'(["\\])')


def string(octets: bytes) -> bytes:
    """Octets as a quoted string, or as a literal where it has to be one."""
    if _PLAIN.fullmatch(octets):
        return b'"' + _SPECIAL.sub(rb"\\\1", octets) + b'"'
    return b"{%d}\r\n%b" % (len(octets), octets)


def astring(octets: bytes) -> bytes:
    """Octets as an atom where they are one, else as a string."""
    return octets if _ATOM.fullmatch(octets) else string(octets)


def nstring(octets: bytes | None) -> bytes:
    return b"NIL" if octets is None else string(octets)


def mailbox_name(path: str, *, utf8: bool) -> bytes:
    """The name of a folder as it is written on the wire."""
    if not utf8:
        return string(utf7.encode(path).encode())
    return b'"' + _SPECIAL.sub(rb"\\\1", path.encode()) + b'"'


_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def date_time(moment: datetime) -> bytes:
    """INTERNALDATE: not by strftime, which writes the months of the country."""
    text = f'"{moment.day:2}-{_MONTH_NAMES[moment.month - 1]}-{moment.year:04} {moment:%H:%M:%S %z}"'
    return text.encode()
