"""EmailSetTimeOut and EmailGetTimeOut: durations as scripts write them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from wlemail import (
    EmailCloseSession,
    EmailGetTimeOut,
    EmailSetTimeOut,
    EmailStartSMTPSession,
    ErrorInfo,
    ErrorOccurred,
    ErrorThrow,
)
from wlemail.mail.settings import SETTINGS
from wlemail.sandbox import Sandbox


@pytest.fixture(autouse=True)
def _time_out_of_before() -> Iterator[None]:
    before = SETTINGS.timeout
    yield
    SETTINGS.timeout = before


@pytest.mark.parametrize(
    ("given", "seconds"), [(30, 30), ("30s", 30), (1.5, 1.5), ("2 min", 120), (timedelta(seconds=7), 7), ("1,5", 1.5)]
)
def test_a_duration_is_kept_in_seconds(given: object, seconds: float) -> None:
    EmailSetTimeOut(given)  # type: ignore[arg-type]
    assert EmailGetTimeOut() == seconds


@pytest.mark.parametrize("given", [0, -1, -(10**400), "", "abc", None, float("nan"), b"5", object()])
def test_what_is_no_duration_changes_nothing(given: object) -> None:
    EmailSetTimeOut(12)
    ErrorThrow(1, "an earlier error")
    EmailSetTimeOut(given)  # type: ignore[arg-type]
    assert EmailGetTimeOut() == 12
    assert ErrorOccurred
    assert "Duration" in ErrorInfo()


@pytest.mark.parametrize("given", [float("inf"), 10**400, 10**9, "1e300"])
def test_no_duration_is_too_long_for_a_socket(given: object) -> None:
    EmailSetTimeOut(given)  # type: ignore[arg-type]
    with Sandbox() as box:
        assert EmailStartSMTPSession("lea", "secret", box.host, box.port), ErrorInfo()
        EmailCloseSession("lea")
