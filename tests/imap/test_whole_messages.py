"""Messages that are taken in one step say the same as those that go through frames and words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlemail.imap.client.fetch import HEADER, WHOLE, fetch_command
from wlemail.imap.connection import SELECTED, Connection
from wlemail.imap.numbers import number_set
from wlemail.imap.parsing.fetch import Fetched

ROWS = [
    b"* 1 FETCH (UID 7 BODY[] {3}\r\nabc)\r\n",
    b"* 1 FETCH (UID 7 FLAGS (\\Seen $Junk) BODY[] {3}\r\nabc)\r\n",
    b"* 1 FETCH (FLAGS () UID 7 BODY[HEADER] {0}\r\n)\r\n",
    b"* 12 FETCH (FLAGS (\\Answered) UID 7 BODY[] {11}\r\n)\r\n* BYE\r\n()\r\n",
    b"* 1 FETCH (UID 7 RFC822.SIZE 4294967296)\r\n",
    b"* 1 FETCH (RFC822.SIZE 17 UID 7)\r\n",
    # The long way: other order, other case, no literal, a quoted flag, somebody else's message.
    b"* 1 FETCH (BODY[] {3}\r\nabc UID 7)\r\n",
    b"* 1 fetch (uid 7 body[] {3}\r\nabc)\r\n",
    b'* 1 FETCH (UID 7 BODY[] "abc")\r\n',
    b"* 1 FETCH (UID 7 BODY[] NIL)\r\n",
    b"* 1 FETCH (UID 7 BODY[] {3}\r\nabc FLAGS (\\Seen))\r\n",
    b"* 1 FETCH (UID 9999 BODY[] {3}\r\nabc)\r\n",
]


def fetching() -> Connection:
    connection = Connection()
    connection.expect_greeting()
    connection.feed(b"* PREAUTH ready\r\n")
    connection.next()
    connection.state = SELECTED
    connection.ask(fetch_command(number_set(range(1, 100)), ("FLAGS", WHOLE, HEADER)))
    return connection


def read(pieces: list[bytes]) -> list[object]:
    connection = fetching()
    found: list[object] = []
    for piece in pieces:
        connection.feed(piece)
        while (response := connection.next()) is not None:
            found.append((response, connection.collected))
    return found


def in_octets(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


@pytest.mark.parametrize("row", ROWS)
def test_whole_and_octet_by_octet(row: bytes) -> None:
    found = read([row])
    assert found == read(in_octets(row))
    assert len(found) == 1
    assert isinstance(found[0][0], Fetched)  # type: ignore[index]


@pytest.mark.parametrize("row", ROWS)
def test_what_follows_is_left_alone(row: bytes) -> None:
    assert read([row + b"* 5 EXISTS\r\n" + row])[::2] == read([row]) * 2


@given(st.lists(st.sampled_from(ROWS), max_size=6).map(b"".join), st.data())
def test_cut_anywhere(octets: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=4)))
    pieces = [octets[start:end] for start, end in zip([0, *cuts], [*cuts, len(octets)], strict=True)]
    assert read(pieces) == read([octets])


def test_a_literal_that_is_not_followed_by_its_end_goes_the_long_way() -> None:
    row = b"* 1 FETCH (UID 7 BODY[] {3}\r\nabc X-MORE 5)\r\n"
    ((response, collected),) = read([row])  # type: ignore[misc]
    assert collected
    assert response.sections == {"": b"abc"}  # type: ignore[union-attr]
    assert response.others == {"X-MORE": b"5"}  # type: ignore[union-attr]
