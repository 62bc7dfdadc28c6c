"""What the server says of itself: CAPABILITY, ENABLED, ID, NAMESPACE, and whatever nobody here knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .. import utf7
from ..scanner import Scanner, Value, for_people, optional_text, text


@dataclass(frozen=True)
class Capabilities:
    """CAPABILITY: the keywords in upper case."""

    keywords: tuple[str, ...]


@dataclass(frozen=True)
class Enabled:
    """ENABLED (RFC 5161 3.2): the extensions that have just been enabled, in upper case."""

    keywords: tuple[str, ...]


@dataclass(frozen=True)
class Identity:
    """ID (RFC 2971): what the server tells of itself."""

    fields: Mapping[str, str]


@dataclass(frozen=True)
class Namespace:
    """A prefix of mailbox names and what parts the levels below it, None where there are none."""

    prefix: str
    delimiter: str | None


@dataclass(frozen=True)
class Namespaces:
    """NAMESPACE (RFC 2342): where one's own mailboxes are, those of other users, and those of everybody."""

    personal: tuple[Namespace, ...] = ()
    other_users: tuple[Namespace, ...] = ()
    shared: tuple[Namespace, ...] = ()


@dataclass(frozen=True)
class Other:
    """A response that has no parser (ACL, THREAD, METADATA …); `number` where one stands before its name."""

    name: str
    text: str
    number: int | None = None


def capabilities(words: Scanner) -> Capabilities:
    """CAPABILITY."""
    return Capabilities(_keywords(words))


def enabled(words: Scanner) -> Enabled:
    """ENABLED."""
    return Enabled(_keywords(words))


def _keywords(words: Scanner) -> tuple[str, ...]:
    return tuple(text(words.rest()).upper().split())


def identity(words: Scanner) -> Identity:
    """ID: pairs of strings, or NIL."""
    values = words.list()
    names = [(optional_text(name) or "").lower() for name in values[::2]]
    return Identity({name: optional_text(value) or "" for name, value in zip(names, values[1::2], strict=False)})


def namespaces(words: Scanner) -> Namespaces:
    """NAMESPACE: three lists, each of which may be NIL."""
    kinds = [tuple(_namespace(one, utf8=words.utf8) for one in words.list()) for _ in range(3)]
    return Namespaces(*kinds)


def _namespace(value: Value, *, utf8: bool) -> Namespace:
    # Behind the first two come extensions (RFC 2342 6).
    prefix, delimiter = value[:2] if isinstance(value, tuple) and len(value) > 1 else (None, None)
    return Namespace(_mailbox(prefix, utf8=utf8), optional_text(delimiter) or None)


def _mailbox(prefix: Value, *, utf8: bool) -> str:
    name = optional_text(prefix) or ""
    return name if utf8 else utf7.decode(name)


def other(name: str, number: int | None, words: Scanner) -> Other:
    """Any response."""
    return Other(name, for_people(words.rest()), number)
