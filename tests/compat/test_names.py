"""Names: whatever a row calls available is exported under every spelling, and whatever is exported has a row."""

from __future__ import annotations

import builtins
import keyword

import pytest

import wlemail

from .tables import AVAILABLE, Row, as_rows, folded, line, plain, rows, spellings

#: rows that stand for a public name of their own
PUBLIC = [row for row in (*rows("functions"), *rows("constants")) if row.get("kind") not in {"method", "statement"}]
HERE = [row for row in PUBLIC if row["status"] in AVAILABLE]


def by_name(row: Row) -> str:
    return row["english"]


def hides_a_builtin(name: str) -> bool:
    """Such a name is an attribute of the package and is left out of the star import."""
    return hasattr(builtins, name)


@pytest.mark.parametrize("row", HERE, ids=by_name)
def test_available_names_are_exported_under_every_spelling(row: Row) -> None:
    missing = [
        name
        for name in spellings(row)
        if not keyword.iskeyword(name) and not hides_a_builtin(name) and name not in wlemail.__all__
    ]
    assert not missing, f"wlemail.__all__ lacks {missing} (available by the row of {row['english']}); add " + ", ".join(
        f'"{name}"' for name in missing
    )


@pytest.mark.parametrize("row", HERE, ids=by_name)
def test_all_spellings_are_one_object(row: Row) -> None:
    if keyword.iskeyword(row["english"]):
        english = {"True": True, "False": False}[row["english"]]
    else:
        english = getattr(wlemail, row["english"])
    for name in spellings(row):
        if not keyword.iskeyword(name):
            assert getattr(wlemail, name) is english, f"wlemail.{name} is not wlemail.{row['english']}"


@pytest.mark.parametrize("row", HERE, ids=by_name)
def test_any_casing_is_found_as_an_attribute(row: Row) -> None:
    for name in spellings(row):
        expected = getattr(wlemail, name, None) if not keyword.iskeyword(name) else name == "True"
        for other in (name.lower(), name.upper(), folded(name)):
            if not keyword.iskeyword(name):
                assert getattr(wlemail, other) is expected, f"wlemail.{other} is not wlemail.{name}"


def test_every_exported_name_has_a_row() -> None:
    known = {name for row in HERE for name in spellings(row)}
    unknown = [name for name in wlemail.__all__ if name not in known]
    paste = ""
    for names in as_rows(unknown, lambda name: getattr(wlemail, name)):
        value = getattr(wlemail, names["english"])
        if isinstance(value, int):
            paste += line("constants", **names, value=str(int(value)), value_origin="own", status="done", part="1")
        else:
            paste += line("functions", **names, kind="function", status="done", part="1")
    assert not unknown, f"exported, and no row says so: {paste}"


def test_what_is_planned_or_refused_is_not_exported() -> None:
    exported = {folded(name) for name in wlemail.__all__}
    wrong = [
        f"{row['english']} ({row['status']})"
        for row in PUBLIC
        if row["status"] not in AVAILABLE
        for name in spellings(row)
        if folded(name) in exported and not hides_a_builtin(name)
    ]
    assert not wrong, f"these rows say that the name is not there, and it is exported: {sorted(set(wrong))}"


@pytest.mark.parametrize("row", [row for row in PUBLIC if row["status"] not in AVAILABLE], ids=by_name)
def test_what_is_planned_or_refused_is_not_an_attribute(row: Row) -> None:
    for name in spellings(row):
        # CloseSession must not come out as something else by way of folding, either.
        assert not hasattr(wlemail, name), f"wlemail.{name} exists; its row says {row['status']}"


def test_nothing_exported_hides_a_builtin() -> None:
    assert not [name for name in wlemail.__all__ if hides_a_builtin(name)]


def test_exported_names_occur_once_and_exist() -> None:
    assert len(set(wlemail.__all__)) == len(wlemail.__all__)
    assert not [name for name in wlemail.__all__ if not hasattr(wlemail, name)]


def test_the_star_import_brings_both_languages() -> None:
    namespace: dict[str, object] = {}
    exec("from wlemail import *", namespace)
    missing = [
        name
        for row in HERE
        for name in spellings(row)
        if name not in namespace and not keyword.iskeyword(name) and not hides_a_builtin(name)
    ]
    assert not missing


#: names that people expect and that WLanguage does not have; an extension may take one, and then has a row that says so
ABSENT = [
    "EmailRunFilter",
    "EmailAddAttachment",
    "EmailMsgStatus",
    "EmailResetError",
    "emailOptionNTLM",
    "emailProtocolSMTPStartTLS",
    "EmailOut",
    "EmailGetNumber",
    "EmailGetHeader",
    "EmailGetList",
    "EmailGetIDList",
    "EmailDelete",
    "EmailSaveAttach",
    "EmailCloseMessage",
    "EmailReceive",
    "EmailMarkAsRead",
    "EmailMarkAsUnread",
    "EmailRenameFolder",
    "EmailSearchFolder",
    "EmailFindFolder",
    "EmailMoveMessage",
    "EmailCopyMessage",
    "EmailCreateFolder",
    "EmailDeleteFolder",
    "EmailModifyStatus",
    "EmailListMessage",
    "EmailListen",
    "EmailNotification",
    "EmailImportOutlook",
    "EmailLoad",
    "EmailLoadMSG",
    "EmailVerifyAddress",
    "EmailSeekNext",
    "errSubCode",
    "errSubMessage",
]
ABSENT_MEMBERS = {
    "Email": ["ReplyTo", "Importance", "Charset", "Number", "NbMessage", "Identifier", "ContentType", "Date"],
    "emailSMTPSession": ["Domain", "AsynchronousMode"],
}
EXTENSIONS = {
    folded(name)
    for row in (*rows("functions"), *rows("constants"))
    if row["origin"] == "extension"
    for name in spellings(row)
}
EXTENSION_MEMBERS = {
    (row["owner"], folded(name)) for row in rows("members") if row["origin"] == "extension" for name in spellings(row)
}


def test_names_that_wlanguage_lacks_have_only_extension_rows() -> None:
    wrong = [
        row["english"]
        for row in (*rows("functions"), *rows("constants"))
        if row["origin"] != "extension" and {folded(s) for s in spellings(row)} & {folded(name) for name in ABSENT}
    ]
    wrong += [
        f"{row['owner']}.{row['english']}"
        for row in rows("members")
        if row["origin"] != "extension"
        and {folded(s) for s in spellings(row)} & {folded(name) for name in ABSENT_MEMBERS.get(row["owner"], ())}
    ]
    assert not wrong, f"WLanguage has no such names, so their origin is extension: {wrong}"


@pytest.mark.parametrize("name", ABSENT)
def test_names_that_wlanguage_lacks_are_not_exported(name: str) -> None:
    exported = {folded(exported) for exported in wlemail.__all__}
    assert folded(name) not in exported or folded(name) in EXTENSIONS, (
        f"WLanguage has no {name}; as an extension it needs a row with origin extension"
    )


@pytest.mark.parametrize(("owner", "name"), [(o, n) for o, names in ABSENT_MEMBERS.items() for n in names])
def test_members_that_wlanguage_lacks_do_not_exist(owner: str, name: str) -> None:
    variable = getattr(wlemail, owner)()
    assert not hasattr(variable, name) or (owner, folded(name)) in EXTENSION_MEMBERS


def test_plain_is_what_a_french_keyboard_without_accents_types() -> None:
    assert plain("EmailExécuteCommande") == "EmailExecuteCommande"
