"""ErrorOccurred, ErrorInfo and ExceptionInfo: what happened last, and everything that is known about it.

Knows which question (err… constant) wants which fact of an `ErrorRecord`. Codes and sentences are in
`error_codes.py`, which is loaded when somebody asks.
"""

from __future__ import annotations

import os
import sys
import time

from ..errors import MailError, RecipientsRefused
from .error_constants import (
    errCode,
    errDateTime,
    errDebugInfo,
    errDuring,
    errElement,
    errFullDetails,
    errInfo,
    errLine,
    errMessage,
    errProcess,
    errStack,
    errSubErrorCount,
    errSummary,
    errSystemCode,
    errSystemMessage,
)
from .error_policy import WLanguageError
from .error_settings import error_language
from .thread_state import THREAD, ErrorRecord
from .values import Integer, as_int

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, overload

    from .thread_state import Place


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
        # There is one, in copies and pickles too.
        return "ErrorOccurred"


#: Page 3087001: True after a function that failed, False after one that succeeded; of this thread, at this moment.
#: `bool(ErrorOccurred)` keeps a value.
ErrorOccurred = ErrorState()


if TYPE_CHECKING:

    @overload
    def ErrorInfo() -> str: ...
    @overload
    def ErrorInfo(Type: int, Index: int | None = None) -> Any: ...


def ErrorInfo(Type: int = errMessage, Index: int | None = None) -> Any:
    """Tell about this thread's last error (page 3013008): "" (0 for numbers) where there is none.

    Type   errMessage (what happened, and what to do about it) unless another err… constant is given: errFullDetails
           (everything), errSummary, errInfo (what to do), errCode, errSystemCode, errSystemMessage, errDateTime
           (YYYYMMDDHHMMSSCCC), errDuring (the function that failed), errElement, errProcess, errLine, errStack (where
           in the program), errDebugInfo, errSubErrorCount. Another value, or one about data files: "".
    Index  from 1: one of the sub-errors, such as each recipient that was refused.

    Texts are in English or French (EmailErrorLanguage). A function that succeeds afterwards resets the error.
    """
    error = THREAD.error
    return _nothing(Type) if error is None else tell(error, Type, Index)


if TYPE_CHECKING:

    @overload
    def ExceptionInfo() -> str: ...
    @overload
    def ExceptionInfo(Type: int, Index: int | None = None) -> Any: ...


def ExceptionInfo(Type: int = errMessage, Index: int | None = None) -> Any:
    """Tell about the exception that is being handled, in its except block (page 3034006); the types are ErrorInfo's.

    Serves every exception, not WLanguageError alone; "" (0 for numbers) outside an except block.
    """
    handled = sys.exc_info()[1]
    if handled is None:
        return _nothing(Type)
    return tell(handled.error if isinstance(handled, WLanguageError) else _foreign(handled), Type, Index)


def tell(error: ErrorRecord, kind: int, index: int | None = None) -> Any:
    """One fact of an error, or of one of its sub-errors (from 1)."""
    if index is not None:
        parts = sub_errors(error)
        rank = as_int(index, 0) or 0
        if not 1 <= rank <= len(parts):
            return _nothing(kind)
        error = parts[rank - 1]
    teller = _TELLERS.get(kind)
    return "" if teller is None else teller(error)


def _nothing(kind: int) -> Any:
    return Integer(0) if kind in _NUMBERS else ""


def _foreign(exception: BaseException) -> ErrorRecord:
    """The record of an exception that no boundary saw; it keeps its traceback, which its handler may want."""
    foreign = ErrorRecord(exception, None, ())
    foreign.stack, foreign.internals = foreign.internals, ()
    return foreign


# -- one teller for each type ------------------------------------------------------------------------------


def message(error: ErrorRecord) -> str:
    """What happened and what to do about it; what ErrorPropagate added stands in front."""
    return "\n".join(text for text in (summary(error), hint(error)) if text)


def summary(error: ErrorRecord) -> str:
    """What happened."""
    from . import error_codes

    return "\n".join((*error.messages, error_codes.summary(error.exception, error_language())))


def hint(error: ErrorRecord) -> str:
    """What to do about it."""
    from . import error_codes

    return error_codes.hint(error.exception, error_language())


def system_code(error: ErrorRecord) -> int:
    """The operating system's number, 0 where it had no part in the failure."""
    number = getattr(error.exception, "errno", 0)
    if not number:
        cause = _system_cause(error)
        # On Windows winerror is the number that people search for (10061); errno is a translation of it.
        number = 0 if cause is None else getattr(cause, "winerror", None) or cause.errno
    return number if isinstance(number, int) else 0


def system_message(error: ErrorRecord) -> str:
    """The operating system's text, in the operating system's language."""
    cause = _system_cause(error)
    if cause is not None and cause.strerror:
        return cause.strerror
    number = system_code(error)
    return os.strerror(number) if number > 0 else ""


def _system_cause(error: ErrorRecord) -> OSError | None:
    exception: BaseException | None = error.exception
    while exception is not None and not isinstance(exception, OSError):
        exception = exception.__cause__
    return exception


def date_time(error: ErrorRecord) -> str:
    """When it happened, local time, in WLanguage's digits (YYYYMMDDHHMMSSCCC)."""
    return _moment(error, "%Y%m%d%H%M%S", "")


def _moment(error: ErrorRecord, pattern: str, before_thousandths: str) -> str:
    thousandths = f"{int(error.time * 1000) % 1000:03d}"
    return time.strftime(pattern, time.localtime(error.time)) + before_thousandths + thousandths


def function_name(error: ErrorRecord) -> str:
    """The WLanguage function that failed, under its name in the language of the texts."""
    function = error.function
    if function is None:
        return ""
    return (_french_name(function) if error_language() == "fr" else "") or function.__name__


def _french_name(function: Callable[..., Any]) -> str:
    """The alias of a function, the accented one of two spellings; looked for only when an error is told."""
    for module in (f"{__package__}.french", function.__module__):
        names = vars(sys.modules[module]) if module in sys.modules else {}
        found = [name for name, value in names.items() if value is function and name != function.__name__]
        if found:
            return min(found, key=str.isascii)
    return ""


def sub_errors(error: ErrorRecord) -> list[ErrorRecord]:
    """One record for each recipient that was refused; other failures have no parts."""
    problem = error.exception
    if not isinstance(problem, RecipientsRefused):
        return []
    return [error.part(RecipientsRefused({address: reply})) for address, reply in problem.replies.items()]


_TELLERS: dict[int, Callable[[ErrorRecord], Any]] = {
    errMessage: message,
    errSummary: summary,
    errInfo: hint,
    errCode: lambda error: Integer(_code(error)),
    errSystemCode: lambda error: Integer(system_code(error)),
    errSystemMessage: system_message,
    errDateTime: date_time,
    errDuring: function_name,
    errElement: lambda error: error.stack[0].file if error.stack else "",
    errProcess: lambda error: _procedure(error.stack[0]) if error.stack else "",
    errLine: lambda error: Integer(error.stack[0].line if error.stack else 0),
    errStack: lambda error: "\n".join(map(_place, error.stack)),
    errDebugInfo: lambda error: "\n".join(_debugging(error)),
    errSubErrorCount: lambda error: Integer(len(sub_errors(error))),
    errFullDetails: lambda error: full_details(error),
}
_NUMBERS = (errCode, errSystemCode, errLine, errSubErrorCount)


# -- everything at once ---------------------------------------------------------------------------------------

# (English, French)
_WHAT = ("What happened?", "Que s'est-il passé ?")
_CALLED = ("The function {} was called.", "La fonction {} a été appelée.")
_CODE = ("Error code: {}", "Code erreur : {}")
_LEVEL = ("Level: {}", "Niveau : {}")
_NON_FATAL = ("non-fatal error", "erreur non fatale")
_FATAL = ("fatal error", "erreur fatale")
_SYSTEM_CODE = ("System error code: {}", "Code erreur système : {}")
_SYSTEM_MESSAGE = ("System error message: {}", "Message d'erreur système : {}")
_PARTS = ("Refused:", "Refusés :")
_DEBUGGING = ("Debugging information:", "Informations de débogage :")
_STACK = ("Call stack:", "Pile des appels :")
_DATE = ("Date and time: {}", "Date et heure : {}")
_DATE_PATTERN = ("%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M:%S")
_PLACE = ("{procedure}, {file}, line {line}", "{procedure}, {file}, ligne {line}")
_MAIN = ("main program", "programme principal")


def full_details(error: ErrorRecord) -> str:
    """The cause, the level, the system's part, the call stack and the time; what a support desk asks for."""
    blocks = [
        [_worded(_WHAT), *_called(error), message(error)],
        [
            _worded(_CODE).format(_code(error)),
            _worded(_LEVEL).format(_worded(_FATAL if error.fatal else _NON_FATAL)),
            _worded(_SYSTEM_CODE).format(system_code(error)),
            *([_worded(_SYSTEM_MESSAGE).format(system_message(error))] if system_message(error) else []),
        ],
        [_worded(_DEBUGGING), *_debugging(error)],
        [_worded(_STACK), *map(_place, error.stack)],
        [_worded(_DATE).format(_moment(error, _worded(_DATE_PATTERN), "."))],
    ]
    parts = sub_errors(error)
    if len(parts) > 1:
        blocks.insert(1, [_worded(_PARTS), *map(summary, parts)])
    return "\n\n".join("\n".join(lines) for lines in blocks)


def _worded(texts: tuple[str, str]) -> str:
    return texts[error_language() == "fr"]


def _code(error: ErrorRecord) -> int:
    from .error_codes import error_code

    return error_code(error.exception) if error.number is None else error.number


def _called(error: ErrorRecord) -> list[str]:
    name = function_name(error)
    return [_worded(_CALLED).format(name)] if name else []


def _debugging(error: ErrorRecord) -> list[str]:
    """What a maintainer wants to see: the exceptions by their names, versions, and where inside the package."""
    from .error_facts import one_line

    exception: BaseException | None = error.exception
    lines = []
    while exception is not None:
        # Only the text of MailErrors and of the operating system is known to hold nothing secret.
        told = isinstance(exception, (MailError, OSError))
        lines.append(type(exception).__name__ + (f": {one_line(str(exception))}" if told else ""))
        exception = exception.__cause__
    version = ".".join(map(str, sys.version_info[:3]))
    lines.append(f"{_own_name()}, Python {version}, {sys.platform}")
    lines.extend(f"{os.path.basename(place.file)}:{place.line} {place.procedure}" for place in error.internals)
    return lines


def _own_name() -> str:
    from .. import __version__

    return f"wlemail {__version__}"


def _place(place: Place) -> str:
    return _worded(_PLACE).format(procedure=_procedure(place), file=place.file, line=place.line)


def _procedure(place: Place) -> str:
    return _worded(_MAIN) if place.procedure == "<module>" else place.procedure
