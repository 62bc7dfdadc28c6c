"""The state of one SMTP connection without its I/O: where the dialogue stands and which replies the server owes.

Replies are counted and matched with the commands in order, never by their text. Whatever cannot belong to that order
(a line nobody asked for, a class of reply that the command does not have) breaks the connection: the next reply
would be taken for the answer to something else.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from ..errors import ConnectionLost, ProtocolViolation, ServerReply
from ..wire.reader import Reader
from .commands import CONTENT, GREETING, Command
from .replies import ReplyParser


class Phase(NamedTuple):
    """Where the dialogue stands, and what may be said there."""

    name: str
    allowed: frozenset[str]


# Within READY the server knows better than we do what fits (RFC 5321 4.1.4).
_BEFORE_EHLO = frozenset({"EHLO", "HELO", "QUIT", "NOOP", "RSET"})
_ONCE_READY = frozenset({*_BEFORE_EHLO, "MAIL", "RCPT", "DATA", "BDAT", "AUTH", "STARTTLS"})
BEFORE_GREETING = Phase("before the greeting", frozenset({GREETING.verb}))
BEFORE_HELLO = Phase("before EHLO", _BEFORE_EHLO)
READY = Phase("between commands", _ONCE_READY)
INSIDE_CONTENT = Phase("inside the content", frozenset({CONTENT.verb}))
CLOSED = Phase("closed", frozenset())

# The class of success of each verb (4 and 5 are always possible), and the phase that it leads to, where that changes.
# DATA asks for more, AUTH may.
_SUCCESS: dict[str, tuple[tuple[int, ...], Phase | None]] = dict.fromkeys(_ONCE_READY, ((2,), None)) | {
    GREETING.verb: ((2,), BEFORE_HELLO),
    "EHLO": ((2,), READY),
    "HELO": ((2,), READY),
    "AUTH": ((2, 3), None),
    "DATA": ((3,), INSIDE_CONTENT),
    CONTENT.verb: ((2,), READY),
    "QUIT": ((2,), CLOSED),
}


class Connection:
    """Commands in, bytes out; bytes in, replies out, each with its command."""

    def __init__(self) -> None:
        self.phase = BEFORE_GREETING
        #: the commands whose replies are outstanding, in order
        self.owed: deque[Command] = deque()
        # What was asked last, in octets too: often it is asked again.
        self._asked: Sequence[Command] = ()
        self._octets = b""
        self._reader = Reader()
        self._parser = ReplyParser(self._reader)

    @property
    def awaited(self) -> str:
        """The verb of the command whose reply comes next, "" where none is owed."""
        return self.owed[0].verb if self.owed else ""

    def ask(self, commands: Sequence[Command]) -> bytes:
        """The octets of these commands; their replies are owed from now on."""
        if commands is not self._asked:
            self._octets = b"".join([command.render() for command in commands])
            self._asked = commands
        self.expect(*commands)
        return self._octets

    def expect(self, *commands: Command) -> None:
        """Replies are owed from now on (also for what is no command: the greeting, the end of the content)."""
        allowed = self.phase.allowed
        for command in commands:
            if command.verb not in allowed:
                raise AssertionError(f"{command.verb} {self.phase.name}: the client lost its way")
        if not self.owed and self._reader.waiting:
            self._refuse_unsolicited()
        self.owed.extend(commands)

    def receive(self, data: bytes) -> list[tuple[Command, ServerReply]]:
        """Take what arrived; the replies that are complete with it, each with its command, as far as they are owed."""
        arrived = []
        owed = self.owed
        for reply in self._parser.take(data, len(owed)):
            command = owed.popleft()
            self._settle(command, reply)
            arrived.append((command, reply))
        return arrived

    def receive_one(self, data: bytes) -> tuple[Command, ServerReply] | None:
        """Take what arrived; the next reply with its command, None where it is not complete. What is behind it has not
        been looked at: nonsense there takes no reply with it that came before."""
        if data:
            self._reader.feed(data)
        reply = self._parser.next()
        if reply is None:
            return None
        command = self.owed.popleft()
        self._settle(command, reply)
        return command, reply

    def _settle(self, command: Command, reply: ServerReply) -> None:
        if reply.code < 400:
            classes, phase = _SUCCESS[command.verb]
            if reply.code // 100 not in classes:
                raise ProtocolViolation(f"the server answered {command.verb} with {reply}")
            if phase is not None:
                self.phase = phase
        elif command is CONTENT and self.phase is INSIDE_CONTENT:
            self.phase = READY

    def end_content(self) -> None:
        """The final octets go out: commands may follow in the same group (RFC 2920 3.1), before the reply."""
        if self.phase is INSIDE_CONTENT:
            self.phase = READY

    def begin_tls(self) -> None:
        """The server has agreed to STARTTLS: nothing that came in clear may count any more."""
        if self._reader.waiting or self._parser.inside:
            # Whoever sits on the line could have put it there, to be taken for the server's words inside TLS.
            raise ProtocolViolation("the server sent more than its answer to STARTTLS (response injection?)")
        self.phase = BEFORE_HELLO

    def close(self) -> None:
        """Nothing more will be said or heard."""
        self.phase = CLOSED
        self.owed.clear()

    def _refuse_unsolicited(self) -> None:
        reply = self._parser.next()
        if reply is not None and reply.code == 421:
            raise ConnectionLost(f"the server ended the session: {reply}", reply=reply)
        raise ProtocolViolation("the server sent a line that nothing had asked for")
