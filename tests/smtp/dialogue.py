"""A client at the point where a dialogue becomes interesting."""

from __future__ import annotations

from typing import Any, Literal

from tests.support.scripted import ScriptedStream
from wlemail.smtp.client import Client
from wlemail.smtp.envelope import Envelope

SENDER = "sender@example.com"
ENVELOPE = Envelope(SENDER, ("one@example.org",))
THREE = Envelope(SENDER, ("one@example.org", "two@example.org", "three@example.org"))
MESSAGE = b"Subject: hello\r\n\r\ntext\r\n"


def hello(*offers: str) -> str:
    """The dialogue up to a server that offers this."""
    lines = ["mail.example.com", *offers]
    answer = "\n".join(f"S: 250{'-' if i + 1 < len(lines) else ' '}{line}" for i, line in enumerate(lines))
    return f"S: 220 ready\nC: EHLO [127.0.0.1]\n{answer}\n"


def open_client(
    dialogue: str, *offers: str, secure: bool = False, reading: Literal["whole", "bytes"] = "whole", **options: Any
) -> tuple[Client, ScriptedStream]:
    """A client that has greeted a server which offers this; the dialogue goes on as written."""
    stream = ScriptedStream(hello(*offers) + dialogue, reading=reading, is_secure=secure)
    client = Client(stream, **options)
    client.greet()
    client.hello()
    stream.round_trips = 0
    stream.writes.clear()
    return client, stream
