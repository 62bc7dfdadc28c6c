"""Where the parts of a message are, and what ENVELOPE and BODYSTRUCTURE say of them (RFC 3501 7.4.2).

Knows bytes and MIME, no folders. A message keeps its bytes once: parts are places in them.
"""

from __future__ import annotations

import re
from functools import cached_property

from ...message.boundaries import delimiters
from .fields import Address, Field, read_addresses, read_fields, read_parameters
from .grammar import nstring, string

#: Multiparts and messages inside each other, and parts of all levels together: what comes beyond is one part.
MAX_DEPTH = 50
MAX_PARTS = 5000

_BLANK_LINE = re.compile(rb"(?:\A|(?<=\n))\r?\n")


class Part:
    """A message, or a part of one."""

    def __init__(
        self,
        data: bytes,
        start: int,
        end: int,
        *,
        depth: int = 0,
        left: list[int] | None = None,
        in_digest: bool = False,
    ) -> None:
        self.data = data
        self.start = start
        self.end = end
        blank = _BLANK_LINE.search(data, start, end)
        #: where the header ends with its empty line, and the body begins
        self.body = blank.end() if blank else end
        self._depth = depth
        # How many parts there may still be: one number for all of them.
        self._left = [MAX_PARTS] if left is None else left
        self._in_digest = in_digest

    # -- header -----------------------------------------------------------------------------------------

    @cached_property
    def fields(self) -> list[Field]:
        return read_fields(self.data[self.start : self.body])

    def field(self, name: bytes) -> bytes | None:
        return next((field.value for field in self.fields if field.name == name), None)

    @cached_property
    def _content_type(self) -> tuple[bytes, bytes, list[tuple[bytes, bytes]]]:
        value, parameters = read_parameters(self.field(b"content-type") or b"")
        kind, slash, subtype = value.partition(b"/")
        if slash and kind.strip() and subtype.strip():
            return kind.strip().lower(), subtype.strip().lower(), parameters
        if self._in_digest:
            return b"message", b"rfc822", []
        return b"text", b"plain", [(b"charset", b"us-ascii")]

    # -- parts ------------------------------------------------------------------------------------------

    @cached_property
    def parts(self) -> list[Part]:
        """The parts of a multipart."""
        kind, subtype, parameters = self._content_type
        boundary = next((value for name, value in parameters if name.lower() == b"boundary"), b"")
        if kind != b"multipart" or not boundary or self._depth >= MAX_DEPTH:
            return []
        found: list[Part] = []
        begin = -1
        for delimiter in delimiters(self.data, self.body, self.end, boundary):
            if begin >= 0:
                found.append(self._part(begin, max(begin, delimiter.line_end), subtype == b"digest"))
            begin = -1 if delimiter.closing else delimiter.content
            if delimiter.closing or self._left[0] <= 0:
                break
        if begin >= 0:
            found.append(self._part(begin, self.end, subtype == b"digest"))
        return found

    def _part(self, start: int, end: int, in_digest: bool) -> Part:
        self._left[0] -= 1
        return Part(self.data, start, end, depth=self._depth + 1, left=self._left, in_digest=in_digest)

    @cached_property
    def message(self) -> Part | None:
        """The message in a message/rfc822."""
        kind, subtype, _ = self._content_type
        if (kind, subtype) not in _MESSAGES or self._depth >= MAX_DEPTH:
            return None
        return self._part(self.body, self.end, False)

    def find(self, numbers: tuple[int, ...]) -> Part | None:
        """The part of these numbers (RFC 3501 6.4.5); None where there is none."""
        part: Part | None = self
        for level, number in enumerate(numbers):
            if part is None:
                return None
            inside = part.message if level and part.message is not None else part
            if inside.parts:
                part = inside.parts[number - 1] if number <= len(inside.parts) else None
            else:
                # What is no multipart has one part: itself. As the message it has no MIME header of its own.
                part = inside if number == 1 and (not level or inside is not part) else None
        return part

    # -- what is told of it -----------------------------------------------------------------------------

    @cached_property
    def envelope(self) -> bytes:
        fields = self.field
        sender = _addresses(fields(b"from"))
        return b"(%b)" % b" ".join(
            [
                nstring(fields(b"date")),
                nstring(fields(b"subject")),
                sender,
                # RFC 3501 7.4.2: From stands for those that are missing.
                _addresses(fields(b"sender"), sender),
                _addresses(fields(b"reply-to"), sender),
                _addresses(fields(b"to")),
                _addresses(fields(b"cc")),
                _addresses(fields(b"bcc")),
                nstring(fields(b"in-reply-to")),
                nstring(fields(b"message-id")),
            ]
        )

    def structure(self, *, extended: bool) -> bytes:
        """BODYSTRUCTURE, or BODY without the extension data."""
        kind, subtype, parameters = self._content_type
        if self.parts:
            inner = b"".join(part.structure(extended=extended) for part in self.parts)
            more = b" %b %b" % (_parameters(parameters), self._extension) if extended else b""
            return b"(%b %b%b)" % (inner, string(subtype.upper()), more)
        if kind == b"multipart":
            # Without parts that can be found it is shown as what it can be read as.
            kind, subtype, parameters = b"text", b"plain", []
        size = self.end - self.body
        words = [
            string(kind.upper()),
            string(subtype.upper()),
            _parameters(parameters),
            nstring(self.field(b"content-id")),
            nstring(self.field(b"content-description")),
            string((self.field(b"content-transfer-encoding") or b"7BIT").upper()),
            b"%d" % size,
        ]
        if self.message is not None:
            words += [self.message.envelope, self.message.structure(extended=extended), self._lines]
        elif kind == b"text":
            words.append(self._lines)
        if extended:
            words += [nstring(self.field(b"content-md5")), self._extension]
        return b"(%b)" % b" ".join(words)

    @property
    def _lines(self) -> bytes:
        return b"%d" % self.data.count(b"\n", self.body, self.end)

    @property
    def _extension(self) -> bytes:
        disposition = self.field(b"content-disposition")
        shown = b"NIL"
        if disposition:
            value, parameters = read_parameters(disposition)
            shown = b"(%b %b)" % (string(value.upper()), _parameters(parameters))
        languages = [
            string(each.strip()) for each in (self.field(b"content-language") or b"").split(b",") if each.strip()
        ]
        language = b"(%b)" % b" ".join(languages) if len(languages) > 1 else b"".join(languages) or b"NIL"
        return b"%b %b %b" % (shown, language, nstring(self.field(b"content-location")))


_MESSAGES = ((b"message", b"rfc822"), (b"message", b"global"))


def _parameters(parameters: list[tuple[bytes, bytes]]) -> bytes:
    words = [word for name, value in parameters for word in (string(name.upper()), string(value))]
    return b"(%b)" % b" ".join(words) if words else b"NIL"


def _addresses(value: bytes | None, otherwise: bytes = b"NIL") -> bytes:
    found = read_addresses(value) if value else []
    return b"(%b)" % b"".join(map(_address, found)) if found else otherwise


def _address(address: Address) -> bytes:
    return b"(%b)" % b" ".join(map(nstring, address))
