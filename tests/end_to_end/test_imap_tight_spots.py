"""IMAP of the sandbox where it gets tight: the behaviour that real servers are held to in `tests/live`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.behaviour.folders import Door
from tests.behaviour.tight_spots import (
    QUOTA_KIB,
    FullMailboxBehaviour,
    LostConnectionBehaviour,
    OtherPeoplesFoldersBehaviour,
    SpecialFolderBehaviour,
)
from wlemail import EmailCloseSession, EmailListSession
from wlemail.sandbox import Layout, Sandbox

from .test_imap import SandboxInbox

pytestmark = pytest.mark.usefixtures("face")

USES = {"Sent": "Envoyés", "Drafts": "Drafts", "Trash": "Corbeille", "Junk": "Pourriel", "Archive": "Old & gold"}


class InboxWithUses(SandboxInbox):
    uses = USES


def opened(layout: Layout, uses: dict[str, str]) -> Iterator[InboxWithUses]:
    with Sandbox(layout=layout) as box:
        assert box.imap_port is not None
        inbox = InboxWithUses(box, Door("localhost", box.imap_port, "anna", "secret"))
        inbox.uses = uses
        yield inbox
        # The sandbox waits a while for clients that are still there.
        for name in list(EmailListSession()):
            EmailCloseSession(name)


class TestSandbox(SpecialFolderBehaviour, OtherPeoplesFoldersBehaviour, LostConnectionBehaviour):
    @pytest.fixture
    def inbox(self) -> Iterator[InboxWithUses]:
        yield from opened(Layout(special={f"\\{use}": name for use, name in USES.items()}), USES)


class TestSandboxWithDots(SpecialFolderBehaviour, OtherPeoplesFoldersBehaviour):
    @pytest.fixture
    def inbox(self) -> Iterator[InboxWithUses]:
        special = {f"\\{use}": name for use, name in USES.items()}
        below = {use: f"INBOX.{name}" for use, name in USES.items()}
        yield from opened(Layout(delimiter=".", prefix="INBOX.", special=special), below)


class TestFullSandbox(FullMailboxBehaviour):
    @pytest.fixture
    def inbox(self) -> Iterator[InboxWithUses]:
        yield from opened(Layout(quota=QUOTA_KIB * 1024), {})
