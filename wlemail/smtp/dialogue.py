"""The dialogue with one SMTP server: commands out, replies in, and what happens when it breaks.

Owns the Stream. Which command follows which is not its business.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import Broken, ConnectionLost, MailError, MessageRefused, ProtocolViolation, ServerReply
from ..wire.stream import Stream
from ..wire.transcript import Secrets, Transcript
from .commands import Answer, Command
from .connection import CLOSED, Connection

Answered = tuple[Command, ServerReply]


class Dialogue:
    """Waits for replies under the stream's deadlines. Whatever breaks the dialogue closes it: after that nothing is
    said or heard, so that no late reply is taken for the answer to something else."""

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
        return self.connection.phase is CLOSED

    # -- out ----------------------------------------------------------------------------------------

    def ask(self, command: Command) -> ServerReply:
        """Send a command and wait for its reply."""
        self.send([command])
        return self.next_reply()

    def send(self, group: Sequence[Command]) -> None:
        """Send commands; their replies are owed from now on."""
        self.need_connection()
        octets = self._rendered(group)
        try:
            self.stream.write(octets)
        except BaseException as exc:
            reply = self._last_words(exc)
            self.break_off(exc)
            if isinstance(exc, ConnectionLost):
                exc.reply = reply
            raise

    def send_content(self, octets: bytes, bdat: Command | None = None) -> None:
        """Send content, behind its BDAT where there is one. A server that has had enough of it answers and hangs up:
        then its answer is the true cause, and is raised as MessageRefused."""
        header = b"" if bdat is None else self._rendered([bdat])
        try:
            if header and len(octets) > 65536:
                # Two writes cost less than a copy of so much.
                self.stream.write(header)
                self.stream.write(octets)
            else:
                self.stream.write(header + octets)
        except BaseException as exc:
            reply = self._last_words(exc)
            self.break_off(exc)
            if reply is not None:
                raise MessageRefused(f"message refused: {reply}", reply) from exc
            raise
        if self.trace:
            self.trace.note(f"{len(octets)} octets of content")

    def send_together(self, octets: bytes, bdat: Command | None, following: Sequence[Command]) -> None:
        """The last octets of a content with the commands behind them, in one write. What fails is raised as it is and
        nothing is closed: replies that had come before may still be heard."""
        header = b"" if bdat is None else self._rendered([bdat])
        self.connection.end_content()
        if self.trace:
            self.trace.note(f"{len(octets)} octets of content")
        self.stream.write(header + octets + (self._rendered(following) if following else b""))

    def expect(self, command: Command) -> None:
        """A reply will come for what is no command: the connection itself, the end of the content."""
        try:
            self.connection.expect(command)
        except Broken as exc:
            self.break_off(exc)  # a line that nobody had asked for
            raise

    def _rendered(self, group: Sequence[Command]) -> bytes:
        try:
            octets = self.connection.ask(group)
        except Broken as exc:
            self.break_off(exc)  # likewise
            raise
        if self.trace:
            for command in group:
                self.trace.client(command.line, secret=isinstance(command, Answer))
        return octets

    def need_connection(self) -> None:
        """ConnectionLost where the connection was closed before."""
        if self.closed:
            raise ConnectionLost("the connection is closed", host=self.stream.host, port=self.stream.port)

    # -- in -----------------------------------------------------------------------------------------

    def next_reply(self) -> ServerReply:
        """The reply, where one is owed."""
        return self.next_replies()[-1][1]

    def next_replies(self) -> list[Answered]:
        """The next of the replies that the server owes, one or more, each with its command."""
        stream = self.stream
        try:
            stream.begin_wait()
            arrived = None
            while not arrived:
                data = stream.read()
                if not data:
                    raise ConnectionLost("the server closed the connection", host=stream.host, port=stream.port)
                arrived = self.connection.receive(data)
            for place, answered in enumerate(arrived):
                if self.trace or answered[1].code >= 400:
                    arrived[place] = self._heard(*answered)
        except BaseException as exc:
            self.break_off(exc)
            raise
        return arrived

    def next_one(self) -> Answered:
        """The next reply alone, with its command. What ends the dialogue behind it is found by the next call: where
        each reply settles a message, none may be lost with what came after."""
        stream = self.stream
        try:
            answered = self.connection.receive_one(b"")
            if answered is None:
                stream.begin_wait()
            while answered is None:
                data = stream.read()
                if not data:
                    raise ConnectionLost("the server closed the connection", host=stream.host, port=stream.port)
                answered = self.connection.receive_one(data)
            return self._heard(*answered)
        except BaseException as exc:
            self.break_off(exc)
            raise

    def _heard(self, command: Command, reply: ServerReply) -> Answered:
        if self.trace:
            self.trace.server(str(reply))
        if reply.code >= 400:
            reply = ServerReply(reply.code, self.secrets.masked(reply.text), reply.enhanced)
        if reply.code == 421:
            raise self._ended_by_server(command, reply)
        return command, reply

    def all_replies(self) -> list[Answered]:
        """All replies that the server owes."""
        arrived = self.next_replies()
        while self.connection.owed:
            arrived += self.next_replies()
        return arrived

    def _last_words(self, cause: BaseException) -> ServerReply | None:
        """The refusal that a server sent before it hung up on what we were sending, if it did."""
        if not isinstance(cause, ConnectionLost):
            return None
        while self.connection.owed:
            try:
                arrived = self.next_replies()
            except Broken as problem:
                if problem.reply is not None:
                    raise
                return None
            for _, reply in arrived:
                if reply.code >= 400:
                    return reply
        return None

    # -- the end ------------------------------------------------------------------------------------

    def _ended_by_server(self, command: Command, reply: ServerReply) -> ConnectionLost:
        lost = ConnectionLost(f"the server ended the session: {reply}", reply=reply, during=command.verb)
        lost.host, lost.port = self.stream.host, self.stream.port
        return lost

    def break_off(self, cause: BaseException) -> None:
        """The dialogue cannot go on, for this reason."""
        if isinstance(cause, ConnectionLost) and cause.reply is None and self.connection.awaited:
            cause.during = self.connection.awaited
        if isinstance(cause, ProtocolViolation) and not cause.host:
            cause.host, cause.port = self.stream.host, self.stream.port
        if isinstance(cause, MailError):
            cause.text = self.secrets.masked(cause.text)  # which may quote the server
            cause.args = (cause.text,)
        self.broken = True
        self.close()
        if self.trace:
            self.trace.note(f"closed: {type(cause).__name__}")

    def close(self) -> None:
        """Drop the connection without a word."""
        self.connection.close()
        self.stream.close()
