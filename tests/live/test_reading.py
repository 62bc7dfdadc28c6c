"""Reading over POP3 from Dovecot: in clear, by STLS, under TLS from the first byte."""

from __future__ import annotations

import socket

import pytest

from tests.behaviour.reading import WAYS, Door, LargeMailboxBehaviour, ReadingBehaviour, way
from tests.support.servers import Testbed

pytestmark = [pytest.mark.live("dovecot"), pytest.mark.usefixtures("face")]

__all__ = ["way"]

#: nobody else's mail goes there
USER = "user20"


class DovecotInbox:
    """Filled over IMAP with all messages in flight: one at a time, ten thousand would take minutes."""

    def __init__(self, testbed: Testbed, door: Door) -> None:
        self._imap = testbed.endpoint("dovecot", "imap")
        self.door = door

    def fill(self, messages: list[bytes]) -> None:
        commands = [
            f'a LOGIN {self.door.user} "{self.door.password}"\r\na SELECT INBOX\r\n'.encode(),
            b"a STORE 1:* +FLAGS.SILENT \\Deleted\r\na EXPUNGE\r\n",
            *(b"a APPEND INBOX {%d+}\r\n%b\r\n" % (len(message), message) for message in messages),
            b"z LOGOUT\r\n",
        ]
        with socket.create_connection((self._imap.host, self._imap.port), timeout=120) as connection:
            answers = connection.makefile("rb")
            for start in range(0, len(commands), 500):
                connection.sendall(b"".join(commands[start : start + 500]))
            lines = list(answers)
        done = [line for line in lines if line.startswith(b"a ")]
        # Servers call 1:* a bad set of numbers where there is no message.
        wrong = [line for line in done if not line.startswith(b"a OK") and b"STORE" not in line and b"BAD" not in line]
        assert not wrong, wrong[:3]
        assert sum(b"Append completed" in line for line in done) == len(messages), lines[-3:]


def dovecot(testbed: Testbed, way: str) -> DovecotInbox:
    endpoint = testbed.endpoint("dovecot", "pop3s" if way == "implicit TLS" else "pop3")
    return DovecotInbox(testbed, Door("localhost", endpoint.port, USER, testbed.users[USER], WAYS[way]))


@pytest.fixture
def inbox(testbed: Testbed, way: str) -> DovecotInbox:
    return dovecot(testbed, way)


class TestDovecot(ReadingBehaviour):
    pass


class TestLargeMailboxOnDovecot(LargeMailboxBehaviour):
    @pytest.fixture
    def way(self) -> str:
        return "clear"
