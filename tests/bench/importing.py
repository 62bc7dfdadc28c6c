"""What importing costs: an installed wheel in a fresh environment, whole runs of an interpreter."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
import venv
from pathlib import Path

from .measuring import CHECKOUT, Contender, Missing, Run, Table, measure
from .report import Goal, spread

TITLE = "Importing, in a fresh environment with the installed wheel"
OURS, STAR, THEIRS, NOTHING = "import wlemail", "from wlemail import *", "import smtplib", "(nothing)"
#: differences of some milliseconds between whole processes: many repetitions
_TIMES = 5

STATEMENTS = {
    NOTHING: "pass",
    OURS: OURS,
    STAR: STAR,
    THEIRS: THEIRS,
    "import smtplib, email.message": "import smtplib, email.message",
}


def run(repetitions: int, scratch: Path) -> tuple[list[str], list[Goal]]:
    python = fresh_environment(scratch)
    contenders = {name: _whole_run(python, statement) for name, statement in STATEMENTS.items()}
    for contender in contenders.values():
        contender()  # byte code and disk cache
    table = measure(TITLE, contenders, repetitions * _TIMES)
    goals = [
        Goal(f"{name}, of what `{THEIRS}` adds", 0.5, 0.5, _share(table, name), at_most=True) for name in (OURS, STAR)
    ]
    return _report(table), goals


def fresh_environment(scratch: Path) -> Path:
    """The interpreter of a new virtual environment that has our wheel and nothing else."""
    source, wheels, home = scratch / "source", scratch / "wheels", scratch / "environment"
    # Building leaves traces in the source.
    shutil.copytree(
        CHECKOUT, source, ignore=shutil.ignore_patterns(".*", "tests", "build", "*.egg-info", "__pycache__")
    )
    _call(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", wheels, source)
    venv.create(home, with_pip=True)
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    _call(python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", next(wheels.glob("*.whl")))
    return python


def _call(*argv: object) -> None:
    done = subprocess.run([*map(str, argv)], capture_output=True, text=True)
    if done.returncode:
        raise Missing((done.stderr.strip().splitlines() or ["no output"])[-1])


def _whole_run(python: Path, statement: str) -> Contender:
    def run() -> Run:
        began, before = time.perf_counter(), os.times()
        subprocess.run([python, "-c", statement], check=True, cwd=python.parent)
        seconds, after = time.perf_counter() - began, os.times()
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        return Run(seconds, cpu)

    return run


def _share(table: Table, name: str) -> float:
    bare = table.seconds(NOTHING)
    return (table.seconds(name) - bare) / (table.seconds(THEIRS) - bare)


def _report(table: Table) -> list[str]:
    bare = table.seconds(NOTHING)
    lines = [f"### {table.title}", "", "| | whole run, ms | added, ms |", "|---|---:|---:|"]
    for name, runs in table.runs.items():
        times = [run.seconds * 1000 for run in runs]
        lines.append(f"| `{name}` | {spread(times, 1)} | {statistics.median(times) - bare * 1000:.1f} |")
    return [*lines, ""]
