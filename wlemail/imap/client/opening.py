"""The beginning and the end of a session: greeting, CAPABILITY, STARTTLS, ID, ENABLE, COMPRESS, LOGOUT."""

from __future__ import annotations

import time
from collections.abc import Mapping

from ...errors import MailError, SessionRefused, StartTLSUnavailable
from .. import commands
from ..commands import Command, Part, Text
from ..compression import DeflatedStream
from ..connection import AUTHENTICATED, NOT_AUTHENTICATED, SELECTED
from ..dialogue import Dialogue
from ..parsing.server import Identity
from ..parsing.status import BYE, NO, OK, PREAUTH, Status

# RFC 2971 3.3: at most 30 fields with names of 30 octets and values of 1024.
_MOST_FIELDS, _LONGEST_NAME, _LONGEST_VALUE = 30, 30, 1024
# Seconds for a goodbye. Nothing depends on it; a line that died in its sleep would be waited for like for any answer,
# ten minutes by default, and that at the end of a program.
_GOODBYE = 5.0


def greet(dialogue: Dialogue) -> bool:
    """Wait for the greeting; whether it says that nobody has to log in (PREAUTH). SessionRefused for BYE."""
    pending = dialogue.connection.expect_greeting()
    status = dialogue.finish(pending).status
    if status is None or status.condition not in (OK, PREAUTH):
        reply = (status or Status("*", NO)).reply()
        dialogue.broken = True
        dialogue.close()
        refusal = SessionRefused(f"the server refuses the session: {reply}", reply)
        refusal.temporary = status is not None and status.condition == BYE
        raise refusal
    return status.condition == PREAUTH


def learn_capabilities(dialogue: Dialogue) -> frozenset[str]:
    """What the server offers: what it has told since it last could change, or what it answers."""
    connection = dialogue.connection
    if connection.capabilities is None:
        dialogue.ask(commands.CAPABILITY)
    if connection.capabilities is None:
        # An OK without an answer: then it offers what everybody has to (RFC 3501 6.1.1).
        connection.capabilities = frozenset({"IMAP4REV1"})
    return connection.capabilities


def start_tls(dialogue: Dialogue) -> None:
    """STARTTLS and the handshake; what the server had said before is forgotten."""
    connection = dialogue.connection
    if connection.state is not NOT_AUTHENTICATED:
        # RFC 9051 7.1.4: a PREAUTH that comes in clear may be there to keep us from TLS.
        raise _no_tls(dialogue, "the server greets with PREAUTH, behind which there is no STARTTLS", None)
    if connection.capabilities is not None and "STARTTLS" not in connection.capabilities:
        raise _no_tls(dialogue, "the server does not offer STARTTLS", None)
    status = dialogue.ask_anyway(commands.STARTTLS).status
    if status is None or status.condition != OK:
        raise _no_tls(dialogue, "the server refuses STARTTLS", status)
    try:
        connection.begin_tls()
        dialogue.stream.start_tls()
    except BaseException as exc:
        dialogue.break_off(exc)
        raise
    if dialogue.trace:
        dialogue.trace.note("TLS is up")


def _no_tls(dialogue: Dialogue, text: str, status: Status | None) -> StartTLSUnavailable:
    reply = status.reply() if status else None
    text = f"{text}: {reply}" if reply else text
    return StartTLSUnavailable(text, host=dialogue.stream.host, port=dialogue.stream.port, reply=reply)


def identify(dialogue: Dialogue, fields: Mapping[str, str]) -> Mapping[str, str]:
    """ID (RFC 2971): tell these fields, and learn the server's; nothing where it does not know ID or refuses it."""
    if "ID" not in learn_capabilities(dialogue):
        return {}
    told: list[Part] = []
    for name, value in list(fields.items())[:_MOST_FIELDS]:
        told += [Text(name[:_LONGEST_NAME], "ID"), Text(value[:_LONGEST_VALUE], "ID")]
    pending = dialogue.ask_anyway(Command("ID", (tuple(told) or b"NIL",), (Identity,)))
    answers = [each for each in pending.arrived if isinstance(each, Identity)]
    return answers[-1].fields if answers else {}


def enable(dialogue: Dialogue, keywords: tuple[str, ...]) -> frozenset[str]:
    """ENABLE (RFC 5161) those that the server offers; all that are enabled by now."""
    offered = learn_capabilities(dialogue)
    # UTF8=ONLY (RFC 6855 6) is enabled by the name of UTF8=ACCEPT.
    known = offered | {"UTF8=ACCEPT"} if "UTF8=ONLY" in offered else offered
    wanted = [each.upper() for each in keywords if each.upper() in known]
    if wanted and offered & {"ENABLE", "IMAP4REV2"}:
        dialogue.ask_anyway(Command("ENABLE", tuple(commands.atom(each, "ENABLE") for each in wanted)))
    return dialogue.connection.enabled


def compress(dialogue: Dialogue) -> bool:
    """COMPRESS=DEFLATE (RFC 4978) where the server has it; whether it is on."""
    if "COMPRESS=DEFLATE" not in learn_capabilities(dialogue) or isinstance(dialogue.stream, DeflatedStream):
        return isinstance(dialogue.stream, DeflatedStream)
    status = dialogue.ask_anyway(commands.COMPRESS).status
    if status is None or status.condition != OK:
        return False
    dialogue.stream = DeflatedStream(dialogue.stream, dialogue.connection.begin_compression())
    if dialogue.trace:
        dialogue.trace.note("compression is on")
    return True


def logout(dialogue: Dialogue) -> None:
    """Say goodbye, where the dialogue allows it, and close; never fails, and never waits for long.

    Not where a command is under way whose answer somebody wants: it may take its time."""
    connection = dialogue.connection
    wanted = any(not pending.dropped for pending in connection.in_flight.values())
    if connection.state in (NOT_AUTHENTICATED, AUTHENTICATED, SELECTED) and not wanted:
        try:
            dialogue.broken = not _said_goodbye(dialogue)
        except MailError:
            pass  # gone before it could answer
    dialogue.close()


def _said_goodbye(dialogue: Dialogue) -> bool:
    """LOGOUT behind what is under way; whether it was answered in time."""
    deadline = time.monotonic() + _GOODBYE
    connection = dialogue.connection
    pending = None
    while pending is None or pending.status is None:
        if pending is None and not connection.in_flight:
            pending = dialogue.send(commands.LOGOUT)
        left = deadline - time.monotonic()
        if left <= 0 or not dialogue.pump_within(left):
            return False
    return True
