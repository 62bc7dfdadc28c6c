from __future__ import annotations

import os
import time
from email.utils import parsedate_to_datetime

import pytest

from wlemail.message.fields.date import format_date


@pytest.mark.parametrize("moment", [0, 951782400, 1735689599.9, 4102444800])
def test_the_date_is_that_moment(moment: float) -> None:
    assert parsedate_to_datetime(format_date(moment)).timestamp() == int(moment)


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the time zone cannot be set here")
@pytest.mark.parametrize(
    ("zone", "written"),
    [
        ("UTC0", "Wed, 01 Jan 2025 00:00:00 +0000"),
        ("XXX-5:30", "Wed, 01 Jan 2025 05:30:00 +0530"),
        ("XXX+3:30", "Tue, 31 Dec 2024 20:30:00 -0330"),
    ],
)
def test_the_zone_is_the_local_one(zone: str, written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = os.environ.get("TZ")
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert format_date(1735689600) == written
    finally:
        monkeypatch.undo()
        assert os.environ.get("TZ") == before
        time.tzset()


def test_now_is_the_default() -> None:
    assert abs(parsedate_to_datetime(format_date()).timestamp() - time.time()) < 5
