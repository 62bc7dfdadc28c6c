"""Walking a mailbox: the cursor's readers, the end of the list, failures, counting, measuring and deleting."""

from __future__ import annotations

import pytest

from tests.support.mailboxes import FakeMailbox, letter
from wlemail import (
    Email,
    EmailCloseSession,
    EmailDeleteMessage,
    EmailListSession,
    EmailReadFirst,
    EmailReadFirstHeader,
    EmailReadLast,
    EmailReadMessage,
    EmailReadNext,
    EmailReadPrevious,
    EmailReset,
    EmailStartPOP3Session,
    ErrorInfo,
    ErrorOccurred,
    emailAll,
    emailPOP3Session,
    errFullDetails,
)
from wlemail.errors import CommandRefused, ConnectionLost, ServerReply, TimedOut

from .reading import Functions, failed, no_error, open_session


def fill(mailbox: FakeMailbox, *subjects: str) -> str:
    mailbox.messages = [letter(subject) for subject in subjects or ("one", "two", "three")]
    return open_session()


# -- forwards, backwards, by number ---------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["", "Header"])
def test_walking_forwards_into_the_structure(mailbox: FakeMailbox, call: Functions, suffix: str) -> None:
    user = fill(mailbox)
    subjects = []
    found = getattr(call, f"EmailReadFirst{suffix}")(user)
    while found:
        assert Email.Out is False
        assert no_error()
        subjects.append(Email.Subject)
        found = getattr(call, f"EmailReadNext{suffix}")(user)
    assert subjects == ["one", "two", "three"]
    assert found is False
    assert Email.Out is True
    assert no_error()


@pytest.mark.parametrize("suffix", ["", "Header"])
def test_walking_backwards_into_a_variable(mailbox: FakeMailbox, call: Functions, suffix: str) -> None:
    user = fill(mailbox)
    m = Email()
    subjects = []
    getattr(call, f"EmailReadLast{suffix}")(user, m)
    while not m.Out:
        subjects.append(m.Sujet)
        assert getattr(call, f"EmailReadPrevious{suffix}")(user, m) is not m.EnDehors
    assert subjects == ["three", "two", "one"]
    assert Email.Out is True, "with a variable the structure gets Out too"
    assert Email.Subject == ""
    assert no_error()


def test_next_before_first_reads_the_first_and_starts_again_after_the_end(mailbox: FakeMailbox) -> None:
    user = fill(mailbox, "one", "two")
    read = []
    for _ in range(6):
        read.append(Email.Subject if EmailReadNext(user) else "")
    assert read == ["one", "two", "", "one", "two", ""]


def test_previous_before_the_first_stays(mailbox: FakeMailbox) -> None:
    user = fill(mailbox, "one", "two")
    assert EmailReadFirst(user)
    assert [EmailReadPrevious(user), EmailReadPrevious(user)] == [False, False]
    assert Email.Out is True
    assert EmailReadNext(user)
    assert Email.Subject == "two"


@pytest.mark.parametrize("suffix", ["", "Header"])
def test_a_number_reads_that_mail_and_leaves_the_cursor(mailbox: FakeMailbox, call: Functions, suffix: str) -> None:
    user = fill(mailbox)
    assert EmailReadFirst(user)
    m = Email()
    read = getattr(call, f"EmailReadMessage{suffix}")
    assert read(user, m, 3) is True
    assert (m.Subject, Email.Subject) == ("three", "one")
    assert read(user, "3") is True
    assert Email.Subject == "three"
    assert EmailReadNext(user, m)
    assert m.Subject == "two"


@pytest.mark.parametrize("number", [0, 4, -1, 99999])
def test_a_number_that_is_no_mail_is_out_and_no_error(mailbox: FakeMailbox, call: Functions, number: int) -> None:
    user = fill(mailbox)
    m = Email()
    assert call.EmailReadMessage(user, m, number) is False
    assert (m.Out, Email.Out) == (True, True)
    assert no_error()


def test_what_is_no_number_is_an_error(mailbox: FakeMailbox, call: Functions) -> None:
    user = fill(mailbox)
    assert call.EmailReadMessage(user, "<id@example.com>") is False
    assert Email.Out is True
    assert failed("Number")


def test_an_empty_mailbox(mailbox: FakeMailbox, call: Functions) -> None:
    user = open_session()
    for read in ("First", "Next", "Previous", "Last", "FirstHeader", "NextHeader", "PreviousHeader", "LastHeader"):
        Email.Out = False
        assert getattr(call, f"EmailRead{read}")(user) is False
        assert Email.Out is True
        assert no_error()
    assert call.EmailNbMessage(user) == 0
    assert list(call.EmailGetAll(user)) == []
    assert no_error()


@pytest.mark.parametrize("mode", [emailAll, "ALL", "tous", ""])
def test_the_mode_may_stand_behind_the_email_or_in_its_place(
    mailbox: FakeMailbox, call: Functions, mode: int | str
) -> None:
    user = fill(mailbox)
    m = Email()
    assert call.EmailReadFirst(user, m, mode) is True
    assert call.EmailReadNext(user, m, mode, "IPM") is True
    assert m.Subject == "two"
    assert call.EmailReadFirst(user, mode) is True
    assert Email.Subject == "one"


def test_unread_mails_are_nothing_that_pop3_knows(mailbox: FakeMailbox, call: Functions) -> None:
    user = fill(mailbox)
    assert call.EmailReadFirst(user, "NON LUS") is False
    assert Email.Out is True
    assert failed("POP3")


def test_reading_by_a_session_variable(mailbox: FakeMailbox, call: Functions) -> None:
    mailbox.messages = [letter("one")]
    session = emailPOP3Session(Name="user", Password="secret", ServerAddress="mail.example.com")
    assert session.StartSession() is True
    assert call.EmailReadFirst(session) is True
    assert call.EmailReadFirst("user") is True, "the name of a variable is its session's alias"
    assert session.NbMessage() == 1


# -- what reading fills ---------------------------------------------------------------------------------------


def test_reading_empties_what_the_mail_does_not_speak_of(mailbox: FakeMailbox) -> None:
    user = fill(mailbox)
    for message in (Email, Email()):
        message.Bcc[1] = "hidden@example.org"
        message.HTML = "<p>old</p>"
        message.Attach[1] = "old.txt"
        message.Priority = 1
        assert EmailReadLast(user, message)
        assert (message.Bcc, message.NbBcc, message.HTML, message.NbAttach, message.Priority) == ("", 0, "", 0, 0)
        assert message.Message == "Text"
        assert list(message.Recipient) == ["Anna <anna@example.org>", "bob@example.org"]
        assert message.NbRecipient == 2


def test_a_header_leaves_texts_and_attachments_empty(mailbox: FakeMailbox) -> None:
    user = fill(mailbox)
    m = Email()
    assert EmailReadFirstHeader(user, m)
    assert (m.Subject, m.Sender, m.MessageID) == ("one", "Jean Dupont <jean@example.com>", "<one@example.com>")
    assert (m.Message, m.HTML, m.RawText, m.Attach, m.NbAttach) == ("", "", "", "", 0)
    assert "Subject: one" in m.Source
    assert "Text" not in m.Source
    assert mailbox.whole() == []
    assert no_error()


def test_a_read_that_finds_nothing_leaves_the_last_mail_in_place(mailbox: FakeMailbox) -> None:
    user = fill(mailbox, "one")
    assert EmailReadFirst(user)
    assert EmailReadNext(user) is False
    assert (Email.Out, Email.Subject) == (True, "one")


def test_reset_forgets_the_mail(mailbox: FakeMailbox) -> None:
    user = fill(mailbox)
    assert EmailReadFirst(user)
    EmailReset()
    assert (Email.Subject, Email.Message, Email.Out) == ("", "", False)
    assert EmailDeleteMessage(user, Email) is False
    assert failed("Email")


# -- failures -------------------------------------------------------------------------------------------------


def test_a_read_that_fails_is_out_and_an_error(mailbox: FakeMailbox, call: Functions) -> None:
    user = fill(mailbox)
    mailbox.problems = [CommandRefused("RETR", ServerReply(0, "-ERR cannot open message"))]
    m = Email()
    assert call.EmailReadFirst(user, m) is False
    assert (m.Out, Email.Out) == (True, True)
    assert failed("cannot open message")


def test_a_loop_on_out_ends_at_a_failure(mailbox: FakeMailbox) -> None:
    user = fill(mailbox)
    mailbox.problems = [None, TimedOut("reply", 1, host="mail.example.com", port=110)]
    read = 0
    EmailReadFirst(user)
    while not Email.Out:
        read += 1
        EmailReadNext(user)
    assert read == 1
    assert ErrorOccurred


def test_a_session_that_cannot_go_on_is_closed(mailbox: FakeMailbox) -> None:
    user = fill(mailbox)
    assert EmailReadFirst(user)
    mailbox.ended = True
    assert EmailReadNext(user) is False
    assert failed()
    assert user not in EmailListSession()
    assert EmailReadNext(user) is False
    assert failed(user)
    mailbox.ended = False
    assert EmailStartPOP3Session(user, "secret", "mail.example.com")
    assert EmailReadNext(user)
    assert Email.Subject == "one"


def test_no_session_of_that_name(call: Functions) -> None:
    m = Email()
    assert call.EmailReadFirst("nobody", m) is False
    assert (m.Out, Email.Out) == (True, True)
    assert failed("nobody")
    assert call.EmailNbMessage("nobody") == -1
    assert failed("nobody")
    assert call.EmailMessageLength("nobody") == -1
    assert list(call.EmailGetAll("nobody")) == []
    assert failed("nobody")
    assert call.EmailDeleteMessage("nobody", 1) is False
    assert failed("nobody")


def test_reading_on_a_sending_session_is_misuse(box: object, call: Functions) -> None:
    assert call.EmailReadFirst("me") is False
    assert Email.Out is True
    assert failed("me", "POP3")
    assert "fatal" in ErrorInfo(errFullDetails).lower()


def test_something_else_than_an_email_is_refused(mailbox: FakeMailbox) -> None:
    user = fill(mailbox)
    assert EmailReadMessage(user, [], 1) is False  # type: ignore[arg-type]
    assert Email.Out is True
    assert failed("Email")


# -- counting and measuring -----------------------------------------------------------------------------------


def test_the_count_is_that_of_the_opening(mailbox: FakeMailbox, call: Functions) -> None:
    user = fill(mailbox)
    assert call.EmailNbMessage(user) == 3
    assert EmailDeleteMessage(user, 1)
    mailbox.messages.append(letter("four"))
    assert call.EmailNbMessage(user) == 3
    assert "mails: " + call.EmailNbMessage(user) == "mails: 3"
    EmailCloseSession(user)
    assert call.EmailNbMessage(open_session()) == 3


def test_the_length_of_a_mail_without_fetching_it(mailbox: FakeMailbox, call: Functions) -> None:
    user = fill(mailbox)
    assert call.EmailMessageLength(user, 2) == len(mailbox.messages[1])
    assert call.EmailMessageLength(user, "2") == len(mailbox.messages[1])
    assert mailbox.fetched == []
    assert call.EmailMessageLength(user) == -1
    assert failed("read")
    EmailReadFirstHeader(user)
    assert call.EmailMessageLength(user) == len(mailbox.messages[0])
    assert no_error()
    assert call.EmailMessageLength(user, 9) == -1
    assert failed("9")


# -- deleting -------------------------------------------------------------------------------------------------


def test_deleting_takes_place_at_the_close(mailbox: FakeMailbox, call: Functions) -> None:
    user = fill(mailbox)
    assert call.EmailDeleteMessage(user, 2) is True
    assert Email.Out is True
    assert no_error()
    assert len(mailbox.messages) == 3
    assert call.EmailReadMessage(user, 2) is False
    assert (Email.Out, bool(ErrorOccurred)) == (True, False)
    EmailCloseSession(user)
    assert [b"Subject: one" in m or b"Subject: three" in m for m in mailbox.messages] == [True, True]


def test_without_an_argument_the_mail_read_last_is_deleted(mailbox: FakeMailbox, call: Functions) -> None:
    user = fill(mailbox)
    assert call.EmailDeleteMessage(user) is False
    assert failed()
    EmailReadFirst(user)
    EmailReadMessage(user, 3)
    assert call.EmailDeleteMessage(user) is True
    EmailCloseSession(user)
    assert [b"one" in m for m in mailbox.messages] == [True, False]
    assert len(mailbox.messages) == 2


def test_deleting_what_was_read_into_an_email(mailbox: FakeMailbox, call: Functions) -> None:
    user = fill(mailbox)
    first, other = Email(), Email()
    assert EmailReadFirst(user, first)
    assert EmailReadNext(user, other)
    copy = Email(first)
    assert call.EmailDeleteMessage(user, copy) is True
    assert (copy.Out, Email.Out, other.Out) == (True, True, False)
    assert call.EmailDeleteMessage(user, first) is False, "it is deleted already"
    assert failed()
    assert EmailReadLast(user)
    assert call.EmailDeleteMessage(user, Email) is True
    EmailCloseSession(user)
    assert [b"Subject: two" in m for m in mailbox.messages] == [True]


def test_an_email_that_was_never_read_cannot_be_deleted(mailbox: FakeMailbox, call: Functions) -> None:
    user = fill(mailbox)
    assert EmailReadFirst(user)
    assert call.EmailDeleteMessage(user, Email()) is False
    assert failed("Email")
    EmailCloseSession(user)
    assert len(mailbox.messages) == 3


def test_a_number_never_comes_to_mean_another_mail(mailbox: FakeMailbox) -> None:
    user = fill(mailbox)
    m = Email()
    assert EmailReadMessage(user, m, 2)
    assert EmailDeleteMessage(user, 1)
    EmailCloseSession(user)
    open_session()
    assert EmailDeleteMessage(user, m) is False
    assert failed("session")


@pytest.mark.parametrize("suffix", ["", "Header"])
def test_deleting_while_walking_forwards(mailbox: FakeMailbox, call: Functions, suffix: str) -> None:
    user = fill(mailbox)
    m = Email()
    deleted = []
    getattr(call, f"EmailReadFirst{suffix}")(user, m)
    while True:
        deleted.append(m.Subject)
        assert call.EmailDeleteMessage(user, m)
        if not getattr(call, f"EmailReadNext{suffix}")(user, m):
            break
    assert deleted == ["one", "two", "three"]
    assert (m.Out, bool(ErrorOccurred)) == (True, False)
    assert call.EmailReadFirst(user) is False


def test_deleting_while_walking_backwards(mailbox: FakeMailbox) -> None:
    user = fill(mailbox)
    kept = []
    found = EmailReadLast(user)
    while found:
        if Email.Subject == "two":
            EmailDeleteMessage(user)
        else:
            kept.append(Email.Subject)
        found = EmailReadPrevious(user)
    assert kept == ["three", "one"]
    assert EmailReadNext(user)
    assert Email.Subject == "three"


def test_a_failed_deletion_leaves_out_alone(mailbox: FakeMailbox) -> None:
    user = fill(mailbox)
    assert EmailReadFirst(user)
    assert EmailDeleteMessage(user, 9) is False
    assert Email.Out is False
    assert failed("9")


def test_a_lost_connection_is_an_error_of_the_read(mailbox: FakeMailbox) -> None:
    user = fill(mailbox)
    mailbox.problems = [ConnectionLost("the connection was lost", host="mail.example.com", port=110)]
    assert EmailReadFirst(user) is False
    assert failed()
    assert EmailReadFirst(user) is True
    assert no_error()
