"""Header fields as ENVELOPE and BODYSTRUCTURE show them: raw words, nothing decoded (RFC 3501 7.4.2).

Knows the fields of RFC 5322 and RFC 2045 as far as a server takes them apart. Never fails: odd fields give odd values.
"""

from __future__ import annotations

import re
from typing import NamedTuple

#: fields of one header, addresses of one field, parameters of one field
MAX_FIELDS = 2000
MAX_ADDRESSES = 5000
MAX_PARAMETERS = 200

_FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:((?:.*)(?:\r?\n[ \t].*)*)", re.MULTILINE)
_FOLD = re.compile(rb"\r?\n(?=[ \t])")


class Address(NamedTuple):
    """The four strings of an address; a group opens with its name as mailbox and closes with nothing at all."""

    name: bytes | None
    route: bytes | None
    mailbox: bytes | None
    host: bytes | None


class Field(NamedTuple):
    """A header field: its name in lower case, its unfolded value, and its lines as they are."""

    name: bytes
    value: bytes
    raw: bytes


def read_fields(header: bytes) -> list[Field]:
    """The fields of a header in their order."""
    found = []
    for match in _FIELD.finditer(header):
        value = _FOLD.sub(b"", match[2]).strip(b" \t\r\n").replace(b"\0", b"")
        found.append(Field(match[1].lower(), value, match[0].rstrip(b"\r\n") + b"\r\n"))
        if len(found) == MAX_FIELDS:
            break
    return found


# -- addresses ----------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    rb'[ \t\r\n]*(?:"((?:[^"\\]|\\.)*)"?'
    rb"|(\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)?)"
    rb"|([<>,:;])"
    rb'|(\[[^\]]*\]?|[^\s"(<>,:;]+|\)))',
    re.DOTALL,
)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)


def read_addresses(value: bytes) -> list[Address]:
    """The addresses of a field such as To."""
    reading = _Addresses()
    for match in _TOKEN.finditer(value):
        if match[3] is not None:
            reading.special(match[3])
        elif match[2] is not None:
            reading.comment = _ESCAPED.sub(rb"\1", match[2][1:].removesuffix(b")"))
        elif match[1] is not None:
            reading.words.append(_ESCAPED.sub(rb"\1", match[1]))
        else:
            reading.words.append(match[4])
        if len(reading.found) >= MAX_ADDRESSES:
            break
    reading.finish()
    return reading.found


class _Addresses:
    """What has been read of a list of addresses."""

    def __init__(self) -> None:
        self.found: list[Address] = []
        self.in_group = False
        self.words: list[bytes] = []
        self.comment = b""
        # The words in front of "<".
        self._name: bytes | None = None
        self._route: bytes | None = None
        self._in_brackets = False

    def special(self, sign: bytes) -> None:
        if sign == b"<":
            self._name = b" ".join(self.words) or None
            self._in_brackets = True
        elif sign == b">":
            self._in_brackets = False
            return
        elif sign == b":":
            if self._in_brackets:
                self._route = b"".join(self.words)
            else:
                self.found.append(Address(None, None, b" ".join(self.words), None))
                self.in_group = True
        elif sign == b"," and self._in_brackets:
            self.words.append(sign)  # the route of RFC 822 has commas
            return
        else:
            self._finish_one()
            if sign == b";" and self.in_group:
                self.found.append(Address(None, None, None, None))
                self.in_group = False
        self.words = []

    def finish(self) -> None:
        """The field ends, whatever was open."""
        self._finish_one()
        if self.in_group:
            self.found.append(Address(None, None, None, None))

    def _finish_one(self) -> None:
        address = b"".join(self.words)
        if address or self._name:
            mailbox, at, host = address.rpartition(b"@")
            if not at:
                mailbox, host = address, b""
            name = self._name or self.comment or None
            self.found.append(Address(name, self._route, mailbox, host))
        self._name = self._route = None
        self.comment = b""
        self._in_brackets = False


# -- parameters ---------------------------------------------------------------------------------------------

_PARAMETER = re.compile(rb';[ \t]*([^\s=;]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"?|([^;\s]*))', re.DOTALL)
_COMMENT = re.compile(rb"\([^()]*\)")


def read_parameters(value: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """A value in front of its parameters, and these: names as written (`filename*0`), values without their quotes."""
    found = []
    for match in _PARAMETER.finditer(value):
        text = match[3] if match[2] is None else _ESCAPED.sub(rb"\1", match[2])
        found.append((match[1], text))
        if len(found) == MAX_PARAMETERS:
            break
    return _COMMENT.sub(b"", value.partition(b";")[0]).strip(), found
