"""What is done to messages: STORE, COPY, MOVE, EXPUNGE, APPEND."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ...errors import MessageTooLarge, ServerReply, Unsupported
from ..commands import Command, Content, Part, date_time, flags
from ..connection import Pending
from ..dialogue import Dialogue, Progress
from ..numbers import NumberSet, number_set, split
from ..parsing.status import AppendedUids, CopiedUids, Status
from .mailboxes import named
from .opening import learn_capabilities

ADD, REMOVE, REPLACE = "+FLAGS.SILENT", "-FLAGS.SILENT", "FLAGS.SILENT"


# -- flags ------------------------------------------------------------------------------------------


def begin_store(dialogue: Dialogue, uids: Iterable[int], how: str, names: Iterable[str]) -> list[Pending]:
    """UID STORE without waiting for its end: it may fly with fetches. `finish_store` looks how it ended."""
    written = flags(names)
    sent = []
    for numbers in split(number_set(uids)):
        command = Command("UID STORE", (str(numbers).encode(), how.encode(), written), alone=False)
        dialogue.settle(command)
        sent.append(dialogue.send(command))
    return sent


def finish_store(dialogue: Dialogue, sent: Iterable[Pending]) -> None:
    """Wait for the end of these; CommandRefused for the first that was refused, once all have ended."""
    ended = [dialogue.finish(pending) for pending in sent]
    for pending in ended:
        dialogue.check(pending)


def store(
    dialogue: Dialogue, uids: Iterable[int], how: str, names: Iterable[str], *, unchanged_since: int | None = None
) -> NumberSet:
    """UID STORE: ADD, REMOVE or REPLACE flags; the UIDs that were left alone, because they had changed since then
    (RFC 7162 3.1.3, a modification sequence)."""
    if unchanged_since is None:
        finish_store(dialogue, begin_store(dialogue, uids, how, names))
        return NumberSet()
    written = flags(names)
    left: list[int] = []
    for numbers in split(number_set(uids)):
        condition = (b"UNCHANGEDSINCE", str(int(unchanged_since)).encode())
        parts = (str(numbers).encode(), condition, how.encode(), written)
        code = dialogue.check(dialogue.ask_anyway(Command("UID STORE", parts))).code
        if code is not None and code.name == "MODIFIED" and isinstance(code.value, NumberSet):
            left += [uid for uid in code.value if uid in numbers] if len(code.value) < _MANY else numbers
    return number_set(left)


_MANY = 1_000_000


# -- copies -----------------------------------------------------------------------------------------


def copy(dialogue: Dialogue, uids: Iterable[int], target: str) -> dict[int, int]:
    """UID COPY: old UID -> new UID where the server tells (UIDPLUS). CommandRefused: code TRYCREATE, OVERQUOTA …"""
    pairs: dict[int, int] = {}
    for numbers in split(number_set(uids)):
        pending = dialogue.ask(Command("UID COPY", (str(numbers).encode(), named(dialogue, target)), (Status,)))
        pairs.update(_copied(pending))
    return pairs


def move(dialogue: Dialogue, uids: Iterable[int], target: str) -> dict[int, int]:
    r"""UID MOVE (RFC 6851): old UID -> new UID where the server tells.

    Without MOVE: COPY, \Deleted, and an expunge of these messages alone; where that is not possible either they stay
    behind, marked as deleted. Never are other messages expunged."""
    wanted = number_set(uids)
    offered = learn_capabilities(dialogue)
    pairs: dict[int, int] = {}
    if offered & {"MOVE", "IMAP4REV2"}:
        for numbers in split(wanted):
            pending = dialogue.ask(Command("UID MOVE", (str(numbers).encode(), named(dialogue, target)), (Status,)))
            pairs.update(_copied(pending))
        return pairs
    pairs = copy(dialogue, wanted, target)
    store(dialogue, wanted, ADD, ["\\Deleted"])
    if offered & {"UIDPLUS", "IMAP4REV2"}:
        expunge(dialogue, wanted)
    return pairs


def _copied(pending: Pending) -> dict[int, int]:
    # MOVE tells it in an untagged OK, before the messages go (RFC 6851 4.3); COPY in its end.
    statuses = [each for each in [*pending.arrived, pending.status] if isinstance(each, Status)]
    codes = [each.code for each in statuses if each.code is not None and each.code.name == "COPYUID"]
    pairs: dict[int, int] = {}
    for code in codes:
        if isinstance(code.value, CopiedUids):
            pairs.update(code.value.pairs())
    return pairs


# -- removing ---------------------------------------------------------------------------------------


def expunge(dialogue: Dialogue, uids: Iterable[int] | None = None) -> None:
    r"""Remove what is marked \Deleted: all of it, or of these messages only (UIDPLUS; Unsupported without)."""
    if uids is None:
        dialogue.ask(Command("EXPUNGE"))
        return
    if not learn_capabilities(dialogue) & {"UIDPLUS", "IMAP4REV2"}:
        raise Unsupported("removing some of the deleted messages", "the server has no UIDPLUS")
    for numbers in split(number_set(uids)):
        dialogue.ask(Command("UID EXPUNGE", (str(numbers).encode(),)))


# -- appending --------------------------------------------------------------------------------------


def append(
    dialogue: Dialogue,
    mailbox: str,
    chunks: Iterable[bytes],
    size: int,
    *,
    flag_names: Iterable[str] = (),
    when: datetime | None = None,
    utf8: bool = False,
    progress: Progress | None = None,
) -> AppendedUids | None:
    """APPEND a message of `size` octets with CR LF line ends; its UID where the server tells (UIDPLUS).

    `utf8`: its headers have UTF-8 in them (RFC 6855). `when`: the internal date, with a time zone. `progress` is
    called with the octets that were sent.
    CommandRefused: code TRYCREATE, OVERQUOTA … MessageTooLarge: APPENDLIMIT (RFC 7889) says so."""
    limit = _append_limit(learn_capabilities(dialogue))
    if limit is not None and size > limit:
        raise MessageTooLarge(size, limit, ServerReply(0, f"APPENDLIMIT={limit}"))
    parts: list[Part] = [named(dialogue, mailbox)]
    written = flags(flag_names)
    if written:
        parts.append(written)
    if when is not None:
        parts.append(date_time(when))
    parts.append(Content(chunks, size, utf8=utf8))
    command = Command("APPEND", tuple(parts))
    dialogue.settle(command)
    status = dialogue.check(dialogue.finish(dialogue.send(command, progress)))
    value = status.code.value if status.code else None
    return value if isinstance(value, AppendedUids) else None


def _append_limit(offered: frozenset[str]) -> int | None:
    for each in offered:
        name, _, value = each.partition("=")
        if name == "APPENDLIMIT" and value.isascii() and value.isdigit():
            return int(value[:20])
    return None
