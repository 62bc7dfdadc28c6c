"""The schedule of tries, and what servers ask for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlemail.errors import ServerReply
from wlemail.mail.outbox import Schedule, suggested_backoff
from wlemail.mail.outbox.retry import LONGEST_HINT


def test_delays_grow_to_the_longest_and_a_refusal_waits_longer_than_a_break() -> None:
    steady = Schedule(jitter=0.0)
    assert [steady.delay(n, broken=True) for n in range(1, 6)] == [1, 2, 4, 8, 16]
    assert [steady.delay(n, broken=False) for n in range(1, 10)] == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


@given(attempt=st.integers(1, 100_000), broken=st.booleans(), hint=st.floats(0, 1e9), chance=st.floats(0, 1))
def test_no_delay_is_nothing_and_none_is_beyond_the_horizon(
    attempt: int, broken: bool, hint: float, chance: float
) -> None:
    schedule = Schedule()
    delay = schedule.delay(attempt, broken=broken, hint=hint, chance=chance)
    assert 0.5 < delay <= schedule.horizon
    assert delay >= min(hint, LONGEST_HINT), "never earlier than the server asked"


def test_jitter_parts_those_that_failed_together() -> None:
    schedule = Schedule()
    assert schedule.delay(3, broken=False, chance=0.0) == pytest.approx(96)
    assert schedule.delay(3, broken=False, chance=1.0) == pytest.approx(144)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("STOREDRV.Submission.Exception; Suggested Backoff Time: 299850 milliseconds [x.prod.outlook.com]", 299.85),
        ("throttled, suggested backoff time 20 seconds", 20.0),
        ("Suggested Backoff Time: 1500ms", 1.5),
        ("Suggested Backoff Time: soon", 0.0),
        ("Suggested Backoff Time: 99999999999999 milliseconds", 0.0),
        ("try again", 0.0),
        ("", 0.0),
    ],
)
def test_what_a_server_suggests_is_read_from_its_reply(text: str, seconds: float) -> None:
    assert suggested_backoff(ServerReply(432, text, "4.3.2")) == pytest.approx(seconds)


def test_no_reply_suggests_nothing() -> None:
    assert suggested_backoff(None) == 0.0
