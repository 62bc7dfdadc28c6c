"""What can go wrong with mail: one tree of exceptions, for everything below the face.

Knows no protocol and imports nothing. An exception carries facts as attributes (host, reply, path …);
the texts a user sees, in English and French, are made from them in `wlanguage/error_codes.py`.
`str()` of an exception is a short English sentence for people who use the library without the face.

Two kinds matter to whoever holds a connection: `Refused` (the server said no and the connection is still
usable) and `Broken` (the connection is gone or can no longer be trusted).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any


class MailError(Exception):
    """Anything that mail code reports as a failure; everything else that is raised is a bug."""

    def __init__(self, text: str = "", **facts: object) -> None:
        super().__init__(text)
        self.text = text
        for name, value in facts.items():
            setattr(self, name, value)

    #: the server's answer as it was received (`code`, `enhanced`, `text`), where there was one
    reply: ServerReply | None = None
    #: true where trying the same thing later may succeed (4xx, a lost connection)
    temporary: bool = False

    def __str__(self) -> str:
        return self.text

    def __reduce__(self) -> tuple[Any, ...]:
        # Python would call the class with the text alone; a pool of processes that cannot rebuild an exception hangs.
        return _rebuilt, (type(self), self.args, self.__dict__)


def _rebuilt(kind: type[MailError], args: tuple[Any, ...], facts: dict[str, Any]) -> MailError:
    problem = kind.__new__(kind, *args)
    problem.__dict__.update(facts)
    return problem


class ServerReply:
    """A server's answer: its code (0 where the protocol has none), the enhanced code ("5.1.1" or "") and its text."""

    __slots__ = ("code", "enhanced", "text")

    def __init__(self, code: int, text: str, enhanced: str = "") -> None:
        self.code = code
        self.enhanced = enhanced
        self.text = text

    @property
    def temporary(self) -> bool:
        return 400 <= self.code < 500

    def __str__(self) -> str:
        # The text of an SMTP reply opens with the enhanced code only on the wire; keep what people search for.
        return " ".join(part for part in (str(self.code) if self.code else "", self.enhanced, self.text) if part)

    def __repr__(self) -> str:
        return f"ServerReply({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ServerReply):
            return NotImplemented
        return (self.code, self.enhanced, self.text) == (other.code, other.enhanced, other.text)

    def __hash__(self) -> int:
        return hash((self.code, self.enhanced, self.text))


# -- misuse: the program asked for something that makes no sense ------------------------------------


class UsageError(MailError):
    """The program used a function in a way that can never work (level "fatal" in WLanguage's words)."""


class SessionUnknown(UsageError):
    """No session of that name is open."""

    def __init__(self, name: str, open_names: Iterable[str] = ()) -> None:
        self.name = name
        self.open_names = tuple(open_names)
        names = ", ".join(repr(n) for n in self.open_names) or "none"
        super().__init__(f"no session {name!r} is open (open sessions: {names})")


class WrongSessionKind(UsageError):
    """The session exists but cannot do this: sending through a reading session, or the reverse."""

    def __init__(self, name: str, needed: str, found: Sequence[str]) -> None:
        self.name = name
        self.needed = needed
        self.found = tuple(found)
        super().__init__(f"session {name!r} is {'+'.join(self.found)}; this needs {needed}")


class SessionBusy(UsageError):
    """A callback of a transfer used the session that is transferring."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"session {name!r} is in the middle of a transfer that called this")


class NoMessageRead(UsageError):
    """What acts on the message that was read last was called before any was read."""

    def __init__(self) -> None:
        super().__init__("no message has been read in this session")


class ExtraMissing(UsageError):
    """An optional package is needed for this; `extra` names what to install: pip install wlemail[extra]."""

    def __init__(self, extra: str, what: str) -> None:
        self.extra = extra
        self.what = what
        super().__init__(f"{what} needs an optional package: pip install 'wlemail[{extra}]'")


class Unsupported(UsageError):
    """This exists in WLanguage but not on this platform, protocol or server."""

    def __init__(self, what: str, why: str) -> None:
        self.what = what
        self.why = why
        super().__init__(f"{what} is not available: {why}")


# -- values that were given ------------------------------------------------------------------------


class InvalidValue(MailError):
    """A value cannot be used; `member` is the parameter or member that holds it. The value itself may be secret
    and is never in the text unless `shown` says so."""

    def __init__(self, member: str, why: str, shown: object = None) -> None:
        self.member = member
        self.why = why
        self.shown = shown
        super().__init__(f"{member}: {why}" + ("" if shown is None else f" ({shown!r})"))


class InvalidAddress(InvalidValue):
    """An e-mail address does not follow the grammar (RFC 5321 4.1.2) or cannot be sent."""


class ControlCharacter(InvalidValue):
    """A value holds CR, LF or NUL where that would add a header, a recipient or a command."""


class NoSender(InvalidValue):
    """No member yields an address for the envelope sender."""

    def __init__(self) -> None:
        super().__init__("Sender", "no sender address is given")


class NoRecipient(InvalidValue):
    """The message has no recipient at all."""

    def __init__(self) -> None:
        super().__init__("Recipient", "no recipient is given")


class AttachmentError(MailError):
    """An attachment cannot be used."""

    def __init__(self, path: str, why: str = "") -> None:
        self.path = path
        self.why = why
        super().__init__(f"attachment {path!r}: {why}" if why else f"attachment {path!r}")


class AttachmentMissing(AttachmentError):
    """The file named as attachment does not exist, or (`in_mail`) the mail that was read has no such part any more."""

    def __init__(self, path: str, *, in_mail: bool = False) -> None:
        super().__init__(path, "file not found")
        self.in_mail = in_mail


class AttachmentUnreadable(AttachmentError):
    """The file named as attachment exists but cannot be read (a directory, no permission, shrank while sending)."""


class FileProblem(MailError):
    """A file other than an attachment cannot be read or written."""

    def __init__(self, path: str, why: str) -> None:
        self.path = path
        self.why = why
        super().__init__(f"{path!r}: {why}")


class NoMailProgram(MailError):
    """No program of this computer can be asked to write a mail; `why` says what is missing."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"no mail program can be opened: {why}")


# -- the way to the server --------------------------------------------------------------------------


class Broken(MailError):
    """The connection could not be made, or is gone, or can no longer be trusted."""

    temporary = True
    #: the final octets of a message were sent and no answer came: the server may have taken it
    maybe_delivered: bool = False
    #: a write failed: how many of its octets had left by then, None where nobody knows
    written: int | None = None

    def __init__(self, text: str, *, host: str = "", port: int = 0, errno: int = 0) -> None:
        self.host = host
        self.port = port
        self.errno = errno
        super().__init__(text)


class CannotResolve(Broken):
    """The host's name has no address."""


class NoMailServer(MailError):
    """The domain is known to take no mail: it does not exist, or says so (RFC 7505), or names no server."""

    def __init__(self, domain: str, why: str) -> None:
        self.domain = domain
        self.why = why
        super().__init__(f"no server takes mail for {domain!r}: {why}")


class ConnectionRefused(Broken):
    """Nothing listens at the port, or a firewall says no."""


class HostUnreachable(Broken):
    """No route leads to the host."""


class TimedOut(Broken):
    """A wait went past its deadline; `stage` is "resolve", "connect", "tls", "reply" or "write"."""

    def __init__(self, stage: str, seconds: float, *, host: str = "", port: int = 0) -> None:
        self.stage = stage
        self.seconds = seconds
        super().__init__(f"timed out after {seconds:g} s ({stage}): {host}:{port}", host=host, port=port)


class ConnectionLost(Broken):
    """The server, or something on the way, ended the connection; `during` says what was under way.

    `reply` holds what the server said last where it said why (421)."""

    def __init__(
        self,
        text: str = "connection lost",
        *,
        host: str = "",
        port: int = 0,
        errno: int = 0,
        during: str = "",
        reply: ServerReply | None = None,
    ) -> None:
        super().__init__(text, host=host, port=port, errno=errno)
        self.during = during
        self.reply = reply


class ProtocolViolation(Broken):
    """The server sent what its protocol does not allow, or more than any honest server sends."""


class MailboxChanged(Broken):
    """The connection was lost and the mailbox cannot be told to be the same any more; the session is closed.

    `undone` is the number of deletions that had been asked for and did not take place."""

    temporary = False

    def __init__(self, text: str, *, host: str = "", port: int = 0, undone: int = 0) -> None:
        super().__init__(text, host=host, port=port)
        self.undone = undone


class TLSFailed(Broken):
    """The TLS handshake failed for another reason than the certificate (no common version, not TLS at all)."""

    temporary = False
    #: the server had agreed to STARTTLS: another option would not help
    after_starttls: bool = False


class CertificateRejected(TLSFailed):
    """The server's certificate was refused; `check` is "expired", "not yet valid", "host", "issuer", "self-signed"
    or "invalid"; `detail` is OpenSSL's sentence."""

    def __init__(self, check: str, detail: str, *, host: str = "", port: int = 0, issuer: str = "") -> None:
        self.check = check
        self.detail = detail
        self.issuer = issuer
        super().__init__(f"certificate of {host} refused ({check}): {detail}", host=host, port=port)


class StartTLSUnavailable(Broken):
    """STARTTLS was asked for and the server does not offer it, or refused it; nothing was sent in clear."""

    temporary = False

    def __init__(self, text: str, *, host: str = "", port: int = 0, reply: ServerReply | None = None) -> None:
        super().__init__(text, host=host, port=port)
        self.reply = reply


# -- the server said no -----------------------------------------------------------------------------


class Refused(MailError):
    """The server answered and said no; the connection is still usable unless the reply was 421."""

    def __init__(self, text: str, reply: ServerReply) -> None:
        super().__init__(text)
        self.reply: ServerReply = reply
        self.temporary = reply.temporary


class SessionRefused(Refused):
    """The server does not want this client at all (554 or 421 as greeting, EHLO and HELO refused)."""


class AuthenticationFailed(Refused):
    """The server refused the credentials; `mechanism` is the one that was tried."""

    #: the mechanisms that the server offers
    offered: tuple[str, ...] = ()
    #: what it said inside the exchange: the JSON of OAuth refusals, SCRAM's reason
    detail: str = ""
    #: the server, where it is known by its name
    host: str = ""

    def __init__(self, text: str, reply: ServerReply, mechanism: str = "") -> None:
        super().__init__(text, reply)
        self.mechanism = mechanism


class MechanismUnavailable(AuthenticationFailed):
    """The server says that this mechanism cannot be used now (504, 534): not a verdict on the credentials."""


class SenderRefused(Refused):
    """The server does not take mail from this sender."""

    def __init__(self, address: str, reply: ServerReply) -> None:
        super().__init__(f"sender {address!r} refused: {reply}", reply)
        self.address = address


class RecipientsRefused(Refused):
    """All recipients were refused; `replies` maps each address to the server's reply."""

    def __init__(self, replies: Mapping[str, ServerReply]) -> None:
        self.replies = dict(replies)
        first = next(iter(self.replies.values()))
        listing = "; ".join(f"{address}: {reply}" for address, reply in self.replies.items())
        super().__init__(f"every recipient was refused: {listing}", first)
        # One that may succeed later makes another try worth while.
        self.temporary = any(reply.temporary for reply in self.replies.values())


class MessageRefused(Refused):
    """The server took sender and recipients and then refused the content (or DATA itself)."""


class MessageTooLarge(MessageRefused):
    """The message is larger than the size that the server announces (RFC 1870)."""

    def __init__(self, size: int, limit: int, reply: ServerReply) -> None:
        at_most = f"the server takes at most {limit}" if limit else f"the server refuses that: {reply}"
        super().__init__(f"the message has {size} bytes; {at_most}", reply)
        self.size = size
        self.limit = limit


class MailboxLocked(Refused):
    """User and password may be right, but another session uses the mailbox ([IN-USE], RFC 2449 8.1.2)."""

    def __init__(self, text: str, reply: ServerReply) -> None:
        super().__init__(text, reply)
        self.temporary = True


class LoginTooSoon(Refused):
    """The server wants more time between two logins of this user ([LOGIN-DELAY], RFC 2449 8.1.1)."""

    def __init__(self, text: str, reply: ServerReply) -> None:
        super().__init__(text, reply)
        self.temporary = True


class MessageGone(Refused):
    """The mailbox has no such message, or no longer: `number` is what was asked for."""

    def __init__(self, number: int, reply: ServerReply | None = None) -> None:
        super().__init__(f"there is no message {number} any more", reply or ServerReply(0, ""))
        self.number = number


class CommandRefused(Refused):
    """Any other command that the server refused; `command` is its verb."""

    #: IMAP's response code in upper case ("OVERQUOTA", "TRYCREATE", "NONEXISTENT" …), "" where there is none
    response_code: str = ""

    def __init__(self, command: str, reply: ServerReply) -> None:
        super().__init__(f"{command} refused: {reply}", reply)
        self.command = command


# -- named secrets ----------------------------------------------------------------------------------


class SecretUnavailable(MailError):
    """A named secret cannot be read or kept.

    `problem` is "missing", "no keyring", "locked", "no answer", "damaged" or "failed"; `variable` is the environment
    variable that can hold the content instead; `command` stores it; `detail` is what the keyring said. The content
    is in none of them."""

    def __init__(
        self, text: str, *, name: str, problem: str, variable: str, command: str = "", detail: str = ""
    ) -> None:
        super().__init__(text)
        self.name = name
        self.problem = problem
        self.variable = variable
        self.command = command
        self.detail = detail


# -- the outbox -------------------------------------------------------------------------------------


class OutboxProblem(MailError):
    """The outbox cannot do what was asked; nothing of it was done. `path` is the outbox, `why` a reason in English,
    often the system's own."""

    def __init__(self, path: str, why: str) -> None:
        self.path = path
        self.why = why
        super().__init__(f"outbox {path!r}: {why}")


class OutboxUnavailable(OutboxProblem):
    """There is no outbox at that place and none can be made, or what is there cannot be written."""


class OutboxUnsafe(OutboxUnavailable):
    """Others than the user could read or change what lies there (owner, permissions, a link)."""


class OutboxFull(OutboxProblem):
    """The disk is full, or as many messages wait as the outbox takes."""

    temporary = True


class OutboxBusy(OutboxProblem):
    """Another program kept the outbox locked for longer than one waits."""

    temporary = True


class OutboxCorrupt(OutboxProblem):
    """The file is damaged. `moved_to` is where it was put aside, "" where another program still holds it."""

    def __init__(self, path: str, why: str, moved_to: str = "") -> None:
        self.moved_to = moved_to
        super().__init__(path, why)


class ContentLost(OutboxProblem):
    """The content of a waiting message is no longer in the outbox, or not whole: it cannot be sent."""

    def __init__(self, path: str, number: int, why: str) -> None:
        self.number = number
        super().__init__(path, why)


class QueuedMessageUnknown(UsageError):
    """The outbox has no message of that number, or no longer."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"the outbox has no message {number}")


class MessageCancelled(MailError):
    """A queued message was cancelled before it was sent."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"message {number} was cancelled")


class MessageExpired(MailError):
    """A queued message could not be sent within `hours`, or in `attempts` attempts; `last` is what the last one
    met, if there was one."""

    def __init__(self, hours: float, attempts: int, last: MailError | None = None) -> None:
        self.hours = hours
        self.attempts = attempts
        self.last = last
        self.reply = last.reply if last is not None else None
        because = f": {last}" if last is not None else ""
        super().__init__(f"given up after {hours:g} hours and {attempts} attempts{because}")
