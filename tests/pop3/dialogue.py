"""A client at the point where a dialogue becomes interesting."""

from __future__ import annotations

from typing import Any, Literal

from tests.support.scripted import ScriptedStream
from wlemail.pop3.client import Client

GREETING = "S: +OK ready\n"
USER = "C: USER lea\nS: +OK\nC: PASS secret\nS: +OK in\n"
GROUP = ("PIPELINING", "TOP", "UIDL")


def capa(*offers: str) -> str:
    """The dialogue of CAPA with a server that offers this; with nothing at all it knows no CAPA."""
    if not offers:
        return "C: CAPA\nS: -ERR what?\n"
    lines = "".join(f"S: {offer}\n" for offer in offers)
    return f"C: CAPA\nS: +OK\n{lines}S: .\n"


def greeted(
    dialogue: str,
    *offers: str,
    greeting: str = GREETING,
    secure: bool = False,
    loopback: bool = False,
    reading: Literal["whole", "bytes"] = "whole",
    **options: Any,
) -> tuple[Client, ScriptedStream]:
    """A client that has greeted a server which offers this; the dialogue goes on as written."""
    stream = ScriptedStream(
        greeting + capa(*offers) + dialogue, reading=reading, is_secure=secure, is_loopback=loopback, port=110
    )
    client = Client(stream, **options)
    client.greet()
    client.hello()
    stream.round_trips = 0
    stream.writes.clear()
    return client, stream


def in_mailbox(
    dialogue: str, *offers: str, reading: Literal["whole", "bytes"] = "whole", **options: Any
) -> tuple[Client, ScriptedStream]:
    """A client that has logged in."""
    client, stream = greeted(USER + dialogue, *offers, reading=reading, **options)
    client.authenticate("lea", "secret")
    stream.round_trips = 0
    stream.writes.clear()
    return client, stream
