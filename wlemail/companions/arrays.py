"""Array functions; each has its method on `Array` (Array.Add …) and serves Python lists as well."""

from __future__ import annotations

from ..wlanguage.values import Integer, own_copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "Add",
    "Ajoute",
    "ArrayAdd",
    "ArrayCount",
    "ArrayDeleteAll",
    "TableauAjoute",
    "TableauOccurrence",
    "TableauSupprimeTout",
]


class _Omitted:
    """Stands for a parameter that was not given; its repr is what help() shows."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<omitted>"


_OMITTED = _Omitted()


def Add(List: Any, Value: Any = _OMITTED) -> Integer:
    """Put a copy of `Value` (without it: an empty element) behind the last element; the result is its index, from 1.

    `List` is an Array or array member (Email.Recipient …), or a Python list. Adding an emailAttach, emailHeader or
    Email stores a copy, so that one variable can be refilled and added again. French: Ajoute (also TableauAjoute).
    """
    if isinstance(List, list):
        List.append("" if Value is _OMITTED else own_copy(Value))
        return Integer(len(List))
    if not hasattr(type(List), "Add"):
        raise TypeError(f"Add takes an Array or a list, not {type(List).__name__}")
    place: Integer = List.Add() if Value is _OMITTED else List.Add(Value)
    return place


def ArrayCount(List: Any) -> Integer:
    """The number of elements of an Array or a Python list. French: TableauOccurrence."""
    return Integer(len(List))


def ArrayDeleteAll(List: Any) -> None:
    """Remove every element of an Array or a Python list. French: TableauSupprimeTout."""
    if isinstance(List, list):
        List.clear()
    else:
        List.DeleteAll()


Ajoute = Add
ArrayAdd = TableauAjoute = Add
TableauOccurrence = ArrayCount
TableauSupprimeTout = ArrayDeleteAll
