"""Whether an address is one: by its syntax, by its top-level domain, and by what the server of its domain says.

Each check is silent for a good address and raises what is wrong with another. In the categories of Dominic Sayers' test
collection `check_syntax` accepts VALID, DNSWARN, RFC5321, CFWS and DEPREC, and of ERR one dot at the end of the domain
(ERR_DOT_END), as WLanguage documents; `check_strictly` accepts VALID, DNSWARN and RFC5321 where the top-level domain is
in IANA's list; `check_by_server` begins with `check_syntax`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..errors import Broken, InvalidAddress, RecipientsRefused, ServerReply, SessionRefused
from ..idna import domain_to_ascii
from ..message.fields.address import LEVEL_STRICT, LEVEL_SYNTAX, Examined, examine_address, quote_local

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..smtp.client import Client
    from .account import Account

# What InvalidAddress names.
_MEMBER = "Address"
SMTP_PORT = 25
# Servers of one domain that are asked; a domain with more would only make the caller wait.
_MOST_HOSTS = 5


def check_syntax(address: str) -> Examined:
    """The address by the grammar of RFC 5322 with its obsolete forms, RFC 5321 and RFC 6531.

    `x@example.` is accepted, as WLanguage documents for this level alone: the empty top-level domain is DNS's root.
    Raises InvalidAddress.
    """
    ends_with_root = address.endswith(".") and address[-2:-1].isalnum()
    examined = examine_address(address[:-1] if ends_with_root else address)
    if examined.standing > LEVEL_SYNTAX:
        raise InvalidAddress(_MEMBER, examined.reason, address)
    return examined


def check_strictly(address: str) -> None:
    """The address as SMTP takes it, at a top-level domain of IANA's list (address literals have none).

    Names for use inside a network or in documents only (.local, .test, .localhost …) are not in that list. Raises
    InvalidAddress.
    """
    from ..message.fields.top_level_domains import TOP_LEVEL_DOMAINS

    examined = examine_address(address)
    if examined.standing > LEVEL_STRICT:
        raise InvalidAddress(_MEMBER, examined.reason, address)
    if examined.domain.startswith("["):
        return
    top_level = _in_ascii(examined.domain, address).rpartition(".")[2].lower()
    if top_level not in TOP_LEVEL_DOMAINS:
        raise InvalidAddress(_MEMBER, "its top-level domain is not in IANA's list", address)


def check_by_server(address: str) -> None:
    """Ask the mail servers of the domain, in their order, whether they take mail for the address; nothing is sent.

    Raises InvalidAddress; NoMailServer where the domain takes no mail; RecipientsRefused with the server's reply where
    it says no for good; SessionRefused, CannotResolve, TimedOut or another Broken where nobody has said anything.
    The time-out for connecting bounds looking up and reaching all of the servers together.
    """
    examined = check_syntax(address)
    local, domain = quote_local(examined.local), _in_ascii(examined.domain, address)
    failure: Broken | SessionRefused | None = None
    for account in _servers(domain):
        try:
            reply = _ask(account, f"{local}@{domain}")
        except (Broken, SessionRefused) as problem:
            failure = failure or problem
            continue
        if reply.code < 400:
            return
        if not reply.temporary:
            raise RecipientsRefused({address: reply})
        failure = failure or SessionRefused(f"the server does not say now: {reply}", reply)
    assert failure is not None
    raise failure


def _in_ascii(domain: str, address: str) -> str:
    try:
        return domain_to_ascii(domain)
    except ValueError as problem:
        raise InvalidAddress(_MEMBER, str(problem), address) from None


def _servers(domain: str) -> Iterator[Account]:
    """How to reach the servers that take mail for a domain; in a rehearsal this is the sandbox."""
    from ..dns import mail_hosts
    from . import rehearsal
    from .account import Account
    from .settings import SETTINGS, SessionTimeouts

    deadline = time.monotonic() + SETTINGS.timeout
    if rehearsal.to_sandbox():
        yield rehearsal.redirect(Account("", domain, SMTP_PORT))
        return
    # RFC 5321 4.1.3: [192.0.2.1], [IPv6:2001:db8::1]
    literal = domain[1:-1].lower().removeprefix("ipv6:") if domain.startswith("[") else ""
    for host in [literal] if literal else mail_hosts(domain, SETTINGS.timeout)[:_MOST_HOSTS]:
        left = max(deadline - time.monotonic(), 0.001)
        yield Account("", host, SMTP_PORT, timeouts=SessionTimeouts(own_connect=left))


def _ask(account: Account, recipient: str) -> ServerReply:
    """The server's reply to the recipient."""
    from ..smtp.client import Client
    from ..smtp.commands import address_literal
    from ..transport.tcp import dial
    from ..transport.tls import TLSPolicy, unverified_context

    # RFC 7435: a mail exchanger's certificate proves nothing that anybody could check, and no secret is sent.
    stream = dial(account.host, account.port, account.timeouts, TLSPolicy(), unverified_context)
    client = Client(stream, local_name=address_literal(stream.local_address))
    try:
        client.greet()
        client.hello()
        reply = client.probe("", recipient)
        if reply.code == 530 and "STARTTLS" in client.extensions:
            reply = _under_tls(client, recipient)  # RFC 3207 4: "must issue a STARTTLS command first"
        client.quit()
        return reply
    finally:
        client.close()


def _under_tls(client: Client, recipient: str) -> ServerReply:
    client.start_tls()
    client.hello()
    return client.probe("", recipient)
