"""Exceptions as text for a row, and back: people ask hours later, in another process and in their language.

Only classes of `errors` come back, made from facts that are plain values: a row can never run code.
"""

from __future__ import annotations

import json
from typing import Any

from ... import errors
from ...errors import MailError, RecipientsRefused, ServerReply

# A refusal of a thousand recipients is told in full by their own results.
_MAX_TEXT = 4000
_REPLY = "\0reply"
_PROBLEM = "\0problem"


def write_problem(problem: MailError) -> str:
    """A text from which `read_problem` makes the exception again."""
    parts: list[Any] = [_nearest(type(problem)), str(problem)[:_MAX_TEXT], _facts(problem)]
    return json.dumps(parts)


def read_problem(text: str | None) -> MailError | None:
    """The exception that a text stands for; a text of a later version gives a plain MailError."""
    if not text:
        return None
    return _made(json.loads(text))


def told(problem: MailError | None) -> str:
    """A sentence for the journal. A queued message may have reached recipients of whom a later refusal says nothing."""
    return "" if problem is None else str(problem).removeprefix("every recipient was ")


def _nearest(kind: type[MailError]) -> str:
    names = [known.__name__ for known in kind.__mro__]
    return next((name for name in names if hasattr(errors, name)), MailError.__name__)


def _facts(problem: MailError) -> dict[str, Any]:
    # The text stands beside the facts; refused recipients have results of their own, which the status puts back.
    return {
        name: plain
        for name, value in vars(problem).items()
        if name not in ("text", "replies") and (plain := _plain(value)) is not _Unknown
    }


class _Unknown:
    """Stands for a fact that is no plain value."""


def _plain(value: object) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return value[:_MAX_TEXT]
    if isinstance(value, ServerReply):
        return {_REPLY: [value.code, value.text[:_MAX_TEXT], value.enhanced]}
    if isinstance(value, MailError):
        return {_PROBLEM: [_nearest(type(value)), str(value)[:_MAX_TEXT], _facts(value)]}
    if isinstance(value, dict):
        return {str(name): plain for name, item in value.items() if (plain := _plain(item)) is not _Unknown}
    if isinstance(value, (list, tuple)):
        return [plain for item in value if (plain := _plain(item)) is not _Unknown]
    return _Unknown


def _made(parts: list[Any]) -> MailError:
    name, text, facts = parts
    kind = getattr(errors, name, MailError)
    if not (isinstance(kind, type) and issubclass(kind, MailError)):
        kind = MailError
    problem: MailError = kind.__new__(kind, text)
    for fact, value in {"text": text, **facts}.items():
        setattr(problem, fact, _value(value))
    if isinstance(problem, RecipientsRefused):
        problem.replies = {}
    return problem


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_value(item) for item in value)
    if not isinstance(value, dict):
        return value
    if _REPLY in value:
        return ServerReply(*value[_REPLY])
    if _PROBLEM in value:
        return _made(value[_PROBLEM])
    return {name: _value(item) for name, item in value.items()}
