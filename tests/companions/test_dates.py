"""Dates in WLanguage's digits."""

from __future__ import annotations

import datetime
import time

import pytest

from wlemail import EmailErrorLanguage, ErrorInfo, ErrorOccurred, HourGlass, Sablier, companions
from wlemail.companions import DateSys, DateToString, Today


def test_today_is_eight_digits() -> None:
    before = time.strftime("%Y%m%d")
    today = Today()
    assert before <= today <= time.strftime("%Y%m%d")
    assert DateSys() in (today, time.strftime("%Y%m%d"))
    assert companions.DateDuJour is Today


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("20241231",), "31/12/2024"),
        (("20240229", "JJ/MM/AAAA"), "29/02/2024"),
        (("20241231", "YYYY-MM-DD"), "2024-12-31"),
        (("20241231", "DD.MM.YY"), "31.12.24"),
        (("20241231", "AA"), "24"),
        (("20241231235959123",), "31/12/2024"),
        ((20241231,), "31/12/2024"),
        ((datetime.date(2024, 12, 31),), "31/12/2024"),
        ((datetime.datetime(2024, 12, 31, 23, 59),), "31/12/2024"),
        (("20241231", ""), ""),
    ],
)
def test_a_date_as_text(arguments: tuple[object, ...], text: str) -> None:
    assert DateToString(*arguments) == text  # type: ignore[arg-type]


@pytest.mark.parametrize("date", ["", "20240230", "2024115", "yesterday", "２０２４１２３１", None])
def test_what_is_no_date(date: object) -> None:
    EmailErrorLanguage("en")
    assert DateToString(date) == ""
    assert ErrorOccurred
    assert "Date" in ErrorInfo()


def test_names_of_days_are_an_error_and_not_a_wrong_text() -> None:
    EmailErrorLanguage("en")
    assert DateToString("20241231", "DDDD DD MMMM YYYY") == ""
    assert "names of days and months" in ErrorInfo()


def test_the_hourglass_takes_every_call_of_a_ported_script() -> None:
    HourGlass()
    HourGlass(True)
    Sablier(companions.Faux)
    assert Sablier is HourGlass
