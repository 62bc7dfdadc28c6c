"""The content's line ends, dots and pieces."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlemail.smtp.content import DotStuffing, normalised, pieces

# Few different octets, so that the interesting ones meet.
CHUNKS = st.lists(st.text(alphabet="\r\n.a", max_size=6).map(str.encode))


def stuffed(chunks: list[bytes]) -> bytes:
    dots = DotStuffing()
    return b"".join([dots.stuff(chunk) for chunk in chunks]) + dots.end()


def unstuffed(wire: bytes) -> bytes:
    """As a server reads it: line by line up to the lone dot (RFC 5321 4.5.2)."""
    lines = wire.split(b"\r\n")
    end = lines.index(b".")
    assert lines[end + 1 :] == [b""], "octets behind the end"
    return b"".join([line.removeprefix(b".") + b"\r\n" for line in lines[:end]])


@pytest.mark.parametrize(
    ("content", "wire"),
    [
        ([b"text\r\n"], b"text\r\n.\r\n"),
        ([b"no line end"], b"no line end\r\n.\r\n"),
        ([], b".\r\n"),
        ([b""], b".\r\n"),
        ([b".hidden\r\n"], b"..hidden\r\n.\r\n"),
        ([b"a\r\n.b\r\n..c\r\n.\r\nd\r\n"], b"a\r\n..b\r\n...c\r\n..\r\nd\r\n.\r\n"),
        ([b"."], b"..\r\n.\r\n"),
        ([b"a\r\n", b".b"], b"a\r\n..b\r\n.\r\n"),
        ([b"a\r", b"\n.b"], b"a\r\n..b\r\n.\r\n"),
        ([b"a\r\n", b"", b".b"], b"a\r\n..b\r\n.\r\n"),
        ([b"a", b".b\r\n"], b"a.b\r\n.\r\n"),
        ([b"a\r\n", b".", b"\r\n"], b"a\r\n..\r\n.\r\n"),
    ],
)
def test_dot_stuffing(content: list[bytes], wire: bytes) -> None:
    assert stuffed(content) == wire


@pytest.mark.parametrize(
    ("content", "normal"),
    [
        ([b"a\r\nb"], b"a\r\nb"),
        ([b"a\nb\n"], b"a\r\nb\r\n"),
        ([b"a\rb\r"], b"a\r\nb\r\n"),
        ([b"a\r\r\nb"], b"a\r\n\r\nb"),
        ([b"a\n\rb"], b"a\r\n\r\nb"),
        ([b"a\r", b"\nb"], b"a\r\nb"),
        ([b"a\r", b"b"], b"a\r\nb"),
        ([b"a\r", b"", b"\n"], b"a\r\n"),
        ([b"\r", b"\r", b"\n"], b"\r\n\r\n"),
        ([], b""),
    ],
)
def test_line_ends(content: list[bytes], normal: bytes) -> None:
    assert b"".join(normalised(content)) == normal


@given(CHUNKS)
def test_bare_lf_and_bare_cr_in_a_body_never_leave(chunks: list[bytes]) -> None:
    wire = stuffed(list(normalised(chunks)))
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", wire)
    # SMTP smuggling: whatever a server takes for a line end, the content ends once, at its end.
    assert [found.start() for found in re.finditer(rb"(?:\A|[\r\n])\.[\r\n]", wire)] in ([len(wire) - 4], [0])


@given(CHUNKS)
def test_a_server_reads_back_what_was_given(chunks: list[bytes]) -> None:
    content = re.sub(rb"\r\n|\r|\n", b"\r\n", b"".join(chunks))
    expected = content if content.endswith(b"\r\n") or not content else content + b"\r\n"
    assert unstuffed(stuffed(list(normalised(chunks)))) == expected


@given(CHUNKS)
def test_the_cuts_do_not_matter(chunks: list[bytes]) -> None:
    assert stuffed(list(normalised(chunks))) == stuffed(list(normalised([b"".join(chunks)])))


@given(st.lists(st.binary(max_size=40)), st.integers(1, 30))
def test_pieces(chunks: list[bytes], enough: int) -> None:
    found = list(pieces(chunks, enough))
    assert b"".join(found) == b"".join(chunks)
    # Few enough, though the last cut of a huge chunk may be small; and none much larger than needed.
    assert len(found) <= 1.25 * len(b"".join(chunks)) / enough + 1
    assert all(len(piece) <= 4 * enough for piece in found)


def test_a_large_chunk_is_not_copied() -> None:
    large = b"x" * 100
    assert next(pieces([large], 50)) is large
