"""A blocking POP3 client over a Stream: which command follows which, and how many at a time.

Round trips are what reading costs. With PIPELINING (RFC 2449 6.6) messages are asked for in groups and taken one by
one as they come. What has not been taken waits in the connection, not in memory, until another command needs its
answer.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from ..errors import (
    CommandRefused,
    ConnectionLost,
    MailError,
    MessageGone,
    Refused,
    SessionRefused,
    StartTLSUnavailable,
)
from ..sasl.mechanism import Credentials
from ..wire.stream import Stream
from ..wire.transcript import Transcript, transcript_for
from . import authentication, commands
from .capabilities import parse_capabilities, parse_sizes, parse_unique_ids
from .commands import Command
from .connection import AUTHORIZATION, TRANSACTION
from .dialogue import Answered, Dialogue
from .responses import OK, Response

#: Commands that may wait for their responses: they fit in the socket buffers of every system, so that a server that
#: reads no further while we do not read its messages cannot stop our write half way.
MOST_UNANSWERED = 512
#: Octets of messages that are kept because another command needed its answer; what comes beyond is asked for again.
HELD = 16 << 20
# A message may have this many octets, and so many times what LIST says: servers count line ends as they like, and
# Exchange guesses. A message without end must not fill the memory.
_LARGEST = 64 << 20
_TIMES = 4
# Whatever LIST says: no server takes messages of this size, and LIST is the server's word, too.
_MOST = 2 << 30
# What a refusal says that is about the command, and not about the message.
_UNKNOWN = re.compile(
    r"(?:unknown|unrecogni[sz]ed|invalid|bad|illegal) (?:command|verb|keyword)"
    r"|(?:\bnot |un)[ -]?(?:supported|implemented)|disabled",
    re.IGNORECASE,
)


class Listing(NamedTuple):
    """A mailbox as it was at the login (RFC 1939 3: nothing else is seen while the session lasts)."""

    #: number -> octets, in the order of the numbers
    sizes: Mapping[int, int]
    #: number -> what names the message in every session; empty where the server has no UIDL
    unique_ids: Mapping[int, str]


class Request(NamedTuple):
    """A message that was asked for and not taken yet."""

    number: int
    headers_only: bool
    #: TOP was said, not RETR
    by_top: bool = False
    #: DELE was said
    deletion: bool = False


class Client:
    """One POP3 connection: greet, hello, start_tls, authenticate, listing, then request/next_message, delete, quit.

    What the server refuses raises Refused and leaves the connection usable; what breaks the dialogue raises Broken
    after the client has closed itself."""

    def __init__(self, stream: Stream, *, trace: Transcript | None = None, pipelining: bool = True) -> None:
        self.stream = stream
        #: keyword in upper case -> parameters of CAPA; None where the server knows no CAPA, and before it was asked
        self.capabilities: dict[str, str] | None = None
        #: the way in which this session was authenticated: a SASL mechanism, "APOP" or "USER"
        self.authenticated_by = ""
        self._dialogue = Dialogue(stream, trace or transcript_for(stream.host, stream.port))
        self._may_pipeline = pipelining
        self._timestamp = ""
        # Whether the server has TOP, as it says or has shown; it has shown that it does; what it refused to TOP.
        self._has_top: bool | None = None
        self._top_works = False
        self._without_top: set[int] = set()
        # What was asked for, in order; then what came of it before it was taken. None: dropped for want of room.
        self._requests: deque[Request] = deque()
        self._arrived: deque[bytes | Refused | None] = deque()
        # What was read only to see whether the server is still there.
        self._early: deque[Answered] = deque()
        self._held = 0
        #: the messages whose deletion was refused after `delete_along` had returned, and how
        self.kept: dict[int, CommandRefused] = {}

    @property
    def broken(self) -> bool:
        """The dialogue ended in the middle; the connection is closed."""
        return self._dialogue.broken

    @property
    def pipelining(self) -> bool:
        """Whether commands may be sent in groups."""
        return self._may_pipeline and "PIPELINING" in (self.capabilities or {})

    # -- opening ------------------------------------------------------------------------------------

    def greet(self) -> None:
        """Wait for the server's greeting; SessionRefused where it does not want us."""
        self._dialogue.expect(commands.GREETING)
        response = self._dialogue.next_response()[1]
        if response.status != OK:
            raise authentication.session_refusal(response) or SessionRefused(
                f"the server refuses the session: {response.reply()}", response.reply()
            )
        self._timestamp = authentication.timestamp(response.text)

    def hello(self) -> None:
        """CAPA: `capabilities` holds what the server offers from now on, None where it does not say."""
        response = self._dialogue.ask(commands.CAPA)
        self._offered(None if response.content is None else parse_capabilities(response.content))

    def _offered(self, offered: dict[str, str] | None) -> None:
        self.capabilities = offered
        # RFC 1939 7: TOP is optional; where nothing is said, trying shows it.
        self._has_top = None if offered is None else "TOP" in offered

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """The SASL mechanisms that the server offers."""
        return self._offer().mechanisms

    @property
    def offers_start_tls(self) -> bool:
        """Whether the server has TLS for this connection."""
        return "STLS" in (self.capabilities or {})

    def start_tls(self) -> None:
        """STLS and the handshake; what the server had said before is forgotten: `hello` must follow."""
        if self.capabilities is not None and not self.offers_start_tls:
            raise self._no_tls("the server does not offer STLS", None)
        response = self._dialogue.ask(commands.STLS)
        if response.status != OK:
            raise self._no_tls(f"the server refuses STLS: {response.reply()}", response)
        try:
            self._dialogue.connection.begin_tls()
            # RFC 2595 4; the timestamp came in clear too, and could be anybody's.
            self._offered(None)
            self._timestamp = ""
            self.stream.start_tls()
        except BaseException as exc:
            self._dialogue.break_off(exc)
            raise
        if self._dialogue.trace:
            self._dialogue.trace.note("TLS is up")

    def _no_tls(self, text: str, response: Response | None) -> StartTLSUnavailable:
        reply = response.reply() if response else None
        return StartTLSUnavailable(text, host=self.stream.host, port=self.stream.port, reply=reply)

    def authenticate(self, user: str, password: str = "", *, mechanism: str = "", token: str | None = None) -> str:
        """Log in by the strongest way that both sides know, or the named one ("USER" and "APOP" too); its name.

        `token` is an OAuth 2.0 access token and takes the password's place. Raises AuthenticationFailed,
        MechanismUnavailable, MailboxLocked, LoginTooSoon or SessionRefused."""
        self._dialogue.hide(password, token or "")
        # A bearer mechanism asked for by name takes its token from wherever it was put.
        given = Credentials(user, password, token or password, self.stream.host, self.stream.port, "pop")
        self.authenticated_by = authentication.authenticate(
            self._dialogue, self._offer(), given, named=mechanism, with_token=token is not None
        )
        return self.authenticated_by

    def _offer(self) -> authentication.Offer:
        return authentication.Offer(self.capabilities, self._timestamp, self.pipelining)

    def use_utf8(self) -> bool:
        """UTF8 (RFC 6856), before the login: messages come as they are, headers beyond ASCII too; whether it is on."""
        return "UTF8" in (self.capabilities or {}) and self._dialogue.ask(commands.UTF8).status == OK

    # -- the mailbox --------------------------------------------------------------------------------

    def listing(self) -> Listing:
        """All messages with their sizes and unique ids (LIST and UIDL)."""
        both = [commands.LIST, commands.UIDL]
        if self.pipelining:
            self._dialogue.send(both)
            answers = [self._dialogue.next_response()[1] for _ in both]
        else:
            answers = [self._dialogue.ask(command) for command in both]
        sizes, unique_ids = answers
        if sizes.content is None:
            self._check_presence(sizes)
            raise _refused(commands.LIST, sizes)
        names = {} if unique_ids.content is None else parse_unique_ids(unique_ids.content)
        return Listing(parse_sizes(sizes.content), names)

    # -- messages -----------------------------------------------------------------------------------

    def can_ask_ahead(self, *, headers_only: bool = False) -> bool:
        """Whether messages may be asked for before they are wanted."""
        if not self.pipelining:
            return False
        # RFC 2449 6.7: with EXPIRE 0 the server may delete what was retrieved, wanted or not.
        harmful = (self.capabilities or {}).get("EXPIRE", "").split(" ")[0] == "0"
        return not harmful or (headers_only and self._has_top is True)

    def request(self, wanted: Iterable[tuple[int, int]], *, headers_only: bool = False) -> None:
        """Ask for messages, (number, octets by LIST) each; `next_message` gives them in this order.

        Without PIPELINING for one at a time; never for more than MOST_UNANSWERED."""
        group = []
        for number, size in wanted:
            by_top = headers_only and self._has_top is not False and number not in self._without_top
            limit = min(_LARGEST + _TIMES * size, _MOST)
            group.append(commands.top(number, limit) if by_top else commands.retr(number, limit))
            self._requests.append(Request(number, headers_only, by_top))
        try:
            self._dialogue.send(group)
        except MailError:
            self._forget()
            raise

    def next_message(self, progress: Callable[[int], object] | None = None) -> bytes | None:
        """The next message that was asked for, or its header; None where it has to be asked for again.

        `progress` is called with the octets that have come. MessageGone, CommandRefused: it will not come."""
        if not self._arrived:
            return self._take(progress)
        arrived = self._arrived.popleft()
        if isinstance(arrived, bytes):
            self._held -= len(arrived)
        elif arrived is not None:
            raise arrived
        return arrived

    def _take(self, progress: Callable[[int], object] | None = None) -> bytes | None:
        self._take_deletions()
        command, response = self._next_answer(progress)
        request = self._requests.popleft()
        content = response.content
        if content is not None:
            if not request.headers_only:
                return content
            if request.by_top or not self._top_works:
                # A message that came by RETR alone: the refusal was about TOP.
                self._has_top = self._top_works = request.by_top
            return _header(content)
        self._check_presence(response)
        if request.by_top and self._does_without_top(request.number, response):
            return None
        if response.code:
            raise _refused(command, response)
        raise MessageGone(request.number, response.reply())

    def _take_deletions(self) -> None:
        """The answers to deletions in front of the next message."""
        while self._requests and self._requests[0].deletion:
            command, response = self._next_answer()
            number = self._requests.popleft().number
            if response.status != OK:
                self._check_presence(response)
                self.kept[number] = _refused(command, response)

    def _does_without_top(self, number: int, refusal: Response) -> bool:
        """Whether a message whose header was refused is worth asking for by RETR."""
        if not self._has_top or _UNKNOWN.search(refusal.text):
            # The server does without TOP, and had said nothing about that, or something else.
            self._has_top = False
            return True
        if self._top_works or refusal.code:
            return False
        # QUIRK: servers and proxies announce TOP and refuse it, in any words; RETR shows whether the message is there.
        self._without_top.add(number)
        return True

    def _next_answer(self, progress: Callable[[int], object] | None = None) -> Answered:
        if self._early:
            return self._early.popleft()
        try:
            return self._dialogue.next_response(progress)
        except BaseException:
            self._forget()
            raise

    def _hold(self) -> None:
        """Take in what was asked for, to come to the answer behind it."""
        arrived: bytes | Refused | None
        while True:
            self._take_deletions()
            if not self._requests:
                return
            try:
                arrived = self._take()
            except Refused as problem:
                arrived = problem
            if isinstance(arrived, bytes):
                if self._held + len(arrived) > HELD:
                    arrived = None
                else:
                    self._held += len(arrived)
            self._arrived.append(arrived)

    def _forget(self) -> None:
        self._requests.clear()
        self._early.clear()
        self._arrived.clear()
        self._held = 0

    def _check_presence(self, refusal: Response) -> None:
        """Make sure that the refusal that has just come was an answer; ConnectionLost where it was a farewell.

        QUIRK: servers end an idle session by "-ERR Disconnected for inactivity" (RFC 1939 3 wants silence). It lies
        there when the next command is sent, and reads like its refusal."""
        dialogue = self._dialogue
        if self._early or dialogue.connection.state is not TRANSACTION:
            return
        try:
            if dialogue.connection.owed:
                # What was asked for behind it tells as much.
                self._early.append(self._next_answer())
            else:
                dialogue.ask(commands.NOOP)
        except ConnectionLost as lost:
            lost.reply = lost.reply or refusal.reply()
            raise

    # -- other commands -----------------------------------------------------------------------------

    def delete(self, number: int) -> None:
        """DELE: the message goes when the session ends by `quit`. CommandRefused where the server does not want to."""
        self._order([commands.dele(number)])

    def delete_along(self, number: int) -> None:
        """DELE without a round trip of its own, where messages are under way: it is sent, and its answer is looked at
        when it comes behind theirs; `kept` holds what was refused. Else like `delete`."""
        waits = any(not request.deletion for request in self._requests)
        if not self.pipelining or not waits or len(self._requests) >= MOST_UNANSWERED:
            self.delete(number)
            return
        try:
            self._dialogue.send([commands.dele(number)])
        except BaseException:
            self._forget()
            raise
        self._requests.append(Request(number, headers_only=False, deletion=True))

    def delete_all(self, numbers: Iterable[int]) -> None:
        """DELE for each of these, in groups where the server has PIPELINING; CommandRefused for the first refusal."""
        waiting = deque(numbers)
        while waiting:
            count = min(len(waiting), MOST_UNANSWERED) if self.pipelining else 1
            self._order([commands.dele(waiting.popleft()) for _ in range(count)])

    def reset(self) -> None:
        """RSET: nothing is marked for deletion any more."""
        self._order([commands.RSET])

    def noop(self) -> None:
        """NOOP: is the server still there?"""
        self._order([commands.NOOP])

    def _order(self, group: list[Command]) -> None:
        """Send commands behind whatever is under way."""
        try:
            self._dialogue.send(group)
        except BaseException:
            self._forget()
            raise
        self._hold()
        refused = [answer for answer in [self._next_answer() for _ in group] if answer[1].status != OK]
        if refused:
            self._check_presence(refused[-1][1])
            raise _refused(*refused[0])

    def quit(self) -> bool:
        """Say goodbye, where the dialogue allows it, and close; never fails, waits no longer than for any response.

        Whether the server has confirmed it: else deletions may not have taken place (RFC 1939 6). `kept` holds what it
        did not want to delete."""
        done = False
        kept = {}
        dialogue = self._dialogue
        if dialogue.connection.state in (AUTHORIZATION, TRANSACTION):
            try:
                dialogue.send([commands.QUIT])
                while dialogue.connection.owed:
                    command, response = self._next_answer()
                    done = response.status == OK
                    request = self._requests.popleft() if self._requests else None
                    if request is not None and request.deletion and not done:
                        kept[request.number] = _refused(command, response)
            except MailError:
                done = False  # gone before it could answer
        if done:  # else a refusal may have been a farewell
            self.kept.update(kept)
        self._forget()
        self.close()
        return done

    def close(self) -> None:
        """Drop the connection without a word."""
        self._dialogue.close()


def _refused(command: Command, response: Response) -> CommandRefused:
    problem = CommandRefused(command.verb, response.reply())
    problem.temporary = response.code == "SYS/TEMP"
    return problem


def _header(content: bytes) -> bytes:
    """The header with the blank line behind it: of a whole message, where the server has no TOP."""
    if content.startswith(b"\r\n"):
        return content[:2]
    end = content.find(b"\r\n\r\n")
    return content if end < 0 else content[: end + 4]
