"""Dates as WLanguage's digits: YYYYMMDD."""

from __future__ import annotations

import time

from ..errors import InvalidValue
from ..wlanguage.boundary import wl_function
from ..wlanguage.values import text_value

__all__ = ["DateDuJour", "DateSys", "DateToString", "DateVersChaine", "DateVersChaîne", "Today"]


def Today() -> str:
    """Today's date (local time) as YYYYMMDD. French: DateDuJour."""
    return time.strftime("%Y%m%d")


def DateSys() -> str:
    """The system's date (local time) as YYYYMMDD. The same name in French."""
    return Today()


@wl_function(on_error="", error_state="keeps")
def DateToString(Date: object, Format: str = "DD/MM/YYYY") -> str:
    """A date (YYYYMMDD, or a Python date) as text. French: DateVersChaîne.

    `Format` holds YYYY or YY (AAAA, AA), MM and DD (JJ); everything else is copied. "" and an error where `Date` is
    no date, or where `Format` asks for the name of a day or a month, which is not done here.
    """
    digits = _digits(Date)
    text = text_value("Format", Format)
    if any(letters in text for letters in ("DDD", "JJJ", "MMM")):
        raise InvalidValue("Format", "names of days and months are not available", text)
    for letters, part in _parts(digits):
        text = text.replace(letters, part)
    return text


def _parts(digits: str) -> tuple[tuple[str, str], ...]:
    year, month, day = digits[:4], digits[4:6], digits[6:8]
    # Digits never look like letters, so that one replacement cannot meet another's result; the longer go first.
    return (
        ("YYYY", year), ("AAAA", year), ("YY", year[2:]), ("AA", year[2:]), ("MM", month), ("DD", day), ("JJ", day),
    )  # fmt: skip


def _digits(date: object) -> str:
    strftime = getattr(date, "strftime", None)
    digits = strftime("%Y%m%d") if callable(strftime) else text_value("Date", date)[:8]
    if len(digits) != 8 or not (digits.isascii() and digits.isdecimal()) or not _exists(digits):
        raise InvalidValue("Date", "a date YYYYMMDD is expected", digits)
    return str(digits)


def _exists(digits: str) -> bool:
    import datetime

    try:
        datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


DateDuJour = Today
DateVersChaîne = DateVersChaine = DateToString
