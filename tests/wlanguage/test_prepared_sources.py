"""EmailBuildSource, EmailSend and EmailLoadAttachment by their public names."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

import wlemail
from tests.support.arrivals import arrived, read, shape
from wlemail import (
    CR,
    Email,
    EmailBuildSource,
    EmailChargeFichierAttaché,
    EmailConstruitSource,
    EmailEnvoie,
    EmailLoadAttachment,
    EmailSend,
    EmailSendMessage,
    ErrorInfo,
    ErrorOccurred,
    emailAttach,
    emailOptionEncodeHeader,
    emailOptionEntêteCCi,
    emailOptionHeaderBcc,
    emailOptionMessageID,
    emailOptionReference,
    emailSMTPSession,
    fLoadText,
    fSaveText,
)
from wlemail.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("face")


def filled(message: object = Email) -> None:
    message.Sender = "Élodie <me@example.com>"  # type: ignore[attr-defined]
    message.Recipient = "you@example.org"  # type: ignore[attr-defined]
    message.Cc = "cc@example.org"  # type: ignore[attr-defined]
    message.Bcc = "hidden@example.org"  # type: ignore[attr-defined]
    message.Subject = "Été"  # type: ignore[attr-defined]
    message.Message = "one" + CR + "two"  # type: ignore[attr-defined]


# -- EmailBuildSource ---------------------------------------------------------------------------------------


def test_the_source_is_the_whole_message_and_needs_no_session() -> None:
    filled()
    assert EmailBuildSource() is True
    assert not ErrorOccurred
    assert Email.Source.isascii()
    assert "\n" not in Email.Source.replace("\r\n", "")
    message = read(Email.Source.encode())
    assert (message["Subject"], message["From"], message["To"]) == (
        "Été",
        "Élodie <me@example.com>",
        "you@example.org",
    )
    assert message["Cc"] == "cc@example.org"
    assert message.get_content().splitlines() == ["one", "two"]
    assert message["Date"].datetime is not None
    assert message["Message-ID"]
    assert message["MIME-Version"] == "1.0"


def test_hidden_recipients_are_in_the_source_only_where_asked_for() -> None:
    message = Email()
    filled(message)
    assert EmailConstruitSource(message)
    assert "hidden@" not in message.Source
    for option in (emailOptionHeaderBcc, emailOptionEncodeHeader + emailOptionEntêteCCi):
        assert EmailBuildSource(message, option)
        assert read(message.Source.encode())["Bcc"] == "hidden@example.org"


def test_identifiers_are_used_by_their_options() -> None:
    message = Email()
    filled(message)
    message.MessageID, message.Reference = "<mine@example.com>", "<first@example.com> <second@example.com>"
    assert message.BuildSource()
    assert "mine@example.com" not in message.Source
    assert "first@example.com" not in message.Source
    assert message.ConstruitSource(emailOptionMessageID + emailOptionReference)
    source = read(message.Source.encode())
    assert source["Message-ID"] == "<mine@example.com>"
    assert source["References"] == "<first@example.com> <second@example.com>"
    assert source["In-Reply-To"] == "<second@example.com>"


def test_an_empty_message_has_a_source_too() -> None:
    assert EmailBuildSource() is True
    assert read(Email.Source.encode()).get_content() == ""


def test_a_source_that_cannot_be_built_leaves_the_old_one(tmp_path: Path) -> None:
    filled()
    Email.Source = "before"
    Email.Attach = str(tmp_path / "missing.pdf")
    assert EmailBuildSource() is False
    assert ErrorOccurred
    assert "missing.pdf" in ErrorInfo()
    assert Email.Source == "before"


# -- EmailSend ------------------------------------------------------------------------------------------------


def test_build_save_edit_send(box: Sandbox, tmp_path: Path) -> None:
    filled()
    path = str(tmp_path / "message.eml")
    assert EmailBuildSource()
    fSaveText(path, Email.Source)
    fSaveText(path, "X-Edited: yes" + CR + fLoadText(path))
    assert EmailSend("me", path) is True, ErrorInfo()
    assert not ErrorOccurred
    [message] = arrived(box)
    assert (message["X-Edited"], message["Subject"]) == ("yes", "Été")
    [received] = box.messages
    # The envelope is Sender, Recipient and Cc.
    assert (received.sender, received.recipients) == ("me@example.com", ("you@example.org", "cc@example.org"))


def test_the_file_is_sent_byte_for_byte(box: Sandbox, tmp_path: Path) -> None:
    content = b"Subject: x\r\n\r\n.leading dot\r\n..two\r\n\xc3\xa9\r\n" + b"long " * 100 + b"\r\n"
    (tmp_path / "raw.eml").write_bytes(content)
    filled()
    assert EmailEnvoie("me", str(tmp_path / "raw.eml")), ErrorInfo()
    [received] = box.wait_for(1)
    assert received.content == content
    assert received.body == "8BITMIME"


def test_line_ends_are_made_those_of_mail(box: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "unix.eml").write_bytes(b"Subject: x\n\none\n.\nMAIL FROM:<evil@example.com>\rtwo")
    filled()
    assert EmailSend("me", str(tmp_path / "unix.eml")), ErrorInfo()
    [received] = box.wait_for(1)
    assert received.content == b"Subject: x\r\n\r\none\r\n.\r\nMAIL FROM:<evil@example.com>\r\ntwo\r\n"


def test_hidden_recipients_do_not_get_the_file_and_a_warning_says_so(
    box: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a.eml").write_bytes(b"Subject: x\r\n\r\n")
    filled()
    with caplog.at_level(logging.WARNING, "wlemail"):
        assert EmailSend("me", str(tmp_path / "a.eml"))
    assert "Bcc is not used by EmailSend" in caplog.text
    assert "hidden@example.org" not in box.wait_for(1)[0].recipients


def test_a_session_variable_is_taken_too(box: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(b"Subject: x\r\n\r\n")
    filled()
    session = emailSMTPSession(ServerAddress=box.host, Port=box.port)
    assert session.StartSession(), ErrorInfo()
    assert EmailSend(session, str(tmp_path / "a.eml")), ErrorInfo()
    session.CloseSession()


def test_a_partial_refusal_is_told_in_the_structure(box: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(b"Subject: x\r\n\r\n")
    filled()
    Email.Cc = "refused@example.org"
    assert EmailSend("me", str(tmp_path / "a.eml")) is True
    assert list(Email.RefusedRecipient) == ["refused@example.org"]
    assert "550" in Email.RefusedReason[1]


@pytest.mark.parametrize("content", [None, b""])
def test_a_file_that_cannot_be_sent(box: Sandbox, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "a.eml"
    if content is not None:
        path.write_bytes(content)
    filled()
    assert EmailSend("me", str(path)) is False
    assert ErrorOccurred
    assert "a.eml" in ErrorInfo()
    assert box.messages == []


def test_a_file_needs_an_envelope(box: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(b"From: me@example.com\r\nTo: you@example.org\r\n\r\n")
    assert EmailSend("me", str(tmp_path / "a.eml")) is False
    assert "sender" in ErrorInfo()
    Email.Sender, Email.Bcc = "me@example.com", "hidden@example.org"
    assert EmailSend("me", str(tmp_path / "a.eml")) is False
    assert "recipient" in ErrorInfo()
    assert EmailSend("nobody", str(tmp_path / "a.eml")) is False
    assert '"nobody"' in ErrorInfo()


# -- EmailLoadAttachment ------------------------------------------------------------------------------------


def test_a_file_becomes_an_attachment(box: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "été 1.pdf").write_bytes(b"%PDF one")
    (tmp_path / "b.unknown-kind").write_bytes(b"two")
    message = Email()
    filled(message)
    assert EmailLoadAttachment(message, str(tmp_path / "été 1.pdf")) == 1
    assert message.LoadAttachment(str(tmp_path / "b.unknown-kind")) == 2
    assert not ErrorOccurred
    (tmp_path / "été 1.pdf").write_bytes(b"changed since")
    message.Attach[2].ContentDescription = "the second"
    assert EmailSendMessage("me", message), ErrorInfo()
    [received] = arrived(box)
    assert shape(received) == ("multipart/mixed", "text/plain", "application/pdf", "application/octet-stream")
    first, second = received.iter_attachments()
    assert (first.get_filename(), first.get_content()) == ("été 1.pdf", b"%PDF one")
    assert (second.get_content(), second["Content-Description"]) == (b"two", "the second")


def test_ranks_go_on_behind_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a", encoding="utf-8")
    message = Email()
    message.Attach.Add(emailAttach(Name="first.txt", Content=b"x"))
    assert EmailChargeFichierAttaché(message, str(tmp_path / "a.txt")) == 2
    assert message.Attach[2].Name == "a.txt"


@pytest.mark.parametrize("path", ["gone.txt", "", ".", "a\0b"])
def test_a_file_that_cannot_be_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.chdir(tmp_path)
    message = Email()
    assert EmailLoadAttachment(message, path) == -1
    assert ErrorOccurred
    assert ErrorInfo()
    assert len(message.Attach) == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in directories")
def test_a_pipe_is_no_attachment_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")
    message = wlemail.Email()
    assert EmailLoadAttachment(message, str(tmp_path / "pipe.pdf")) == -1
    assert "not an ordinary file" in ErrorInfo()
    assert len(message.Attach) == 0


def test_the_functions_are_the_same_in_french() -> None:
    assert wlemail.EmailConstruitSource is EmailBuildSource
    assert wlemail.EmailEnvoie is EmailSend
    assert wlemail.EmailChargeFichierAttache is EmailLoadAttachment
