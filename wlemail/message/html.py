r"""Where an HTML text refers to images: the places in the text, so that they can be rewritten and nothing else changes.

A scanner, not a parser: it follows the tokenizer of the HTML standard (13.2.5) as far as tags, attributes, comments and
raw text go, and CSS as far as `url(…)`. It never fails; what is not closed at the end is left alone. All of it takes
time in proportion to the text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple


class Reference(NamedTuple):
    """The text between `start` and `end` refers to an image; `targets` is what it may mean, likeliest first."""

    start: int
    end: int
    targets: tuple[str, ...]


# Elements and attributes that show an image. `v:` is Microsoft's VML, by which Outlook shows backgrounds.
_SOURCES = {
    "img": ("src", "srcset"),
    "source": ("srcset",),
    "input": ("src",),
    "image": ("src", "href", "xlink:href"),
    "v:image": ("src",),
    "v:imagedata": ("src",),
    "v:fill": ("src",),
}
_BACKGROUND = "background"  # of body, table, td and whatever else

_MARKUP = re.compile(r"<(?:(!--)|(/?[A-Za-z][^\s/>]*)|[!?/])")
_ATTRIBUTE = re.compile(r"""[\s/]*(?:(>)|([^\s/>][^\s/>=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>][^\s>]*)))?)""")
_COMMENT_END = re.compile(r"--!?>")
# A comment that Outlook reads: <!--[if mso]> … <![endif]-->
_CONDITION = re.compile(r"\[\s*if\s[^\]>]*\]>", re.IGNORECASE)
# Elements whose content is no markup.
_RAW_TEXT = frozenset({"iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp"})


def image_references(text: str) -> list[Reference]:
    """The references to images in an HTML text, in their order."""
    return list(_references(text))


def rewritten(text: str, changes: list[tuple[Reference, str]]) -> str:
    """The text with each of the references, which are in their order, replaced; every other character stays."""
    pieces, position = [], 0
    for reference, replacement in changes:
        pieces += [text[position : reference.start], replacement]
        position = reference.end
    return "".join([*pieces, text[position:]])


def _references(text: str) -> Iterator[Reference]:
    position = 0
    while markup := _MARKUP.search(text, position):
        position = markup.end()
        if markup[1]:
            position = _behind_comment(text, position)
        elif markup[2]:
            name = markup[2].lower()
            attributes, position = _attributes(text, position)
            yield from _in_attributes(text, name, attributes)
            if name in _RAW_TEXT:
                end = _end_of_raw_text(text, name, position)
                if name == "style":
                    yield from _in_css(text, position, end, _CSS)
                position = end
        else:
            position = text.find(">", position) + 1
        if not position:
            return  # not closed: the rest is no markup


def _behind_comment(text: str, position: int) -> int:
    """Where reading goes on after `<!--`; 0 where the comment never ends."""
    condition = _CONDITION.match(text, position)
    if condition:
        return condition.end()
    # "<!-->" is a whole comment: its end may share the dashes of its beginning.
    end = _COMMENT_END.search(text, position - 2)
    return end.end() if end else 0


class _Attribute(NamedTuple):
    name: str
    start: int
    end: int


def _attributes(text: str, position: int) -> tuple[list[_Attribute], int]:
    """The attributes of a tag that have a value, and the position behind the tag (0 where it never ends)."""
    found: list[_Attribute] = []
    while attribute := _ATTRIBUTE.match(text, position):
        position = attribute.end()
        if attribute[1]:
            return found, position
        group = attribute.lastindex or 2
        if group > 2:
            found.append(_Attribute(attribute[2].lower(), *attribute.span(group)))
        elif _opens_value(text, position):
            return [], 0  # a quote that is never closed
    return [], 0


_VALUE = re.compile(r"""\s*=\s*["']""")


def _opens_value(text: str, position: int) -> bool:
    return _VALUE.match(text, position) is not None


def _in_attributes(text: str, element: str, attributes: list[_Attribute]) -> Iterator[Reference]:
    shown = _SOURCES.get(element, ())
    for name, start, end in attributes:
        if name == "style":
            yield from _in_css(text, start, end, _CSS_IN_ATTRIBUTE)
        elif name == "srcset" and name in shown:
            yield from _in_srcset(text, start, end)
        elif name in shown or name == _BACKGROUND:
            value = text[start:end].strip()
            if value:
                yield Reference(start, end, (_one_line(html.unescape(value)),))


_LINE_ENDS = re.compile(r"[\t\r\n]")


def _one_line(url: str) -> str:
    """A URL as browsers read it: a line end inside is no part of it (URL standard 4.4)."""
    return _LINE_ENDS.sub("", url).strip()


def _in_srcset(text: str, start: int, end: int) -> Iterator[Reference]:
    """`a.png 1x, b.png 2x`: URLs, each with a description up to the next comma."""
    position = start
    while candidate := _CANDIDATE.match(text, position, end):
        url = candidate[1]
        position = candidate.end()
        if url.endswith(","):
            url = url.rstrip(",")
        else:
            comma = text.find(",", position, end)
            position = end if comma < 0 else comma + 1
        if url:
            begin = candidate.start(1)
            yield Reference(begin, begin + len(url), (html.unescape(url),))


_CANDIDATE = re.compile(r"[\s,]*([^\s,]\S*)")


def _end_of_raw_text(text: str, element: str, position: int) -> int:
    """Where the end tag of a raw text element begins; 0 where there is none."""
    if not position:
        return 0
    end = re.compile(f"</{element}(?=[\\s/>])", re.IGNORECASE).search(text, position)
    return end.start() if end else 0


# -- CSS --------------------------------------------------------------------------------------------


def _css_pattern(double: str, single: str, *entities: str) -> re.Pattern[str]:
    """Comments, strings and @import rules, which hold no image, or `url(…)` with its quotes as they are written.

    `entities` are further spellings of the two quotes. What a quote opens ends at the first that closes it, or at the
    end, so that no part of the text is read over and over.
    """
    in_double, in_single = r'[^"]', r"[^']"
    if entities:
        double, single = f"(?:{double}|{entities[0]})", f"(?:{single}|{entities[1]})"
        in_double, in_single = rf'(?:[^"&]|&(?!{entities[0][1:]}))', rf"(?:[^'&]|&(?!{entities[1][1:]}))"
    return re.compile(
        r"/\*.*?(?:\*/|\Z)"
        r"|@import\b[^;{}]*"
        rf"|\burl\((?:\s*{double}(?P<double>{in_double}*){double}\s*|\s*{single}(?P<single>{in_single}*){single}\s*"
        r"|(?P<plain>(?:[^)(\"'\\]|\\.)*))\)"
        rf"|{double}{in_double}*(?:{double}|\Z)"
        rf"|{single}{in_single}*(?:{single}|\Z)",
        re.IGNORECASE | re.DOTALL,
    )


_CSS = _css_pattern('"', "'")
_CSS_IN_ATTRIBUTE = _css_pattern('"', "'", "&(?:quot;|#0*34;|#x0*22;)", "&(?:apos;|#0*39;|#x0*27;)")
_CSS_ESCAPE = re.compile(r"\\(?:([0-9A-Fa-f]{1,6})\s?|(.))")


def _in_css(text: str, start: int, end: int, pattern: re.Pattern[str]) -> Iterator[Reference]:
    for found in pattern.finditer(text, start, end):
        if found.lastgroup is None:
            continue
        first, last = found.span(found.lastgroup)
        written = text[first:last]
        if pattern is _CSS_IN_ATTRIBUTE:
            written = html.unescape(written)
        written = _one_line(written)
        if written:
            # A backslash escapes in CSS; in scripts it usually parts the folders of a path.
            yield Reference(first, last, tuple(dict.fromkeys((written, _CSS_ESCAPE.sub(_unescaped, written)))))


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1]:
        code = int(escape[1], 16)
        return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
    return escape[2]
