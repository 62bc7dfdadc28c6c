"""SEARCH: criteria read into tests, and messages as these see them (RFC 3501 6.4.4).

Text is compared decoded and without regard to case, anywhere in a field or a body.
"""

from __future__ import annotations

import codecs
import unicodedata
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from ...message.fields.date_reading import read_date
from ...message.parse import parse
from ..accounts import ANSWERED, DELETED, DRAFT, FLAGGED, SEEN, Problem
from .grammar import MAX_DEPTH, Arguments, Malformed, numbers_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..accounts import Entry
    from .view import View

    Test = Callable[["Candidate"], bool]

CHARSETS = ("US-ASCII", "UTF-8", "ISO-8859-1")
_CODECS = frozenset(codecs.lookup(name).name for name in CHARSETS)


class Candidate:
    """A message that is looked at, and read as far as the criteria need it."""

    def __init__(self, view: View, entry: Entry) -> None:
        self.entry = entry
        self.is_recent = view.is_recent(entry.uid)

    @cached_property
    def _parsed(self):  # type: ignore[no-untyped-def]  # wlemail.message.parse.Part
        try:
            return parse(self.entry.message.content)
        except OSError:
            return parse(b"")  # forgotten meanwhile

    @cached_property
    def fields(self) -> list[tuple[str, str]]:
        """Names in lower case, and values as people read them."""
        found = self._parsed
        return [
            (name.decode("ascii", "replace").lower(), folded(found.read_text(value))) for name, value in found.fields
        ]

    @cached_property
    def body(self) -> str:
        """The text of all parts."""
        texts = [part.text for part in self._parsed.walk() if part.content_type.startswith("text/")]
        return folded("\n".join(texts))

    @cached_property
    def sent(self) -> date | None:
        """The day of the Date field, where it was written (RFC 3501: disregarding time and zone)."""
        found = read_date(self._parsed.field_text(b"date"))
        return found.date() if found else None


def folded(text: str) -> str:
    """Text as it is compared."""
    return unicodedata.normalize("NFC", text).casefold()


class Criteria:
    """The keys of one SEARCH, read from its arguments."""

    def __init__(self, arguments: Arguments, view: View, charset: str) -> None:
        self._arguments = arguments
        self._view = view
        self._charset = charset
        #: the answer tells the highest modification sequence (RFC 7162 3.1.5)
        self.wants_modseq = False

    def read(self) -> Test:
        """All keys up to the end of the command."""
        tests = [self._key(0)]
        while not self._arguments.ended:
            self._arguments.space()
            tests.append(self._key(0))
        return _all(tests)

    def _key(self, depth: int) -> Test:
        arguments = self._arguments
        if depth > MAX_DEPTH:
            raise Malformed("criteria too deep")
        if arguments.at(b"("):
            return _all(arguments.listed(lambda: self._key(depth + 1)))
        if arguments.at_set():
            return self._in_set(by_uid=False)
        name = arguments.word()
        if name in _FLAGS:
            return _FLAGS[name]
        if name == "NOT":
            arguments.space()
            inner = self._key(depth + 1)
            return lambda candidate: not inner(candidate)
        if name == "OR":
            arguments.space()
            first = self._key(depth + 1)
            arguments.space()
            second = self._key(depth + 1)
            return lambda candidate: first(candidate) or second(candidate)
        arguments.space()
        return self._with_value(name)

    def _with_value(self, name: str) -> Test:
        arguments = self._arguments
        if name == "UID":
            return self._in_set(by_uid=True)
        if name in ("KEYWORD", "UNKEYWORD"):
            flag = arguments.flag().casefold()
            wanted = name == "KEYWORD"
            return lambda c: (flag in {each.casefold() for each in c.entry.flags}) is wanted
        if name in ("LARGER", "SMALLER"):
            return _by_size(name, arguments.number())
        if name in _DATES:
            day = arguments.date()
            compare = _DATES[name]
            return lambda candidate: compare(candidate, day)
        if name == "MODSEQ":
            return self._modseq()
        if name == "HEADER":
            field = arguments.text().lower()
            arguments.space()
            return _in_fields((field,), self._text())
        if name in ("BODY", "TEXT"):
            return _in_text(self._text(), header=name == "TEXT")
        if name in ("SUBJECT", "FROM", "TO", "CC", "BCC"):
            return _in_fields((name.lower(),), self._text())
        raise Malformed(f"{name} is no criterion")

    def _text(self) -> str:
        octets = self._arguments.searched()
        try:
            return folded(octets.decode(self._charset))
        except UnicodeDecodeError:
            raise Malformed(f"that is not {self._charset}") from None

    def _in_set(self, *, by_uid: bool) -> Test:
        ranges = self._arguments.number_set()
        if by_uid:
            chosen = frozenset(numbers_in(ranges, self._view.uids))
        else:
            found = self._view.chosen(ranges, by_uid=False)
            if found is None:
                raise Malformed("no such message number")
            chosen = frozenset(found)
        return lambda candidate: candidate.entry.uid in chosen

    def _modseq(self) -> Test:
        arguments = self._arguments
        if arguments.at(b'"'):
            # An entry of RFC 7162 3.1.5: every flag has the modification sequence of its message here.
            arguments.astring()
            arguments.space()
            arguments.word()
            arguments.space()
        least = arguments.modification()
        self.wants_modseq = True
        return lambda candidate: candidate.entry.modseq >= least


def read_charset(name: str) -> str:
    """The charset of a SEARCH; Problem where the server does not know it."""
    try:
        # Under any of its names: imap_tools says "utf8".
        found = codecs.lookup(name).name
    except LookupError:
        found = ""
    if found not in _CODECS:
        raise Problem("charset not known", f"BADCHARSET ({' '.join(CHARSETS)})")
    return found


# -- tests --------------------------------------------------------------------------------------------------


def _all(tests: list[Test]) -> Test:
    return tests[0] if len(tests) == 1 else lambda candidate: all(test(candidate) for test in tests)


def _has(flag: str) -> Test:
    return lambda candidate: flag in candidate.entry.flags


def _lacks(flag: str) -> Test:
    return lambda candidate: flag not in candidate.entry.flags


def _by_size(name: str, size: int) -> Test:
    if name == "LARGER":
        return lambda candidate: candidate.entry.message.size > size
    return lambda candidate: candidate.entry.message.size < size


def _in_fields(names: tuple[str, ...], text: str) -> Test:
    return lambda candidate: any(name in names and text in value for name, value in candidate.fields)


def _in_text(text: str, *, header: bool) -> Test:
    def test(candidate: Candidate) -> bool:
        if header and any(text in f"{name}: {value}" for name, value in candidate.fields):
            return True
        return text in candidate.body

    return test


def _arrived(candidate: Candidate) -> date:
    return candidate.entry.message.received.date()


_FLAGS: dict[str, Test] = {
    "ALL": lambda candidate: True,
    "ANSWERED": _has(ANSWERED),
    "DELETED": _has(DELETED),
    "DRAFT": _has(DRAFT),
    "FLAGGED": _has(FLAGGED),
    "SEEN": _has(SEEN),
    "UNANSWERED": _lacks(ANSWERED),
    "UNDELETED": _lacks(DELETED),
    "UNDRAFT": _lacks(DRAFT),
    "UNFLAGGED": _lacks(FLAGGED),
    "UNSEEN": _lacks(SEEN),
    "RECENT": lambda candidate: candidate.is_recent,
    "OLD": lambda candidate: not candidate.is_recent,
    "NEW": lambda candidate: candidate.is_recent and SEEN not in candidate.entry.flags,
}
_DATES: dict[str, Callable[[Candidate, date], bool]] = {
    "BEFORE": lambda candidate, day: _arrived(candidate) < day,
    "ON": lambda candidate, day: _arrived(candidate) == day,
    "SINCE": lambda candidate, day: _arrived(candidate) >= day,
    "SENTBEFORE": lambda candidate, day: candidate.sent is not None and candidate.sent < day,
    "SENTON": lambda candidate, day: candidate.sent is not None and candidate.sent == day,
    "SENTSINCE": lambda candidate, day: candidate.sent is not None and candidate.sent >= day,
}
