"""The state of one POP3 connection without its I/O: where the dialogue stands and which responses the server owes.

Responses are counted and matched with the commands in order, never by their text. Whatever cannot belong to that order
breaks the connection: the next message would be taken for another one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from ..errors import ConnectionLost, ProtocolViolation
from ..wire.reader import Reader
from .commands import GREETING, Command
from .responses import CHALLENGE, ERR, OK, Response, ResponseParser


class State(NamedTuple):
    """Where the dialogue stands (RFC 1939 3), and what may be said there."""

    name: str
    allowed: frozenset[str]


_LOGIN = frozenset({"USER", "PASS", "APOP", "AUTH", "STLS", "UTF8"})
_MAILBOX = frozenset({"STAT", "LIST", "UIDL", "RETR", "TOP", "DELE", "NOOP", "RSET"})
_ANYWHERE = frozenset({"CAPA", "QUIT"})
BEFORE_GREETING = State("before the greeting", frozenset({GREETING.verb}))
AUTHORIZATION = State("before the login", _LOGIN | _ANYWHERE)
TRANSACTION = State("in the mailbox", _MAILBOX | _ANYWHERE)
CLOSED = State("closed", frozenset())

# The state that a success leads to, where it changes.
_NEXT_STATE = {
    GREETING.verb: AUTHORIZATION,
    "PASS": TRANSACTION,
    "APOP": TRANSACTION,
    "AUTH": TRANSACTION,
    "QUIT": CLOSED,
}


class Connection:
    """Commands in, bytes out; bytes in, responses out, each with its command."""

    def __init__(self) -> None:
        self.state = BEFORE_GREETING
        #: the commands whose responses are outstanding, in order
        self.owed: deque[Command] = deque()
        self._reader = Reader()
        self._parser = ResponseParser(self._reader)
        #: take what arrived
        self.feed = self._reader.feed

    @property
    def awaited(self) -> str:
        """The verb of the command whose response comes next, "" where none is owed."""
        return self.owed[0].verb if self.owed else ""

    @property
    def content_size(self) -> int:
        """Octets that have come of the long response under way, 0 where there is none."""
        return self._parser.content_size

    def ask(self, commands: Sequence[Command]) -> bytes:
        """The octets of these commands; their responses are owed from now on."""
        octets = b"".join([command.render() for command in commands])
        for command in commands:
            self.expect(command)
        return octets

    def expect(self, command: Command) -> None:
        """A response is owed from now on (also for what is no command: the greeting)."""
        if command.verb not in self.state.allowed:
            raise AssertionError(f"{command.verb} {self.state.name}: the client lost its way")
        if not self.owed and self._reader.waiting:
            self._refuse_unsolicited()
        self.owed.append(command)

    def _refuse_unsolicited(self) -> None:
        response = self._parser.next()
        if response is not None and response.status == ERR:
            # RFC 1939 3 wants silence from a server that ends a session; many say why.
            raise ConnectionLost(f"the server ended the session: {response.reply()}", reply=response.reply())
        raise ProtocolViolation("the server sent a line that nothing had asked for")

    def next(self) -> tuple[Command, Response] | None:
        """The next response that is owed, with its command; None where it is not complete."""
        command = self.owed[0]
        response = self._parser.next(command.content_limit)
        if response is None:
            return None
        self.owed.popleft()
        status = response.status
        if status == OK:
            if command.verb in _NEXT_STATE:
                self.state = _NEXT_STATE[command.verb]
        elif status == CHALLENGE and command.verb != "AUTH":
            raise ProtocolViolation(f"the server answered {command.verb} with a challenge")
        return command, response

    def begin_tls(self) -> None:
        """The server has agreed to STLS: nothing that came in clear may count any more."""
        if self._reader.waiting or self._parser.inside:
            # Whoever sits on the line could have put it there, to be taken for the server's words inside TLS.
            raise ProtocolViolation("the server sent more than its answer to STLS (response injection?)")

    def close(self) -> None:
        """Nothing more will be said or heard."""
        self.state = CLOSED
        self.owed.clear()
