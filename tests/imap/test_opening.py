"""Greeting, capabilities, TLS, login, ID, ENABLE, the end: dialogues with scripted servers."""

from __future__ import annotations

from base64 import b64encode

import pytest

from tests.imap.dialogue import logged_in
from tests.support.scripted import ScriptedStream
from wlemail.errors import (
    AuthenticationFailed,
    CommandRefused,
    ConnectionLost,
    MailboxLocked,
    MechanismUnavailable,
    ProtocolViolation,
    SessionRefused,
    StartTLSUnavailable,
    TimedOut,
)
from wlemail.imap.client import Client

PLAIN = b64encode(b"\0me\0sesame").decode()


def opened(dialogue: str, *, is_secure: bool = True, is_loopback: bool = False) -> tuple[Client, ScriptedStream]:
    stream = ScriptedStream(dialogue, is_secure=is_secure, is_loopback=is_loopback, port=143)
    client = Client(stream)
    client.greet()
    client.hello()
    return client, stream


def offering(offers: str) -> str:
    return f"S: * OK [CAPABILITY IMAP4rev1 {offers}] ready\n"


# -- greeting ---------------------------------------------------------------------------------------


def test_capabilities_in_the_greeting_are_not_asked_for() -> None:
    client, stream = opened("S: * OK [CAPABILITY IMAP4rev1 idle AUTH=PLAIN] ready")
    assert client.capabilities == {"IMAP4REV1", "IDLE", "AUTH=PLAIN"}
    assert client.mechanisms == ("PLAIN",)
    assert stream.written == b""


def test_capabilities_are_asked_for() -> None:
    client, _ = opened("S: * OK hi\nC: W1 CAPABILITY\nS: * CAPABILITY IMAP4rev1 \nS: W1 OK")
    assert client.capabilities == {"IMAP4REV1"}


def test_a_server_that_does_not_tell_its_capabilities_has_none() -> None:
    client, _ = opened("S: * OK hi\nC: W1 CAPABILITY\nS: W1 OK done")
    assert client.capabilities == {"IMAP4REV1"}


def test_capability_refused() -> None:
    with pytest.raises(CommandRefused):
        opened("S: * OK hi\nC: W1 CAPABILITY\nS: W1 BAD Something went wrong")


@pytest.mark.parametrize("greeting", ["* BYE too many", "* NO go away", "* BAD what"])
def test_a_greeting_that_is_none(greeting: str) -> None:
    stream = ScriptedStream(f"S: {greeting}")
    client = Client(stream)
    with pytest.raises(SessionRefused) as refused:
        client.greet()
    assert refused.value.reply is not None
    assert stream.closed
    assert client.broken


def test_not_an_imap_server() -> None:
    client = Client(ScriptedStream("S: 220 mail.example.com ESMTP"))
    with pytest.raises(ProtocolViolation):
        client.greet()
    assert client.broken


def test_untagged_data_before_the_greeting_is_no_greeting() -> None:
    client = Client(ScriptedStream("S: * CAPABILITY IMAP4rev1\nS: * OK hi"))
    client.greet()
    assert client.capabilities == {"IMAP4REV1"}


# -- TLS --------------------------------------------------------------------------------------------


def test_start_tls_forgets_what_was_said_in_clear() -> None:
    client, stream = opened(
        offering("STARTTLS AUTH=PLAIN LOGINDISABLED")
        + "C: W1 STARTTLS\nS: W1 OK [CAPABILITY IMAP4rev1 EVIL] go\n-- TLS\n"
        "C: W2 CAPABILITY\nS: * CAPABILITY IMAP4rev1 AUTH=LOGIN\nS: W2 OK",
        is_secure=False,
    )
    assert client.offers_start_tls
    client.start_tls()
    assert client.capabilities is None
    client.hello()
    assert client.capabilities == {"IMAP4REV1", "AUTH=LOGIN"}
    assert stream.is_secure


def test_capabilities_that_come_unasked_behind_the_handshake() -> None:
    client, _ = opened(
        offering("STARTTLS") + "C: W1 STARTTLS\nS: W1 OK go\n-- TLS\nC: W2 CAPABILITY\nS: * CAPABILITY A\n"
        "S: * CAPABILITY IMAP4rev1 B\nS: W2 OK",
        is_secure=False,
    )
    client.start_tls()
    client.hello()
    assert client.capabilities == {"IMAP4REV1", "B"}


def test_bytes_waiting_in_the_buffer_when_tls_starts() -> None:
    for injected in ("S: * CAPABILITY IMAP4rev1 AUTH=LOGIN", "S> * CAP", "S: W2 OK evil"):
        client, stream = opened(offering("STARTTLS") + f"C: W1 STARTTLS\nS: W1 OK go\n{injected}", is_secure=False)
        with pytest.raises(ProtocolViolation):
            client.start_tls()
        assert stream.closed
        assert not stream.is_secure


@pytest.mark.parametrize("answer", ["NO not now", "BAD what"])
def test_a_starttls_reply_that_is_not_a_success(answer: str) -> None:
    client, stream = opened(offering("STARTTLS") + f"C: W1 STARTTLS\nS: W1 {answer}", is_secure=False)
    with pytest.raises(StartTLSUnavailable) as problem:
        client.start_tls()
    assert problem.value.reply is not None
    assert not stream.is_secure


def test_starttls_not_offered() -> None:
    client, stream = opened(offering("IDLE"), is_secure=False)
    with pytest.raises(StartTLSUnavailable):
        client.start_tls()
    assert stream.written == b""


def test_preauth_in_clear_cannot_keep_us_from_tls() -> None:
    client, stream = logged_in("", "IMAP4rev1 STARTTLS")
    with pytest.raises(StartTLSUnavailable):
        client.start_tls()
    assert stream.written == b""


# -- login ------------------------------------------------------------------------------------------


def test_sasl_ir() -> None:
    client, _ = opened(
        offering("SASL-IR AUTH=PLAIN") + f"C: W1 AUTHENTICATE PLAIN {PLAIN}\nS: W1 OK [CAPABILITY IMAP4rev1 IDLE] in"
    )
    assert client.authenticate("me", "sesame") == "PLAIN"
    assert client.capabilities == {"IMAP4REV1", "IDLE"}


def test_without_sasl_ir() -> None:
    client, _ = opened(
        offering("AUTH=PLAIN") + f"C: W1 AUTHENTICATE PLAIN\nS: +\nC: {PLAIN}\nS: * CAPABILITY IMAP4rev1 X\nS: W1 OK"
    )
    client.authenticate("me", "sesame")
    assert client.capabilities == {"IMAP4REV1", "X"}


def test_capabilities_are_asked_for_again_where_the_login_did_not_tell() -> None:
    client, _ = opened(
        offering("SASL-IR AUTH=PLAIN")
        + f"C: W1 AUTHENTICATE PLAIN {PLAIN}\nS: W1 OK\nC: W2 CAPABILITY\nS: * CAPABILITY IMAP4rev1 Y\nS: W2 OK"
    )
    client.authenticate("me", "sesame")
    assert client.capabilities == {"IMAP4REV1", "Y"}


def test_preauth() -> None:
    client, stream = logged_in("")
    assert client.authenticate("me", "sesame") == "PREAUTH"
    assert stream.written == b""


def test_login_command() -> None:
    client, _ = opened(offering("") + 'C: W1 LOGIN "me" "a \\"b\\" \\\\c"\nS: W1 OK [CAPABILITY IMAP4rev1] in')
    assert client.authenticate("me", 'a "b" \\c') == "LOGIN"


def test_login_with_literals() -> None:
    client, _ = opened(
        offering("") + "C: W1 LOGIN {3}\nS: + go\nC> m\\xc3\\xa9 {4}\\r\\n\nS: + go\nC> p\\xc3\\xa9p\\r\\n\n"
        "S: W1 OK [CAPABILITY IMAP4rev1] in"
    )
    assert client.authenticate("mé", "pép") == "LOGIN"


def test_a_literal_that_the_server_does_not_want() -> None:
    client, stream = opened(offering("") + "C: W1 LOGIN {3}\nS: W1 NO no literals here")
    with pytest.raises(AuthenticationFailed):
        client.authenticate("mé", "pép")
    assert not client.broken
    assert b"p\xc3" not in stream.written


@pytest.mark.parametrize("offers", ["AUTH=LOGIN LOGINDISABLED", "LOGINDISABLED AUTH=LOGIN"])
def test_logindisabled_forbids_the_command_wherever_it_is_listed(offers: str) -> None:
    user, password = b64encode(b"me").decode(), b64encode(b"sesame").decode()
    client, _ = opened(
        offering(offers) + f"C: W1 AUTHENTICATE LOGIN\nS: + VXNlcm5hbWU6\nC: {user}\nS: + Password:\nC: {password}\n"
        "S: W1 OK [CAPABILITY IMAP4rev1] in"
    )
    client.authenticate("me", "sesame")


def test_logindisabled_alone() -> None:
    client, stream = opened(offering("LOGINDISABLED"))
    with pytest.raises(MechanismUnavailable):
        client.authenticate("me", "sesame")
    assert stream.written == b""


def test_logindisabled_listed_after_login() -> None:
    client, _ = opened(
        offering("") + 'C: W1 LOGIN "me" "sesame"\nS: W1 OK [CAPABILITY IMAP4rev1 LOGINDISABLED UNSELECT] in\n'
        'C: W2 SELECT "INBOX"\nS: * 1 EXISTS\nS: W2 OK in'
    )
    client.authenticate("me", "sesame")
    assert client.select("INBOX").exists == 1


def test_xoauth2_failure_is_a_challenge_that_must_be_answered() -> None:
    token = b64encode(b"user=me\x01auth=Bearer t0ken\x01\x01").decode()
    reason = b64encode(b'{"status":"401"}').decode()
    client, _ = opened(
        offering("SASL-IR AUTH=XOAUTH2")
        + f"C: W1 AUTHENTICATE XOAUTH2 {token}\nS: + {reason}\nC> \\r\\n\nS: W1 NO SASL authentication failed"
    )
    with pytest.raises(AuthenticationFailed) as refused:
        client.authenticate("me", token="t0ken")
    assert refused.value.detail == '{"status":"401"}'
    assert not client.broken


def test_refused_credentials_are_not_tried_again() -> None:
    client, _ = opened(
        offering("SASL-IR AUTH=PLAIN AUTH=LOGIN")
        + f"C: W1 AUTHENTICATE PLAIN {PLAIN}\nS: W1 NO [AUTHENTICATIONFAILED] wrong"
    )
    with pytest.raises(AuthenticationFailed) as refused:
        client.authenticate("me", "sesame")
    assert refused.value.mechanism == "PLAIN"
    assert refused.value.offered == ("LOGIN", "PLAIN")


def test_a_mechanism_that_is_not_there_after_all_gives_way() -> None:
    client, _ = opened(
        offering("SASL-IR AUTH=PLAIN")
        + f'C: W1 AUTHENTICATE PLAIN {PLAIN}\nS: W1 BAD unknown\nC: W2 LOGIN "me" "sesame"\nS: W2 OK [CAPABILITY X] in'
    )
    assert client.authenticate("me", "sesame") == "LOGIN"


def test_no_clear_text_behind_a_challenge_outside_tls() -> None:
    challenge = b64encode(b"<1@x>").decode()
    client, stream = opened(
        offering("AUTH=CRAM-MD5 AUTH=PLAIN")
        + f"C: W1 AUTHENTICATE CRAM-MD5\nS: + {challenge}\nC* 48\nC> \\r\\n\nS: W1 BAD unknown",
        is_secure=False,
    )
    with pytest.raises(MechanismUnavailable):
        client.authenticate("me", "sesame")
    assert b"sesame" not in stream.written


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("NO [UNAVAILABLE] directory down", SessionRefused),
        ("NO [LIMIT] too many", SessionRefused),
        ("NO [INUSE] locked", MailboxLocked),
        ("NO [EXPIRED] old", AuthenticationFailed),
        ("NO [PRIVACYREQUIRED] TLS", AuthenticationFailed),
        ("BAD what", AuthenticationFailed),
    ],
)
def test_what_a_refused_login_means(answer: str, error: type[Exception]) -> None:
    client, _ = opened(offering("") + f'C: W1 LOGIN "me" "sesame"\nS: W1 {answer}')
    with pytest.raises(error) as refused:
        client.authenticate("me", "sesame")
    assert type(refused.value) is error
    assert not client.broken


def test_bye_with_the_refusal() -> None:
    client, stream = opened(offering("") + 'C: W1 LOGIN "me" "sesame"\nS: * BYE Go away\nS: W1 NO wrong\n-- CLOSE')
    with pytest.raises(AuthenticationFailed):
        client.authenticate("me", "sesame")
    assert stream.closed
    assert client.broken


def test_bye_instead_of_the_refusal() -> None:
    client, _ = opened(offering("") + 'C: W1 LOGIN "me" "sesame"\nS: * BYE Go away\n-- CLOSE')
    with pytest.raises(ConnectionLost) as lost:
        client.authenticate("me", "sesame")
    assert "Go away" in str(lost.value.reply)
    assert lost.value.during == "LOGIN"


def test_a_wrong_server_signature_aborts() -> None:
    client, stream = opened(offering("AUTH=SCRAM-SHA-256") + "C: W1 AUTHENTICATE SCRAM-SHA-256\nS: W1 OK in")
    with pytest.raises(ProtocolViolation):
        client.authenticate("me", "sesame")
    assert stream.closed


def test_a_named_mechanism() -> None:
    client, _ = opened(offering("AUTH=PLAIN") + 'C: W1 LOGIN "me" "sesame"\nS: W1 OK [CAPABILITY X] in')
    assert client.authenticate("me", "sesame", mechanism="login") == "LOGIN"
    client, stream = opened(offering("AUTH=PLAIN"))
    with pytest.raises(MechanismUnavailable):
        client.authenticate("me", "sesame", mechanism="CRAM-MD5")
    with pytest.raises(MechanismUnavailable):
        client.authenticate("me", token="t")
    assert stream.written == b""


# -- other commands of the beginning ------------------------------------------------------------------


def test_id() -> None:
    client, _ = logged_in('C: W1 ID ("name" "wlemail")\nS: * ID ("name" "Dovecot")\nS: W1 OK')
    assert client.identify({"name": "wlemail"}) == {"name": "Dovecot"}


@pytest.mark.parametrize("answer", ["S: * ID NIL\nS: W1 OK", "S: W1 OK", "S: W1 BAD I don't like that"])
def test_id_that_tells_nothing(answer: str) -> None:
    client, _ = logged_in(f"C: W1 ID NIL\n{answer}")
    assert client.identify({}) == {}


def test_id_is_not_said_where_it_is_not_known() -> None:
    client, stream = logged_in("", "IMAP4rev1")
    assert client.identify({"name": "x"}) == {}
    assert stream.written == b""


def test_enable() -> None:
    client, _ = logged_in(
        'C: W1 ENABLE UTF8=ACCEPT\nS: * ENABLED UTF8=ACCEPT\nS: W1 OK\nC> W2 CREATE "\\xc3\\xa9"\\r\\n\nS: W2 OK',
        "IMAP4rev1 ENABLE UTF8=ACCEPT",
    )
    assert client.enable("UTF8=ACCEPT", "CONDSTORE") == {"UTF8=ACCEPT"}
    client.create("é")


def test_enable_that_enables_nothing() -> None:
    client, _ = logged_in("C: W1 ENABLE UTF8=ACCEPT\nS: * ENABLED\nS: W1 OK", "IMAP4rev1 ENABLE UTF8=ACCEPT")
    assert client.enable("UTF8=ACCEPT") == set()
    client, stream = logged_in("", "IMAP4rev1 UTF8=ACCEPT")
    assert client.enable("UTF8=ACCEPT") == set()
    assert stream.written == b""


def test_logout() -> None:
    client, stream = logged_in("C: W1 LOGOUT\nS: * BYE see you\nS: W1 OK\n-- CLOSE")
    client.logout()
    assert stream.closed
    assert not client.broken


@pytest.mark.parametrize("end", ["-- CLOSE", "-- STALL", "-- RESET", "S: * BYE\n-- CLOSE", "S: W1 BAD what\n-- CLOSE"])
def test_a_server_that_closes_after_logout(end: str) -> None:
    client, stream = logged_in(f"C: W1 LOGOUT\n{end}")
    client.logout()
    assert stream.closed
    client.logout()


class SleepingServer(ScriptedStream):
    """A stream whose waits are told."""

    waits: tuple[float, ...] = ()

    def begin_wait(self) -> None:
        self.waits += (600,)
        super().begin_wait()

    def begin_wait_of(self, seconds: float) -> None:
        self.waits += (seconds,)
        super().begin_wait()


def test_a_goodbye_is_not_waited_for_as_long_as_an_answer() -> None:
    stream = SleepingServer("S: * PREAUTH [CAPABILITY IMAP4rev1] hi\nC: W1 LOGOUT\n-- STALL", port=143)
    client = Client(stream)
    client.greet()
    stream.waits = ()
    client.logout()
    assert stream.closed
    assert 0 < sum(stream.waits) <= 10


def test_a_reply_that_arrives_after_a_time_out() -> None:
    client, stream = logged_in("C: W1 NOOP\n-- STALL\nS: W1 OK late")
    with pytest.raises(TimedOut):
        client.noop()
    assert stream.closed
    with pytest.raises(ConnectionLost):
        client.noop()
