"""Prints what is supported, as the Markdown table of the README: `python -m tests.compat.summary`."""

from __future__ import annotations

from collections.abc import Iterable

from .tables import Row, rows

#: families as a reader looks for them, by the `room` of functions.csv
ROOMS = {
    "Sessions": {"sessions"},
    "Settings": {"settings"},
    "Sending": {"sending"},
    "Reading": {"reading"},
    "Messages": {"messages"},
    "Folders": {"folders"},
    "Errors": {"errors"},
    "Types": {"types"},
    "OAuth": {"auth"},
    "Outlook, Notes, Exchange clients": {"outlook"},
    "Companions": {"companions"},
}
STATUSES = ("done", "partial", "planned", "no")


def counted(title: str, found: Iterable[Row]) -> str:
    statuses = [row["status"] for row in found]
    cells = [str(statuses.count(status) or "") for status in STATUSES]
    return f"| {title} | {' | '.join(cells)} |"


def table() -> str:
    """The whole table; the names that work today stand below it."""
    lines = ["| names | done | partly | planned | will not come |", "|---|---|---|---|---|"]
    functions = [row for row in rows("functions") if row["kind"] != "statement"]
    for title, rooms in ROOMS.items():
        lines.append(counted(title, [row for row in functions if row["room"] in rooms and row["kind"] != "method"]))
    lines.append(counted("Prefix forms (methods)", [row for row in functions if row["kind"] == "method"]))
    lines.append(counted("Members", rows("members")))
    lines.append(counted("Constants", rows("constants")))
    lines.append(counted("Features of the seed documents", rows("seeds")))
    return "\n".join(lines)


def names() -> str:
    """The functions that can be called today, English / French, by family."""
    lines = []
    for title, rooms in ROOMS.items():
        found = [
            row["english"] if row["english"] == row["french"] else f"{row['english']} / {row['french']}"
            for row in rows("functions")
            if row["room"] in rooms
            and row["status"] in {"done", "partial"}
            and row["kind"] not in {"method", "statement"}
        ]
        if found:
            lines.append(f"- **{title}**: {', '.join(found)}")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
    print()
    print(names())
