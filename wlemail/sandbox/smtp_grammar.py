"""Grammar of the arguments of MAIL, RCPT, BDAT and VRFY (RFC 5321 4.1.1, 4.1.2 and the extensions' parameters).

Gives values or raises Rejected with the reply in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .replies import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

#: RFC 5321 4.5.3.1.3: 256 octets with the angle brackets
MAX_PATH = 254

# A path in angle brackets: quoted strings may hold blanks and brackets, everything else may not. The source route is
# read and dropped (RFC 5321 4.1.1.3 and appendix C).
_PATH = re.compile(
    r"""[ ]*                                  # QUIRK: many clients put a blank behind the colon
    < (?:@[^:<>\s]*:)?
      (?P<address> (?: [^<>"\s\\] | " (?: [^"\\\r\n] | \\. )* " )* )
    > (?: [ ]+ (?P<parameters> .*) )?""",
    re.VERBOSE,
)
_LOCAL_PART = r"""(?: [^\x00-\x20\x7f()<>@,;:\\"\[\]]+ | "(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])*" )"""
_DOMAIN = r"""(?: \[[0-9A-Za-z.:_-]+\] | [^\x00-\x20\x7f()<>@,;:\\"\[\]]+ )"""
_ADDRESS = re.compile(_LOCAL_PART + "@" + _DOMAIN, re.VERBOSE)
_PARAMETER = re.compile(r"(?P<keyword>[A-Za-z0-9][A-Za-z0-9-]*)(?:=(?P<value>[^\x00-\x20=\x7f]+))?")
_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*")
_ORCPT = re.compile(r"[A-Za-z0-9-]+;(?:[^\x00-\x20+=\x7f]|\+[0-9A-F]{2}|\\x\{[0-9A-F]{2,6}\})+")


class Rejected(Exception):
    """A command cannot be executed; `reply` answers it."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(str(reply))
        self.reply = reply


@dataclass(frozen=True)
class PathArgument:
    """`<address> KEY=value …`, keywords in upper case."""

    address: str
    parameters: dict[str, str]


def parse_path(argument: str, prefix: str) -> PathArgument:
    """Read what follows MAIL ("FROM:") or RCPT ("TO:")."""
    head, text = argument[: len(prefix)], argument[len(prefix) :]
    if head.upper() != prefix:
        raise Rejected(Reply(501, "5.5.4", f"{prefix}<address> is missing"))
    match = _PATH.fullmatch(text)
    if match is None:
        raise Rejected(Reply(501, "5.5.4", f"{prefix} wants an address in angle brackets"))
    return PathArgument(match["address"], _parse_parameters(match["parameters"] or ""))


def check_address(address: str, enhanced: str) -> None:
    """Refuse what cannot be a mailbox; the server does not judge whether it exists."""
    if len(address.encode("utf-8", "surrogateescape")) > MAX_PATH:
        raise Rejected(Reply(501, enhanced, "the address is too long"))
    if not _ADDRESS.fullmatch(address):
        raise Rejected(Reply(501, enhanced, "that is not an address"))


def _parse_parameters(text: str) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for word in text.split():
        match = _PARAMETER.fullmatch(word)
        if match is None:
            raise Rejected(Reply(501, "5.5.4", "a parameter is not KEYWORD or KEYWORD=value"))
        keyword = match["keyword"].upper()
        if keyword in parameters:
            raise Rejected(Reply(501, "5.5.4", f"{keyword} is given twice"))
        parameters[keyword] = match["value"] or ""
    return parameters


def _is_notify(value: str) -> bool:
    words = value.upper().split(",")
    return words == ["NEVER"] or (len(set(words)) == len(words) and set(words) <= {"SUCCESS", "FAILURE", "DELAY"})


# Parameter → test of its value, by the extension that brings it.
MAIL_PARAMETERS: dict[str, tuple[str, Callable[[str], object]]] = {
    "SIZE": ("SIZE", re.compile(r"[0-9]{1,20}").fullmatch),
    "BODY": ("8BITMIME", re.compile(r"7BIT|8BITMIME", re.IGNORECASE).fullmatch),
    "SMTPUTF8": ("SMTPUTF8", lambda value: not value),
    "RET": ("DSN", re.compile(r"FULL|HDRS", re.IGNORECASE).fullmatch),
    "ENVID": ("DSN", lambda value: 0 < len(value) <= 100 and _XTEXT.fullmatch(value)),
    "AUTH": ("AUTH", lambda value: value == "<>" or (value and _XTEXT.fullmatch(value))),
}
RCPT_PARAMETERS: dict[str, tuple[str, Callable[[str], object]]] = {
    "NOTIFY": ("DSN", _is_notify),
    "ORCPT": ("DSN", lambda value: len(value) <= 500 and _ORCPT.fullmatch(value)),
}


def check_parameters(
    parameters: dict[str, str],
    known: dict[str, tuple[str, Callable[[str], object]]],
    offered: Collection[str],
) -> None:
    """Refuse parameters of extensions not offered (555, RFC 5321 4.1.1.11) and values out of grammar (501)."""
    for keyword, value in parameters.items():
        extension, is_valid = known.get(keyword, ("", bool))
        if extension not in offered:
            raise Rejected(Reply(555, "5.5.4", f"parameter {keyword} is not known"))
        if not is_valid(value):
            raise Rejected(Reply(501, "5.5.4", f"the value of {keyword} is not valid"))


def parse_chunk(argument: str) -> tuple[int, bool]:
    """Read what follows BDAT: the number of octets, and whether the chunk is the last."""
    match = re.fullmatch(r"([0-9]{1,18})(?: +(LAST))?", argument.strip(), re.IGNORECASE)
    if match is None:
        raise Rejected(Reply(501, "5.5.4", "BDAT wants a number of octets, and LAST or nothing"))
    return int(match[1]), match[2] is not None
