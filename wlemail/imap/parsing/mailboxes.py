"""What the server says of mailboxes: LIST and LSUB, STATUS, FLAGS, QUOTA and QUOTAROOT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..scanner import Scanner, Value, optional_number, optional_text, texts


@dataclass(frozen=True)
class Listing:
    r"""LIST, LSUB or XLIST: a mailbox, what parts the levels of its name, and its attributes (`\Noselect`, `\Sent`)."""

    name: str
    delimiter: str | None
    attributes: tuple[str, ...]
    #: the name as it came: what has another spelling than ours must be said back in its own
    octets: bytes = field(repr=False, default=b"")
    #: "LIST", "LSUB" or "XLIST"
    kind: str = "LIST"
    #: what LIST-EXTENDED adds (RFC 5258 6): CHILDINFO, OLDNAME …
    extended: Mapping[str, Value] = field(default_factory=dict)

    def has(self, attribute: str) -> bool:
        """Whether it has this attribute, in any case."""
        return attribute.lower() in [each.lower() for each in self.attributes]


@dataclass(frozen=True)
class MailboxStatus:
    """STATUS: what was asked for, by its name in upper case (MESSAGES, UIDNEXT, UIDVALIDITY, UNSEEN, SIZE …)."""

    name: str
    values: Mapping[str, int]


@dataclass(frozen=True)
class Flags:
    """FLAGS: those that the mailbox knows."""

    flags: tuple[str, ...]


@dataclass(frozen=True)
class QuotaResource:
    """One limit: "STORAGE" counts units of 1024 octets, "MESSAGE" messages (RFC 9208 5)."""

    name: str
    usage: int
    limit: int


@dataclass(frozen=True)
class Quota:
    """QUOTA: the limits of a quota root."""

    root: str
    resources: tuple[QuotaResource, ...]


@dataclass(frozen=True)
class QuotaRoot:
    """QUOTAROOT: the quota roots that a mailbox counts for."""

    mailbox: str
    roots: tuple[str, ...]


def listing(kind: str, words: Scanner) -> Listing:
    """LIST, LSUB, XLIST."""
    attributes = texts(words.list())
    delimiter = optional_text(words.octets()) or None
    name, octets = words.mailbox()
    extended = {}
    if not words.ended:
        values = words.list()
        pairs = zip(values[::2], values[1::2], strict=False)
        extended = {(optional_text(key) or "").upper(): value for key, value in pairs}
    return Listing(name, delimiter, attributes, octets, kind, extended)


def mailbox_status(words: Scanner) -> MailboxStatus:
    """STATUS."""
    name, _ = words.mailbox()
    values = words.list()
    numbers = {}
    for key, value in zip(values[::2], values[1::2], strict=False):
        number = optional_number(value)
        # What has no number (MAILBOXID, RFC 8474 4.3) is not counted.
        if isinstance(key, bytes) and number is not None:
            numbers[key.decode("ascii", "replace").upper()] = number
    return MailboxStatus(name, numbers)


def flags(words: Scanner) -> Flags:
    """FLAGS."""
    return Flags(texts(words.list()))


def quota(words: Scanner) -> Quota:
    """QUOTA: a root and triples of name, usage, limit."""
    root = optional_text(words.octets()) or ""
    values = words.list()
    resources = []
    for name, usage, limit in zip(values[::3], values[1::3], values[2::3], strict=False):
        used, most = optional_number(usage), optional_number(limit)
        if used is None or most is None:
            raise words.malformed()
        resources.append(QuotaResource((optional_text(name) or "").upper(), used, most))
    return Quota(root, tuple(resources))


def quota_root(words: Scanner) -> QuotaRoot:
    """QUOTAROOT."""
    mailbox, _ = words.mailbox()
    roots = []
    while not words.ended:
        roots.append(optional_text(words.octets()) or "")
    return QuotaRoot(mailbox, tuple(roots))
