"""Reading and keeping mail over IMAP from the sandbox: the behaviour that real servers are held to in `tests/live`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.behaviour.folders import Door, FolderBehaviour, LargeMailboxBehaviour, MailboxBehaviour, way
from wlemail import EmailCloseSession, EmailListSession, emailOptionDefault, emailProtocolSMTPS, optionTLS
from wlemail.sandbox import Layout, Sandbox

__all__ = ["way"]

pytestmark = pytest.mark.usefixtures("face")

WAYS = {"clear": emailOptionDefault, "STARTTLS": emailProtocolSMTPS, "implicit TLS": optionTLS}


class SandboxInbox:
    def __init__(self, box: Sandbox, door: Door) -> None:
        self.box = box
        self.door = door

    def fill(self, messages: list[bytes]) -> None:
        self.box.clear()
        for message in messages:
            self.box.deliver(message, self.door.user)


def inbox_in(box: Sandbox, way: str, monkeypatch: pytest.MonkeyPatch) -> SandboxInbox:
    monkeypatch.setenv("SSL_CERT_FILE", box.ca_file)
    port = box.imaps_port if way == "implicit TLS" else box.imap_port
    assert port is not None
    return SandboxInbox(box, Door("localhost", port, "anna", "secret", WAYS[way]))


@pytest.fixture
def inbox(way: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxInbox]:
    with Sandbox() as box:
        yield inbox_in(box, way, monkeypatch)
        # The sandbox waits a while for clients that are still there.
        for name in list(EmailListSession()):
            EmailCloseSession(name)


class TestSandbox(MailboxBehaviour, FolderBehaviour):
    pass


class TestSandboxWithDots(FolderBehaviour):
    """Folders below INBOX, with dots between them, as Courier and old Cyrus have them."""

    @pytest.fixture
    def inbox(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxInbox]:
        with Sandbox(layout=Layout(delimiter=".", prefix="INBOX.")) as box:
            yield inbox_in(box, "clear", monkeypatch)
            for name in list(EmailListSession()):
                EmailCloseSession(name)


class TestLargeInTheSandbox(LargeMailboxBehaviour):
    @pytest.fixture
    def way(self) -> str:
        return "clear"
