"""A command of the program's own, and what the server answers, as lines of text."""

from __future__ import annotations

import re
from typing import NamedTuple

from ...errors import ControlCharacter, InvalidValue, Unsupported
from ..commands import Command
from ..dialogue import Dialogue
from ..parsing.status import OK
from .fetch import LARGEST_MESSAGE

_VERB = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_LITERAL = re.compile(r"\{\d*\+?\}\Z")
# They change what the connection is, or wait for what a line of text cannot say.
_NOT_AS_TEXT = ("STARTTLS", "COMPRESS", "AUTHENTICATE", "LOGIN", "IDLE", "LOGOUT")


class Execution(NamedTuple):
    """What a command has come to."""

    ok: bool
    #: all lines of the answer as they came, the last one without its tag
    lines: tuple[str, ...]


def execute(dialogue: Dialogue, line: str) -> Execution:
    """Send a line without tag; CR, LF and NUL in it are refused, and what would not end by itself.

    Octets beyond ASCII go as UTF-8. A refusal is an answer like any other."""
    if re.search("[\r\n\0]", line):
        raise ControlCharacter("command", "CR, LF or NUL in an IMAP command")
    verb, _, rest = line.strip(" ").partition(" ")
    if not _VERB.fullmatch(verb) or _LITERAL.search(line):
        raise InvalidValue("command", "not a command of IMAP in one line", line)
    if verb.upper() in _NOT_AS_TEXT:
        raise Unsupported(f"{verb.upper()} as text", "it changes the connection itself")
    parts = (rest.encode("utf-8", "surrogateescape"),) if rest else ()
    command = Command(verb.upper(), parts, raw=True, literal_limit=LARGEST_MESSAGE)
    dialogue.settle(command)
    pending = dialogue.send(command)
    while dialogue.await_continuation(pending) is not None:
        dialogue.reply(b"", "")  # whatever it wants, there is no more
    status = pending.status
    if status is None:
        raise AssertionError("no continuation is awaited after the end only")
    mailbox = dialogue.connection.mailbox
    if mailbox is not None and not mailbox.name:
        mailbox.name = rest.strip('"')
    last = str(status.reply())
    return Execution(status.condition == OK, (*pending.lines, dialogue.secrets.masked(last)))
