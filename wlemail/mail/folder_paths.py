r"""Paths of folders as people write them, and what the server calls them. No I/O.

`Travail/Été`, `Travail\Été` and the server's own `INBOX.Travail.Été` name one folder; so do `INBOX`, `Inbox` and
`Boîte de réception`, with or without `Dossiers personnels\` in front. `SentItems`, `Éléments envoyés` and the like
stand for the folder that the server says is for that (SPECIAL-USE, RFC 6154), or whose name says so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ..errors import InvalidValue
from .interfaces import Folder

INBOX = "INBOX"

_ROOTS = ("personalfolders", "dossierspersonnels")
_INBOXES = ("inbox", "boitedereception", "reception")
# What servers and programs call such folders, the most telling first.
_COMMON: Mapping[str, tuple[str, ...]] = {
    "\\Sent": (
        "sent", "sentitems", "sentmail", "sentmessages", "elementsenvoyes", "messagesenvoyes", "envoyes",
        "mailsenvoyes", "courrierenvoye",
    ),
    "\\Drafts": ("drafts", "draft", "brouillons", "brouillon"),
    "\\Trash": (
        "trash", "deleteditems", "deletedmessages", "corbeille", "elementssupprimes", "messagessupprimes", "deleted",
        "bin",
    ),
    "\\Junk": (
        "junk", "junkemail", "junkmail", "spam", "courrierindesirable", "indesirables", "pourriel", "bulkmail",
    ),
    "\\Archive": ("archive", "archives", "archiveroot", "archivemsgfolderroot"),
    "\\All": ("all", "allmail", "allitems", "touslesmessages"),
    "\\Flagged": ("flagged", "starred", "suivis", "messagessuivis"),
    "\\Important": ("important",),
}  # fmt: skip
_ROLES = {name: role for role, names in _COMMON.items() for name in names}
_NO_LETTERS = re.compile(r"[\W_]+")
_ANY_SEPARATOR = "/\\"


def fold(name: str) -> str:
    """A name without case, accents, spaces and punctuation."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return _NO_LETTERS.sub("", "".join([each for each in letters if not unicodedata.combining(each)]))


def with_roles(folders: Iterable[Folder]) -> list[Folder]:
    """The same folders, each with what it is for: by its name, where the server says it of no folder."""
    told = list(folders)
    missing = set(_COMMON) - {folder.special for folder in told}
    guessed: dict[str, tuple[int, str]] = {}
    for folder in told:
        role = _ROLES.get(fold(_last_level(folder)))
        if role in missing and not folder.special and folder.selectable and _depth(folder) <= 1:
            rank = _depth(folder), _COMMON[role].index(fold(_last_level(folder)))
            if role not in guessed or (rank[0] * 100 + rank[1], folder.path) < guessed[role]:
                guessed[role] = rank[0] * 100 + rank[1], folder.path
    roles = {path: role for role, (_, path) in guessed.items()}
    roles[INBOX] = "\\Inbox"
    return [folder._replace(special=folder.special or roles.get(folder.path, "")) for folder in told]


def _last_level(folder: Folder) -> str:
    return folder.path.rpartition(folder.delimiter)[2] if folder.delimiter else folder.path


def _depth(folder: Folder) -> int:
    """Levels above it, where INBOX does not count: it is where many servers put everything."""
    if not folder.delimiter:
        return 0
    levels = folder.path.split(folder.delimiter)
    return len(levels) - 1 - (len(levels) > 1 and levels[0].upper() == INBOX)


class Tree(NamedTuple):
    """What a server has: its folders with their roles, and where one's own folders begin ("" or "INBOX.")."""

    folders: Sequence[Folder]
    prefix: str = ""
    delimiter: str | None = None

    # -- looking up ---------------------------------------------------------------------------------

    def find(self, path: str) -> str | None:
        """What the server calls the folder that this path means, None where there is none."""
        names = {folder.path for folder in self.folders}
        if path in names:
            return path
        candidates = list(self._candidates(path))
        for each in candidates:
            if each in names:
                return each
        # Not as it is written, but clear all the same.
        folded: dict[str, list[str]] = {}
        for name in names:
            folded.setdefault(self._folded(name), []).append(name)
        for each in candidates:
            alike = folded.get(self._folded(each), ())
            if len(alike) == 1:
                return alike[0]
        return None

    def name(self, path: str) -> str:
        """What the server calls that folder, or would call it."""
        return self.find(path) or self.new_name(path)

    def new_name(self, path: str) -> str:
        """What the server would call a folder of this path that it does not have, below one that it has."""
        own = self.delimiter or ""
        levels = _without_root(_levels(path, own + _ANY_SEPARATOR if own else ""))
        if not levels:
            raise InvalidValue("Path", "the path of a folder is expected", path)
        for count in range(len(levels) - 1, 0, -1):
            above = self.find(own.join(levels[:count]))
            if above is not None:
                return own.join([above, *levels[count:]])
        name = own.join(levels)
        return name if name.startswith(self.prefix) else self.prefix + name

    def missing(self, name: str) -> list[str]:
        """The levels of this name, from the top, that the server does not have; itself at last, whatever it has."""
        own = self.delimiter
        if not own:
            return [name]
        there = {INBOX, self.prefix.rstrip(own)}
        for folder in self.folders:
            # What has folders below it is a level, though perhaps not a folder.
            there.update(_above(folder.path, own), [folder.path])
        return [each for each in _above(name, own) if each not in there] + [name]

    # -- what a path may mean -----------------------------------------------------------------------

    def _candidates(self, path: str) -> Iterator[str]:
        own = self.delimiter or ""
        # A folder's name may hold what others part levels by: as few cuts as possible first.
        for cuts in (own, own + "\\", own + "/", own + _ANY_SEPARATOR):
            levels = _without_root(_levels(path, cuts))
            if not levels:
                continue
            first = self._well_known(levels[0])
            if first is not None:
                yield own.join([first, *levels[1:]])
                if first == INBOX:
                    continue
            plain = own.join(levels)
            if self.prefix and not plain.startswith(self.prefix):
                yield self.prefix + plain
            yield plain

    def _well_known(self, level: str) -> str | None:
        """The folder that a well-known name stands for."""
        folded = fold(level)
        if folded in _INBOXES:
            return INBOX
        role = _ROLES.get(folded)
        if role is None:
            return None
        return next((folder.path for folder in self.folders if folder.special == role), None)

    def _folded(self, name: str) -> str:
        levels = name.split(self.delimiter) if self.delimiter else [name]
        return "\0".join(unicodedata.normalize("NFC", level).casefold() for level in levels)


def _above(name: str, delimiter: str) -> list[str]:
    """The levels above a folder, from the top."""
    levels = name.split(delimiter)
    return [delimiter.join(levels[:count]) for count in range(1, len(levels))]


def _levels(path: str, cuts: str) -> list[str]:
    if not cuts:
        return [path] if path else []
    return [level for level in re.split(f"[{re.escape(cuts)}]", path) if level]


def _without_root(levels: list[str]) -> list[str]:
    return levels[1:] if levels and fold(levels[0]) in _ROOTS else levels
