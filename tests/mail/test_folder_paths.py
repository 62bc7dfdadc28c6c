r"""Paths of folders as people write them, against what servers list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlemail.errors import InvalidValue
from wlemail.mail.folder_paths import Tree, fold, with_roles
from wlemail.mail.interfaces import Folder


def tree(*paths: str, delimiter: str | None = "/", prefix: str = "", roles: dict[str, str] | None = None) -> Tree:
    roles = roles or {}
    return Tree(with_roles(Folder(path, delimiter, roles.get(path, "")) for path in paths), prefix, delimiter)


DOVECOT = tree("INBOX", "Travail", "Travail/Été & co", "Travail/A [x]", "Sent", "Brouillons", "a\\b", "R.A.S.")
CYRUS = tree("INBOX", "INBOX.Travail", "INBOX.Travail.Été", "INBOX.Sent", "INBOX.a/b", "shared.news",
             delimiter=".", prefix="INBOX.")  # fmt: skip
GMAIL = tree(
    "INBOX", "Work", "[Gmail]/Corbeille", "[Gmail]/Messages envoyés", "[Gmail]/Tous les messages",
    roles={"[Gmail]/Corbeille": "\\Trash", "[Gmail]/Messages envoyés": "\\Sent", "[Gmail]/Tous les messages": "\\All"},
)  # fmt: skip
FLAT = tree("INBOX", "a/b", "c", delimiter=None)


@pytest.mark.parametrize(
    ("server", "path", "name"),
    [
        (DOVECOT, "Travail/Été & co", "Travail/Été & co"),
        (DOVECOT, "Travail\\Été & co", "Travail/Été & co"),
        (DOVECOT, "\\Travail\\A [x]\\", "Travail/A [x]"),
        (DOVECOT, "travail/A [X]", "Travail/A [x]"),
        (DOVECOT, "Dossiers personnels\\Travail", "Travail"),
        (DOVECOT, "Personal Folders/Travail/Été & co", "Travail/Été & co"),
        (DOVECOT, "a\\b", "a\\b"),
        (DOVECOT, "R.A.S.", "R.A.S."),
        (DOVECOT, "Inbox", "INBOX"),
        (DOVECOT, "Boîte de réception", "INBOX"),
        (DOVECOT, "Dossiers personnels\\Boîte de réception", "INBOX"),
        (DOVECOT, "SentItems", "Sent"),
        (DOVECOT, "Éléments envoyés", "Sent"),
        (DOVECOT, "Drafts", "Brouillons"),
        (DOVECOT, "Travail/E\u0301te\u0301 & co", "Travail/Été & co"),
        (CYRUS, "INBOX.Travail.Été", "INBOX.Travail.Été"),
        (CYRUS, "Travail/Été", "INBOX.Travail.Été"),
        (CYRUS, "Travail\\Été", "INBOX.Travail.Été"),
        (CYRUS, "Inbox/Travail", "INBOX.Travail"),
        (CYRUS, "Boîte de réception\\Travail", "INBOX.Travail"),
        (CYRUS, "Dossiers personnels\\Travail\\Été", "INBOX.Travail.Été"),
        (CYRUS, "a/b", "INBOX.a/b"),
        (CYRUS, "shared/news", "shared.news"),
        (CYRUS, "SentItems", "INBOX.Sent"),
        (GMAIL, "DeletedItems", "[Gmail]/Corbeille"),
        (GMAIL, "Sent Mail", "[Gmail]/Messages envoyés"),
        (GMAIL, "[Gmail]\\corbeille", "[Gmail]/Corbeille"),
        (FLAT, "a/b", "a/b"),
        (FLAT, "Dossiers personnels\\c", "c"),
        (FLAT, "inbox", "INBOX"),
    ],
)
def test_folders_that_are_there(server: Tree, path: str, name: str) -> None:
    assert server.find(path) == name
    assert server.name(path) == name


@pytest.mark.parametrize(
    ("server", "path", "name", "missing"),
    [
        (DOVECOT, "Clients", "Clients", ["Clients"]),
        (DOVECOT, "Clients\\Été/2026", "Clients/Été/2026", ["Clients", "Clients/Été", "Clients/Été/2026"]),
        (DOVECOT, "travail/new", "Travail/new", ["Travail/new"]),
        (CYRUS, "Dossiers personnels\\travail\\new", "INBOX.Travail.new", ["INBOX.Travail.new"]),
        (DOVECOT, "Dossiers personnels\\Travail\\new", "Travail/new", ["Travail/new"]),
        (DOVECOT, "Boîte de réception\\Lu", "INBOX/Lu", ["INBOX/Lu"]),
        (DOVECOT, "SentItems\\2026", "Sent/2026", ["Sent/2026"]),
        (DOVECOT, "Archives", "Archives", ["Archives"]),
        (CYRUS, "Clients\\Été", "INBOX.Clients.Été", ["INBOX.Clients", "INBOX.Clients.Été"]),
        (CYRUS, "INBOX.Clients", "INBOX.Clients", ["INBOX.Clients"]),
        (CYRUS, "Inbox/Clients", "INBOX.Clients", ["INBOX.Clients"]),
        (GMAIL, "Deleted Items/x", "[Gmail]/Corbeille/x", ["[Gmail]/Corbeille/x"]),
        (FLAT, "new", "new", ["new"]),
    ],
)
def test_folders_that_are_not(server: Tree, path: str, name: str, missing: list[str]) -> None:
    assert server.find(path) is None
    assert server.name(path) == name
    assert server.missing(name) == missing


@pytest.mark.parametrize("path", ["", "/", "\\\\", "Dossiers personnels", "Personal folders\\"])
def test_no_folder_at_all(path: str) -> None:
    with pytest.raises(InvalidValue):
        DOVECOT.name(path)


def test_two_folders_that_differ_by_case_alone() -> None:
    server = tree("INBOX", "Clients", "CLIENTS")
    assert server.find("Clients") == "Clients"
    assert server.find("clients") is None


@pytest.mark.parametrize("name", ["Sent", "Drafts", "Archives", "Corbeille", "Spam"])
def test_a_folder_of_ones_own_that_is_called_like_a_role(name: str) -> None:
    server = tree("INBOX", name, "x", roles={"x": "\\Sent"})
    assert server.find(name) == name


def test_the_servers_word_counts_more_than_a_name() -> None:
    server = tree("INBOX", "Sent", "Out", roles={"Out": "\\Sent"})
    assert {folder.path: folder.special for folder in server.folders} == {
        "INBOX": "\\Inbox", "Sent": "", "Out": "\\Sent",
    }  # fmt: skip
    assert server.find("SentItems") == "Out"


def test_of_two_common_names_the_more_telling_one() -> None:
    server = tree("INBOX", "Clients/Sent", "Sent Items", "Sent", "deep/er/Trash")
    assert {folder.path: folder.special for folder in server.folders if folder.special} == {
        "INBOX": "\\Inbox", "Sent": "\\Sent",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "folded"),
    [("Éléments envoyés", "elementsenvoyes"), ("Deleted-Items", "deleteditems"), ("ÉTÉ_2", "ete2"), ("…", "")],
)
def test_fold(name: str, folded: str) -> None:
    assert fold(name) == folded


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)


@given(paths=st.lists(NAMES, max_size=5), path=NAMES, delimiter=st.sampled_from(["/", ".", "\\", None]))
def test_what_is_there_is_found_by_its_own_name(paths: list[str], path: str, delimiter: str | None) -> None:
    server = tree(*paths, path, delimiter=delimiter)
    assert server.find(path) == path


@given(paths=st.lists(NAMES, max_size=5), path=st.text(max_size=12), delimiter=st.sampled_from(["/", ".", None]))
def test_every_path_means_one_name_or_none(paths: list[str], path: str, delimiter: str | None) -> None:
    server = tree(*paths, delimiter=delimiter, prefix="INBOX" + delimiter if delimiter else "")
    try:
        name = server.name(path)
    except InvalidValue:
        return
    assert name
    assert server.missing(name)[-1] == name
