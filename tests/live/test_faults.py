"""The fault matrix in front of real servers: a server that hangs or dies at each stage, the deadline to the fifth.

Every place of the dialogue is tried in clear; under STARTTLS and implicit TLS the places of the handshake are new.
aiosmtpd and smtp-sink deliver nowhere: what they kept is counted, and their dialogues are others (a command at a time,
HELO alone).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

import wlemail
from tests.end_to_end.matrix import Target, complaints, run, run_all
from tests.support.faults import DRIBBLE, DROP, RESET, STALL, TRICKLE, FaultProxy, places
from tests.support.servers import Testbed

from .letters import SECURITY, SERVERS, letter

pytestmark = pytest.mark.usefixtures("face")
delivering = pytest.mark.live("postfix", "exim", "dovecot")

#: long enough for a fifth of it to be more than what a busy machine adds by itself
TIMEOUT = 2.0


#: each is another dialogue: in clear with BDAT and with DATA, and the two ways to TLS
DIALOGUES = {**SECURITY, "DATA": SECURITY["clear"]}


def target(testbed: Testbed, server: str, dialogue: str) -> Target:
    service, option = DIALOGUES[dialogue]
    endpoint = testbed.endpoint(server, service)
    return Target(
        host=endpoint.host,
        port=endpoint.port,
        option=option,
        user="bob",
        password=testbed.users["bob"],
        sender=testbed.address("bob"),
        recipient=testbed.address("carol"),
        count=lambda subject: 0,
        chunking=dialogue != "DATA",
    )


every_kind = pytest.mark.parametrize("kind", [STALL, TRICKLE, DROP, RESET, DRIBBLE])


@delivering
@every_kind
@pytest.mark.parametrize("dialogue", DIALOGUES)
@pytest.mark.parametrize("server", SERVERS)
def test_fault_at_every_place(testbed: Testbed, server: str, dialogue: str, kind: str) -> None:
    hold(target(testbed, server, dialogue), kind, testbed.mailbox("carol").subjects)


def hold(where: Target, kind: str, subjects: Callable[[set[str]], Counter[str]]) -> None:
    """What must hold does at every place; `subjects` counts what arrived, and is told what must have."""
    timeout = 20.0 if kind == DRIBBLE else TIMEOUT
    runs = run_all(where, kind, timeout)
    arrived = subjects({run.subject for run in runs if run.sent})
    found = complaints(replace(where, count=arrived.__getitem__), runs, kind, timeout)
    assert not found, "\n".join(found)


#: server, service, option, whether the session logs in
KEEPING = {
    "aiosmtpd, clear": ("aiosmtpd", "smtp", wlemail.emailOptionDefault, False),
    "aiosmtpd, STARTTLS": ("aiosmtpd", "submission", wlemail.emailProtocolSMTPS, True),
    "aiosmtpd, implicit TLS": ("aiosmtpd", "smtps", wlemail.optionTLS, True),
    "smtp-sink": ("sink", "kept", wlemail.emailOptionDefault, False),
    "smtp-sink, a command at a time": ("sink", "kept-no-pipelining", wlemail.emailOptionDefault, False),
    "smtp-sink, HELO alone": ("sink", "kept-helo-only", wlemail.emailOptionDefault, False),
}


@pytest.mark.live("aiosmtpd", "sink")
@every_kind
@pytest.mark.parametrize("dialogue", KEEPING)
def test_fault_at_every_place_of_a_server_that_delivers_nowhere(testbed: Testbed, dialogue: str, kind: str) -> None:
    server, service, option, login = KEEPING[dialogue]
    endpoint = testbed.endpoint(server, service)
    where = Target(
        host=endpoint.host,
        port=endpoint.port,
        option=option,
        user="bob",
        password=testbed.users["bob"] if login else "",
        sender=testbed.address("bob"),
        recipient=testbed.address("carol"),
        count=lambda subject: 0,
    )
    hold(where, kind, lambda expected: testbed.kept_subjects(server))


@delivering
@pytest.mark.parametrize("server", SERVERS)
def test_the_places_are_every_stage_of_a_delivery(testbed: Testbed, server: str) -> None:
    """The matrix is generated: this holds that nothing slipped through when it was."""
    labels = [place.label for place in places(run(target(testbed, server, "DATA"), 20).transcript)]
    labels += [place.label for place in places(run(target(testbed, server, "STARTTLS"), 20).transcript)]
    stages = [
        "after 'the greeting'",
        "EHLO",
        "after 'EHLO",
        "STARTTLS",
        "after 'STARTTLS",
        "bytes of TLS",
        "AUTH",
        "'235",
    ]
    stages += [
        "MAIL FROM",
        "RCPT TO",
        "DATA",
        "'354",
        "before third line",
        "before .",
        "after '.'",
        "QUIT",
        "after 'QUIT'",
    ]
    assert [stage for stage in stages if not any(stage in label for label in labels)] == []


@delivering
@pytest.mark.parametrize("server", SERVERS)
def test_connection_ended_while_idle(testbed: Testbed, token: str, server: str) -> None:
    endpoint = testbed.endpoint(server, "auth-plaintext")
    with FaultProxy(endpoint.host, endpoint.port) as proxy:
        assert wlemail.EmailStartSMTPSession("bob", testbed.users["bob"], proxy.host, proxy.port), wlemail.ErrorInfo()
        proxy.hang_up()
        assert wlemail.EmailSendMessage("bob", letter(testbed, token)) is True, wlemail.ErrorInfo()
    assert len(testbed.mailbox("alice").wait_for(token)) == 1
