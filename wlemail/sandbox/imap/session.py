"""The IMAP side of the sandbox as a byte machine: lines and literals in, responses out, and who is logged in.

What commands do to folders and messages is in `folder_commands` and `message_commands`. As strict as the other
protocols of the sandbox: what is no IMAP is BAD, and STARTTLS forgets everything.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from typing import TYPE_CHECKING, ClassVar

from ..accounts import Problem
from ..authentication import MECHANISMS, Claim, MalformedResponse
from ..lines import EndlessLine, Lines
from ..pop3 import IN_USE
from . import folder_commands, message_commands
from .append import Append, begins_append
from .commands import AFTER, ANY, BEFORE, SELECTED, Command, Done
from .grammar import MARK, Arguments, Malformed, nstring, written_set
from .items import Answer
from .offer import AFTER_LOGIN, BEFORE_LOGIN, ImapOffer

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..accounts import Account
    from ..authentication import Credentials, Exchange
    from ..mailbox import Mailbox, ReceivedMessage
    from ..replies import Reply
    from .commands import Outcome, Transfer
    from .view import View

#: RFC 7162 4 asks for 8192 octets at least; sets of messages and SASL responses are longer.
MAX_LINE = 65536
#: Octets of a command's literals together, messages left out.
MAX_LITERALS = 65536
#: Octets of a command's words together.
MAX_WORDS = 4 * MAX_LINE
#: Commands that make no sense, before the server hangs up.
MAX_ERRORS = 20
#: What `receive` gives out at once, or a little more.
MAX_OUTPUT = 1 << 20
#: What a compressed piece may be inflated to before it is looked at.
MAX_INFLATED = 1 << 18
_MAX_NOTED = 500
_SHORT = 60

_LITERAL = re.compile(rb"(~?)\{(\d{1,10})(\+?)\}\Z")
_COMMAND = re.compile(rb"([^\x00-\x20\x7f-\xff(){%*\"\\+]{1,64}) ((?:UID )?[A-Za-z]+)(?: |\Z)", re.IGNORECASE)


class IMAPSession:
    """One client's IMAP dialogue."""

    def __init__(
        self,
        offer: ImapOffer,
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
        self.offer = offer
        self.mailbox = mailbox
        self._credentials = credentials
        self._tls = tls
        self._note = note or (lambda line: None)
        self._input = bytearray()
        self._output = bytearray()
        self._inflate: zlib._Decompress | None = None
        self._deflate: zlib._Compress | None = None
        self._compressed = b""
        # What was said before the compression, and has not gone out yet.
        self._said_plainly = b""
        self._lines = Lines(self._input, MAX_LINE)
        self._errors = 0
        self._step: Callable[[], bool] = self._read_line
        # The rest of a response that is given out piece by piece, and the command that it answers.
        self._transfer: Transfer | None = None
        self._row: Command | None = None
        self._tag = "*"
        self._append: Append | None = None
        #: "" before the login
        self.user = ""
        self._account: Account | None = None
        self.view: View | None = None
        self._answer: Answer | None = None
        self._idling = False
        self._exchange: Exchange | None = None
        #: what the client has enabled (RFC 5161), and by using it (RFC 7162 3.1)
        self.enabled: set[str] = set()
        self._begin_command()

    # -- the connection's side ----------------------------------------------------------------------

    def greet(self) -> bytes:
        self.untagged(f"OK [{self._capabilities()}] {self.offer.name} IMAP wlemail sandbox")
        return self._flush()

    def receive(self, data: bytes) -> bytes:
        if self._inflate is None:
            self._input += data
        else:
            self._compressed += data
        self.pending = False
        while not self.closed and not self.wants_tls:
            if len(self._output) >= MAX_OUTPUT:
                self.pending = True
                break
            if self._transfer is not None:
                self._go_on(self._transfer)
            elif not (self._input and self._step()) and not self._inflated():
                break
        return self._flush()

    def news(self) -> bytes:
        """What an idle client is told without having asked."""
        if self._idling and not self.closed:
            with self.mailbox.lock:
                self._tell_news(may_expunge=True)
        return self._flush()

    def tls_started(self, version: str) -> None:
        self.wants_tls = False
        self._tls = version
        self._note(f"--: {version}")

    def say_goodbye(self, reason: str) -> bytes:
        if self._transfer is None:
            self.untagged(f"BYE {self.offer.name} closing: {reason}")
        # Within a literal the words would become part of it.
        self._hang_up()
        return self._flush()

    def end(self) -> None:
        self._transfer = None
        self.deselect()
        self._drop_append()

    # -- state --------------------------------------------------------------------------------------

    @property
    def account(self) -> Account:
        """The folders of the user who has logged in."""
        assert self._account is not None
        return self._account

    @property
    def tag(self) -> str:
        """The tag of the command under way."""
        return self._tag

    def answer_about(self, message: ReceivedMessage) -> Answer:
        """What FETCH knows of a message: the last one stays read, since clients ask for its parts one by one."""
        if self._answer is None or self._answer.message is not message:
            self._answer = Answer(message)
        return self._answer

    @property
    def utf8(self) -> bool:
        """Names and strings are UTF-8 (RFC 6855 3)."""
        return "UTF8=ACCEPT" in self.enabled or self.is_rev2

    @property
    def is_rev2(self) -> bool:
        """The client speaks IMAP4rev2: it has enabled it, or there is nothing else."""
        return "IMAP4REV2" in self.enabled or self.offer.revisions == ("IMAP4rev2",)

    def select(self, view: View) -> None:
        self.view = view

    def deselect(self) -> None:
        view, self.view = self.view, None
        self._answer = None
        if view is not None:
            with self.mailbox.lock:
                view.close()

    def _begin_command(self) -> None:
        self._text = bytearray()
        self._literals: list[bytes] = []
        self._literal_octets = 0
        self._missing = 0
        # Why the command will be refused once it has come to its end.
        self._refusal: Problem | Malformed | None = None
        self._step = self._read_line

    def _drop_append(self) -> None:
        if self._append is not None:
            self._append.discard()
            self._append = None

    def _capabilities(self) -> str:
        offer = self.offer
        words = [*offer.revisions, *(each for each in (AFTER_LOGIN if self.user else BEFORE_LOGIN) if offer.has(each))]
        if self.user:
            words.append(f"APPENDLIMIT={offer.max_size}")
        else:
            if offer.starttls and not self._tls:
                words.append("STARTTLS")
            may_log_in = self._tls or not offer.require_tls
            words += [f"AUTH={name}" for name in offer.mechanisms if may_log_in]
            if not (offer.login and may_log_in):
                words.append("LOGINDISABLED")
        return f"CAPABILITY {' '.join(words)}"

    # -- input --------------------------------------------------------------------------------------

    def _inflated(self) -> bool:
        """Inflate some more of what has come; whether there was anything."""
        if self._inflate is None or not self._compressed:
            return False
        try:
            self._input += self._inflate.decompress(self._compressed, MAX_INFLATED)
        except zlib.error:
            self._hang_up()
            self.untagged("BYE that is not compressed as RFC 1951 wants it")
            return False
        self._compressed = self._inflate.unconsumed_tail
        return True

    def _take_line(self) -> bytes | None:
        """The next line with its end, b"" for one that was too long, None where it is not complete."""
        try:
            line = self._lines.take()
        except EndlessLine:
            self._hang_up()
            self.untagged("BYE that line does not end")
            return None
        self.progress += line is not None
        return line

    def _read_line(self) -> bool:
        line = self._take_line()
        if line is None:
            return False
        if not line or not line.endswith(b"\r\n") or b"\r" in line[:-2] or b"\0" in line:
            self._refusal = Malformed("a line is not too long, ends in CR LF, and CR, LF and NUL stand nowhere else")
            line = line.replace(b"\0", b"?")
        words = line.rstrip(b"\r\n")
        if len(self._text) + len(words) > MAX_WORDS:
            self._hang_up()
            self.untagged("BYE that command does not end")
            return False
        literal = _LITERAL.search(words)
        if literal is None:
            self._text += words
            self._finish_command()
        else:
            self._text += words[: literal.start()]
            self._begin_literal(int(literal[2]), waits=not literal[3])
        return True

    def _begin_literal(self, size: int, *, waits: bool) -> None:
        try:
            if not waits and not self.offer.has("LITERAL+"):
                raise Malformed("LITERAL+ was not offered")
            if self._refusal is None:
                self._prepare_literal(size)
        except (Problem, Malformed) as problem:
            self._refusal = problem
        if waits and self._refusal is not None:
            # The client waits, and will not send it (RFC 3501 7.5).
            self._finish_command()
            return
        if waits:
            self._say("+ go on")
        self._missing = size
        self._step = self._read_literal
        if not size:
            self._finish_literal()

    def _prepare_literal(self, size: int) -> None:
        if self._append is not None or (self._account is not None and begins_append(bytes(self._text))):
            if self._append is None:
                self._append = Append(self.mailbox, self.account, max_size=self.offer.max_size, utf8=self.utf8)
                words = bytes(self._text).split(b" ", 2)[2]
            elif not self.offer.has("MULTIAPPEND"):
                raise Malformed("MULTIAPPEND was not offered")
            else:
                words = bytes(self._text)
            self._note_command(f"{{{size}}}")
            self._append.begin(words, self._literals, size)
            return
        self._literal_octets += size
        if self._literal_octets > MAX_LITERALS:
            raise Problem("that is too much at once", "TOOBIG")
        self._literals.append(b"")

    def _read_literal(self) -> bool:
        piece = bytes(self._input[: self._missing])
        del self._input[: len(piece)]
        self._missing -= len(piece)
        self.progress += 1
        if self._refusal is not None:
            pass  # what comes unasked is passed over
        elif self._append is not None:
            self._append.write(piece)
        else:
            self._literals[-1] += piece
        if not self._missing:
            self._finish_literal()
        return True

    def _finish_literal(self) -> None:
        if self._append is not None and self._refusal is None:
            self._append.finish_message()
            if not self._tag_of_append:
                self._tag_of_append = bytes(self._text)
            self._text.clear()
            self._literals = []
        elif self._refusal is None:
            self._text += MARK
        self._step = self._read_line

    # The words in front of the first message: they name the tag.
    _tag_of_append = b""

    def _finish_command(self) -> None:
        text, literals, refusal, append = bytes(self._text), self._literals, self._refusal, self._append
        self._append = None
        opening, self._tag_of_append = self._tag_of_append or text, b""
        self._begin_command()
        found = _COMMAND.match(opening)
        self._tag = found[1].decode("ascii") if found else "*"
        try:
            if refusal is not None:
                raise refusal
            if append is not None:
                self._commit(append, text)
                return
            if found is None:
                self._note("C: (not a command)")
                raise Malformed("a command has a tag and a name")
            self._execute(found[2].decode("ascii").upper(), text[found.end() :], literals)
        except (Problem, Malformed) as problem:
            if append is not None:
                append.discard()
            self._refuse(problem)

    def _commit(self, append: Append, rest: bytes) -> None:
        if not append.closes(rest):
            raise Malformed("a message is followed by another one, or by the end")
        validity, uids = append.commit()
        self._row = message_commands.APPEND
        code = f"APPENDUID {validity} {written_set(uids)}" if self.offer.has("UIDPLUS") else ""
        self._end(Done("appended", code))

    def _execute(self, name: str, words: bytes, literals: list[bytes]) -> None:
        row = self._COMMANDS.get(name)
        secret = name in ("LOGIN", "AUTHENTICATE")
        # What is not a command may be a password that a confused client sends: it is not noted.
        shown = _shown(words.split(b" ")[0], literals[:1]) + " …" if secret else _shown(words, literals)
        self._note("C: (not a command)" if row is None else f"C: {self._tag} {name} {shown}"[:_MAX_NOTED].rstrip())
        if row is None or (row.capability and not self.offer.has(row.capability)):
            raise Malformed("command not known")
        if row.when == BEFORE and self.user:
            raise Malformed("you are logged in already")
        if row.when in (AFTER, SELECTED) and not self.user:
            raise Malformed("log in first")
        if row.when == SELECTED and self.view is None:
            raise Malformed("select a folder first")
        self._row = row
        arguments = Arguments(words, literals, utf8=self.utf8)
        with self.mailbox.lock:
            outcome = row.run(self, arguments)
        if outcome is None or isinstance(outcome, Done):
            self._end(outcome)
        else:
            self._transfer = outcome

    def _note_command(self, last: str) -> None:
        self._note(f"C: {_shown(bytes(self._text), self._literals)}{last}"[:_MAX_NOTED])

    # -- output -------------------------------------------------------------------------------------

    def untagged(self, text: str | bytes) -> None:
        """A response of its own."""
        self._say(f"* {text}" if isinstance(text, str) else b"* " + text)

    def note(self, line: str) -> None:
        """Remember what is said otherwise than by `untagged`."""
        self._note(f"S: {line}"[:_MAX_NOTED])

    def _say(self, line: str | bytes) -> None:
        octets = line.encode("utf-8", "replace") if isinstance(line, str) else line
        self._note(f"S: {octets[:_MAX_NOTED].decode('utf-8', 'replace')}")
        self._output += octets + b"\r\n"

    def _go_on(self, transfer: Transfer) -> None:
        try:
            with self.mailbox.lock:
                self._output += next(transfer)
            self.progress += 1
        except StopIteration as end:
            self._transfer = None
            self._end(end.value)
        except (Problem, Malformed) as problem:
            self._transfer = None
            self._refuse(problem)

    def _end(self, done: Done | None) -> None:
        if done is not None:
            self._finish("OK", done.text, done.code)

    def _refuse(self, problem: Problem | Malformed) -> None:
        if isinstance(problem, Problem):
            self._finish("NO", str(problem), problem.code)
        else:
            self._finish("BAD", str(problem), "")
            self._errors += 1
            if self._errors >= MAX_ERRORS:
                self._hang_up()
                self.untagged("BYE too many errors")

    def _finish(self, condition: str, text: str, code: str) -> None:
        with self.mailbox.lock:
            self._tell_news(may_expunge=self._row is None or self._row.may_expunge)
        self._row = None
        self._say(f"{self._tag} {condition} [{code}] {text}" if code else f"{self._tag} {condition} {text}")

    def _tell_news(self, *, may_expunge: bool) -> None:
        view = self.view
        if view is None:
            return
        removed, arrived, changed = view.news(may_expunge=may_expunge)
        for number in removed:
            self.untagged(f"{number} EXPUNGE")
        if arrived:
            self.untagged(f"{len(view.uids)} EXISTS")
            if view.tells_recent:
                self.untagged(f"{view.recent} RECENT")
        for entry in changed:
            modseq = f" MODSEQ ({entry.modseq})" if "CONDSTORE" in self.enabled else ""
            self.untagged(f"{view.number(entry.uid)} FETCH (UID {entry.uid} FLAGS {view.flags(entry)}{modseq})")

    def _hang_up(self) -> None:
        self.closed = True
        self._input.clear()
        self._compressed = b""

    def _flush(self) -> bytes:
        output = bytes(self._output)
        self._output.clear()
        if self._deflate is not None and output:
            output = self._deflate.compress(output) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        output, self._said_plainly = self._said_plainly + output, b""
        return output

    # -- at any time --------------------------------------------------------------------------------

    def _capability(self, arguments: Arguments) -> Outcome:
        arguments.end()
        self.untagged(self._capabilities())
        return Done("that is all")

    def _noop(self, arguments: Arguments) -> Outcome:
        arguments.end()
        return Done("nothing done")

    def _logout(self, arguments: Arguments) -> Outcome:
        arguments.end()
        self.deselect()
        self.untagged(f"BYE {self.offer.name} says goodbye")
        self.closed = True
        return Done("goodbye")

    def _id(self, arguments: Arguments) -> Outcome:
        if not arguments.skip(b"NIL"):
            arguments.listed(arguments.nstring, empty=True)
        arguments.end()
        self.untagged(b'ID ("name" "wlemail sandbox" "support-url" NIL "vendor" %b)' % nstring(b"wlemail"))
        return Done("pleased to meet you")

    # -- before the login ---------------------------------------------------------------------------

    def _starttls(self, arguments: Arguments) -> Outcome:
        arguments.end()
        if self._tls or not self.offer.starttls:
            raise Malformed("TLS is active" if self._tls else "command not known")
        self._finish("OK", "begin TLS", "")
        # Commands that came in clear behind STARTTLS may be anybody's: they are dropped (CVE-2011-0411).
        self._input.clear()
        self.wants_tls = True
        return None

    def _need_tls(self) -> None:
        if self.offer.require_tls and not self._tls:
            raise Problem("STARTTLS first", "PRIVACYREQUIRED")

    def _login(self, arguments: Arguments) -> Outcome:
        user = arguments.text()
        arguments.space()
        password = arguments.astring()
        arguments.end()
        self._need_tls()
        if not self.offer.login:
            raise Problem("LOGIN is disabled", "CANNOT")
        return self._judge(Claim(user, password))

    def _authenticate(self, arguments: Arguments) -> Outcome:
        name = arguments.word()
        initial = None
        if not arguments.ended:
            arguments.space()
            word = arguments.rest()
            if not self.offer.has("SASL-IR"):
                raise Malformed("SASL-IR was not offered")
            initial = b"" if word == b"=" else _from_base64(word)
        arguments.end()
        self._need_tls()
        if name not in self.offer.mechanisms:
            raise Problem("mechanism not known", "CANNOT")
        self._exchange = MECHANISMS[name](initial)
        return self._advance(None)

    def _read_response(self) -> bool:
        line = self._take_line()
        if line is None:
            return False
        self._note("C: (response)")
        self._step = self._read_line
        try:
            if not line.endswith(b"\r\n"):
                raise Malformed("a response is one line that ends in CR LF")
            if line == b"*\r\n":
                raise Malformed("authentication cancelled")
            self._end(self._advance(_from_base64(line[:-2])))
        except (Problem, Malformed) as problem:
            self._exchange = None
            self._refuse(problem)
        return True

    def _advance(self, response: bytes | None) -> Done | None:
        exchange = self._exchange
        assert exchange is not None
        try:
            challenge = next(exchange) if response is None else exchange.send(response)
        except StopIteration as end:
            self._exchange = None
            return self._judge(end.value)
        except MalformedResponse as problem:
            self._exchange = None
            raise Malformed(str(problem)) from None
        self._say(f"+ {base64.b64encode(challenge).decode('ascii')}")
        self._step = self._read_response
        return None

    def _judge(self, claim: Claim) -> Done | None:
        refusal = self._credentials.refusal(claim)
        if refusal is not None and claim.error:
            self._exchange = _refusing(claim.error, refusal)
            return self._advance(None)
        if refusal is not None:
            raise _problem(refusal)
        # OAUTHBEARER may leave the user to the token.
        user = claim.user or "(token)"
        if self._credentials.takes_anybody and user.partition("@")[0].casefold() == IN_USE:
            raise Problem("another client uses this account", "INUSE")
        self._account = self.mailbox.account(user)
        self.user = user
        return Done(f"welcome, {user}", self._capabilities())

    # -- after it -----------------------------------------------------------------------------------

    def _enable(self, arguments: Arguments) -> Outcome:
        wanted = [arguments.word()]
        while not arguments.ended:
            arguments.space()
            wanted.append(arguments.word())
        known = [each for each in ("CONDSTORE", "UTF8=ACCEPT") if self.offer.has(each)]
        known += [each.upper() for each in self.offer.revisions if each == "IMAP4rev2"]
        found = [each for each in known if each in wanted]
        self.enabled.update(found)
        self.untagged(f"ENABLED {' '.join(found)}".rstrip())
        return Done("enabled")

    def _idle(self, arguments: Arguments) -> Outcome:
        arguments.end()
        self._tell_news(may_expunge=True)
        self._say("+ idling")
        self._idling = True
        self._step = self._read_done
        return None

    def _read_done(self) -> bool:
        line = self._take_line()
        if line is None:
            return False
        self._idling = False
        self._step = self._read_line
        self._note("C: DONE")
        if line.upper() == b"DONE\r\n":
            self._finish("OK", "idle no more", "")
        else:
            self._refuse(Malformed("IDLE ends with DONE"))
        return True

    def _compress(self, arguments: Arguments) -> Outcome:
        if arguments.word() != "DEFLATE":
            raise Malformed("only DEFLATE is known")
        arguments.end()
        if self._deflate is not None:
            raise Problem("it is compressed already", "COMPRESSIONACTIVE")
        self._finish("OK", "from now on", "")
        self._said_plainly = bytes(self._output)
        self._output.clear()
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        self._deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        self._compressed = bytes(self._input)
        self._input.clear()
        return None

    _COMMANDS: ClassVar[dict[str, Command]] = {
        "CAPABILITY": Command(ANY, _capability),
        "NOOP": Command(ANY, _noop),
        "LOGOUT": Command(ANY, _logout),
        "ID": Command(ANY, _id, capability="ID"),
        "STARTTLS": Command(BEFORE, _starttls),
        "LOGIN": Command(BEFORE, _login),
        "AUTHENTICATE": Command(BEFORE, _authenticate),
        "ENABLE": Command(AFTER, _enable, capability="ENABLE"),
        "IDLE": Command(AFTER, _idle, capability="IDLE"),
        "COMPRESS": Command(AFTER, _compress, capability="COMPRESS=DEFLATE"),
        "CHECK": Command(SELECTED, _noop),
        **folder_commands.COMMANDS,
        **message_commands.COMMANDS,
    }


def _shown(words: bytes, literals: list[bytes]) -> str:
    """Words with short literals in their places, as if they had been quoted."""
    for literal in literals:
        text = literal.decode("utf-8", "replace")
        short = len(literal) <= _SHORT and text.isprintable()
        words = words.replace(MARK, f'"{text}"'.encode() if short else b"{%d}" % len(literal), 1)
    return words.decode("utf-8", "replace")


def _problem(refusal: Reply) -> Problem:
    """The refusal of a user, which is written as SMTP says it."""
    return Problem(refusal.text, "UNAVAILABLE" if refusal.code < 500 else "AUTHENTICATIONFAILED")


def _refusing(challenge: bytes, refusal: Reply) -> Exchange:
    """The end of an exchange whose client is told first why it will be refused."""
    yield challenge
    raise _problem(refusal)


def _from_base64(text: bytes) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise Malformed("that is not base64") from None
