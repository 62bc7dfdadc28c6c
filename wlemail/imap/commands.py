"""IMAP commands as values that render themselves, and the one place where command injection is stopped.

Arguments refuse CR, LF and NUL whatever they become on the wire; what quoted strings cannot hold goes as a literal.
The content of APPEND alone is octets that nobody looks at: the server counts them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import NamedTuple

from ..errors import ControlCharacter, InvalidValue
from . import utf7

# RFC 3501 9: what may stand without quotes. "]" ends a section or a response code for who reads loosely.
_ATOM = re.compile(r"[^(){ %*\"\\\]\x00-\x1f\x7f-\U0010ffff]+")
_FLAG = re.compile(r"\\?[^(){ %*\"\\\]\x00-\x1f\x7f-\U0010ffff]+")
_QUOTABLE = re.compile(r"[ -~]*")
_SPECIAL = re.compile(r'(["\\])')
# U+0085, U+2028 and the like end a line for whoever splits text by Unicode's rules.
_LINE_ENDS = re.compile("[\r\n\0\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# A command line has 8192 octets (RFC 7162 4); a longer text goes as a literal.
_LONGEST_QUOTED = 1000
#: RFC 7888 5: without LITERAL+ a literal of more octets has to wait
LITERAL_MINUS = 4096
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# A literal of more octets waits for the server wherever it may: a quota that is exceeded, or a mailbox that does not
# exist, is then said before all of it has been sent for nothing.
_LARGEST_UNASKED = 1 << 20


class Text(NamedTuple):
    """A string argument; `what` names it where it cannot be sent."""

    value: str
    what: str = "argument"


class Octets(NamedTuple):
    """A string argument that the server itself gave us as these octets: a mailbox name in a spelling of its own."""

    value: bytes


class Name(NamedTuple):
    """The name of a mailbox, or a pattern of LIST."""

    value: str


class Content(NamedTuple):
    """The octets of a message, given in pieces that make `size` together; `binary`: they may hold NUL (literal8)."""

    chunks: Iterable[bytes]
    size: int
    binary: bool = False
    #: with headers in UTF-8 (RFC 6855 4), where UTF8=ACCEPT is enabled
    utf8: bool = False


#: An argument: octets that are right as they stand, a string, a list in parentheses.
Part = bytes | Text | Octets | Name | Content | tuple["Part", ...]


class Mode(NamedTuple):
    """How this server takes arguments."""

    #: literals of this size and less need not wait for the server; -1: all of them have to
    unasked: int = -1
    #: UTF8=ACCEPT or IMAP4rev2 is enabled: quoted strings are UTF-8, and so are mailbox names
    utf8: bool = False


class Piece(NamedTuple):
    """What goes out in one go: octets, then a literal. `waits`: the literal waits for the server's consent."""

    octets: bytes
    literal: Content | None = None
    waits: bool = False


class Command(NamedTuple):
    """A verb with its arguments, and what is known of its answer."""

    verb: str
    parts: tuple[Part, ...] = ()
    #: the responses that answer it
    collects: tuple[type, ...] = ()
    #: the messages that it asks for by their UIDs, where that tells one answer from another
    numbers: Collection[int] | None = None
    #: no other command may be under way
    alone: bool = True
    #: its arguments stay out of the trace
    secret: bool = False
    #: octets that the literals of one response may have; 0: as any response
    literal_limit: int = 0
    #: octets of answers that are kept until somebody takes them; what messages have beyond that is asked for again
    answer_limit: int = 256 << 20
    #: every line of the answer is kept as it came
    raw: bool = False

    def render(self, tag: str, mode: Mode = Mode()) -> list[Piece]:  # noqa: B008 - a value, like ()
        """The command's octets, in pieces that a literal ends; ControlCharacter where it holds CR, LF or NUL."""
        writer = _Writer(mode)
        writer.write(f"{tag} {self.verb}".encode())
        for part in self.parts:
            writer.write(b" ")
            writer.argument(part)
        writer.write(b"\r\n")
        return writer.finished()

    @property
    def shown(self) -> str:
        """The command as it may be shown."""
        if self.secret:
            return f"{self.verb} ********"
        return " ".join([self.verb, *map(_shown, self.parts)])


class _Writer:
    def __init__(self, mode: Mode) -> None:
        self._mode = mode
        self._line: list[bytes] = []
        self._pieces: list[Piece] = []

    def write(self, octets: bytes) -> None:
        self._line.append(octets)

    def argument(self, part: Part) -> None:
        if isinstance(part, bytes):
            # What the program wrote itself, and yet: sections and raw commands hold what users gave.
            _refuse_line_ends(part.decode("utf-8", "surrogateescape"), "command")
            self.write(part)
        elif isinstance(part, Text):
            self._string(part.value, part.what)
        elif isinstance(part, Octets):
            self._octets(part.value)
        elif isinstance(part, Name):
            _refuse_line_ends(part.value, "mailbox")
            self._string(part.value if self._mode.utf8 else utf7.encode(part.value), "mailbox")
        elif isinstance(part, Content):
            self._literal(part)
        else:
            self._list(part)

    def _list(self, parts: tuple[Part, ...]) -> None:
        self.write(b"(")
        for place, part in enumerate(parts):
            if place:
                self.write(b" ")
            self.argument(part)
        self.write(b")")

    def _string(self, text: str, what: str) -> None:
        _refuse_line_ends(text, what)
        if len(text) <= _LONGEST_QUOTED and (_QUOTABLE.fullmatch(text) or (self._mode.utf8 and text.isprintable())):
            self.write(f'"{_SPECIAL.sub(_ESCAPED, text)}"'.encode())
            return
        try:
            octets = text.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError as exc:
            raise InvalidValue(what, "holds half of a surrogate pair, which no server can be sent") from exc
        self._octets(octets)

    def _octets(self, octets: bytes) -> None:
        self._literal(Content((octets,), len(octets)))

    def _literal(self, content: Content) -> None:
        waits = content.size > min(self._mode.unasked, _LARGEST_UNASKED)
        utf8 = content.utf8 and self._mode.utf8
        if utf8:
            self.write(b"UTF8 (")
        mark = b"~" if content.binary or utf8 else b""
        self.write(b"%s{%d%s}\r\n" % (mark, content.size, b"" if waits else b"+"))
        self._pieces.append(Piece(b"".join(self._line), content, waits))
        self._line = [b")"] if utf8 else []

    def finished(self) -> list[Piece]:
        return [*self._pieces, Piece(b"".join(self._line))]


_ESCAPED = r"\\\1"


def _refuse_line_ends(text: str, what: str) -> None:
    if not text.isprintable() and _LINE_ENDS.search(text):
        raise ControlCharacter(what, "CR, LF or NUL in an IMAP command")


def _shown(part: Part) -> str:
    if isinstance(part, bytes):
        return part.decode("utf-8", "replace")
    if isinstance(part, (Text, Name)):
        return f'"{part.value}"'
    if isinstance(part, Octets):
        return repr(part.value)[1:]
    if isinstance(part, Content):
        return f"{{{part.size}}}"
    return f"({' '.join(map(_shown, part))})"


def atom(text: str, what: str) -> bytes:
    """An argument of one word; InvalidValue where it could be more."""
    _refuse_line_ends(text, what)
    if not _ATOM.fullmatch(text):
        raise InvalidValue(what, "not one word of ASCII", text)
    return text.encode()


def flags(names: Iterable[str]) -> tuple[bytes, ...]:
    r"""Flags (`\Seen`) and keywords (`$Forwarded`) as a list; InvalidValue where one is neither."""
    written = []
    for name in names:
        _refuse_line_ends(name, "flag")
        if not _FLAG.fullmatch(name):
            raise InvalidValue("flag", "neither a flag nor a keyword of IMAP", name)
        written.append(name.encode())
    return tuple(written)


def day(when: date) -> bytes:
    """A day as SEARCH takes it (RFC 3501 9, date-text), in English whatever the locale is."""
    return f"{when.day}-{_MONTHS[when.month - 1]}-{when.year:04}".encode()


def date_time(when: datetime) -> bytes:
    """A moment as APPEND takes it (RFC 3501 9, date-time); without a time zone it counts as UTC."""
    zone = when.strftime("%z")[:5] or "+0000"
    return f'"{when.day:2}-{_MONTHS[when.month - 1]}-{when.year:04} {when:%H:%M:%S} {zone}"'.encode()


GREETING = Command("greeting")
CAPABILITY = Command("CAPABILITY")
STARTTLS = Command("STARTTLS")
COMPRESS = Command("COMPRESS", (b"DEFLATE",))
NOOP = Command("NOOP")
IDLE = Command("IDLE")
LOGOUT = Command("LOGOUT")


def login(user: str, password: str) -> Command:
    """LOGIN."""
    return Command("LOGIN", (Text(user, "Name"), Text(password, "Password")), secret=True)


def authenticate(mechanism: str, initial: str | None) -> Command:
    """AUTHENTICATE with the initial response in base64 (RFC 4959), "=" for an empty one, None for none at all."""
    first = atom(mechanism, "mechanism")
    return Command("AUTHENTICATE", (first,) if initial is None else (first, (initial or "=").encode()), secret=True)
