"""Files that stand uuencoded in a text, as mail carried them before MIME."""

from __future__ import annotations

import re
from typing import NamedTuple

from .decodings import decode_uu_lines

# The first line after `begin` tells whether it is one: 45 bytes make 60 characters after the M, the last line fewer.
_BEGIN = re.compile(rb"(?:(?<=\n)|\A)begin [0-7]{3,4} ([^\r\n]*)\r?\n(?=M[ -`]{60}|[!-L][ -`]{2,60}\r?\n|`\r?\n|end)")
_END = re.compile(rb"\nend[ \t]*(?:\r?\n|\Z)")
# The whole lines of a file whose end was cut off.
_LINES = re.compile(rb"(?:M[ -`]{60,61}\r?(?:\n|\Z))+")


class UuFile(NamedTuple):
    name: str
    content: bytes


def split_uu_files(content: bytes) -> tuple[bytes, list[UuFile]]:
    """A text without the uuencoded files in it, and these files."""
    if b"begin " not in content:
        return content, []
    text: list[bytes] = []
    files: list[UuFile] = []
    position = 0
    begin = _BEGIN.search(content)
    while begin:
        end = _END.search(content, begin.end() - 1) or _LINES.match(content, begin.end())
        if end is None:
            break
        is_whole = end.re is _END
        lines_end = end.start() if is_whole else end.end()
        files.append(UuFile(_name(begin[1]), decode_uu_lines(content, begin.end(), lines_end).data))
        text.append(content[position : begin.start()])
        position = end.end()
        # No end behind this place: looking for one again and again would take the square of the time.
        begin = _BEGIN.search(content, position) if is_whole else None
    text.append(content[position:])
    return b"".join(text), files


def _name(written: bytes) -> str:
    try:
        return written.decode("utf-8").strip()
    except UnicodeDecodeError:
        return written.decode("latin-1").strip()
