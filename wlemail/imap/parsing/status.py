"""Status responses (RFC 3501 7.1) with their codes, and continuation requests.

A code that makes no sense loses its value, never the response: the end of a command must not be missed for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ...errors import ServerReply
from ..numbers import NumberSet, parse_set
from ..scanner import for_people, text

OK, NO, BAD, BYE, PREAUTH = "OK", "NO", "BAD", "BYE", "PREAUTH"

STATUS = re.compile(rb"([^ ]+) +(OK|NO|BAD|BYE|PREAUTH)(?: +(.*)| *)", re.IGNORECASE | re.DOTALL)
# Flags may hold brackets ("$Gmail[x]"), and so may strings: "]" ends a code outside of lists and quotes only.
_CODE = re.compile(rb'\[([^\] ]+)(?: +((?:\([^)]*\)|"(?:[^"\\]|\\.)*"|[^\]("])*))?\] *')


@dataclass(frozen=True)
class AppendedUids:
    """[APPENDUID] (RFC 4315 3): what the messages that were appended are called."""

    uid_validity: int
    uids: NumberSet


@dataclass(frozen=True)
class CopiedUids:
    """[COPYUID] (RFC 4315 3): what the copies of `source` are called, one for one."""

    uid_validity: int
    source: NumberSet
    target: NumberSet

    def pairs(self) -> dict[int, int]:
        """Old number -> new number; nothing where the server counts differently on the two sides."""
        # Two short sets can stand for numbers that fill the memory.
        if len(self.source) != len(self.target) or len(self.source) > _MOST_COPIES:
            return {}
        return dict(zip(self.source, self.target, strict=True))


_MOST_COPIES = 10_000_000

CodeValue = int | tuple[str, ...] | NumberSet | AppendedUids | CopiedUids | None


@dataclass(frozen=True)
class Code:
    """A response code: its name in upper case, what follows it, and what that means where it is known."""

    name: str
    argument: str = ""
    value: CodeValue = None


@dataclass(frozen=True)
class Status:
    """OK, NO, BAD, BYE or PREAUTH; `tag` is "*" where it answers no command."""

    tag: str
    condition: str
    text: str = ""
    code: Code | None = None

    @property
    def code_name(self) -> str:
        """The name of the response code, "" where there is none."""
        return self.code.name if self.code else ""

    def reply(self) -> ServerReply:
        """What the server said, as errors carry it."""
        code = self.code
        shown = f"[{code.name} {code.argument}".rstrip() + "]" if code else ""
        return ServerReply(0, " ".join(filter(None, (self.condition, shown, self.text))))


@dataclass(frozen=True)
class Continuation:
    """The server waits for more (RFC 3501 7.5): a literal, the answer to a challenge, DONE."""

    text: str


def status(found: re.Match[bytes]) -> Status:
    """The status response that STATUS has found."""
    said = found[3] or b""
    code = None
    coded = _CODE.match(said)
    if coded:
        code = _code(coded[1].decode("ascii", "backslashreplace").upper(), coded[2] or b"")
        said = said[coded.end() :]
    return Status(text(found[1]), found[2].decode().upper(), for_people(said), code)


def _code(name: str, argument: bytes) -> Code:
    argument = argument.strip(b" ")
    read = _READERS.get(name)
    return Code(name, for_people(argument), read(argument) if read else None)


def _number(argument: bytes) -> int | None:
    return int(argument) if argument.isdigit() and len(argument) <= 20 else None


def _words(argument: bytes) -> tuple[str, ...]:
    return tuple(word.strip('"') for word in text(argument).strip("()").split())


def _capabilities(argument: bytes) -> tuple[str, ...]:
    return tuple(text(argument).upper().split())


def _appended(argument: bytes) -> AppendedUids | None:
    validity, _, uids = argument.partition(b" ")
    number, numbers = _number(validity), parse_set(uids.strip(b" "))
    return None if number is None or numbers is None else AppendedUids(number, numbers)


def _copied(argument: bytes) -> CopiedUids | None:
    words = argument.split()
    if len(words) != 3:
        return None
    number, source, target = _number(words[0]), parse_set(words[1]), parse_set(words[2])
    return None if number is None or source is None or target is None else CopiedUids(number, source, target)


_READERS: dict[str, Callable[[bytes], CodeValue]] = {
    "UIDNEXT": _number,
    "UIDVALIDITY": _number,
    "UNSEEN": _number,
    "HIGHESTMODSEQ": _number,
    "CAPABILITY": _capabilities,
    "PERMANENTFLAGS": _words,
    "BADCHARSET": _words,
    "MODIFIED": parse_set,
    "APPENDUID": _appended,
    "COPYUID": _copied,
}
