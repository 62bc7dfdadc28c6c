"""Programs: find them, run them to their end, start them as servers, stop exactly those that were started."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

Address = tuple[str, int]
Process = dict[str, "int | str | None"]


class Unavailable(Exception):
    """A server cannot run here; the message says why in one line."""


def start_time(pid: int) -> str | None:
    """When a process started, in clock ticks: tells a process from a later one with the same number."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] == "Z" else fields[19]


def identify(pid: int) -> Process:
    return {"pid": pid, "start": start_time(pid)}


def alive(process: Process) -> bool:
    return process["start"] is not None and start_time(int(process["pid"] or 0)) == process["start"]


def wait_for(condition: Callable[[], object], seconds: float, step: float = 0.02) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(step)
    return False


def accepts(address: Address) -> bool:
    try:
        socket.create_connection(address, timeout=2).close()
    except OSError:
        return False
    return True


def find_program(*names: str) -> str:
    # Debian keeps servers in sbin, which an ordinary user's PATH does not name.
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    for name in names:
        if found := shutil.which(name, path=path):
            return found
    raise Unavailable(f"{names[0]} is not installed (run: python -m tests.testbed install)")


def call(
    argv: Sequence[object], *, text: str = "", cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> str:
    """Run a command to its end; its output, or Unavailable with its last line."""
    try:
        done = subprocess.run(
            [str(arg) for arg in argv],
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            cwd=cwd,
            env=env,
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{argv[0]} did not end") from None
    if done.returncode:
        last = (done.stdout.strip().splitlines() or ["no output"])[-1]
        raise Unavailable(f"{Path(str(argv[0])).name} exited {done.returncode}: {last}")
    return done.stdout


def last_line(path: Path) -> str:
    with contextlib.suppress(OSError):
        if lines := path.read_text(errors="replace").strip().splitlines():
            return lines[-1]
    return "no output"


def start(
    argv: Sequence[object], log: Path, ready: Iterable[Address], cwd: Path, env: Mapping[str, str] | None = None
) -> Process:
    """Start a server in the foreground of a session of its own; return when it accepts at all `ready` addresses."""
    with open(log, "ab") as out:
        child = subprocess.Popen(
            [str(arg) for arg in argv],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            cwd=cwd,
            env={**os.environ, **(env or {})},
        )
    process = identify(child.pid)
    try:
        wait_ready(ready, lambda: child.poll() is not None, log)
    except Unavailable:
        stop([process])
        raise
    # Not waited for: the server outlives this command.
    child.returncode = 0
    return process


def wait_ready(ready: Iterable[Address], died: Callable[[], bool], log: Path) -> None:
    for address in ready:
        wait_for(lambda a=address: died() or accepts(a), 20)
        if died() or not accepts(address):
            raise Unavailable(f"did not start: {last_line(log)} (see {log})")


def stop(processes: Iterable[Process]) -> str:
    """SIGTERM, then SIGKILL after 10 s, to exactly the recorded processes."""
    living = [process for process in processes if alive(process)]
    if not living:
        return "was not running"
    _signal(living, signal.SIGTERM)
    if wait_for(lambda: not any(map(alive, living)), 10):
        return "stopped"
    _signal([process for process in living if alive(process)], signal.SIGKILL)
    return "killed"


def _signal(processes: Iterable[Process], number: int) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(process["pid"] or 0), number)
