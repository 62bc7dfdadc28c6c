"""SMTP commands as values that render themselves, and the one place where command injection is stopped.

A command refuses CR, LF and NUL whatever it is made of; addresses also refuse whatever would end `<…>` early.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from ..errors import ControlCharacter, InvalidAddress, InvalidValue

# RFC 5321 4.5.3.1.3 allows paths of 256 octets; lists with return paths of their own exceed it a little. Commands
# stay within what one group may hold (see the client).
_MAX_ADDRESS = 512

# Dot-atoms and everything alike that real mailboxes use ("a..b@x", "a.@x"): anything without blanks, controls,
# quotes, backslashes and angle brackets. "@" alone may not stand outside; a local name without domain is postmaster.
_PLAIN_PATH = re.compile(r'[^\s\x00-\x1f\x7f<>"\\@]+@[^\s\x00-\x1f\x7f<>"\\@]+', re.ASCII)
_QUOTED_PATH = re.compile(r'"(?:[^\x00-\x1f\x7f"\\]|\\[ -~])*"@[^\s\x00-\x1f\x7f<>"\\@]+')
_NOT_XTEXT = re.compile(r"[^!-~]|[+=]")
# U+0085, U+2028 and the like end a line for whoever splits text by Unicode's rules.
_LINE_ENDS = re.compile("[\r\n\0\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


class Command(NamedTuple):
    """A verb with its argument."""

    verb: str
    argument: str = ""

    @property
    def line(self) -> str:
        """The command as text, without its line end."""
        return f"{self.verb} {self.argument}" if self.argument else self.verb

    def render(self) -> bytes:
        """The command's octets; ControlCharacter where it holds CR, LF or NUL."""
        line = self.line
        # isprintable is the quick test: it is false for every character that ends a line anywhere.
        if not line.isprintable() and _LINE_ENDS.search(line):
            raise ControlCharacter(self.verb, "CR, LF or NUL in an SMTP command")
        try:
            return f"{line}\r\n".encode()
        except UnicodeEncodeError as exc:
            raise InvalidAddress(self.verb, "holds bytes that are no text") from exc


class Answer(Command):
    """A line that answers a challenge: it has no verb on the wire, and is secret."""

    __slots__ = ()

    @property
    def line(self) -> str:
        return self.argument


def mail(
    sender: str, *, size: int | None = None, body: str = "", smtputf8: bool = False, ret: str = "", envid: str = ""
) -> Command:
    """MAIL FROM with its parameters: SIZE (RFC 1870), BODY (6152), SMTPUTF8 (6531), RET and ENVID (3461)."""
    argument = f"FROM:{path(sender, 'Sender') if sender else '<>'}"
    if size is not None:
        argument += f" SIZE={size}"
    if body:
        argument += f" BODY={body}"
    if smtputf8:
        argument += " SMTPUTF8"
    if ret:
        argument += f" RET={ret}"
    if envid:
        argument += f" ENVID={xtext(envid)}"
    return Command("MAIL", argument)


def rcpt(recipient: str, notify: Iterable[str] = (), *, original: str = "") -> Command:
    """RCPT TO; `notify` and `original` (an address) become NOTIFY and ORCPT (RFC 3461)."""
    argument = f"TO:{path(recipient, 'Recipient')}"
    if notify:
        argument += f" NOTIFY={','.join(notify)}"
    if original:
        argument += f" ORCPT={original_recipient(original)}"
    return Command("RCPT", argument)


@lru_cache(maxsize=256)  # most programs write from one address, and many to the same few
def path(address: str, member: str) -> str:
    """The address in angle brackets; InvalidAddress where it could reach beyond them."""
    if len(address) > _MAX_ADDRESS:
        raise InvalidAddress(member, f"an address of more than {_MAX_ADDRESS} characters")
    if _PLAIN_PATH.fullmatch(address) or _QUOTED_PATH.fullmatch(address) or address.lower() == "postmaster":
        return f"<{address}>"
    if _LINE_ENDS.search(address):
        raise ControlCharacter(member, "control characters in an address", address)
    raise InvalidAddress(member, "not an e-mail address", address)


def xtext(text: str) -> str:
    """RFC 3461 4: printable ASCII but "+" and "=" as it is, the rest as +XX."""
    try:
        return _NOT_XTEXT.sub(lambda found: "".join(f"+{octet:02X}" for octet in found[0].encode()), text)
    except UnicodeEncodeError as exc:
        raise InvalidValue("ENVID", "holds bytes that are no text") from exc


def original_recipient(address: str) -> str:
    """The value of ORCPT: rfc822 and xtext, or utf-8 (RFC 6533 3) for an address beyond ASCII."""
    if address.isascii():
        return "rfc822;" + xtext(address)
    return "utf-8;" + re.sub(r"[^!-~]|[+=\\]", lambda found: f"\\x{{{ord(found[0]):X}}}", address)


GREETING = Command("greeting")
DATA = Command("DATA")
RSET = Command("RSET")
NOOP = Command("NOOP")
QUIT = Command("QUIT")
STARTTLS = Command("STARTTLS")
# What the server answers once the content has ended.
CONTENT = Command("end of data")


def bdat(count: int, *, last: bool) -> Command:
    """BDAT for so many octets (RFC 3030)."""
    return Command("BDAT", f"{count} LAST" if last else str(count))


def ehlo(name: str, verb: str = "EHLO") -> Command:
    """EHLO (or HELO) with our name."""
    return Command(verb, name)


def address_literal(address: str) -> str:
    """What a client without a name of its own says in EHLO: its IP address (RFC 5321 4.1.3); "" for ""."""
    address = address.partition("%")[0]  # the scope of a link-local address means nothing to the other side
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]" if address else ""


def auth(mechanism: str, initial: str | None) -> Command:
    """AUTH with the initial response in base64, "=" for an empty one, None for none at all (RFC 4954 4)."""
    if initial is None:
        return Command("AUTH", mechanism)
    return Command("AUTH", f"{mechanism} {initial or '='}")


def auth_answer(response: str) -> Command:
    """The base64 answer to a challenge of AUTH, or "*" to give up."""
    return Answer("AUTH", response)
