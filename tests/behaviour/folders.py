"""Reading and keeping mail over IMAP, as a script sees it, whatever server holds it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import pytest

from tests.support.faults import FaultProxy
from tests.support.mailboxes import letter
from wlemail import (
    CR,
    TAB,
    Email,
    EmailAddFolder,
    EmailAppendMessage,
    EmailChangeFolder,
    EmailChangeIndicator,
    EmailChangeStatus,
    EmailCloseSession,
    EmailCopy,
    EmailCurrentFolder,
    EmailDeleteMessage,
    EmailExecuteCommand,
    EmailExpunge,
    EmailGetAll,
    EmailGetIndicator,
    EmailListFolder,
    EmailListSession,
    EmailMessageLength,
    EmailMoveMessage,
    EmailNbMessage,
    EmailReadFirst,
    EmailReadFirstHeader,
    EmailReadLast,
    EmailReadMessage,
    EmailReadMessageHeader,
    EmailReadNext,
    EmailReadNextHeader,
    EmailReadPrevious,
    EmailRemoveFolder,
    EmailRenameFolder,
    EmailSaveAttachment,
    EmailSeekFirst,
    EmailStartIMAPSession,
    EmailSubscribeToFolder,
    EmailUnsubscribeFromFolder,
    EmailWaitMessage,
    ErrorInfo,
    ErrorOccurred,
    LstFolderAll,
    LstFolderNormal,
    LstFolderSorted,
    LstFolderType,
    emailAll,
    emailBody,
    emailIMAPSession,
    emailMessageID,
    emailNotRead,
    emailOptionDefault,
    emailRecipient,
    emailSender,
    emailStatusNotRead,
    emailStatusRead,
    emailSubject,
    ertFull,
    ertNotRead,
    folderGeneric,
    folderInbox,
)

from .reading import with_attachments

#: a folder of the tests' own, in every mailbox
OWN = "wlemail tests"


@dataclass(frozen=True)
class Door:
    """Where and how a mailbox is opened."""

    host: str
    port: int
    user: str
    password: str
    option: int = emailOptionDefault

    def open(self) -> str:
        opened = EmailStartIMAPSession(self.user, self.password, self.host, self.port, self.option)
        assert opened is True, ErrorInfo()
        assert fine()
        return self.user

    def variable(self) -> emailIMAPSession:
        session = emailIMAPSession(Name=self.user, Password=self.password, ServerAddress=self.host)
        session.Port, session.Option = self.port, self.option
        assert session.StartSession() is True, ErrorInfo()
        return session


class Inbox(Protocol):
    """A mailbox of a server, and a way around our own client to fill it."""

    door: Door

    def fill(self, messages: list[bytes]) -> None:
        """Leave these messages and no others in INBOX, none of them read."""


def letters(count: int) -> list[bytes]:
    return [letter(f"s{number}", f"text {number}") for number in range(1, count + 1)]


def fine() -> bool:
    """The last function set no error; what ErrorInfo says then is nothing."""
    return not ErrorOccurred and ErrorInfo() == ""


def failed(*words: str) -> bool:
    """The last function set an error whose text holds these words."""
    text = ErrorInfo()
    assert ErrorOccurred
    assert text
    assert all(word in text for word in words), text
    return True


def subjects(session: emailIMAPSession | str, options: int = 0) -> list[str]:
    """The subjects of the current folder, read as headers."""
    found = [str(mail.Subject) for mail in EmailGetAll(session, options)]
    assert fine(), ErrorInfo()
    return found


def marks(session: emailIMAPSession | str, mail: object) -> set[str]:
    r"""The flags of a mail, without \Recent: which session gets that is a matter of chance."""
    found = {str(flag) for flag in EmailGetIndicator(session, mail)}  # type: ignore[arg-type]
    assert fine(), ErrorInfo()
    return found - {"\\Recent"}


@contextmanager
def another(inbox: Inbox) -> Iterator[emailIMAPSession]:
    """Another program in the same mailbox."""
    session = inbox.door.variable()
    try:
        yield session
    finally:
        session.CloseSession()


@contextmanager
def own_folder(session: emailIMAPSession | str, path: str = OWN) -> Iterator[str]:
    """A new folder, which is gone afterwards with all that is below."""
    remove(session, path)
    assert EmailAddFolder(session, path) is True, ErrorInfo()
    try:
        yield path
    finally:
        assert EmailChangeFolder(session, "INBOX")
        remove(session, path)


def remove(session: emailIMAPSession | str, path: str) -> None:
    below = [name for name in EmailListFolder(session, LstFolderAll).split(CR) if name.replace(".", "/").endswith(path)]
    for top in below:
        everything = EmailListFolder(session, LstFolderAll).split(CR)
        for name in sorted((n for n in everything if n == top or n.startswith((f"{top}/", f"{top}."))), reverse=True):
            EmailRemoveFolder(session, name)


class MailboxBehaviour:
    """Reading: collected by the modules that have an `inbox` fixture."""

    def test_an_empty_mailbox(self, inbox: Inbox) -> None:
        inbox.fill([])
        user = inbox.door.open()
        assert (EmailNbMessage(user), EmailCurrentFolder(user)) == (0, "INBOX")
        for read in (EmailReadFirst, EmailReadNext, EmailReadPrevious, EmailReadLast, EmailReadFirstHeader):
            assert read(user) is False
            assert Email.Out is True
            assert fine()
        assert EmailSeekFirst(user, emailSubject, "x") is False
        assert fine()
        assert EmailGetAll(user).Count == 0
        assert EmailExpunge(user) is True
        assert list(inbox.door.variable()) == []
        assert fine()

    def test_one_message(self, inbox: Inbox) -> None:
        inbox.fill(letters(1))
        user = inbox.door.open()
        m = Email()
        assert EmailReadFirst(user, m) is True
        assert (m.Subject, m.Message, m.Sender) == ("s1", "text 1", "Jean Dupont <jean@example.com>")
        assert (m.Out, Email.Out) == (False, False)
        assert fine()
        assert EmailReadNext(user, m) is False
        assert (m.Out, Email.Out) == (True, True)
        assert fine()
        assert EmailReadNext(user, m) is True
        assert EmailMessageLength(user, m.ID) == EmailMessageLength(user) == len(m.Source)

    def test_every_message_comes_once_in_order(self, inbox: Inbox) -> None:
        inbox.fill(letters(120))
        user = inbox.door.open()
        expected = [f"s{number}" for number in range(1, 121)]
        assert EmailNbMessage(user) == 120
        forwards, ids, ok = [], [], EmailReadFirst(user)
        while ok:
            forwards.append((str(Email.Subject), str(Email.Message)))
            ids.append(int(Email.ID))
            ok = EmailReadNext(user)
        assert forwards == [(subject, f"text {subject[1:]}") for subject in expected]
        assert ids == sorted(ids)
        backwards, ok = [], EmailReadLast(user)
        while ok:
            backwards.append(str(Email.Subject))
            ok = EmailReadPrevious(user)
        assert backwards == expected[::-1]
        assert subjects(user) == expected
        assert [str(m.Message) for m in EmailGetAll(user, ertFull)][-1] == "text 120"
        m = Email()
        for number in ids[::-7]:
            assert EmailReadMessage(user, m, number)
            assert m.Subject == expected[ids.index(number)]
            assert EmailReadMessageHeader(user, m, str(number))
            assert (m.Subject, m.Message) == (expected[ids.index(number)], "")
        assert fine()

    def test_a_number_that_no_mail_has(self, inbox: Inbox) -> None:
        inbox.fill(letters(2))
        user = inbox.door.open()
        assert EmailReadLast(user)
        beyond = int(Email.ID) + 1000
        assert EmailReadMessage(user, beyond) is False
        assert Email.Out is True
        assert fine()
        assert EmailMessageLength(user, beyond) == -1
        assert failed(str(beyond))
        assert EmailDeleteMessage(user, beyond) is False
        assert failed(str(beyond))
        assert EmailCopy(user, beyond, "INBOX") is False
        assert failed(str(beyond))

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

    # -- read and not read --------------------------------------------------------------------------------

    def test_a_whole_mail_that_is_read_counts_as_read_and_nothing_else_does(self, inbox: Inbox) -> None:
        inbox.fill(letters(30))
        user = inbox.door.open()
        assert len(EmailGetAll(user)) == 30
        assert EmailReadFirstHeader(user)
        while EmailReadNextHeader(user):
            pass
        for read in (EmailReadFirst, EmailReadNext, EmailReadNext, EmailReadNext):
            assert read(user)
        assert "\\Seen" in marks(user, Email)
        EmailCloseSession(user)
        with another(inbox) as other:
            assert subjects(other, ertNotRead) == [f"s{number}" for number in range(5, 31)]

    def test_the_unread_mails_alone(self, inbox: Inbox) -> None:
        inbox.fill(letters(6))
        session = inbox.door.variable()
        for mail in EmailGetAll(session):
            if mail.Subject in ("s1", "s3", "s6"):
                assert EmailChangeStatus(session, mail, emailStatusRead) is True, ErrorInfo()
        m = Email()
        seen, ok = [], EmailReadFirst(session, m, emailNotRead)
        while ok:
            seen.append(str(m.Subject))
            ok = EmailReadNext(session, m, emailNotRead)
        assert seen == ["s2", "s4", "s5"]
        assert m.Out is True
        assert fine()
        assert EmailReadFirst(session, m, "NOT READ") is False, "reading has marked them"
        assert fine()
        for mail in EmailGetAll(session):
            assert EmailChangeStatus(session, mail, emailStatusNotRead) is True, ErrorInfo()
        assert EmailReadLast(session, m, "NON LUS") is True
        assert m.Subject == "s6"
        assert EmailReadPrevious(session, m, "non lus") is True
        assert m.Subject == "s5"
        assert EmailReadFirst(session, emailNotRead) is True
        assert Email.Subject == "s1"
        assert EmailReadNextHeader(session, m, emailNotRead) is True
        assert m.Subject == "s2"
        assert EmailReadNext(session, m, emailAll) is True
        assert m.Subject == "s3"
        assert EmailReadFirst(session, m, 7) is False
        assert m.Out is True
        assert failed("ReadMode")

    def test_all_unread_mails(self, inbox: Inbox) -> None:
        inbox.fill(letters(5))
        session = inbox.door.variable()
        assert EmailReadFirst(session)
        assert subjects(session, ertNotRead) == ["s2", "s3", "s4", "s5"]
        assert [str(m.Message) for m in session.GetAll(ertNotRead + ertFull)] == [f"text {n}" for n in range(2, 6)]
        assert subjects(session, ertNotRead) == []

    def test_texts_on_demand_count_as_read_then(self, inbox: Inbox) -> None:
        inbox.fill(letters(3))
        user = inbox.door.open()
        mails = EmailGetAll(user)
        assert mails[2].Message == "text 2"
        assert [("\\Seen" in marks(user, mail)) for mail in mails] == [False, True, False]
        assert subjects(user, ertNotRead) == ["s1", "s3"]

    def test_loops_over_all_mails_and_over_the_unread_ones(self, inbox: Inbox) -> None:
        inbox.fill(letters(8))
        session = inbox.door.variable()
        assert EmailReadFirst(session)
        seen = []
        for mail in session.NotRead():
            seen.append((str(mail.Subject), str(mail.Message)))
            if mail.Subject == "s3":
                assert EmailDeleteMessage(session, mail) is True
            if mail.Subject == "s4":
                assert EmailChangeStatus(session, mail, emailStatusNotRead) is True
        assert seen == [(f"s{n}", f"text {n}") for n in range(2, 9)]
        assert fine()
        assert [str(mail.Subject) for mail in session] == ["s1", "s2", "s4", "s5", "s6", "s7", "s8"]
        assert [str(mail.Subject) for mail in session.NonLu()] == []
        assert fine()
        for mail in EmailGetAll(session):
            if mail.Subject in ("s2", "s5"):
                assert EmailChangeStatus(session, mail, emailStatusNotRead)
        assert [str(mail.Sujet) for mail in session.NonLu()] == ["s2", "s5"]

    def test_status_and_flags(self, inbox: Inbox) -> None:
        inbox.fill(letters(2))
        user = inbox.door.open()
        m = Email()
        assert EmailReadFirst(user, m)
        assert EmailChangeStatus(user, m, emailStatusNotRead) is True
        assert fine()
        assert marks(user, m) == set()
        assert EmailChangeStatus(user, m.ID, emailStatusRead) is True
        assert EmailChangeIndicator(user, m, "\\Flagged \\Answered") is True
        assert marks(user, m) == {"\\Seen", "\\Flagged", "\\Answered"}
        assert EmailChangeIndicator(user, int(m.ID), ["$Forwarded"], ["\\Answered", "\\Seen"]) is True
        assert marks(user, m.ID) == {"\\Flagged", "$Forwarded"}
        assert list(EmailGetIndicator(user, m))[-1] == "$Forwarded", "IMAP's own come first"
        assert EmailChangeStatus(user, m, 3) is False
        assert failed("NewState")
        assert EmailChangeIndicator(user, m, "no(flag") is False
        assert failed()
        assert EmailChangeStatus(user, Email(), emailStatusRead) is False
        assert failed("Email")
        assert list(EmailGetIndicator(user, Email())) == []
        assert failed("Email")

    # -- deleting -----------------------------------------------------------------------------------------

    def test_deleting_while_walking_forwards(self, inbox: Inbox) -> None:
        inbox.fill(letters(6))
        user = inbox.door.open()
        seen, ids, ok = [], [], EmailReadFirst(user)
        while ok:
            seen.append(str(Email.Subject))
            ids.append(int(Email.ID))
            if Email.Subject in ("s1", "s4", "s6"):
                assert EmailDeleteMessage(user) is True, ErrorInfo()
                assert Email.Out is True
            ok = EmailReadNext(user)
        assert seen == ["s1", "s2", "s3", "s4", "s5", "s6"]
        assert fine()
        assert EmailNbMessage(user) == 6, "they are marked and still there"
        assert EmailReadMessage(user, ids[3]) is False
        assert Email.Out is True
        assert fine()
        assert subjects(user) == ["s2", "s3", "s5"]
        EmailCloseSession(user)
        user = inbox.door.open()
        assert EmailNbMessage(user) == 6, "closing expunges nothing"
        assert EmailExpunge(user) is True, ErrorInfo()
        assert fine()
        assert EmailNbMessage(user) == 3
        assert subjects(user) == ["s2", "s3", "s5"]

    def test_deleting_while_walking_backwards(self, inbox: Inbox) -> None:
        inbox.fill(letters(5))
        session = inbox.door.variable()
        m = Email()
        seen, ok = [], EmailReadLast(session, m)
        while ok:
            seen.append(str(m.Subject))
            if m.Subject in ("s5", "s2"):
                assert EmailDeleteMessage(session, m) is True, ErrorInfo()
                assert (m.Out, Email.Out) == (True, True)
            ok = EmailReadPrevious(session, m)
        assert seen == ["s5", "s4", "s3", "s2", "s1"]
        assert session.Expunge() is True
        assert subjects(session) == ["s1", "s3", "s4"]

    def test_deleting_by_number_and_taking_it_back(self, inbox: Inbox) -> None:
        inbox.fill(letters(3))
        user = inbox.door.open()
        mails = EmailGetAll(user)
        assert EmailDeleteMessage(user, mails[2].ID) is True
        assert EmailDeleteMessage(user, mails[2].ID) is False
        assert failed()
        assert subjects(user) == ["s1", "s3"]
        assert EmailChangeIndicator(user, mails[2], "", "\\Deleted") is True, ErrorInfo()
        assert subjects(user) == ["s1", "s2", "s3"]
        assert EmailDeleteMessage(user, Email()) is False
        assert failed("Email")

    def test_expunging_while_walking(self, inbox: Inbox) -> None:
        inbox.fill(letters(6))
        user = inbox.door.open()
        seen, ok = [], EmailReadFirst(user)
        while ok:
            seen.append(str(Email.Subject))
            assert EmailDeleteMessage(user)
            if len(seen) % 2:
                assert EmailExpunge(user)
            ok = EmailReadNext(user)
        assert seen == ["s1", "s2", "s3", "s4", "s5", "s6"]
        assert EmailNbMessage(user) == 1

    # -- others in the same mailbox -----------------------------------------------------------------------

    def test_a_mail_that_another_program_expunged(self, inbox: Inbox) -> None:
        inbox.fill(letters(5))
        user = inbox.door.open()
        mails = EmailGetAll(user)
        assert EmailReadFirst(user)
        with another(inbox) as other:
            theirs = EmailGetAll(other)
            for place in (2, 4):
                assert EmailDeleteMessage(other, theirs[place])
            assert EmailExpunge(other)
        seen = []
        while EmailReadNext(user):
            seen.append(str(Email.Subject))
        assert fine(), ErrorInfo()
        assert seen == ["s3", "s5"]
        assert EmailReadMessage(user, mails[2].ID) is False
        assert Email.Out is True
        assert fine()
        assert mails[4].Message == ""
        assert failed(mails[4].ID)
        assert EmailNbMessage(user) == 3

    def test_mail_that_arrives_during_the_session(self, inbox: Inbox) -> None:
        inbox.fill(letters(2))
        user = inbox.door.open()
        assert EmailReadLast(user)
        with another(inbox) as other:
            assert EmailAppendMessage(other, letter("s3", "text 3"), "INBOX") is True, ErrorInfo()
        assert EmailNbMessage(user) == 3
        assert EmailReadNext(user) is True
        assert (Email.Subject, Email.Message) == ("s3", "text 3")
        assert EmailReadNext(user) is False
        assert fine()

    def test_waiting_in_vain(self, inbox: Inbox) -> None:
        inbox.fill(letters(1))
        user = inbox.door.open()
        began = time.monotonic()
        assert EmailWaitMessage(user, 0.3) is False
        assert fine()
        assert 0.2 < time.monotonic() - began < 10
        assert EmailWaitMessage(user, 0) is False
        assert failed("Duration")

    @pytest.mark.parametrize("walk", ["to the end", "one step", "none"])
    def test_waiting_for_new_mail(self, inbox: Inbox, walk: str) -> None:
        inbox.fill(letters(2))
        user = inbox.door.open()
        while walk != "none" and EmailReadNext(user) and walk != "one step":
            pass
        door = inbox.door

        def deliver() -> None:
            with another(inbox) as other:
                assert EmailAppendMessage(other, letter("new", "news"), "INBOX") is True

        thread = threading.Thread(target=deliver)
        thread.start()
        assert EmailWaitMessage(user, "20s") is True, ErrorInfo()
        assert fine()
        thread.join()
        assert EmailReadNext(user) is True
        assert (Email.Subject, Email.Message) == ("new", "news")
        assert EmailReadNext(user) is False
        assert door.user in EmailListSession()

    # -- searching ----------------------------------------------------------------------------------------

    def found(self, session: str, part: int, value: str, *mode: object) -> list[str]:
        """The subjects that a search finds, one after the other."""
        seen, ok = [], EmailSeekFirst(session, part, value, *mode)  # type: ignore[arg-type]
        assert fine(), ErrorInfo()
        assert Email.Out is not ok
        while ok:
            seen.append(str(Email.Subject))
            ok = EmailReadNext(session)
        assert fine(), ErrorInfo()
        return seen

    def test_searching(self, inbox: Inbox) -> None:
        def mail(subject: str, text: str, sender: str, to: str) -> bytes:
            content = letter(
                subject, text, 'Content-Type: text/plain; charset="utf-8"', "Content-Transfer-Encoding: 8bit"
            )
            return content.replace(b"jean@example.com", sender.encode()).replace(b"anna@example.org", to.encode())

        inbox.fill(
            [
                mail("invoice", "please pay", "shop@example.com", "anna@example.org"),
                mail("news", "your invoice is late", "press@example.com", "bea@example.org"),
                mail("=?utf-8?q?d=C3=A9part?=", "à bientôt", "press@example.com", "anna@example.org"),
                mail("other", "nothing", "shop@example.com", "carla@example.org"),
            ]
        )
        user = inbox.door.open()
        assert self.found(user, emailSubject, "invoice") == ["invoice"]
        assert self.found(user, emailSubject, "INVOICE") == ["invoice"]
        assert self.found(user, emailBody, "invoice") == ["news"]
        assert self.found(user, emailSubject + emailBody, "invoice") == ["invoice", "news"]
        assert self.found(user, emailSender, "press@") == ["news", "départ"]
        assert self.found(user, emailRecipient, "anna@example.org") == ["invoice", "départ"]
        assert self.found(user, emailMessageID, "<other@example.com>") == ["other"]
        assert self.found(user, emailSubject, "départ") == ["départ"]
        assert self.found(user, emailBody, "bientôt") == ["départ"]
        assert self.found(user, emailSender + emailRecipient + emailSubject, "carla") == ["other"]
        assert self.found(user, emailSubject, "nowhere") == []
        assert self.found(user, emailSubject, 'quo"te\\') == []

    def test_the_hits_of_a_search_are_walked_and_left(self, inbox: Inbox) -> None:
        inbox.fill([letter(f"{'odd' if n % 2 else 'even'} {n}", f"text {n}") for n in range(1, 9)])
        user = inbox.door.open()
        m = Email()
        assert EmailSeekFirst(user, m, emailSubject, "even") is True
        assert (m.Subject, m.Out, m.Message) == ("even 2", False, "text 2")
        assert EmailReadNext(user, m)
        assert EmailReadNext(user, m)
        assert m.Subject == "even 6"
        assert EmailReadPrevious(user, m)
        assert m.Subject == "even 4"
        assert EmailReadFirst(user, m)
        assert m.Subject == "odd 1"
        assert EmailReadNext(user, m)
        assert m.Subject == "even 2"
        assert EmailReadMessage(user, m, m.ID)
        assert self.found(user, emailSubject, "even", emailNotRead) == ["even 8"]
        assert self.found(user, emailSubject, "even", "ALL") == ["even 2", "even 4", "even 6", "even 8"]
        assert EmailSeekFirst(user, m, emailSubject, "even", "NON LUS") is False
        assert (m.Out, Email.Out) == (True, True)
        assert fine()

    def test_searching_for_nonsense(self, inbox: Inbox) -> None:
        inbox.fill(letters(1))
        user = inbox.door.open()
        for part in (0, 1024, "x"):
            assert EmailSeekFirst(user, Email(), part, "text") is False
            assert Email.Out is True
            assert failed("Part")

    # -- the whole of a mail ------------------------------------------------------------------------------

    def test_dots_and_long_lines_come_as_they_were_sent(self, inbox: Inbox) -> None:
        text = "\r\n".join([".", "..", ".x", "", "x" * 900, ".", "* BYE", ")", "a1 OK", "{3}"])
        inbox.fill([letter("dots", text)])
        user = inbox.door.open()
        assert EmailReadFirst(user)
        assert Email.Message == text

    def test_attachments(self, inbox: Inbox, tmp_path: Path) -> None:
        given = [("a.txt", b"one"), ("a.txt", b"two"), ("../../x.txt", b"three")]
        inbox.fill([with_attachments(*given)])
        user = inbox.door.open()
        assert EmailReadFirst(user)
        assert Email.NbAttach == len(given)
        for place in range(1, Email.NbAttach + 1):
            assert EmailSaveAttachment(Email.Attach[place], tmp_path / Email.Attach[place]) is True, ErrorInfo()
        assert sorted(path.read_bytes() for path in tmp_path.iterdir()) == sorted(content for _, content in given)

    def test_the_stable_id_is_the_same_in_the_next_session(self, inbox: Inbox) -> None:
        inbox.fill(letters(3))
        ids = []
        for _ in range(2):
            session = inbox.door.variable()
            ids.append([(str(mail.StableID), mail.ID) for mail in session])
            session.CloseSession()
        assert ids[0] == ids[1]
        assert len(set(ids[0])) == 3

    # -- connections --------------------------------------------------------------------------------------

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
            assert fine(), ErrorInfo()
            assert seen == ["s2", "s3", "s4", "s5"]
            proxy.hang_up()
            assert EmailCurrentFolder(user) == "INBOX"
            assert subjects(user) == ["s2", "s3", "s4", "s5"]
            EmailCloseSession(user)

    def test_a_server_that_is_gone_ends_loops_on_out(self, inbox: Inbox) -> None:
        inbox.fill(letters(50))
        with FaultProxy(inbox.door.host, inbox.door.port) as proxy:
            user = replace(inbox.door, port=proxy.port).open()
            assert EmailReadFirst(user)
        steps = 0
        while not Email.Out:
            steps += 1
            EmailReadNext(user)
        assert steps <= 50
        assert ErrorOccurred
        assert ErrorInfo()
        EmailCloseSession(user)
        assert user not in EmailListSession()
        assert EmailNbMessage(user) == -1


class FolderBehaviour:
    """Folders, copies, commands: collected by the modules that have an `inbox` fixture."""

    def test_making_changing_listing_and_removing_folders(self, inbox: Inbox) -> None:
        inbox.fill([])
        user = inbox.door.open()
        with own_folder(user) as top:
            names = [f"{top}/Été à la mer", f"{top}/A & B", f"{top}/[x] (1)/deep", f"{top}/日本語", f"{top}/a~b #1"]
            for name in names:
                assert EmailAddFolder(user, name) is True, ErrorInfo()
                assert fine()
                assert EmailChangeFolder(user, name) is True, ErrorInfo()
                assert EmailCurrentFolder(user).replace(".", "/").endswith(name)
                assert EmailNbMessage(user) == 0
            listed = EmailListFolder(user)
            assert not listed.endswith(CR)
            for name in [*names, f"{top}/[x] (1)", top]:
                assert any(path.replace(".", "/").endswith(name) for path in listed.split(CR)), (name, listed)
            for path in listed.split(CR):
                assert EmailChangeFolder(user, path) is True, "what is listed can be opened"
            here = EmailCurrentFolder(user)
            assert EmailChangeFolder(user, f"{top}/nowhere") is False
            assert failed("folder")
            assert EmailCurrentFolder(user) == here
            assert EmailAddFolder(user, names[0]) is False
            assert failed("already")
            assert EmailChangeFolder(user, names[1])
            assert EmailRemoveFolder(user, names[1]) is True, ErrorInfo()
            assert EmailCurrentFolder(user) == "INBOX"
            assert EmailRemoveFolder(user, names[1]) is False
            assert failed()
            assert EmailChangeFolder(user, "") is False
            assert failed("Path")

    def test_ways_to_write_a_path(self, inbox: Inbox) -> None:
        inbox.fill(letters(1))
        user = inbox.door.open()
        with own_folder(user) as top:
            assert EmailAddFolder(user, f"Dossiers personnels\\{top}\\a\\b") is True, ErrorInfo()
            for path in (f"{top}/a/b", f"{top}\\a\\b", f"Personal folders\\{top}\\a\\b", f"/{top}/a/b"):
                assert EmailChangeFolder(user, path) is True, (path, ErrorInfo())
                assert EmailCurrentFolder(user).replace(".", "/").endswith(f"{top}/a/b")
        for path in ("INBOX", "inbox", "Inbox", "Boîte de réception", "Dossiers personnels\\Boîte de réception"):
            assert EmailChangeFolder(user, path) is True, (path, ErrorInfo())
            assert EmailCurrentFolder(user) == "INBOX"
        assert EmailNbMessage(user) == 1

    def test_renaming_a_folder(self, inbox: Inbox) -> None:
        inbox.fill([])
        user = inbox.door.open()
        with own_folder(user) as top:
            assert EmailAddFolder(user, f"{top}/old/below")
            assert EmailAppendMessage(user, letter("kept"), f"{top}/old") is True, ErrorInfo()
            assert EmailRenameFolder(user, f"{top}/old", f"{top}/new") is True, ErrorInfo()
            assert fine()
            assert EmailChangeFolder(user, f"{top}/new/below")
            assert EmailChangeFolder(user, f"{top}/new")
            assert subjects(user) == ["kept"]
            assert EmailChangeFolder(user, f"{top}/old") is False
            assert failed()

    def test_subscriptions(self, inbox: Inbox) -> None:
        inbox.fill([])
        session = inbox.door.variable()
        with own_folder(session) as top:
            path = next(p for p in session.ListFolder().split(CR) if p.replace(".", "/").endswith(top))
            assert session.AddFolder(f"{top}/kept")
            assert EmailUnsubscribeFromFolder(session, top) is True, ErrorInfo()
            assert fine()
            assert path not in session.ListFolder(LstFolderNormal).split(CR)
            assert path in session.ListFolder(LstFolderAll).split(CR)
            assert EmailSubscribeToFolder(session, path) is True, ErrorInfo()
            assert path in session.ListFolder().split(CR)

    def test_the_list_sorted_and_with_types(self, inbox: Inbox) -> None:
        inbox.fill([])
        user = inbox.door.open()
        with own_folder(user) as top:
            for name in ("c", "B", "a"):
                assert EmailAddFolder(user, f"{top}/{name}")
            entries = EmailListFolder(user, LstFolderAll + LstFolderSorted + LstFolderType).split(CR)
            assert fine()
            pairs = [entry.split(TAB) for entry in entries]
            assert [path for path, _ in pairs] == sorted((path for path, _ in pairs), key=str.casefold)
            types = {path: int(kind) for path, kind in pairs}
            assert types["INBOX"] == folderInbox
            assert {kind for path, kind in types.items() if path.replace(".", "/").endswith(f"{top}/c")} == {
                folderGeneric
            }
            assert EmailListFolder(user, 64) == ""
            assert failed("Option")

    def test_copying(self, inbox: Inbox) -> None:
        inbox.fill(letters(3))
        user = inbox.door.open()
        with own_folder(user) as top:
            m = Email()
            assert EmailReadFirst(user, m)
            assert EmailCopy(m, top) is True, ErrorInfo()
            assert fine()
            assert EmailReadNext(user)
            assert EmailCopy(user, Email, top) is True, ErrorInfo()
            assert EmailReadNext(user, m)
            assert EmailCopy(user, m.ID, f"Dossiers personnels\\{top}") is True, ErrorInfo()
            assert EmailNbMessage(user) == 3
            assert EmailCopy(m, f"{top}/nowhere") is False
            assert failed("folder")
            assert EmailCopy(user, Email(), top) is False
            assert failed("Email")
            assert EmailChangeFolder(user, top)
            assert subjects(user) == ["s1", "s2", "s3"]

    def test_moving(self, inbox: Inbox) -> None:
        inbox.fill(letters(5))
        user = inbox.door.open()
        with own_folder(user) as top:
            m = Email()
            seen, ok = [], EmailReadFirst(user, m)
            while ok:
                seen.append(str(m.Subject))
                if m.Subject in ("s2", "s5"):
                    assert EmailMoveMessage(user, m, top) is True, ErrorInfo()
                    assert m.Out is True
                    assert fine()
                ok = EmailReadNext(user, m)
            assert seen == ["s1", "s2", "s3", "s4", "s5"]
            assert subjects(user) == ["s1", "s3", "s4"]
            assert EmailMoveMessage(user, EmailGetAll(user)[1], f"{top}/nowhere") is False
            assert failed("folder")
            assert subjects(user) == ["s1", "s3", "s4"]
            assert EmailChangeFolder(user, top)
            assert subjects(user) == ["s2", "s5"]

    def test_mails_keep_their_folder(self, inbox: Inbox) -> None:
        inbox.fill(letters(4))
        user = inbox.door.open()
        with own_folder(user) as top:
            mails = EmailGetAll(user)
            assert EmailChangeFolder(user, top)
            assert EmailAppendMessage(user, letter("there"), top)
            assert mails[2].Message == "text 2"
            assert EmailCurrentFolder(user).endswith(top)
            assert EmailCopy(mails[3], top) is True, ErrorInfo()
            assert EmailMoveMessage(user, mails[4], top) is True, ErrorInfo()
            assert EmailDeleteMessage(user, mails[1]) is True, ErrorInfo()
            assert subjects(user) == ["there", "s3", "s4"]
            assert EmailChangeFolder(user, "INBOX")
            assert subjects(user) == ["s2", "s3"] or subjects(user) == ["s1", "s2", "s3"]
            assert "\\Deleted" in marks(user, mails[1])

    def test_putting_mails_into_folders(self, inbox: Inbox) -> None:
        inbox.fill([letter("original", "été", "X-Odd:  two  blanks")])
        user = inbox.door.open()
        with own_folder(user) as top:
            m = Email()
            assert EmailReadFirst(user, m)
            source = str(m.Source)
            assert EmailAppendMessage(user, m, top, "\\Seen \\Flagged") is True, ErrorInfo()
            assert fine()
            draft = Email(Subject="draft", Message="to be sent", Sender="a@example.com", Bcc="hidden@example.com")
            assert EmailAppendMessage(user, draft, top, ["\\Draft"]) is True, ErrorInfo()
            Email.Subject, Email.Message = "structure", "from the structure"
            assert EmailAppendMessage(user, Email, top) is True, ErrorInfo()
            assert EmailAppendMessage(user, b"Subject: raw\n\none\ntwo\n", top) is True, ErrorInfo()
            m.Subject = "changed"
            assert EmailAppendMessage(user, m, top) is True, ErrorInfo()
            assert EmailAppendMessage(user, m, f"{top}/nowhere") is False
            assert failed("folder")
            assert EmailChangeFolder(user, top)
            kept = list(EmailGetAll(user, ertFull))
            assert [str(k.Subject) for k in kept] == ["original", "draft", "structure", "raw", "changed"]
            assert str(kept[0].Source) == source
            assert str(kept[0].ReceiveDate) == str(m.ReceiveDate)
            assert {"\\Seen", "\\Flagged"} <= marks(user, kept[0])
            assert "\\Draft" in marks(user, kept[1])
            assert any(h.Name == "Bcc" and "hidden@example.com" in h.Value for h in kept[1].Header)
            assert kept[3].Message.splitlines() == ["one", "two"]

    def test_raw_commands(self, inbox: Inbox) -> None:
        inbox.fill(letters(2))
        user = inbox.door.open()
        answer = EmailExecuteCommand(user, "STATUS INBOX (MESSAGES)")
        assert fine()
        assert "MESSAGES 2" in answer.split(CR)[0]
        assert " OK" in f" {answer.split(CR)[-1]}"
        assert EmailExecuteCommand(user, "NONSENSE") == ""
        assert failed("NONSENSE")
        assert EmailReadFirst(user), "the session goes on"
        for command in ("NOOP\r\nx LOGOUT", "NOOP\nx LOGOUT", "NOOP\0", "", "STARTTLS", "LOGOUT"):
            assert EmailExecuteCommand(user, command) == "", command
            assert failed()
        assert EmailExecuteCommand(user, " ") == ""
        assert failed("not a command")
        assert "line break" not in ErrorInfo()
        assert EmailNbMessage(user) == 2
        assert EmailExecuteCommand(user, "SELECT INBOX")
        assert EmailReadNext(user) is True

    def test_methods_in_both_languages(self, inbox: Inbox) -> None:
        inbox.fill(letters(2))
        session = inbox.door.variable()
        with own_folder(session) as top:
            assert session.CurrentFolder() == session.DossierCourant() == "INBOX"
            assert session.AjouteDossier(f"{top}/x") is True
            assert session.DésabonneDuDossier(f"{top}/x") is True
            assert session.AbonneAuDossier(f"{top}/x") is True
            assert session.ChangeDossier(f"{top}/x") is True
            assert session.NbMessage() == 0
            assert session.ChangeFolder("INBOX") is True
            assert session.SupprimeDossier(f"{top}/x") is True
            assert "INBOX" in session.ListeDossier().split(CR)
            assert [str(m.Sujet) for m in session.RécupèreTout(ertFull)] == ["s1", "s2"]
            assert session.ChangeEtat(session.GetAll()[1], emailStatusNotRead) is True
            assert [str(m.Subject) for m in session.NotRead()] == ["s1"]
            assert EmailDeleteMessage(session, session.GetAll()[1])
            assert session.Détruit() is True
            assert session.NbMessage() == 1
            assert "OK" in session.ExécuteCommande("NOOP")
        session.FermeSession()
        assert session.CurrentFolder() == ""
        assert failed()


class LargeMailboxBehaviour:
    def test_ten_thousand_messages(self, inbox: Inbox) -> None:
        count = 10_000
        inbox.fill(letters(count))
        user = inbox.door.open()
        assert EmailNbMessage(user) == count
        assert EmailReadLast(user)
        assert Email.Subject == f"s{count}"
        assert len(EmailGetAll(user)) == count
        assert fine()
        seen, ok = 0, EmailReadFirst(user)
        while ok:
            seen += 1
            assert Email.Subject == f"s{seen}"
            if seen % 50 == 0:
                assert EmailDeleteMessage(user)
            ok = EmailReadNext(user)
        assert seen == count
        assert fine()
        assert EmailExpunge(user)
        assert EmailNbMessage(user) == count - count // 50


@pytest.fixture(params=["clear", "STARTTLS", "implicit TLS"])
def way(request: pytest.FixtureRequest) -> str:
    """How the connection is protected."""
    return str(request.param)
