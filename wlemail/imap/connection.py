"""The state of one IMAP connection without its I/O: tags, commands in flight, capabilities, the selected mailbox.

Responses are read one at a time, and only when asked for. Untagged data belongs to the command that collects its
kind, and tells of the mailbox whether a command asked or not. A malformed untagged response is dropped; the end of a
command that nobody sent is not, for then it is unknown what the next one would answer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ..errors import ProtocolViolation
from ..wire.reader import Reader
from . import utf7
from .commands import GREETING, LITERAL_MINUS, Command, Mode, Piece
from .framing import MAX_LITERAL, Frame, Framer
from .parsing.changes import Exists, Expunged, Recent, Vanished
from .parsing.fetch import MESSAGE, SIZE, Fetched, message, size
from .parsing.mailboxes import Flags, Listing
from .parsing.responses import Response, parse
from .parsing.search import FoundSet
from .parsing.server import Capabilities, Enabled
from .parsing.status import BYE, NO, OK, PREAUTH, Code, Continuation, Status
from .scanner import Malformed, for_people

# Octets of untagged data that no command collects, between two ends of commands: a server that never comes to the
# point must not keep us for ever. A mailbox of a million messages that is emptied has a quarter of it.
_MOST_UNASKED = 64 << 20


class State(NamedTuple):
    """Where the session stands (RFC 3501 3)."""

    name: str


BEFORE_GREETING = State("before the greeting")
NOT_AUTHENTICATED = State("not authenticated")
AUTHENTICATED = State("authenticated")
SELECTED = State("selected")
CLOSED = State("closed")

# The state that a success leads to, where it changes.
_NEXT_STATE = {
    "LOGIN": AUTHENTICATED,
    "AUTHENTICATE": AUTHENTICATED,
    "SELECT": SELECTED,
    "EXAMINE": SELECTED,
    "CLOSE": AUTHENTICATED,
    "UNSELECT": AUTHENTICATED,
    "LOGOUT": CLOSED,
}
_SELECTING = ("SELECT", "EXAMINE")
# RFC 3501 7.4.1: EXPUNGE may come in answer to any command but these, so numbers stay what they are behind them only.
_KEEPING_NUMBERS = ("FETCH", "STORE", "SEARCH")


@dataclass
class Mailbox:
    """The selected mailbox, as far as the server has told by now."""

    name: str
    read_only: bool = False
    exists: int = 0
    recent: int = 0
    #: 0 where the server does not say
    uid_validity: int = 0
    uid_next: int = 0
    #: 0 where the mailbox keeps no modification sequences (RFC 7162 3.1.2.2)
    highest_modseq: int = 0
    flags: tuple[str, ...] = ()
    #: what can be kept; None where the server does not say, and then it is all flags
    permanent_flags: tuple[str, ...] | None = None
    #: the server has renumbered the messages under our hands: no number means what it meant
    renumbered: bool = False

    def keeps(self, flag: str) -> bool:
        r"""Whether this flag can be set for longer than the session; keywords need `\*` or themselves."""
        allowed = [each.lower() for each in (self.flags if self.permanent_flags is None else self.permanent_flags)]
        return flag.lower() in allowed or ("\\*" in allowed and not flag.startswith("\\"))


@dataclass(eq=False)
class Pending:
    """A command that was sent, and what has come of it."""

    tag: str
    command: Command
    #: the response that ended it
    status: Status | None = None
    #: the responses that answer it and that nobody has taken yet
    arrived: deque[Response] = field(default_factory=deque)
    #: messages that came when there was no room for them: they have to be asked for again
    lost: list[int] = field(default_factory=list)
    #: continuation requests that nobody has taken yet
    continuations: deque[Continuation] = field(default_factory=deque)
    #: where the command wants them: all lines of the answer as they came
    lines: list[str] = field(default_factory=list)
    #: nobody will take the answers
    dropped: bool = False
    #: octets of `arrived`, nearly
    held: int = 0
    #: modified by SELECT until it ends
    mailbox: Mailbox | None = None

    def drop(self) -> None:
        """Nobody will take the answers."""
        self.dropped = True
        self.arrived.clear()
        self.lost.clear()

    def take(self) -> Response | None:
        """The next response that answers it, None where none has come."""
        if not self.arrived:
            return None
        response = self.arrived.popleft()
        if not self.arrived:
            self.held = 0
        return response


class Connection:
    """Commands in, octets out; octets in, responses out, each to the command that it answers."""

    def __init__(self) -> None:
        self.state = BEFORE_GREETING
        #: keywords in upper case; None where the server has not told (yet, or since TLS or the login changed them)
        self.capabilities: frozenset[str] | None = None
        #: extensions that were enabled
        self.enabled: frozenset[str] = frozenset()
        self.mailbox: Mailbox | None = None
        #: the server's BYE
        self.farewell: Status | None = None
        #: names of mailboxes whose octets are not those that we would write
        self.spellings: dict[str, bytes] = {}
        #: the commands that have not ended, by their tags, in order
        self.in_flight: dict[str, Pending] = {}
        #: what was wrong with responses that were dropped since somebody looked, for the trace
        self.dropped: deque[str] = deque(maxlen=100)
        #: the last response belonged to a command that had asked for it
        self.collected = False
        self._count = 0
        self._unasked = 0
        self._reader = Reader()
        self._framer = Framer(self._reader)

    # -- out ----------------------------------------------------------------------------------------

    @property
    def mode(self) -> Mode:
        """How the server takes arguments now."""
        offered = self.capabilities or frozenset()
        utf8 = bool(self.enabled & {"UTF8=ACCEPT", "UTF8=ONLY", "IMAP4REV2"})
        if "LITERAL+" in offered:
            return Mode(1 << 62, utf8)
        return Mode(LITERAL_MINUS if offered & {"LITERAL-", "IMAP4REV2"} else -1, utf8)

    @property
    def awaited(self) -> str:
        """The verb of the command whose end comes next, "" where none is in flight."""
        return next((pending.command.verb for pending in self.in_flight.values()), "")

    def ask(self, command: Command) -> tuple[Pending, list[Piece]]:
        """The command with its tag, in flight from now on, and what to send for it."""
        self._check_order(command)
        self._count += 1
        pending = Pending(f"W{self._count}", command)
        pieces = command.render(pending.tag, self.mode)
        if command.verb in _SELECTING:
            pending.mailbox = Mailbox("", read_only=command.verb == "EXAMINE")
        self.in_flight[pending.tag] = pending
        self._set_limit()
        return pending, pieces

    def expect_greeting(self) -> Pending:
        """The greeting is owed."""
        pending = self.in_flight["*"] = Pending("*", GREETING)
        return pending

    def _check_order(self, command: Command) -> None:
        if self.state is BEFORE_GREETING or self.state is CLOSED:
            raise AssertionError(f"{command.verb} {self.state.name}: the client lost its way")
        others = [pending.command for pending in self.in_flight.values()]
        if (command.alone and others) or any(other.alone for other in others):
            # RFC 3501 5.5: nobody could tell their answers apart, or what their numbers mean.
            raise AssertionError(f"{command.verb} while {others[0].verb} is under way")
        if command.verb in _KEEPING_NUMBERS and any(other.verb not in _KEEPING_NUMBERS for other in others):
            raise AssertionError(f"{command.verb} behind a command that may expunge")

    def _set_limit(self) -> None:
        limits = [pending.command.literal_limit for pending in self.in_flight.values()]
        self._framer.literal_limit = max(MAX_LITERAL, *limits, 0)

    # -- in -----------------------------------------------------------------------------------------

    @property
    def content_size(self) -> int:
        """Octets of literals that have come of the response under way."""
        return self._framer.arrived

    def feed(self, data: bytes) -> None:
        """Take what arrived; `next` reads it."""
        self._reader.feed(data)

    def next(self) -> Response | None:
        """The next response, None where it is not complete. It is booked and given to its command before that.

        A response that makes no sense is skipped, with its text in `dropped`."""
        whole = self._whole_message()
        if whole is not None:
            return whole
        while (frame := self._framer.next()) is not None:
            try:
                response = parse(frame, utf8=self.mode.utf8)
            except Malformed as problem:
                self._drop(frame, problem)
                continue
            self._take(response, frame)
            return response
        return None

    def _whole_message(self) -> Fetched | None:
        """The next response, where it is a message or a size as a FETCH gives them, and all of it has arrived.

        They come by the thousand and look the same: they need neither frames nor words. What looks otherwise goes the
        long way."""
        oldest = next(iter(self.in_flight.values()), None)
        if oldest is None or oldest.command.verb != "UID FETCH" or self._framer.inside:
            return None
        taken = self._reader.take_counted(MESSAGE, b")\r\n")
        if taken is not None:
            found, literal = taken
            response = message(found, literal)
            self._collect(response, found.end() - found.start() + len(literal))
            return response
        told = self._reader.take_match(SIZE)
        if told is None:
            return None
        response = size(told)
        self._collect(response, told.end() - told.start())
        return response

    def _drop(self, frame: Frame, problem: Malformed) -> None:
        line = frame.text
        if line[:1] != b"*" and line.strip(b" "):
            # Not even an asterisk: content of a message, perhaps, that the server has counted wrong. Behind it
            # anything could look like the end of a command.
            shown = line[:80].decode("ascii", "backslashreplace")
            raise ProtocolViolation(f"the server sent a line that is no IMAP response: {shown!r}")
        self._count_unasked(len(frame.text))
        self.dropped.append(f"dropped: {problem}")

    def _take(self, response: Response, frame: Frame) -> None:
        if isinstance(response, Status):
            self._take_status(response)
        elif isinstance(response, Continuation):
            self._take_continuation(response)
        else:
            self._book(response)
        self._give(response, frame)

    def _give(self, response: Response, frame: Frame) -> None:
        for pending in self.in_flight.values():
            if pending.command.raw:
                pending.lines.append(_as_it_came(frame))
                _hold(pending, _octets(frame))
        self._collect(response, _octets(frame))

    def _collect(self, response: Response, octets: int) -> None:
        """Find the command that collects this."""
        for pending in self.in_flight.values():
            if _answers(response, pending):
                self.collected = True
                _keep(response, pending, octets)
                return
        self.collected = False
        self._count_unasked(octets)

    def _count_unasked(self, octets: int) -> None:
        self._unasked += octets + 64
        if self._unasked > _MOST_UNASKED:
            raise ProtocolViolation("the server sends more than anybody asked for, and no end of it")

    def _take_continuation(self, response: Continuation) -> None:
        # Nothing is sent behind a command that waits for one: it is the last. What comes late (to an IDLE that has
        # ended) is nobody's.
        if self.in_flight:
            next(reversed(self.in_flight.values())).continuations.append(response)

    # -- what the server says of itself ------------------------------------------------------------

    def _take_status(self, status: Status) -> None:
        if status.code:
            self._take_code(status.code)
        if status.tag != "*":
            self._end(status)
            return
        if status.condition == BYE:
            self.farewell = status
        greeting = self.in_flight.pop("*", None)
        if greeting is not None:
            greeting.status = status
            self.state = AUTHENTICATED if status.condition == PREAUTH else NOT_AUTHENTICATED

    def _end(self, status: Status) -> None:
        pending = self.in_flight.pop(status.tag, None)
        if pending is None or status.condition in (BYE, PREAUTH):
            raise ProtocolViolation(f"the server ended a command that was not under way: {status.tag} {status.reply()}")
        pending.status = status
        self._unasked = 0
        self._set_limit()
        verb = pending.command.verb
        if verb in _SELECTING and status.condition in (OK, NO):
            self._selected(pending, status)
        elif verb in _NEXT_STATE and status.condition == OK:
            self.state = _NEXT_STATE[verb]
            if verb in ("CLOSE", "UNSELECT"):
                self.mailbox = None

    def _selected(self, pending: Pending, status: Status) -> None:
        """RFC 3501 6.3.1: a SELECT that failed leaves no mailbox selected."""
        self.mailbox = pending.mailbox if status.condition == OK else None
        self.state = SELECTED if status.condition == OK else AUTHENTICATED
        if self.mailbox and status.code_name in ("READ-ONLY", "READ-WRITE"):
            self.mailbox.read_only = status.code_name == "READ-ONLY"

    def _take_code(self, code: Code) -> None:
        value = code.value
        if code.name == "CAPABILITY" and isinstance(value, tuple):
            self.capabilities = frozenset(value)
        selecting = self._selecting
        if code.name == "CLOSED" and selecting is not None:
            # RFC 9051 7.1: what came before was still about the mailbox that was selected until now.
            selecting.mailbox = Mailbox("", read_only=selecting.command.verb == "EXAMINE")
        mailbox = selecting.mailbox if selecting else self.mailbox
        if mailbox is not None:
            _book_code(mailbox, code, unasked=selecting is None)

    @property
    def _selecting(self) -> Pending | None:
        return next((pending for pending in self.in_flight.values() if pending.mailbox is not None), None)

    # -- what happens in the mailbox ----------------------------------------------------------------

    def _book(self, response: Response) -> None:
        if isinstance(response, Capabilities):
            self.capabilities = frozenset(response.keywords)
        elif isinstance(response, Enabled):
            self.enabled |= frozenset(response.keywords)
        elif isinstance(response, Listing):
            self._book_spelling(response)
        else:
            selecting = self._selecting
            mailbox = selecting.mailbox if selecting else self.mailbox
            if mailbox is not None:
                _book_change(mailbox, response)

    def _book_spelling(self, listing: Listing) -> None:
        written = listing.name if self.mode.utf8 else utf7.encode(listing.name)
        if written.encode("utf-8", "surrogateescape") != listing.octets:
            self.spellings[listing.name] = listing.octets

    # -- changes of the transport ----------------------------------------------------------------

    def begin_tls(self) -> None:
        """The server has agreed to STARTTLS: nothing that came in clear may count any more."""
        if self._reader.waiting or self._framer.inside:
            # Whoever sits on the line could have put it there, to be taken for the server's words inside TLS.
            raise ProtocolViolation("the server sent more than its answer to STARTTLS (response injection?)")
        self.capabilities = None

    def begin_compression(self) -> bytes:
        """The server has agreed to COMPRESS: what came behind its answer is compressed already, and is given back."""
        return self._reader.take_some(self._reader.waiting)

    def close(self) -> None:
        """Nothing more will be said or heard."""
        self.state = CLOSED
        self.in_flight.clear()


def _answers(response: Response, pending: Pending) -> bool:
    """Whether this response belongs to what the command asked for."""
    command = pending.command
    if not isinstance(response, command.collects):
        return False
    if isinstance(response, Fetched) and command.numbers is not None:
        return response.uid in command.numbers
    return not isinstance(response, FoundSet) or response.tag in ("", pending.tag)


def _keep(response: Response, pending: Pending, octets: int) -> None:
    """Keep an answer until it is taken; or know which message it was, where there is no room for more."""
    if pending.dropped:
        return
    if isinstance(response, Fetched) and response.uid is not None and pending.held > pending.command.answer_limit:
        pending.lost.append(response.uid)
        return
    pending.arrived.append(response)
    if isinstance(response, Fetched):
        pending.held += octets
    else:
        _hold(pending, octets)


def _octets(frame: Frame) -> int:
    return len(frame.text) + sum(map(len, frame.literals))


def _hold(pending: Pending, octets: int) -> None:
    pending.held += octets
    if pending.held > pending.command.answer_limit:
        raise ProtocolViolation(f"the server's answer to {pending.command.verb} does not end")


def _book_code(mailbox: Mailbox, code: Code, *, unasked: bool) -> None:
    value = code.value
    if code.name == "UIDVALIDITY" and isinstance(value, int):
        if unasked and mailbox.uid_validity and value != mailbox.uid_validity:
            mailbox.renumbered = True
        mailbox.uid_validity = value
    elif code.name == "UIDNEXT" and isinstance(value, int):
        mailbox.uid_next = value
    elif code.name == "HIGHESTMODSEQ" and isinstance(value, int):
        mailbox.highest_modseq = value
    elif code.name == "PERMANENTFLAGS" and isinstance(value, tuple):
        mailbox.permanent_flags = tuple(each for each in value if isinstance(each, str))


def _book_change(mailbox: Mailbox, response: Response) -> None:
    if isinstance(response, Exists):
        mailbox.exists = response.count
    elif isinstance(response, Expunged):
        mailbox.exists = max(0, mailbox.exists - 1)
    elif isinstance(response, Vanished) and not response.earlier:
        mailbox.exists = max(0, mailbox.exists - len(response.uids))
    elif isinstance(response, Recent):
        mailbox.recent = response.count
    elif isinstance(response, Flags):
        mailbox.flags = response.flags


def _as_it_came(frame: Frame) -> str:
    """A response in one text, its literals in place, for people."""
    pieces: list[bytes] = []
    literals: Sequence[bytes] = frame.literals
    for place, text in enumerate(frame.text.split(b"\0")):
        pieces.append(text)
        if place < len(literals):
            pieces += [b"{%d}\r\n" % len(literals[place]), literals[place]]
    octets = b"".join(pieces)
    return octets.decode("utf-8", "surrogateescape") if frame.literals else for_people(octets)
