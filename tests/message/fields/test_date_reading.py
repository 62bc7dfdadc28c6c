from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlemail.message.fields.date import format_date
from wlemail.message.fields.date_reading import read_date

ROWS = [
    ("Fri, 21 Nov 1997 09:55:06 -0600", "1997-11-21T09:55:06-06:00"),
    ("Tue, 1 Jul 2003 10:52:37 +0200 (CEST)", "2003-07-01T10:52:37+02:00"),
    # RFC 5322 A.5, A.6.2, A.6.3
    ("Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n               -0330 (Newfoundland Time)",
     "1969-02-13T23:32:00-03:30"),
    ("21 Nov 97 09:55:06 GMT", "1997-11-21T09:55:06+00:00"),
    ("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", "1997-11-21T09:55:06-06:00"),
    # obsolete years and zones (RFC 5322 4.3)
    ("1 Jan 49 00:00 EST", "2049-01-01T00:00:00-05:00"),
    ("1 Jan 50 00:00 PDT", "1950-01-01T00:00:00-07:00"),
    ("1 Jan 103 00:00 UT", "2003-01-01T00:00:00+00:00"),
    ("1 Jan 2003 00:00 Z", "2003-01-01T00:00:00+00:00"),
    ("1 Jan 2003 00:00 K", "2003-01-01T00:00:00+00:00"),
    ("1 Jan 2003 00:00", "2003-01-01T00:00:00+00:00"),
    ("1 Jan 2003", "2003-01-01T00:00:00+00:00"),
    # zones as programs write them
    ("1 Jan 2003 10:00:00 GMT+0200", "2003-01-01T10:00:00+02:00"),
    ("1 Jan 2003 10:00:00 +02:00", "2003-01-01T10:00:00+02:00"),
    ("1 Jan 2003 10:00:00 +02", "2003-01-01T10:00:00+02:00"),
    ("1 Jan 2003 10:00:00 -600", "2003-01-01T10:00:00-06:00"),
    ("1 Jan 2003 10:00:00 0100", "2003-01-01T10:00:00+01:00"),
    ("1 Jan 2003 10:00:00 -2500", "2003-01-01T10:00:00+00:00"),
    ("1 Jan 2003 10:00:00 CEST", "2003-01-01T10:00:00+02:00"),
    # other orders
    ("Sun Jan  5 10:00:00 2003", "2003-01-05T10:00:00+00:00"),
    ("Sun Jan  5 10:00:00 EST 2003", "2003-01-05T10:00:00-05:00"),
    ("Jan 5 2003 10:00 PM", "2003-01-05T22:00:00+00:00"),
    ("5 Jan 2003 12:05 am", "2003-01-05T00:05:00+00:00"),
    ("05-Jan-2003 10:00:00 +0100", "2003-01-05T10:00:00+01:00"),
    ("2003-01-05T10:00:00Z", "2003-01-05T10:00:00+00:00"),
    ("2003-01-05 10:00:00.123 +0100", "2003-01-05T10:00:00+01:00"),
    ("25/1/2003 10:00", "2003-01-25T10:00:00+00:00"),
    ("1/25/2003 10:00", "2003-01-25T10:00:00+00:00"),
    ("5.1.2003 10:00", "2003-01-05T10:00:00+00:00"),
    ("2003/01/05 10:00:00", "2003-01-05T10:00:00+00:00"),
    ("2003.01.05 10:00", "2003-01-05T10:00:00+00:00"),
    ("su, 5 Jan 2003 10.15.30 +0200", "2003-01-05T10:15:30+02:00"),
    # other languages
    ("lun., 3 févr. 2020 10:11:12 +0100", "2020-02-03T10:11:12+01:00"),
    ("Mardi 3 mars 2020 10:00", "2020-03-03T10:00:00+00:00"),
    ("mar. 5 mai 2020 10:00", "2020-05-05T10:00:00+00:00"),
    ("Mar 5 2020 10:00", "2020-03-05T10:00:00+00:00"),
    ("-0:00 5 Jan 2020", "2020-01-05T00:00:00+00:00"),
    ("Di, 5 Mai 2020 10:00:00 +0200", "2020-05-05T10:00:00+02:00"),
    # times that no clock shows
    ("1 Jan 2003 25:00:00 +0100", "2003-01-01T00:00:00+01:00"),
    ("31 Dec 2016 23:59:60 +0000", "2016-12-31T23:59:59+00:00"),
    ("31 Dec 2016 18:59:60 -0500", "2016-12-31T18:59:59-05:00"),
    ("31 Dec 2016 12:30:60 +0000", "2016-12-31T00:00:00+00:00"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ROWS)
def test_dates(text: str, expected: str) -> None:
    found = read_date(text)
    assert found is not None
    assert found.isoformat() == expected


@pytest.mark.parametrize(
    "text", ["", "yesterday", "31 Feb 2003 10:00", "10:00", "0 Jan 2003", "Jan 2003", "1" * 500, "Fri"]
)
def test_what_names_no_day(text: str) -> None:
    assert read_date(text) is None


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_every_date_comes_back(moment: datetime, minutes: int) -> None:
    moment = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    sign, offset = ("-", -minutes) if minutes < 0 else ("+", minutes)
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    zone = f"{sign}{offset // 60:02}{offset % 60:02}"
    written = f"{moment.day} {months[moment.month - 1]} {moment.year} {moment:%H:%M:%S} {zone}"
    assert read_date(written) == moment
    assert read_date(f"Mon,  {written} (zone)") == moment


def test_our_own_date_comes_back() -> None:
    moment = int(time.time())
    found = read_date(format_date(moment))
    assert found is not None
    assert found.timestamp() == moment


@given(st.text(st.sampled_from("0123456789 :+-/.,()JanFebGMTapm"), max_size=40))
def test_anything_is_read(text: str) -> None:
    found = read_date(text)
    assert found is None or found.tzinfo is not None
