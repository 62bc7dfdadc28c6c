"""Every test begins with an empty Email structure: tests share a thread."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import wlemail
from tests.support.mailboxes import FakeIncoming, FakeMailbox
from wlemail.sandbox import Sandbox
from wlemail.wlanguage.email_variable import current, reset

from .reading import Functions


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


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeMailbox]:
    """A mailbox in memory to which every POP3 session goes."""
    made = FakeMailbox()
    monkeypatch.setattr("wlemail.mail.backends.pop3.Pop3Incoming", lambda account: FakeIncoming(made, account))
    yield made
    for name in list(wlemail.EmailListSession()):
        wlemail.EmailCloseSession(name)


@pytest.fixture(params=["English", "French"])
def call(request: pytest.FixtureRequest) -> Functions:
    """The functions of reading in either language."""
    return Functions(request.param)
