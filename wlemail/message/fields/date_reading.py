"""Date fields as they arrive: RFC 5322 3.3, its obsolete forms, and what else programs write there."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

_USUAL = re.compile(
    r"(?:[A-Za-z]{2,9},? )? ?([0-9]{1,2}) ([A-Za-z]{3}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([0-9]{4})"
    r"(?: \([^()]*\))?"
)
_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6,
    "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
# Programs that let the language of the user into the field.
_FOREIGN_MONTHS = {
    "fev": 2, "fév": 2, "mär": 3, "mrz": 3, "avr": 4, "abr": 4, "mai": 5, "mei": 5, "mag": 5, "giu": 6, "juin": 6,
    "juil": 7, "lug": 7, "aou": 8, "aoû": 8, "ago": 8, "set": 9, "okt": 10, "ott": 10, "déc": 12, "dez": 12, "dic": 12,
    "gen": 1, "ene": 1, "maj": 5,
}  # fmt: skip
# Hours from Greenwich. RFC 5322 4.3 defines the American ones; single letters but Z mean nothing.
_ZONES = {
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AST": -4, "ADT": -3,
    "AKST": -9, "AKDT": -8, "HST": -10, "NST": -3.5, "NDT": -2.5, "BRT": -3, "BRST": -2, "ART": -3,
    "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "MET": 1, "MEST": 2, "MEZ": 1, "MESZ": 2, "MEWT": 1,
    "SAST": 2, "EET": 2, "EEST": 3, "MSK": 3, "MSD": 4, "IST": 5.5, "PKT": 5, "ICT": 7, "WIB": 7, "HKT": 8, "SGT": 8,
    "AWST": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "ACST": 9.5, "ACDT": 10.5, "NZST": 12, "NZDT": 13,
}  # fmt: skip
_UTC_NAMES = frozenset(("UT", "UTC", "GMT", "Z"))
#: no zone is further from Greenwich
_FURTHEST = 14 * 60
#: a date is short; what is longer is not read to its end
_LONGEST = 200


def read_date(text: str) -> datetime | None:
    """The moment that a Date field names, aware of its zone (UTC where it names none); None where it names no day.

    A time that no clock shows (`25:00`) is read as midnight of its day.
    """
    usual = _USUAL.fullmatch(text)
    if usual and usual[2].lower() in _MONTHS:
        day, month, year, hour, minute, second, sign, zone = usual.groups()
        time = _Time(int(hour), int(minute), int(second))
        return _moment(int(year), _MONTHS[month.lower()], int(day), time, _offset(sign, zone))
    return _Reader().read(text[:_LONGEST])


class _Time:
    """The time of day as it is written."""

    __slots__ = ("hour", "minute", "second")

    def __init__(self, hour: int, minute: int, second: int) -> None:
        self.hour = hour
        self.minute = minute
        self.second = second

    def on_a_clock(self, offset: int) -> bool:
        if self.second == 60:
            # A leap second ends a day, here or in Greenwich.
            here = self.hour * 60 + self.minute
            return here == 1439 or (here - offset) % 1440 == 1439
        return self.hour < 24 and self.minute < 60 and self.second < 60


def _moment(year: int, month: int, day: int, time: _Time, offset: int) -> datetime | None:
    if not time.on_a_clock(offset):
        time = _Time(0, 0, 0)
    zone = timezone.utc if not offset else timezone(timedelta(minutes=offset))
    try:
        return datetime(year, month, day, time.hour, time.minute, min(time.second, 59), tzinfo=zone)
    except ValueError:
        return None


def _offset(sign: str, digits: str) -> int:
    """The minutes of `+0200`, `+02:00`, `+02`, `-600`; 0 where no zone is there."""
    digits = digits.replace(":", "")
    if len(digits) <= 2:
        digits += "00"
    if len(digits) > 4:
        return 0
    minutes = int(digits[:-2]) * 60 + int(digits[-2:])
    if minutes > _FURTHEST or int(digits[-2:]) > 59:
        return 0
    return -minutes if sign == "-" else minutes


_COMMENT = re.compile(r"\([^()]*\)?")
_COLON = re.compile(r"\s*:\s*")
_TOKEN = re.compile(
    r"(?P<iso>(?<![0-9])[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2})T?"
    r"|(?P<numeric>(?<![0-9])[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:[0-9]{4}|[0-9]{2}))(?![0-9:])"
    r"|(?P<named>[0-9]{1,2}-[^\W\d_]{3,9}\.?-[0-9]{2,4})"
    r"|(?P<time>[0-9]{1,2}:[0-9]{1,2}(?::[0-9]{1,2}(?:[.,][0-9]+)?)?)"
    r"|(?P<zone>[+-][0-9]{1,2}:[0-9]{2}|[+-][0-9]+)"
    r"|(?P<number>[0-9]+)"
    r"|(?P<word>[^\W\d_]+)"
)


class _Reader:
    """Collects what a date is made of, in whatever order it stands."""

    def __init__(self) -> None:
        self.numbers: list[str] = []  # day and year, before they are told apart
        self.year = self.month = self.day = 0
        self.maybe_tuesday = False  # `mar.` in front may be mardi, martes or martedì
        self.time: _Time | None = None
        self.zone: int | None = None

    def read(self, text: str) -> datetime | None:
        for token in _TOKEN.finditer(_COLON.sub(":", _COMMENT.sub(" ", text))):
            getattr(self, f"take_{token.lastgroup}")(token[token.lastgroup or 0])
        self.place_numbers()
        if not (self.year and self.month and self.day):
            return None
        return _moment(self.year, self.month, self.day, self.time or _Time(0, 0, 0), self.zone or 0)

    def take_iso(self, token: str) -> None:
        self.year, self.month, self.day = map(int, re.split("[-/.]", token))

    def take_numeric(self, token: str) -> None:
        if self.month and self.time is None and "." in token:  # the clock as Finns and Danes write it: 10.15.00
            self.take_time(token)
            return
        first, second, year = map(int, re.split("[-/.]", token))
        if "/" in token and first <= 12:  # only Americans put the month first, and they write slashes
            first, second = second, first
        self.day, self.month, self.year = first, second, _full_year(year, 2 if year < 100 else 4)

    def take_named(self, token: str) -> None:
        day, month, year = token.split("-")
        self.take_word(month.rstrip("."))
        self.day, self.year = int(day), _full_year(int(year), len(year))

    def take_time(self, token: str) -> None:
        if self.time is None:
            parts = [int(part) for part in re.split("[:.,]", token)[:3]]
            self.time = _Time(parts[0], parts[1], parts[2] if len(parts) > 2 else 0)

    def take_zone(self, token: str) -> None:
        if self.time is None and ":" in token:
            self.take_time(token[1:])
        elif self.time is None:
            self.numbers.append(token[1:])  # a date with hyphens: `Jan-05-2003`
        elif self.zone is None or self.zone == 0:
            self.zone = _offset(token[0], token[1:])

    def take_number(self, token: str) -> None:
        if self.time is None or (len(self.numbers) < 2 and not self.year):
            self.numbers.append(token)
        elif self.zone is None and len(token) >= 3:
            self.zone = _offset("+", token)

    def take_word(self, token: str) -> None:
        folded = token.lower()
        if (not self.month or self.maybe_tuesday) and (month := _month(folded)):
            self.month = month
            self.maybe_tuesday = folded == "mar" and not self.numbers
            return
        if folded in ("am", "pm") and self.time is not None and self.time.hour <= 12:
            self.time.hour = self.time.hour % 12 + (12 if folded == "pm" else 0)
        elif self.time is not None and self.zone is None:
            zone = token.upper()
            if zone in _ZONES or zone in _UTC_NAMES:
                self.zone = int(_ZONES.get(zone, 0) * 60)

    def place_numbers(self) -> None:
        """Tell the day from the year: the year has four digits, or is the second of two numbers."""
        for token in self.numbers:
            if len(token) > 4:
                continue
            number = int(token)
            if len(token) > 2 or number > 31 or (self.day and not self.year):
                self.year = self.year or _full_year(number, len(token))
            elif not self.day:
                self.day = number


def _month(word: str) -> int:
    """The month of this name in one of the languages that mail programs have let through; 0 where it is none."""
    if word.startswith("mar") and len(word) > 3 and not word.startswith(("march", "mars", "marz")):
        return 0
    return _MONTHS.get(word[:3]) or _FOREIGN_MONTHS.get(word[:3]) or _FOREIGN_MONTHS.get(word[:4], 0)


def _full_year(year: int, digits: int) -> int:
    """RFC 5322 4.3: two digits below 50 are of this century; three count from 1900."""
    if digits >= 4:
        return year
    return year + (2000 if digits <= 2 and year < 50 else 1900)
