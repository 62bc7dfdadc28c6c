"""IMAP of Dovecot and Cyrus where it gets tight: quotas, uses of folders, names that others gave, lost connections."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.behaviour.folders import Door
from tests.behaviour.tight_spots import (
    FullMailboxBehaviour,
    LostConnectionBehaviour,
    OtherPeoplesFoldersBehaviour,
    SpecialFolderBehaviour,
)
from tests.support.servers import Testbed

from .filling import FilledOverIMAP
from .test_folders import inbox_of

pytestmark = pytest.mark.usefixtures("face")

#: nobody else's mail goes there
USER = "user18"
IN_CYRUS = {use: use for use in ("Sent", "Drafts", "Trash", "Junk", "Archive")}


class InboxWithUses(FilledOverIMAP[Door]):
    def __init__(self, testbed: Testbed, server: str, door: Door, uses: Mapping[str, str]) -> None:
        super().__init__(testbed, server, door)
        self.uses = uses


def with_uses(
    testbed: Testbed, server: str, uses: Mapping[str, str], user: str, service: str = "imap"
) -> InboxWithUses:
    return InboxWithUses(testbed, server, inbox_of(testbed, server, "clear", user, service).door, uses)


@pytest.mark.live("dovecot")
class TestDovecot(SpecialFolderBehaviour, OtherPeoplesFoldersBehaviour, LostConnectionBehaviour):
    @pytest.fixture
    def inbox(self, testbed: Testbed) -> InboxWithUses:
        return with_uses(testbed, "dovecot", testbed.special_folders, USER)


@pytest.mark.live("cyrus")
class TestCyrus(SpecialFolderBehaviour, OtherPeoplesFoldersBehaviour, LostConnectionBehaviour):
    @pytest.fixture
    def inbox(self, testbed: Testbed) -> InboxWithUses:
        return with_uses(testbed, "cyrus", IN_CYRUS, USER)


@pytest.mark.live("dovecot")
class TestDovecotWithDots(SpecialFolderBehaviour, OtherPeoplesFoldersBehaviour):
    @pytest.fixture
    def inbox(self, testbed: Testbed) -> InboxWithUses:
        below = {use: f"INBOX.{name}" for use, name in testbed.special_folders.items()}
        return with_uses(testbed, "dovecot", below, testbed.dotted_user)


@pytest.mark.live("cyrus")
class TestCyrusWithDots(SpecialFolderBehaviour, OtherPeoplesFoldersBehaviour):
    @pytest.fixture
    def inbox(self, testbed: Testbed) -> InboxWithUses:
        below = {use: f"INBOX.{name}" for use, name in IN_CYRUS.items()}
        return with_uses(testbed, "cyrus", below, testbed.dotted_user, "imap-dots")


@pytest.mark.live("dovecot")
class TestFullMailboxOnDovecot(FullMailboxBehaviour):
    @pytest.fixture
    def inbox(self, testbed: Testbed) -> FilledOverIMAP[Door]:
        return inbox_of(testbed, "dovecot", user=testbed.small_user)


@pytest.mark.live("cyrus")
class TestFullMailboxOnCyrus(FullMailboxBehaviour):
    @pytest.fixture
    def inbox(self, testbed: Testbed) -> FilledOverIMAP[Door]:
        return inbox_of(testbed, "cyrus", user=testbed.small_user)
