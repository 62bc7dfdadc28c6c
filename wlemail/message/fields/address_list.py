"""Address fields as they arrive: the lists of RFC 5322 3.4 and everything else that stands in From, To and Cc.

Nothing is judged here (address.py does that): whoever wrote the message has sent it. All work is linear in the
length of the field.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .encoded_words import decode_words


class Recipient(NamedTuple):
    """One entry of an address field: a name and an address, either of which may be empty, and the group it is in."""

    display: str
    address: str
    group: str = ""

    def __str__(self) -> str:
        """`Name <address>`; the name is quoted where it would be read in another way without."""
        if not self.display:
            return self.address
        name = self.display
        if _NEEDS_QUOTES.search(name):
            name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return f"{name} <{self.address}>" if self.address else name


_NEEDS_QUOTES = re.compile(r'[",;:<>()\[\]\\@]')
_NAMED = re.compile(r'(?:"([^"\\]*)" *|([^"(),:;<>@\[\]\\]*))<([^\s"(),:;<>@\[\]\\]+@[^\s"(),:;<>@\[\]\\]+)>')
_BARE = re.compile(r'[^\s"(),:;<>@\[\]\\=]+@[^\s"(),:;<>@\[\]\\]+')
_BARE_BEHIND = re.compile(rf"[ \t\r\n]*{_BARE.pattern}[ \t\r\n]*(?:,|\Z)")
_SPACES = re.compile("[ \t\r\n]+")


def read_addresses(text: str) -> list[Recipient]:
    """The entries of an address field whose lines are joined and whose encoded words are not decoded yet."""
    if _BARE.fullmatch(text):
        return [Recipient("", text)]
    one = _NAMED.fullmatch(text)
    if one:
        return [Recipient(_name(one[1] or one[2] or ""), one[3])]
    return _Reader(text).entries()


def _name(words: str) -> str:
    """A display name: encoded words decoded, on one line, without space around it."""
    words = decode_words(words) if "=?" in words else words
    words = words.strip(" \t\r\n")
    return _SPACES.sub(" ", words) if "  " in words or "\n" in words or "\t" in words or "\r" in words else words


# Each alternative reads on until something that another one begins with. An encoded word is one token because
# some programs leave commas and brackets in it as they are.
_REST = (
    r"(?P<word>=\?[^?\s]*\?[bBqQ]\?[^?]*\?=)"
    r"|(?P<special>[,;:<(])"
    r"|(?P<literal>\[[^\[\]<>,;\"]*\])"
    r'|(?P<plain>[^",;:<(\[=]+|.)'
)
_TOKEN = re.compile(r'"(?P<quoted>[^"\\]*(?:\\.[^"\\]*)*)(?P<closed>"?)|' + _REST, re.DOTALL)
_TOKEN_WITHOUT_QUOTES = re.compile(_REST, re.DOTALL)
_COMMENT_SIGN = re.compile(r"[()]|\\.", re.DOTALL)
_IN_ANGLES = re.compile("[^<>]*")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
# `Dupont, Jean <j@example.com>`: how many pieces of a name may wait for its address.
_MOST_WAITING = 3
_LONGEST_GROUP_NAME = 20


class _Reader:
    """Reads an address field from left to right; an entry grows until its comma."""

    def __init__(self, text: str, inner: bool = False) -> None:
        self.text = text
        #: it came out of encoded words or quotes: nothing in it is looked into again
        self.inner = inner
        self.found: list[Recipient] = []
        self.group = ""
        self.in_group = False
        self.last_semicolon = text.rfind(";")
        # Before which place two addresses with a comma between them are still to come.
        self.last_pair = text.rfind("@", 0, max(text.rfind(",", 0, max(text.rfind("@"), 0)), 0))
        # Once something was not closed, its opening sign is an ordinary character for the rest of the field.
        self.token = _TOKEN
        self.comments_close = True
        self.waiting: list[str] = []  # pieces without an address, behind which came a comma
        self.start_entry()

    def start_entry(self) -> None:
        self.shown: list[str] = []  # the words, for a display name
        self.written: list[str] = []  # the same as they are written, for an address without brackets
        self.comment = ""
        self.angle: str | None = None
        self.trailing = False  # it began behind an address, without a comma

    def entries(self) -> list[Recipient]:
        position = 0
        while position < len(self.text):
            token = self.token.match(self.text, position)
            if token is None:
                raise AssertionError("the last alternative takes any character")
            position = self.take(token, token.end())
        self.finish_entry()
        self.flush_waiting()
        return self.found

    def take(self, token: re.Match[str], end: int) -> int:
        """Add a token to the entry; returns where the next one begins."""
        kind = token.lastgroup
        if kind == "closed":
            return self.take_quoted(token, end)
        if kind == "special":
            return self.take_special(token[0], end)
        # A bracket too many closes nothing: `Ann <<ann@example.com>>`.
        self.add(token[0].replace(">", ""), token[0])
        return end

    def add(self, shown: str, written: str) -> None:
        if self.angle is not None and shown.strip(" \t\r\n)"):
            # Two addresses without a comma between them: `Ann <a@example.com> Bob <b@example.com>`.
            self.finish_entry()
            self.trailing = True
        self.shown.append(shown)
        self.written.append(written)

    def take_quoted(self, token: re.Match[str], end: int) -> int:
        if not token["closed"]:
            self.token = _TOKEN_WITHOUT_QUOTES
            return token.start() + 1
        self.add(_ESCAPED.sub(r"\1", token["quoted"]), token[0])
        return end

    def take_special(self, sign: str, end: int) -> int:
        if sign == "(":
            return self.take_comment(end)
        if sign == "<":
            return self.take_angle(end)
        if sign == ":":
            self.take_colon(end)
        else:
            self.finish_entry()
            if sign == ";":
                self.flush_waiting()
                self.group, self.in_group = "", False
        return end

    def take_comment(self, start: int) -> int:
        depth = 1
        if self.comments_close:
            for sign in _COMMENT_SIGN.finditer(self.text, start):
                depth += (sign[0] == "(") - (sign[0] == ")")
                if depth == 0:
                    self.comment = self.text[start : sign.start()]
                    self.written.append(" ")
                    return sign.end()
        self.comments_close = False
        self.add("(", "(")
        return start

    def take_angle(self, start: int) -> int:
        inner = _IN_ANGLES.match(self.text, start)
        if inner is None:
            raise AssertionError("the pattern matches nothing at all, too")
        content, end = inner[0], inner.end()
        if self.token is _TOKEN and content.count('"') % 2:
            return self.take_quoted_angle(start)
        if self.text[end : end + 1] == ">":
            self.set_angle(content)
            return end + 1
        if "@" not in content and self.text[end : end + 1] == "<":
            # `<<ann@example.com>>`, `Ann <"Ann" <ann@example.com>>`: this bracket holds no address.
            return start
        content = content.replace(";", ",").partition(",")[0]
        self.set_angle(content)
        return start + len(content)

    def take_quoted_angle(self, start: int) -> int:
        """A local part in quotes that holds an angle bracket."""
        close = _QUOTED_ANGLE.match(self.text, start)
        if close is None:
            self.token = _TOKEN_WITHOUT_QUOTES
            return self.take_angle(start)
        self.set_angle(close[1])
        return close.end()

    def set_angle(self, content: str) -> None:
        if self.angle is not None:
            self.finish_entry()
        content = content.strip(" \t\r\n")
        if content.startswith("@"):  # obs-route: [CFWS "@" domain *("," "@" domain) ":"] goes before the address
            content = content.rpartition(":")[2]
        if content.startswith("=?") and content.endswith("?=") and not self.inner:
            content = decode_words(content)
        self.angle = _bare_address(_without_scheme(content))

    def take_colon(self, end: int) -> None:
        # A name of many pieces is none: joining them at each colon would take the square of the time.
        name = "@" if len(self.shown) > _LONGEST_GROUP_NAME else _name("".join(self.shown))
        if name.lower() == "mailto":
            self.start_entry()
        elif self.angle is None and "@" not in name and not self.in_group and self.closes(end):
            self.group, self.in_group = name, True
            self.start_entry()
        else:
            self.add(":", ":")

    def closes(self, end: int) -> bool:
        """Whether a group that begins here may be one: it has an end, or nobody in it, or (its end is missing) several
        addresses or a bare one. `Sales: Ann <ann@example.com>` is somebody's name."""
        if self.last_semicolon >= end or self.last_pair >= end:
            return True
        return not self.text[end : end + 100].strip(" \t\r\n") or _BARE_BEHIND.match(self.text, end) is not None

    def finish_entry(self) -> None:
        if self.angle is not None:
            display = _name(",".join([*self.waiting, "".join(self.shown)]).rstrip(" \t\r\n"))
            self.waiting = []
            self.found.append(Recipient(display or self.comment_name(), self.angle, self.group))
        elif any("@" in piece and not piece.startswith(("=?", '"')) for piece in self.written):
            self.flush_waiting()
            for display, address in _split_bare("".join(self.written).strip(" \t\r\n>")):
                self.found.append(Recipient(display or self.comment_name(), address, self.group))
        elif any(map(str.strip, self.shown)):
            self.take_words("".join(self.shown))
        self.start_entry()

    def take_words(self, words: str) -> None:
        """An entry without an address."""
        if self.trailing:  # `<ann@example.com> Ann`
            last = self.found[-1]
            self.found[-1] = last._replace(display=last.display or _name(words))
            return
        if not self.inner and "@" in (field := decode_words(words)):
            # QUIRK: programs that encode or quote the whole field, brackets and all.
            self.flush_waiting()
            self.found += [one._replace(group=self.group) for one in _Reader(field, inner=True).entries()]
            return
        if _BARE.fullmatch(self.comment):  # `Ann (ann@example.com)`
            self.flush_waiting()
            self.found.append(Recipient(_name(words), self.comment, self.group))
            return
        self.waiting.append(words)
        if len(self.waiting) > _MOST_WAITING:
            self.flush_waiting()

    def comment_name(self) -> str:
        return _name(_ESCAPED.sub(r"\1", self.comment))

    def flush_waiting(self) -> None:
        """Pieces that no address came for. A single word is a mailbox on the machine that wrote it (`root`); several
        are somebody's name."""
        for piece in self.waiting:
            name = _name(piece)
            local = name.isascii() and " " not in name and "=?" not in piece
            self.found.append(Recipient("", name, self.group) if local else Recipient(name, "", self.group))
        self.waiting = []


_QUOTED_ANGLE = re.compile(r'([^<>"]*"[^"\\]*(?:\\.[^"\\]*)*"[^<>"]*)>', re.DOTALL)
# Space, and what comes along when an address is copied from a page.
_AROUND_ADDRESSES = " \t\r\n\0\xa0\u200b\ufeff"
_AROUND_SIGNS = re.compile(r"[ \t\r\n]*([@.])[ \t\r\n]*")


def _bare_address(text: str) -> str:
    """An address without the space and the comments that RFC 5322 lets stand around its signs."""
    text = text.strip(_AROUND_ADDRESSES)
    if "(" in text and '"' not in text:
        text = _without_comments(text)
    if " " in text or "\t" in text:
        local, sign, domain = text.rpartition("@")
        if '"' in local:
            return f"{local.strip()}{sign}{domain.replace(' ', '')}"
        text = _AROUND_SIGNS.sub(r"\1", text)
    return text


def _without_comments(text: str) -> str:
    kept: list[str] = []
    depth = 0
    for character in text:
        if character == "(":
            depth += 1
        elif character == ")":
            depth = max(depth - 1, 0)
        elif not depth:
            kept.append(character)
    return text if depth else "".join(kept).strip()


def _without_scheme(text: str) -> str:
    """The address in `mailto:ann@example.com` and `[mailto:ann@example.com]`."""
    if text[:8].lower() == "[mailto:":
        return text[8:].removesuffix("]")
    return text[7:] if text[:7].lower() == "mailto:" else text


def _split_bare(written: str) -> list[tuple[str, str]]:
    """Name and address of `ann@example.com`, `Ann ann@example.com` and `"ann b"@example.com`; several of them where
    nothing but space stands between addresses."""
    address = _bare_address(written)
    if " " not in address or address.startswith('"'):
        return [("", _without_scheme(address))]
    words = address.split()
    places = [index for index, word in enumerate(words) if "@" in word]
    if not places:
        return [(_name(written), "")]
    if len(places) == len(words):
        return [("", _without_scheme(word)) for word in words]
    place = places[-1]
    return [(_name(" ".join(words[:place] + words[place + 1 :])), _without_scheme(words[place]))]
