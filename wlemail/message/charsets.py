"""Text to bytes: which charset a text needs, and what becomes of what no charset can hold."""

from __future__ import annotations


def to_utf8(text: str) -> bytes:
    """Encode as UTF-8; surrogate pairs are joined and lone surrogates become U+FFFD, so that this never fails."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return without_surrogates(text).encode("utf-8")


def without_surrogates(text: str) -> str:
    """The text with surrogate pairs joined and lone surrogates replaced: bytes read as `surrogateescape` leave them."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
