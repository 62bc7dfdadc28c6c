"""A large attachment is never wholly in memory: measured in a child interpreter, by the kernel's peak (VmHWM)."""

from __future__ import annotations

import email
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest

import wlemail
from tests.support.processes import MEMORY, run_python
from tests.support.servers import Endpoint, Testbed

pytestmark = [
    pytest.mark.live("postfix", "dovecot", "sink"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the peak is read from /proc"),
]

MIB = 1 << 20
ALLOWED = 24 * MIB

SCRIPT = (
    MEMORY
    + """
import json, sys, time
from wlemail import *

job = json.loads(sys.argv[1])
m = Email()
m.Sender, m.Recipient, m.Subject, m.Message = job["sender"], job["recipient"], job["subject"], "text"
assert EmailStartSMTPSession("bob", job["password"], job["host"], job["port"], False, job["option"]), ErrorInfo()
# A first mail, with a small attachment, loads whatever is loaded late.
small = Email(m)
small.Subject = "small"
piece = emailAttach()
piece.Name, piece.Content = "small.bin", b"small"
small.Attach.Add(piece)
assert EmailSendMessage("bob", small), ErrorInfo()
if job["in_memory"]:
    with open(job["path"], "rb") as file:
        piece.Name, piece.Content = "large.bin", file.read()
    m.Attach.Add(piece)
else:
    m.Attach.Add(job["path"])
before, began = memory("VmHWM"), time.monotonic()
sent = EmailSendMessage("bob", m)
print(json.dumps({"sent": sent, "growth": memory("VmHWM") - before, "seconds": time.monotonic() - began,
                  "error": ErrorInfo(errFullDetails)}))
"""
)


@pytest.fixture(scope="module")
def large_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """100 MiB whose pieces all differ."""
    path = tmp_path_factory.mktemp("large") / "large.bin"
    with path.open("wb") as file:
        for number in range(100):
            file.write(hashlib.shake_128(bytes([number])).digest(MIB))
    return path


def send(testbed: Testbed, endpoint: Endpoint, subject: str, path: Path, **more: Any) -> dict[str, Any]:
    job = {
        "host": endpoint.host,
        "port": endpoint.port,
        "option": wlemail.emailOptionDefault,
        "password": "",
        "sender": testbed.address("bob"),
        "recipient": testbed.address("alice"),
        "subject": subject,
        "path": str(path),
        "in_memory": False,
        **more,
    }
    report = json.loads(run_python(SCRIPT, json.dumps(job), timeout=180))
    assert report["sent"] is True, report["error"]
    return dict(report)


def test_100_mib_attachment_to_smtp_sink(testbed: Testbed, token: str, large_file: Path) -> None:
    report = send(testbed, testbed.endpoint("sink", "smtp"), token, large_file)
    assert report["growth"] < ALLOWED, report


def test_100_mib_in_an_attachment_variable(testbed: Testbed, token: str, large_file: Path) -> None:
    """The content is the script's and in memory already; sending it makes no second copy of it."""
    report = send(testbed, testbed.endpoint("sink", "smtp"), token, large_file, in_memory=True)
    assert report["growth"] < ALLOWED, report


def test_100_mib_attachment_through_postfix(testbed: Testbed, token: str, large_file: Path) -> None:
    report = send(testbed, testbed.endpoint("postfix", "smtp"), token, large_file)
    assert report["growth"] < ALLOWED, report
    mailbox = testbed.mailbox("alice")
    [source] = mailbox.sources(token)
    mailbox.delete(token)
    arrived = [part for part in email.message_from_bytes(source).walk() if part.get_filename() == "large.bin"]
    content = arrived[0].get_payload(decode=True)
    assert isinstance(content, bytes)
    assert hashlib.sha256(content).digest() == hashlib.sha256(large_file.read_bytes()).digest()


def test_100_mib_attachment_under_tls(testbed: Testbed, token: str, large_file: Path) -> None:
    endpoint, option = testbed.endpoint("postfix", "submission"), wlemail.emailProtocolSMTPS
    # Users may write elsewhere, and the testbed throws that away.
    away = {"recipient": "somebody@elsewhere.example", "password": testbed.users["bob"]}
    report = send(testbed, endpoint, token, large_file, option=option, **away)
    assert report["growth"] < ALLOWED, report
