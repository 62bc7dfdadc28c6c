"""What is sent and built: the same for every contender."""

from __future__ import annotations

SENDER, RECIPIENT = "sender@example.test", "alice@example.test"
SUBJECT = "A short message"
_LINE = "The quick brown fox jumps over the lazy dog, again and again and again.\r\n"

_SMALL_SIZE = 2048
_SMALL_HEAD = (
    f"From: Sender <{SENDER}>\r\nTo: <{RECIPIENT}>\r\nSubject: {SUBJECT}\r\n"
    "Date: Mon, 06 Jan 2025 10:00:00 +0000\r\nMessage-ID: <1@example.test>\r\n"
    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: 7bit\r\n\r\n"
)


def small_text() -> str:
    """The text of a message that has 2 KiB in all."""
    size = _SMALL_SIZE - len(_SMALL_HEAD)
    return (_LINE * 40)[: size - 2] + "\r\n"


def small_source() -> bytes:
    """The whole message of 2 KiB, as it is sent."""
    return (_SMALL_HEAD + small_text()).encode()


def recipients(count: int) -> list[str]:
    return [f"reader{number}@example.test" for number in range(count)]


# -- a message with everything ------------------------------------------------------------------------

TEXT = "Dear reader,\n\n" + "This is a line of the text of an ordinary message.\n" * 20
HTML = "<html><body><h1>Dear reader</h1>" + "<p>An ordinary paragraph.</p>\n" * 20 + "</body></html>"
REPORT_SENDER = "Zoë Sender <sender@example.test>"
REPORT_RECIPIENTS = ["Alice <alice@example.test>", "Bob <bob@example.test>"]
REPORT_SUBJECT = "Quarterly report – draft"
REPORT_NAME = "report.pdf"


def report() -> bytes:
    """100 KiB that no program could compress."""
    import random

    return random.Random(1).randbytes(100 * 1024)
