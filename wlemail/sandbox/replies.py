"""A reply of the SMTP server and the refusals that an address asks for by its name.

The table `BY_LOCAL_PART` lets a script or a test see each kind of failure without arranging anything:
mail to or from `refused@anything` is refused, and so on. `Refusals` adds those that were given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_REFUSAL = re.compile(r"(?P<code>[45][0-9]{2})(?: (?P<enhanced>[45]\.[0-9]{1,3}\.[0-9]{1,3}))?(?: (?P<text>[^\r\0]*))?")


@dataclass(frozen=True)
class Reply:
    """Code, enhanced code ("" for none) and text of a reply; a text of several lines makes a reply of several."""

    code: int
    enhanced: str
    text: str

    @classmethod
    def parse(cls, line: str) -> Reply:
        """Read a refusal, "550 5.1.1 no such user"; ValueError where it is none."""
        match = _REFUSAL.fullmatch(line)
        if match is None:
            raise ValueError(f"not a reply that refuses: {line!r}")
        return cls(int(match["code"]), match["enhanced"] or "", match["text"] or "")

    def __str__(self) -> str:
        return " ".join(part for part in (str(self.code), self.enhanced, self.text) if part)

    def render(self, *, enhanced: bool = True) -> bytes:
        """The octets on the wire; `enhanced` is off where ENHANCEDSTATUSCODES was not offered (RFC 2034 4)."""
        prefix = f"{self.enhanced} " if enhanced and self.enhanced else ""
        lines = self.text.split("\n")
        last = len(lines) - 1
        return b"".join(
            f"{self.code}{' ' if n == last else '-'}{prefix}{line}\r\n".encode("utf-8", "replace")
            for n, line in enumerate(lines)
        )


#: local part → (reply to RCPT, reply to MAIL); compared without case, and without what follows a "+"
BY_LOCAL_PART: dict[str, tuple[Reply, Reply]] = {
    "refused": (Reply(550, "5.1.1", "no such mailbox here"), Reply(550, "5.7.1", "sender refused")),
    "reject": (Reply(550, "5.1.1", "no such mailbox here"), Reply(550, "5.7.1", "sender refused")),
    "tempfail": (Reply(451, "4.3.0", "try again later"), Reply(451, "4.3.0", "try again later")),
    "full": (Reply(552, "5.2.2", "mailbox full"), Reply(552, "5.2.2", "mailbox full")),
    "toobig": (Reply(552, "5.3.4", "message too big"), Reply(552, "5.3.4", "message too big")),
    "goodbye": (Reply(421, "4.3.2", "closing the connection"), Reply(421, "4.3.2", "closing the connection")),
}

#: mail for such a recipient is accepted in the envelope and refused once its content is there
BY_LOCAL_PART_AFTER_CONTENT: dict[str, Reply] = {
    "spam": Reply(554, "5.7.1", "content refused"),
    "busy": Reply(451, "4.3.0", "content not taken now, try again later"),
}


class Refusals:
    """Which addresses are refused, and how."""

    def __init__(self, given: Mapping[str, str] | None = None, *, by_name: bool = True) -> None:
        """`given` maps an address, or a local part alone, to a reply ("550 5.7.1 not you"); `by_name` is the table."""
        self._given = {address.casefold(): Reply.parse(reply) for address, reply in (given or {}).items()}
        self._by_name = by_name

    def recipient(self, address: str) -> Reply | None:
        """The reply that refuses this recipient, None where it is welcome."""
        return self._find(address, 0)

    def sender(self, address: str) -> Reply | None:
        """The reply that refuses this sender, None where it is welcome."""
        return self._find(address, 1)

    def content(self, recipients: tuple[str, ...]) -> Reply | None:
        """The reply to the content of a message for these recipients, None where it is taken."""
        if not self._by_name:
            return None
        replies = (BY_LOCAL_PART_AFTER_CONTENT.get(_name(recipient)) for recipient in recipients)
        return next((reply for reply in replies if reply), None)

    def _find(self, address: str, position: int) -> Reply | None:
        given = self._given.get(address.casefold()) or self._given.get(_name(address))
        if given is not None or not self._by_name:
            return given
        row = BY_LOCAL_PART.get(_name(address))
        return row[position] if row else None


def _name(address: str) -> str:
    return address.rpartition("@")[0].partition("+")[0].casefold() or address.casefold()
