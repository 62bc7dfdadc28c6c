"""HTML to plain text, and plain text to HTML.

The text says what a reader of the page would read: paragraphs, list signs, cells, quotations and the words that stand
for images, without scripts, styles and what is hidden. A scanner that never fails and reads each character once.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

# Attributes in quotes may hold angle brackets; where a quote is not closed, the next bracket ends the tag.
_TAG = re.compile(r"""<(/?)([A-Za-z][A-Za-z0-9:_-]*)(?:([^<>"']*(?:(?:"[^"]*"|'[^']*')[^<>"']*)*)>|([^<>]*)>)""")
_MARK = re.compile("<(?:!--|[!?/A-Za-z])")
_SPACE = re.compile("[ \t\r\n\f]+")
_ATTRIBUTE = r"""(?<![^\s"'/]){}\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"""
_ALT = re.compile(_ATTRIBUTE.format("alt"), re.IGNORECASE)
_START = re.compile(_ATTRIBUTE.format("start"), re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)

# What is inside them is no text.
_SKIPPED = frozenset(
    "script style head title template noembed noframes object applet audio video canvas svg math select".split()
)
# What is inside them is no markup either.
_RAW = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style", "title", "textarea", "xmp")}
_HIDING = frozenset("div span p td tr table section font".split())
_PARAGRAPHS = frozenset("p h1 h2 h3 h4 h5 h6 ul ol dl blockquote pre table".split())
_BLOCKS = frozenset(
    "div address article aside section header footer main nav figure figcaption form fieldset legend center dt dd li tr"
    " caption thead tbody tfoot body html details summary hgroup dir menu option".split()
)
_DEEPEST = 20  # quotations inside each other are not marked any further


def text_of(page: str) -> str:
    """The words of an HTML text, its lines ended with LF."""
    return _Writer().write(page)


class _Writer:
    """Follows the page from tag to tag and writes lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.blank = 0  # how many line ends stand before the next word
        self.space = False  # a space stands before the next word
        self.quotes = self.last_quotes = 0
        self.preformatted = 0
        self.fresh_preformatted = False
        self.lists: list[int] = []  # the number of the last entry; -1 for a list without numbers
        self.skipping = ""  # the element whose inside is passed over
        self.skipped_depth = 0

    def write(self, page: str) -> str:
        position = 0
        for mark in _markup(page):
            self.text(page[position : mark.start])
            position = mark.end
            if mark.name:
                self.tag(mark)
        self.text(page[position:])
        self.end_line()
        return "\n".join(self.lines).strip("\n") + ("\n" if self.lines else "")

    def text(self, text: str) -> None:
        if self.skipping or not text:
            return
        if "&" in text:
            text = html.unescape(text)
        if self.preformatted:
            self.preformatted_text(text)
            return
        words = _SPACE.sub(" ", text)
        if words.startswith(" "):
            self.space = True
            words = words[1:]
        if not words:
            return
        self.word(words.removesuffix(" "))
        self.space = words.endswith(" ")

    def preformatted_text(self, text: str) -> None:
        text = text.replace("\r\n", "\n")
        if self.fresh_preformatted and text:
            text = text.removeprefix("\n")  # the line end behind the tag is no line
            self.fresh_preformatted = False
        first, *others = text.split("\n")
        if first:
            self.word(first)
        for line in others:
            self.end_line(keep_empty=True)
            self.begin_line()
            self.line.append(line)

    def word(self, words: str) -> None:
        if not self.line:
            self.begin_line()
        elif self.space:
            self.line.append(" ")
        self.space = False
        self.line.append(words)

    def begin_line(self) -> None:
        if self.lines:
            # An empty line between a quotation and what is around it belongs to neither.
            between = self.prefix(min(self.quotes, self.last_quotes)).rstrip()
            self.lines += [between] * max(self.blank - 1, 0)
        self.last_quotes = self.quotes
        self.blank = 0
        self.space = False
        self.line = [self.prefix(self.quotes)]

    def prefix(self, quotes: int) -> str:
        return "> " * min(quotes, _DEEPEST)

    def end_line(self, keep_empty: bool = False) -> None:
        if self.line or keep_empty:
            self.lines.append("".join(self.line).replace("\xa0", " ").rstrip(" "))
            self.line = []
        self.space = False

    def break_block(self, lines: int) -> None:
        self.end_line()
        self.blank = max(self.blank, lines)

    def tag(self, mark: _Mark) -> None:
        if self.skipping:
            if mark.name == self.skipping:
                self.skipped_depth += -1 if mark.closing else 1
                if self.skipped_depth <= 0:
                    self.skipping = ""
            return
        if not mark.closing and (mark.name in _SKIPPED or _is_hidden(mark)):
            self.skipping, self.skipped_depth = mark.name, 1
            return
        if mark.name in _PARAGRAPHS or mark.name in _BLOCKS:
            self.block(mark)
        elif mark.name == "br":
            self.line_break()
        elif mark.name == "hr":
            self.break_block(1)
            self.word("-" * 40)
            self.break_block(1)
        elif mark.name in ("td", "th") and not mark.closing and self.line:
            self.word("\t")
        elif mark.name == "img":
            alt = _ALT.search(mark.attributes)
            if alt:
                self.text(alt[1] or alt[2] or alt[3] or "")

    def line_break(self) -> None:
        if self.line:
            self.end_line()
        else:
            self.begin_line()
            self.end_line(keep_empty=True)

    def block(self, mark: _Mark) -> None:
        nested = mark.name in ("ul", "ol") and len(self.lists) > (0 if not mark.closing else 1)
        self.break_block(2 if mark.name in _PARAGRAPHS and not nested else 1)
        change = -1 if mark.closing else 1
        if mark.name == "blockquote":
            self.quotes = max(self.quotes + change, 0)
        elif mark.name == "pre":
            self.preformatted = max(self.preformatted + change, 0)
            self.fresh_preformatted = not mark.closing
        elif mark.name in ("ul", "ol"):
            self.list_tag(mark)
        elif mark.name == "li" and not mark.closing:
            self.list_entry()

    def list_tag(self, mark: _Mark) -> None:
        if not mark.closing:
            start = _START.search(mark.attributes) if mark.name == "ol" else None
            number = (start[1] or start[2] or start[3]) if start else "1"
            first = int(number) - 1 if number.isdecimal() and len(number) < 7 else 0
            self.lists.append(first if mark.name == "ol" else -1)
        elif self.lists:
            self.lists.pop()

    def list_entry(self) -> None:
        sign = "* "
        if self.lists and self.lists[-1] >= 0:
            self.lists[-1] += 1
            sign = f"{self.lists[-1]}. "
        self.word("  " * min(max(len(self.lists) - 1, 0), _DEEPEST) + sign)


class _Mark:
    """A tag, or (without a name) markup that says nothing to a reader."""

    __slots__ = ("attributes", "closing", "end", "name", "start")

    def __init__(self, start: int, end: int, name: str = "", closing: bool = False, attributes: str = "") -> None:
        self.start = start
        self.end = end
        self.name = name
        self.closing = closing
        self.attributes = attributes


def _is_hidden(mark: _Mark) -> bool:
    """A preview for the list of messages, which the page itself hides."""
    return mark.name in _HIDING and "none" in mark.attributes and _HIDDEN.search(mark.attributes) is not None


def _markup(page: str) -> Iterator[_Mark]:
    """The tags and other markup of a page; what is not closed is either text or the end of it."""
    mark = _MARK.search(page)
    while mark:
        start = mark.start()
        found = _tag_at(page, start) if mark[0][-1].isalpha() or page[start : start + 2] == "</" else None
        if found is None and mark[0][-1] in "-!?/":
            close = "-->" if mark[0] == "<!--" else ">"
            end = page.find(close, start + len(mark[0]))
            found = _Mark(start, len(page) if end < 0 else end + len(close))
        position = start + 1
        if found is not None:
            yield found
            position = found.end
            if found.name in _RAW and not found.closing:
                close_tag = _RAW[found.name].search(page, position)
                position = close_tag.start() if close_tag else len(page)
                if found.name not in ("textarea", "xmp"):
                    yield _Mark(found.end, position)
        mark = _MARK.search(page, position)


def _tag_at(page: str, start: int) -> _Mark | None:
    tag = _TAG.match(page, start)
    if tag is None:
        return None
    return _Mark(start, tag.end(), tag[2].lower(), bool(tag[1]), tag[3] or tag[4] or "")


def html_of(text: str) -> str:
    """A plain text as HTML: signs escaped, lines kept."""
    return f"<p>{html.escape(text, quote=False)}</p>".replace("\r\n", "\n").replace("\n", "<br>\r\n")
