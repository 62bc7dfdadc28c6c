"""What is asked of an IMAP server ahead of a walk, and in which order its answers are given."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlemail.errors import CommandRefused, MessageGone, Refused, ServerReply
from wlemail.imap.connection import Mailbox
from wlemail.imap.parsing.fetch import Fetched
from wlemail.mail.backends.imap_folder import OpenFolder
from wlemail.mail.backends.imap_marks import Marks
from wlemail.mail.backends.imap_source import ImapSource
from wlemail.mail.readahead import ReadAhead

REFUSAL = CommandRefused("UID FETCH", ServerReply(0, "NO some are broken"))


class FakeClient:
    """A server with these messages; `order` sorts the answers of one command, and at the end it may refuse the rest."""

    def __init__(self, uids: Iterable[int], order: Callable[[list[int]], list[int]] = sorted) -> None:
        self.messages = {uid: b"m%d" % uid for uid in uids}
        self.order = order
        self.refuses = False
        #: where it stops and says NO
        self.refused: set[int] = set()
        self.asked: list[tuple[list[int], Sequence[str]]] = []

    def together(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def begin_fetch(self, uids: Iterable[int], items: Sequence[str]) -> FakeFlight:
        wanted = [uid for uid in uids if uid in self.messages or "RFC822.SIZE" not in items]
        self.asked.append((wanted, items))
        return FakeFlight(self, self.order([uid for uid in wanted if uid in self.messages]), items)

    @property
    def whole(self) -> list[list[int]]:
        return [uids for uids, items in self.asked if "BODY.PEEK[]" in items]

    @property
    def measured(self) -> list[list[int]]:
        return [uids for uids, items in self.asked if "RFC822.SIZE" in items]


class FakeFlight:
    def __init__(self, client: FakeClient, uids: list[int], items: Sequence[str]) -> None:
        self._client = client
        self._uids = uids
        self._items = items

    def next(self, progress: object = None) -> Fetched | None:
        if not self._uids:
            if self._client.refuses:
                raise REFUSAL
            return None
        uid = self._uids.pop(0)
        if uid in self._client.refused and "RFC822.SIZE" not in self._items:
            self._uids.clear()
            raise REFUSAL
        data = self._client.messages[uid]
        if "RFC822.SIZE" in self._items:
            return Fetched(1, uid=uid, size=len(data))
        key = "HEADER" if "BODY.PEEK[HEADER]" in self._items else ""
        return Fetched(1, uid=uid, flags=(), sections={key: data})


def source_of(client: FakeClient, uids: Sequence[int] | None = None) -> tuple[ImapSource, OpenFolder]:
    mailbox = Mailbox("INBOX", exists=len(client.messages), uid_validity=7)
    folder = OpenFolder(mailbox, set())
    folder.roll.call(client.messages if uids is None else uids)
    folder.called = True
    either: Any = client
    return ImapSource(lambda: either, folder, Marks()), folder


def taken(source: ImapSource, count: int) -> Iterator[bytes | str]:
    for _ in range(count):
        try:
            yield source.receive(None) or b""
        except MessageGone as gone:
            yield f"{gone.number} is gone"
        except Refused:
            yield "refused"


@given(wanted=st.lists(st.integers(1, 30), unique=True, min_size=1), seed=st.randoms(use_true_random=False))
def test_answers_come_in_the_order_in_which_they_were_asked_for(wanted: list[int], seed: Any) -> None:
    client = FakeClient(range(1, 21), order=lambda uids: seed.sample(uids, len(uids)))
    source, folder = source_of(client, range(1, 26))
    source.ask(wanted, headers_only=True)
    assert list(taken(source, len(wanted))) == [b"m%d" % uid if uid <= 20 else f"{uid} is gone" for uid in wanted]
    assert folder.roll.gone == {uid for uid in wanted if 20 < uid <= 25}


def test_what_a_server_refuses_to_give() -> None:
    client = FakeClient([1, 3])
    client.refuses = True
    source, _ = source_of(client, [1, 2, 3, 4])
    source.ask([2], headers_only=False)
    assert list(taken(source, 1)) == ["refused"]


def test_what_came_with_a_message_that_is_refused_is_asked_for_again() -> None:
    """One refused message makes a server answer a whole group with NO, some of them before they come to the others."""
    client = FakeClient([1, 3])
    client.refuses = True
    source, _ = source_of(client, [1, 2, 3, 4])
    source.ask([1, 2, 3, 4], headers_only=False)
    assert [source.receive(None) for _ in range(4)] == [b"m1", None, b"m3", None]


@pytest.mark.parametrize("refused", [{5}, {1, 2, 9}, {20}])
def test_a_walk_past_messages_that_a_server_stops_at(refused: set[int]) -> None:
    client = FakeClient(range(1, 21))
    client.refused = refused
    source, _ = source_of(client)
    ahead = ReadAhead(source)
    found = set()
    for uid in range(1, 21):
        try:
            assert ahead.fetch(uid, headers_only=False, upcoming=range(uid + 1, 21)) == b"m%d" % uid
            found.add(uid)
        except Refused:
            assert uid in refused
    assert found == set(range(1, 21)) - refused


def test_the_same_message_in_two_flights() -> None:
    source, _ = source_of(FakeClient(range(1, 5)))
    source.ask([1, 2], headers_only=True)
    source.ask([2, 1], headers_only=True)
    assert list(taken(source, 4)) == [b"m1", b"m2", b"m2", b"m1"]


def test_forwards_many_in_one_command() -> None:
    client = FakeClient(range(1, 1201))
    source, _ = source_of(client)
    source.ask(range(1, 1201), headers_only=True)
    assert [len(uids) for uids, _ in client.asked] == [500, 500, 200]


def test_backwards_in_small_groups() -> None:
    client = FakeClient(range(1, 151))
    source, _ = source_of(client)
    source.ask(range(150, 0, -1), headers_only=True)
    assert [len(uids) for uids, _ in client.asked] == [64, 64, 22]
    assert list(taken(source, 150)) == [b"m%d" % uid for uid in range(150, 0, -1)]


def test_large_messages_backwards_one_by_one() -> None:
    client = FakeClient(range(1, 5))
    client.messages = dict.fromkeys(client.messages, b"x" * 200000)
    source, _ = source_of(client)
    source.sizes.walk(5)
    source.sizes.walk(4)
    source.octets(4, headers_only=False)
    source.ask([4, 3, 2, 1], headers_only=False)
    assert client.whole == [[4], [3], [2], [1]]


@pytest.mark.parametrize("backwards", [False, True])
def test_sizes_are_known_before_they_are_needed(backwards: bool) -> None:
    client = FakeClient(range(1, 1001))
    client.messages = dict.fromkeys(client.messages, b"x" * 4096)
    source, _ = source_of(client)
    ahead = ReadAhead(source, clock=iter(range(10**9)).__next__)  # every wait is a long one
    order = list(range(1000, 0, -1)) if backwards else list(range(1, 1001))
    waited = 0
    for place, uid in enumerate(order):
        before = len(client.measured)
        assert ahead.fetch(uid, headers_only=False, upcoming=iter(order[place + 1 :])) == b"x" * 4096
        waited += len(client.measured) > before
    blocks = [len(uids) for uids in client.measured]
    assert blocks == [64, 128, 256, 512, 998 - 960]
    assert sorted(uid for uids in client.measured for uid in uids) == sorted(order[2:])
    assert waited == len(blocks)


def test_headers_are_never_measured() -> None:
    client = FakeClient(range(1, 30))
    source, _ = source_of(client)
    ahead = ReadAhead(source)
    for uid in range(1, 30):
        ahead.fetch(uid, headers_only=True, upcoming=iter(range(uid + 1, 30)))
    assert client.measured == []
