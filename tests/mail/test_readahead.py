"""Reading ahead: what is asked for, how much of it, and that nobody who walks can tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wlemail.errors import CommandRefused, MessageGone, Refused, ServerReply
from wlemail.mail import readahead
from wlemail.mail.cursor import Cursor
from wlemail.mail.readahead import ENOUGH, LARGEST_HEADER, LIMIT, START, ReadAhead

KIB = 1024
REFUSED = ServerReply(0, "-ERR no")


class Server:
    """Messages of given sizes; answers in the order in which it is asked, and counts what is under way."""

    def __init__(self, sizes: dict[int, int], *, most: int = 512, seconds: float = 0.05) -> None:
        self.sizes = sizes
        self.limit = most
        #: how long each answer takes
        self.seconds = seconds
        self.now = 0.0
        self.asked: list[tuple[int, bool]] = []
        self.groups: list[list[int]] = []
        self.pending: list[tuple[int, bool]] = []
        self.most_octets = 0
        self.refused: set[int] = set()
        #: what the server really sends, where LIST was not true
        self.true_sizes: dict[int, int] = {}
        #: answers that have to be asked for again, once each
        self.lost: set[int] = set()

    def most(self, *, headers_only: bool) -> int:
        return self.limit

    def octets(self, number: int, *, headers_only: bool) -> int:
        return min(self.sizes[number], LARGEST_HEADER) if headers_only else self.sizes[number]

    def ask(self, numbers: Sequence[int], *, headers_only: bool) -> None:
        self.groups.append(list(numbers))
        for number in numbers:
            self.asked.append((number, headers_only))
            self.pending.append((number, headers_only))
        assert len(self.pending) <= max(self.limit, 1)
        self.most_octets = max(self.most_octets, sum(self.sizes[n] for n, _ in self.pending[1:]))

    def receive(self, progress: Callable[[int], object] | None) -> bytes | None:
        number, headers_only = self.pending.pop(0)
        self.now += self.seconds
        if number in self.refused:
            raise MessageGone(number, REFUSED)
        if number in self.lost:
            self.lost.discard(number)
            return None
        if progress is not None:
            progress(1)
        return self.message(number, headers_only)

    def message(self, number: int, headers_only: bool = False) -> bytes:
        size = self.true_sizes.get(number, self.sizes[number])
        return b"%d%s" % (number, b"h" if headers_only else b"x" * size)


class Walk:
    """A script that walks; `deleted` numbers are passed over."""

    def __init__(self, server: Server, **options: int) -> None:
        self.server = server
        self.deleted: set[int] = set()
        self.ahead = ReadAhead(server, clock=lambda: server.now, **options)
        self.cursor = Cursor(lambda: sorted(server.sizes), self.deleted.__contains__)

    def move(self, move: str, *, headers_only: bool = False) -> bytes | None:
        number = {"f": self.cursor.first, "n": self.cursor.next, "p": self.cursor.previous, "l": self.cursor.last}[
            move
        ]()
        if number is None:
            return None
        return self.ahead.fetch(number, headers_only=headers_only, upcoming=self.cursor.upcoming())

    def all(self, first: str = "f", then: str = "n") -> list[bytes]:
        found = []
        message = self.move(first)
        while message is not None:
            found.append(message)
            message = self.move(then)
        return found


def mailbox(count: int, size: int = 4 * KIB, **options: float) -> Server:
    return Server(dict.fromkeys(range(1, count + 1), size), **options)  # type: ignore[arg-type]


def numbers_asked(server: Server) -> list[int]:
    return [number for number, _ in server.asked]


# -- what is asked for --------------------------------------------------------------------------------


def test_the_first_message_alone_reads_nothing_ahead() -> None:
    walk = Walk(mailbox(1000))
    walk.move("f")
    assert walk.server.asked == [(1, False)]


def test_the_last_message_alone_reads_nothing_ahead() -> None:
    walk = Walk(mailbox(1000))
    walk.move("l")
    assert walk.server.asked == [(1000, False)]


def test_a_walk_starts_with_little() -> None:
    walk = Walk(mailbox(1000))
    walk.move("f")
    walk.move("n")
    # The message itself goes first: sizes may have to be asked for before it is known how many follow.
    assert walk.server.groups == [[1], [2], list(range(3, 3 + START // (4 * KIB)))]


def test_a_walk_asks_in_order_for_each_message_once() -> None:
    walk = Walk(mailbox(300))
    assert walk.all() == [walk.server.message(n) for n in range(1, 301)]
    assert numbers_asked(walk.server) == list(range(1, 301))


def test_a_walk_backwards() -> None:
    walk = Walk(mailbox(300))
    assert walk.all("l", "p") == [walk.server.message(n) for n in range(300, 0, -1)]
    assert numbers_asked(walk.server) == list(range(300, 0, -1))


def test_few_round_trips() -> None:
    """A walk that waits is given a larger window: a thousand messages in some groups, not in a thousand."""
    walk = Walk(mailbox(1000))
    walk.all()
    assert len(walk.server.groups) < 20


def test_no_larger_window_than_needed() -> None:
    """Where nothing is waited for, the window grows no further than groups gain by it."""
    walk = Walk(mailbox(1000, seconds=0.0001))
    walk.all()
    assert walk.ahead.window == ENOUGH
    assert walk.server.most_octets <= ENOUGH + 4 * KIB


def test_little_is_read_in_vain_behind_a_few_messages() -> None:
    walk = Walk(mailbox(1000, seconds=0.0001))
    walk.move("f")
    for _ in range(3):
        walk.move("n")
    assert walk.server.most_octets <= 4 * START


def test_the_end_of_a_mailbox_is_not_looked_at_with_each_step() -> None:
    """All messages are under way, and each step looks whether there are more: a quadratic end of the walk."""
    walk = Walk(mailbox(1000, 512))
    looked = 0

    def is_deleted(number: int) -> bool:
        nonlocal looked
        looked += 1
        return False

    walk.cursor = Cursor(lambda: range(1, 1001), is_deleted)
    walk.all()
    assert looked < 6000


def test_what_comes_while_the_end_is_under_way_is_read_ahead() -> None:
    server = mailbox(100, 512)
    walk = Walk(server)
    walk.move("f")
    for _ in range(10):
        walk.move("n")
    assert numbers_asked(server)[-1] == 100
    server.sizes.update(dict.fromkeys(range(101, 151), 512))
    while walk.cursor.position < 100:
        walk.move("n")
    assert numbers_asked(server)[-1] == 150


def test_at_most_sixteen_mebibytes() -> None:
    walk = Walk(mailbox(400, 300 * KIB))
    walk.all()
    assert LIMIT // 2 < walk.server.most_octets <= LIMIT == 16 << 20
    assert walk.ahead.octets == 0


def test_a_message_larger_than_the_limit_is_not_read_ahead() -> None:
    server = mailbox(5, 1 * KIB)
    server.sizes[3] = LIMIT + 1
    walk = Walk(server)
    walk.move("f")
    walk.move("n")
    assert numbers_asked(server) == [1, 2]
    walk.move("n")
    assert numbers_asked(server) == [1, 2, 3, 4, 5]


def test_the_next_message_is_read_ahead_though_larger_than_the_window() -> None:
    walk = Walk(mailbox(5, 2 << 20, seconds=0.0))
    walk.move("f")
    walk.move("n")
    assert numbers_asked(walk.server) == [1, 2, 3]


@pytest.mark.parametrize("most", [1, 0])
def test_a_server_that_takes_one_command_at_a_time(most: int) -> None:
    walk = Walk(mailbox(20, most=most))
    assert len(walk.all()) == 20
    assert walk.server.groups == [[n] for n in range(1, 21)]


def test_no_more_commands_than_may_be_under_way() -> None:
    walk = Walk(mailbox(500, 10, most=20))
    assert len(walk.all()) == 500


def test_headers_count_for_little() -> None:
    server = mailbox(100, 5 << 20)
    walk = Walk(server)
    walk.move("f", headers_only=True)
    walk.move("n", headers_only=True)
    assert len(server.asked) > 5
    assert all(headers_only for _, headers_only in server.asked)


# -- nobody can tell ----------------------------------------------------------------------------------


def test_a_refusal_waits_until_the_walk_comes_to_it() -> None:
    server = mailbox(30)
    server.refused = {7}
    walk = Walk(server)
    assert [walk.move("n") for _ in range(6)] == [server.message(n) for n in range(1, 7)]
    with pytest.raises(MessageGone) as caught:
        walk.move("n")
    assert caught.value.number == 7
    assert walk.move("n") == server.message(8)


def test_a_change_of_direction() -> None:
    walk = Walk(mailbox(50))
    for _ in range(10):
        walk.move("n")
    assert [walk.move("p") for _ in range(3)] == [walk.server.message(n) for n in (9, 8, 7)]
    assert [walk.move("n") for _ in range(3)] == [walk.server.message(n) for n in (8, 9, 10)]
    assert walk.ahead.octets >= 0


def test_a_message_by_number_keeps_what_is_under_way() -> None:
    walk = Walk(mailbox(100))
    for _ in range(5):
        walk.move("n")
    under_way = len(walk.server.pending)
    assert walk.ahead.fetch(90, headers_only=False) == walk.server.message(90)
    assert under_way > 5
    before = len(walk.server.asked)
    assert [walk.move("n") for _ in range(5)] == [walk.server.message(n) for n in range(6, 11)]
    assert not {6, 7, 8, 9, 10} & set(numbers_asked(walk.server)[before:])


def test_a_message_by_number_that_is_under_way() -> None:
    walk = Walk(mailbox(100))
    for _ in range(5):
        walk.move("n")
    assert walk.ahead.fetch(8, headers_only=False) == walk.server.message(8)
    assert [walk.move("n") for _ in range(5)] == [walk.server.message(n) for n in range(6, 11)]


def test_headers_and_messages_in_turn() -> None:
    walk = Walk(mailbox(20))
    for n in range(1, 21):
        assert walk.move("n", headers_only=True) == walk.server.message(n, True)
        if n % 3 == 0:
            assert walk.ahead.fetch(n, headers_only=False) == walk.server.message(n)
    assert sorted(n for n, headers_only in walk.server.asked if headers_only) == list(range(1, 21))


def test_deleted_ahead_of_the_walk() -> None:
    walk = Walk(mailbox(40))
    for _ in range(5):
        walk.move("n")
    walk.deleted |= {6, 7, 9}
    for number in (6, 7, 9):
        walk.ahead.drop(number)
    assert [walk.move("n") for _ in range(3)] == [walk.server.message(n) for n in (8, 10, 11)]
    assert walk.all("n")[-1] == walk.server.message(40)
    assert walk.ahead.octets == 0


def test_what_has_to_be_asked_for_again() -> None:
    server = mailbox(60)
    server.lost = {1, 5, 6, 30}
    walk = Walk(server)
    assert walk.all() == [server.message(n) for n in range(1, 61)]
    assert walk.ahead.octets == 0


def test_sizes_that_are_not_true_do_not_fill_the_memory() -> None:
    server = mailbox(40, 4 * KIB)
    server.true_sizes = dict.fromkeys(range(1, 41), 100 * KIB)
    walk = Walk(server, limit=256 * KIB)
    for _ in range(4):
        walk.move("n")
    assert walk.ahead.fetch(40, headers_only=False) == server.message(40)
    assert walk.ahead._held <= 256 * KIB
    assert [walk.move("n") for _ in range(10)] == [server.message(n) for n in range(5, 15)]


def test_a_lost_connection_forgets_what_was_under_way_and_keeps_what_has_come() -> None:
    walk = Walk(mailbox(60))
    for _ in range(3):
        walk.move("n")
    walk.ahead.fetch(10, headers_only=False)
    walk.move("n")
    walk.server.pending.clear()
    walk.ahead.forget()
    before = len(walk.server.asked)
    assert [walk.move("n") for _ in range(40)] == [walk.server.message(n) for n in range(5, 45)]
    assert not set(range(5, 10)) & set(numbers_asked(walk.server)[before:])


def test_progress_is_that_of_the_message_which_is_waited_for() -> None:
    walk = Walk(mailbox(30))
    for _ in range(3):
        walk.move("n")
    calls: list[int] = []
    walk.ahead.fetch(20, headers_only=False, progress=calls.append)
    assert calls == [1]


@settings(max_examples=150)
@given(
    sizes=st.lists(st.integers(0, 40 * KIB), min_size=1, max_size=30),
    refused=st.sets(st.integers(1, 30)),
    lost=st.sets(st.integers(1, 30)),
    lying=st.booleans(),
    steps=st.lists(st.tuples(st.sampled_from("fnnnnnnppld#r!"), st.integers(1, 30), st.booleans()), max_size=40),
)
def test_reading_ahead_is_invisible(
    sizes: list[int], refused: set[int], lost: set[int], lying: bool, steps: list[tuple[str, int, bool]]
) -> None:
    """Whatever a script does, it sees what it would see without reading ahead: same order, same refusals."""
    server = Server(dict(enumerate(sizes, 1)))
    server.refused, server.lost = refused, set(lost)
    if lying:
        server.true_sizes = dict.fromkeys(server.sizes, 50 * KIB)
    walk = Walk(server, limit=128 * KIB)
    plain = Cursor(lambda: sorted(server.sizes), walk.deleted.__contains__)

    def expected(number: int | None, headers_only: bool) -> object:
        if number is None:
            return None
        return "gone" if number in refused else server.message(number, headers_only)

    for move, number, headers_only in steps:
        found: object
        if move == "d":
            if number in server.sizes:
                walk.deleted.add(number)
                walk.ahead.drop(number)
            continue
        if move == "!":
            server.pending.clear()
            walk.ahead.forget()
            continue
        try:
            if move in "#r":
                if number not in server.sizes:
                    continue
                wanted = expected(number, headers_only)
                found = walk.ahead.fetch(number, headers_only=headers_only)
            else:
                named = {"f": plain.first, "n": plain.next, "p": plain.previous, "l": plain.last}
                wanted = expected(named[move](), headers_only)
                found = walk.move(move, headers_only=headers_only)
        except Refused:
            found = "gone"
        assert found == wanted
        assert walk.ahead._held <= 128 * KIB
        assert walk.ahead.octets == sum(walk.ahead._under_way.values()) >= 0
        assert len(server.pending) == len(walk.ahead._flight) + walk.ahead._unwanted


def test_constants_are_those_that_were_promised() -> None:
    assert readahead.LIMIT <= 16 << 20
    assert readahead.START <= 64 << 10
    assert issubclass(CommandRefused, Refused)
