"""Control characters and line ends in values: the one place that stops a value from beginning another field."""

from __future__ import annotations

import re

from ...errors import ControlCharacter
from ..charsets import without_surrogates

# Everything that some program takes for a line end: what str.splitlines() splits at.
_LINE_ENDS = re.compile("[\\r\\n\\x0b\\x0c\\x1c-\\x1e\\x85\\u2028\\u2029]+")
_CONTROL = re.compile("[\\x00-\\x08\\x0a-\\x1f\\x7f\\x85\\u2028\\u2029]")


def one_line(value: str, member: str) -> str:
    """The value with every run of line ends as one space, and none at its ends.

    Raises ControlCharacter, naming `member`, where it holds NUL.
    """
    if value.isprintable():
        return value
    if "\0" in value:
        raise ControlCharacter(member, "NUL is not allowed")
    value = without_surrogates(value)
    flat = _LINE_ENDS.sub(" ", value)
    # A text that was read from a file ends with a line end: nobody wants to send a space for it.
    return value if flat == value else flat.strip(" ")


def refuse_controls(value: str, member: str) -> None:
    """Raise ControlCharacter, naming `member`, where a value holds a control character (but TAB) or a line end."""
    control = _CONTROL.search(value)
    if control:
        raise ControlCharacter(member, f"the character U+{ord(control[0]):04X} is not allowed here")
