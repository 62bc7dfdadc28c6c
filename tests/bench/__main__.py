"""`python -m tests.bench [group…]`, from the top of the checkout: measure and print Markdown."""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from . import building, folders, importing, large, queueing, reading, sending, walking
from .measuring import STEADINESS, Missing, kept_awake
from .report import Goal, goals_table, machine

Group = Callable[[int, Path], tuple[list[str], list[Goal]]]
GROUPS: dict[str, Group] = {
    "import": importing.run,
    "smtp": sending.without_latency,
    "latency": sending.with_latency,
    "recipients": sending.many_recipients,
    "build": building.run,
    "large": large.run,
    "parse": reading.run,
    "pop3": walking.run,
    "imap": folders.run,
    "outbox": queueing.run,
}

NOTES = """\
Median (lowest–highest). The contenders take turns, each in a process of its own; ratios are those of the medians.
Servers run on the same cores. CPU is the contender's own. Rows in italics are no products: they show what the machine
and the protocol allow. Time is counted from the connection to the goodbye, without imports; for programs in C it is
that of the whole process. What is not installed is left out and named."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("group", nargs="*", help=f"of {', '.join(GROUPS)}; all where none is named")
    parser.add_argument("--repetitions", type=int, default=7, help="of each contender (default %(default)s)")
    parser.add_argument("--drowsy", action="store_true", help="do not keep the processors awake (see the README)")
    arguments = parser.parse_args()
    unknown = [group for group in arguments.group if group not in GROUPS]
    if unknown:
        parser.error(f"no such group: {', '.join(unknown)}")
    began = time.monotonic()
    lines: list[str] = []
    goals: list[Goal] = []
    for name in arguments.group or GROUPS:
        awake = contextlib.nullcontext() if arguments.drowsy else kept_awake()
        with awake, tempfile.TemporaryDirectory(prefix="wlemail-bench-") as scratch:
            try:
                tables, reached = GROUPS[name](arguments.repetitions, Path(scratch))
            except Missing as reason:
                tables, reached = [f"The group {name} is left out: {reason}", ""], []
        lines += tables
        goals += reached
    head = [
        f"* {time.strftime('%Y-%m-%d')}, {time.monotonic() - began:.0f} s; {arguments.repetitions} repetitions unless "
        f"few are enough; put off by {STEADINESS.waited:.0f} s in all while others used the machine "
        f"({STEADINESS.started_all_the_same} runs started all the same); processors "
        f"{'left to themselves' if arguments.drowsy else 'kept awake'}",
        *machine(),
        "",
    ]
    print("\n".join(["# Benchmarks", "", *head, NOTES, "", *goals_table(goals), *lines]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
