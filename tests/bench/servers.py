"""The servers that mail is sent to: smtp-sink started here, Postfix of the testbed, and a late wire before either."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.servers import Testbed, find_testbed, missing_servers

from .measuring import CHECKOUT, Missing, find_program

HOST = "127.0.0.1"
_START_SECONDS = 10
#: what Postfix accepts from its users and drops: the mail of a benchmark is nobody's
DROPPED_RECIPIENT = "nobody@dropped.example"


@dataclass(frozen=True)
class Account:
    """Where to send, as whom, and to whom nothing is delivered."""

    port: int
    recipient: str
    user: str = ""
    password: str = ""


@contextlib.contextmanager
def sink() -> Iterator[int]:
    """The port of a smtp-sink (Postfix's program that accepts mail and forgets it)."""
    port = _free_port()
    # As root it wants to know whom to become.
    options = ["-u", "nobody"] if os.geteuid() == 0 else []
    argv = [find_program("smtp-sink"), "-4", *options, f"{HOST}:{port}", "1000"]
    server = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        _wait_until_open(port, server)
        yield port
    finally:
        _stop(server)


@contextlib.contextmanager
def late_wire(port: int, milliseconds: int) -> Iterator[int]:
    """The port behind which `port` is that round trip away; `port` itself for 0."""
    if not milliseconds:
        yield port
        return
    argv = [sys.executable, "-m", "tests.bench.latency", HOST, str(port), str(milliseconds)]
    proxy = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT)
    try:
        assert proxy.stdout is not None
        yield int(proxy.stdout.readline())
    finally:
        _stop(proxy)


@contextlib.contextmanager
def postfix(scratch: Path) -> Iterator[Account]:
    """The testbed's Postfix, which accepts mail from its users and drops what is not for its domain. Started with all
    of the testbed where that does not run."""
    found = find_testbed()
    if not isinstance(found, str) and not missing_servers(found, ("postfix",)):
        yield _account(found)
        return
    scratch.chmod(0o755)  # its servers run as users of their own
    directory = scratch / "bed"
    testbed = [sys.executable, "-m", "tests.testbed", "--dir", str(directory)]
    try:
        done = subprocess.run([*testbed, "up"], capture_output=True, text=True, cwd=CHECKOUT)
        started = _described(directory)
        if reason := missing_servers(started, ("postfix",)):
            said = (done.stderr.strip().splitlines() or [""])[-1]
            raise Missing(f"{reason} ({said})" if said else reason)
        assert not isinstance(started, str)
        yield _account(started)
    finally:
        subprocess.run([*testbed, "down"], capture_output=True, cwd=CHECKOUT)


def _described(directory: Path) -> Testbed | str:
    try:
        return Testbed(json.loads((directory / "testbed.json").read_text(encoding="utf-8")))
    except FileNotFoundError:
        return "the testbed does not start"


def _account(testbed: Testbed) -> Account:
    port = testbed.endpoint("postfix", "auth-plaintext").port
    return Account(port, DROPPED_RECIPIENT, testbed.address("bob"), testbed.users["bob"])


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as probe:
        return int(probe.getsockname()[1])


def _wait_until_open(port: int, server: subprocess.Popen[str]) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection((HOST, port), 1).close()
            return
        except OSError:
            if server.poll() is not None or time.monotonic() > end:
                assert server.stderr is not None
                raise Missing(f"smtp-sink did not start: {server.stderr.read().strip()}") from None
            time.sleep(0.01)  # smtp-sink says nothing when it begins to listen


def _stop(server: subprocess.Popen[str]) -> None:
    server.terminate()
    server.wait()
    for pipe in (server.stdout, server.stderr):
        if pipe is not None:
            pipe.close()
