"""Reading a mailbox, as a script sees it, whatever server holds it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import pytest

import wlemail
from tests.support.faults import FaultProxy
from tests.support.mailboxes import letter
from wlemail import (
    Email,
    EmailCloseSession,
    EmailDeleteMessage,
    EmailGetAll,
    EmailListSession,
    EmailMessageLength,
    EmailNbMessage,
    EmailReadFirst,
    EmailReadFirstHeader,
    EmailReadLast,
    EmailReadMessage,
    EmailReadNext,
    EmailReadNextHeader,
    EmailReadPrevious,
    EmailSaveAttachment,
    EmailStartPOP3Session,
    ErrorInfo,
    ErrorOccurred,
    emailOptionDefault,
    emailPOP3Session,
    emailProtocolSMTPS,
    ertFull,
    optionTLS,
)

#: how the connection is protected
WAYS = {"clear": emailOptionDefault, "STLS": emailProtocolSMTPS, "implicit TLS": optionTLS}


@dataclass(frozen=True)
class Door:
    """Where and how a mailbox is opened."""

    host: str
    port: int
    user: str
    password: str
    option: int = emailOptionDefault

    def open(self) -> str:
        opened = EmailStartPOP3Session(self.user, self.password, self.host, self.port, self.option)
        assert opened is True, ErrorInfo()
        assert not ErrorOccurred
        return self.user

    def variable(self) -> emailPOP3Session:
        session = emailPOP3Session(Name=self.user, Password=self.password, ServerAddress=self.host)
        session.Port, session.Option = self.port, self.option
        assert session.StartSession() is True, ErrorInfo()
        return session


class Inbox(Protocol):
    """A mailbox of a server, and a way around our own client to fill it."""

    door: Door

    def fill(self, messages: list[bytes]) -> None:
        """Leave these messages and no others in the mailbox."""


def letters(count: int) -> list[bytes]:
    return [letter(f"s{number}", f"text {number}") for number in range(1, count + 1)]


def with_attachments(*attachments: tuple[str, bytes]) -> bytes:
    """Made by Python's own mail package: ours must not confirm itself."""
    from email.message import EmailMessage

    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.com", "b@example.com", "attachments"
    message.set_content("text\n")
    for name, content in attachments:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes().replace(b"\n", b"\r\n")


def subjects_left(inbox: Inbox) -> list[str]:
    """What a new session finds, read as headers."""
    user = inbox.door.open()
    found, ok = [], EmailReadFirstHeader(user)
    while ok:
        found.append(str(Email.Subject))
        ok = EmailReadNextHeader(user)
    assert not ErrorOccurred, ErrorInfo()
    EmailCloseSession(user)
    return found


class ReadingBehaviour:
    """Collected by the modules that have an `inbox` fixture."""

    def test_an_empty_mailbox(self, inbox: Inbox) -> None:
        inbox.fill([])
        user = inbox.door.open()
        assert EmailNbMessage(user) == 0
        for read in (EmailReadFirst, EmailReadNext, EmailReadPrevious, EmailReadLast, EmailReadFirstHeader):
            assert read(user) is False
            assert (Email.Out, bool(ErrorOccurred)) == (True, False)
        assert EmailGetAll(user).Count == 0
        assert not ErrorOccurred

    def test_one_message(self, inbox: Inbox) -> None:
        inbox.fill(letters(1))
        user = inbox.door.open()
        m = Email()
        assert EmailReadFirst(user, m) is True
        assert (m.Subject, m.Message, m.Sender) == ("s1", "text 1", "Jean Dupont <jean@example.com>")
        assert (m.Out, Email.Out, bool(ErrorOccurred)) == (False, False, False)
        assert EmailReadNext(user, m) is False
        assert (m.Out, Email.Out, bool(ErrorOccurred)) == (True, True, False)
        assert EmailReadNext(user, m) is True
        assert EmailReadMessage(user, m, 2) is False
        assert (m.Out, bool(ErrorOccurred)) == (True, False)
        assert EmailMessageLength(user, 1) == len(m.Source)

    def test_every_message_comes_once_in_order(self, inbox: Inbox) -> None:
        inbox.fill(letters(120))
        user = inbox.door.open()
        expected = [f"s{number}" for number in range(1, 121)]
        assert EmailNbMessage(user) == 120
        forwards, ok = [], EmailReadFirst(user)
        while ok:
            forwards.append((str(Email.Subject), str(Email.Message)))
            ok = EmailReadNext(user)
        assert forwards == [(subject, f"text {subject[1:]}") for subject in expected]
        backwards, ok = [], EmailReadLast(user)
        while ok:
            backwards.append(str(Email.Subject))
            ok = EmailReadPrevious(user)
        assert backwards == expected[::-1]
        assert [str(m.Subject) for m in EmailGetAll(user)] == expected
        assert [str(m.Message) for m in EmailGetAll(user, ertFull)][-1] == "text 120"
        by_number = []
        for number in range(1, EmailNbMessage(user) + 1):
            assert EmailReadMessage(user, number)
            by_number.append(str(Email.Subject))
        assert by_number == expected
        assert not ErrorOccurred

    def test_headers_and_whole_mails_share_the_current_one(self, inbox: Inbox) -> None:
        inbox.fill(letters(4))
        user = inbox.door.open()
        assert EmailReadFirstHeader(user)
        assert (Email.Subject, Email.Message) == ("s1", "")
        assert EmailReadNext(user)
        assert (Email.Subject, Email.Message) == ("s2", "text 2")
        assert EmailReadNextHeader(user)
        assert (Email.Subject, Email.Message) == ("s3", "")
        assert EmailReadPrevious(user)
        assert Email.Subject == "s2"

    def test_deleting_while_walking_forwards(self, inbox: Inbox) -> None:
        inbox.fill(letters(6))
        user = inbox.door.open()
        seen, ok = [], EmailReadFirst(user)
        while ok:
            seen.append(str(Email.Subject))
            if Email.Subject in ("s1", "s4", "s6"):
                assert EmailDeleteMessage(user) is True, ErrorInfo()
                assert Email.Out is True
            ok = EmailReadNext(user)
        assert seen == ["s1", "s2", "s3", "s4", "s5", "s6"]
        assert EmailNbMessage(user) == 6
        assert EmailReadMessage(user, 4) is False
        assert (Email.Out, bool(ErrorOccurred)) == (True, False)
        EmailCloseSession(user)
        assert subjects_left(inbox) == ["s2", "s3", "s5"]

    def test_deleting_while_walking_backwards(self, inbox: Inbox) -> None:
        inbox.fill(letters(5))
        user = inbox.door.open()
        m = Email()
        ok = EmailReadLast(user, m)
        while ok:
            if m.Subject in ("s5", "s2"):
                assert EmailDeleteMessage(user, m) is True, ErrorInfo()
            ok = EmailReadPrevious(user, m)
        EmailCloseSession(user)
        assert subjects_left(inbox) == ["s1", "s3", "s4"]

    def test_deleting_everything(self, inbox: Inbox) -> None:
        inbox.fill(letters(30))
        session = inbox.door.variable()
        for mail in session:
            assert EmailDeleteMessage(session, mail) is True, ErrorInfo()
        assert not ErrorOccurred
        session.CloseSession()
        assert subjects_left(inbox) == []

    def test_the_stable_id_is_the_same_in_the_next_session(self, inbox: Inbox) -> None:
        inbox.fill(letters(3))
        ids = []
        for _ in range(2):
            session = inbox.door.variable()
            ids.append([str(mail.StableID) for mail in session])
            session.CloseSession()
        assert ids[0] == ids[1]
        assert len(set(ids[0])) == 3

    def test_dots_and_long_lines_come_as_they_were_sent(self, inbox: Inbox) -> None:
        text = "\r\n".join([".", "..", ".x", "", "x" * 900, "."])
        inbox.fill([letter("dots", text)])
        user = inbox.door.open()
        assert EmailReadFirst(user)
        assert Email.Message == text

    def test_attachments_of_one_name_and_with_names_that_no_file_may_have(self, inbox: Inbox, tmp_path: Path) -> None:
        given = [("a.txt", b"one"), ("a.txt", b"two"), ("../../x.txt", b"three"), ("CON.txt", b"four"), ("a/b", b"5")]
        inbox.fill([with_attachments(*given)])
        user = inbox.door.open()
        assert EmailReadFirst(user)
        assert Email.NbAttach == len(given)
        for place in range(1, Email.NbAttach + 1):
            assert EmailSaveAttachment(Email.Attach[place], tmp_path / Email.Attach[place]) is True, ErrorInfo()
        written = sorted(path.read_bytes() for path in tmp_path.iterdir())
        assert written == sorted(content for _, content in given)
        assert not (tmp_path.parent / "x.txt").exists()

    def test_a_lost_connection_between_two_reads_is_not_noticed(self, inbox: Inbox) -> None:
        inbox.fill(letters(5))
        with FaultProxy(inbox.door.host, inbox.door.port) as proxy:
            user = replace(inbox.door, port=proxy.port).open()
            assert EmailReadFirst(user)
            assert EmailDeleteMessage(user)
            proxy.hang_up()
            seen = []
            while EmailReadNext(user):
                seen.append(str(Email.Subject))
            assert not ErrorOccurred, ErrorInfo()
            assert seen == ["s2", "s3", "s4", "s5"]
            EmailCloseSession(user)
        assert subjects_left(inbox) == ["s2", "s3", "s4", "s5"]

    def test_a_server_that_is_gone_ends_loops_on_out(self, inbox: Inbox) -> None:
        inbox.fill(letters(400))
        with FaultProxy(inbox.door.host, inbox.door.port) as proxy:
            user = replace(inbox.door, port=proxy.port).open()
            assert EmailReadFirstHeader(user)
        steps = 0
        while not Email.Out:
            steps += 1
            EmailReadNextHeader(user)
        assert steps < 400
        assert ErrorOccurred
        assert ErrorInfo()
        assert EmailReadNext(user) is False
        EmailCloseSession(user)
        assert user not in EmailListSession()
        assert wlemail.EmailNbMessage(user) == -1


class LargeMessageBehaviour:
    def test_a_message_of_thirty_megabytes(self, inbox: Inbox, tmp_path: Path) -> None:
        content = bytes(range(256)) * (30 * 4096)
        inbox.fill([letter("small"), with_attachments(("large.bin", content)), letter("behind")])
        session = inbox.door.variable()
        found = [str(mail.Subject) for mail in session]
        assert found == ["small", "attachments", "behind"]
        m = Email()
        assert EmailReadMessage(session, m, 2), ErrorInfo()
        assert m.Attach[1].SaveAttachment(tmp_path / "large.bin"), ErrorInfo()
        assert (tmp_path / "large.bin").read_bytes() == content


class LargeMailboxBehaviour:
    def test_ten_thousand_messages(self, inbox: Inbox) -> None:
        count = 10_000
        inbox.fill(letters(count))
        user = inbox.door.open()
        assert EmailNbMessage(user) == count
        assert EmailReadLast(user)
        assert Email.Subject == f"s{count}"
        assert EmailReadMessage(user, 5000)
        assert Email.Subject == "s5000"
        seen, ok = 0, EmailReadFirst(user)
        while ok:
            seen += 1
            assert Email.Subject == f"s{seen}"
            if seen % 2:
                assert EmailDeleteMessage(user)
            ok = EmailReadNext(user)
        assert (seen, bool(ErrorOccurred)) == (count, False)
        EmailCloseSession(user)
        assert not ErrorOccurred, ErrorInfo()
        user = inbox.door.open()
        assert EmailNbMessage(user) == count // 2


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    """How the connection is protected."""
    return str(request.param)
