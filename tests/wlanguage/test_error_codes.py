"""The table of errors: every exception has its row, and texts in both languages that are worth reading."""

from __future__ import annotations

import inspect
import pickle
import string

import pytest

import wlemail
from wlemail import EmailErrorLanguage, ErrorInfo, ErrorOccurred, errCode, errDebugInfo, errFullDetails, errInfo
from wlemail import errors as tree
from wlemail.errors import (
    AttachmentError,
    AttachmentMissing,
    AttachmentUnreadable,
    AuthenticationFailed,
    Broken,
    CannotResolve,
    CertificateRejected,
    CommandRefused,
    ConnectionLost,
    ConnectionRefused,
    ContentLost,
    ControlCharacter,
    ExtraMissing,
    FileProblem,
    HostUnreachable,
    InvalidAddress,
    InvalidValue,
    LoginTooSoon,
    MailboxChanged,
    MailboxLocked,
    MailError,
    MechanismUnavailable,
    MessageCancelled,
    MessageExpired,
    MessageGone,
    MessageRefused,
    MessageTooLarge,
    NoMailProgram,
    NoMailServer,
    NoMessageRead,
    NoRecipient,
    NoSender,
    OutboxBusy,
    OutboxCorrupt,
    OutboxFull,
    OutboxProblem,
    OutboxUnavailable,
    OutboxUnsafe,
    ProtocolViolation,
    QueuedMessageUnknown,
    RecipientsRefused,
    Refused,
    SecretUnavailable,
    SenderRefused,
    ServerReply,
    SessionBusy,
    SessionRefused,
    SessionUnknown,
    StartTLSUnavailable,
    TimedOut,
    TLSFailed,
    Unsupported,
    UsageError,
    WrongSessionKind,
)
from wlemail.wlanguage.email_error import ErrorNumber, last_error_number
from wlemail.wlanguage.error_codes import ROWS, row_for

from .failing import at_rest, failing, reply  # noqa: F401

pytestmark = pytest.mark.usefixtures("at_rest")

NO = reply(550, "no", "5.1.1")
AT = {"host": "smtp.example.com", "port": 587}


def after_starttls(problem: TLSFailed) -> TLSFailed:
    problem.after_starttls = True
    return problem


# One exception of every class, as the rooms below raise them.
SAMPLES: list[MailError] = [
    MailError("trouble"),
    UsageError("not like this"),
    SessionUnknown("bob", ["alice"]),
    WrongSessionKind("bob", "SMTP", ["POP3"]),
    SessionBusy("bob"),
    NoMessageRead(),
    ExtraMissing("oauth", "AuthIdentify"),
    Unsupported("EmailRunApp", "there is no mail program"),
    InvalidValue("Port", "a port is a number from 1 to 65535", 70000),
    InvalidAddress("Recipient[2]", "not an e-mail address", "bob at home"),
    ControlCharacter("Sender", "line break"),
    NoSender(),
    NoRecipient(),
    AttachmentError("a.pdf", "no"),
    AttachmentMissing("a.pdf"),
    AttachmentUnreadable("a.pdf", "is a directory"),
    FileProblem("a.txt", "no"),
    NoMailProgram("there is no desktop"),
    NoMailServer("example.test", "there is no such domain"),
    Broken("trouble", **AT),
    CannotResolve("trouble", **AT),
    ConnectionRefused("trouble", **AT),
    HostUnreachable("trouble", **AT),
    TimedOut("reply", 30, **AT),
    ConnectionLost(**AT),
    ProtocolViolation("a line without end", **AT),
    MailboxChanged("the server has no UIDL", undone=2, **AT),
    TLSFailed("TLS with smtp.example.com:587 failed: trouble", **AT),
    CertificateRejected("expired", "certificate has expired", issuer="Some CA", **AT),
    StartTLSUnavailable("no STARTTLS", **AT),
    Refused("no", NO),
    SessionRefused("no", reply(554, "go away")),
    AuthenticationFailed("no", reply(535, "wrong", "5.7.8"), "PLAIN"),
    MechanismUnavailable("no", reply(504, "not now"), "PLAIN"),
    SenderRefused("a@x", NO),
    RecipientsRefused({"b@x": NO, "c@x": reply(451, "later", "4.3.0")}),
    MessageRefused("no", reply(554, "spam", "5.7.1")),
    MessageTooLarge(50_000_000, 10_240_000, reply(552, "too large", "5.3.4")),
    MailboxLocked("in use", reply(0, "-ERR [IN-USE] busy")),
    LoginTooSoon("too soon", reply(0, "-ERR [LOGIN-DELAY] wait")),
    MessageGone(7),
    CommandRefused("VRFY", reply(502, "no such command")),
    SecretUnavailable("stored nowhere", name="mail", problem="missing", variable="WLEMAIL_SECRET_MAIL"),
    OutboxProblem("/outbox", "no"),
    OutboxUnavailable("/outbox", "no"),
    OutboxUnsafe("/outbox", "no"),
    OutboxFull("/outbox", "no"),
    OutboxBusy("/outbox", "no"),
    OutboxCorrupt("/outbox", "no", "/outbox.damaged"),
    ContentLost("/outbox", 7, "no"),
    QueuedMessageUnknown(7),
    MessageCancelled(7),
    MessageExpired(24, 50, ConnectionRefused("trouble", **AT)),
]


def told(exception: MailError, language: str = "en", what: int = wlemail.errMessage) -> str:
    EmailErrorLanguage(language)
    assert failing(exception)() is False
    assert ErrorOccurred
    return str(ErrorInfo(what))


def test_there_is_a_sample_of_every_class() -> None:
    classes = {kind for _, kind in inspect.getmembers(tree, inspect.isclass) if issubclass(kind, MailError)}
    assert {type(sample) for sample in SAMPLES} == classes


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: type(sample).__name__)
def test_every_class_has_a_row_of_its_own(sample: MailError) -> None:
    assert row_for(sample).kind is type(sample)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: type(sample).__name__)
def test_every_class_has_texts_in_both_languages(sample: MailError) -> None:
    english, french = told(sample), told(sample, "fr")
    for text in (english, french):
        assert text.strip() == text
        assert "{" not in text
        assert "None" not in text
    assert type(sample) is MailError or english != french
    assert told(sample, "en", errFullDetails) != told(sample, "fr", errFullDetails)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.code} {row.kind.__name__}")
def test_both_texts_of_a_row_tell_the_same_facts(row: object) -> None:
    def facts(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    english, french = getattr(row, "text")  # noqa: B009 (the ids function makes mypy lose the type)
    assert facts(english) == facts(french)
    assert all(bool(part) == bool(row.hint[0]) for part in row.hint)  # type: ignore[attr-defined]
    assert facts(row.hint[0]) == facts(row.hint[1])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "problem",
    [
        Broken("lost its way"),
        ConnectionLost(),
        ProtocolViolation("what?"),
        TLSFailed("bad"),
        TimedOut("reply", 3),
        StartTLSUnavailable("none"),
    ],
    ids=lambda problem: type(problem).__name__,
)
def test_without_a_host_a_text_is_still_a_sentence(problem: MailError) -> None:
    english, french = told(problem), told(problem, "fr")
    assert english[0].isupper()
    assert french[0].isupper()
    for text in (english, french):
        assert ":0" not in text
        assert " à le " not in text
        assert " de le " not in text


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: type(sample).__name__)
def test_an_exception_travels_between_processes_and_tells_the_same(sample: MailError) -> None:
    there = pickle.loads(pickle.dumps(sample))
    assert type(there) is type(sample)
    assert there.args == sample.args
    assert told(there) == told(sample)


# -- each failure of a mail program is told apart -------------------------------------------------------------

TOLD_APART = [
    (OutboxUnavailable("/data/outbox", "Permission denied"), 6, ["/data/outbox", "Permission", "emailParameterOutbox"]),
    (OutboxCorrupt("/outbox", "no", "/outbox.damaged"), 2, ["/outbox.damaged", "not sent"]),
    (OutboxCorrupt("/outbox", "no"), 2, ["damaged", "emailParameterOutbox"]),
    (MessageExpired(1.5, 50, ConnectionRefused("x", **AT)), 23, ["1.5 hours", "smtp.example.com:587", "outbox retry"]),
    (MessageExpired(24, 0), 23, ["24 hours and 0 attempts"]),
    (CannotResolve("x", host="smtp.exmaple.com", port=25), 11001, ["smtp.exmaple.com", "DNS"]),
    (ConnectionRefused("x", **AT), 10061, ["smtp.example.com:587", "optionTLS"]),
    (ConnectionRefused("x", host="smtp.example.com", port=25), 10061, ["587", "emailProtocolSMTPS", "block port 25"]),
    (ConnectionRefused("x", host="127.0.0.1", port=2525), 10061, ["on this computer"]),
    (HostUnreachable("x", **AT), 10065, ["smtp.example.com:587"]),
    (TimedOut("resolve", 4, **AT), 10060, ["resolved within 4 s"]),
    (TimedOut("connect", 1.5, **AT), 10060, ["connect within 1.5 s"]),
    (TimedOut("connect", 5, host="h", port=25), 10060, ["block port 25"]),
    (TimedOut("tls", 5, **AT), 10060, ["TLS handshake within 5 s", "587 begins in clear"]),
    (TimedOut("reply", 5, **AT), 10060, ["answer within 5 s", "EmailSetTimeOut"]),
    (TimedOut("reply", 5, host="h", port=465), 10060, ["optionTLS"]),
    (TimedOut("write", 5, **AT), 10060, ["no more data for 5 s"]),
    (TimedOut("session", 5, **AT), 10036, ["another thread after 5 s"]),
    (TimedOut("something", 5, **AT), 10060, ["time limit of 5 s"]),
    (ConnectionLost(during="reply", **AT), 10054, ["while waiting for an answer"]),
    (ConnectionLost(during="MAIL", **AT), 10054, ["(MAIL)"]),
    (ConnectionLost(during="tls", **AT), 10054, ["during the TLS handshake", "emailProtocolSMTPS"]),
    (ConnectionLost(during="tls", host="h", port=465), 10054, ["during the TLS handshake", "TLS 1.2"]),
    (ConnectionLost(during="greeting", host="h", port=465), 10054, ["before greeting", "optionTLS"]),
    (ConnectionLost(reply=reply(421, "shutting down", "4.3.2"), **AT), 10054, ["421 4.3.2 shutting down"]),
    (
        CertificateRejected("expired", "d", issuer="CA", **AT),
        3,
        ["expired", "CA", "emailSessionIgnoreExpiredCertificate"],
    ),
    (CertificateRejected("not yet valid", "d", **AT), 3, ["not valid yet", "emailSessionIgnoreExpiredCertificate"]),
    (CertificateRejected("host", "d", **AT), 3, ["another name", "emailSessionIgnoreInvalidCertificateName"]),
    (CertificateRejected("issuer", "d", **AT), 3, ["not trusted", "emailSessionIgnoreInvalidCertificate "]),
    (CertificateRejected("self-signed", "d", **AT), 3, ["self-signed", "emailSessionIgnoreInvalidCertificate "]),
    (CertificateRejected("revoked", "d", **AT), 3, ["revoked", "emailSessionIgnoreRevocation"]),
    (CertificateRejected("invalid", "path length exceeded", **AT), 3, ["path length exceeded"]),
    (TLSFailed("TLS with h:587 failed: wrong version number", **AT), 3, ["587 begins in clear", "emailProtocolSMTPS"]),
    (TLSFailed("TLS with h:465 failed: wrong version number", host="h", port=465), 3, ["emailProtocolSMTPS"]),
    # who reads is not sent to a port for sending
    (TLSFailed("TLS with h:110 failed: wrong version number", host="h", port=110), 3, ["POP3 995"]),
    (TLSFailed("TLS with h:1100 failed: wrong version number", host="h", port=1100), 3, ["POP3 110"]),
    (TimedOut("reply", 5, host="h", port=995), 10060, ["optionTLS", "POP3 110"]),
    (StartTLSUnavailable("x", host="h", port=110), 26, ["POP3 995"]),
    (CertificateRejected("issuer", "x", host="h", port=995, issuer="y"), 3, ["emailPOP3Session"]),
    (after_starttls(TLSFailed("TLS with h:587 failed: wrong version number", **AT)), 3, ["agreed to STARTTLS", "fire"]),
    (TLSFailed("TLS failed: tlsv1 alert protocol version", **AT), 3, ["TLS 1.2", "alert protocol version"]),
    (StartTLSUnavailable("x", **AT), 26, ["does not offer STARTTLS", "in clear"]),
    (StartTLSUnavailable("x", reply=reply(454, "not now"), **AT), 26, ["refused STARTTLS", "454 not now"]),
    (SessionRefused("x", reply(554, "listed")), 3, ["554 listed", "block list"]),
    (SessionRefused("x", reply(421, "too many")), 3, ["421 too many", "temporary"]),
    (AuthenticationFailed("x", reply(535, "no", "5.7.8")), 6, ["535 5.7.8 no", "application password", "AuthToken"]),
    (SenderRefused("a@x", reply(553, "not yours", "5.7.1")), 6, ["a@x", "553 5.7.1 not yours"]),
    (SenderRefused("a@x", reply(530, "authenticate", "5.7.0")), 6, ["530", "password"]),
    (RecipientsRefused({"b@x": NO}), 14, ["b@x", "550 5.1.1 no", "spelling"]),
    (RecipientsRefused({"b@x": reply(554, "Relay access denied", "5.7.1")}), 14, ["Relay access denied", "password"]),
    (MessageRefused("x", reply(554, "spam", "5.7.1")), 17, ["554 5.7.1 spam"]),
    (MessageTooLarge(5, 2, reply(552, "big")), 18, ["5 bytes", "2 bytes"]),
    (MessageTooLarge(50_000, 0, reply(552, "big")), 18, ["50 kB", "more than the server takes"]),
    (AttachmentMissing("/tmp/a.pdf"), 11, ["/tmp/a.pdf"]),
    (AttachmentMissing("a.pdf", in_mail=True), 11, ["a.pdf", "not in the mail", "Email.Attach"]),
    (InvalidAddress("Cc[1]", "no domain", "bob"), 15, ["Cc[1]", '"bob"', "no domain"]),
    (InvalidValue("Port", "a port is a number", 0), 10022, ["Port", '"0"']),
    (SessionUnknown("bob", ["alice", "carol"]), 19, ['"bob"', '"alice", "carol"']),
    (SessionUnknown("bob"), 19, ["no session is open at all", "EmailStartSMTPSession"]),
    (SessionUnknown("bob", ["alice", "bob"]), 19, ["session variable", "another session of the same name"]),
    (SessionUnknown("bob ", ["Bob"]), 19, ["capitals and spaces count"]),
    (WrongSessionKind("bob", "SMTP", ["POP3", "IMAP"]), 19, ["POP3/IMAP", "EmailStartSMTPSession"]),
    (CannotResolve("x", host="smtp://smtp.example.com", port=25), 11001, ["not a host name"]),
    (MechanismUnavailable("x", reply(0, "offered: none")), 26, ["it offers: none"]),
    (MechanismUnavailable("x", reply(538, "Encryption required", "5.7.11")), 6, ["emailProtocolSMTPS"]),
    (ExtraMissing("oauth", "AuthIdentify"), 26, ['pip install "wlemail[oauth]"']),
]


@pytest.mark.parametrize(
    ("problem", "number", "words"),
    TOLD_APART,
    ids=lambda value: type(value).__name__ if isinstance(value, MailError) else "",
)
def test_a_failure_is_told_with_its_facts(problem: MailError, number: int, words: list[str]) -> None:
    text = told(problem)
    assert [word for word in words if word not in text] == []
    assert last_error_number() == number
    told(problem, "fr")
    assert last_error_number() == number


def test_causes_that_need_different_cures_have_different_codes() -> None:
    problems = [
        CannotResolve("x", **AT),
        ConnectionRefused("x", **AT),
        TimedOut("connect", 1, **AT),
        TimedOut("tls", 1, **AT),
        TimedOut("reply", 1, **AT),
        CertificateRejected("expired", "x", **AT),
        CertificateRejected("host", "x", **AT),
        CertificateRejected("issuer", "x", **AT),
        AuthenticationFailed("x", reply(535, "no")),
        SenderRefused("a@x", NO),
        RecipientsRefused({"b@x": NO}),
        MessageRefused("x", NO),
        AttachmentMissing("a"),
        InvalidAddress("To", "x"),
        SessionUnknown("bob"),
        WrongSessionKind("bob", "SMTP", ["POP3"]),
        ConnectionLost(**AT),
    ]
    codes = [int(told(problem, "en", errCode)) for problem in problems]
    assert len(set(codes)) == len(codes)
    assert all(100_000 < code < 101_000 for code in codes)


# -- providers that refuse passwords ----------------------------------------------------------------------------

PROVIDERS = [
    (535, "5.7.139", "Authentication unsuccessful, basic authentication is disabled. [x.outlook.com]", 100611),
    (535, "5.7.139", "Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.", 100611),
    (535, "5.7.139", "Authentication unsuccessful, the user credentials were incorrect.", 100610),
    (535, "5.7.3", "Authentication unsuccessful [AM0PR02CA0001.eurprd02.prod.outlook.com]", 100610),
    (535, "5.7.8", "Username and Password not accepted. For more information, go to\n support.google.com", 100610),
    (534, "5.7.9", "Application-specific password required. For more, see gsmtp", 100614),
    (534, "5.7.14", "Please log in via your web browser and then try again. gsmtp", 100614),
]


@pytest.mark.parametrize(("code", "enhanced", "text", "expected"), PROVIDERS)
def test_a_provider_that_refuses_passwords_is_explained(code: int, enhanced: str, text: str, expected: int) -> None:
    kind = MechanismUnavailable if code == 534 else AuthenticationFailed
    problem = kind("x", ServerReply(code, text, enhanced), "PLAIN")
    for language, wanted in (("en", "AuthToken"), ("fr", "AuthToken")):
        shown = told(problem, language)
        assert wanted in shown
        assert enhanced in shown
        assert "\n support" not in shown
    assert int(told(problem, "en", errCode)) == expected


def test_gmail_is_told_about_application_passwords_in_both_languages() -> None:
    problem = MechanismUnavailable("x", reply(534, "Application-specific password required. gsmtp", "5.7.9"))
    assert "application password" in told(problem)
    assert "mot de passe d'application" in told(problem, "fr")


@pytest.mark.parametrize(
    ("host", "text", "hint"),
    [
        ("outlook.office365.com", "NO LOGIN failed.", "AuthToken"),
        ("imap-mail.outlook.com", "NO AUTHENTICATE failed.", "AuthToken"),
        ("imap.gmail.com", "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)", "16"),
        ("imap.notgmail.com", "NO [AUTHENTICATIONFAILED] no", "two-step"),
    ],
)
def test_a_provider_is_known_by_its_name_where_it_says_nothing(host: str, text: str, hint: str) -> None:
    problem = AuthenticationFailed("x", reply(0, text, ""), "PLAIN")
    problem.host = host
    assert hint in told(problem)
    assert ("Microsoft" in told(problem)) == ("outlook" in host)


def test_a_refused_token_is_not_called_a_wrong_password() -> None:
    problem = AuthenticationFailed("x", reply(535, "no", "5.7.8"), "XOAUTH2")
    problem.detail = '{"status":"400"}'
    assert "access token" in told(problem)
    assert '{"status":"400"}' in told(problem)
    assert "password" not in told(problem)


def test_a_token_for_an_account_without_smtp_is_not_told_to_use_a_token() -> None:
    said = reply(535, "Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.", "5.7.139")
    problem = AuthenticationFailed("x", said, "XOAUTH2")
    assert int(told(problem, "en", errCode)) == 100612
    assert "administrator" in told(problem)
    assert "administrateur" in told(problem, "fr")
    for language in ("en", "fr"):
        assert "pass" not in told(problem, language)  # neither password nor mot de passe


# -- what must never be said --------------------------------------------------------------------------------------


def test_control_characters_of_a_server_do_not_reach_the_terminal() -> None:
    problem = SenderRefused("a@x", reply(554, "\x1b[2Jall fine\x07\r\n250 really", "5.7.1"))
    for what in (wlemail.errMessage, errFullDetails, errDebugInfo):
        text = told(problem, "en", what)
        assert "\x1b" not in text
        assert "\x07" not in text
        assert "\r" not in text


def test_a_value_that_may_be_secret_is_told_only_if_its_owner_showed_it() -> None:
    text = told(InvalidValue("Password", "text is expected, not a list"), "en", errFullDetails)
    assert "Password: text is expected, not a list." in text


def test_replies_with_braces_are_text_and_no_template() -> None:
    assert "{host} {0.__class__}" in told(MessageRefused("x", reply(554, "{host} {0.__class__}")))


# -- hints ------------------------------------------------------------------------------------------------------------


def test_whoever_may_have_delivered_is_warned_before_sending_again() -> None:
    lost = ConnectionLost(during="CONTENT", **AT)
    lost.maybe_delivered = True
    assert "may have been delivered" in told(lost)
    assert "peut-être été remis" in told(lost, "fr")


def test_a_temporary_refusal_is_called_one() -> None:
    assert "temporary" in told(MessageRefused("x", reply(451, "later", "4.3.0")))
    assert "temporary" not in told(MessageRefused("x", reply(554, "never", "5.7.1")))


def test_the_hint_alone_is_errinfo() -> None:
    hint = told(SessionUnknown("bob", ["alice"]), "en", errInfo)
    assert hint
    assert "bob" not in hint


def test_a_relative_attachment_is_told_with_the_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    directory = tmp_path_factory.mktemp("here")
    monkeypatch.chdir(directory)
    assert str(directory) in told(AttachmentMissing("a.pdf"))


# -- Email.Error ------------------------------------------------------------------------------------------------------


def test_the_number_is_text_and_number_at_once() -> None:
    number = ErrorNumber(10061)
    assert number == "10061"
    assert number == 10061
    assert number != 10060
    assert (number != "10061") is False
    assert int(number) == 10061
    assert "Error " + number + "!" == "Error 10061!"
    assert f"{number}" == "10061"
    assert number > 10000
    assert not number < 3
    assert bool(number)
    assert not ErrorNumber()
    assert {number: 1}["10061"] == 1


def test_the_number_of_a_failure_explains_itself() -> None:
    told(ConnectionRefused("x", **AT))
    assert wlemail.EmailMsgError(last_error_number()) == "The connection was refused"
    EmailErrorLanguage("fr")
    assert wlemail.EmailMsgError(last_error_number()) == "La connexion a été refusée"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.code}")
def test_every_number_of_the_table_has_a_text(row: object) -> None:
    text = wlemail.EmailMsgError(row.number)  # type: ignore[attr-defined]
    assert text
    assert not text.startswith("Unknown error number")


def test_an_unknown_number_says_so_and_is_no_failure() -> None:
    assert wlemail.EmailMsgError(4711) == "Unknown error number: 4711"
    assert not ErrorOccurred


def test_what_is_no_number_is_an_error() -> None:
    assert wlemail.EmailMsgError("abc") == ""
    assert ErrorOccurred
    assert "ErrorNumber" in ErrorInfo()
