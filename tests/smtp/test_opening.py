"""Greeting, EHLO and HELO, STARTTLS, authentication, goodbye."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from tests.smtp.dialogue import ENVELOPE, MESSAGE, hello, open_client
from tests.support.scripted import ScriptedStream
from wlemail.errors import (
    AuthenticationFailed,
    CommandRefused,
    ConnectionLost,
    InvalidValue,
    MechanismUnavailable,
    ProtocolViolation,
    SessionRefused,
    StartTLSUnavailable,
    TimedOut,
    TLSFailed,
)
from wlemail.smtp.client import Client

USER, PASSWORD = "user", "password"
PLAIN = b64encode(b"\0user\0password").decode()


def b64(text: str) -> str:
    return b64encode(text.encode()).decode()


# -- greeting, EHLO, HELO ----------------------------------------------------------------------------


@pytest.mark.parametrize("reading", ["whole", "bytes"])
def test_ehlo(reading: str) -> None:
    stream = ScriptedStream(hello("SIZE 1000", "AUTH PLAIN LOGIN"), reading=reading)  # type: ignore[arg-type]
    client = Client(stream)
    client.greet()
    client.hello()
    assert client.extensions == {"SIZE": "1000", "AUTH": "PLAIN LOGIN"}
    assert client.mechanisms == ("PLAIN", "LOGIN")
    assert client.usable
    assert stream.done()


def test_a_greeting_of_many_lines() -> None:
    client = Client(ScriptedStream("S: 220-welcome\nS: 220-no spam\nS: 220 ready"))
    client.greet()
    assert not client.broken


@pytest.mark.parametrize("greeting", ["554 5.7.1 go away", "421 4.3.2 come back later", "450 busy"])
def test_a_greeting_that_refuses(greeting: str) -> None:
    stream = ScriptedStream(f"S: {greeting}\nC: QUIT\nS: 221 bye")
    client = Client(stream)
    with pytest.raises(SessionRefused) as refused:
        client.greet()
    assert str(refused.value.reply) == greeting
    assert refused.value.temporary == greeting.startswith("4")


def test_helo_where_ehlo_is_unknown() -> None:
    stream = ScriptedStream("""
        S: 220 old
        C: EHLO me.example.com
        S: 502 5.5.1 unrecognized command
        C: HELO me.example.com
        S: 250 old server
    """)
    client = Client(stream, local_name="me.example.com")
    client.greet()
    client.hello()
    assert client.extensions == {}
    assert stream.done()


def test_ehlo_and_helo_refused() -> None:
    stream = ScriptedStream("""
        S: 220 picky
        C: EHLO [127.0.0.1]
        S: 550 5.7.1 not you
        C: HELO [127.0.0.1]
        S: 550 5.7.1 not you either
    """)
    client = Client(stream)
    client.greet()
    with pytest.raises(SessionRefused) as refused:
        client.hello()
    assert refused.value.reply.text == "not you either"


@pytest.mark.parametrize("answer", ["421 4.7.0 too many connections", "450 4.7.1 greylisted"])
def test_ehlo_refused_for_now_is_not_asked_again(answer: str) -> None:
    stream = ScriptedStream(f"S: 220 busy\nC: EHLO [127.0.0.1]\nS: {answer}")
    client = Client(stream)
    client.greet()
    with pytest.raises(SessionRefused) as refused:
        client.hello()
    assert refused.value.temporary
    assert stream.done()


@pytest.mark.parametrize("name", ["", "two words", "bücher", "evil\r\nMAIL FROM:<x@y>"])
def test_a_name_that_cannot_be_said_becomes_an_address(name: str) -> None:
    stream = ScriptedStream(hello())
    client = Client(stream, local_name=name)
    client.greet()
    client.hello()
    assert stream.done()


def test_the_client_takes_no_other_protocol_for_smtp() -> None:
    stream = ScriptedStream("S: HTTP/1.1 400 Bad Request\nS: Server: x")
    client = Client(stream)
    with pytest.raises(ProtocolViolation) as broken:
        client.greet()
    assert (broken.value.host, broken.value.port) == ("mail.example.com", 587)
    assert client.broken
    assert stream.closed


# -- STARTTLS ----------------------------------------------------------------------------------------


def test_starttls() -> None:
    client, stream = open_client(
        """
        C: STARTTLS
        S: 220 go ahead
        -- TLS
        C: EHLO [127.0.0.1]
        S: 250-mail.example.com
        S: 250 AUTH PLAIN
        """,
        "STARTTLS",
        "AUTH CRAM-MD5",
    )
    client.start_tls()
    client.hello()
    assert client.mechanisms == ("PLAIN",)
    assert stream.is_secure
    assert stream.done()


def test_a_handshake_that_fails_after_starttls_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    client, stream = open_client("C: STARTTLS\nS: 220 go ahead", "STARTTLS")

    def junk() -> None:
        raise TLSFailed("TLS failed: wrong version number")

    monkeypatch.setattr(stream, "start_tls", junk)
    with pytest.raises(TLSFailed) as caught:
        client.start_tls()
    assert caught.value.after_starttls
    assert client.broken


def test_starttls_not_offered_is_not_even_tried() -> None:
    client, stream = open_client("")
    with pytest.raises(StartTLSUnavailable):
        client.start_tls()
    assert stream.done()


@pytest.mark.parametrize("answer", ["454 4.7.0 not available", "502 5.5.1 unknown", "250 OK"])
def test_a_starttls_reply_that_is_not_a_success(answer: str) -> None:
    client, stream = open_client(f"C: STARTTLS\nS: {answer}", "STARTTLS")
    with pytest.raises(StartTLSUnavailable) as refused:
        client.start_tls()
    assert refused.value.reply is not None
    assert str(refused.value.reply) == answer
    assert not stream.is_secure


@pytest.mark.parametrize("extra", ["S: 250 injected", "S> 2", "S> 250-par\\r\\n"])
def test_bytes_waiting_in_the_buffer_when_tls_starts(extra: str) -> None:
    client, stream = open_client(f"C: STARTTLS\nS: 220 go ahead\n{extra}", "STARTTLS")
    with pytest.raises(ProtocolViolation):
        client.start_tls()
    assert not stream.is_secure
    assert stream.closed
    assert client.broken


def test_ehlo_data_kept_from_before_tls_is_forgotten() -> None:
    client, _ = open_client("C: STARTTLS\nS: 220 go\n-- TLS", "STARTTLS", "AUTH PLAIN", "PIPELINING", "SIZE 10")
    client.start_tls()
    assert client.extensions == {}
    assert client.mechanisms == ()
    with pytest.raises(MechanismUnavailable):
        client.authenticate(USER, PASSWORD)


def test_mechanism_lists_that_change_after_tls() -> None:
    client, stream = open_client(
        f"""
        C: STARTTLS
        S: 220 go
        -- TLS
        C: EHLO [127.0.0.1]
        S: 250-mail.example.com
        S: 250 AUTH PLAIN
        C: AUTH PLAIN {PLAIN}
        S: 235 welcome
        """,
        "STARTTLS",
        "AUTH SCRAM-SHA-1 CRAM-MD5",
    )
    client.start_tls()
    client.hello()
    assert client.authenticate(USER, PASSWORD) == "PLAIN"
    assert stream.done()


# -- authentication ----------------------------------------------------------------------------------


def test_plain() -> None:
    client, stream = open_client(f"C: AUTH PLAIN {PLAIN}\nS: 235 2.7.0 welcome", "AUTH LOGIN PLAIN")
    assert client.authenticate(USER, PASSWORD) == "PLAIN"
    assert client.authenticated_by == "PLAIN"
    assert stream.done()


def test_login() -> None:
    client, stream = open_client(
        """
        C: AUTH LOGIN
        S: 334 VXNlcm5hbWU6
        C: dXNlcg==
        S: 334 UGFzc3dvcmQ6
        C: cGFzc3dvcmQ=
        S: 235 2.7.0 welcome
        """,
        "AUTH LOGIN",
    )
    assert client.authenticate(USER, PASSWORD) == "LOGIN"
    assert stream.done()


def test_login_with_challenges_in_clear_or_empty() -> None:
    client, stream = open_client(
        "C: AUTH LOGIN\nS: 334 Username:\nC: dXNlcg==\nS: 334 \nC: cGFzc3dvcmQ=\nS: 235 ok", "AUTH LOGIN"
    )
    client.authenticate(USER, PASSWORD)
    assert stream.done()


def test_auth_advertised_as_auth_equals() -> None:
    client, stream = open_client(f"C: AUTH PLAIN {PLAIN}\nS: 235 ok", "AUTH=LOGIN PLAIN")
    client.authenticate(USER, PASSWORD)
    assert stream.done()


def test_cram_md5() -> None:
    challenge = b64("<1896.697170952@postoffice.reston.mci.net>")
    client, stream = open_client(
        f"""
        C: AUTH CRAM-MD5
        S: 334 {challenge}
        C: {b64("tim b913a602c7eda7a495b4e6e7334d3890")}
        S: 235 ok
        """,
        "AUTH PLAIN CRAM-MD5",
    )
    assert client.authenticate("tim", "tanstaaftanstaaf") == "CRAM-MD5"
    assert stream.done()


def test_refused_credentials_are_final() -> None:
    client, stream = open_client(
        f"C: AUTH PLAIN {PLAIN}\nS: 535 5.7.8 wrong\nC: NOOP\nS: 250 still here", "AUTH PLAIN LOGIN"
    )
    with pytest.raises(AuthenticationFailed) as refused:
        client.authenticate(USER, PASSWORD)
    assert not isinstance(refused.value, MechanismUnavailable)
    assert refused.value.mechanism == "PLAIN"
    assert refused.value.offered == ("PLAIN", "LOGIN")
    assert refused.value.reply.code == 535
    assert PASSWORD not in str(refused.value)
    client.noop()
    assert stream.done()


@pytest.mark.parametrize("answer", ["504 5.5.4 unrecognized", "534 5.7.9 too weak"])
def test_the_next_mechanism_where_one_is_unavailable(answer: str) -> None:
    client, stream = open_client(
        f"""
        C: AUTH PLAIN {PLAIN}
        S: {answer}
        C: AUTH LOGIN
        S: 334 VXNlcm5hbWU6
        C: dXNlcg==
        S: 334 UGFzc3dvcmQ6
        C: cGFzc3dvcmQ=
        S: 235 ok
        """,
        "AUTH PLAIN LOGIN",
    )
    assert client.authenticate(USER, PASSWORD) == "LOGIN"
    assert stream.done()


@pytest.mark.parametrize("answer", ["454 4.7.0 later", "501 5.5.2 syntax", "503 5.5.1 already", "535 5.7.8 wrong"])
def test_no_other_reply_makes_the_client_try_the_next_mechanism(answer: str) -> None:
    client, stream = open_client(f"C: AUTH PLAIN {PLAIN}\nS: {answer}", "AUTH PLAIN LOGIN")
    with pytest.raises(AuthenticationFailed):
        client.authenticate(USER, PASSWORD)
    assert stream.done()


def test_never_from_a_challenge_mechanism_to_a_clear_text_one_outside_tls() -> None:
    client, stream = open_client("C: AUTH CRAM-MD5\nS: 504 5.5.4 unavailable", "AUTH CRAM-MD5 PLAIN LOGIN")
    with pytest.raises(MechanismUnavailable) as refused:
        client.authenticate(USER, PASSWORD)
    assert refused.value.offered == ("CRAM-MD5", "PLAIN", "LOGIN")
    assert stream.done()


def test_from_a_challenge_mechanism_to_a_clear_text_one_inside_tls() -> None:
    client, stream = open_client(
        f"C: AUTH CRAM-MD5\nS: 504 5.5.4 unavailable\nC: AUTH PLAIN {PLAIN}\nS: 235 ok",
        "AUTH CRAM-MD5 PLAIN",
        secure=True,
    )
    assert client.authenticate(USER, PASSWORD) == "PLAIN"
    assert stream.done()


@pytest.mark.parametrize("offered", ["AUTH GSSAPI NTLM", "AUTH", "SIZE"])
def test_no_mechanism_in_common(offered: str) -> None:
    client, stream = open_client("", offered)
    with pytest.raises(MechanismUnavailable) as refused:
        client.authenticate(USER, PASSWORD)
    assert refused.value.offered == tuple(offered.split()[1:])
    assert client.usable
    assert stream.done()


def test_a_named_mechanism() -> None:
    client, stream = open_client(f"C: AUTH PLAIN {PLAIN}\nS: 235 ok", "AUTH CRAM-MD5 PLAIN")
    assert client.authenticate(USER, PASSWORD, mechanism="plain") == "PLAIN"
    assert stream.done()


def test_a_named_mechanism_that_is_unavailable_is_not_replaced() -> None:
    client, stream = open_client(f"C: AUTH PLAIN {PLAIN}\nS: 504 no", "AUTH PLAIN LOGIN")
    with pytest.raises(MechanismUnavailable):
        client.authenticate(USER, PASSWORD, mechanism="PLAIN")
    with pytest.raises(MechanismUnavailable):
        client.authenticate(USER, PASSWORD, mechanism="CRAM-MD5")
    assert stream.done()


def test_a_named_mechanism_that_only_the_server_knows() -> None:
    client, _ = open_client("", "AUTH GSSAPI PLAIN")
    with pytest.raises(MechanismUnavailable, match="not known here"):
        client.authenticate(USER, PASSWORD, mechanism="GSSAPI")


def test_a_wrong_server_signature_always_aborts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.urandom", lambda count: b"\0" * count)
    nonce = "A" * 24
    first = f"r={nonce}x,s=c2FsdA==,i=1"
    client, stream = open_client(
        f"""
        C: AUTH SCRAM-SHA-1 {b64(f"n,,n=user,r={nonce}")}
        S: 334 {b64(first)}
        C* 90
        S: 334 {b64("v=AAAAAAAAAAAAAAAAAAAAAAAAAAA=")}
        """,
        "AUTH SCRAM-SHA-1 PLAIN",
        secure=True,
    )
    with pytest.raises(ProtocolViolation):
        client.authenticate(USER, PASSWORD)
    assert client.broken
    assert stream.closed
    assert stream.done()


def test_a_success_before_the_server_has_proven_itself_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.urandom", lambda count: b"\0" * count)
    first = b64(f"n,,n=user,r={'A' * 24}")
    client, _ = open_client(f"C: AUTH SCRAM-SHA-256 {first}\nS: 235 welcome", "AUTH SCRAM-SHA-256")
    with pytest.raises(ProtocolViolation):
        client.authenticate(USER, PASSWORD)
    assert client.broken


def test_a_password_that_the_mechanism_cannot_carry_calls_the_exchange_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.urandom", lambda count: b"\0" * count)
    nonce = "A" * 24
    client, stream = open_client(
        f"""
        C: AUTH SCRAM-SHA-1 {b64(f"n,,n=user,r={nonce}")}
        S: 334 {b64(f"r={nonce}x,s=c2FsdA==,i=1")}
        C: *
        S: 501 5.7.0 cancelled
        C: NOOP
        S: 250 ok
        """,
        "AUTH SCRAM-SHA-1",
    )
    with pytest.raises(InvalidValue):
        client.authenticate(USER, "bell\u0007")
    client.noop()
    assert stream.done()


def test_challenges_without_end_break_the_connection() -> None:
    client, _ = open_client(f"C: AUTH PLAIN {PLAIN}\nS: 334 more", "AUTH PLAIN")
    with pytest.raises(ProtocolViolation):
        client.authenticate(USER, PASSWORD)
    assert client.broken


def test_421_inside_authentication() -> None:
    client, _ = open_client(f"C: AUTH PLAIN {PLAIN}\nS: 421 4.7.0 too many failures", "AUTH PLAIN")
    with pytest.raises(ConnectionLost) as lost:
        client.authenticate(USER, PASSWORD)
    assert lost.value.reply is not None
    assert lost.value.reply.code == 421


# -- tokens ------------------------------------------------------------------------------------------

TOKEN = "ya29.token"
XOAUTH2 = b64(f"user={USER}\x01auth=Bearer {TOKEN}\x01\x01")
OAUTHBEARER = b64(f"n,a={USER},\x01host=mail.example.com\x01port=587\x01auth=Bearer {TOKEN}\x01\x01")


def test_a_token_goes_by_oauthbearer_first() -> None:
    client, stream = open_client(f"C: AUTH OAUTHBEARER {OAUTHBEARER}\nS: 235 ok", "AUTH XOAUTH2 OAUTHBEARER PLAIN")
    assert client.authenticate(USER, token=TOKEN) == "OAUTHBEARER"
    assert stream.done()


def test_xoauth2_failure_a_base64_json_challenge_must_be_answered_before_the_refusal() -> None:
    reason = json.dumps({"status": "401", "schemes": "bearer"})
    client, stream = open_client(
        f"""
        C: AUTH XOAUTH2 {XOAUTH2}
        S: 334 {b64(reason)}
        C>\x20\\r\\n
        S: 535-5.7.8 Username and Password not accepted.
        S: 535 5.7.8 https://support.example.com/mail/?p=BadCredentials
        """,
        "AUTH XOAUTH2 PLAIN",
    )
    with pytest.raises(AuthenticationFailed) as refused:
        client.authenticate(USER, token=TOKEN)
    assert json.loads(refused.value.detail)["status"] == "401"
    assert refused.value.reply.enhanced == "5.7.8"
    assert TOKEN not in str(refused.value)
    assert stream.done()


def test_oauthbearer_failure_is_answered_too() -> None:
    client, stream = open_client(
        f"C: AUTH OAUTHBEARER {OAUTHBEARER}\nS: 334 {b64('{}')}\nC: AQ==\nS: 535 5.7.8 no", "AUTH OAUTHBEARER"
    )
    with pytest.raises(AuthenticationFailed):
        client.authenticate(USER, token=TOKEN)
    assert stream.done()


def test_a_long_token_follows_the_first_challenge() -> None:
    # RFC 4954 4: an AUTH command keeps to the length of any command; what does not fit waits for the challenge.
    token = "t" * 2000
    payload = b64(f"user={USER}\x01auth=Bearer {token}\x01\x01")
    client, stream = open_client(f"C: AUTH XOAUTH2\nS: 334 \nC: {payload}\nS: 235 ok", "AUTH XOAUTH2")
    client.authenticate(USER, token=token)
    assert stream.done()


def test_a_token_never_goes_as_a_password() -> None:
    client, stream = open_client("", "AUTH PLAIN LOGIN")
    with pytest.raises(MechanismUnavailable):
        client.authenticate(USER, "", token=TOKEN)
    assert stream.done()


# -- other commands, goodbye -------------------------------------------------------------------------


def test_quit() -> None:
    client, stream = open_client("C: QUIT\nS: 221 bye")
    client.quit()
    assert stream.closed
    assert not client.usable
    assert stream.done()


@pytest.mark.parametrize("end", ["-- CLOSE", "-- RESET", "-- STALL", "S: 500 what?", "S: 421 bye", "S: garbage"])
def test_quit_never_fails(end: str) -> None:
    client, stream = open_client(f"C: QUIT\n{end}" if "RESET" not in end else end)
    client.quit()
    client.quit()
    assert stream.closed


def test_no_final_read_without_a_deadline() -> None:
    # The stream fails the test on a read whose wait was not begun; a server that never says goodbye ends it.
    client, stream = open_client("C: QUIT\n-- STALL")
    client.quit()
    assert stream.round_trips == 1
    assert stream.closed


def test_quit_says_nothing_inside_the_content() -> None:
    # It would be taken for text, and a server may deliver what was sent so far.
    client, stream = open_client("C: MAIL FROM:<sender@example.com>\nS: 250 ok\nC: RCPT TO:<one@example.org>\n"
                                 "S: 250 ok\nC: DATA\nS: 354 go")  # fmt: skip
    client.begin(ENVELOPE)
    client.quit()
    assert stream.closed
    assert stream.done()


def test_nothing_is_said_after_the_end() -> None:
    client, stream = open_client("C: QUIT\nS: 221 bye")
    client.quit()
    with pytest.raises(ConnectionLost):
        client.send(ENVELOPE, MESSAGE)
    with pytest.raises(ConnectionLost):
        client.noop()
    assert stream.done()


def test_noop_and_reset() -> None:
    client, stream = open_client("C: NOOP\nS: 250 ok\nC: RSET\nS: 250 ok\nC: NOOP\nS: 500 ?")
    client.noop()
    client.reset()
    with pytest.raises(CommandRefused):
        client.noop()
    assert stream.done()


def test_a_time_out_breaks_the_connection() -> None:
    client, stream = open_client("C: NOOP\n-- STALL")
    with pytest.raises(TimedOut):
        client.noop()
    assert client.broken
    assert stream.closed


def test_probing_a_recipient_sends_nothing() -> None:
    client, stream = open_client("""
        C: MAIL FROM:<>
        S: 250 ok
        C: RCPT TO:<one@example.org>
        S: 550 5.1.1 unknown
        C: RSET
        S: 250 ok
        C: MAIL FROM:<>
        S: 530 5.7.0 log in first
        C: RSET
        S: 250 ok
    """)
    assert client.probe("", "one@example.org").enhanced == "5.1.1"
    assert client.probe("", "one@example.org").code == 530
    assert stream.done()


def test_probing_a_recipient_beyond_ascii() -> None:
    client, stream = open_client(
        "C: MAIL FROM:<> SMTPUTF8\nS: 250 ok\nC: RCPT TO:<é@example.org>\nS: 250 ok\nC: RSET\nS: 250 ok", "SMTPUTF8"
    )
    assert client.probe("", "é@example.org").code == 250
    assert stream.done()
    client, stream = open_client("")
    assert client.probe("", "é@example.org").enhanced == "5.6.7"
    assert stream.done()
