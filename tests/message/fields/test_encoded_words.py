from __future__ import annotations

from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlemail.message.fields.encoded_words import decode_words, encode_words


@given(st.text(min_size=1), st.integers(30, 75))
def test_every_text_comes_back(text: str, room: int) -> None:
    words = encode_words(text, room)
    assert len(words[0]) <= room
    assert all(len(word) <= 75 and word.isascii() and word.isprintable() for word in words)
    assert decode_words("\r\n ".join(words)) == text
    # Each word is decoded on its own (RFC 2047 5): no character may be cut.
    assert "".join(decode_words(word) for word in words) == text


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_python_reads_the_same(text: str) -> None:
    assert str(make_header(decode_header("\r\n ".join(encode_words(text))))) == text


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Réunion", "=?utf-8?q?R=C3=A9union?="),
        ("été à", "=?utf-8?b?w6l0w6kgw6A=?="),
        ("a b", "=?utf-8?q?a_b?="),
        ("=?utf-8?q?x?=", "=?utf-8?b?PT91dGYtOD9xP3g/PQ==?="),
        ("日本", "=?utf-8?b?5pel5pys?="),
    ],
)
def test_the_shorter_of_b_and_q_is_taken(text: str, word: str) -> None:
    assert encode_words(text) == [word]


def test_lone_surrogates_become_the_replacement_character() -> None:
    assert decode_words(encode_words("a\udce9b")[0]) == "a\ufffdb"
    assert decode_words(encode_words("\ud83d\ude00")[0]) == "\U0001f600"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("plain", "plain"),
        ("=?us-ascii?Q?a_b?= c", "a b c"),
        ("a =?iso-8859-1?q?=E9t=E9?= b", "a été b"),
        ("=?ISO-8859-15?B?pA==?=", "€"),
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?=\r\n =?iso-8859-1?q?=E9?=", "aé"),
        ("=?utf-8?b?w6?= =?utf-8?b?qQ==?=", "\ufffd\ufffd".replace("\ufffd\ufffd", "é")),
        ("=?utf-8?q?=C3?= =?utf-8?q?=A9?=", "é"),
        ("=?utf-8*fr?q?=C3=A9?=", "é"),
        ("=?x-unknown?q?a=C3=A9?=", "aé"),
        ("=?utf-8?q?=E9?=", "é"),
        ("=?utf-8?b?w6k?=", "é"),
        ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        ("=?utf-8?b?a?=", "=?utf-8?b?a?="),
    ],
)
def test_words_that_others_write(written: str, text: str) -> None:
    assert decode_words(written) == text
