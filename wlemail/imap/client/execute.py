"""A command of the program's own, and what the server answers, as lines of text."""

from __future__ import annotations

import re
from typing import NamedTuple

from ...errors import CommandRefused, ControlCharacter, InvalidValue, Unsupported
from ..commands import Command
from ..dialogue import Dialogue
from ..framing import Frame
from ..parsing.status import OK
from ..scanner import Malformed, Scanner
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
    #: what a refusal is as an error; None where it is none
    refusal: CommandRefused | None = None


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
        mailbox.name = _first_name(dialogue, rest)
    last = dialogue.secrets.masked(str(status.reply()))
    refusal = None if status.condition == OK else dialogue.refusal(command, status)
    return Execution(refusal is None, (*pending.lines, last), refusal)


def _first_name(dialogue: Dialogue, arguments: str) -> str:
    """The mailbox that a raw SELECT names."""
    words = Scanner(Frame(arguments.encode("utf-8", "surrogateescape")), utf8=dialogue.connection.mode.utf8)
    try:
        return words.mailbox()[0]
    except Malformed:
        return arguments  # the server has understood it
