"""Foreign exceptions into MailErrors, once, where their meaning is known."""

from __future__ import annotations

import errno
import socket
import ssl

from ..errors import (
    Broken,
    CertificateRejected,
    ConnectionLost,
    ConnectionRefused,
    HostUnreachable,
    TimedOut,
    TLSFailed,
)

_UNREACHABLE = {
    getattr(errno, name)
    for name in "ENETUNREACH EHOSTUNREACH ENETDOWN EHOSTDOWN EADDRNOTAVAIL EACCES EPERM WSAEACCES".split()
    if hasattr(errno, name)
}

# OpenSSL's X509_V_ERR_* numbers (x509_vfy.h): Python gives the number, not a name.
_CHECKS = {
    9: "not yet valid",
    10: "expired",
    18: "self-signed",
    19: "issuer",
    20: "issuer",
    21: "issuer",
    23: "revoked",
    62: "host",
    64: "host",
}

#: failed checks that only say that nobody we trust signed the certificate
ISSUER_CHECKS = ("issuer", "self-signed")


def connect_problem(problem: OSError, host: str, port: int, seconds: float) -> Broken:
    """What a failed connect() means."""
    number = problem.errno or 0
    if isinstance(problem, ConnectionRefusedError):
        return ConnectionRefused(f"{host}:{port} refused the connection", host=host, port=port, errno=number)
    if isinstance(problem, TimeoutError):
        return TimedOut("connect", seconds, host=host, port=port)
    if number in _UNREACHABLE:
        return HostUnreachable(f"no way to {host}:{port}: {problem.strerror}", host=host, port=port, errno=number)
    return lost(problem, host, port, "connect")


def lost(problem: OSError, host: str, port: int, during: str) -> Broken:
    """What an error on an open connection means: it is gone."""
    if isinstance(problem, ssl.SSLError) and not isinstance(problem, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return TLSFailed(f"TLS with {host}:{port} failed: {_reason(problem)}", host=host, port=port)
    return ConnectionLost(
        f"the connection to {host}:{port} is lost ({problem.strerror or problem})",
        host=host,
        port=port,
        errno=problem.errno or 0,
        during=during,
    )


def handshake_problem(problem: OSError, host: str, port: int) -> Broken:
    """What a failed TLS handshake means."""
    if isinstance(problem, ssl.SSLCertVerificationError):
        check = _CHECKS.get(problem.verify_code, "invalid")
        return CertificateRejected(check, problem.verify_message or str(problem), host=host, port=port)
    if isinstance(problem, (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError)):
        return ConnectionLost(
            f"{host}:{port} closed the connection during the TLS handshake", host=host, port=port, during="tls"
        )
    if isinstance(problem, ssl.SSLError):
        return TLSFailed(f"TLS with {host}:{port} failed: {_reason(problem)}", host=host, port=port)
    return lost(problem, host, port, "tls")


def _reason(problem: ssl.SSLError) -> str:
    # "WRONG_VERSION_NUMBER" is what people search for; the file and line of OpenSSL's source are noise.
    return (problem.reason or str(problem)).replace("_", " ").lower()


def is_timeout(problem: OSError) -> bool:
    """Whether a wait ended for nothing: by Python's limit, or (the call "would block" no longer) by the system's."""
    return isinstance(problem, (TimeoutError, BlockingIOError, socket.timeout))
