"""Where reading stands: rows of moves, and what they come to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlemail.mail.cursor import Cursor

SPARSE = [10, 20, 30, 40, 50]


class Box:
    """Numbers, some of them deleted, and a cursor over them; moves are written as letters."""

    def __init__(self, numbers: list[int], *deleted: int) -> None:
        self.numbers = numbers
        self.deleted = set(deleted)
        self.cursor = Cursor(lambda: self.numbers, self.deleted.__contains__)

    def go(self, moves: str) -> list[int | None]:
        named = {"f": self.cursor.first, "n": self.cursor.next, "p": self.cursor.previous, "l": self.cursor.last}
        return [named[move]() for move in moves]


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ("fnn", [1, 2, 3]),
        ("lpp", [3, 2, 1]),
        # next before any first reads the first
        ("nn", [1, 2]),
        # past the end: nothing, then the first again
        ("nnnnnn", [1, 2, 3, None, 1, 2]),
        ("lnnn", [3, None, 1, 2]),
        # before the first: nothing, as often as asked; the place stays
        ("fppn", [1, None, None, 2]),
        ("pn", [None, 1]),
        # the end is no place of its own
        ("lnp", [3, None, 2]),
        ("lnpnn", [3, None, 2, 3, None]),
        ("fl", [1, 3]),
        ("lnf", [3, None, 1]),
    ],
)
def test_moves(moves: str, expected: list[int | None]) -> None:
    assert Box([1, 2, 3]).go(moves) == expected


def test_an_empty_mailbox() -> None:
    assert Box([]).go("fnnlpf") == [None] * 6


def test_numbers_with_gaps() -> None:
    assert Box(SPARSE).go("nnnpl") == [10, 20, 30, 20, 50]


def test_deleted_messages_are_passed_over() -> None:
    assert Box([1, 2, 3, 4, 5], 1, 3, 5).go("fnnlpp") == [2, 4, None, 4, 2, None]
    assert Box([1, 2], 1, 2).go("fnlp") == [None] * 4


def test_deletion_while_walking_forwards_visits_every_message_once() -> None:
    """The loop "while not Out: delete, read next": deleting sets a flag, and must not make next start anew."""
    box = Box(list(SPARSE))
    seen = []
    number = box.cursor.first()
    while number is not None:
        seen.append(number)
        box.deleted.add(number)
        number = box.cursor.next()
    assert seen == SPARSE
    assert box.cursor.next() is None


def test_deletion_while_walking_backwards_visits_every_message_once() -> None:
    box = Box(list(SPARSE))
    seen = []
    number = box.cursor.last()
    while number is not None:
        seen.append(number)
        box.deleted.add(number)
        number = box.cursor.previous()
    assert seen == SPARSE[::-1]


def test_messages_that_arrive_or_vanish_do_not_move_the_place() -> None:
    box = Box([10, 20, 30])
    assert box.go("nn") == [10, 20]
    box.numbers = [5, 10, 30, 40]
    assert box.go("nnp") == [30, 40, 30]


def test_what_arrives_after_the_end_is_not_what_comes_next() -> None:
    """Past the end the next one is the first, whatever has arrived."""
    box = Box([1, 2])
    assert box.go("nnn") == [1, 2, None]
    box.numbers = [1, 2, 3]
    assert box.go("n") == [1]


def test_hits_are_walked_alone_and_left_by_first_and_last() -> None:
    box = Box([1, 2, 3, 4, 5])
    assert box.cursor.seek([2, 4]) == 2
    assert box.go("nnnp") == [4, None, 2, None]
    assert box.go("fn") == [1, 2]
    box.cursor.seek([3])
    assert box.go("lp") == [5, 4]


def test_no_hits() -> None:
    box = Box([1, 2, 3])
    assert box.cursor.seek([]) is None
    assert box.go("nf") == [None, 1]


def test_reset() -> None:
    box = Box([1, 2, 3])
    box.go("nn")
    box.cursor.seek([3])
    box.cursor.reset()
    assert box.go("n") == [1]


@pytest.mark.parametrize(
    ("moves", "expected"),
    [("f", [20, 40, 50]), ("nn", [40, 50]), ("l", [40, 20, 10]), ("lp", [20, 10]), ("ll", [40, 20, 10]), ("lpn", [])],
)
def test_upcoming_follows_the_direction(moves: str, expected: list[int]) -> None:
    box = Box(SPARSE, 30)
    box.go(moves)
    assert list(box.cursor.upcoming()) == expected


def test_upcoming_stays_within_the_hits() -> None:
    box = Box(SPARSE, 40)
    box.cursor.seek([10, 30, 40, 50])
    assert list(box.cursor.upcoming()) == [30, 50]


@given(st.sets(st.integers(1, 30)), st.sets(st.integers(1, 30)), st.booleans())
def test_upcoming_is_what_the_moves_come_to(numbers: set[int], deleted: set[int], backwards: bool) -> None:
    box = Box(sorted(numbers), *deleted)
    if (box.cursor.last if backwards else box.cursor.first)() is None:
        assert numbers <= deleted
        return
    upcoming = list(box.cursor.upcoming())
    move = box.cursor.previous if backwards else box.cursor.next
    walked = []
    while (number := move()) is not None:
        walked.append(number)
    assert walked == upcoming


def test_what_comes_next_while_messages_vanish() -> None:
    numbers = [1, 2, 3, 4, 5, 6]
    cursor = Cursor(lambda: numbers, lambda number: False)
    cursor.first()
    upcoming = cursor.upcoming()
    assert next(upcoming) == 2
    del numbers[3:]
    assert list(upcoming) == [3]
