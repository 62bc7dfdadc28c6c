"""The state of one SMTP connection without its I/O: where the dialogue stands and which replies the server owes.

Replies are counted and matched with the commands in order, never by their text. Whatever cannot belong to that order
(a line nobody asked for, a class of reply that the command does not have) breaks the connection: the next reply
would be taken for the answer to something else.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from enum import Enum

from ..errors import ConnectionLost, ProtocolViolation, ServerReply
from ..wire.reader import Reader
from .commands import CONTENT, GREETING, Command
from .replies import ReplyParser


class Phase(Enum):
    """Where the dialogue stands."""

    GREETING = "before the greeting"
    HELLO = "before EHLO"
    READY = "between commands"
    CONTENT = "inside the content"
    CLOSED = "closed"


# What may be said in which phase. Within READY the server knows better than we do (RFC 5321 4.1.4).
_BEFORE_EHLO = frozenset({"EHLO", "HELO", "QUIT", "NOOP", "RSET"})
_ONCE_READY = frozenset({*_BEFORE_EHLO, "MAIL", "RCPT", "DATA", "BDAT", "AUTH", "STARTTLS", "VRFY", "HELP"})
_ALLOWED = {
    Phase.GREETING: frozenset({GREETING.verb}),
    Phase.HELLO: _BEFORE_EHLO,
    Phase.READY: _ONCE_READY,
    Phase.CONTENT: frozenset({CONTENT.verb}),
    Phase.CLOSED: frozenset[str](),
}
# The classes of success of each verb; 4 and 5 are always possible. DATA alone asks for more, AUTH may.
_SUCCESS = dict.fromkeys(_ONCE_READY, (2,)) | {
    "DATA": (3,),
    "AUTH": (2, 3),
    GREETING.verb: (2,),
    CONTENT.verb: (2,),
}


class Connection:
    """Commands in, bytes out; bytes in, replies out, each with its command."""

    def __init__(self) -> None:
        self.phase = Phase.GREETING
        self._reader = Reader()
        self._parser = ReplyParser(self._reader)
        self._owed: deque[Command] = deque()

    @property
    def owed(self) -> int:
        """How many replies are outstanding."""
        return len(self._owed)

    @property
    def awaited(self) -> str:
        """The verb of the command whose reply comes next, "" where none is owed."""
        return self._owed[0].verb if self._owed else ""

    @property
    def inside_reply(self) -> bool:
        """True where a reply has begun and not ended."""
        return self._parser.inside or self._reader.waiting > 0

    def ask(self, commands: Sequence[Command]) -> bytes:
        """The octets of these commands; their replies are owed from now on."""
        if not self._owed and self._reader.waiting:
            self._refuse_unsolicited()
        allowed = _ALLOWED[self.phase]
        for command in commands:
            if command.verb not in allowed:
                raise AssertionError(f"{command.verb} {self.phase.value}: the client lost its way")
        octets = b"".join([command.render() for command in commands])
        self._owed.extend(commands)
        return octets

    def expect(self, command: Command) -> None:
        """A reply is owed for something that is no command: the greeting, the end of the content."""
        if command.verb not in _ALLOWED[self.phase]:
            raise AssertionError(f"{command.verb} {self.phase.value}: the client lost its way")
        self._owed.append(command)

    def receive(self, data: bytes) -> None:
        """Add what arrived."""
        self._reader.feed(data)

    def next_reply(self) -> tuple[Command, ServerReply] | None:
        """The next reply with the command that it answers, or None where it is not complete."""
        reply = self._parser.next()
        if reply is None:
            return None
        command = self._owed.popleft()
        kind = reply.code // 100
        if kind < 4:
            if kind not in _SUCCESS[command.verb]:
                raise ProtocolViolation(f"the server answered {command.verb} with {reply}")
            self._advance(command.verb)
        elif command.verb == CONTENT.verb:
            self.phase = Phase.READY
        return command, reply

    def _advance(self, verb: str) -> None:
        if verb in _NEXT_PHASE:
            self.phase = _NEXT_PHASE[verb]

    def begin_tls(self) -> None:
        """The server has agreed to STARTTLS: nothing that came in clear may count any more."""
        if self._owed or self.inside_reply:
            # Whoever sits on the line could have put them there, to be taken for the server's words inside TLS.
            raise ProtocolViolation("the server sent more than its answer to STARTTLS (response injection?)")
        self.phase = Phase.HELLO

    def close(self) -> None:
        """Nothing more will be said or heard."""
        self.phase = Phase.CLOSED
        self._owed.clear()

    def _refuse_unsolicited(self) -> None:
        reply = self._parser.next()
        if reply is not None and reply.code == 421:
            raise ConnectionLost(f"the server closed the session: {reply}", reply=reply)
        raise ProtocolViolation("the server sent a line that nothing had asked for")


# The phase that a success leads to, where it changes.
_NEXT_PHASE = {
    GREETING.verb: Phase.HELLO,
    "EHLO": Phase.READY,
    "HELO": Phase.READY,
    "DATA": Phase.CONTENT,
    CONTENT.verb: Phase.READY,
    "QUIT": Phase.CLOSED,
}
