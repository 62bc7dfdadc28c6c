"""Asynchronous sessions: mails wait in the outbox, leave by themselves, and EmailStatus tells what became of them."""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import wlemail
from tests.support.processes import run_python, start_python
from tests.support.servers import LoopbackServer, read_line
from wlemail import (
    Email,
    EmailCloseSession,
    EmailConfigure,
    EmailEnvoieMessage,
    EmailEtat,
    EmailOuvreSessionSMTP,
    EmailReset,
    EmailSend,
    EmailSendMessage,
    EmailStartSession,
    EmailStartSMTPSession,
    EmailStatus,
    ErreurDétectée,
    ErrorInfo,
    ErrorOccurred,
    emailAsynchrone,
    emailAsynchronous,
    emailEnvoyé,
    emailError,
    emailParameterDrainTimeOut,
    emailParameterMaxAge,
    emailParameterOutbox,
    emailPending,
    emailSent,
    emailSMTPSession,
)
from wlemail.mail.outbox.sender import SENDERS
from wlemail.mail.settings import SETTINGS
from wlemail.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("face")

#: A busy machine takes its time; nothing here waits that long otherwise.
PATIENCE = 30.0


@pytest.fixture(autouse=True)
def outbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, face: None) -> Iterator[Path]:
    """An outbox of the test's own, and the settings as they were."""
    place = tmp_path / "outbox"
    monkeypatch.setenv("WLEMAIL_OUTBOX", str(place))
    before = SETTINGS.dispatch, SETTINGS.outbox
    yield place
    SENDERS.close()
    SETTINGS.dispatch, SETTINGS.outbox = before


@pytest.fixture
def server(outbox: Path) -> Iterator[Sandbox]:
    """A mail server with an open asynchronous session named "me"."""
    with Sandbox() as sandbox:
        assert open_session(sandbox), ErrorInfo()
        yield sandbox
        EmailCloseSession("me")


def open_session(box: Sandbox, name: str = "me", password: str = "s3cret") -> bool:
    return EmailStartSMTPSession(name, password, box.host, box.port, emailAsynchronous)


def letter(*recipients: str, subject: str = "Réunion") -> Email:
    return Email(
        Sender="Léa <lea@example.com>",
        Recipient=list(recipients) or ["jean@example.org"],
        Subject=subject,
        Message="À demain",
    )


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.01)


def settled(identifier: object) -> int:
    """The status of a mail once it waits no more."""
    wait_until(lambda: EmailStatus(identifier) != emailPending)  # type: ignore[arg-type]
    return EmailStatus(identifier)  # type: ignore[arg-type]


# -- queueing and sending ---------------------------------------------------------------------------------


def test_a_mail_gets_an_identifier_and_leaves_by_itself(server: Sandbox) -> None:
    m = letter()
    assert EmailSendMessage("me", m) is True
    assert not ErrorOccurred
    assert ErrorInfo() == ""
    assert m.MailIdentifier > 0
    assert m.IdentifiantMail == m.MailIdentifier
    assert m.ID == m.AsynchronousEmailIdentifier == m.IdentifiantEmailAsynchrone == str(m.MailIdentifier)
    (arrived,) = server.wait_for(1)
    assert arrived.recipients == ("jean@example.org",)
    assert arrived.user == "me"
    for identifier in (m.MailIdentifier, m.ID, m.AsynchronousEmailIdentifier, m):
        assert settled(identifier) == emailSent
        assert not ErrorOccurred


def test_the_structure_in_french(server: Sandbox) -> None:
    assert EmailOuvreSessionSMTP("moi", server.host, server.port, emailAsynchrone), ErrorInfo()
    wlemail.EmailRAZ()
    Email.Expéditeur = "lea@example.com"
    Email.Destinataire[1] = "jean@example.org"
    Email.Sujet = "Réunion"
    assert EmailEnvoieMessage("moi") is True
    assert Email.IdentifiantMail > 0
    assert str(Email.IdentifiantMail) == Email.ID
    wait_until(lambda: EmailEtat(Email.IdentifiantMail) == emailEnvoyé)
    assert EmailEtat(Email) == emailEnvoyé
    assert not ErreurDétectée
    EmailReset()
    assert Email.MailIdentifier == 0
    wlemail.EmailFermeSession("moi")


def test_a_variable_says_that_it_is_asynchronous(server: Sandbox) -> None:
    session = emailSMTPSession(ServerAddress=server.host, Port=server.port, Name="var", Asynchrone=True)
    assert EmailStartSession(session), ErrorInfo()
    m = letter()
    assert session.SendMessage(m) is True
    assert settled(m) == emailSent
    session.Asynchronous = wlemail.emailSynchronous
    assert EmailStartSession(session), ErrorInfo()
    m = letter()
    assert EmailSendMessage(session, m) is True
    assert m.MailIdentifier == 0
    assert len(server.messages) == 2
    EmailCloseSession(session)


@pytest.mark.parametrize("pipelining", [True, False], ids=["pipelining", "one command at a time"])
@pytest.mark.parametrize("chunking", [True, False], ids=["BDAT", "DATA"])
def test_tricks_of_the_protocol_can_be_switched_off(
    server: Sandbox, caplog: pytest.LogCaptureFixture, pipelining: bool, chunking: bool
) -> None:
    session = emailSMTPSession(
        ServerAddress=server.host,
        Port=server.port,
        Name="var",
        Asynchronous=True,
        MaxConnections=1,
        DisablePipelining=not pipelining,
        DisableChunking=not chunking,
    )
    with caplog.at_level("DEBUG", "wlemail"), session:
        assert EmailStartSession(session), ErrorInfo()
        for n in range(5):
            assert EmailSendMessage(session, letter(subject=f"n° {n}")) is True
    assert len(server.messages) == 5
    commands = [re.sub(r"^.*?C: ", "", text) for text in caplog.messages if "C: " in text]
    if not chunking:
        assert not [command for command in commands if command.startswith("BDAT")]
    if not pipelining:
        # Each command has had its answer before the next one leaves.
        sides = [("C: " in text, text) for text in caplog.messages if re.search(r"[CS]: ", text)]
        together = [(one, two) for (ours, one), (too, two) in pairwise(sides) if ours and too and "octets)" not in two]
        assert not together


def test_pop3_and_smtp_at_once(server: Sandbox) -> None:
    assert server.pop3_port is not None
    assert EmailStartSession(
        "all", "any", server.host, server.host, server.pop3_port, server.port, emailAsynchronous
    ), ErrorInfo()
    m = letter()
    assert EmailSendMessage("all", m) is True
    assert m.MailIdentifier > 0
    EmailCloseSession("all")
    assert EmailStatus(m) == emailSent


def test_opening_tells_wrong_settings_at_once(outbox: Path) -> None:
    with Sandbox(users={"lea": "right"}) as box:
        assert open_session(box, "lea", "wrong") is False
        assert ErrorOccurred
        assert "refused the user name or the password" in ErrorInfo()


def test_attachments_are_those_of_the_call(server: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "prix.csv"
    file.write_bytes(b"a;1\n")
    m = letter()
    m.Attach.Add(str(file))
    assert EmailSendMessage("me", m) is True, ErrorInfo()
    file.unlink()
    (arrived,) = server.wait_for(1)
    with arrived.open() as stream:
        assert b"YTsxCg==" in stream.read()


@pytest.mark.parametrize("member", ["Attach", "Recipient"])
def test_what_cannot_be_sent_fails_the_call(server: Sandbox, member: str) -> None:
    m = letter()
    assert EmailSendMessage("me", m) is True
    setattr(m, member, "not there.pdf" if member == "Attach" else "no address")
    assert EmailSendMessage("me", m) is False
    assert ErrorOccurred
    assert ("not there.pdf" if member == "Attach" else "no address") in ErrorInfo()


def test_a_mail_that_was_not_queued_has_no_identifier(outbox: Path) -> None:
    """Else its status would be that of the mail before."""
    with Sandbox() as box:
        assert open_session(box)
        m = letter()
        assert EmailSendMessage("me", m) is True
        assert settled(m) == emailSent
        os.chmod(outbox, 0o777)
        SENDERS.store().close()
        # Only where others could write to it is the outbox refused; Windows knows no such bits.
        if sys.platform != "win32":
            assert EmailSendMessage("me", m) is False
            assert ErrorOccurred
            assert m.MailIdentifier == 0
            assert m.ID == ""
            os.chmod(outbox, 0o700)
        EmailCloseSession("me")


def test_a_file_is_queued_as_it_is(server: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "mail.eml"
    file.write_bytes("Subject: café\n\n.dot\nÀ demain\n".encode())
    Email.Sender, Email.Recipient = "lea@example.com", "jean@example.org"
    assert EmailSend("me", str(file)) is True, ErrorInfo()
    file.unlink()
    assert Email.MailIdentifier > 0
    (arrived,) = server.wait_for(1)
    with arrived.open() as stream:
        assert stream.read().endswith("Subject: café\r\n\r\n.dot\r\nÀ demain\r\n".encode())
    assert settled(Email) == emailSent


def test_many_threads_queue_at_the_same_time(server: Sandbox) -> None:
    numbers: list[int] = []

    def work() -> None:
        for _ in range(10):
            m = letter()
            assert EmailSendMessage("me", m) is True, ErrorInfo()
            numbers.append(int(m.MailIdentifier))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(numbers)) == 40
    EmailCloseSession("me")
    assert len(server.messages) == 40
    assert {EmailStatus(number) for number in numbers} == {emailSent}


def test_a_session_is_not_used_after_it_was_closed(server: Sandbox) -> None:
    EmailCloseSession("me")
    assert EmailSendMessage("me", letter()) is False
    assert ErrorOccurred
    assert 'No session named "me"' in ErrorInfo()


# -- what becomes of a mail -------------------------------------------------------------------------------


def test_a_refused_mail_is_an_error_with_its_reason(server: Sandbox) -> None:
    m = letter("refused@example.org")
    assert EmailSendMessage("me", m) is True
    assert settled(m) == emailError
    assert ErrorOccurred
    assert "550 5.1.1 no such mailbox here" in ErrorInfo()
    assert list(m.RefusedRecipient) == ["refused@example.org"]
    wlemail.EmailErrorLanguage("fr")
    assert EmailEtat(m.MailIdentifier) == wlemail.emailErreur
    assert "Le serveur a refusé le destinataire" in ErrorInfo()


def test_the_reason_is_the_error_of_the_thread_that_asks_alone(server: Sandbox) -> None:
    m = letter("refused@example.org")
    assert EmailSendMessage("me", m) is True
    wait_until(lambda: SENDERS.status(int(m.MailIdentifier)).state.name == "ERROR")
    assert not ErrorOccurred
    assert EmailStatus(m) == emailError
    told: list[bool] = []
    thread = threading.Thread(target=lambda: told.append(bool(ErrorOccurred)))
    thread.start()
    thread.join()
    assert told == [False]


def test_those_who_were_refused_are_named_when_somebody_asks(server: Sandbox) -> None:
    m = letter("jean@example.org", "refused@example.org")
    assert EmailSendMessage("me", m) is True
    assert settled(m) == emailSent
    assert not ErrorOccurred
    assert list(m.RefusedRecipient) == ["refused@example.org"]
    assert "550" in m.RefusedReason[1]


def test_who_asks_for_no_status_is_warned_in_the_log(server: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    assert EmailSendMessage("me", letter("refused@example.org")) is True
    assert EmailSendMessage("me", letter("jean@example.org", "refused@example.org")) is True
    EmailCloseSession("me")
    warnings = sorted(record.getMessage() for record in caplog.records if record.levelname == "WARNING")
    assert len(warnings) == 2
    assert re.match(r"message \d+ was not sent: every recipient was refused: refused@example\.org: 550 ", warnings[0])
    assert re.match(r"message \d+: recipient refused@example\.org refused: 550 .* was sent to the others", warnings[1])


def test_what_may_pass_later_waits(server: Sandbox, capfd: pytest.CaptureFixture[str]) -> None:
    m = letter("tempfail@example.org")
    assert EmailSendMessage("me", m) is True
    wait_until(lambda: SENDERS.status(int(m.MailIdentifier)).attempts == 1)
    assert EmailStatus(m) == emailPending
    assert not ErrorOccurred
    begun = time.monotonic()
    EmailCloseSession("me")
    assert time.monotonic() - begun < 5, "what is not due is not waited for"
    err = capfd.readouterr().err
    assert "1 mail of me (" in err
    assert "outbox flush" in err


def test_what_is_too_old_is_not_sent_late(server: Sandbox) -> None:
    EmailCloseSession("me")
    EmailConfigure(emailParameterMaxAge, 0.2)
    assert open_session(server), ErrorInfo()
    m = letter("tempfail@example.org")
    assert EmailSendMessage("me", m) is True
    assert settled(m) == emailError
    assert ErrorOccurred
    assert "could not be sent within" in ErrorInfo()


@pytest.mark.parametrize("identifier", [0, -1, "", "x", None, 1.5, [], 10**25, b"\xff"])
def test_what_is_no_identifier_is_an_error(server: Sandbox, identifier: object) -> None:
    assert EmailStatus(identifier) == emailError  # type: ignore[arg-type]
    assert ErrorOccurred
    assert "Identifier" in ErrorInfo()


def test_an_unknown_identifier_is_an_error(outbox: Path) -> None:
    assert EmailStatus(12345) == emailError
    assert ErrorOccurred
    assert "no mail 12345" in ErrorInfo()
    assert not outbox.exists(), "asking makes no outbox"


def test_another_program_knows_the_status(server: Sandbox) -> None:
    sent, refused = letter(), letter("refused@example.org")
    for m in (sent, refused):
        assert EmailSendMessage("me", m) is True
    assert settled(refused) == emailError
    assert settled(sent) == emailSent
    code = """
        import sys
        from wlemail import *
        print([EmailStatus(number) for number in sys.argv[1:]], bool(ErrorOccurred), ErrorInfo())
    """
    output = run_python(code, sent.MailIdentifier, refused.MailIdentifier, environment={"LC_ALL": "C"})
    assert output.startswith(f"[{emailSent}, {emailError}] True")
    assert "550 5.1.1 no such mailbox here" in output


# -- where the outbox is ----------------------------------------------------------------------------------


def test_no_password_is_on_the_disk(server: Sandbox, outbox: Path) -> None:
    assert EmailSendMessage("me", letter("tempfail@example.org")) is True
    content = b"".join(path.read_bytes() for path in outbox.rglob("*") if path.is_file())
    assert b"tempfail@example.org" in content
    assert b"s3cret" not in content


def test_a_place_where_nothing_can_be_fails_the_opening(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    EmailConfigure(emailParameterOutbox, str(tmp_path / "file" / "outbox"))
    with Sandbox() as box:
        assert open_session(box) is False
        assert ErrorOccurred
        assert "emailParameterOutbox" in ErrorInfo()
        wlemail.EmailErrorLanguage("fr")
        assert open_session(box) is False
        assert "boîte d'envoi" in ErrorInfo()


def test_the_outbox_may_be_in_memory(outbox: Path) -> None:
    EmailConfigure(emailParameterOutbox, "memory")
    with Sandbox() as box:
        assert open_session(box), ErrorInfo()
        m = letter()
        assert EmailSendMessage("me", m) is True, ErrorInfo()
        assert settled(m) == emailSent
        EmailCloseSession("me")
    assert not outbox.exists()


# -- closing, and the end of the program -------------------------------------------------------------------


def test_closing_sends_what_is_due(server: Sandbox) -> None:
    mails = [letter(subject=f"n° {n}") for n in range(30)]
    for m in mails:
        assert EmailSendMessage("me", m) is True
    EmailCloseSession("me")
    assert len(server.messages) == 30
    assert {EmailStatus(m) for m in mails} == {emailSent}


def test_closing_leaves_the_rest_for_the_next_session(outbox: Path, capfd: pytest.CaptureFixture[str]) -> None:
    EmailConfigure(emailParameterDrainTimeOut, 0)
    with Sandbox() as box:
        host, port = box.host, box.port
        assert open_session(box), ErrorInfo()
        m = letter("tempfail@example.org")
        assert EmailSendMessage("me", m) is True
        EmailCloseSession("me")
        assert re.search(r"wlemail: 1 mail of me \(.*\) left in the outbox", capfd.readouterr().err)
    with Sandbox(port=port) as box:
        assert (box.host, box.port) == (host, port)
        SENDERS.store().retry([int(m.MailIdentifier)])
        assert open_session(box), ErrorInfo()
        wait_until(lambda: SENDERS.status(int(m.MailIdentifier)).attempts > 0)
        EmailCloseSession("me")


def test_the_sender_goes_on_while_another_session_of_the_account_is_open(server: Sandbox) -> None:
    assert open_session(server, "me")
    done = threading.Event()
    numbers: list[int] = []

    def other() -> None:
        assert open_session(server, "me"), ErrorInfo()
        m = letter()
        assert EmailSendMessage("me", m) is True
        numbers.append(int(m.MailIdentifier))
        EmailCloseSession("me")
        done.set()

    threading.Thread(target=other).start()
    assert done.wait(PATIENCE)
    assert settled(numbers[0]) == emailSent


SCRIPT = """
    import sys
    from wlemail import *
    host, port, count, to = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    assert EmailStartSMTPSession("me", "any", host, port, emailAsynchronous), ErrorInfo()
    for n in range(count):
        m = Email(Sender="lea@example.com", Recipient=to, Subject=f"n {n}", Message="x")
        assert EmailSendMessage("me", m), ErrorInfo()
    print(m.MailIdentifier)
"""
NO_PASSWORD = SCRIPT.replace('"me", "any", ', '"me", ')


def test_the_end_of_the_program_sends_what_is_due() -> None:
    with Sandbox() as box:
        number = int(run_python(SCRIPT, box.host, box.port, 20, "jean@example.org"))
        assert len(box.messages) == 20
    assert EmailStatus(number) == emailSent


def test_the_end_of_the_program_tells_what_stays() -> None:
    with Sandbox() as box:
        child = start_python(SCRIPT, box.host, box.port, 2, "tempfail@example.org")
        output, problems = child.communicate(timeout=PATIENCE)
        assert child.returncode == 0
        assert "Traceback" not in problems
        assert f"wlemail: 2 mails of me ({box.host}:{box.port}) left in the outbox" in problems
        assert EmailStatus(output.strip()) == emailPending
        # And they leave with the next session of that account.
        number = int(output)
        SENDERS.store().retry([number])
        attempts = SENDERS.status(number).attempts
        assert open_session(box), ErrorInfo()
        wait_until(lambda: SENDERS.status(number).attempts > attempts)


def silent(connection: socket.socket) -> None:
    """A server that opens the session and then never answers again."""
    connection.sendall(b"220 here\r\n")
    read_line(connection)
    connection.sendall(b"250-here\r\n250 PIPELINING\r\n")
    while connection.recv(65536):
        pass


def test_the_end_of_the_program_waits_no_longer_than_is_set() -> None:
    code = "from wlemail import *\nEmailConfigure(emailParameterDrainTimeOut, 1)\n" + textwrap.dedent(NO_PASSWORD)
    with LoopbackServer(silent) as server:
        child = start_python(code, "127.0.0.1", server.port, 1, "jean@example.org")
        begun = time.monotonic()
        _, problems = child.communicate(timeout=PATIENCE)
        assert time.monotonic() - begun < 15
    assert child.returncode == 0
    assert "Traceback" not in problems
    assert "1 mail of me (127.0.0.1:" in problems


def silent_at_the_end(connection: socket.socket) -> None:
    """A server that takes the content of a mail and says no more."""
    connection.sendall(b"220 here\r\n")
    while line := read_line(connection):
        if line.startswith(b"EHLO"):
            connection.sendall(b"250-here\r\n250 PIPELINING\r\n")
        elif line.startswith(b"DATA"):
            connection.sendall(b"354 go on\r\n")
            while connection.recv(65536):
                pass
        elif line.startswith((b"MAIL", b"RCPT", b"RSET")):
            connection.sendall(b"250 ok\r\n")


class SilentNextTime:
    """A server that opens the session and answers nothing; a further connection is not even greeted."""

    def __init__(self) -> None:
        self.greeted = 0

    def __call__(self, connection: socket.socket) -> None:
        self.greeted += 1
        if self.greeted == 1:
            silent(connection)
        while connection.recv(65536):
            pass


@pytest.mark.parametrize("handler", ["silent", "silent_at_the_end", "SilentNextTime"])
@pytest.mark.parametrize("mails", [0, 12])
def test_closing_takes_no_longer_than_is_set_where_the_server_keeps_silent(
    outbox: Path, capfd: pytest.CaptureFixture[str], handler: str, mails: int
) -> None:
    EmailConfigure(emailParameterDrainTimeOut, 2)
    handlers = {"silent": silent, "silent_at_the_end": silent_at_the_end, "SilentNextTime": SilentNextTime()}
    with LoopbackServer(handlers[handler]) as server:
        assert EmailStartSMTPSession("me", "", "127.0.0.1", server.port, emailAsynchronous), ErrorInfo()
        numbers = []
        for _ in range(mails):
            m = letter()
            assert EmailSendMessage("me", m), ErrorInfo()
            numbers.append(int(m.MailIdentifier))
        begun = time.monotonic()
        EmailCloseSession("me")
        # A busy machine is late; the servers would keep us for ten minutes.
        assert time.monotonic() - begun < 2.9
    told = capfd.readouterr().err
    for number in numbers:
        assert EmailStatus(number) == emailPending
        # It was we who ended it.
        assert "closed the connection" not in "".join(event.text for event in SENDERS.store().history(number))
    if mails:
        assert f"{mails} mails of me" in told
        assert "timed out" in told


@pytest.mark.skipif(sys.platform == "win32", reason="no signal there is a Ctrl-C for one child alone")
def test_ctrl_c_ends_the_waiting_at_the_end_of_the_program() -> None:
    begin = "import atexit\nfrom wlemail import *\nEmailConfigure(emailParameterDrainTimeOut, 600)\n"
    end = "atexit.register(print, 'ending', flush=True)\n"
    with LoopbackServer(silent) as server:
        child = start_python(
            begin + textwrap.dedent(NO_PASSWORD) + end, "127.0.0.1", server.port, 1, "jean@example.org"
        )
        assert child.stdout is not None
        while child.stdout.readline() != "ending\n":
            assert child.poll() is None
        # Nothing can be seen of the waiting itself; whoever is impatient presses the keys more than once.
        while child.poll() is None:
            time.sleep(0.5)
            child.send_signal(signal.SIGINT)
        _, problems = child.communicate(timeout=PATIENCE)
    assert "left in the outbox" in problems
    assert "Traceback" not in problems


def test_in_memory_the_end_of_the_program_tells_what_is_lost() -> None:
    with Sandbox() as box:
        child = start_python(
            SCRIPT, box.host, box.port, 1, "tempfail@example.org", environment={"WLEMAIL_OUTBOX": "memory"}
        )
        _, problems = child.communicate(timeout=PATIENCE)
    assert child.returncode == 0
    assert "unsent and lost" in problems


def test_a_rehearsal_ends_when_its_mails_are_sent(outbox: Path) -> None:
    child = start_python(
        SCRIPT, "smtp.invalid", 465, 5, "jean@example.org", environment={"WLEMAIL_REHEARSAL": "sandbox"}
    )
    output, problems = child.communicate(timeout=PATIENCE)
    assert child.returncode == 0, problems
    assert int(output) > 0
    assert "the sandbox received 5 messages" in problems
    assert not outbox.exists(), "a rehearsal leaves nothing that could be sent for real"


def test_a_rehearsal_for_one_address_rewrites_what_is_queued(outbox: Path) -> None:
    with Sandbox() as box:
        environment = {"WLEMAIL_REHEARSAL": "only:me@example.net"}
        run_python(SCRIPT, box.host, box.port, 1, "jean@example.org", environment=environment)
        assert [list(message.recipients) for message in box.messages] == [["me@example.net"]]
    assert not outbox.exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_sends_nothing_of_its_parent() -> None:
    code = """
        import os, sys
        from wlemail import *
        host, port = sys.argv[1], int(sys.argv[2])
        assert EmailStartSMTPSession("me", "any", host, port, emailAsynchronous), ErrorInfo()
        m = Email(Sender="lea@example.com", Recipient="jean@example.org", Subject="parent", Message="x")
        assert EmailSendMessage("me", m), ErrorInfo()
        child = os.fork()
        if not child:
            assert EmailSendMessage("me", m) is False
            assert EmailStartSMTPSession("me", "any", host, port, emailAsynchronous), ErrorInfo()
            m.Subject = "child"
            assert EmailSendMessage("me", m), ErrorInfo()
            sys.exit()
        assert os.waitpid(child, 0)[1] == 0
        m.Subject = "parent again"
        assert EmailSendMessage("me", m), ErrorInfo()
    """
    with Sandbox() as box:
        child = start_python(code, box.host, box.port)
        _, problems = child.communicate(timeout=60)
        assert child.returncode == 0, problems
        assert "Traceback" not in problems
        subjects = []
        for message in box.messages:
            with message.open() as stream:
                subjects += re.findall(rb"(?m)^Subject: (.*)\r$", stream.read())
        assert sorted(subjects) == [b"child", b"parent", b"parent again"]


def test_two_programs_share_an_outbox_and_one_takes_over_from_the_other(server: Sandbox) -> None:
    code = SCRIPT.replace("print(m.MailIdentifier)", "print(m.MailIdentifier, flush=True)\n    input()")
    child = start_python(code, server.host, server.port, 1, "jean@example.org")
    assert child.stdout is not None
    try:
        number = int(child.stdout.readline())
        assert settled(number) == emailSent
        m = letter()
        assert EmailSendMessage("me", m) is True
        assert m.MailIdentifier != number
        assert settled(m) == emailSent
    finally:
        child.kill()
        child.communicate(timeout=PATIENCE)
    m = letter()
    assert EmailSendMessage("me", m) is True
    assert settled(m) == emailSent
    assert len(server.messages) == 3


def test_who_sends_at_once_pays_nothing_for_the_outbox(outbox: Path) -> None:
    code = SCRIPT.replace(", emailAsynchronous", "") + "    assert 'sqlite3' not in sys.modules\n"
    with Sandbox() as box:
        assert int(run_python(code, box.host, box.port, 2, "jean@example.org")) == 0
        assert len(box.messages) == 2
    assert not outbox.exists()


def test_threads_that_open_and_close_the_same_account_lose_nothing(server: Sandbox) -> None:
    problems: list[str] = []

    def work() -> None:
        for _ in range(5):
            if not (open_session(server) and EmailSendMessage("me", letter())):
                problems.append(ErrorInfo())
            EmailCloseSession("me")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    EmailCloseSession("me")
    assert problems == []
    assert len(server.messages) == 20
