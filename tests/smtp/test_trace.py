"""The dialogue in the log: readable, complete, and without secrets."""

from __future__ import annotations

import logging
from base64 import b64encode

import pytest

from tests.smtp.dialogue import ENVELOPE, hello
from tests.support.scripted import ScriptedStream
from wlemail.errors import AuthenticationFailed, MailError, SenderRefused
from wlemail.smtp.client import Client

PASSWORD = "open sesame"
PLAIN = b64encode(b"\0user\0open sesame").decode()
ENCODED = b64encode(PASSWORD.encode()).decode()


def opened(dialogue: str, *offers: str) -> Client:
    client = Client(ScriptedStream(hello(*offers) + dialogue))
    client.greet()
    client.hello()
    return client


def test_a_session(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "wlemail")
    client = opened(
        f"C: AUTH PLAIN {PLAIN}\nS: 235 ok\nC: MAIL FROM:<sender@example.com>\nC: RCPT TO:<one@example.org>\nC: DATA\n"
        "S: 250 ok\nS: 250 2.1.5 fine\nS: 354 go\nC: secret text\nC: .\nS: 250 queued\nC: QUIT\nS: 221 bye",
        "PIPELINING",
        "AUTH PLAIN",
    )
    client.authenticate("user", PASSWORD)
    client.send(ENVELOPE, b"secret text\r\n")
    client.quit()
    where = "mail.example.com:587"
    assert caplog.messages == [
        f"{where} S: 220 ready",
        f"{where} C: EHLO [127.0.0.1]",
        f"{where} S: 250 mail.example.com",
        f"{where} S: PIPELINING",
        f"{where} S: AUTH PLAIN",
        f"{where} C: AUTH PLAIN ********",
        f"{where} S: 235 ok",
        f"{where} C: MAIL FROM:<sender@example.com>",
        f"{where} C: RCPT TO:<one@example.org>",
        f"{where} C: DATA",
        f"{where} S: 250 ok",
        f"{where} S: 250 2.1.5 fine",
        f"{where} S: 354 go",
        f"{where} -: 16 octets of content",
        f"{where} S: 250 queued",
        f"{where} C: QUIT",
        f"{where} S: 221 bye",
    ]


def test_no_secret_in_any_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "wlemail")
    client = opened(
        f"C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: dXNlcg==\nS: 334 UGFzc3dvcmQ6\nC: {ENCODED}\n"
        f"S: 535 {PASSWORD} is wrong, {ENCODED} too",
        "AUTH LOGIN",
    )
    with pytest.raises(AuthenticationFailed):
        client.authenticate("user", PASSWORD)
    assert PASSWORD not in caplog.text
    assert ENCODED not in caplog.text
    assert caplog.text.count("********") == 4


@pytest.mark.parametrize("offered", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("code", ["535", "599 5.7.8", "354", "999"])
def test_a_server_that_repeats_the_credentials_does_not_bring_them_into_errors(
    offered: str, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "wlemail")
    lines = {
        "PLAIN": f"C: AUTH PLAIN {PLAIN}\n",
        "LOGIN": f"C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: dXNlcg==\nS: 334 UGFzc3dvcmQ6\nC: {ENCODED}\n",
    }
    client = opened(f"{lines[offered]}S: {code} {PASSWORD}, {ENCODED}, {PLAIN}", f"AUTH {offered}")
    with pytest.raises(MailError) as caught:
        client.authenticate("user", PASSWORD)
    problem = caught.value
    told = f"{problem} {problem!r} {problem.args} {problem.reply!r} {vars(problem)} {caplog.text}"
    for secret in (PASSWORD, ENCODED, *([PLAIN] if offered == "PLAIN" else [])):
        assert secret not in told


def test_later_refusals_do_not_tell_the_password_either() -> None:
    client = opened(
        f"C: AUTH PLAIN {PLAIN}\nS: 235 ok\nC: MAIL FROM:<sender@example.com>\nS: 550 {PLAIN} {PASSWORD}", "AUTH PLAIN"
    )
    client.authenticate("user", PASSWORD)
    with pytest.raises(SenderRefused) as caught:
        client.send(ENVELOPE, b"x\r\n")
    assert PASSWORD not in str(caught.value)
    assert PLAIN not in str(caught.value.reply)


def test_silence_unless_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "wlemail")
    opened("C: NOOP\nS: 250 ok").noop()
    assert caplog.messages == []
