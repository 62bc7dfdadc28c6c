"""What is asked of the tables, and written to them, inside a transaction."""

from __future__ import annotations

import sqlite3

from ...errors import QueuedMessageUnknown
from .rows import CHANGING, COLUMNS, Row
from .values import AccountKey, Event, State

#: nothing is kept to be sent again
FORGETS_CONTENT = (State.SENT.value, State.CANCELLED.value)

INSERT = (
    "INSERT INTO message (account, sender, recipients, options, message_id, subject, files, size, spool, crc, clean,"
    " queued_at, boot, ticks, seconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_UPDATE = f"UPDATE message SET {', '.join([f'{name} = ?' for name in CHANGING])} WHERE id = ?"
_BY_ID = f"SELECT {COLUMNS} FROM message WHERE id = ?"
DUE = f"SELECT {COLUMNS} FROM message WHERE account = ? AND state = 0 AND next_try <= ? ORDER BY next_try, id LIMIT ?"
# Planned by a clock that has been set back since.
MISPLANNED = (
    f"SELECT {COLUMNS} FROM message WHERE account = ? AND state = 0 AND next_try > ? ORDER BY next_try, id LIMIT ?"
)

Change = tuple[Row, list[Event]]


def find_account(connection: sqlite3.Connection, account: AccountKey) -> int | None:
    """The account's number, None where nothing was ever queued for it."""
    query = "SELECT id FROM account WHERE user = ? AND host = ? AND port = ?"
    found = connection.execute(query, account.identity).fetchone()
    return found[0] if found else None


def account_id(connection: sqlite3.Connection, account: AccountKey) -> int:
    """The account's number; it is entered where it is new, and remembers how it was opened last."""
    query = "SELECT id, security, secret, login, options FROM account WHERE user = ? AND host = ? AND port = ?"
    found = connection.execute(query, account.identity).fetchone()
    if found is None:
        insert = "INSERT INTO account (user, host, port, security, secret, login, options) VALUES (?, ?, ?, ?, ?, ?, ?)"
        return connection.execute(insert, account).lastrowid or 0
    number: int = found[0]
    if found[1:] != account[3:]:
        update = "UPDATE account SET security = ?, secret = ?, login = ?, options = ? WHERE id = ?"
        connection.execute(update, (*account[3:], number))
    return number


def account_problem(connection: sqlite3.Connection, account: int | None) -> str | None:
    """Why the account could not be opened last time, as it was written down."""
    found = connection.execute("SELECT problem FROM account WHERE id = ?", (account,)).fetchone()
    return found[0] if found else None


def find_row(connection: sqlite3.Connection, number: int) -> Row:
    """The message of that number; QueuedMessageUnknown where there is none."""
    found = connection.execute(_BY_ID, (number,)).fetchone()
    if found is None:
        raise QueuedMessageUnknown(number)
    return Row._make(found)


def write_change(connection: sqlite3.Connection, change: Change) -> Row:
    """Write what changed of a message, and what the journal says of that; the row as it is now."""
    row, events = change
    connection.execute(_UPDATE, (*[getattr(row, name) for name in CHANGING], row.id))
    if row.state in FORGETS_CONTENT:
        connection.execute("DELETE FROM content WHERE message = ?", (row.id,))
    for event in events:
        connection.execute("INSERT INTO event (message, at, kind, text) VALUES (?, ?, ?, ?)", (row.id, *event))
    return row


def count_messages(connection: sqlite3.Connection, condition: str, *values: object) -> int:
    """How many messages there are of that kind."""
    number: int = connection.execute(f"SELECT count(*) FROM message WHERE {condition}", values).fetchone()[0]
    return number
