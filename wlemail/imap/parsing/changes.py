"""What happens in the mailbox: EXISTS, RECENT, EXPUNGE, VANISHED."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..numbers import NumberSet, parse_set
from ..scanner import Scanner

_EARLIER = re.compile(rb" *\(EARLIER\)", re.IGNORECASE)


@dataclass(frozen=True)
class Exists:
    """So many messages are in the mailbox."""

    count: int


@dataclass(frozen=True)
class Recent:
    """So many messages have no other session told about before (gone in rev2)."""

    count: int


@dataclass(frozen=True)
class Expunged:
    """The message of this sequence number is gone; those behind it move up."""

    number: int


@dataclass(frozen=True)
class Vanished:
    """The messages of these UIDs are gone (RFC 7162 3.2.10); `earlier`: before the mailbox was selected."""

    uids: NumberSet
    earlier: bool = False


def vanished(words: Scanner) -> Vanished:
    """VANISHED."""
    earlier = _EARLIER.match(words.text, words.at)
    if earlier:
        words.at = earlier.end()
    octets = words.rest()
    # QUIRK: no messages at all have vanished, which a server need not say.
    uids = parse_set(octets) if octets else NumberSet()
    if uids is None:
        raise words.malformed()
    return Vanished(uids, earlier is not None)
