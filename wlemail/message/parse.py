"""Reads the structure of any message (RFC 5322, RFC 2046): where its fields, bodies and parts are.

Nothing here fails. Header fields are found in one scan and decoded when they are asked for; parts are found by looking
for boundary lines when they are asked for, and their bodies are decoded when they are asked for. A message keeps its
bytes once: parts are places in them.

The time is linear in the size of the message: each level of nesting looks through its bytes once, and there are at
most MOST_LEVELS of them.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from typing import NamedTuple

from .boundaries import delimiters, find_boundary
from .charsets import decode_text
from .decodings import UNPADDED, decode_body
from .fields.parameter_list import read_parameters
from .fields.text import read_text, unfolded
from .header_lines import BLANK_LINE, FIELD, Fields, Header, header_block, message_start, with_odd_lines
from .lazy import lazy

#: multiparts and messages inside each other; real mail that is forwarded again and again reaches a dozen
MOST_LEVELS = 50
#: parts of a message, all levels together; a digest of a busy list has some hundreds
MOST_PARTS = 10_000
#: fields of a header
MOST_FIELDS = 20_000
#: bytes of a header; servers take some hundred thousand at most
LONGEST_HEADER = 2_000_000


class Defect(NamedTuple):
    """Something in a message that is not as it should be: in which part ("" is the message itself), and what."""

    part: str
    text: str


class _Reading:
    """What all parts of a message share: the defects that were found, and how many parts there may still be."""

    __slots__ = ("defects", "parts_left")

    def __init__(self) -> None:
        self.defects: list[Defect] = []
        self.parts_left = MOST_PARTS


def parse(source: bytes | bytearray | memoryview) -> Part:
    """The message whose bytes these are. Never fails."""
    reading = _Reading()
    data = bytes(source)
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        # An editor saved the message as "Unicode".
        reading.defects.append(Defect("", "a message in UTF-16"))
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    data = _with_line_feeds(data, reading)
    # Editors put a mark in front of files.
    begin = len(BOM_UTF8) if data.startswith(BOM_UTF8) else 0
    start, wrong = message_start(data, begin, len(data))
    if wrong:
        reading.defects.append(Defect("", wrong))
    return Part(data, start, len(data), reading)


def _with_line_feeds(data: bytes, reading: _Reading) -> bytes:
    """The bytes, with LF where lines end with a lone CR: the first line tells."""
    carriage_return = data.find(b"\r", 0, 2000)
    if carriage_return < 0 or data.find(b"\n", 0, carriage_return) >= 0:
        return data
    after = data[carriage_return + 1 : carriage_return + 3]
    if after[:1] == b"\n" or after == b"\r\n" or not after:
        return data
    reading.defects.append(Defect("", "lines end with CR alone"))
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


class _Place(NamedTuple):
    """Where a part of a multipart is; `cut_off` where no boundary line ends it."""

    start: int
    end: int
    cut_off: bool = False


_MESSAGE_TYPES = frozenset(("message/rfc822", "message/global", "message/news"))
_ENCODED = frozenset(("base64", "quoted-printable"))
_META_CHARSET = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.IGNORECASE
)


class Part:
    """A message, or a part of one: an entity of RFC 2045 with its header and its body."""

    def __init__(
        self,
        data: bytes,
        start: int,
        end: int,
        reading: _Reading,
        number: str = "",
        level: int = 0,
        default_type: str = "text/plain",
        cut_off: bool = False,
    ) -> None:
        self._data = data
        self._start = start
        self._end = end
        self._reading = reading
        self._level = level
        self._default_type = default_type
        self._cut_off = cut_off
        #: "" for the message, "2" for its second part, "2.1" for the first part of that
        self.number = number
        #: names and values of the header fields as they are, in their order; folded lines are joined by LF
        self.fields: Fields = []
        #: lines that stand in the header though they are text: the empty line before them is missing
        self.stray = b""
        self._body = end
        self._find_fields()

    def __repr__(self) -> str:
        return f"<Part {self.number or 'message'} {self.content_type} {self._end - self._body} bytes>"

    def defect(self, text: str) -> None:
        """Note that something is wrong with this part, once."""
        found = Defect(self.number, text)
        if len(self._reading.defects) < _MOST_DEFECTS and found not in self._reading.defects:
            self._reading.defects.append(found)

    @property
    def defects(self) -> list[Defect]:
        """What was found to be wrong with the whole message so far: it grows while parts are read."""
        return self._reading.defects

    # -- header

    def _find_fields(self) -> None:
        # A boundary line ends just before `start`: with an empty line behind it there is no header.
        blank = BLANK_LINE.search(self._data, self._start - 1 if self._start else 0, self._end)
        header_end = max(blank.start(), self._start) if blank else self._end
        if header_end - self._start > LONGEST_HEADER:
            header_end = self._start + LONGEST_HEADER
            self.defect(f"a header of more than {LONGEST_HEADER} bytes")
        found = FIELD.findall(header_block(self._data, self._start, header_end))
        self._body = blank.end() if blank else self._end
        self.fields = [(name, value) for name, value, _ in found if name]
        if len(self.fields) != len(found):
            self._take_odd_header(with_odd_lines(found))
        if len(self.fields) > MOST_FIELDS:
            del self.fields[MOST_FIELDS:]
            self.defect(f"more than {MOST_FIELDS} header fields")

    def _take_odd_header(self, header: Header) -> None:
        self.fields = header.fields
        self.stray = header.stray
        if header.odd:
            self.defect("a line in the header that is no field")
        if header.boundary:
            place = self._data.find(header.boundary, self._start, self._end)
            self._body = place if place >= 0 else self._body
        if header.boundary or header.stray:
            self.defect("no empty line behind the header" if header.fields else "no header")

    @lazy
    def _by_name(self) -> dict[bytes, list[bytes]]:
        found: dict[bytes, list[bytes]] = {}
        for name, value in self.fields:
            name = name.lower()
            if name in found:
                found[name].append(value)
            else:
                found[name] = [value]
        return found

    def field(self, name: bytes) -> bytes | None:
        """The value of the first field of that name (in lower case) as it is; None where there is none."""
        found = self._by_name.get(name)
        return found[0] if found else None

    def field_text(self, name: bytes) -> str:
        """The text of the first field of that name (in lower case), for people; "" where there is none."""
        found = self._by_name.get(name)
        return self.read_text(found[0]) if found else ""

    def read_text(self, value: bytes) -> str:
        """The text of a field's value, for people."""
        return read_text(value) if value.isascii() else read_text(value, self.text_charset)

    def unfolded(self, value: bytes) -> str:
        """The value as one line of text, encoded words as they are."""
        return unfolded(value) if value.isascii() else unfolded(value, self.text_charset)

    @lazy
    def text_charset(self) -> str:
        """The charset of the (first) text in it: what its author's program probably used in the header, too."""
        charset = self.parameters.get("charset", "")
        return charset if charset or not self.is_multipart or not self.parts else self.parts[0].text_charset

    def all_fields(self, name: bytes) -> list[bytes]:
        """The values of all fields of that name (in lower case), as they are."""
        return self._by_name.get(name, [])

    @lazy
    def _type(self) -> tuple[str, dict[str, str]]:
        value = self.field(b"content-type")
        if value is None:
            return self._default_type, {}
        media_type, parameters = read_parameters(unfolded(value))
        main, _, sub = media_type.partition("/")
        if "/" in sub:
            sub = sub.partition("/")[0]
            media_type = f"{main}/{sub}"
        if main and sub:
            if main == "text" and "boundary" in parameters and self._begins_with_boundary(parameters["boundary"]):
                self.defect("a multipart that is said to be text")
                return "multipart/mixed", parameters
            return media_type, parameters
        if media_type:
            self.defect("a Content-Type that is none")
        # RFC 2045 5.2: what cannot be read is plain text; but some types can be guessed.
        if main == "multipart" or (not main and "boundary" in parameters):
            return "multipart/mixed", parameters
        return _HALF_TYPES.get(main, self._default_type), parameters

    def _begins_with_boundary(self, boundary: str) -> bool:
        start = self._data[self._body : self._body + 1000].lstrip()
        return bool(boundary) and start.startswith(b"--" + boundary.encode("utf-8", "surrogateescape"))

    @lazy
    def content_type(self) -> str:
        """The media type in lower case, `text/plain` where nothing is said."""
        return self._type[0]

    @lazy
    def parameters(self) -> dict[str, str]:
        """The parameters of Content-Type, by their names in lower case."""
        return self._type[1]

    @lazy
    def encoding(self) -> str:
        """The transfer encoding in lower case, "" where nothing is said."""
        value = self.field(b"content-transfer-encoding")
        if value is None:
            return ""
        words = unfolded(value).lower().replace(";", " ").replace("(", " ").split()
        return words[0].strip("\"'") if words else ""

    @lazy
    def _disposition(self) -> tuple[str, dict[str, str]]:
        value = self.field(b"content-disposition")
        return read_parameters(unfolded(value)) if value else ("", {})

    @lazy
    def disposition(self) -> str:
        """`inline`, `attachment`, another word, or "" where nothing is said."""
        return self._disposition[0]

    @lazy
    def file_name(self) -> str:
        """The name that the part was sent with, of whatever form; "" where it has none."""
        parameters = self._disposition[1]
        return parameters.get("filename") or self.parameters.get("name") or parameters.get("name", "")

    @lazy
    def content_id(self) -> str:
        """The Content-ID without its brackets."""
        value = self.field(b"content-id")
        return unfolded(value).strip(" \t<>") if value else ""

    @property
    def location(self) -> str:
        """The last piece of the Content-Location where that looks like the name of a file, else ""."""
        url = self.field_text(b"content-location").partition("?")[0]
        name = url.replace("\\", "/").rpartition("/")[2]
        return name if "." in name.strip(".") else ""

    # -- body

    @property
    def raw(self) -> bytes:
        """The body as it was sent."""
        return self._data[self._body : self._end]

    @property
    def source(self) -> bytes:
        """Header and body as they were sent."""
        return self._data[self._start : self._end]

    @property
    def raw_size(self) -> int:
        """How many bytes the body has as it was sent."""
        return self._end - self._body

    @lazy
    def content(self) -> bytes:
        """The body with its transfer encoding undone."""
        if self.is_multipart:
            return self.raw
        encoding = self.encoding
        decoded = decode_body(self._data, self._body, self._end, encoding)
        if decoded.wrong:
            self.defect(decoded.wrong)
            if decoded.wrong is UNPADDED and self._cut_off:
                # The end is missing: so are the bits that the last letters stood for.
                return decoded.data[: len(decoded.data) // 3 * 3]
        return decoded.data

    @lazy
    def text(self) -> str:
        """The body as text, its lines as they are."""
        content = self.content
        if self.is_multipart:
            content = self._without_delimiters(content)
        if self.stray:
            content = self.stray + b"\n\n" + content if content else self.stray
        return self.text_of(content)

    def _without_delimiters(self, content: bytes) -> bytes:
        """The body of a multipart in which no part begins: what people see of it."""
        for boundary in _spellings(self.parameters.get("boundary", "")):
            content = re.sub(rb"(?m)^--" + re.escape(boundary) + rb"(?:--)?[ \t]*\r?\n?", b"", content)
        return content

    def text_of(self, content: bytes) -> str:
        """The text of bytes that are (a piece of) the content."""
        charset = self.parameters.get("charset", "")
        if not charset and "html" in self.content_type:
            declared = _META_CHARSET.search(content[:2048])
            charset = declared[1].decode("ascii") if declared else ""
            if charset[:6].lower() == "utf-16":  # what could be read was not (HTML 13.2.3.2)
                charset = "utf-8"
        text, wrong = decode_text(content, charset)
        if wrong:
            self.defect(wrong)
        return text

    # -- parts

    @lazy
    def is_multipart(self) -> bool:
        return self.content_type.startswith("multipart/")

    @lazy
    def is_message(self) -> bool:
        """True where the content is a message (which is then the only one of `parts`)."""
        return self.content_type in _MESSAGE_TYPES

    @lazy
    def parts(self) -> list[Part]:
        """The parts of a multipart, or the message in a message; none for others."""
        if not self.is_multipart and not self.is_message:
            return []
        if self._level >= MOST_LEVELS:
            self.defect(f"parts inside parts at more than {MOST_LEVELS} levels")
            return []
        if self.is_message:
            return self._message_inside()
        return self._parts_of_multipart()

    def _message_inside(self) -> list[Part]:
        if self._reading.parts_left <= 0:
            return []
        self._reading.parts_left -= 1
        data, start, end = self._data, self._body, self._end
        if self.encoding not in _PLAIN:
            # RFC 2046 5.2.1 forbids to encode a message; many programs do.
            data = self.content
            start, end = 0, len(data)
        number = f"{self.number}.0" if self.number else "0"
        start, wrong = message_start(data, start, end)
        message = Part(data, start, end, self._reading, number, self._level + 1)
        if wrong:
            message.defect(wrong)
        return [message]

    def _parts_of_multipart(self) -> list[Part]:
        places = self._places(self._data, self._body, self._end)
        if places is None and self.encoding in _ENCODED:
            # RFC 2045 6.4 forbids to encode a multipart; it has been seen.
            data = decode_body(self._data, self._body, self._end, self.encoding).data
            self.defect("a multipart with a transfer encoding")
            return self._make_parts(data, self._places(data, 0, len(data)) or [])
        if places is None:
            self.defect("a multipart without parts")
        return self._make_parts(self._data, places or [])

    def _make_parts(self, data: bytes, places: list[_Place]) -> list[Part]:
        prefix = f"{self.number}." if self.number else ""
        default_type = "message/rfc822" if self.content_type == "multipart/digest" else "text/plain"
        return [
            Part(
                data,
                place.start,
                place.end,
                self._reading,
                f"{prefix}{number}",
                self._level + 1,
                default_type,
                place.cut_off,
            )
            for number, place in enumerate(places, 1)
        ]

    def _places(self, data: bytes, start: int, end: int) -> list[_Place] | None:
        """Where the parts begin and end; None where there is no boundary line at all."""
        declared = self.parameters.get("boundary", "")
        for boundary in _spellings(declared):
            places = self._split(data, start, end, boundary)
            if places is not None:
                return places
        unknown = find_boundary(data, start, end)
        if not unknown:
            return None
        self.defect("boundary lines that the header does not announce" if declared else "no boundary in the header")
        return self._split(data, start, end, unknown)

    def _split(self, data: bytes, start: int, end: int, boundary: bytes) -> list[_Place] | None:
        places: list[_Place] = []
        begin = -1
        closed = False
        for delimiter in delimiters(data, start, end, boundary):
            if begin >= 0:
                places.append(_Place(begin, max(begin, delimiter.line_end)))
                self._reading.parts_left -= 1
            if delimiter.closing:
                # QUIRK: programs that put a part behind the end of a message that was complete.
                closed, begin = True, -1
                continue
            if closed:
                self.defect("parts behind the closing boundary line")
            begin = delimiter.content
            if self._reading.parts_left <= 0:
                self.defect(f"more than {MOST_PARTS} parts")
                return places
        if begin < 0:
            return places if closed else None
        self.defect("no closing boundary line")
        places.append(_Place(begin, max(begin, end), cut_off=True))
        return places

    def walk(self) -> Iterator[Part]:
        """This part and all parts in it, messages inside included, in their order."""
        yield self
        for part in self.parts:
            yield from part.walk()


_PLAIN = frozenset(("", "7bit", "8bit", "binary"))
_MOST_DEFECTS = 200
_HALF_TYPES = {
    "text": "text/plain",
    "html": "text/html",
    "message": "message/rfc822",
    "image": "application/octet-stream",
}


def _spellings(boundary: str) -> Iterator[bytes]:
    """The boundary as it is declared, and as programs mean it: without space at its end, which RFC 2046 forbids and
    gateways remove, without apostrophes around it, and without the hyphens that its lines begin with."""
    written = boundary.encode("utf-8", "surrogateescape")
    if written:
        yield written
    for meant in (written.strip(), written.strip(b"'"), written.removeprefix(b"--")):
        if meant and meant != written:
            yield meant
