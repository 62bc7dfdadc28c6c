"""What a failing function does besides returning its failure value: the error policies of a thread.

A thread's policies are a chain, innermost first; each link knows the one it hides. `CaseError` and
`ErrorChangeParameter` (`case_error.py`) add links; the boundary asks `retry_wanted` once for each failure.
"""

from __future__ import annotations

import sys

from .error_constants import (
    FatalOnly,
    epCode,
    epDisplayMessage,
    epDisplayMessageEndProcess,
    epDisplayMessageEndProgram,
    epExecuteProcedure,
    epGotoCaseError,
    epResult,
    epResultError,
    epReturn,
    epReturnError,
    opCancel,
    opEndProcess,
    opRetry,
)
from .thread_state import THREAD, ErrorRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The display bit is shared by all; what is left over tells one behaviour from another.
LEAVING = (epResult, epResultError, epReturn, epReturnError, epDisplayMessageEndProcess & ~epDisplayMessage)
PROPAGATING = (epResultError, epReturnError)
END_OF_PROGRAM = epDisplayMessageEndProgram & ~epDisplayMessage
#: what ErrorChangeParameter takes, without the display bit
ACTIONS = (epCode, epExecuteProcedure, epGotoCaseError, END_OF_PROGRAM, *LEAVING)


class WLanguageError(Exception):
    """A WLanguage error as a Python exception: what `CaseError` raises, with everything that ErrorInfo tells."""

    def __init__(self, error: ErrorRecord) -> None:
        super().__init__(error)
        self.error = error

    def Info(self, type: int = 1, index: int | None = None) -> Any:
        """What `ErrorInfo(type, index)` said of this failure, however much later."""
        from .error_info import tell

        return tell(self.error, type, index)

    @property
    def Message(self) -> str:
        """The full message (errMessage)."""
        return str(self.Info())

    @property
    def Code(self) -> int:
        """The error's number (errCode)."""
        return int(self.Info(2))

    @property
    def FullDetails(self) -> str:
        """Everything that is known (errFullDetails)."""
        return str(self.Info(19))

    @property
    def Fatal(self) -> bool:
        """Whether the program misused the language, rather than something having gone wrong while running."""
        return self.error.fatal

    def __str__(self) -> str:
        return self.Message

    def __repr__(self) -> str:
        return f"WLanguageError({self.Code}, {self.Message!r})"


class ProcessLeft(WLanguageError):
    """A policy ends the process: carries the control to the `with` or the procedure that the policy belongs to."""

    def __init__(self, error: ErrorRecord, policy: Policy) -> None:
        super().__init__(error)
        self.policy = policy


class Policy:
    """One link of the chain: a behaviour with its parameters; `owner` is what put it there."""

    __slots__ = ("behaviour", "outer", "owner", "p1", "p2")

    def __init__(self, owner: object, behaviour: int, p1: Any = None, p2: Any = None) -> None:
        self.owner = owner
        self.behaviour = behaviour
        self.p1 = p1
        self.p2 = p2
        self.outer = THREAD.policy

    @property
    def action(self) -> int:
        return self.behaviour & ~epDisplayMessage

    @property
    def displays(self) -> bool:
        return bool(self.behaviour & epDisplayMessage)


def active_policy(error: ErrorRecord) -> Policy | None:
    """The innermost policy that cares for this error: `CaseError(FatalOnly)` leaves run-time errors to the next."""
    policy = THREAD.policy
    while policy is not None and policy.action == FatalOnly and not error.fatal:
        policy = policy.outer
    return policy


def retry_wanted(error: ErrorRecord) -> bool:
    """Do what the thread's policy says about a call that failed; true where it has to be tried again."""
    policy = active_policy(error)
    if (policy is None or policy.behaviour == epCode) and hasattr(sys, "ps1"):
        from .output import tell_at_prompt

        tell_at_prompt(error)
    return follow(error)


def follow(error: ErrorRecord) -> bool:
    """Do what the thread's policy says about this error; true where a procedure decided to try again."""
    policy = active_policy(error)
    if policy is None:
        return False
    if policy.displays:
        from .output import show_error

        show_error(error)
    action = policy.action
    if action in (epGotoCaseError, FatalOnly):
        raise WLanguageError(error) from error.exception
    if action == epExecuteProcedure:
        return _decided_by_procedure(policy, error)
    if action == END_OF_PROGRAM:
        raise SystemExit(1)
    if action in LEAVING:
        raise ProcessLeft(error, policy) from error.exception
    return False


def _decided_by_procedure(policy: Policy, error: ErrorRecord) -> bool:
    standing = THREAD.policy
    # The procedure belongs to the program outside: its own failures must not call it again.
    THREAD.policy = policy.outer
    try:
        decision = policy.p1()
    finally:
        THREAD.policy = standing
    THREAD.error = error
    if decision == opRetry:
        return True
    if decision == opCancel:
        return False
    if decision == opEndProcess:
        raise ProcessLeft(error, policy) from error.exception
    raise SystemExit(1)


def remove(owner: object) -> None:
    """Take the innermost policy of `owner` out of this thread's chain, with everything that hides it."""
    policy = THREAD.policy
    while policy is not None and policy.owner is not owner:
        policy = policy.outer
    if policy is not None:
        THREAD.policy = policy.outer
