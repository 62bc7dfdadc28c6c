"""A proxy that spoils connections at an exact byte, and the places worth spoiling, found in a good run's transcript.

A good run through a `FaultProxy` without a fault leaves a transcript; `places()` turns it into every place where a
line begins or is half way, in both directions; a test then repeats the run once for each place and kind of fault.
"""

from __future__ import annotations

import contextlib
import random
import selectors
import socket
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from .servers import LoopbackServer

UP = "client to server"
DOWN = "server to client"

#: the connection ends in good order (FIN), or with a reset (RST)
DROP, RESET = "drop", "reset"
#: nothing more comes through, the connection stays
STALL = "stall"
#: bytes come one at a time: slow, but nothing is wrong
DRIBBLE = "dribble"
#: bytes come one at a time, and a reply never gets complete in time
TRICKLE = "trickle"

# Enough to cut every parser and buffer; a whole TLS handshake at this rate would take seconds.
_DRIBBLED_BYTES = 120
_DRIBBLE_PAUSE = 0.0005


@dataclass(frozen=True)
class Fault:
    """What happens once `offset` bytes have passed in one direction."""

    kind: str
    direction: str
    offset: int


@dataclass(frozen=True)
class Place:
    """A place in a dialogue: how many bytes of its direction come before it, and what stands there."""

    direction: str
    offset: int
    label: str

    def fault(self, kind: str) -> Fault:
        return Fault(kind, self.direction, self.offset)

    def __str__(self) -> str:
        return f"{self.direction}, {self.label}"


class FaultProxy(LoopbackServer):
    """Passes connections on to a server and spoils them (the first `spoiled` of them; all, unless told)."""

    def __init__(
        self,
        host: str,
        port: int,
        fault: Fault | None = None,
        *,
        spoiled: int | None = None,
        pause: float = 0.1,
    ) -> None:
        super().__init__(self._pass_on)
        self.target = (host, port)
        self.fault = fault
        self.spoiled = spoiled
        #: between two bytes of a trickle, in seconds
        self.pause = pause
        #: (direction, bytes) in the order seen, of all connections
        self.transcript: list[tuple[str, bytes]] = []
        self.struck = threading.Event()
        self.struck_at = 0.0

    def __enter__(self) -> FaultProxy:
        super().__enter__()
        return self

    def keep(self, direction: str, data: bytes) -> None:
        self.transcript.append((direction, data))

    def strike(self, kind: str = "") -> None:
        if not self.struck.is_set():
            self.struck_at = time.monotonic()
            self.struck.set()

    def next_fault(self) -> Fault | None:
        """What happens to the connection that was just made."""
        return None if self.spoiled is not None and self.connections > self.spoiled else self.fault

    def _pass_on(self, client: socket.socket) -> None:
        fault = self.next_fault()
        server = socket.create_connection(self.target, timeout=30)
        with server:
            for connection in (client, server):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _Connection(self, client, server, fault).run()


class ChaosProxy(FaultProxy):
    """Spoils nearly every connection, each in its own way and at its own place, by the dice of a seed."""

    def __init__(self, host: str, port: int, *, seed: int, up: float, down: float) -> None:
        """`up` and `down`: how many bytes pass on average before something happens in that direction."""
        super().__init__(host, port)
        self._dice = random.Random(seed)
        self._mean = {UP: up, DOWN: down}
        self._lock = threading.Lock()
        #: faults that end a connection
        self.breaks = 0

    def __enter__(self) -> ChaosProxy:
        super().__enter__()
        return self

    def next_fault(self) -> Fault | None:
        with self._lock:
            direction = self._dice.choice((UP, DOWN))
            # One that dribbles is sound afterwards, and would carry everything if there were many.
            kind = self._dice.choice((DROP, RESET, STALL) * 4 + (DRIBBLE,))
            return Fault(kind, direction, int(self._dice.expovariate(1 / self._mean[direction])))

    def strike(self, kind: str = "") -> None:
        super().strike(kind)
        with self._lock:
            self.breaks += kind in (DROP, RESET, STALL)

    def keep(self, direction: str, data: bytes) -> None:
        """Nothing: it would be everything."""


class _Connection:
    """One connection through the proxy; a single thread, so that the transcript has the true order."""

    def __init__(self, proxy: FaultProxy, client: socket.socket, server: socket.socket, fault: Fault | None) -> None:
        self.proxy = proxy
        self.ends = {UP: (client, server), DOWN: (server, client)}
        self.passed = {UP: 0, DOWN: 0}
        self.fault = fault

    def run(self) -> None:
        with selectors.DefaultSelector() as ready:
            for direction, (source, _) in self.ends.items():
                ready.register(source, selectors.EVENT_READ, direction)
            while ready.get_map():
                for key, _ in ready.select(0.2):
                    if self._forward(key.data, ready):
                        return
                if self.proxy.closing.is_set():
                    return

    def _forward(self, direction: str, ready: selectors.BaseSelector) -> bool:
        """Pass on what came; true once the connection is over."""
        source, sink = self.ends[direction]
        data = source.recv(65536)
        if not data:
            ready.unregister(source)
            with contextlib.suppress(OSError):
                sink.shutdown(socket.SHUT_WR)
            return False
        self.proxy.keep(direction, data)
        fault, passed = self.fault, self.passed[direction]
        self.passed[direction] = passed + len(data)
        if fault is None or fault.direction != direction or passed + len(data) <= fault.offset:
            sink.sendall(data)
            return False
        harmless = max(0, fault.offset - passed)
        sink.sendall(data[:harmless])
        return self._spoil(fault, data[harmless:], ready)

    def _spoil(self, fault: Fault, rest: bytes, ready: selectors.BaseSelector) -> bool:
        """Do the damage; `rest` is what had already come from behind the place."""
        source, sink = self.ends[fault.direction]
        if fault.kind in (DRIBBLE, TRICKLE):
            self._slow_down(fault, rest)
            return False
        self.proxy.strike(fault.kind)
        if fault.kind == STALL:
            ready.unregister(source)
            return False
        if fault.kind == RESET:
            for end in (source, sink):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for end in (source, sink):
            end.close()
        return True

    def _slow_down(self, fault: Fault, rest: bytes) -> None:
        self.proxy.strike()
        sink = self.ends[fault.direction][1]
        slow, pause = (rest, self.proxy.pause) if fault.kind == TRICKLE else (rest[:_DRIBBLED_BYTES], _DRIBBLE_PAUSE)
        for byte in slow:
            sink.sendall(bytes((byte,)))
            if self.proxy.closing.wait(pause):
                return
        sink.sendall(rest[len(slow) :])
        if len(rest) > len(slow):
            self.fault = None


# -- places -------------------------------------------------------------------------------------------


def places(transcript: list[tuple[str, bytes]]) -> list[Place]:
    """Where a line (or, under TLS, a chunk of bytes) begins or is half way, in the order of the dialogue."""
    passed = {UP: 0, DOWN: 0}
    found: list[Place] = []
    command = "the greeting"
    for direction, data in transcript:
        for offset, piece in _pieces(data):
            at = passed[direction] + offset
            if direction == UP:
                label = command = _label(piece)
            else:
                label = f"reply {_label(piece)!r} after {command!r}"
            found.append(Place(direction, at, f"before {label}"))
            found.append(Place(direction, at + len(piece) // 2, f"inside {label}"))
        passed[direction] += len(data)
    return found


def reply_to(found: list[Place], command: str) -> Place:
    """Before the first byte that the server sends after a command ("" for the greeting)."""
    start = next(
        n for n, place in enumerate(found) if place.direction == UP and place.label.startswith(f"before {command}")
    )
    return next(place for place in found[start if command else 0 :] if place.direction == DOWN)


def _pieces(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Lines with their offsets; of many lines in one chunk the first, the middle and the last two."""
    if not _is_text(data):
        yield 0, data
        return
    lines = data.splitlines(keepends=True)
    kept = set(range(len(lines))) if len(lines) <= 6 else {0, len(lines) // 2, len(lines) - 2, len(lines) - 1}
    offset = 0
    for number, line in enumerate(lines):
        if number in kept:
            yield offset, line
        offset += len(line)


def _is_text(data: bytes) -> bool:
    # A TLS record begins with its type (20 … 23) and the version's first byte.
    return not (data[:1] in b"\x14\x15\x16\x17" and data[1:2] == b"\x03") and b"\0" not in data


def _label(piece: bytes) -> str:
    return piece.decode("ascii", "replace").strip()[:24] if _is_text(piece) else f"{len(piece)} bytes of TLS"
