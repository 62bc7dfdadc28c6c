"""The one place where exceptions become WLanguage errors.

Every public function that can fail stands behind `@wl_function`. State is written when the call ends and at no
other time, so that a progress procedure which calls Email functions cannot disturb the call it serves.
"""

from __future__ import annotations

from ..errors import MailError
from .error_policy import retry_wanted
from .thread_state import THREAD, record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal, TypeVar

    F = TypeVar("F", bound=Callable[..., Any])


def wl_function(*, on_error: Any = None, error_state: Literal["sets", "keeps"] = "sets") -> Callable[[F], F]:
    """Make a function of the face: MailError becomes this thread's error and the documented failure value.

    `on_error` is that value, or a function without parameters that makes it (for arrays: nobody may share one).
    With error_state "sets" a success clears the thread's error; with "keeps" it leaves a standing error alone.
    Anything that is not a MailError is a bug, or the user's own exception from a callback, and travels on.
    """

    def face_of(function: F) -> F:
        clears = error_state == "sets"

        def face(*args: Any, **kwargs: Any) -> Any:
            while True:
                try:
                    result = function(*args, **kwargs)
                except MailError as exception:
                    failure = exception
                else:
                    if clears:
                        THREAD.error = None
                    return result
                # Outside the except block: a procedure of the user runs here and must not seem to handle our exception.
                THREAD.error = error = record(failure, face)
                if not retry_wanted(error):
                    return on_error() if callable(on_error) else on_error

        return _with_face_of(face, function)

    return face_of


def _with_face_of(face: Any, function: F) -> F:
    """What functools.wraps does, without importing functools: help() and inspect.signature() follow __wrapped__."""
    face.__wrapped__ = function
    face.__name__ = function.__name__
    face.__qualname__ = function.__qualname__
    face.__doc__ = function.__doc__
    face.__module__ = function.__module__
    face.__annotations__ = function.__annotations__
    made: F = face
    return made
