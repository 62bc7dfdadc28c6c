"""Asynchronous sessions through Postfix and Exim: everything arrives once, and the status is what the server said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import wlemail
from tests.support.servers import Testbed
from wlemail import EmailCloseSession, EmailSendMessage, EmailStatus, ErrorInfo, ErrorOccurred, emailSMTPSession
from wlemail.mail.outbox.sender import SENDERS

from .letters import SECURITY, SERVERS, letter

pytestmark = [pytest.mark.live("postfix", "exim", "dovecot"), pytest.mark.usefixtures("face")]


@pytest.fixture(autouse=True)
def outbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, face: None) -> Iterator[None]:
    monkeypatch.setenv("WLEMAIL_OUTBOX", str(tmp_path / "outbox"))
    yield
    SENDERS.close()


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> str:
    return request.param


def open_session(testbed: Testbed, server: str, security: str = "STARTTLS") -> emailSMTPSession:
    service, option = SECURITY[security]
    endpoint = testbed.endpoint(server, service)
    session = emailSMTPSession(
        ServerAddress=endpoint.host,
        Port=endpoint.port,
        Option=option,
        Name="bob",
        Password=testbed.users["bob"],
        Asynchronous=True,
        DrainTimeOut=60,
    )
    assert wlemail.EmailStartSession(session), ErrorInfo()
    return session


@pytest.mark.parametrize("security", SECURITY)
def test_many_mails_arrive_once(testbed: Testbed, token: str, server: str, security: str) -> None:
    session = open_session(testbed, server, security)
    mails = [letter(testbed, f"{token} {n}") for n in range(40)]
    for m in mails:
        assert EmailSendMessage(session, m) is True, ErrorInfo()
    EmailCloseSession(session)
    assert Counter(EmailStatus(m) for m in mails) == {wlemail.emailSent: 40}
    arrived = testbed.mailbox("alice").wait_for(token, 40)
    assert Counter(str(message["Subject"]) for message in arrived) == Counter(f"{token} {n}" for n in range(40))


def test_refusals_do_not_touch_the_mails_beside_them(testbed: Testbed, token: str, server: str) -> None:
    """A refused sender in the middle of a chain: without RSET Exim once delivered the next message in its name."""
    session = open_session(testbed, server)
    mails = [letter(testbed, f"{token} {n}") for n in range(12)]
    refused = mails[2::4]
    for m in refused:
        m.ErrorReturnAddress = testbed.refused_sender
    for m in mails:
        assert EmailSendMessage(session, m) is True, ErrorInfo()
    EmailCloseSession(session)
    for n, m in enumerate(mails):
        if m in refused:
            assert EmailStatus(m) == wlemail.emailError
            assert ErrorOccurred
            assert "refused" in ErrorInfo()
        else:
            assert EmailStatus(m) == wlemail.emailSent, (n, ErrorInfo())
            assert not ErrorOccurred
    arrived = testbed.mailbox("alice").wait_for(token, 9)
    assert {str(message["Subject"]) for message in arrived} == {f"{token} {n}" for n in range(12) if n % 4 != 2}
    assert {str(message["Return-Path"]).strip("<>") for message in arrived} == {testbed.address("bob")}
