"""The first stage of reading: where a response ends, literals and all (RFC 3501 4.3), and how large it may be.

Knows nothing of what responses mean but this: the text of a status response or of a continuation is for people, and
may end like a literal begins. A malformed response ends at its own frame; one without end breaks the connection.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..errors import ProtocolViolation
from ..wire.reader import Reader

#: Octets of the lines of one response: the SEARCH of a million messages has eight of them.
MAX_TEXT = 16 << 20
#: Literals of one response: an ENVELOPE with a literal for each word of each address.
MAX_LITERALS = 10_000
#: Octets of the literals of one response, where no command has asked for a message.
MAX_LITERAL = 1 << 20

#: Stands for a literal in the text of a frame; lines of the protocol hold no NUL (RFC 3501 9, CHAR).
MARK = b"\0"

# QUIRK: "{5+}" is a client's (RFC 7888 4), but octets follow it all the same. "~{5}": literal8 (RFC 3516).
_LITERAL = re.compile(rb"~?\{(\d+)\+?\}\r?\n\Z")
_FOR_PEOPLE = re.compile(rb"\+|(?:[^ ]+ +)(?:OK|NO|BAD|BYE|PREAUTH)(?:[ \r\n]|\Z)", re.IGNORECASE)
# int() of more digits than that costs more than it says.
_MOST_DIGITS = 20


class Frame(NamedTuple):
    """One response: its lines in one text with MARK for each literal, without the last line end; the literals."""

    text: bytes
    literals: tuple[bytes, ...] = ()


class Framer:
    """One frame at a time from a reader; what follows it stays untouched in the reader."""

    __slots__ = (
        "_kept",
        "_literals",
        "_missing",
        "_parts",
        "_reader",
        "_size",
        "_text_size",
        "_texts",
        "literal_limit",
    )

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        #: octets that the literals of one response may have together
        self.literal_limit = MAX_LITERAL
        self._texts: list[bytes] = []
        self._text_size = 0
        self._literals: list[bytes] = []
        # The literal under way: what has come of it, and how much has not; what those before it have.
        self._parts: list[bytes] = []
        self._missing = -1
        self._size = 0
        self._kept = 0

    @property
    def inside(self) -> bool:
        """True between the beginning and the end of a response with literals."""
        return bool(self._texts)

    @property
    def arrived(self) -> int:
        """Octets of literals that have come of the response under way."""
        return self._kept + (self._size - self._missing if self._missing >= 0 else 0)

    def next(self) -> Frame | None:
        """The next frame, or None where it is not complete; ProtocolViolation where it is too large."""
        reader = self._reader
        while True:
            if self._missing >= 0 and not self._finish_literal():
                return None
            line = reader.take_line(MAX_TEXT)
            if line is None:
                return None
            if b"\0" in line:
                # QUIRK: a NUL has no business here; as a mark it would ask for a literal that does not exist.
                line = line.replace(b"\0", b"?")
            if not line.endswith((b"}\r\n", b"}\n")) or not self._begin_literal(line):
                return self._finished(line)

    def _finished(self, line: bytes) -> Frame:
        text = line[:-2] if line.endswith(b"\r\n") else line[:-1]
        if not self._texts:
            return Frame(text)
        self._texts.append(text)
        frame = Frame(MARK.join(self._texts), tuple(self._literals))
        self._texts, self._literals = [], []
        self._text_size = self._kept = 0
        return frame

    def _begin_literal(self, line: bytes) -> bool:
        """Look at a line that ends like a literal begins; False where none does."""
        found = _LITERAL.search(line)
        if found is None or (not self._texts and _FOR_PEOPLE.match(line)):
            return False
        size = int(found[1]) if len(found[1]) <= _MOST_DIGITS else -1
        self._text_size += len(line)
        if size < 0 or self._kept + size > self.literal_limit:
            shown = found[1][:_MOST_DIGITS].decode()
            left = self.literal_limit - self._kept
            raise ProtocolViolation(f"the server sends a literal of {shown} octets where at most {left} are taken")
        if self._text_size > MAX_TEXT or len(self._literals) >= MAX_LITERALS:
            raise ProtocolViolation("the server sent a response that does not end")
        self._texts.append(line[: found.start()])
        self._missing = self._size = size
        return True

    def _finish_literal(self) -> bool:
        """Take what has come of the literal; False where it is not all there."""
        some = self._reader.take_some(self._missing)
        self._missing -= len(some)
        if self._missing:
            if some:
                self._parts.append(some)
            return False
        if self._parts:
            self._parts.append(some)
            some = b"".join(self._parts)
            self._parts = []
        self._literals.append(some)
        self._kept += len(some)
        self._missing = -1
        return True
