"""IDLE (RFC 2177) with a deadline, and NOOP for servers without."""

from __future__ import annotations

import time
from collections.abc import Callable

from .. import commands
from ..connection import Pending
from ..dialogue import Dialogue
from ..parsing.changes import Exists, Expunged, Vanished
from ..parsing.fetch import Fetched
from ..parsing.responses import Response
from .opening import learn_capabilities

#: RFC 2177 3: servers may end an IDLE of 30 minutes; routers forget quiet connections sooner than that.
RENEWED_AFTER = 9 * 60.0
#: Seconds between two NOOPs where there is no IDLE.
POLLED_AFTER = 60.0
# A server that ends each IDLE at once does not know what it is; asking on would be a busy loop.
_MOST_ENDINGS = 3

Clock = Callable[[], float]
CHANGES = (Exists, Expunged, Vanished, Fetched)


def idle(dialogue: Dialogue, seconds: float, *, clock: Clock = time.monotonic) -> list[Response]:
    """Wait until something happens in the selected mailbox, at most so long; what happened, nothing at the deadline.

    EXISTS counts where the number is another than before: some servers repeat it for the sake of the connection."""
    deadline = clock() + seconds
    has_idle = bool(learn_capabilities(dialogue) & {"IDLE", "IMAP4REV2"})
    endings = 0
    while (left := deadline - clock()) > 0:
        if not has_idle or endings >= _MOST_ENDINGS:
            changes = _poll(dialogue, min(left, POLLED_AFTER), clock)
        else:
            began = clock()
            changes = _idle_once(dialogue, min(left, RENEWED_AFTER), clock)
            # Short and without a reason: the server ended it.
            endings = endings + 1 if not changes and clock() - began < 1 < left else 0
        if changes:
            return changes
    return []


def _idle_once(dialogue: Dialogue, seconds: float, clock: Clock) -> list[Response]:
    before = _exists(dialogue)
    command = commands.IDLE._replace(collects=CHANGES)
    dialogue.settle(command)
    pending = dialogue.send(command)
    if dialogue.await_continuation(pending) is None:
        dialogue.check(pending)
        return _changes(pending, before)
    deadline = clock() + seconds
    found: list[Response] = []
    while not found and pending.status is None and (left := deadline - clock()) > 0:
        if not dialogue.pump_within(left):
            break
        found = _changes(pending, before)
    if pending.status is None:
        dialogue.reply(b"DONE", "DONE")
        dialogue.finish(pending)
    dialogue.check(pending)
    return found + _changes(pending, before if not found else -1)


def _poll(dialogue: Dialogue, seconds: float, clock: Clock) -> list[Response]:
    """Keep still for so long, then ask: NOOP tells what has happened (RFC 3501 6.1.2)."""
    before = _exists(dialogue)
    deadline = clock() + seconds
    while (left := deadline - clock()) > 0 and dialogue.pump_within(left):
        pass
    found = _changes(dialogue.ask(commands.NOOP._replace(collects=CHANGES)), before)
    now = _exists(dialogue)
    # What came by itself while nobody asked is known to the mailbox alone.
    return found or ([Exists(now)] if now != before else [])


def _exists(dialogue: Dialogue) -> int:
    mailbox = dialogue.connection.mailbox
    return mailbox.exists if mailbox else 0


def _changes(pending: Pending, before: int) -> list[Response]:
    found = []
    while (response := pending.take()) is not None:
        if not isinstance(response, Exists) or response.count != before:
            found.append(response)
    return found
