"""Which open session the argument of a function stands for; the one place where that is decided."""

from __future__ import annotations

from typing import Any

from ..errors import SessionUnknown, WrongSessionKind
from ..mail.session import Kind, Session
from ..mail.session_table import TABLE
from .accounts import alias
from .session_variables import SessionVariable
from .values import text_value


def resolve(session: object, *kinds: Kind) -> Session[Any]:
    """The open session of one of these kinds that a name or a session variable stands for."""
    if not isinstance(session, SessionVariable):
        return TABLE.find(text_value("Session", session), kinds)
    found: Session[Any] | None = session._session
    if found is None or found.closed:
        raise SessionUnknown(alias(session), dict.fromkeys(s.name for s in TABLE.everything()))
    if found.kind not in kinds:
        raise WrongSessionKind(found.name, "/".join(kind.value for kind in kinds), [found.kind.value])
    return found
