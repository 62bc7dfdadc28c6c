"""Lines and counted octets, however the network cuts them."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.feeding import feedings
from wlemail.errors import ProtocolViolation
from wlemail.wire.reader import Reader


def lines_of(chunks: list[bytes], limit: int = 10_000) -> tuple[list[bytes], int]:
    reader = Reader()
    lines = []
    for chunk in chunks:
        reader.feed(chunk)
        while (line := reader.take_line(limit)) is not None:
            lines.append(line)
    return lines, reader.waiting


@pytest.mark.parametrize(
    ("octets", "lines"),
    [
        (b"", []),
        (b"\r\n", [b"\r\n"]),
        (b"one\r\ntwo\r\n", [b"one\r\n", b"two\r\n"]),
        (b"bare\nlf\r\n", [b"bare\n", b"lf\r\n"]),
        (b"cr\rin it\r\n", [b"cr\rin it\r\n"]),
        (b"\0\xff\r\n", [b"\0\xff\r\n"]),
    ],
)
def test_lines(octets: bytes, lines: list[bytes]) -> None:
    for chunks in feedings(octets, after=b"rest"):
        assert lines_of(chunks) == (lines, len(b"rest"))


@given(st.lists(st.binary(max_size=12)), st.binary(max_size=5))
def test_lines_do_not_depend_on_the_cuts(chunks: list[bytes], end: bytes) -> None:
    assert lines_of([*chunks, end]) == lines_of([b"".join([*chunks, end])])


def test_a_line_that_never_ends() -> None:
    reader = Reader()
    for _ in range(50):
        reader.feed(b"x" * 10)
        assert reader.take_line(limit=500) is None
    reader.feed(b"x")
    with pytest.raises(ProtocolViolation):
        reader.take_line(limit=500)


def test_a_line_longer_than_the_limit_is_refused_even_when_it_arrives_whole() -> None:
    reader = Reader()
    reader.feed(b"x" * 500 + b"\r\n")
    with pytest.raises(ProtocolViolation):
        reader.take_line(limit=500)


def test_a_long_line_in_single_bytes_takes_no_quadratic_search() -> None:
    reader = Reader()
    for _ in range(20_000):
        reader.feed(b"x")
        assert reader.take_line(65536) is None
    reader.feed(b"\n")
    line = reader.take_line(65536)
    assert line is not None
    assert len(line) == 20_001


def test_nothing_is_taken_ahead_of_need() -> None:
    reader = Reader()
    reader.feed(b"220 go ahead\r\n250 injected\r\n")
    assert reader.take_line() == b"220 go ahead\r\n"
    assert reader.waiting == len(b"250 injected\r\n")


def test_octets() -> None:
    reader = Reader()
    reader.feed(b"abcdef")
    assert reader.take(7) is None
    assert reader.take(2) == b"ab"
    assert reader.take_some(3) == b"cde"
    assert reader.take_some(3) == b"f"
    assert reader.take_some(3) == b""
    assert reader.take(0) == b""


@settings(max_examples=60)
@given(st.lists(st.binary(min_size=1, max_size=9), min_size=1), st.data())
def test_the_generators_wait_for_what_they_need(chunks: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(chunks)
    count = data.draw(st.integers(0, len(whole)))
    reader = Reader()
    waiting = list(chunks)
    taken: list[bytes] = []

    def take() -> Generator[None, None, None]:
        taken.append((yield from reader.exactly(count)))

    for _ in take():
        reader.feed(waiting.pop(0))
    assert taken == [whole[:count]]
    for chunk in waiting:
        reader.feed(chunk)
    assert reader.take_some(1000) == whole[count:]


def test_the_line_generator() -> None:
    reader = Reader()
    line = reader.line()
    next(line)
    reader.feed(b"* O")
    next(line)
    reader.feed(b"K\r\nx")
    with pytest.raises(StopIteration) as done:
        next(line)
    assert done.value.value == b"* OK\r\n"
    assert reader.waiting == 1
