"""Messages that were marked as being sent when their sender died: which of them may have arrived."""

from __future__ import annotations

import pytest

from wlemail.mail.outbox import State, Store

from .box import ACCOUNT, STEADY, TAKEN, SetClock, put


def died(store: Store, place: str, clock: SetClock) -> Store:
    """The outbox after the process ended and another one took the account over."""
    store.close()
    after = Store(place, schedule=STEADY, clock=clock)
    assert after.own(ACCOUNT) is not None
    return after


@pytest.fixture
def owned(store: Store) -> Store:
    ownership = store.own(ACCOUNT)
    assert ownership is not None
    ownership.release()  # as if the process had died: the lock is free
    return store


def test_what_was_marked_ahead_and_had_not_left_is_in_no_doubt(owned: Store, place: str, clock: SetClock) -> None:
    waiting, leaving, sent = (put(owned) for _ in range(3))
    assert owned.begin_sending([waiting, leaving, sent], ahead=True) == [waiting, leaving, sent]
    owned.record_all([], leaving=[sent], lasting=False)
    owned.record_all([(sent, TAKEN)], leaving=[leaving], lasting=False)
    after = died(owned, place, clock)
    states = [(after.status(n).state, after.status(n).uncertain, after.status(n).attempts) for n in (waiting, leaving)]
    assert states == [(State.PENDING, False, 0), (State.PENDING, True, 1)]
    assert after.status(sent).state is State.SENT
    assert [event.kind for event in after.history(leaving)] == ["queued", "uncertain"]
    after.close()


def test_after_a_loss_of_power_nobody_knows_what_had_left(owned: Store, place: str, clock: SetClock) -> None:
    """That it left was written without a sync."""
    number = put(owned)
    owned.begin_sending([number], ahead=True)
    clock.boot = "second"
    after = died(owned, place, clock)
    assert after.status(number).uncertain
    after.close()


def test_what_was_given_back_and_is_marked_again_is_in_no_doubt(owned: Store, place: str, clock: SetClock) -> None:
    number = put(owned)
    owned.claim(ACCOUNT, 1)
    owned.begin_sending([number], ahead=True)
    owned.record_all([], leaving=[number])
    owned.release([number])
    owned.begin_sending([number], ahead=True)
    after = died(owned, place, clock)
    assert not after.status(number).uncertain
    after.close()
