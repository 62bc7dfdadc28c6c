"""What a command is: when it may come, what runs it, and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, NamedTuple, Union

if TYPE_CHECKING:
    from .grammar import Arguments
    from .session import IMAPSession

#: at any time, before the login, after it, with a folder selected
ANY, BEFORE, AFTER, SELECTED = "any", "before", "after", "selected"


class Done(NamedTuple):
    """The end of a command that was carried out: its text, and a response code."""

    text: str
    code: str = ""


#: Responses that go out piece by piece, and the end.
Transfer = Generator[bytes, None, Done]
#: None: the answer has been given, or more has to come from the client first.
Outcome = Union[Done, Transfer, None]  # noqa: UP007 - evaluated, and None | Generator cannot be on Python 3.10


class Command(NamedTuple):
    """A row of the table of commands."""

    when: str
    run: Callable[[IMAPSession, Arguments], Outcome]
    #: the client may be told that messages are gone: not while numbers mean something (RFC 3501 7.4.1)
    may_expunge: bool = True
    #: a capability that offers it
    capability: str = ""
