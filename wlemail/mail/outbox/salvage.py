"""What can still be read of a damaged outbox goes into a new one, numbers included: people hold those."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator

_TABLES = (("account", "id"), ("message", "id"), ("content", "message"), ("event", "rowid"))
# Messages that cannot be read had numbers too, which must not come to mean others.
_GAP = 100_000


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
    """The rows from both ends as far as each goes: damage is mostly one place."""
    last_seen: object = None
    for order in ("ASC", "DESC"):
        try:
            rows = old.execute(f"SELECT {key}, * FROM {table} ORDER BY {key} {order}")
            columns = [name for name, *_ in rows.description[1:]]
            for number, *row in rows:
                if order == "DESC" and number == last_seen:
                    return
                if order == "ASC":
                    last_seen = number
                yield columns, tuple(row)
            return
        except sqlite3.DatabaseError:
            continue


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
