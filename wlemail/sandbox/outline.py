"""What is in a received message, for showing it: header fields decoded, the tree of its parts, the beginning of texts.

Reads line by line, so that a message of any size takes little memory, and never raises on what it reads. It is there
to show what came, not to be a mail reader: attachments are measured and digested, not kept.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from ..message.fields.encoded_words import decode_words

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Characters of each text that are kept.
EXCERPT = 4000
#: Deeper than this, and beyond so many, parts are read as text: a stranger's message shall not exhaust anything.
MAX_DEPTH = 20
MAX_PARTS = 500
MAX_HEADER = 256 * 1024
_READ = 65536


@dataclass
class Part:
    """One part of a message: a multipart with `parts`, or a leaf with what its content comes to when decoded."""

    fields: list[tuple[str, str]] = field(default_factory=list)
    content_type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    encoding: str = "7bit"
    #: the file name of an attachment, "" where there is none
    name: str = ""
    #: Content-ID without its brackets
    identifier: str = ""
    #: octets of the decoded content, and their SHA-256 in hexadecimal
    size: int = 0
    digest: str = ""
    #: the beginning of the decoded text, for text parts
    text: str = ""
    parts: list[Part] = field(default_factory=list)

    def value(self, name: str) -> str:
        """The first field of that name, decoded; "" where there is none."""
        return next((value for found, value in self.fields if found.lower() == name.lower()), "")

    @property
    def leaves(self) -> Iterator[Part]:
        """The parts that are not multiparts, in the order of the message."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves

    @property
    def attachments(self) -> list[Part]:
        """The parts that have a file name."""
        return [part for part in self.leaves if part.name]


def read_outline(stream: BinaryIO) -> Part:
    """Read a message from a binary stream to its end."""
    return _Reading(stream).part(())


class _Reading:
    """A message being read: the line that is next, and how many parts there have been."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._parts = 0
        self._line = stream.readline(_READ)

    def _take(self) -> bytes:
        line = self._line
        self._line = self._stream.readline(_READ)
        return line

    def part(self, boundaries: tuple[bytes, ...]) -> Part:
        self._parts += 1
        part = _describe(self._header(boundaries))
        boundary = part.parameters.get("boundary", "").encode("utf-8", "replace")
        is_multipart = part.content_type.startswith("multipart/") and boundary
        if is_multipart and len(boundaries) < MAX_DEPTH and self._parts < MAX_PARTS:
            self._multipart(part, boundaries, boundary)
        else:
            self._leaf(part, boundaries)
        return part

    def _header(self, boundaries: tuple[bytes, ...]) -> bytes:
        taken: list[bytes] = []
        size = 0
        while self._line and not self._at(boundaries):
            line = self._take()
            if not line.strip(b"\r\n"):
                break
            size += len(line)
            if size <= MAX_HEADER:
                taken.append(line)
        return b"".join(taken)

    def _at(self, boundaries: tuple[bytes, ...]) -> bool:
        return self._line.startswith(b"--") and any(self._is_delimiter(boundary) for boundary in boundaries)

    def _is_delimiter(self, boundary: bytes) -> bool:
        rest = self._line[2 + len(boundary) :].strip()
        return self._line.startswith(b"--" + boundary) and rest in (b"", b"--")

    def _multipart(self, part: Part, outer: tuple[bytes, ...], boundary: bytes) -> None:
        inner = (*outer, boundary)
        while self._line and not self._at(inner):
            self._take()
        while self._is_delimiter(boundary) and not self._line.rstrip().endswith(b"--" + boundary + b"--"):
            self._take()
            part.parts.append(self.part(inner))
        # What follows the last delimiter belongs to nobody (RFC 2046 5.1.1).
        while self._line and not self._at(outer):
            self._take()

    def _leaf(self, part: Part, boundaries: tuple[bytes, ...]) -> None:
        decode = _DECODERS.get(part.encoding, _identity)
        digest = hashlib.sha256()
        excerpt = b""
        for data in decode(self._body(boundaries)):
            digest.update(data)
            part.size += len(data)
            if len(excerpt) < 4 * EXCERPT:
                excerpt += data[: 4 * EXCERPT]
        part.digest = digest.hexdigest()
        if part.content_type.startswith("text/"):
            part.text = _to_text(excerpt, part.parameters.get("charset", "utf-8"))[:EXCERPT]

    def _body(self, boundaries: tuple[bytes, ...]) -> Iterator[bytes]:
        """The lines up to the next delimiter, whose line end it owns."""
        held = b""
        while self._line and not self._at(boundaries):
            line = held + self._take()
            end = 2 if line.endswith(b"\r\n") else 1 if line.endswith(b"\n") else 0
            cut = len(line) - end if boundaries else len(line)
            held = line[cut:]
            yield line[:cut]
        if not self._line:
            yield held


# -- fields ---------------------------------------------------------------------------------------------


def _describe(header: bytes) -> Part:
    unfolded = re.sub(r"\r?\n(?=[ \t])", "", header.decode("utf-8", "replace"))
    part = Part()
    for line in unfolded.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            part.fields.append((name.strip(), value.strip()))
    content_type, part.parameters = _parameters(part.value("Content-Type"))
    part.content_type = content_type if "/" in content_type else "text/plain"
    part.encoding = part.value("Content-Transfer-Encoding").lower() or "7bit"
    part.identifier = part.value("Content-ID").strip("<>")
    disposition = _parameters(part.value("Content-Disposition"))[1]
    part.name = disposition.get("filename") or part.parameters.get("name", "")
    part.fields = [(name, decode_words(value)) for name, value in part.fields]
    return part


_PARAMETER = re.compile(r""";\s*([^\s=;*]+)(\*[0-9]+)?(\*)?\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)""")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")


def _parameters(value: str) -> tuple[str, dict[str, str]]:
    """A value and its parameters, with the continuations and charsets of RFC 2231 put together."""
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, position, extended, text in _PARAMETER.findall(value):
        if text.startswith('"'):
            text = re.sub(r"\\(.)", r"\1", text[1:-1])
        pieces.setdefault(name.lower(), []).append(
            (int(position[1:] or 0) if position else 0, bool(extended), text.strip())
        )
    parameters = {name: _join(found) for name, found in pieces.items()}
    return value.partition(";")[0].strip().lower(), parameters


def _join(pieces: list[tuple[int, bool, str]]) -> str:
    pieces.sort(key=lambda piece: piece[0])
    if not any(extended for _, extended, _ in pieces):
        return decode_words("".join(text for _, _, text in pieces))
    charset, data = "utf-8", b""
    for position, extended, text in pieces:
        if extended and position == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        octets = text.encode()
        data += _PERCENT.sub(lambda code: bytes.fromhex(code[1].decode()), octets) if extended else octets
    return _to_text(data, charset)


def _to_text(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset, "replace")
    except LookupError:
        return data.decode("utf-8", "replace")


# -- content --------------------------------------------------------------------------------------------


def _identity(lines: Iterator[bytes]) -> Iterator[bytes]:
    return lines


def _from_base64(lines: Iterator[bytes]) -> Iterator[bytes]:
    block = bytearray()
    for line in lines:
        block += line.translate(None, b" \t\r\n")
        if len(block) >= _READ:
            cut = len(block) - len(block) % 4
            yield _base64_block(bytes(block[:cut]))
            del block[:cut]
    yield _base64_block(bytes(block))


def _base64_block(block: bytes) -> bytes:
    try:
        return binascii.a2b_base64(block)
    except binascii.Error:
        return b""


def _from_quoted_printable(lines: Iterator[bytes]) -> Iterator[bytes]:
    pending = b""
    for line in lines:
        pending += line
        # Only whole lines can be decoded: a soft line end stands at the end of one.
        cut = pending.rfind(b"\n") + 1
        yield binascii.a2b_qp(pending[:cut])
        pending = pending[cut:]
    yield binascii.a2b_qp(pending)


_DECODERS = {"base64": _from_base64, "quoted-printable": _from_quoted_printable}
