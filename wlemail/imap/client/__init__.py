"""A blocking IMAP client over a Stream: one module a verb family, and the client that brings them together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from ...sasl.mechanism import Credentials
from ...wire.stream import Stream
from ...wire.transcript import Transcript, transcript_for
from .. import commands
from ..connection import Mailbox, Pending
from ..dialogue import Dialogue, Listener, Progress
from ..numbers import NumberSet, number_set
from ..parsing.fetch import Fetched
from ..parsing.mailboxes import Listing, MailboxStatus, Quota
from ..parsing.responses import Response
from ..parsing.server import Namespaces
from ..parsing.status import AppendedUids
from . import authentication, execute, fetch, idle, mailboxes, messages, opening, search
from .execute import Execution
from .fetch import HEADER, LARGEST_MESSAGE, WHOLE, Flight
from .messages import ADD, REMOVE, REPLACE
from .search import Criterion

__all__ = [
    "ADD",
    "HEADER",
    "LARGEST_MESSAGE",
    "REMOVE",
    "REPLACE",
    "WHOLE",
    "Client",
    "Criterion",
    "Execution",
    "Flight",
]


class Client:
    """One IMAP connection: greet, hello, start_tls, authenticate; then mailboxes, and the messages of the selected one.

    Messages are named by UIDs everywhere. What the server refuses raises Refused and leaves the connection usable;
    what breaks the dialogue raises Broken after the client has closed itself."""

    def __init__(self, stream: Stream, *, trace: Transcript | None = None, clock: idle.Clock = time.monotonic) -> None:
        self._dialogue = Dialogue(stream, trace or transcript_for(stream.host, stream.port))
        self._clock = clock
        #: the way in which this session was authenticated: a SASL mechanism, "LOGIN" (the command too) or "PREAUTH"
        self.authenticated_by = ""

    # -- the connection -----------------------------------------------------------------------------

    @property
    def stream(self) -> Stream:
        """The connection; another one once it is compressed."""
        return self._dialogue.stream

    @property
    def broken(self) -> bool:
        """The dialogue ended in the middle; the connection is closed."""
        return self._dialogue.broken

    @property
    def closed(self) -> bool:
        """The connection is closed, for whatever reason."""
        return self._dialogue.closed

    @property
    def capabilities(self) -> frozenset[str] | None:
        """Keywords in upper case; None before the server was asked, and while they may have changed."""
        return self._dialogue.connection.capabilities

    @property
    def enabled(self) -> frozenset[str]:
        """The extensions that were enabled."""
        return self._dialogue.connection.enabled

    @property
    def takes_utf8(self) -> bool:
        """Headers in UTF-8 may be appended: UTF8=ACCEPT is enabled (RFC 6855)."""
        return bool(self.enabled & {"UTF8=ACCEPT", "UTF8=ONLY"})

    @property
    def mailbox(self) -> Mailbox | None:
        """The selected mailbox; its numbers follow what the server tells."""
        return self._dialogue.connection.mailbox

    def listen(self, listener: Listener | None) -> None:
        """Call this with every untagged response that no command had asked for: changes by others, warnings of none."""
        self._dialogue.listener = listener

    def on_alert(self, alert: Callable[[str], object]) -> None:
        """Call this with each text that the server wants people to read ([ALERT])."""
        self._dialogue.alert = alert

    # -- opening and closing ------------------------------------------------------------------------

    def greet(self) -> None:
        """Wait for the greeting; SessionRefused where the server does not want us."""
        if opening.greet(self._dialogue):
            self.authenticated_by = "PREAUTH"

    def hello(self) -> None:
        """Learn the capabilities, where the greeting has not told them."""
        opening.learn_capabilities(self._dialogue)

    @property
    def offers_start_tls(self) -> bool:
        """Whether the server has TLS for this connection, as long as nobody is logged in (RFC 9051 6.2.1)."""
        return "STARTTLS" in (self.capabilities or ()) and not self.authenticated_by

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """The SASL mechanisms that the server offers."""
        return tuple(sorted(each[5:] for each in self.capabilities or () if each.startswith("AUTH=")))

    def start_tls(self) -> None:
        """STARTTLS and the handshake; `hello` must follow. StartTLSUnavailable: nothing was sent in clear."""
        opening.start_tls(self._dialogue)

    def authenticate(self, user: str, password: str = "", *, mechanism: str = "", token: str | None = None) -> str:
        """Log in by the strongest way that both sides know, or the named one; its name.

        `token` is an OAuth 2.0 access token and takes the password's place. Raises AuthenticationFailed,
        MechanismUnavailable, MailboxLocked or SessionRefused."""
        if self.authenticated_by == "PREAUTH":
            return self.authenticated_by
        self._dialogue.hide(password, token or "")
        stream = self._dialogue.stream
        # A bearer mechanism asked for by name takes its token from wherever it was put.
        given = Credentials(user, password, token or password, stream.host, stream.port, "imap")
        self.authenticated_by = authentication.authenticate(
            self._dialogue, given, named=mechanism, with_token=token is not None
        )
        return self.authenticated_by

    def identify(self, fields: Mapping[str, str]) -> Mapping[str, str]:
        """ID: tell who we are, and learn who the server is; empty where it does not say."""
        return opening.identify(self._dialogue, fields)

    def enable(self, *keywords: str) -> frozenset[str]:
        """ENABLE those that the server offers (UTF8=ACCEPT, CONDSTORE, IMAP4REV2 …); all that are enabled by now."""
        return opening.enable(self._dialogue, keywords)

    def compress(self) -> bool:
        """COMPRESS=DEFLATE where the server has it; whether it is on."""
        return opening.compress(self._dialogue)

    def noop(self) -> None:
        """NOOP: is the server still there, and what has happened?"""
        self._dialogue.ask(commands.NOOP)

    def look(self) -> None:
        """Take in what the server has said by itself, and find out whether it has hung up; waits for nothing."""
        self._dialogue.look()

    def together(self) -> AbstractContextManager[None]:
        """What is begun meanwhile goes out in one piece."""
        return self._dialogue.together()

    def drop(self) -> None:
        """Nobody wants the answers to what is under way: they pass without being kept."""
        for pending in self._dialogue.connection.in_flight.values():
            pending.drop()

    def logout(self) -> None:
        """Say goodbye, where the dialogue allows it, and close; never fails."""
        opening.logout(self._dialogue)

    def close(self) -> None:
        """Drop the connection without a word."""
        self._dialogue.close()

    # -- mailboxes ----------------------------------------------------------------------------------

    def namespaces(self) -> Namespaces | None:
        """NAMESPACE, None where the server has no such thing."""
        return mailboxes.namespaces(self._dialogue)

    def delimiter(self, reference: str = "") -> str | None:
        """What parts the levels of mailbox names, None where there are no levels."""
        return mailboxes.delimiter(self._dialogue, reference)

    def mailboxes(self, pattern: str = "*", reference: str = "") -> list[Listing]:
        """The mailboxes that match (`*` any levels, `%` one), with their special uses where the server tells them."""
        return mailboxes.mailboxes(self._dialogue, pattern, reference)

    def subscribed(self, pattern: str = "*", reference: str = "") -> list[Listing]:
        """The mailboxes that are subscribed to."""
        return mailboxes.subscribed(self._dialogue, pattern, reference)

    def status(self, name: str, items: Sequence[str] = ("MESSAGES", "UNSEEN")) -> MailboxStatus:
        """STATUS of a mailbox that is not selected."""
        return mailboxes.status(self._dialogue, name, items)

    def list_status(
        self, pattern: str = "*", items: Sequence[str] = ("MESSAGES", "UNSEEN")
    ) -> list[tuple[Listing, MailboxStatus | None]]:
        """The mailboxes that match, each with its STATUS; None where it has none."""
        return mailboxes.list_status(self._dialogue, pattern, items)

    def select(self, name: str, *, read_only: bool = False, uid_validity: int = 0) -> Mailbox:
        """Select a mailbox. With the UIDVALIDITY of an earlier visit: MailboxChanged where the UIDs are others now."""
        return mailboxes.select(self._dialogue, name, read_only=read_only, uid_validity=uid_validity)

    def unselect(self) -> None:
        """Leave the mailbox; nothing is expunged."""
        mailboxes.unselect(self._dialogue)

    def create(self, name: str) -> None:
        """Make a mailbox. CommandRefused: code ALREADYEXISTS, CANNOT …"""
        mailboxes.create(self._dialogue, name)

    def delete(self, name: str) -> None:
        """Remove a mailbox with all that is in it."""
        mailboxes.delete(self._dialogue, name)

    def rename(self, name: str, new_name: str) -> None:
        """Give a mailbox another name."""
        mailboxes.rename(self._dialogue, name, new_name)

    def subscribe(self, name: str) -> None:
        """Subscribe to a mailbox."""
        mailboxes.subscribe(self._dialogue, name)

    def unsubscribe(self, name: str) -> None:
        """End the subscription to a mailbox."""
        mailboxes.unsubscribe(self._dialogue, name)

    def quotas(self, name: str = "INBOX") -> list[Quota]:
        """The limits that a mailbox counts for; none where the server has no quotas."""
        return mailboxes.quotas(self._dialogue, name)

    # -- messages -----------------------------------------------------------------------------------

    def search(self, *criteria: Criterion) -> list[int]:
        """The UIDs of the messages that meet all criteria, ascending."""
        return search.search(self._dialogue, *criteria)

    def fetch(
        self,
        uids: Iterable[int],
        items: Sequence[str],
        *,
        per_command: int = 200,
        in_flight: int = 2,
        largest: int = LARGEST_MESSAGE,
    ) -> Iterator[Fetched]:
        """Messages as they come; those that are gone do not come. `largest`: octets that one may have.

        Other commands may be used in between: what is under way is then kept until it is taken."""
        return fetch.fetch(self._dialogue, uids, items, per_command=per_command, in_flight=in_flight, largest=largest)

    def begin_fetch(self, uids: Iterable[int], items: Sequence[str], *, largest: int = LARGEST_MESSAGE) -> Flight:
        """Ask for messages (not more than fit in one command, some hundreds) without waiting for them."""
        numbers = uids if isinstance(uids, NumberSet) else number_set(uids)
        return Flight(self._dialogue, numbers, items, largest)

    def store(
        self, uids: Iterable[int], how: str, names: Iterable[str], *, unchanged_since: int | None = None
    ) -> NumberSet:
        """ADD, REMOVE or REPLACE flags; the UIDs that were left alone because they had changed since (CONDSTORE)."""
        return messages.store(self._dialogue, uids, how, names, unchanged_since=unchanged_since)

    def begin_store(self, uids: Iterable[int], how: str, names: Iterable[str]) -> list[Pending]:
        """The same without waiting for the end, which `finish_store` looks at; it flies with fetches."""
        return messages.begin_store(self._dialogue, uids, how, names)

    def finish_store(self, sent: Iterable[Pending]) -> None:
        """Wait for the end of begin_store; CommandRefused where the server refused."""
        messages.finish_store(self._dialogue, sent)

    def copy(self, uids: Iterable[int], target: str) -> dict[int, int]:
        """Copy messages; old UID -> new UID where the server tells. CommandRefused: code TRYCREATE, OVERQUOTA …"""
        return messages.copy(self._dialogue, uids, target)

    def move(self, uids: Iterable[int], target: str) -> dict[int, int]:
        """Move messages, or copy and mark them as deleted where the server knows no better."""
        return messages.move(self._dialogue, uids, target)

    def expunge(self, uids: Iterable[int] | None = None) -> None:
        """Remove what is marked as deleted: all, or of these messages only (Unsupported without UIDPLUS)."""
        messages.expunge(self._dialogue, uids)

    def append(
        self,
        mailbox: str,
        chunks: Iterable[bytes],
        size: int,
        *,
        flags: Iterable[str] = (),
        when: datetime | None = None,
        utf8: bool = False,
        progress: Progress | None = None,
    ) -> AppendedUids | None:
        """Put a message of `size` octets, CR LF line ends, into a mailbox; its UID where the server tells."""
        return messages.append(
            self._dialogue, mailbox, chunks, size, flag_names=flags, when=when, utf8=utf8, progress=progress
        )

    def idle(self, seconds: float) -> list[Response]:
        """Wait until something happens in the selected mailbox, at most so long; what happened."""
        return idle.idle(self._dialogue, seconds, clock=self._clock)

    def execute(self, line: str) -> Execution:
        """Send a command of one's own, without tag; what the server answers, a refusal too."""
        return execute.execute(self._dialogue, line)
