"""Reading over POP3 from the sandbox: the behaviour that real servers are held to in `tests/live`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.behaviour.reading import WAYS, Door, LargeMailboxBehaviour, LargeMessageBehaviour, ReadingBehaviour, way
from wlemail import EmailCloseSession, EmailListSession
from wlemail.sandbox import Sandbox

__all__ = ["way"]

pytestmark = pytest.mark.usefixtures("face")


class SandboxInbox:
    def __init__(self, box: Sandbox, door: Door) -> None:
        self.box = box
        self.door = door

    def fill(self, messages: list[bytes]) -> None:
        self.box.clear()
        for message in messages:
            self.box.deliver(message, self.door.user)


@pytest.fixture
def inbox(way: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxInbox]:
    with Sandbox() as box:
        monkeypatch.setenv("SSL_CERT_FILE", box.ca_file)
        port = box.pop3s_port if way == "implicit TLS" else box.pop3_port
        assert port is not None
        yield SandboxInbox(box, Door("localhost", port, "anna", "secret", WAYS[way]))
        # The sandbox waits a while for clients that are still there.
        for name in list(EmailListSession()):
            EmailCloseSession(name)


class TestSandbox(ReadingBehaviour):
    pass


class TestLargeInTheSandbox(LargeMailboxBehaviour, LargeMessageBehaviour):
    @pytest.fixture
    def way(self) -> str:
        return "clear"
