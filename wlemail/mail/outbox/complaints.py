"""What the system and SQLite complain about, in the words of an outbox."""

from __future__ import annotations

import errno
import shutil
import sqlite3

from ...errors import OutboxBusy, OutboxCorrupt, OutboxFull, OutboxProblem, OutboxUnavailable
from . import place

#: A disk with less than this is full, whatever the error says.
_NO_SPACE = 256 * 1024
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))

#: What SQLite says (Python 3.10 has no codes), as a part of its sentence.
_SAYINGS: tuple[tuple[str, type[OutboxProblem]], ...] = (
    ("database or disk is full", OutboxFull),
    ("locked", OutboxBusy),
    ("readonly database", OutboxUnavailable),
    ("unable to open database file", OutboxUnavailable),
    ("disk I/O error", OutboxUnavailable),
    ("malformed", OutboxCorrupt),
    ("not a database", OutboxCorrupt),
    ("no such table", OutboxCorrupt),
    ("no such column", OutboxCorrupt),
)


def from_sqlite(path: str, directory: str, error: sqlite3.DatabaseError) -> OutboxProblem | None:
    """What an error of SQLite means for an outbox; None for one that is a bug."""
    said = str(error)
    kind = next((kind for saying, kind in _SAYINGS if saying in said), None)
    if kind is None:
        return None
    # Where the shared memory or the log cannot grow, SQLite speaks of an I/O error or of a file it cannot open.
    if kind is OutboxUnavailable and path != place.MEMORY and _is_full(directory):
        return OutboxFull(path, "the disk is full")
    return kind(path, said)


def from_system(path: str, error: OSError) -> OutboxProblem:
    """What an error of the system means."""
    why = error.strerror or str(error)
    return OutboxFull(path, why) if error.errno in _FULL else OutboxUnavailable(path, why)


def _is_full(directory: str) -> bool:
    try:
        return shutil.disk_usage(directory).free < _NO_SPACE
    except OSError:
        return False
