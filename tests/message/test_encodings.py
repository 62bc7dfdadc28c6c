from __future__ import annotations

import base64
import quopri
import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlemail.message.encodings import BASE64_BLOCK, base64_rows, base64_size, encode_text, is_plain, with_crlf


def blocks(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), BASE64_BLOCK):
        yield data[start : start + BASE64_BLOCK]


@pytest.mark.parametrize(
    "size",
    [
        0,
        1,
        2,
        3,
        56,
        57,
        58,
        113,
        114,
        115,
        1000,
        BASE64_BLOCK - 1,
        BASE64_BLOCK,
        BASE64_BLOCK + 1,
        3 * BASE64_BLOCK + 7,
    ],
)
def test_base64_is_what_the_standard_library_makes(size: int) -> None:
    data = random.Random(size).randbytes(size)
    expected = base64.encodebytes(data).replace(b"\n", b"\r\n")
    assert b"".join(base64_rows(blocks(data))) == expected
    assert b"".join(base64_rows((data,))) == expected
    assert base64_size(size) == len(expected)


@pytest.mark.parametrize("text", ["a\nb\n", "a\rb\r", "a\r\nb\r\n", "a\nb\r"])
def test_any_line_end_becomes_crlf(text: str) -> None:
    assert with_crlf(text) == "a\r\nb\r\n"


def test_crlf_stays_one_line_end() -> None:
    assert with_crlf("\r\n\n\r\r\n") == "\r\n" * 4


@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_a_text_comes_back(text: str) -> None:
    data = with_crlf(text).encode()
    encoding, encoded = encode_text(data)
    decode = base64.b64decode if encoding == "base64" else quopri.decodestring
    assert decode(encoded) == data
    assert encoded.isascii()
    assert max(map(len, encoded.split(b"\r\n"))) <= 76
    bare = encoded.replace(b"\r\n", b"")
    assert b"\n" not in bare
    assert b"\r" not in bare


def test_the_smaller_encoding_is_taken() -> None:
    assert encode_text("Où êtes-vous ?".encode())[0] == "quoted-printable"
    assert encode_text("日本語のテキスト".encode())[0] == "base64"


def test_soft_line_breaks_are_crlf_in_a_text_without_line_ends() -> None:
    encoding, encoded = encode_text(b"word " * 100)
    assert encoding == "quoted-printable"
    assert b"=\r\n" in encoded
    assert encoded.count(b"\n") == encoded.count(b"\r\n")


@pytest.mark.parametrize(
    ("data", "plain"),
    [
        (b"", True),
        (b"short\r\nlines\twith tab\r\n", True),
        (b"x" * 78 + b"\r\n" + b"y" * 78, True),
        (b"x" * 79, False),
        (b"a\r\n" + b"x" * 79 + b"\r\n", False),
        ("é".encode(), False),
        (b"\x1b[0m", False),
        (b"form\x0cfeed", False),
    ],
)
def test_what_needs_no_encoding(data: bytes, plain: bool) -> None:
    assert is_plain(data) is plain
