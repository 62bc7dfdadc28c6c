"""A server in memory for dialogues too long to write down: it answers each command by a function.

It reads and answers like a real one with small socket buffers: what it has not answered counts, and a client that
writes on while the server's answers fill up would block for ever; here it fails the test."""

from __future__ import annotations

from collections.abc import Callable

from wlemail.errors import ConnectionLost

#: what the smallest socket buffers hold, in each direction
BUFFER = 65536


class AnsweringStream:
    host = "mail.example.com"
    port = 25
    is_secure = False
    is_loopback = True

    def __init__(self, answer: Callable[[str], str], *, offers: tuple[str, ...] = ("PIPELINING",)) -> None:
        self._answer = answer
        self._offers = offers
        self._unread = b""
        self._ready = b"220 ready\r\n"
        self._content = False
        self.commands: list[str] = []
        self.contents: list[bytes] = []
        self.round_trips = 0
        self._wrote = False
        self.closed = False

    def write(self, data: bytes) -> None:
        if self.closed:
            raise ConnectionLost("closed")
        self._wrote = True
        self._unread += data
        # A server that cannot write its answers reads no further.
        assert len(self._unread) <= BUFFER or len(self._ready) <= BUFFER, "both sides would wait for ever"
        while len(self._ready) <= BUFFER and self._step():
            pass

    def _step(self) -> bool:
        if self._content:
            content, found, rest = self._unread.partition(b".\r\n" if self._unread[:3] == b".\r\n" else b"\r\n.\r\n")
            if not found:
                return False
            self._content = False
            self.contents.append(content)
            self._unread = rest
            self._say("end of data")
            return True
        line, found, rest = self._unread.partition(b"\r\n")
        if not found:
            return False
        self._unread = rest
        command = line.decode()
        self.commands.append(command)
        if command.startswith("EHLO"):
            lines = ["mail.example.com", *self._offers]
            self._ready += "".join(
                f"250{'-' if i + 1 < len(lines) else ' '}{line}\r\n" for i, line in enumerate(lines)
            ).encode()
        else:
            self._say(command)
        return True

    def _say(self, command: str) -> None:
        answer = self._answer(command)
        self._content = answer.startswith("354")
        self._ready += answer.encode() + b"\r\n"

    def begin_wait(self) -> None:
        pass

    def read(self, limit: int = 65536) -> bytes:
        if self._wrote:
            self.round_trips += 1
            self._wrote = False
        data, self._ready = self._ready[:limit], self._ready[limit:]
        while len(self._ready) <= BUFFER and self._step():
            pass
        assert data, "the client waits for a server that has answered everything"
        return data

    def start_tls(self) -> None:
        raise AssertionError("no TLS here")

    def close(self) -> None:
        self.closed = True
