"""IMAP of Dovecot and Cyrus below the face: ways to log in, certificates, compression, what is offered."""

from __future__ import annotations

import logging

import pytest

from tests.support.servers import Endpoint, Testbed
from wlemail.errors import AuthenticationFailed, CertificateRejected, StartTLSUnavailable
from wlemail.mail.account import Account, Security
from wlemail.mail.backends.imap import ImapIncoming
from wlemail.mail.opening import open_imap

from .test_pop3 import BAD, CHALLENGES, USERS, account

SERVERS = ("dovecot", "cyrus")
pytestmark = pytest.mark.live(*SERVERS)

PLAIN_ONES = ("PLAIN", "LOGIN")
#: those of POP3 but for its own one
MECHANISMS = (*PLAIN_ONES, *(name for name in CHALLENGES if name != "APOP"))
WAYS = {"clear": Security.CLEAR, "STARTTLS": Security.STARTTLS, "implicit TLS": Security.IMPLICIT}


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def door(testbed: Testbed, server: str, security: Security) -> Endpoint:
    return testbed.endpoint(server, "imaps" if security is Security.IMPLICIT else "imap")


def owner(testbed: Testbed, server: str, user: str, security: Security = Security.CLEAR, **more: object) -> Account:
    return account(door(testbed, server, security), user, testbed.users[user], security, **more)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("user", USERS)
def test_passwords_of_every_shape(testbed: Testbed, server: str, user: str, way: str) -> None:
    """A space, quotes and a backslash, not ASCII; by whatever way the client prefers."""
    client = open_imap(owner(testbed, server, user, WAYS[way]))
    assert client.stream.is_secure is (way != "clear")
    assert client.authenticated_by
    client.select("INBOX")
    client.logout()


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("user", USERS)
def test_each_way_to_log_in(testbed: Testbed, server: str, mechanism: str, user: str) -> None:
    client = open_imap(owner(testbed, server, user, Security.STARTTLS, mechanism=mechanism))
    assert client.authenticated_by == mechanism
    client.logout()


@pytest.mark.parametrize("mechanism", ["", "SCRAM-SHA-256", "PLAIN"])
def test_a_wrong_password_is_told_as_such(testbed: Testbed, server: str, mechanism: str) -> None:
    wrong = "not the s3cret"
    with pytest.raises(AuthenticationFailed) as caught:
        open_imap(account(door(testbed, server, Security.CLEAR), "bob", wrong, mechanism=mechanism))
    assert type(caught.value) is AuthenticationFailed
    assert wrong not in str(caught.value)


@pytest.mark.live("oauth")
@pytest.mark.parametrize("mechanism", ["", "XOAUTH2", "OAUTHBEARER"])
def test_access_tokens(testbed: Testbed, mechanism: str) -> None:
    endpoint = door(testbed, "dovecot", Security.IMPLICIT)
    good = account(endpoint, "alice", "", Security.IMPLICIT, token=lambda: testbed.tokens["alice"], mechanism=mechanism)
    client = open_imap(good)
    assert client.authenticated_by == (mechanism or "OAUTHBEARER")
    client.logout()
    bad = account(
        endpoint, "alice", "", Security.IMPLICIT, token=lambda: testbed.tokens["expired"], mechanism=mechanism
    )
    with pytest.raises(AuthenticationFailed) as caught:
        open_imap(bad)
    assert caught.value.detail


def test_what_the_servers_offer(testbed: Testbed, server: str) -> None:
    client = open_imap(owner(testbed, server, "alice"))
    needed = {
        "IMAP4REV1",
        "LITERAL+",
        "UIDPLUS",
        "MOVE",
        "IDLE",
        "NAMESPACE",
        "SPECIAL-USE",
        "LIST-EXTENDED",
        "ESEARCH",
    }
    assert needed | {"COMPRESS=DEFLATE", "CONDSTORE", "UNSELECT"} <= set(client.capabilities or ())
    client.logout()


@pytest.mark.parametrize("way", WAYS)
def test_compression(testbed: Testbed, server: str, way: str) -> None:
    """Asked for, it is used; a message of any octets comes through it as it is."""
    box = ImapIncoming(owner(testbed, server, "user17", WAYS[way], compression=True))
    content = b"Subject: octets\r\n\r\n" + bytes(range(1, 256)).replace(b"\r", b"").replace(b"\n", b"") * 400 + b"\r\n"
    uid = box.append(content, "INBOX")
    assert type(box.client.stream).__name__ == "DeflatedStream"
    assert uid is not None
    assert box.fetch(uid) == content
    box.delete(uid)
    box.expunge()
    box.close()


@pytest.mark.parametrize("way", ["STARTTLS", "implicit TLS"])
@pytest.mark.parametrize("bad", BAD)
def test_bad_certificates(testbed: Testbed, bad: str, way: str) -> None:
    endpoint = testbed.bad_certificate("dovecot", "imaps" if way == "implicit TLS" else "imap", bad)
    check, ignoring = BAD[bad]
    with pytest.raises(CertificateRejected) as caught:
        open_imap(account(endpoint, "alice", testbed.users["alice"], WAYS[way]))
    assert caught.value.check == check
    client = open_imap(account(endpoint, "alice", testbed.users["alice"], WAYS[way], tls=ignoring))
    client.logout()


def test_starttls_on_the_port_of_tls_alone(testbed: Testbed, server: str) -> None:
    """Inside TLS there is nothing left to start: asked for, it fails and says nothing more."""
    client = open_imap(owner(testbed, server, "alice", Security.IMPLICIT))
    with pytest.raises(StartTLSUnavailable):
        client.start_tls()
    client.close()


def test_the_dialogue_is_logged_without_secrets(
    testbed: Testbed, server: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="wlemail")
    for mechanism in ("", *MECHANISMS):
        box = ImapIncoming(owner(testbed, server, "carol", mechanism=mechanism))
        box.count()
        box.close()
    assert "SELECT" in caplog.text or "EXAMINE" in caplog.text
    assert testbed.users["carol"] not in caplog.text
