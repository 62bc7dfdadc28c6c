"""Content-Type and Content-Disposition as they arrive: a value and its parameters (RFC 2045 5.1, RFC 2231).

Mail breaks every rule of both: values with spaces and no quotes, quotes that do not close, missing semicolons,
encoded words in quotes, paths, pieces out of order. What can be meant is read. Linear in the length of the field.
"""

from __future__ import annotations

import re

from ..charsets import decode_text, to_utf8
from .encoded_words import decode_words

_NAME = re.compile(r"[ \t\r\n;,]*([^\s=;,\"]*)[ \t\r\n]*(=?)[ \t\r\n]*")
_QUOTED = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)("?)', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\])')
_COMMENT_AT_END = re.compile(r"[ \t]\([^()]*\)$")
_NEXT_NAME = re.compile(r"(?<![ \t\r\n])[ \t\r\n]+[A-Za-z0-9*_-]+[ \t]*=")
_SECTION = re.compile(r"([^*]+)\*(?:([0-9]{1,4})(\*?))?$")
_EXTENDED = re.compile(r"[A-Za-z0-9_.:+-]*'[A-Za-z0-9-]*'")
# A name that would be odd, and is not where the asterisk behind `filename` was forgotten.
_UNMARKED = re.compile(
    r"(?:utf-?8|us-ascii|iso-8859-[0-9]{1,2}|windows-125[0-9])'[A-Za-z-]{0,20}'(?=[^%]*%)", re.IGNORECASE
)
_PERCENT = re.compile(b"%([0-9A-Fa-f]{2})")
# More than anybody writes: what looks for the ends of things may look again at each parameter.
_MOST = 300
_LONGEST = 65_536

_SIMPLE = re.compile(r'([A-Za-z0-9_.+/-]+)(?:; ?([A-Za-z0-9_-]+)="?([A-Za-z0-9\'+_./:=-]*)"?)?;?')


def read_parameters(text: str) -> tuple[str, dict[str, str]]:
    """The value of a field, in lower case, and its parameters by their names in lower case.

    The first of several parameters of one name counts; the form of RFC 2231 goes before the plain one.
    """
    simple = _SIMPLE.fullmatch(text)
    if simple:
        name = simple[2]
        return simple[1].lower(), {} if name is None else {name.lower(): simple[3]}
    value, semicolon, rest = text[:_LONGEST].partition(";")
    if "(" in value:
        value = value.partition("(")[0]
    words = value.split()
    if len(words) > 1 and "=" in words[1]:
        # QUIRK: the first semicolon is missing: `text/plain charset=utf-8`.
        value, rest = words[0], value[len(words[0]) + value.find(words[0]) :] + semicolon + rest
    return value.strip(" \t\r\n\"',<>").lower(), _assemble(_split(rest))


def _split(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    position = 0
    while position < len(text) and len(found) < _MOST:
        name = _NAME.match(text, position)
        if name is None:
            raise AssertionError("the pattern matches nothing at all, too")
        if not name[2]:
            # A word without a value, or a sign that begins no name.
            position = _next_semicolon(text, name.end())
            continue
        value, position = _value(text, name.end(), name[1].lower())
        found.append((name[1].lower(), value))
    return found


def _next_semicolon(text: str, position: int) -> int:
    found = text.find(";", position)
    return len(text) if found < 0 else found + 1


def _value(text: str, start: int, name: str) -> tuple[str, int]:
    """A parameter's value, and where the next parameter begins."""
    if text[start : start + 1] == '"':
        quoted = _QUOTED.match(text, start)
        if quoted is not None and quoted[2]:
            return _quoted_value(text, quoted)
        start += 1  # the quote is not closed: what it opens ends where an unquoted value would
    end = text.find(";", start)
    end = len(text) if end < 0 else end
    value = text[start:end].rstrip(" \t\r\n")
    if name not in ("name", "filename"):
        # Names of files have spaces and brackets in them; nothing else has.
        value = _COMMENT_AT_END.sub("", value).rstrip()
        following = _NEXT_NAME.search(value)
        if following:  # QUIRK: a semicolon is missing
            return value[: following.start()], start + following.start()
    return value, end + 1


def _quoted_value(text: str, quoted: re.Match[str]) -> tuple[str, int]:
    end = _next_semicolon(text, quoted.end())
    between = text[quoted.end() : end].rstrip("; \t\r\n")
    value = quoted[1]
    if between:
        if _NEXT_NAME.match(text, quoted.end()):
            end = quoted.end()
        elif '"' in between:
            # QUIRK: quotes inside the quotes: filename="the "new" plan.txt"
            value += '"' + between[: between.rfind('"')]
    return _ESCAPED.sub(r"\1", value) if "\\" in value else value, end


def _assemble(found: list[tuple[str, str]]) -> dict[str, str]:
    """Put the pieces of RFC 2231 3 together and decode what is encoded."""
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, value in found:
        if "*" in name:
            section = _SECTION.match(name)
            if section:
                number = int(section[2] or 0)
                encoded = section[2] is None or bool(section[3])
                sections.setdefault(section[1], {}).setdefault(number, (value, encoded))
                continue
        if _UNMARKED.match(value):
            value = _joined([(value, True)])
        plain.setdefault(name, decode_words(value) if "=?" in value else value)
    for name, pieces in sections.items():
        plain[name] = _joined([pieces[number] for number in sorted(pieces)])
    return plain


def _joined(pieces: list[tuple[str, bool]]) -> str:
    first, encoded = pieces[0]
    charset = ""
    extended = _EXTENDED.match(first)
    # QUIRK: the asterisk that says "encoded" is missing, or the value is quoted.
    if extended and (encoded or "%" in first):
        charset = first.partition("'")[0]
        rest = pieces[1:] if encoded else [(value, True) for value, _ in pieces[1:]]
        pieces = [(first[extended.end() :], True), *rest]
    if not any(percent for _, percent in pieces):
        text = "".join([value for value, _ in pieces])
        return decode_words(text) if "=?" in text else text
    data = b"".join([_percent_decoded(value) if percent else to_utf8(value) for value, percent in pieces])
    return decode_text(data, charset)[0]


def _percent_decoded(value: str) -> bytes:
    data = to_utf8(value)
    return _PERCENT.sub(lambda two: bytes((int(two[1], 16),)), data) if b"%" in data else data
