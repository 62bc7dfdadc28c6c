"""Functions: signatures, failure values, error state and docstrings are those of functions.csv and syntaxes.csv."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

import wlemail

from .signatures import parse
from .tables import AVAILABLE, Row, available, in_a_fresh_thread, line, plain, rows

ROWS = {row["english"]: row for row in rows("functions")}
CALLED = [row for row in available("functions") if row["kind"] in {"function", "procedure", "method", "type", "block"}]
# What has no row in functions.csv, or no syntax, is reported by test_tables.py.
SYNTAXES = [row for row in rows("syntaxes") if row["status"] in AVAILABLE and row["function"] in ROWS]


def by_name(row: Row) -> str:
    return row["english"]


def found(name: str) -> Any:
    """The object behind a name of the table; methods as they are bound to a variable."""
    owner, dot, method = name.partition(".")
    here = getattr(wlemail, owner)
    return getattr(here(), method) if dot else here


@pytest.mark.parametrize("row", SYNTAXES, ids=by_name)
def test_the_code_takes_every_form_of_the_syntax(row: Row) -> None:
    for text, name in (
        (row["english"], by_name(ROWS[row["function"]])),
        (row["french"], ROWS[row["function"]]["french"]),
    ):
        why_not = parse(text).why_it_does_not_bind(found(name))
        assert not why_not, why_not


def single_syntaxes() -> list[Row]:
    """Where there are several forms, one Python signature stands for all of them and its defaults mean nothing."""
    names = [row["function"] for row in rows("syntaxes")]
    return [row for row in SYNTAXES if names.count(row["function"]) == 1]


@pytest.mark.parametrize("row", single_syntaxes(), ids=by_name)
def test_stated_defaults_are_those_of_the_code(row: Row) -> None:
    parameters = list(inspect.signature(found(row["function"])).parameters.values())
    for text in (row["english"], row["french"]):
        syntax = parse(text)
        for name, value in syntax.values(vars(wlemail)).items():
            real = parameters[syntax.names.index(name)].default
            assert real == value, f"{text}: the code's default is {real!r}"


@pytest.mark.parametrize("row", [row for row in CALLED if row["kind"] in {"function", "procedure"}], ids=by_name)
def test_the_code_takes_no_more_arguments_than_some_syntax(row: Row) -> None:
    syntaxes = [parse(syntax["english"]) for syntax in SYNTAXES if syntax["function"] == row["english"]]
    if not syntaxes or any(syntax.variadic for syntax in syntaxes):
        return
    most = max(len(syntax.names) for syntax in syntaxes)
    parameters = [
        parameter
        for parameter in inspect.signature(found(row["english"])).parameters.values()
        if parameter.kind in {parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD, parameter.VAR_POSITIONAL}
    ]
    names = ", ".join(parameter.name for parameter in parameters)
    assert len(parameters) <= most, (
        f"no syntax of {row['english']} has that many parameters; the code's form is"
        + line(
            "syntaxes",
            function=row["english"],
            english=f"{row['english']}({names})",
            french=f"{row['french']}({names})",
            page=row["page"],
            status="done",
            part=row["part"],
            origin=row["origin"],
        )
    )


@pytest.mark.parametrize("row", [row for row in CALLED if row["kind"] == "method"], ids=by_name)
def test_french_methods_are_the_english_ones(row: Row) -> None:
    for name in (row["french"], plain(row["french"]), *row["other"].split()):
        assert found(name).__func__ is found(row["english"]).__func__, f"{name} is not {row['english']}"


@pytest.mark.parametrize("row", CALLED, ids=by_name)
def test_the_docstring_names_the_page(row: Row) -> None:
    text = inspect.getdoc(found(row["english"])) or ""
    assert text, f"{row['english']} has no docstring"
    if row["kind"] == "method":
        # A method is its function, and may show that function's text with that function's page.
        function = ROWS.get("Email" + row["english"].partition(".")[2], row)
        assert row["page"] in text or function["page"] in text, f"{row['english']}: the docstring lacks {row['page']}"
    elif row["page"]:
        assert row["page"] in text, f"{row['english']}: the docstring does not name page {row['page']}"
    elif row["origin"] == "extension":
        assert "xtension" in text, f"{row['english']}: the docstring does not say that this is an extension"


@pytest.mark.parametrize("row", [row for row in CALLED if row["kind"] in {"function", "procedure"}], ids=by_name)
def test_the_docstring_names_the_french_function_where_it_names_one(row: Row) -> None:
    text = inspect.getdoc(found(row["english"])) or ""
    marker = "French: "
    if marker in text:
        assert text.partition(marker)[2].startswith(row["french"]), f"{row['english']}: not {row['french']}"


def boundary(function: Callable[..., object]) -> dict[str, Any] | None:
    """What `@wl_function` was told, or None for a function that stands outside the boundary."""
    if not hasattr(function, "__wrapped__"):
        return None
    told = inspect.getclosurevars(function).nonlocals
    return {"on_error": told["on_error"], "clears": told["clears"]} if "clears" in told else None


@pytest.mark.parametrize("row", [row for row in CALLED if row["kind"] in {"function", "procedure"}], ids=by_name)
def test_failure_value_and_error_state_are_those_of_the_code(row: Row) -> None:
    told = boundary(found(row["english"]))
    if told is None:
        # Outside the boundary nothing clears an error and no MailError becomes a value.
        assert row["failure"] in {"none", "raises"}, f"{row['english']}: {row['failure']} is never returned"
        assert row["error_state"] == "keeps"
        return
    assert told["clears"] == (row["error_state"] == "sets"), (
        f"{row['english']}: functions.csv says {row['error_state']}; a success "
        f"{'clears' if told['clears'] else 'keeps'} the error in the code"
    )
    # Some choose by the error that stands: here there is none.
    given = in_a_fresh_thread(told["on_error"]) if callable(told["on_error"]) else told["on_error"]
    if row["failure"] in {"none", "raises"}:
        assert not given or row["english"] == "ErrorChangeParameter"
    elif row["failure"] == "array":
        assert isinstance(given, wlemail.Array)
        assert len(given) == 0
    else:
        expected = eval(row["failure"], dict(vars(wlemail)))
        assert given == expected
        assert type(given) is type(expected), f"{row['english']} returns {given!r} on failure, not {expected!r}"
