"""SMTP replies (RFC 5321 4.2) out of the bytes that arrive, with enhanced status codes (RFC 2034). No I/O.

Lenient where real servers are sloppy, each case marked; strict in what frames a reply: a client that guesses where
a reply ends takes the answer to one command for the answer to another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..errors import ProtocolViolation, ServerReply
from ..wire.reader import Reader

# RFC 5321 4.5.3.1.5 allows 512 octets, RFC 4954 4 more for the challenges of AUTH.
MAX_LINE = 12288
# The longest honest replies (policy texts with links, HELP) have some 2 KiB.
MAX_REPLY = 65536
# What is kept for the next time it comes: texts with queue ids never come again and must not pile up.
_MOST_KNOWN = 16
_LONGEST_KNOWN = 4096

_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?: |$)")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class ReplyParser:
    """One reply at a time from a reader; what follows it stays untouched in the reader."""

    __slots__ = ("_earlier", "_known", "_reader", "_size")

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        # The lines of a multi-line reply whose last line is still to come.
        self._earlier: list[bytes] = []
        self._size = 0
        # To the same commands most servers send the same octets over and over.
        self._known: dict[bytes, Sequence[ServerReply]] = {}

    @property
    def inside(self) -> bool:
        """True between the first and the last line of a reply."""
        return bool(self._earlier)

    @property
    def _idle(self) -> bool:
        return not (self._earlier or self._reader.waiting)

    def take(self, data: bytes, most: int) -> Sequence[ServerReply]:
        """Feed the reader what arrived; the replies that are complete with it, so many at most."""
        between = self._idle
        if between:
            known = self._known.get(data)
            if known is not None and len(known) <= most:
                return known
        self._reader.feed(data)
        replies: list[ServerReply] = []
        while len(replies) < most and (reply := self.next()) is not None:
            replies.append(reply)
        if between and self._idle and len(data) <= _LONGEST_KNOWN and len(self._known) < _MOST_KNOWN:
            self._known[data] = replies
        return replies

    def next(self) -> ServerReply | None:
        """The next reply, or None where it is not complete."""
        while (line := self._reader.take_line(MAX_LINE)) is not None:
            line = line.rstrip(b"\r\n")  # QUIRK: bare LF and CR CR LF as line ends
            if line[3:4] != b"-":
                if not self._earlier:
                    return _reply(line, line[4:])
                lines = [*self._earlier, line]
                self._earlier.clear()
                self._size = 0
                # QUIRK: where the lines' codes differ (RFC 5321 4.2.1 forbids it) the last one counts, as with Postfix.
                return _reply(line, b"\n".join([part[4:] for part in lines]))
            _check(line)
            self._earlier.append(line)
            self._size += len(line)
            if self._size > MAX_REPLY:
                raise ProtocolViolation(f"the server sent a reply of more than {MAX_REPLY} bytes")
        return None


def _check(line: bytes) -> None:
    # QUIRK: "250" without a text and without the blank before it; a tab instead of the blank.
    if not (line[:3].isdigit() and b"2" <= line[:1] <= b"5" and line[3:4] in (b" ", b"-", b"", b"\t")):
        shown = line[:80].decode("ascii", "backslashreplace")
        raise ProtocolViolation(f"the server sent a line that is no SMTP reply: {shown!r}")


def _reply(last: bytes, content: bytes) -> ServerReply:
    _check(last)
    code = int(last[:3])
    text = _decode(content)
    # Nearly every reply without an enhanced code shows it in its first characters.
    match = _ENHANCED.match(text) if text[1:2] == "." else None
    if match is None or text[0] != str(code)[0]:
        return ServerReply(code, text.strip())
    enhanced = match[1]
    lines = [line.removeprefix(enhanced).strip() for line in text.split("\n")]
    return ServerReply(code, "\n".join(lines), enhanced)


def _decode(content: bytes) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        # QUIRK: texts in the server's own 8-bit character set; Latin-1 reads any byte and is right most often.
        text = content.decode("latin-1")
    return text if text.isprintable() else _CONTROLS.sub("�", text)
