"""The dialogue in the log: readable, and without anything secret."""

from __future__ import annotations

import logging
from base64 import b64encode

import pytest

from tests.pop3.dialogue import greeted, in_mailbox
from wlemail.errors import AuthenticationFailed, MailError


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, logger="wlemail")
    return caplog


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage().partition(" ")[2] for record in caplog.records]


def test_a_dialogue(lines: pytest.LogCaptureFixture) -> None:
    client, _ = in_mailbox("C: RETR 1\nS: +OK 12 octets\nS: Subject: x\nS: .\nC: QUIT\nS: +OK bye")
    client.request([(1, 12)])
    client.next_message()
    client.quit()
    assert said(lines)[-5:] == ["C: RETR 1", "S: +OK 12 octets", "-: 12 octets", "C: QUIT", "S: +OK bye"]


def test_capabilities_are_shown(lines: pytest.LogCaptureFixture) -> None:
    greeted("", "TOP", "SASL PLAIN")
    assert said(lines) == ["S: +OK ready", "C: CAPA", "S: +OK", "S: TOP", "S: SASL PLAIN"]


def test_no_secret_is_traced(lines: pytest.LogCaptureFixture) -> None:
    response = b64encode(b"\0lea\0hunter22").decode()
    in_mailbox("")
    client, _ = greeted("C: USER lea\nS: +OK\nC: PASS hunter22\nS: -ERR hunter22 is wrong", "USER")
    with pytest.raises(AuthenticationFailed):
        client.authenticate("lea", "hunter22")
    client, _ = greeted(f"C: AUTH PLAIN {response}\nS: +OK", "SASL PLAIN")
    client.authenticate("lea", "hunter22")
    client, _ = greeted(f"C: AUTH PLAIN\nS: +\nC: {'x' * 400}".partition("C: x")[0] + "C* 410\nS: +OK", "SASL PLAIN")
    client.authenticate("lea", "s" * 300)
    text = "\n".join(said(lines))
    assert "C: PASS ********" in text
    assert "C: AUTH PLAIN ********" in text
    for secret in ("hunter22", response, "sssss", b64encode(b"hunter22").decode()):
        assert secret not in text


@pytest.mark.parametrize("line", ["-ERR {}", "-ERR [AUTH] {}", "+ {}", "{}"])
@pytest.mark.parametrize("way", ["USER", "PLAIN", "LOGIN"])
def test_a_server_that_repeats_the_credentials_does_not_bring_them_into_errors(
    way: str, line: str, lines: pytest.LogCaptureFixture
) -> None:
    encoded = b64encode(b"hunter22").decode()
    plain = b64encode(b"\0lea\0hunter22").decode()
    said_by_us = {
        "USER": "C: USER lea\nS: +OK\nC: PASS hunter22\n",
        "PLAIN": f"C: AUTH PLAIN {plain}\n",
        "LOGIN": f"C: AUTH LOGIN\nS: + VXNlcm5hbWU6\nC: bGVh\nS: + UGFzc3dvcmQ6\nC: {encoded}\n",
    }
    client, _ = greeted(f"{said_by_us[way]}S: {line.format(f'hunter22, {encoded}, {plain}')}", "SASL PLAIN LOGIN")
    with pytest.raises(MailError) as caught:
        client.authenticate("lea", "hunter22", mechanism=way)
    problem = caught.value
    told = f"{problem} {problem!r} {problem.args} {problem.reply!r} {vars(problem)} {lines.text}"
    for secret in ("hunter22", encoded, *([plain] if way == "PLAIN" else [])):
        assert secret not in told


def test_apop_is_masked(lines: pytest.LogCaptureFixture) -> None:
    dialogue = "C: APOP mrose c4c9334bac560ecc979e58001b3e22fb\nS: +OK"
    client, _ = greeted(dialogue, "USER", greeting="S: +OK <1896.697170952@dbc.mtview.ca.us>\n")
    client.authenticate("mrose", "tanstaaf")
    assert "C: APOP mrose ********" in said(lines)


def test_nothing_is_traced_unless_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="wlemail")
    in_mailbox("")
    assert not caplog.records
