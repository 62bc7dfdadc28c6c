"""Where responses end: whole, byte by byte, and with others behind them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.feeding import feedings
from wlemail.errors import ProtocolViolation
from wlemail.imap.framing import MAX_LITERAL, MAX_LITERALS, MAX_TEXT, Frame, Framer
from wlemail.wire.reader import Reader


def frames(pieces: list[bytes]) -> list[Frame]:
    reader = Reader()
    framer = Framer(reader)
    found = []
    for piece in pieces:
        reader.feed(piece)
        while (frame := framer.next()) is not None:
            found.append(frame)
    return found


AFTER = b"* 7 EXISTS\r\n"
ROWS = [
    (b"* OK hi\r\n", Frame(b"* OK hi")),
    (b"* OK hi\n", Frame(b"* OK hi")),
    (b"\r\n", Frame(b"")),
    (b"* OK {1}\r\n", Frame(b"* OK {1}")),
    (b"* ok [ALERT] {12}\r\n", Frame(b"* ok [ALERT] {12}")),
    (b"A1 NO not {3}\r\n", Frame(b"A1 NO not {3}")),
    (b"+ send {5}\r\n", Frame(b"+ send {5}")),
    (b"* BYE\r\n", Frame(b"* BYE")),
    (b"* 2 FETCH (BODY[TEXT] {3}\r\nfoo)\r\n", Frame(b"* 2 FETCH (BODY[TEXT] \0)", (b"foo",))),
    (b"* 2 FETCH (BODY[TEXT] ~{3}\r\nf\0o)\r\n", Frame(b"* 2 FETCH (BODY[TEXT] \0)", (b"f\0o",))),
    (b"* 1 FETCH (BODY[] {5+}\r\nhello)\r\n", Frame(b"* 1 FETCH (BODY[] \0)", (b"hello",))),
    (b"* LIST () NIL {0}\r\n\r\n", Frame(b"* LIST () NIL \0", (b"",))),
    (b"* X {4}\r\n{9}\n {2}\r\nA1\r\n", Frame(b"* X \0 \0", (b"{9}\n", b"A1"))),
    (b"* X a\0b\r\n", Frame(b"* X a?b")),
    (b"* X {a}\r\n", Frame(b"* X {a}")),
]


@pytest.mark.parametrize(("octets", "frame"), ROWS)
def test_one_frame(octets: bytes, frame: Frame) -> None:
    for pieces in feedings(octets):
        assert frames(pieces) == [frame]
    for pieces in feedings(octets, AFTER):
        assert frames(pieces) == [frame, Frame(b"* 7 EXISTS")]


@pytest.mark.parametrize("size", [b"1048577", b"99999999999999999999", b"9" * 5000])
def test_a_literal_that_no_honest_server_sends(size: bytes) -> None:
    with pytest.raises(ProtocolViolation):
        frames([b"* X {%s}\r\n" % size])


def test_literals_of_one_response_share_the_limit() -> None:
    half = b"{%d}\r\n%s" % (MAX_LITERAL // 2, b"x" * (MAX_LITERAL // 2))
    assert len(frames([b"* X " + half + b" " + half + b"\r\n"])) == 1
    with pytest.raises(ProtocolViolation):
        frames([b"* X " + half + b" " + half + b" {1}\r\n"])


def test_a_line_that_never_ends() -> None:
    with pytest.raises(ProtocolViolation):
        frames([b"x" * (4 << 20)] * (MAX_TEXT // (4 << 20) + 1))


def test_a_reply_that_never_ends() -> None:
    with pytest.raises(ProtocolViolation):
        frames([b"* X {0}\r\n" + b" {0}\r\n" * MAX_LITERALS])


def test_what_has_arrived_of_a_message() -> None:
    reader = Reader()
    framer = Framer(reader)
    reader.feed(b"* 1 FETCH (BODY[] {10}\r\nabcd")
    assert framer.next() is None
    assert framer.inside
    assert framer.arrived == 4
    reader.feed(b"efghij)\r\n")
    assert framer.next() is not None
    assert not framer.inside
    assert framer.arrived == 0


@given(st.lists(st.binary(max_size=30), min_size=1, max_size=4), st.lists(st.integers(1, 40), max_size=10))
def test_any_literals_in_any_pieces(literals: list[bytes], cuts: list[int]) -> None:
    octets = b"* X " + b" ".join(b"{%d}\r\n%s" % (len(literal), literal) for literal in literals) + b"\r\n" + AFTER
    pieces = []
    for cut in cuts:
        pieces.append(octets[:cut])
        octets = octets[cut:]
    found = frames([*pieces, octets])
    assert [frame.literals for frame in found] == [tuple(literals), ()]


@given(st.lists(st.binary(max_size=50), max_size=10))
def test_any_octets(pieces: list[bytes]) -> None:
    try:
        frames([*pieces, b"\r\n"])
    except ProtocolViolation:
        pass
