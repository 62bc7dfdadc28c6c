from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.message.effort import takes_little
from wlemail.message.fields.text import read_text
from wlemail.message.headers import unstructured


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b" Hello", "Hello"),
        (b"Hello \t", "Hello"),
        (b" two\r\n lines", "two lines"),
        (b" two\n\tlines", "two lines"),
        (b" two\n  lines", "two  lines"),
        (b" \xc3\xa9t\xc3\xa9", "été"),
        (b" \xe9t\xe9", "été"),
        (b" =?iso-8859-1?q?=E9?=\r\n =?utf-8?q?=C3=A9?=", "éé"),
        (b" =?utf-8?q?a=0D=0ABcc:_x?=", "a Bcc: x"),
        (b" a\0b =?utf-8?q?c=00d?=", "ab cd"),
        (b" \x1b$BF|K\\8l\x1b(B", "日本語"),
        (b" \xcf\xf0\xe8\xe2\xe5\xf2, \xea\xe0\xea \xe4\xe5\xeb\xe0?", "Привет, как дела?"),
        (b"", ""),
    ],
)
def test_texts(value: bytes, text: str) -> None:
    assert read_text(value) == text


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=200))
def test_what_is_written_is_read(text: str) -> None:
    field = unstructured("Subject", text)
    assert read_text(field.removeprefix("Subject:").removesuffix("\r\n").encode()) == text


@given(st.binary(max_size=80))
def test_anything_is_read(value: bytes) -> None:
    assert "\n" not in read_text(value)


@pytest.mark.parametrize(
    "unit", [b"=?", b"=?utf-8?q?a?= ", b"=?a?q?", b"\r", b"\n ", b"=?utf-8?b?w6?= ", b"\xff", b"\x1b$B"]
)
def test_trap_fields_that_take_the_square_of_the_time(unit: bytes) -> None:
    takes_little(lambda: read_text(b"x" + unit * (200_000 // len(unit)) + b"x"))
