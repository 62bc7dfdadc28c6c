"""The dialogue in the log, and no secret in it or in errors."""

from __future__ import annotations

import logging
from base64 import b64encode

import pytest

from tests.support.scripted import ScriptedStream
from wlemail.errors import AuthenticationFailed
from wlemail.imap.client import WHOLE, Client

PASSWORD = "open sesame"
ENCODED = b64encode(PASSWORD.encode()).decode()
PLAIN = b64encode(b"\0user\0open sesame").decode()


def test_a_session(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "wlemail")
    client = Client(
        ScriptedStream(
            f"S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi\nC: W1 AUTHENTICATE PLAIN {PLAIN}\n"
            "S: W1 OK [CAPABILITY IMAP4rev1] in\n"
            'C: W2 UID FETCH 1 (UID BODY.PEEK[])\nS: * (\nS: * 1 FETCH (UID 1 BODY[] "secret")\nS: W2 OK',
            is_secure=True,
            port=993,
        )
    )
    client.greet()
    client.authenticate("user", PASSWORD)
    list(client.fetch([1], [WHOLE]))
    where = "mail.example.com:993"
    assert caplog.messages == [
        f"{where} S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi",
        f"{where} C: W1 AUTHENTICATE ********",
        f"{where} S: W1 OK [CAPABILITY IMAP4rev1] in",
        f"{where} C: W2 UID FETCH 1 (UID BODY.PEEK[])",
        f"{where} -: dropped: neither a response nor the end of a command",
        f"{where} S: * 1 FETCH UID 1: 6 octets",
        f"{where} S: W2 OK",
    ]


@pytest.mark.parametrize("command", ["AUTHENTICATE", "LOGIN"])
def test_a_server_that_repeats_the_credentials(command: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "wlemail")
    said = f"{PASSWORD} is wrong, {ENCODED} too"
    if command == "LOGIN":
        dialogue = f'S: * OK [CAPABILITY IMAP4rev1] hi\nC: W1 LOGIN "user" "{PASSWORD}"\nS: W1 NO {said}'
    else:
        dialogue = (
            f"S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\nC: W1 AUTHENTICATE PLAIN\nS: +\nC: {PLAIN}\n"
            f"S: W1 NO {said} {PLAIN}"
        )
    client = Client(ScriptedStream(dialogue, is_secure=True))
    client.greet()
    with pytest.raises(AuthenticationFailed) as caught:
        client.authenticate("user", PASSWORD)
    problem = caught.value
    told = f"{problem} {problem!r} {problem.args} {problem.reply!r} {vars(problem)} {caplog.text}"
    for secret in (PASSWORD, ENCODED, PLAIN):
        assert secret not in told
