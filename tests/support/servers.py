"""The testbed as the tests see it, and mail read back from it; loopback servers that follow a script.

What runs is known from `testbed.json` alone (environment variable WLEMAIL_TESTBED, else its default place).
Reading back uses Python's own mail modules on purpose: the package must not confirm itself.
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import imaplib
import json
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

TESTBED_VARIABLE = "WLEMAIL_TESTBED"
#: how long a server may take to deliver what it accepted
DELIVERY_SECONDS = 30


@dataclass(frozen=True)
class Endpoint:
    """One port of one server."""

    server: str
    service: str
    host: str
    port: int

    def at(self, host: str) -> Endpoint:
        return Endpoint(self.server, self.service, host, self.port)


class Testbed:
    __test__ = False  # pytest: not a class of tests

    def __init__(self, description: dict[str, Any]) -> None:
        self.domain: str = description["domain"]
        self.ca: str = description["ca"]
        self.directory = Path(description["directory"])
        self.users: dict[str, str] = description["users"]
        self.tokens: dict[str, str] = description["tokens"]
        self.refused_sender: str = f"{description['refused_sender']}@{self.domain}"
        self.refused_subject: str = description["refused_subject"]
        #: whose mailboxes get full soon, and whose folders are parted by dots
        self.small_user: str = description["small_user"]
        self.dotted_user: str = description["dotted_user"]
        #: special use → name of the folder in Dovecot
        self.special_folders: dict[str, str] = description["special_folders"]
        self.servers: dict[str, Any] = description["servers"]

    def endpoint(self, server: str, service: str) -> Endpoint:
        # By address: where /etc/hosts has no IPv6 line for localhost, its name is asked of a name server each time.
        return Endpoint(server, service, self.servers[server]["host"], self.servers[server]["ports"][service])

    def bad_certificate(self, server: str, service: str, name: str) -> Endpoint:
        return self.endpoint(server, service).at(self.servers[server]["bad_certificates"][name])

    def address(self, user: str) -> str:
        return f"{user}@{self.domain}"

    def mailbox(self, user: str) -> Mailbox:
        return Mailbox(self.endpoint("dovecot", "imap"), user, self.users[user])

    def kept_subjects(self, server: str) -> Counter[str]:
        """Every subject that aiosmtpd or smtp-sink has taken; they deliver nowhere, and have it before they reply."""
        files = [self.directory / server / "subjects"] if server == "aiosmtpd" else self.directory.glob(f"{server}/*")
        found: Counter[str] = Counter()
        for file in files:
            with contextlib.suppress(FileNotFoundError):  # of a message that did not come to its end
                lines = file.read_bytes().split(b"\n")
                found.update(line[8:].strip().decode() for line in lines if line.startswith(b"Subject:"))
        return found


def find_testbed() -> Testbed | str:
    """The running testbed, or why there is none."""
    path = testbed_json()
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return f"the testbed does not run (no {path}; start it with: python -m tests.testbed up)"
    except PermissionError:
        return f"{path} belongs to another user (start the testbed by sudo as this one)"
    return Testbed(description)


def testbed_json() -> Path:
    if named := os.environ.get(TESTBED_VARIABLE):
        return Path(named)
    try:
        from tests.testbed.bed import default_directory
    except ImportError:  # no pwd module: the testbed runs on Linux only
        return Path("testbed.json")
    return default_directory() / "testbed.json"


def missing_servers(found: Testbed | str, wanted: tuple[str, ...]) -> str:
    """Why the wanted servers cannot be used; "" if they can."""
    if isinstance(found, str):
        return found
    missing = [name for name in wanted if name not in found.servers]
    return f"not running in the testbed: {', '.join(missing)}" if missing else ""


class Mailbox:
    """One user's inbox, read by imaplib. Tests share it: each looks for a token of its own in the subject."""

    def __init__(self, endpoint: Endpoint, user: str, password: str) -> None:
        self.endpoint = endpoint
        self.user = user
        self.password = password

    def wait_for(self, token: str, count: int = 1) -> list[EmailMessage]:
        """The messages whose subject holds the token, once `count` of them are there."""
        # Line ends as Python's email package has them, and gives them back from get_content().
        sources = [source.replace(b"\r\n", b"\n") for source in self.sources(token, count)]
        return [email.message_from_bytes(source, policy=email.policy.default) for source in sources]  # type: ignore[misc]

    def sources(self, token: str, count: int = 1) -> list[bytes]:
        end = time.monotonic() + DELIVERY_SECONDS
        while True:
            with self._open() as imap:
                numbers = imap.search(None, "SUBJECT", f'"{token}"')[1][0].split()
                if len(numbers) >= count:
                    return [imap.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in numbers]
            assert time.monotonic() < end, f"{len(numbers)} of {count} messages {token!r} arrived for {self.user}"
            time.sleep(0.05)

    def count(self, token: str) -> int:
        with self._open() as imap:
            return len(imap.search(None, "SUBJECT", f'"{token}"')[1][0].split())

    def subjects(self, expected: set[str]) -> Counter[str]:
        """Every subject in the mailbox and how often it is there, once the expected ones are."""
        end = time.monotonic() + DELIVERY_SECONDS
        while True:
            with self._open() as imap:
                # Servers call 1:* a bad set of numbers where there is no message.
                numbers = imap.search(None, "ALL")[1][0].split()
                rows = imap.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1] if numbers else []
            fields = (row[1].decode("ascii", "replace") for row in rows if isinstance(row, tuple))
            found = Counter(field.partition(":")[2].strip() for field in fields)
            if expected <= found.keys():
                return found
            assert time.monotonic() < end, f"{len(expected - found.keys())} messages did not arrive for {self.user}"
            time.sleep(0.05)

    def delete(self, token: str) -> None:
        """Messages too large to be left lying about."""
        with self._open() as imap:
            for number in imap.search(None, "SUBJECT", f'"{token}"')[1][0].split():
                imap.store(number, "+FLAGS.SILENT", r"\Deleted")
            imap.expunge()

    @contextlib.contextmanager
    def _open(self) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4(self.endpoint.host, self.endpoint.port, timeout=60) as imap:
            imap._encoding = "utf-8"  # imaplib quotes what it sends, but takes ASCII alone unless told
            imap.authenticate("PLAIN", lambda _: f"\0{self.user}\0{self.password}".encode())
            imap.select("INBOX")
            yield imap


# -- servers that follow a script ---------------------------------------------------------------------


class LoopbackServer:
    """Serves each connection on 127.0.0.1 with `script(connection)` in a thread of its own, until left.

    An exception in a script is kept and raised when the `with` ends; a lost connection is no error: clients leave."""

    def __init__(self, script: Callable[[socket.socket], None], port: int = 0) -> None:
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", port), backlog=64)
        self.host, self.port = self._listener.getsockname()
        self._connections: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._problems: list[BaseException] = []
        self.closing = threading.Event()

    @property
    def connections(self) -> int:
        return len(self._connections)

    def __enter__(self) -> LoopbackServer:
        self._start(self._accept)
        return self

    def __exit__(self, kind: object, value: object, trace: object) -> None:
        self.closing.set()
        with contextlib.suppress(OSError):  # wakes accept(), which close() alone does not on Linux
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()
        for thread in list(self._threads):
            thread.join(10)
        if self._problems and value is None:
            raise self._problems[0]

    def hang_up(self) -> None:
        """End every connection now."""
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self.closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                self._script(connection)
            except (ConnectionError, TimeoutError):
                pass
            except BaseException as problem:
                if not self.closing.is_set():
                    self._problems.append(problem)


def read_line(connection: socket.socket) -> bytes:
    """One line from a client, without its end; b"" where the client left. Byte by byte: nothing is read ahead."""
    line = b""
    while not line.endswith(b"\n"):
        byte = connection.recv(1)
        if not byte:
            return b""
        line += byte
    return line.rstrip(b"\r\n")
