"""Contenders that take turns, each run in a process of its own, and what came of it."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
#: no single run takes that long, in seconds
LONGEST_RUN = 600


class Missing(Exception):
    """A contender cannot run here; the message says why."""


@dataclass(frozen=True)
class Run:
    """One run of one contender: wall time and its own processor time in seconds, memory in bytes (0: not looked at)."""

    seconds: float
    cpu: float
    peak: int = 0
    growth: int = 0


Contender = Callable[[], Run]


@dataclass
class Table:
    """What one group measured: contender -> its runs, and why others did not run."""

    title: str
    #: how many items (messages) a run does
    count: int = 1
    runs: dict[str, list[Run]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def median(self, name: str, what: Callable[[Run], float]) -> float:
        return statistics.median(map(what, self.runs[name]))

    def seconds(self, name: str) -> float:
        return self.median(name, lambda run: run.seconds)


# -- contenders ---------------------------------------------------------------------------------------


def ours(work: str, **arguments: object) -> Contender:
    """A contender of work.py."""
    return peer(work, "", **arguments)


def peer(work: str, needs: str, **arguments: object) -> Contender:
    """A contender of work.py that needs a package from elsewhere."""

    def run() -> Run:
        if needs and importlib.util.find_spec(needs) is None:
            raise Missing(f"{needs} is not installed")
        argv = [sys.executable, "-m", "tests.bench.work", work, json.dumps(arguments)]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=LONGEST_RUN, cwd=CHECKOUT)
        if done.returncode:
            raise Missing("failed: " + (done.stderr.strip().splitlines() or ["no output"])[-1])
        return Run(**json.loads(done.stdout.splitlines()[-1]))

    return run


def program(argv: Sequence[object]) -> Contender:
    """A program, from its start to its end."""

    def run() -> Run:
        found = find_program(str(argv[0]))
        began = time.perf_counter()
        child = subprocess.Popen(
            [found, *map(str, argv[1:])],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert child.stderr is not None
        problems = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            last = (problems.decode(errors="replace").strip().splitlines() or ["no output"])[-1]
            raise Missing(f"failed: {last[:100]}")
        return Run(seconds, usage.ru_utime + usage.ru_stime)

    return run


def find_program(name: str) -> str:
    # Debian keeps servers in sbin, which an ordinary user's PATH does not name.
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if found is None:
        raise Missing(f"{name} is not installed")
    return found


# -- taking turns -------------------------------------------------------------------------------------


def measure(title: str, contenders: Mapping[str, Contender], repetitions: int, count: int = 1) -> Table:
    """Run every contender `repetitions` times: A B C, B C A, … so that what changes on the machine meets them all."""
    table = Table(title, count, {name: [] for name in contenders})
    names = list(contenders)
    for repetition in range(repetitions):
        shift = repetition % len(names)
        for name in names[shift:] + names[:shift]:
            if name in table.missing:
                continue
            STEADINESS.wait()
            try:
                run = contenders[name]()
            except (Missing, subprocess.TimeoutExpired) as reason:
                table.missing[name] = str(reason)
                table.runs.pop(name)
            else:
                table.runs[name].append(run)
                print(f"{title} | {name} | {run.seconds:.3f} s", file=sys.stderr, flush=True)
    return table


class Steadiness:
    """Puts a run off while others use the machine: two programs that take turns need both processors."""

    #: the share of the processors that others may use, and how long to wait for that, in seconds
    ENOUGH = 0.15
    PATIENCE = 30.0
    _LOOK = 0.2

    def __init__(self) -> None:
        self.waited = 0.0
        self.started_all_the_same = 0

    def wait(self) -> None:
        end = time.monotonic() + self.PATIENCE
        while self._busy() > self.ENOUGH:
            self.waited += self._LOOK
            if time.monotonic() > end:
                self.started_all_the_same += 1
                return

    def _busy(self) -> float:
        """The share of the processors' time that is used while we look on; 0 where the system does not tell."""
        before = _processor_times()
        time.sleep(self._LOOK)  # a share of the time needs a time: this is what is measured
        idle, total = (now - then for now, then in zip(_processor_times(), before, strict=True))
        return 1 - idle / total if total else 0.0


def _processor_times() -> tuple[int, int]:
    """Ticks of all processors since the system started (Linux): those that nobody needed, and all."""
    try:
        with open("/proc/stat", encoding="ascii") as stat:
            ticks = [int(field) for field in stat.readline().split()[1:9]]
    except FileNotFoundError:
        return 0, 0
    # user nice system idle iowait irq softirq steal; what is nice gives way, above all what keeps the machine awake.
    return ticks[1] + ticks[3] + ticks[4], sum(ticks)


STEADINESS = Steadiness()


# -- a machine that does not fall asleep --------------------------------------------------------------

_AWAKE = """
import os
os.nice(19)
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
os.sched_setaffinity(0, {%d})
while True:
    pass
"""


@contextlib.contextmanager
def kept_awake() -> Iterator[None]:
    """Give each processor something to do that anything else interrupts (Linux).

    Client and server take turns and sleep in between for microseconds. A virtual machine, or a processor that saves
    power, takes longer than that to come back, more and less from one minute to the next."""
    processors = os.cpu_count() or 1 if hasattr(os, "SCHED_IDLE") else 0
    idlers = [subprocess.Popen([sys.executable, "-c", _AWAKE % number]) for number in range(processors)]
    try:
        yield
    finally:
        for idler in idlers:
            idler.kill()
            idler.wait()
