"""Opening a session, step by step: dial, TLS by policy, greeting, capabilities, STARTTLS, authentication.

Which step follows which is the same for every protocol; each protocol's client knows its own words.
"""

from __future__ import annotations

import logging

from ..errors import AuthenticationFailed, CertificateRejected, MailError, StartTLSUnavailable
from ..sasl.choice import is_clear_text
from ..smtp.client import Client as SmtpClient
from ..smtp.commands import address_literal
from ..transport.certificates import issuer_name
from ..transport.problems import ISSUER_CHECKS
from ..transport.tcp import SocketStream, dial
from ..transport.tls import TLSPolicy, client_context, unverified_context
from .account import Account, Security

_log = logging.getLogger("wlemail")


def open_smtp(account: Account) -> SmtpClient:
    """A client that is connected, secured and (where a password is given) authenticated."""
    try:
        return _open_smtp(account, account.tls)
    except CertificateRejected as problem:
        # The library that refused a certificate does not show it: look at it once more, for the issuer's name.
        shown = _look_at_certificate(account)
        problem.issuer = issuer_name(shown)
        if not (shown and account.tls.ignore_issuer and problem.check in ISSUER_CHECKS):
            raise
    # Host name and dates stay in force: only this one certificate counts as signed by somebody we know.
    return _open_smtp(account, account.tls.trusting(shown))


def _open_smtp(account: Account, policy: TLSPolicy) -> SmtpClient:
    stream = _stream(account, policy)
    client = SmtpClient(
        stream,
        local_name=address_literal(stream.local_address),
        pipelining=account.pipelining,
        chunking=account.chunking,
    )
    ready = False
    try:
        _secure_smtp(client, account)
        _authenticate_smtp(client, account)
        ready = True
        return client
    finally:
        if not ready:
            client.close()


def _stream(account: Account, policy: TLSPolicy, *, verify: bool = True) -> SocketStream:
    return dial(account.host, account.port, account.timeouts, policy, client_context if verify else unverified_context)


def _secure_smtp(client: SmtpClient, account: Account) -> None:
    """Up to the EHLO inside TLS, or the only EHLO where there is none."""
    if account.security is Security.IMPLICIT:
        client.stream.start_tls()
    client.greet()
    client.hello()
    if account.security is Security.STARTTLS_IF_OFFERED and "STARTTLS" not in client.extensions:
        _log.warning("%s:%d offers no STARTTLS: the session is not encrypted", account.host, account.port)
    elif account.security in (Security.STARTTLS, Security.STARTTLS_IF_OFFERED):
        if "STARTTLS" not in client.extensions:
            raise StartTLSUnavailable(
                f"{account.host}:{account.port} does not offer STARTTLS", host=account.host, port=account.port
            )
        client.start_tls()
        client.hello()


def _authenticate_smtp(client: SmtpClient, account: Account) -> None:
    """decisions 13: no password, no AUTH; what to do when the server will not or cannot."""
    token = account.token() if account.token else None
    if not account.password and token is None:
        return
    insists = bool(account.mechanism or token is not None)
    if not client.mechanisms and not insists:
        _log.warning(
            "%s:%d offers no authentication: the session of %s is open without it",
            account.host, account.port, account.user,
        )  # fmt: skip
        return
    try:
        used = client.authenticate(account.user, account.password, mechanism=account.mechanism, token=token)
    except AuthenticationFailed as problem:
        if insists or {"LOGIN", "PLAIN"} & set(client.mechanisms):
            raise
        # WLanguage's documented rule (3032025): a server without LOGIN and PLAIN is used without authentication.
        _log.warning(
            "%s:%d refused %s (%s) and offers neither LOGIN nor PLAIN: the session is open without authentication",
            account.host, account.port, problem.mechanism, problem.reply,
        )  # fmt: skip
        return
    if is_clear_text(used) and not client.stream.is_secure and not client.stream.is_loopback:
        _log.warning(
            "the password of %s went to %s:%d without encryption (STARTTLS or TLS would protect it)",
            account.user, account.host, account.port,
        )  # fmt: skip


def _look_at_certificate(account: Account) -> bytes:
    """The certificate that the server shows; the connection is closed before anything else is said."""
    try:
        stream = _stream(account, account.tls, verify=False)
        try:
            if account.security is Security.IMPLICIT:
                stream.start_tls()
            else:
                client = SmtpClient(stream)
                client.greet()
                client.hello()
                client.start_tls()
            return stream.certificate
        finally:
            stream.close()
    except MailError:
        return b""
