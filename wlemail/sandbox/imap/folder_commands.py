"""Commands about folders: SELECT, CREATE, LIST, STATUS, NAMESPACE, GETQUOTA and their kin (RFC 3501 6.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ..accounts import DELETED, SEEN, SYSTEM_FLAGS, Problem
from .commands import AFTER, SELECTED, Command, Done
from .grammar import Malformed, mailbox_name, string
from .view import View

if TYPE_CHECKING:
    from ..accounts import Account, Folder
    from .commands import Outcome
    from .grammar import Arguments
    from .session import IMAPSession

#: Patterns of one LIST, and wildcards of one pattern: each one more multiplies the work.
MAX_PATTERNS = 100
MAX_WILDCARDS = 20
_STATUS_ITEMS = (
    *("MESSAGES", "RECENT", "UIDNEXT", "UIDVALIDITY", "UNSEEN", "SIZE"),
    *("DELETED", "HIGHESTMODSEQ", "APPENDLIMIT"),
)
_USES = ("\\All", "\\Archive", "\\Drafts", "\\Flagged", "\\Junk", "\\Sent", "\\Trash")


def _name(session: IMAPSession, path: str) -> str:
    return mailbox_name(path, utf8=session.utf8).decode()


# -- selecting ----------------------------------------------------------------------------------------------


def _select(session: IMAPSession, arguments: Arguments) -> Outcome:
    return _open(session, arguments, read_only=False)


def _examine(session: IMAPSession, arguments: Arguments) -> Outcome:
    return _open(session, arguments, read_only=True)


def _open(session: IMAPSession, arguments: Arguments, *, read_only: bool) -> Outcome:
    path = arguments.mailbox()
    if not arguments.ended:
        arguments.space()
        if arguments.listed(arguments.word) != ["CONDSTORE"] or not session.offer.has("CONDSTORE"):
            raise Malformed("no such parameter")
        session.enabled.add("CONDSTORE")
    arguments.end()
    if session.is_rev2 and session.view is not None:
        session.untagged("OK [CLOSED] what follows is of another folder")
    # RFC 3501 6.3.1: a SELECT that fails leaves nothing selected.
    session.deselect()
    folder = session.account.find(path)
    view = View(folder, read_only=read_only, tells_recent=not session.is_rev2)
    keywords = sorted({flag for entry in folder.entries.values() for flag in entry.flags} - set(SYSTEM_FLAGS))
    flags = " ".join([*SYSTEM_FLAGS, *keywords])
    session.untagged(f"FLAGS ({flags})")
    permanent = "" if read_only else f"{flags} \\*"
    session.untagged(f"OK [PERMANENTFLAGS ({permanent})] flags that stay")
    session.untagged(f"{len(view.uids)} EXISTS")
    if session.is_rev2:
        session.untagged(f'LIST () "{session.account.layout.delimiter}" {_name(session, folder.path)}')
    else:
        session.untagged(f"{view.recent} RECENT")
        first = next((entry for entry in folder.entries.values() if SEEN not in entry.flags), None)
        if first is not None:
            session.untagged(f"OK [UNSEEN {view.number(first.uid)}] the first that is not seen")
    session.untagged(f"OK [UIDVALIDITY {folder.uid_validity}] UIDs are valid")
    session.untagged(f"OK [UIDNEXT {folder.next_uid}] the next UID")
    if session.offer.has("CONDSTORE"):
        session.untagged(f"OK [HIGHESTMODSEQ {folder.modseq}] the last change")
    session.select(view)
    return Done("examined" if read_only else "selected", "READ-ONLY" if read_only else "READ-WRITE")


def _close(session: IMAPSession, arguments: Arguments) -> Outcome:
    arguments.end()
    view = session.view
    assert view is not None
    session.deselect()
    if not view.read_only:
        # Without a word about the messages that go (RFC 3501 6.4.2).
        view.folder.remove([entry.uid for entry in view.entries(view.uids) if DELETED in entry.flags])
    return Done("closed")


def _unselect(session: IMAPSession, arguments: Arguments) -> Outcome:
    arguments.end()
    session.deselect()
    return Done("left as it is")


# -- which there are ----------------------------------------------------------------------------------------


def _create(session: IMAPSession, arguments: Arguments) -> Outcome:
    path, special = arguments.mailbox(), ""
    if not arguments.ended:
        arguments.space()
        special = _special_use(arguments)
        if not session.offer.has("CREATE-SPECIAL-USE"):
            raise Malformed("CREATE-SPECIAL-USE was not offered")
    arguments.end()
    session.account.create(path, special)
    return Done("made")


def _special_use(arguments: Arguments) -> str:
    """`(USE (\\Sent))` (RFC 6154 3)."""
    arguments.require(b"(USE ")
    uses = arguments.listed(arguments.flag, empty=True)
    arguments.require(b")")
    if len(uses) > 1:
        raise Problem("one use is enough", "USEATTR")
    found = {use.casefold(): use for use in _USES}
    if uses and uses[0].casefold() not in found:
        raise Problem("there is no such use", "USEATTR")
    return found[uses[0].casefold()] if uses else ""


def _delete(session: IMAPSession, arguments: Arguments) -> Outcome:
    path = arguments.mailbox()
    arguments.end()
    session.account.delete(path)
    return Done("gone")


def _rename(session: IMAPSession, arguments: Arguments) -> Outcome:
    path = arguments.mailbox()
    arguments.space()
    new = arguments.mailbox()
    arguments.end()
    session.account.rename(path, new)
    return Done("renamed")


def _subscribe(session: IMAPSession, arguments: Arguments) -> Outcome:
    path = arguments.mailbox()
    arguments.end()
    account = session.account
    if account.canonical(path) not in account.folders:
        raise Problem(f"there is no folder {path}", "NONEXISTENT")
    account.subscribed.add(account.canonical(path))
    return Done("subscribed")


def _unsubscribe(session: IMAPSession, arguments: Arguments) -> Outcome:
    path = arguments.mailbox()
    arguments.end()
    session.account.subscribed.discard(session.account.canonical(path))
    return Done("unsubscribed")


# -- listing ------------------------------------------------------------------------------------------------


class _Wanted(NamedTuple):
    """What a LIST asks for."""

    patterns: list[re.Pattern[str]]
    selection: list[str]
    returned: list[str]
    status: list[str]


def _list(session: IMAPSession, arguments: Arguments) -> Outcome:
    extended = session.offer.has("LIST-EXTENDED")
    selection: list[str] = []
    if extended and arguments.at(b"("):
        selection = arguments.listed(lambda: _one_of(arguments, _SELECTIONS), empty=True)
        arguments.space()
    reference = arguments.mailbox()
    arguments.space()
    delimiter = session.account.layout.delimiter
    if extended and arguments.at(b"("):
        names = arguments.listed(arguments.pattern)
        if len(names) > MAX_PATTERNS:
            raise Problem("too many patterns", "LIMIT")
    else:
        names = [arguments.pattern()]
        if not names[0] and arguments.ended:
            # Asks for the delimiter alone (RFC 3501 6.3.8).
            session.untagged(f'LIST (\\Noselect) "{delimiter}" ""')
            return Done("that is the delimiter")
    returned, status = _returned(session, arguments) if not arguments.ended else ([], [])
    arguments.end()
    if "RECURSIVEMATCH" in selection and "SUBSCRIBED" not in selection:
        raise Malformed("RECURSIVEMATCH needs another selection")
    _tell(session, _Wanted([_pattern(reference + name, delimiter) for name in names], selection, returned, status))
    return Done("that is all")


_SELECTIONS = ("SUBSCRIBED", "REMOTE", "RECURSIVEMATCH", "SPECIAL-USE")
_RETURNS = ("SUBSCRIBED", "CHILDREN", "SPECIAL-USE", "STATUS")


def _one_of(arguments: Arguments, known: tuple[str, ...]) -> str:
    word = arguments.word()
    if word not in known:
        raise Malformed(f"no such option: {word}")
    return word


def _returned(session: IMAPSession, arguments: Arguments) -> tuple[list[str], list[str]]:
    status: list[str] = []

    def option() -> str:
        word = _one_of(arguments, _RETURNS)
        if word == "STATUS":
            if not session.offer.has("LIST-STATUS"):
                raise Malformed("LIST-STATUS was not offered")
            arguments.space()
            status.extend(arguments.listed(lambda: _one_of(arguments, _STATUS_ITEMS)))
        return word

    arguments.space()
    arguments.require(b"RETURN ")
    return arguments.listed(option, empty=True), status


def _pattern(name: str, delimiter: str) -> re.Pattern[str]:
    if sum(map(name.count, "*%")) > MAX_WILDCARDS:
        raise Problem("too many wildcards", "LIMIT")
    first, delimited, rest = name.partition(delimiter)
    if first.upper() == "INBOX":
        name = "INBOX" + delimited + rest
    wild = {"*": ".*", "%": f"[^{re.escape(delimiter)}]*"}
    # Several wildcards side by side are no more than the widest of them.
    name = re.sub(r"[*%]*\*[*%]*", "*", re.sub("%+", "%", name))
    return re.compile("".join(wild.get(c) or re.escape(c) for c in name), re.DOTALL)


def _tell(session: IMAPSession, wanted: _Wanted) -> None:
    account = session.account
    for path, attributes in _matching(account, wanted):
        folder = account.folders.get(path)
        words = [*attributes, *_attributes(account, path, folder)]
        if "SUBSCRIBED" in [*wanted.selection, *wanted.returned] and path in account.subscribed:
            words.append("\\Subscribed")
        if folder is not None and folder.special and session.offer.has("SPECIAL-USE"):
            words.append(folder.special)
        below = ""
        if "RECURSIVEMATCH" in wanted.selection and any(name in account.subscribed for name in account.below(path)):
            below = ' ("CHILDINFO" ("SUBSCRIBED"))'
        session.untagged(f'LIST ({" ".join(words)}) "{account.layout.delimiter}" {_name(session, path)}{below}')
        if wanted.status and folder is not None and folder.selectable:
            session.untagged(_status_line(session, path, folder, wanted.status))


def _matching(account: Account, wanted: _Wanted) -> Iterator[tuple[str, list[str]]]:
    """The names to list, with the attributes that only the choice explains."""
    names = set(account.folders)
    if "SUBSCRIBED" in wanted.selection:
        names = set(account.subscribed)
        if "RECURSIVEMATCH" in wanted.selection:
            names |= {parent for name in account.subscribed for parent in account.parents(name)}
    for path in _sorted(names):
        folder = account.folders.get(path)
        if "SPECIAL-USE" in wanted.selection and not (folder and folder.special):
            continue
        if any(pattern.fullmatch(path) for pattern in wanted.patterns):
            yield path, ["\\NonExistent"] if folder is None else []


def _sorted(names: set[str]) -> list[str]:
    return sorted(names, key=lambda name: (name != "INBOX", name))


def _attributes(account: Account, path: str, folder: Folder | None) -> list[str]:
    children = "\\HasChildren" if account.below(path) else "\\HasNoChildren"
    return [children] if folder is None or folder.selectable else ["\\Noselect", children]


def _lsub(session: IMAPSession, arguments: Arguments) -> Outcome:
    reference = arguments.mailbox()
    arguments.space()
    account = session.account
    delimiter = account.layout.delimiter
    pattern = _pattern(reference + arguments.pattern(), delimiter)
    arguments.end()
    # RFC 3501 6.3.9: a name that is not subscribed to is told where `%` would hide one below it that is.
    parents = {parent for name in account.subscribed for parent in account.parents(name)} - account.subscribed
    for path in _sorted(account.subscribed | parents):
        if not pattern.fullmatch(path):
            continue
        if path in account.subscribed:
            session.untagged(f'LSUB () "{delimiter}" {_name(session, path)}')
        elif not any(pattern.fullmatch(name) for name in account.subscribed if name.startswith(path + delimiter)):
            session.untagged(f'LSUB (\\Noselect) "{delimiter}" {_name(session, path)}')
    return Done("that is all")


# -- what is told of them -----------------------------------------------------------------------------------


def _status(session: IMAPSession, arguments: Arguments) -> Outcome:
    path = arguments.mailbox()
    arguments.space()
    items = arguments.listed(lambda: _one_of(arguments, _STATUS_ITEMS))
    arguments.end()
    session.untagged(_status_line(session, path, session.account.find(path), items))
    return Done("that is how it is")


def _status_line(session: IMAPSession, path: str, folder: Folder, items: list[str]) -> str:
    entries = folder.entries.values()
    facts = {
        "MESSAGES": lambda: len(folder.entries),
        "RECENT": lambda: sum(uid >= folder.first_recent for uid in folder.entries),
        "UIDNEXT": lambda: folder.next_uid,
        "UIDVALIDITY": lambda: folder.uid_validity,
        "UNSEEN": lambda: sum(SEEN not in entry.flags for entry in entries),
        "SIZE": lambda: folder.size,
        "DELETED": lambda: sum(DELETED in entry.flags for entry in entries),
        "HIGHESTMODSEQ": lambda: folder.modseq,
        "APPENDLIMIT": lambda: session.offer.max_size,
    }
    if "HIGHESTMODSEQ" in items:
        session.enabled.add("CONDSTORE")
    told = " ".join(f"{item} {facts[item]()}" for item in items)
    return f"STATUS {_name(session, session.account.canonical(path))} ({told})"


def _namespace(session: IMAPSession, arguments: Arguments) -> Outcome:
    arguments.end()
    layout = session.account.layout
    prefix = string(layout.prefix.encode()).decode()
    session.untagged(f'NAMESPACE (({prefix} "{layout.delimiter}")) NIL NIL')
    return Done("yours alone")


def _getquota(session: IMAPSession, arguments: Arguments) -> Outcome:
    root = arguments.text()
    arguments.end()
    if root:
        raise Problem("there is no such quota", "NONEXISTENT")
    _tell_quota(session)
    return Done("that is the quota")


def _getquotaroot(session: IMAPSession, arguments: Arguments) -> Outcome:
    path = arguments.mailbox()
    arguments.end()
    session.account.find(path)
    root = "" if session.account.layout.quota is None else ' ""'
    session.untagged(f"QUOTAROOT {_name(session, session.account.canonical(path))}{root}")
    _tell_quota(session)
    return Done("that is the quota")


def _tell_quota(session: IMAPSession) -> None:
    quota = session.account.layout.quota
    if quota is not None:
        # In units of 1024 octets (RFC 9208 5.1).
        session.untagged(f'QUOTA "" (STORAGE {-(-session.account.used // 1024)} {quota // 1024})')


COMMANDS = {
    "SELECT": Command(AFTER, _select),
    "EXAMINE": Command(AFTER, _examine),
    "CLOSE": Command(SELECTED, _close),
    "UNSELECT": Command(SELECTED, _unselect, capability="UNSELECT"),
    "CREATE": Command(AFTER, _create),
    "DELETE": Command(AFTER, _delete),
    "RENAME": Command(AFTER, _rename),
    "SUBSCRIBE": Command(AFTER, _subscribe),
    "UNSUBSCRIBE": Command(AFTER, _unsubscribe),
    "LIST": Command(AFTER, _list),
    "LSUB": Command(AFTER, _lsub),
    "STATUS": Command(AFTER, _status),
    "NAMESPACE": Command(AFTER, _namespace, capability="NAMESPACE"),
    "GETQUOTA": Command(AFTER, _getquota, capability="QUOTA"),
    "GETQUOTAROOT": Command(AFTER, _getquotaroot, capability="QUOTA"),
}
