"""CaseError, ErrorChangeParameter and ErrorRestoreParameter: choosing what failures do.

WLanguage ends a choice with the procedure that made it; Python gives no procedure that chance, so a choice lasts
until it is restored, or as long as its `with` block or decorated procedure.
"""

from __future__ import annotations

from ..errors import InvalidValue
from . import error_policy
from .boundary import wl_function
from .error_constants import (
    FatalOnly,
    epCode,
    epDisplayMessage,
    epExecuteProcedure,
    epGotoCaseError,
)
from .error_policy import ACTIONS, PROPAGATING, Policy, ProcessLeft, follow
from .thread_state import THREAD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any, TypeVar, overload

    F = TypeVar("F", bound=Callable[..., Any])


class CaseErrorBlock:
    """Makes the failures of this thread raise `WLanguageError`, from enter to exit, callees included.

    `with CaseError():`, `@CaseError`, and `CaseError(FatalOnly)` for the errors of a misused language alone
    (WHEN EXCEPTION). Extension: the label CASE ERROR: of WLanguage has no counterpart in Python.
    """

    __slots__ = ("_behaviour",)

    def __init__(self, behaviour: int) -> None:
        self._behaviour = behaviour

    if TYPE_CHECKING:

        @overload
        def __call__(self, Which: F) -> F: ...
        @overload
        def __call__(self, Which: int = ...) -> CaseErrorBlock: ...

    def __call__(self, Which: Any = epGotoCaseError) -> Any:
        if callable(Which):
            return _within(self, Which)
        if Which not in (epGotoCaseError, FatalOnly):
            raise ValueError("CaseError takes nothing, FatalOnly, or the procedure that it decorates")
        return self if Which == self._behaviour else CaseErrorBlock(Which)

    def __enter__(self) -> CaseErrorBlock:
        THREAD.policy = Policy(self, self._behaviour)
        return self

    def __exit__(self, *exception: object) -> None:
        error_policy.remove(self)

    def __repr__(self) -> str:
        return "CaseError(FatalOnly)" if self._behaviour == FatalOnly else "CaseError"


CaseError = CaseErrorBlock(epGotoCaseError)


class ErrorBehaviour:
    """What `ErrorChangeParameter` returns: the choice, to be used with `with` or as a decorator if one likes.

    As either it ends by itself, and a behaviour that leaves the process (epResult …) leaves the block or the
    procedure; `Result` is then the P1 that was given.
    """

    def __init__(self, behaviour: int, p1: Any = None, p2: Any = None) -> None:
        self._behaviour = behaviour
        self._p1 = p1
        self._p2 = p2
        self.Result: Any = None

    def begin(self) -> None:
        THREAD.policy = Policy(self, self._behaviour, self._p1, self._p2)

    def __enter__(self) -> ErrorBehaviour:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        error_policy.remove(self)
        if not isinstance(exception, ProcessLeft) or exception.policy.owner is not self:
            return False
        self.Result = self._p1
        if exception.policy.action in PROPAGATING:
            propagate(exception, self._p2)
        return True

    def __call__(self, procedure: F) -> F:
        """Decorate: the choice then belongs to each call of the procedure and no longer to the line that made it."""
        error_policy.remove(self)
        guarded: F = _leaving(self, procedure)
        return guarded


def propagate(left: ProcessLeft, message: object) -> None:
    """Hand an error on to whoever stands outside the process that it ended."""
    THREAD.error = error = left.error.propagated("" if message is None else str(message), None)
    # There is nothing left to try again: the process that could is gone.
    follow(error)


def _within(block: CaseErrorBlock, procedure: Any) -> Any:
    def guarded(*args: Any, **kwargs: Any) -> Any:
        with block:
            return procedure(*args, **kwargs)

    return _named_like(guarded, procedure)


def _leaving(choice: ErrorBehaviour, procedure: Any) -> Any:
    def guarded(*args: Any, **kwargs: Any) -> Any:
        own = ErrorBehaviour(choice._behaviour, choice._p1, choice._p2)
        own.begin()
        with own:
            return procedure(*args, **kwargs)
        return own.Result

    return _named_like(guarded, procedure)


def _named_like(guarded: Any, procedure: Any) -> Any:
    guarded.__wrapped__ = procedure
    for name in ("__module__", "__name__", "__qualname__", "__doc__", "__annotations__"):
        # A partial or an instance with __call__ is a procedure too and has not all of them.
        if hasattr(procedure, name):
            setattr(guarded, name, getattr(procedure, name))
    return guarded


@wl_function(on_error=lambda: ErrorBehaviour(epCode), error_state="keeps")
def ErrorChangeParameter(Behaviour: int, P1: Any = None, P2: Any = None) -> ErrorBehaviour:
    """Choose what this thread's failing functions do, until ErrorRestoreParameter (page 3034009).

    epCode: return the failure value, as usual. epDisplayMessage: show the message too (can be added to the others).
    epGotoCaseError: raise WLanguageError. epExecuteProcedure: run P1, which returns opCancel, opRetry, opEndProcess
    or opEndProgram (the default). epResult, epReturn: leave the process with the result P1; epResultError,
    epReturnError: the same and propagate the error with P2 in front. The process is the `with` block or decorated
    procedure (`with ErrorChangeParameter(…):`, `@ErrorChangeParameter(…)`); without one, leaving raises
    WLanguageError. epDisplayMessageEndProcess and epDisplayMessageEndProgram: show, then leave or end.
    Difference: WLanguage ends the choice with the procedure and shows a window with buttons.
    """
    if not isinstance(Behaviour, int) or Behaviour & ~epDisplayMessage not in ACTIONS:
        raise InvalidValue("Behaviour", "an ep… constant is needed", Behaviour)
    if Behaviour & ~epDisplayMessage == epExecuteProcedure and not callable(P1):
        raise InvalidValue("P1", "epExecuteProcedure needs the procedure to run")
    choice = ErrorBehaviour(Behaviour, P1, P2)
    choice.begin()
    return choice


def ErrorRestoreParameter() -> None:
    """Undo the last ErrorChangeParameter of this thread; surplus calls do nothing (page 3034012)."""
    policy = THREAD.policy
    if policy is not None and isinstance(policy.owner, ErrorBehaviour):
        THREAD.policy = policy.outer
