"""IMAP servers that can do less: the sandbox without extensions, and with some of them, holds to the same behaviour."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.behaviour.folders import Door, FolderBehaviour, MailboxBehaviour
from tests.behaviour.tight_spots import QUOTA_KIB, FullMailboxBehaviour, LostConnectionBehaviour
from wlemail import EmailCloseSession, EmailListSession
from wlemail.sandbox import ImapOffer, Layout, Sandbox
from wlemail.sandbox.imap.offer import AFTER_LOGIN

from .test_imap import SandboxInbox

pytestmark = pytest.mark.usefixtures("face")

#: without IDLE a wait for new mail would look every minute: `tests/imap/test_idle.py` has a clock of its own for that
EVERYTHING = tuple(name for name in AFTER_LOGIN if name != "IDLE")
LACKING = {
    "a bare IMAP4rev1": EVERYTHING,
    "no LITERAL+, no SASL-IR": ("LITERAL+", "SASL-IR"),
    "no UIDPLUS, no MOVE": ("UIDPLUS", "MOVE"),
    "no MOVE alone": ("MOVE",),
    "no UIDPLUS alone": ("UIDPLUS",),
    "plain LIST and SEARCH": ("LIST-EXTENDED", "LIST-STATUS", "SPECIAL-USE", "ESEARCH", "NAMESPACE", "UNSELECT"),
}


REVISIONS = {"IMAP4rev1 and IMAP4rev2": ("IMAP4rev1", "IMAP4rev2"), "IMAP4rev2 alone": ("IMAP4rev2",)}


@pytest.fixture(params=["a bare IMAP4rev1"])
def lacks(request: pytest.FixtureRequest) -> tuple[str, ...]:
    return LACKING[str(request.param)]


@pytest.fixture
def inbox(lacks: tuple[str, ...]) -> Iterator[SandboxInbox]:
    yield from opened(lacks, Layout())


def opened(
    lacks: tuple[str, ...], layout: Layout, revisions: tuple[str, ...] = ImapOffer.revisions
) -> Iterator[SandboxInbox]:
    with Sandbox(imap_offer=ImapOffer(lacks=lacks, revisions=revisions), layout=layout) as box:
        assert box.imap_port is not None
        yield SandboxInbox(box, Door("localhost", box.imap_port, "anna", "secret"))
        # The sandbox waits a while for clients that are still there.
        for name in list(EmailListSession()):
            EmailCloseSession(name)


class TestBareServer(MailboxBehaviour, LostConnectionBehaviour):
    pass


@pytest.mark.parametrize("lacks", LACKING, indirect=True)
class TestFolders(FolderBehaviour):
    pass


class TestFullServer(FullMailboxBehaviour):
    @pytest.fixture
    def inbox(self, lacks: tuple[str, ...]) -> Iterator[SandboxInbox]:
        # Without MOVE a mail needs room twice for a moment.
        yield from opened(tuple(name for name in lacks if name != "MOVE"), Layout(quota=QUOTA_KIB * 1024))


class TestRevision2(MailboxBehaviour, FolderBehaviour):
    @pytest.fixture(params=REVISIONS)
    def inbox(self, request: pytest.FixtureRequest) -> Iterator[SandboxInbox]:
        yield from opened((), Layout(), REVISIONS[str(request.param)])
