"""Greeting, CAPA, STLS and the login, as transcripts: which words are said, in which order, and which never."""

from __future__ import annotations

import hashlib
from base64 import b64encode

import pytest

from tests.pop3.dialogue import GREETING, GROUP, capa, greeted
from tests.support.scripted import ScriptedStream
from wlemail.errors import (
    AuthenticationFailed,
    ConnectionLost,
    ControlCharacter,
    LoginTooSoon,
    MailboxLocked,
    MechanismUnavailable,
    ProtocolViolation,
    SessionRefused,
    StartTLSUnavailable,
    TimedOut,
)
from wlemail.pop3.authentication import timestamp
from wlemail.pop3.client import Client

STAMP = "<1896.697170952@dbc.mtview.ca.us>"
STAMPED = f"S: +OK POP3 server ready {STAMP}\n"
# RFC 1939 7's own example.
APOP = "C: APOP mrose c4c9334bac560ecc979e58001b3e22fb\n"
PLAIN = b64encode(b"\0lea\0secret").decode()


# -- greeting and capabilities ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "error", "temporary"),
    [
        ("-ERR not you", SessionRefused, False),
        ("-ERR [SYS/TEMP] overloaded", SessionRefused, True),
        ("-ERR [SYS/PERM] no", SessionRefused, False),
        ("-ERR [LOGIN-DELAY] too soon", LoginTooSoon, True),
        ("-ERR [IN-USE] busy", MailboxLocked, True),
    ],
)
def test_a_greeting_that_refuses(line: str, error: type[SessionRefused], temporary: bool) -> None:
    client = Client(ScriptedStream(f"S: {line}"))
    with pytest.raises(error) as caught:
        client.greet()
    assert line in str(caught.value)
    assert caught.value.temporary is temporary


def test_a_greeting_that_is_no_pop3() -> None:
    client = Client(ScriptedStream("S: * OK IMAP4rev1"))
    with pytest.raises(ProtocolViolation):
        client.greet()
    assert client.broken


def test_a_server_that_closes_instead_of_greeting() -> None:
    client = Client(ScriptedStream("-- CLOSE"))
    with pytest.raises(ConnectionLost) as caught:
        client.greet()
    assert caught.value.during == "greeting"


def test_capabilities() -> None:
    client, _ = greeted("", "TOP", "sasl plain cram-md5 PLAIN", "EXPIRE 30 USER", "", "IMPLEMENTATION x y")
    assert client.capabilities == {
        "TOP": "",
        "SASL": "plain cram-md5 PLAIN",
        "EXPIRE": "30 USER",
        "IMPLEMENTATION": "x y",
    }
    assert client.mechanisms == ("PLAIN", "CRAM-MD5")
    assert not client.offers_start_tls


def test_a_server_without_capa() -> None:
    client, _ = greeted("C: USER lea\nS: +OK\nC: PASS secret\nS: +OK")
    assert client.capabilities is None
    assert client.authenticate("lea", "secret") == "USER"
    assert not client.pipelining


# -- STLS ---------------------------------------------------------------------------------------------


def test_stls() -> None:
    client, stream = greeted("C: STLS\nS: +OK\n-- TLS\n" + capa("SASL PLAIN"), "STLS", "SASL PLAIN CRAM-MD5")
    client.start_tls()
    assert stream.is_secure
    assert client.mechanisms == ()
    client.hello()
    assert client.mechanisms == ("PLAIN",)


def test_capabilities_kept_from_before_tls() -> None:
    """What was offered in clear may be anybody's: mechanisms, pipelining, and the timestamp of the greeting."""
    client, _ = greeted(
        "C: STLS\nS: +OK\n-- TLS\n" + capa("SASL CRAM-MD5") + "C: AUTH CRAM-MD5\nS: -ERR no",
        "STLS",
        "PIPELINING",
        "USER",
        greeting=STAMPED,
    )
    client.start_tls()
    client.hello()
    assert not client.pipelining
    with pytest.raises(AuthenticationFailed) as caught:
        client.authenticate("lea", "secret", mechanism="CRAM-MD5")
    assert caught.value.mechanism == "CRAM-MD5"
    with pytest.raises(MechanismUnavailable):
        client.authenticate("lea", "secret", mechanism="APOP")


def test_stls_that_is_not_offered_says_nothing_more() -> None:
    client, stream = greeted("", "USER")
    with pytest.raises(StartTLSUnavailable):
        client.start_tls()
    assert not stream.writes


def test_stls_is_tried_where_the_server_knows_no_capa() -> None:
    client, stream = greeted("C: STLS\nS: +OK\n-- TLS")
    client.start_tls()
    assert stream.is_secure


def test_an_stls_answer_that_is_not_a_success() -> None:
    client, stream = greeted("C: STLS\nS: -ERR not now", "STLS")
    with pytest.raises(StartTLSUnavailable) as caught:
        client.start_tls()
    assert str(caught.value.reply) == "-ERR not now"
    assert not stream.is_secure


def test_response_injection_into_stls() -> None:
    """Octets behind the answer to STLS in the same packet would be read as the server's words inside TLS."""
    client, stream = greeted("C: STLS\nS> +OK\\r\\n+OK\\r\\nSASL PLAIN\\r\\n.\\r\\n\n-- TLS", "STLS")
    with pytest.raises(ProtocolViolation, match="injection"):
        client.start_tls()
    assert client.broken
    assert stream.closed


# -- USER and PASS ------------------------------------------------------------------------------------


def test_user_and_pass() -> None:
    client, stream = greeted("C: USER lea\nS: +OK\nC: PASS se cret\nS: +OK", "USER")
    assert client.authenticate("lea", "se cret") == "USER"
    assert stream.done()


def test_the_password_in_a_group_only_under_tls() -> None:
    both = "C: USER lea\nC: PASS secret\nS: +OK\nS: +OK"
    client, stream = greeted(both, "USER", *GROUP, secure=True)
    assert client.authenticate("lea", "secret") == "USER"
    assert stream.round_trips == 1
    # A server that refuses the name, or whoever sits there in its place, never hears the password.
    client, stream = greeted("C: USER lea\nS: -ERR [AUTH] who?", "USER", *GROUP, secure=False, loopback=True)
    with pytest.raises(AuthenticationFailed):
        client.authenticate("lea", "secret")
    assert b"secret" not in stream.written


def test_pass_is_owed_an_answer_though_the_name_was_refused() -> None:
    group = "C: USER lea\nC: PASS secret\nS: -ERR [AUTH] who?\nS: -ERR USER first\nC: USER max\nC: PASS x\n"
    client, stream = greeted(group + "S: +OK\nS: +OK", "USER", *GROUP, secure=True)
    with pytest.raises(AuthenticationFailed, match=r"\[AUTH\] who"):
        client.authenticate("lea", "secret")
    assert client.authenticate("max", "x") == "USER"
    assert stream.done()


@pytest.mark.parametrize(
    ("line", "error", "temporary"),
    [
        ("-ERR [AUTH] wrong", AuthenticationFailed, False),
        ("-ERR wrong", AuthenticationFailed, False),
        ("-ERR [IN-USE] locked", MailboxLocked, True),
        ("-ERR [LOGIN-DELAY] 5 minutes", LoginTooSoon, True),
        ("-ERR [SYS/TEMP] later", SessionRefused, True),
        ("-ERR [SYS/PERM] closed account", SessionRefused, False),
    ],
)
def test_refusals_say_what_they_mean(line: str, error: type[SessionRefused], temporary: bool) -> None:
    client, _ = greeted(f"C: USER lea\nS: +OK\nC: PASS secret\nS: {line}", "USER", "RESP-CODES", "AUTH-RESP-CODE")
    with pytest.raises(error) as caught:
        client.authenticate("lea", "secret")
    assert type(caught.value) is error
    assert caught.value.temporary is temporary
    assert str(caught.value.reply) == line
    assert "secret" not in str(caught.value)


def test_no_password_where_the_server_wants_tls_first() -> None:
    """CAPA without USER and SASL but with STLS: the password would only be heard by whoever listens."""
    client, stream = greeted("", "STLS", "TOP")
    with pytest.raises(MechanismUnavailable, match="none"):
        client.authenticate("lea", "secret")
    assert not stream.writes


def test_a_capa_that_forgets_user() -> None:
    client, _ = greeted("C: USER lea\nS: +OK\nC: PASS secret\nS: +OK", "TOP", "UIDL")
    assert client.authenticate("lea", "secret") == "USER"


def test_a_name_of_two_words() -> None:
    client, stream = greeted("", "USER")
    with pytest.raises(Exception, match="blank"):
        client.authenticate("lea meier", "secret")
    assert not stream.writes


def test_a_password_with_a_line_end() -> None:
    client, stream = greeted("C: USER lea\nS: +OK", "USER")
    with pytest.raises(ControlCharacter):
        client.authenticate("lea", "x\r\nDELE 1")
    assert b"DELE" not in stream.written


def test_utf8_is_said_where_name_or_password_need_it() -> None:
    dialogue = "C: UTF8\nS: +OK\nC: USER léa\nS: +OK\nC: PASS sécret\nS: +OK"
    client, stream = greeted(dialogue, "USER", "UTF8 USER")
    client.authenticate("léa", "sécret")
    assert stream.done()


def test_utf8_is_not_said_without_need() -> None:
    client, stream = greeted("C: USER lea\nS: +OK\nC: PASS secret\nS: +OK", "USER", "UTF8 USER", "LANG")
    client.authenticate("lea", "secret")
    assert stream.done()


# -- SASL ---------------------------------------------------------------------------------------------


def test_plain_with_an_initial_response() -> None:
    client, stream = greeted(f"C: AUTH PLAIN {PLAIN}\nS: +OK", "SASL LOGIN PLAIN", "USER", "AUTH-RESP-CODE")
    assert client.authenticate("lea", "secret") == "PLAIN"
    assert stream.round_trips == 1


def test_user_before_plain_where_refusals_do_not_say_what_they_mean() -> None:
    """Old servers know AUTH without an initial response, and refuse by the same word as a wrong password."""
    client, _ = greeted("C: USER lea\nS: +OK\nC: PASS secret\nS: +OK", "SASL LOGIN PLAIN", "USER")
    assert client.authenticate("lea", "secret") == "USER"


def test_plain_for_what_is_beyond_ascii() -> None:
    response = b64encode("\0léa\0sécret".encode()).decode()
    client, _ = greeted(f"C: AUTH PLAIN {response}\nS: +OK", "SASL PLAIN", "USER")
    assert client.authenticate("léa", "sécret") == "PLAIN"


def test_an_initial_response_that_is_too_long_follows_the_first_challenge() -> None:
    password = "x" * 300
    response = b64encode(f"\0lea\0{password}".encode()).decode()
    client, _ = greeted(f"C: AUTH PLAIN\nS: +\nC: {response}\nS: +OK", "SASL PLAIN", "AUTH-RESP-CODE")
    assert client.authenticate("lea", password) == "PLAIN"


def test_a_challenge_mechanism_goes_first() -> None:
    challenge = "<1896.697170952@postoffice.reston.mci.net>"  # RFC 2195 2
    answer = b64encode(b"tim b913a602c7eda7a495b4e6e7334d3890").decode()
    dialogue = f"C: AUTH CRAM-MD5\nS: + {b64encode(challenge.encode()).decode()}\nC: {answer}\nS: +OK"
    client, _ = greeted(dialogue, "SASL PLAIN CRAM-MD5 EXTERNAL", "USER")
    assert client.authenticate("tim", "tanstaaftanstaaf") == "CRAM-MD5"


def test_never_from_a_challenge_mechanism_to_clear_text_outside_tls() -> None:
    client, stream = greeted("C: AUTH CRAM-MD5\nS: -ERR not now", "SASL CRAM-MD5 PLAIN", "USER", "AUTH-RESP-CODE")
    with pytest.raises(MechanismUnavailable):
        client.authenticate("lea", "secret")
    assert b"PLAIN" not in stream.written
    assert b"USER" not in stream.written


def test_the_next_mechanism_where_this_one_is_unavailable() -> None:
    """With AUTH-RESP-CODE a refusal without the code AUTH is no verdict on the credentials."""
    dialogue = f"C: AUTH CRAM-MD5\nS: -ERR no such mechanism\nC: AUTH PLAIN {PLAIN}\nS: +OK"
    client, _ = greeted(dialogue, "SASL CRAM-MD5 PLAIN", "AUTH-RESP-CODE", secure=True)
    assert client.authenticate("lea", "secret") == "PLAIN"


@pytest.mark.parametrize("offers", [("AUTH-RESP-CODE",), ()])
def test_no_second_try_after_the_credentials_were_refused(offers: tuple[str, ...]) -> None:
    line = "-ERR [AUTH] wrong" if offers else "-ERR wrong"
    client, _ = greeted(f"C: AUTH CRAM-MD5\nS: {line}", "SASL CRAM-MD5 PLAIN", "USER", *offers, secure=True)
    with pytest.raises(AuthenticationFailed) as caught:
        client.authenticate("lea", "secret")
    assert type(caught.value) is AuthenticationFailed


def test_the_failure_challenge_of_xoauth2_is_answered() -> None:
    initial = b64encode(b"user=lea\x01auth=Bearer tok\x01\x01").decode()
    why = b64encode(b'{"status":"400"}').decode()
    dialogue = f"C: AUTH XOAUTH2 {initial}\nS: + {why}\nC:\nS: -ERR [AUTH] token refused"
    client, stream = greeted(dialogue.replace("C:\n", "C: \n"), "SASL XOAUTH2", secure=True)
    with pytest.raises(AuthenticationFailed) as caught:
        client.authenticate("lea", token="tok")
    assert caught.value.detail == '{"status":"400"}'
    assert stream.done()


def test_a_wrong_server_signature_aborts() -> None:
    stream = ScriptedStream(GREETING + capa("SASL SCRAM-SHA-256") + "C* 69\nS: +OK in")
    client = Client(stream)
    client.greet()
    client.hello()
    with pytest.raises(ProtocolViolation, match="prove"):
        client.authenticate("lea", "secret", mechanism="SCRAM-SHA-256")
    assert client.broken


def test_a_mechanism_asked_for_by_name_or_nothing() -> None:
    client, stream = greeted("", "SASL PLAIN", "USER")
    with pytest.raises(MechanismUnavailable, match="SCRAM-SHA-256"):
        client.authenticate("lea", "secret", mechanism="SCRAM-SHA-256")
    assert not stream.writes


def test_user_asked_for_by_name() -> None:
    client, _ = greeted("C: USER lea\nS: +OK\nC: PASS secret\nS: +OK", "SASL CRAM-MD5", "USER", greeting=STAMPED)
    assert client.authenticate("lea", "secret", mechanism="user") == "USER"


def test_a_token_is_never_sent_as_a_password() -> None:
    client, stream = greeted("", "SASL PLAIN", "USER")
    with pytest.raises(MechanismUnavailable, match="access tokens"):
        client.authenticate("lea", token="tok")
    assert not stream.writes


# -- APOP ---------------------------------------------------------------------------------------------


def test_apop() -> None:
    client, _ = greeted(APOP + "S: +OK", "USER", "SASL PLAIN", greeting=STAMPED)
    assert client.authenticate("mrose", "tanstaaf") == "APOP"


def test_apop_where_the_server_knows_no_capa() -> None:
    client, _ = greeted(APOP + "S: +OK", greeting=STAMPED)
    assert client.authenticate("mrose", "tanstaaf") == "APOP"


@pytest.mark.parametrize("where", ["tls", "loopback"])
def test_apop_only_where_there_is_nothing_better(where: str) -> None:
    """Where nobody listens, what needs no readable passwords at the server goes first."""
    secure = where == "tls"
    dialogue = "C: USER lea\nS: +OK\nC: PASS secret\nS: +OK"
    client, _ = greeted(dialogue, "USER", greeting=STAMPED, secure=secure, loopback=not secure)
    assert client.authenticate("lea", "secret") == "USER"


def test_no_clear_text_after_apop_was_refused() -> None:
    client, stream = greeted(APOP + "S: -ERR no", "USER", greeting=STAMPED)
    with pytest.raises(AuthenticationFailed) as caught:
        client.authenticate("mrose", "tanstaaf")
    assert caught.value.mechanism == "APOP"
    assert b"USER" not in stream.written


@pytest.mark.parametrize(
    "greeting",
    [
        "+OK <no-at-sign>",
        "+OK abc<a>abcd",
        "+OK <\x01\x02\x03@host>",
        "+OK <a\xffb@host>",
        "+OK <a b@host>",
        "+OK <a@b@host>",
        '+OK <"a b"@host>',
        "+OK <a@host",
        "+OK <" + "x" * 300 + "@host>",
    ],
)
def test_apop_attack_with_a_timestamp_that_is_no_message_id(greeting: str) -> None:
    """CVE-2007-1558: a server in the middle chooses octets that make MD5 collide with parts of the password."""
    assert timestamp(greeting) == ""
    octets = greeting.encode("latin-1").decode("latin-1").encode("unicode_escape").decode()
    client, stream = greeted("C: USER lea\nS: +OK\nC: PASS secret\nS: +OK", "USER", greeting=f"S> {octets}\\r\\n\n")
    assert client.authenticate("lea", "secret") == "USER"
    assert b"APOP" not in stream.written


@pytest.mark.parametrize("stamp", [STAMP, "<1.2@localhost>", "<1.2@[127.0.0.1]>", "<a+b=c@h-o.st>"])
def test_timestamps(stamp: str) -> None:
    assert timestamp(f"ready {stamp} go") == stamp


def test_the_digest_of_apop_takes_the_password_as_utf8() -> None:
    digest = hashlib.md5((STAMP + "pässwörd€").encode()).hexdigest()
    client, _ = greeted(f"C: APOP lea {digest}\nS: +OK", "USER", greeting=STAMPED)
    assert client.authenticate("lea", "pässwörd€") == "APOP"


# -- waiting ------------------------------------------------------------------------------------------


def test_a_response_that_does_not_come_breaks_the_connection() -> None:
    client, stream = greeted("C: USER lea\n-- STALL", "USER")
    with pytest.raises(TimedOut):
        client.authenticate("lea", "secret")
    assert client.broken
    assert stream.closed
    with pytest.raises(ConnectionLost):
        client.authenticate("lea", "secret")
