"""Members: each type has those of members.csv, in both languages, with their types and defaults, and no others."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import pytest

import wlemail
from wlemail.wlanguage.email_variable import EmailStructure

from .tables import AVAILABLE, Row, as_rows, folded, in_a_fresh_thread, line, plain, rows, spellings

ROWS = rows("members")
TYPES = [row for row in rows("functions") if row["kind"] == "type" and row["status"] in AVAILABLE]


def is_there(row: Row) -> bool:
    return row["status"] in AVAILABLE


def shapes(owner: str) -> Mapping[str, type]:
    """The classes that hold the members of a type: Email is a variable and, as itself, the thread's structure."""
    variable = getattr(wlemail, owner)
    return {"variable": variable, "structure": EmailStructure} if owner == "Email" else {"": variable}


def belongs(row: Row, scope: str) -> bool:
    return not scope or row["scope"] in {scope, "both"}


def declared(kind: type, *, methods: bool = False) -> dict[str, Any]:
    """The public names that a class declares, members or methods, with what is declared."""
    names: dict[str, Any] = {}
    for base in reversed(kind.__mro__[:-1]):
        for name, value in vars(base).items():
            if not name.startswith("_") and callable(value) == methods:
                names[name] = value
    return names


CASES = [
    pytest.param(
        row, scope, kind, id=f"{row['owner']}-{scope}-{row['english']}" if scope else f"{row['owner']}-{row['english']}"
    )
    for row in ROWS
    if any(row["owner"] == kind["english"] for kind in TYPES)
    for scope, kind in shapes(row["owner"]).items()
    if is_there(row) and belongs(row, scope)
]


@pytest.mark.parametrize(("row", "scope", "kind"), CASES)
def test_both_languages_name_the_same_member(row: Row, scope: str, kind: type) -> None:
    members = declared(kind)
    for name in (row["english"], row["french"]):
        assert name in members, f"{kind.__name__} declares no {name}"
        assert members[name] is members[row["english"]], f"{kind.__name__}.{name} is not {row['english']}"


@pytest.mark.parametrize(("row", "scope", "kind"), CASES)
def test_every_spelling_reads_the_member(row: Row, scope: str, kind: type) -> None:
    variable = kind()
    expected = getattr(variable, row["english"])
    for name in spellings(row):
        for spelling in (name, plain(name), name.lower(), folded(name).upper()):
            assert getattr(variable, spelling) == expected, f"{kind.__name__}.{spelling}"


SAMPLES: dict[str, Any] = {"string": "x", "integer": 3, "boolean": True, "buffer": b"x", "array of string": ["x", "y"]}


WRITTEN = [case for case in CASES if case.values[0]["type"] in SAMPLES and case.values[0]["direction"] != "out"]  # type: ignore[index]


def is_counter_of_a_variable(row: Row, scope: str) -> bool:
    """Counters can be set on the structure alone; a variable's only tell the size of its array."""
    return scope == "variable" and row["english"].startswith("Nb")


@pytest.mark.parametrize(("row", "scope", "kind"), WRITTEN)
def test_every_spelling_writes_the_member(row: Row, scope: str, kind: type) -> None:
    sample = SAMPLES[row["type"]]
    for name in spellings(row):
        variable = kind()
        if is_counter_of_a_variable(row, scope):
            with pytest.raises(AttributeError, match="read-only"):
                setattr(variable, name, sample)
        else:
            setattr(variable, name, sample)
            read = getattr(variable, row["english"])
            assert list(read) == sample if isinstance(sample, list) else read == sample


KINDS = {"string": str, "date": str, "integer": int, "boolean": bool, "buffer": bytes}


@pytest.mark.parametrize(("row", "scope", "kind"), CASES)
def test_the_default_is_that_of_the_table(row: Row, scope: str, kind: type) -> None:
    # A fresh thread: Email.Error and its like tell of this thread's last error, and other tests leave one.
    value = in_a_fresh_thread(lambda: getattr(kind(), row["english"]))
    default = eval(row["default"], dict(vars(wlemail)))
    if row["type"].startswith("array"):
        assert isinstance(value, wlemail.Array)
        assert list(value) == default
    else:
        assert value == default, f"{row['owner']}.{row['english']} is {value!r}; members.csv says {row['default']}"
        assert value is None or isinstance(value, KINDS[row["type"]])


@pytest.mark.parametrize("owner", [row["english"] for row in TYPES])
def test_every_member_of_the_code_has_a_row(owner: str) -> None:
    paste = ""
    for scope, kind in shapes(owner).items():
        here = [row for row in ROWS if row["owner"] == owner and is_there(row) and belongs(row, scope)]
        known = {name for row in here for name in spellings(row)}
        members = declared(kind)
        for names in as_rows((name for name in members if name not in known), members.__getitem__):
            what = inspect.getdoc(members[names["english"]]) or ""
            paste += line("members", owner=owner, **names, scope=scope, status="done", part="1", note=what)
    assert not paste, f"members without a row (or with one that says that they are not there): {paste}"


@pytest.mark.parametrize("owner", [row["english"] for row in TYPES])
def test_every_method_of_the_code_has_a_row(owner: str) -> None:
    here = [row for row in rows("functions") if row["kind"] == "method" and row["status"] in AVAILABLE]
    french = next(row["french"] for row in TYPES if row["english"] == owner)
    known = {name for row in here for name in spellings(row)}
    paste = "".join(
        line("functions", english=f"{owner}.{name}", french=f"{french}.{name}", kind="method", status="done", part="1")
        for kind in shapes(owner).values()
        for name in declared(kind, methods=True)
        if f"{owner}.{name}" not in known and f"{french}.{name}" not in known
    )
    assert not paste, f"methods without a row: {paste}"


@pytest.mark.parametrize("owner", [row["english"] for row in TYPES])
def test_members_that_are_planned_or_refused_do_not_exist(owner: str) -> None:
    wrong = [
        f"{row['english']} ({row['status']})"
        for scope, kind in shapes(owner).items()
        for row in ROWS
        if row["owner"] == owner and not (is_there(row) and belongs(row, scope))
        for name in spellings(row)
        if hasattr(kind(), name)
    ]
    assert not wrong, f"{owner} has members whose rows say that they are not there: {wrong}"


@pytest.mark.parametrize("owner", [row["english"] for row in TYPES])
def test_methods_that_are_planned_or_refused_do_not_exist(owner: str) -> None:
    wrong = [
        row["english"]
        for row in rows("functions")
        if row["kind"] == "method" and row["status"] not in AVAILABLE and row["english"].startswith(f"{owner}.")
        for name in spellings(row)
        for kind in shapes(owner).values()
        if hasattr(kind(), name.partition(".")[2])
    ]
    assert not wrong


def test_the_type_forwards_its_structure() -> None:
    wlemail.Email.Subject = "the structure"
    try:
        assert wlemail.Email.Sujet == "the structure"
        assert wlemail.Email().Subject == ""
    finally:
        wlemail.EmailReset()
    for row in ROWS:
        if row["owner"] == "Email" and is_there(row) and belongs(row, "structure"):
            for name in spellings(row):
                assert hasattr(wlemail.Email, name), f"Email.{name}"
