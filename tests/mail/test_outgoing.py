"""The SMTP back end: when it opens a new connection, and when it may not."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from tests.smtp.answering import AnsweringStream
from tests.smtp.test_recipients import agreeable
from wlemail.errors import ConnectionLost
from wlemail.mail.account import Account
from wlemail.mail.backends import smtp
from wlemail.mail.backends.smtp import SmtpOutgoing
from wlemail.mail.settings import SessionTimeouts
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
    return offering(monkeypatch, "PIPELINING", "LIMITS MAILMAX=2")


def offering(monkeypatch: pytest.MonkeyPatch, *offers: str) -> list[AnsweringStream]:
    """The connections that were opened, to a server with these extensions."""
    opened: list[AnsweringStream] = []

    def open_smtp(account: Account) -> Client:
        stream = AnsweringStream(agreeable, offers=offers)
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


def test_the_goodbye_between_two_connections_waits_no_longer_than_the_last_one(
    streams: list[AnsweringStream], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that has had its messages may be slow to let go; the next message must not wait for that."""
    timeouts = SessionTimeouts(own_read=600)
    outgoing = SmtpOutgoing(dataclasses.replace(ACCOUNT, timeouts=timeouts))
    patience = []
    write = streams[0].write

    def watched(data: bytes) -> None:
        if data.startswith(b"QUIT"):
            patience.append(timeouts.read)
        write(data)

    monkeypatch.setattr(streams[0], "write", watched)
    for _ in range(3):
        outgoing.send(ENVELOPE, Text())
    assert patience == [smtp.GOODBYE_SECONDS]
    assert timeouts.read == 600


def test_recipients_that_a_connection_has_no_message_left_for_get_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """RFC 9422: RCPTMAX and MAILMAX together. None of them was refused by anybody."""
    opened = offering(monkeypatch, "PIPELINING", "LIMITS RCPTMAX=3 MAILMAX=2")
    everybody = tuple(f"r{number}@example.org" for number in range(20))
    receipt = SmtpOutgoing(ACCOUNT).send(Envelope("a@example.com", everybody), Text())
    assert (receipt.accepted, receipt.refused) == (everybody, {})
    assert [len(stream.contents) for stream in opened] == [2, 2, 2, 1]
    assert [stream.closed for stream in opened] == [True, True, True, False]


def test_no_further_connection_does_not_undo_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = offering(monkeypatch, "PIPELINING", "LIMITS RCPTMAX=3 MAILMAX=1")
    outgoing = SmtpOutgoing(ACCOUNT)

    def gone(account: Account) -> Client:
        raise ConnectionLost("the server has gone home")

    monkeypatch.setattr(smtp, "open_smtp", gone)
    receipt = outgoing.send(
        Envelope("a@example.com", ("a@x.example", "b@x.example", "c@x.example", "d@x.example")), Text()
    )
    assert receipt.accepted == ("a@x.example", "b@x.example", "c@x.example")
    assert [(address, "gone home" in str(reply)) for address, reply in receipt.refused.items()] == [
        ("d@x.example", True)
    ]
    assert len(opened) == 1


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
