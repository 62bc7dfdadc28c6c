"""`python -m wlemail outbox`: what it shows of waiting and sent mails, and what it does with them."""

from __future__ import annotations

import getpass
import io
import os
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from keyring.backends import fail

import wlemail
from tests.support.keyrings import MemoryKeyring, using
from tests.support.servers import LoopbackServer, read_line
from wlemail import Email, EmailCloseSession, EmailSendMessage, EmailStartSMTPSession, ErrorInfo, SecretString, secrets
from wlemail.commands import run
from wlemail.mail.outbox.sender import SENDERS
from wlemail.mail.settings import SETTINGS
from wlemail.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("face")

PASSWORD = "s3cret-çontent"


@pytest.fixture(autouse=True)
def outbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, face: None) -> Iterator[Path]:
    for name in list(os.environ):
        if name.startswith("WLEMAIL_"):
            monkeypatch.delenv(name)
    place = tmp_path / "outbox"
    monkeypatch.setenv("WLEMAIL_OUTBOX", str(place))
    before = SETTINGS.dispatch, SETTINGS.outbox
    with using(fail.Keyring()):
        yield place
    SENDERS.close()
    SETTINGS.dispatch, SETTINGS.outbox = before


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(users={"lea": PASSWORD}) as sandbox:
        yield sandbox


def outbox_command(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    capsys.readouterr()
    status = run(["outbox", *map(str, arguments)])
    out, err = capsys.readouterr()
    assert PASSWORD not in out + err
    return status, out, err


def queue(box: Sandbox, *recipients: str, password: str | SecretString = PASSWORD, files: int = 0) -> list[int]:
    """Mails that were queued in a session which is closed again; one for each recipient."""
    wlemail.EmailConfigure(wlemail.emailParameterDrainTimeOut, 10)
    assert EmailStartSMTPSession("lea", password, box.host, box.port, wlemail.emailAsynchronous), ErrorInfo()
    numbers = []
    for recipient in recipients:
        m = Email(Sender="Léa <lea@example.com>", Recipient=recipient, Subject=f"Prix pour {recipient}", Message="x")
        for n in range(files):
            m.Attach.Add(wlemail.emailAttach(Name=f"prix {n}.csv", Content=b"a;1"))
        assert EmailSendMessage("lea", m), ErrorInfo()
        numbers.append(int(m.MailIdentifier))
    EmailCloseSession("lea")
    return numbers


# -- looking ------------------------------------------------------------------------------------------------


def test_nothing_waits_where_there_is_no_outbox(capsys: pytest.CaptureFixture[str], outbox: Path) -> None:
    for action in ("list", "flush"):
        status, out, err = outbox_command(capsys, action)
        assert (status, err) == (0, "")
        assert "nothing waits" in out
    assert outbox_command(capsys, "show", 1)[0] == 1
    assert not outbox.exists(), "looking makes none"


def test_the_list_shows_what_waits_and_what_failed(capsys: pytest.CaptureFixture[str], box: Sandbox) -> None:
    sent, failed, waiting = queue(box, "jean@example.org", "refused@example.org", "tempfail@example.org")
    status, out, err = outbox_command(capsys, "list")
    assert (status, err) == (0, "")
    heading, first, second, load = out.splitlines()
    assert heading.split() == ["NUMBER", "STATE", "QUEUED", "TRIES", "FROM", "TO", "SUBJECT"]
    assert re.match(rf"{waiting} +waiting +20\d\d-.* 1 +lea@example.com +tempfail@example.org +Prix pour", first)
    assert re.match(rf"{failed} +failed .* refused@example.org ", second)
    assert load.startswith(f"1 waits for lea ({box.host}:{box.port})")
    status, out, _ = outbox_command(capsys, "list", "--all")
    assert re.search(rf"(?m)^{sent} +sent .* jean@example.org ", out)
    assert "… and 2 more" in outbox_command(capsys, "list", "--all", "-n", "1")[1]
    assert "nothing waits, nothing failed" in outbox_command(capsys, "list", "--user", "bob")[1]


def test_another_outbox_can_be_named(capsys: pytest.CaptureFixture[str], box: Sandbox, tmp_path: Path) -> None:
    queue(box, "jean@example.org")
    status, out, _ = outbox_command(capsys, "list", "--all", "--outbox", tmp_path / "other")
    assert status == 0
    assert "nothing waits" in out


def test_the_journal_has_the_facts_of_a_mail(capsys: pytest.CaptureFixture[str], box: Sandbox) -> None:
    """Host, user, From, all To addresses, subject, Message-ID and the names of attached files."""
    (number,) = queue(box, "jean@example.org; refused@example.org", files=2)
    status, out, err = outbox_command(capsys, "show", number)
    assert (status, err) == (0, "")
    assert f"mail {number} · sent" in out
    for fact in (
        f"account     lea ({box.host}:{box.port})",
        "from        lea@example.com",
        "to          jean@example.org: sent 250 2.0.0",
        "refused@example.org: failed 550 5.1.1 no such mailbox here",
        "subject     Prix pour jean@example.org",
        "prix 0.csv\n              prix 1.csv",
        "tries       1",
    ):
        assert fact in out
    assert re.search(r"Message-ID  <[^>]+@example.com>", out)
    assert re.search(r"history +20\d\d-\d\d-\d\d [0-9:]{8}  queued\n", out)


def test_an_unknown_mail_is_an_error(capsys: pytest.CaptureFixture[str], box: Sandbox) -> None:
    queue(box, "jean@example.org")
    status, _, err = outbox_command(capsys, "show", 4711)
    assert status == 1
    assert "no message 4711" in err


def test_what_strangers_wrote_moves_no_cursor(capsys: pytest.CaptureFixture[str], box: Sandbox) -> None:
    assert EmailStartSMTPSession("lea", PASSWORD, box.host, box.port, wlemail.emailAsynchronous), ErrorInfo()
    m = Email(Sender="lea@example.com", Recipient="jean@example.org", Subject="a\x1b[2Jb", Message="x")
    assert EmailSendMessage("lea", m), ErrorInfo()
    EmailCloseSession("lea")
    for arguments in (("list", "--all"), ("show", m.MailIdentifier)):
        assert "\x1b" not in outbox_command(capsys, *arguments)[1]


@pytest.mark.parametrize("arguments", [("show",), ("show", "x"), ("show", "-1"), ("list", "-n", "many"), ("dance",)])
def test_what_is_not_understood_has_status_2(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["outbox", *arguments])
    assert ended.value.code == 2
    capsys.readouterr()


# -- acting -------------------------------------------------------------------------------------------------


def test_cancel_and_retry(capsys: pytest.CaptureFixture[str], box: Sandbox) -> None:
    sent, waiting, other = queue(box, "jean@example.org", "tempfail@example.org", "tempfail@example.org")
    status, out, err = outbox_command(capsys, "cancel", waiting, sent)
    assert status == 1
    assert out == "1 mail cancelled\n"
    assert err == f"not waiting any more: {sent}\n"
    assert wlemail.EmailStatus(waiting) == wlemail.emailError
    assert "was cancelled" in ErrorInfo()
    assert outbox_command(capsys, "cancel", "--waiting")[:2] == (0, "1 mail cancelled\n")
    assert outbox_command(capsys, "cancel")[0] == 1
    (failed,) = queue(box, "refused@example.org")
    assert outbox_command(capsys, "retry", "--failed")[:2] == (0, "1 mail due again\n")
    assert wlemail.EmailStatus(failed) == wlemail.emailPending
    assert other


def test_purge_forgets_what_is_done(capsys: pytest.CaptureFixture[str], box: Sandbox) -> None:
    sent, failed, waiting = queue(box, "jean@example.org", "refused@example.org", "tempfail@example.org")
    assert outbox_command(capsys, "purge", "--days", 1)[:2] == (0, "0 mails forgotten\n")
    assert outbox_command(capsys, "purge")[:2] == (0, "1 mail forgotten\n")
    assert wlemail.EmailStatus(sent) == wlemail.emailError
    assert f"no mail {sent}" in ErrorInfo()
    assert outbox_command(capsys, "purge", "--failed")[:2] == (0, "1 mail forgotten\n")
    assert wlemail.EmailStatus(waiting) == wlemail.emailPending
    assert failed


# -- flush --------------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    """Standard input that is a terminal, or is none."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def at_terminal(monkeypatch: pytest.MonkeyPatch, answer: str | None) -> list[str]:
    """A terminal on which `answer` is typed (None: there is no terminal); the prompts that were shown."""
    prompts: list[str] = []

    def ask(prompt: str) -> str:
        prompts.append(prompt)
        return answer or ""

    monkeypatch.setattr(getpass, "getpass", ask)
    monkeypatch.setattr(sys, "stdin", Terminal(answer is not None))
    return prompts


def open_doors(box: Sandbox) -> list[int]:
    """Two mails that wait, one of which the server takes by now."""
    numbers = queue(box, "tempfail@example.org", "refused@example.org")
    SENDERS.store().retry(numbers)
    return numbers


def test_flush_asks_for_the_password(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, box: Sandbox
) -> None:
    open_doors(box)
    prompts = at_terminal(monkeypatch, PASSWORD)
    status, out, err = outbox_command(capsys, "flush")
    assert prompts == [f"Password of lea ({box.host}:{box.port}): "]
    assert out == f"lea ({box.host}:{box.port}): 0 sent, 1 failed, 1 still waiting\n"
    assert (status, err) == (1, "")


def test_flush_sends_what_waits(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The server refuses for now; when it is there again, the mail leaves."""
    at_terminal(monkeypatch, None)
    with Sandbox() as box:
        port = box.port
        (number,) = queue(box, "tempfail@example.org", password="")
    with Sandbox(port=port) as box:
        # The outbox waits half a minute after a refusal; a person who flushes does not.
        status, out, err = outbox_command(capsys, "flush")
        assert (status, err) == (1, "")
        assert "1 still waiting" in out
        assert SENDERS.store().status(number).attempts == 1, "retrying begins anew"


def test_flush_tells_why_a_server_that_answers_takes_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_terminal(monkeypatch, None)

    def leaving(connection: socket.socket) -> None:
        connection.sendall(b"220 here\r\n")
        while (line := read_line(connection)) and not line.startswith(b"MAIL"):
            connection.sendall(b"250 here\r\n")

    with Sandbox() as box:
        port = box.port
        queue(box, "tempfail@example.org", password="")
    with LoopbackServer(leaving, port):
        status, out, _ = outbox_command(capsys, "flush")
    assert status == 1
    assert out.endswith(": 0 sent, 0 failed, 1 still waiting (the server closed the connection)\n")


def test_flush_takes_the_secret_of_the_session(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, box: Sandbox
) -> None:
    prompts = at_terminal(monkeypatch, "wrong")
    with using(MemoryKeyring()):
        secrets.store("mail", PASSWORD)
        queue(box, "tempfail@example.org", password=SecretString("mail"))
        status, out, err = outbox_command(capsys, "flush")
    assert (status, err, prompts) == (1, "", [])
    assert "1 still waiting" in out


def test_flush_takes_the_password_from_the_environment(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, box: Sandbox
) -> None:
    open_doors(box)
    prompts = at_terminal(monkeypatch, None)
    monkeypatch.setenv("WLEMAIL_SECRET_LEA", PASSWORD)
    status, out, err = outbox_command(capsys, "flush", "--user", "lea", "--seconds", "20")
    assert (status, err, prompts) == (1, "", [])
    assert "1 failed" in out


def test_flush_without_a_password_says_what_to_set(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, box: Sandbox
) -> None:
    at_terminal(monkeypatch, None)
    monkeypatch.setenv("WLEMAIL_SECRET_MAIL", PASSWORD)
    queue(box, "tempfail@example.org", password=SecretString("mail"))
    monkeypatch.delenv("WLEMAIL_SECRET_MAIL")
    status, out, err = outbox_command(capsys, "flush")
    assert (status, out) == (1, "")
    assert "no password for it: set WLEMAIL_SECRET_LEA" in err
    assert "WLEMAIL_SECRET_MAIL" in err, "and why the secret could not be had"


def test_a_wrong_password_costs_no_attempt(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, box: Sandbox
) -> None:
    (number,) = queue(box, "tempfail@example.org")
    at_terminal(monkeypatch, "wrong")
    before = SENDERS.store().entry(number)
    status, out, err = outbox_command(capsys, "flush")
    assert (status, out) == (1, "")
    assert "535" in err
    assert SENDERS.store().entry(number) == before


def test_flush_of_nothing_is_well(capsys: pytest.CaptureFixture[str], box: Sandbox) -> None:
    queue(box, "jean@example.org")
    assert outbox_command(capsys, "flush") == (0, "nothing waits\n", "")
