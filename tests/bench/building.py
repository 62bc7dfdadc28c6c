"""Building a message: text, HTML and an attachment of 100 KiB, to what is sent."""

from __future__ import annotations

from pathlib import Path

from .measuring import measure, ours, peer
from .report import Goal, faster, rate_table

BUILD_SOURCE, COMPOSE = "**wlemail EmailBuildSource**", "**wlemail, to bytes (as sending does)**"
BASE64, AS_BYTES = "*reference: base64 of the attachment alone*", "EmailMessage.as_bytes (policy SMTP)"


def run(repetitions: int, scratch: Path) -> tuple[list[str], list[Goal]]:
    count = 150
    contenders = {
        BUILD_SOURCE: ours("wlemail_build_source", count=count),
        COMPOSE: ours("wlemail_compose", count=count),
        AS_BYTES: ours("email_message_as_bytes", count=count),
        "MIMEMultipart … as_bytes (compat32)": ours("mime_multipart_as_bytes", count=count),
        "redmail get_message().as_bytes": peer("redmail_get_message", "redmail", count=count),
        BASE64: ours("base64_alone", count=count),
    }
    table = measure("Building text, HTML and an attachment of 100 KiB", contenders, repetitions, count)
    goals = [
        goal
        for name in (BUILD_SOURCE, COMPOSE)
        for goal in (
            Goal(f"{name.strip('*')} to base64 alone", 0.75, 0.75, faster(table, name, BASE64)),
            Goal(f"{name.strip('*')} to EmailMessage.as_bytes", 8, 8, faster(table, name, AS_BYTES)),
        )
    ]
    return rate_table(table), goals
