"""What each thread remembers: its last error and its error policy.

Knows how a failure is written down and nothing about codes or texts (`error_codes.py`), nor about what a
policy does (`error_policy.py`). State is per thread, like errno: a failure in the background never disturbs
the foreground.
"""

from __future__ import annotations

import sys
import time
from _thread import _local

from ..errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

    from .error_policy import Policy

#: Enough to find the way in a script; a runaway recursion must not make its failure slow.
STACK_DEPTH = 40

_PACKAGE = __name__.partition(".")[0]


class Place:
    """A line of a program: file, line number and the name of the procedure."""

    __slots__ = ("file", "line", "procedure")

    def __init__(self, file: str, line: int, procedure: str) -> None:
        self.file = file
        self.line = line
        self.procedure = procedure


class ErrorRecord:
    """One failure as it was seen at the boundary."""

    __slots__ = ("exception", "function", "internals", "messages", "number", "stack", "time")

    def __init__(self, exception: BaseException, function: Callable[..., Any] | None, stack: tuple[Place, ...]) -> None:
        self.exception = exception
        self.function = function
        self.stack = stack
        self.internals = _internals(exception)
        self.time = time.time()
        #: what ErrorPropagate put in front, outermost first
        self.messages: tuple[str, ...] = ()
        #: the number that ErrorPropagate gave, in place of the exception's own
        self.number: int | None = None

    @property
    def fatal(self) -> bool:
        """A misuse of the language rather than something that went wrong while running."""
        return isinstance(self.exception, UsageError) or bool(getattr(self.exception, "fatal", False))

    def part(self, exception: BaseException) -> ErrorRecord:
        """One of several failures that came together: the same moment and place."""
        part = ErrorRecord(exception, self.function, self.stack)
        part.time = self.time
        return part

    def propagated(self, message: str, number: int | None) -> ErrorRecord:
        """The same failure with a message in front and, where one is given, another number."""
        copy = self.part(self.exception)
        copy.internals = self.internals
        copy.messages = (message, *self.messages) if message else self.messages
        copy.number = self.number if number is None else number
        return copy


class ThreadState(_local):
    """The attributes are per thread; what stands here is the state of a thread that did nothing yet."""

    error: ErrorRecord | None = None
    policy: Policy | None = None


THREAD = ThreadState()


def record(exception: BaseException, function: Callable[..., Any] | None) -> ErrorRecord:
    """Write down a failure of `function`, with the lines of the user's program that led to it.

    The exception loses its tracebacks: their frames would keep messages, sockets and passwords alive until the
    thread's next call, and debuggers and crash reporters print the locals of frames.
    """
    written = ErrorRecord(exception, function, user_stack(sys._getframe(1)))
    _forget_frames(exception)
    return written


def user_stack(frame: FrameType | None) -> tuple[Place, ...]:
    """The lines of the program that called, innermost first; this package's own frames are left out."""
    places: list[Place] = []
    while frame is not None and len(places) < STACK_DEPTH:
        module = frame.f_globals.get("__name__") or ""
        if module != _PACKAGE and not module.startswith(_PACKAGE + "."):
            places.append(Place(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name))
        frame = frame.f_back
    return tuple(places)


def _internals(exception: BaseException) -> tuple[Place, ...]:
    """Where inside the package it went wrong, innermost first (the debugging information of ErrorInfo)."""
    places: list[Place] = []
    traceback = exception.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        places.append(Place(code.co_filename, traceback.tb_lineno, code.co_name))
        traceback = traceback.tb_next
    return tuple(reversed(places[-STACK_DEPTH:]))


def _forget_frames(exception: BaseException | None) -> None:
    seen: set[int] = set()
    while exception is not None and id(exception) not in seen:
        seen.add(id(exception))
        exception.__traceback__ = None
        exception = exception.__cause__ or exception.__context__
