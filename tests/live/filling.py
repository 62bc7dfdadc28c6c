"""Mailboxes of Dovecot and Cyrus that are filled around our own client."""

from __future__ import annotations

import socket
from typing import Generic, Protocol, TypeVar

from tests.support.servers import Testbed

#: messages of one APPEND
_AT_ONCE = 500


class AnyDoor(Protocol):
    """Who owns the mailbox."""

    @property
    def user(self) -> str: ...
    @property
    def password(self) -> str: ...


D = TypeVar("D", bound=AnyDoor)


class FilledOverIMAP(Generic[D]):
    """Filled over IMAP, many messages in one command: one at a time, ten thousand would take minutes."""

    def __init__(self, testbed: Testbed, server: str, door: D) -> None:
        self._imap = testbed.endpoint(server, "imap")
        self.door = door

    def fill(self, messages: list[bytes]) -> None:
        literals = [b" {%d+}\r\n%b" % (len(message), message) for message in messages]
        address = (self._imap.host, self._imap.port)
        with socket.create_connection(address, timeout=120) as connection, connection.makefile("rb") as self._answers:
            self._say(connection, f'a LOGIN {self.door.user} "{self.door.password}"\r\n'.encode())
            self._say(connection, b"a SELECT INBOX\r\n")
            if b" 0 EXISTS" not in self._seen:
                self._say(connection, b"a STORE 1:* +FLAGS.SILENT (\\Deleted)\r\n", b"a EXPUNGE\r\n")
            for start in range(0, len(literals), _AT_ONCE):  # MULTIAPPEND, RFC 3502
                self._say(connection, b"a APPEND INBOX%b\r\n" % b"".join(literals[start : start + _AT_ONCE]))

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
