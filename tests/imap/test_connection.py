"""The state of a connection without its I/O: tags, what may fly together, whose answer is whose."""

from __future__ import annotations

import pytest

from tests.imap.dialogue import logged_in, selected
from tests.support.feeding import feedings
from wlemail.errors import ConnectionLost, ProtocolViolation
from wlemail.imap import commands
from wlemail.imap.client import ADD
from wlemail.imap.commands import Command
from wlemail.imap.connection import AUTHENTICATED, NOT_AUTHENTICATED, SELECTED, Connection
from wlemail.imap.parsing.fetch import Fetched
from wlemail.imap.parsing.responses import Response
from wlemail.imap.parsing.search import Found


def ready(greeting: bytes = b"* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n") -> Connection:
    connection = Connection()
    connection.expect_greeting()
    connection.feed(greeting)
    connection.next()
    return connection


def received(connection: Connection, pieces: list[bytes]) -> list[Response]:
    found = []
    for piece in pieces:
        connection.feed(piece)
        while (response := connection.next()) is not None:
            found.append(response)
    return found


def flying(verb: str, first: int, last: int) -> Command:
    return Command(verb, (b"x",), (Fetched,), frozenset(range(first, last + 1)), alone=False)


def test_answers_go_to_the_commands_that_asked() -> None:
    octets = (
        b"* 5 FETCH (UID 12 FLAGS ())\r\n* 1 FETCH (UID 3 FLAGS ())\r\n* 9 FETCH (UID 99 FLAGS ())\r\n"
        b"W2 OK\r\n* 2 FETCH (UID 4 FLAGS ())\r\nW1 NO x\r\n"
    )
    for pieces in feedings(octets):
        connection = ready()
        first, _ = connection.ask(flying("UID FETCH", 1, 9))
        second, _ = connection.ask(flying("UID FETCH", 10, 19))
        assert len(received(connection, pieces)) == 6
        assert [each.uid for each in first.arrived if isinstance(each, Fetched)] == [3, 4]
        assert [each.uid for each in second.arrived if isinstance(each, Fetched)] == [12]
        assert first.status is not None
        assert second.status is not None
        assert (first.status.condition, second.status.condition) == ("NO", "OK")
        assert not connection.in_flight


def test_what_must_be_alone_is_alone() -> None:
    connection = ready()
    connection.ask(flying("UID FETCH", 1, 2))
    with pytest.raises(AssertionError):
        connection.ask(Command("UID SEARCH", (), (Found,)))
    connection = ready()
    connection.ask(commands.IDLE)
    with pytest.raises(AssertionError):
        connection.ask(flying("UID FETCH", 1, 2))


def test_no_sequence_numbers_behind_a_command_that_may_expunge() -> None:
    connection = ready()
    connection.ask(flying("UID FETCH", 1, 2))
    with pytest.raises(AssertionError):
        connection.ask(flying("FETCH", 1, 2))


def test_nothing_before_the_greeting_nor_after_the_end() -> None:
    connection = Connection()
    with pytest.raises(AssertionError):
        connection.ask(commands.NOOP)
    connection = ready()
    connection.close()
    with pytest.raises(AssertionError):
        connection.ask(commands.NOOP)


def test_states() -> None:
    connection = ready(b"* OK hi\r\n")
    assert connection.state is NOT_AUTHENTICATED
    for verb, answer, state in [
        ("LOGIN", b"NO", NOT_AUTHENTICATED),
        ("LOGIN", b"OK", AUTHENTICATED),
        ("SELECT", b"OK", SELECTED),
        ("SELECT", b"BAD", SELECTED),
        ("SELECT", b"NO", AUTHENTICATED),
        ("EXAMINE", b"OK", SELECTED),
        ("UNSELECT", b"OK", AUTHENTICATED),
    ]:
        pending, _ = connection.ask(Command(verb))
        received(connection, [pending.tag.encode() + b" " + answer + b"\r\n"])
        assert connection.state is state, verb
        assert (connection.mailbox is not None) == (state is SELECTED)


@pytest.mark.parametrize("line", [b"W9 OK", b"W1 BYE", b"W1 PREAUTH", b"A1 NO x"])
def test_the_end_of_a_command_that_nobody_sent(line: bytes) -> None:
    connection = ready()
    connection.ask(commands.NOOP)
    with pytest.raises(ProtocolViolation):
        received(connection, [line + b"\r\n"])


def test_a_server_that_never_comes_to_the_point(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wlemail.imap.connection._MOST_UNASKED", 10_000)
    for line in (b"* OK Still here\r\n", b"* 3 EXISTS\r\n", b"* malformed (\r\n", b"\r\n"):
        connection = ready()
        connection.ask(commands.NOOP)
        with pytest.raises(ProtocolViolation):
            received(connection, [line * 1000])


def test_a_reply_that_never_ends() -> None:
    connection = ready()
    connection.ask(Command("UID SEARCH", (), (Found,), answer_limit=10_000))
    with pytest.raises(ProtocolViolation):
        received(connection, [b"* SEARCH 1 2 3\r\n" * 1000])


def test_fewer_messages_than_none() -> None:
    connection = ready()
    pending, _ = connection.ask(Command("SELECT"))
    received(
        connection,
        [b"* 1 EXISTS\r\n" + pending.tag.encode() + b" OK\r\n* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n* VANISHED 1:9\r\n"],
    )
    assert connection.mailbox is not None
    assert connection.mailbox.exists == 0


def test_commands_that_go_out_together() -> None:
    client, stream = selected(
        "C: W2 UID STORE 1 +FLAGS.SILENT (\\Seen)\nC: W3 UID FETCH 2 (UID FLAGS)\nS: W2 OK\nS: W3 OK"
    )
    stream.writes.clear()
    with client.together():
        sent = client.begin_store([1], ADD, ["\\Seen"])
        with client.together():
            flight = client.begin_fetch([2], ("FLAGS",))
    assert len(stream.writes) == 1
    client.finish_store(sent)
    assert flight.next() is None


def test_what_waits_for_an_answer_is_not_kept_back() -> None:
    client, stream = logged_in('C: W1 APPEND "x" {3}\nS: + go\nC: abc\nS: W1 OK')
    with client.together():
        client.append("x", [b"abc"], 3)
    assert stream.done()


def test_a_write_that_fails_breaks_the_connection_with_the_last_words() -> None:
    client, _ = selected("-- BREAK\nS: * BYE [UNAVAILABLE] shutting down")
    with pytest.raises(ConnectionLost) as caught, client.together():
        client.begin_fetch([2], ("FLAGS",))
    assert client.broken
    assert "shutting down" in str(caught.value.reply)
