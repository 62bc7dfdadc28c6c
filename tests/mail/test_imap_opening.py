"""The way into an IMAP account: TLS by policy, the login, and what makes the connection fit for use."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.support.scripted import ScriptedStream
from wlemail.errors import (
    AuthenticationFailed,
    MailboxLocked,
    MechanismUnavailable,
    SessionRefused,
    StartTLSUnavailable,
)
from wlemail.imap.client import Client
from wlemail.mail import opening
from wlemail.mail.account import Account, Security
from wlemail.mail.opening import open_imap

ACCOUNT = Account("lea", "mail.example.com", 143, user="lea", password="secret")
PLAIN = "AGxlYQBzZWNyZXQ="


class Wire:
    def __init__(self, monkeypatch: pytest.MonkeyPatch, dialogue: str, *, loopback: bool) -> None:
        self.stream = ScriptedStream(dialogue, port=143, is_loopback=loopback)
        monkeypatch.setattr(opening, "dial", lambda *given: self.stream)


def opened(
    monkeypatch: pytest.MonkeyPatch, dialogue: str, *, loopback: bool = True, **changes: Any
) -> tuple[Client, ScriptedStream]:
    wire = Wire(monkeypatch, dialogue, loopback=loopback)
    account = dataclasses.replace(ACCOUNT, **changes)
    client = open_imap(account)
    assert wire.stream.done()
    return client, wire.stream


def test_login(monkeypatch: pytest.MonkeyPatch) -> None:
    client, _ = opened(
        monkeypatch,
        "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hi\n"
        f"C: W1 AUTHENTICATE PLAIN {PLAIN}\nS: W1 OK [CAPABILITY IMAP4rev1] in",
    )
    assert client.authenticated_by == "PLAIN"


def test_login_where_there_is_no_mechanism(monkeypatch: pytest.MonkeyPatch) -> None:
    client, _ = opened(
        monkeypatch,
        "S: * OK hi\nC: W1 CAPABILITY\nS: * CAPABILITY IMAP4rev1\nS: W1 OK\n"
        'C: W2 LOGIN "lea" "secret"\nS: W2 OK [CAPABILITY IMAP4rev1] in',
    )
    assert client.authenticated_by == "LOGIN"


def test_starttls_comes_before_the_login(monkeypatch: pytest.MonkeyPatch) -> None:
    opened(
        monkeypatch,
        "S: * OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] hi\nC: W1 STARTTLS\nS: W1 OK\n-- TLS\n"
        "C: W2 CAPABILITY\nS: * CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\nS: W2 OK\n"
        f"C: W3 AUTHENTICATE PLAIN {PLAIN}\nS: W3 OK [CAPABILITY IMAP4rev1] in",
        security=Security.STARTTLS,
    )


def test_starttls_that_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StartTLSUnavailable):
        opened(monkeypatch, "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi", security=Security.STARTTLS)


def test_preauth_needs_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    client, _ = opened(monkeypatch, "S: * PREAUTH [CAPABILITY IMAP4rev1] hi lea")
    assert client.authenticated_by == "PREAUTH"


def test_preauth_keeps_nobody_from_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 9051 7.1.4: who sits on the line could say PREAUTH, behind which there is no STARTTLS."""
    with pytest.raises(StartTLSUnavailable):
        opened(monkeypatch, "S: * PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] hi", security=Security.STARTTLS)


def test_preauth_where_tls_is_only_wished_for(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    opened(monkeypatch, "S: * PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] hi", security=Security.STARTTLS_IF_OFFERED)
    assert "not encrypted" in caplog.text


def test_logindisabled(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MechanismUnavailable):
        opened(monkeypatch, "S: * OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] hi")


def test_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(
        monkeypatch,
        "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hi\n"
        f"C: W1 AUTHENTICATE PLAIN {PLAIN}\nS: W1 NO [AUTHENTICATIONFAILED] {PLAIN} is wrong",
        loopback=True,
    )
    with pytest.raises(AuthenticationFailed) as caught:
        open_imap(ACCOUNT)
    assert "secret" not in str(caught.value)
    assert PLAIN not in str(caught.value)
    assert wire.stream.closed


@pytest.mark.parametrize(
    ("code", "kind"),
    [("INUSE", MailboxLocked), ("UNAVAILABLE", SessionRefused), ("EXPIRED", AuthenticationFailed)],
)
def test_why_nobody_is_let_in(monkeypatch: pytest.MonkeyPatch, code: str, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        opened(
            monkeypatch,
            f'S: * OK [CAPABILITY IMAP4rev1] hi\nC: W1 LOGIN "lea" "secret"\nS: W1 NO [{code}] no',
        )


def test_an_access_token(monkeypatch: pytest.MonkeyPatch) -> None:
    client, stream = opened(
        monkeypatch,
        "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR] hi\nC* 70\nS: W1 OK [CAPABILITY IMAP4rev1] in",
        token=lambda: "ya29.token",
    )
    assert client.authenticated_by == "XOAUTH2"
    assert b"W1 AUTHENTICATE XOAUTH2 " in stream.written


def test_clear_text_over_a_line_that_others_may_hear(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    opened(
        monkeypatch,
        'S: * OK [CAPABILITY IMAP4rev1] hi\nC: W1 LOGIN "lea" "secret"\nS: W1 OK [CAPABILITY IMAP4rev1] in',
        loopback=False,
    )
    assert "without encryption" in caplog.text


def test_a_server_of_utf8_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    client, _ = opened(
        monkeypatch,
        "S: * PREAUTH [CAPABILITY IMAP4rev1 ENABLE UTF8=ONLY] hi\n"
        "C: W1 ENABLE UTF8=ACCEPT\nS: * ENABLED UTF8=ACCEPT\nS: W1 OK",
    )
    assert client.takes_utf8


def test_a_server_of_the_second_revision_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    client, _ = opened(
        monkeypatch,
        "S: * PREAUTH [CAPABILITY IMAP4rev2] hi\nC: W1 ENABLE IMAP4REV2\nS: * ENABLED IMAP4rev2\nS: W1 OK",
    )
    assert client.enabled == {"IMAP4REV2"}


@pytest.mark.parametrize(
    ("loopback", "wanted", "compressed"),
    [(True, None, False), (False, None, True), (True, True, True), (False, False, False)],
)
def test_a_line_that_may_be_slow_is_compressed(
    monkeypatch: pytest.MonkeyPatch, loopback: bool, wanted: bool | None, compressed: bool
) -> None:
    asked = "C: W1 COMPRESS DEFLATE\nS: W1 NO not now" if compressed else ""
    opened(
        monkeypatch,
        f"S: * PREAUTH [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE] hi\n{asked}",
        loopback=loopback,
        compression=wanted,
    )


def test_who_we_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """NetEase: "Unsafe Login" for programs that send no ID."""
    opened(
        monkeypatch,
        'S: * PREAUTH [CAPABILITY IMAP4rev1 ID] hi\nC: W1 ID ("name" "wlemail")\nS: * ID NIL\nS: W1 OK',
    )


def test_what_the_server_wants_people_to_read(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """RFC 3501 7.1: an alert has to be shown; a password that it repeats has not."""
    opened(
        monkeypatch,
        'S: * OK [CAPABILITY IMAP4rev1] hi\nC: W1 LOGIN "lea" "secret"\nS: * NO [ALERT] secret: 95% of your quota\n'
        "S: W1 OK [CAPABILITY IMAP4rev1] in",
    )
    assert "mail.example.com:143 says: ********: 95% of your quota" in caplog.text
