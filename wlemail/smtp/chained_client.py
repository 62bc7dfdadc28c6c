"""A client that sends message behind message: the end of one in one group with the envelope of the next.

That is what RFC 2920 3.1 allows and it costs one round trip a message. Two rules, both learnt from real servers:

* RSET leads every envelope that follows a content. Without it Exim delivered the third message with the sender of the
  second after that had been refused whole.
* An envelope goes out behind a content only when the replies to that content's own recipients are in: what the
  server will make of the content is known then, and no reply can be taken for another.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from ..errors import (
    Broken,
    ConnectionLost,
    MailError,
    MessageRefused,
    MessageTooLarge,
    ProtocolViolation,
    RecipientsRefused,
    Refused,
    SenderRefused,
    ServerReply,
)
from . import commands
from .chain import Bag, Leg, MailObject, Part, Tally
from .client import CHUNK, CHUNKS_UNDER_WAY, PIECE, Client, has_ascii_form, window_of
from .commands import Command
from .connection import INSIDE_CONTENT
from .content import normalised, pieces


class ChainedClient(Client):
    """`send_all` for many messages; all else as with any client."""

    #: what ended the connection, None as long as it lives
    ended_by: MailError | None = None
    #: the server offers CHUNKING and knows no BDAT: a further connection has to do without
    chunking_refused = False

    _bag: Bag
    # Whose content is out and not answered, and whose turn it is. No more than these two are ever under way.
    _ending: Leg | None = None
    _leg: Leg | None = None

    def avoid_chunking(self) -> None:
        """DATA from now on, whatever the server offers."""
        self._chunking = self._may_chunk = False

    def send_all(self, bag: Bag) -> None:
        """Send what the bag gives until it gives no more or the connection takes no more (`usable`, `ended_by`).

        Every message that was taken has been settled when this returns, as exactly as anybody can know. Raises no
        MailError; one message after the other where the server lacks PIPELINING or it is switched off."""
        self._bag = bag
        self._further: deque[Part] = deque()
        problem: MailError | None = None
        try:
            self._send_all()
        except MailError as exc:
            problem = exc
        except BaseException as exc:
            problem = ConnectionLost("the connection is closed", host=self.stream.host, port=self.stream.port)
            self._dialogue.break_off(exc)
            raise
        finally:
            if problem is not None:
                self._end_by(problem)
            for part in self._further:
                part.tally.leave(part.envelope.recipients, problem)
                self._close_account(part.tally)

    def _send_all(self) -> None:
        leg = self._next_leg()
        while leg is not None:
            self._leg = leg
            self._hear_envelope(leg)
            self._go_on(leg)
            leg = self._leg or self._next_leg()

    # -- the envelope ---------------------------------------------------------------------------------

    def _next_leg(self) -> Leg | None:
        """The next transaction that has something to say to the server."""
        while self.usable:
            if self._further:
                part = self._further.popleft()
            else:
                mail = self._bag.take()
                if mail is None:
                    return None
                part = Part(Tally(mail), mail.envelope)
            leg = Leg(part)
            if self._prepared(leg):
                self._transactions += 1
                return leg
        return None

    def _prepared(self, leg: Leg) -> bool:
        """Make the group, and begin to read the content: what fails here the server does not hear of."""
        mail, transaction = leg.mail, leg.transaction
        try:
            leg.utf8 = self._check_offers(transaction.envelope, mail.size) and not leg.spared
            leg.commands = self._new_group(transaction, mail.size if "SIZE" in self.extensions else None, leg.utf8)
            leg.window = window_of(leg.commands)
            leg.pieces = pieces(_chunks(mail), CHUNK if self._chunking else PIECE)
            leg.held = next(leg.pieces, b"")
        except Refused as refusal:
            self._refused(leg, refusal)
        except MailError as problem:
            leg.leave(problem)
            self._close_account(leg.tally)
        else:
            return True
        return False

    def _hear_envelope(self, leg: Leg) -> None:
        """All replies up to the last to this envelope, that to the content before it first (the second rule)."""
        while leg.commands or self._dialogue.connection.owed:
            if leg.commands:
                leg.commands = self._send_some(leg.commands, leg.window)
            self._hear_one()
            if leg.commands:
                leg.commands = leg.transaction.shortened(leg.commands)

    def _refused(self, leg: Leg, refusal: Refused) -> None:
        envelope, size = leg.transaction.envelope, leg.mail.size
        if isinstance(refusal, SenderRefused):
            if leg.utf8 and not refusal.temporary and has_ascii_form(envelope):
                # QUIRK: Exchange advertises SMTPUTF8 and refuses it; these addresses can do without.
                self._further.append(Part(leg.tally, envelope, without_utf8=True))
                return
            if refusal.reply.code == 552 and size is not None:
                # RFC 1870 6.1: the answer to SIZE, whatever limit was announced.
                refusal = MessageTooLarge(size, self._size_limit, refusal.reply)
        elif isinstance(refusal, RecipientsRefused):
            self._hand_on(leg)
        leg.refuse(refusal)
        self._close_account(leg.tally)

    def _hand_on(self, leg: Leg) -> None:
        recipients = leg.hand_on()
        if recipients:
            leg.tally.open += 1
            self._further.append(Part(leg.tally, leg.transaction.envelope._replace(recipients=recipients)))

    # -- the content ----------------------------------------------------------------------------------

    def _go_on(self, leg: Leg) -> None:
        """Send the content, or what ends a refused transaction, and the next envelope behind it."""
        refusal = leg.transaction.refusal
        if leg.spared:
            self._smtputf8 = isinstance(refusal, SenderRefused)  # if it was not the reason, others may still have it
        if refusal is None:
            self._send_content(leg)
            return
        self._leg = None
        self._needs_reset = True
        self._refused(leg, refusal)
        if self._dialogue.connection.phase is INSIDE_CONTENT:
            # DATA was in the group, and the server wants content for nobody: a lone dot ends it.
            self._dialogue.expect(commands.CONTENT)
            self._send_end(b".\r\n", None)

    def _send_content(self, leg: Leg) -> None:
        self._hand_on(leg)
        if self._chunking:
            self._send_chunks(leg)
            return
        self._dialogue.expect(commands.CONTENT)
        for piece in leg.pieces:
            self._dialogue.send_content(leg.dots.stuff(leg.held))
            leg.held = piece
        octets = leg.dots.stuff(leg.held) + leg.dots.end()
        self._bag.ending(leg.mail)
        self._leg, self._ending = None, leg
        self._send_end(octets, None)

    def _send_chunks(self, leg: Leg) -> None:
        for piece in leg.pieces:
            leg.chunks += 1
            self._dialogue.send_content(leg.held, commands.bdat(len(leg.held), last=False))
            leg.held = piece
            while leg.chunks > (CHUNKS_UNDER_WAY if self._pipelining else 0):
                self._hear_one()
            if leg.verdict is not None:
                # RFC 3030 2: what follows would be refused too; their replies still have to be read.
                while leg.chunks:
                    self._hear_one()
                self._leg, self._ending = None, leg
                self._end(leg.verdict)
                return
        octets = leg.held if leg.held.endswith(b"\r\n") or not leg.held else leg.held + b"\r\n"
        self._bag.ending(leg.mail)
        self._leg, self._ending = None, leg
        leg.chunks += 1
        self._send_end(octets, commands.bdat(len(octets), last=True))

    def _send_end(self, octets: bytes, bdat: Command | None) -> None:
        """The final octets and, where there is a next message already, its envelope (the first rule)."""
        first: Sequence[Command] = self._behind() if self._pipelining else ()
        if self._ending is not None:
            self._ending.ended = True
        try:
            self._dialogue.send_together(octets, bdat, first)
        except Broken as problem:
            self._hear_last_words(problem, len(octets) + (len(bdat.render()) if bdat else 0))
            raise
        while self._leg is None and self._dialogue.connection.owed:
            self._hear_one()

    def _behind(self) -> Sequence[Command]:
        needed, self._needs_reset = self._needs_reset, True
        leg = self._leg = self._next_leg()
        if leg is None:
            self._needs_reset = needed
            return ()
        first, leg.commands = leg.commands[: leg.window], leg.commands[leg.window :]
        return first

    def _hear_last_words(self, problem: Broken, ends_at: int) -> None:
        """A write failed: the server may have answered before it left, also what it had got of this write."""
        if self._ending is not None and problem.written is not None and problem.written < ends_at:
            self._ending.ended = False
        if not isinstance(problem, ConnectionLost):
            return
        try:
            while self._dialogue.connection.owed:
                self._hear_one()
        except MailError as words:
            problem.reply = words.reply

    # -- replies --------------------------------------------------------------------------------------

    def _hear_one(self) -> None:
        """The next reply, and what it settles."""
        command, reply = self._dialogue.next_one()
        if command is commands.CONTENT:
            self._end(reply)
        elif command.verb == "BDAT":
            self._take_chunk_reply(reply)
        elif command is commands.RSET:
            self._check_reset(reply)
        elif self._leg is not None:
            self._leg.transaction.take(command, reply)
        else:
            raise AssertionError(f"a reply to {command.verb} outside of any transaction")

    def _take_chunk_reply(self, reply: ServerReply) -> None:
        leg = self._ending or self._leg
        if leg is None:
            raise AssertionError("a reply to BDAT outside of any transaction")
        if reply.code in (500, 502):
            # QUIRK: a filter in front of the server passes on the offer of CHUNKING and knows no BDAT. It takes the
            # content for commands now: nothing more may be said here.
            self.chunking_refused = True
            problem = ProtocolViolation(f"the server answered BDAT with {reply}")
            problem.reply = reply
            raise problem
        leg.chunks -= 1
        if reply.code >= 400:
            leg.verdict = leg.verdict or reply
        if leg is self._ending and not leg.chunks:
            self._end(leg.verdict or reply)

    def _end(self, reply: ServerReply) -> None:
        """The word on the content that was sent last."""
        leg, self._ending = self._ending, None
        if leg is None:
            return  # it was a lone dot
        if reply.code >= 400:
            self._needs_reset = True
        leg.end(reply)
        self._close_account(leg.tally)

    # -- the end --------------------------------------------------------------------------------------

    def _end_by(self, problem: MailError) -> None:
        """The connection is over: what is known of the two that were under way."""
        if not self._dialogue.closed:
            self._dialogue.break_off(problem)
        self.ended_by = problem
        ending, self._ending = self._ending, None
        if ending is not None:
            if ending.verdict is not None:
                ending.end(ending.verdict)
            elif ending.ended and problem.reply is None:
                ending.doubt(problem)
            else:
                ending.leave(problem)
            self._close_account(ending.tally)
        leg, self._leg = self._leg, None
        if leg is not None:
            # A server that refuses and hangs up without answering the rest of the group has said why.
            refusal = problem if isinstance(problem, MessageRefused) else leg.transaction.refusal
            if refusal is not None:
                self._refused(leg, refusal)
            else:
                leg.leave(problem)
                self._close_account(leg.tally)

    def _close_account(self, tally: Tally) -> None:
        tally.open -= 1
        if not tally.open:
            self._bag.settled(tally.mail, tally.outcome)


def _chunks(mail: MailObject) -> Iterable[bytes]:
    content = mail.content() if callable(mail.content) else (mail.content,)
    return content if mail.clean else normalised(content)
