"""Logging in to Postfix and Exim: mechanisms, passwords of every shape, refusals, servers that offer nothing usable."""

from __future__ import annotations

import pytest

import wlemail
from tests.support.servers import Testbed
from wlemail import EmailListSession, EmailSendMessage, ErrorInfo, ErrorOccurred

from .letters import SECURITY, SERVERS, details, letter, start

pytestmark = [pytest.mark.live("postfix", "exim", "dovecot"), pytest.mark.usefixtures("face")]


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.mark.parametrize("service", ["plain-only", "login-only", "auth-plaintext"])
@pytest.mark.parametrize("user", ["alice", "bob", "carol", "dave"])
def test_login_with_passwords_of_every_shape(
    testbed: Testbed, token: str, server: str, service: str, user: str
) -> None:
    """A space, quotes and a backslash, not ASCII. These ports take mail from those who logged in alone."""
    assert start(testbed.endpoint(server, service), user, testbed.users[user]) is True, ErrorInfo()
    assert not ErrorOccurred
    assert EmailSendMessage(user, letter(testbed, token)) is True, ErrorInfo()
    testbed.mailbox("alice").wait_for(token)


@pytest.mark.parametrize("service", ["plain-only", "login-only", *(service for service, _ in SECURITY.values())])
def test_wrong_password(testbed: Testbed, server: str, service: str) -> None:
    option = dict(SECURITY.values()).get(service, wlemail.emailOptionDefault)
    wrong = "not the s3cret"
    assert start(testbed.endpoint(server, service), "bob", wrong, option) is False
    assert ErrorOccurred
    assert "535" in details()
    assert ErrorInfo() != ""
    assert wrong not in details()
    assert testbed.users["bob"] not in details()
    assert list(EmailListSession()) == []
    assert start(testbed.endpoint(server, service), "bob", testbed.users["bob"], option) is True, ErrorInfo()
    assert not ErrorOccurred


def test_unknown_user(testbed: Testbed, server: str) -> None:
    assert start(testbed.endpoint(server, "auth-plaintext"), "nobody", "x") is False
    assert ErrorOccurred
    assert "535" in details()


def test_no_auth_offered_opens_an_unauthenticated_session(
    testbed: Testbed, token: str, server: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert start(testbed.endpoint(server, "smtp"), "bob", "any password") is True, ErrorInfo()
    assert not ErrorOccurred
    assert any(record.levelname == "WARNING" for record in caplog.records)
    assert EmailSendMessage("bob", letter(testbed, token)) is True, ErrorInfo()
    testbed.mailbox("alice").wait_for(token)


def test_server_without_plain_and_login_that_refuses_opens_an_unauthenticated_session(
    testbed: Testbed, token: str, server: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert start(testbed.endpoint(server, "cram-only"), "bob", "not the password") is True, ErrorInfo()
    assert not ErrorOccurred
    assert any(record.levelname == "WARNING" for record in caplog.records)
    assert EmailSendMessage("bob", letter(testbed, token)) is True, ErrorInfo()
    testbed.mailbox("alice").wait_for(token)


def test_no_password_no_authentication(testbed: Testbed, token: str, server: str) -> None:
    """The session opens; that this port takes mail from users alone shows when mail is sent."""
    assert start(testbed.endpoint(server, "auth-plaintext"), "bob") is True, ErrorInfo()
    assert EmailSendMessage("bob", letter(testbed, token)) is False
    assert ErrorOccurred
    assert "alice@example.test" in details()


def test_submission_port_in_clear_sends_no_password(
    testbed: Testbed, server: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The port offers AUTH under TLS alone; asked for no TLS, we have nothing to log in with."""
    assert start(testbed.endpoint(server, "submission"), "bob", testbed.users["bob"]) is True, ErrorInfo()
    assert any(record.levelname == "WARNING" for record in caplog.records)


def test_dialogue_is_logged_when_asked_for_and_shows_no_password(
    testbed: Testbed, token: str, server: str, caplog: pytest.LogCaptureFixture
) -> None:
    import base64

    caplog.set_level("DEBUG", logger="wlemail")
    for service in ("plain-only", "login-only"):
        assert start(testbed.endpoint(server, service), "bob", testbed.users["bob"]) is True, ErrorInfo()
        assert EmailSendMessage("bob", letter(testbed, token)) is True, ErrorInfo()
    password = testbed.users["bob"].encode()
    secrets = [password, base64.b64encode(password), base64.b64encode(b"\0bob\0" + password)]
    assert "AUTH PLAIN" in caplog.text
    assert "AUTH LOGIN" in caplog.text
    assert "RCPT TO:<alice@example.test>" in caplog.text
    for secret in secrets:
        assert secret.decode().rstrip("=") not in caplog.text
