"""Servers that answer anything at any time: the client ends in a result or in a MailError, and knows in what state."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from wlemail.errors import Broken, ConnectionLost, Refused, TimedOut
from wlemail.imap.client import ADD, WHOLE, Client

HOSTILE = [
    line + b"\r\n"
    for line in (
        b"* OK Still here", b"* BYE", b"* 3 EXISTS", b"* 1 EXPUNGE", b"* 0 FETCH (UID 1)",
        b"* 1 FETCH (UID 1 BODY[] NIL)",
        b'* 1 FETCH (UID 1 BODY[] "x")', b"* 1 FETCH (UID 2 FLAGS (\\Seen))", b"* SEARCH 1 2", b"* SEARCH x",
        b"* ESEARCH UID ALL 1:3", b'* LIST () "/" a', b"* LIST", b"* STATUS a (MESSAGES 1)", b"+ go", b"+", b"",
        b"garbage",
        b"* OK [UIDVALIDITY 1] x", b"* OK [UIDVALIDITY 2] x", b"* OK [COPYUID 1 1 2] x", b"* CAPABILITY IMAP4rev1 IDLE",
        b"* ENABLED UTF8=ACCEPT", b"W99 OK", b"* VANISHED 1:3", b"* OK [CLOSED] x", b"{3}", b"* X {3}", b"* 1 FETCH (",
    )
]  # fmt: skip
ENDS = [
    b" OK\r\n",
    b" OK [READ-ONLY] x\r\n",
    b" NO [EXPUNGEISSUED] x\r\n",
    b" NO\r\n",
    b" BAD\r\n",
    b" OK [APPENDUID 1 2]\r\n",
]


class NoisyStream:
    """Each read gives the next piece; an end is one of a command that was sent. Then the connection ends."""

    host, port, is_secure, is_loopback = "mail.example.com", 143, True, False

    def __init__(self, pieces: list[bytes], *, stalls: bool, fails_after: int) -> None:
        self._pieces = pieces
        self._stalls = stalls
        self._writes_left = fails_after
        self._tags: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self._tags += [line.split(b" ")[0] for line in data.splitlines() if line[:1] == b"W"]
        self._writes_left -= 1
        if self._writes_left < 0:
            raise ConnectionLost("reset")

    def begin_wait(self) -> None:
        pass

    def begin_wait_of(self, seconds: float) -> None:
        pass

    def read(self, limit: int = 65536) -> bytes:
        assert not self.closed
        if not self._pieces:
            if self._stalls:
                raise TimedOut("reply", 1)
            return b""
        piece = self._pieces.pop(0)
        if piece[:1] == b" ":
            return self._tags.pop(0) + piece if self._tags else b"* OK\r\n"
        return piece

    def start_tls(self) -> None:
        raise AssertionError("nobody asked for TLS")

    def close(self) -> None:
        self.closed = True


ACTS: list[Callable[[Client], object]] = [
    lambda client: client.select("a"),
    lambda client: client.search(),
    lambda client: list(client.fetch([1, 2, 3], [WHOLE], per_command=1)),
    lambda client: next(client.fetch([1, 2], ["FLAGS"]), None),
    lambda client: client.store([1], ADD, ["\\Seen"]),
    lambda client: client.copy([1], "é"),
    lambda client: client.move([1], "b"),
    lambda client: client.append("b", [b"abc"], 3),
    lambda client: client.list_status(),
    lambda client: client.idle(0.001),
    lambda client: client.execute("X-Y z"),
    lambda client: client.noop(),
    lambda client: client.unselect(),
]


@settings(max_examples=200)
@given(
    st.lists(st.sampled_from(ENDS * 8 + HOSTILE), max_size=40),
    st.lists(st.integers(0, len(ACTS) - 1), min_size=1, max_size=8),
    st.sampled_from(["", " MOVE UIDPLUS IDLE", " LITERAL+ ESEARCH LIST-STATUS LIST-EXTENDED UNSELECT"]),
    st.booleans(),
    st.integers(0, 12),
)
def test_any_answers(pieces: list[bytes], acts: list[int], offers: str, stalls: bool, fails_after: int) -> None:
    greeting = f"* PREAUTH [CAPABILITY IMAP4rev1{offers}] hi\r\n".encode()
    stream = NoisyStream([greeting, *pieces], stalls=stalls, fails_after=fails_after)
    client = Client(stream)
    client.greet()
    for act in acts:
        try:
            ACTS[act](client)
        except Refused:
            assert not client.broken or stream.closed
        except Broken:
            assert client.closed
        assert client.closed == stream.closed
    client.logout()
    assert stream.closed
