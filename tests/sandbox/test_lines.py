"""Lines out of pieces: whole, octet by octet, too long, endless."""

from __future__ import annotations

import pytest

from wlemail.sandbox.lines import MAX_SKIPPED, EndlessLine, Lines

LONGEST = 10
ROWS = [
    (b"", []),
    (b"no end", []),
    (b"a\r\nb\n\nc", [b"a\r\n", b"b\n", b"\n"]),
    (b"x" * 9 + b"\n", [b"x" * 9 + b"\n"]),
    (b"x" * 10 + b"\nnext\n", [b"", b"next\n"]),
    (b"x" * 50 + b"\nnext\n", [b"", b"next\n"]),
]


def taken(octets: bytearray, lines: Lines) -> list[bytes]:
    found = []
    before = -1
    while len(octets) != before:  # what is passed over of a long line is no line yet
        before = len(octets)
        while (line := lines.take()) is not None:
            found.append(line)
    return found


@pytest.mark.parametrize(("sent", "expected"), ROWS)
def test_whole_and_octet_by_octet(sent: bytes, expected: list[bytes]) -> None:
    octets = bytearray(sent)
    assert taken(octets, Lines(octets, LONGEST)) == expected
    octets = bytearray()
    lines = Lines(octets, LONGEST)
    found = []
    for place in range(len(sent)):
        octets += sent[place : place + 1]
        found += taken(octets, lines)
    assert found == expected


def test_a_line_without_end_is_given_up() -> None:
    octets = bytearray()
    lines = Lines(octets, LONGEST)
    for _ in range(MAX_SKIPPED // 1024):
        octets += b"x" * 1024
        assert lines.take() is None
    assert not octets
    octets += b"x" * 1024
    with pytest.raises(EndlessLine):
        lines.take()
