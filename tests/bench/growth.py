"""`python -m tests.bench.growth [--svg FILE]`: how cost grows with messages, recipients and bytes: a table and a plot.

Each point is a run in a process of its own, and the best of a few: what else runs on the machine only adds.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import samples
from .measuring import Contender, Run, kept_awake, ours
from .plotting import Line, Panel, plot
from .report import MIB, machine
from .servers import sink

NOTES = """\
Seconds from the opening of the session to its goodbye, to smtp-sink on the same machine. Asynchronous: each mail is
synced to the disk before the call returns, then sent over four connections, and what became of it is written down; the
syncs of the disk are what the time consists of. Growth is that of the peak of the memory."""
KIB = 1024
SYNCHRONOUS, ASYNCHRONOUS = "synchronous", "asynchronous"
MESSAGES = (10, 30, 100, 300, 1000, 3000, 10_000)
RECIPIENTS = (1, 3, 10, 30, 100, 300, 1000)
SIZES = (KIB, 10 * KIB, 100 * KIB, MIB, 10 * MIB, 100 * MIB, 1024 * MIB)
_BEST_OF = 3


@dataclass(frozen=True)
class Curve:
    """One quantity that grows, and the runs for each of its values in each mode."""

    title: str
    unit: str
    points: Sequence[int]
    make: Callable[[str, int], Contender]

    def name(self, point: int) -> str:
        if self.unit != "bytes":
            return f"{point:,}"
        return f"{point // MIB:,} MiB" if point >= MIB else f"{point // KIB} KiB"


def curves(port: int, scratch: Path) -> list[Curve]:
    source = scratch / "small.eml"
    source.write_bytes(samples.small_source())
    common = {"port": port, "path": str(source)}

    def small(mode: str, **more: int) -> Contender:
        if mode == SYNCHRONOUS:
            return ours("wlemail_send", **common, **more)
        return ours("wlemail_asynchronous", scratch=str(scratch), connections=4, **common, **more)

    def large(mode: str, size: int) -> Contender:
        path = scratch / f"{size}.bin"
        if not path.exists():
            path.write_bytes(b"")
            with path.open("wb") as file:
                for piece in _pieces(size):
                    file.write(piece)
        if mode == SYNCHRONOUS:
            return ours("wlemail_large", port=port, path=str(path), recipient=samples.RECIPIENT)
        return ours("wlemail_large_asynchronous", port=port, path=str(path), scratch=str(scratch))

    return [
        Curve("messages of 2 KiB", "messages", MESSAGES, lambda mode, n: small(mode, count=n)),
        Curve("recipients of each of 10 messages", "recipients", RECIPIENTS,
              lambda mode, n: small(mode, count=10, recipients=n)),
        Curve("size of an attachment", "bytes", SIZES, large),
    ]  # fmt: skip


def _pieces(size: int) -> Iterator[bytes]:
    import random

    for number in range(0, size, MIB):
        yield random.Random(number).randbytes(min(MIB, size - number))


Measured = dict[str, dict[int, Run]]


def measure(curve: Curve, repetitions: int) -> Measured:
    found: Measured = {SYNCHRONOUS: {}, ASYNCHRONOUS: {}}
    for point in curve.points:
        for mode, runs in found.items():
            # The largest take long enough to be steady.
            few = 1 if point in curve.points[-2:] else repetitions
            runs[point] = min((curve.make(mode, point)() for _ in range(few)), key=lambda run: run.seconds)
            print(f"{curve.title}: {curve.name(point)}, {mode}: {runs[point].seconds:.3f} s", file=sys.stderr)
    return found


def table(curve: Curve, found: Mapping[str, Mapping[int, Run]]) -> list[str]:
    head = f"| {curve.title} | synchronous, s | growth, MiB | asynchronous, s | growth, MiB |"
    rows = []
    for point in curve.points:
        cells = [
            f"{found[mode][point].seconds:.3f} | {found[mode][point].growth / MIB:.1f}"
            for mode in (SYNCHRONOUS, ASYNCHRONOUS)
        ]
        rows.append(f"| {curve.name(point)} | {' | '.join(cells)} |")
    return [head, "|---|---:|---:|---:|---:|", *rows, ""]


def panel(curve: Curve, found: Mapping[str, Mapping[int, Run]]) -> Panel:
    lines = [
        Line(mode, [(float(point), run.seconds) for point, run in found[mode].items()])
        for mode in (SYNCHRONOUS, ASYNCHRONOUS)
    ]
    return Panel(curve.title, "seconds", lines, {float(point): curve.name(point) for point in curve.points[::2]})


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth", description=__doc__)
    parser.add_argument("--svg", type=Path, help="where to put the plot")
    parser.add_argument("--repetitions", type=int, default=_BEST_OF, help="of each point (default %(default)s)")
    arguments = parser.parse_args()
    lines = ["# Growth", "", *machine(), "", NOTES, ""]
    panels = []
    with sink() as port, tempfile.TemporaryDirectory(prefix="wlemail-bench-") as scratch, kept_awake():
        for curve in curves(port, Path(scratch)):
            found = measure(curve, arguments.repetitions)
            lines += table(curve, found)
            panels.append(panel(curve, found))
    if arguments.svg:
        arguments.svg.write_text(plot(panels), encoding="utf-8")
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
