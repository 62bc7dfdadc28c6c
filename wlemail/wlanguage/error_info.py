"""ErrorOccurred, ErrorInfo and the functions that raise and hand on errors.

Knows which question wants which fact of an `ErrorRecord`; the codes and sentences are in `error_codes.py`, which
is loaded when somebody asks.
"""

from __future__ import annotations

from .error_constants import errMessage
from .thread_state import THREAD, ErrorRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class ErrorState:
    """Whether this thread's last function failed; looked up at each use, because a star import copies a plain bool."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return THREAD.error is not None

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ErrorState):
            return True
        if isinstance(other, int):
            return bool(self) == other
        return NotImplemented

    def __hash__(self) -> int:
        return hash(bool(self))

    def __repr__(self) -> str:
        return repr(bool(self))

    def __reduce__(self) -> str:
        return "ErrorOccurred"


ErrorOccurred = ErrorState()


def ErrorInfo(Type: int = errMessage, Index: int | None = None) -> Any:
    """Tell about this thread's last error (page 3013008); "" when there is none."""
    error = THREAD.error
    return "" if error is None else tell(error, Type, Index)


def tell(error: ErrorRecord, kind: int, index: int | None = None) -> Any:
    return message(error)


def message(error: ErrorRecord) -> str:
    return str(error.exception)


def function_name(error: ErrorRecord) -> str:
    return getattr(error.function, "__name__", "")


ErreurDétectée = ErrorOccurred
ErreurInfo = ErrorInfo
