"""Text in header fields: encoded words (RFC 2047), always in UTF-8 when written, in any charset when read."""

from __future__ import annotations

import re
from binascii import a2b_base64, a2b_qp, b2a_base64
from typing import NamedTuple

from ..charsets import decode_text, to_utf8, without_surrogates

#: the longest encoded word (RFC 2047 2)
LONGEST_WORD = 75
_AROUND = len("=?utf-8?q??=")

# RFC 2047 5 (3): what may stand for itself even in a display name. Others may elsewhere; one set is enough.
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_Q = tuple(chr(b) if b in _Q_SAFE else "_" if b == 0x20 else f"={b:02X}" for b in range(256))
_Q_PLAIN = bytes(_Q_SAFE) + b" "


def encode_words(text: str, room: int = LONGEST_WORD, longest: int = LONGEST_WORD) -> list[str]:
    """The text as encoded words of at most `longest` characters, the first of at most `room` (30 or more).

    No character is cut in two (RFC 2047 5: each word is decoded on its own). B or Q, whichever is shorter.
    """
    data = to_utf8(text)
    escaped = len(data.translate(None, _Q_PLAIN))
    if len(data) + 2 * escaped <= (len(data) + 2) // 3 * 4:
        return _q_words(text if text.isascii() else without_surrogates(text), room, longest)
    return _b_words(data, room, longest)


def _q_words(text: str, room: int, longest: int) -> list[str]:
    words: list[str] = []
    current: list[str] = []
    left = room - _AROUND
    for character in text:
        encoded = _Q[ord(character)] if character < "\x80" else "".join([_Q[b] for b in character.encode("utf-8")])
        if len(encoded) > left:
            words.append(f"=?utf-8?q?{''.join(current)}?=")
            current = []
            left = longest - _AROUND
        current.append(encoded)
        left -= len(encoded)
    words.append(f"=?utf-8?q?{''.join(current)}?=")
    return words


def _b_words(data: bytes, room: int, longest: int) -> list[str]:
    words = []
    start = 0
    while start < len(data):
        end = min(start + (room - _AROUND) // 4 * 3, len(data))
        while end < len(data) and data[end] & 0xC0 == 0x80:
            end -= 1
        words.append(f"=?utf-8?b?{b2a_base64(data[start:end], newline=False).decode('ascii')}?=")
        start, room = end, longest
    return words


# -- reading ----------------------------------------------------------------------------------------

_START = re.compile(r"=\?([^?\s]{0,80})\? ?([bBqQ])\?")
_NOT_BASE64 = bytes(sorted(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")))


def decode_words(text: str) -> str:
    """The text of an unfolded field value with its encoded words decoded; what cannot be decoded stays as it is.

    QUIRK: many programs cut a character between two words; the bytes of neighbours in one charset are joined first.
    Words are also found inside other words of text, with spaces in them, and with `?` in them: all that is in mail.
    """
    if "=?" not in text:
        return text
    pieces: list[str] = []
    run = _Run()
    position = 0
    start = _START.search(text)
    while start:
        # The end is looked for once behind each start, and the next start behind that end: no text is read twice.
        end = text.find("?=", start.end())
        if end < 0:
            text, end = _with_end(text, start.end())
            if end < 0:
                break
        word = _word(start[1], start[2], text[start.end() : end])
        if word is not None:
            between = text[position : start.start()]
            if between and not (run.words and not between.strip(" \t\r\n")):
                pieces += [run.text(), between]
            elif run.words and run.charset != word.charset:
                pieces.append(run.text())
            run.add(word)
            position = end + 2
        start = _START.search(text, end + 2)
    pieces += [run.text(), text[position:]]
    return "".join(pieces)


def _with_end(text: str, start: int) -> tuple[str, int]:
    """A value that was cut off inside an encoded word, ended; and where the word ends (-1: it was no word)."""
    encoded = text[start:].rstrip("?=")
    if not encoded or " " in encoded or "\t" in encoded:
        return text, -1
    return f"{text[:start]}{encoded}?=", start + len(encoded)


class _Word(NamedTuple):
    charset: str
    data: bytes
    base64: bytes  #: the encoded bytes where the encoding is B


class _Run:
    """Encoded words in one charset with nothing but space between them."""

    def __init__(self) -> None:
        self.words: list[_Word] = []

    @property
    def charset(self) -> str:
        return self.words[-1].charset

    def add(self, word: _Word) -> None:
        self.words.append(word)

    def text(self) -> str:
        """The text of the words so far, which are then forgotten."""
        words, self.words = self.words, []
        if not words:
            return ""
        text, wrong = decode_text(b"".join([word.data for word in words]), words[0].charset)
        if wrong and len(words) > 1 and all(word.base64 for word in words):
            # QUIRK: some programs encode the whole text and cut the base64 anywhere.
            whole, still_wrong = decode_text(_from_base64(b"".join([word.base64 for word in words])), words[0].charset)
            return text if still_wrong else whole
        return text


def _word(charset: str, encoding: str, encoded: str) -> _Word | None:
    charset = charset.partition("*")[0].lower()  # RFC 2231 5: a language may follow
    raw = to_utf8(encoded)
    if encoding in "qQ":
        return _Word(charset, a2b_qp(raw, header=True), b"")
    letters = raw.translate(None, _NOT_BASE64)
    if len(letters) == 1 or (raw and not letters):
        return None
    return _Word(charset, _from_base64(letters), letters)


def _from_base64(letters: bytes) -> bytes:
    """The bytes; padding may be missing, and a letter too many at the end is left out."""
    whole = len(letters) % 4
    return a2b_base64(letters[:-1] if whole == 1 else letters + b"=" * (-whole % 4))
