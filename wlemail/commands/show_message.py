"""A received message as people like to see it: envelope, main fields decoded, the tree of its parts, the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..sandbox.outline import read_outline
from .console import clean

if TYPE_CHECKING:
    from ..sandbox import ReceivedMessage
    from ..sandbox.outline import Part
    from .console import Console

_FIELDS = ("From", "Reply-To", "To", "Cc", "Bcc", "Subject", "Date")
#: Lines of the text, and entries of a list, that are shown.
_TEXT_LINES = 12
_ENTRIES = 10


def show_message(console: Console, message: ReceivedMessage, *, text: bool = True) -> Part:
    """Show a message and give its outline; `text` adds the beginning of its text."""
    with message.open() as stream:
        outline = read_outline(stream)
    _show_envelope(console, message)
    for name in _FIELDS:
        for value in (value for found, value in outline.fields if found.lower() == name.lower()):
            console.field(name, clean(value))
    console.field("content", "\n".join(_tree(outline)))
    leaf = next((part for part in outline.leaves if part.text.strip() and not part.name), None)
    if text and leaf is not None:
        console.field("text" if leaf.content_type == "text/plain" else "HTML", _excerpt(leaf.text, console.width - 18))
    return outline


def connection_of(message: ReceivedMessage) -> str:
    """How the message came, in a few words: "TLSv1.3, user marie (PLAIN)"."""
    secured = message.tls or "clear"
    user = f"user {clean(message.user)} ({message.mechanism})" if message.user else "not authenticated"
    return f"{secured}, {user}"


def _show_envelope(console: Console, message: ReceivedMessage) -> None:
    console.field("envelope", f"<{clean(message.sender)}>\n" + _listed([f"→ {clean(to)}" for to in message.recipients]))
    if message.refused:
        rows = [f"✗ {clean(to)}: {clean(reply)}" for to, reply in message.refused.items()]
        console.field("refused", _listed(rows))


def _listed(entries: list[str]) -> str:
    more = len(entries) - _ENTRIES
    return "\n".join(entries[:_ENTRIES] + ([f"… and {more} more"] if more > 0 else []))


def _tree(part: Part, indent: str = "") -> list[str]:
    lines = [clean(_describe(part))]
    for n, child in enumerate(part.parts, 1):
        is_last = n == len(part.parts)
        first, *rest = _tree(child)
        lines.append(f"{indent}{'└' if is_last else '├'}─ {first}")
        lines += [f"{indent}{' ' if is_last else '│'}  {line}" for line in rest]
    return lines


def _describe(part: Part) -> str:
    if part.parts:
        return part.content_type
    words = [part.content_type]
    if charset := part.parameters.get("charset"):
        words.append(charset)
    if part.name:
        words.append(f"“{part.name}”")
    if part.identifier:
        words.append(f"cid:{part.identifier}")
    return f"{', '.join(words)} · {part.size:,} bytes, {part.encoding}"


def _excerpt(text: str, width: int) -> str:
    lines = text.strip().splitlines()
    shown = [clean(line)[:width] for line in lines[:_TEXT_LINES]]
    more = len(lines) - len(shown)
    return "\n".join([f"│ {line}" for line in shown] + ([f"│ … {more} more lines"] if more else []))
