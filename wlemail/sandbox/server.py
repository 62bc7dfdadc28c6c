"""Sockets and threads of the sandbox: listens on loopback, carries bytes between a client and its Session.

Knows no mail protocol. One thread accepts, each connection has its own; all of them end soon after `stop()`.
"""

from __future__ import annotations

import ipaddress
import selectors
import socket
import ssl
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .session import Session

#: A wait is cut into slices so that a stop is seen where shutting a socket down wakes nobody (TLS, some systems).
_SLICE = 0.1
#: How long the last words are given to arrive before the socket is closed.
_LINGER = 1.0
_CHUNK = 65536


@dataclass(frozen=True)
class Endpoint:
    """A port: how a session begins there, and whether TLS comes first."""

    port: int
    new_session: Callable[[], Session]
    implicit_tls: bool = False
    #: how long a client may do nothing there, where that is not as everywhere
    idle_seconds: float | None = None


def require_loopback(host: str) -> None:
    """ValueError unless `host` is a loopback address: a server that takes everything belongs on no network."""
    if not ipaddress.ip_address(host).is_loopback:
        raise ValueError(f"the sandbox listens on loopback addresses only, not on {host!r}")


class Server:
    """Listens at endpoints until it is stopped."""

    def __init__(
        self,
        *,
        tls_context: Callable[[], ssl.SSLContext],
        idle_seconds: float = 60.0,
        max_connections: int = 64,
    ) -> None:
        self._tls_context = tls_context
        self._idle_seconds = idle_seconds
        self._max_connections = max_connections
        self._selector = selectors.DefaultSelector()
        self._wake, self._waker = socket.socketpair()
        self._selector.register(self._wake, selectors.EVENT_READ, None)
        self._connections: set[Connection] = set()
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._accept_all, name="sandbox", daemon=True)

    def listen(self, host: str, endpoint: Endpoint) -> int:
        """Bind an endpoint; give its port, chosen by the system where `endpoint.port` is 0."""
        require_loopback(host)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            if sys.platform == "win32":
                # Without it another program may bind the same port and take the mail.
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            else:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, endpoint.port))
            listener.listen(128)
            listener.setblocking(False)
        except OSError:
            listener.close()
            raise
        self._selector.register(listener, selectors.EVENT_READ, endpoint)
        return int(listener.getsockname()[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self, *, drain: float = 0.0, seconds: float = 3.0) -> None:
        """Listen no longer and end every connection.

        Clients have `drain` seconds to end by themselves; then they are told 421, and what they were doing is given
        `seconds` to end."""
        if self._closed.is_set():
            return
        self._closed.set()
        self._waker.send(b"x")
        if self._thread.ident is not None:
            self._thread.join(seconds)
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()
        self._waker.close()
        self._end_connections(drain, seconds)

    def _end_connections(self, drain: float, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._connections, drain)
            connections = list(self._connections)
        self._stopping.set()
        for connection in connections:
            connection.interrupt(socket.SHUT_RD)
        with self._changed:
            self._changed.wait_for(lambda: not self._connections, seconds)
            connections = list(self._connections)
        for connection in connections:
            # It is stuck in a write to a client that does not read.
            connection.interrupt(socket.SHUT_RDWR)
            connection.thread.join(seconds)

    def _accept_all(self) -> None:
        while not self._closed.is_set():
            for key, _ in self._selector.select():
                if key.data is not None:
                    self._accept(key.fileobj, key.data)  # type: ignore[arg-type]

    def _accept(self, listener: socket.socket, endpoint: Endpoint) -> None:
        try:
            sock, _ = listener.accept()
        except OSError:
            # The client left before it was its turn (ECONNABORTED), or there are too many files open.
            return
        connection = Connection(sock, endpoint, self._tls_context, self._idle_seconds, self._stopping, self._forget)
        with self._changed:
            if len(self._connections) >= self._max_connections:
                connection.turn_away()
                return
            self._connections.add(connection)
        try:
            connection.thread.start()
        except RuntimeError:
            # The program is ending, and Python starts no threads any more (3.12).
            self._forget(connection)
            connection.turn_away()

    def _forget(self, connection: Connection) -> None:
        with self._changed:
            self._connections.discard(connection)
            self._changed.notify_all()


class Connection:
    """One client: its socket, its session, its thread."""

    def __init__(
        self,
        sock: socket.socket,
        endpoint: Endpoint,
        tls_context: Callable[[], ssl.SSLContext],
        idle_seconds: float,
        stopping: threading.Event,
        on_end: Callable[[Connection], None],
    ) -> None:
        self._sock = sock
        self._session = endpoint.new_session()
        self._implicit_tls = endpoint.implicit_tls
        self._tls_context = tls_context
        self._idle_seconds = idle_seconds if endpoint.idle_seconds is None else endpoint.idle_seconds
        self._stopping = stopping
        self._on_end = on_end
        self.thread = threading.Thread(target=self._run, name="sandbox connection", daemon=True)
        # Windows and the BSDs hand the listener's mode on to what it accepts.
        sock.setblocking(True)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def turn_away(self) -> None:
        """Too many are here: say so where words are understood before TLS, and close."""
        try:
            if not self._implicit_tls:
                self._sock.settimeout(_SLICE)
                self._sock.sendall(self._session.say_goodbye("too many connections"))
        except OSError:
            pass
        self._sock.close()

    def interrupt(self, how: int) -> None:
        """Wake the thread out of a wait, from another thread: SHUT_RD leaves it its last words."""
        if how == socket.SHUT_RD and isinstance(self._sock, ssl.SSLSocket):
            # For OpenSSL an end of file is an attack, to be answered by an alert alone. The next slice sees the stop.
            return
        try:
            # Not SSLSocket's: that drops the TLS layer, and what the thread writes then would go out in clear.
            socket.socket.shutdown(self._sock, how)
        except OSError:
            pass  # it has ended already

    def _run(self) -> None:
        try:
            if self._implicit_tls:
                self._start_tls()
            self._send(self._session.greet())
            self._converse()
            self._linger()
        except OSError:
            # The client broke the connection or does not speak TLS. The session below drops what was half there.
            pass
        finally:
            self._session.end()
            self._sock.close()
            self._on_end(self)

    def _converse(self) -> None:
        while not self._session.closed:
            data = self._read()
            if data is None or (not data and self._stopping.is_set()):
                self._send(self._session.say_goodbye("stopping" if self._stopping.is_set() else "idle"))
                return
            if not data:
                return
            self._send(self._session.receive(data))
            while self._session.pending and not self._stopping.is_set():
                self._send(self._session.receive(b""))
            if self._session.wants_tls:
                self._start_tls()

    def _read(self) -> bytes | None:
        """What comes next, b"" at the end, None when the client was idle for too long or the server stops."""
        progress = self._session.progress
        if progress != self._last_progress:
            self._last_progress, self._idle_since = progress, time.monotonic()
        while not self._stopping.is_set():
            left = self._idle_since + self._idle_seconds - time.monotonic()
            if left <= 0:
                return None
            self._sock.settimeout(min(left, _SLICE))
            try:
                return self._sock.recv(_CHUNK)
            except TimeoutError:
                self._send(self._session.news())
        return None

    _last_progress = -1
    _idle_since = 0.0

    def _send(self, data: bytes) -> None:
        if data:
            # A client that does not read its replies is as idle as one that says nothing.
            self._sock.settimeout(self._idle_seconds)
            self._sock.sendall(data)

    def _start_tls(self) -> None:
        self._sock.settimeout(self._idle_seconds)
        secured = self._tls_context().wrap_socket(self._sock, server_side=True, do_handshake_on_connect=False)
        self._sock = secured
        secured.do_handshake()
        self._session.tls_started(secured.version() or "TLS")

    def _linger(self) -> None:
        """Let the last words arrive: closing a socket with unread input destroys what is on its way to the client."""
        deadline = time.monotonic() + _LINGER
        self._sock.settimeout(_LINGER)
        if isinstance(self._sock, ssl.SSLSocket):
            self._sock = self._sock.unwrap()
        self._sock.shutdown(socket.SHUT_WR)
        while time.monotonic() < deadline and not self._stopping.is_set():
            self._sock.settimeout(_SLICE)
            try:
                if not self._sock.recv(_CHUNK):
                    return
            except TimeoutError:
                continue
