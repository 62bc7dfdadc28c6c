"""Reads compat_tables/ for the tests, and says what a well-formed row is. The package itself never reads them."""

from __future__ import annotations

import csv
import io
import threading
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

FOLDER = Path(__file__).resolve().parents[2] / "compat_tables"

#: the columns of each table, in their order
COLUMNS = {
    "functions": "english french other page room kind result failure error_state protocols origin status part reason"
    " note",
    "syntaxes": "function english french page status part origin reason note",
    "constants": "english french other family page value value_origin spelling origin status part reason note",
    "members": "owner english french other scope type default direction page spelling origin status part reason note",
    "errors": "class code email_error level status reason note",
    "seeds": "seed feature where status part reason note",
}

#: what a column may hold; "" only where it is listed
WORDS = {
    "status": {"done", "partial", "planned", "no"},
    "origin": {"documented", "observed", "inferred", "extension"},
    "spelling": {"documented", "observed", "inferred", ""},
    "value_origin": {"documented", "observed", "inferred", "own", ""},
    "error_state": {"sets", "keeps", ""},
    "kind": {"function", "procedure", "method", "type", "exception", "block", "value", "statement"},
    "scope": {"structure", "variable", "both", ""},
    "direction": {"send", "read", "both", "out"},
    "part": {"1", "2", "3", "4", "5", ""},
    "level": {"error", "fatal"},
}

#: what a user can use today
AVAILABLE = {"done", "partial"}

Row = dict[str, str]


@cache
def rows(table: str) -> tuple[Row, ...]:
    """The rows of a table, each as a dict by column."""
    with open(FOLDER / f"{table}.csv", encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def available(table: str) -> list[Row]:
    """The rows of what exists now."""
    return [row for row in rows(table) if row["status"] in AVAILABLE]


def line(table: str, **values: str) -> str:
    """A row as one pastes it into the file; columns that are not given stay empty."""
    text = io.StringIO()
    csv.DictWriter(text, COLUMNS[table].split(), lineterminator="").writerow(values)
    return f"\n    compat_tables/{table}.csv: {text.getvalue()}"


def spellings(row: Row) -> list[str]:
    """Every spelling under which the row's name exists: English, French, others, and all of them without accents."""
    written = [row["english"], row["french"], *row["other"].split()]
    return list(dict.fromkeys(name for spelling in written if spelling for name in (spelling, plain(spelling))))


def as_rows(names: Iterable[str], value_of: Callable[[str], object]) -> list[Row]:
    """The name columns of the rows that such names want: those of one object share a row, English first as declared."""
    groups: list[tuple[object, list[str]]] = []
    for name in names:
        value = value_of(name)
        # Small numbers are one object whatever they mean.
        same = [group for known, group in groups if known is value and not isinstance(value, (int, str))]
        same = same or [group for _, group in groups if plain(name) in map(plain, group)]
        if not same:
            groups.append((value, [name]))
        elif plain(name) not in map(plain, same[0]):
            same[0].append(name)
    found = [group for _, group in groups]
    return [
        {"english": group[0], "french": group[min(1, len(group) - 1)], "other": " ".join(group[2:])} for group in found
    ]


def plain(name: str) -> str:
    """The name without accents, in its own casing."""
    return "".join(letter for letter in unicodedata.normalize("NFD", name) if not unicodedata.combining(letter))


def folded(name: str) -> str:
    """The form in which WLanguage compares names (independent of the package's own)."""
    return plain(name).casefold()


def in_a_fresh_thread(action: Callable[[], T]) -> T:
    """What `action` returns in a thread that has made no error yet and leaves none to the next test."""
    results: list[T] = []
    thread = threading.Thread(target=lambda: results.append(action()))
    thread.start()
    thread.join()
    return results[0]
