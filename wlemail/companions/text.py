"""Functions on text. Positions start at 1; numbers and paths given as text are converted, as WLanguage does."""

from __future__ import annotations

from ..wlanguage.boundary import wl_function
from ..wlanguage.values import Integer, as_int, as_text, int_value
from .constants import EOT, TAB

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# fmt: off
__all__ = [  # noqa: RUF022 (a name and its French spellings on one line)
    "IgnoreCase", "SansCasse",
    "WholeWord", "MotComplet",
    "FromBeginning", "DepuisDébut", "DepuisDebut",
    "FromEnd", "DepuisFin",
    "StringBuild", "ChaîneConstruit", "ChaineConstruit",
    "ErrorBuild", "ErreurConstruit",
    "Replace", "Remplace",
    "Length", "Taille",
    "Left", "Gauche",
    "Right", "Droite",
    "Middle", "Milieu",
    "NoSpace", "SansEspace",
    "Upper", "Majuscule",
    "Lower", "Minuscule",
    "Contains", "Contient",
    "Position",
    "StringCount", "ChaîneOccurrence", "ChaineOccurrence",
    "ExtractString", "ExtraitChaîne", "ExtraitChaine",
    "Val",
    "Charact", "Caract",
    "Asc",
]
# fmt: on

# Options of the functions that look for text, added up; the values are our own.
IgnoreCase = 1
WholeWord = 2
FromBeginning = 4
FromEnd = 8

SansCasse = IgnoreCase
MotComplet = WholeWord
DepuisDébut = DepuisDebut = FromBeginning
DepuisFin = FromEnd


def StringBuild(Format: object, *Values: object) -> str:
    """Put values into a text: %1 is the first, %2 the second …, and %% is a percent sign.

    A number without a value stays as it is, so that "100%" and a forgotten value can be seen. French:
    ChaîneConstruit.
    """
    return "".join(_filled(_text(Format), [_text(value) for value in Values]))


def ErrorBuild(Format: object, *Values: object) -> str:
    """The text of an error message, made as StringBuild does (page 1000018878). French: ErreurConstruit."""
    return "".join(_filled(_text(Format), [_text(value) for value in Values]))


def _filled(template: str, values: list[str]) -> Iterator[str]:
    at = 0
    while (mark := template.find("%", at)) >= 0:
        yield template[at:mark]
        at = mark + 1
        if template[at : at + 1] == "%":
            yield "%"
            at += 1
            continue
        digits = _number_at(template, at, len(values))
        yield values[int(digits) - 1] if digits else "%"
        at += len(digits)
    yield template[at:]


def _number_at(template: str, at: int, count: int) -> str:
    """The longest number there that names a value: "%10" is the tenth of ten, and the first of one before a "0"."""
    for length in range(len(str(count)), 0, -1):
        digits = template[at : at + length]
        # isdigit() would also take superscripts, which int() refuses.
        if digits.isdecimal() and 1 <= int(digits) <= count:
            return digits
    return ""


def Replace(Text: object, Old: object, New: object, Options: int = 0) -> str:
    """`Text` with every `Old` replaced by `New`; `Options` are IgnoreCase and WholeWord. French: Remplace.

    An empty `Old` replaces nothing.
    """
    text, old, new = _text(Text), _text(Old), _text(New)
    if not old:
        return text
    if not Options:
        return text.replace(old, new)
    pieces, at = [], 0
    for place in _places(text, old, Options):
        pieces += [text[at:place], new]
        at = place + len(old)
    return "".join([*pieces, text[at:]])


def Length(Text: object) -> Integer:
    """The number of characters of a text, or of bytes of a buffer. French: Taille."""
    return Integer(len(Text if isinstance(Text, (bytes, bytearray)) else _text(Text)))


def Left(Text: object, Number: object = 1) -> str:
    """The first `Number` characters. French: Gauche."""
    return _text(Text)[: max(_number(Number, 1), 0)]


def Right(Text: object, Number: object = 1) -> str:
    """The last `Number` characters. French: Droite."""
    text = _text(Text)
    return text[len(text) - min(max(_number(Number, 1), 0), len(text)) :]


def Middle(Text: object, Start: object, Number: object = None) -> str:
    """`Number` characters (without it: all) from position `Start` on, which counts from 1. French: Milieu."""
    text, start = _text(Text), _number(Start, 1)
    number = len(text) if Number is None else max(_number(Number, 0), 0)
    return text[start - 1 : start - 1 + number] if start >= 1 else ""


def NoSpace(Text: object) -> str:
    """The text without the spaces at both ends. French: SansEspace."""
    return _text(Text).strip(" ")


def Upper(Text: object) -> str:
    """The text in capitals. French: Majuscule."""
    return _text(Text).upper()


def Lower(Text: object) -> str:
    """The text in small letters. French: Minuscule."""
    return _text(Text).lower()


def Contains(Text: object, Wanted: object, Options: int = 0) -> bool:
    """Whether `Wanted` occurs in `Text`; `Options` are IgnoreCase and WholeWord. French: Contient."""
    return next(_places(_text(Text), _text(Wanted), Options), None) is not None


def Position(Text: object, Wanted: object, Start: object = None, Options: int = 0) -> Integer:
    """Where `Wanted` begins in `Text`, counted from 1; 0 where it does not occur. The name is the same in French.

    The search begins at `Start`; with FromEnd it runs backwards from there (without `Start`: from the end).
    IgnoreCase and WholeWord can be added to the options.
    """
    text, wanted = _text(Text), _text(Wanted)
    places = [place + 1 for place in _places(text, wanted, Options, overlapping=True)]
    if Options & FromEnd:
        last = _number(Start, 0) or len(text)
        return Integer(max((place for place in places if place <= last), default=0))
    first = _number(Start, 1)
    return Integer(min((place for place in places if place >= first), default=0))


def StringCount(Text: object, Wanted: object, Options: int = 0) -> Integer:
    """How often `Wanted` occurs in `Text`; `Options` are IgnoreCase and WholeWord. French: ChaîneOccurrence."""
    return Integer(sum(1 for _ in _places(_text(Text), _text(Wanted), Options)))


def ExtractString(Text: object, Rank: object, Separator: object = TAB, Direction: int = FromBeginning) -> str:
    """The piece number `Rank` (from 1) of a text cut at each `Separator`; EOT past the last one. French: ExtraitChaîne.

    With the direction FromEnd the last piece is number 1.
    """
    separator = _text(Separator)
    text, rank = _text(Text), _number(Rank, 1)
    pieces = text.split(separator) if separator else [text]
    if Direction & FromEnd:
        pieces.reverse()
    return pieces[rank - 1] if 1 <= rank <= len(pieces) else EOT


def Val(Text: object) -> Integer | float:
    """The number at the beginning of a text, 0 where there is none: Val("12 rue") is 12. The same name in French."""
    text = _text(Text).strip()
    end = 1 if text[:1] in ("+", "-") else 0
    while end < len(text) and (text[end].isdecimal() or (text[end] == "." and "." not in text[:end])):
        end += 1
    digits = text[:end]
    if not any(character.isdecimal() for character in digits):
        return Integer(0)
    # Python refuses to convert thousands of digits to an int.
    return float(digits) if "." in digits or end > 20 else Integer(int(digits))


@wl_function(on_error="", error_state="keeps")
def Charact(Code: int) -> str:
    """The character with this code: Charact(10) is a line feed; "" for any other code. French: Caract."""
    from ..errors import InvalidValue

    code = int_value("Code", Code, -1)
    if not 0 <= code <= 0x10FFFF:
        raise InvalidValue("Code", "a character code is from 0 to 1114111", code)
    return chr(code)


def Asc(Text: object) -> Integer:
    """The code of the first character of a text, 0 for an empty one. The same name in French."""
    text = _text(Text)
    return Integer(ord(text[0]) if text else 0)


def _places(text: str, wanted: str, options: int, *, overlapping: bool = False) -> Iterator[int]:
    """Where a text occurs, from 0."""
    if not wanted:
        return
    if options & IgnoreCase:
        # Letter by letter: folding a whole text may change its length ("ß", "İ") and so every position behind it.
        text, wanted = _folded(text), _folded(wanted)
    at = text.find(wanted)
    while at >= 0:
        whole = not options & WholeWord or _is_word(text, at, at + len(wanted))
        if whole:
            yield at
        at = text.find(wanted, at + (1 if overlapping or not whole else len(wanted)))


def _folded(text: str) -> str:
    return "".join(small if len(small := character.lower()) == 1 else character for character in text)


def _is_word(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return not before.isalnum() and not after.isalnum()


def _text(value: object) -> str:
    text = as_text(value)
    return str(value) if text is None else text


def _number(value: Any, default: int) -> int:
    number = as_int(value, default)
    if number is None:
        raise TypeError(f"an integer is expected, not {value!r}")
    return number


ChaîneConstruit = ChaineConstruit = StringBuild
ErreurConstruit = ErrorBuild
Remplace = Replace
Taille = Length
Gauche = Left
Droite = Right
Milieu = Middle
SansEspace = NoSpace
Majuscule = Upper
Minuscule = Lower
Contient = Contains
ChaîneOccurrence = ChaineOccurrence = StringCount
ExtraitChaîne = ExtraitChaine = ExtractString
Caract = Charact
