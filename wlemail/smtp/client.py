"""A blocking SMTP client over a Stream: which command follows which, and how many at a time.

Round trips are what sending costs. With PIPELINING a transaction takes two: MAIL, every RCPT and DATA in one group
(RFC 2920), then the content. What is written without waiting is bounded, so that neither side can block on the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from ..errors import (
    Broken,
    CommandRefused,
    ConnectionLost,
    MailError,
    MessageRefused,
    MessageTooLarge,
    ProtocolViolation,
    RecipientsRefused,
    Refused,
    SenderRefused,
    ServerReply,
    SessionRefused,
    StartTLSUnavailable,
    TLSFailed,
)
from ..sasl.mechanism import Credentials
from ..wire.stream import Stream
from ..wire.transcript import Transcript, transcript_for
from . import authentication, commands, extensions
from .commands import Command
from .connection import BEFORE_HELLO, INSIDE_CONTENT, READY
from .content import DotStuffing, normalised, pieces, with_crlf
from .dialogue import Answered, Dialogue
from .envelope import Envelope, Receipt, ascii_address
from .transaction import Transaction

# Octets of commands that may wait for their replies: they fit in the socket buffers of every system, so that a
# server that reads no further before we read its replies (RFC 2920 3.1) cannot stop our write half way.
_UNANSWERED = 16384
# That many commands of ordinary length fit without counting.
_FEW = 30
# Octets in a write, large enough to make the cost of a write small, small enough to be kept twice.
PIECE = 65536
# Octets in a BDAT chunk and chunks under way: enough to fill a long fat line, little in memory.
CHUNK = 1 << 20
CHUNKS_UNDER_WAY = 8

# A message: its octets, an iterable of them (read once, if it is an iterator) or what makes such an iterable anew.
Content = bytes | Iterable[bytes] | Callable[[], Iterable[bytes]]

# RFC 6531 3.7.4.2 and 3.2: what a server would say that knew what it refuses.
NO_SMTPUTF8 = ServerReply(553, "the server takes no addresses beyond ASCII (no SMTPUTF8)", "5.6.7")


class Client:
    """One SMTP connection: greet, hello, start_tls, authenticate, then begin/content/finish or send, quit.

    What the server refuses raises Refused and leaves the connection usable; what breaks the dialogue raises Broken
    after the client has closed itself. A transaction that was refused is reset before the next one begins."""

    def __init__(
        self,
        stream: Stream,
        *,
        local_name: str = "",
        trace: Transcript | None = None,
        pipelining: bool = True,
        chunking: bool = True,
    ) -> None:
        self.stream = stream
        #: what the server offers: keyword in upper case -> parameters; empty after HELO and before EHLO
        self.extensions: dict[str, str] = {}
        #: the SASL mechanisms that it offers
        self.mechanisms: tuple[str, ...] = ()
        #: the mechanism that authenticated this session
        self.authenticated_by = ""
        #: recipients of the last transaction that need a further one, with the reason
        self.overflow: dict[str, ServerReply] = {}
        self._local_name = local_name
        self._may_pipeline = pipelining
        self._may_chunk = chunking
        self._dialogue = Dialogue(stream, trace or transcript_for(stream.host, stream.port))
        self._pipelining = False
        self._chunking = False
        self._smtputf8 = False
        self._size_limit = 0
        self._limits = extensions.Limits()
        self._transactions = 0
        self._transaction: Transaction | None = None
        self._needs_reset = False
        self._last_group: tuple[Command, ...] = ()
        # What the last group is for; None where it must be made anew.
        self._grouped: tuple[object, ...] | None = None
        self._dots = DotStuffing()
        # The last piece of content waits for what follows it: the end of a small message goes out in the same write.
        self._held = b""

    @property
    def broken(self) -> bool:
        """The dialogue ended in the middle; the connection is closed."""
        return self._dialogue.broken

    @property
    def usable(self) -> bool:
        """Whether another transaction can begin; false too where the server has announced that it takes no more."""
        if self._dialogue.closed:
            return False
        return not self._limits.mail_max or self._transactions < self._limits.mail_max

    # -- opening ------------------------------------------------------------------------------------

    def greet(self) -> None:
        """Wait for the server's greeting; SessionRefused where it does not want us."""
        self._dialogue.expect(commands.GREETING)
        reply = self._session_reply()
        if reply.code >= 400:
            raise SessionRefused(f"the server refuses the session: {reply}", reply)

    def hello(self) -> None:
        """EHLO, or HELO where the server knows no EHLO; `extensions` holds what the server offers from now on."""
        reply = self._say_hello("EHLO")
        esmtp = reply.code < 400
        if reply.code >= 500:
            # QUIRK: old and filtering servers answer EHLO with 5xx of any kind, not only 500 and 502 (RFC 5321 3.2).
            reply = self._say_hello("HELO")
        if reply.code >= 400:
            raise SessionRefused(f"the server refuses the session: {reply}", reply)
        self._offered(extensions.parse_ehlo(reply.text) if esmtp else {})

    def _say_hello(self, verb: str) -> ServerReply:
        name = self._local_name
        if not name or not name.isascii() or not name.isprintable() or " " in name:
            # RFC 5321 4.1.3: a client without a name gives an address literal; ours tells nothing about the network.
            name = "[127.0.0.1]"
        self._dialogue.send([commands.ehlo(name, verb)])
        return self._session_reply()

    def _session_reply(self) -> ServerReply:
        try:
            return self._dialogue.next_reply()
        except ConnectionLost as lost:
            if lost.reply is None:
                raise
            raise SessionRefused(f"the server refuses the session: {lost.reply}", lost.reply) from lost

    def _offered(self, offered: dict[str, str]) -> None:
        self.extensions = offered
        self.mechanisms = extensions.mechanisms(offered)
        self._pipelining = self._may_pipeline and "PIPELINING" in offered
        self._chunking = self._may_chunk and "CHUNKING" in offered
        self._smtputf8 = "SMTPUTF8" in offered
        self._size_limit = extensions.size_limit(offered)
        self._limits = extensions.limits(offered)
        self._grouped = None

    @property
    def offers_start_tls(self) -> bool:
        """Whether the server has TLS for this connection."""
        return "STARTTLS" in self.extensions

    def start_tls(self) -> None:
        """STARTTLS and the handshake; what the server had said before is forgotten: `hello` must follow."""
        if not self.offers_start_tls:
            raise self._no_tls("the server does not offer STARTTLS", None)
        reply = self._dialogue.ask(commands.STARTTLS)
        if reply.code != 220:
            raise self._no_tls(f"the server refuses STARTTLS: {reply}", reply)
        try:
            self._dialogue.connection.begin_tls()
            self._offered({})
            self.stream.start_tls()
        except BaseException as exc:
            if isinstance(exc, TLSFailed):
                exc.after_starttls = True
            self._dialogue.break_off(exc)
            raise
        if self._dialogue.trace:
            self._dialogue.trace.note("TLS is up")

    def authenticate(self, user: str, password: str = "", *, mechanism: str = "", token: str | None = None) -> str:
        """Log in by the strongest mechanism that both sides know, or the named one; the name of the one that did it.

        `token` is an OAuth 2.0 access token and takes the password's place. AuthenticationFailed carries `offered`,
        the server's mechanisms; MechanismUnavailable says that no verdict on the credentials was given."""
        self._dialogue.hide(password, token or "")
        # A bearer mechanism asked for by name takes its token from wherever it was put.
        given = Credentials(user, password, token or password, self.stream.host, self.stream.port)
        self.authenticated_by = authentication.authenticate(
            self._dialogue, self.mechanisms, given, named=mechanism, with_token=token is not None
        )
        return self.authenticated_by

    def _no_tls(self, text: str, reply: ServerReply | None) -> StartTLSUnavailable:
        return StartTLSUnavailable(text, host=self.stream.host, port=self.stream.port, reply=reply)

    # -- sending ------------------------------------------------------------------------------------

    def send(self, envelope: Envelope, content: Content, size: int | None = None, *, clean: bool = True) -> Receipt:
        """Send a message; the receipt names who was accepted and who refused. Raises if nobody was accepted.

        Recipients for whom the server has no room in one transaction get further ones, which needs content that can
        be read again (octets, a list, a callable). `size` in octets, if known; `clean`: see `content`."""
        if size is None and isinstance(content, bytes):
            size = len(content)
        try:
            return self._send_to_all(envelope, content, size, clean)
        except MailError:
            raise
        except BaseException as exc:
            # Ctrl-C between two waits, or whoever makes the content failed: what the server waits for will never come.
            self._dialogue.break_off(exc)
            raise

    def _send_to_all(self, envelope: Envelope, content: Content, size: int | None, clean: bool) -> Receipt:
        try:
            receipt = self._send_once(envelope, content, size, clean)
        except RecipientsRefused as problem:
            if not self.overflow:
                raise
            receipt = Receipt(problem.reply, problem.replies)
        return self._send_further(envelope, content, size, clean, receipt) if self.overflow else receipt

    def _send_once(self, envelope: Envelope, content: Content, size: int | None, clean: bool) -> Receipt:
        """One transaction; a second one only where the server turns out not to know its own BDAT."""
        chunks = content() if callable(content) else content  # fails before the server hears of it, if it fails
        self.begin(envelope, size=size)
        try:
            self.content(chunks, clean=clean)
            return self.finish()
        except _ChunkingRefused:
            if not _can_repeat(content):
                raise
            return self._send_once(envelope, content, size, clean)

    def _send_further(
        self, envelope: Envelope, content: Content, size: int | None, clean: bool, receipt: Receipt
    ) -> Receipt:
        """More transactions for the recipients that were too many. Each settles the fate of one at least."""
        reply, refused, accepted = receipt.reply, dict(receipt.refused), receipt.accepted
        while self.overflow:
            waiting = self.overflow
            if not (_can_repeat(content) and self.usable):
                refused.update(waiting)
                break
            try:
                further = self._send_once(envelope._replace(recipients=tuple(waiting)), content, size, clean)
            except RecipientsRefused as problem:
                refused.update(problem.replies)
            except (Refused, Broken) as problem:
                if not accepted:
                    raise
                # The message has left for some: no error may make the caller send it to them again.
                cause = problem.reply or ServerReply(0, str(problem))
                refused.update(dict.fromkeys(waiting, cause))
                break
            else:
                reply, accepted = further.reply, accepted + further.accepted
                refused.update(further.refused)
        if not accepted:
            raise RecipientsRefused(refused)
        return Receipt(reply, refused, accepted)

    def begin(self, envelope: Envelope, *, size: int | None = None) -> None:
        """MAIL, RCPT for every recipient, and DATA, up to the point where the content may go.

        Raises SenderRefused, RecipientsRefused (all of them), MessageRefused, or MessageTooLarge, the last without a
        word to the server where it has announced its limit. `overflow` holds those who need a further transaction."""
        utf8 = self._check_offers(envelope, size)
        if self._transaction is not None:
            self._needs_reset = True  # begun and left alone
        transaction, refusal = self._begin(envelope, size, utf8)
        if utf8 and isinstance(refusal, SenderRefused) and not refusal.temporary and has_ascii_form(envelope):
            # QUIRK: Exchange advertises SMTPUTF8 and refuses it; these addresses can do without.
            transaction, refusal = self._begin(envelope, size, False)
            # If it was not the reason, an address that needs it may still have it.
            self._smtputf8 = isinstance(refusal, SenderRefused)
        if isinstance(refusal, SenderRefused) and refusal.reply.code == 552 and size is not None:
            # RFC 1870 6.1: the answer to SIZE, whatever limit was announced.
            raise MessageTooLarge(size, self._size_limit, refusal.reply)
        if refusal is not None:
            raise refusal
        self._transaction = transaction
        self._transactions += 1
        self._dots = DotStuffing()
        if not self._chunking:
            self._dialogue.expect(commands.CONTENT)

    def _check_offers(self, envelope: Envelope, size: int | None) -> bool:
        """Whether the transaction needs SMTPUTF8; MessageRefused where it cannot succeed, by what the server offers."""
        if not envelope.recipients:
            raise AssertionError("an envelope without recipients: composing has to refuse it")
        if size is not None and 0 < self._size_limit < size:
            reply = ServerReply(552, "message size exceeds the limit that the server announces", "5.3.4")
            raise MessageTooLarge(size, self._size_limit, reply)
        if envelope.international and not self._smtputf8:
            raise MessageRefused("the header has addresses that need SMTPUTF8, which the server lacks", NO_SMTPUTF8)
        return self._smtputf8 and (envelope.smtputf8 or not has_ascii_form(envelope))

    def _begin(self, envelope: Envelope, size: int | None, utf8: bool) -> tuple[Transaction, Refused | None]:
        """The replies to MAIL, RCPT and DATA, in as few round trips as the server allows, and what they refuse."""
        transaction = Transaction(envelope)
        unsent: Sequence[Command] = self._group(transaction, size, utf8)
        window = window_of(unsent)
        self._transaction = None
        self._held = b""
        self.overflow = transaction.overflow
        connection = self._dialogue.connection
        while unsent or connection.owed:
            try:
                if unsent:
                    unsent = self._send_some(unsent, window)
                arrived = self._dialogue.next_replies()
            except Broken as problem:
                # A server that refuses and hangs up without answering the rest of the group has said why.
                refusal = transaction.refusal
                if refusal is None or problem.reply is not None:
                    raise
                raise refusal from problem
            for command, reply in arrived:
                transaction.take(command, reply)
                if command.verb == "RSET":
                    self._check_reset(reply)
            if unsent:
                unsent = transaction.shortened(unsent)
        refusal = transaction.refusal
        if refusal is not None:
            self._end_refused()
        return transaction, refusal

    def _end_refused(self) -> None:
        self._needs_reset = True
        if self._dialogue.connection.phase is INSIDE_CONTENT:
            # DATA went out with the group and the server wants content for nobody: a lone dot ends it.
            self._dialogue.expect(commands.CONTENT)
            try:
                self._dialogue.send_content(b".\r\n")
                self._dialogue.next_replies()
            except Broken:
                pass  # why everybody was refused says more than that the server then hung up

    def _group(self, transaction: Transaction, size: int | None, utf8: bool) -> tuple[Command, ...]:
        """The commands of the transaction. Programs send message after message to the same people: the last group is
        kept for the next."""
        told_size = size if "SIZE" in self.extensions else None
        wanted = transaction.envelope, told_size, utf8, self._needs_reset, self._chunking
        if wanted != self._grouped:
            self._grouped = None
            self._last_group = self._new_group(transaction, told_size, utf8)
            if transaction.refused or transaction.overflow:
                return self._last_group
            self._grouped = wanted
        transaction.recipients = list(transaction.envelope.recipients)
        return self._last_group

    def _new_group(self, transaction: Transaction, size: int | None, utf8: bool) -> tuple[Command, ...]:
        """RSET leads after a refusal: what that left open in the server would mix with what follows (Exim took the
        sender of a refused transaction for the next one)."""
        envelope = transaction.envelope
        offered = self.extensions
        dsn = "DSN" in offered
        sender = commands.mail(
            _wire_sender(envelope.sender, utf8),
            size=size,
            body="8BITMIME" if envelope.body == "8BITMIME" and "8BITMIME" in offered else "",
            smtputf8=utf8,
            ret=envelope.dsn_return if dsn else "",
            envid=envelope.dsn_id if dsn else "",
        )
        group = [commands.RSET, sender] if self._needs_reset else [sender]
        notify = envelope.dsn_notify if dsn else ()
        for recipient in transaction.admit(self._limits):
            address = recipient if utf8 or recipient.isascii() else ascii_address(recipient)
            if address is None:
                transaction.refused[recipient] = NO_SMTPUTF8
            else:
                transaction.recipients.append(recipient)
                group.append(commands.rcpt(address, notify, original=recipient if notify else ""))
        if not transaction.recipients:
            raise RecipientsRefused(transaction.refused)
        if not self._chunking:
            group.append(commands.DATA)
        return tuple(group)

    def _send_some(self, unsent: Sequence[Command], window: int) -> list[Command]:
        """Send as many as may be under way; what is left."""
        owed = len(self._dialogue.connection.owed)
        if not self._pipelining:
            window = 1
        some = window - owed
        if some >= len(unsent):
            self._dialogue.send(unsent)
            return []
        if owed <= window // 2:
            self._dialogue.send(unsent[:some])
            unsent = unsent[some:]
        return list(unsent)

    def content(self, chunks: bytes | Iterable[bytes], *, clean: bool = True) -> None:
        """Send content; may be called more than once. `clean` promises that every line end is CR LF."""
        if isinstance(chunks, tuple) and len(chunks) == 1:
            chunks = chunks[0]
        if isinstance(chunks, bytes):
            self._hold(chunks if clean else with_crlf(chunks))
            return
        source = pieces(chunks if clean else normalised(chunks), CHUNK if self._chunking else PIECE)
        while (piece := self._next_piece(source)) is not None:
            self._hold(piece)

    def _hold(self, piece: bytes) -> None:
        if self._held:
            self._send_piece(self._held)
        self._held = piece

    def _next_piece(self, source: Iterator[bytes]) -> bytes | None:
        try:
            return next(source, None)
        except BaseException as exc:
            # What makes the content failed (a file that cannot be read any more). BDAT can be taken back, DATA cannot.
            if self._chunking and isinstance(exc, MailError):
                self._needs_reset = True
                if self._dialogue.connection.owed:
                    self._dialogue.all_replies()
            else:
                self._dialogue.break_off(exc)
            raise

    def _send_piece(self, piece: bytes) -> None:
        if not self._chunking:
            self._dialogue.send_content(self._dots.stuff(piece))
            return
        self._dialogue.send_content(piece, commands.bdat(len(piece), last=False))
        while len(self._dialogue.connection.owed) > (CHUNKS_UNDER_WAY if self._pipelining else 0):
            self._check_content(self._dialogue.next_replies())

    def finish(self) -> Receipt:
        """End the content and wait for the server's word; MessageRefused if it does not take the message.

        A Broken error with `maybe_delivered` says that the server may have taken it without our hearing so."""
        transaction, self._transaction = self._transaction, None
        if transaction is None:
            raise AssertionError("finish without begin")
        held, self._held = self._held, b""
        if self._chunking:
            if held and not held.endswith(b"\r\n"):
                held += b"\r\n"
            self._dialogue.send_content(held, commands.bdat(len(held), last=True))
        else:
            self._dialogue.send_content(self._dots.stuff(held) + self._dots.end())
        try:
            arrived = self._dialogue.all_replies()
        except Broken as problem:
            problem.maybe_delivered = problem.reply is None
            raise
        self._check_content(arrived)
        return Receipt(arrived[-1][1], transaction.refused, tuple(transaction.accepted))

    def _check_content(self, arrived: list[Answered]) -> None:
        for _, reply in arrived:
            if reply.code < 400:
                continue
            self._needs_reset = True
            if self._dialogue.connection.owed:
                # RFC 3030 2: the chunks behind a refused one are refused too; their replies still have to be read.
                self._dialogue.all_replies()
            if self._chunking and reply.code in (500, 502):
                # QUIRK: a filter in front of the server passes on the offer of CHUNKING and knows no BDAT.
                self._chunking = False
                raise _ChunkingRefused(f"BDAT refused: {reply}", reply)
            raise MessageRefused(f"message refused: {reply}", reply)

    # -- other commands -----------------------------------------------------------------------------

    def probe(self, sender: str, recipient: str) -> ServerReply:
        """What the server says to a recipient without getting a message: its reply to RCPT, or to a refused MAIL."""
        if self._needs_reset:
            self.reset()
        transaction = Transaction(Envelope(sender, (recipient,)))
        utf8 = self._smtputf8 and not has_ascii_form(transaction.envelope)
        try:
            group = self._group(transaction, None, utf8)
        except Refused as problem:
            return problem.reply
        self._needs_reset = True
        reply = self._dialogue.ask(group[0])
        if reply.code < 400:
            reply = self._dialogue.ask(group[1])
        self.reset()
        return reply

    def reset(self) -> None:
        """RSET: forget the transaction under way."""
        self._check_reset(self._dialogue.ask(commands.RSET))

    def _check_reset(self, reply: ServerReply) -> None:
        if reply.code >= 400:
            # RFC 5321 4.1.1.5 knows no refusal; a transaction that cannot be forgotten would mix with the next.
            problem = ProtocolViolation(f"the server refuses RSET: {reply}")
            self._dialogue.break_off(problem)
            raise problem
        self._needs_reset = False

    def noop(self) -> None:
        """NOOP: is the server still there?"""
        reply = self._dialogue.ask(commands.NOOP)
        if reply.code >= 400:
            raise CommandRefused("NOOP", reply)

    def quit(self) -> None:
        """Say goodbye, where the dialogue allows it, and close; never fails, waits no longer than for any reply."""
        if self._dialogue.connection.phase in (BEFORE_HELLO, READY) and not self._dialogue.connection.owed:
            try:
                self._dialogue.ask(commands.QUIT)
            except MailError:
                pass  # a server that is gone, or says goodbye in its own way, has nothing more to tell us
        self.close()

    def close(self) -> None:
        """Drop the connection without a word."""
        self._dialogue.close()


def window_of(group: Sequence[Command]) -> int:
    """How many of these commands may be under way at a time."""
    return _FEW if len(group) <= _FEW else _UNANSWERED // max(len(command.argument) + 8 for command in group)


class _ChunkingRefused(MessageRefused):
    """The server does not know the BDAT that it offers."""


def _can_repeat(content: Content) -> bool:
    return not isinstance(content, Iterator)


def has_ascii_form(envelope: Envelope) -> bool:
    """Whether the message can do without SMTPUTF8: every address can be written in ASCII, its domain by IDNA."""
    if envelope.international:
        return False
    addresses = (envelope.sender, *envelope.recipients)
    return "".join(addresses).isascii() or all(ascii_address(address) is not None for address in addresses)


def _wire_sender(sender: str, utf8: bool) -> str:
    address = sender if utf8 or sender.isascii() else ascii_address(sender)
    if address is None:
        raise SenderRefused(sender, NO_SMTPUTF8)
    return address
