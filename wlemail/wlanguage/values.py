"""WLanguage's implicit conversions, and the integers that the face hands out.

A member converts what it is given where it can; what it cannot convert it keeps, and whoever opens a session or sends
a message asks `text_value` and its sisters, whose InvalidValue names the member (assigning never fails).
"""

from __future__ import annotations

from ..errors import InvalidValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Integer(int):
    """An int that joins text, as in WLanguage: "wdcid" + Email.NbAttach."""

    __slots__ = ()

    def __add__(self, other: Any) -> Any:
        if isinstance(other, str):
            return str(self) + other
        return _integer(int.__add__(self, other))

    def __radd__(self, other: Any) -> Any:
        if isinstance(other, str):
            return other + str(self)
        return _integer(int.__radd__(self, other))

    def __sub__(self, other: Any) -> Any:
        return _integer(int.__sub__(self, other))


def _integer(result: Any) -> Any:
    return Integer(result) if isinstance(result, int) else result


class Omitted:
    """Stands for a parameter that was not given, in functions of several forms; its repr is what help() shows."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<omitted>"


OMITTED = Omitted()


# -- conversions: None where there is none --------------------------------------------------------------


def as_text(value: object) -> str | None:
    """A value as text: numbers and dates in digits, None (Null) as "", bytes decoded, an array of one element as it."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _decoded(bytes(value))
    path = getattr(type(value), "__fspath__", None)
    if path is not None:
        return as_text(path(value))
    # A DateTime, whose module is loaded only where there is one.
    digits = getattr(type(value), "_digits", None)
    if digits is not None:
        return as_text(digits(value))
    return as_text(only_element(value)) if is_scalar_array(value) else None


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        # WinDev's ANSI strings are in the Windows code page of Western Europe.
        return data.decode("cp1252", "replace")


def as_int(value: object, default: int) -> int | None:
    """A value as an int: digits in text are converted, "" and None (Null) are the default."""
    if value is None or isinstance(value, str):
        return _parsed(value or "", default)
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    index = getattr(type(value), "__index__", None)
    if index is not None:
        return int(index(value))
    return as_int(only_element(value), default) if is_scalar_array(value) else None


def _parsed(text: str, default: int) -> int | None:
    text = text.strip()
    if not text:
        return default
    digits = text[1:] if text[0] in "+-" else text
    # Python refuses to convert thousands of digits; no number here has more than a few.
    return int(text) if digits.isdecimal() and len(digits) < 20 else None


def as_buffer(value: object) -> bytes | None:
    """A value as bytes: text in UTF-8, where text that came from bytes (surrogateescape) gives those bytes back."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    text = as_text(value)
    if text is None:
        return None
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return None


def is_scalar_array(value: object) -> bool:
    """An Array that reads as a single value: of one element, or empty."""
    from .arrays import Array

    return isinstance(value, Array) and len(value) < 2


def only_element(array: Any) -> object:
    return next(iter(array), None)


# -- for those who open and send: InvalidValue names the member -------------------------------------------


def text_value(member: str, value: object) -> str:
    """The text of a member or parameter; InvalidValue if it holds something that is no text."""
    text = as_text(value)
    if text is None:
        raise InvalidValue(member, f"text is expected, not {_kind(value)}")
    return text


def int_value(member: str, value: object, default: int) -> int:
    """The integer of a member or parameter ("" and None: the default); InvalidValue if it is none."""
    number = as_int(value, default)
    if number is None:
        raise InvalidValue(member, f"an integer is expected, not {_kind(value)}")
    return number


def bool_value(member: str, value: object, default: bool = False) -> bool:
    """The boolean of a member or parameter, where any number but 0 is True; InvalidValue if it is none."""
    number = as_int(value, int(default))
    if number is None:
        raise InvalidValue(member, f"True or False is expected, not {_kind(value)}")
    return number != 0


def buffer_value(member: str, value: object) -> bytes:
    """The bytes of a member or parameter; InvalidValue if it holds something that is neither bytes nor text."""
    data = as_buffer(value)
    if data is None:
        raise InvalidValue(member, f"bytes or text are expected, not {_kind(value)}")
    return data


def _kind(value: object) -> str:
    # A value may be secret or long: only what is safe to show is shown.
    return "that text" if isinstance(value, str) else f"a {type(value).__name__}"


def own_copy(value: Any) -> Any:
    """What an array or a member stores: a copy of values that have members of their own (value semantics)."""
    copied = getattr(type(value), "_copied", None)
    return value if copied is None else copied(value)
