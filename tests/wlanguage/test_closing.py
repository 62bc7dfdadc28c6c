"""Closing a session while it is in use."""

from __future__ import annotations

import pytest

import wlemail
from wlemail import (
    Email,
    EmailCloseSession,
    EmailListSession,
    EmailProgressBar,
    EmailSendMessage,
    EmailStartSession,
    ErrorInfo,
    ErrorOccurred,
    emailSMTPSession,
)
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
