"""Where a header begins and ends, and which of its lines are fields (RFC 5322 2.2), whatever else is among them."""

from __future__ import annotations

import re
from typing import NamedTuple

BLANK_LINE = re.compile(rb"\n\r*\n")
_MAILBOX_LINE = re.compile(rb">?From (?![ \t]*:)[^\n]*\n")
_BLANK_LINES = re.compile(rb"(?:[ \t]*\r*\n)+")
_FIELD_START = re.compile(rb"[!-9;-~]+[ \t]*:")
# What the header of a message begins with; other lines with a colon may be text.
_USUAL_FIELD = re.compile(
    rb"(?:received|return-path|delivered-to|from|to|cc|subject|date|message-id|mime-version|sender|reply-to"
    rb"|content-type|dkim-signature|x-[!-9;-~]+):",
    re.IGNORECASE,
)


def message_start(data: bytes, start: int, end: int) -> tuple[int, str]:
    """Where the header of a message begins: behind an mbox line, empty lines and text that came before.

    Returns the place, and what was wrong ("" where nothing was).
    """
    blank = _BLANK_LINES.match(data, start, end)
    begin = blank.end() if blank else start
    mailbox_line = _MAILBOX_LINE.match(data, begin, end)
    if mailbox_line:
        return mailbox_line.end(), ""
    if not _FIELD_START.match(data, begin, end):
        return (start, "") if blank else _behind_text(data, start, end)
    return begin, "empty lines before the header" if blank else ""


def _behind_text(data: bytes, start: int, end: int) -> tuple[int, str]:
    """Some program wrote a notice before the message: its header is then the next block of lines."""
    notice = BLANK_LINE.search(data, start, end)
    if notice is None or any(map(_USUAL_FIELD.match, data[start : notice.start()].split(b"\n"))):
        return start, ""
    behind = _BLANK_LINES.match(data, notice.end(), end)
    begin = behind.end() if behind else notice.end()
    block = BLANK_LINE.search(data, begin, end)
    if block is None or not _FIELD_START.match(data, begin, end):
        return start, ""
    if sum(map(bool, map(_USUAL_FIELD.match, data[begin : block.start()].split(b"\n")))) < 3:
        return start, ""
    return begin, "text before the header"


# A field with its folded lines, or a line that is none, with the lines that are folded to it.
FIELD = re.compile(rb"([^\x00-\x20\x7f:]+)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)|([^\n]+(?:\n[ \t][^\n]*)*)")
_INDENTED_FIELD = re.compile(rb"[ \t]+([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)
# A line that is no field, and yet a piece of the value before it: `name="x.zip"` without the space in front.
_LOST_PARAMETER = re.compile(rb"[A-Za-z][A-Za-z0-9*-]*=")
# A run of CR is looked at from its beginning only, or it would be looked at from each place in it.
_LONE_CR = re.compile(rb"(?<!\r)\r+\n|\r(?=[!-9;-~]{1,100}:|[ \t])")

Fields = list[tuple[bytes, bytes]]


def header_block(data: bytes, start: int, end: int) -> bytes:
    """The lines of a header, each ended with LF."""
    block = data[start:end]
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n").rstrip(b"\r")
        if b"\r" in block:
            block = _LONE_CR.sub(b"\n", block)
    return block


def read_fields(block: bytes) -> Fields:
    """The fields in a block of lines that is not the header of an entity (a report's)."""
    return with_odd_lines(FIELD.findall(header_block(block, 0, len(block)))).fields


class Header(NamedTuple):
    """What the lines of a header are."""

    fields: Fields
    stray: bytes = b""  #: the lines behind the last field that are no fields
    boundary: bytes = b""  #: the line that looks like a boundary line, where there is one: the header ends before it
    odd: bool = False  #: there are other lines that are no fields


def with_odd_lines(found: list[tuple[bytes, bytes, bytes]]) -> Header:
    """A header with lines that look like no fields: some belong to the field before them."""
    fields: list[tuple[bytes, list[bytes]]] = []
    stray: list[bytes] = []
    odd = False
    for name, value, line in found:
        if name:
            odd = odd or bool(stray)
            stray = []
            fields.append((name, [value]))
        elif line.startswith(b"--"):
            return Header(_joined(fields), b"\n".join(stray), line.partition(b"\n")[0], odd)
        elif not stray and fields and _continues(fields[-1][1][-1], line):
            fields[-1][1].append(line)
            odd = True
        else:
            indented = _INDENTED_FIELD.match(line)
            if indented and not fields:
                fields.append((indented[1], [indented[2]]))
            elif not line.startswith((b"From ", b">From ")) and line.strip():
                stray.append(line)
    return Header(_joined(fields), b"\n".join(stray), odd=odd)


def _joined(fields: list[tuple[bytes, list[bytes]]]) -> Fields:
    return [(name, b" ".join(values)) for name, values in fields]


def _continues(value: bytes, line: bytes) -> bool:
    return _LOST_PARAMETER.match(line) is not None or value.rstrip(b" \t")[-1:] in (b";", b",")
