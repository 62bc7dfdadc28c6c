"""The outbox: handing mail over, and delivering it over a wire that is late."""

from __future__ import annotations

from pathlib import Path

from . import samples
from .measuring import measure, ours
from .report import Goal, faster, rate_table
from .sending import SENDMAIL
from .servers import late_wire, sink

ONE, FOUR = "**wlemail EmailSend, asynchronous**", "**wlemail EmailSend, asynchronous, four connections**"
SYNCHRONOUS = "wlemail EmailSend, synchronous"
HAND_OVER, BARE = "**wlemail EmailSend, handing over alone**", "*reference: SQLite, a row and a sync for each*"


def run(repetitions: int, scratch: Path) -> tuple[list[str], list[Goal]]:
    source = scratch / "small.eml"
    source.write_bytes(samples.small_source())
    lines: list[str] = []
    goals: list[Goal] = []
    count = 200
    with sink() as far, late_wire(far, 50) as port:
        sending = {"port": port, "count": count, "path": str(source)}
        contenders = {
            ONE: ours("wlemail_asynchronous", scratch=str(scratch), connections=1, **sending),
            FOUR: ours("wlemail_asynchronous", scratch=str(scratch), connections=4, **sending),
            SYNCHRONOUS: ours("wlemail_send", **sending),
            SENDMAIL: ours("smtplib_sendmail", port=port, count=count),
        }
        title = f"{count} messages of 2 KiB, 50 ms round trip, from the opening to the last reply and the goodbye"
        table = measure(title, contenders, min(3, repetitions), count)
    lines += rate_table(table)
    goals += [
        Goal("asynchronous EmailSend to smtplib sendmail, 50 ms", 3.6, 3.6, faster(table, ONE, SENDMAIL)),
        Goal("the same with four connections", 13, 13, faster(table, FOUR, SENDMAIL)),
    ]
    count = 1000
    with sink() as port:
        arguments = {"count": count, "scratch": str(scratch)}
        contenders = {
            HAND_OVER: ours("wlemail_hand_over", port=port, path=str(source), **arguments),
            BARE: ours("sqlite_insert_and_sync", **arguments),
        }
        title = f"{count} messages of 2 KiB handed to the outbox, each on the disk before the next"
        table = measure(title, contenders, repetitions, count)
    lines += rate_table(table)
    goals.append(Goal("handing over to bare SQLite with as many syncs", 0.5, 0.5, faster(table, HAND_OVER, BARE)))
    count = 1000
    with sink() as port:
        sending = {"port": port, "count": count, "path": str(source)}
        contenders = {
            ONE: ours("wlemail_asynchronous", scratch=str(scratch), connections=1, **sending),
            SYNCHRONOUS: ours("wlemail_send", **sending),
            SENDMAIL: ours("smtplib_sendmail", port=port, count=count),
        }
        title = f"{count} messages of 2 KiB through the outbox, no latency: what the disk costs"
        table = measure(title, contenders, min(3, repetitions), count)
    return [*lines, *rate_table(table)], goals
