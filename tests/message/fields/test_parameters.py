from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.message.reading import read
from wlemail.message.fields.parameters import fallback_parameter, parameter, parse_media_type, with_parameters


def as_read(pieces: list[str]) -> str:
    field = with_parameters("Content-Disposition", "attachment", pieces)
    assert max(map(len, field.split("\r\n"))) <= 76
    return str(read(field.encode() + b"\r\n")["Content-Disposition"].params["filename"])


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), min_size=1, max_size=120))
def test_every_value_comes_back(value: str) -> None:
    assert as_read(parameter("filename", value)) == value


@pytest.mark.parametrize(
    ("value", "pieces"),
    [
        ("a.txt", ['filename="a.txt"']),
        ("a b.txt", ['filename="a b.txt"']),
        ("été.txt", ["filename*=utf-8''%C3%A9t%C3%A9.txt"]),
        ('a".txt', ["filename*=utf-8''a%22.txt"]),
        ("50%.txt", ['filename="50%.txt"']),
        ("x" * 60, ['filename*0="' + "x" * 59 + '"', 'filename*1="x"']),
        ("=?utf-8?q?a?=", ["filename*=utf-8''%3D%3Futf-8%3Fq%3Fa%3F%3D"]),
    ],
)
def test_how_a_parameter_is_written(value: str, pieces: list[str]) -> None:
    assert parameter("filename", value) == pieces


def test_no_character_is_cut_between_two_pieces() -> None:
    pieces = parameter("filename", "é" * 60)
    assert len(pieces) > 1
    assert all(piece.count("%") % 2 == 0 for piece in pieces)
    assert as_read(pieces) == "é" * 60


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), min_size=1, max_size=120))
def test_the_fallback_stays_inside_its_quotes(value: str) -> None:
    field = with_parameters("Content-Type", "application/pdf", [fallback_parameter("name", value)])
    assert max(map(len, field.split("\r\n"))) <= 76
    message = read(field.encode() + b"\r\n")
    assert message.get_content_type() == "application/pdf"
    assert list(message["Content-Type"].params) == ["name"]
    assert field.count('"') == 2


@pytest.mark.parametrize(
    ("text", "media_type", "parameters"),
    [
        ("", "", []),
        ("pdf", "", []),
        ("a/b/c", "", []),
        ("a b/c", "", []),
        (" Text/Plain ", "text/plain", []),
        ("text/plain; charset=utf-8", "text/plain", [("charset", "utf-8")]),
        ('text/plain;Charset="utf-8" ; format=flowed', "text/plain", [("charset", "utf-8"), ("format", "flowed")]),
        (r'a/b; x="a\"b;c"', "a/b", [("x", 'a"b;c')]),
        ("a/b; x", "a/b", []),
        ("a/b; x y=z; ok=1", "a/b", [("ok", "1")]),
        ("a/b; é=1", "a/b", []),
    ],
)
def test_media_types_as_people_write_them(text: str, media_type: str, parameters: list[tuple[str, str]]) -> None:
    assert parse_media_type(text) == (media_type, parameters)
