"""TCP connections with deadlines: names resolved and addresses tried under one limit, bytes in and out.

`SocketStream` is the Stream that protocol clients read and write (see wire/stream.py).
"""

from __future__ import annotations

import errno
import os
import selectors
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from ..errors import Broken, CannotResolve, TimedOut
from . import problems
from .tls import TLSPolicy, client_context

# RFC 8305 5 ("Happy Eyeballs"): how long one address may keep silent before the next is tried beside it.
_NEXT_ADDRESS_AFTER = 0.25
# On Windows no wait for a socket or a lock is interrupted by Ctrl-C: wait in slices there. Elsewhere the slices are
# long, but they end: poll and epoll count milliseconds in an int, and refuse more than 24 days.
_SLICE = 0.25 if sys.platform == "win32" else 3600.0
_MAX_ADDRESSES = 16
# Windows has no such flag, and its own limits leave a socket undefined: 0 stands for Python's way of waiting.
_WITHOUT_WAITING: int = getattr(socket, "MSG_DONTWAIT", 0)

_Address = tuple[int, int, int, object]
_Found = TypeVar("_Found")


class Timeouts(Protocol):
    """Limits in seconds, looked up anew at each wait, so that a change acts on open sessions."""

    @property
    def connect(self) -> float: ...
    @property
    def read(self) -> float: ...
    @property
    def write(self) -> float: ...


class FixedTimeouts:
    """Limits that never change, for code without sessions."""

    def __init__(self, connect: float, read: float | None = None, write: float | None = None) -> None:
        self.connect = connect
        self.read = connect if read is None else read
        self.write = self.read if write is None else write


# -- names --------------------------------------------------------------------------------------------


def resolve(host: str, port: int, deadline: float) -> list[_Address]:
    """The addresses of a host, in the system's order, IPv6 and IPv4 taking turns (RFC 8305 4).

    getaddrinfo knows no deadline, so it runs in a daemon thread that is abandoned when time is up."""
    limit = deadline - time.monotonic()
    if "\0" in host:
        # getaddrinfo of some systems stops reading there: "safe.example\0" would be another host than it looks.
        raise CannotResolve(f"{host!r} is not a host name", host=host, port=port)
    if host.lower() == "localhost" or host.lower().endswith(".localhost"):
        return _loopback(port)
    if is_address(host):
        found = _lookup(host, port, socket.AI_NUMERICHOST)
    else:
        found = _in_thread(lambda: _lookup(host, port, 0), deadline, TimedOut("resolve", limit, host=host, port=port))
    if isinstance(found, (socket.gaierror, UnicodeError)):
        raise CannotResolve(f"the name {host!r} cannot be resolved: {found}", host=host, port=port) from found
    if isinstance(found, OSError):
        raise problems.connect_problem(found, host, port, limit) from found
    return _alternate(found)[:_MAX_ADDRESSES]


def _loopback(port: int) -> list[_Address]:
    """This machine; RFC 6761 6.3: never a question for a name server, which may keep silent or lie."""
    rows: list[_Address] = [(socket.AF_INET, socket.SOCK_STREAM, 0, ("127.0.0.1", port))]
    if socket.has_ipv6:
        rows.append((socket.AF_INET6, socket.SOCK_STREAM, 0, ("::1", port, 0, 0)))
    return rows


def _lookup(host: str, port: int, flags: int) -> list[_Address] | OSError | UnicodeError:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    except (OSError, UnicodeError) as problem:
        # UnicodeError: the idna codec refuses empty and over-long labels ("mail..example.com").
        return problem
    return [(family, kind, protocol, address) for family, kind, protocol, _, address in rows]


def _in_thread(work: Callable[[], _Found], deadline: float, late: TimedOut) -> _Found:
    result: list[_Found] = []
    done = threading.Event()

    def run() -> None:
        result.append(work())
        done.set()

    try:
        threading.Thread(target=run, daemon=True, name="wlemail-resolve").start()
    except RuntimeError:
        # The program is ending, and Python starts no threads any more (3.12); or there are too many.
        return work()
    while not done.wait(max(0.0, min(deadline - time.monotonic(), _SLICE, threading.TIMEOUT_MAX))):
        if time.monotonic() >= deadline:
            raise late
    return result[0]


def _alternate(rows: list[_Address]) -> list[_Address]:
    first = [row for row in rows if row[0] == rows[0][0]]
    other = [row for row in rows if row[0] != rows[0][0]]
    mixed: list[_Address] = []
    for i in range(max(len(first), len(other))):
        mixed += first[i : i + 1] + other[i : i + 1]
    return mixed


def is_address(host: str) -> bool:
    """Whether a host is written as an IP address."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host.partition("%")[0])
        except (OSError, ValueError):
            continue
        return True
    return False


# -- connecting ---------------------------------------------------------------------------------------


ContextMaker = Callable[[TLSPolicy], ssl.SSLContext]


def dial(
    host: str, port: int, timeouts: Timeouts, policy: TLSPolicy | None = None, context: ContextMaker = client_context
) -> SocketStream:
    """A connection to a host; name resolution and all its addresses share one deadline.

    `context` makes the TLS context for the policy when TLS starts: `unverified_context` only looks at a certificate."""
    host = host.strip().rstrip(".")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    seconds = timeouts.connect
    deadline = time.monotonic() + seconds
    addresses = resolve(host, port, deadline)
    sock = _race(addresses, host, port, deadline, seconds)
    try:
        return SocketStream(sock, host, port, timeouts, policy or TLSPolicy(), context)
    except OSError as problem:
        # QUIRK: macOS refuses options (EINVAL) on a connection that the other side has reset meanwhile.
        sock.close()
        raise problems.lost(problem, host, port, "connect") from problem


def _race(addresses: list[_Address], host: str, port: int, deadline: float, seconds: float) -> socket.socket:
    """The first socket to connect; a silent address does not hold up the next one."""
    waiting = list(addresses)
    last = OSError(errno.EADDRNOTAVAIL, "no address")
    next_start = 0.0
    with selectors.DefaultSelector() as pending:
        try:
            while waiting or pending.get_map():
                now = time.monotonic()
                if now >= deadline:
                    raise TimedOut("connect", seconds, host=host, port=port)
                if waiting and (now >= next_start or not pending.get_map()):
                    next_start = now + _NEXT_ADDRESS_AFTER
                    try:
                        pending.register(_start_connect(waiting.pop(0)), selectors.EVENT_WRITE)
                    except OSError as problem:
                        last, next_start = problem, 0.0
                    continue
                wait = min((next_start if waiting else deadline) - now, deadline - now, _SLICE)
                for key, _ in pending.select(max(0.0, wait)):
                    sock = key.fileobj
                    assert isinstance(sock, socket.socket)
                    pending.unregister(sock)
                    number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                    if not number:
                        return sock
                    sock.close()
                    last, next_start = OSError(number, os.strerror(number)), 0.0
            raise problems.connect_problem(last, host, port, seconds) from last
        finally:
            for key in list(pending.get_map().values()):
                assert isinstance(key.fileobj, socket.socket)
                key.fileobj.close()


def _start_connect(address: _Address) -> socket.socket:
    family, kind, protocol, target = address
    sock = socket.socket(family, kind, protocol)
    sock.setblocking(False)
    number = sock.connect_ex(target)  # type: ignore[arg-type]  # getaddrinfo's own shape
    if number in (0, errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", 0)):
        return sock
    sock.close()
    raise OSError(number, os.strerror(number))


# -- the stream ---------------------------------------------------------------------------------------


class SocketStream:
    """Bytes over one TCP connection, in clear or in TLS; every wait ends by its deadline."""

    def __init__(
        self,
        sock: socket.socket,
        host: str,
        port: int,
        timeouts: Timeouts,
        policy: TLSPolicy,
        context: ContextMaker = client_context,
    ) -> None:
        # Groups of commands are written whole: waiting for more to send (Nagle) only costs a round trip.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._sock = sock
        # What ends the waits now: how many seconds, and whether those of reads only; and who sees to it.
        self._limited: tuple[float, bool] | None = None
        self._waits_in_system = False
        self.host = host
        self.port = port
        self._timeouts = timeouts
        self._policy = policy
        self._context = context
        self._limit = 0.0
        self._started = 0.0
        self._fresh = False
        self.is_secure = False
        self.is_loopback = _is_loopback(sock)

    def __repr__(self) -> str:
        return f"<SocketStream {self.host}:{self.port}{' TLS' if self.is_secure else ''}>"

    def begin_wait(self) -> None:
        """Start the deadline that the following reads share."""
        self.begin_wait_of(self._timeouts.read)

    def begin_wait_of(self, seconds: float) -> None:
        """The same with a limit of its own: waiting for news (IDLE) is not waiting for an answer."""
        self._limit = seconds
        self._started = time.monotonic()
        self._fresh = True

    def read(self, limit: int = 65536) -> bytes:
        """Some bytes, b"" where the other side has closed; TimedOut past the deadline of the last begin_wait."""
        while True:
            if self._fresh:
                # Straight after begin_wait the whole limit is left; saving a look at the clock is saving time.
                self._fresh = False
                left = self._limit
            else:
                left = self._limit - (time.monotonic() - self._started)
                if left <= 0:
                    raise TimedOut("reply", self._limit, host=self.host, port=self.port)
            try:
                if (left, True) != self._limited:
                    self._limit_waits(left, reading=True)
                return self._sock.recv(limit)
            except OSError as problem:
                if problems.is_timeout(problem):
                    continue
                if isinstance(problem, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
                    return b""
                raise problems.lost(problem, self.host, self.port, "reply") from problem

    def write(self, data: bytes) -> None:
        """Send everything; the write limit applies to each step that makes progress."""
        sent = 0
        if self._waits_in_system:
            try:
                # What fits into the system's buffers, as commands and small messages do, takes no wait at all.
                sent = self._sock.send(data, _WITHOUT_WAITING)
            except BlockingIOError:
                pass
            except OSError as problem:
                raise _after(0, problems.lost(problem, self.host, self.port, "write")) from problem
        if sent < len(data):
            self._write_rest(memoryview(data), sent)

    def _write_rest(self, data: memoryview, written: int) -> None:
        while written < len(data):
            left = limit = self._timeouts.write
            since = time.monotonic()
            while True:
                try:
                    self._limit_waits(left, reading=False)
                    written += self._sock.send(data[written:])
                    break
                except OSError as problem:
                    if not problems.is_timeout(problem):
                        raise _after(written, problems.lost(problem, self.host, self.port, "write")) from problem
                left = limit - (time.monotonic() - since)
                if left <= 0:
                    raise _after(written, TimedOut("write", limit, host=self.host, port=self.port))

    def _limit_waits(self, seconds: float, *, reading: bool) -> None:
        seconds = min(seconds, _SLICE)
        if (seconds, reading) != self._limited:
            self._limited = seconds, reading
            in_clear = not isinstance(self._sock, ssl.SSLSocket)
            self._waits_in_system = reading and in_clear and _limited_by_system(self._sock, seconds)
            self._sock.settimeout(None if self._waits_in_system else seconds)

    def start_tls(self) -> None:
        """The TLS handshake, under the connect limit; the policy was given when the stream was made."""
        context = self._context(self._policy)
        limit = self._timeouts.connect
        deadline = time.monotonic() + limit
        self._limited, self._waits_in_system = None, False
        try:
            sock = context.wrap_socket(self._sock, server_hostname=self.host, do_handshake_on_connect=False)
        except (ValueError, UnicodeError) as problem:
            raise CannotResolve(
                f"{self.host!r} is not a host name: {problem}", host=self.host, port=self.port
            ) from problem
        except OSError as problem:
            # A socket that the other side has already reset.
            raise problems.handshake_problem(problem, self.host, self.port) from problem
        self._sock = sock
        while True:
            try:
                self._limit_waits(max(0.001, deadline - time.monotonic()), reading=False)
                sock.do_handshake()
                break
            except OSError as problem:
                if problems.is_timeout(problem):
                    if time.monotonic() < deadline:
                        continue
                    raise TimedOut("tls", limit, host=self.host, port=self.port) from None
                raise problems.handshake_problem(problem, self.host, self.port) from problem
        self.is_secure = True

    @property
    def certificate(self) -> bytes:
        """The server's certificate (DER), b"" in clear."""
        return (self._sock.getpeercert(binary_form=True) or b"") if isinstance(self._sock, ssl.SSLSocket) else b""

    @property
    def local_address(self) -> str:
        """This end's IP address, "" once the connection is gone."""
        try:
            return str(self._sock.getsockname()[0])
        except OSError:
            return ""

    def hang_up(self) -> None:
        """End the connection from another thread: who waits here learns that it is over."""
        try:
            # The plain socket's: OpenSSL must not be entered by two threads, and its goodbye would be a wait.
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)
        except OSError:
            pass  # it is over already

    def close(self) -> None:
        """Let go of the connection; never waits, never fails."""
        try:
            self._sock.close()
        except OSError:
            pass  # a reset connection may say so once more; it is closed all the same


def _after(written: int, problem: Broken) -> Broken:
    problem.written = written
    return problem


def _limited_by_system(sock: socket.socket, seconds: float) -> bool:
    """Have the system end the reads of a blocking socket; False where Python has to do it, by poll() before each."""
    if not _WITHOUT_WAITING:
        return False
    whole, part = divmod(max(seconds, 0.001), 1)  # 0 would be no limit
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("@ll", int(whole), int(part * 1e6)))
    except OSError:
        return False
    return True


def _is_loopback(sock: socket.socket) -> bool:
    try:
        peer = str(sock.getpeername()[0])
    except OSError:
        return False
    return peer.startswith("127.") or peer in ("::1", "::ffff:127.0.0.1")
