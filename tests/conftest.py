"""What all tests share: the `live` marker, the testbed, and a package in its first state for each test that sends.

`.ci/run` sets WLEMAIL_NO_SKIP=1: then a test that would be skipped for want of a server, a tool or a network fails.
"""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Iterator
from typing import NoReturn

import pytest
from hypothesis import settings

from tests.support.servers import Testbed, find_testbed, missing_servers

# A busy machine makes an example slow; that says nothing about the code.
settings.register_profile("wlemail", deadline=None)
settings.load_profile("wlemail")

NO_SKIP_VARIABLE = "WLEMAIL_NO_SKIP"


def give_up(reason: str) -> NoReturn:
    """Skip a test for a reason of this machine; fail it where nothing may be missing."""
    if os.environ.get(NO_SKIP_VARIABLE):
        pytest.fail(f"{NO_SKIP_VARIABLE} is set: {reason}", pytrace=False)
    pytest.skip(reason)


def pytest_configure() -> None:
    # A shell starts what runs in the background with Ctrl-C ignored, and children inherit that: the tests that send it
    # to a program would wait for ever.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("live"):
        if reason := missing_servers(find_testbed(), marker.args):
            give_up(reason)


@pytest.fixture
def testbed(monkeypatch: pytest.MonkeyPatch) -> Testbed:
    """The running testbed, its authority trusted as a user would do it."""
    found = find_testbed()
    if isinstance(found, str):
        give_up(found)
    monkeypatch.setenv("SSL_CERT_FILE", found.ca)
    return found


@pytest.fixture
def token() -> str:
    """A word that no other message has in its subject."""
    return f"t{secrets.token_hex(8)}"


@pytest.fixture
def face() -> Iterator[None]:
    """The package as a script finds it: nothing open, nothing set, no error, texts in English; and left so."""
    import wlemail
    from wlemail.wlanguage.thread_state import THREAD

    before = wlemail.EmailGetTimeOut()
    wlemail.EmailReset()
    wlemail.EmailErrorLanguage("en")
    THREAD.error = None
    yield
    THREAD.error = None
    wlemail.EmailErrorLanguage("")
    for name in list(wlemail.EmailListSession()):
        wlemail.EmailCloseSession(name)
    wlemail.EmailSetTimeOut(before)
    wlemail.EmailReset()
