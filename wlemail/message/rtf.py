r"""What RTF says: the HTML or the text that Exchange has put into it ([MS-OXRTFEX]), else its words.

Only what stands for text is understood: characters, paragraphs, tabs, and which groups are no text. Never fails.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(
    rb"\\(?:(?P<word>[A-Za-z]{1,32})(?P<number>-?[0-9]{1,10})? ?|'(?P<byte>[0-9A-Fa-f]{2})|(?P<sign>[^A-Za-z\r\n])"
    rb"|(?P<newline>\r?\n))"
    rb"|(?P<group>[{}])|(?P<text>[^\\{}\r\n]+)|[\r\n]+|\\",
    re.DOTALL,
)
# Groups that hold no text of the document.
_NO_TEXT = frozenset(
    b"fonttbl colortbl stylesheet info pict object header footer headerl headerr headerf footerl footerr footerf"
    b" footnote annotation xe tc listtable listoverridetable revtbl rsidtbl generator fldinst themedata datastore"
    b" latentstyles mmathPr pntext pntxta pntxtb nonshppict".split()
)
_WORDS = {
    b"par": "\n", b"line": "\n", b"sect": "\n", b"page": "\n", b"row": "\n", b"tab": "\t", b"cell": "\t",
    b"lquote": "\u2018", b"rquote": "\u2019", b"ldblquote": "\u201c", b"rdblquote": "\u201d", b"bullet": "\u2022",
    b"endash": "\u2013", b"emdash": "\u2014", b"emspace": "\u2003", b"enspace": "\u2002", b"zwj": "\u200d",
    b"zwnj": "\u200c",
}  # fmt: skip
_SIGNS = {b"~": "\xa0", b"_": "\u2011", b"{": "{", b"}": "}", b"\\": "\\"}
# \fcharsetN of the font table
_CHARSETS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "cp950", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
_DEEPEST = 500


class RtfText(NamedTuple):
    """The text of an RTF document; `is_html` where it is the source of a page."""

    text: str
    is_html: bool


def read_rtf(data: bytes) -> RtfText:
    """The HTML that the document was made from, else its text, lines ended with LF."""
    head = data[:1000]
    return _Reader(html=b"\\fromhtml" in head).read(data)


class _Group(NamedTuple):
    """What holds within braces."""

    hidden: bool = False  #: it is no text
    in_tag: bool = False  #: it is a piece of the HTML that RTF has no words for
    rtf_only: bool = False  #: it stands for such a piece, and is left out (\\htmlrtf)
    font: int = -1
    after_unicode: int = 1  #: how many bytes stand behind \\u for readers that do not know it


class _Reader:
    def __init__(self, html: bool) -> None:
        self.html = html
        self.out: list[str] = []
        self.waiting = bytearray()  # bytes of characters, until another charset or something else comes
        self.group = _Group()
        self.outer: list[_Group] = []
        self.too_deep = 0
        self.charset = "cp1252"
        self.fonts: dict[int, str] = {}
        self.defining_font = -1
        self.starred = False
        self.fresh = False  # a brace was just opened
        self.skip = 0  # bytes behind \\u that are left out

    def read(self, data: bytes) -> RtfText:
        for token in _TOKEN.finditer(data):
            kind = token.lastgroup
            if kind == "group":
                self.brace(token["group"])
            elif kind in ("word", "number"):
                self.word(token["word"], token["number"])
            elif kind == "byte":
                self.characters(bytes((int(token["byte"], 16),)))
            elif kind == "text":
                self.characters(token["text"])
            elif kind == "sign":
                self.sign(token["sign"])
            elif kind == "newline":
                self.write("\n")
        self.flush()
        return RtfText(_joined_surrogates("".join(self.out)).rstrip("\0"), self.html)

    # -- what is written

    @property
    def silent(self) -> bool:
        group = self.group
        return group.hidden or (self.html and group.rtf_only and not group.in_tag)

    def characters(self, data: bytes) -> None:
        self.fresh = False
        if self.skip:
            cut = min(self.skip, len(data))
            self.skip -= cut
            data = data[cut:]
        if data and not self.silent:
            self.waiting += data

    def write(self, text: str) -> None:
        self.fresh = False
        self.skip = 0
        if not self.silent:
            self.flush()
            self.out.append(text)

    def flush(self) -> None:
        if self.waiting:
            charset = self.fonts.get(self.group.font, self.charset)
            self.out.append(bytes(self.waiting).decode(charset, "replace"))
            self.waiting.clear()

    # -- what is read

    def brace(self, brace: bytes) -> None:
        self.flush()
        self.skip = 0
        if brace == b"{":
            if len(self.outer) < _DEEPEST:
                self.outer.append(self.group)
            else:
                self.too_deep += 1
        elif self.too_deep:
            self.too_deep -= 1
        elif self.outer:
            self.group = self.outer.pop()
        self.fresh = brace == b"{"
        self.starred = False

    def sign(self, sign: bytes) -> None:
        if sign == b"*" and self.fresh:
            self.starred = True
        elif sign in _SIGNS:
            self.write(_SIGNS[sign])

    def word(self, word: bytes, digits: bytes | None) -> None:
        number = int(digits) if digits else None
        if self.fresh and (self.starred or word in _NO_TEXT):
            self.open_destination(word)
        self.fresh = False
        if word == b"u" and number is not None:
            self.write(chr(number % 0x10000))
            self.skip = self.group.after_unicode
        elif word in _WORDS:
            # A line of the page ends at \\par of the RTF and in the tags themselves.
            self.write(_WORDS[word])
        elif word in _SETTINGS:
            self.flush()
            _SETTINGS[word](self, number)

    def open_destination(self, word: bytes) -> None:
        if word == b"htmltag" and self.html:
            self.group = self.group._replace(in_tag=True, hidden=False)
        elif word not in (b"shppict", b"fldrslt"):
            self.group = self.group._replace(hidden=True)
        self.starred = False

    def set_code_page(self, number: int | None) -> None:
        charset = f"cp{number}"
        if charset in _CODE_PAGES:
            self.charset = _CODE_PAGES[charset]

    def set_font(self, number: int | None) -> None:
        self.defining_font = number or 0
        self.group = self.group._replace(font=number or 0)

    def set_font_charset(self, number: int | None) -> None:
        if number in _CHARSETS:
            self.fonts[self.defining_font] = _CHARSETS[number]

    def set_after_unicode(self, number: int | None) -> None:
        self.group = self.group._replace(after_unicode=min(max(1 if number is None else number, 0), 8))

    def set_rtf_only(self, number: int | None) -> None:
        self.group = self.group._replace(rtf_only=number != 0)

    def set_plain(self, number: int | None) -> None:
        self.group = self.group._replace(font=-1)

    def set_hidden(self, number: int | None) -> None:
        if not self.html:
            self.group = self.group._replace(hidden=number != 0)

    def skip_binary(self, number: int | None) -> None:
        self.skip = max(number or 0, 0)


_CODE_PAGES = {f"cp{number}": f"cp{number}" for number in (437, 850, 852, 866, 874, 932, 949, 950, *range(1250, 1259))}
_CODE_PAGES |= {"cp936": "gb18030", "cp65001": "utf-8", "cp10000": "mac_roman", "cp1361": "johab"}
_SETTINGS = {
    b"ansicpg": _Reader.set_code_page,
    b"f": _Reader.set_font,
    b"fcharset": _Reader.set_font_charset,
    b"uc": _Reader.set_after_unicode,
    b"htmlrtf": _Reader.set_rtf_only,
    b"plain": _Reader.set_plain,
    b"v": _Reader.set_hidden,
    b"bin": _Reader.skip_binary,
}


def _joined_surrogates(text: str) -> str:
    """\\u counts UTF-16: two of them may be one character."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
