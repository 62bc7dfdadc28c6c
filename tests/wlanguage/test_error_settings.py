"""The language of error texts: the locale's, or the one that the program chose."""

from __future__ import annotations

import pytest

import wlemail
from wlemail import EmailErrorLanguage, EmailMsgError, ErrorInfo, ErrorOccurred

from .failing import at_rest  # noqa: F401

pytestmark = pytest.mark.usefixtures("at_rest")

VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "FR"}, "fr"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "fr_CA.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "fr_BE@euro"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "POSIX", "LANGUAGE": "fr"}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "fr:en"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LANGUAGE": "en"}, "en"),
    ],
)
def test_the_language_follows_the_locale(
    environment: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert EmailErrorLanguage("") == language
    assert EmailMsgError(0) == {"en": "No error", "fr": "Aucune erreur"}[language]


@pytest.mark.parametrize("name", ["fr", "FR", "fr_FR", "fr-CA", "français", "French", " fr_FR.UTF-8 "])
def test_a_program_may_choose(name: str) -> None:
    assert EmailErrorLanguage(name) == "fr"
    assert EmailErrorLanguage() == "fr"


def test_an_unknown_language_is_an_error_and_changes_nothing() -> None:
    assert EmailErrorLanguage("klingon") == ""
    assert ErrorOccurred
    assert '"klingon"' in ErrorInfo()
    assert EmailErrorLanguage() == "en"


def test_choosing_leaves_a_standing_error_alone() -> None:
    wlemail.ErrorThrow(1, "standing")
    EmailErrorLanguage("fr")
    assert ErrorInfo() == "standing"


def test_what_is_no_procedure_cannot_take_the_output() -> None:
    wlemail.EmailRedirectOutput("not a procedure")  # type: ignore[arg-type]
    assert ErrorOccurred
    assert "Procedure" in ErrorInfo()
