"""Ctrl-C in a wait: the interpreter gets its KeyboardInterrupt, and the sessions are usable afterwards."""

from __future__ import annotations

import json
import signal
import sys
import time
from typing import Any

import pytest

import wlemail
from tests.support.faults import DOWN, STALL, FaultProxy, Place, places, reply_to
from tests.support.processes import finish, start_python
from wlemail.sandbox import Sandbox

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C reaches a whole console there, tests included")

# Opens, sends, closes; whatever Ctrl-C interrupted is done again, which must work at once and not wait for anything.
SCRIPT = """
import json, signal, sys, time
from wlemail import *


# A shell that started the tests in the background made them ignore Ctrl-C, and children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
host, port, option, stalled = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
interrupted, results, seconds = [], {}, 0.0

def call(name, function, *arguments):
    global seconds
    for attempt in (1, 2):
        began = time.monotonic()
        try:
            results[name] = function(*arguments)
            return
        except KeyboardInterrupt:
            interrupted.append(name)
            open_sessions[name] = list(EmailListSession())
        finally:
            seconds = time.monotonic() - began

open_sessions = {}
EmailSetTimeOut(60)
m = Email()
m.Sender, m.Recipient, m.Subject, m.Message = "bob@example.test", "alice@example.test", "interrupted", "text"
call("open", EmailStartSMTPSession, "bob", "secret", host, port, False, option)
call("send", EmailSendMessage, "bob", m)
call("close", EmailCloseSession, "bob")
print(json.dumps({
    "interrupted": interrupted, "results": results, "open_when_interrupted": open_sessions,
    "open_at_end": list(EmailListSession()), "error": ErrorInfo(errFullDetails), "last_call": seconds,
}))
"""


def interrupt_at(box: Sandbox, place: Place, option: int = wlemail.emailOptionDefault) -> dict[str, Any]:
    """Run the script through a proxy that falls silent at a place of its first connection; press Ctrl-C there."""
    port = box.tls_port if option == wlemail.optionTLS else box.port
    assert port
    with FaultProxy(box.host, port, place.fault(STALL), spoiled=1) as proxy:
        child = start_python(SCRIPT, proxy.host, proxy.port, option, place)
        assert proxy.struck.wait(20), "the script never came to the place"
        time.sleep(0.1)  # the fault has happened; nothing tells when the child has begun to wait for its end
        child.send_signal(signal.SIGINT)
        return json.loads(finish(child, 30))


def good_run(box: Sandbox, option: int = wlemail.emailOptionDefault) -> list[Place]:
    port = box.tls_port if option == wlemail.optionTLS else box.port
    assert port
    with FaultProxy(box.host, port) as proxy:
        finish(start_python(SCRIPT, proxy.host, proxy.port, option, ""), 30)
    box.clear()
    return places(proxy.transcript)


@pytest.mark.parametrize(
    ("command", "interrupted"),
    [("", "open"), ("EHLO", "open"), ("AUTH", "open"), ("MAIL", "send"), (".", "send"), ("QUIT", "close")],
    ids=["greeting", "EHLO", "AUTH", "MAIL", "content", "QUIT"],
)
def test_ctrl_c_while_the_server_is_silent(command: str, interrupted: str) -> None:
    with Sandbox(users={"bob": "secret"}, chunking=False) as box:
        report = interrupt_at(box, reply_to(good_run(box), command))
        # KeyboardInterrupt reached the script, once, from the call that waited …
        assert report["interrupted"] == [interrupted]
        # … nothing half-open stood in the table, and nothing that was open had vanished …
        assert report["open_when_interrupted"] == {interrupted: ["bob"] if interrupted == "send" else []}
        # … and the same call, made again, worked without waiting for a lock or a dead connection.
        assert report["results"]["open"] is True, report["error"]
        assert report["results"]["send"] is True, report["error"]
        assert report["last_call"] < 5
        assert report["open_at_end"] == []
        # Interrupted while the verdict on the content was awaited, the first attempt had arrived too.
        assert len(box.messages) == (2 if command == "." else 1)


@pytest.mark.parametrize("option", [wlemail.emailProtocolSMTPS, wlemail.optionTLS])
def test_ctrl_c_during_the_tls_handshake(option: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox(users={"bob": "secret"}) as box:
        monkeypatch.setenv("SSL_CERT_FILE", box.ca_file)
        found = good_run(box, option)
        hello = next(place for place in found if place.direction == DOWN and "TLS" in place.label)
        report = interrupt_at(box, hello, option)
        assert report["interrupted"] == ["open"]
        assert report["open_when_interrupted"] == {"open": []}
        assert report["results"] == {"open": True, "send": True, "close": None}, report["error"]
        assert len(box.messages) == 1


WAIT_FOR_ANOTHER_THREAD = """
import signal, sys, threading, time
from wlemail import *

signal.signal(signal.SIGINT, signal.default_int_handler)
EmailSetTimeOut(3)
m = Email()
m.Sender, m.Recipient, m.Subject = "bob@example.test", "alice@example.test", "x"
assert EmailStartSMTPSession("bob", "secret", sys.argv[1], int(sys.argv[2])), ErrorInfo()
other = threading.Thread(target=EmailSendMessage, args=("bob", m))  # the server falls silent in there
other.start()
sys.stdin.readline()
print("waiting", flush=True)
try:
    EmailSendMessage("bob", m)
except KeyboardInterrupt:
    print("interrupted", other.is_alive(), flush=True)
other.join()
began = time.monotonic()
print(EmailSendMessage("bob", m), time.monotonic() - began < 5, ErrorInfo())
"""


def test_ctrl_c_while_waiting_for_another_threads_use_of_the_session() -> None:
    with Sandbox(users={"bob": "secret"}, chunking=False) as box:
        data = reply_to(good_run(box), "DATA")
        with FaultProxy(box.host, box.port, data.fault(STALL), spoiled=1) as proxy:
            child = start_python(WAIT_FOR_ANOTHER_THREAD, proxy.host, proxy.port)
            assert proxy.struck.wait(20)
            assert child.stdin
            assert child.stdout
            child.stdin.write("\n")
            child.stdin.flush()
            assert child.stdout.readline() == "waiting\n"
            time.sleep(0.2)  # nothing tells when the child has begun to wait for the lock
            child.send_signal(signal.SIGINT)
            output = finish(child, 40).splitlines()
        assert output[0] == "interrupted True"
        assert output[1].startswith("True True"), output
