"""Sending small messages in one session: without latency, and over a wire that is late."""

from __future__ import annotations

from pathlib import Path

from . import samples
from .measuring import Contender, measure, ours, peer, program
from .report import Goal, faster, rate_table
from .servers import HOST, late_wire, sink

SEND, SEND_MESSAGE = "**wlemail EmailSend**", "**wlemail EmailSendMessage**"
SENDMAIL, THEIR_SEND_MESSAGE = "smtplib sendmail", "smtplib send_message"
SOURCE = "Postfix smtp-source (C)"


def without_latency(repetitions: int, scratch: Path) -> tuple[list[str], list[Goal]]:
    count = 2000
    with sink() as port:
        contenders = {
            **_ours_and_smtplib(port, count, scratch),
            SOURCE: _smtp_source(port, count, scratch),
            "curl, one connection (C)": _curl(port, count, scratch),
            "aiosmtplib sendmail": peer("aiosmtplib_sendmail", "aiosmtplib", port=port, count=count),
            "aiosmtplib send_message": peer("aiosmtplib_send_message", "aiosmtplib", port=port, count=count),
            "*reference: bare sockets, one round trip, nothing checked*": ours("bare_sockets", port=port, count=count),
        }
        table = measure(f"{count} messages of 2 KiB in one session, no latency", contenders, repetitions, count)
    goals = [
        Goal("EmailSend to smtplib sendmail, 0 ms", 1.5, 2.0, faster(table, SEND, SENDMAIL)),
        Goal("EmailSend to smtp-source, 0 ms", 1.0, 1.2, faster(table, SEND, SOURCE)),
        Goal(
            "EmailSendMessage to smtplib send_message, 0 ms", 4.5, 6.0, faster(table, SEND_MESSAGE, THEIR_SEND_MESSAGE)
        ),
    ]
    return rate_table(table), goals


def with_latency(repetitions: int, scratch: Path) -> tuple[list[str], list[Goal]]:
    lines: list[str] = []
    goals: list[Goal] = []
    count = 200
    for milliseconds in (20, 50):
        with sink() as far, late_wire(far, milliseconds) as port:
            contenders = _ours_and_smtplib(port, count, scratch)
            title = f"{count} messages of 2 KiB in one session, {milliseconds} ms round trip, connection included"
            # Seconds of waiting do not vary: few repetitions are enough.
            table = measure(title, contenders, min(3, repetitions), count)
        lines += rate_table(table)
        for name, other in ((SEND, SENDMAIL), (SEND_MESSAGE, THEIR_SEND_MESSAGE)):
            what = f"{name.strip('*').removeprefix('wlemail ')} to {other}, {milliseconds} ms"
            goals.append(Goal(what, 1.9, 1.9, faster(table, name, other)))
    return lines, goals


def many_recipients(repetitions: int, scratch: Path) -> tuple[list[str], list[Goal]]:
    count, recipients, milliseconds = 10, 50, 50
    with sink() as far, late_wire(far, milliseconds) as port:
        contenders = _ours_and_smtplib(port, count, scratch, recipients=recipients)
        title = f"{count} messages to {recipients} recipients each in one session, {milliseconds} ms round trip"
        table = measure(title, contenders, min(3, repetitions), count)
    goals = [
        Goal(
            f"{name.strip('*').removeprefix('wlemail ')} to {other}, 50 recipients", 18, 18, faster(table, name, other)
        )
        for name, other in ((SEND, SENDMAIL), (SEND_MESSAGE, THEIR_SEND_MESSAGE))
    ]
    return rate_table(table), goals


def _ours_and_smtplib(port: int, count: int, scratch: Path, **more: int) -> dict[str, Contender]:
    source = scratch / "small.eml"
    source.write_bytes(samples.small_source())
    arguments = {"port": port, "count": count, **more}
    return {
        SEND: ours("wlemail_send", path=str(source), **arguments),
        SEND_MESSAGE: ours("wlemail_send_message", **arguments),
        SENDMAIL: ours("smtplib_sendmail", **arguments),
        THEIR_SEND_MESSAGE: ours("smtplib_send_message", **arguments),
    }


def _smtp_source(port: int, count: int, scratch: Path) -> Contender:
    source = scratch / "small.txt"  # it adds the CR itself
    source.write_bytes(samples.small_source().replace(b"\r\n", b"\n"))
    envelope = ["-f", samples.SENDER, "-t", samples.RECIPIENT]
    return program(["smtp-source", "-4", "-s", "1", "-d", "-m", count, *envelope, "-F", source, f"{HOST}:{port}"])


def _curl(port: int, count: int, scratch: Path) -> Contender:
    source, config = scratch / "small.eml", scratch / "curl.conf"
    one = (
        f'url = "smtp://{HOST}:{port}"\nmail-from = "{samples.SENDER}"\n'
        f'mail-rcpt = "{samples.RECIPIENT}"\nupload-file = "{source}"\nsilent\n'
    )
    config.write_text("next\n".join([one] * count))
    return program(["curl", "-sS", "-K", config])
