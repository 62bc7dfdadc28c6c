"""Which parser reads which response."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ..framing import Frame
from ..scanner import Malformed, Scanner, for_people
from .changes import Exists, Expunged, Recent, Vanished, vanished
from .fetch import Fetched, fetched
from .mailboxes import (
    Flags,
    Listing,
    MailboxStatus,
    Quota,
    QuotaRoot,
    flags,
    listing,
    mailbox_status,
    quota,
    quota_root,
)
from .search import Found, FoundSet, found, found_set
from .server import (
    Capabilities,
    Enabled,
    Identity,
    Namespaces,
    Other,
    capabilities,
    enabled,
    identity,
    namespaces,
    other,
)
from .status import STATUS, Continuation, Status, status

Response = (
    Status | Continuation | Fetched | Exists | Expunged | Recent | Vanished | Listing | MailboxStatus | Flags | Found
    | FoundSet | Capabilities | Enabled | Identity | Namespaces | Quota | QuotaRoot | Other
)  # fmt: skip

_NAMED = re.compile(rb"\* *(?:(\d{1,20}) +)?([A-Za-z][^ ]*)")
_FETCHED = re.compile(rb"\* (\d{1,20}) FETCH ")

_WITHOUT_NUMBER: Mapping[str, Callable[[Scanner], Response]] = {
    "CAPABILITY": capabilities,
    "ENABLED": enabled,
    "ESEARCH": found_set,
    "FLAGS": flags,
    "ID": identity,
    "LIST": lambda words: listing("LIST", words),
    "LSUB": lambda words: listing("LSUB", words),
    "XLIST": lambda words: listing("XLIST", words),
    "NAMESPACE": namespaces,
    "QUOTA": quota,
    "QUOTAROOT": quota_root,
    "SEARCH": lambda words: found("SEARCH", words),
    "SORT": lambda words: found("SORT", words),
    "STATUS": mailbox_status,
    "VANISHED": vanished,
}
_WITH_NUMBER: Mapping[str, Callable[[int, Scanner], Response]] = {
    "EXISTS": lambda number, words: Exists(number),
    "EXPUNGE": lambda number, words: Expunged(number),
    "FETCH": fetched,
    "RECENT": lambda number, words: Recent(number),
}


def parse(frame: Frame, *, utf8: bool = False) -> Response:
    """The response that a frame holds; Malformed where it holds none. `utf8`: mailbox names are UTF-8."""
    line = frame.text
    fast = _FETCHED.match(line)
    if fast:
        words = Scanner(frame, utf8=utf8)
        words.at = fast.end()
        return fetched(int(fast[1]), words)
    if line[:1] == b"+":
        return Continuation(for_people(line[1:].strip(b" ")))
    # A literal would have to stand in a line for people; and there is none in those.
    known = None if frame.literals else STATUS.fullmatch(line)
    if known:
        return status(known)
    named = _NAMED.match(line)
    if named is None:
        raise Malformed("neither a response nor the end of a command")
    words = Scanner(frame, utf8=utf8)
    words.at = named.end()
    return _untagged(named[2].decode("ascii", "replace").upper(), named[1], words)


def _untagged(name: str, number: bytes | None, words: Scanner) -> Response:
    if number is None:
        reader = _WITHOUT_NUMBER.get(name)
        if reader is not None:
            return reader(words)
    else:
        numbered = _WITH_NUMBER.get(name)
        if numbered is not None:
            return numbered(int(number), words)
    if name in _WITHOUT_NUMBER or name in _WITH_NUMBER:
        raise Malformed(f"{name} with a number or without, where it must not be")
    return other(name, None if number is None else int(number), words)
