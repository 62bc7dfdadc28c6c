"""POP3 commands as values that render themselves, and the one place where command injection is stopped.

A command refuses CR, LF and NUL whatever it is made of, and a user's name also what would part it in two arguments.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..errors import ControlCharacter, InvalidValue

# U+0085, U+2028 and the like end a line for whoever splits text by Unicode's rules.
_LINE_ENDS = re.compile("[\r\n\0\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")

#: Octets of CAPA's answer: real ones have some hundreds.
MAX_CAPABILITIES = 65536
#: Octets of a listing: half a million messages with the longest unique names (RFC 1939 7: 70 characters).
MAX_LISTING = 64 << 20
#: The member that holds what a command names, for the error message.
_MEMBERS = {"USER": "Name", "APOP": "Name", "PASS": "Password"}


class Command(NamedTuple):
    """A verb with its argument."""

    verb: str
    argument: str = ""
    #: the most octets that an answer of many lines may have; 0: the answer is one line
    content_limit: int = 0

    @property
    def line(self) -> str:
        """The command as text, without its line end."""
        return f"{self.verb} {self.argument}" if self.argument else self.verb

    def render(self) -> bytes:
        """The command's octets; ControlCharacter where it holds CR, LF or NUL."""
        line = self.line
        # isprintable is the quick test: it is false for every character that ends a line anywhere.
        if not line.isprintable() and _LINE_ENDS.search(line):
            raise ControlCharacter(_MEMBERS.get(self.verb, self.verb), "CR, LF or NUL in a POP3 command")
        try:
            return line.encode("utf-8", "surrogateescape") + b"\r\n"
        except UnicodeEncodeError as exc:
            member = _MEMBERS.get(self.verb, self.verb)
            raise InvalidValue(member, "holds half of a surrogate pair, which no server can be sent") from exc


class Answer(Command):
    """A line that answers a challenge: it has no verb on the wire, and is secret."""

    __slots__ = ()

    @property
    def line(self) -> str:
        return self.argument


class Password(Command):
    """PASS: what follows its one space is the password, spaces and all, even where it is empty (RFC 1939 7)."""

    __slots__ = ()

    @property
    def line(self) -> str:
        return f"{self.verb} {self.argument}"


GREETING = Command("greeting")
CAPA = Command("CAPA", content_limit=MAX_CAPABILITIES)
STLS = Command("STLS")
UTF8 = Command("UTF8")
STAT = Command("STAT")
LIST = Command("LIST", content_limit=MAX_LISTING)
UIDL = Command("UIDL", content_limit=MAX_LISTING)
RSET = Command("RSET")
NOOP = Command("NOOP")
QUIT = Command("QUIT")


def user(name: str) -> Command:
    """USER; the name is one word."""
    return Command("USER", _word(name))


def password(secret: str) -> Command:
    """PASS."""
    return Password("PASS", secret)


def apop(name: str, digest: str) -> Command:
    """APOP with the digest of the greeting's timestamp and the password."""
    return Command("APOP", f"{_word(name)} {digest}")


def auth(mechanism: str, initial: str | None) -> Command:
    """AUTH with the initial response in base64, "=" for an empty one, None for none at all (RFC 5034 4)."""
    if initial is None:
        return Command("AUTH", mechanism)
    return Command("AUTH", f"{mechanism} {initial or '='}")


def auth_answer(response: str) -> Command:
    """The base64 answer to a challenge of AUTH, or "*" to give up."""
    return Answer("AUTH", response)


def retr(number: int, content_limit: int) -> Command:
    """RETR; `content_limit`: octets."""
    return Command("RETR", str(number), content_limit)


def top(number: int, content_limit: int) -> Command:
    """TOP without a line of the body; `content_limit`: octets."""
    return Command("TOP", f"{number} 0", content_limit)


def dele(number: int) -> Command:
    """DELE."""
    return Command("DELE", str(number))


def _word(name: str) -> str:
    if not name or " " in name:
        raise InvalidValue("Name", "a POP3 user's name has one character or more and no blank", name)
    return name
