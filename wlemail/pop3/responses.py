"""POP3 responses (RFC 1939 3, RFC 2449 8) out of the bytes that arrive. No I/O.

Messages are taken in a few strokes, never line by line: found by the five octets that end them, cut out, and unstuffed
only where there is something to unstuff. Strict about that end: who takes a bare LF for a line end in what a correct
server sends lets the writer of a mail end it early and speak in the server's name.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..errors import ProtocolViolation, ServerReply
from ..wire.reader import Reader

# RFC 2449 4 allows 512 octets; SASL challenges are longer (RFC 5034 4 has 12288).
MAX_LINE = 12288
# So far the first line of a message is looked at for its line end; real ones end before.
_FIRST_LINE = 2048
# What cannot yet hold the whole end stays in the reader; the rest moves to a list, so that nothing is copied twice.
_KEPT_BACK = 4
_MANY = 65536

# RFC 2449 8: one response code, upper case, with levels ("SYS/TEMP").
_CODE = re.compile(r"\[([A-Za-z0-9/_.-]+)\]")
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")

OK = "+OK"
ERR = "-ERR"
CHALLENGE = "+"


class Response(NamedTuple):
    """A status with its text, and what followed it where the command has an answer of many lines."""

    status: str
    text: str
    #: the lines with CR LF ends, unstuffed, without the final dot; None where the answer has one line
    content: bytes | None = None

    @property
    def ok(self) -> bool:
        return self.status == OK

    @property
    def code(self) -> str:
        """The response code in upper case ("AUTH", "IN-USE", "SYS/TEMP"), "" where there is none."""
        found = _CODE.match(self.text)
        return found[1].upper() if found else ""

    def reply(self) -> ServerReply:
        """What the server said, as errors carry it."""
        return ServerReply(0, f"{self.status} {self.text}".rstrip())


class ResponseParser:
    """One response at a time from a reader; what follows it stays untouched in the reader."""

    __slots__ = ("_endings", "_parts", "_reader", "_size", "_status")

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        # The response whose lines are still to come, and whether its line ends are bare LFs.
        self._status: Response | None = None
        self._endings: tuple[bytes, ...] = ()
        self._parts: list[bytes] = []
        self._size = 0

    @property
    def inside(self) -> bool:
        """True between the status and the end of a response of many lines."""
        return self._status is not None

    @property
    def content_size(self) -> int:
        """Octets that have come of the response under way."""
        return self._size + self._reader.waiting if self._status is not None else 0

    def next(self, content_limit: int = 0) -> Response | None:
        """The next response, or None where it is not complete. With a limit (in octets) a success has many lines."""
        status = self._status
        if status is None:
            line = self._reader.take_line(MAX_LINE)
            if line is None:
                return None
            status = _status(line)
            if not content_limit or status.status != OK:
                return status
            self._status = status
            # QUIRK: servers that end all lines in a bare LF.
            self._endings = _LF_ENDS if line[-2:-1] != b"\r" else ()
        content = self._content(content_limit)
        if content is None:
            return None
        self._status = None
        return Response(status.status, status.text, content)

    def _content(self, limit: int) -> bytes | None:
        reader = self._reader
        if not self._endings and not self._choose_endings():
            return None
        endings = self._endings
        if not self._size and reader.peek(1) == b"." and (empty := self._empty()) is not None:
            return empty
        block = reader.take_through(*endings)
        arrived = self._size + (reader.waiting if block is None else len(block))
        if arrived > limit:
            raise ProtocolViolation(f"the server sent a response of more than {limit} bytes")
        if block is None:
            if reader.waiting > _MANY:
                self._keep(reader.take_some(reader.waiting - _KEPT_BACK))
            return None
        if endings is _CRLF_ENDS:
            # The whole end is in this block, whatever came before: see _KEPT_BACK.
            return unstuffed(self._joined(block[:-3]))
        return _normalised(self._joined(block))

    def _joined(self, last: bytes) -> bytes:
        if not self._parts:
            return last
        parts, self._parts = [*self._parts, last], []
        self._size = 0
        return b"".join(parts)

    def _keep(self, octets: bytes) -> None:
        self._parts.append(octets)
        self._size += len(octets)

    def _choose_endings(self) -> bool:
        """Look at the line end of the first line; False where it has not come."""
        reader = self._reader
        end = reader.find(b"\n")
        if end < 0 and reader.waiting < _FIRST_LINE:
            return False
        # QUIRK: servers that pass a message on with the bare LFs of the file that it lies in, and end it by ".\r\n".
        # Whoever wrote the mail does not make its first line: a server's trace fields stand there.
        bare = end == 0 or (end > 0 and reader.peek(end)[-1:] != b"\r")
        self._endings = _LF_ENDS if bare else _CRLF_ENDS
        return True

    def _empty(self) -> bytes | None:
        """The content of no lines, None where there are some (or too little has come to say)."""
        for ending in (b".\r\n", b".\n"):
            if self._reader.peek(len(ending)) == ending:
                self._reader.take_some(len(ending))
                return b""
        return None


_CRLF_ENDS = (b"\r\n.\r\n",)
_LF_ENDS = (b"\n.\n", b"\n.\r\n")


def unstuffed(content: bytes) -> bytes:
    """The lines without the dot that was put before each leading dot (RFC 1939 3)."""
    if content[:2] == b"..":
        content = content[1:]
    return content.replace(b"\r\n..", b"\r\n.")


def _normalised(block: bytes) -> bytes:
    """The lines of a server that ends them in bare LFs."""
    lines = block.replace(b"\r\n", b"\n")[:-2]
    if lines[:2] == b"..":
        lines = lines[1:]
    return lines.replace(b"\n..", b"\n.").replace(b"\n", b"\r\n")


def _status(line: bytes) -> Response:
    """The status line: +OK or -ERR in any case (some servers), "+" for a challenge."""
    word, _, rest = line.rstrip(b"\r\n").partition(b" ")
    status = _STATUSES.get(word) or _STATUSES.get(word.upper())
    if status is None:
        shown = line[:80].decode("ascii", "backslashreplace")
        raise ProtocolViolation(f"the server sent a line that is no POP3 response: {shown!r}")
    return Response(status, _decoded(rest))


_STATUSES = {b"+OK": OK, b"-ERR": ERR, b"+": CHALLENGE}


def _decoded(text: bytes) -> str:
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError:
        # QUIRK: texts in the server's own 8-bit character set; Latin-1 reads any byte and is right most often.
        decoded = text.decode("latin-1")
    return decoded if decoded.isprintable() else _CONTROLS.sub("�", decoded)
