"""IMAP sessions: opening by name and by variable, tokens, kinds, several sessions of one name, what cannot be done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.mailboxes import letter
from wlemail import (
    CR,
    Email,
    EmailAddFolder,
    EmailChangeFolder,
    EmailChangeStatus,
    EmailCloseSession,
    EmailCopy,
    EmailCurrentFolder,
    EmailDeleteMessage,
    EmailErrorLanguage,
    EmailExpunge,
    EmailGetAll,
    EmailGetIndicator,
    EmailListFolder,
    EmailListSession,
    EmailMoveMessage,
    EmailNbMessage,
    EmailOuvreSessionIMAP,
    EmailProgressBar,
    EmailReadFirst,
    EmailReadNext,
    EmailSeekFirst,
    EmailSendMessage,
    EmailStartIMAPSession,
    EmailStartPOP3Session,
    EmailStartSession,
    EmailStartSMTPSession,
    EmailWaitMessage,
    ErrorInfo,
    ErrorOccurred,
    emailIMAPSession,
    emailNotRead,
    emailOptionTLSIfAvailable,
    emailProtocolSMTPS,
    emailSessionIMAP,
    emailStatusRead,
    emailSubject,
    errFullDetails,
    ertAsynchronous,
    ertFull,
    ertNotRead,
    optionTLS,
)
from wlemail.sandbox import ImapOffer, Layout, Sandbox

from .reading import failed, no_error

pytestmark = pytest.mark.usefixtures("face")

Opening = Callable[..., bool]


@pytest.fixture(params=[EmailStartIMAPSession, EmailOuvreSessionIMAP], ids=["English", "French"])
def start(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with Sandbox(users={"anna": "secret"}, mechanisms=("PLAIN", "XOAUTH2")) as sandbox:
        monkeypatch.setenv("SSL_CERT_FILE", sandbox.ca_file)
        yield sandbox
        for name in list(EmailListSession()):
            EmailCloseSession(name)


def variable(box: Sandbox, **members: Any) -> emailIMAPSession:
    given = {"ServerAddress": box.host, "Port": box.imap_port, "Name": "anna", "Password": "secret", **members}
    return emailIMAPSession(**given)


def fill(box: Sandbox, count: int = 3) -> None:
    for number in range(1, count + 1):
        box.deliver(letter(f"s{number}", f"text {number}"), "anna")


# -- opening ---------------------------------------------------------------------------------------------------


def test_opening_by_name(box: Sandbox, start: Opening) -> None:
    fill(box)
    assert start("anna", "secret", box.host, str(box.imap_port)) is True
    assert no_error()
    assert list(EmailListSession()) == ["anna"]
    assert (EmailNbMessage("anna"), EmailCurrentFolder("anna")) == (3, "INBOX")
    EmailCloseSession("anna")
    assert list(EmailListSession()) == []
    assert EmailNbMessage("anna") == -1
    assert failed("anna")


@pytest.mark.parametrize("option", [emailProtocolSMTPS, emailOptionTLSIfAvailable, "2"])
def test_starttls(box: Sandbox, option: int | str) -> None:
    assert EmailStartIMAPSession("anna", "secret", "localhost", box.imap_port, option) is True, ErrorInfo()


def test_tls_from_the_first_byte(box: Sandbox) -> None:
    assert EmailStartIMAPSession("anna", "secret", "localhost", box.imaps_port, optionTLS) is True, ErrorInfo()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("anna", "x", ""), "ServerAddress"),
        (("anna", "x", "h", "abc"), "Port"),
        (("anna", "x", "h", 70000), "Port"),
        (("anna", "x", "h", 143, 77), "Option"),
        (("anna", object(), "h"), "Password"),
    ],
)
def test_bad_values_open_nothing(start: Opening, arguments: tuple[object, ...], word: str) -> None:
    assert start(*arguments) is False
    assert failed(word)


def test_a_login_that_is_refused(box: Sandbox, start: Opening) -> None:
    assert start("anna", "wrong", box.host, box.imap_port) is False
    assert failed()
    assert "wrong" not in ErrorInfo(errFullDetails)
    assert list(EmailListSession()) == []


def test_a_variable_in_both_languages(box: Sandbox) -> None:
    fill(box)
    session = emailSessionIMAP(Nom="anna", MotDePasse="secret", AdresseServeur=box.host)
    assert session.Port == 143
    session.Port = str(box.imap_port)
    assert EmailStartSession(session) is True, ErrorInfo()
    assert session.NbMessage() == 3
    session.FermeSession()
    assert session.OuvreSession() is True
    assert session.DossierCourant() == "INBOX"
    with variable(box, SessionName="second") as other:
        assert other.StartSession()
        assert set(EmailListSession()) == {"anna", "second"}
    assert list(EmailListSession()) == ["anna"]


def test_a_token_takes_the_password_s_place(box: Sandbox) -> None:
    asked: list[int] = []

    def token() -> str:
        asked.append(1)
        return "secret"

    for given in ("secret", token):
        session = variable(box, Password="", AuthToken=given)
        assert session.StartSession() is True, ErrorInfo()
        assert session.NbMessage() == 0
        session.CloseSession()
    assert asked == [1]
    session = variable(box, Password="", AuthToken="stale")
    assert session.StartSession() is False
    assert failed("token")
    assert "stale" not in ErrorInfo(errFullDetails)
    session = variable(box, Password="", AuthToken=lambda: "")
    assert session.StartSession() is False
    assert failed("AuthToken")


def test_a_mechanism_by_name(box: Sandbox) -> None:
    assert variable(box, AuthMechanism="plain").StartSession() is True, ErrorInfo()
    assert variable(box, AuthMechanism="SCRAM-SHA-256").StartSession() is False
    assert failed("SCRAM-SHA-256")


def test_opening_a_name_again_closes_its_earlier_session(box: Sandbox) -> None:
    fill(box)
    assert EmailStartIMAPSession("anna", "secret", box.host, box.imap_port)
    assert EmailReadFirst("anna")
    assert EmailStartIMAPSession("anna", "secret", box.host, box.imap_port)
    assert list(EmailListSession()) == ["anna"]
    assert EmailReadNext("anna")
    assert Email.Subject == "s1"


# -- one name, several protocols -------------------------------------------------------------------------------


def test_one_name_for_every_protocol(box: Sandbox) -> None:
    fill(box)
    assert EmailStartIMAPSession("anna", "secret", box.host, box.imap_port)
    assert EmailStartSMTPSession("anna", "secret", box.host, box.port)
    assert EmailStartPOP3Session("anna", "secret", box.host, box.pop3_port)
    assert EmailReadFirst("anna", emailNotRead) is False, "the one opened last reads"
    assert failed("POP3")
    assert EmailCurrentFolder("anna") == "INBOX"
    assert EmailSeekFirst("anna", emailSubject, "s2") is True
    assert EmailSendMessage("anna", Email(Sender="anna@x.example", Recipient="b@x.example")) is True, ErrorInfo()
    EmailCloseSession("anna")
    assert list(EmailListSession()) == []


def test_what_only_imap_can_do_is_a_misuse_of_other_sessions(box: Sandbox) -> None:
    fill(box)
    assert EmailStartPOP3Session("anna", "secret", box.host, box.pop3_port)
    assert EmailReadFirst("anna")
    mail = Email(Email)
    for call in (
        lambda: EmailListFolder("anna"),
        lambda: EmailCurrentFolder("anna"),
        lambda: EmailChangeFolder("anna", "x"),
        lambda: EmailAddFolder("anna", "x"),
        lambda: EmailExpunge("anna"),
        lambda: EmailChangeStatus("anna", mail, emailStatusRead),
        lambda: EmailCopy("anna", mail, "x"),
        lambda: EmailCopy(mail, "x"),
        lambda: EmailSeekFirst("anna", emailSubject, "x"),
        lambda: EmailWaitMessage("anna", 1),
    ):
        assert call() in (False, "")
        assert failed("IMAP")
        assert "fatal" in ErrorInfo(errFullDetails)
    assert list(EmailGetIndicator("anna", mail)) == []
    assert failed("IMAP")
    assert list(EmailGetAll("anna", ertNotRead)) == []
    assert failed("POP3")


def test_errors_in_french(box: Sandbox) -> None:
    EmailErrorLanguage("fr")
    session = variable(box)
    assert session.StartSession()
    assert session.ChangeDossier("nulle part") is False
    assert failed("dossier")
    assert session.AjouteDossier("x") is True
    assert session.AjouteDossier("x") is False
    assert failed("existe déjà")
    assert session.ChangeDossier(" ") is False
    assert failed("Chemin", "aucun dossier")


# -- emails outlive sessions and folders -----------------------------------------------------------------------


def test_an_email_of_an_earlier_session_of_the_same_mailbox(box: Sandbox) -> None:
    fill(box)
    assert EmailStartIMAPSession("anna", "secret", box.host, box.imap_port)
    mails = EmailGetAll("anna", ertFull)
    EmailCloseSession("anna")
    assert EmailCopy(mails[1], "INBOX") is False
    assert failed("anna")
    assert EmailStartIMAPSession("anna", "secret", box.host, box.imap_port)
    assert EmailDeleteMessage("anna", mails[2]) is True, ErrorInfo()
    assert [str(m.Subject) for m in EmailGetAll("anna")] == ["s1", "s3"]


def test_an_email_of_another_mailbox_is_not_touched(box: Sandbox) -> None:
    fill(box)
    with Sandbox(users={"anna": "secret"}) as elsewhere:
        elsewhere.deliver(letter("theirs"), "anna")
        other = variable(elsewhere)
        assert other.StartSession()
        session = variable(box)
        assert session.StartSession()
        mail = EmailGetAll(other)[1]
        assert EmailDeleteMessage(session, mail) is False
        assert failed("Email")
        assert EmailDeleteMessage(other, mail) is True
        other.CloseSession()
    assert session.NbMessage() == 3


def test_a_folder_that_was_made_anew_has_other_mails(box: Sandbox) -> None:
    session = variable(box)
    assert session.StartSession()
    assert session.AddFolder("a")
    box.deliver(letter("one"), "anna")
    assert EmailReadFirst(session)
    assert EmailCopy(session, Email, "a")
    assert session.ChangeFolder("a")
    mail = session.GetAll()[1]
    assert session.ChangeFolder("INBOX")
    assert session.RemoveFolder("a")
    assert session.AddFolder("a")
    assert EmailReadFirst(session)
    assert EmailCopy(session, Email, "a")
    assert mail.Message == ""
    assert failed("Email")
    assert session.CurrentFolder() == "INBOX"


def test_a_loop_ends_where_the_folder_changes(box: Sandbox) -> None:
    fill(box)
    session = variable(box)
    assert session.StartSession()
    assert session.AddFolder("a")
    seen = []
    for mail in session:
        seen.append(str(mail.Subject))
        assert session.ChangeFolder("a")
    assert seen == ["s1"]
    assert failed("folder")


def test_asynchronous_fetching_keeps_to_its_folder(box: Sandbox) -> None:
    fill(box, 30)
    session = variable(box)
    assert session.StartSession()
    assert session.AddFolder("a")
    mails = session.GetAll(ertAsynchronous + ertFull)
    assert session.ChangeFolder("a")
    assert [str(mail.Message) for mail in mails] == [f"text {number}" for number in range(1, 31)]
    assert session.CurrentFolder() == "a"
    assert no_error()
    for thread in threading.enumerate():
        if thread.name == "EmailGetAll":
            thread.join(10)


# -- limits, progress, threads -----------------------------------------------------------------------------------


def test_quota_exceeded_on_copy() -> None:
    with Sandbox(layout=Layout(quota=3000)) as box:
        session = variable(box)
        assert session.StartSession()
        assert session.AddFolder("a")
        box.deliver(letter("big", "x" * 2000), "anna")
        assert EmailReadFirst(session)
        assert EmailCopy(session, Email, "a") is False
        assert failed("full")
        assert session.NbMessage() == 1
        session.CloseSession()


@pytest.mark.parametrize(
    "lacks", [("MOVE", "UIDPLUS"), ("IDLE",), ("LITERAL+", "ESEARCH", "LIST-EXTENDED", "LIST-STATUS")]
)
def test_servers_that_can_do_less(lacks: tuple[str, ...]) -> None:
    with Sandbox(imap_offer=ImapOffer(lacks=lacks)) as box:
        fill(box)
        session = variable(box)
        assert session.StartSession(), ErrorInfo()
        assert session.AddFolder("a")
        assert EmailReadFirst(session)
        assert EmailMoveMessage(session, Email, "a") is True, ErrorInfo()
        assert [str(m.Subject) for m in session.GetAll()] == ["s2", "s3"]
        assert session.ChangeFolder("a")
        assert [str(m.Subject) for m in session.GetAll()] == ["s1"]
        assert "a" in session.ListFolder().split(CR)
        assert EmailWaitMessage(session, 0.2) is False
        assert no_error()
        session.CloseSession()


def test_progress_over_imap(box: Sandbox) -> None:
    fill(box)
    session = variable(box)
    assert session.StartSession()
    told: list[tuple[int, ...]] = []
    EmailProgressBar(lambda total, done: told.append((total, done)), 0)
    try:
        assert EmailReadFirst(session)
        assert told[-1][0] == told[-1][1] > 0
        told.clear()
        assert len(session.GetAll(ertFull)) == 3
        assert told[-1][0] == told[-1][1]
        told.clear()
        assert len(session.GetAll(ertFull + ertNotRead)) == 0
    finally:
        EmailProgressBar("")


def test_another_thread_can_use_the_session_while_one_waits(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wlemail.wlanguage.foldered._SLICE", 0.1)
    session = variable(box)
    assert session.StartSession()
    results: list[object] = []
    waiting = threading.Thread(target=lambda: results.append(EmailWaitMessage(session, 20)))
    waiting.start()
    assert session.NbMessage() == 0
    assert not ErrorOccurred
    box.deliver(letter("now"), "anna")
    waiting.join(15)
    assert results == [True]
    assert EmailReadNext(session)
    assert Email.Subject == "now"
