"""Writing for people at a terminal, of whatever kind: consoles in cp1252, pipes, terminals with and without colours."""

from __future__ import annotations

import os
import re
import shutil
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

# Control characters act on a terminal and direction marks on how a line reads: mail is written by strangers.
_UNSAFE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_FANCY = "─│├└✓✗→·…“”█░"
_PLAIN = '-||`+x>-.""#.'


def clean(text: str) -> str:
    """The text of a stranger for one line of a terminal: nothing in it can move the cursor or reorder the line."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text.expandtabs(4))


class Console:
    """A stream for lines that never fails on a character it does not have."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stdout if stream is None else stream
        self._encoding = getattr(self._stream, "encoding", None) or "utf-8"
        self._colours = self._has_colours()
        self._marks = {mark: plain for mark, plain in zip(_FANCY, _PLAIN, strict=True) if not self._can_write(mark)}
        self.width = min(100, max(60, shutil.get_terminal_size((100, 25)).columns))

    def line(self, text: str = "") -> None:
        """Write one line; lines, ticks and arrows become ASCII where the stream has none."""
        self._write(text, "\n")

    def over(self, text: str) -> None:
        """Write over the line that the terminal is in; what is written next does the same."""
        room = self.width - 1
        self._write("\r" + text[:room].ljust(room), "\r")

    def _write(self, text: str, end: str) -> None:
        shown = "".join(self._marks.get(character, character) for character in text)
        # Encoded here, not by the stream: many streams raise on what they cannot write.
        self._stream.write(shown.encode(self._encoding, "replace").decode(self._encoding) + end)
        self._stream.flush()

    def heading(self, title: str) -> None:
        """A line across the terminal with a title in it."""
        self.line()
        self.line(self.strong(f"── {title} ".ljust(self.width, "─")))

    def field(self, name: str, value: str, indent: int = 2) -> None:
        """A name and its value; further lines of the value stand below the first."""
        lines = value.split("\n") or [""]
        for n, line in enumerate(lines):
            label = f"{'' if n else name:12}"
            self.line(" " * indent + self.faint(label) + line)

    def strong(self, text: str) -> str:
        return self._styled("1", text)

    def faint(self, text: str) -> str:
        return self._styled("2", text)

    def good(self, text: str) -> str:
        return self._styled("32", text)

    def bad(self, text: str) -> str:
        return self._styled("31", text)

    def _styled(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colours else text

    def _has_colours(self) -> bool:
        if "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb" or not self._stream.isatty():
            return False
        # The old Windows console shows escape sequences as they are; Windows Terminal names itself.
        return sys.platform != "win32" or "WT_SESSION" in os.environ

    def _can_write(self, text: str) -> bool:
        try:
            text.encode(self._encoding)
        except UnicodeEncodeError:
            return False
        return True
