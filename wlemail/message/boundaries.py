"""The lines between the parts of a multipart (RFC 2046 5.1.1), found without looking at the other lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple


class Delimiter(NamedTuple):
    """A boundary line."""

    line_end: int  #: the end of what comes before: the line end in front belongs to the delimiter
    content: int  #: where the line behind begins
    closing: bool


_AFTER = re.compile(rb"(--)?(?:[ \t][^\n]*|\r*)(?:\n|\Z)")
# After so many lines that only begin like the boundary they are not looked at one by one any more.
_PATIENCE = 50


def delimiters(data: bytes, start: int, end: int, boundary: bytes) -> Iterator[Delimiter]:
    """The delimiter lines of a multipart, up to the closing one.

    RFC 2046 5.1.1: it is sufficient that the boundary appear in its entirety following the CRLF; what follows space on
    the line is ignored. A longer boundary that begins like this one is another one.
    """
    needle = b"\n--" + boundary
    if not start or data[start - 1] != 10:
        if data.startswith(needle[1:], start, end):
            after = _AFTER.match(data, start + len(needle) - 1, end)
            if after:
                yield Delimiter(start, after.end(), after[1] is not None)
    else:
        start -= 1
    misses = 0
    place = _find_line(data, needle, start, end)
    while place >= 0:
        after = _AFTER.match(data, place + len(needle), end)
        if after is None:
            misses += 1
            if misses == _PATIENCE:
                yield from _delimiters_by_pattern(data, place + 1, end, needle)
                return
            place = data.find(needle, place + len(needle), end)
            continue
        yield Delimiter(_before_line_end(data, place), after.end(), after[1] is not None)
        place = _find_line(data, needle, after.end() - 1, end)


# The header of a part has fewer hyphens than that.
_HYPHENS = 24


def _find_line(data: bytes, needle: bytes, start: int, end: int) -> int:
    """`data.find(needle, start, end)` for a needle that begins with LF and a hyphen.

    Base64 has no hyphens, and looking for a single byte is twenty times as fast as looking for several.
    """
    hyphen = start
    for _ in range(_HYPHENS):
        hyphen = data.find(b"-", hyphen + 1, end)
        if hyphen < 0:
            return -1
        if data[hyphen - 1] == 10 and data.startswith(needle, hyphen - 1, end):
            return hyphen - 1
    return data.find(needle, hyphen, end)


def _delimiters_by_pattern(data: bytes, start: int, end: int, needle: bytes) -> Iterator[Delimiter]:
    pattern = re.compile(re.escape(needle) + _AFTER.pattern)
    line = pattern.search(data, start, end)
    while line:
        yield Delimiter(_before_line_end(data, line.start()), line.end(), line[1] is not None)
        line = pattern.search(data, line.end() - 1, end)


def _before_line_end(data: bytes, line_feed: int) -> int:
    return line_feed - 1 if line_feed and data[line_feed - 1] == 13 else line_feed


# A boundary that the header does not name: dashes, and a header of a part in the next line.
_UNKNOWN = re.compile(rb"\n--([^\r\n]{1,200}?)[ \t]*\r?\n(?:Content-[A-Za-z-]+|MIME-Version):", re.IGNORECASE)


def find_boundary(data: bytes, start: int, end: int) -> bytes:
    """The boundary of a multipart whose header names none, or another one; b"" where there is none."""
    unknown = _UNKNOWN.search(data, max(start - 1, 0), end)
    return unknown[1] if unknown else b""
