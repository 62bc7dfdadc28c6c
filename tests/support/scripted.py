"""A Stream that follows a script: exact bytes expected, bytes answered. Transcripts for client tests.

A dialogue is text, one step a line:

    S: 220 hello          the server sends this line (CR LF is added)
    C: EHLO [127.0.0.1]   the client must send this line, and must not send it before it has read what stands above
    S> 250 par            the server sends this without a line end; Python escapes (\\r, \\n, \\xe9) are understood
    C> .\\r\\n             the client must send this without a line end added, escapes too
    C* 2048               the client sends so many octets, whatever they are
    -- TLS                the TLS handshake
    -- CLOSE              the server has closed: reads end, writes vanish
    -- RESET              reads and writes fail
    -- BREAK              writes fail; what the server has sent before can still be read
    -- STALL              the server keeps silent: reads time out
    -- INTERRUPT          Ctrl-C during a read

Blank lines and lines that begin with "#" are skipped.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from wlemail.errors import ConnectionLost, TimedOut

Step = tuple[str, bytes]


def parse_dialogue(dialogue: str) -> list[Step]:
    """The steps of a dialogue."""
    steps: list[Step] = []
    for line in dialogue.splitlines():
        # A transcript is indented like the test around it; what a line ends in may matter.
        line = line.lstrip(" ")
        if not line or line.startswith("#"):
            continue
        kind, text = line[:2], line[3:]
        if kind in ("S:", "C:"):
            steps.append((kind[0], text.encode() + b"\r\n"))
        elif kind in ("S>", "C>"):
            steps.append(
                (kind[0], text.encode("latin-1", "backslashreplace").decode("unicode_escape").encode("latin-1"))
            )
        elif kind == "C*":
            steps.append(("any", b"\0" * int(text)))
        elif kind == "--":
            steps.append((text.strip(), b""))
        else:
            raise AssertionError(f"not a step: {line!r}")
    return steps


class ScriptedStream:
    """Fails the test on the first byte that is not in the script, and where the client waits for what cannot come."""

    def __init__(
        self,
        dialogue: str | Iterable[Step],
        *,
        reading: Literal["whole", "bytes"] = "whole",
        host: str = "mail.example.com",
        port: int = 587,
        is_secure: bool = False,
        is_loopback: bool = False,
    ) -> None:
        self._steps = parse_dialogue(dialogue) if isinstance(dialogue, str) else list(dialogue)
        self._at = 0
        self._reading = reading
        self._waiting = False
        self._wrote = False
        self._broken = False
        self.host = host
        self.port = port
        self.is_secure = is_secure
        self.is_loopback = is_loopback
        self.closed = False
        #: how often the client has waited for the server after it had sent something
        self.round_trips = 0
        self.written = b""
        self.writes: list[bytes] = []

    # -- the Stream ---------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        assert not self.closed, "written to a closed stream"
        assert isinstance(data, bytes)
        self._wrote = True
        # The wait for an answer to this needs a deadline of its own.
        self._waiting = False
        self.written += data
        self.writes.append(data)
        while data:
            kind, expected = self._step()
            if kind == "BREAK":
                self._at += 1
                self._broken = True
            if self._broken or kind == "RESET":
                raise ConnectionLost("connection reset", host=self.host, port=self.port, errno=104)
            if kind in ("CLOSE", "STALL"):
                return
            assert kind in ("C", "any"), f"the client sent {data[:80]!r} before it read {kind} {expected!r}"
            part = data[: len(expected)]
            if kind == "C":
                assert part == expected[: len(part)], f"expected {expected!r}, the client sent {data[:200]!r}"
            data = data[len(part) :]
            self._take(expected[len(part) :])

    def begin_wait(self) -> None:
        self._waiting = True

    def begin_wait_of(self, seconds: float) -> None:
        self._waiting = True

    def read(self, limit: int = 65536) -> bytes:
        assert not self.closed, "read from a closed stream"
        assert self._waiting, "read without begin_wait: this wait has no deadline"
        if self._wrote:
            self._wrote = False
            self.round_trips += 1
        while self._step()[0] == "BREAK":
            self._broken = True
            self._at += 1
        kind, _ = self._step()
        if kind == "CLOSE":
            return b""
        if kind == "RESET":
            raise ConnectionLost("connection reset", host=self.host, port=self.port, errno=104)
        if kind == "STALL":
            self._waiting = False
            raise TimedOut("reply", 1, host=self.host, port=self.port)
        if kind == "INTERRUPT":
            raise KeyboardInterrupt
        assert kind == "S", f"the client waits for the server, which waits for {self._step()!r}"
        return self._server_sends(min(limit, 1) if self._reading == "bytes" else limit)

    def start_tls(self) -> None:
        kind, _ = self._step()
        assert kind == "TLS", f"TLS begins where the script has {self._step()!r}"
        self._at += 1
        self.is_secure = True

    def close(self) -> None:
        self.closed = True

    # -- the script ---------------------------------------------------------------------------------

    def _step(self) -> Step:
        assert self._at < len(self._steps), "the dialogue goes on after the script has ended"
        return self._steps[self._at]

    def _take(self, rest: bytes) -> None:
        if rest:
            self._steps[self._at] = (self._steps[self._at][0], rest)
        else:
            self._at += 1

    def _server_sends(self, limit: int) -> bytes:
        data = b""
        while len(data) < limit and self._at < len(self._steps) and self._steps[self._at][0] == "S":
            octets = self._steps[self._at][1]
            part = octets[: limit - len(data)]
            data += part
            self._take(octets[len(part) :])
        return data

    def done(self) -> bool:
        """Whether the whole script was played."""
        rest = [step for step in self._steps[self._at :] if step[0] not in ("CLOSE", "STALL", "RESET", "BREAK")]
        assert not rest, f"left in the script: {rest}"
        return True
