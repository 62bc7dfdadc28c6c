"""The computer's own mail program: the link, the draft file, and what happens where there is no desktop."""

from __future__ import annotations

import email
import email.policy
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlemail.errors import AttachmentMissing, ControlCharacter, InvalidAddress, NoMailProgram
from wlemail.mail import desktop
from wlemail.mail.desktop import launch, mailto, open_draft
from wlemail.mail.draft import Draft, DraftAttachment


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What would have been opened."""
    targets: list[str] = []
    monkeypatch.setattr(desktop, "launch", targets.append)
    return targets


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary folder of this test alone."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (mailto([]), "mailto:"),
        (mailto(["a@example.com"]), "mailto:a@example.com"),
        (mailto(["a@example.com", "b@example.com"]), "mailto:a@example.com,b@example.com"),
        (mailto(["a+b&c?d%e@example.com"]), "mailto:a%2Bb%26c%3Fd%25e@example.com"),
        (mailto(['"a, b"@example.com']), "mailto:%22a%2C%20b%22@example.com"),
        (mailto([], "Été & co?"), "mailto:?subject=%C3%89t%C3%A9%20%26%20co%3F"),
        (mailto(["a@x.fr"], "s", "b"), "mailto:a@x.fr?subject=s&body=b"),
        (mailto([], body="1\n2\r3\r\n4"), "mailto:?body=1%0D%0A2%0D%0A3%0D%0A4"),
        (mailto([], "two\r\nBcc: lines@x"), "mailto:?subject=two%20Bcc:%20lines@x"),
        (mailto(["a@x.fr"], cc=["c@x.fr", "d@x.fr"], bcc=["e@x.fr"]), "mailto:a@x.fr?cc=c@x.fr,d@x.fr&bcc=e@x.fr"),
    ],
)
def test_a_link_follows_rfc_6068(link: str, expected: str) -> None:
    assert link == expected


@given(st.text(), st.text())
def test_any_text_survives_the_link(subject: str, body: str) -> None:
    try:
        link = mailto(["a@example.com"], subject, body)
    except ControlCharacter:
        assert "\0" in subject + body
        return
    assert link.isascii()
    assert link.isprintable()
    assert " " not in link
    parts = urlsplit(link)
    assert unquote(parts.path) == "a@example.com"
    fields = parse_qs(parts.query, strict_parsing=bool(parts.query), errors="strict")
    assert fields.keys() <= {"subject", "body"}
    lines = body.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    assert fields.get("body", [""])[0] == lines.replace("\n", "\r\n")


def test_a_draft_without_attachments_is_a_link(opened: list[str]) -> None:
    open_draft(Draft(to=["Ann <a@example.com>; b@example.com", ""], cc=["c@example.com"], subject="s", text="t"))
    assert opened == ["mailto:a@example.com,b@example.com?cc=c@example.com&subject=s&body=t"]


def test_a_draft_with_attachments_is_a_file(opened: list[str], folder: Path) -> None:
    note = folder / "été.txt"
    note.write_bytes(b"content")
    open_draft(
        Draft(
            sender="me@example.com",
            to=["a@example.com"],
            bcc=["hidden@example.com"],
            subject="Été",
            text="text",
            attachments=[DraftAttachment(path=str(note))],
        )
    )
    [path] = map(Path, opened)
    assert path.suffix == ".eml"
    assert folder in path.parents
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert (message["X-Unsent"], message["To"], message["Bcc"], message["Subject"]) == (
        *("1", "a@example.com", "hidden@example.com", "Été"),
    )
    [attachment] = message.iter_attachments()  # type: ignore[attr-defined]
    assert (attachment.get_filename(), attachment.get_content()) == ("été.txt", "content")
    if sys.platform != "win32":
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_text_too_long_for_a_link_is_a_file(opened: list[str], folder: Path) -> None:
    open_draft(Draft(to=["a@example.com"], text="x" * 100_000))
    [path] = opened
    assert path.endswith(".eml")


def test_nothing_is_opened_where_something_is_wrong(opened: list[str], folder: Path) -> None:
    for draft, error in (
        (Draft(to=["nobody"]), InvalidAddress),
        (Draft(text="a\0b"), ControlCharacter),
        (Draft(attachments=[DraftAttachment(path=str(folder / "gone"))]), AttachmentMissing),
    ):
        with pytest.raises(error):
            open_draft(draft)
    assert opened == []
    assert list(folder.iterdir()) == []


def test_a_draft_that_nobody_opens_is_removed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(target: str) -> None:
        raise NoMailProgram("there is no desktop")

    monkeypatch.setattr(desktop, "launch", refuse)
    with pytest.raises(NoMailProgram):
        open_draft(Draft(attachments=[DraftAttachment("a.txt", content=b"a")]))
    assert list(folder.iterdir()) == []


posix = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the launcher of Linux desktops")


def with_launcher(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> Path:
    """A desktop whose xdg-open is a script; it notes its arguments in a file beside it."""
    launcher = folder / "xdg-open"
    launcher.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{folder}/arguments"\n{script}\n', encoding="utf-8")
    launcher.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("DISPLAY", ":99")
    return folder / "arguments"


@posix
def test_the_desktop_opens_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    arguments = with_launcher(monkeypatch, tmp_path, "exit 0")
    launch("mailto:a@example.com?subject=x")
    assert arguments.read_text(encoding="utf-8") == "mailto:a@example.com?subject=x\n"


@posix
def test_a_desktop_without_a_mail_program_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_launcher(monkeypatch, tmp_path, "exit 3")
    with pytest.raises(NoMailProgram, match="xdg-open cannot open it"):
        launch("mailto:")


@posix
def test_a_mail_program_that_stays_open_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(desktop, "_SECONDS_TO_FAIL", 0.05)
    with_launcher(monkeypatch, tmp_path, f'while [ ! -e "{tmp_path}/end" ]; do sleep 0.05; done; exit 1')
    launch("mailto:")
    [waiting] = [thread for thread in threading.enumerate() if thread.name == "wlemail-desktop"]
    (tmp_path / "end").touch()
    waiting.join(10)
    assert not waiting.is_alive()


@posix
def test_no_desktop_is_an_error_and_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(subprocess, "Popen", None)
    with pytest.raises(NoMailProgram, match="no desktop"):
        launch("mailto:")


@posix
def test_a_desktop_without_a_launcher_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoMailProgram, match="opens links"):
        launch("mailto:")
