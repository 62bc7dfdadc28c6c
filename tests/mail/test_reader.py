"""Reading message by message: which one comes, which one was read last, and what failures leave behind."""

from __future__ import annotations

import pytest

from tests.support.mailboxes import FakeIncoming, FakeMailbox
from wlemail.errors import CommandRefused, ConnectionLost, MessageGone, NoMessageRead, Refused, ServerReply
from wlemail.mail.reader import Fetched, MailboxReader


def reader_of(count: int) -> tuple[MailboxReader, FakeMailbox]:
    box = FakeMailbox()
    box.messages = [b"N: %d\r\n\r\n%d\r\n" % (n, n) for n in range(1, count + 1)]
    return MailboxReader(FakeIncoming(box, None)), box


def number(message: Fetched | None) -> int | None:
    return None if message is None else message.number


def test_forwards_and_backwards() -> None:
    reader, _ = reader_of(3)
    moves = [reader.read_first, reader.read_next, reader.read_next, reader.read_next, reader.read_next]
    assert [number(move()) for move in moves] == [1, 2, 3, None, 1]
    moves = [reader.read_last, reader.read_previous, reader.read_previous, reader.read_previous, reader.read_previous]
    assert [number(move()) for move in moves] == [3, 2, 1, None, None]


def test_what_a_read_gives() -> None:
    reader, _ = reader_of(2)
    assert reader.read_first() == Fetched(1, b"N: 1\r\n\r\n1\r\n", False)
    assert reader.read_next(headers_only=True) == Fetched(2, b"N: 2\r\n\r\n", True)


def test_headers_and_messages_share_the_place() -> None:
    reader, _ = reader_of(4)
    reader.read_first(headers_only=True)
    assert number(reader.read_next()) == 2
    assert number(reader.read_next(headers_only=True)) == 3


def test_a_message_by_number_leaves_the_place_and_is_the_last_read() -> None:
    reader, _ = reader_of(4)
    reader.read_first()
    assert reader.read(4).number == 4
    assert (reader.position, reader.last_read) == (1, 4)
    assert number(reader.read_next()) == 2


def test_bodies_on_demand_change_nothing() -> None:
    reader, _ = reader_of(3)
    reader.read_first()
    assert reader.fetch(3) == b"N: 3\r\n\r\n3\r\n"
    assert (reader.position, reader.last_read) == (1, 1)


def test_the_last_read_message_is_the_one_that_is_deleted() -> None:
    reader, _ = reader_of(3)
    reader.read_first()
    reader.read(3)
    assert reader.delete() == 3
    assert [number(reader.read_next()) for _ in range(3)] == [2, None, 1]


def test_deleting_before_anything_was_read() -> None:
    reader, _ = reader_of(3)
    for act in (reader.delete, reader.size, reader.unique_id):
        with pytest.raises(NoMessageRead):
            act()
    assert reader.delete(2) == 2


def test_deleting_twice() -> None:
    reader, _ = reader_of(3)
    reader.read_first()
    reader.delete()
    with pytest.raises(MessageGone):
        reader.delete()


@pytest.mark.parametrize("count", [0, 1, 5])
def test_delete_loops_end_and_leave_nothing(count: int) -> None:
    for first, then in (("read_first", "read_next"), ("read_last", "read_previous"), ("read_next", "read_next")):
        reader, box = reader_of(count)
        seen = 0
        message = getattr(reader, first)()
        while message is not None:
            reader.delete()
            seen += 1
            message = getattr(reader, then)()
        reader.close()
        assert seen == count
        assert box.messages == []


def test_the_place_moves_to_a_message_that_is_refused() -> None:
    """A script that goes on comes to the one behind it."""
    reader, box = reader_of(3)
    reader.read_first()
    box.problems = [CommandRefused("RETR", ServerReply(0, "-ERR [SYS/TEMP] disk"))]
    with pytest.raises(CommandRefused):
        reader.read_next()
    assert reader.last_read == 1
    assert number(reader.read_next()) == 3


def test_the_place_stays_where_the_connection_broke() -> None:
    """A script that tries again gets the message that it did not get."""
    reader, box = reader_of(3)
    reader.read_first()
    for _ in range(2):
        box.problems = [ConnectionLost("lost")]
        with pytest.raises(ConnectionLost):
            reader.read_next()
    assert number(reader.read_next()) == 2
    assert [number(reader.read_next()) for _ in range(2)] == [3, None]
    box.problems = [ConnectionLost("lost")]
    with pytest.raises(ConnectionLost):
        reader.read_next()
    assert number(reader.read_next()) == 1


def test_a_message_that_the_server_does_not_find_is_an_error() -> None:
    reader, box = reader_of(3)
    reader.read_first()
    box.problems = [MessageGone(2, ServerReply(0, "-ERR no such message"))]
    with pytest.raises(MessageGone):
        reader.read_next()
    assert number(reader.read_next()) == 3


def test_all_messages_without_moving() -> None:
    reader, _ = reader_of(4)
    reader.read_first()
    reader.delete(3)
    assert [message.number for message in reader.read_all(headers_only=True)] == [1, 2, 4]
    assert (reader.position, reader.last_read) == (1, 1)


@pytest.mark.parametrize(
    "problem",
    [CommandRefused("RETR", ServerReply(0, "-ERR [SYS/PERM] no")), MessageGone(2, ServerReply(0, "-ERR no"))],
)
def test_all_messages_but_one_that_is_refused(problem: Refused) -> None:
    reader, box = reader_of(3)
    refused: list[tuple[int, Refused]] = []
    box.problems = [None, problem]
    found = reader.read_all(refused=lambda number, problem: refused.append((number, problem)))
    assert [message.number for message in found] == [1, 3]
    assert refused == [(2, problem)]


def test_a_server_that_gives_nothing_for_now_ends_the_walk_over_all() -> None:
    reader, box = reader_of(3)
    problem = CommandRefused("RETR", ServerReply(0, "-ERR [SYS/TEMP] later"))
    problem.temporary = True
    box.problems = [None, problem]
    found = reader.read_all(refused=lambda number, problem: None)
    assert next(found).number == 1
    with pytest.raises(CommandRefused):
        next(found)


def test_deleting_while_going_over_all() -> None:
    reader, box = reader_of(5)
    for message in reader.read_all():
        if message.number % 2:
            reader.delete(message.number)
    reader.close()
    assert len(box.messages) == 2


def test_what_the_mailbox_answers() -> None:
    reader, _ = reader_of(3)
    assert (reader.count(), list(reader.numbers())) == (3, [1, 2, 3])
    reader.read(2)
    assert (reader.size(), reader.size(1), reader.unique_id()) == (11, 11, "uid-2")
    assert not reader.ended
