"""The case- and accent-insensitive form of a name.

WLanguage finds `emailraz`, `EmailRAZ` and `EMAILRAZ`, `Expediteur` and `Expéditeur` all the same. What compares names
compares their folded forms; the look-up tables belong to those who own the names.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# A table of the Latin letters spares unicodedata, which is not needed for anything else at import.
_ACCENTED = "àáâãäåçèéêëìíîïñòóôõöùúûüýÿšž"
_PLAIN = "aaaaaaceeeeiiiinooooouuuuyysz"

_TABLE: dict[int, str | None] = {
    **{ord(letter): plain for letter, plain in zip(_ACCENTED, _PLAIN, strict=True)},
    ord("œ"): "oe",
    ord("æ"): "ae",
    # Combining marks: names typed on macOS may arrive decomposed (e + U+0301).
    **dict.fromkeys(range(0x300, 0x370)),
}


def fold(name: str) -> str:
    """The form in which spellings of one name are equal: lower case, without accents, ligatures taken apart."""
    if name.isascii():
        return name.lower()
    return name.casefold().translate(_TABLE)


def nearest(name: str, spellings: Iterable[str]) -> str:
    """The spelling that a mistyped name probably meant, or ""."""
    from difflib import get_close_matches

    folded = {fold(spelling): spelling for spelling in spellings}
    found = get_close_matches(fold(name), folded, 1)
    return folded[found[0]] if found else ""


def unknown_member(owner: str, name: str, spellings: Iterable[str]) -> AttributeError:
    """The error for a member that does not exist, with a suggestion where one is near."""
    meant = nearest(name, spellings)
    hint = f"; did you mean {meant!r}?" if meant else ""
    # Given a name and no object, Python adds no second suggestion of its own to the traceback.
    return AttributeError(f"{owner} has no member {name!r}{hint}", name=name)
