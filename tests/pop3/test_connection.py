"""The state of a connection without I/O: what may be said where, and which response belongs to which command."""

from __future__ import annotations

import pytest

from wlemail.errors import ProtocolViolation
from wlemail.pop3 import commands
from wlemail.pop3.connection import AUTHORIZATION, BEFORE_GREETING, CLOSED, TRANSACTION, Connection


def greeted() -> Connection:
    connection = Connection()
    connection.expect(commands.GREETING)
    connection.feed(b"+OK\r\n")
    assert connection.next() is not None
    return connection


def logged_in() -> Connection:
    connection = greeted()
    connection.ask([commands.user("lea"), commands.password("x")])
    connection.feed(b"+OK\r\n+OK\r\n")
    connection.next()
    connection.next()
    return connection


def test_the_way_through_the_states() -> None:
    connection = Connection()
    assert connection.state is BEFORE_GREETING
    connection = greeted()
    assert connection.state is AUTHORIZATION
    connection = logged_in()
    assert connection.state is TRANSACTION
    connection.ask([commands.QUIT])
    connection.feed(b"+OK bye\r\n")
    connection.next()
    assert connection.state is CLOSED


def test_a_refused_password_changes_nothing() -> None:
    connection = greeted()
    connection.ask([commands.user("lea"), commands.password("x")])
    connection.feed(b"+OK\r\n-ERR\r\n")
    connection.next()
    connection.next()
    assert connection.state is AUTHORIZATION


@pytest.mark.parametrize("command", [commands.LIST, commands.retr(1, 1), commands.dele(1), commands.NOOP])
def test_nothing_of_the_mailbox_before_the_login(command: commands.Command) -> None:
    with pytest.raises(AssertionError, match="lost its way"):
        greeted().ask([command])


def test_responses_are_counted_not_matched_by_text() -> None:
    connection = logged_in()
    connection.ask([commands.retr(1, 99), commands.dele(1), commands.retr(2, 99)])
    connection.feed(b"+OK message 2 deleted\r\na\r\n.\r\n-ERR message 2 follows\r\n+OK\r\nb\r\n.\r\n")
    found = [connection.next() for _ in range(3)]
    assert [(command.verb, command.argument) for command, _ in found if command] == [  # type: ignore[misc]
        ("RETR", "1"),
        ("DELE", "1"),
        ("RETR", "2"),
    ]
    assert [response.content for _, response in found if response] == [b"a\r\n", None, b"b\r\n"]  # type: ignore[misc]


def test_a_line_that_nothing_had_asked_for() -> None:
    connection = logged_in()
    connection.feed(b"+OK surprise\r\n")
    with pytest.raises(ProtocolViolation, match="nothing had asked for"):
        connection.ask([commands.NOOP])


def test_a_challenge_outside_auth() -> None:
    connection = logged_in()
    connection.ask([commands.NOOP])
    connection.feed(b"+ go on\r\n")
    with pytest.raises(ProtocolViolation, match="NOOP with a challenge"):
        connection.next()


@pytest.mark.parametrize("early", [b"+OK\r\n", b"+", b"\r\n"])
def test_response_injection_before_tls(early: bytes) -> None:
    connection = greeted()
    connection.ask([commands.STLS])
    connection.feed(b"+OK\r\n" + early)
    connection.next()
    with pytest.raises(ProtocolViolation, match="injection"):
        connection.begin_tls()
