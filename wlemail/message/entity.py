"""MIME entities as they are sent: header fields, and a body of bytes and streams whose sizes are known beforehand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from ..errors import AttachmentUnreadable
from .encodings import BASE64_BLOCK, base64_rows, base64_size


class Content(Protocol):
    """Where the bytes of an attachment come from: a file, or memory."""

    @property
    def size(self) -> int:
        """The exact number of bytes."""

    @property
    def path(self) -> str:
        """What errors call it."""

    def blocks(self, size: int) -> Iterator[bytes]:
        """The bytes, in blocks of exactly `size` (the last may be shorter); may be asked for more than once."""


class BytesContent:
    """Content that is in memory."""

    __slots__ = ("data", "path", "size")

    def __init__(self, data: bytes, path: str = "") -> None:
        self.data = data
        self.path = path
        self.size = len(data)

    def blocks(self, size: int) -> Iterator[bytes]:
        if self.size <= size:
            yield self.data
        else:
            for start in range(0, self.size, size):
                yield self.data[start : start + size]


class Stream(Protocol):
    """A part of a message that is made while it is sent."""

    @property
    def size(self) -> int: ...

    def chunks(self) -> Iterator[bytes]: ...


class Base64Stream:
    """Content on its way as base64."""

    __slots__ = ("content", "size")

    def __init__(self, content: Content) -> None:
        self.content = content
        self.size = base64_size(content.size)

    def chunks(self) -> Iterator[bytes]:
        return base64_rows(self.content.blocks(BASE64_BLOCK))


class LineStream:
    """Content that is sent as it is: ASCII lines, whose ends become CR LF (a message inside a message)."""

    __slots__ = ("content", "size")

    def __init__(self, content: Content, size: int) -> None:
        self.content = content
        self.size = size

    @classmethod
    def of(cls, content: Content) -> LineStream | None:
        """The stream for this content, which is read through once; None where 7bit cannot carry it."""
        try:
            return cls(content, sum(map(len, _plain_lines(content))))
        except _NotPlain:
            return None

    def chunks(self) -> Iterator[bytes]:
        left = self.size
        try:
            for lines in _plain_lines(self.content):
                left -= len(lines)
                if left < 0:
                    raise _NotPlain
                yield lines
            if left:
                raise _NotPlain
        except _NotPlain:
            # Another content of the same size took its place after it was looked at.
            raise AttachmentUnreadable(self.content.path, "it changed while it was sent") from None


class _NotPlain(Exception):
    """The content cannot be sent without an encoding."""


def _plain_lines(content: Content) -> Iterator[bytes]:
    """The content with CR LF at its line ends, checked: ASCII without NUL, no bare CR, lines of at most 998."""
    rest = b""
    for block in content.blocks(BASE64_BLOCK):
        block = rest + block
        cut = block.rfind(b"\n") + 1
        yield _checked_lines(block[:cut])
        rest = block[cut:]
        if len(rest) > 999:  # 998 and the CR of its end
            raise _NotPlain
    if rest:
        yield _checked_lines(rest + b"\n")


def _checked_lines(lines: bytes) -> bytes:
    lines = lines.replace(b"\r\n", b"\n")
    if not lines.isascii() or b"\0" in lines or b"\r" in lines or max(map(len, lines.split(b"\n"))) > 998:
        raise _NotPlain
    return lines.replace(b"\n", b"\r\n")


class Entity(NamedTuple):
    """A part of a message, or all of it: its content fields (each ended with CR LF) and its body."""

    fields: str
    body: Sequence[bytes | Stream]


def multipart(subtype: str, boundary: str, parts: Sequence[Entity], parameters: str = "") -> Entity:
    """An entity made of others (RFC 2046 5.1); `parameters` is added to the Content-Type as it is.

    The boundary must be in no part: it holds "=_", which no encoding makes, and random bits, which no author knows.
    """
    body: list[bytes | Stream] = []
    start = f"--{boundary}\r\n"
    for part in parts:
        body.append(f"{start}{part.fields}\r\n".encode())
        body.extend(part.body)
        start = f"\r\n--{boundary}\r\n"
    body.append(f"\r\n--{boundary}--\r\n".encode())
    return Entity(f'Content-Type: multipart/{subtype};{parameters}\r\n boundary="{boundary}"\r\n', body)
