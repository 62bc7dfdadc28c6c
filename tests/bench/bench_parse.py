"""`python -m tests.bench.bench_parse`: reading messages, side by side with Python's `email` (policy.default).

Both read what a mail program shows: addresses, subject, date, text, HTML and the contents of attachments. They take
turns within one process, message set by message set; the ratio of a turn compares neighbours in time.
"""

from __future__ import annotations

import argparse
import base64
import email.parser
import email.policy
import random
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from email.message import EmailMessage

from wlemail.mail.absorb import absorb

WORDS = "the plan for next week has some open points about travel costs and a new budget for the quarter".split()
PEOPLE = ["Alice Liddell", "Jürgen Müller", "Zoë Brontë", "Ops Team", "山田太郎"]
HEADERS = ("From", "To", "Cc", "Subject", "Date", "Message-ID")
LARGE = 30_000_000
_PARSER = email.parser.BytesParser(policy=email.policy.default)

Reading = Callable[[bytes], object]


def ours(source: bytes) -> object:
    mail = absorb(source)
    shown = (mail.sender, mail.to, mail.cc, mail.subject, mail.date, mail.message_id, mail.text, mail.html)
    return shown, [(one.name, one.content) for one in mail.attachments]


def theirs(source: bytes) -> object:
    message = _PARSER.parsebytes(source)
    assert isinstance(message, EmailMessage)
    shown = [str(message[name]) for name in HEADERS]
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        shown.append(body.get_content() if body is not None else "")
    return shown, [(part.get_filename(), part.get_content()) for part in message.iter_attachments()]


# -- what is read -----------------------------------------------------------------------------------


def message(number: int, size: int, attachment: int = 0) -> bytes:
    """A message with about `size` bytes of header and text, every other with HTML, and an attachment."""
    chance = random.Random(number)
    made = EmailMessage(policy=email.policy.SMTP)
    for hop in range(3):
        made["Received"] = (
            f"from relay{hop}.example.test (relay{hop}.example.test [192.0.2.{hop}]) by mx{hop}.example.test "
            f"with ESMTPS id {number:08x}{hop}; Mon, 06 Jan 2025 10:00:0{hop} +0000"
        )
    made["From"] = f"{PEOPLE[number % len(PEOPLE)]} <sender{number}@example.test>"
    made["To"] = "Alice <alice@example.test>, bob@example.test"
    made["Subject"] = " ".join(chance.choices(WORDS, k=6)) + (" – n° 1" if number % 3 == 0 else "")
    made["Date"] = "Mon, 06 Jan 2025 10:00:00 +0000"
    made["Message-ID"] = f"<{number}@example.test>"
    room = size - 1000
    if number % 2:
        made.set_content(_text(chance, room // 2))
        made.add_alternative(f"<html><body><p>{_text(chance, room // 2)}é</p></body></html>", subtype="html")
    else:
        made.set_content(_text(chance, room))
    if attachment:
        made.add_attachment(chance.randbytes(attachment), "application", "pdf", filename="report.pdf")
    return made.as_bytes()


def _text(chance: random.Random, size: int) -> str:
    return "".join(" ".join(chance.choices(WORDS, k=11)) + "\n" for _ in range(size // 55))


# -- measuring --------------------------------------------------------------------------------------


def rate(read: Reading, sources: Sequence[bytes]) -> float:
    """Messages in a second."""
    began = time.perf_counter()
    for source in sources:
        read(source)
    return len(sources) / (time.perf_counter() - began)


def compare(name: str, sources: Sequence[bytes], turns: int, wanted: float) -> bool:
    rates = [(rate(ours, sources), rate(theirs, sources)) for _ in range(turns)]
    our_rate, their_rate = (statistics.median(column) for column in zip(*rates, strict=True))
    ratio = statistics.median(one / other for one, other in rates)
    print(f"{name}: {our_rate:,.0f}/s to {their_rate:,.0f}/s: {ratio:.1f} × (wanted: {wanted:g} ×)")
    return ratio >= wanted


def memory(wanted: float) -> bool:
    """What reading an attachment costs beyond the message itself, in sizes of the attachment."""
    rows = base64.encodebytes(bytes(LARGE)).replace(b"\n", b"\r\n")
    source = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\nContent-Type: application/pdf\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + rows + b"--b--\r\n"
    )
    del rows
    absorb(source[:1000]).attachments  # noqa: B018 - what is loaded once
    tracemalloc.start()
    content = absorb(source).attachments[0].content
    peak = tracemalloc.get_traced_memory()[1] / LARGE
    tracemalloc.stop()
    print(f"an attachment of 30 MB: {peak:.2f} × its size (wanted: at most {wanted:g} ×)")
    return len(content) == LARGE and peak <= wanted


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_parse", description=__doc__)
    parser.add_argument("--turns", type=int, default=9, help="of each reader (default %(default)s)")
    turns = parser.parse_args().turns
    reached = [
        compare("messages of 4 KiB", [message(number, 4096) for number in range(100)], turns, 10),
        compare("messages with 100 KiB attached", [message(n, 4096, 102_400) for n in range(20)], turns, 10),
        memory(1.4),
    ]
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
