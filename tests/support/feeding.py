"""Feeding a sans-I/O parser in every way that the network may: whole, byte by byte, with other bytes behind."""

from __future__ import annotations

from collections.abc import Iterator


def feedings(octets: bytes, after: bytes = b"") -> Iterator[list[bytes]]:
    """The same octets cut in different ways; `after` comes behind them, in the same piece and by itself."""
    whole = octets + after
    yield [whole]
    yield [octets, after] if after else [octets]
    yield [whole[i : i + 1] for i in range(len(whole))]
    middle = len(octets) // 2
    yield [whole[:middle], whole[middle:]]
