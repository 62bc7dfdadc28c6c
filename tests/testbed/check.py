"""Try each running server once with Python's own mail modules: the testbed's test, independent of the package."""

from __future__ import annotations

import imaplib
import smtplib
import ssl
import time
from collections.abc import Iterator

from .bed import BAD_CERTIFICATES, DOMAIN, HOST, PORTS, Bed
from .processes import wait_for

#: a service that needs no password, or cannot be used with the mechanisms that smtplib tries first
WITHOUT_LOGIN = {"smtp", "no-pipelining", "helo-only", "kept", "kept-no-pipelining", "kept-helo-only"}
DELIVERING = ("postfix", "exim")


def check(bed: Bed) -> Iterator[tuple[str, str]]:
    """Yield each step and its result: "ok" or what went wrong."""
    context = ssl.create_default_context(cafile=bed.record["ca"])
    for server in ("postfix", "exim", "aiosmtpd", "sink"):
        for service in PORTS[server] if bed.running(server) else ():
            yield f"{server} {service}", attempt(bed, server, service, context)
    for server in DELIVERING if bed.running("postfix") else ():
        for name, address in BAD_CERTIFICATES.items():
            yield f"{server} {name} certificate", refused(bed.port(server, "smtps"), address, context)


def attempt(bed: Bed, server: str, service: str, context: ssl.SSLContext) -> str:
    token = f"{server}-{service}-{time.time_ns()}"
    try:
        with connect(bed.port(server, service), service, context) as client:
            if service == "submission":
                client.starttls(context=context)
            if service not in WITHOUT_LOGIN:
                client.login("bob", bed.users["bob"])
            client.sendmail(f"bob@{DOMAIN}", [f"alice@{DOMAIN}"], f"Subject: {token}\r\n\r\nhello\r\n")
    except (OSError, smtplib.SMTPException) as error:
        return f"FAILED {error!r}"
    if server in DELIVERING and not wait_for(lambda: arrived(bed, token), 20, 0.1):
        return "FAILED: sent, never arrived"
    return "ok"


def connect(port: int, service: str, context: ssl.SSLContext) -> smtplib.SMTP:
    if service == "smtps":
        return smtplib.SMTP_SSL(HOST, port, context=context, timeout=20)
    return smtplib.SMTP(HOST, port, timeout=20)


def arrived(bed: Bed, token: str) -> bool:
    with imaplib.IMAP4(HOST, bed.port("dovecot", "imap"), timeout=20) as imap:
        imap.login("alice", bed.users["alice"])
        imap.select("INBOX")
        return bool(imap.search(None, "SUBJECT", token)[1][0].split())


def refused(port: int, address: str, context: ssl.SSLContext) -> str:
    try:
        smtplib.SMTP_SSL(address, port, context=context, timeout=20).close()
    except ssl.SSLCertVerificationError as error:
        return f"ok ({error.verify_message})"
    return "FAILED: the certificate was accepted"
