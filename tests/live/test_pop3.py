"""POP3 of Dovecot and Cyrus below the face: every way to log in, certificates, what the servers offer."""

from __future__ import annotations

import logging

import pytest

from tests.support.servers import Endpoint, Testbed
from wlemail.errors import AuthenticationFailed, CertificateRejected, StartTLSUnavailable
from wlemail.mail.account import Account, Security, TLSPolicy
from wlemail.mail.backends.pop3 import Pop3Incoming
from wlemail.mail.opening import open_pop3
from wlemail.mail.settings import SessionTimeouts

SERVERS = ("dovecot", "cyrus")
pytestmark = pytest.mark.live(*SERVERS)

USERS = ("alice", "bob", "carol", "dave")
PLAIN_ONES = ("", "PLAIN", "LOGIN", "USER")
CHALLENGES = ("SCRAM-SHA-256", "SCRAM-SHA-1", "DIGEST-MD5", "CRAM-MD5", "APOP")
WAYS = {"clear": Security.CLEAR, "STLS": Security.STARTTLS, "implicit TLS": Security.IMPLICIT}


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def account(
    endpoint: Endpoint, user: str, password: str, security: Security = Security.CLEAR, **more: object
) -> Account:
    return Account(
        user,
        endpoint.host,
        endpoint.port,
        security,
        user,
        password,
        timeouts=SessionTimeouts(own=20),
        **more,  # type: ignore[arg-type]
    )


def door(testbed: Testbed, server: str, security: Security) -> Endpoint:
    # The certificate is made out to localhost and 127.0.0.1.
    return testbed.endpoint(server, "pop3s" if security is Security.IMPLICIT else "pop3")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("user", USERS)
def test_passwords_of_every_shape(testbed: Testbed, server: str, user: str, way: str) -> None:
    """A space, quotes and a backslash, not ASCII; by whatever way the client prefers."""
    wanted = account(door(testbed, server, WAYS[way]), user, testbed.users[user], WAYS[way])
    client = open_pop3(wanted)
    assert client.stream.is_secure is (way != "clear")
    assert client.authenticated_by
    client.listing()
    assert client.quit()


@pytest.mark.parametrize("mechanism", [name for name in PLAIN_ONES + CHALLENGES if name])
@pytest.mark.parametrize("user", USERS)
def test_each_way_to_log_in(testbed: Testbed, server: str, mechanism: str, user: str) -> None:
    wanted = account(door(testbed, server, Security.STARTTLS), user, testbed.users[user], mechanism=mechanism)
    client = open_pop3(wanted)
    assert client.authenticated_by == mechanism
    assert client.quit()


@pytest.mark.parametrize("mechanism", ["", "SCRAM-SHA-256", "APOP"])
def test_a_wrong_password_is_told_as_such(testbed: Testbed, server: str, mechanism: str) -> None:
    wrong = "not the s3cret"
    with pytest.raises(AuthenticationFailed) as caught:
        open_pop3(account(door(testbed, server, Security.CLEAR), "bob", wrong, mechanism=mechanism))
    assert type(caught.value) is AuthenticationFailed
    assert "[AUTH]" in str(caught.value.reply)
    assert wrong not in str(caught.value)


@pytest.mark.live("oauth")
@pytest.mark.parametrize("mechanism", ["", "XOAUTH2", "OAUTHBEARER"])
def test_access_tokens(testbed: Testbed, mechanism: str) -> None:
    endpoint = door(testbed, "dovecot", Security.IMPLICIT)
    good = account(endpoint, "alice", "", Security.IMPLICIT, token=lambda: testbed.tokens["alice"], mechanism=mechanism)
    client = open_pop3(good)
    assert client.authenticated_by == (mechanism or "OAUTHBEARER")
    assert client.quit()
    bad = account(
        endpoint, "alice", "", Security.IMPLICIT, token=lambda: testbed.tokens["expired"], mechanism=mechanism
    )
    with pytest.raises(AuthenticationFailed) as caught:
        open_pop3(bad)
    assert caught.value.detail


def test_what_the_servers_offer(testbed: Testbed, server: str) -> None:
    client = open_pop3(account(door(testbed, server, Security.CLEAR), "alice", testbed.users["alice"]))
    assert client.can_ask_ahead()
    assert {"TOP", "UIDL", "PIPELINING"} <= (client.capabilities or {}).keys()
    assert client.quit()


BAD = {
    "expired": ("expired", TLSPolicy(ignore_expiry=True)),
    "wronghost": ("host", TLSPolicy(ignore_host=True)),
    "selfsigned": ("self-signed", TLSPolicy(ignore_issuer=True)),
}


@pytest.mark.parametrize("way", ["STLS", "implicit TLS"])
@pytest.mark.parametrize("bad", BAD)
def test_bad_certificates(testbed: Testbed, bad: str, way: str) -> None:
    service = "pop3s" if way == "implicit TLS" else "pop3"
    endpoint = testbed.bad_certificate("dovecot", service, bad)
    check, ignoring = BAD[bad]
    with pytest.raises(CertificateRejected) as caught:
        open_pop3(account(endpoint, "alice", testbed.users["alice"], WAYS[way]))
    assert caught.value.check == check
    assert caught.value.issuer
    client = open_pop3(account(endpoint, "alice", testbed.users["alice"], WAYS[way], tls=ignoring))
    assert client.quit()
    others = TLSPolicy(
        ignore_issuer=bad != "selfsigned", ignore_host=bad != "wronghost", ignore_expiry=bad != "expired"
    )
    with pytest.raises(CertificateRejected):
        open_pop3(account(endpoint, "alice", testbed.users["alice"], WAYS[way], tls=others))


def test_stls_on_the_port_of_tls_alone(testbed: Testbed, server: str) -> None:
    """Inside TLS there is nothing left to start: asked for, it fails and says nothing more."""
    endpoint = door(testbed, server, Security.IMPLICIT)
    client = open_pop3(account(endpoint, "alice", testbed.users["alice"], Security.IMPLICIT))
    with pytest.raises(StartTLSUnavailable):
        client.start_tls()
    client.close()


def test_the_dialogue_is_logged_without_secrets(
    testbed: Testbed, server: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="wlemail")
    for mechanism in PLAIN_ONES + CHALLENGES:
        wanted = account(door(testbed, server, Security.CLEAR), "carol", testbed.users["carol"], mechanism=mechanism)
        box = Pop3Incoming(wanted)
        box.count()
        box.close()
    assert "C: LIST" in caplog.text
    assert testbed.users["carol"] not in caplog.text
