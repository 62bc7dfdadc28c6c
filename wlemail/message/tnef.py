"""TNEF, the `winmail.dat` of Outlook and Exchange: text and attachments in Microsoft's own envelope ([MS-OXTNEF]).

A stream of attributes, some of which hold MAPI properties. What is damaged ends the reading, never the program.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from .charsets import decode_text
from .compressed_rtf import decompress_rtf
from .rtf import read_rtf

_SIGNATURE = 0x223E9F78
_ATTRIBUTE = struct.Struct("<BII")
_MOST_FILES = 1000
_MOST_PROPERTIES = 20_000
_DEEPEST = 10  # messages that are attached to messages

# Attributes: type in the upper half, number in the lower.
_BODY = 0x0002800C
_ATTACH_DATA = 0x0006800F
_ATTACH_TITLE = 0x00018010
_ATTACH_START = 0x00069002
_MESSAGE_PROPERTIES = 0x00069003
_ATTACH_PROPERTIES = 0x00069005
_CODE_PAGE = 0x00069007

# MAPI properties.
_TEXT = 0x1000
_REPORT_TEXT = 0x1001
_RTF = 0x1009
_HTML = 0x1013
_SUBJECT = 0x0037
_INTERNET_CODE_PAGE = 0x3FDE
_DISPLAY_NAME = 0x3001
_DATA = 0x3701
_FILE_NAME = 0x3704
_LONG_FILE_NAME = 0x3707
_MIME_TYPE = 0x370E
_CONTENT_ID = 0x3712

# Types of properties.
_STRING, _UNICODE, _OBJECT, _BINARY = 0x1E, 0x1F, 0x0D, 0x102
_SIZES = {0x01: 4, 0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_MANY = 0x1000
# An object begins with its interface: a message in TNEF again, else bytes.
_MESSAGE_INTERFACE = bytes.fromhex("0703020000000000c000000000000046")


class TnefFile(NamedTuple):
    name: str
    content: bytes
    content_type: str
    identifier: str


class Unfolded(NamedTuple):
    """What was in the envelope."""

    text: str
    html: str
    rtf: bytes
    files: list[TnefFile]


def unfold(data: bytes) -> Unfolded | None:
    """What is in a TNEF stream; None where it is none, or is damaged and nothing of it can be read.

    A whole stream may hold nothing for people: properties that Outlook keeps beside a text that was sent as usual.
    """
    found = _unfold(data, 0)
    return found if found is not None and (any(found) or _is_whole(data)) else None


def _is_whole(data: bytes) -> bool:
    end = 6
    for _, value in _attributes(data):
        end += _ATTRIBUTE.size + len(value) + 2
    return end == len(data) > 6


def _unfold(data: bytes, depth: int) -> Unfolded | None:
    if len(data) < 6 or int.from_bytes(data[:4], "little") != _SIGNATURE:
        return None
    message = _Envelope(depth)
    for attribute, value in _attributes(data):
        message.take(attribute, value)
    return message.unfolded()


def _attributes(data: bytes) -> Iterator[tuple[int, memoryview]]:
    view = memoryview(data)
    position = 6
    while position + _ATTRIBUTE.size <= len(data):
        level, attribute, size = _ATTRIBUTE.unpack_from(data, position)
        position += _ATTRIBUTE.size
        if level not in (1, 2):
            return
        yield attribute, view[position : position + size]
        position += size + 2  # a checksum follows


class _Envelope:
    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.code_page = ""
        self.body: bytes | None = None
        self.properties: dict[int, str | bytes | int] = {}
        self.attachments: list[_Attachment] = []

    def take(self, attribute: int, value: memoryview) -> None:
        if attribute == _CODE_PAGE and len(value) >= 4:
            self.code_page = f"cp{int.from_bytes(value[:4], 'little')}"
        elif attribute == _BODY:
            self.body = bytes(value)
        elif attribute == _MESSAGE_PROPERTIES:
            for name, found in _properties(value, self.code_page):
                self.properties.setdefault(name, found)
        elif attribute == _ATTACH_START:
            self.attachments.append(_Attachment())
        elif attribute in (_ATTACH_DATA, _ATTACH_TITLE, _ATTACH_PROPERTIES):
            if not self.attachments:
                self.attachments.append(_Attachment())
            self.attachments[-1].take(attribute, value, self.code_page)

    def unfolded(self) -> Unfolded:
        files = [file for attachment in self.attachments[:_MOST_FILES] for file in attachment.files(self.depth)]
        rtf = self.properties.get(_RTF, b"")
        rtf = decompress_rtf(rtf) if isinstance(rtf, bytes) else b""
        text, html = self.own_text(), self.own_html()
        if rtf and not (text and html):
            read = read_rtf(rtf)
            if read.is_html:
                html = html or read.text
            elif not html:
                text = text or read.text
        return Unfolded(text, html, rtf, files)

    def own_text(self) -> str:
        text = self.properties.get(_TEXT) or self.properties.get(_REPORT_TEXT, "")
        if not text and self.body:
            text = decode_text(self.body, self.code_page)[0]
        return text.rstrip("\0") if isinstance(text, str) else ""

    def own_html(self) -> str:
        html = self.properties.get(_HTML, "")
        if isinstance(html, bytes):
            page = self.properties.get(_INTERNET_CODE_PAGE, 0)
            html = decode_text(html, _charset_of(page) if isinstance(page, int) and page else self.code_page)[0]
        return html.rstrip("\0") if isinstance(html, str) else ""


def _charset_of(code_page: int) -> str:
    """Windows' numbers for charsets that have none of IBM's."""
    if 28591 <= code_page <= 28606:
        return f"iso-8859-{code_page - 28590}"
    return {20127: "us-ascii", 20866: "koi8-r", 21866: "koi8-u", 50220: "iso-2022-jp", 51932: "euc-jp"}.get(
        code_page, f"cp{code_page}"
    )


class _Attachment:
    def __init__(self) -> None:
        self.title = ""
        self.data: memoryview | None = None
        self.properties: dict[int, str | bytes | int] = {}

    def take(self, attribute: int, value: memoryview, code_page: str) -> None:
        if attribute == _ATTACH_DATA:
            self.data = value
        elif attribute == _ATTACH_TITLE:
            self.title = decode_text(bytes(value).rstrip(b"\0"), code_page)[0]
        else:
            for name, found in _properties(value, code_page):
                self.properties.setdefault(name, found)

    def word(self, name: int) -> str:
        found = self.properties.get(name, "")
        return found.strip("\0 ") if isinstance(found, str) else ""

    def files(self, depth: int) -> list[TnefFile]:
        """The file; or, where a message is attached, its text and its files."""
        data = self.properties.get(_DATA)
        content = data if isinstance(data, bytes) else bytes(self.data or b"")
        if content.startswith(_MESSAGE_INTERFACE):
            inner = _unfold(content[16:], depth + 1) if depth < _DEEPEST else None
            if inner is not None:
                return _message_files(inner, self.word(_DISPLAY_NAME) or self.name())
        if not content and data is None and self.data is None:
            return []
        return [TnefFile(self.name(), content, self.word(_MIME_TYPE).lower(), self.word(_CONTENT_ID).strip("<>"))]

    def name(self) -> str:
        return self.word(_LONG_FILE_NAME) or self.title or self.word(_FILE_NAME) or self.word(_DISPLAY_NAME)


def _message_files(message: Unfolded, name: str) -> list[TnefFile]:
    """An attached message as files: its text is one of them, called by its subject."""
    name = name or "message"
    files = []
    if message.html:
        files.append(TnefFile(f"{name}.html", message.html.encode("utf-8", "replace"), "text/html", ""))
    elif message.text:
        files.append(TnefFile(f"{name}.txt", message.text.encode("utf-8", "replace"), "text/plain", ""))
    return files + message.files


# -- MAPI properties --------------------------------------------------------------------------------


class _End(Exception):
    """The properties end where they should not."""


class _Bytes:
    """Reads little-endian numbers and padded strings."""

    def __init__(self, view: memoryview) -> None:
        self.view = view
        self.position = 0

    def number(self, size: int = 4) -> int:
        return int.from_bytes(self.take(size), "little")

    def take(self, size: int) -> memoryview:
        end = self.position + size
        if end > len(self.view):
            raise _End
        piece = self.view[self.position : end]
        self.position = end
        return piece

    def padded(self) -> memoryview:
        """A length, as many bytes, and zeros up to a multiple of four."""
        piece = self.take(self.number())
        self.position += -len(piece) % 4
        return piece


def _properties(view: memoryview, code_page: str) -> Iterator[tuple[int, str | bytes | int]]:
    data = _Bytes(view)
    try:
        for _ in range(min(data.number(), _MOST_PROPERTIES)):
            kind, name = data.number(2), data.number(2)
            if name >= 0x8000:  # a name of its own: a GUID, and a number or a string
                data.take(16)
                if data.number() == 0:
                    data.take(4)
                else:
                    data.padded()
            value = _value(data, kind, code_page)
            if value is not None:
                yield name, value
    except _End:
        return


def _value(data: _Bytes, kind: int, code_page: str) -> str | bytes | int | None:
    """The (first) value of a property; None where it is of no use here."""
    plain = kind & ~_MANY
    variable = plain in (_STRING, _UNICODE, _OBJECT, _BINARY)
    count = data.number() if variable or kind & _MANY else 1
    if not variable:
        size = _SIZES.get(plain)
        if size is None:
            raise _End
        first = data.number(size) if count else None
        data.take(max(count - 1, 0) * size)
        return first
    values = [data.padded() for _ in range(count)]
    return _decoded(values[0], plain, code_page) if values else None


def _decoded(value: memoryview, kind: int, code_page: str) -> str | bytes:
    if kind == _UNICODE:
        return bytes(value).decode("utf-16-le", "replace").rstrip("\0")
    if kind == _STRING:
        return decode_text(bytes(value).rstrip(b"\0"), code_page)[0]
    data = bytes(value)
    if kind == _OBJECT and not data.startswith(_MESSAGE_INTERFACE):
        return data[16:]
    return data
