"""FETCH items: what a client asks of messages, and the octets that answer it (RFC 3501 6.4.5, 7.4.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from .fields import read_fields
from .grammar import Arguments, Malformed, astring, date_time
from .structure import Part

if TYPE_CHECKING:
    from ..accounts import Entry
    from ..mailbox import ReceivedMessage
    from .view import View

_MACROS = {
    "FAST": ("FLAGS", "INTERNALDATE", "RFC822.SIZE"),
    "ALL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"),
    "FULL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"),
}
_SIMPLE = ("UID", "FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODYSTRUCTURE", "MODSEQ")
#: old names of sections; the second says whether the message counts as seen
_OLD = {"RFC822": ("", True), "RFC822.HEADER": ("HEADER", False), "RFC822.TEXT": ("TEXT", True)}
#: part numbers below each other
MAX_NUMBERS = 100
_HEADER_CHUNK = 1 << 16
_CHUNK = 1 << 18


@dataclass(frozen=True)
class Section:
    """BODY[…]: part numbers, what of that part, the names of header fields, and which octets of it."""

    numbers: tuple[int, ...] = ()
    what: str = ""
    names: tuple[bytes, ...] = ()
    partial: tuple[int, int] | None = None


@dataclass(frozen=True)
class Item:
    """Something that is asked of each message."""

    name: str
    #: as the answer calls it
    label: bytes
    section: Section | None = None
    marks_seen: bool = False


class Octets(NamedTuple):
    """A literal that is read as it goes out."""

    size: int
    pieces: Iterator[bytes]


# -- reading ------------------------------------------------------------------------------------------------


def read_items(arguments: Arguments) -> list[Item]:
    """One item, a list of them, or a macro."""
    if arguments.at(b"("):
        return arguments.listed(lambda: _read_item(arguments))
    for macro, names in _MACROS.items():
        if arguments.at(macro.encode()):
            arguments.skip(macro.encode())
            return [_named(name) for name in names]
    return [_read_item(arguments)]


def _named(name: str) -> Item:
    if name in _OLD:
        what, marks_seen = _OLD[name]
        return Item(name, name.encode(), Section(what=what), marks_seen)
    if name in _SIMPLE or name == "BODY":
        return Item(name, name.encode())
    raise Malformed(f"{name} cannot be fetched")


def _read_item(arguments: Arguments) -> Item:
    for start, marks_seen in ((b"BODY.PEEK[", False), (b"BODY[", True)):
        if arguments.skip(start):
            section, label = _read_section(arguments)
            return Item("BODY[]", label, section, marks_seen)
    return _named(arguments.item_name())


def _read_section(arguments: Arguments) -> tuple[Section, bytes]:
    numbers: list[int] = []
    what = ""
    names: tuple[bytes, ...] = ()
    while not arguments.at(b"]"):
        if arguments.at_digit():
            numbers.append(arguments.number())
            if numbers[-1] == 0 or len(numbers) > MAX_NUMBERS:
                raise Malformed("no such part number")
            if not arguments.skip(b"."):
                break
            continue
        what = arguments.item_name()
        if what.startswith("HEADER.FIELDS"):
            arguments.space()
            names = tuple(arguments.listed(arguments.astring))
        break
    _check_section(numbers, what)
    arguments.require(b"]")
    words = [b".".join([*(b"%d" % number for number in numbers), *([what.encode()] if what else [])])]
    if names:
        words.append(b"(%b)" % b" ".join(map(astring, names)))
    label = b"BODY[%b]" % b" ".join(words)
    partial = None
    if arguments.skip(b"<"):
        first = arguments.number()
        arguments.require(b".")
        partial = (first, arguments.number())
        arguments.require(b">")
        if not partial[1]:
            raise Malformed("no octets are nothing to ask for")
        label += b"<%d>" % first
    return Section(tuple(numbers), what, tuple(name.lower() for name in names), partial), label


def _check_section(numbers: list[int], what: str) -> None:
    known = ("", "HEADER", "HEADER.FIELDS", "HEADER.FIELDS.NOT", "TEXT")
    if what not in known and not (what == "MIME" and numbers):
        raise Malformed(f"no such section: {what}")


# -- answering ----------------------------------------------------------------------------------------------


class Answer:
    """One message, read as far as the items need it."""

    def __init__(self, message: ReceivedMessage) -> None:
        self.message = message

    @cached_property
    def _part(self) -> Part:
        content = self.message.content
        return Part(content, 0, len(content))

    @cached_property
    def _header(self) -> bytes:
        """The header with its empty line: all that many clients ever ask for."""
        with self.message.open() as stream:
            found = b""
            while data := stream.read(_HEADER_CHUNK):
                found += data
                part = Part(found, 0, len(found))
                if part.body < len(found) or found.endswith(b"\n\r\n"):
                    return found[: part.body]
            return found

    def value(self, item: Item, entry: Entry, view: View) -> bytes | Octets:
        """What answers an item; OSError where the message has been forgotten meanwhile."""
        if item.section is not None:
            return self._octets(item.section)
        if item.name == "UID":
            return b"%d" % entry.uid
        if item.name == "FLAGS":
            return view.flags(entry).encode()
        if item.name == "INTERNALDATE":
            return date_time(self.message.received)
        if item.name == "RFC822.SIZE":
            return b"%d" % self.message.size
        if item.name == "MODSEQ":
            return b"(%d)" % entry.modseq
        if item.name == "ENVELOPE":
            return Part(self._header, 0, len(self._header)).envelope
        return self._part.structure(extended=item.name == "BODYSTRUCTURE")

    def _octets(self, section: Section) -> bytes | Octets:
        size = self.message.size
        if section.numbers:
            return self._of_part(section)
        if section.what.startswith("HEADER"):
            return _literal(_cut(_selected(self._header, section), section.partial))
        start = len(self._header) if section.what == "TEXT" else 0
        end = size
        if section.partial is not None:
            start = min(end, start + section.partial[0])
            end = min(end, start + section.partial[1])
        return Octets(end - start, self._read(start, end))

    def _read(self, start: int, end: int) -> Iterator[bytes]:
        # Opened at once: what cannot be opened any more must not have been announced.
        stream = self.message.open()

        def pieces() -> Iterator[bytes]:
            with stream:
                stream.seek(start, 1)
                left = end - start
                while left and (data := stream.read(min(left, _CHUNK))):
                    left -= len(data)
                    yield data

        return pieces()

    def _of_part(self, section: Section) -> bytes:
        part = self._part.find(section.numbers)
        if part is None:
            return b"NIL"
        data = part.data
        if section.what == "MIME":
            return _literal(_cut(data[part.start : part.body], section.partial))
        if section.what:
            if part.message is None:
                return b"NIL"
            part = part.message
        if section.what.startswith("HEADER"):
            return _literal(_cut(_selected(data[part.start : part.body], section), section.partial))
        return _literal(_cut(data[part.body : part.end], section.partial))


def _selected(header: bytes, section: Section) -> bytes:
    """The header, or some of its fields with the empty line behind them."""
    if not section.names:
        return header
    wanted = section.what == "HEADER.FIELDS"
    chosen = [field.raw for field in read_fields(header) if (field.name in section.names) is wanted]
    return b"".join([*chosen, b"\r\n"])


def _cut(data: bytes, partial: tuple[int, int] | None) -> bytes:
    return data if partial is None else data[partial[0] : partial[0] + partial[1]]


def _literal(data: bytes) -> bytes:
    return b"{%d}\r\n%b" % (len(data), data)
