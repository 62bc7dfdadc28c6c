"""Opening sessions for reading: EmailStartPOP3Session, emailPOP3Session, the form of EmailStartSession for both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.mailboxes import FakeIncoming, FakeMailbox, letter
from wlemail import (
    Email,
    EmailCloseSession,
    EmailDeleteMessage,
    EmailListSession,
    EmailNbMessage,
    EmailOuvreSession,
    EmailOuvreSessionPOP3,
    EmailReadFirst,
    EmailSendMessage,
    EmailStartPOP3Session,
    EmailStartSession,
    ErrorInfo,
    ErrorOccurred,
    emailOptionTLSIfAvailable,
    emailPOP3Session,
    emailProtocolSMTPS,
    errFullDetails,
    optionSSL,
    optionTLS,
)
from wlemail.errors import AuthenticationFailed, CommandRefused, ServerReply
from wlemail.sandbox import Sandbox

from .reading import failed, no_error

Opening = Callable[..., bool]


@pytest.fixture(params=[EmailStartPOP3Session, EmailOuvreSessionPOP3], ids=["English", "French"])
def start(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(params=[EmailStartSession, EmailOuvreSession], ids=["English", "French"])
def start_both(request: pytest.FixtureRequest) -> Any:
    return request.param


# -- EmailStartPOP3Session ------------------------------------------------------------------------------------


def test_opening_a_mailbox(mailbox: FakeMailbox, start: Opening) -> None:
    assert start("user", "secret", "pop.example.com") is True
    assert no_error()
    account = mailbox.accounts[-1]
    assert (account.name, account.user, account.host, account.port) == ("user", "user", "pop.example.com", 110)
    assert (account.password, account.security.value) == ("secret", "clear")
    assert list(EmailListSession()) == ["user"]
    EmailCloseSession("user")
    assert mailbox.closed == 1
    assert list(EmailListSession()) == []


@pytest.mark.parametrize(
    ("option", "security"),
    [
        (optionTLS, "TLS from the first byte"),
        (optionSSL, "TLS from the first byte"),
        (emailProtocolSMTPS, "STARTTLS"),
        (emailOptionTLSIfAvailable, "STARTTLS if offered"),
        ("", "clear"),
    ],
)
def test_the_options_are_those_of_smtp(mailbox: FakeMailbox, start: Opening, option: int | str, security: str) -> None:
    assert start("user", "secret", "pop.example.com", "995", option) is True
    assert (mailbox.accounts[-1].port, mailbox.accounts[-1].security.value) == (995, security)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("user", "x", ""), "ServerAddress"),
        (("user", "x", "h", "abc"), "Port"),
        (("user", "x", "h", 70000), "Port"),
        (("user", "x", "h", 110, 77), "Option"),
        (("user", object(), "h"), "Password"),
    ],
)
def test_bad_values_open_nothing(
    mailbox: FakeMailbox, start: Opening, arguments: tuple[object, ...], word: str
) -> None:
    assert start(*arguments) is False
    assert failed(word)
    assert mailbox.accounts == []


def test_a_login_that_is_refused(mailbox: FakeMailbox, start: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(account: Any) -> None:
        raise AuthenticationFailed("login refused", ServerReply(0, "-ERR bad password"), "USER")

    monkeypatch.setattr("wlemail.mail.backends.pop3.Pop3Incoming", refuse)
    assert start("user", "wrong", "pop.example.com") is False
    assert failed("bad password")
    assert "wrong" not in ErrorInfo(errFullDetails)
    assert list(EmailListSession()) == []


def test_opening_a_name_again_closes_its_earlier_session(mailbox: FakeMailbox, start: Opening) -> None:
    mailbox.messages = [letter("one"), letter("two")]
    assert start("user", "x", "h")
    assert EmailDeleteMessage("user", 1)
    assert start("user", "x", "h")
    assert mailbox.closed == 1
    assert EmailNbMessage("user") == 1


def test_one_name_for_reading_and_sending(mailbox: FakeMailbox, box: Sandbox, start: Opening) -> None:
    mailbox.messages = [letter("one")]
    assert start("me", "x", "pop.example.com")
    assert EmailReadFirst("me")
    Email.Recipient, Email.Sender = "a@example.org", "b@example.org"
    assert EmailSendMessage("me"), ErrorInfo()
    assert EmailReadFirst("me")
    assert list(EmailListSession()) == ["me"]
    EmailCloseSession("me")
    assert (mailbox.closed, list(EmailListSession())) == (1, [])


def test_sending_on_a_reading_session_is_misuse(mailbox: FakeMailbox, start: Opening) -> None:
    assert start("user", "x", "h")
    Email.Recipient, Email.Sender = "a@example.org", "b@example.org"
    assert EmailSendMessage("user") is False
    assert failed("user", "SMTP")
    assert "fatal" in ErrorInfo(errFullDetails).lower()


def test_a_close_that_fails_closes_the_others_and_is_an_error(
    mailbox: FakeMailbox, box: Sandbox, start: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: FakeIncoming, *, politely: bool = True) -> None:
        raise CommandRefused("QUIT", ServerReply(0, "-ERR some messages were not deleted"))

    assert start("me", "x", "h")
    with monkeypatch.context() as patched:
        patched.setattr(FakeIncoming, "close", refuse)
        EmailCloseSession("me")
    assert failed("not deleted")
    assert list(EmailListSession()) == []


# -- the variable ---------------------------------------------------------------------------------------------


def test_a_variable_says_everything(mailbox: FakeMailbox, start_both: Opening) -> None:
    session = emailPOP3Session()
    assert (session.Port, session.Option, session.Name) == (110, 0, "")
    session.adresseserveur = "pop.example.com"
    session.Nom, session.MotDePasse, session.PORT = "user", "secret", "995"
    session.Option = optionTLS
    session.SessionName = "inbox"
    session.DisablePipelining = True
    session.AuthMechanism = "apop"
    assert start_both(session) is True
    assert no_error()
    account = mailbox.accounts[-1]
    assert (account.name, account.user, account.host, account.port) == ("inbox", "user", "pop.example.com", 995)
    assert (account.pipelining, account.mechanism, account.password) == (False, "APOP", "secret")
    assert EmailNbMessage(session) == EmailNbMessage("inbox") == 0
    assert "secret" not in repr(session)
    assert start_both(session) is True, "an open one is closed and opened anew"
    assert mailbox.closed == 1
    with session:
        pass
    assert EmailNbMessage(session) == -1
    assert failed("inbox")


def test_a_token_takes_the_place_of_the_password(mailbox: FakeMailbox) -> None:
    session = emailPOP3Session(Name="user", ServerAddress="h", AuthToken=lambda: "fresh")
    assert EmailStartSession(session)
    assert mailbox.accounts[-1].token() == "fresh"
    assert "fresh" not in repr(session)


def test_a_variable_that_cannot_be_opened(mailbox: FakeMailbox, start_both: Opening) -> None:
    assert start_both(emailPOP3Session(Name="user", Port="x", ServerAddress="h")) is False
    assert failed("Port")
    assert start_both(emailPOP3Session(Name="user")) is False
    assert failed("ServerAddress")


# -- POP3 and SMTP at once ------------------------------------------------------------------------------------


def test_reading_and_sending_at_once(mailbox: FakeMailbox, start_both: Opening) -> None:
    mailbox.messages = [letter("one")]
    with Sandbox() as server:
        assert start_both("me", "secret", "pop.example.com", server.host, 1110, server.port) is True
        assert no_error()
        assert (mailbox.accounts[-1].host, mailbox.accounts[-1].port) == ("pop.example.com", 1110)
        assert EmailReadFirst("me")
        Email.Recipient, Email.Sender = "a@example.org", "b@example.org"
        assert EmailSendMessage("me"), ErrorInfo()
        [message] = server.messages
        assert message.user == "me", "it authenticates where the server offers that"
        EmailCloseSession("me")
    assert mailbox.closed == 1


@pytest.mark.parametrize("smtp", ["", None])
def test_the_address_of_pop3_serves_smtp_too(mailbox: FakeMailbox, start_both: Opening, smtp: str | None) -> None:
    with Sandbox() as server:
        assert start_both("me", "secret", server.host, smtp, "", server.port, False) is True, ErrorInfo()
        assert (mailbox.accounts[-1].host, mailbox.accounts[-1].port) == (server.host, 110)
        EmailCloseSession("me")


def test_the_sending_half_carries_on_where_authentication_is_refused(
    mailbox: FakeMailbox, start_both: Opening, caplog: pytest.LogCaptureFixture
) -> None:
    with Sandbox(users={"somebody": "else"}) as server:
        assert start_both("me", "secret", server.host, server.host, 110, server.port) is True, ErrorInfo()
        assert "without authentication" in caplog.text
        Email.Recipient, Email.Sender = "a@example.org", "b@example.org"
        assert EmailSendMessage("me"), ErrorInfo()
        assert server.messages[0].user == ""
        EmailCloseSession("me")


def test_where_one_half_fails_neither_is_open(mailbox: FakeMailbox, start_both: Opening) -> None:
    with Sandbox() as server:
        port = server.port
    assert start_both("me", "secret", "127.0.0.1", "127.0.0.1", 110, port) is False
    assert failed("127.0.0.1")
    assert mailbox.closed == 1
    assert list(EmailListSession()) == []
    assert start_both("me", "secret", "127.0.0.1", "127.0.0.1", 110, "x") is False
    assert failed("Port")


def test_an_exchange_profile_is_not_available(start_both: Opening) -> None:
    for arguments in (("",), ("Outlook",), ("Outlook", False)):
        assert start_both(*arguments) is False
        assert failed("Exchange")


def test_only_sessions_for_mail_can_be_opened(start_both: Opening) -> None:
    assert start_both(object()) is False
    assert ErrorOccurred
