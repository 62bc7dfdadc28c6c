"""A connection to the file of the outbox: how it is set up, and whether a file is worth one."""

from __future__ import annotations

import sqlite3
import time

from ...errors import OutboxCorrupt, OutboxUnavailable
from . import place
from .complaints import from_sqlite
from .schema import APPLICATION_ID, SCHEMA, VERSION

#: Seconds that another program may keep the file locked.
BUSY_SECONDS = 10.0
#: The log is cut back to this many bytes when it has been written over.
_LOG_SIZE = 16 * 1024 * 1024


def connect(path: str, local: bool) -> sqlite3.Connection:
    """Open a file of the outbox, and make its tables where it has none; `local` allows a write-ahead log.

    Raises what SQLite raises, and OutboxUnavailable for a file of a later version.
    """
    # Transactions are ours; the lock of the Database lets one thread in at a time.
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # counts only before there is a table
        if path != place.MEMORY:
            _set_journal(connection, "wal" if local else "truncate")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")  # macOS: out of the disk's own memory too
        connection.execute("PRAGMA checkpoint_fullfsync = ON")
        connection.execute(f"PRAGMA journal_size_limit = {_LOG_SIZE}")
        # Copying the log into the file costs two syncs and a lot of writing, and everybody waits for it: less often.
        connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_SIZE // 4096}")
        _make_tables(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _set_journal(connection: sqlite3.Connection, mode: str) -> None:
    """Choose the journal; another program that opens the file at the same moment makes that wait, and SQLite does not
    wait by itself here."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != mode:
                connection.execute(f"PRAGMA journal_mode = {mode}").fetchone()
            return
        except sqlite3.OperationalError as problem:
            if "locked" not in str(problem) or time.monotonic() > deadline:
                raise
        time.sleep(0.02)


def _make_tables(connection: sqlite3.Connection, path: str) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise OutboxUnavailable(path, "it was made by a later version of wlemail")
    if version:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have been quicker.
        if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            for statement in SCHEMA.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


def is_sound(path: str) -> bool:
    """Whether SQLite finds nothing wrong with the file, and the tables are there; raises what SQLite raises for a file
    that cannot be looked at now (another program has locked it)."""
    try:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            tables = connection.execute("SELECT count(*) FROM sqlite_master WHERE name IN ('message', 'content')")
            whole = connection.execute("PRAGMA quick_check(1)")
            return bool(tables.fetchone()[0] == 2 and whole.fetchone()[0] == "ok")
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        if isinstance(from_sqlite(path, "", error), OutboxCorrupt):
            return False
        raise
