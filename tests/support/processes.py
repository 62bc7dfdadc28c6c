"""Child interpreters: what a test cannot see in its own process (a fresh sys.modules, peak memory, Ctrl-C)."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


def start_python(
    code: str, *arguments: object, python: str | Path = sys.executable, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """A child interpreter that runs `code`, with pipes; the package of this checkout is importable."""
    return subprocess.Popen(
        [str(python), "-c", textwrap.dedent(code), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "PYTHONIOENCODING": "utf-8", **(environment or {})},
    )


def run_python(
    code: str,
    *arguments: object,
    python: str | Path = sys.executable,
    environment: Mapping[str, str] | None = None,
    timeout: float = 120,
) -> str:
    """The standard output of a child interpreter that ran `code`; the test fails with its stderr if it fails."""
    child = start_python(code, *arguments, python=python, environment=environment)
    return finish(child, timeout)


def finish(child: subprocess.Popen[str], timeout: float = 60) -> str:
    try:
        output, problems = child.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        child.kill()
        output, problems = child.communicate()
        raise AssertionError(f"the child did not end in {timeout} s:\n{output}\n{problems}") from None
    assert child.returncode == 0, f"the child exited {child.returncode}:\n{output}\n{problems}"
    return output


#: code for a child: `memory("VmHWM")` is its peak, `memory("VmRSS")` its present size, in bytes (Linux)
MEMORY = """
def memory(name):
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
"""
