"""Chains that break at every point: what is known of each message then, and nothing more is claimed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.smtp.answering import AnsweringStream
from tests.smtp.chaining import ListBag, chained, content, group, mail
from tests.smtp.dialogue import SENDER
from wlemail.errors import AttachmentUnreadable, ConnectionLost, OutboxFull, ProtocolViolation, TimedOut
from wlemail.smtp.chain import MailObject, Outcome
from wlemail.smtp.chained_client import ChainedClient
from wlemail.smtp.envelope import Envelope

BEGUN = "S: 250 ok\nS: 250 ok\nS: 354 go\n"
BEHIND = f"S: 250 reset\n{BEGUN}"
FIRST = f"{group(1, behind=False)}{BEGUN}"
SECOND = f"{FIRST}{content(1)}{group(2)}"
THIRD = f"{SECOND}S: 250 queued 1\n{BEHIND}{content(2)}{group(3)}"

ENDINGS = {
    "-- CLOSE": ConnectionLost,
    "-- RESET": ConnectionLost,
    "-- STALL": TimedOut,
    "S: ?": ProtocolViolation,
    "S: 421 4.3.2 shutting down\n-- CLOSE": ConnectionLost,
}
every_ending = pytest.mark.parametrize("ending", ENDINGS)


def kinds(outcome: Outcome) -> str:
    found = outcome._asdict()
    return " ".join(kind for kind in ("accepted", "refused", "uncertain", "unsent") if found[kind])


def broken(dialogue: str, count: int = 4, **options: Any) -> tuple[ListBag, ChainedClient]:
    client, stream = chained(dialogue, **options)
    bag = ListBag([mail(key) for key in range(1, count + 1)])
    client.send_all(bag)
    assert client.broken
    assert stream.closed
    assert not client.usable
    assert set(bag.outcomes) == set(bag.taken)
    return bag, client


@every_ending
@pytest.mark.parametrize("reading", ["whole", "bytes"])
@pytest.mark.parametrize(
    ("dialogue", "expected"),
    [
        (group(1, behind=False), ["unsent"]),
        (f"{group(1, behind=False)}S: 250 ok\n", ["unsent"]),
        (f"{group(1, behind=False)}S: 250 ok\nS: 250 ok\n", ["unsent"]),
        (SECOND, ["uncertain", "unsent"]),
        (f"{SECOND}S: 250 queued 1\n", ["accepted", "unsent"]),
        (f"{SECOND}S: 554 no\n", ["refused", "unsent"]),
        (f"{SECOND}S: 451 no\n", ["refused", "unsent"]),
        (f"{SECOND}S: 250 queued 1\nS: 250 reset\n", ["accepted", "unsent"]),
        (f"{SECOND}S: 250 queued 1\nS: 250 reset\nS: 250 ok\n", ["accepted", "unsent"]),
        (f"{SECOND}S: 250 queued 1\nS: 250 reset\nS: 250 ok\nS: 550 no\n", ["accepted", "refused"]),
        (f"{SECOND}S: 250 queued 1\nS: 250 reset\nS: 550 no\n", ["accepted", "refused"]),
        (THIRD, ["accepted", "uncertain", "unsent"]),
        (f"{THIRD}S: 250 queued 2\n", ["accepted", "accepted", "unsent"]),
    ],
)
def test_the_connection_ends(dialogue: str, expected: list[str], ending: str, reading: str) -> None:
    if ending.startswith("S: 421") and "uncertain" in expected:
        # The server has answered the content: it did not take it.
        expected = ["unsent" if kind == "uncertain" else kind for kind in expected]
    bag, client = broken(dialogue + ending, reading=reading)
    assert [kinds(bag.outcomes[key]) for key in bag.taken] == expected
    assert isinstance(client.ended_by, ENDINGS[ending])
    assert [isinstance(o.problem, ENDINGS[ending]) for o in bag.outcomes.values()] == [
        kind in ("uncertain", "unsent") for kind in expected
    ]


def test_what_came_in_one_piece_with_nonsense_counts() -> None:
    bag, _ = broken(f"{SECOND}S> 250 queued 1\\r\\n250 reset\\r\\nwhat?\\r\\n\n", reading="whole")
    assert kinds(bag.outcomes[1]) == "accepted"


def test_421_for_too_many_messages_on_a_connection() -> None:
    bag, client = broken(f"{SECOND}S: 250 queued 1\nS: 250 reset\nS: 421 4.7.0 enough\n-- CLOSE")
    assert [kinds(bag.outcomes[key]) for key in bag.taken] == ["accepted", "unsent"]
    assert client.ended_by is not None
    assert client.ended_by.reply is not None
    assert client.ended_by.reply.text == "enough"


def test_421_behind_the_last_reply_is_the_next_chains() -> None:
    client, stream = chained(f"{FIRST}{content(1)}S: 250 queued 1\nS: 421 4.4.2 idle for too long\n-- CLOSE")
    first, second = ListBag([mail(1)]), ListBag([mail(2)])
    client.send_all(first)
    client.send_all(second)
    assert kinds(first.outcomes[1]) == "accepted"
    assert kinds(second.outcomes[2]) == "unsent"
    assert client.ended_by.reply.code == 421
    assert stream.closed


def test_refused_recipients_keep_their_reply_where_the_others_could_not_be_sent_to() -> None:
    client, _ = chained(
        f"{group(1, 'a@example.org', 'b@example.org', behind=False)}S: 250 ok\nS: 250 ok\nS: 550 no\n-- CLOSE"
    )
    bag = ListBag([mail(1, "a@example.org", "b@example.org")])
    client.send_all(bag)
    assert bag.outcomes[1].unsent == ("a@example.org",)
    assert set(bag.outcomes[1].refused) == {"b@example.org"}


def test_recipients_that_wait_for_a_further_transaction_are_not_lost_with_the_connection() -> None:
    to = ("a@example.org", "b@example.org", "c@example.org")
    overflowing = f"{group(1, *to, behind=False)}S: 250 ok\nS: 250 ok\nS: 452 too many\nS: 452 too many\nS: 354 go\n"
    client, _ = chained(f"{overflowing}{content(1)}{group(1, *to[1:])}-- CLOSE")
    bag = ListBag([mail(1, *to)])
    client.send_all(bag)
    assert bag.outcomes[1].uncertain == to[:1]
    assert bag.outcomes[1].unsent == to[1:]


# -- writes that fail --------------------------------------------------------------------------------


def test_a_write_that_fails_before_its_first_octet_has_sent_nothing() -> None:
    class Failing(AnsweringStream):
        def write(self, data: bytes) -> None:
            if b"Subject: 2" in data:
                problem = ConnectionLost("reset")
                problem.written = 0
                raise problem
            super().write(data)

        def read(self, limit: int = 65536) -> bytes:
            return super().read(limit) if self._ready else b""

    bag = failing(Failing)
    assert [kinds(bag.outcomes[key]) for key in bag.taken] == ["accepted", "unsent", "unsent"]


def test_a_write_that_fails_behind_the_final_octets_leaves_the_message_uncertain() -> None:
    class Failing(AnsweringStream):
        def write(self, data: bytes) -> None:
            if b"Subject: 2" in data:
                problem = ConnectionLost("reset")
                problem.written = data.index(b"RSET")
                raise problem
            super().write(data)

        def read(self, limit: int = 65536) -> bytes:
            return super().read(limit) if self._ready else b""

    bag = failing(Failing)
    assert [kinds(bag.outcomes[key]) for key in bag.taken] == ["accepted", "uncertain", "unsent"]


@pytest.mark.parametrize(
    ("answer", "kind"), [("250 queued", "accepted"), ("554 no", "refused"), ("421 shutting down", "unsent")]
)
def test_what_the_server_said_before_a_write_failed_is_heard(answer: str, kind: str) -> None:
    class Failing(AnsweringStream):
        def write(self, data: bytes) -> None:
            super().write(data[: data.index(b"RSET")] if b"Subject: 2" in data else data)
            if b"Subject: 2" in data:
                raise ConnectionLost("reset")

        def read(self, limit: int = 65536) -> bytes:
            return super().read(limit) if self._ready else b""

    ends = iter(["250 queued", answer])
    bag = failing(Failing, lambda command: next(ends) if command == "end of data" else agreeable(command))
    assert [kinds(bag.outcomes[key]) for key in bag.taken] == ["accepted", kind, "unsent"]


def agreeable(command: str) -> str:
    return "354 go" if command == "DATA" else "250 ok"


def failing(kind: type[AnsweringStream], answer: Any = agreeable) -> ListBag:
    client = ChainedClient(kind(answer))
    client.greet()
    client.hello()
    bag = ListBag([mail(key) for key in (1, 2, 3, 4)])
    client.send_all(bag)
    assert client.broken
    return bag


BIG = MailObject(Envelope(SENDER, ("to1@example.org",)), lambda: [b"x" * 65536] * 4, key=1)


@pytest.mark.parametrize(
    ("ending", "kind"),
    [
        ("S: 552 5.3.4 too large\n-- CLOSE", "refused"),
        ("S: 421 4.3.2 shutting down\n-- CLOSE", "unsent"),
        ("-- CLOSE", "unsent"),
        ("-- RESET", "unsent"),
        ("S: 250 ok\n-- CLOSE", "unsent"),
    ],
)
def test_the_connection_ends_while_a_large_content_is_sent(ending: str, kind: str) -> None:
    client, stream = chained(f"{FIRST}C* 65536\n-- BREAK\n{ending}")
    bag = ListBag([BIG, mail(2)])
    client.send_all(bag)
    assert bag.taken == [1]
    assert kinds(bag.outcomes[1]) == kind
    assert stream.closed


# -- our own side ------------------------------------------------------------------------------------


def test_content_that_cannot_be_read_to_its_end_is_not_sent_and_neither_is_half_of_it() -> None:
    def source() -> Iterator[bytes]:
        yield b"x" * 300_000
        raise AttachmentUnreadable("a.pdf", "gone")

    client, stream = chained(f"{FIRST}C* 262144")
    bag = ListBag([BIG._replace(content=source), mail(2)])
    client.send_all(bag)
    assert isinstance(bag.outcomes[1].problem, AttachmentUnreadable)
    assert kinds(bag.outcomes[1]) == "unsent"
    assert stream.closed
    assert bag.taken == [1]


def test_what_cannot_be_remembered_is_not_sent() -> None:
    """The bag keeps the final octets from leaving: its disk is full."""

    def full(mail: MailObject) -> None:
        if mail.key == 2:
            raise OutboxFull("outbox", "no space left on device")

    client, stream = chained(f"{FIRST}{content(1)}{group(2)}S: 250 queued 1\n{BEHIND}")
    bag = ListBag([mail(1), mail(2), mail(3)])
    bag.at_end = full
    client.send_all(bag)
    assert stream.done()
    assert stream.closed
    assert [kinds(bag.outcomes[key]) for key in bag.taken] == ["accepted", "unsent"]
    assert isinstance(bag.outcomes[2].problem, OutboxFull)


def test_ctrl_c_in_a_wait_leaves_every_message_accounted_for() -> None:
    client, stream = chained(f"{SECOND}S: 250 queued 1\n-- INTERRUPT")
    bag = ListBag([mail(1), mail(2), mail(3)])
    with pytest.raises(KeyboardInterrupt):
        client.send_all(bag)
    assert [kinds(bag.outcomes[key]) for key in bag.taken] == ["accepted", "unsent"]
    assert stream.closed
