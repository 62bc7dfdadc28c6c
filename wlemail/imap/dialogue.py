"""The dialogue with one IMAP server: commands out, responses in, and what happens when it breaks.

Owns the Stream. Which command follows which is not its business.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..errors import Broken, CommandRefused, ConnectionLost, MailboxChanged, MailError, ProtocolViolation, TimedOut
from ..wire.stream import Stream
from ..wire.transcript import Secrets, Transcript
from .commands import Command, Piece
from .connection import CLOSED, Connection, Pending
from .parsing.fetch import Fetched
from .parsing.responses import Response
from .parsing.status import OK, Continuation, Status

# Octets that renew the deadline of a wait within a literal: a slow line may take as long as it needs, a server that
# hands out single octets may not.
_PROGRESS = 128
# Seconds in which what has arrived can be read.
_A_MOMENT = 0.001
# Responses with more text than that are not spelled out in the trace.
_LONGEST_TRACE = 500

Listener = Callable[[Response], object]
Progress = Callable[[int], object]


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
        #: is told of every untagged response that no command collected
        self.listener: Listener | None = None
        #: is told of what the server wants people to read ([ALERT], RFC 3501 7.1)
        self.alert: Callable[[str], object] | None = None
        # What is kept back to go out in one piece; None: nothing is.
        self._together: list[bytes] | None = None

    def hide(self, *secrets: str) -> None:
        """Keep these values out of the trace and out of errors: some servers repeat what they do not like."""
        self.secrets.hide(*secrets)
        if self.trace:
            self.trace.hide(*secrets)

    @property
    def closed(self) -> bool:
        return self.connection.state is CLOSED

    # -- out ----------------------------------------------------------------------------------------

    def ask(self, command: Command, progress: Progress | None = None) -> Pending:
        """Send a command and wait for its end; CommandRefused where that is not OK."""
        pending = self.ask_anyway(command, progress)
        self.check(pending)
        return pending

    def ask_anyway(self, command: Command, progress: Progress | None = None) -> Pending:
        """Send a command and wait for its end, whatever that is."""
        self.settle(command)
        return self.finish(self.send(command, progress))

    def settle(self, command: Command) -> None:
        """Wait for the end of what is under way, where the command cannot be sent beside it."""
        in_flight = self.connection.in_flight
        while in_flight and (command.alone or any(other.command.alone for other in in_flight.values())):
            self.pump()

    def send(self, command: Command, progress: Progress | None = None) -> Pending:
        """Send a command, in flight from now on. `progress` is called with the octets of literals that are sent."""
        self.need_connection()
        pending, pieces = self.connection.ask(command)
        if self.trace:
            self.trace.client(f"{pending.tag} {command.shown}")
        try:
            self._send_pieces(pending, pieces, progress)
        except BaseException as exc:
            self._last_words(exc)
            self.break_off(exc)
            raise
        return pending

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is sent meanwhile goes out in one piece, at the latest before the next wait."""
        if self._together is not None:
            yield
            return
        self._together = []
        try:
            yield
        finally:
            try:
                # Also where a later command could not be made: those before it count as sent.
                if not self.closed:
                    self._flush()
            finally:
                self._together = None

    def _write(self, octets: bytes) -> None:
        if self._together is None:
            self.stream.write(octets)
        else:
            self._together.append(octets)

    def _flush(self) -> None:
        if self._together:
            kept, self._together = self._together, []
            try:
                self.stream.write(b"".join(kept))
            except BaseException as exc:
                self._last_words(exc)
                self.break_off(exc)
                raise

    def _send_pieces(self, pending: Pending, pieces: list[Piece], progress: Progress | None) -> None:
        ready = b""
        for piece in pieces:
            ready += piece.octets
            if piece.literal is None:
                continue
            if piece.waits:
                self._write(ready)
                ready = b""
                if self.await_continuation(pending) is None:
                    return  # refused before it came to the literal
            sent = 0
            for chunk in piece.literal.chunks:
                sent += len(chunk)
                ready += chunk
                if len(ready) >= 65536:
                    self._write(ready)
                    ready = b""
                    if progress is not None:
                        progress(sent)
            if sent != piece.literal.size:
                raise AssertionError(f"a literal of {piece.literal.size} octets has {sent}: nobody would understand it")
        self._write(ready)

    def reply(self, line: bytes, shown: str) -> None:
        """Answer a continuation request: a response to a challenge, DONE."""
        self.need_connection()
        if self.trace:
            self.trace.client(shown)
        try:
            self.stream.write(line + b"\r\n")
        except BaseException as exc:
            self._last_words(exc)
            self.break_off(exc)
            raise

    def need_connection(self) -> None:
        """ConnectionLost where the connection was closed before."""
        if self.closed:
            raise ConnectionLost("the connection is closed", host=self.stream.host, port=self.stream.port)

    # -- in -----------------------------------------------------------------------------------------

    def finish(self, pending: Pending) -> Pending:
        """Wait for the end of a command."""
        while pending.status is None:
            self.pump()
        return pending

    def check(self, pending: Pending) -> Status:
        """The end of a command that has ended; CommandRefused where it is not OK."""
        status = pending.status
        if status is None:
            raise AssertionError(f"{pending.command.verb} has not ended")
        if status.condition != OK:
            raise self.refusal(pending.command, status)
        return status

    def refusal(self, command: Command, status: Status) -> CommandRefused:
        """What the server's NO or BAD means."""
        reply = status.reply()
        reply.text = self.secrets.masked(reply.text)
        problem = CommandRefused(command.verb, reply)
        problem.response_code = status.code_name or _code_in_words(status.text)
        problem.temporary = status.code_name in _PASSING
        return problem

    def await_continuation(self, pending: Pending) -> Continuation | None:
        """The server's consent to go on with a command, None where the command has ended instead."""
        while not pending.continuations:
            if pending.status is not None:
                return None
            self.pump()
        return pending.continuations.popleft()

    def next_for(self, pending: Pending, progress: Progress | None = None) -> Response | None:
        """The next response that answers a command, None where it has ended and all were taken."""
        while (response := pending.take()) is None:
            if pending.status is not None:
                return None
            self.pump(progress)
        return response

    def pump(self, progress: Progress | None = None) -> None:
        """Wait for one response and give it to its command; `progress` is called with the octets of its literals."""
        if not self._pump(progress, None):
            raise AssertionError("the usual wait ends by a response or by an exception")

    def pump_within(self, seconds: float) -> bool:
        """The same for at most so many seconds; False at the deadline, which breaks nothing."""
        return self._pump(None, seconds)

    def look(self) -> None:
        """Take in what has come without anybody asking; raises what a wait would, but for the time-out."""
        while self.pump_within(_A_MOMENT):
            pass

    def _pump(self, progress: Progress | None, within: float | None) -> bool:
        self.need_connection()
        if self._together:
            self._flush()
        connection = self.connection
        try:
            response = connection.next()
            if response is None:
                response = self._wait(progress, within)
            if response is None:
                return False
            if self.trace:
                self._note(response)
            self._look(response)
        except BaseException as exc:
            self.break_off(exc)
            raise
        return True

    def _wait(self, progress: Progress | None, within: float | None) -> Response | None:
        connection, stream = self.connection, self.stream
        if within is None:
            stream.begin_wait()
        else:
            stream.begin_wait_of(within)
        counted = 0
        while True:
            try:
                data = stream.read()
            except TimedOut as late:
                if connection.farewell is not None:
                    raise self._lost("the server said goodbye and did not go") from late
                if within is not None:
                    return None
                raise
            if not data:
                raise self._lost("the server closed the connection")
            connection.feed(data)
            response = connection.next()
            if response is not None:
                return response
            size = connection.content_size
            if size - counted >= _PROGRESS:
                counted = size
                stream.begin_wait()
            if size and progress is not None:
                progress(size)

    def _look(self, response: Response) -> None:
        """What a response means for the dialogue as a whole."""
        connection = self.connection
        if connection.mailbox is not None and connection.mailbox.renumbered:
            raise MailboxChanged(
                "the server has renumbered the messages (UIDVALIDITY)", host=self.stream.host, port=self.stream.port
            )
        if connection.farewell is not None and not connection.in_flight and isinstance(response, Status):
            # BYE, and the end of what was under way: the rest is silence.
            self.broken = self.broken or connection.state is not CLOSED
            self.close()
        if isinstance(response, Status) and response.code_name == "ALERT" and self.alert is not None:
            self.alert(self.secrets.masked(response.text))
        if self.listener is not None and not connection.collected and not isinstance(response, (Status, Continuation)):
            self.listener(response)

    def _lost(self, text: str) -> ConnectionLost:
        lost = ConnectionLost(text, host=self.stream.host, port=self.stream.port)
        farewell = self.connection.farewell
        if farewell is not None:
            lost = ConnectionLost(f"the server ended the session: {farewell.reply()}", host=lost.host, port=lost.port)
            lost.reply = farewell.reply()
        return lost

    def _last_words(self, cause: BaseException) -> None:
        """See whether a server that has hung up on what we were sending had said why."""
        if not isinstance(cause, ConnectionLost):
            return
        cause.during = cause.during or self.connection.awaited
        while not self.closed and self.connection.farewell is None:
            try:
                self.pump()
            except Broken:
                break

    def _note(self, response: Response) -> None:
        assert self.trace is not None
        connection = self.connection
        while connection.dropped:
            self.trace.note(connection.dropped.popleft())
        if isinstance(response, Status):
            self.trace.server(f"{response.tag} {response.reply()}")
        elif isinstance(response, Continuation):
            self.trace.server(f"+ {response.text}")
        elif isinstance(response, Fetched) and response.sections:
            octets = sum(len(section or b"") for section in response.sections.values())
            self.trace.server(f"* {response.number} FETCH UID {response.uid}: {octets} octets")
        else:
            self.trace.server(f"* {response!r}"[:_LONGEST_TRACE])

    # -- the end ------------------------------------------------------------------------------------

    def break_off(self, cause: BaseException) -> None:
        """The dialogue cannot go on, for this reason."""
        if isinstance(cause, ConnectionLost):
            cause.during = cause.during or self.connection.awaited
            if cause.reply is None and self.connection.farewell is not None:
                cause.reply = self.connection.farewell.reply()
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


# QUIRK: Cyrus, and Dovecot before 2.4, give no code where RFC 5530 has one. What people are told then is clear enough.
_IN_WORDS = (
    (re.compile(r"\bover ?quota\b|\bquota (is )?exceeded\b|\bexceed\w* .*\bquota\b", re.IGNORECASE), "OVERQUOTA"),
    (re.compile(r"\b(mailbox|folder)\b.*\b(does not|doesn't) exist\b", re.IGNORECASE), "NONEXISTENT"),
    (re.compile(r"\b(mailbox|folder)\b.*\balready exists\b", re.IGNORECASE), "ALREADYEXISTS"),
    (re.compile(r"\bpermission denied\b", re.IGNORECASE), "NOPERM"),
)


def _code_in_words(text: str) -> str:
    return next((code for pattern, code in _IN_WORDS if pattern.search(text)), "")


# RFC 5530 3: codes of what may pass by itself.
_PASSING = frozenset({"UNAVAILABLE", "INUSE", "SERVERBUG", "LIMIT", "EXPUNGEISSUED"})
