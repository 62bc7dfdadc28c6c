"""A proxy whose bytes arrive late: `python -m tests.bench.latency HOST PORT ROUND_TRIP_MS` prints its own port.

For small mail: what waits is kept in memory without a limit. TCP's handshake is the loopback's; the server hears of a
connection when it would on such a network, so that its greeting comes two round trips after the client began.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections import deque


class Half(asyncio.Protocol):
    """One of the two connections; what it receives goes out on the other when its time has come."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.other: Half | None = None
        self.transport: asyncio.Transport | None = None
        self._under_way: deque[bytes] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        self._send_later(data)

    def eof_received(self) -> bool:
        self._send_later(b"")
        return True  # the other direction goes on

    def connection_lost(self, exc: Exception | None) -> None:
        self._send_later(b"")

    def _send_later(self, data: bytes) -> None:
        # Timers of one moment have no order: each takes whatever is first.
        self._under_way.append(data)
        asyncio.get_running_loop().call_later(self.delay, self._arrive)

    def _arrive(self) -> None:
        data = self._under_way.popleft()
        if self.other is None or self.other.transport is None or self.other.transport.is_closing():
            return
        if data:
            self.other.transport.write(data)
        else:
            self.other.transport.close()


class FromClient(Half):
    """The client's side: opens the other when the client's packets would have reached the server."""

    def __init__(self, delay: float, target: tuple[str, int]) -> None:
        super().__init__(delay)
        self._target = target

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._opening = asyncio.ensure_future(self._open())

    async def _open(self) -> None:
        await asyncio.sleep(3 * self.delay)  # SYN, SYN-ACK, ACK
        server = Half(self.delay)
        server.other = self
        await asyncio.get_running_loop().create_connection(lambda: server, *self._target)
        self.other = server


async def serve(target: tuple[str, int], round_trip: float) -> None:
    """Pass connections on to the target until the process is ended; `round_trip` in seconds."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: FromClient(round_trip / 2, target), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    host, port, milliseconds = sys.argv[1:]
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve((host, int(port)), float(milliseconds) / 1000))
