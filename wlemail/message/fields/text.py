"""Values of header fields as text: bytes decoded, lines joined, encoded words read (RFC 5322 2.2.3, 2047, 6532)."""

from __future__ import annotations

import re

from ..charsets import decode_raw
from .encoded_words import decode_words

# A run of CR is looked at from its beginning only, or it would be looked at from each place in it.
_LINE_END = re.compile("(?<!\r)\r*\n[ \t]?|\r")
_LINE_ENDS = re.compile("[\r\n]+")


def unfolded(value: bytes, charset: str = "") -> str:
    """The value as one line of text, encoded words as they are; `charset` is that of the text of the message."""
    text = value.decode("ascii") if value.isascii() and b"\x1b" not in value else decode_raw(value, charset)
    if "\n" in text:
        text = text.replace("\n ", " ").replace("\n\t", " ")
    if "\n" in text or "\r" in text:
        text = _LINE_END.sub(_joint, text)
    return text.strip(" \t")


def _joint(line_end: re.Match[str]) -> str:
    # Old programs put a TAB where there was a space; what they folded is one space for everybody.
    return " " if line_end[0][-1] in " \t" else ""


def read_text(value: bytes, charset: str = "") -> str:
    """The text of a field that people read (Subject, Comments …), on one line."""
    text = unfolded(value, charset)
    decoded = decode_words(text) if "=?" in text else text
    if "\0" in decoded:  # nobody sees it, and an answer with it in its subject would be refused
        decoded = decoded.replace("\0", "")
    return _LINE_ENDS.sub(" ", decoded) if "\n" in decoded or "\r" in decoded else decoded
