"""What goes into the outbox and what it tells: values only."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from ...errors import MailError, ServerReply
from ...smtp.envelope import Envelope


class State(Enum):
    """Where a message stands. CANCELLED and ERROR are final unless somebody asks for another try."""

    PENDING = 0
    #: its final octets may have left
    SENDING = 1
    #: the server took it for at least one recipient
    SENT = 2
    ERROR = 3
    CANCELLED = 4


class AccountKey(NamedTuple):
    """Through which account a message leaves. User, host and port tell accounts apart; the rest is what the account
    was last opened with and may change. A password is never here."""

    user: str
    host: str
    port: int
    #: a value of mail.account.Security
    security: str = "clear"
    #: the name of the SecretString that held the password, "" where there was none
    secret: str = ""
    #: a password or a token was used
    login: bool = False
    #: whatever else opening needs, in the words of whoever opens; nothing secret
    options: str = ""

    @property
    def identity(self) -> tuple[str, str, int]:
        return self.user, self.host, self.port


class Claimed(NamedTuple):
    """A message that a worker may send now; the envelope names those recipients that still wait."""

    id: int
    envelope: Envelope
    message_id: str
    size: int
    #: line ends are CR LF already
    clean: bool
    #: earlier tries
    attempts: int
    #: an earlier try may have succeeded
    uncertain: bool


class RecipientStatus(NamedTuple):
    """What became of one recipient; `reply` is the server's last word."""

    address: str
    state: State
    reply: ServerReply | None = None


class Status(NamedTuple):
    """What is known of a message. Times are seconds since the epoch, 0.0 where there is none."""

    id: int
    state: State
    recipients: tuple[RecipientStatus, ...]
    #: why it failed, or what the last try met while it waits
    problem: MailError | None
    #: the server's reply to the message as a whole, where there was one
    reply: ServerReply | None
    attempts: int
    queued_at: float
    next_try: float
    ended_at: float
    #: it may have been delivered once more than it should
    uncertain: bool

    @property
    def refused(self) -> Mapping[str, ServerReply]:
        """The recipients that will not get it, with the server's reply."""
        return {r.address: r.reply for r in self.recipients if r.state is State.ERROR and r.reply is not None}


class Entry(NamedTuple):
    """A line of the journal: what a message was and what became of it."""

    id: int
    state: State
    user: str
    host: str
    port: int
    from_address: str
    to_addresses: tuple[str, ...]
    subject: str
    message_id: str
    #: the names of its attachments
    file_names: tuple[str, ...]
    size: int
    attempts: int
    uncertain: bool
    queued_at: float
    next_try: float
    ended_at: float
    #: the server's reply, or a sentence about the last failure
    outcome: str


class Event(NamedTuple):
    """What happened to a message: `kind` is queued, deferred, uncertain, sent, failed, cancelled or retried."""

    at: float
    kind: str
    text: str


class Load(NamedTuple):
    """What waits for an account."""

    account: AccountKey
    waiting: int
    #: the time when the oldest was queued
    oldest: float
    #: why the account could not be opened last time, None where it could
    problem: MailError | None


class Limits(NamedTuple):
    """How much the outbox takes and how long it tries."""

    #: hours after which a message is not sent any more
    hours: float = 24.0
    attempts: int = 50
    #: messages that wait at the same time: a guard against a loop gone wild, looked at every few hundred messages
    waiting: int = 1_000_000
    #: how many of the last messages the journal remembers; failed ones stay until they are purged
    kept: int = 50_000
