"""The text functions, as ported scripts use them around e-mail code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlemail import CR, EOT, RC, TAB, Array, Faux, Null, Vrai, companions
from wlemail.companions import (
    Asc,
    Charact,
    Contains,
    Contient,
    ErrorBuild,
    ExtractString,
    ExtraitChaîne,
    FromEnd,
    IgnoreCase,
    Left,
    Length,
    Lower,
    Middle,
    NoSpace,
    Position,
    Replace,
    Right,
    StringBuild,
    StringCount,
    Upper,
    Val,
    WholeWord,
)


def test_the_values() -> None:
    assert Vrai is True
    assert Faux is False
    assert Null is None
    assert CR == RC == "\r\n"
    assert TAB == "\t"
    assert len(EOT) == 1


# -- StringBuild ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("Bonjour %1, %2", ("Zoé", 3), "Bonjour Zoé, 3"),
        ("%2 before %1", ("a", "b"), "b before a"),
        ("%1 and %1", ("a",), "a and a"),
        ("100%%", (), "100%"),
        ("%%1", ("a",), "%1"),
        ("%%%1", ("a",), "%a"),
        ("100%", ("a",), "100%"),
        ("%", ("a",), "%"),
        ("%x %0", ("a",), "%x %0"),
        ("%1%2", ("%2", "b"), "%2b"),
        ("%1 %3", ("a", "b"), "a %3"),
        ("%10", tuple("abcdefghij"), "j"),
        ("%10", ("a",), "a0"),
        ("%12", tuple("abcdefghij"), "a2"),
        ("%1²", ("a",), "a²"),
        ("%²", ("a",), "%²"),
        ("%1|%2|%3|%4", (True, 1.5, None, b"caf\xc3\xa9"), "1|1.5||café"),
        ("", ("a",), ""),
    ],
)
def test_string_build(template: str, values: tuple[object, ...], text: str) -> None:
    assert StringBuild(template, *values) == text
    assert ErrorBuild(template, *values) == text


def test_string_build_takes_an_array_of_one_element_as_that_element() -> None:
    assert StringBuild("to %1", Array(["a@x"])) == "to a@x"


@given(st.text(), st.lists(st.text(), max_size=12))
def test_values_are_never_looked_at_again(template: str, values: list[str]) -> None:
    built = StringBuild(template, *values)
    assert StringBuild(template.replace("%", "%%"), *values) == template
    if "%" not in template:
        assert built == template


# -- Replace and its kin --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("a;b;c", ";", CR), "a\r\nb\r\nc"),
        (("aaa", "aa", "b"), "ba"),
        (("Paris", "paris", "x"), "Paris"),
        (("Paris PARIS", "paris", "x", IgnoreCase), "x x"),
        (("cat concat cat.", "cat", "dog", WholeWord), "dog concat dog."),
        (("Cat CONCAT", "cat", "dog", WholeWord + IgnoreCase), "dog CONCAT"),
        (("abc", "", "x"), "abc"),
        (("", "a", "x"), ""),
        (("ÉTÉ été", "été", "x", IgnoreCase), "x x"),
        (("İstanbul x İSTANBUL", "X", "-", IgnoreCase), "İstanbul - İSTANBUL"),
        ((12345, 3, ""), "1245"),
        (("a", "a", 7), "7"),
    ],
)
def test_replace(arguments: tuple[Any, ...], text: str) -> None:
    assert Replace(*arguments) == text
    assert companions.Remplace is Replace


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        (("a@b@c", "@"), 2),
        (("a@b@c", "@", 3), 4),
        (("a@b@c", "@", 5), 0),
        (("a@b@c", "x"), 0),
        (("a@b@c", ""), 0),
        (("a@b@c", "@", Null, FromEnd), 4),
        (("a@b@c", "@", 3, FromEnd), 2),
        (("ABC", "b", 1, IgnoreCase), 2),
        (("aaa", "aa", 2), 2),
    ],
)
def test_position_counts_from_one(arguments: tuple[Any, ...], place: int) -> None:
    assert Position(*arguments) == place


def test_counting_and_containing() -> None:
    assert StringCount("a;b;c", ";") == 2
    assert StringCount("aaaa", "aa") == 2
    assert StringCount("a", "") == 0
    assert Contains("Hello", "ell")
    assert not Contains("Hello", "ELL")
    assert Contient("Hello", "ELL", IgnoreCase)
    assert not Contient("Hello", "ell", WholeWord)


# -- pieces -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "piece"),
    [
        (("a\tb\tc", 2), "b"),
        (("a;b;c", 1, ";"), "a"),
        (("a;b;c", 3, ";"), "c"),
        (("a;b;c", 4, ";"), EOT),
        (("a;b;c", 0, ";"), EOT),
        (("a;;c", 2, ";"), ""),
        (("a\r\nb", 2, CR), "b"),
        (("", 1, ";"), ""),
        (("a;b;c", 1, ";", FromEnd), "c"),
        (("a;b;c", 4, ";", FromEnd), EOT),
        (("abc", 1, ""), "abc"),
    ],
)
def test_extract_string(arguments: tuple[Any, ...], piece: str) -> None:
    assert ExtractString(*arguments) == piece
    assert ExtraitChaîne(*arguments) == piece


def test_a_loop_over_the_pieces_ends_at_eot() -> None:
    recipients, rank, found = "a@x;b@x;c@x", 1, []
    while (address := ExtractString(recipients, rank, ";")) != EOT:
        found.append(address)
        rank += 1
    assert found == ["a@x", "b@x", "c@x"]


@pytest.mark.parametrize(
    ("call", "result"),
    [
        (lambda: Left("abcdef", 3), "abc"),
        (lambda: Left("abcdef"), "a"),
        (lambda: Left("ab", 9), "ab"),
        (lambda: Left("ab", -1), ""),
        (lambda: Right("abcdef", 3), "def"),
        (lambda: Right("abcdef"), "f"),
        (lambda: Right("ab", 9), "ab"),
        (lambda: Right("ab", 0), ""),
        (lambda: Middle("20241231235959", 5, 2), "12"),
        (lambda: Middle("abcdef", 3), "cdef"),
        (lambda: Middle("abc", 9), ""),
        (lambda: Middle("abc", 0), ""),
        (lambda: Length("été"), 3),
        (lambda: Length(b"\xff\x00"), 2),
        (lambda: Length(""), 0),
        (lambda: NoSpace("  a b  "), "a b"),
        (lambda: NoSpace(" \ta\t "), "\ta\t"),
        (lambda: Upper("été"), "ÉTÉ"),
        (lambda: Lower("ÉTÉ"), "été"),
        (lambda: Charact(10), "\n"),
        (lambda: Asc("A"), 65),
        (lambda: Asc(""), 0),
        (lambda: Left(Path("dir"), 2), "di"),
    ],
)
def test_small_functions(call: Any, result: object) -> None:
    assert call() == result


def test_lengths_and_positions_join_text() -> None:
    assert "length " + Length("abc") == "length 3"
    assert "at " + Position("abc", "c") == "at 3"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        (" 12 rue", 12),
        ("-7", -7),
        ("+7", 7),
        ("3.50 EUR", 3.5),
        ("1.2.3", 1.2),
        (".5", 0.5),
        ("rue 12", 0),
        ("", 0),
        ("-", 0),
        (".", 0),
        ("²", 0),
        (15, 15),
        ("9" * 5000, float("inf")),
    ],
)
def test_val(text: object, number: float) -> None:
    assert Val(text) == number


@given(st.integers(-(10**15), 10**15))
def test_val_reads_what_str_writes(number: int) -> None:
    assert Val(str(number)) == number
    assert isinstance(Val(str(number)), int)
