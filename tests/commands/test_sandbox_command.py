"""`python -m wlemail sandbox`: how to reach it, messages as they arrive, and its end by --once, Ctrl-C and SIGTERM."""

from __future__ import annotations

import os
import poplib
import re
import signal
import smtplib
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from wlemail.commands import run
from wlemail.sandbox import Sandbox


@contextmanager
def end_after(process: subprocess.Popen[str], seconds: float) -> Iterator[None]:
    """Kill a process that is still there after that time: reading what it says would wait for ever."""
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class Running:
    """The command in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], said: str, port: int) -> None:
        self.process = process
        self.said = said
        self.port = port

    def rest(self) -> str:
        """What it said until its end."""
        assert self.process.stdout is not None
        with end_after(self.process, 30):
            self.said += self.process.stdout.read()
        self.process.wait(30)
        return self.said

    def read_until(self, text: str) -> None:
        assert self.process.stdout is not None
        while text not in self.said:
            line = self.process.stdout.readline()
            assert line, self.said
            self.said += line

    def send(self, recipients: tuple[str, ...] = ("c@d.example",)) -> None:
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"], message["Subject"] = "Élo <a@b.example>", "c@d.example", "Réunion \x1b[2J"
        message.set_content("Bonjour\n")
        message.add_attachment(b"12345", maintype="text", subtype="csv", filename="été.csv")
        with smtplib.SMTP("127.0.0.1", self.port) as client:
            client.login("marie", "geheim")
            client.sendmail("a@b.example", recipients, message.as_bytes())


@contextmanager
def running(temporary: Path, *arguments: str, encoding: str = "utf-8") -> Iterator[Running]:
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONWARNINGS": "error"}
    environment |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
    command = [sys.executable, "-m", "wlemail", "sandbox", "--port", "0", "--tls-port", "0", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding=encoding, env=environment
    ) as process:
        try:
            found = Running(process, "", 0)
            found.read_until("Ctrl-C ends it.")
            match = re.search(r"127\.0\.0\.1:(\d+)", found.said)
            assert match is not None
            found.port = int(match[1])
            yield found
        finally:
            process.kill()


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    directory = tmp_path / "temporary"
    directory.mkdir()
    return directory


def test_it_shows_messages_and_ends_after_once(temporary: Path) -> None:
    with running(temporary, "--once", "2") as sandbox:
        sandbox.send(("c@d.example", "refused@d.example"))
        sandbox.send()
        said = sandbox.rest()
    assert sandbox.process.returncode == 0
    for expected in (
        f'EmailStartSMTPSession("me", "any", "127.0.0.1", {sandbox.port})',
        f'EmailStartSMTPSession("me", "any", "127.0.0.1", {sandbox.port}, emailSynchronous, emailProtocolSMTPS)',
        "emailSynchronous, optionTLS)",
        "user marie (PLAIN)",
        "→ c@d.example",
        "✗ refused@d.example: 550 5.1.1 no such mailbox here",
        "From        Élo <a@b.example>",
        "Subject     Réunion \N{REPLACEMENT CHARACTER}[2J",
        "└─ text/csv, “été.csv” · 5 bytes, base64",
        "│ Bonjour",
        "── 2 messages, ",
    ):
        assert expected in said
    assert "geheim" not in said
    assert list(temporary.iterdir()) == []


def test_a_cp1252_console(temporary: Path) -> None:
    with running(temporary, "--once", "1", encoding="cp1252") as sandbox:
        sandbox.send()
        assert "`- text/csv, “été.csv”" in sandbox.rest()
    assert sandbox.process.returncode == 0


def test_it_tells_how_to_read_what_arrived(temporary: Path) -> None:
    with running(temporary, "--once", "2") as sandbox:
        match = re.search(r'EmailStartPOP3Session\("all", "any", "127\.0\.0\.1", (\d+)\)', sandbox.said)
        assert match is not None
        sandbox.send()
        reader = poplib.POP3("127.0.0.1", int(match[1]), timeout=20)
        reader.user("c")
        reader.pass_("any")
        assert reader.stat()[0] == 1
        reader.quit()
        sandbox.send()
        sandbox.rest()
    assert sandbox.process.returncode == 0


@pytest.mark.skipif(os.name != "posix", reason="signals to a process alone exist on POSIX only")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_signals_end_it_with_a_summary(temporary: Path, name: str) -> None:
    with running(temporary, "--brief") as sandbox:
        sandbox.send()
        sandbox.read_until("Réunion")
        sandbox.process.send_signal(signal.Signals[name])
        said = sandbox.rest()
    assert sandbox.process.returncode == 0
    assert "── 1 message, " in said
    assert "Traceback" not in said
    assert list(temporary.iterdir()) == []


def test_options_reach_the_server(temporary: Path, tmp_path: Path) -> None:
    maildir = tmp_path / "mail"
    arguments = ("--user", "jean", "--user", "marie", "--require-auth", "--once", "1", "--maildir", str(maildir))
    with running(temporary, *arguments) as sandbox:
        assert 'EmailStartSMTPSession("jean", "any"' in sandbox.said
        with smtplib.SMTP("127.0.0.1", sandbox.port) as client:
            with pytest.raises(smtplib.SMTPAuthenticationError):
                client.login("paul", "x")
            with pytest.raises(smtplib.SMTPSenderRefused):
                client.sendmail("a@b.example", ["c@d.example"], "x")
        sandbox.send()
        sandbox.rest()
    assert len(list((maildir / "new").iterdir())) == 1


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with Sandbox() as box:
        assert run(["sandbox", "--port", str(box.port), "--tls-port", "0", "--pop3-port", "0"]) == 1
    assert "--port 0 --tls-port 0 takes any that are free" in capsys.readouterr().err
