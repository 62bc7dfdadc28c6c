"""Sets of message numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlemail.imap.numbers import NumberSet, number_set, parse_set, split


@pytest.mark.parametrize(
    ("numbers", "written"),
    [
        ([], ""),
        ([7], "7"),
        ([3, 1, 2], "1:3"),
        ([1, 3, 4, 9], "1,3:4,9"),
        ([5, 5, 6], "5:6"),
        (range(1, 10001), "1:10000"),
    ],
)
def test_written(numbers: list[int], written: str) -> None:
    assert str(number_set(numbers)) == written


@pytest.mark.parametrize(
    ("octets", "ranges"),
    [
        (b"1", ((1, 1),)),
        (b"304,319:320", ((304, 304), (319, 320))),
        (b"4:2", ((2, 4),)),
        (b"1:4294967295", ((1, 4294967295),)),
    ],
)
def test_read(octets: bytes, ranges: tuple[tuple[int, int], ...]) -> None:
    assert parse_set(octets) == NumberSet(ranges)


@pytest.mark.parametrize("octets", [b"", b"*", b"1:*", b"1,", b",1", b"1:2:3", b"a", b"1 2", b"9" * 21, b"9" * 20])
def test_no_set(octets: bytes) -> None:
    assert parse_set(octets) is None


def test_four_billion_numbers_cost_nothing() -> None:
    everything = parse_set(b"1:4294967295")
    assert everything is not None
    assert len(everything) == 4294967295
    assert 12 in everything
    assert 0 not in everything


@given(st.sets(st.integers(1, 300)))
def test_what_is_written_is_read(numbers: set[int]) -> None:
    written = str(number_set(numbers)).encode()
    read = parse_set(written)
    assert sorted(read or ()) == sorted(numbers)


@given(st.sets(st.integers(1, 4294967295), max_size=60), st.integers(22, 80))
def test_splitting_loses_nothing(numbers: set[int], longest: int) -> None:
    pieces = list(split(number_set(numbers), longest))
    assert [number for piece in pieces for number in piece] == sorted(numbers)
    assert all(len(str(piece)) <= longest for piece in pieces)
