"""Errors and exceptions that a program raises itself, and handing on those it got (pages 3034011, 3034015, 3034005)."""

from __future__ import annotations

import sys

from ..errors import InvalidValue, MailError
from .boundary import wl_function
from .error_policy import WLanguageError, follow
from .thread_state import THREAD, ErrorRecord, record
from .values import int_value, text_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

LARGEST_NUMBER = 1000


class ThrownError(MailError):
    """An error that the program raised: its own number (1 to 1000) and message."""

    def __init__(self, number: int, message: str, *, fatal: bool = False) -> None:
        self.number = number
        self.message = message
        self.fatal = fatal
        super().__init__(message or f"error {number}")


@wl_function(on_error=False, error_state="keeps")
def ErrorThrow(Number: int, Message: str = "") -> bool:
    """Raise a non-fatal error of one's own (page 3034011): ErrorOccurred becomes True, ErrorInfo tells `Message`.

    `Number` is from 1 to 1000. Returns False, so that a procedure can say `return ErrorThrow(12, "…")`: Python
    does not leave the procedure by itself. Where CaseError or another policy is active, that is followed.
    """
    raise ThrownError(_number(Number), text_value("Message", Message))


@wl_function(on_error=False, error_state="keeps")
def ErrorPropagate(Number: int | str | None = None, Message: str | None = None) -> bool:
    """Hand the current error on to the caller (page 3034015): ErrorPropagate([Message]) or (Number [, Message]).

    `Message` is put in front of the error's own; `Number` (1 to 1000) replaces its code. Where CaseError or another
    policy is active, that is followed (WLanguageError is raised again); elsewhere ErrorOccurred stays True. In an
    except block the error is the one that is being handled.
    Without an error there is nothing to hand on. Returns False, so that a procedure can say `return ErrorPropagate(…)`.
    """
    if isinstance(Number, str):
        Number, Message = None, Number
    number = None if Number is None else _number(Number)
    message = "" if Message is None else text_value("Message", Message)
    error = current_error()
    if error is not None:
        THREAD.error = error = error.propagated(message, number)
        follow(error)
    return False


def ExceptionThrow(Number: int, Message: str = "") -> NoReturn:
    """Raise an exception of one's own (page 3034005): `except WLanguageError` handles it, ExceptionInfo tells of it.

    `Number` is from 1 to 1000. Nobody handling it, the program ends.
    """
    thrown: MailError
    try:
        thrown = ThrownError(_number(Number), text_value("Message", Message), fatal=True)
    except InvalidValue as problem:
        # Whoever throws wants the normal course to end: a bad number is no reason to go on.
        thrown = problem
    THREAD.error = error = record(thrown, ExceptionThrow)
    raise WLanguageError(error) from thrown


def current_error() -> ErrorRecord | None:
    """The error of the WLanguageError that is being handled, else this thread's last."""
    handled = sys.exc_info()[1]
    return handled.error if isinstance(handled, WLanguageError) else THREAD.error


def _number(value: object) -> int:
    number = int_value("Number", value, 0)
    if not 1 <= number <= LARGEST_NUMBER:
        raise InvalidValue("Number", f"a number from 1 to {LARGEST_NUMBER} is expected", number)
    return number
