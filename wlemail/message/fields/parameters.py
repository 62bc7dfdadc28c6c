"""Parameters of Content-Type and Content-Disposition (RFC 2045 5.1, RFC 2231)."""

from __future__ import annotations

import re

from ..charsets import to_utf8
from .encoded_words import encode_words

# A parameter's name (RFC 2231 7: attribute-char).
_ATTRIBUTE = re.compile(r"[A-Za-z0-9!#$&+\-.^_`{|}~]{1,20}")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`{|}~]+")
# Quotes and backslashes could stand escaped and semicolons as they are, but too many readers stop at them.
_SIMPLE = re.compile(r"[ !#-:<-\[\]-~]*")
_PERCENT = tuple(chr(b) if _ATTRIBUTE.fullmatch(chr(b)) else f"%{b:02X}" for b in range(256))


def parameter(name: str, value: str) -> list[str]:
    """A parameter as one or several `name=value` pieces, none longer than fits a line (RFC 2231 3 and 4)."""
    room = _room(name)
    if _SIMPLE.fullmatch(value) and "=?" not in value:
        if len(value) <= room:
            return [f'{name}="{value}"']
        pieces = [value[i : i + room] for i in range(0, len(value), room)]
        return [f'{name}*{number}="{piece}"' for number, piece in enumerate(pieces)]
    pieces = _percent_pieces(value, room)
    if len(pieces) == 1:
        return [f"{name}*={pieces[0]}"]
    return [f"{name}*{number}*={piece}" for number, piece in enumerate(pieces)]


def _room(name: str) -> int:
    """How much of a value fits a line of 76 beside ` name*12*="";`."""
    return 76 - len(name) - 9


def _percent_pieces(value: str, room: int) -> list[str]:
    pieces = []
    current = "utf-8''"
    for character in to_utf8(value).decode("utf-8"):
        encoded = "".join([_PERCENT[b] for b in character.encode("utf-8")])
        if len(current) + len(encoded) > room:
            pieces.append(current)
            current = ""
        current += encoded
    return [*pieces, current]


def fallback_parameter(name: str, value: str) -> str:
    """The same for readers that do not know RFC 2231 (some of Outlook's and of webmails'): encoded words in quotes.

    RFC 2047 5 forbids them there; Thunderbird and Gmail write Content-Type's `name` so, and every reader copes.
    """
    if _SIMPLE.fullmatch(value) and "=?" not in value and len(value) <= _room(name):
        return f'{name}="{value}"'
    words = encode_words(value, 76 - len(name) - 5)
    return f'{name}="' + "\r\n ".join(words) + '"'


def with_parameters(field: str, value: str, parameters: list[str]) -> str:
    """A whole field: a value and its parameters, on the same line while they fit."""
    lines = [f"{field}: {value}"]
    for piece in parameters:
        if len(lines[-1]) + len(piece.partition("\r\n")[0]) + 3 > 76:
            lines[-1] += ";"
            lines.append(f" {piece}")
        else:
            lines[-1] += f"; {piece}"
    return "\r\n".join(lines) + "\r\n"


_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))\s*(?=;|$)', re.DOTALL)


def parse_media_type(text: str) -> tuple[str, list[tuple[str, str]]]:
    """A media type as users write it (`text/plain; charset=utf-8`): the type in lower case, and its parameters.

    The type is "" where it is not of the form type/subtype; parameters that cannot be read are left out.
    """
    media_type, semicolon, rest = text.partition(";")
    media_type = media_type.strip().lower()
    main, _, sub = media_type.partition("/")
    if not (_TOKEN.fullmatch(main) and _TOKEN.fullmatch(sub)) or len(media_type) > 127:  # RFC 6838 4.2
        return "", []
    found = []
    for match in _PARAMETER.finditer(semicolon + rest):
        value = match[3] if match[2] is None else re.sub(r"\\(.)", r"\1", match[2], flags=re.DOTALL)
        if _ATTRIBUTE.fullmatch(match[1]):
            found.append((match[1].lower(), value))
    return media_type, found
