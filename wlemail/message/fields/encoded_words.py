"""Text in header fields: encoded words (RFC 2047), always in UTF-8 when written, in any charset when read."""

from __future__ import annotations

import re
from binascii import Error as _BadEncoding
from binascii import a2b_base64, a2b_qp, b2a_base64

from ..charsets import to_utf8, without_surrogates

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


_WORD = re.compile(r"=\?([^?\s*]+)(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=")


def decode_words(text: str) -> str:
    """The text of an unfolded field value with its encoded words decoded; what cannot be decoded stays as it is.

    QUIRK: many programs cut a character between two words; the bytes of neighbours in one charset are joined first.
    """
    if "=?" not in text:
        return text
    pieces: list[str] = []
    pending = b""
    charset = ""
    position = 0
    for word in _WORD.finditer(text):
        between = text[position : word.start()]
        data = _word_bytes(word[2], word[3])
        if data is None:
            continue
        if pending and between.strip(" \t\r\n") == "":
            between = ""
        if pending and (between or word[1].lower() != charset):
            pieces.append(_decode(pending, charset))
            pending = b""
        pieces.append(between)
        pending += data
        charset = word[1].lower()
        position = word.end()
    if pending:
        pieces.append(_decode(pending, charset))
    pieces.append(text[position:])
    return "".join(pieces)


def _word_bytes(encoding: str, encoded: str) -> bytes | None:
    raw = encoded.encode("ascii", "ignore")
    if encoding in "qQ":
        return a2b_qp(raw, header=True)
    try:
        return a2b_base64(raw + b"=" * (-len(raw) % 4))
    except _BadEncoding:
        return None


def _decode(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset)
    except (LookupError, UnicodeDecodeError, ValueError):
        return data.decode("utf-8", "replace") if charset != "utf-8" else data.decode("latin-1")
