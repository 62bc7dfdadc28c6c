"""The WLanguage array: 1-based, grows on assignment, reads as its element where it has only one.

Knows positions and value semantics. What an element of a member may be (a path, an emailAttach …) is decided by the
subclasses that override `_stored` and `_empty`.
"""

from __future__ import annotations

from .names import fold, unknown_member
from .values import Integer, as_int, own_copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, Generic

    from typing_extensions import TypeVar

    E = TypeVar("E", default=Any)

    class _Elements(Generic[E]):
        pass

else:
    E = None

    class _Elements:
        __slots__ = ()

        def __class_getitem__(cls, element):
            return cls


class Array(_Elements[E]):
    """A WLanguage array: the first element is 1, assigning past the end makes it grow.

    Array()                    an empty array
    Array(["a", "b"])          one with these elements
    a[3] = "x"                 elements up to 3 now exist
    a.Add("x")                 French Ajoute; gives the index of the new element
    a.Insert(1, "x")           French Insère
    a.Delete(1), a.DeleteAll() French Supprime, SupprimeTout
    a.Count                    French Occurrence

    Elements that have members of their own (emailAttach, Email …) are copied when they are stored. An array of one
    element reads as that element in ==, + and str(), an empty one as "". Index 0, a negative index and reading past
    the end are IndexErrors. French: Tableau.
    """

    __slots__ = ("_items",)

    def __init__(self, items: Iterable[E] = ()) -> None:
        self._items: list[E] = []
        self._replace(items)

    # -- what the elements are ---------------------------------------------------------------------------

    def _stored(self, value: Any) -> E:
        """What is kept of a value: values have value semantics."""
        kept: E = own_copy(value)
        return kept

    def _empty(self) -> Any:
        """What fills the places that growing opens."""
        return ""

    # -- WLanguage's verbs -------------------------------------------------------------------------------

    def Add(self, value: E | Any = None) -> Integer:
        """Put a copy of the value (or an empty element) behind the last element; its index is the result."""
        self._items.append(self._empty() if value is None else self._stored(value))
        return Integer(len(self._items))

    def Insert(self, index: int, value: E | Any = None) -> Integer:
        """Put a copy of the value before the element `index`, or past the last one; the index is the result."""
        place = self._place(index, len(self._items) + 1)
        self._items.insert(place, self._empty() if value is None else self._stored(value))
        return Integer(place + 1)

    def Delete(self, index: int) -> None:
        """Remove the element `index`; those behind it move up."""
        del self._items[self._place(index, len(self._items))]

    def DeleteAll(self) -> None:
        """Remove every element."""
        self._items.clear()

    @property
    def Count(self) -> Integer:
        """The number of elements."""
        return Integer(len(self._items))

    Ajoute = Add
    Insère = Insert
    Supprime = Delete
    SupprimeTout = DeleteAll
    Occurrence = Count

    # -- elements ----------------------------------------------------------------------------------------

    def __getitem__(self, index: int) -> E:
        return self._items[self._place(index, len(self._items))]

    def __setitem__(self, index: int, value: E | Any) -> None:
        place = self._place(index, None)
        stored = self._stored(value)
        while len(self._items) <= place:
            self._items.append(self._empty())
        self._items[place] = stored

    def __delitem__(self, index: int) -> None:
        self.Delete(index)

    def _place(self, index: object, last: int | None) -> int:
        """The place in the list of an index; IndexError unless it is 1 … last (no end where last is None)."""
        if isinstance(index, slice):
            raise TypeError("an Array has no slices; list(array) gives a Python list")
        number = as_int(index, 0)
        if number is None:
            raise TypeError(f"the index of an Array is an integer, not {type(index).__name__}")
        if number < 1:
            raise IndexError(f"index {number}: the first element of an Array is 1")
        if last is not None and number > last:
            held = f"it has {len(self._items)}" if self._items else "it is empty"
            raise IndexError(f"index {number} is past the end of the Array: {held} (the first element is 1)")
        return number - 1

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[E]:
        return iter(self._items)

    def __reversed__(self) -> Iterator[E]:
        return iter(self._items[::-1])

    def __contains__(self, value: object) -> bool:
        return value in self._items

    def _replace(self, value: Any) -> None:
        """Take the elements of a list or array, or the one element that a single value is, in place of one's own."""
        if value is None:
            value = ()
        elif isinstance(value, (str, bytes)) or not hasattr(type(value), "__iter__"):
            value = (value,)
        self._items[:] = [self._stored(element) for element in value]

    # -- reading as a scalar -----------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Array):
            return self._items == other._items
        if isinstance(other, (list, tuple)):
            return self._items == list(other)
        if len(self._items) > 1:
            return NotImplemented
        scalar: object = self._items[0] if self._items else ""
        return scalar == other

    __hash__ = None  # type: ignore[assignment]

    def __add__(self, other: Any) -> Any:
        if isinstance(other, (Array, list, tuple)):
            return self._joined(self, other)
        if len(self._items) > 1:
            return NotImplemented
        return (self._items[0] if self._items else "") + other

    def __radd__(self, other: Any) -> Any:
        if isinstance(other, (list, tuple)):
            return self._joined(other, self)
        if len(self._items) > 1:
            return NotImplemented
        return other + (self._items[0] if self._items else "")

    def _joined(self, first: Iterable[Any], second: Iterable[Any]) -> Array[E]:
        return type(self)([*first, *second])

    def __str__(self) -> str:
        # Several elements are shown as the lists of addresses that the members take: "a@x; b@x".
        return "; ".join(map(str, self._items))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __repr__(self) -> str:
        return f"Array({self._items!r})"

    # -- copies ------------------------------------------------------------------------------------------

    def _copied(self) -> Array[E]:
        return type(self)(self._items)

    def __copy__(self) -> Array[E]:
        return self._copied()

    def __deepcopy__(self, memo: dict[int, Any]) -> Array[E]:
        return self._copied()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._items,)

    if not TYPE_CHECKING:  # a checker must see that `a.Ad` is a slip

        def __getattr__(self, name):
            if not name.startswith("_"):
                spellings = [spelling for spelling in dir(type(self)) if not spelling.startswith("_")]
                for spelling in spellings:
                    if fold(spelling) == fold(name):
                        return getattr(self, spelling)
                raise unknown_member("Array", name, spellings)
            raise AttributeError(name)
