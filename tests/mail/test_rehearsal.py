"""Rehearsal: no value of the variable lets real mail leave by accident, and nothing secret reaches a sandbox."""

from __future__ import annotations

import base64
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import wlemail
from wlemail.errors import InvalidValue
from wlemail.mail import rehearsal
from wlemail.mail.account import Account, Security
from wlemail.mail.backends.imap import ImapIncoming
from wlemail.mail.backends.pop3 import Pop3Incoming
from wlemail.mail.backends.smtp import SmtpOutgoing
from wlemail.mail.settings import SessionTimeouts
from wlemail.sandbox import Sandbox
from wlemail.smtp.envelope import Envelope

REAL = Account(
    name="me",
    host="smtp.real.invalid",
    port=465,
    security=Security.IMPLICIT,
    user="me",
    password="s3cret",
    mechanism="XOAUTH2",
    timeouts=SessionTimeouts(own=7.0),
)
ENVELOPE = Envelope("me@example.org", ("a@example.net", "b@example.net"), dsn_return="HDRS", dsn_notify=("FAILURE",))


class Text:
    """The smallest source."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self.size = len(text)

    def chunks(self) -> list[bytes]:
        return [self._text]


MESSAGE = Text(b"From: me@example.org\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\n =?utf-8?q?_cr=C3=A8me?=\r\n\r\nHello\r\n")


@pytest.fixture(autouse=True)
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[rehearsal.Stage]:
    """A process that has rehearsed nothing yet, and stops what the test started."""
    stage = rehearsal.Stage()
    monkeypatch.setattr(rehearsal, "_STAGE", stage)
    monkeypatch.delenv("WLEMAIL_REHEARSAL", raising=False)
    yield stage
    if stage.sandbox is not None:
        stage.sandbox.stop()
        stage.sandbox = None


def rehearse(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("WLEMAIL_REHEARSAL", value)


# -- off ------------------------------------------------------------------------------------------------


def test_without_the_variable_nothing_is_touched(capfd: pytest.CaptureFixture[str]) -> None:
    assert rehearsal.redirect(REAL) is REAL
    assert rehearsal.rewrite(ENVELOPE) is ENVELOPE
    assert not rehearsal.read_only()
    assert not rehearsal.to_sandbox()
    assert rehearsal.sandbox() is None
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "value",
    [
        *("", " ", "0", "1", "off", "no", "sandbox:", "sandbox:x", "sandbox:0", "sandbox:65536", "sandbox:²", "sandbx"),
        *(
            "sandbox:127.0.0.1:2525",
            "only",
            "only:",
            "only:me",
            "only:a@b, c@d",
            "only:Me <me@example.org>",
            "on:me@x.y",
        ),
        *(
            "only:mé@example.org",
            "only:me@exämple.org",
            "only:a@b\r\nRCPT TO:<c@d>",
            "only:me@",
            "only:(x)me@example.org",
        ),
    ],
)
def test_a_wrong_value_never_lets_real_mail_leave(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    rehearse(monkeypatch, value)
    for asked in (
        lambda: rehearsal.redirect(REAL),
        lambda: rehearsal.rewrite(ENVELOPE),
        rehearsal.read_only,
        rehearsal.to_sandbox,
    ):
        with pytest.raises(InvalidValue) as caught:
            asked()
        assert caught.value.member == "WLEMAIL_REHEARSAL"
        assert caught.value.shown == value


# -- sandbox ----------------------------------------------------------------------------------------------


def test_every_session_goes_to_one_sandbox_whatever_it_names(
    monkeypatch: pytest.MonkeyPatch, stage: rehearsal.Stage
) -> None:
    rehearse(monkeypatch, "sandbox")
    first, second = SmtpOutgoing(rehearsal.redirect(REAL)), SmtpOutgoing(rehearsal.redirect(REAL))
    for outgoing in (first, second):
        outgoing.send(rehearsal.rewrite(ENVELOPE), MESSAGE)
        outgoing.close()
    box = rehearsal.sandbox()
    assert box is not None
    assert [message.recipients for message in box.wait_for(2)] == [ENVELOPE.recipients] * 2
    assert {message.user for message in box.messages} == {"me"}


def test_the_account_keeps_what_the_sandbox_does_not_replace(monkeypatch: pytest.MonkeyPatch) -> None:
    rehearse(monkeypatch, " Sandbox ")
    account = rehearsal.redirect(REAL)
    assert (account.host, account.security, account.mechanism) == ("127.0.0.1", Security.CLEAR, "")
    assert (account.name, account.user, account.timeouts) == ("me", "me", REAL.timeouts)


def test_the_password_never_reaches_a_sandbox(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG, logger="wlemail")
    rehearse(monkeypatch, "sandbox")
    account = rehearsal.redirect(REAL)
    assert account.password == rehearsal.PASSWORD
    outgoing = SmtpOutgoing(account)
    outgoing.send(ENVELOPE, MESSAGE)
    outgoing.close()
    box = rehearsal.sandbox()
    assert box is not None
    seen = "\n".join([*caplog.messages, *(line for lines in box.dialogues for line in lines), *capfd.readouterr()])
    for secret in ("s3cret", base64.b64encode(b"\0me\0s3cret").decode(), base64.b64encode(b"s3cret").decode()):
        assert secret not in seen


def test_no_password_stays_no_authentication(monkeypatch: pytest.MonkeyPatch) -> None:
    rehearse(monkeypatch, "sandbox")
    assert rehearsal.redirect(Account("me", "smtp.real.invalid", 25)).password == ""


def test_an_access_token_is_not_even_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def token() -> str:
        raise AssertionError("a rehearsal needs no token")

    rehearse(monkeypatch, "sandbox")
    outgoing = SmtpOutgoing(Account("me", "smtp.real.invalid", 587, user="me", token=token))
    outgoing.send(ENVELOPE, MESSAGE)
    outgoing.close()
    box = rehearsal.sandbox()
    assert box is not None
    assert box.wait_for(1)[0].user == "me"


def test_threads_that_open_together_share_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    rehearse(monkeypatch, "sandbox")
    ports: list[int] = []
    threads = [threading.Thread(target=lambda: ports.append(rehearsal.redirect(REAL).port)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ports) == 8
    assert len(set(ports)) == 1


def test_it_announces_itself_once(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    rehearse(monkeypatch, "sandbox")
    rehearsal.redirect(REAL)
    rehearsal.redirect(REAL)
    out, err = capfd.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "WLEMAIL_REHEARSAL" in err
    assert "127.0.0.1" in err


def test_a_program_without_stderr_rehearses_too(monkeypatch: pytest.MonkeyPatch, stage: rehearsal.Stage) -> None:
    rehearse(monkeypatch, "sandbox")
    monkeypatch.setattr(sys, "stderr", None)
    rehearsal.redirect(REAL)
    stage.end()


def test_a_sandbox_that_runs_already_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox() as box:
        rehearse(monkeypatch, f"sandbox:{box.port}")
        outgoing = SmtpOutgoing(rehearsal.redirect(REAL))
        outgoing.send(ENVELOPE, MESSAGE)
        outgoing.close()
        assert box.wait_for(1)[0].sender == "me@example.org"
        assert rehearsal.sandbox() is None


def test_a_port_where_nothing_listens_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as placeholder:
        placeholder.bind(("127.0.0.1", 0))
        rehearse(monkeypatch, f"sandbox:{placeholder.getsockname()[1]}")
        with pytest.raises(InvalidValue, match="no sandbox answers"):
            rehearsal.redirect(REAL)


@pytest.mark.parametrize("greeting", [b"220 mail.example.org ESMTP Postfix\r\n", b"", b"x" * 5000])
def test_a_real_server_of_this_machine_is_not_taken_for_a_sandbox(
    monkeypatch: pytest.MonkeyPatch, greeting: bytes
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        heard: list[bytes] = []

        def serve() -> None:
            client, _ = listener.accept()
            with client:
                try:
                    client.sendall(greeting)
                    client.shutdown(socket.SHUT_WR)
                    heard.append(client.recv(100))
                except OSError:
                    heard.append(b"")  # it has closed with some of the greeting unread, at any moment of ours

        thread = threading.Thread(target=serve)
        thread.start()
        rehearse(monkeypatch, f"sandbox:{listener.getsockname()[1]}")
        with pytest.raises(InvalidValue, match="no sandbox answers"):
            rehearsal.redirect(REAL)
        thread.join()
        assert heard == [b""]


def test_a_server_that_never_greets_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsal, "GREETING_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        rehearse(monkeypatch, f"sandbox:{listener.getsockname()[1]}")
        with pytest.raises(InvalidValue, match="no sandbox answers"):
            rehearsal.redirect(REAL)


# -- only: ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["only:me@example.org", " ONLY: me@example.org "])
def test_only_rewrites_the_recipients_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], value: str
) -> None:
    rehearse(monkeypatch, value)
    assert rehearsal.redirect(REAL) is REAL
    rewritten = rehearsal.rewrite(ENVELOPE)
    assert rewritten.recipients == ("me@example.org",)
    assert (rewritten.sender, rewritten.dsn_return, rewritten.dsn_notify) == ("me@example.org", "HDRS", ("FAILURE",))
    assert rehearsal.read_only()
    assert not rehearsal.to_sandbox()
    rehearsal.redirect(REAL)
    err = capfd.readouterr().err
    assert err.count("\n") == 1
    assert "me@example.org" in err


def test_only_delivers_to_that_address_with_the_headers_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox() as box:
        rehearse(monkeypatch, "only:me@example.org")
        outgoing = SmtpOutgoing(rehearsal.redirect(Account("me", box.host, box.port)))
        outgoing.send(rehearsal.rewrite(ENVELOPE), MESSAGE)
        outgoing.close()
        [message] = box.wait_for(1)
    assert message.recipients == ("me@example.org",)
    assert message.content == b"".join(MESSAGE.chunks())


# -- the end of the program -----------------------------------------------------------------------------------

SCRIPT = """
import sys
sys.path.insert(0, {root!r})
from tests.mail.test_rehearsal import ENVELOPE, MESSAGE, REAL, rehearsal
from wlemail.mail.backends.pop3 import Pop3Incoming
from wlemail.mail.backends.smtp import SmtpOutgoing
from wlemail.mail.session import Kind, Session
from wlemail.mail.session_table import TABLE
account = rehearsal.redirect(REAL)
session = Session(account, Kind.SMTP, SmtpOutgoing(account))
TABLE.add(session)
for _ in range({count}):
    session.back_end.send(ENVELOPE, MESSAGE)
print("sent")
{end}
"""


def run_script(count: int, end: str = "") -> subprocess.CompletedProcess[str]:
    root = str(Path(wlemail.__file__).parents[1])
    environment = {**os.environ, "WLEMAIL_REHEARSAL": "sandbox", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT.format(root=root, count=count, end=end)],
        capture_output=True,
        encoding="utf-8",
        env=environment,
        timeout=60,
    )


def test_at_exit_it_says_what_was_received() -> None:
    done = run_script(2)
    assert done.stdout == "sent\n"
    first, summary, *rows = done.stderr.splitlines()
    assert "goes to a sandbox" in first
    assert summary == "wlemail: rehearsal: the sandbox received 2 messages; nothing left this machine"
    assert rows == [f"  me@example.org -> a@example.net, b@example.net: café crème ({MESSAGE.size} bytes)"] * 2
    assert done.returncode == 0


def test_a_long_list_is_cut_and_counted() -> None:
    done = run_script(rehearsal.SHOWN_MESSAGES + 3)
    assert f"received {rehearsal.SHOWN_MESSAGES + 3} messages" in done.stderr
    assert done.stderr.splitlines()[-1] == "  … and 3 more"


def test_the_summary_comes_after_an_exception_too() -> None:
    done = run_script(1, "raise SystemExit(3)")
    assert "received 1 message;" in done.stderr
    assert done.returncode == 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_forked_child_leaves_the_sandbox_to_its_parent() -> None:
    done = run_script(1, "import os\npid = os.fork()\nif pid: os.waitpid(pid, 0)")
    assert done.stderr.count("received 1 message;") == 1


def test_what_a_message_says_of_itself_moves_no_cursor(
    monkeypatch: pytest.MonkeyPatch, stage: rehearsal.Stage, capfd: pytest.CaptureFixture[str]
) -> None:
    rehearse(monkeypatch, "sandbox")
    outgoing = SmtpOutgoing(rehearsal.redirect(REAL))
    encoded = base64.b64encode(b"\x1b[2Jboo\r\n\a").decode()
    outgoing.send(Envelope("", ("a@example.net",)), Text(f"Subject: =?utf-8?b?{encoded}?=\r\n\r\nx\r\n".encode()))
    outgoing.send(Envelope("", ("a@example.net",)), Text(b"To: x\r\n\r\nSubject: in the body\r\n"))
    outgoing.close()
    stage.end()
    err = capfd.readouterr().err
    assert "\x1b" not in err
    assert "\a" not in err
    assert "boo" in err
    assert "<> -> a@example.net: (no subject)" in err


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be sent SIGINT there")
def test_ctrl_c_still_ends_with_the_summary() -> None:
    done = run_script(1, "import os, signal; os.kill(os.getpid(), signal.SIGINT); import time; time.sleep(20)")
    assert "received 1 message;" in done.stderr
    assert done.returncode == -signal.SIGINT


# -- reading --------------------------------------------------------------------------------------------


MAILBOX = Account(
    name="me", host="pop.real.invalid", port=995, security=Security.IMPLICIT, user="a@example.net", password="s3cret"
)


def test_what_was_sent_in_a_rehearsal_is_read_there(
    monkeypatch: pytest.MonkeyPatch, stage: rehearsal.Stage, capfd: pytest.CaptureFixture[str]
) -> None:
    rehearse(monkeypatch, "sandbox")
    outgoing = SmtpOutgoing(REAL)
    outgoing.send(ENVELOPE, MESSAGE)
    outgoing.close()
    incoming = Pop3Incoming(MAILBOX)
    assert (incoming.count(), incoming.fetch(1)) == (1, MESSAGE.chunks()[0])
    incoming.delete(1)
    incoming.close()
    assert stage.sandbox is not None
    assert stage.sandbox.messages_of("a@example.net") == []
    assert len(stage.sandbox.messages_of("b@example.net")) == 1
    assert "s3cret" not in str(stage.sandbox.dialogues)


def test_a_running_sandbox_tells_where_its_mailboxes_are(
    monkeypatch: pytest.MonkeyPatch, stage: rehearsal.Stage
) -> None:
    with Sandbox() as box:
        box.deliver(MESSAGE.chunks()[0], "a@example.net")
        rehearse(monkeypatch, f"sandbox:{box.port}")
        incoming = Pop3Incoming(MAILBOX)
        assert incoming.count() == 1
        incoming.close()


def test_a_running_sandbox_without_mailboxes(monkeypatch: pytest.MonkeyPatch, stage: rehearsal.Stage) -> None:
    with Sandbox(pop3=False) as box:
        rehearse(monkeypatch, f"sandbox:{box.port}")
        with pytest.raises(InvalidValue, match="no mailboxes"):
            Pop3Incoming(MAILBOX)


def test_with_only_nothing_is_deleted(monkeypatch: pytest.MonkeyPatch, stage: rehearsal.Stage) -> None:
    with Sandbox() as box:
        assert box.pop3_port is not None
        box.deliver(MESSAGE.chunks()[0], "a@example.net")
        rehearse(monkeypatch, "only:me@example.org")
        incoming = Pop3Incoming(Account(name="me", host=box.host, port=box.pop3_port, user="a", password="x"))
        incoming.delete(1)
        assert incoming.is_deleted(1)
        incoming.close()
        assert len(box.messages_of("a")) == 1


def test_what_was_sent_in_a_rehearsal_is_read_there_over_imap(
    monkeypatch: pytest.MonkeyPatch, stage: rehearsal.Stage
) -> None:
    rehearse(monkeypatch, "sandbox")
    outgoing = SmtpOutgoing(REAL)
    outgoing.send(ENVELOPE, MESSAGE)
    outgoing.close()
    incoming = ImapIncoming(MAILBOX)
    assert incoming.count() == 1
    number = incoming.numbers()[0]
    assert incoming.fetch(number) == MESSAGE.chunks()[0]
    incoming.close()
    assert stage.sandbox is not None
    assert "s3cret" not in str(stage.sandbox.dialogues)
    assert stage.sandbox.flags_of("a@example.net")[0] >= {"\\Seen"}


def test_a_running_sandbox_tells_where_its_folders_are(monkeypatch: pytest.MonkeyPatch, stage: rehearsal.Stage) -> None:
    with Sandbox() as box:
        box.deliver(MESSAGE.chunks()[0], "a@example.net")
        rehearse(monkeypatch, f"sandbox:{box.port}")
        incoming = ImapIncoming(MAILBOX)
        assert incoming.count() == 1
        incoming.close()


def test_a_running_sandbox_without_folders(monkeypatch: pytest.MonkeyPatch, stage: rehearsal.Stage) -> None:
    with Sandbox(imap=False) as box:
        rehearse(monkeypatch, f"sandbox:{box.port}")
        with pytest.raises(InvalidValue, match="no mailboxes"):
            ImapIncoming(MAILBOX)


def test_with_only_nothing_is_marked(monkeypatch: pytest.MonkeyPatch, stage: rehearsal.Stage) -> None:
    with Sandbox() as box:
        assert box.imap_port is not None
        box.deliver(MESSAGE.chunks()[0], "a@example.net")
        rehearse(monkeypatch, "only:me@example.org")
        incoming = ImapIncoming(Account(name="me", host=box.host, port=box.imap_port, user="a", password="x"))
        number = incoming.numbers()[0]
        incoming.fetch(number)
        incoming.delete(number)
        incoming.expunge()
        incoming.close()
        assert len(box.messages_of("a")) == 1
        assert not box.flags_of("a")[0] & {"\\Seen", "\\Deleted"}
