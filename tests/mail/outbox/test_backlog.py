"""Between the clerk and the senders: which messages are marked as being sent, when, and how fast they may leave."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from wlemail.errors import MessageCancelled, OutboxFull
from wlemail.mail.outbox import Claimed
from wlemail.mail.outbox.backlog import Backlog, Item
from wlemail.mail.outbox.pace import Pace
from wlemail.smtp.envelope import Envelope

SECONDS = 30


class Now:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def filled(count: int, pace: Pace | None = None) -> Backlog:
    backlog = Backlog(pace or Pace(0))
    envelope = Envelope("a@b.c", ("d@e.f",))
    backlog.fill(Claimed(n, envelope, "", 10, True, 0, False) for n in range(count))
    return backlog


def taken(backlog: Backlog) -> Item:
    item = backlog.take()
    assert item is not None
    return item


def started(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def numbers(items: list[Item]) -> list[int]:
    return [item.message.id for item in items]


def test_a_few_are_marked_ahead_and_more_once_half_of_them_are_taken() -> None:
    backlog = filled(12)
    at_once = []
    for _ in range(12):
        item = taken(backlog)
        marked = numbers(backlog.to_begin())
        at_once.append(marked)
        backlog.begin([item], [*range(12)])
        backlog.wait_until_begun(item)
    assert at_once == [[0, 1, 2, 3, 4], [], [5, 6], [], [7, 8], [], [9, 10], [], [11], [], [], []]


def test_nothing_is_marked_before_something_is_taken() -> None:
    """The server may be down: then nothing is going to be sent."""
    assert filled(10).to_begin() == []


def test_more_is_marked_ahead_where_the_server_is_faster_than_the_disk() -> None:
    backlog = filled(200)
    at_once = []
    for _ in range(4):
        item = taken(backlog)
        while item.begun:
            item = taken(backlog)
        waiting = started(lambda item=item: backlog.wait_until_begun(item))  # type: ignore[misc]
        while not backlog._for_marks._waiters:  # type: ignore[attr-defined]
            time.sleep(0.001)  # until the thread waits
        marked = backlog.to_begin()
        at_once.append(marked)
        backlog.begin(marked, numbers(marked))
        waiting.join(SECONDS)
        assert not waiting.is_alive()
    counts = [len(marked) for marked in at_once]
    assert counts == sorted(counts)
    assert 8 < counts[-1] <= 33


def test_one_that_was_cancelled_may_not_leave() -> None:
    backlog = filled(1)
    item = taken(backlog)
    backlog.begin(backlog.to_begin(), [])
    with pytest.raises(MessageCancelled):
        backlog.wait_until_begun(item)


def test_one_that_cannot_be_marked_may_not_leave() -> None:
    backlog = filled(1)
    item = taken(backlog)
    backlog.begin(backlog.to_begin(), [], OutboxFull("outbox", "no space left on device"))
    with pytest.raises(OutboxFull):
        backlog.wait_until_begun(item)


def test_no_mark_comes_behind_what_is_written_about_a_message() -> None:
    """It would stay for ever: the message would count as being sent by nobody."""
    backlog = filled(2)
    asked, begun = taken(backlog), taken(backlog)
    backlog.settle_mark(asked)
    marked = backlog.to_begin()
    assert numbers(marked) == [1]
    waiting = started(lambda: backlog.settle_mark(begun))
    backlog.begin(marked, [1])
    waiting.join(SECONDS)
    assert begun.begun is True
    assert asked.begun is None


def test_what_is_under_way_is_due() -> None:
    backlog = filled(1)
    assert backlog.nothing_due(0) is False
    taken(backlog)
    assert backlog.nothing_due(0) is False
    backlog.done(1)
    assert backlog.nothing_due(0) is True


def test_the_end_wakes_everybody() -> None:
    backlog = filled(1)
    item = taken(backlog)

    def wait_in_vain() -> None:
        with pytest.raises(MessageCancelled):
            backlog.wait_until_begun(item)

    threads = [
        started(lambda: backlog.drain(SECONDS)),
        started(lambda: backlog.wait(SECONDS, connected=True)),
        started(lambda: backlog.pause(SECONDS)),
        started(wait_in_vain),
    ]
    backlog.end()
    for thread in threads:
        thread.join(SECONDS)
        assert not thread.is_alive()


# -- how fast ----------------------------------------------------------------------------------------


def test_without_a_limit_nothing_waits() -> None:
    pace = Pace(0)
    for _ in range(1000):
        assert pace.delay() == 0
        pace.spend()


def test_thirty_a_minute_are_one_in_two_seconds() -> None:
    now = Now()
    pace = Pace(30, now)
    assert pace.delay() == 0
    pace.spend()
    assert pace.delay() == pytest.approx(2)
    now.seconds += 1.5
    assert pace.delay() == pytest.approx(0.5)
    now.seconds += 60
    assert pace.delay() == 0
    pace.spend()
    # A pause saves nothing up.
    assert pace.delay() == pytest.approx(2)


def test_six_hundred_a_minute_may_come_ten_at_a_time() -> None:
    now = Now()
    pace = Pace(600, now)
    count = 0
    for _ in range(6000):  # ten seconds
        while not pace.delay():
            pace.spend()
            count += 1
        now.seconds += 0.01 / 6
    assert 100 <= count <= 111


def test_no_more_is_taken_than_the_pace_allows() -> None:
    backlog = filled(5, Pace(60, Now()))
    assert backlog.take() is not None
    assert backlog.take() is None
