"""What is sent in a chain of transactions, one behind the other, and what becomes of each message. Values and
accounts, no I/O; see chained_client.py for the dialogue.

A message may take more than one transaction (servers have room for so many recipients), and each of its recipients
ends in exactly one of four ways, whatever happens to the connection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from ..errors import MailError, MessageRefused, RecipientsRefused, Refused, SenderRefused, ServerReply
from .commands import Command
from .content import DotStuffing
from .envelope import Envelope
from .transaction import Transaction


class MailObject(NamedTuple):
    """An envelope and its content (RFC 5321 2.3.1)."""

    envelope: Envelope
    #: the octets, or what gives them anew each time it is called
    content: bytes | Callable[[], Iterable[bytes]]
    #: in octets, where it is known
    size: int | None = None
    #: every line end is CR LF
    clean: bool = True
    #: whatever the bag knows it by
    key: object = None


class Outcome(NamedTuple):
    """What became of each recipient of a message, as far as the server has said."""

    accepted: tuple[str, ...]
    #: by the server, or on its behalf where it could not take them (no SMTPUTF8, too large)
    refused: Mapping[str, ServerReply]
    #: the connection ended after the final octets and before the reply: nobody knows
    uncertain: tuple[str, ...]
    #: nothing was taken for these: they may be sent to again at once
    unsent: tuple[str, ...]
    #: to the content
    reply: ServerReply | None
    #: the last thing that stood in the way of those who were not accepted
    problem: MailError | None


class Bag(Protocol):
    """Where the messages of a chain come from and are accounted for."""

    def take(self) -> MailObject | None:
        """The next message, None where there is none now. Must not wait: the server does, and so does what is sent."""

    def ending(self, mail: MailObject) -> None:
        """Called before the final octets of a content leave: from now on the server may have the message. What this
        raises (a MailError) keeps them from leaving."""

    def settled(self, mail: MailObject, outcome: Outcome) -> None:
        """Called once for each message that was taken."""


class Tally:
    """What is known so far of one message."""

    __slots__ = ("_accepted", "_problem", "_refused", "_reply", "_uncertain", "_unsent", "mail", "open")

    def __init__(self, mail: MailObject) -> None:
        self.mail = mail
        #: parts of which the end is not known: a transaction, recipients that wait for one
        self.open = 1
        self._accepted: tuple[str, ...] = ()
        self._refused: dict[str, ServerReply] = {}
        self._uncertain: tuple[str, ...] = ()
        self._unsent: tuple[str, ...] = ()
        self._reply: ServerReply | None = None
        self._problem: MailError | None = None

    @property
    def outcome(self) -> Outcome:
        return Outcome(self._accepted, self._refused, self._uncertain, self._unsent, self._reply, self._problem)

    def accept(self, recipients: Iterable[str], reply: ServerReply) -> None:
        """The server has taken the message for these."""
        self._accepted += tuple(recipients)
        self._reply = reply

    def refuse(self, recipients: Mapping[str, ServerReply], problem: Refused | None = None) -> None:
        """The server has refused these, by themselves or (the problem) with the whole message."""
        self._refused.update(recipients)
        self._problem = problem or self._problem
        if isinstance(problem, MessageRefused):
            self._reply = problem.reply

    def leave(self, recipients: Iterable[str], problem: MailError | None) -> None:
        """The message was not sent to these for this reason (None: there was no more room on the connection)."""
        self._unsent += tuple(recipients)
        self._problem = problem or self._problem

    def doubt(self, recipients: Iterable[str], problem: MailError) -> None:
        """Nobody knows whether the server has taken the message for these."""
        self._uncertain += tuple(recipients)
        self._problem = problem


class Part(NamedTuple):
    """What one transaction has to carry: a message to some of its recipients."""

    tally: Tally
    envelope: Envelope
    without_utf8: bool = False


class Leg:
    """One transaction of the chain, from its envelope to the reply to its content."""

    __slots__ = (
        "_recipients", "chunks", "commands", "dots", "ended", "held", "pieces", "spared", "tally", "transaction",
        "utf8", "verdict", "window",
    )  # fmt: skip

    def __init__(self, part: Part) -> None:
        self.tally = part.tally
        self.transaction = transaction = Transaction(part.envelope)
        #: SMTPUTF8 is used; it could be and is not, because the server refused the sender with it
        self.utf8 = False
        self.spared = part.without_utf8
        #: those that were not sent yet, and how many of them may be under way
        self.commands: Sequence[Command] = ()
        self.window = 1
        #: the content: the piece that comes next, and those behind it
        self.held = b""
        self.pieces: Iterator[bytes] = iter(())
        self.dots = DotStuffing()
        #: the final octets may have left
        self.ended = False
        #: BDAT alone: how many replies are outstanding, and the first refusal among them (RFC 3030 2)
        self.chunks = 0
        self.verdict: ServerReply | None = None
        # Those that this transaction accounts for.
        self._recipients: Sequence[str] = transaction.envelope.recipients

    @property
    def mail(self) -> MailObject:
        return self.tally.mail

    def hand_on(self) -> tuple[str, ...]:
        """The recipients that need a further transaction: they are no longer this one's."""
        overflow = tuple(self.transaction.overflow)
        if overflow:
            gone = frozenset(overflow)
            self._recipients = [address for address in self._recipients if address not in gone]
            self.transaction.overflow.clear()
        return overflow

    def end(self, reply: ServerReply) -> None:
        """The server's word on the content."""
        self.tally.refuse(self.transaction.refused)
        if reply.code < 400:
            self.tally.accept(self.transaction.accepted, reply)
        else:
            problem = MessageRefused(f"message refused: {reply}", reply)
            self.tally.refuse(dict.fromkeys(self.transaction.accepted, reply), problem)

    def refuse(self, refusal: Refused) -> None:
        """The message was refused before its content was sent. Recipients that were refused by themselves keep the
        reply to that, unless it only followed from the sender's refusal."""
        together = dict.fromkeys(self._recipients, refusal.reply)
        if isinstance(refusal, RecipientsRefused):
            self.tally.refuse(refusal.replies, refusal)
        elif isinstance(refusal, SenderRefused):
            self.tally.refuse(together, refusal)
        else:
            self.tally.refuse({**together, **self.transaction.refused}, refusal)

    def leave(self, problem: MailError) -> None:
        """The connection ended before the final octets, or there is no content."""
        self.tally.refuse(self.transaction.refused)
        self.tally.leave([address for address in self._recipients if address not in self.transaction.refused], problem)

    def doubt(self, problem: MailError) -> None:
        """The connection ended behind the final octets."""
        self.tally.refuse(self.transaction.refused)
        self.tally.doubt(self.transaction.accepted, problem)
