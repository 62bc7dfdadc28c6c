"""Who is in a folder, by what a server tells: against a mailbox that keeps its own list."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from wlemail.imap.numbers import number_set
from wlemail.imap.parsing.changes import Exists, Expunged, Vanished
from wlemail.imap.parsing.fetch import Fetched
from wlemail.imap.roll import Roll


def roll_of(*uids: int) -> Roll:
    roll = Roll(len(uids))
    roll.call(uids)
    return roll


def test_expunge_moves_those_behind_it() -> None:
    roll = roll_of(4, 8, 9)
    roll.hear(Expunged(1))
    roll.hear(Expunged(1))
    assert (roll.uids, roll.gone, roll.exists) == ([9], {4, 8}, 1)


def test_somebody_leaves_before_anybody_knew_him() -> None:
    roll = roll_of(4)
    roll.hear(Exists(3))
    roll.hear(Expunged(3))
    assert (roll.uids, roll.exists, roll.complete) == ([4], 2, False)
    assert roll.add([4, 12]) == [12]
    assert roll.complete


def test_places_that_nobody_has() -> None:
    roll = roll_of(4, 8)
    assert [roll.at(place) for place in (0, 1, 2, 3)] == [None, 4, 8, None]
    assert roll.uid_of(Fetched(2)) == 8
    assert roll.uid_of(Fetched(2, uid=5)) == 5
    assert 8 in roll
    assert 5 not in roll


def test_fewer_messages_without_a_word() -> None:
    """RFC 3501 7.3.1 forbids it; a new call tells who is left."""
    roll = roll_of(4, 8, 9)
    roll.hear(Exists(2))
    assert not roll.complete
    assert roll.call([4, 9]) == []
    assert (roll.complete, roll.gone) == (True, {8})


def test_vanished_names_some_who_were_never_there() -> None:
    roll = roll_of(4, 8)
    roll.hear(Vanished(number_set([4, 5])))
    assert (roll.uids, roll.gone) == ([8], {4})
    roll.hear(Vanished(number_set([8]), earlier=True))
    assert roll.uids == [8]


def test_a_number_that_comes_back() -> None:
    roll = roll_of(4, 8)
    roll.hear(Expunged(2))
    assert roll.call([4, 8]) == [8]
    assert roll.gone == set()


@dataclass
class Server:
    """A mailbox, and the client's roll of it."""

    uids: list[int] = field(default_factory=lambda: [3, 5, 6])
    next_uid: int = 7
    roll: Roll = field(default_factory=lambda: roll_of(3, 5, 6))
    removed: set[int] = field(default_factory=set)

    def arrive(self, count: int) -> None:
        for _ in range(count):
            self.uids.append(self.next_uid)
            self.next_uid += 1 + count
        self.roll.hear(Exists(len(self.uids)))

    def expunge(self, place: int) -> None:
        if self.uids:
            self.removed.add(self.uids.pop(place % len(self.uids)))
            self.roll.hear(Expunged(place % (len(self.uids) + 1) + 1))

    def vanish(self, place: int) -> None:
        if self.uids:
            uid = self.uids.pop(place % len(self.uids))
            self.removed.add(uid)
            self.roll.hear(Vanished(number_set([uid])))

    def call(self, full: int) -> None:
        if full % 2:
            self.roll.call(self.uids)
        else:
            self.roll.add([uid for uid in self.uids if uid > self.roll.last] or self.uids[-1:])


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(["arrive", "expunge", "vanish", "call"]), st.integers(0, 5))))
def test_the_roll_follows_the_mailbox(happenings: list[tuple[str, int]]) -> None:
    server = Server()
    known = set(server.roll.uids)
    for what, how in happenings:
        getattr(server, what)(how)
        roll = server.roll
        known.update(roll.uids)
        assert roll.exists == len(server.uids)
        assert roll.uids == server.uids[: len(roll.uids)]
        assert roll.gone == server.removed & known
        assert roll.complete == (roll.uids == server.uids)
