"""COMPRESS=DEFLATE: the same dialogue, deflated."""

from __future__ import annotations

import zlib

import pytest

from tests.imap.dialogue import logged_in
from tests.support.feeding import feedings
from wlemail.errors import ProtocolViolation
from wlemail.imap.client import Client
from wlemail.imap.compression import DeflatedStream


def deflated(*pieces: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-15)
    return b"".join(deflate.compress(piece) + deflate.flush(zlib.Z_SYNC_FLUSH) for piece in pieces)


class Pieces:
    host, port, is_secure, is_loopback = "mail.example.com", 143, True, False

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = [piece for piece in pieces if piece]
        self.written = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def begin_wait(self) -> None:
        pass

    def begin_wait_of(self, seconds: float) -> None:
        pass

    def read(self, limit: int = 65536) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    def start_tls(self) -> None:
        raise AssertionError

    def close(self) -> None:
        self.closed = True


def everything(stream: DeflatedStream, limit: int) -> bytes:
    got = b""
    stream.begin_wait()
    while data := stream.read(limit):
        assert len(data) <= limit
        got += data
    return got


@pytest.mark.parametrize("limit", [1, 7, 65536])
def test_however_it_arrives(limit: int) -> None:
    octets = deflated(b"* OK one\r\n", b"x" * 3000, b"* OK two\r\n")
    for pieces in feedings(octets):
        assert everything(DeflatedStream(Pieces(pieces)), limit) == b"* OK one\r\n" + b"x" * 3000 + b"* OK two\r\n"


def test_a_session() -> None:
    opening = b"* PREAUTH [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE] hi\r\n"
    # What is compressed comes right behind the answer, in the same piece.
    below = Pieces([opening, b"W1 OK now\r\n" + deflated(b"* 5 EXISTS\r\n", b"W2 OK\r\n")])
    client = Client(below)
    client.greet()
    assert client.compress()
    assert client.compress()
    client.noop()
    plain, _, compressed = below.written.partition(b"\r\n")
    assert plain == b"W1 COMPRESS DEFLATE"
    assert zlib.decompressobj(-15).decompress(compressed) == b"W2 NOOP\r\n"
    assert client.stream.is_secure
    client.close()
    assert below.closed


@pytest.mark.parametrize("answer", ["NO", "BAD what"])
def test_refused(answer: str) -> None:
    client, _ = logged_in(f"C: W1 COMPRESS DEFLATE\nS: W1 {answer}\nC: W2 NOOP\nS: W2 OK", "IMAP4rev1 COMPRESS=DEFLATE")
    assert not client.compress()
    client.noop()


def test_not_offered() -> None:
    client, stream = logged_in("")
    assert not client.compress()
    assert stream.written == b""


def test_a_few_octets_that_stand_for_all_of_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wlemail.imap.framing.MAX_TEXT", 1 << 20)
    bomb = deflated(b"x" * (32 << 20))
    assert len(bomb) < 50_000
    opening = b"* PREAUTH [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE] hi\r\n"
    client = Client(Pieces([opening, b"W1 OK\r\n", bomb]))
    client.greet()
    client.compress()
    with pytest.raises(ProtocolViolation):
        client.noop()
    assert client.broken


@pytest.mark.parametrize("octets", [b"\xff\xff\xff", b"W2 OK\r\n"])
def test_what_is_no_deflate(octets: bytes) -> None:
    opening = b"* PREAUTH [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE] hi\r\n"
    client = Client(Pieces([opening, b"W1 OK\r\n", octets]))
    client.greet()
    client.compress()
    with pytest.raises(ProtocolViolation):
        client.noop()
    assert client.broken
