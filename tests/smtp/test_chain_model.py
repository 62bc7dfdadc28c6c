"""Any server that keeps to the protocol, with any refusals, dying anywhere: the outcome of each message is what the
server did, and where that is in doubt the client says so."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.smtp.chaining import ListBag
from wlemail.errors import ConnectionLost
from wlemail.smtp.chain import MailObject
from wlemail.smtp.chained_client import ChainedClient
from wlemail.smtp.envelope import Envelope

ANSWERS = {
    "MAIL": ("250 ok",) * 8 + ("550 5.7.1 no", "451 4.3.0 later", "421 4.7.0 enough"),
    "RCPT": ("250 ok",) * 5 + ("550 5.1.1 unknown", "450 4.2.0 greylisted", "452 4.5.3 too many", "421 4.3.2 bye"),
    "DATA": ("354 go",) * 9 + ("451 4.3.0 no room", "554 no"),
    "content": ("250 queued",) * 6 + ("554 5.7.1 spam", "452 4.3.1 full", "250-queued\r\n250 as 1", "421 4.3.2 bye"),
    "RSET": ("250 ok",),
}


class ModelServer:
    """Exim's way with senders: a MAIL that is refused leaves the one before it in force, until RSET."""

    host, port, is_secure, is_loopback = "mail.example.com", 25, False, False

    def __init__(
        self, choose: Callable[[str], str], offers: tuple[str, ...], dies_at: int, loses: int, piece: int
    ) -> None:
        self._choose = choose
        #: octets that are read before the server dies, and octets of its last answers that are lost on the way
        self._dies_at = dies_at
        self._loses = loses
        self._piece = piece
        self._unread = b""
        self._offered = "".join(f"250-{line}\r\n" for line in ("hello", *offers)).encode() + b"250 HELP\r\n"
        self._ready = b"220 ready\r\n"
        self.dead = False
        self._sender = ""
        self._recipients: list[str] = []
        self._takes_content = False
        #: (sender, recipients, content) that this server is responsible for
        self.delivered: list[tuple[str, list[str], bytes]] = []
        self.closed = False

    # -- the stream

    def write(self, data: bytes) -> None:
        assert not self.closed
        if data.startswith(b"EHLO"):
            self._ready += self._offered
            return
        if self.dead:
            problem = ConnectionLost("reset")
            problem.written = 0
            raise problem
        self._dies_at -= len(data)
        dies = self._dies_at < 0
        self._unread += data[: self._dies_at] if dies else data
        while not self.dead and self._step():
            pass
        if dies and not self.dead:
            self.dead = True
            self._ready = self._ready[: -self._loses] if self._loses else self._ready

    def begin_wait(self) -> None:
        pass

    def read(self, limit: int = 65536) -> bytes:
        data, self._ready = self._ready[: self._piece], self._ready[self._piece :]
        assert data or self.dead, "the client waits for a server that has answered everything"
        return data

    def start_tls(self) -> None:
        raise AssertionError("no TLS here")

    def close(self) -> None:
        self.closed = True

    # -- the server

    def _step(self) -> bool:
        if self._takes_content:
            return self._take_content(b".\r\n" if self._unread[:3] == b".\r\n" else b"\r\n.\r\n")
        line, found, rest = self._unread.partition(b"\r\n")
        verb, _, argument = line.decode().partition(" ")
        if verb == "BDAT":
            return self._take_chunk(argument, rest)
        if not found:
            return False
        self._unread = rest
        if verb == "RSET":
            self._sender, self._recipients = "", []
        answer = self._say(verb, self._possible(verb))
        address = argument.partition("<")[2].partition(">")[0]
        if answer < 400 and verb == "MAIL":
            self._sender = address
        elif answer < 400 and verb == "RCPT":
            self._recipients.append(address)
        self._takes_content = answer == 354
        return True

    def _possible(self, verb: str) -> str:
        """What the protocol makes of it, whatever the server would like."""
        if verb == "RCPT" and not self._sender:
            return "503 sender first"
        if verb == "DATA" and not self._recipients:
            return self._choose("no recipients")
        return self._choose(verb)

    def _take_content(self, end: bytes) -> bool:
        content, found, rest = self._unread.partition(end)
        if found:
            self._unread, self._takes_content = rest, False
            self._take(content)
        return bool(found)

    def _take_chunk(self, argument: str, rest: bytes) -> bool:
        size = int(argument.partition(" ")[0] or "0") if argument.endswith("LAST") else 1 << 60
        if len(rest) < size:
            return False
        content, self._unread = rest[:size], rest[size:]
        self._take(content.removesuffix(b"\r\n"))
        return True

    def _take(self, content: bytes) -> None:
        answer = self._choose("content") if self._recipients else "554 no valid recipients"
        if answer.startswith("250"):
            self.delivered.append((self._sender, self._recipients, content))
            self._sender, self._recipients = "", []
        self._say("content", answer)

    def _say(self, verb: str, answer: str) -> int:
        self._ready += answer.encode() + b"\r\n"
        self.dead = answer.startswith("421")
        return int(answer[:3])


@settings(max_examples=200)
@given(
    data=st.data(),
    counts=st.lists(st.integers(1, 4), min_size=1, max_size=6),
    offers=st.sets(st.sampled_from(["PIPELINING", "PIPELINING", "CHUNKING", "LIMITS RCPTMAX=2", "LIMITS MAILMAX=3"])),
    dies_at=st.one_of(st.just(1 << 30), st.integers(0, 1200)),
    loses=st.integers(0, 60),
    piece=st.sampled_from([65536, 65536, 7]),
)
def test_each_outcome_is_what_the_server_did(
    data: st.DataObject, counts: list[int], offers: set[str], dies_at: int, loses: int, piece: int
) -> None:
    never_dies = dies_at == 1 << 30

    def choose(verb: str) -> str:
        if verb == "no recipients":
            return data.draw(st.sampled_from(["354 go", "554 no valid recipients", "503 no"]))
        answers = [answer for answer in ANSWERS[verb] if not (never_dies and answer.startswith("421"))]
        return data.draw(st.sampled_from(answers), label=verb)

    server = ModelServer(choose, ("PIPELINING", *offers), dies_at, loses, piece)
    client = ChainedClient(server)
    client.greet()
    client.hello()
    mails = [
        MailObject(Envelope(f"s{n}@a.b", tuple(f"r{n}.{i}@c.d" for i in range(count))), b"Subject: %d\r\n" % n, key=n)
        for n, count in enumerate(counts)
    ]
    bag = ListBag(mails)
    client.send_all(bag)
    assert set(bag.outcomes) == set(bag.taken)
    assert client.broken == server.closed
    for mail in mails[: len(bag.taken)]:
        outcome = bag.outcomes[mail.key]
        delivered = [row for row in server.delivered if row[2] == b"Subject: %d" % mail.key]  # type: ignore[str-format]
        recipients = [recipient for _, some, _ in delivered for recipient in some]
        assert all(sender == mail.envelope.sender for sender, _, _ in delivered)
        assert len(recipients) == len(set(recipients)), "somebody gets it twice"
        assert set(outcome.accepted) <= set(recipients) <= {*outcome.accepted, *outcome.uncertain}
        if never_dies:
            assert not outcome.uncertain
            assert not outcome.unsent or not client.usable, "the connection had room"
        if outcome.uncertain:
            assert client.broken
            assert mail.key in bag.ended
    assert {content for _, _, content in server.delivered} <= {b"Subject: %d" % key for key in bag.taken}  # type: ignore[str-format]
