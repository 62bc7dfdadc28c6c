"""What messages are searched for, in the words of IMAP's SEARCH."""

from __future__ import annotations

from ...imap.client import Criterion, search
from ..interfaces import Criteria, Part

_WHERE = {Part.SUBJECT: "SUBJECT", Part.SENDER: "FROM", Part.RECIPIENT: "TO", Part.BODY: "BODY"}
_SYSTEM_FLAGS = ("ANSWERED", "DELETED", "DRAFT", "FLAGGED", "SEEN", "RECENT")


def search_keys(criteria: Criteria) -> list[Criterion]:
    """All of these have to be met."""
    wanted = []
    if criteria.text:
        texts = [_text(part, criteria.text) for part in criteria.parts] or [search.text("TEXT", criteria.text)]
        any_of = texts.pop()
        while texts:
            any_of = search.either(texts.pop(), any_of)
        wanted.append(any_of)
    if criteria.unread:
        wanted.append(search.UNSEEN)
    wanted += [_flag(name, present=True) for name in criteria.flags]
    wanted += [_flag(name, present=False) for name in criteria.without]
    return wanted


def _text(part: Part, text: str) -> Criterion:
    return search.header("Message-ID", text) if part is Part.MESSAGE_ID else search.text(_WHERE[part], text)


def _flag(name: str, *, present: bool) -> Criterion:
    system = name.upper().removeprefix("\\")
    if name.startswith("\\") and system in _SYSTEM_FLAGS:
        found = Criterion((system.encode(),))
        return found if present else search.none_of(found)
    return search.keyword(name, present=present)
