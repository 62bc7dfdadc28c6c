"""EmailRunApp and EmailOpenMail by their public names; the desktop itself is watched."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.arrivals import read
from wlemail import (
    CR,
    Email,
    EmailLanceAppli,
    EmailOpenMail,
    EmailOuvreMessagerie,
    EmailRunApp,
    EmailSendMessage,
    ErrorInfo,
    ErrorOccurred,
)
from wlemail.errors import NoMailProgram
from wlemail.mail import desktop

pytestmark = pytest.mark.usefixtures("face")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the desktop was asked to open."""
    targets: list[str] = []
    monkeypatch.setattr(desktop, "launch", targets.append)
    return targets


def test_the_structure_fills_a_new_mail(opened: list[str]) -> None:
    Email.Recipient[1] = "Ann <ann@example.com>"
    Email.Recipient[2] = "bob@example.com"
    Email.Recipient[3] = "left.out@example.com"
    Email.NbRecipient = 2
    Email.Cc, Email.Bcc = "cc@example.com", "hidden@example.com"
    Email.Subject, Email.Message = "Été", "one" + CR + "two"
    EmailRunApp()
    assert not ErrorOccurred
    assert opened == [
        "mailto:ann@example.com,bob@example.com?cc=cc@example.com&bcc=hidden@example.com"
        "&subject=%C3%89t%C3%A9&body=one%0D%0Atwo"
    ]


def test_attachments_make_a_draft_file(opened: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desktop.tempfile, "tempdir", str(tmp_path))
    (tmp_path / "a.txt").write_text("content", encoding="utf-8")
    Email.Recipient, Email.Message, Email.Attach = "ann@example.com", "text", str(tmp_path / "a.txt")
    EmailLanceAppli()
    assert not ErrorOccurred
    [path] = opened
    message = read(Path(path).read_bytes())
    assert message["X-Unsent"] == "1"
    assert [part.get_filename() for part in message.iter_attachments()] == ["a.txt"]


def test_an_address_a_subject_a_text(opened: list[str]) -> None:
    EmailOpenMail()
    EmailOpenMail("ann@example.com; bob@example.com")
    EmailOuvreMessagerie("ann@example.com", "a & b", "c" + CR + "d")
    assert not ErrorOccurred
    assert opened == [
        "mailto:",
        "mailto:ann@example.com,bob@example.com",
        "mailto:ann@example.com?subject=a%20%26%20b&body=c%0D%0Ad",
    ]


def test_what_is_wrong_is_told_and_nothing_is_opened(opened: list[str]) -> None:
    EmailOpenMail("nobody")
    assert ErrorOccurred
    assert "nobody" in ErrorInfo()
    Email.Attach = "missing.pdf"
    EmailRunApp()
    assert "missing.pdf" in ErrorInfo()
    assert opened == []


def test_without_a_mail_program_there_is_an_error_and_no_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(target: str) -> None:
        raise NoMailProgram("there is no desktop")

    monkeypatch.setattr(desktop, "launch", refuse)
    for function in (EmailRunApp, EmailOpenMail):
        function()
        assert ErrorOccurred
        assert "No mail program can be opened (there is no desktop)" in ErrorInfo()


def test_a_success_leaves_a_standing_error_alone(opened: list[str]) -> None:
    assert EmailSendMessage("nobody") is False
    EmailOpenMail("ann@example.com")
    assert opened
    assert ErrorOccurred
