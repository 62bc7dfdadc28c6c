"""Waiting for what happens, by a clock that runs as fast as the test wants."""

from __future__ import annotations

import pytest

from tests.imap.dialogue import selected
from wlemail.errors import CommandRefused, ConnectionLost, TimedOut
from wlemail.imap.client import Client
from wlemail.imap.client.idle import POLLED_AFTER, RENEWED_AFTER
from wlemail.imap.parsing.changes import Exists, Expunged
from wlemail.imap.parsing.fetch import Fetched

DAY = 24 * 3600.0


class SleepyServer:
    """A server whose clock moves when the client waits: it answers at once, and tells news when their time comes."""

    host, port, is_secure, is_loopback = "mail.example.com", 993, True, True

    def __init__(self, offers: str, news: dict[float, bytes]) -> None:
        self.now = 0.0
        self._news = sorted(news.items())
        self._ready = b"* PREAUTH [CAPABILITY IMAP4rev1 " + offers.encode() + b"] hi\r\n"
        self._tag = b""
        self._deadline: float | None = None
        self.commands: list[tuple[float, str]] = []
        self.longest_wait = 0.0
        self.closed = False

    def clock(self) -> float:
        return self.now

    def write(self, data: bytes) -> None:
        for line in data.splitlines():
            self.commands.append((self.now, line.decode()))
            words = line.split()
            if words == [b"DONE"]:
                self._ready += self._tag + b" OK\r\n"
            elif words[1] == b"IDLE":
                self._tag = words[0]
                self._ready += b"+ idling\r\n"
            else:
                self._ready += self._due() + words[0] + b" OK\r\n"

    def _due(self) -> bytes:
        told = b""
        while self._news and self._news[0][0] <= self.now:
            told += self._news.pop(0)[1]
        return told

    def begin_wait(self) -> None:
        self._deadline = self.now + 600

    def begin_wait_of(self, seconds: float) -> None:
        self._deadline = self.now + seconds
        self.longest_wait = max(self.longest_wait, seconds)

    def read(self, limit: int = 65536) -> bytes:
        assert self._deadline is not None
        if not self._ready:
            idling = self.commands[-1][1].endswith("IDLE")
            next_news = self._news[0][0] if self._news and idling else float("inf")
            if next_news > self._deadline:
                self.now = self._deadline
                raise TimedOut("reply", 1)
            self.now = max(self.now, next_news)
            self._ready = self._due()
        data, self._ready = self._ready[:limit], self._ready[limit:]
        return data

    def start_tls(self) -> None:
        raise AssertionError("no TLS here")

    def close(self) -> None:
        self.closed = True


def waiting(server: SleepyServer) -> Client:
    client = Client(server, clock=server.clock)
    client.greet()
    client.select("INBOX")
    return client


def test_a_day_of_idle() -> None:
    server = SleepyServer("IDLE", {})
    client = waiting(server)
    assert client.idle(DAY) == []
    assert server.now == pytest.approx(DAY)
    # Renewed in time for servers that end it after 30 minutes (RFC 2177 3), and no oftener than needed.
    assert server.longest_wait <= RENEWED_AFTER < 29 * 60
    assert sum(line.endswith("IDLE") for _, line in server.commands) == DAY / RENEWED_AFTER
    client.noop()
    assert not client.broken


def test_a_message_at_night() -> None:
    server = SleepyServer("IDLE", {0.7 * DAY: b"* 1 EXISTS\r\n", 0.9 * DAY: b"* 1 EXPUNGE\r\n"})
    client = waiting(server)
    assert client.idle(DAY) == [Exists(1)]
    assert server.now == pytest.approx(0.7 * DAY)
    assert client.idle(DAY) == [Expunged(1)]
    assert server.now == pytest.approx(0.9 * DAY)


def test_keep_alives_are_no_news() -> None:
    server = SleepyServer("IDLE", {n * 120.0: b"* OK Still here\r\n* 0 EXISTS\r\n" for n in range(1, 60)})
    client = waiting(server)
    assert client.idle(7200) == []
    assert server.now == pytest.approx(7200)


def test_a_server_without_idle_is_asked_now_and_then() -> None:
    server = SleepyServer("", {5000.0: b"* 1 EXISTS\r\n"})
    client = waiting(server)
    assert client.idle(DAY) == [Exists(1)]
    assert server.now == pytest.approx(5040)
    assert sum(line.endswith("NOOP") for _, line in server.commands) == 5040 / POLLED_AFTER


def test_no_time_at_all() -> None:
    server = SleepyServer("IDLE", {})
    client = waiting(server)
    before = len(server.commands)
    assert client.idle(0) == []
    assert len(server.commands) == before


def test_what_comes_with_the_end_counts() -> None:
    client, _ = selected(
        "C: W2 IDLE\nS: + idling\nS: * 4 EXISTS\nC: DONE\nS: * 2 FETCH (FLAGS (\\Seen))\nS: W2 OK\nC: W3 NOOP\nS: W3 OK"
    )
    assert client.idle(60) == [Exists(4), Fetched(2, flags=("\\Seen",))]
    client.noop()


def test_the_deadline_breaks_nothing() -> None:
    server = SleepyServer("IDLE", {})
    client = waiting(server)
    client.idle(5)
    assert [line for _, line in server.commands[-2:]] == ["W2 IDLE", "DONE"]
    assert not client.closed


def test_a_server_that_refuses_to_idle() -> None:
    client, _ = selected("C: W2 IDLE\nS: W2 BAD not me")
    with pytest.raises(CommandRefused):
        client.idle(60)
    assert not client.broken


def test_a_server_that_ends_each_idle_is_polled() -> None:
    client, _ = selected("".join(f"C: W{n} IDLE\nS: + idling\nS: W{n} OK enough\n" for n in (2, 3, 4)) + "-- STALL\n")
    with pytest.raises(TimedOut):
        client.idle(0.2)  # the script is silent when NOOP is asked for its answer


def test_bye_while_idling() -> None:
    client, _ = selected("C: W2 IDLE\nS: + idling\nS: * BYE timeout\n-- CLOSE")
    with pytest.raises(ConnectionLost) as lost:
        client.idle(60)
    assert "timeout" in str(lost.value.reply)
