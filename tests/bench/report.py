"""Tables and goals as Markdown, and the machine they were measured on."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import platform
import statistics
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass

from .measuring import Missing, Run, Table, find_program

MIB = 1 << 20


@dataclass(frozen=True)
class Goal:
    """A figure of the plan: what must be reached, what shall be, and what was."""

    what: str
    least: float
    wanted: float
    reached: float | None
    unit: str = "×"
    #: the figure is an upper limit
    at_most: bool = False

    def row(self) -> str:
        compare = "≤" if self.at_most else "≥"
        if self.reached is None:
            verdict, reached = "not measured", "–"
        else:
            sign = -1 if self.at_most else 1
            done = [sign * self.reached >= sign * limit for limit in (self.least, self.wanted)]
            verdict = "both" if all(done) else "the first" if done[0] else "**missed**"
            reached = f"{self.reached:.2f}"
        limits = f"{compare} {self.least:g} | {compare} {self.wanted:g}"
        return f"| {self.what} | {limits} | {reached} {self.unit} | {verdict} |"


def faster(table: Table, who: str, than: str) -> float | None:
    """How many times as fast: the ratio of the medians, None where one did not run."""
    if who not in table.runs or than not in table.runs:
        return None
    return table.seconds(than) / table.seconds(who)


def goals_table(goals: Iterable[Goal]) -> list[str]:
    rows = [goal.row() for goal in goals]
    return ["| figure | at least | wanted | reached | |", "|---|---:|---:|---:|---|", *rows, ""] if rows else []


def rate_table(table: Table, unit: str = "messages/s") -> list[str]:
    """Fastest first; for groups of many items."""

    def row(name: str) -> str:
        rates = [table.count / run.seconds for run in table.runs[name]]
        cpu = table.median(name, lambda run: run.cpu) / table.count * 1e6
        digits = 1 if statistics.median(rates) < 100 else 0
        return f"| {name} | {spread(rates, digits)} | {cpu:.0f} | {_memory(table, name, lambda run: run.peak)} |"

    return _table(table, f"| | {unit} | CPU µs each | peak MiB |", row)


def time_table(table: Table) -> list[str]:
    """Fastest first; for single pieces of work."""

    def row(name: str) -> str:
        seconds = spread([run.seconds for run in table.runs[name]], 2)
        cpu = table.median(name, lambda run: run.cpu)
        return f"| {name} | {seconds} | {cpu:.2f} | {_memory(table, name, lambda run: run.growth)} |"

    return _table(table, "| | seconds | CPU seconds | growth MiB |", row)


def _table(table: Table, head: str, row: object) -> list[str]:
    assert callable(row)
    lines = [f"### {table.title}", "", head, "|---|---:|---:|---:|"]
    lines += [row(name) for name in sorted(table.runs, key=table.seconds)]
    lines += [f"| {name} | – | – | {reason} |" for name, reason in table.missing.items()]
    return [*lines, ""]


def _memory(table: Table, name: str, of: object) -> str:
    assert callable(of)
    value = table.median(name, of)
    return f"{value / MIB:.1f}" if any(run != Run(run.seconds, run.cpu) for run in table.runs[name]) else "–"


def spread(values: list[float], digits: int = 0) -> str:
    """Median (lowest–highest)."""
    low, middle, high = (f"{f(values):.{digits}f}" for f in (min, statistics.median, max))
    return middle if len(values) == 1 else f"{middle} ({low}–{high})"


# -- the machine --------------------------------------------------------------------------------------


def machine() -> list[str]:
    """Processor, system and versions, without names and paths."""
    system = platform.system()
    with contextlib.suppress(OSError):
        system = platform.freedesktop_os_release().get("PRETTY_NAME", system)
    lines = [
        f"* {_processor()}, {os.cpu_count()} cores; {system}, {platform.system()} {platform.release().split('-')[0]}",
        f"* {platform.python_implementation()} {platform.python_version()}",
    ]
    versions = [name for name in map(_package, ("aiosmtplib", "redmail")) if name]
    versions += [line for line in (_output("postconf", "-dh", "mail_version"), _output("curl", "--version")) if line]
    return [*lines, f"* peers: {'; '.join(versions) or 'the standard library alone'}"]


def _processor() -> str:
    with contextlib.suppress(OSError), open("/proc/cpuinfo", encoding="utf-8") as info:
        for line in info:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _package(name: str) -> str:
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        return f"{name} {importlib.metadata.version(name)}"
    return ""


def _output(name: str, *options: str) -> str:
    with contextlib.suppress(Missing, OSError):
        done = subprocess.run([find_program(name), *options], capture_output=True, text=True)
        first = (done.stdout.splitlines() or [""])[0]
        return f"Postfix {first}" if name == "postconf" else " ".join(first.split()[:2])
    return ""
