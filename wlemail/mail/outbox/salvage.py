"""What can still be read of a damaged outbox goes into a new one, numbers included: people hold those."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from typing import Any

_TABLES = (("account", "id"), ("message", "id"), ("content", "message"), ("event", "rowid"))
# Messages that cannot be read had numbers too, which must not come to mean others.
_GAP = 100_000
_LOWEST, _HIGHEST = -1, 2**63 - 1
_MOST_PROBES = 1_000_000


def salvage(damaged: str, connection: sqlite3.Connection) -> int:
    """Copy readable rows of the file `damaged` into a new outbox; how many messages that were."""
    connection.execute("BEGIN IMMEDIATE")
    counts = {}
    old = sqlite3.connect(damaged, isolation_level=None)
    try:
        for table, key in _TABLES:
            counts[table] = sum(
                [_insert(connection, table, columns, row) for columns, row in _readable(old, table, key)]
            )
        _skip_numbers(connection)
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
    finally:
        old.close()
    return counts["message"]


def _readable(old: sqlite3.Connection, table: str, key: str) -> Iterator[tuple[list[str], tuple[object, ...]]]:
    """The rows from both ends as far as each goes, and then one by one what lies between."""
    try:
        columns = [name for name, *_ in old.execute(f"SELECT * FROM {table} LIMIT 0").description]
    except sqlite3.DatabaseError:
        return
    lowest, highest = _LOWEST, _HIGHEST
    for sign, order in ((">", "ASC"), ("<", "DESC")):
        # Row by row: a cursor reads one ahead, and would lose the last good one.
        query = f"SELECT {key}, * FROM {table} WHERE {key} {sign} ? ORDER BY {key} {order} LIMIT 1"
        while found := _fetched(old, query, lowest if order == "ASC" else highest):
            number, *row = found
            if not lowest < number < highest:
                return
            lowest, highest = (number, highest) if order == "ASC" else (lowest, number)
            yield columns, tuple(row)
    if lowest == _LOWEST or highest - lowest > _MOST_PROBES:
        return
    for number in range(lowest + 1, highest):
        if found := _fetched(old, f"SELECT {key}, * FROM {table} WHERE {key} = ?", number):
            yield columns, tuple(found[1:])


def _fetched(old: sqlite3.Connection, query: str, number: int) -> tuple[Any, ...] | None:
    try:
        found: tuple[Any, ...] | None = old.execute(query, (number,)).fetchone()
    except sqlite3.DatabaseError:
        return None
    return found


def _insert(connection: sqlite3.Connection, table: str, columns: list[str], row: tuple[object, ...]) -> int:
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    try:
        return connection.execute(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})", row).rowcount
    except (sqlite3.OperationalError, sqlite3.IntegrityError):
        return 0  # not a row of ours, whatever it was


def _skip_numbers(connection: sqlite3.Connection) -> None:
    highest = connection.execute("SELECT max(id) FROM message").fetchone()[0]
    following = highest + _GAP if highest else int(time.time())
    connection.execute("DELETE FROM sqlite_sequence WHERE name = 'message'")
    connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('message', ?)", (following,))
