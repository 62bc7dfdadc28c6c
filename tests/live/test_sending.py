"""Mail through Postfix and Exim, read back from the mailbox."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

import wlemail
from tests.support.servers import Testbed
from wlemail import Email, EmailCloseSession, EmailSendMessage, ErrorInfo, ErrorOccurred, emailAttach

from .letters import SECURITY, SERVERS, details, letter, start, start_on_plain_port

pytestmark = [pytest.mark.live("postfix", "exim", "dovecot"), pytest.mark.usefixtures("face")]


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> str:
    return request.param


def received_with(message: EmailMessage) -> str:
    """The protocol that the server says it received the message by: ESMTP, with S for TLS and A for AUTH (RFC 3848)."""
    # The uppermost field but one or two is by the server that took it from us: LMTP adds its own.
    fields = [str(field).upper() for field in message.get_all("Received", [])]
    return next(
        kind for field in reversed(fields) for kind in ("ESMTPSA", "ESMTPS", "ESMTPA", "ESMTP") if kind in field
    )


@pytest.mark.parametrize("security", SECURITY)
def test_a_mail_arrives(testbed: Testbed, token: str, server: str, security: str) -> None:
    service, option = SECURITY[security]
    assert start(testbed.endpoint(server, service), "bob", testbed.users["bob"], option) is True, ErrorInfo()
    assert EmailSendMessage("bob", letter(testbed, token)) is True, ErrorInfo()
    assert not ErrorOccurred
    EmailCloseSession("bob")
    [message] = testbed.mailbox("alice").wait_for(token)
    assert message["Subject"] == token
    assert message["From"] == testbed.address("bob")
    assert message["To"] == testbed.address("alice")
    assert message["Date"].datetime is not None
    assert message["Message-ID"]
    assert message.get_content() == "Hello\n"
    assert not message.defects
    assert received_with(message) == ("ESMTPA" if security == "clear" else "ESMTPSA")


def test_several_mails_through_one_session(testbed: Testbed, token: str, server: str) -> None:
    start_on_plain_port(testbed, server)
    for number in range(5):
        assert EmailSendMessage("bob", letter(testbed, f"{token} {number}")), ErrorInfo()
    subjects = {str(message["Subject"]) for message in testbed.mailbox("alice").wait_for(token, 5)}
    assert subjects == {f"{token} {number}" for number in range(5)}


def test_seed_script_ported_line_for_line(testbed: Testbed, token: str, server: str) -> None:
    sUserName, sPassword, sSMTPServer = "bob", testbed.users["bob"], "localhost"

    def Initialize_Email() -> None:
        Email.Sender = "bob@example.test"
        Email.Recipient[1] = "alice@example.test"
        Email.NbRecipient = 1
        Email.Subject = token
        Email.Message = "Bonjour" + wlemail.CR + "à demain"

    problems = []
    wlemail.EmailSetTimeOut(10)
    nPort = testbed.endpoint(server, "auth-plaintext").port
    if wlemail.EmailStartSMTPSession(sUserName, sPassword, sSMTPServer, nPort) == True:  # noqa: E712
        Initialize_Email()
        if EmailSendMessage(sUserName) == False:  # noqa: E712
            problems.append(ErrorInfo())
        EmailCloseSession(sUserName)
    else:
        problems.append(ErrorInfo())
    assert problems == []
    [message] = testbed.mailbox("alice").wait_for(token)
    assert message.get_content().splitlines() == ["Bonjour", "à demain"]


def test_french_script(testbed: Testbed, token: str, server: str) -> None:
    from wlemail import (
        EmailEnvoieMessage,
        EmailFermeSession,
        EmailOuvreSession,
        EmailRAZ,
        Vrai,
        emailProtocoleSMTPS,
        emailSessionSMTP,
    )

    MaSession = emailSessionSMTP()
    MaSession.AdresseServeur = "localhost"
    MaSession.Port = str(testbed.endpoint(server, "submission").port)
    MaSession.Option = emailProtocoleSMTPS
    MaSession.Nom, MaSession.MotDePasse = "bob", testbed.users["bob"]
    assert EmailOuvreSession(MaSession) == Vrai, ErrorInfo()
    EmailRAZ()
    Email.Expéditeur = "Léa <bob@example.test>"
    Email.Destinataire = "alice@example.test"
    Email.Sujet = token
    Email.Message = "Été"
    assert EmailEnvoieMessage(MaSession) == Vrai, ErrorInfo()
    EmailFermeSession(MaSession)
    [message] = testbed.mailbox("alice").wait_for(token)
    assert message["From"] == "Léa <bob@example.test>"
    assert message.get_content().strip() == "Été"


def test_accents_everywhere(testbed: Testbed, token: str, server: str, tmp_path: Path) -> None:
    report = tmp_path / "résumé de l'été €.txt"
    report.write_bytes("contenu accentué".encode())
    message = Email()
    message.Sender = "Éric Désiré <bob@example.test>"
    message.Recipient.Add("Aloïs, Zoë & Cie <alice@example.test>")
    message.Cc.Add('"Ñandú, José" <carol@example.test>')
    message.Subject = f"{token} Où çà ? Noël à l'Île, 10 € — " + "très long " * 12 + "日本語 🎉"
    message.Message = "Cœur, naïveté, €, 日本語 🎉\r\n.\r\n.. point\r\nFrom là"
    message.HTML = "<p>Cœur, naïveté, €, 日本語 🎉</p>"
    message.Attach.Add(str(report))
    piece = emailAttach()
    piece.Name, piece.Content, piece.ContentDescription = "données ñ.bin", bytes(range(256)), "Données brutes: é"
    message.Attach.Add(piece)
    start_on_plain_port(testbed, server)
    assert EmailSendMessage("bob", message), ErrorInfo()
    [arrived] = testbed.mailbox("alice").wait_for(token)
    assert arrived["Subject"].strip() == message.Subject.strip()
    assert arrived["From"].addresses[0].display_name == "Éric Désiré"
    assert arrived["To"].addresses[0].display_name == "Aloïs, Zoë & Cie"
    assert arrived["Cc"].addresses[0].display_name == "Ñandú, José"
    text, html = arrived.get_body(("plain",)), arrived.get_body(("html",))
    assert text.get_content().splitlines() == str(message.Message).splitlines()
    assert html.get_content().strip() == message.HTML
    pieces = {part.get_filename(): part for part in arrived.iter_attachments()}
    assert pieces["résumé de l'été €.txt"].get_payload(decode=True) == "contenu accentué".encode()
    assert pieces["données ñ.bin"].get_content() == bytes(range(256))
    assert pieces["données ñ.bin"]["Content-Description"] == "Données brutes: é"
    [source] = testbed.mailbox("alice").sources(token)
    sent = source[source.index(b"Subject:") :]
    assert sent.isascii()


def test_an_attachment_variable_refilled_and_added_three_times(testbed: Testbed, token: str, server: str) -> None:
    """Value semantics: Add() stores a copy, so three different files arrive."""
    message, piece = letter(testbed, token), emailAttach()
    for number in (1, 2, 3):
        piece.Name = f"file{number}.txt"
        piece.Content = f"content {number}".encode()
        message.Attach.Add(piece)
    start_on_plain_port(testbed, server)
    assert EmailSendMessage("bob", message), ErrorInfo()
    [arrived] = testbed.mailbox("alice").wait_for(token)
    pieces = [(part.get_filename(), part.get_content()) for part in arrived.iter_attachments()]
    assert pieces == [(f"file{number}.txt", f"content {number}") for number in (1, 2, 3)]


def test_bcc_arrives_and_shows_nowhere(testbed: Testbed, token: str, server: str) -> None:
    message = letter(testbed, token)
    message.Bcc.Add(testbed.address("carol"))
    start_on_plain_port(testbed, server)
    assert EmailSendMessage("bob", message), ErrorInfo()
    for user in ("alice", "carol"):
        [source] = testbed.mailbox(user).sources(token)
        own_headers = source[source.index(b"Subject:") :]
        assert b"carol" not in own_headers
        assert b"\nBcc:" not in source


class TestRefusals:
    """The server says no: to some, to all, for now, to the sender, to the content. The session stays usable."""

    def send_another(self, testbed: Testbed, token: str) -> None:
        assert EmailSendMessage("bob", letter(testbed, f"{token} afterwards")) is True, ErrorInfo()
        assert not ErrorOccurred
        testbed.mailbox("alice").wait_for(f"{token} afterwards")

    def test_one_of_three_recipients_is_refused(
        self, testbed: Testbed, token: str, server: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        message = letter(testbed, token, "alice", "reject", "carol")
        start_on_plain_port(testbed, server)
        assert EmailSendMessage("bob", message) is True
        assert not ErrorOccurred
        assert list(message.RefusedRecipient) == ["reject@example.test"]
        assert "550" in message.RefusedReason[1]
        assert "No such user here" in message.RefusedReason[1]
        assert "reject@example.test" in caplog.text
        for user in ("alice", "carol"):
            assert len(testbed.mailbox(user).wait_for(token)) == 1

    def test_all_recipients_are_refused(self, testbed: Testbed, token: str, server: str) -> None:
        message = letter(testbed, token, "reject", "toobig")
        start_on_plain_port(testbed, server)
        assert EmailSendMessage("bob", message) is False
        assert ErrorOccurred
        text = details()
        for part in (
            "reject@example.test",
            "550",
            "No such user here",
            "toobig@example.test",
            "552",
            "Message too big",
        ):
            assert part in text
        assert list(message.RefusedRecipient) == ["reject@example.test", "toobig@example.test"]
        self.send_another(testbed, token)
        assert testbed.mailbox("alice").count(token) == 1

    def test_recipient_refused_for_now(self, testbed: Testbed, token: str, server: str) -> None:
        start_on_plain_port(testbed, server)
        assert EmailSendMessage("bob", letter(testbed, token, "tempfail")) is False
        assert ErrorOccurred
        assert "451" in details()
        assert "Try again later" in details()
        self.send_another(testbed, token)

    def test_sender_is_refused(self, testbed: Testbed, token: str, server: str) -> None:
        start_on_plain_port(testbed, server)
        message = letter(testbed, token)
        message.Sender = testbed.refused_sender
        assert EmailSendMessage("bob", message) is False
        assert ErrorOccurred
        assert "We do not take mail from you" in details()
        assert testbed.refused_sender in details()
        self.send_another(testbed, token)

    def test_content_is_refused(self, testbed: Testbed, token: str, server: str) -> None:
        start_on_plain_port(testbed, server)
        message = letter(testbed, f"{token} {testbed.refused_subject}")
        assert EmailSendMessage("bob", message) is False
        assert ErrorOccurred
        assert "We do not take such content" in details()
        self.send_another(testbed, token)

    def test_missing_attachment_fails_before_anything_is_sent(
        self, testbed: Testbed, token: str, server: str, tmp_path: Path
    ) -> None:
        start_on_plain_port(testbed, server)
        message = letter(testbed, token)
        message.Attach.Add(str(tmp_path / "not there.pdf"))
        assert EmailSendMessage("bob", message) is False
        assert ErrorOccurred
        assert "not there.pdf" in ErrorInfo()
        self.send_another(testbed, token)
        assert testbed.mailbox("alice").count(token) == 1


class TestOtherServers:
    """aiosmtpd and smtp-sink throw mail away: here it counts that they take it, each with its own set of extensions."""

    pytestmark = pytest.mark.live("aiosmtpd", "sink")

    @pytest.mark.parametrize(
        ("service", "option"),
        [("smtp", 0), ("submission", wlemail.emailProtocolSMTPS), ("smtps", wlemail.optionTLS)],
    )
    def test_aiosmtpd(self, testbed: Testbed, token: str, service: str, option: int) -> None:
        password = "" if service == "smtp" else testbed.users["dave"]
        assert start(testbed.endpoint("aiosmtpd", service), "dave", password, option) is True, ErrorInfo()
        for _ in range(3):
            assert EmailSendMessage("dave", letter(testbed, token)) is True, ErrorInfo()
        EmailCloseSession("dave")
        assert not ErrorOccurred

    @pytest.mark.parametrize("service", ["smtp", "no-pipelining", "helo-only"])
    def test_sink(self, testbed: Testbed, token: str, service: str) -> None:
        assert start(testbed.endpoint("sink", service), "bob") is True, ErrorInfo()
        for _ in range(3):
            assert EmailSendMessage("bob", letter(testbed, token, "alice", "carol")) is True, ErrorInfo()
        EmailCloseSession("bob")
        assert not ErrorOccurred
