"""Servers that answer anything at any time: the client ends in a receipt or in a MailError, and knows in what state."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.smtp.dialogue import SENDER
from wlemail.errors import Broken, ConnectionLost, MailError, Refused, TimedOut
from wlemail.smtp.client import Client
from wlemail.smtp.envelope import Envelope, Receipt

HOSTILE = [
    line + b"\r\n"
    for line in (
        b"250 ok", b"250 2.1.0 fine", b"250-more", b"250", b"354 go", b"550 5.1.1 no", b"452 4.5.3 full", b"552 full",
        b"451 later", b"421 bye", b"503 sequence", b"334 ", b"235 ok", b"502 what", b"554-no", b"554 no", b"garbage",
        b"", b"25\r\n0 ok", b"220 hi",
    )
]  # fmt: skip
# Mostly a server in its right mind: else no dialogue would get far.
ORDINARY = [b"250 ok\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n", b"250 queued\r\n"]
OFFERS = [
    b"PIPELINING",
    b"CHUNKING",
    b"SMTPUTF8",
    b"SIZE",
    b"DSN",
    b"AUTH PLAIN LOGIN CRAM-MD5",
    b"LIMITS RCPTMAX=2",
    b"x",
]


class NoisyStream:
    """Reads give the pieces in order, whatever was written; then the connection ends."""

    host, port, is_secure, is_loopback = "mail.example.com", 25, False, False

    def __init__(self, pieces: list[bytes], *, fails_after: int, stalls: bool) -> None:
        self._pieces = pieces
        self._writes_left = fails_after
        self._stalls = stalls
        self.closed = False
        self.written = b""

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.written += data
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


def outcome(client: Client, stream: NoisyStream, recipients: tuple[str, ...], content: list[bytes]) -> None:
    before = len(stream.written)
    broken: Broken | None = None
    receipt: Receipt | None = None
    try:
        receipt = client.send(Envelope(SENDER, recipients), content, clean=False)
    except Refused:
        pass
    except Broken as problem:
        broken = problem
    assert client.broken == stream.closed
    if broken is not None:
        assert client.broken
        # Only if the end of the content was sent after all: else the session would not dare to try again.
        sent = stream.written[before:]
        assert not broken.maybe_delivered or sent.endswith(b".\r\n") or b" LAST\r\n" in sent
    if receipt is not None:
        assert receipt.reply.code < 300
        assert receipt.accepted
        assert set(receipt.accepted) | set(receipt.refused) == set(recipients)


@settings(max_examples=200)
@given(
    offers=st.sets(st.sampled_from(OFFERS)),
    pieces=st.lists(st.sampled_from(ORDINARY * 6 + HOSTILE), max_size=40),
    fails_after=st.integers(0, 30),
    stalls=st.booleans(),
    count=st.integers(1, 5),
    log_in=st.booleans(),
)
def test_any_answers(
    offers: set[bytes], pieces: list[bytes], fails_after: int, stalls: bool, count: int, log_in: bool
) -> None:
    hello = b"".join(b"250-%s\r\n" % line for line in [b"mail.example.com", *offers]) + b"250 HELP\r\n"
    stream = NoisyStream([b"220 ready\r\n", hello, *pieces], fails_after=fails_after + 1, stalls=stalls)
    client = Client(stream)
    client.greet()
    client.hello()
    recipients = tuple(f"r{i}@example.org" for i in range(count))
    try:
        if log_in:
            client.authenticate("user", "password")
    except MailError:
        pass
    for _ in range(3):
        if not client.usable:
            break
        outcome(client, stream, recipients, [b"Subject: x\r\n\r\n", b".\r\n"])
    client.quit()
    assert stream.closed


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_any_octets(pieces: list[bytes]) -> None:
    client = Client(NoisyStream([piece for piece in pieces if piece], fails_after=100, stalls=False))
    try:
        client.greet()
        client.hello()
        client.send(Envelope(SENDER, ("a@b.c",)), b"x")
    except MailError:
        pass
    client.quit()
