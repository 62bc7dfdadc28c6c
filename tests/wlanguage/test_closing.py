"""Closing a session while it is in use."""

from __future__ import annotations

import pytest

import wlemail
from tests.support.mailboxes import FakeIncoming, FakeMailbox
from tests.support.mailboxes import letter as letter_of
from wlemail import (
    Email,
    EmailCloseSession,
    EmailDeleteMessage,
    EmailListSession,
    EmailNbMessage,
    EmailProgressBar,
    EmailSendMessage,
    EmailStartPOP3Session,
    EmailStartSession,
    ErrorInfo,
    ErrorOccurred,
    emailPOP3Session,
    emailSMTPSession,
)
from wlemail.errors import MailboxChanged
from wlemail.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("face")


def letter() -> Email:
    message = Email()
    message.Sender, message.Recipient, message.Message = "bob@example.test", "alice@example.test", "text"
    return message


def close_in_a_transfer(session: str | emailSMTPSession) -> list[str]:
    """What a procedure that closes the session which calls it is told."""
    told: list[str] = []

    def procedure(total: int, done: int) -> None:
        EmailCloseSession(session)
        told.append(ErrorInfo(wlemail.errSummary))

    EmailProgressBar(procedure)
    try:
        assert EmailSendMessage(session, letter()) is True, ErrorInfo()
    finally:
        EmailProgressBar("")
    return told


def test_a_transfer_cannot_close_its_session_which_stays_open(box: Sandbox) -> None:
    (told, *_) = close_in_a_transfer("me")
    assert "in the middle of a transfer" in told
    assert list(EmailListSession()) == ["me"]
    assert EmailSendMessage("me", letter()) is True, ErrorInfo()
    assert not ErrorOccurred
    assert len(box.messages) == 2


def test_a_transfer_cannot_close_the_session_of_its_variable(box: Sandbox) -> None:
    session = emailSMTPSession(Name="variable", ServerAddress=box.host, Port=box.port)
    assert EmailStartSession(session), ErrorInfo()
    (told, *_) = close_in_a_transfer(session)
    assert "in the middle of a transfer" in told
    assert EmailSendMessage(session, letter()) is True, ErrorInfo()
    EmailCloseSession(session)
    assert list(EmailListSession()) == ["me"]


class Unconfirmed(FakeIncoming):
    """A mailbox whose server does not answer QUIT."""

    def close(self, *, politely: bool = True) -> None:
        if self._deleted:
            raise MailboxChanged(
                "the server did not confirm the deletions", host="h", port=110, undone=len(self._deleted)
            )
        super().close(politely=politely)


@pytest.fixture
def unconfirmed(mailbox: FakeMailbox, monkeypatch: pytest.MonkeyPatch) -> FakeMailbox:
    mailbox.messages = [letter_of("one"), letter_of("two")]
    monkeypatch.setattr("wlemail.mail.backends.pop3.Pop3Incoming", lambda account: Unconfirmed(mailbox, account))
    return mailbox


def test_deletions_that_are_not_confirmed_are_told(unconfirmed: FakeMailbox) -> None:
    for name in ("user", emailPOP3Session(Name="user", ServerAddress="h", Password="x")):
        assert EmailStartPOP3Session("user", "x", "h") if name == "user" else EmailStartSession(name)
        assert EmailDeleteMessage(name, 1)
        EmailCloseSession(name)
        assert ErrorOccurred
        assert "1" in ErrorInfo()
        assert "did not confirm the deletions" in ErrorInfo()
        assert list(EmailListSession()) == []
        EmailCloseSession(name)
        assert ErrorOccurred, "closing what is not open leaves a standing error alone"


def test_opening_again_is_not_refused_for_the_end_of_the_earlier_session(
    unconfirmed: FakeMailbox, caplog: pytest.LogCaptureFixture
) -> None:
    assert EmailStartPOP3Session("user", "x", "h")
    assert EmailDeleteMessage("user", 1)
    assert EmailStartPOP3Session("user", "x", "h") is True
    assert not ErrorOccurred
    assert "did not confirm the deletions" in caplog.text
    session = emailPOP3Session(Name="user", ServerAddress="h", Password="x")
    assert session.StartSession()
    assert EmailDeleteMessage(session, 1)
    assert session.StartSession() is True
    assert EmailNbMessage(session) == 2
