"""TLS contexts by policy: which checks of a certificate are in force, which versions are allowed.

A policy never turns all checks off. Leaving out one check leaves the others alone: the expiry by an OpenSSL flag,
the name by Python's switch, the issuer by trusting just the one certificate that the server was seen to show.
"""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass, replace

# OpenSSL flags (x509_vfy.h) that Python's ssl has no name for in 3.10.
_NO_CHECK_TIME = 0x200000
_PARTIAL_CHAIN = 0x80000

_VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}


@dataclass(frozen=True)
class TLSPolicy:
    """What is asked of a server's certificate and of the TLS version ("1.0" … "1.3")."""

    ignore_issuer: bool = False
    ignore_host: bool = False
    ignore_expiry: bool = False
    minimum: str = "1.2"
    maximum: str = ""
    #: DER of the one certificate to trust as if an authority had signed it
    pinned: bytes | None = None

    def trusting(self, certificate: bytes) -> TLSPolicy:
        return replace(self, pinned=certificate)


#: contexts are dear (the trust store takes 10-30 ms to load) and safe to share between threads
_contexts: dict[tuple[object, ...], ssl.SSLContext] = {}


def client_context(policy: TLSPolicy) -> ssl.SSLContext:
    """The context for a policy; the trust store is the system's (also SSL_CERT_FILE, SSL_CERT_DIR), else certifi's."""
    key = (policy, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    context = _contexts.get(key)
    if context is None:
        context = _make_context(policy)
        if policy.pinned is None:
            _contexts[key] = context
    return context


def _make_context(policy: TLSPolicy) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _set_versions(context, policy)
    if policy.pinned is not None:
        context.load_verify_locations(cadata=policy.pinned)
        context.verify_flags |= ssl.VerifyFlags(_PARTIAL_CHAIN)
    else:
        _load_trust(context)
    if policy.ignore_host:
        context.check_hostname = False
    if policy.ignore_expiry:
        context.verify_flags |= ssl.VerifyFlags(_NO_CHECK_TIME)
    return context


def unverified_context(policy: TLSPolicy) -> ssl.SSLContext:
    """For looking at a certificate that was refused: nothing but the handshake may pass over such a connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _set_versions(context, policy)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _set_versions(context: ssl.SSLContext, policy: TLSPolicy) -> None:
    minimum = _VERSIONS[policy.minimum]
    if minimum < ssl.TLSVersion.TLSv1_2:
        # OpenSSL 3 refuses TLS 1.0 and 1.1 at its default security level: their handshake signs with SHA-1.
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = minimum
    if policy.maximum:
        context.maximum_version = _VERSIONS[policy.maximum]


def _load_trust(context: ssl.SSLContext) -> None:
    context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    if not context.cert_store_stats()["x509_ca"] and not _has_certificate_directory():
        # A Python from python.org on macOS, a bare container: no store at all.
        import certifi

        context.load_verify_locations(cafile=certifi.where())


def _has_certificate_directory() -> bool:
    # Certificates in a directory are loaded one by one when needed, so the statistics do not count them.
    directory = ssl.get_default_verify_paths().capath
    if not directory:
        return False
    try:
        with os.scandir(directory) as entries:
            return any(True for _ in entries)
    except OSError:
        return False
