"""What the DNS says about mail: the servers of a domain (MX). Over dnspython, which is imported when first needed."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

from .errors import CannotResolve, NoMailServer, TimedOut

if TYPE_CHECKING:
    import dns.resolver

# Seconds after which a name server that has kept silent will not answer any more, whatever the caller would wait.
_LONGEST = 30.0
# RFC 1035 2.3.4: what is longer cannot be asked for.
_MAX_NAME = 253


def mail_hosts(domain: str, seconds: float) -> list[str]:
    """The hosts that take mail for a domain (in ASCII), best first, those of one preference in random order
    (RFC 5321 5.1); the domain itself where it has an address and no MX.

    Raises NoMailServer where the DNS says that nobody takes mail for it, TimedOut or CannotResolve where it says
    nothing; `seconds` bound all of it.
    """
    lookup = _Lookup(domain, min(seconds, _LONGEST))
    exchangers = lookup.records("MX")
    if exchangers:
        found = [(record.preference, random.random(), record.exchange.to_text(True)) for record in exchangers]
        hosts = [host for _, _, host in sorted(found) if host not in (".", "@", "")]
        if not hosts:
            raise NoMailServer(domain, "it says that it takes no mail")  # RFC 7505: the null MX
        return hosts
    if lookup.records("A") or lookup.records("AAAA"):
        return [domain]
    raise NoMailServer(domain, "it has neither a mail server nor an address")


def _resolver() -> dns.resolver.Resolver:
    """The system's name servers."""
    import dns.resolver

    return dns.resolver.Resolver()


class _Lookup:
    """Questions about one name, under one deadline."""

    def __init__(self, domain: str, seconds: float) -> None:
        import dns.exception
        import dns.name

        self._domain = domain
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        try:
            # With the dot of the root: the search list of this computer is not meant.
            self._name = dns.name.from_text(domain.rstrip(".") + ".")
            self._resolver = _resolver()
        except dns.exception.DNSException as problem:
            if len(domain) > _MAX_NAME or isinstance(problem, (dns.name.LabelTooLong, dns.name.EmptyLabel)):
                raise NoMailServer(domain, "there is no such domain") from problem
            raise self._unknown(problem) from problem

    def records(self, kind: str) -> list[Any]:
        """The records of a kind, none where the name has none of them."""
        import dns.exception
        import dns.resolver

        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimedOut("resolve", self._seconds, host=self._domain)
        try:
            return list(self._resolver.resolve(self._name, kind, lifetime=left, raise_on_no_answer=False))
        except dns.resolver.NXDOMAIN as problem:
            raise NoMailServer(self._domain, "there is no such domain") from problem
        except dns.exception.Timeout as problem:
            raise TimedOut("resolve", self._seconds, host=self._domain) from problem
        except (dns.exception.DNSException, OSError) as problem:
            raise self._unknown(problem) from problem

    def _unknown(self, problem: Exception) -> CannotResolve:
        return CannotResolve(f"the mail servers of {self._domain!r} cannot be looked up: {problem}", host=self._domain)
