"""POP3 responses: rows of octets, each fed whole, byte by byte and with other octets behind."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.feeding import feedings
from wlemail.errors import ProtocolViolation
from wlemail.pop3.responses import Response, ResponseParser, unstuffed
from wlemail.wire.reader import Reader

AFTER = b"+OK what comes next\r\n"
LIMIT = 1 << 20


def parse(pieces: list[bytes], limit: int = LIMIT) -> tuple[Response | None, int]:
    """The first response, and how many octets are left behind it."""
    reader = Reader()
    parser = ResponseParser(reader)
    found: Response | None = None
    for piece in pieces:
        reader.feed(piece)
        if found is None:
            found = parser.next(limit)
    return found, reader.waiting


ONE_LINE = [
    (b"+OK\r\n", Response("+OK", "")),
    (b"+OK ready <1.2@x>\r\n", Response("+OK", "ready <1.2@x>")),
    (b"-ERR\r\n", Response("-ERR", "")),
    (b"-ERR [IN-USE] busy\r\n", Response("-ERR", "[IN-USE] busy")),
    # QUIRK: bare LF, lower case, blanks more than one
    (b"+OK\n", Response("+OK", "")),
    (b"+ok yes\r\n", Response("+OK", "yes")),
    (b"-err no\n", Response("-ERR", "no")),
    (b"+OK  two blanks\r\n", Response("+OK", " two blanks")),
    # challenges, with and without the blank
    (b"+ abcd\r\n", Response("+", "abcd")),
    (b"+ \r\n", Response("+", "")),
    (b"+\r\n", Response("+", "")),
    # texts in other character sets; what moves a cursor is shown as what it is
    ("-ERR Échec\r\n".encode(), Response("-ERR", "Échec")),
    ("-ERR Échec\r\n".encode("latin-1"), Response("-ERR", "Échec")),
    (b"-ERR \x1b[2J\r\n", Response("-ERR", "�[2J")),
]


@pytest.mark.parametrize(("octets", "expected"), ONE_LINE)
def test_a_response_of_one_line(octets: bytes, expected: Response) -> None:
    for pieces in feedings(octets, AFTER):
        assert parse(pieces, 0) == (expected, len(AFTER))


MANY_LINES = [
    (b"+OK\r\n.\r\n", b""),
    (b"+OK\r\na\r\n.\r\n", b"a\r\n"),
    (b"+OK\r\n\r\n.\r\n", b"\r\n"),
    (b"+OK\r\na\r\n\r\nb\r\n.\r\n", b"a\r\n\r\nb\r\n"),
    # dots at the beginning of a line were doubled
    (b"+OK\r\n..\r\n.\r\n", b".\r\n"),
    (b"+OK\r\n..a\r\n...b\r\nc.\r\n.\r\n", b".a\r\n..b\r\nc.\r\n"),
    # QUIRK: a server that doubles no dots
    (b"+OK\r\n.a\r\nb\r\n.\r\n", b".a\r\nb\r\n"),
    # in a message with CR LF a bare LF or CR ends no line
    (b"+OK\r\na\r\nb\n.\r\nc\r\n.\r\n", b"a\r\nb\n.\r\nc\r\n"),
    (b"+OK\r\na\r\nb\n.\nc\r\n.\r\n", b"a\r\nb\n.\nc\r\n"),
    (b"+OK\r\na\r\nb\r.\r\r\n.\r\n", b"a\r\nb\r.\r\r\n"),
    (b"+OK\r\na\r\n.\rb\r\n.\r\n", b"a\r\n.\rb\r\n"),
]


@pytest.mark.parametrize(("octets", "content"), MANY_LINES)
def test_a_response_of_many_lines(octets: bytes, content: bytes) -> None:
    for pieces in feedings(octets, AFTER):
        assert parse(pieces) == (Response("+OK", "", content), len(AFTER))


BARE_LF = [
    (b"+OK\n.\n", b""),
    (b"+OK\na\n\nb\n.\n", b"a\r\n\r\nb\r\n"),
    (b"+OK\n..a\n..\n.\n", b".a\r\n.\r\n"),
    # the status in CR LF, the message as it lies in its file
    (b"+OK\r\na\n\nb\n.\r\n", b"a\r\n\r\nb\r\n"),
    (b"+OK\r\na\nb\n.\n", b"a\r\nb\r\n"),
    (b"+OK\r\na\n..b\r\n.\r\n", b"a\r\n.b\r\n"),
]


@pytest.mark.parametrize(("octets", "content"), BARE_LF)
def test_bare_lf_servers(octets: bytes, content: bytes) -> None:
    for pieces in feedings(octets, AFTER):
        assert parse(pieces) == (Response("+OK", "", content), len(AFTER))


def test_a_refusal_has_one_line_whatever_was_asked() -> None:
    for pieces in feedings(b"-ERR no such message\r\n", AFTER):
        assert parse(pieces) == (Response("-ERR", "no such message"), len(AFTER))


@pytest.mark.parametrize("line", [b"HTTP/1.1 200 OK\r\n", b"\r\n", b"* OK imap\r\n", b"220 smtp\r\n", b"+OKAY\r\n"])
def test_what_is_no_response(line: bytes) -> None:
    with pytest.raises(ProtocolViolation, match="no POP3 response"):
        parse([line], 0)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[AUTH] no", "AUTH"),
        ("[sys/temp] later", "SYS/TEMP"),
        ("[IN-USE]", "IN-USE"),
        ("no [AUTH]", ""),
        ("[not a code] x", ""),
        ("", ""),
    ],
)
def test_response_codes(text: str, code: str) -> None:
    assert Response("-ERR", text).code == code


def test_what_the_server_said_is_kept_as_it_was() -> None:
    assert str(Response("-ERR", "[AUTH] no").reply()) == "-ERR [AUTH] no"
    assert str(Response("-ERR", "").reply()) == "-ERR"


# -- where the network cuts -----------------------------------------------------------------------------


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("ending", [b"\r\n", b"\n"])
def test_a_final_dot_that_is_split_across_reads(large: bool, ending: bytes) -> None:
    """Also behind so much that most of it has been put aside."""
    body = (b"x" * 70 + ending) * (2000 if large else 2) + b"..dot" + ending
    octets = b"+OK" + ending + body + b"." + ending
    expected = body.replace(ending, b"\r\n").replace(b"\r\n..", b"\r\n.")
    for back in range(1, 12):
        pieces = [octets[:-back], octets[-back:] + AFTER]
        assert parse(pieces) == (Response("+OK", "", expected), len(AFTER))
        pieces = [octets[:-back], *(octets[at : at + 1] for at in range(len(octets) - back, len(octets)))]
        assert parse(pieces) == (Response("+OK", "", expected), 0)


@pytest.mark.parametrize("cut", range(65530, 65545))
def test_a_doubled_dot_that_is_split_across_reads(cut: int) -> None:
    body = b"x" * 65534 + b"\r\n..y\r\n"
    octets = b"+OK\r\n" + body + b".\r\n"
    response, rest = parse([octets[:cut], octets[cut:] + AFTER])
    assert response == Response("+OK", "", b"x" * 65534 + b"\r\n.y\r\n")
    assert rest == len(AFTER)


# -- limits -------------------------------------------------------------------------------------------


def test_a_line_that_never_ends() -> None:
    with pytest.raises(ProtocolViolation, match="line of more than"):
        parse([b"+OK " + b"x" * 1000] * 1000, 0)


@pytest.mark.parametrize("content", [b"x\r\n" * 1000, b"x" * 3000, b"x\n" * 1500])
def test_a_message_that_never_ends(content: bytes) -> None:
    with pytest.raises(ProtocolViolation, match="more than 100000 bytes"):
        parse([b"+OK\r\n", *[content] * 1000], 100_000)


def test_a_large_message_costs_time_in_proportion() -> None:
    """Thirty megabytes in the pieces of a socket: copied a few times, never searched again from the beginning."""
    line = b"x" * 70 + b"\r\n"
    piece = (line * 910)[:65536]
    count = 480
    reader = Reader()
    parser = ResponseParser(reader)
    began = time.process_time()
    reader.feed(b"+OK\r\n")
    for _ in range(count):
        reader.feed(piece)
        assert parser.next(1 << 30) is None
    reader.feed(b"\r\n.\r\n")
    response = parser.next(1 << 30)
    took = time.process_time() - began
    assert response is not None
    assert response.content == piece * count + b"\r\n"
    assert took < 2.0


# -- properties ---------------------------------------------------------------------------------------


def stuffed(lines: list[bytes]) -> bytes:
    return b"".join((b"." + line if line.startswith(b".") else line) + b"\r\n" for line in lines)


LINES = st.lists(st.binary(max_size=12).map(lambda data: data.replace(b"\n", b"").replace(b"\r", b"")), max_size=12)


@given(LINES)
def test_unstuffing_is_the_inverse_of_stuffing(lines: list[bytes]) -> None:
    assert unstuffed(stuffed(lines)) == b"".join(line + b"\r\n" for line in lines)


@settings(max_examples=150)
@given(LINES, st.lists(st.integers(1, 9), min_size=1))
def test_a_message_however_it_is_cut(lines: list[bytes], cuts: list[int]) -> None:
    octets = b"+OK\r\n" + stuffed(lines) + b".\r\n" + AFTER
    pieces, at, turn = [], 0, 0
    while at < len(octets):
        pieces.append(octets[at : at + cuts[turn % len(cuts)]])
        at += cuts[turn % len(cuts)]
        turn += 1
    content = b"".join(line + b"\r\n" for line in lines)
    assert parse(pieces) == (Response("+OK", "", content), len(AFTER))


@given(st.lists(st.binary(max_size=30), max_size=10), st.booleans())
def test_any_octets(pieces: list[bytes], many: bool) -> None:
    """Equal results whole and byte by byte, and never another exception."""
    results = []
    for cut in (pieces, [bytes([octet]) for octet in b"".join(pieces)], [b"".join(pieces)]):
        try:
            results.append(parse(cut, LIMIT if many else 0)[0])
        except ProtocolViolation as problem:
            results.append(str(problem))  # type: ignore[arg-type]
    assert results[0] == results[1] == results[2]
