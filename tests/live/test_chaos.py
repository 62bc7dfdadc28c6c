"""Everything goes wrong at once: connections that break anywhere, a server that is restarted, a program that is killed.

Every message arrives; one that arrived twice is marked in the journal; and no more do than one for each connection that
was open when something broke. No server of the testbed takes part, but a minute is more than unit tests may take.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.faults import ChaosProxy
from tests.support.mail_server import MailServer
from tests.support.processes import start_python
from wlemail.mail.account import Account
from wlemail.mail.outbox import State, Store
from wlemail.mail.outbox.accounts import key_of
from wlemail.smtp.envelope import Envelope

MESSAGES = 2000
CONNECTIONS = 3
KILLS = 5
#: the whole of it, in seconds; it takes a third of that where nothing else runs
LONGEST = 85

SENDER = """
import sys
from wlemail import *

host, port = sys.argv[1], int(sys.argv[2])
EmailSetTimeOut(1.5)
EmailConfigure(emailParameterMaxConnections, int(sys.argv[3]))
while not EmailStartSMTPSession("me", "", host, port, True):
    pass  # the server is down, or the connection broke while it was opened
sys.stdin.read()
"""


class Message:
    """2 KiB that name their message."""

    def __init__(self, number: int) -> None:
        self._octets = f"Subject: {number}\r\n\r\n".encode() + b"A line of the text, which says nothing.\r\n" * 50
        self.size = len(self._octets)

    def chunks(self) -> Iterator[bytes]:
        yield self._octets


class Restarted:
    """A server that ends and comes back at the same port; what arrived is counted over all its lives."""

    def __init__(self) -> None:
        self._server = MailServer()
        self._server.__enter__()
        self.port = self._server.port
        self._before: list[bytes] = []

    def arrived(self) -> Counter[int]:
        contents = [*self._before, *(message.content for message in list(self._server.arrived))]
        return Counter(int(content.partition(b"\r\n")[0].removeprefix(b"Subject: ")) for content in contents)

    def count(self) -> int:
        return len(self._before) + len(self._server.arrived)

    def restart(self) -> None:
        self.close()
        self._before += [message.content for message in self._server.arrived]
        self._server = MailServer(port=self.port)
        self._server.__enter__()

    def close(self) -> None:
        self._server.__exit__(None, None, None)


@contextmanager
def restarted_server() -> Iterator[Restarted]:
    server = Restarted()
    try:
        yield server
    finally:
        server.close()


@pytest.mark.live
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("seed", [1])
def test_every_message_arrives_whatever_breaks(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    until = time.monotonic() + LONGEST
    place = str(tmp_path / "outbox")
    store = Store(place)
    kills = sorted(dice.sample(range(MESSAGES // 10, MESSAGES * 9 // 10), KILLS))
    restarts = sorted(dice.sample(range(MESSAGES // 10, MESSAGES * 9 // 10), 2))
    open_when_restarted = 0
    with restarted_server() as server, ChaosProxy("127.0.0.1", server.port, seed=seed, up=30e3, down=1e3) as proxy:
        key = key_of(Account("me", proxy.host, proxy.port, user="me"))

        def start() -> subprocess.Popen[str]:
            return start_python(SENDER, proxy.host, proxy.port, CONNECTIONS, environment={"WLEMAIL_OUTBOX": place})

        def hand_over() -> None:
            for number in range(MESSAGES):
                store.add(key, Envelope("me@example.org", (f"r{number}@example.com",)), Message(number))

        child = start()
        # Another process adds while the one that owns the outbox sends.
        adding = threading.Thread(target=hand_over)
        adding.start()
        try:
            while adding.is_alive() or store.waiting():
                assert time.monotonic() < until, f"{server.count()} arrived, {store.waiting()} wait"
                if kills and server.count() >= kills[0]:
                    kills.pop(0)
                    child.send_signal(signal.SIGKILL)
                    child.communicate()
                    child = start()
                if restarts and server.count() >= restarts[0]:
                    restarts.pop(0)
                    open_when_restarted += CONNECTIONS
                    server.restart()
                # What arrives and what waits is counted in two places, of which one is another process: none tells.
                time.sleep(0.005)
        finally:
            child.kill()
            child.communicate()
            adding.join()
        arrived = server.arrived()
        breaks = proxy.breaks
    entries = {int(entry.to_addresses[0].partition("@")[0].removeprefix("r")): entry for entry in store.entries()}
    store.close()
    assert (kills, restarts) == ([], [])
    assert breaks > 30, "too little went wrong"
    assert set(arrived) == set(range(MESSAGES)), "lost"
    assert {entry.state for entry in entries.values()} == {State.SENT}
    twice = {number for number, count in arrived.items() if count > 1}
    assert all(entries[number].uncertain for number in twice), "sent twice without a word"
    # Each connection that was open then leaves one message in doubt, and no other is.
    most = KILLS * CONNECTIONS + breaks + open_when_restarted
    assert sum(arrived.values()) - MESSAGES <= sum(entry.uncertain for entry in entries.values()) <= most
