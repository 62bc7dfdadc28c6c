"""Functions of the face that fail on demand, and a thread whose error state is as in a fresh program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from wlemail import EmailErrorLanguage, EmailErrorPrompt, EmailRedirectOutput
from wlemail.errors import MailError, ServerReply, SessionUnknown
from wlemail.wlanguage.boundary import wl_function
from wlemail.wlanguage.thread_state import THREAD

FATAL = SessionUnknown("bob", ["alice"])


@pytest.fixture
def at_rest() -> Iterator[None]:
    """English texts, no error, no policy, output to the streams; before the test and after it."""

    def rest() -> None:
        THREAD.error = None
        THREAD.policy = None
        EmailErrorPrompt(True)
        EmailRedirectOutput()

    rest()
    EmailErrorLanguage("en")
    yield
    rest()
    EmailErrorLanguage("")


def failing(exception: MailError, *, on_error: Any = False) -> Callable[[], Any]:
    """A public function that fails with this exception each time."""

    @wl_function(on_error=on_error)
    def EmailFails() -> Any:
        raise exception

    return EmailFails


@wl_function(on_error=False)
def EmailWorks() -> bool:
    return True


@wl_function(on_error=None, error_state="keeps")
def EmailClears() -> None:
    """A procedure without result."""


def trouble(text: str = "trouble") -> MailError:
    """A failure that is no misuse."""
    return MailError(text)


def reply(code: int, text: str, enhanced: str = "") -> ServerReply:
    return ServerReply(code, text, enhanced)
