"""Every member that is used when sending: what the recipient and the server get of it (sending.md of the help's pages
3032029 and 1000018713), read with Python's email package."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.support.arrivals import arrived, shape
from wlemail import (
    CR,
    Email,
    EmailEnvoieMessage,
    EmailSendMessage,
    EmailStartSMTPSession,
    ErrorInfo,
    ErrorOccurred,
    Faux,
    Vrai,
    emailAttach,
    emailAttache,
    emailCompanyConfidential,
    emailConfidentiel,
    emailEntête,
    emailHeader,
    emailHighPriority,
    emailLowPriority,
    emailNormal,
    emailNormalPriority,
    emailOptionEncodeHeader,
    emailOptionMessageID,
    emailOptionReference,
    emailOptionRéférence,
    emailPersonal,
    emailPersonnel,
    emailPrioritéBasse,
    emailPrioritéHaute,
    emailPrivate,
    emailPrivé,
)
from wlemail.sandbox import ReceivedMessage, Sandbox

pytestmark = pytest.mark.usefixtures("face")


def variable(**members: object) -> Email:
    """A message that can be sent, with these members beside."""
    given = {"Sender": "me@example.com", "Recipient": "you@example.org", "Message": "text", **members}
    return Email(**given)


def sent(box: Sandbox, message: Email, options: int = 0) -> tuple[EmailMessage, ReceivedMessage]:
    """The message as it arrived, and its envelope."""
    box.clear()
    assert EmailSendMessage("me", message, options) is True, ErrorInfo()
    assert not ErrorOccurred
    [received] = arrived(box)
    return received, box.messages[0]


def refused(box: Sandbox, message: Email, *words: str) -> None:
    """The message does not leave, and ErrorInfo says why."""
    box.clear()
    assert EmailSendMessage("me", message) is False
    assert ErrorOccurred
    for word in words:
        assert word in ErrorInfo()
    assert box.messages == []


# -- people -----------------------------------------------------------------------------------------------


def test_recipients_copies_and_hidden_copies(box: Sandbox) -> None:
    received, envelope = sent(
        box,
        variable(Recipient=["Ann <ann@example.org>", "bob@example.org"], Cc="cc@example.org", Bcc="hidden@example.org"),
    )
    assert received["To"] == "Ann <ann@example.org>, bob@example.org"
    assert received["Cc"] == "cc@example.org"
    assert received["Bcc"] is None
    assert "hidden" not in envelope.content.decode()
    assert envelope.recipients == ("ann@example.org", "bob@example.org", "cc@example.org", "hidden@example.org")


def test_hidden_recipients_alone(box: Sandbox) -> None:
    received, envelope = sent(box, variable(Recipient=[], Bcc=["a@example.org", "b@example.org"]))
    assert received["To"] == "undisclosed-recipients:;"
    assert envelope.recipients == ("a@example.org", "b@example.org")


def test_french_members_are_the_same_members(box: Sandbox) -> None:
    message = Email()
    message.Expéditeur = "Élodie Müller <moi@example.com>"
    message.AdresseExpediteur = "reponses@example.com"
    message.AdresseRetourErreur = "retours@example.com"
    message.Destinataire.Ajoute("Łukasz <toi@example.org>")
    message.Cc.Ajoute("copie@example.org")
    message.Cci.Ajoute("cachee@example.org")
    message.Sujet = "Réunion à Besançon"
    message.Message = "Bonjour" + CR + "à demain"
    message.Priorité = emailPrioritéHaute
    message.Confidentialité = emailConfidentiel
    message.ConfirmationLecture = Vrai
    message.Catégorie = "été;hiver"
    assert EmailEnvoieMessage("me", message) is True, ErrorInfo()
    [received] = arrived(box)
    assert received["From"] == "Élodie Müller <moi@example.com>"
    assert received["Reply-To"] == "reponses@example.com"
    assert (received["To"], received["Cc"]) == ("Łukasz <toi@example.org>", "copie@example.org")
    assert received["Subject"] == "Réunion à Besançon"
    assert received.get_content().splitlines() == ["Bonjour", "à demain"]
    assert (received["X-Priority"], received["Sensitivity"]) == ("1", "Company-Confidential")
    assert received["Disposition-Notification-To"] == "reponses@example.com"
    # RFC 2047 5 (3): a space parts an encoded word from the comma behind it.
    assert received["Keywords"].replace(" ,", ",") == "été, hiver"
    [envelope] = box.messages
    assert envelope.sender == "retours@example.com"
    assert envelope.recipients == ("toi@example.org", "copie@example.org", "cachee@example.org")


SENDERS = [
    # Sender, SenderAddress, error return address -> From, Reply-To, envelope
    ("me@x.fr", "", "", "me@x.fr", None, "me@x.fr"),
    ("Me <me@x.fr>", "", "", "Me <me@x.fr>", None, "me@x.fr"),
    ("Me <me@x.fr>", "me@x.fr", "", "Me <me@x.fr>", None, "me@x.fr"),
    ("me@x.fr", "Me <me@x.fr>", "", "Me <me@x.fr>", None, "me@x.fr"),
    ("Me", "me@x.fr", "", "Me <me@x.fr>", None, "me@x.fr"),
    ("", "Me <me@x.fr>", "", "Me <me@x.fr>", None, "me@x.fr"),
    ("Me <me@x.fr>", "other@x.fr", "", "Me <me@x.fr>", "other@x.fr", "me@x.fr"),
    ("Me <me@x.fr>", "Other <other@x.fr>", "", "Me <me@x.fr>", "Other <other@x.fr>", "me@x.fr"),
    ("Me <me@x.fr>", "", "Back <back@x.fr>", "Me <me@x.fr>", None, "back@x.fr"),
    ("Me <me@x.fr>", "other@x.fr", "back@x.fr", "Me <me@x.fr>", "other@x.fr", "back@x.fr"),
    ("Me <me@x.fr>", "", "<>", "Me <me@x.fr>", None, ""),
]


@pytest.mark.parametrize(("sender", "address", "back", "author", "reply_to", "envelope_sender"), SENDERS)
def test_the_sender_members(
    box: Sandbox, sender: str, address: str, back: str, author: str, reply_to: str | None, envelope_sender: str
) -> None:
    received, envelope = sent(box, variable(Sender=sender, SenderAddress=address, ErrorReturnAddress=back))
    assert (received["From"], received["Reply-To"], envelope.sender) == (author, reply_to, envelope_sender)
    assert received["Return-Path"] is None


def test_a_message_needs_a_sender_and_a_recipient(box: Sandbox) -> None:
    refused(box, variable(Sender=""), "sender")
    refused(box, variable(Sender="Nobody"), "sender")
    refused(box, variable(Recipient=["", " "]), "recipient")
    refused(box, variable(Recipient=["you@example.org", "no address"]), "Recipient[2]", "no address")
    refused(box, variable(Cc="two@ats@example.org"), "Cc")


# -- priority, sensitivity, receipts, keywords ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "number", "word"),
    [
        (emailHighPriority, "1", "high"),
        (emailPrioritéHaute, "1", "high"),
        (emailNormalPriority, None, None),
        (emailLowPriority, "5", "low"),
        (emailPrioritéBasse, "5", "low"),
        (str(emailLowPriority), "5", "low"),
    ],
)
def test_priority(box: Sandbox, value: object, number: str | None, word: str | None) -> None:
    received, _ = sent(box, variable(Priority=value))
    assert (received["X-Priority"], received["Importance"]) == (number, word)


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (emailNormal, None),
        (emailPersonal, "Personal"),
        (emailPersonnel, "Personal"),
        (emailPrivate, "Private"),
        (emailPrivé, "Private"),
        (emailCompanyConfidential, "Company-Confidential"),
    ],
)
def test_sensitivity(box: Sandbox, value: int, word: str | None) -> None:
    assert sent(box, variable(Sensitivity=value))[0]["Sensitivity"] == word


def test_values_that_no_constant_has_are_refused(box: Sandbox) -> None:
    refused(box, variable(Priority=17), "Priority", "17")
    refused(box, variable(Sensitivity="very"), "Sensitivity")
    refused(box, variable(ReturnReceipt="perhaps"), "ReturnReceipt")


def test_a_read_receipt_goes_to_the_reply_address_else_to_the_sender(box: Sandbox) -> None:
    received, envelope = sent(box, variable(DispositionNotification=True))
    assert received["Disposition-Notification-To"] == "me@example.com"
    assert received["Return-Receipt-To"] is None
    assert not any("NOTIFY" in parameters for parameters in envelope.recipient_parameters.values())
    received, _ = sent(box, variable(DispositionNotification=Vrai, SenderAddress="Desk <desk@example.com>"))
    assert received["Disposition-Notification-To"] == "Desk <desk@example.com>"


def test_a_delivery_receipt_is_asked_of_the_server_and_in_a_header(box: Sandbox) -> None:
    received, envelope = sent(box, variable(ReturnReceipt=True, SenderAddress="desk@example.com"))
    assert received["Return-Receipt-To"] == "desk@example.com"
    assert received["Disposition-Notification-To"] is None
    assert envelope.parameters["RET"] == "HDRS"
    [parameters] = envelope.recipient_parameters.values()
    assert parameters["NOTIFY"] == "SUCCESS,FAILURE"
    assert parameters["ORCPT"] == "rfc822;you@example.org"


def test_a_server_without_dsn_is_not_asked() -> None:
    with Sandbox(dsn=False) as box:
        assert EmailStartSMTPSession("me", box.host, box.port), ErrorInfo()
        received, envelope = sent(box, variable(ReturnReceipt=True))
        assert received["Return-Receipt-To"] == "me@example.com"
        assert dict(envelope.recipient_parameters.get("you@example.org", {})) == {}


def test_no_receipt_unless_asked_for(box: Sandbox) -> None:
    received, envelope = sent(box, variable(DispositionNotification=Faux, ReturnReceipt=0))
    assert (received["Disposition-Notification-To"], received["Return-Receipt-To"]) == (None, None)
    assert "RET" not in envelope.parameters


def test_the_read_receipt_goes_before_the_delivery_receipt(box: Sandbox) -> None:
    received, _ = sent(box, variable(DispositionNotification=True, ReturnReceipt=True))
    assert received["Disposition-Notification-To"] == "me@example.com"
    assert received["Return-Receipt-To"] is None


@pytest.mark.parametrize(
    ("category", "keywords"),
    [("", None), ("one", "one"), ("one; two;;été ;", "one, two, été"), (" ; ", None)],
)
def test_keywords(box: Sandbox, category: str, keywords: str | None) -> None:
    assert sent(box, variable(Category=category))[0]["Keywords"] == keywords


# -- identity ---------------------------------------------------------------------------------------------


def test_date_and_identifier_are_made(box: Sandbox) -> None:
    first, _ = sent(box, variable())
    second, _ = sent(box, variable())
    assert re.fullmatch(r"<[^<>@\s]+@example\.com>", first["Message-ID"])
    assert first["Message-ID"] != second["Message-ID"]
    age = datetime.now(timezone.utc) - first["Date"].datetime
    assert timedelta(0) <= age + timedelta(seconds=1) < timedelta(minutes=5)


def test_identifiers_are_used_by_their_options_alone(box: Sandbox) -> None:
    message = variable(MessageID="<mine@example.com>", Reference="<a@example.com> <b@example.com>")
    received, _ = sent(box, message)
    assert received["Message-ID"] != "<mine@example.com>"
    assert received["References"] is None
    received, _ = sent(box, message, emailOptionMessageID)
    assert (received["Message-ID"], received["References"]) == ("<mine@example.com>", None)
    received, _ = sent(box, message, emailOptionRéférence + emailOptionEncodeHeader)
    assert received["Message-ID"] != "<mine@example.com>"
    assert received["References"] == "<a@example.com> <b@example.com>"
    assert received["In-Reply-To"] == "<b@example.com>"


def test_empty_identifiers_have_no_effect(box: Sandbox) -> None:
    received, _ = sent(box, variable(), emailOptionMessageID + emailOptionReference)
    assert received["Message-ID"]
    assert (received["References"], received["In-Reply-To"]) == (None, None)


def test_an_identifier_of_another_form_is_refused(box: Sandbox) -> None:
    message = variable(MessageID="not an identifier")
    assert EmailSendMessage("me", message, emailOptionMessageID) is False
    assert "MessageID" in ErrorInfo()


# -- further headers --------------------------------------------------------------------------------------


def test_further_headers(box: Sandbox) -> None:
    message = variable()
    message.Header.Add(emailHeader(Name="X-Customer", Value="Été 42"))
    entête = emailEntête()
    entête.Nom, entête.Valeur = "List-Unsubscribe", "<mailto:out@example.com>"
    message.Entête.Ajoute(entête)
    message.Header.Add("X-Line: as one text")
    received, _ = sent(box, message)
    assert received["X-Customer"] == "Été 42"
    assert received["List-Unsubscribe"] == "<mailto:out@example.com>"
    assert received["X-Line"] == "as one text"


def test_a_header_cannot_bring_another_or_a_recipient(box: Sandbox) -> None:
    for name, value in (("X-A\r\nBcc", "evil@example.org"), ("Bcc", "evil@example.org"), ("X A", "x"), ("X:A", "x")):
        refused(box, variable(Header=[emailHeader(Name=name, Value=value)]), "Header[1].Name")
    received, envelope = sent(box, variable(Header=[emailHeader(Name="X-A", Value="1\r\nBcc: evil@example.org")]))
    assert received["Bcc"] is None
    assert envelope.recipients == ("you@example.org",)


# -- texts ------------------------------------------------------------------------------------------------


def test_a_text_an_html_text_both(box: Sandbox) -> None:
    received, _ = sent(box, variable(Message="plain é"))
    assert shape(received) == "text/plain"
    received, _ = sent(box, variable(Message="", HTML="<p>é</p>"))
    assert shape(received) == "text/html"
    assert received.get_content().strip() == "<p>é</p>"
    received, _ = sent(box, variable(Message="plain", HTML="<p>html</p>"))
    assert shape(received) == ("multipart/alternative", "text/plain", "text/html")


def test_long_lines_and_other_line_ends_arrive_as_they_were(box: Sandbox) -> None:
    text = "x" * 5000 + "\n" + "é" * 3000 + "\r" + ".\r\n..\r\nFrom me\n \t\n"
    received, envelope = sent(box, variable(Message=text))
    assert max(map(len, envelope.content.split(b"\r\n"))) <= 998
    expected = text.replace("\r\n", "\n").replace("\r", "\n")
    assert received.get_content().replace("\r\n", "\n") == expected


def test_an_empty_message_is_a_message(box: Sandbox) -> None:
    received, _ = sent(box, variable(Message=""))
    assert shape(received) == "text/plain"
    assert received.get_content().strip() == ""
    assert received["Subject"] is None


def test_the_subject_is_one_line(box: Sandbox) -> None:
    received, envelope = sent(box, variable(Subject="Été\r\nBcc: evil@example.org " + "long " * 60))
    assert received["Subject"] == ("Été Bcc: evil@example.org " + "long " * 60).strip()
    assert received["Bcc"] is None
    assert envelope.recipients == ("you@example.org",)


# -- attachments ------------------------------------------------------------------------------------------


def attachment(**members: object) -> emailAttach:
    return emailAttach(Name="été.bin", Content=b"\0\xff\r\n.\r\n", **members)


def test_the_members_of_an_attachment(box: Sandbox) -> None:
    received, _ = sent(
        box,
        variable(
            Attach=[
                attachment(),
                attachment(ContentType="application/x-special; version=2", ContentDescription="Été, the second"),
                emailAttach(Name="a.pdf", Content="text é"),
            ]
        ),
    )
    assert shape(received) == (
        "multipart/mixed",
        "text/plain",
        "application/octet-stream",
        "application/x-special",
        "application/pdf",
    )
    first, second, third = received.iter_attachments()
    assert (first.get_filename(), first.get_content()) == ("été.bin", b"\0\xff\r\n.\r\n")
    assert first.get_content_disposition() == "attachment"
    assert second["Content-Type"].params["version"] == "2"
    assert second["Content-Description"] == "Été, the second"
    assert third.get_content() == "text é".encode()


def test_an_attachment_without_a_name_is_not_sent(box: Sandbox) -> None:
    received, _ = sent(box, variable(Attach=[emailAttache(Contenu=b"x"), attachment()]))
    assert [part.get_filename() for part in received.iter_attachments()] == ["été.bin"]


def test_the_single_part_rule(box: Sandbox) -> None:
    one = attachment(ContentType="application/x-special", ContentDescription="alone")
    received, _ = sent(box, variable(Message="", Attach=[one]))
    assert shape(received) == "application/x-special"
    assert received["Content-Description"] == "alone"
    assert received.get_content() == b"\0\xff\r\n.\r\n"
    received, _ = sent(box, variable(Message="", Attach=[one, one]))
    assert shape(received) == ("multipart/mixed", "application/x-special", "application/x-special")
    received, _ = sent(box, variable(Message="x", Attach=[one]))
    assert shape(received) == ("multipart/mixed", "text/plain", "application/x-special")
    received, _ = sent(box, variable(Message="", HTML="<p>", Attach=[one]))
    assert shape(received) == ("multipart/mixed", "text/html", "application/x-special")


def test_an_attachment_that_the_html_shows(box: Sandbox) -> None:
    image = emailAttach(Name="logo.png", Content=b"png", Identifier="cid:Logo1")
    other = emailAttach(Name="other.png", Content=b"png", Identifier="unused")
    received, _ = sent(box, variable(HTML='<img src="cid:logo1">', Attach=[image, other]))
    assert shape(received) == (
        "multipart/mixed",
        ("multipart/related", ("multipart/alternative", "text/plain", "text/html"), "image/png"),
        "image/png",
    )
    [shown] = [part for part in received.walk() if part["Content-ID"] == "<logo1>"]
    assert shown.get_content_disposition() == "inline"


def test_a_missing_file_fails_before_anything_is_sent(box: Sandbox, tmp_path: Path) -> None:
    path = str(tmp_path / "missing.pdf")
    message = variable()
    message.Attach.Add(path)
    assert EmailSendMessage("me", message) is False
    assert path in ErrorInfo()
    assert not any("MAIL" in line for line in box.dialogues[-1])


# -- the structure's own members ----------------------------------------------------------------------------


def structure() -> None:
    Email.Sender, Email.Recipient, Email.Message = "me@example.com", "you@example.org", "text"


def sent_structure(box: Sandbox) -> tuple[EmailMessage, ReceivedMessage]:
    box.clear()
    assert EmailSendMessage("me") is True, ErrorInfo()
    [received] = arrived(box)
    return received, box.messages[0]


def test_the_arrays_beside_the_paths(box: Sandbox, tmp_path: Path) -> None:
    for name in ("a.dat", "b.png"):
        (tmp_path / name).write_bytes(name.encode())
    structure()
    Email.HTML = '<img src="cid:wdcid2">'
    Email.Attach[1] = str(tmp_path / "a.dat")
    Email.AttachContentType[1] = "application/x-special"
    Email.AttacheContentDescription[1] = "the first"
    Email.Attache[2] = str(tmp_path / "b.png")
    Email.IdentifiantAttaché[2] = "wdcid" + Email.NbAttach
    received, _ = sent_structure(box)
    assert shape(received) == (
        "multipart/mixed",
        ("multipart/related", ("multipart/alternative", "text/plain", "text/html"), "image/png"),
        "application/x-special",
    )
    [first] = received.iter_attachments()
    assert (first["Content-Description"], first.get_filename()) == ("the first", "a.dat")
    assert first.get_content() == b"a.dat"


@pytest.mark.parametrize(
    ("counter", "used"), [(None, 3), (0, 0), (2, 2), ("2", 2), (3, 3), (7, 3)], ids=lambda value: str(value)
)
def test_counters_say_how_many_elements_are_used(box: Sandbox, counter: object, used: int, tmp_path: Path) -> None:
    structure()
    for place in (1, 2, 3):
        (tmp_path / f"{place}.txt").write_text("x", encoding="utf-8")
        Email.Cc[place] = f"cc{place}@example.org"
        Email.Cci[place] = f"bcc{place}@example.org"
        Email.Attach[place] = str(tmp_path / f"{place}.txt")
    if counter is not None:
        Email.NbCc = Email.NbCci = Email.NbAttache = counter
    received, envelope = sent_structure(box)
    assert len(list(received.iter_attachments())) == used
    assert len(str(received["Cc"] or "").split(",")) == max(used, 1)
    assert len(envelope.recipients) == 1 + 2 * used


def test_a_counter_that_is_no_number_is_named(box: Sandbox) -> None:
    structure()
    Email.NbRecipient = "many"
    assert EmailSendMessage("me") is False
    assert "NbRecipient" in ErrorInfo()


def test_structure_and_variable_do_not_mix(box: Sandbox) -> None:
    structure()
    Email.Subject = "of the structure"
    received, _ = sent(box, variable(Subject="of the variable"))
    assert received["Subject"] == "of the variable"
    received, _ = sent_structure(box)
    assert received["Subject"] == "of the structure"


# -- who was refused --------------------------------------------------------------------------------------


def test_some_are_refused(box: Sandbox) -> None:
    message = variable(Recipient=["you@example.org", "refused@example.org"], Cc="full@example.org")
    _, envelope = sent(box, message)
    assert envelope.recipients == ("you@example.org",)
    assert list(message.RefusedRecipient) == ["refused@example.org", "full@example.org"]
    assert message.MotifRefus[1] == "550 5.1.1 no such mailbox here"
    assert "mailbox full" in message.RefusedReason[2]
    # What was refused before is not told again.
    message.Recipient, message.Cc = "you@example.org", []
    sent(box, message)
    assert list(message.RefusedRecipient) == []


def test_all_are_refused(box: Sandbox) -> None:
    message = variable(Recipient=["refused@example.org", "tempfail@example.org"])
    refused(box, message, "refused@example.org", "550 5.1.1", "tempfail@example.org")
    assert list(message.DestinataireRefusé) == ["refused@example.org", "tempfail@example.org"]
