"""Bad certificates of Postfix (OpenSSL) and Exim (GnuTLS): each error alone, and each IgnoreError for its own alone."""

from __future__ import annotations

import pytest

import wlemail
from tests.support.servers import Endpoint, Testbed
from wlemail import (
    EmailCloseSession,
    EmailListSession,
    EmailSendMessage,
    EmailStartSession,
    ErrorInfo,
    ErrorOccurred,
    emailSMTPSession,
)

from .letters import SECURITY, SERVERS, details, letter, start

pytestmark = [pytest.mark.live("postfix", "exim", "dovecot"), pytest.mark.usefixtures("face", "english")]

EXPIRY = wlemail.emailSessionIgnoreExpiredCertificate
NAME = wlemail.emailSessionIgnoreInvalidCertificateName
ISSUER = wlemail.emailSessionIgnoreInvalidCertificate
#: what is wrong -> the matching IgnoreError, and what the error must name
BAD = {"expired": (EXPIRY, "expired"), "wronghost": (NAME, "127.0.0.3"), "selfsigned": (ISSUER, "self-signed")}
SECURED = {name: values for name, values in SECURITY.items() if name != "clear"}


@pytest.fixture
def english() -> None:
    wlemail.EmailErrorLanguage("en")


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> str:
    return request.param


def session(endpoint: Endpoint, testbed: Testbed, option: int, ignored: int) -> emailSMTPSession:
    variable = emailSMTPSession()
    variable.ServerAddress, variable.Port, variable.Option = endpoint.host, endpoint.port, option
    variable.Name, variable.Password = "bob", testbed.users["bob"]
    variable.IgnoreError = ignored
    return variable


@pytest.mark.parametrize("security", SECURED)
@pytest.mark.parametrize("bad", BAD)
def test_bad_certificate_is_refused_and_the_check_named(testbed: Testbed, server: str, bad: str, security: str) -> None:
    service, option = SECURED[security]
    endpoint = testbed.bad_certificate(server, service, bad)
    assert start(endpoint, "bob", testbed.users["bob"], option) is False
    assert ErrorOccurred
    assert BAD[bad][1] in ErrorInfo()
    assert endpoint.host in details()
    issuer = "localhost" if bad == "selfsigned" else "Testbed CA"
    assert issuer in details()
    assert list(EmailListSession()) == []


@pytest.mark.parametrize("security", SECURED)
@pytest.mark.parametrize("bad", BAD)
def test_matching_ignore_error_opens_the_session(
    testbed: Testbed, token: str, server: str, bad: str, security: str
) -> None:
    service, option = SECURED[security]
    variable = session(testbed.bad_certificate(server, service, bad), testbed, option, BAD[bad][0])
    assert EmailStartSession(variable) is True, ErrorInfo()
    assert not ErrorOccurred
    assert EmailSendMessage(variable, letter(testbed, token)) is True, ErrorInfo()
    EmailCloseSession(variable)
    testbed.mailbox("alice").wait_for(token)


@pytest.mark.parametrize("security", SECURED)
@pytest.mark.parametrize("bad", BAD)
def test_each_ignore_error_leaves_the_other_checks_in_force(
    testbed: Testbed, server: str, bad: str, security: str
) -> None:
    service, option = SECURED[security]
    others = sum({EXPIRY, NAME, ISSUER} - {BAD[bad][0]})
    variable = session(testbed.bad_certificate(server, service, bad), testbed, option, others)
    assert EmailStartSession(variable) is False
    assert ErrorOccurred
    assert BAD[bad][1] in ErrorInfo()


def test_starttls_is_not_replaced_by_clear_text(testbed: Testbed) -> None:
    """smtp-sink offers no STARTTLS."""
    endpoint = testbed.endpoint("sink", "smtp")
    assert start(endpoint, "bob", "secret", wlemail.emailProtocolSMTPS) is False
    assert ErrorOccurred
    assert "STARTTLS" in ErrorInfo()


@pytest.mark.parametrize(("service", "option"), [("smtps", "STARTTLS"), ("submission", "implicit TLS")])
def test_tls_and_port_do_not_fit(testbed: Testbed, server: str, service: str, option: str) -> None:
    """The commonest mistake of all: 465 with STARTTLS waits for a greeting, 587 with TLS gets one in clear."""
    wlemail.EmailSetTimeOut(1)
    assert start(testbed.endpoint(server, service), "bob", "secret", SECURED[option][1]) is False
    assert ErrorOccurred
    assert ErrorInfo() != ""
