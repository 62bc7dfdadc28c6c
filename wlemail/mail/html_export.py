"""HTML that was received, for those who have no mail program: with its images beside it (RFC 2392), or as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote, unquote

from ..message.encodings import with_crlf
from ..message.html import image_references, rewritten
from .saving import save_new_file


class Image(NamedTuple):
    """A part of the mail to which the HTML can refer; `name` is a safe file name."""

    identifier: str
    name: str
    content: Callable[[], bytes]


def export_html(html: str, images: list[Image], directory: str) -> str:
    """Write the images that the text shows by `cid:` into the directory; the text with `./file` in their place.

    Each is written once, under a name that no file had: name_1, name_2 … Nothing else of the text changes, and
    references to parts that are not there stay. Raises FileProblem."""
    known = {image.identifier.strip("<>").lower(): image for image in reversed(images) if image.identifier}
    written: dict[str, str] = {}
    changes = []
    for reference in image_references(html):
        identifier = _identifier(reference.targets)
        image = known.get(identifier)
        if image is None:
            continue
        if identifier not in written:
            written[identifier] = save_new_file(directory, image.name, image.content())
        changes.append((reference, "./" + quote(written[identifier])))
    return rewritten(html, changes)


def _identifier(targets: tuple[str, ...]) -> str:
    for target in targets:
        scheme, colon, rest = target.strip().partition(":")
        if colon and scheme.lower() == "cid":
            return unquote(rest).strip("<>").lower()
    return ""


def html_as_text(html: str) -> str:
    """What an HTML text says, without markup, its lines ended with CR LF."""
    from ..message.html_text import text_of

    return with_crlf(text_of(html))
