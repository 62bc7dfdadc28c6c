"""Servers that answer anything at any time: the client ends in messages or in a MailError, and knows in what state."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from wlemail.errors import Broken, ConnectionLost, MailError, Refused, TimedOut
from wlemail.pop3.client import Client

HOSTILE = [
    line + b"\r\n"
    for line in (
        b"+OK", b"-ERR", b"-ERR [SYS/TEMP] x", b"-ERR [AUTH] x", b"+ ", b"+ abcd", b".", b"..", b"", b"garbage",
        b"+OK\r\n.", b"+OK\r\n1 5\r\n.", b"+OK\r\nA: b\r\n\r\nx\r\n.", b"-ERR bye\r\n-ERR bye",
        b"+OK\n.\n", b"+OK\na\n.\n",
    )
]  # fmt: skip
# Mostly a server in its right mind: else no dialogue would get far.
ORDINARY = [b"+OK\r\n", b"+OK\r\nA: b\r\n\r\nx\r\n.\r\n"]
OFFERS = [b"PIPELINING", b"TOP", b"UIDL", b"USER", b"SASL PLAIN CRAM-MD5 SCRAM-SHA-256", b"EXPIRE 0", b"AUTH-RESP-CODE"]


class NoisyStream:
    """Reads give the pieces in order, whatever was written; then the connection ends."""

    host, port, is_secure, is_loopback = "mail.example.com", 110, False, True

    def __init__(self, pieces: list[bytes], *, fails_after: int = 1000, stalls: bool = False) -> None:
        self._pieces = pieces
        self._writes_left = fails_after
        self._stalls = stalls
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self._writes_left -= 1
        if self._writes_left < 0:
            raise ConnectionLost("reset")

    def begin_wait(self) -> None:
        pass

    def read(self, limit: int = 65536) -> bytes:
        assert not self.closed
        if self._pieces:
            return self._pieces.pop(0)
        if self._stalls:
            raise TimedOut("reply", 1)
        return b""

    def start_tls(self) -> None:
        raise AssertionError("nobody asked for TLS")

    def close(self) -> None:
        self.closed = True


def use(client: Client, stream: NoisyStream, action: int, asked: list[int]) -> None:
    try:
        if action == 0:
            client.listing()
        elif action == 1:
            count = 3 if client.pipelining else 1
            if len(asked) < count:
                client.request([(n, 5) for n in range(1, count + 1)], headers_only=bool(len(asked) % 2))
                asked += range(count)
        elif action == 2 and asked:
            asked.pop()
            message = client.next_message()
            assert message is None or isinstance(message, bytes)
        elif action == 3:
            client.delete(1)
        elif action == 4:
            client.noop()
    except Refused:
        assert not stream.closed
    except Broken:
        assert client.broken
        asked.clear()
    assert client.broken == stream.closed


@settings(max_examples=200)
@given(
    offers=st.sets(st.sampled_from(OFFERS)),
    pieces=st.lists(st.sampled_from(ORDINARY * 8 + HOSTILE), max_size=40),
    fails_after=st.integers(0, 30),
    stalls=st.booleans(),
    actions=st.lists(st.integers(0, 4), max_size=12),
)
def test_any_answers(
    offers: set[bytes], pieces: list[bytes], fails_after: int, stalls: bool, actions: list[int]
) -> None:
    capa = b"+OK\r\n" + b"".join(line + b"\r\n" for line in offers) + b".\r\n"
    stream = NoisyStream([b"+OK ready\r\n", capa, *pieces], fails_after=fails_after + 1, stalls=stalls)
    client = Client(stream)
    client.greet()
    client.hello()
    try:
        client.authenticate("lea", "secret", mechanism="" if fails_after % 2 else "USER")
    except MailError:
        client.quit()
        assert stream.closed
        return
    asked: list[int] = []
    for action in actions:
        if client.broken:
            break
        use(client, stream, action, asked)
    assert isinstance(client.quit(), bool)
    assert stream.closed


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_any_octets(pieces: list[bytes]) -> None:
    client = Client(NoisyStream([piece for piece in pieces if piece]))
    try:
        client.greet()
        client.hello()
        client.authenticate("lea", "x")
        client.listing()
    except MailError:
        pass
    client.quit()
