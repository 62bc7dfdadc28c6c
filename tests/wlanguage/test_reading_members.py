"""The members that reading fills, on the structure and on variables; EmailImportSource."""

from __future__ import annotations

import copy
import datetime
import pickle
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.mailboxes import FakeMailbox, letter
from wlemail import (
    Array,
    DateToString,
    Email,
    EmailBuildSource,
    EmailCloseSession,
    EmailDeleteMessage,
    EmailImportSource,
    EmailReadFirst,
    EmailReadFirstHeader,
    EmailReset,
    EmailSendMessage,
    ErrorInfo,
    Left,
    emailCompanyConfidential,
    emailHeader,
    emailHighPriority,
    emailLowPriority,
    emailNormal,
    emailNormalPriority,
    emailPersonal,
    emailPrivate,
)
from wlemail.sandbox import Sandbox

from .reading import Functions, failed, no_error, open_session


def imported(source: bytes | str, message: Any = None) -> Any:
    """An Email variable (or the structure) with the members of that source."""
    message = Email() if message is None else message
    message.Source = source
    assert EmailImportSource(message) is True, ErrorInfo()
    assert no_error()
    return message


@pytest.fixture(params=["structure", "variable"])
def message(request: pytest.FixtureRequest) -> Any:
    return Email if request.param == "structure" else Email()


@pytest.fixture(params=["UTC", "Europe/Paris"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if not hasattr(time, "tzset"):
        pytest.skip("the time zone of a process cannot be set here")
    monkeypatch.setenv("TZ", {"UTC": "UTC0", "Europe/Paris": "CET-1CEST,M3.5.0,M10.5.0/3"}[request.param])
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


# -- EmailImportSource ----------------------------------------------------------------------------------------


def test_importing_a_source(message: Any, call: Functions) -> None:
    message.Source = letter("Été", "Bonjour")
    assert (call.EmailImportSource() if message is Email else call.EmailImportSource(message)) is True
    assert no_error()
    assert (message.Subject, message.Message, message.Out) == ("Été", "Bonjour", False)
    assert message.Source.startswith("Return-Path: <bounces@example.com>\r\n")


def test_any_line_ends_are_taken(message: Any) -> None:
    for ends in ("\r\n", "\n", "\r"):
        imported(letter("s", "a").decode().replace("\r\n", ends), message)
        assert (message.Subject, message.Message, list(message.Recipient)[1]) == ("s", "a", "bob@example.org")


def test_an_empty_source_is_an_error(message: Any, call: Functions) -> None:
    message.Source = " \r\n"
    assert call.EmailImportSource(message) is False
    assert failed("Source")


def test_what_is_no_mail_is_read_all_the_same(message: Any) -> None:
    imported(b"\x00\xff\xfe not a mail at all", message)
    assert isinstance(message.Message, str)
    assert message.Recipient == ""


def test_the_method_of_a_variable() -> None:
    m = Email(Source=letter("by method"))
    assert m.ImporteSource() is True
    assert m.Sujet == "by method"
    m.Source = letter("again")
    assert m.ImportSource() is True
    assert m.Sujet == "again"


def test_importing_forgets_where_the_mail_was_read(mailbox: FakeMailbox) -> None:
    mailbox.messages = [letter("one")]
    user = open_session()
    m = Email()
    assert EmailReadFirst(user, m)
    imported(letter("other"), m)
    assert EmailDeleteMessage(user, m) is False
    assert failed("Email")
    assert m.StableID == ""


def test_the_source_keeps_every_byte(message: Any) -> None:
    source = letter("s", "x").replace(b"x", bytes(range(128, 256)))
    imported(source, message)
    assert message.Source.encode("utf-8", "surrogateescape") == source
    other = imported(message.Source)
    assert other.Source == message.Source


def test_a_source_that_was_built_comes_back(message: Any) -> None:
    built = Email(Sender="Élodie <e@example.com>", Recipient="a@example.org", Subject="Ça va ?", Message="Où ?\r\n")
    built.Priority = emailHighPriority
    built.Sensitivity = emailPersonal
    built.Category = "un;deux"
    built.DispositionNotification = True
    built.Attach.Add("wlemail")
    built.Attach[1].Content = b"\x00\x01"
    assert EmailBuildSource(built)
    imported(built.Source, message)
    assert (message.Sender, message.Recipient, message.Subject) == (built.Sender, "a@example.org", "Ça va ?")
    assert message.Message.rstrip() == "Où ?"
    assert (message.Priority, message.Sensitivity) == (emailHighPriority, emailPersonal)
    assert message.Category == "un;deux"
    assert message.DispositionNotification is True
    assert message.ReturnReceipt is False
    assert message.NbAttach == 1


# -- header members -------------------------------------------------------------------------------------------


def test_people(message: Any) -> None:
    imported(letter("s", "t", "Reply-To: answers@example.com", "Cc: =?utf-8?q?=C3=89lodie?= <e@example.com>"), message)
    assert message.Expéditeur == "Jean Dupont <jean@example.com>"
    assert message.AdresseExpéditeur == "answers@example.com"
    assert message.AdresseRetourErreur == "bounces@example.com"
    assert list(message.Destinataire) == ["Anna <anna@example.org>", "bob@example.org"]
    assert message.NbDestinataire == 2
    assert message.CC == "Élodie <e@example.com>"
    assert message.NbCc == 1
    assert message.Bcc == ""


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("X-Priority: 1 (Highest)", emailHighPriority),
        ("Importance: low", emailLowPriority),
        ("X-Priority: 3", emailNormalPriority),
        ("X-Nothing: 1", emailNormalPriority),
    ],
)
def test_priority(message: Any, field: str, expected: int) -> None:
    assert imported(letter("s", "t", field), message).Priorité == expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("Sensitivity: Personal", emailPersonal),
        ("Sensitivity: private", emailPrivate),
        ("Sensitivity: Company-Confidential", emailCompanyConfidential),
        ("Sensitivity: something", emailNormal),
    ],
)
def test_sensitivity(message: Any, field: str, expected: int) -> None:
    assert imported(letter("s", "t", field), message).Confidentialité == expected


def test_receipts_ids_and_keywords(message: Any) -> None:
    fields = (
        "Disposition-Notification-To: jean@example.com",
        "Return-Receipt-To: jean@example.com",
        "References: <a@x> <b@x>",
        "Keywords: red, =?utf-8?q?vert_fonc=C3=A9?=",
    )
    imported(letter("s", "t", *fields), message)
    assert (message.ConfirmationLecture, message.AccuséRéception) == (True, True)
    assert (message.MessageID, message.Référence) == ("<s@example.com>", "<a@x> <b@x>")
    assert message.Catégorie == "red;vert foncé"


def test_all_headers_in_their_order(message: Any) -> None:
    imported(letter("s", "t", "X-Own: =?utf-8?q?=C3=A9?=", "X-Own: second"), message)
    headers = [(header.Name, header.Valeur) for header in message.Entête]
    assert headers[0] == ("Return-Path", "<bounces@example.com>")
    assert headers[-2:] == [("X-Own", "é"), ("X-Own", "second")]


def test_raw_text_and_text_from_html(message: Any) -> None:
    source = letter("s", "<p>caf=C3=A9 <b>noir</b></p>").replace(
        b"Subject:",
        b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\nSubject:",
    )
    imported(source, message)
    assert "<p>café <b>noir</b></p>" in message.HTML
    assert message.Message == ""
    assert "caf=C3=A9" in message.TexteBrut
    assert message.TextFromHTML.strip() == message.TexteDepuisHTML.strip() == "café noir"
    with pytest.raises(AttributeError, match="read-only"):
        message.TextFromHTML = "x"
    message.HTML = "<i>own</i>"
    assert message.TextFromHTML.strip() == "own"


def test_defects_are_listed_and_hide_nothing(message: Any) -> None:
    imported(letter("s", "some text", "Content-Type: multipart/mixed"), message)
    assert (message.Subject, "some text" in message.Message) == ("s", True)
    assert message.Defect.Count > 0
    assert all(isinstance(defect, str) and defect for defect in message.Defect)
    assert imported(letter("fine", "t"), message).Défaut == ""


# -- dates ----------------------------------------------------------------------------------------------------


def test_the_date_of_a_variable(zone: str) -> None:
    m = imported(letter())
    hour = 10 if zone == "UTC" else 11
    date = m.ReceiveDate
    assert isinstance(date, datetime.datetime)
    assert date.tzinfo is None
    assert (date.DatePart, date.PartieDate, date.TimePart) == ("20261122", "20261122", f"{hour}2030000")
    assert (date.Year, date.Mois, date.Jour, date.Heure, date.Minute, date.seconde) == (2026, 11, 22, hour, 20, 30)
    assert (m.ReceptionDate, m.DateRéception) == (date, date)
    assert "on " + date == f"on 20261122{hour}2030000"
    assert date + "!" == f"20261122{hour}2030000!"
    assert f"{date}" == str(date) == f"20261122{hour}2030000"
    assert Left(date, 8) == "20261122"
    assert DateToString(date, "DD/MM/YYYY") == "22/11/2026"
    assert date > "20261121"
    assert date == f"20261122{hour}2030000"
    assert date - datetime.timedelta(days=1) < date
    assert pickle.loads(pickle.dumps(m)).ReceiveDate == copy.copy(date) == date


def test_the_date_of_the_structure_is_digits(zone: str) -> None:
    imported(letter(), Email)
    hour = 10 if zone == "UTC" else 11
    assert Email.ReceiveDate == f"20261122{hour}2030000"
    assert isinstance(Email.DateRéception, str)
    assert Email(Email).ReceiveDate.DatePart == "20261122"


def test_a_mail_without_a_date_has_an_empty_one() -> None:
    m = imported(b"Subject: s\r\n\r\nt\r\n")
    assert m.ReceiveDate == ""
    assert (m.ReceiveDate.DatePart, m.ReceiveDate.PartieHeure) == ("", "")
    with pytest.raises(AttributeError):
        m.ReceiveDate.Nonsense  # noqa: B018
    assert imported(b"Subject: s\r\n\r\nt\r\n", Email).ReceiveDate == ""


def test_a_date_that_a_script_assigns_is_converted() -> None:
    m = Email(ReceiveDate="20260102030405")
    assert (m.ReceiveDate.Day, m.ReceiveDate.TimePart) == (2, "030405000")
    m.ReceiveDate = datetime.datetime(2026, 5, 6, 7, 8, tzinfo=datetime.timezone.utc)
    assert m.ReceiveDate.tzinfo is None
    m.ReceiveDate = ""
    assert m.ReceiveDate.DatePart == ""


@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 +0000", "Mon, 1 Jan 0001 00:00:00 -1200", "nonsense"])
def test_no_date_stops_a_script(message: Any, date: str) -> None:
    imported(f"Date: {date}\r\nSubject: s\r\n\r\nt\r\n", message)
    assert str(message.ReceiveDate) == "" or len(str(message.ReceiveDate)) == 17


# -- the server's identifier ----------------------------------------------------------------------------------


def test_the_stable_id(mailbox: FakeMailbox, message: Any) -> None:
    mailbox.messages = [letter("one")]
    user = open_session()
    assert EmailReadFirstHeader(user, message)
    assert message.StableID == message.IdentifiantStable == "uid-1"
    assert no_error()
    assert EmailReadFirst(user, message)
    EmailCloseSession(user)
    assert message.StableID == ""
    assert failed("user")


# -- copies ---------------------------------------------------------------------------------------------------


def test_copies_have_the_same_members_and_are_independent(mailbox: FakeMailbox) -> None:
    mailbox.messages = [letter("one", "text")]
    user = open_session()
    assert EmailReadFirst(user)
    copied = Email(Email)
    stored = Array([Email])[1]
    EmailReset()
    for one in (copied, stored, Email(copied), copy.deepcopy(copied), pickle.loads(pickle.dumps(copied))):
        assert (one.Subject, one.Message, one.NbRecipient, one.Out) == ("one", "text", 2, False)
        one.Recipient.Add("x")
    assert copied.NbRecipient == 3
    assert EmailDeleteMessage(user, copied) is True


def test_an_array_that_a_script_holds_is_filled_by_the_next_read(mailbox: FakeMailbox, message: Any) -> None:
    mailbox.messages = [letter("one")]
    recipients = message.Recipient
    assert EmailReadFirst(open_session(), message)
    assert message.NbRecipient == 2
    assert recipients[2] == "bob@example.org"


# -- answering ------------------------------------------------------------------------------------------------


@pytest.fixture
def received(mailbox: FakeMailbox, box: Sandbox) -> Sandbox:
    fields = ("X-Spam: no", "Received: by elsewhere; Sun, 22 Nov 2026 10:00:00 +0000", "MIME-Version: 1.0")
    mailbox.messages = [letter("question", "text", *fields)]
    open_session()
    return box


def sent(box: Sandbox) -> tuple[str, list[str], str]:
    message = box.messages[-1]
    with message.open() as stream:
        return message.sender, list(message.recipients), stream.read().decode()


def test_answering_with_the_email_that_was_read(received: Sandbox, message: Any) -> None:
    assert EmailReadFirst("user", message)
    message.Recipient = message.Sender
    message.Sender = "me@example.org"
    message.Subject = "Re: " + message.Subject
    message.Message = "answer"
    assert EmailSendMessage("me", message), ErrorInfo()
    sender, recipients, source = sent(received)
    assert sender == "me@example.org", "reports must not go to the author of what is answered"
    assert recipients == ["jean@example.com"]
    assert "Subject: Re: question" in source
    assert "answer" in source
    assert "X-Spam" not in source
    assert "elsewhere" not in source
    assert "<question@example.com>" not in source


def test_headers_and_the_return_address_that_the_script_sets_are_sent(received: Sandbox) -> None:
    m = Email()
    assert EmailReadFirst("user", m)
    m.Header.Add(emailHeader(Name="X-Own", Value="1"))
    spam = next(header for header in m.Header if header.Name == "X-Spam")
    spam.Value = "yes"
    m.ErrorReturnAddress = "reports@example.org"
    m.Recipient = "you@example.org"
    assert EmailSendMessage("me", m), ErrorInfo()
    sender, recipients, source = sent(received)
    assert (sender, recipients) == ("reports@example.org", ["you@example.org"])
    assert "X-Own: 1" in source
    assert "X-Spam: yes" in source


def test_what_cannot_be_loaded_is_not_sent_as_empty(received: Sandbox, mailbox: FakeMailbox) -> None:
    from wlemail import EmailGetAll

    m = EmailGetAll("user")[1]
    EmailCloseSession("user")
    before = len(received.messages)
    assert EmailSendMessage("me", m) is False
    assert failed("user")
    assert len(received.messages) == before


# -- reports and invitations ----------------------------------------------------------------------------------

DELIVERY_REPORT = """\
From: MAILER-DAEMON@example.com
To: jean@example.com
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; nobody@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

Final-Recipient: rfc822; later@example.org
Action: delayed
Status: 4.4.1
--b
Content-Type: message/rfc822

Message-ID: <original@example.com>
Subject: original

text
--b--
"""

READ_RECEIPT = """\
From: anna@example.org
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary=b

--b
Content-Type: text/plain

Read.
--b
Content-Type: message/disposition-notification

Final-Recipient: rfc822; anna@example.org
Original-Message-ID: <original@example.com>
Disposition: manual-action/MDN-sent-manually; displayed
--b--
"""

INVITATION = """\
From: anna@example.org
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain

Come!
--b
Content-Type: text/calendar; method=REQUEST; charset=utf-8

BEGIN:VCALENDAR
METHOD:REQUEST
SUMMARY:Réunion
END:VCALENDAR
--b--
"""


def test_a_delivery_report(message: Any) -> None:
    imported(DELIVERY_REPORT, message)
    assert message.ReportKind == message.TypeRapport == "delivery"
    assert list(message.ReportRecipient) == ["nobody@example.org", "later@example.org"]
    assert list(message.ActionRapport) == ["failed", "delayed"]
    assert list(message.ReportStatus) == ["5.1.1", "4.4.1"]
    assert "550 5.1.1 no such user" in message.MotifRapport[1]
    assert message.ReportMessageID == "<original@example.com>"


def test_a_read_receipt(message: Any) -> None:
    imported(READ_RECEIPT, message)
    assert (message.ReportKind, message.ReportRecipient, message.ReportAction) == (
        "read",
        "anna@example.org",
        "displayed",
    )
    assert message.ReportMessageID == "<original@example.com>"


def test_an_invitation(message: Any) -> None:
    imported(INVITATION, message)
    assert message.Message.strip() == "Come!"
    assert "SUMMARY:Réunion" in message.Calendar
    assert message.ReportKind == ""
    assert imported(letter(), message).Calendrier == ""


# -- whatever arrives -----------------------------------------------------------------------------------------

PIECES = [
    b"From: ", b"Subject: ", b"Date: ", b"Content-Type: multipart/mixed; boundary=b", b"--b", b"--b--", b"\r\n", b"\n",
    b"\r\n\r\n", b"=?utf-8?b?", b"?=", b"Content-Transfer-Encoding: base64", b"Content-Disposition: attachment;",
    b' filename="', b'"', b"\xff\xfe", b"<", b">", b"begin 644 x\n", b"message/rfc822", b"text/html; charset=x",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=12), max_size=40).map(b"".join))
def test_no_mail_stops_a_script(source: bytes) -> None:
    m = Email(Source=b"X: \r\n" + source)
    assert EmailImportSource(m) is True
    for name in type(m)._members:
        getattr(m, name)
    assert m.Source.encode("utf-8", "surrogateescape") == b"X: \r\n" + source
    assert [attachment.Content for attachment in m.Attach] == [attachment.Content for attachment in Email(m).Attach]
    assert repr(m)
