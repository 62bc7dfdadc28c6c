"""The SMTP back end: when it opens a new connection, and when it may not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.smtp.answering import AnsweringStream
from tests.smtp.test_recipients import agreeable
from wlemail.errors import ConnectionLost
from wlemail.mail.account import Account
from wlemail.mail.backends import smtp
from wlemail.mail.backends.smtp import SmtpOutgoing
from wlemail.smtp.client import Client
from wlemail.smtp.envelope import Envelope

ACCOUNT = Account("lea", "mail.example.com", 25)
ENVELOPE = Envelope("a@example.com", ("b@example.org",))


class Text:
    """A message of a few bytes."""

    data = b"Subject: hello\r\n\r\ntext\r\n"
    size = len(data)

    def chunks(self) -> Iterator[bytes]:
        yield self.data


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> list[AnsweringStream]:
    """The connections that were opened, to a server that takes two messages on each."""
    opened: list[AnsweringStream] = []

    def open_smtp(account: Account) -> Client:
        stream = AnsweringStream(agreeable, offers=("PIPELINING", "LIMITS MAILMAX=2"))
        opened.append(stream)
        client = Client(stream)
        client.greet()
        client.hello()
        return client

    monkeypatch.setattr(smtp, "open_smtp", open_smtp)
    return opened


def test_a_server_that_takes_two_messages_a_connection_gets_five(streams: list[AnsweringStream]) -> None:
    """RFC 9422: MAILMAX. The third message would be refused."""
    outgoing = SmtpOutgoing(ACCOUNT)
    for _ in range(5):
        assert outgoing.send(ENVELOPE, Text()).accepted == ENVELOPE.recipients
    assert [len(stream.contents) for stream in streams] == [2, 2, 1]
    assert [stream.closed for stream in streams] == [True, True, False]
    assert [stream.commands[-1] for stream in streams[:2]] == ["QUIT", "QUIT"]
    outgoing.close()
    assert streams[2].closed


def test_a_lost_connection_is_replaced_once(streams: list[AnsweringStream], monkeypatch: pytest.MonkeyPatch) -> None:
    outgoing = SmtpOutgoing(ACCOUNT)
    monkeypatch.setattr(streams[0], "read", lambda: b"")
    outgoing.send(ENVELOPE, Text())
    assert [len(stream.contents) for stream in streams] == [0, 1]


def test_a_session_that_is_closed_under_a_transfer_opens_no_connection(streams: list[AnsweringStream]) -> None:
    """EmailCloseSession in another thread, whose patience with a stuck transfer has ended."""
    outgoing = SmtpOutgoing(ACCOUNT)

    class ClosedUnder(Text):
        def chunks(self) -> Iterator[bytes]:
            outgoing.close(politely=False)
            yield self.data

    with pytest.raises(ConnectionLost):
        outgoing.send(ENVELOPE, ClosedUnder())
    assert len(streams) == 1
