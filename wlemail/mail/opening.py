"""Opening a session, step by step: dial, TLS by policy, greeting, capabilities, STARTTLS, authentication.

Which step follows which is the same for every protocol; each protocol's client knows its own words.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol, TypeVar

from ..errors import AuthenticationFailed, CertificateRejected, MailError
from ..imap.client import Client as ImapClient
from ..pop3.client import Client as Pop3Client
from ..sasl.choice import is_clear_text
from ..smtp.chained_client import ChainedClient
from ..smtp.client import Client as SmtpClient
from ..smtp.commands import address_literal
from ..transport.certificates import issuer_name
from ..transport.problems import ISSUER_CHECKS
from ..transport.tcp import SocketStream, dial
from ..transport.tls import TLSPolicy, client_context, unverified_context
from ..wire.stream import Stream
from .account import Account, Security

_log = logging.getLogger("wlemail")


class _Client(Protocol):
    """What the clients of all protocols can do before there is a session."""

    @property
    def stream(self) -> Stream: ...
    @property
    def offers_start_tls(self) -> bool: ...
    def greet(self) -> None: ...
    def hello(self) -> None:
        """Learn what the server offers."""

    def start_tls(self) -> None: ...
    def authenticate(self, user: str, password: str = "", *, mechanism: str = "", token: str | None = None) -> str: ...
    def close(self) -> None: ...


C = TypeVar("C", bound=_Client)
S = TypeVar("S", bound=SmtpClient)
_Maker = Callable[[SocketStream, Account], C]
_LogIn = Callable[[C, Account], None]


def open_smtp(account: Account) -> SmtpClient:
    """A client that is connected, secured and (where a password is given) authenticated."""
    return _open(account, _makes(SmtpClient), _authenticate_smtp)


def open_chained(account: Account) -> ChainedClient:
    """The same for one that sends message behind message."""
    return _open(account, _makes(ChainedClient), _authenticate_smtp)


def open_pop3(account: Account, *, utf8: bool = False) -> Pop3Client:
    """A client that is connected, secured and in its mailbox; `utf8`: with UTF8 (RFC 6856) where the server has it."""
    return _open(account, _pop3_client, _authenticate_pop3_utf8 if utf8 else _authenticate_pop3)


def open_imap(account: Account) -> ImapClient:
    """A client that is connected, secured and logged in; no mailbox is selected."""
    return _open(account, _imap_client, _authenticate_imap)


# -- the same for every protocol ------------------------------------------------------------------------


def _open(account: Account, make: _Maker[C], log_in: _LogIn[C]) -> C:
    try:
        return _open_once(account, account.tls, make, log_in)
    except CertificateRejected as problem:
        # The library that refused a certificate does not show it: look at it once more, for the issuer's name.
        shown = _look_at_certificate(account, make)
        problem.issuer = issuer_name(shown)
        if not (shown and account.tls.ignore_issuer and problem.check in ISSUER_CHECKS):
            raise
    # Host name and dates stay in force: only this one certificate counts as signed by somebody we know.
    return _open_once(account, account.tls.trusting(shown), make, log_in)


def _open_once(account: Account, policy: TLSPolicy, make: _Maker[C], log_in: _LogIn[C]) -> C:
    client = make(_stream(account, policy), account)
    ready = False
    try:
        _secure(client, account)
        log_in(client, account)
        ready = True
        return client
    except AuthenticationFailed as problem:
        # Over IMAP and POP3 the great providers say no more than "failed": who they are tells what helps.
        problem.host = account.host
        raise
    finally:
        if not ready:
            client.close()


def _stream(account: Account, policy: TLSPolicy, *, verify: bool = True) -> SocketStream:
    return dial(account.host, account.port, account.timeouts, policy, client_context if verify else unverified_context)


def _secure(client: _Client, account: Account) -> None:
    """Up to the capabilities inside TLS, or the only ones where there is none."""
    if account.security is Security.IMPLICIT:
        client.stream.start_tls()
    client.greet()
    client.hello()
    if account.security is Security.STARTTLS_IF_OFFERED and not client.offers_start_tls:
        _log.warning("%s:%d offers no STARTTLS: the session is not encrypted", account.host, account.port)
    elif account.security in (Security.STARTTLS, Security.STARTTLS_IF_OFFERED):
        client.start_tls()
        client.hello()


def _look_at_certificate(account: Account, make: _Maker[C]) -> bytes:
    """The certificate that the server shows; the connection is closed before anything else is said."""
    try:
        stream = _stream(account, account.tls, verify=False)
        try:
            if account.security is Security.IMPLICIT:
                stream.start_tls()
            else:
                client = make(stream, account)
                client.greet()
                client.hello()
                client.start_tls()
            return stream.certificate
        finally:
            stream.close()
    except MailError:
        return b""


def _warn_of_clear_text(client: _Client, account: Account) -> None:
    if not client.stream.is_secure and not client.stream.is_loopback:
        _log.warning(
            "the password of %s went to %s:%d without encryption (STARTTLS or TLS would protect it)",
            account.user, account.host, account.port,
        )  # fmt: skip


# -- SMTP -------------------------------------------------------------------------------------------------


def _makes(kind: type[S]) -> _Maker[S]:
    def make(stream: SocketStream, account: Account) -> S:
        return kind(
            stream,
            local_name=address_literal(stream.local_address),
            pipelining=account.pipelining,
            chunking=account.chunking,
        )

    return make


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
        if account.authentication_optional:
            _log.warning(
                "%s:%d refused %s (%s): the session is open without authentication",
                account.host, account.port, problem.mechanism, problem.reply,
            )  # fmt: skip
            return
        if insists or {"LOGIN", "PLAIN"} & set(client.mechanisms):
            raise
        # WLanguage's documented rule (3032025): a server without LOGIN and PLAIN is used without authentication.
        _log.warning(
            "%s:%d refused %s (%s) and offers neither LOGIN nor PLAIN: the session is open without authentication",
            account.host, account.port, problem.mechanism, problem.reply,
        )  # fmt: skip
        return
    if is_clear_text(used):
        _warn_of_clear_text(client, account)


# -- POP3 -------------------------------------------------------------------------------------------------


def _pop3_client(stream: SocketStream, account: Account) -> Pop3Client:
    return Pop3Client(stream, pipelining=account.pipelining)


def _authenticate_pop3(client: Pop3Client, account: Account) -> None:
    """A mailbox has no other entrance: whatever refuses the user ends the opening."""
    token = account.token() if account.token else None
    used = client.authenticate(account.user, account.password, mechanism=account.mechanism, token=token)
    if used == "USER" or is_clear_text(used):
        _warn_of_clear_text(client, account)


def _authenticate_pop3_utf8(client: Pop3Client, account: Account) -> None:
    client.use_utf8()
    _authenticate_pop3(client, account)


# -- IMAP -------------------------------------------------------------------------------------------------


def _imap_client(stream: SocketStream, account: Account) -> ImapClient:
    client = ImapClient(stream)
    client.on_alert(lambda text: _log.warning("%s:%d says: %s", account.host, account.port, text))
    return client


def _authenticate_imap(client: ImapClient, account: Account) -> None:
    """Log in, unless the server knows who comes (PREAUTH); then what makes the connection fit for use."""
    token = account.token() if account.token else None
    used = client.authenticate(account.user, account.password, mechanism=account.mechanism, token=token)
    if used != "PREAUTH" and (used == "LOGIN" or is_clear_text(used)):
        _warn_of_clear_text(client, account)
    offered = client.capabilities or frozenset()
    if "UTF8=ONLY" in offered:
        client.enable("UTF8=ACCEPT")  # RFC 6855 6: such a server takes nothing else
    if "IMAP4REV2" in offered and "IMAP4REV1" not in offered:
        client.enable("IMAP4REV2")  # names of mailboxes are UTF-8 there, and we have to know
    if account.compression or (account.compression is None and not client.stream.is_loopback):
        client.compress()
    # QUIRK: NetEase opens no mailbox for programs that do not say who they are.
    client.identify({"name": "wlemail"})
