"""What a server offers, out of its answer to EHLO (RFC 5321 4.1.1.1). Values only."""

from __future__ import annotations

from typing import NamedTuple


def parse_ehlo(text: str) -> dict[str, str]:
    """Keyword in upper case -> parameters, from a reply's text; its first line is the server's name."""
    offered: dict[str, str] = {}
    for line in text.split("\n")[1:]:
        keyword, _, parameters = line.strip().partition(" ")
        keyword = keyword.upper()
        if keyword.startswith("AUTH="):
            # QUIRK: "AUTH=LOGIN PLAIN" from a draft of RFC 2554, still sent beside or instead of "AUTH LOGIN PLAIN".
            keyword, parameters = "AUTH", f"{keyword[5:]} {parameters}"
        known = offered.get(keyword)
        offered[keyword] = f"{known} {parameters}".strip() if known else parameters.strip()
    offered.pop("", None)
    return offered


def mechanisms(offered: dict[str, str]) -> tuple[str, ...]:
    """The SASL mechanisms of AUTH, in upper case, in the server's order, each once."""
    return tuple(dict.fromkeys(offered.get("AUTH", "").upper().split()))


def size_limit(offered: dict[str, str]) -> int:
    """The largest message in octets (RFC 1870), 0 where no limit is announced."""
    return _number(offered.get("SIZE", "").split(" ")[0])


class Limits(NamedTuple):
    """RFC 9422; 0 is no limit announced."""

    #: transactions in a session
    mail_max: int = 0
    #: recipients in a transaction
    rcpt_max: int = 0
    #: different recipient domains in a transaction
    rcpt_domain_max: int = 0


def limits(offered: dict[str, str]) -> Limits:
    """What the server says with LIMITS."""
    found = dict(part.upper().partition("=")[::2] for part in offered.get("LIMITS", "").split())
    return Limits(*(_number(found.get(name, "")) for name in ("MAILMAX", "RCPTMAX", "RCPTDOMAINMAX")))


def _number(text: str) -> int:
    # 20 digits are more than any size in octets; int() of a stranger's megabyte of digits takes seconds.
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else 0
