"""Connections: every failure has its own name, every wait its end."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from wlemail.errors import CannotResolve, ConnectionLost, ConnectionRefused, MailError, TimedOut
from wlemail.transport import tcp
from wlemail.transport.tcp import FixedTimeouts, SocketStream, dial

QUICK = FixedTimeouts(0.3)
PATIENT = FixedTimeouts(10)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        sock.settimeout(10)
        yield sock


@pytest.fixture(params=["the system ends waits", "Python ends waits"])
def pair(
    listener: socket.socket, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[SocketStream, socket.socket]]:
    """Both ways of waiting: Windows and TLS have the second alone."""
    if request.param == "Python ends waits":
        monkeypatch.setattr(tcp, "_WITHOUT_WAITING", 0)
    stream = dial("127.0.0.1", listener.getsockname()[1], QUICK)
    server, _ = listener.accept()
    with closing(stream), server:
        yield stream, server


def dial_often(port: int) -> None:
    for _ in range(50):
        dial("127.0.0.1", port, QUICK).close()


def read_on(stream: SocketStream) -> None:
    while True:
        stream.read()


def write_on(stream: SocketStream) -> None:
    for _ in range(1000):
        stream.write(b"x" * 1_000_000)


def reset(sock: socket.socket) -> None:
    """Close so that the other side gets RST instead of FIN."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def test_a_name_that_does_not_exist_cannot_be_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **kwargs: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(tcp.socket, "getaddrinfo", unknown)
    with pytest.raises(CannotResolve, match=r"mail\.invalid") as caught:
        dial("mail.invalid", 25, PATIENT)
    assert caught.value.host == "mail.invalid"


@pytest.mark.parametrize("host", ["mail..example.test", "a" * 70 + ".test", "127.0.0.1\0", "\0", "mail\0.example.test"])
def test_a_name_that_cannot_be_a_host_name_cannot_be_resolved(host: str) -> None:
    with pytest.raises(CannotResolve):
        dial(host, 25, PATIENT)


@pytest.mark.parametrize("host", ["localhost", "LocalHost.", "mail.localhost"])
def test_localhost_is_no_question_for_a_name_server(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    def asked(*args: object, **kwargs: object) -> object:
        raise AssertionError("a name server was asked")

    monkeypatch.setattr(tcp.socket, "getaddrinfo", asked)
    dial(host, listener.getsockname()[1], PATIENT).close()


def test_a_slow_resolver_is_bound_by_the_connect_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = threading.Event()

    def slow(*args: object, **kwargs: object) -> object:
        answer.wait(20)
        return []

    monkeypatch.setattr(tcp.socket, "getaddrinfo", slow)
    start = time.monotonic()
    try:
        with pytest.raises(TimedOut) as caught:
            dial("slow.example.test", 25, QUICK)
        assert caught.value.stage == "resolve"
        assert time.monotonic() - start < 2
    finally:
        answer.set()


def test_a_dead_port_refuses() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(ConnectionRefused) as caught:
            dial("127.0.0.1", port, PATIENT)
    assert (caught.value.host, caught.value.port) == ("127.0.0.1", port)


def test_a_host_that_never_answers_times_out_in_connect() -> None:
    # A listener whose queue is full drops further SYNs on Linux; other systems refuse or accept them.
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        fillers = [socket.socket() for _ in range(8)]
        try:
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex(("127.0.0.1", port))
            start = time.monotonic()
            with pytest.raises((TimedOut, ConnectionRefused)) as caught:
                dial_often(port)
            assert time.monotonic() - start < 5
            if isinstance(caught.value, TimedOut):
                assert caught.value.stage == "connect"
        finally:
            for filler in fillers:
                filler.close()


def test_a_dead_address_does_not_hide_a_living_one(listener: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    port = listener.getsockname()[1]
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        dead = ("127.0.0.1", unused.getsockname()[1])
        rows = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", dead),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
        ]
        monkeypatch.setattr(tcp.socket, "getaddrinfo", lambda *args, **kwargs: rows)
        with closing(dial("two.example.test", port, PATIENT)) as stream:
            server, _ = listener.accept()
            with server:
                server.sendall(b"hello")
                stream.begin_wait()
                assert stream.read() == b"hello"


def test_a_connection_that_is_reset_before_its_first_use_is_lost_and_closed(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """macOS says EINVAL to every option of such a socket."""
    made: list[socket.socket] = []
    connect = tcp._start_connect

    class Reset(socket.socket):
        def setsockopt(self, *option: object) -> None:
            raise OSError(22, "Invalid argument")

    def start(address: tcp._Address) -> socket.socket:
        sock = connect(address)
        made.append(Reset(sock.family, sock.type, sock.proto, sock.detach()))
        return made[0]

    monkeypatch.setattr(tcp, "_start_connect", start)
    with pytest.raises(ConnectionLost) as caught:
        dial("127.0.0.1", listener.getsockname()[1], QUICK)
    assert caught.value.errno == 22
    assert made[0].fileno() == -1


def test_limits_of_months_are_waits_like_others(listener: socket.socket) -> None:
    """Systems refuse to wait for more than 24 days at once."""
    months = FixedTimeouts(1e9)

    def serve() -> None:
        server, _ = listener.accept()
        with server:
            server.sendall(b"220 " + server.recv(10))

    thread = threading.Thread(target=serve)
    thread.start()
    with closing(dial("localhost", listener.getsockname()[1], months)) as stream:
        stream.write(b"hello")
        stream.begin_wait()
        assert stream.read() == b"220 hello"
    thread.join(10)


def test_silence_ends_at_the_read_limit(pair: tuple[SocketStream, socket.socket]) -> None:
    stream, _ = pair
    stream.begin_wait()
    start = time.monotonic()
    with pytest.raises(TimedOut) as caught:
        stream.read()
    assert caught.value.stage == "reply"
    assert 0.24 <= time.monotonic() - start <= 0.9


def test_a_wait_can_have_a_limit_of_its_own(pair: tuple[SocketStream, socket.socket]) -> None:
    stream, server = pair
    stream.begin_wait_of(10)
    threading.Timer(0.5, server.sendall, (b"late",)).start()  # later than the usual limit
    assert stream.read() == b"late"
    stream.begin_wait_of(0.1)
    start = time.monotonic()
    with pytest.raises(TimedOut):
        stream.read()
    assert time.monotonic() - start < 0.3


def test_a_dribbling_server_does_not_stretch_the_limit(pair: tuple[SocketStream, socket.socket]) -> None:
    stream, server = pair
    stop = threading.Event()

    def dribble() -> None:
        while not stop.wait(0.05):
            server.send(b"x")

    thread = threading.Thread(target=dribble)
    thread.start()
    try:
        stream.begin_wait()
        start = time.monotonic()
        with pytest.raises(TimedOut):
            read_on(stream)
        assert time.monotonic() - start <= 0.9
    finally:
        stop.set()
        thread.join()


def test_the_limit_is_looked_up_at_each_wait(pair: tuple[SocketStream, socket.socket]) -> None:
    stream, server = pair
    limits = FixedTimeouts(0.1)
    stream._timeouts = limits
    stream.begin_wait()
    with pytest.raises(TimedOut):
        stream.read()
    limits.read = 10
    stream.begin_wait()
    threading.Timer(0.3, server.sendall, (b"late",)).start()
    assert stream.read() == b"late"


def test_the_end_of_the_stream_is_empty(pair: tuple[SocketStream, socket.socket]) -> None:
    stream, server = pair
    server.close()
    stream.begin_wait()
    assert stream.read() == b""


def test_a_reset_is_a_lost_connection(pair: tuple[SocketStream, socket.socket]) -> None:
    stream, server = pair
    reset(server)
    stream.begin_wait()
    with pytest.raises(ConnectionLost):
        stream.read()


def test_a_peer_that_reads_nothing_ends_at_the_write_limit(pair: tuple[SocketStream, socket.socket]) -> None:
    stream, _ = pair
    start = time.monotonic()
    with pytest.raises(TimedOut) as caught:
        write_on(stream)
    assert caught.value.stage == "write"
    assert time.monotonic() - start < 5


def test_large_writes_arrive_whole_at_a_slow_reader(pair: tuple[SocketStream, socket.socket]) -> None:
    stream, server = pair
    data = bytes(range(256)) * 40_000
    got = bytearray()

    def read() -> None:
        while len(got) < len(data):
            got.extend(server.recv(65536))

    reader = threading.Thread(target=read)
    reader.start()
    stream.write(data)
    reader.join(10)
    assert bytes(got) == data


def test_a_closed_stream_fails_like_a_lost_one(pair: tuple[SocketStream, socket.socket]) -> None:
    stream, _ = pair
    stream.close()
    stream.close()
    with pytest.raises(ConnectionLost):
        stream.write(b"QUIT\r\n")


def test_loopback_is_known(pair: tuple[SocketStream, socket.socket]) -> None:
    assert pair[0].is_loopback
    assert pair[0].local_address == "127.0.0.1"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1.", " 127.0.0.1 ", "[127.0.0.1]"])
def test_addresses_as_people_write_them(listener: socket.socket, host: str) -> None:
    dial(host, listener.getsockname()[1], PATIENT).close()


def test_not_tls_at_all_is_told_apart_from_a_bad_certificate(pair: tuple[SocketStream, socket.socket]) -> None:
    stream, server = pair
    server.sendall(b"220 mail.example.test ESMTP\r\n")
    with pytest.raises(MailError) as caught:
        stream.start_tls()
    assert type(caught.value).__name__ == "TLSFailed"


def test_a_server_that_hangs_in_the_handshake_ends_at_the_limit(pair: tuple[SocketStream, socket.socket]) -> None:
    stream, _ = pair
    start = time.monotonic()
    with pytest.raises(TimedOut) as caught:
        stream.start_tls()
    assert caught.value.stage == "tls"
    assert 0.24 <= time.monotonic() - start <= 0.9


def test_a_server_that_closes_in_the_handshake_is_a_lost_connection(
    pair: tuple[SocketStream, socket.socket],
) -> None:
    stream, server = pair
    server.close()
    with pytest.raises(ConnectionLost):
        stream.start_tls()
