from __future__ import annotations

import base64
import binascii
import quopri
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.message.effort import takes_little
from wlemail.message import decodings
from wlemail.message.decodings import UNPADDED, decode_body
from wlemail.message.uuencode import split_uu_files


def decoded(body: bytes, encoding: str) -> tuple[bytes, bool]:
    """The bytes, and whether anything was wrong; with other bytes on both sides, which must not matter."""
    found = decode_body(body, 0, len(body), encoding)
    between = decode_body(b"QUJD=" + body + b"=QUJD", 5, 5 + len(body), encoding)
    assert between == found
    return found.data, bool(found.wrong)


@pytest.mark.parametrize(
    ("body", "data", "wrong"),
    [
        (b"QUJD", b"ABC", False),
        (b"QUI=\r\n", b"AB", False),
        (b"QQ==\r\n\r\n", b"A", False),
        (b"QU\r\nJD\n", b"ABC", False),
        (b"", b"", False),
        (b"QUI", b"AB", True),
        (b"QUJDR", b"ABC", True),
        (b"QQ=", b"A", False),
        (b"QQ==QkM=\r\n", b"ABC", True),
        (b"QQ==\r\nQkM=\r\n", b"ABC", True),
        (b"QQ==\r\n\r\nThis footer comes from the list.\r\n", b"A", True),
        (b"QUJD\r\n_____\r\nfooter\r\n", b"ABC", True),
        (b"QUJD\r\n-- \r\nAnn\r\n", b"ABC", True),
        (b"Q!UJ*D", b"Q!UJ*D", True),
        (b"QUJD \r\nQUI= \r\n", b"ABCAB", False),
        (b"SGVsbG8gd29ybGQh \r\n", b"Hello world!", False),
        (b"QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJD!", b"ABC" * 8, False),  # nobody looks for a single stray sign
        (b"Dear Ann, this was never encoded, whatever its header says.", None, True),
    ],
)
def test_base64(body: bytes, data: bytes | None, wrong: bool) -> None:
    found, was_wrong = decoded(body, "base64")
    assert found == (body if data is None else data)
    assert was_wrong == wrong


def test_what_is_missing_at_the_end_of_base64_is_told() -> None:
    assert decode_body(b"QUI", 0, 3, "base64").wrong == UNPADDED


@given(st.binary(max_size=500), st.integers(1, 100))
def test_every_base64_comes_back(data: bytes, width: int) -> None:
    encoded = base64.b64encode(data)
    rows = b"\r\n".join(encoded[place : place + width] for place in range(0, len(encoded), width))
    assert decoded(rows, "base64") == (data, False)


@pytest.mark.parametrize(
    ("body", "data", "wrong"),
    [
        (b"=C3=A9t=c3=a9", "été".encode(), False),
        (b"soft=\r\n break=\n s", b"soft break s", False),
        (b"space   \r\nat the end \t\r\n", b"space\r\nat the end\r\n", False),
        (b"soft = \r\nbreak", b"soft break", False),
        (b"a=20 \r\nb", b"a \r\nb", False),
        (b"keep=20\r\n", b"keep \r\n", False),
        (b"a = b", b"a = b", True),
        (b"=XY=4", b"=XY=4", True),
        (b"==41", b"=A", True),
        (b"a=", b"a", False),
        (b"a=\rb\r\nc", b"a=\rb\r\nc", True),
        (b"lines\nof a file\n", b"lines\r\nof a file\r\n", False),
        (b"a_b", b"a_b", False),
    ],
)
def test_quoted_printable(body: bytes, data: bytes, wrong: bool) -> None:
    assert decoded(body, "quoted-printable") == (data, wrong)


@given(st.binary(max_size=300))
def test_every_quoted_printable_comes_back(data: bytes) -> None:
    data = data.replace(b"\r", b"").replace(b"\n", b"\r\n")
    encoded = quopri.encodestring(data).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    found, wrong = decoded(encoded, "quoted-printable")
    assert (found.removesuffix(b"\r\n"), wrong) == (data.removesuffix(b"\r\n"), False)


@pytest.mark.parametrize("encoding", ["", "7bit", "8bit", "binary"])
def test_what_is_not_encoded(encoding: str) -> None:
    assert decoded(b"\xff=41\0", encoding) == (b"\xff=41\0", False)


def test_an_unknown_encoding_is_told() -> None:
    assert decoded(b"abc", "x-unknown") == (b"abc", True)


@given(st.binary(max_size=200), st.sampled_from(["base64", "quoted-printable", "x-uuencode"]))
def test_anything_is_decoded(body: bytes, encoding: str) -> None:
    assert isinstance(decode_body(body, 0, len(body), encoding).data, bytes)


SIGNS = [b"=", b"=4", b"=41", b" ", b" " * 40, b"\t", b"\r", b"\n", b"\r\n", b"=\r\n", b"x", b"--"]
PIECES = st.sampled_from([*SIGNS, b"A" * 30, b"QUJD" * 9, b"M" * 61])


@given(st.lists(PIECES, max_size=60), st.sampled_from(["base64", "quoted-printable", "x-uuencode"]))
def test_working_block_by_block_changes_nothing(pieces: list[bytes], encoding: str) -> None:
    body = (b"begin 644 x\n" if encoding == "x-uuencode" else b"") + b"".join(pieces)
    whole = decode_body(body, 0, len(body), encoding)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decodings, "_BLOCK", 128)
        assert decode_body(body, 0, len(body), encoding) == whole


LARGE = bytes(range(256)) * 12_000


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("base64", base64.encodebytes(LARGE)),
        ("base64", base64.encodebytes(LARGE) + b"\r\n_______\r\nA list's footer\r\n"),
        ("base64", base64.encodebytes(LARGE + b"1") + b"A list's footer that has no line\r\n"),
        ("base64", base64.b64encode(LARGE) + b"\n-- \nAnn\n"),
        ("quoted-printable", quopri.encodestring(LARGE).replace(b"\n", b"\r\n")),
        ("quoted-printable", quopri.encodestring(LARGE).replace(b"=\n", b"")),
        ("quoted-printable", quopri.encodestring(LARGE).replace(b"\n", b" \r\n")),
        (
            "x-uuencode",
            b"begin 644 x\n" + b"".join(binascii.b2a_uu(LARGE[at : at + 45]) for at in range(0, len(LARGE), 45)),
        ),
    ],
)
def test_a_large_body_takes_little_more_memory_than_its_content(encoding: str, body: bytes) -> None:
    tracemalloc.start()
    try:
        found = decode_body(body, 0, len(body), encoding).data
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(found) >= len(LARGE)
    assert peak < 1.4 * len(found)


# -- uuencode ---------------------------------------------------------------------------------------


def uuencoded(name: str, data: bytes) -> bytes:
    rows = [binascii.b2a_uu(data[place : place + 45]) for place in range(0, len(data), 45)]
    return f"begin 644 {name}\n".encode() + b"".join(rows) + b"`\nend\n"


@given(st.binary(min_size=1, max_size=300))
def test_every_uuencoded_file_comes_back(data: bytes) -> None:
    body = uuencoded("x.bin", data)
    assert decoded(body, "x-uuencode") == (data, False)
    assert split_uu_files(b"before\n" + body + b"after\n") == (b"before\nafter\n", [("x.bin", data)])
    assert split_uu_files(body.replace(b"\n", b"\r\n"))[1] == [("x.bin", data)]


def test_several_files_in_a_text() -> None:
    text, files = split_uu_files(b"a\n" + uuencoded("one", b"1") + b"b\n" + uuencoded("two words", b"2") + b"c\n")
    assert text == b"a\nb\nc\n"
    assert files == [("one", b"1"), ("two words", b"2")]


@pytest.mark.parametrize(
    "text",
    [
        b"begin 644 is how it starts\nwith words\n",
        b"Let us begin 644 x\n`\nend\n",
        b"begin 644 x\n`\n",
        b"begin 644 x\n",
    ],
)
def test_words_that_look_like_uuencode(text: bytes) -> None:
    assert split_uu_files(text) == (text, [])


@pytest.mark.parametrize("kept", [0, 10, 60, 61, 62])
def test_a_uuencoded_file_whose_end_was_cut_off(kept: int) -> None:
    data = bytes(range(200))
    whole = uuencoded("x.bin", data)
    first = whole.index(b"\nM") + 1
    second = first + 62
    text, files = split_uu_files(b"before\n" + whole[: second + kept])
    assert files == [("x.bin", data[: 90 if kept > 60 else 45])]
    assert text == b"before\n" + (b"" if kept > 60 else whole[second : second + kept])
    assert split_uu_files(whole[: first + 62] + b"\nbye\n") == (b"\nbye\n", [("x.bin", data[:45])])


def test_trap_uuencoded_files_without_end() -> None:
    body = (b"begin 644 x\nM" + b"A" * 60 + b"\n") * 100_000
    takes_little(lambda: split_uu_files(body))
    takes_little(lambda: split_uu_files(body.replace(b"M", b"#0V%T\n#")))


def test_uuencode_whose_lines_lost_their_spaces() -> None:
    rows = [binascii.b2a_uu(b"ab\0\0\0"), binascii.b2a_uu(b"\0" * 3)]
    body = b"begin 644 x\n" + b"".join(row.rstrip() + b"\n" for row in rows) + b" \nend\n"
    assert decoded(body, "x-uuencode") == (b"ab" + b"\0" * 6, False)
