"""The state of a connection without its I/O."""

from __future__ import annotations

import pytest

from tests.support.feeding import feedings
from wlemail.errors import ConnectionLost, ProtocolViolation
from wlemail.smtp import commands
from wlemail.smtp.commands import Command
from wlemail.smtp.connection import BEFORE_HELLO, CLOSED, INSIDE_CONTENT, READY, Connection


def ready() -> Connection:
    connection = Connection()
    connection.expect(commands.GREETING)
    connection.receive(b"220 hi\r\n")
    connection.ask([commands.ehlo("me")])
    connection.receive(b"250 hello\r\n")
    return connection


def test_replies_are_counted_never_matched_by_text() -> None:
    group = [commands.RSET, commands.mail("a@b.c"), commands.rcpt("d@e.f"), commands.DATA]
    # The texts name other commands, as those of real servers may.
    octets = b"250 DATA ok\r\n250-MAIL\r\n250 RCPT\r\n550 <x@y> RSET\r\n354 QUIT\r\n"
    for chunks in feedings(octets):
        connection = ready()
        connection.ask(group)
        arrived = [answer for chunk in chunks for answer in connection.receive(chunk)]
        assert [(command.verb, reply.code) for command, reply in arrived] == [
            ("RSET", 250), ("MAIL", 250), ("RCPT", 550), ("DATA", 354),
        ]  # fmt: skip
        assert not connection.owed
        assert connection.phase is INSIDE_CONTENT


def test_what_is_not_owed_stays_unread() -> None:
    connection = ready()
    connection.ask([commands.NOOP])
    assert len(connection.receive(b"250 ok\r\n250 extra\r\n250 more\r\n")) == 1
    with pytest.raises(ProtocolViolation):
        connection.ask([commands.NOOP])


def test_an_unsolicited_421_says_why() -> None:
    connection = ready()
    connection.ask([commands.NOOP])
    connection.receive(b"250 ok\r\n421 bye\r\n")
    with pytest.raises(ConnectionLost) as lost:
        connection.ask([commands.NOOP])
    assert lost.value.reply is not None


def test_phases() -> None:
    connection = Connection()
    connection.expect(commands.GREETING)
    connection.receive(b"220 hi\r\n")
    assert connection.phase is BEFORE_HELLO
    connection.ask([commands.ehlo("me")])
    connection.receive(b"500 what\r\n")
    assert connection.phase is BEFORE_HELLO
    connection.ask([commands.ehlo("me", "HELO")])
    connection.receive(b"250 ok\r\n")
    assert connection.phase is READY
    connection.ask([commands.STARTTLS])
    connection.receive(b"220 go\r\n")
    connection.begin_tls()
    assert connection.phase is BEFORE_HELLO
    connection.close()
    assert connection.phase is CLOSED


@pytest.mark.parametrize("code", [b"250", b"554"])
def test_the_content_ends_with_any_reply(code: bytes) -> None:
    connection = ready()
    connection.ask([commands.DATA])
    connection.receive(b"354 go\r\n")
    connection.expect(commands.CONTENT)
    connection.receive(code + b" said\r\n")
    assert connection.phase is READY


@pytest.mark.parametrize("command", [commands.NOOP, commands.QUIT, commands.mail("a@b.c")])
def test_no_command_inside_the_content(command: Command) -> None:
    connection = ready()
    connection.ask([commands.DATA])
    connection.receive(b"354 go\r\n")
    with pytest.raises(AssertionError):
        connection.ask([command])


def test_no_mail_before_ehlo() -> None:
    connection = Connection()
    connection.expect(commands.GREETING)
    connection.receive(b"220 hi\r\n")
    with pytest.raises(AssertionError):
        connection.ask([commands.mail("a@b.c")])
