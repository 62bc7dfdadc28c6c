"""Reading over POP3 from Dovecot and Cyrus: in clear, by STLS, under TLS from the first byte."""

from __future__ import annotations

import pytest

from tests.behaviour.reading import WAYS, Door, LargeMailboxBehaviour, LargeMessageBehaviour, ReadingBehaviour, way
from tests.support.servers import Testbed

from .filling import FilledOverIMAP

pytestmark = pytest.mark.usefixtures("face")

__all__ = ["way"]

#: nobody else's mail goes there
USER = "user20"


def inbox_of(testbed: Testbed, server: str, way: str) -> FilledOverIMAP[Door]:
    endpoint = testbed.endpoint(server, "pop3s" if way == "implicit TLS" else "pop3")
    return FilledOverIMAP(testbed, server, Door("localhost", endpoint.port, USER, testbed.users[USER], WAYS[way]))


@pytest.mark.live("dovecot")
class TestDovecot(ReadingBehaviour, LargeMessageBehaviour):
    @pytest.fixture
    def inbox(self, testbed: Testbed, way: str) -> FilledOverIMAP[Door]:
        return inbox_of(testbed, "dovecot", way)


@pytest.mark.live("dovecot")
class TestLargeMailboxOnDovecot(LargeMailboxBehaviour):
    @pytest.fixture
    def inbox(self, testbed: Testbed) -> FilledOverIMAP[Door]:
        return inbox_of(testbed, "dovecot", "clear")


@pytest.mark.live("cyrus")
class TestCyrus(ReadingBehaviour, LargeMessageBehaviour):
    @pytest.fixture
    def inbox(self, testbed: Testbed, way: str) -> FilledOverIMAP[Door]:
        return inbox_of(testbed, "cyrus", way)


@pytest.mark.live("cyrus")
class TestLargeMailboxOnCyrus(LargeMailboxBehaviour):
    @pytest.fixture
    def inbox(self, testbed: Testbed) -> FilledOverIMAP[Door]:
        return inbox_of(testbed, "cyrus", "clear")
