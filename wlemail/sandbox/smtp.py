"""The SMTP side of the sandbox as a byte machine (RFC 5321 and the extensions in `Offer`).

Strict where a real server may be strict, so that a client that passes here passes elsewhere: command lines and content
end in CR LF and nothing else, a parameter of an extension that was not offered is refused, STARTTLS forgets everything.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from .authentication import MECHANISMS, MalformedResponse
from .lines import MAX_SKIPPED, EndlessLine, Lines
from .mailbox import Envelope
from .replies import Reply
from .smtp_content import Arriving, DataReader
from .smtp_grammar import (
    MAIL_PARAMETERS,
    RCPT_PARAMETERS,
    Rejected,
    check_address,
    check_parameters,
    parse_chunk,
    parse_path,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from .authentication import Claim, Credentials, Exchange
    from .mailbox import Mailbox
    from .replies import Refusals

#: RFC 5321 4.5.3.1.4 asks for 512 octets and each extension adds some; most is asked by AUTH (RFC 4954 4).
MAX_LINE = 12288
#: Commands that make no sense, before the server hangs up.
MAX_ERRORS = 20
# A client that sends commands in a group cannot know that MAIL or every RCPT in it is refused: what it gets for the
# others is not its fault.
_NO_FAULT = (452, 454, 503, 530, 554)

_OK = Reply(250, "2.0.0", "OK")
_NEED_HELLO = Reply(503, "5.5.1", "EHLO or HELO first")
_NEED_MAIL = Reply(503, "5.5.1", "MAIL first")
_IN_TRANSACTION = Reply(503, "5.5.1", "a transaction is open")
_NO_ARGUMENT = Reply(501, "5.5.4", "no argument is allowed here")
_NOT_OFFERED = Reply(502, "5.5.1", "not offered")
_UNKNOWN = Reply(500, "5.5.2", "command not known")


@dataclass(frozen=True)
class Offer:
    """What the server offers and asks for."""

    extended: bool = True
    starttls: bool = True
    mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN")
    pipelining: bool = True
    chunking: bool = True
    size: bool = True
    eight_bit: bool = True
    utf8: bool = True
    enhanced_codes: bool = True
    dsn: bool = True
    #: MAIL wants an authenticated user first
    require_auth: bool = False
    #: nothing but EHLO, STARTTLS, NOOP and QUIT before TLS
    require_tls: bool = False
    #: content with CR or LF alone, or with lines over 998 octets, is refused
    strict_content: bool = True
    #: DATA is answered with 354 even if every recipient was refused (some servers do; RFC 2920 3.1 warns of them)
    data_without_recipients: bool = False
    max_size: int = 256 << 20
    max_recipients: int = 1000
    name: str = "sandbox.localhost"
    greeting: str = "wlemail sandbox"


class SMTPSession:
    """One client's SMTP dialogue."""

    #: replies are short: nothing is put off
    pending = False

    def __init__(
        self,
        offer: Offer,
        mailbox: Mailbox,
        refusals: Refusals,
        credentials: Credentials,
        *,
        tls: str = "",
        note: Callable[[str], None] | None = None,
    ) -> None:
        self.closed = False
        self.wants_tls = False
        self.progress = 0
        self._offer = offer
        self._mailbox = mailbox
        self._refusals = refusals
        self._credentials = credentials
        self._tls = tls
        self._note = note or (lambda line: None)
        self._input = bytearray()
        self._output = bytearray()
        self._lines = Lines(self._input, MAX_LINE)
        self._errors = 0
        self._step: Callable[[], bool] = self._read_command
        self._arriving: Arriving | None = None
        self._forget_client()

    # -- the connection's side ----------------------------------------------------------------------

    def greet(self) -> bytes:
        self._reply(Reply(220, "", f"{self._offer.name} ESMTP {self._offer.greeting}"))
        return self._flush()

    def receive(self, data: bytes) -> bytes:
        self._input += data
        while self._input and not self.closed and not self.wants_tls and self._step():
            pass
        return self._flush()

    def news(self) -> bytes:
        return b""

    def tls_started(self, version: str) -> None:
        self.wants_tls = False
        self._tls = version
        self._note(f"--: {version}")
        # RFC 3207 4.2: what was said before the handshake is forgotten, the name in EHLO too.
        self._forget_client()

    def say_goodbye(self, reason: str) -> bytes:
        self._hang_up(Reply(421, "4.4.2" if reason == "idle" else "4.3.2", f"{self._offer.name} closing: {reason}"))
        return self._flush()

    def end(self) -> None:
        self._end_transaction()

    # -- state --------------------------------------------------------------------------------------

    def _forget_client(self) -> None:
        self._client_name = ""
        self._extended = False
        self._user = ""
        self._mechanism = ""
        self._exchange: Exchange | None = None
        self._end_transaction()

    def _end_transaction(self) -> None:
        self._sender: str | None = None
        self._parameters: dict[str, str] = {}
        self._recipients: dict[str, dict[str, str]] = {}
        self._refused: dict[str, str] = {}
        arriving, self._arriving = self._arriving, None
        if arriving is not None:
            arriving.discard()

    def _offered(self) -> dict[str, str]:
        offer = self._offer
        rows = (
            ("PIPELINING", offer.pipelining, ""),
            ("SIZE", offer.size, str(offer.max_size)),
            ("8BITMIME", offer.eight_bit, ""),
            ("SMTPUTF8", offer.utf8, ""),
            ("ENHANCEDSTATUSCODES", offer.enhanced_codes, ""),
            ("DSN", offer.dsn, ""),
            ("CHUNKING", offer.chunking, ""),
            ("STARTTLS", offer.starttls and not self._tls, ""),
            ("AUTH", bool(offer.mechanisms) and not self._must_encrypt, " ".join(offer.mechanisms)),
        )
        return {keyword: value for keyword, is_on, value in rows if is_on}

    @property
    def _must_encrypt(self) -> bool:
        return self._offer.require_tls and not self._tls

    # -- input --------------------------------------------------------------------------------------

    def _take_line(self) -> bytes | None:
        """The next line with its end, b"" for one that was too long, None where it is not complete."""
        try:
            line = self._lines.take()
        except EndlessLine:
            self._hang_up(Reply(421, "4.7.0", "that line does not end"))
            return None
        self.progress += line is not None
        return line

    def _read_command(self) -> bool:
        line = self._take_line()
        if line is None:
            return False
        try:
            self._execute(line)
        except Rejected as problem:
            self._refuse_command(problem.reply)
        return True

    def _execute(self, line: bytes) -> None:
        verb, _, argument = line.rstrip(b"\r\n").decode("utf-8", "replace").partition(" ")
        name = verb.upper()
        command = self._COMMANDS.get(name)
        # What is not a command may be a password that a confused client sends: it is not noted.
        self._note("C: (not a command)" if command is None else f"C: {_shown(name, argument)}")
        _check_line(line)
        if command is None:
            raise Rejected(_UNKNOWN)
        if self._input and not self._offer.pipelining and name != "BDAT":
            # Only bytes that came in one piece show it; a client that waits for replies never gets here.
            raise Rejected(Reply(503, "5.5.0", "commands in a group, and PIPELINING was not offered"))
        if self._must_encrypt and name not in ("EHLO", "HELO", "STARTTLS", "NOOP", "QUIT", "RSET", "HELP"):
            raise Rejected(Reply(530, "5.7.0", "STARTTLS first"))
        command(self, argument.strip(" "))

    # -- output -------------------------------------------------------------------------------------

    def _reply(self, reply: Reply) -> None:
        rendered = reply.render(enhanced=self._offer.enhanced_codes)
        for line in rendered.decode("utf-8", "replace").split("\r\n")[:-1]:
            self._note(f"S: {line}")
        self._output += rendered

    def _refuse_command(self, reply: Reply) -> None:
        """Answer a command that is not executed; too many that no correct client sends end the dialogue."""
        self._reply(reply)
        self._errors += reply.code not in _NO_FAULT
        if self._errors >= MAX_ERRORS:
            self._hang_up(Reply(421, "4.7.0", "too many errors"))

    def _hang_up(self, reply: Reply) -> None:
        self._reply(reply)
        self.closed = True
        self._input.clear()
        self._end_transaction()

    def _flush(self) -> bytes:
        output = bytes(self._output)
        self._output.clear()
        return output

    # -- EHLO, STARTTLS and the rest that is no transaction ------------------------------------------

    def _ehlo(self, argument: str) -> None:
        if not self._offer.extended:
            raise Rejected(_NOT_OFFERED)
        self._hello(argument, extended=True)
        lines = [f"{self._offer.name} greets {argument}"]
        lines += [f"{keyword} {value}".rstrip() for keyword, value in self._offered().items()]
        # RFC 2034 3: the reply to EHLO and HELO has no enhanced code.
        self._reply(Reply(250, "", "\n".join(lines)))

    def _helo(self, argument: str) -> None:
        self._hello(argument, extended=False)
        self._reply(Reply(250, "", self._offer.name))

    def _hello(self, argument: str, *, extended: bool) -> None:
        if not argument or " " in argument or len(argument) > 255:
            raise Rejected(Reply(501, "5.5.4", "a domain or an address literal is wanted"))
        self._end_transaction()
        self._client_name = argument
        self._extended = extended

    def _starttls(self, argument: str) -> None:
        if "STARTTLS" not in self._offered():
            raise Rejected(Reply(503, "5.5.1", "TLS is active" if self._tls else "STARTTLS was not offered"))
        if argument:
            raise Rejected(_NO_ARGUMENT)
        self._reply(Reply(220, "2.0.0", "go ahead"))
        # Commands that came in clear behind STARTTLS may be anybody's: they are dropped (RFC 3207 5, CVE-2011-0411).
        self._input.clear()
        self.wants_tls = True

    def _noop(self, argument: str) -> None:
        self._reply(_OK)

    def _rset(self, argument: str) -> None:
        if argument:
            raise Rejected(_NO_ARGUMENT)
        self._end_transaction()
        self._reply(_OK)

    def _quit(self, argument: str) -> None:
        self._hang_up(Reply(221, "2.0.0", f"{self._offer.name} goodbye"))

    def _vrfy(self, argument: str) -> None:
        if not argument:
            raise Rejected(Reply(501, "5.5.4", "whom?"))
        address = argument.partition(" SMTPUTF8")[0].strip("<>")
        self._reply(self._refusals.recipient(address) or Reply(252, "2.5.0", "not verified, mail for it is taken"))

    def _expn(self, argument: str) -> None:
        self._reply(_NOT_OFFERED)

    def _help(self, argument: str) -> None:
        self._reply(Reply(214, "2.0.0", "this server keeps what it receives and sends nothing on\n" + _VERBS))

    # -- AUTH ---------------------------------------------------------------------------------------

    def _auth(self, argument: str) -> None:
        name, _, initial = argument.partition(" ")
        mechanism = name.upper()
        if not self._extended:
            raise Rejected(Reply(503, "5.5.1", "EHLO first"))
        if self._user or self._sender is not None:
            raise Rejected(Reply(503, "5.5.1", "AUTH is over" if self._user else "AUTH comes before MAIL"))
        if not self._offer.mechanisms:
            raise Rejected(_NOT_OFFERED)
        if mechanism not in self._offer.mechanisms:
            raise Rejected(Reply(504, "5.5.4", "mechanism not known"))
        self._mechanism = mechanism
        response = None if not initial else b"" if initial == "=" else _decode(initial.encode("utf-8"))
        self._exchange = MECHANISMS[mechanism](response)
        self._advance(None)

    def _read_response(self) -> bool:
        line = self._take_line()
        if line is None:
            return False
        self._note("C: (response)")
        self._step = self._read_command
        try:
            if not line.endswith(b"\r\n"):
                raise Rejected(Reply(500, "5.5.6", "a response is one line that ends in CR LF"))
            if line == b"*\r\n":
                raise Rejected(Reply(501, "5.7.0", "authentication cancelled"))
            self._advance(_decode(line[:-2]))
        except Rejected as problem:
            self._exchange = None
            self._refuse_command(problem.reply)
        return True

    def _advance(self, response: bytes | None) -> None:
        exchange = self._exchange
        assert exchange is not None
        try:
            challenge = next(exchange) if response is None else exchange.send(response)
        except StopIteration as end:
            self._exchange = None
            self._judge(end.value)
        except MalformedResponse as problem:
            raise Rejected(Reply(501, "5.5.2", str(problem))) from None
        else:
            self._reply(Reply(334, "", base64.b64encode(challenge).decode("ascii")))
            self._step = self._read_response

    def _judge(self, claim: Claim) -> None:
        refusal = self._credentials.refusal(claim)
        if refusal is not None and claim.error:
            self._exchange = _refusing(claim.error, refusal)
            self._advance(None)
            return
        if refusal is not None:
            raise Rejected(refusal)
        # OAUTHBEARER may leave the user to the token.
        self._user = claim.user or "(token)"
        self._reply(Reply(235, "2.7.0", "authenticated"))

    # -- MAIL and RCPT ------------------------------------------------------------------------------

    def _mail(self, argument: str) -> None:
        if not self._client_name:
            raise Rejected(_NEED_HELLO)
        if self._offer.require_auth and not self._user:
            raise Rejected(Reply(530, "5.7.0", "authentication required"))
        if self._sender is not None:
            raise Rejected(_IN_TRANSACTION)
        path = parse_path(argument, "FROM:")
        check_parameters(path.parameters, MAIL_PARAMETERS, self._offered() if self._extended else ())
        if path.address:
            check_address(path.address, "5.1.7")
        if not path.address.isascii() and "SMTPUTF8" not in path.parameters:
            raise Rejected(Reply(553, "5.6.7", "an address outside ASCII needs SMTPUTF8"))
        refusal = self._refusals.sender(path.address) or self._refuse_size(path.parameters)
        if refusal is None:
            self._sender, self._parameters = path.address, path.parameters
        self._answer(refusal or Reply(250, "2.1.0", "sender taken"))

    def _refuse_size(self, parameters: dict[str, str]) -> Reply | None:
        if int(parameters.get("SIZE", "0")) <= self._offer.max_size:
            return None
        return Reply(552, "5.3.4", f"the message is larger than {self._offer.max_size} octets")

    def _rcpt(self, argument: str) -> None:
        if self._sender is None:
            raise Rejected(_NEED_MAIL)
        if self._arriving is not None:
            raise Rejected(Reply(503, "5.5.1", "BDAT has begun"))
        path = parse_path(argument, "TO:")
        check_parameters(path.parameters, RCPT_PARAMETERS, self._offered() if self._extended else ())
        # RFC 5321 4.1.1.3: the postmaster of the server needs no domain.
        if path.address.casefold() != "postmaster":
            check_address(path.address, "5.1.3")
        if not path.address.isascii() and "SMTPUTF8" not in self._parameters:
            raise Rejected(Reply(553, "5.6.7", "an address outside ASCII needs SMTPUTF8"))
        refusal = self._refusals.recipient(path.address) or self._refuse_number()
        if refusal is None:
            self._recipients[path.address] = path.parameters
        else:
            self._refused[path.address] = str(refusal)
        self._answer(refusal or Reply(250, "2.1.5", "recipient taken"))

    def _refuse_number(self) -> Reply | None:
        if len(self._recipients) < self._offer.max_recipients:
            return None
        return Reply(452, "4.5.3", f"not more than {self._offer.max_recipients} recipients")

    def _answer(self, reply: Reply) -> None:
        # 421 says that the server goes away (RFC 5321 3.8), whatever the command was.
        (self._hang_up if reply.code == 421 else self._reply)(reply)

    # -- content ------------------------------------------------------------------------------------

    def _data(self, argument: str) -> None:
        if argument:
            raise Rejected(_NO_ARGUMENT)
        if self._arriving is not None:
            raise Rejected(Reply(503, "5.5.1", "BDAT has begun"))
        self._begin_content()
        self._reader = DataReader()
        self._step = self._read_data
        self._reply(Reply(354, "", "go ahead, end with CR LF . CR LF"))

    def _begin_content(self) -> None:
        if self._sender is None:
            raise Rejected(_NEED_MAIL)
        no_recipient = Reply(554, "5.5.1", "no valid recipient")
        if not self._recipients and not self._offer.data_without_recipients:
            raise Rejected(no_recipient)
        try:
            spool = self._mailbox.spool(self._envelope())
        except OSError:
            raise Rejected(Reply(452, "4.3.1", "no room to keep the message")) from None
        self._arriving = Arriving(spool, self._offer.max_size, check=self._offer.strict_content)
        if not self._recipients:
            self._arriving.fail(no_recipient)

    def _read_data(self) -> bool:
        content, rest = self._reader.feed(bytes(self._input))
        self._input[:] = rest or b""
        self._take_content(content)
        if rest is not None and not self.closed:
            self._step = self._read_command
            self._finish_content()
        return True

    def _take_content(self, content: bytes) -> None:
        assert self._arriving is not None
        self.progress += 1
        self._arriving.write(content)
        if self._arriving.size > 2 * self._offer.max_size + MAX_SKIPPED:
            # It would be read to its end only to be refused; a client that never ends is left at once.
            self._hang_up(Reply(552, "5.3.4", f"the message is larger than {self._offer.max_size} octets"))

    def _finish_content(self) -> None:
        arriving = self._arriving
        assert arriving is not None
        self._note(f"C: ({arriving.size:,} octets)")
        refusal = self._refusals.content(tuple(self._recipients))
        if refusal is not None:
            arriving.fail(refusal)
        stored = arriving.finish()
        if isinstance(stored, Reply):
            self._reply(stored)
        else:
            message = self._mailbox.add(self._envelope(), stored)
            self._reply(Reply(250, "2.0.0", f"message {message.number} taken"))
        self._end_transaction()

    def _bdat(self, argument: str) -> None:
        try:
            self._chunk_left, self._chunk_is_last = parse_chunk(argument)
            if self._chunk_left > 2 * self._offer.max_size + MAX_SKIPPED:
                raise Rejected(Reply(552, "5.3.4", f"the message is larger than {self._offer.max_size} octets"))
        except Rejected as problem:
            # Where the next command begins is unknown now; to go on reading would execute content.
            self._hang_up(problem.reply)
            return
        self._chunk_refusal: Reply | None = None
        try:
            if "CHUNKING" not in self._offered() or not self._extended:
                raise Rejected(_NOT_OFFERED)
            if self._arriving is None:
                self._begin_content()
        except Rejected as problem:
            # RFC 3030 2: the octets come all the same, and are thrown away.
            self._chunk_refusal = problem.reply
        self._step = self._read_chunk
        if not self._chunk_left:
            self._end_chunk()

    def _read_chunk(self) -> bool:
        content = bytes(self._input[: self._chunk_left])
        del self._input[: len(content)]
        self._chunk_left -= len(content)
        if self._chunk_refusal is None:
            self._take_content(content)
        self.progress += 1
        if not self._chunk_left and not self.closed:
            self._end_chunk()
        return True

    def _end_chunk(self) -> None:
        self._step = self._read_command
        if self._chunk_refusal is not None:
            self._refuse_command(self._chunk_refusal)
        elif self._chunk_is_last:
            self._finish_content()
        else:
            self._reply(Reply(250, "2.0.0", "chunk taken"))

    def _envelope(self) -> Envelope:
        assert self._sender is not None
        return Envelope(
            sender=self._sender,
            recipients=tuple(self._recipients),
            refused=dict(self._refused),
            user=self._user,
            mechanism=self._mechanism if self._user else "",
            tls=self._tls,
            client_name=self._client_name,
            smtputf8="SMTPUTF8" in self._parameters,
            body=self._parameters.get("BODY", "7BIT").upper(),
            parameters=dict(self._parameters),
            recipient_parameters={address: dict(values) for address, values in self._recipients.items()},
        )

    _COMMANDS: ClassVar[dict[str, Callable[[SMTPSession, str], None]]] = {
        "EHLO": _ehlo,
        "HELO": _helo,
        "STARTTLS": _starttls,
        "AUTH": _auth,
        "MAIL": _mail,
        "RCPT": _rcpt,
        "DATA": _data,
        "BDAT": _bdat,
        "RSET": _rset,
        "NOOP": _noop,
        "QUIT": _quit,
        "VRFY": _vrfy,
        "EXPN": _expn,
        "HELP": _help,
    }


_VERBS = " ".join(SMTPSession._COMMANDS)


def _refusing(challenge: bytes, refusal: Reply) -> Exchange:
    """The end of an exchange whose client is told first why it will be refused."""
    yield challenge
    raise Rejected(refusal)


def _check_line(line: bytes) -> None:
    if not line:
        raise Rejected(Reply(500, "5.5.6", "line too long"))
    if not line.endswith(b"\r\n") or b"\r" in line[:-2] or b"\0" in line:
        raise Rejected(Reply(500, "5.5.2", "a line ends in CR LF, and CR, LF and NUL stand nowhere else"))
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        raise Rejected(Reply(500, "5.5.2", "that is not UTF-8")) from None


def _shown(name: str, argument: str) -> str:
    if name == "AUTH":
        mechanism, _, initial = argument.partition(" ")
        argument = f"{mechanism} (response)" if initial else mechanism
    return f"{name} {argument}".rstrip()


def _decode(text: bytes) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise Rejected(Reply(501, "5.5.2", "that is not base64")) from None
