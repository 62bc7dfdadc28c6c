"""An SMTP server on loopback that keeps what it takes, and answers or hangs up as a test wants it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple, cast

from .servers import LoopbackServer

#: an answer that is none: the connection ends
HANG_UP = ""
#: the connection stays and nothing is said until the server closes
SILENCE = "silence"


class Arrived(NamedTuple):
    sender: str
    recipients: tuple[str, ...]
    content: bytes
    #: 1 is the first that was made
    connection: int


class Said(NamedTuple):
    """What a client said: the verb ("content" for what follows DATA), what comes behind it, on which connection."""

    verb: str
    argument: str
    connection: int
    #: messages that arrived on this connection before
    earlier: int


class MailServer(LoopbackServer):
    """Takes mail while the `with` lasts. `answer` may have an answer of its own to what is said; None for the usual."""

    def __init__(
        self,
        answer: Callable[[Said], str | None] = lambda said: None,
        *,
        offers: tuple[str, ...] = ("PIPELINING",),
        port: int = 0,
    ) -> None:
        super().__init__(self._serve_mail, port)
        self._answer = answer
        self._offers = offers
        self._changed = threading.Condition()
        self.arrived: list[Arrived] = []
        #: connections now, and the most there ever were
        self.open = self.most = 0
        self._numbers = iter(range(1, 1 << 30))

    def __enter__(self) -> MailServer:
        super().__enter__()
        return self

    def wait_for(self, count: int, seconds: float = 30) -> list[Arrived]:
        """What arrived, once it is so much."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.arrived) >= count, seconds), f"{len(self.arrived)} arrived"
            return list(self.arrived)

    def wait_until_left(self, seconds: float = 30) -> None:
        """Until no client is connected."""
        with self._changed:
            assert self._changed.wait_for(lambda: not self.open, seconds)

    def _serve_mail(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._changed:
            self.open += 1
            self.most = max(self.most, self.open)
            number = next(self._numbers)
        try:
            with connection.makefile("rwb") as file:
                _Session(self, cast(BinaryIO, file), number).run()
        finally:
            with self._changed:
                self.open -= 1
                self._changed.notify_all()

    def answer(self, said: Said, usual: str) -> str:
        given = self._answer(said)
        if given == SILENCE:
            self.closing.wait()
            return HANG_UP
        return usual if given is None else given

    def keep(self, message: Arrived) -> None:
        with self._changed:
            self.arrived.append(message)
            self._changed.notify_all()

    @property
    def offers(self) -> str:
        return "".join(f"250-{line}\r\n" for line in ("mail.example.org", *self._offers)) + "250 HELP"


class _Session:
    def __init__(self, server: MailServer, file: BinaryIO, number: int) -> None:
        self._server = server
        self._file = file
        self._number = number
        self._earlier = 0
        self._sender = ""
        self._recipients: list[str] = []

    def run(self) -> None:
        answer = self._server.answer(Said("greeting", "", self._number, 0), "220 ready")
        for line in self._lines(answer):
            verb, _, argument = line.partition(" ")
            answer = self._take(verb.upper(), argument)
            if answer.startswith("354"):
                self._say(answer)
                answer = self._take_content()
            if not self._say(answer) or verb.upper() == "QUIT" or answer.startswith("421"):
                return

    def _lines(self, greeting: str) -> Iterator[str]:
        if self._say(greeting):
            while line := self._file.readline():
                yield line.decode().rstrip("\r\n")

    def _say(self, answer: str) -> bool:
        if answer:
            self._file.write(answer.encode() + b"\r\n")
            self._file.flush()
        return bool(answer)

    def _take(self, verb: str, argument: str) -> str:
        usual = {"EHLO": self._server.offers, "DATA": "354 go", "QUIT": "221 bye"}.get(verb, "250 ok")
        if verb == "DATA" and not self._recipients:
            usual = "554 no valid recipients"
        if verb == "RCPT" and not self._sender:
            usual = "503 sender first"
        answer = self._server.answer(Said(verb, argument, self._number, self._earlier), usual)
        address = argument.partition("<")[2].partition(">")[0]
        if verb == "RSET":
            self._sender, self._recipients = "", []
        elif answer.startswith("2") and verb == "MAIL":
            self._sender = address
        elif answer.startswith("2") and verb == "RCPT":
            self._recipients.append(address)
        return answer

    def _take_content(self) -> str:
        lines: list[bytes] = []
        while (line := self._file.readline()) != b".\r\n":
            if not line:
                return HANG_UP
            lines.append(line.removeprefix(b"."))
        content = b"".join(lines)
        said = Said("content", content.decode("latin-1"), self._number, self._earlier)
        answer = self._server.answer(said, "250 2.0.0 queued")
        if answer.startswith("2"):
            self._server.keep(Arrived(self._sender, tuple(self._recipients), content, self._number))
            self._earlier += 1
        self._sender, self._recipients = "", []
        return answer
