"""What a server says about itself and its mailbox: CAPA, LIST, UIDL. Values only."""

from __future__ import annotations

#: More digits than any number or size in octets has; int() of a stranger's megabyte of digits takes seconds.
_MAX_DIGITS = 18


def parse_capabilities(content: bytes) -> dict[str, str]:
    """Keyword in upper case -> parameters (RFC 2449 5)."""
    offered: dict[str, str] = {}
    for line in content.decode("utf-8", "replace").split("\r\n"):
        keyword, _, parameters = line.strip().partition(" ")
        if keyword:
            offered[keyword.upper()] = parameters.strip()
    return offered


def parse_sizes(content: bytes) -> dict[int, int]:
    """Number -> octets, in the order of the numbers (RFC 1939 5, LIST). Lines that make no sense are passed over."""
    sizes: dict[int, int] = {}
    for line in content.split(b"\r\n"):
        words = line.split()
        if words and (number := _number(words[0])):
            # QUIRK: further words behind the size, or no size at all.
            sizes[number] = _number(words[1]) if len(words) > 1 else 0
    return dict(sorted(sizes.items()))


def parse_unique_ids(content: bytes) -> dict[int, str]:
    """Number -> unique id (RFC 1939 7, UIDL)."""
    names: dict[int, str] = {}
    for line in content.split(b"\r\n"):
        number, _, name = line.strip().partition(b" ")
        name = name.strip()
        if name and (place := _number(number)):
            # Any octets: the name is only ever compared with itself.
            names[place] = name.decode("utf-8", "surrogateescape")
    return names


def _number(word: bytes) -> int:
    return int(word) if word.isdigit() and len(word) <= _MAX_DIGITS else 0
