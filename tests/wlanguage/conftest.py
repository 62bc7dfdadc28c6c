"""Every test begins with an empty Email structure: tests share a thread."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import wlemail
from wlemail.sandbox import Sandbox
from wlemail.wlanguage.email_variable import current, reset


@pytest.fixture(autouse=True)
def _empty_structure() -> Iterator[None]:
    reset(current())
    yield
    reset(current())


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """A mail server with an open session named "me"."""
    with Sandbox() as sandbox:
        assert wlemail.EmailStartSMTPSession("me", sandbox.host, sandbox.port), wlemail.ErrorInfo()
        yield sandbox
        wlemail.EmailCloseSession("me")
