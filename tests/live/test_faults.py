"""The fault matrix in front of Postfix and Exim: a server that hangs or dies at each stage, the deadline to the fifth.

Every place of the dialogue is tried in clear; under STARTTLS and implicit TLS the places of the handshake are new.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

import wlemail
from tests.end_to_end.matrix import Target, complaints, run_all
from tests.support.faults import DRIBBLE, DROP, RESET, STALL, TRICKLE, FaultProxy
from tests.support.servers import Testbed

from .letters import SECURITY, SERVERS, letter

pytestmark = [pytest.mark.live("postfix", "exim", "dovecot"), pytest.mark.usefixtures("face")]

#: long enough for a fifth of it to be more than what a busy machine adds by itself
TIMEOUT = 2.0


@pytest.mark.parametrize("kind", [STALL, TRICKLE, DROP, RESET, DRIBBLE])
@pytest.mark.parametrize("security", SECURITY)
@pytest.mark.parametrize("server", SERVERS)
def test_fault_at_every_place(testbed: Testbed, server: str, security: str, kind: str) -> None:
    service, option = SECURITY[security]
    endpoint, mailbox = testbed.endpoint(server, service), testbed.mailbox("carol")
    target = Target(
        host=endpoint.host,
        port=endpoint.port,
        option=option,
        user="bob",
        password=testbed.users["bob"],
        sender=testbed.address("bob"),
        recipient=testbed.address("carol"),
        count=lambda subject: 0,
    )
    timeout = 20.0 if kind == DRIBBLE else TIMEOUT
    runs = run_all(target, kind, timeout)
    arrived = mailbox.subjects({run.subject for run in runs if run.sent})
    found = complaints(replace(target, count=arrived.__getitem__), runs, kind, timeout)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("server", SERVERS)
def test_connection_ended_while_idle(testbed: Testbed, token: str, server: str) -> None:
    endpoint = testbed.endpoint(server, "auth-plaintext")
    with FaultProxy(endpoint.host, endpoint.port) as proxy:
        assert wlemail.EmailStartSMTPSession("bob", testbed.users["bob"], proxy.host, proxy.port), wlemail.ErrorInfo()
        proxy.hang_up()
        assert wlemail.EmailSendMessage("bob", letter(testbed, token)) is True, wlemail.ErrorInfo()
    assert len(testbed.mailbox("alice").wait_for(token)) == 1
