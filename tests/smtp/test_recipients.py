"""Many recipients: groups that block nobody, and servers with room for fewer."""

from __future__ import annotations

import pytest

from tests.smtp.answering import AnsweringStream
from tests.smtp.dialogue import SENDER
from wlemail.errors import RecipientsRefused, ServerReply
from wlemail.smtp.client import Client
from wlemail.smtp.envelope import Envelope


def recipients(count: int, domain: str = "example.org") -> tuple[str, ...]:
    return tuple(f"recipient{i}@{domain}" for i in range(count))


def opened(stream: AnsweringStream, **options: bool) -> Client:
    client = Client(stream, **options)
    client.greet()
    client.hello()
    stream.round_trips = 0
    stream.commands.clear()
    return client


def agreeable(command: str) -> str:
    return "354 go" if command == "DATA" else "250 2.0.0 ok"


@pytest.mark.parametrize("count", [1, 29, 30, 31, 300, 1000, 10_000])
def test_any_number_of_recipients(count: int) -> None:
    stream = AnsweringStream(agreeable)
    client = opened(stream)
    receipt = client.send(Envelope(SENDER, recipients(count)), b"text\r\n")
    assert receipt.accepted == recipients(count)
    assert stream.contents == [b"text"]
    assert len(stream.commands) == count + 2
    assert stream.round_trips <= 2 + count // 150


def test_fifty_recipients_take_two_round_trips() -> None:
    stream = AnsweringStream(agreeable)
    opened(stream).send(Envelope(SENDER, recipients(50)), b"text\r\n")
    assert stream.round_trips == 2


def test_neither_side_can_block_the_other() -> None:
    # Long addresses and long answers: the stream fails the test if both directions fill up.
    def wordy(command: str) -> str:
        return "354 go" if command == "DATA" else "250 " + "ok " * 160

    stream = AnsweringStream(wordy)
    many = recipients(2000, "a-domain-with-a-rather-long-name." * 4 + "example.org")
    assert len(opened(stream).send(Envelope(SENDER, many), b"text\r\n").accepted) == 2000


class Full:
    """A server with room for so many recipients in a transaction."""

    def __init__(self, room: int, reply: str = "452 4.5.3 too many recipients") -> None:
        self.room = room
        self.reply = reply
        self.taken = 0
        self.refused_in_a_row = 0

    def __call__(self, command: str) -> str:
        if command.startswith(("MAIL", "RSET")):
            self.taken = self.refused_in_a_row = 0
        if command.startswith("RCPT"):
            if self.taken >= self.room:
                self.refused_in_a_row += 1
                return self.reply
            self.taken += 1
        return agreeable(command)


@pytest.mark.parametrize("reply", ["452 4.5.3 too many recipients", "452 too many", "552 too many recipients"])
def test_452_too_many_recipients_the_rest_gets_further_transactions(reply: str) -> None:
    stream = AnsweringStream(Full(20, reply))
    receipt = opened(stream).send(Envelope(SENDER, recipients(90)), b"text\r\n")
    assert receipt.accepted == recipients(90)
    assert receipt.refused == {}
    assert stream.contents == [b"text"] * 5


@pytest.mark.parametrize("pipelining", [True, False])
def test_nobody_goes_on_asking_a_server_that_is_full(pipelining: bool) -> None:
    full = Full(20)
    stream = AnsweringStream(full)
    receipt = opened(stream, pipelining=pipelining).send(Envelope(SENDER, recipients(5000)[:100]), b"text\r\n")
    assert len(receipt.accepted) == 100
    if not pipelining:
        assert sum(command.startswith("RCPT") for command in stream.commands) == 100 + 4


def test_ten_thousand_recipients_at_a_server_that_takes_a_thousand() -> None:
    full = Full(1000)
    stream = AnsweringStream(full)
    receipt = opened(stream).send(Envelope(SENDER, recipients(10_000)), b"text\r\n")
    assert receipt.accepted == recipients(10_000)
    assert len(stream.contents) == 10
    # Postfix hangs up on who oversteps its limit by more than a thousand.
    assert full.refused_in_a_row < 1000


@pytest.mark.parametrize("reply", ["452 4.3.1 disk full", "452 4.2.2 mailbox full", "550 5.1.1 unknown", "451 later"])
def test_other_refusals_get_no_further_transaction(reply: str) -> None:
    stream = AnsweringStream(Full(2, reply))
    receipt = opened(stream).send(Envelope(SENDER, recipients(4)), b"text\r\n")
    assert receipt.accepted == recipients(2)
    assert list(receipt.refused) == list(recipients(4)[2:])
    assert len(stream.contents) == 1


def test_a_server_that_takes_nobody_is_not_asked_for_ever() -> None:
    stream = AnsweringStream(Full(0))
    with pytest.raises(RecipientsRefused) as refused:
        opened(stream).send(Envelope(SENDER, recipients(4)), b"text\r\n")
    assert len(refused.value.replies) == 4
    assert sum(command.startswith("MAIL") for command in stream.commands) == 1


def test_content_that_can_be_read_once_goes_to_those_there_is_room_for() -> None:
    stream = AnsweringStream(Full(2))
    receipt = opened(stream).send(Envelope(SENDER, recipients(3)), iter([b"text\r\n"]))
    assert receipt.accepted == recipients(2)
    assert receipt.refused == {"recipient2@example.org": ServerReply(452, "too many recipients", "4.5.3")}


def test_content_from_a_callable_is_made_anew_for_each_transaction() -> None:
    made = []

    def content() -> list[bytes]:
        made.append(True)
        return [b"te", b"xt\r\n"]

    stream = AnsweringStream(Full(2))
    receipt = opened(stream).send(Envelope(SENDER, recipients(5)), content)
    assert receipt.accepted == recipients(5)
    assert len(made) == 3
    assert stream.contents == [b"text"] * 3


def test_a_further_transaction_that_fails_does_not_undo_the_first() -> None:
    full = Full(2)
    count = 0

    def fails_later(command: str) -> str:
        nonlocal count
        count += command == "DATA"
        return "451 4.3.0 trouble" if count > 1 and command == "DATA" else full(command)

    stream = AnsweringStream(fails_later)
    receipt = opened(stream).send(Envelope(SENDER, recipients(5)), b"text\r\n")
    assert receipt.accepted == recipients(2)
    assert set(receipt.refused) == set(recipients(5)[2:])
    assert {reply.code for reply in receipt.refused.values()} == {451}


def test_a_connection_lost_in_a_further_transaction_does_not_undo_the_first() -> None:
    full = Full(2)
    count = 0

    def hangs_up_later(command: str) -> str:
        nonlocal count
        count += command.startswith("MAIL")
        return "421 4.3.2 shutting down" if count > 1 else full(command)

    client = opened(AnsweringStream(hangs_up_later))
    receipt = client.send(Envelope(SENDER, recipients(5)), b"text\r\n")
    assert receipt.accepted == recipients(2)
    assert {reply.code for reply in receipt.refused.values()} == {421}
    assert client.broken


# -- LIMITS ------------------------------------------------------------------------------------------


def test_limits_rcptmax_is_kept_without_trying() -> None:
    full = Full(3)
    stream = AnsweringStream(full, offers=("PIPELINING", "LIMITS RCPTMAX=3"))
    receipt = opened(stream).send(Envelope(SENDER, recipients(7)), b"text\r\n")
    assert sorted(receipt.accepted) == sorted(recipients(7))
    assert full.refused_in_a_row == 0
    assert len(stream.contents) == 3


def test_limits_rcptdomainmax() -> None:
    stream = AnsweringStream(agreeable, offers=("LIMITS RCPTDOMAINMAX=1",))
    mixed = ("a@one.example", "b@two.example", "c@ONE.example")
    receipt = opened(stream).send(Envelope(SENDER, mixed), b"text\r\n")
    assert receipt.accepted == ("a@one.example", "c@ONE.example", "b@two.example")
    assert len(stream.contents) == 2


def test_limits_a_part_that_is_refused_whole_does_not_stop_the_next() -> None:
    def picky(command: str) -> str:
        return "550 5.1.1 unknown" if "recipient0@" in command or "recipient1@" in command else agreeable(command)

    stream = AnsweringStream(picky, offers=("PIPELINING", "LIMITS RCPTMAX=2"))
    stream_answer = opened(stream).send(Envelope(SENDER, recipients(6)), b"text\r\n")
    assert stream_answer.accepted == recipients(6)[2:]
    assert set(stream_answer.refused) == set(recipients(2))


def test_limits_mailmax_ends_the_use_of_a_connection() -> None:
    client = opened(AnsweringStream(agreeable, offers=("PIPELINING", "LIMITS MAILMAX=2")))
    envelope = Envelope(SENDER, recipients(1))
    client.send(envelope, b"text\r\n")
    assert client.usable
    client.send(envelope, b"text\r\n")
    assert not client.usable
    assert not client.broken
