"""The words of a frame (RFC 3501 9): atoms, numbers, strings, lists. Knows no response.

Literals are taken in order where MARK stands for them, as the octets that were received, without another copy. No
loop runs over single octets: each word is one match of a pattern.
"""

from __future__ import annotations

import re
from typing import Union

from . import utf7
from .framing import Frame

#: Lists in lists: honest structures have ten of them. Who reads them recurses.
MAX_DEPTH = 100
_MOST_DIGITS = 20

_QUOTED = rb'"([^"\\]*(?:\\.[^"\\]*)*)"'
# In the order of how often they come.
_WORD = re.compile(rb" *(?:" + _QUOTED + rb'|([^ ()"\0]+)|(\()|(\))|(\0))', re.DOTALL)
_STRING, _ATOM, _OPEN, _CLOSE, _LITERAL = 1, 2, 3, 4, 5
_NUMBER = re.compile(rb" *(\d{1,%d})(?![^ )])" % _MOST_DIGITS)
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

#: What a word or a list means by itself: octets, nothing (NIL), or several values.
Value = Union[bytes, None, tuple["Value", ...]]  # noqa: UP007 - None | str cannot be evaluated


class Malformed(ValueError):
    """A response does not follow the grammar."""


class Scanner:
    """Reads one frame from its beginning to its end."""

    __slots__ = ("_literals", "at", "text", "utf8")

    def __init__(self, frame: Frame, *, utf8: bool = False) -> None:
        self.text = frame.text
        self.at = 0
        #: mailbox names are UTF-8, not modified UTF-7
        self.utf8 = utf8
        self._literals = iter(frame.literals)

    def take(self, pattern: re.Pattern[bytes]) -> re.Match[bytes]:
        """What the pattern matches here; Malformed where it does not."""
        found = pattern.match(self.text, self.at)
        if found is None:
            raise self.malformed()
        self.at = found.end()
        return found

    def malformed(self) -> Malformed:
        """What is wrong here."""
        shown = self.text[self.at : self.at + 40].decode("ascii", "backslashreplace")
        return Malformed(f"not understood at octet {self.at}: {shown!r}")

    @property
    def ended(self) -> bool:
        """Nothing but blanks is left."""
        return not self.text[self.at :].strip(b" ")

    def rest(self) -> bytes:
        """All that is left."""
        rest = self.text[self.at :]
        self.at = len(self.text)
        return rest.strip(b" ")

    def number(self) -> int:
        """A number."""
        return int(self.take(_NUMBER)[1])

    def literal(self) -> bytes:
        """The literal whose mark was read."""
        return next(self._literals)

    def value(self) -> Value:
        """A word or a list, whatever it is; lists come as tuples."""
        outer: list[list[Value]] = []
        values: list[Value] | None = None
        text, at = self.text, self.at
        while True:
            found = _WORD.match(text, at)
            if found is None:
                raise self.malformed()
            at = found.end()
            kind = found.lastindex
            value: Value
            if kind == _ATOM:
                value = found[2]
                if value in _NIL:
                    value = None
            elif kind == _STRING:
                value = found[1]
                if b"\\" in value:
                    value = _ESCAPE.sub(rb"\1", value)
            elif kind == _OPEN:
                if values is not None:
                    if len(outer) >= MAX_DEPTH:
                        raise Malformed("lists nested too deeply")
                    outer.append(values)
                values = []
                continue
            elif kind == _CLOSE:
                if values is None:
                    raise self.malformed()
                value = tuple(values)
                values = outer.pop() if outer else None
            else:
                value = self.literal()
            if values is None:
                self.at = at
                return value
            values.append(value)

    def octets(self) -> bytes | None:
        """A string or an atom, None for NIL."""
        value = self.value()
        if isinstance(value, tuple):
            raise self.malformed()
        return value

    def list(self) -> tuple[Value, ...]:
        """A list; NIL is an empty one."""
        value = self.value()
        if isinstance(value, bytes):
            raise self.malformed()
        return value or ()

    def mailbox(self) -> tuple[str, bytes]:
        """The name of a mailbox, and its octets as they came."""
        octets = self.octets()
        if octets is None:
            octets = b"NIL"  # a name like any other (RFC 3501 9, astring)
        if octets.upper() == b"INBOX":
            return "INBOX", b"INBOX"
        written = text(octets)
        name = written if self.utf8 else utf7.decode(written)
        if _NOT_IN_NAMES.search(name):
            # Whoever shares a mailbox with us may have named it: a line break would make two of it in a list of names.
            name = _NOT_IN_NAMES.sub("\N{REPLACEMENT CHARACTER}", written)
        return name, octets


_NIL = (b"NIL", b"nil", b"Nil")


def text(octets: bytes) -> str:
    """Octets as text that keeps every one of them."""
    return octets.decode("utf-8", "surrogateescape")


def optional_text(value: Value) -> str | None:
    """A string as text; None for NIL, and for a list in its place."""
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else None


def texts(values: tuple[Value, ...]) -> tuple[str, ...]:
    """The strings of a list as text."""
    return tuple([value.decode("utf-8", "surrogateescape") for value in values if isinstance(value, bytes)])


def optional_number(value: Value) -> int | None:
    """A number; None for whatever else stands there."""
    return int(value) if isinstance(value, bytes) and value.isdigit() and len(value) <= _MOST_DIGITS else None


def for_people(octets: bytes) -> str:
    """A text that people read, without what would disturb their screens."""
    try:
        decoded = octets.decode("utf-8")
    except UnicodeDecodeError:
        # QUIRK: texts in the server's own 8-bit character set; Latin-1 reads any byte and is right most often.
        decoded = octets.decode("latin-1")
    return decoded if decoded.isprintable() else _CONTROLS.sub("�", decoded)
