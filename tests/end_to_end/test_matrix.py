"""The fault matrix against the package's own sandbox: every place, every kind, in clear and under TLS. Offline."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import wlemail
from tests.support.faults import DRIBBLE, DROP, RESET, STALL, TRICKLE
from wlemail.sandbox import Sandbox

from .matrix import Target, complaints, run_all

pytestmark = pytest.mark.usefixtures("face")

#: what the sandbox leaves out, and the option: each is another dialogue
DIALOGUES: dict[str, tuple[dict[str, bool], int]] = {
    "BDAT": ({}, wlemail.emailOptionDefault),
    "DATA": ({"chunking": False}, wlemail.emailOptionDefault),
    "one command at a time": ({"chunking": False, "pipelining": False}, wlemail.emailOptionDefault),
    "STARTTLS": ({}, wlemail.emailProtocolSMTPS),
    "implicit TLS": ({}, wlemail.optionTLS),
}
TIMEOUT = 0.4
#: what a busy machine with two cores may add; the live tests hold the fifth alone, with longer time-outs
SLACK = 0.5


@pytest.fixture(params=DIALOGUES)
def target(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    left_out, option = DIALOGUES[request.param]
    with Sandbox(users={"bob": "secret"}, idle_seconds=20, **left_out) as box:
        monkeypatch.setenv("SSL_CERT_FILE", box.ca_file)
        port = box.tls_port if option == wlemail.optionTLS else box.port
        assert port

        def count(subject: str) -> int:
            return sum(subject.encode() in message.content for message in box.messages)

        yield Target(box.host, port, option, "bob", "secret", "bob@example.test", "alice@example.test", count)


# Python's SSLSocket is left unclosed where the peer has reset the connection before it is made: the sandbox's side.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("kind", [DROP, RESET, STALL, DRIBBLE, TRICKLE])
def test_fault_at_every_place(target: Target, kind: str) -> None:
    timeout = 10.0 if kind == DRIBBLE else TIMEOUT
    found = complaints(target, run_all(target, kind, timeout), kind, timeout, SLACK)
    assert not found, "\n".join(found)
