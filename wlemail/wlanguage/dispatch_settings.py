"""How asynchronous sessions send: what EmailConfigure sets for all, and the members of a session variable for one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import InvalidValue
from ..mail.settings import SETTINGS, Dispatch
from . import constants
from .settings import seconds, seconds_or_zero
from .values import as_text, int_value

if TYPE_CHECKING:
    from .session_variables import emailSMTPSession

_MOST_CONNECTIONS = 50
_MOST_ATTEMPTS = 1000


def configure(option: int, value: object) -> bool:
    """Set one of the settings for the sessions that are opened from now on; False where the option is none of them."""
    for parameter, _, field, checked in _SETTINGS:
        if parameter == option:
            SETTINGS.dispatch = replace(SETTINGS.dispatch, **{field: checked("Value", value)})
            return True
    return False


def dispatch_of(variable: emailSMTPSession | None) -> Dispatch:
    """The settings of a session: those of all, but for the members that the variable gives."""
    own: dict[str, Any] = {}
    for _, member, field, checked in _SETTINGS:
        value = getattr(variable, member) if member and variable is not None else None
        if value is not None and value != "":
            own[field] = checked(member, value)
    return replace(SETTINGS.dispatch, **own) if own else SETTINGS.dispatch


def _connections(member: str, value: object) -> int:
    return _counted(member, value, _MOST_CONNECTIONS)


def _attempts(member: str, value: object) -> int:
    return _counted(member, value, _MOST_ATTEMPTS)


def _counted(member: str, value: object, most: int) -> int:
    number = int_value(member, value, 0)
    if not 0 < number <= most:
        raise InvalidValue(member, f"a number from 1 to {most} is expected", number)
    return number


def _rate(member: str, value: object) -> float:
    """Mails a minute; a fraction may be written in either notation."""
    text = as_text(value)
    try:
        number = float((text or "").strip().replace(",", "."))
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise InvalidValue(member, "a number of mails a minute is expected, 0 for no limit", text)
    return number


# constant of EmailConfigure, member of a session variable, field of a Dispatch, what makes its value
# (there is none for what counts for the whole outbox)
_SETTINGS: tuple[tuple[int, str, str, Callable[[str, object], Any]], ...] = (
    (constants.emailParameterDrainTimeOut, "DrainTimeOut", "drain", seconds_or_zero),
    (constants.emailParameterMaxConnections, "MaxConnections", "max_connections", _connections),
    (constants.emailParameterMaxRate, "MaxRate", "max_rate", _rate),
    (constants.emailParameterMaxAttempts, "", "max_attempts", _attempts),
    (constants.emailParameterMaxAge, "MaxAge", "max_age", seconds),
)
