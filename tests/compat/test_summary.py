"""The summary of the README counts every row."""

from __future__ import annotations

from .summary import ROOMS, STATUSES, names, table
from .tables import rows


def test_every_room_is_in_the_summary() -> None:
    assert {row["room"] for row in rows("functions")} == {room for rooms in ROOMS.values() for room in rooms}


def test_every_row_is_counted_once() -> None:
    cells = [line.strip("|").split("|")[1:] for line in table().splitlines()[2:]]
    total = sum(int(cell) for row in cells for cell in row if cell.strip())
    functions = [row for row in rows("functions") if row["kind"] != "statement"]
    assert total == sum(map(len, (functions, rows("members"), rows("constants"), rows("seeds"))))
    assert all(len(row) == len(STATUSES) for row in cells)


def test_names_are_given_in_both_languages() -> None:
    assert "EmailStartSMTPSession / EmailOuvreSessionSMTP" in names()
