"""What a mail program shows of a message: its text, its HTML text, and what it lists as attachments.

The rules are those of RFC 8621 4.1.4, which wrote down what mail programs do; uuencoded files and TNEF are unfolded
as if they had been sent as parts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from .parse import Part
from .uuencode import split_uu_files

_HTML = frozenset(("text/html", "application/xhtml+xml", "text/x-html"))
_PLAIN = frozenset(("text/plain", "text/markdown", "text/x-markdown"))
_ENRICHED = frozenset(("text/enriched", "text/richtext"))
_BODIES = _HTML | _PLAIN | _ENRICHED
# Other forms of the same text, which no program lists as attachments.
_HIDDEN_FORMS = _ENRICHED | {"text/x-amp-html", "text/watch-html"}
_TNEF_TYPES = frozenset(("application/ms-tnef", "application/vnd.ms-tnef"))
_TNEF_NAMES = frozenset(("winmail.dat", "win.dat"))


class Attached:
    """Something that a message carries: a part, or a file that was found inside one."""

    __slots__ = (
        "_content",
        "_load",
        "content_type",
        "description",
        "disposition",
        "identifier",
        "name",
        "number",
        "part",
    )

    def __init__(
        self,
        number: str,
        name: str,
        content_type: str,
        load: Callable[[], bytes],
        identifier: str = "",
        part: Part | None = None,
    ) -> None:
        #: which part of the message it is: "2.1"; "2#1" is the first file inside part 2
        self.number = number
        #: the name that it was sent with, of whatever form; "" where it has none
        self.name = name
        self.content_type = content_type
        #: the Content-ID without brackets
        self.identifier = identifier
        self.description = part.field_text(b"content-description") if part else ""
        #: `attachment`, `inline`, or "" where nothing is said
        self.disposition = part.disposition if part else "attachment"
        #: the part, where it is one
        self.part = part
        self._load = load
        self._content: bytes | None = None

    @property
    def content(self) -> bytes:
        """The bytes, decoded when they are first asked for."""
        if self._content is None:
            self._content = self._load()
        return self._content


class Body(NamedTuple):
    """A piece of what is shown: a part, without the files that stood uuencoded in it."""

    part: Part
    content: bytes | None = None  #: what is left of the part where files were taken out

    @property
    def is_html(self) -> bool:
        return self.part.content_type in _HTML

    @property
    def text(self) -> str:
        text = self.part.text if self.content is None else self.part.text_of(self.content)
        return _without_commands(text) if self.part.content_type in _ENRICHED else text


class Shown:
    """The pieces of text, the pieces of HTML (with plain pieces between them) and the attachments of a message."""

    def __init__(self, message: Part) -> None:
        self.texts: list[Body] = []
        self.htmls: list[Body] = []
        self.attached: list[Attached] = []
        #: what TNEF says: for messages whose parts say nothing
        self.unfolded_text = ""
        self.unfolded_html = ""
        self._take([message], "mixed", False, self.texts, self.htmls)

    def _take(
        self,
        parts: list[Part],
        kind: str,
        in_alternative: bool,
        texts: list[Body] | None,
        htmls: list[Body] | None,
    ) -> None:
        """Sort the parts of a multipart; a list is None where what is found is no piece of that form."""
        if kind == "appledouble":
            # What else a Mac keeps of a file (RFC 1740): under the same name, and of no use elsewhere.
            parts = [part for part in parts if part.content_type != "application/applefile"] or parts
        text_count, html_count = len(texts or ()), len(htmls or ())
        root = _root(parts) if kind == "related" else 0
        for index, part in enumerate(parts):
            if part.is_multipart and part.parts:
                inner = part.content_type.partition("/")[2]
                self._take(part.parts, inner, in_alternative or inner == "alternative", texts, htmls)
            elif not _is_body(part, first=index == root, related=kind == "related"):
                self._attach(part)
            elif kind == "alternative":
                self._take_form(part, parts, texts, htmls)
            else:
                if in_alternative:
                    # `alternative [plain, mixed [html, image, html]]`: a piece of one form is none of the other.
                    texts, htmls = (None, htmls) if part.content_type in _HTML else (texts, None)
                self._show(part, texts, htmls)
        if kind == "alternative" and texts is not None and htmls is not None:
            if len(texts) == text_count:
                texts += htmls[html_count:]
            elif len(htmls) == html_count:
                htmls += texts[text_count:]

    def _take_form(self, part: Part, forms: list[Part], texts: list[Body] | None, htmls: list[Body] | None) -> None:
        """One of several forms of the same text."""
        if part.content_type in _HTML:
            self._show(part, None, htmls)
        elif part.content_type in _PLAIN or all(form is part or form.content_type not in _BODIES for form in forms):
            self._show(part, texts, None)

    def _show(self, part: Part, texts: list[Body] | None, htmls: list[Body] | None) -> None:
        body = Body(part) if part.content_type in _HTML else self._without_files(part)
        for bodies in (texts, htmls):
            if bodies is not None:
                bodies.append(body)

    def _without_files(self, part: Part) -> Body:
        left, files = split_uu_files(part.content)
        if not files:
            return Body(part)
        for number, file in enumerate(files, 1):
            self.attached.append(Attached(f"{part.number}#{number}", file.name, "", partial(_same, file.content)))
        return Body(part, left)

    def _attach(self, part: Part) -> None:
        if part.content_type in _TNEF_TYPES or part.file_name.lower() in _TNEF_NAMES:
            from .tnef import unfold

            unfolded = unfold(part.content)
            if unfolded is not None:
                self.unfolded_text = self.unfolded_text or unfolded.text
                self.unfolded_html = self.unfolded_html or unfolded.html
                for number, file in enumerate(unfolded.files, 1):
                    self.attached.append(
                        Attached(
                            f"{part.number}#{number}",
                            file.name,
                            file.content_type,
                            partial(_same, file.content),
                            file.identifier,
                        )
                    )
                return
        if part.content_type not in _HIDDEN_FORMS or part.file_name:
            self.attached.append(
                Attached(part.number, part.file_name, part.content_type, lambda: part.content, part.content_id, part)
            )


def _same(content: bytes) -> bytes:
    """Content that needs no decoding any more."""
    return content


def _is_body(part: Part, first: bool, related: bool) -> bool:
    """True for a text that is shown where it stands; a text with a name is one only at the first place."""
    if part.disposition == "attachment" or (part.content_type not in _BODIES and not part.is_multipart):
        return False
    return first or not (related or part.file_name)


def _root(parts: list[Part]) -> int:
    """Which part of a multipart/related the others belong to: the first that is text (RFC 2387 says: the first)."""
    for index, part in enumerate(parts):
        if part.content_type in _BODIES or part.is_multipart:
            return index
    return 0


_COMMAND = re.compile(r"<<|</?[A-Za-z0-9-]{1,60}>")
_PARAMETER = re.compile(r"<param>[^<]*</param>", re.IGNORECASE)
_LINE_ENDS = re.compile("(?:\r?\n)+")


def _without_commands(text: str) -> str:
    """The words of a text/enriched (RFC 1896): a single line end is a space, of several one is left out."""
    text = _COMMAND.sub(lambda command: "<" if command[0] == "<<" else "", _PARAMETER.sub("", text))
    return _LINE_ENDS.sub(lambda ends: "\n" * (ends[0].count("\n") - 1) or " ", text)
