"""Date and time of RFC 5322 3.3, without the locale."""

from __future__ import annotations

import time
from functools import lru_cache

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def format_date(moment: float | None = None) -> str:
    """The date-time of a moment (seconds since 1970, now where None) in the local time zone."""
    return _written(int(time.time() if moment is None else moment), time.timezone)


@lru_cache(maxsize=1)  # programs that send many messages send many in the same second
def _written(second: int, zone: int) -> str:
    local = time.localtime(second)
    # strftime would write the names of the user's language.
    minutes = (local.tm_gmtoff or 0) // 60
    sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
    return (
        f"{_DAYS[local.tm_wday]}, {local.tm_mday:02d} {_MONTHS[local.tm_mon - 1]} {local.tm_year:04d} "
        f"{local.tm_hour:02d}:{local.tm_min:02d}:{local.tm_sec:02d} {sign}{minutes // 60:02d}{minutes % 60:02d}"
    )
