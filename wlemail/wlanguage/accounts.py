"""From WLanguage's values, or the members of a session variable, to an account. Imported when a session is opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import InvalidValue
from ..mail.account import Account, Security, TLSPolicy
from ..mail.settings import SessionTimeouts
from . import constants
from .secret_string import password_text, secret_name
from .session_variables import ServerSession, SessionVariable, emailIMAPSession, emailSMTPSession
from .settings import seconds_or_none
from .values import bool_value, int_value, text_value


def named_account(name: str, password: object, server: object, port: object, default_port: int, option: int) -> Account:
    """The account of a session that is named by its user."""
    return Account(
        name=name,
        host=_host(server),
        port=_port(port, default_port),
        security=_security(option),
        user=name,
        password=password_text("Password", password),
        secret=secret_name(password),
    )


def variable_account(variable: ServerSession) -> Account:
    """The account that the members of a session variable describe; InvalidValue names the member that is wrong."""
    return Account(
        name=alias(variable),
        host=_host(variable.ServerAddress),
        port=_port(variable.Port, _usual_port(variable)),
        security=_security(int_value("Option", variable.Option, constants.emailOptionDefault)),
        user=text_value("Name", variable.Name),
        password=password_text("Password", variable.Password),
        secret=secret_name(variable.Password),
        token=_token(variable.AuthToken),
        mechanism=text_value("AuthMechanism", variable.AuthMechanism).strip().upper(),
        chunking=not (
            isinstance(variable, emailSMTPSession) and bool_value("DisableChunking", variable.DisableChunking)
        ),
        pipelining=not bool_value("DisablePipelining", variable.DisablePipelining),
        compression=_compression(variable),
        tls=_tls_policy(variable),
        timeouts=_timeouts(variable),
    )


def _compression(variable: ServerSession) -> bool | None:
    """False: never. None: where it pays."""
    off = isinstance(variable, emailIMAPSession) and bool_value("DisableCompression", variable.DisableCompression)
    return False if off else None


def alias(variable: SessionVariable) -> str:
    """The name that a variable's session has in the table."""
    return text_value("SessionName", variable.SessionName) or text_value("Name", variable.Name)


def _host(server: object) -> str:
    host = text_value("ServerAddress", server).strip()
    if not host:
        raise InvalidValue("ServerAddress", "no server address is given")
    return host


def _usual_port(variable: ServerSession) -> int:
    if isinstance(variable, emailSMTPSession):
        return 25
    return 143 if isinstance(variable, emailIMAPSession) else 110


def _port(port: object, default: int) -> int:
    number = int_value("Port", port, default)
    if not 0 < number < 65536:
        raise InvalidValue("Port", "a port is a number from 1 to 65535", number)
    return number


_MEANINGS = {
    constants.emailOptionDefault: Security.CLEAR,
    constants.emailProtocolSMTPS: Security.STARTTLS,
    constants.optionTLS: Security.IMPLICIT,
    constants.emailOptionTLSIfAvailable: Security.STARTTLS_IF_OFFERED,
}


def _security(option: int) -> Security:
    """What an option asks for; the same values serve SMTP, POP3 and IMAP."""
    if option not in _MEANINGS:
        raise InvalidValue("Option", "unknown connection option", option)
    return _MEANINGS[option]


def _token(value: Any) -> Callable[[], str] | None:
    """What gives the access token when a session opens: the value itself, or the function that it is."""
    if value is None or value == "":
        return None
    if not callable(value):
        return lambda: password_text("AuthToken", value)

    def asked() -> str:
        token = password_text("AuthToken", value())
        if not token:
            raise InvalidValue("AuthToken", "the function gave no access token")
        return token

    return asked


def _tls_policy(variable: ServerSession) -> TLSPolicy:
    ignored = int_value("IgnoreError", variable.IgnoreError, 0)
    minimum, maximum = _tls_versions(text_value("TLSVersions", variable.TLSVersions))
    return TLSPolicy(
        ignore_issuer=bool(ignored & constants.emailSessionIgnoreInvalidCertificate),
        ignore_host=bool(ignored & constants.emailSessionIgnoreInvalidCertificateName),
        ignore_expiry=bool(ignored & constants.emailSessionIgnoreExpiredCertificate),
        minimum=minimum,
        maximum=maximum,
    )


def _tls_versions(text: str) -> tuple[str, str]:
    """The lowest and the highest version ("" for the newest) of "1.2" (that one), "1.2-" or "1.0-1.3"."""
    lowest, dash, highest = (part.strip() for part in (text or "1.2-").partition("-"))
    known = ("1.0", "1.1", "1.2", "1.3")
    highest = highest if dash else lowest
    if lowest not in known or (highest and highest not in known[known.index(lowest) :]):
        raise InvalidValue("TLSVersions", "expected one of 1.0, 1.1, 1.2, 1.3, or a range such as 1.2-1.3", text)
    return lowest, highest


def _timeouts(variable: SessionVariable) -> SessionTimeouts:
    return SessionTimeouts(
        own=seconds_or_none("TimeOut", variable.TimeOut),
        own_connect=seconds_or_none("ConnectTimeOut", variable.ConnectTimeOut),
        own_read=seconds_or_none("ReadTimeOut", variable.ReadTimeOut),
        own_write=seconds_or_none("WriteTimeOut", variable.WriteTimeOut),
    )
