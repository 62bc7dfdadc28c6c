"""The dialogue with one POP3 server: commands out, responses in, and what happens when it breaks.

Owns the Stream. Which command follows which is not its business.
"""

from __future__ import annotations

from collections.abc import Callable

from ..errors import Broken, ConnectionLost, MailError, ProtocolViolation, ServerReply
from ..wire.stream import Stream
from ..wire.transcript import Secrets, Transcript
from .commands import Answer, Command
from .connection import CLOSED, Connection
from .responses import ERR, Response

Answered = tuple[Command, Response]

# Octets that renew the deadline of a wait within a message: a slow line may take as long as it needs, a server that
# hands out single octets may not.
_PROGRESS = 128


class Dialogue:
    """Waits for responses under the stream's deadlines. Whatever breaks the dialogue closes it: after that nothing is
    said or heard, so that no late response is taken for the answer to something else."""

    def __init__(self, stream: Stream, trace: Transcript | None) -> None:
        self.stream = stream
        self.connection = Connection()
        self.trace = trace
        #: the dialogue ended in the middle
        self.broken = False
        self.secrets = Secrets()

    def hide(self, *secrets: str) -> None:
        """Keep these values out of the trace and out of errors: some servers repeat what they do not like."""
        self.secrets.hide(*secrets)
        if self.trace:
            self.trace.hide(*secrets)

    @property
    def closed(self) -> bool:
        return self.connection.state is CLOSED

    # -- out ----------------------------------------------------------------------------------------

    def ask(self, command: Command) -> Response:
        """Send a command and wait for its response; no other may be owed."""
        self.send([command])
        return self.next_response()[1]

    def send(self, group: list[Command]) -> None:
        """Send commands; their responses are owed from now on."""
        self.need_connection()
        try:
            octets = self.connection.ask(group)
        except Broken as exc:
            self.break_off(exc)  # a line that nobody had asked for
            raise
        if self.trace:
            for command in group:
                self.trace.client(command.line, secret=isinstance(command, Answer))
        try:
            self.stream.write(octets)
        except BaseException as exc:
            reply = self._last_words(exc)
            self.break_off(exc)
            if isinstance(exc, ConnectionLost):
                exc.reply = reply
            raise

    def expect(self, command: Command) -> None:
        """A response will come for what is no command: the connection itself."""
        self.connection.expect(command)

    def need_connection(self) -> None:
        """ConnectionLost where the connection was closed before."""
        if self.closed:
            raise ConnectionLost("the connection is closed", host=self.stream.host, port=self.stream.port)

    # -- in -----------------------------------------------------------------------------------------

    def next_response(self, arrived: Callable[[int], object] | None = None) -> Answered:
        """The next of the responses that the server owes, with its command.

        `arrived` is called with the octets that have come of a long one, as they come."""
        connection = self.connection
        try:
            answered = connection.next()
            if answered is None:
                answered = self._wait(arrived)
        except BaseException as exc:
            self.break_off(exc)
            raise
        if self.trace:
            self._note(*answered)
        command, response = answered
        if response.status == ERR:
            return command, response._replace(text=self.secrets.masked(response.text))
        return answered

    def _wait(self, arrived: Callable[[int], object] | None) -> Answered:
        connection, stream = self.connection, self.stream
        stream.begin_wait()
        counted = 0
        while True:
            data = stream.read()
            if not data:
                raise ConnectionLost("the server closed the connection", host=stream.host, port=stream.port)
            connection.feed(data)
            answered = connection.next()
            if answered is not None:
                return answered
            size = connection.content_size
            if size - counted >= _PROGRESS:
                counted = size
                stream.begin_wait()
            if size and arrived is not None:
                arrived(size)

    def _note(self, command: Command, response: Response) -> None:
        assert self.trace is not None
        self.trace.server(f"{response.status} {response.text}".rstrip())
        if response.content is None:
            return
        if command.verb == "CAPA":
            self.trace.server(response.content.decode("utf-8", "replace"))
        else:
            self.trace.note(f"{len(response.content)} octets")

    def _last_words(self, cause: BaseException) -> ServerReply | None:
        """The refusal that a server sent before it hung up on what we were sending, if it did."""
        if not isinstance(cause, ConnectionLost):
            return None
        while self.connection.owed:
            try:
                _, response = self.next_response()
            except Broken:
                return None
            if response.status == ERR:
                return response.reply()
        return None

    # -- the end ------------------------------------------------------------------------------------

    def break_off(self, cause: BaseException) -> None:
        """The dialogue cannot go on, for this reason."""
        if isinstance(cause, ConnectionLost) and self.connection.awaited:
            cause.during = self.connection.awaited
        if isinstance(cause, (ConnectionLost, ProtocolViolation)) and not cause.host:
            cause.host, cause.port = self.stream.host, self.stream.port
        if isinstance(cause, MailError):
            cause.text = self.secrets.masked(cause.text)  # which may quote the server
            cause.args = (cause.text,)
            if cause.reply is not None:
                cause.reply = ServerReply(0, self.secrets.masked(cause.reply.text))
        self.broken = True
        self.close()
        if self.trace:
            self.trace.note(f"closed: {type(cause).__name__}")

    def close(self) -> None:
        """Drop the connection without a word."""
        self.connection.close()
        self.stream.close()
