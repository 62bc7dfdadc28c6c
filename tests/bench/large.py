"""One message with a large attachment: the time, and how far it raises the peak of the memory."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from . import samples
from .measuring import Contender, Missing, Table, measure, ours
from .report import MIB, Goal, faster, time_table
from .servers import Account, postfix, sink

OURS, BARE, THEIRS = (
    "**wlemail EmailSendMessage**",
    "*reference: base64 in steps into a bare socket*",
    "smtplib, EmailMessage",
)
_LIMIT_MIB = 24.0


def run(repetitions: int, scratch: Path) -> tuple[list[str], list[Goal]]:
    lines: list[str] = []
    goals: list[Goal] = []
    repetitions = min(5, repetitions)
    hundred, thousand = _file(scratch, 100), _file(scratch, 1024)
    with sink() as port:
        account = Account(port, samples.RECIPIENT)
        tables = [
            measure("An attachment of 100 MiB to smtp-sink", _contenders(account, hundred, peers=True), repetitions),
            measure("An attachment of 1 GiB to smtp-sink", _contenders(account, thousand), min(3, repetitions)),
        ]
    try:
        with postfix(scratch) as account:
            tables.append(measure("An attachment of 100 MiB to Postfix", _contenders(account, hundred), repetitions))
    except Missing as reason:
        lines += [f"Postfix is left out: {reason}", ""]
    for table in tables:
        lines += time_table(table)
        goals += _goals(table)
    return lines, goals


def _contenders(account: Account, path: Path, *, peers: bool = False) -> dict[str, Contender]:
    arguments = {**asdict(account), "path": str(path)}
    contenders = {OURS: ours("wlemail_large", **arguments), BARE: ours("bare_socket_large", **arguments)}
    return {**contenders, THEIRS: ours("smtplib_large", **arguments)} if peers else contenders


def _goals(table: Table) -> list[Goal]:
    ratio = faster(table, BARE, OURS)
    growth = table.median(OURS, lambda run: run.growth) / MIB if OURS in table.runs else None
    return [
        Goal(f"{table.title}: time, of base64 into a bare socket", 1.25, 1.25, ratio, at_most=True),
        Goal(f"{table.title}: growth", _LIMIT_MIB, _LIMIT_MIB, growth, "MiB", at_most=True),
    ]


def _file(scratch: Path, size: int) -> Path:
    """A file of so many MiB, each of which is different."""
    import random

    path = scratch / f"{size}.bin"
    with path.open("wb") as file:
        for number in range(size):
            file.write(random.Random(number).randbytes(MIB))
    return path
