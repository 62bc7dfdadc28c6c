"""The POP3 side of the sandbox as a byte machine (RFC 1939 and the extensions in `Pop3Offer`).

A session sees the messages that were there for its user at the login; what it deletes goes at QUIT, and for this user
alone. As strict as `smtp`: lines end in CR LF, a group of commands needs PIPELINING, STLS forgets everything.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from .authentication import MECHANISMS, Claim, MalformedResponse
from .lines import EndlessLine, Lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from .authentication import Credentials, Exchange
    from .mailbox import Mailbox, ReceivedMessage
    from .replies import Reply

#: RFC 2449 4 asks for 255 octets; SASL responses are longer (RFC 4954 4, which RFC 5034 follows).
MAX_LINE = 12288
#: Commands that make no sense, before the server hangs up.
MAX_ERRORS = 20
#: What `receive` gives out at once, or a little more: a group of commands may ask for any number of large messages.
MAX_OUTPUT = 1 << 20
#: a user of whom another client reads the mailbox, where any user is accepted (compare `authentication.BY_NAME`)
IN_USE = "inuse"
_CHUNK = 1 << 18
_LARGEST_NUMBER = 10


class Rejected(Exception):
    """A command is not executed; the text, and a response code of RFC 2449 8 or RFC 3206."""

    def __init__(self, text: str, code: str = "", *, fault: bool = True) -> None:
        self.text = text
        self.code = code
        #: only a client that is wrong about POP3 gets it: too many end the dialogue
        self.fault = fault
        super().__init__(text)


@dataclass(frozen=True)
class Pop3Offer:
    """What the POP3 server offers and asks for."""

    capa: bool = True
    stls: bool = True
    user: bool = True
    #: a timestamp in the greeting, and APOP; then the passwords of users have to be kept
    apop: bool = False
    mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN")
    pipelining: bool = True
    top: bool = True
    uidl: bool = True
    resp_codes: bool = True
    utf8: bool = True
    #: messages that came with SMTPUTF8 are for clients that have said UTF8 (RFC 6856 5); else they are for all
    utf8_needed: bool = False
    #: nobody is let in before TLS
    require_tls: bool = False
    #: a user who is logged in is [IN-USE] for other connections (RFC 1939 4; many servers do without)
    lock: bool = False
    name: str = "sandbox.localhost"


class POP3Session:
    """One client's POP3 dialogue."""

    def __init__(
        self,
        offer: Pop3Offer,
        mailbox: Mailbox,
        credentials: Credentials,
        *,
        tls: str = "",
        note: Callable[[str], None] | None = None,
    ) -> None:
        self.closed = False
        self.wants_tls = False
        self.progress = 0
        self.pending = False
        self._offer = offer
        self._mailbox = mailbox
        self._credentials = credentials
        self._tls = tls
        self._note = note or (lambda line: None)
        self._input = bytearray()
        self._output = bytearray()
        self._lines = Lines(self._input, MAX_LINE)
        self._errors = 0
        self._step: Callable[[], bool] = self._read_command
        # The rest of a response that is given out piece by piece.
        self._transfer: Iterator[bytes] | None = None
        # "" before the login.
        self._user = ""
        self._locked = False
        self._timestamp = f"<{secrets.token_hex(8)}@{offer.name}>"
        self._forget_client()

    # -- the connection's side ----------------------------------------------------------------------

    def greet(self) -> bytes:
        timestamp = f" {self._timestamp}" if self._offer.apop else ""
        self._ok(f"{self._offer.name} POP3 wlemail sandbox{timestamp}")
        return self._flush()

    def receive(self, data: bytes) -> bytes:
        self._input += data
        self.pending = False
        while not self.closed and not self.wants_tls:
            if len(self._output) >= MAX_OUTPUT:
                self.pending = True
                break
            if self._transfer is not None:
                self._go_on(self._transfer)
            elif not self._input or not self._step():
                break
        return self._flush()

    def news(self) -> bytes:
        return b""

    def tls_started(self, version: str) -> None:
        self.wants_tls = False
        self._tls = version
        self._note(f"--: {version}")
        # RFC 2595 4: what the client said before the handshake is forgotten.
        self._forget_client()

    def say_goodbye(self, reason: str) -> bytes:
        if self._transfer is None:
            self._hang_up()
            self._error(f"{self._offer.name} closing: {reason}", "SYS/TEMP")
        # Within a message the words would become part of it. What is marked as deleted stays (RFC 1939 3).
        self.closed = True
        return self._flush()

    def end(self) -> None:
        self._transfer = None
        self._unlock()

    # -- state --------------------------------------------------------------------------------------

    def _forget_client(self) -> None:
        self._claimed = ""
        self._exchange: Exchange | None = None
        self._says_utf8 = False
        self._messages: list[ReceivedMessage] = []
        self._deleted: set[int] = set()

    def _unlock(self) -> None:
        if self._locked:
            self._locked = False
            self._mailbox.release(self._user)

    def _capabilities(self) -> dict[str, str]:
        offer = self._offer
        login = not (offer.require_tls and not self._tls)
        rows = (
            ("USER", offer.user and login, ""),
            ("SASL", bool(offer.mechanisms) and login, " ".join(offer.mechanisms)),
            ("STLS", offer.stls and not self._tls, ""),
            ("PIPELINING", offer.pipelining, ""),
            ("TOP", offer.top, ""),
            ("UIDL", offer.uidl, ""),
            ("RESP-CODES", offer.resp_codes, ""),
            ("AUTH-RESP-CODE", offer.resp_codes, ""),
            ("UTF8", offer.utf8, ""),
            ("EXPIRE", True, "NEVER"),
            ("IMPLEMENTATION", True, "wlemail sandbox"),
        )
        return {keyword: value for keyword, is_on, value in rows if is_on}

    # -- input --------------------------------------------------------------------------------------

    def _take_line(self) -> bytes | None:
        """The next line with its end, b"" for one that was too long, None where it is not complete."""
        try:
            line = self._lines.take()
        except EndlessLine:
            self._hang_up()
            self._error("that line does not end")
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
            self._refuse(problem)
        return True

    def _execute(self, line: bytes) -> None:
        verb, _, argument = line.rstrip(b"\r\n").decode("utf-8", "replace").partition(" ")
        name = verb.upper()
        row = self._COMMANDS.get(name)
        # What is not a command may be a password that a confused client sends: it is not noted.
        self._note("C: (not a command)" if row is None else f"C: {_shown(name, argument)}")
        _check_line(line)
        if row is None or not self._has(name):
            raise Rejected("command not known")
        if self._input and not self._offer.pipelining:
            # Only bytes that came in one piece show it; a client that waits for responses never gets here.
            raise Rejected("commands in a group, and PIPELINING was not offered")
        when, command = row
        if when == "before" and self._user:
            raise Rejected("you are in your mailbox already")
        if when == "after" and not self._user:
            raise Rejected("log in first")
        # A password may begin and end with blanks (RFC 1939 7, PASS).
        command(self, argument if name == "PASS" else argument.strip(" "))

    def _has(self, name: str) -> bool:
        offer = self._offer
        switches = {
            "CAPA": offer.capa,
            "STLS": offer.stls,
            "USER": offer.user,
            "PASS": offer.user,
            "APOP": offer.apop,
            "AUTH": bool(offer.mechanisms),
            "TOP": offer.top,
            "UIDL": offer.uidl,
            "UTF8": offer.utf8,
        }
        return switches.get(name, True)

    # -- output -------------------------------------------------------------------------------------

    def _ok(self, text: str) -> None:
        self._say(f"+OK {text}")

    def _error(self, text: str, code: str = "") -> None:
        self._say(f"-ERR [{code}] {text}" if code and self._offer.resp_codes else f"-ERR {text}")

    def _say(self, line: str) -> None:
        self._note(f"S: {line}")
        self._output += line.encode("utf-8", "replace") + b"\r\n"

    def _say_lines(self, text: str, lines: list[str]) -> None:
        self._ok(text)
        self._note(f"S: ({len(lines):,} line{'' if len(lines) == 1 else 's'})")
        self._output += "".join(f"{line}\r\n" for line in lines).encode() + b".\r\n"

    def _refuse(self, problem: Rejected) -> None:
        self._error(problem.text, problem.code)
        self._errors += problem.fault
        if self._errors >= MAX_ERRORS:
            self._hang_up()
            self._error("too many errors")

    def _go_on(self, transfer: Iterator[bytes]) -> None:
        piece = next(transfer, None)
        if piece is None:
            self._transfer = None
            return
        self.progress += 1
        self._output += piece

    def _hang_up(self) -> None:
        self.closed = True
        self._input.clear()

    def _flush(self) -> bytes:
        output = bytes(self._output)
        self._output.clear()
        return output

    # -- before the login ---------------------------------------------------------------------------

    def _capa(self, argument: str) -> None:
        lines = [f"{keyword} {value}".rstrip() for keyword, value in self._capabilities().items()]
        self._say_lines("this is what I can do", lines)

    def _stls(self, argument: str) -> None:
        if self._tls:
            raise Rejected("TLS is active")
        self._ok("begin TLS")
        # Commands that came in clear behind STLS may be anybody's: they are dropped (RFC 2595 4, CVE-2011-0411).
        self._input.clear()
        self.wants_tls = True

    def _utf8_command(self, argument: str) -> None:
        self._says_utf8 = True
        self._ok("UTF-8 it is")

    def _need_tls(self) -> None:
        if self._offer.require_tls and not self._tls:
            raise Rejected("STLS first")

    def _user_command(self, argument: str) -> None:
        self._need_tls()
        if not argument:
            raise Rejected("whose mailbox?")
        self._claimed = argument
        self._ok("and the password?")

    def _pass(self, argument: str) -> None:
        if not self._claimed:
            raise Rejected("USER first")
        user, self._claimed = self._claimed, ""
        self._judge(Claim(user, argument.encode()))

    def _apop(self, argument: str) -> None:
        self._need_tls()
        user, _, digest = argument.rpartition(" ")
        if not user or len(digest) != 32:
            raise Rejected("APOP wants a user and a digest")
        if self._credentials.has_passwords:
            password = self._credentials.password_of(user)
            expected = hashlib.md5(self._timestamp.encode() + password, usedforsecurity=False).hexdigest()
            if not password or not hmac.compare_digest(expected.encode(), digest.encode()):
                raise Rejected("authentication refused", "AUTH")
            self._judge(Claim(user, password))
        else:
            self._judge(Claim(user, b""))

    def _auth(self, argument: str) -> None:
        self._need_tls()
        name, _, initial = argument.partition(" ")
        if not name:
            # As Microsoft's servers list them, and RFC 1734 never said.
            self._say_lines("mechanisms", list(self._offer.mechanisms))
            return
        if name.upper() not in self._offer.mechanisms:
            raise Rejected("mechanism not known")
        response = None if not initial else b"" if initial == "=" else _decode(initial.encode())
        self._exchange = MECHANISMS[name.upper()](response)
        self._advance(None)

    def _read_response(self) -> bool:
        line = self._take_line()
        if line is None:
            return False
        self._note("C: (response)")
        self._step = self._read_command
        try:
            if not line.endswith(b"\r\n"):
                raise Rejected("a response is one line that ends in CR LF")
            if line == b"*\r\n":
                raise Rejected("authentication cancelled", fault=False)
            self._advance(_decode(line[:-2]))
        except Rejected as problem:
            self._exchange = None
            self._refuse(problem)
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
            raise Rejected(str(problem)) from None
        else:
            self._say(f"+ {base64.b64encode(challenge).decode('ascii')}")
            self._step = self._read_response

    def _judge(self, claim: Claim) -> None:
        refusal = self._credentials.refusal(claim)
        if refusal is not None and claim.error:
            self._exchange = _refusing(claim.error, refusal)
            self._advance(None)
            return
        if refusal is not None:
            raise _rejected(refusal)
        # OAUTHBEARER may leave the user to the token.
        user = claim.user or "(token)"
        by_name = self._credentials.takes_anybody and user.partition("@")[0].casefold() == IN_USE
        if by_name or (self._offer.lock and not self._mailbox.reserve(user)):
            raise Rejected("another client reads this mailbox", "IN-USE")
        self._locked = self._offer.lock
        self._user = user
        self._messages = self._mailbox.of(user)
        self._ok(f"{user} has {_counted(self._messages)}")

    # -- in the mailbox -----------------------------------------------------------------------------

    @property
    def _left(self) -> list[tuple[int, ReceivedMessage]]:
        """The messages that are not marked as deleted, with the numbers that they keep."""
        return [(n, message) for n, message in enumerate(self._messages, 1) if n not in self._deleted]

    def _message(self, argument: str) -> tuple[int, ReceivedMessage]:
        number = _number(argument)
        if not 0 < number <= len(self._messages):
            raise Rejected(f"no message {number}, there are {len(self._messages)}", fault=False)
        if number in self._deleted:
            raise Rejected(f"message {number} is deleted", fault=False)
        return number, self._messages[number - 1]

    def _stat(self, argument: str) -> None:
        left = self._left
        self._ok(f"{len(left)} {sum(message.size for _, message in left)}")

    def _list(self, argument: str) -> None:
        self._tell_each(argument, lambda message: str(message.size))

    def _uidl(self, argument: str) -> None:
        self._tell_each(argument, lambda message: f"{self._mailbox.token}.{message.number}")

    def _tell_each(self, argument: str, fact: Callable[[ReceivedMessage], str]) -> None:
        if argument:
            number, message = self._message(argument)
            self._ok(f"{number} {fact(message)}")
        else:
            left = self._left
            self._say_lines(_counted(left), [f"{number} {fact(message)}" for number, message in left])

    def _retr(self, argument: str) -> None:
        _, message = self._message(argument)
        self._begin(message, f"{message.size} octets", _pieces)

    def _top(self, argument: str) -> None:
        number, _, lines = argument.partition(" ")
        _, message = self._message(number)
        count = _number(lines.strip(" "))
        self._begin(message, "the top of it", lambda stream: _top_of(stream, count))

    def _begin(self, message: ReceivedMessage, text: str, read: Callable[[BinaryIO], Iterator[bytes]]) -> None:
        if message.smtputf8 and self._offer.utf8_needed and not self._says_utf8:
            raise Rejected("this message is for clients that say UTF8", "UTF8", fault=False)
        try:
            stream = message.open()
        except OSError:
            # It was forgotten since the login (`Sandbox.clear`, `keep`).
            raise Rejected("the message is not there any more", "SYS/TEMP", fault=False) from None
        self._ok(text)
        self._note(f"S: ({message.size:,} octets)" if read is _pieces else "S: (some lines)")
        self._transfer = _sent(stream, read)

    def _dele(self, argument: str) -> None:
        number, _ = self._message(argument)
        self._deleted.add(number)
        self._ok(f"message {number} goes at QUIT")

    def _noop(self, argument: str) -> None:
        self._ok("")

    def _rset(self, argument: str) -> None:
        self._deleted.clear()
        self._ok(_counted(self._messages))

    def _quit(self, argument: str) -> None:
        if self._deleted:
            self._mailbox.delete(self._user, [self._messages[number - 1].number for number in self._deleted])
        self._unlock()
        self._ok(f"goodbye, {len(self._deleted)} deleted" if self._deleted else "goodbye")
        self._hang_up()

    #: name → (before or after the login, "" for both; what it does)
    _COMMANDS: ClassVar[dict[str, tuple[str, Callable[[POP3Session, str], None]]]] = {
        "CAPA": ("", _capa),
        "STLS": ("before", _stls),
        "UTF8": ("before", _utf8_command),
        "USER": ("before", _user_command),
        "PASS": ("before", _pass),
        "APOP": ("before", _apop),
        "AUTH": ("before", _auth),
        "STAT": ("after", _stat),
        "LIST": ("after", _list),
        "UIDL": ("after", _uidl),
        "RETR": ("after", _retr),
        "TOP": ("after", _top),
        "DELE": ("after", _dele),
        "NOOP": ("after", _noop),
        "RSET": ("after", _rset),
        "QUIT": ("", _quit),
    }


# -- messages as lines ------------------------------------------------------------------------------------


def _sent(stream: BinaryIO, read: Callable[[BinaryIO], Iterator[bytes]]) -> Iterator[bytes]:
    with closing(stream):
        yield from stuff(read(stream))


def stuff(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """A message in any division as the lines of a response: dots stuffed, the last line ended, the dot behind it.

    A dot is stuffed behind a bare LF, too: no reader of lines, however it reads them, shall see an end there."""
    at_start = True
    for piece in pieces:
        stuffed = piece.replace(b"\n.", b"\n..")
        yield b"." + stuffed if at_start and piece.startswith(b".") else stuffed
        at_start = piece.endswith(b"\n")
    yield b".\r\n" if at_start else b"\r\n.\r\n"


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(_CHUNK):
        yield piece


def _top_of(stream: BinaryIO, count: int) -> Iterator[bytes]:
    """The header, the empty line and `count` lines of the body."""
    in_header, at_start = True, True
    while (in_header or count) and (line := stream.readline(_CHUNK)):
        yield line
        if in_header:
            in_header = not (at_start and line in (b"\r\n", b"\n"))
        elif line.endswith(b"\n"):
            count -= 1
        at_start = line.endswith(b"\n")


# -- small things -----------------------------------------------------------------------------------------


def _counted(messages: list[ReceivedMessage] | list[tuple[int, ReceivedMessage]]) -> str:
    return f"{len(messages)} message{'' if len(messages) == 1 else 's'}"


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _LARGEST_NUMBER):
        raise Rejected("a number is wanted")
    return int(text)


def _rejected(refusal: Reply) -> Rejected:
    """The refusal of a user, which is written as SMTP says it."""
    return Rejected(refusal.text, "SYS/TEMP" if refusal.code < 500 else "AUTH")


def _refusing(challenge: bytes, refusal: Reply) -> Exchange:
    """The end of an exchange whose client is told first why it will be refused."""
    yield challenge
    raise _rejected(refusal)


def _check_line(line: bytes) -> None:
    if not line:
        raise Rejected("line too long")
    if not line.endswith(b"\r\n") or b"\r" in line[:-2] or b"\0" in line:
        raise Rejected("a line ends in CR LF, and CR, LF and NUL stand nowhere else")
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        raise Rejected("that is not UTF-8") from None


def _shown(name: str, argument: str) -> str:
    if name == "PASS":
        argument = "(password)"
    elif name == "APOP":
        argument = f"{argument.rpartition(' ')[0]} (digest)"
    elif name == "AUTH":
        mechanism, _, initial = argument.partition(" ")
        argument = f"{mechanism} (response)" if initial else mechanism
    return f"{name} {argument}".rstrip()


def _decode(text: bytes) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise Rejected("that is not base64") from None
