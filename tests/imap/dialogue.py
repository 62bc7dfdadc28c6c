"""Clients in the middle of a scripted session."""

from __future__ import annotations

from typing import Literal

from tests.support.scripted import ScriptedStream
from wlemail.imap.client import Client

#: what the commands of the tests need, without what would change their form
OFFERS = "IMAP4rev1 UIDPLUS MOVE IDLE UNSELECT ENABLE ID NAMESPACE"


def logged_in(
    dialogue: str, offers: str = OFFERS, *, reading: Literal["whole", "bytes"] = "whole"
) -> tuple[Client, ScriptedStream]:
    """A client behind the greeting of a server that wants no login; its first tag is W1."""
    stream = ScriptedStream(f"S: * PREAUTH [CAPABILITY {offers}] hi\n{dialogue}", reading=reading, port=143)
    client = Client(stream)
    client.greet()
    return client, stream


def selected(
    dialogue: str, offers: str = OFFERS, *, reading: Literal["whole", "bytes"] = "whole"
) -> tuple[Client, ScriptedStream]:
    """A client with INBOX selected, 3 messages, UIDVALIDITY 1; its next tag is W2."""
    client, stream = logged_in(
        f'C: W1 SELECT "INBOX"\nS: * 3 EXISTS\nS: * OK [UIDVALIDITY 1] x\nS: W1 OK [READ-WRITE] in\n{dialogue}',
        offers,
        reading=reading,
    )
    client.select("INBOX")
    return client, stream
