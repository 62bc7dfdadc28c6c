"""Reading and keeping mail over IMAP in Dovecot and Cyrus: in clear, by STARTTLS, under TLS from the first byte."""

from __future__ import annotations

import pytest

from tests.behaviour.folders import Door, FolderBehaviour, LargeMailboxBehaviour, MailboxBehaviour, way
from tests.support.servers import Testbed
from wlemail import emailOptionDefault, emailProtocolSMTPS, optionTLS

from .filling import FilledOverIMAP

pytestmark = pytest.mark.usefixtures("face")

__all__ = ["way"]

WAYS = {"clear": emailOptionDefault, "STARTTLS": emailProtocolSMTPS, "implicit TLS": optionTLS}
#: nobody else's mail goes there
USER = "user19"


def inbox_of(
    testbed: Testbed, server: str, way: str = "clear", user: str = USER, service: str = "imap"
) -> FilledOverIMAP[Door]:
    endpoint = testbed.endpoint(server, "imaps" if way == "implicit TLS" else service)
    door = Door("localhost", endpoint.port, user, testbed.users[user], WAYS[way])
    return FilledOverIMAP(testbed, server, door)


@pytest.mark.live("dovecot")
class TestDovecot(MailboxBehaviour, FolderBehaviour):
    @pytest.fixture
    def inbox(self, testbed: Testbed, way: str) -> FilledOverIMAP[Door]:
        return inbox_of(testbed, "dovecot", way)


@pytest.mark.live("cyrus")
class TestCyrus(MailboxBehaviour, FolderBehaviour):
    @pytest.fixture
    def inbox(self, testbed: Testbed, way: str) -> FilledOverIMAP[Door]:
        return inbox_of(testbed, "cyrus", way)


@pytest.mark.live("dovecot")
class TestDovecotWithDots(FolderBehaviour):
    """Folders below INBOX, parted by dots."""

    @pytest.fixture
    def inbox(self, testbed: Testbed) -> FilledOverIMAP[Door]:
        return inbox_of(testbed, "dovecot", user=testbed.dotted_user)


@pytest.mark.live("cyrus")
class TestCyrusWithDots(FolderBehaviour):
    """The same folders as over the other port, shown below INBOX and parted by dots."""

    @pytest.fixture
    def inbox(self, testbed: Testbed) -> FilledOverIMAP[Door]:
        return inbox_of(testbed, "cyrus", user=testbed.dotted_user, service="imap-dots")


@pytest.mark.live("dovecot")
class TestLargeMailboxOnDovecot(LargeMailboxBehaviour):
    @pytest.fixture
    def inbox(self, testbed: Testbed) -> FilledOverIMAP[Door]:
        return inbox_of(testbed, "dovecot")


@pytest.mark.live("cyrus")
class TestLargeMailboxOnCyrus(LargeMailboxBehaviour):
    @pytest.fixture
    def inbox(self, testbed: Testbed) -> FilledOverIMAP[Door]:
        return inbox_of(testbed, "cyrus")
