"""Reading over POP3 from Dovecot and Cyrus: in clear, by STLS, under TLS from the first byte."""

from __future__ import annotations

import socket

import pytest

from tests.behaviour.reading import WAYS, Door, LargeMailboxBehaviour, LargeMessageBehaviour, ReadingBehaviour, way
from tests.support.servers import Testbed

pytestmark = pytest.mark.usefixtures("face")

__all__ = ["way"]

#: nobody else's mail goes there
USER = "user20"


class FilledOverIMAP:
    """Filled over IMAP, many messages in one command: one at a time, ten thousand would take minutes."""

    def __init__(self, testbed: Testbed, server: str, door: Door) -> None:
        self._imap = testbed.endpoint(server, "imap")
        self.door = door

    def fill(self, messages: list[bytes]) -> None:
        literals = [b" {%d+}\r\n%b" % (len(message), message) for message in messages]
        with socket.create_connection((self._imap.host, self._imap.port), timeout=120) as connection:
            self._answers = connection.makefile("rb")
            self._say(connection, f'a LOGIN {self.door.user} "{self.door.password}"\r\n'.encode())
            self._say(connection, b"a SELECT INBOX\r\n")
            if b" 0 EXISTS" not in self._seen:
                self._say(connection, b"a STORE 1:* +FLAGS.SILENT (\\Deleted)\r\n", b"a EXPUNGE\r\n")
            for start in range(0, len(literals), 500):  # MULTIAPPEND, RFC 3502
                self._say(connection, b"a APPEND INBOX%b\r\n" % b"".join(literals[start : start + 500]))

    def _say(self, connection: socket.socket, *commands: bytes) -> None:
        """Send some commands at once and wait for the answer to each."""
        connection.sendall(b"".join(commands))
        self._seen = b""
        for _ in commands:
            line = b""
            while not line.startswith(b"a "):
                line = self._answers.readline()
                assert line, "the server hung up"
                self._seen += line
            assert line.startswith(b"a OK"), line


def inbox_of(testbed: Testbed, server: str, way: str) -> FilledOverIMAP:
    endpoint = testbed.endpoint(server, "pop3s" if way == "implicit TLS" else "pop3")
    return FilledOverIMAP(testbed, server, Door("localhost", endpoint.port, USER, testbed.users[USER], WAYS[way]))


@pytest.mark.live("dovecot")
class TestDovecot(ReadingBehaviour, LargeMessageBehaviour):
    @pytest.fixture
    def inbox(self, testbed: Testbed, way: str) -> FilledOverIMAP:
        return inbox_of(testbed, "dovecot", way)


@pytest.mark.live("dovecot")
class TestLargeMailboxOnDovecot(LargeMailboxBehaviour):
    @pytest.fixture
    def inbox(self, testbed: Testbed) -> FilledOverIMAP:
        return inbox_of(testbed, "dovecot", "clear")


@pytest.mark.live("cyrus")
class TestCyrus(ReadingBehaviour, LargeMessageBehaviour):
    @pytest.fixture
    def inbox(self, testbed: Testbed, way: str) -> FilledOverIMAP:
        return inbox_of(testbed, "cyrus", way)


@pytest.mark.live("cyrus")
class TestLargeMailboxOnCyrus(LargeMailboxBehaviour):
    @pytest.fixture
    def inbox(self, testbed: Testbed) -> FilledOverIMAP:
        return inbox_of(testbed, "cyrus", "clear")
