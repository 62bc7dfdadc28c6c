"""Errors: each exception class has its codes, numbers and level as in errors.csv."""

from __future__ import annotations

import inspect

import pytest

import wlemail
from wlemail import errors
from wlemail.errors import MailError, UsageError
from wlemail.wlanguage import error_codes

from .tables import Row, in_a_fresh_thread, line, rows

EXCEPTIONS = [row for row in rows("errors") if row["class"]]
NUMBERS = [row for row in rows("errors") if not row["class"]]


def in_the_code() -> dict[tuple[str, str], str]:
    """(class, code) -> number in Email.Error, as the package has them."""
    return {(row.kind.__name__, str(row.code)): str(row.number) for row in error_codes.ROWS}


def level(name: str) -> str:
    """Misuse is fatal, in the language's words; everything else can happen to a correct program."""
    kind = getattr(errors, name, None)
    return "fatal" if isinstance(kind, type) and issubclass(kind, UsageError) else "error"


def test_every_code_of_the_package_has_a_row() -> None:
    known = {(row["class"], row["code"]): row["email_error"] for row in EXCEPTIONS}
    paste = "".join(
        line("errors", **{"class": name, "code": code, "email_error": number, "level": level(name), "status": "done"})
        for (name, code), number in in_the_code().items()
        if known.get((name, code)) != number
    )
    assert not paste, f"error_codes.py has these, and errors.csv has not: {paste}"


def test_every_row_is_in_the_package() -> None:
    real = in_the_code()
    wrong = [row for row in EXCEPTIONS if real.get((row["class"], row["code"])) != row["email_error"]]
    assert not wrong, f"errors.csv has these, and error_codes.py has not: {wrong}"


def test_every_exception_of_the_tree_has_a_row() -> None:
    tree = {name for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, MailError)}
    listed = {row["class"] for row in EXCEPTIONS}
    missing = sorted(tree - listed)
    assert not missing, f"exceptions without a row in errors.csv: {missing}"


@pytest.mark.parametrize("row", EXCEPTIONS, ids=lambda row: f"{row['class']}-{row['code']}")
def test_the_level_is_that_of_the_class(row: Row) -> None:
    assert row["level"] == level(row["class"])


def test_codes_have_the_form_of_the_language() -> None:
    # 0 stands for the number that a program throws itself.
    wrong = [row for row in EXCEPTIONS if row["code"] != "0" and not (row["code"].isdigit() and len(row["code"]) == 6)]
    assert not wrong
    assert not [row for row in EXCEPTIONS if row["code"] != "0" and not row["code"].startswith("100")]


def test_numbers_of_exceptions_are_documented_ones() -> None:
    documented = {row["email_error"] for row in NUMBERS}
    wrong = [row for row in EXCEPTIONS if row["email_error"] not in documented]
    assert not wrong, f"Email.Error holds only numbers that EmailMsgError explains: {wrong}"


@pytest.mark.parametrize("row", [row for row in NUMBERS if row["status"] == "done"], ids=lambda row: row["email_error"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_number_has_its_text(row: Row, language: str) -> None:
    before = wlemail.EmailErrorLanguage()
    wlemail.EmailErrorLanguage(language)
    try:
        text = wlemail.EmailMsgError(int(row["email_error"]))
        unknown = wlemail.EmailMsgError(999_999)
    finally:
        wlemail.EmailErrorLanguage(before)
    assert isinstance(text, str)
    assert row["email_error"] == "0" or text
    assert text != unknown or row["email_error"] == "2", f"EmailMsgError({row['email_error']}) says nothing of its own"


def test_email_error_holds_the_documented_number() -> None:
    expected = next(row["email_error"] for row in EXCEPTIONS if row["class"] == "SessionUnknown")

    def failing() -> tuple[bool, int, str]:
        result = wlemail.EmailSendMessage("a name that nobody opened")
        return result, int(wlemail.Email.Error), wlemail.EmailMsgError(wlemail.Email.Error)

    result, number, text = in_a_fresh_thread(failing)
    assert result is False
    assert number == int(expected), "Email.Error is the number of page 3032026, not ErrorInfo(errCode)"
    assert text
