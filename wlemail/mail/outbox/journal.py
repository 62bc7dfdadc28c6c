"""The journal: what was sent, what waits, what failed, for people who ask; and forgetting it.

A line knows of a message what makes it found again: sender and recipients, subject, Message-ID, the names of its
attachments, and the user and host through whom it went.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from ...errors import QueuedMessageUnknown, ServerReply
from .database import Database
from .problems import read_problem, told
from .schema import SPOOLED
from .spool import MemorySpool, Spool
from .values import AccountKey, Entry, Event, Load, State

#: rows that one look at the file takes: the journal may be longer than memory
_PAGE = 200
#: messages that one commit forgets, so that others who want to write need not wait long
_BATCH = 500
#: pages that are free before they are given back, and how many at once: a busy outbox uses them again
_FREE_PAGES, _GIVEN_BACK = 1024, 4096

_ENTRY = (
    "SELECT message.id, state, user, host, port, sender, recipients, subject, message_id, files, size, attempts,"
    " uncertain, queued_at, next_try, ended_at, reply, message.problem FROM message"
    " LEFT JOIN account ON account.id = message.account"
)
_NEVER_PURGED = (State.PENDING, State.SENDING)


def entries(
    database: Database, states: Sequence[State], account: AccountKey | None, newest_first: bool
) -> Iterator[Entry]:
    """Lines in the order of their numbers, or the reverse."""
    conditions = [f"state IN ({', '.join(str(state.value) for state in states)})"] if states else []
    values: tuple[object, ...] = ()
    if account is not None:
        conditions.append("user = ? AND host = ? AND port = ?")
        values = account.identity
    sign, order = ("<", "DESC") if newest_first else (">", "ASC")
    where = " AND ".join([f"message.id {sign} ?", *conditions])
    query = f"{_ENTRY} WHERE {where} ORDER BY message.id {order} LIMIT {_PAGE}"
    last = 2**63 - 1 if newest_first else 0
    while page := _page(database, query, (last, *values)):
        yield from page
        last = page[-1].id


def entry(database: Database, number: int) -> Entry:
    """The line of one message."""
    found = _page(database, f"{_ENTRY} WHERE message.id = ?", (number,))
    if not found:
        raise QueuedMessageUnknown(number)
    return found[0]


def _page(database: Database, query: str, values: tuple[object, ...]) -> list[Entry]:
    return [_entry(row) for row in database.read(lambda connection: connection.execute(query, values).fetchall())]


def _entry(row: tuple[Any, ...]) -> Entry:
    number, state, user, host, port, sender, recipients, subject, message_id, files, size, attempts = row[:12]
    uncertain, queued_at, next_try, ended_at, reply, problem = row[12:]
    return Entry(
        id=number,
        state=State(state),
        user=user or "",
        host=host or "",
        port=port or 0,
        from_address=sender,
        to_addresses=tuple(json.loads(recipients)),
        subject=subject,
        message_id=message_id,
        file_names=tuple(json.loads(files)),
        size=size,
        attempts=attempts,
        uncertain=bool(uncertain),
        queued_at=queued_at,
        next_try=next_try,
        ended_at=ended_at,
        # Where it has left, the refusal of some is in their own results.
        outcome=_outcome(None if state == State.SENT.value else problem, reply),
    )


def _outcome(problem: str | None, reply: str | None) -> str:
    if problem:
        return told(read_problem(problem))
    if reply:
        _, code, enhanced, text = json.loads(reply)
        return str(ServerReply(code, text, enhanced))
    return ""


def history(database: Database, number: int) -> list[Event]:
    """What happened to a message, in order."""
    line = entry(database, number)
    query = "SELECT at, kind, text FROM event WHERE message = ? ORDER BY rowid"
    found = database.read(lambda connection: connection.execute(query, (number,)).fetchall())
    events = [Event(*row) for row in found]
    # The beginning and a happy end are in the message's row alone: most messages have nothing else to tell.
    first = [event for event in events if event.kind == "queued"][:1] or [Event(line.queued_at, "queued", "")]
    last = [Event(line.ended_at, "sent", line.outcome)] if line.state is State.SENT else []
    return [*first, *[event for event in events if event.kind != "queued"], *last]


def account_key(connection: sqlite3.Connection, number: int) -> AccountKey:
    """The account of that number."""
    query = "SELECT user, host, port, security, secret, login, options FROM account WHERE id = ?"
    user, host, port, security, secret, login, options = connection.execute(query, (number,)).fetchone()
    return AccountKey(user, host, port, security, secret, bool(login), options)


def loads(database: Database) -> list[Load]:
    """The accounts for which something waits."""
    query = (
        "SELECT account, count(*), min(queued_at), account.problem FROM message JOIN account ON account.id = account"
        " WHERE state = 0 OR state = 1 GROUP BY account ORDER BY account"
    )

    def find(connection: sqlite3.Connection) -> list[Load]:
        return [
            Load(account_key(connection, number), count, oldest, read_problem(problem))
            for number, count, oldest, problem in connection.execute(query).fetchall()
        ]

    return database.read(find)


# -- forgetting ---------------------------------------------------------------------------------------


def purge(database: Database, spool: Spool | MemorySpool, states: Sequence[State], before: float | None) -> int:
    """Forget ended messages of these states, with their contents and events; how many."""
    numbers = ", ".join([str(state.value) for state in states if state not in _NEVER_PURGED])
    condition = f"state IN ({numbers})" + ("" if before is None else " AND ended_at < ?")
    gone = _purge(database, spool, condition, () if before is None else (before,))
    _give_back(database)
    return gone


def trim(database: Database, spool: Spool | MemorySpool, kept: int) -> None:
    """Forget what was sent or cancelled, but for the last `kept` messages, and sweep the spool.

    By number and not by age: a clock that jumps must not empty the journal.
    """
    highest = database.read(lambda connection: connection.execute("SELECT max(id) FROM message").fetchone()[0]) or 0
    lowest = database.read(lambda connection: connection.execute("SELECT min(id) FROM message").fetchone()[0]) or 0
    if lowest <= highest - kept:
        _purge(database, spool, "state IN (2, 4) AND id <= ?", (highest - kept,))
    if spool.has_rubbish():
        spool.sweep([name for (name,) in database.read(lambda connection: connection.execute(SPOOLED).fetchall())])
    _give_back(database)


def _purge(database: Database, spool: Spool | MemorySpool, condition: str, values: tuple[object, ...]) -> int:
    query = f"SELECT id, spool FROM message WHERE id > ? AND {condition} ORDER BY id LIMIT {_BATCH}"

    def forget(connection: sqlite3.Connection) -> list[tuple[int, str]]:
        found = connection.execute(query, (last, *values)).fetchall()
        for table, column in (("content", "message"), ("event", "message"), ("message", "id")):
            connection.executemany(f"DELETE FROM {table} WHERE {column} = ?", [(number,) for number, _ in found])
        return found

    gone = last = 0
    while found := database.write(forget):
        for _, name in found:
            if name:
                spool.remove(name)
        gone += len(found)
        last = found[-1][0]
    return gone


def _give_back(database: Database) -> None:
    def free(connection: sqlite3.Connection) -> int:
        pages: int = connection.execute("PRAGMA freelist_count").fetchone()[0]
        return pages

    # Not in a transaction: each step of it is one.
    if database.read(free) > _FREE_PAGES:
        query = f"PRAGMA incremental_vacuum({_GIVEN_BACK})"
        database.read(lambda connection: connection.execute(query).fetchall())
