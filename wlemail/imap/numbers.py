"""Sets of message numbers (RFC 3501 9, sequence-set): written for commands, read from answers.

A set is kept as ranges: `1:4294967295` is nine characters for a server and must not be four billion numbers for us.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_SET = re.compile(rb"\d{1,20}(?::\d{1,20})?(?:,\d{1,20}(?::\d{1,20})?)*")
#: RFC 9051 9: numbers have 32 bits; 63 leave room for what servers make of it
_LARGEST = 2**63 - 1
#: RFC 7162 4 asks for lines of at most 8192 octets; what else is in the command needs room too
LONGEST_SET = 7000


@dataclass(frozen=True)
class NumberSet:
    """Numbers as ranges (first, last), in the order in which they were written."""

    ranges: tuple[tuple[int, int], ...] = ()

    def __iter__(self) -> Iterator[int]:
        for first, last in self.ranges:
            yield from range(first, last + 1)

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self.ranges)

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and any(first <= number <= last for first, last in self.ranges)

    def __str__(self) -> str:
        return ",".join([_written(first, last) for first, last in self.ranges])


def number_set(numbers: Iterable[int]) -> NumberSet:
    """The set of these numbers, ascending, with what is consecutive in one range."""
    ranges: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return NumberSet(tuple(ranges))


def split(numbers: NumberSet, longest: int = LONGEST_SET) -> Iterator[NumberSet]:
    """The same numbers in sets that are written in at most `longest` characters each."""
    ranges: list[tuple[int, int]] = []
    length = 0
    for first, last in numbers.ranges:
        needed = len(_written(first, last)) + 1
        if ranges and length + needed > longest:
            yield NumberSet(tuple(ranges))
            ranges, length = [], 0
        ranges.append((first, last))
        length += needed
    if ranges:
        yield NumberSet(tuple(ranges))


def parse_set(octets: bytes) -> NumberSet | None:
    """The set that these octets write, None where they write none; `*` has no place in an answer (RFC 9051 9)."""
    if not _SET.fullmatch(octets):
        return None
    ranges = []
    for piece in octets.split(b","):
        first, _, last = piece.partition(b":")
        ends = int(first), int(last or first)
        # RFC 3501 9: 4:2 is the same as 2:4.
        ranges.append((min(ends), max(ends)))
    return NumberSet(tuple(ranges)) if all(last <= _LARGEST for _, last in ranges) else None


def _written(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}:{last}"
