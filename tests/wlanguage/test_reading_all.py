"""EmailGetAll, `for mail in session`, EmailByIndex: many mails at once, their texts on demand."""

from __future__ import annotations

import copy
import pickle
import threading

import pytest

from tests.support.mailboxes import FakeMailbox, letter
from wlemail import (
    Array,
    Email,
    EmailCloseSession,
    EmailDeleteMessage,
    EmailGetAll,
    EmailNbMessage,
    EmailProgressBar,
    EmailReadFirst,
    EmailReadNext,
    ErrorInfo,
    ErrorOccurred,
    emailPOP3Session,
    emailSessionPOP3,
    ertAsynchronous,
    ertFull,
    ertHeader,
)
from wlemail.errors import CommandRefused, ServerReply
from wlemail.wlanguage.absorbed import Received

from .reading import Functions, failed, no_error, open_session


def fill(mailbox: FakeMailbox, count: int = 3) -> str:
    mailbox.messages = [letter(f"s{number}", f"text {number}") for number in range(1, count + 1)]
    return open_session()


def opened(mailbox: FakeMailbox, count: int = 3) -> emailPOP3Session:
    mailbox.messages = [letter(f"s{number}", f"text {number}") for number in range(1, count + 1)]
    session = emailPOP3Session(Name="user", Password="x", ServerAddress="mail.example.com")
    assert session.StartSession(), ErrorInfo()
    return session


def refusal(reply: str = "-ERR damaged", *, temporary: bool = False) -> CommandRefused:
    problem = CommandRefused("RETR", ServerReply(0, reply))
    problem.temporary = temporary
    return problem


# -- EmailGetAll ----------------------------------------------------------------------------------------------


def test_headers_at_once_and_texts_on_demand(mailbox: FakeMailbox, call: Functions) -> None:
    user = fill(mailbox)
    mails = call.EmailGetAll(user)
    assert isinstance(mails, Array)
    assert no_error()
    assert [m.Subject for m in mails] == ["s1", "s2", "s3"]
    assert (mailbox.headers(), mailbox.whole()) == ([1, 2, 3], [])
    assert mails[2].Message == "text 2"
    assert mails[2].Attach == ""
    assert mailbox.whole() == [2]
    assert mails[2].Subject == "s2"
    assert no_error()


def test_the_options(mailbox: FakeMailbox, call: Functions) -> None:
    user = fill(mailbox)
    for options in (ertHeader, 0, "4", None):
        assert len(call.EmailGetAll(user, options)) == 3
    assert mailbox.whole() == []
    assert [m.Message for m in call.EmailGetAll(user, ertFull)] == ["text 1", "text 2", "text 3"]
    assert mailbox.whole() == [1, 2, 3]
    assert list(call.EmailGetAll(user, 64)) == []
    assert failed("Options")


def test_mails_that_were_deleted_are_not_among_all(mailbox: FakeMailbox) -> None:
    user = fill(mailbox)
    assert EmailDeleteMessage(user, 2)
    assert [m.Subject for m in EmailGetAll(user)] == ["s1", "s3"]


def test_getting_all_leaves_the_current_mail(mailbox: FakeMailbox) -> None:
    user = fill(mailbox)
    assert EmailReadFirst(user)
    assert EmailGetAll(user, ertFull).Count == 3
    assert EmailReadNext(user)
    assert Email.Subject == "s2"


def test_a_failure_gives_an_empty_array(mailbox: FakeMailbox, call: Functions) -> None:
    user = fill(mailbox)
    mailbox.problems = [None, refusal("-ERR try later", temporary=True)]
    mails = call.EmailGetAll(user)
    assert (isinstance(mails, Array), len(mails)) == (True, 0)
    assert failed("try later")


@pytest.mark.parametrize("options", [ertHeader, ertFull])
def test_a_mail_that_the_server_refuses_is_listed_with_the_others(
    mailbox: FakeMailbox, call: Functions, caplog: pytest.LogCaptureFixture, options: int
) -> None:
    user = fill(mailbox)
    mailbox.problems = [None, refusal()]
    mails = call.EmailGetAll(user, options)
    assert no_error()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "1 of 3" in caplog.text
    assert (mails[1].Subject, mails[3].Message) == ("s1", "text 3")
    mailbox.problems = [refusal(), refusal()]
    assert mails[2].Subject == ""
    assert failed("-ERR damaged")
    assert mails[2].Message == ""
    assert failed("-ERR damaged")
    assert mails[2].Subject == "s2", "the next look tries again"


def test_a_server_that_refuses_every_mail(mailbox: FakeMailbox, call: Functions) -> None:
    user = fill(mailbox)
    mailbox.problems = [refusal(), refusal(), refusal()]
    assert list(call.EmailGetAll(user)) == []
    assert failed("-ERR damaged")


def test_a_refused_mail_does_not_end_an_asynchronous_listing(mailbox: FakeMailbox) -> None:
    user = fill(mailbox)
    mailbox.problems = [None, refusal()]
    mails = EmailGetAll(user, ertAsynchronous + ertFull)
    for thread in threading.enumerate():
        if thread.name == "EmailGetAll":
            thread.join(10)
    assert mailbox.whole() == [1, 3]
    assert [m.Message for m in mails] == ["text 1", "text 2", "text 3"]


def test_changing_a_member_before_the_texts_were_fetched_cancels_that(mailbox: FakeMailbox) -> None:
    user = fill(mailbox)
    first, second, third = EmailGetAll(user)
    first.Subject = "changed"
    assert (first.Message, first.HTML, first.Attach, first.NbAttach) == ("", "", "", 0)
    assert first.Sender == "Jean Dupont <jean@example.com>"
    assert mailbox.whole() == []
    assert second.Message == "text 2"
    second.Subject = "changed"
    assert (second.Message, second.Subject) == ("text 2", "changed")
    copied = Email(third)
    third.Recipient = "x@example.com"
    assert third.Message == ""
    assert copied.Message == "text 3", "a copy has a fetch of its own"


def test_a_body_that_cannot_be_loaded_reads_as_empty_and_sets_the_error(mailbox: FakeMailbox) -> None:
    user = fill(mailbox)
    mails = EmailGetAll(user)
    mailbox.problems = [CommandRefused("RETR", ServerReply(0, "-ERR not now"))]
    assert mails[1].Message == ""
    assert failed("not now")
    assert mails[1].Message == "text 1", "the next look tries again"
    EmailCloseSession(user)
    assert mails[2].Message == ""
    assert failed("user")
    assert mails[2].Subject == "s2"


def test_deleting_mails_of_the_array(mailbox: FakeMailbox) -> None:
    user = fill(mailbox)
    for mail in EmailGetAll(user):
        if mail.Subject != "s2":
            assert EmailDeleteMessage(user, mail)
            assert mail.Out is True
    EmailCloseSession(user)
    assert len(mailbox.messages) == 1


def test_deleting_does_not_cancel_the_fetch_but_the_mail_is_gone(mailbox: FakeMailbox) -> None:
    user = fill(mailbox)
    mail = EmailGetAll(user)[1]
    assert EmailDeleteMessage(user, mail)
    assert mail.Message == ""
    assert failed("1")


def test_a_debugger_that_shows_a_mail_fetches_nothing(mailbox: FakeMailbox) -> None:
    user = fill(mailbox)
    mail = EmailGetAll(user)[1]
    assert "s1" in repr(mail)
    assert mailbox.whole() == []
    assert mail.Message == "text 1"
    assert "text 1" in repr(mail)


def test_copies_and_pickles_hold_the_whole_mail(mailbox: FakeMailbox) -> None:
    user = fill(mailbox)
    mails = EmailGetAll(user)
    kept = [pickle.loads(pickle.dumps(mails[1])), copy.copy(mails[2]), copy.deepcopy(mails[3]), Array([mails[1]])[1]]
    assert kept[0] == mails[1]
    assert [m.Message for m in kept] == ["text 1", "text 2", "text 3", "text 1"]
    EmailCloseSession(user)
    assert (kept[0].Subject, kept[0].StableID) == ("s1", "uid-1")


def test_asynchronous_fetching(mailbox: FakeMailbox, call: Functions) -> None:
    user = fill(mailbox, 20)
    mails = call.EmailGetAll(user, ertAsynchronous + ertFull)
    assert no_error()
    assert [m.Subject for m in mails] == [f"s{n}" for n in range(1, 21)]
    assert [m.Message for m in mails] == [f"text {n}" for n in range(1, 21)]
    for thread in threading.enumerate():
        if thread.name == "EmailGetAll":
            thread.join(10)
    assert no_error()
    before = len(mailbox.fetched)
    assert mails[20].Message == "text 20"
    assert len(mailbox.fetched) == before


def test_a_header_that_comes_late_takes_nothing_away(mailbox: FakeMailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread that fetches headers has one in its hands while the script fetches the same mail whole."""
    header = b"Subject: s1\r\n\r\n"
    user = fill(mailbox, 1)
    mail = EmailGetAll(user)[1]
    received = mail._loader.received
    put = Received.put

    def late(one: Received, data: bytes, *, whole: bool) -> None:
        put(one, data, whole=whole)
        put(one, header, whole=False)

    monkeypatch.setattr(Received, "put", late)
    assert mail.Message == "text 1"
    assert received.whole
    assert mail.Source.endswith("text 1\r\n")


def test_asynchronous_fetching_ends_with_the_session(mailbox: FakeMailbox) -> None:
    user = fill(mailbox, 5)
    mails = EmailGetAll(user, ertAsynchronous)
    EmailCloseSession(user)
    for thread in threading.enumerate():
        if thread.name == "EmailGetAll":
            thread.join(10)
            assert not thread.is_alive()
    assert mails.Count == 5
    assert all(isinstance(m.Subject, str) for m in mails)


# -- the progress procedure -----------------------------------------------------------------------------------


@pytest.fixture
def told() -> object:
    calls: list[tuple[int, ...]] = []
    yield calls
    EmailProgressBar("")


def test_four_parameters_tell_which_mail_it_is(mailbox: FakeMailbox, told: list[tuple[int, ...]]) -> None:
    user = fill(mailbox)
    total = sum(map(len, mailbox.messages))

    def procedure(total: int, done: int, index: int, count: int) -> None:
        told.append((total, done, index, count))

    EmailProgressBar(procedure, 0)
    assert len(EmailGetAll(user, ertFull)) == 3
    assert {(t, c) for t, _, _, c in told} == {(total, 3)}
    assert [index for _, _, index, _ in told] == sorted(index for _, _, index, _ in told)
    assert told[-1] == (total, total, 3, 3)
    told.clear()
    assert EmailReadFirst(user)
    assert told[-1] == (len(mailbox.messages[0]), len(mailbox.messages[0]), 1, 1)


@pytest.mark.parametrize("options", [ertFull, ertHeader])
def test_two_parameters_tell_of_all_mails_together(
    mailbox: FakeMailbox, told: list[tuple[int, ...]], options: int
) -> None:
    user = fill(mailbox)
    total = sum(map(len, mailbox.messages))
    EmailProgressBar(lambda total, done: told.append((total, done)), 0)
    assert len(EmailGetAll(user, options)) == 3
    assert told[-1] == (total, total)
    assert [done for _, done in told] == sorted(done for _, done in told)
    told.clear()
    for _ in range(2):
        assert EmailReadNext(user)
    lengths = [len(message) for message in mailbox.messages[:2]]
    assert [call for call in told if call[0] == call[1]] == [(length, length) for length in lengths]


def test_a_procedure_with_another_number_of_parameters_is_an_error() -> None:
    EmailProgressBar(lambda one: None)  # type: ignore[arg-type, misc]
    assert failed("Procedure")


def test_the_session_cannot_be_used_in_its_own_progress(mailbox: FakeMailbox) -> None:
    user = fill(mailbox)
    counts: list[int] = []
    EmailProgressBar(lambda total, done: counts.append(EmailNbMessage(user)))
    assert EmailReadFirst(user)
    EmailProgressBar("")
    assert set(counts) == {-1}
    assert no_error()


# -- loops ----------------------------------------------------------------------------------------------------


def test_for_each_mail_of_a_session(mailbox: FakeMailbox) -> None:
    session = opened(mailbox)
    assert [(mail.Subject, mail.Message) for mail in session] == [
        ("s1", "text 1"),
        ("s2", "text 2"),
        ("s3", "text 3"),
    ]
    assert no_error()
    assert [mail.Sujet for mail in session] == ["s1", "s2", "s3"], "a second loop begins at the first again"


def test_deleting_in_the_loop(mailbox: FakeMailbox) -> None:
    session = opened(mailbox, 4)
    for mail in session:
        if mail.Subject == "s1":
            assert EmailDeleteMessage(session, mail)
        if mail.Subject == "s3":
            assert EmailDeleteMessage(session), "the mail of the loop is the one that was read last"
    session.CloseSession()
    assert [b"Subject: s2" in m or b"Subject: s4" in m for m in mailbox.messages] == [True, True]


def test_the_loop_has_a_place_of_its_own(mailbox: FakeMailbox) -> None:
    session = opened(mailbox)
    assert EmailReadFirst(session)
    for mail in session:
        assert mail.Subject
    assert EmailReadNext(session)
    assert Email.Subject == "s2"


def test_a_failure_ends_the_loop_and_sets_the_error(mailbox: FakeMailbox) -> None:
    session = opened(mailbox)
    mailbox.problems = [None, refusal("-ERR no", temporary=True)]
    assert [mail.Subject for mail in session] == ["s1"]
    assert failed("-ERR no")
    session.CloseSession()
    assert list(session) == []
    assert failed("user")


def test_a_refused_mail_is_passed_over_and_the_end_of_the_loop_tells(mailbox: FakeMailbox) -> None:
    """Whoever deletes what he has read must not delete it."""
    session = opened(mailbox)
    mailbox.problems = [None, refusal()]
    seen = []
    for mail in session:
        seen.append(str(mail.Subject))
        assert EmailDeleteMessage(session), ErrorInfo()
        assert no_error()
    assert seen == ["s1", "s3"]
    assert failed("-ERR damaged")
    session.CloseSession()
    assert len(mailbox.messages) == 1


def test_a_loop_over_an_empty_mailbox(mailbox: FakeMailbox) -> None:
    assert list(opened(mailbox, 0)) == []
    assert no_error()


def test_mails_by_index(mailbox: FakeMailbox) -> None:
    session = opened(mailbox)
    assert session.EmailByIndex.Count == session.EmailParIndice.Occurrence == 3
    assert mailbox.fetched == []
    assert session.EmailParIndice[2].Subject == "s2"
    assert mailbox.fetched == [(2, True)]
    assert session.EmailByIndex[2].Message == "text 2"
    with pytest.raises(IndexError):
        session.EmailByIndex[4]
    with pytest.raises(AttributeError):
        session.EmailByIndex = []
    session.CloseSession()
    assert session.EmailByIndex.Count == 0
    assert ErrorOccurred


def test_methods_of_the_session_in_both_languages(mailbox: FakeMailbox) -> None:
    mailbox.messages = [letter()]
    session = emailSessionPOP3(Nom="user", MotDePasse="x", AdresseServeur="mail.example.com")
    assert session.OuvreSession() is True
    assert session.NbMessage() == 1
    assert [m.Sujet for m in session.RécupèreTout()] == ["Hello"]
    assert [m.Message for m in session.GetAll(ertFull)] == ["Text"]
    session.FermeSession()
    assert session.NbMessage() == -1
    assert failed("user")
