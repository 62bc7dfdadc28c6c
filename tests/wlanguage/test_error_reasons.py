"""Every reason that the package puts into an exception has its French."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import wlemail
from tests.compat.tables import Row, rows
from wlemail import EmailErrorLanguage, EmailSetTimeOut, ErrorInfo, errSummary
from wlemail.errors import AttachmentUnreadable, InvalidAddress, InvalidValue, MailError, ProtocolViolation
from wlemail.wlanguage.error_reasons import MEMBERS, REASONS, member, reason

from .failing import at_rest, failing  # noqa: F401

pytestmark = pytest.mark.usefixtures("at_rest")

PACKAGE = Path(wlemail.__file__).parent

# Where an exception takes its reason: the position of the argument.
PLACES = {
    "InvalidValue": 1,
    "InvalidAddress": 1,
    "ControlCharacter": 1,
    "AttachmentError": 1,
    "AttachmentUnreadable": 1,
    "FileProblem": 1,
    "Unsupported": 1,
    "NoMailServer": 1,
    "NoMailProgram": 0,
    "OutboxUnavailable": 1,
    "OutboxUnsafe": 1,
    "OutboxFull": 1,
    "OutboxBusy": 1,
    "OutboxCorrupt": 1,
    "ContentLost": 2,
    "ProtocolViolation": 0,
    "MailboxChanged": 0,
    # makes one
    "_changed": 0,
    # the address grammar's own exception, whose text becomes the reason of an InvalidAddress
    "_Invalid": 0,
}


def written(node: ast.expr) -> Iterator[str]:
    """The texts that an expression may be, as the table writes them; nothing for what only running tells."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from written(node.body)
        yield from written(node.orelse)


def reasons_of(path: Path) -> Iterator[tuple[str, str]]:
    """(reason, where it stands) of a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        place = PLACES.get(name)
        if place is not None and len(node.args) > place:
            for text in written(node.args[place]):
                yield text, f"{path.relative_to(PACKAGE)}:{node.lineno}"


ALL = dict(found for path in sorted(PACKAGE.rglob("*.py")) for found in reasons_of(path))


def test_the_search_finds_reasons() -> None:
    assert len(ALL) > 50
    assert "a port is a number from 1 to 65535" in ALL


@pytest.mark.parametrize("text", sorted(ALL))
def test_every_reason_has_its_french(text: str) -> None:
    assert text in REASONS, f'{ALL[text]}: add to error_reasons.py\n    "{text}": "…",'


@pytest.mark.parametrize(("english", "french"), REASONS.items())
def test_the_french_has_the_same_holes(english: str, french: str) -> None:
    def holes(text: str) -> int:
        return sum(name is not None for _, name, _, _ in string.Formatter().parse(text))

    assert holes(english) == holes(french)
    assert english != french or english in ("CR without LF",)


@pytest.mark.parametrize(
    "row",
    [row for row in rows("members") if row["english"] in MEMBERS],
    ids=lambda row: f"{row['owner']}.{row['english']}",
)
def test_members_have_the_french_names_of_the_tables(row: Row) -> None:
    assert MEMBERS[row["english"]] == row["french"]


def french_summary(exception: MailError) -> str:
    EmailErrorLanguage("fr")
    failing(exception)()
    return str(ErrorInfo(errSummary))


@pytest.mark.parametrize(
    ("exception", "text"),
    [
        (
            InvalidValue("Port", "a port is a number from 1 to 65535", 70000),
            "Port : un port est un nombre de 1 à 65535 (« 70000 »).",
        ),
        (
            InvalidValue("Subject", "text is expected, not a list"),
            "Sujet : du texte est attendu, pas une valeur de type list.",
        ),
        (InvalidValue("Port", "an integer is expected, not that text"), "Port : un entier est attendu, pas ce texte."),
        (
            InvalidAddress("Recipient[2]", "there is no @", "bob"),
            "Destinataire[2] : « bob » n'est pas une adresse e-mail utilisable (il n'y a pas de @).",
        ),
        (
            InvalidAddress("Bcc", "';' is not allowed before the @", "a;b@x"),
            "Cci : « a;b@x » n'est pas une adresse e-mail utilisable (';' est interdit avant le @).",
        ),
        (
            AttachmentUnreadable("a.pdf", "it is a directory"),
            "Le fichier attaché « a.pdf » ne peut pas être lu (c'est un répertoire).",
        ),
        (
            ProtocolViolation("the server answered EHLO with 999 {}", host="h", port=25),
            "h:25 ne respecte pas le protocole de messagerie : le serveur a répondu à EHLO par 999 {}.",
        ),
        (InvalidValue("Attach[1].Content", "something new"), "Attache[1].Content : something new."),
    ],
)
def test_a_french_sentence_is_french_throughout(exception: MailError, text: str) -> None:
    assert french_summary(exception) == text


def test_a_setting_is_refused_in_french() -> None:
    EmailErrorLanguage("fr")
    EmailSetTimeOut(0)
    assert ErrorInfo(errSummary) == "Durée : un délai doit être supérieur à zéro (« 0 »)."


def test_what_is_not_known_stays_english() -> None:
    assert reason("something quite new") == "something quite new"
    assert member("NewMember[3]") == "NewMember[3]"
