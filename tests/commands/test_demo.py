"""`python -m wlemail demo`, as a newcomer runs it: in a process of its own, on any console, leaving nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from wlemail.commands.demo import ATTACHMENT, SUBJECT, make_pdf


def demo(temporary: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    environment = {
        **os.environ,
        "TMPDIR": str(temporary),
        "TEMP": str(temporary),
        "TMP": str(temporary),
        "PYTHONIOENCODING": "utf-8",
        "PYTHONWARNINGS": "error",
        **environment,
    }
    command = [sys.executable, "-m", "wlemail", "demo", *arguments]
    return subprocess.run(command, capture_output=True, env=environment, timeout=60, check=False)


def test_it_sends_and_shows_what_arrived(tmp_path: Path) -> None:
    done = demo(tmp_path)
    said = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b""), said
    for expected in (
        "from wlemail import *",  # the script
        "EmailStartSMTPSession(sUserName, sPassword, sServer, nPort) == True",
        "RCPT TO:<refused@example.org>",  # the dialogue
        "550 5.1.1 no such mailbox here",
        f"Subject     {SUBJECT}",  # the mail
        "From        Élodie Müller <elodie.muller@example.com>",
        f"└─ application/pdf, “{ATTACHMENT}”",
        "EmailStartPOP3Session(sReader, sPassword, sServer, nPOP3Port) == True",
        f"file    {ATTACHMENT} identical: yes",  # what the script read back
        "C: DELE 1",
        "identical: yes",  # the verdict
        "folder  Réunions/Besançon mails: 1",
        "UID SEARCH",
        "✓ it deleted the mail, and the mailbox is empty",
    ):
        assert expected in said
    assert "✗" not in said.partition("in short")[2]
    assert "any password will do" in said.partition("running it")[0]
    assert "any password will do" not in said.partition("running it")[2]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "ascii"])
def test_consoles_that_lack_characters(tmp_path: Path, encoding: str) -> None:
    done = demo(tmp_path, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"identical: yes" in done.stdout


def test_a_rehearsal_does_not_lead_its_mail_astray(tmp_path: Path) -> None:
    assert demo(tmp_path, WLEMAIL_REHEARSAL="sandbox").returncode == 0
    assert demo(tmp_path, WLEMAIL_REHEARSAL="only:me@example.org").returncode == 0


def test_source_shows_the_whole_message(tmp_path: Path) -> None:
    said = demo(tmp_path, "--source").stdout.decode()
    assert "Content-Type: multipart/mixed;" in said
    assert "Content-Transfer-Encoding: base64" in said


def test_a_mail_that_does_not_arrive_is_a_failure(monkeypatch: pytest.MonkeyPatch, face: None) -> None:
    from wlemail import commands
    from wlemail.commands import demo as module

    monkeypatch.setattr(module, "execute", lambda script, arguments: [])
    monkeypatch.setattr(module, "SECONDS", 0.05)
    assert commands.run(["demo"]) == 1


def test_the_attachment_is_a_pdf() -> None:
    data = make_pdf("x")
    start = int(data.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    assert data[start:].startswith(b"xref\n0 5\n")
    offsets = [int(line[:10]) for line in data[start:].splitlines()[3:7]]
    assert [data[offset:].startswith(b"%d 0 obj" % number) for number, offset in enumerate(offsets, 1)] == [True] * 4
