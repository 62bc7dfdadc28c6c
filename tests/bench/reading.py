"""Reading messages, side by side with Python's `email` (policy.default): all that a mail program shows, decoded."""

from __future__ import annotations

import base64
import random
from email.message import EmailMessage
from pathlib import Path

from .measuring import Table, measure, ours
from .report import Goal, faster, rate_table, time_table

OURS, THEIRS = "**wlemail, what EmailReadNext reads by**", "email, policy.default"
#: bytes of the attachment whose memory is looked at
LARGE = 30_000_000

_WORDS = "the plan for next week has some open points about travel costs and a new budget for the quarter".split()
_PEOPLE = ["Alice Liddell", "Jürgen Müller", "Zoë Brontë", "Ops Team", "山田太郎"]


def run(repetitions: int, scratch: Path) -> tuple[list[str], list[Goal]]:
    lines: list[str] = []
    goals: list[Goal] = []
    for title, attachment, count in (("4 KiB", 0, 400), ("4 KiB with 100 KiB attached", 102_400, 200)):
        contenders = {
            OURS: ours("wlemail_absorb", attachment=attachment, count=count),
            THEIRS: ours("email_parse", attachment=attachment, count=count),
        }
        table = measure(
            f"Reading messages of {title}: addresses, subject, date, text, HTML, attachments",
            contenders, repetitions, count,
        )  # fmt: skip
        lines += rate_table(table)
        goals.append(Goal(f"reading messages of {title}, to email", 10, 10, faster(table, OURS, THEIRS)))
    large = measure("Reading an attachment of 30 MB", {OURS: ours("wlemail_absorb_large")}, 1)
    return [*lines, *time_table(large)], [*goals, _memory_goal(large)]


def _memory_goal(table: Table) -> Goal:
    """What is held beyond the message itself, in sizes of the attachment."""
    reached = table.median(OURS, lambda run: run.growth) / LARGE if OURS in table.runs else None
    return Goal("memory for an attachment of 30 MB, of its size", 1.4, 1.4, reached, at_most=True)


# -- what is read -----------------------------------------------------------------------------------


def messages(count: int) -> list[bytes]:
    """So many different messages of 4 KiB, as mailboxes have them."""
    return [message(number) for number in range(count)]


def message(number: int, attachment: int = 0) -> bytes:
    """A message with about 4 KiB of header and text, every other with HTML, and an attachment of so many bytes."""
    chance = random.Random(number)
    made = EmailMessage()
    for hop in range(3):
        made["Received"] = (
            f"from relay{hop}.example.test (relay{hop}.example.test [192.0.2.{hop}]) by mx{hop}.example.test "
            f"with ESMTPS id {number:08x}{hop}; Mon, 06 Jan 2025 10:00:0{hop} +0000"
        )
    made["From"] = f"{_PEOPLE[number % len(_PEOPLE)]} <sender{number}@example.test>"
    made["To"] = "Alice <alice@example.test>, bob@example.test"
    made["Subject"] = " ".join(chance.choices(_WORDS, k=6)) + (" – n° 1" if number % 3 == 0 else "")
    made["Date"] = "Mon, 06 Jan 2025 10:00:00 +0000"
    made["Message-ID"] = f"<{number}@example.test>"
    room = 3096
    if number % 2:
        made.set_content(_text(chance, room // 2))
        made.add_alternative(f"<html><body><p>{_text(chance, room // 2)}é</p></body></html>", subtype="html")
    else:
        made.set_content(_text(chance, room))
    if attachment:
        made.add_attachment(chance.randbytes(attachment), "application", "pdf", filename="report.pdf")
    return made.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _text(chance: random.Random, size: int) -> str:
    return "".join(" ".join(chance.choices(_WORDS, k=11)) + "\n" for _ in range(size // 55))


def message_with_large_attachment() -> bytes:
    rows = base64.encodebytes(bytes(LARGE)).replace(b"\n", b"\r\n")
    return (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\nContent-Type: application/pdf\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + rows + b"--b--\r\n"
    )
