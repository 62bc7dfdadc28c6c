"""Copies of what was sent, in a folder of an IMAP session: by EmailConfigure, or by a member of the sending session."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from wlemail import (
    Email,
    EmailCloseSession,
    EmailConfigure,
    EmailListSession,
    EmailSend,
    EmailSendMessage,
    EmailStartIMAPSession,
    EmailStartSMTPSession,
    ErrorInfo,
    ErrorOccurred,
    emailAsynchronous,
    emailIMAPSession,
    emailParameterOutbox,
    emailParameterSentFolder,
    emailParamètreDossierEnvoyés,
    emailSMTPSession,
)
from wlemail.sandbox import Layout, Sandbox

pytestmark = pytest.mark.usefixtures("face")


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(layout=Layout(special={"\\Sent": "Éléments envoyés"})) as sandbox:
        yield sandbox
        EmailConfigure(emailParameterSentFolder, "")
        for name in list(EmailListSession()):
            EmailCloseSession(name)


def smtp(box: Sandbox, **members: object) -> emailSMTPSession:
    session = emailSMTPSession(ServerAddress=box.host, Port=box.port, Name="anna", **members)
    assert session.StartSession(), ErrorInfo()
    return session


def imap(box: Sandbox) -> emailIMAPSession:
    session = emailIMAPSession(ServerAddress=box.host, Port=box.imap_port, Name="anna", Password="x")
    assert session.StartSession(), ErrorInfo()
    return session


def mail(**members: object) -> Email:
    return Email(Sender="anna@example.com", Recipient="bob@example.org", Subject="hello", Message="text", **members)


def test_the_setting_copies_into_the_mailbox_of_the_same_name(box: Sandbox) -> None:
    EmailConfigure(emailParamètreDossierEnvoyés, "SentItems")
    assert not ErrorOccurred
    assert EmailStartSMTPSession("anna", box.host, box.port), ErrorInfo()
    assert EmailSendMessage("anna", mail()), ErrorInfo()
    assert EmailStartIMAPSession("anna", "x", box.host, box.imap_port), ErrorInfo()
    assert EmailSendMessage("anna", mail(Bcc="eve@example.net")), ErrorInfo()
    assert not ErrorOccurred
    (copy,) = box.folders_of("anna")["Éléments envoyés"]
    sent = box.messages[1]
    assert copy.content == b"Bcc: eve@example.net\r\n" + sent.content
    assert b"eve" not in sent.content
    assert box.flags_of("anna", "Éléments envoyés") == [{"\\Seen"}]
    EmailConfigure(emailParameterSentFolder, "")
    assert EmailSendMessage("anna", mail())
    assert len(box.folders_of("anna")["Éléments envoyés"]) == 1


def test_a_member_names_session_and_folder(box: Sandbox) -> None:
    mailbox = imap(box)
    session = smtp(box, SentSession=mailbox)
    assert session.SendMessage(mail()), ErrorInfo()
    session.DossierEnvoyés = "Projects/2026"
    assert session.SendMessage(mail()), ErrorInfo()
    session.SessionEnvoyés = "anna"
    assert session.SendMessage(mail()), ErrorInfo()
    assert not ErrorOccurred
    folders = box.folders_of("anna")
    assert (len(folders["Éléments envoyés"]), len(folders["Projects/2026"])) == (1, 2), "what is missing is made"


def test_a_file_is_copied_as_it_is(box: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(b"Subject: file\n\none\ntwo\n")
    Email.Sender, Email.Recipient = "anna@example.com", "bob@example.org"
    session = smtp(box, SentSession=imap(box))
    assert EmailSend(session, str(path)), ErrorInfo()
    (copy,) = box.folders_of("anna")["Éléments envoyés"]
    assert copy.content == b"Subject: file\r\n\r\none\r\ntwo\r\n"


def test_a_copy_that_fails_does_not_make_the_sending_fail(box: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    mailbox = imap(box)
    session = smtp(box, SentSession=mailbox)
    mailbox.CloseSession()
    with caplog.at_level(logging.WARNING, "wlemail"):
        assert session.SendMessage(mail()) is True
    assert not ErrorOccurred
    assert "no copy" in caplog.text
    assert len(box.messages) == 1


def test_an_asynchronous_session_makes_no_copies_and_says_so(box: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    EmailConfigure(emailParameterOutbox, "memory")
    try:
        session = smtp(box, SentSession=imap(box), Asynchronous=emailAsynchronous)
        assert "SentSession" in caplog.text
        assert session.SendMessage(mail()), ErrorInfo()
        session.CloseSession()
        assert len(box.messages) == 1
        assert box.folders_of("anna").get("Éléments envoyés", []) == []
    finally:
        EmailConfigure(emailParameterOutbox, "")
