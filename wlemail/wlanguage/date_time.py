"""WLanguage's DateTime as reading gives it: a naive local datetime that joins text as its digits."""

from __future__ import annotations

from datetime import datetime as datetime

from .names import fold, unknown_member

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class DateTime(datetime):
    """A moment in local time with the parts that WLanguage names; as text it is YYYYMMDDHHMMSSCCC.

    DatePart (PartieDate) and TimePart (PartieHeure) are digits, Year … Millisecond (Année … Milliseconde) numbers.
    """

    @property
    def DatePart(self) -> str:
        return self.strftime("%Y%m%d").rjust(8, "0")

    @property
    def TimePart(self) -> str:
        return f"{self:%H%M%S}{self.Millisecond:03}"

    @property
    def Year(self) -> int:
        return self.year

    @property
    def Month(self) -> int:
        return self.month

    @property
    def Day(self) -> int:
        return self.day

    @property
    def Hour(self) -> int:
        return self.hour

    @property
    def Minute(self) -> int:
        return self.minute

    @property
    def Second(self) -> int:
        return self.second

    @property
    def Millisecond(self) -> int:
        return self.microsecond // 1000

    PartieDate = DatePart
    PartieHeure = TimePart
    Année = Annee = Year
    Mois = Month
    Jour = Day
    Heure = Hour
    Seconde = Second
    Milliseconde = Millisecond

    def _digits(self) -> str:
        return self.DatePart + self.TimePart

    def __str__(self) -> str:
        return self._digits()

    def __format__(self, spec: str) -> str:
        return self.strftime(spec) if "%" in spec else format(self._digits(), spec)

    def __getitem__(self, place: int | slice) -> str:
        return self._digits()[place]

    def __add__(self, other: Any) -> Any:
        return self._digits() + other if isinstance(other, str) else super().__add__(other)

    def __radd__(self, other: Any) -> Any:
        return other + self._digits() if isinstance(other, str) else super().__radd__(other)

    def __eq__(self, other: object) -> bool:
        return self._digits() == other if isinstance(other, str) else super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = datetime.__hash__

    def __lt__(self, other: Any) -> bool:
        return self._digits() < other if isinstance(other, str) else super().__lt__(other)

    def __le__(self, other: Any) -> bool:
        return self._digits() <= other if isinstance(other, str) else super().__le__(other)

    def __gt__(self, other: Any) -> bool:
        return self._digits() > other if isinstance(other, str) else super().__gt__(other)

    def __ge__(self, other: Any) -> bool:
        return self._digits() >= other if isinstance(other, str) else super().__ge__(other)

    if not TYPE_CHECKING:  # a checker must see that a part is misspelled

        def __getattr__(self, name):
            if not name.startswith("_"):
                spellings = [spelling for spelling in vars(DateTime) if not spelling.startswith("_")]
                for spelling in spellings:
                    if fold(spelling) == fold(name):
                        return getattr(self, spelling)
                raise unknown_member("DateTime", name, spellings)
            raise AttributeError(name)


def local(moment: datetime) -> DateTime:
    """A moment as local time; one without a time zone counts as local."""
    try:
        here = moment.astimezone() if moment.tzinfo is not None else moment
    except (OverflowError, ValueError, OSError):
        # Years that the system's clock does not know: what the mail says is the best reading.
        here = moment
    return _naive(here)


def _naive(m: datetime) -> DateTime:
    return DateTime(m.year, m.month, m.day, m.hour, m.minute, m.second, m.microsecond)


def from_digits(digits: str) -> DateTime | None:
    """The moment that YYYYMMDD, with HHMMSSCCC or a beginning of it behind, stands for; None where it is none."""
    if not (digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 17):
        return None
    padded = digits.ljust(17, "0")
    places = ((0, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 14), (14, 17))
    year, month, day, hour, minute, second, thousandths = (int(padded[start:end]) for start, end in places)
    try:
        return DateTime(year, month, day, hour, minute, second, thousandths * 1000)
    except ValueError:
        return None
