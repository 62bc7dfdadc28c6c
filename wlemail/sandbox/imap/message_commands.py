"""Commands about messages: FETCH, STORE, SEARCH, COPY, MOVE, EXPUNGE (RFC 3501 6.4 and the extensions of the offer)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..accounts import DELETED, SEEN, Problem
from .commands import AFTER, SELECTED, Command, Done
from .criteria import Candidate, Criteria, read_charset
from .grammar import Malformed, numbers_in, written_set
from .items import Item, Octets, read_items
from .message_flags import checked_flags, united, without

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..accounts import Entry, Folder
    from .commands import Outcome, Transfer
    from .grammar import Arguments
    from .session import IMAPSession
    from .view import View

#: Messages that are looked at before other sessions have their turn.
_AT_ONCE = 200


def _view(session: IMAPSession) -> View:
    assert session.view is not None
    return session.view


def _writable(session: IMAPSession) -> View:
    view = _view(session)
    if view.read_only:
        raise Problem("the folder was opened to be looked at", "READ-ONLY")
    return view


def _chosen(session: IMAPSession, arguments: Arguments, *, by_uid: bool) -> list[int]:
    """The UIDs of the messages that a command names."""
    found = _view(session).chosen(arguments.number_set(), by_uid=by_uid)
    if found is None:
        raise Malformed("there is no message of that number")
    return found


def _both(
    run: Callable[[IMAPSession, Arguments, bool], Outcome], name: str, *, expunges: bool = True
) -> dict[str, Command]:
    """A command that takes sequence numbers, and its twin that takes UIDs."""

    def by_number(session: IMAPSession, arguments: Arguments) -> Outcome:
        return run(session, arguments, False)

    def by_uid(session: IMAPSession, arguments: Arguments) -> Outcome:
        return run(session, arguments, True)

    return {name: Command(SELECTED, by_number, may_expunge=expunges), f"UID {name}": Command(SELECTED, by_uid)}


# -- FETCH --------------------------------------------------------------------------------------------------


def _fetch(session: IMAPSession, arguments: Arguments, by_uid: bool) -> Outcome:
    uids = _chosen(session, arguments, by_uid=by_uid)
    arguments.space()
    items = read_items(arguments)
    since = -1
    if not arguments.ended:
        arguments.space()
        arguments.require(b"(CHANGEDSINCE ")
        since = arguments.modification()
        arguments.require(b")")
    arguments.end()
    names = {item.name for item in items}
    if since >= 0 or "MODSEQ" in names:
        session.enabled.add("CONDSTORE")
        if not session.offer.has("CONDSTORE"):
            raise Malformed("CONDSTORE was not offered")
        if "MODSEQ" not in names:
            items = [*items, Item("MODSEQ", b"MODSEQ")]
    if by_uid and "UID" not in names:
        items = [Item("UID", b"UID"), *items]
    return _fetched(session, uids, items, since)


def _fetched(session: IMAPSession, uids: list[int], items: list[Item], since: int) -> Transfer:
    view = _view(session)
    gone = 0
    marks = not view.read_only and any(item.marks_seen for item in items)
    for uid in uids:
        entry = view.folder.entries.get(uid)
        if entry is None:
            gone += 1
            continue
        if entry.modseq <= since:
            continue
        told = items
        if marks and view.folder.change(entry, entry.flags | {SEEN}, quiet_for=view):
            told = items if any(item.name == "FLAGS" for item in items) else [*items, Item("FLAGS", b"FLAGS")]
        try:
            yield from _answered(session, view, entry, told)
        except OSError:
            gone += 1
    if gone:
        raise Problem("some of the messages are gone", "EXPUNGEISSUED")
    return Done("fetched")


def _answered(session: IMAPSession, view: View, entry: Entry, items: list[Item]) -> Transfer:
    answer = session.answer_about(entry.message)
    values = [(item.label, answer.value(item, entry, view)) for item in items]
    number = view.number(entry.uid)
    told = " ".join(_noted(label, value) for label, value in values)
    session.note(f"* {number} FETCH ({told})")
    line = b"* %d FETCH (" % number
    for label, value in values:
        line += label + b" "
        if isinstance(value, Octets):
            yield line + b"{%d}\r\n" % value.size
            yield from value.pieces
            line = b" "
        else:
            line += value + b" "
    if line == b" ":
        line = b""
    yield line.removesuffix(b" ") + b")\r\n"
    if any(item.name == "FLAGS" for item in items):
        view.told_flags(entry)
    return Done("")


def _noted(label: bytes, value: bytes | Octets) -> str:
    """An item as it is remembered: without the octets of the message."""
    shown = b"{%d}" % value.size if isinstance(value, Octets) else value.partition(b"\r\n")[0]
    return (label + b" " + shown).decode("utf-8", "replace")


# -- STORE --------------------------------------------------------------------------------------------------


def _store(session: IMAPSession, arguments: Arguments, by_uid: bool) -> Outcome:
    uids = _chosen(session, arguments, by_uid=by_uid)
    arguments.space()
    unchanged_since = -1
    if arguments.skip(b"(UNCHANGEDSINCE "):
        unchanged_since = arguments.modification()
        arguments.require(b") ")
        session.enabled.add("CONDSTORE")
    how = next((sign for sign in (b"+", b"-") if arguments.skip(sign)), b"")
    arguments.require(b"FLAGS")
    silent = arguments.skip(b".SILENT")
    arguments.space()
    if arguments.at(b"("):
        names = arguments.listed(arguments.flag, empty=True)
    else:
        names = [arguments.flag()]
        while not arguments.ended:
            arguments.space()
            names.append(arguments.flag())
    arguments.end()
    view = _writable(session)
    flags = checked_flags(names)
    modified = []
    for entry in view.entries(uids):
        if 0 <= unchanged_since < entry.modseq:
            modified.append(entry.uid)
            continue
        _change(session, view, entry, _new_flags(entry, how, flags), silent=silent, by_uid=by_uid)
    if sum(uid not in view.folder.entries for uid in uids):
        raise Problem("some of the messages are gone", "EXPUNGEISSUED")
    if modified:
        told = modified if by_uid else [view.number(uid) for uid in modified]
        return Done("some were changed by others", f"MODIFIED {written_set(told)}")
    return Done("stored")


def _new_flags(entry: Entry, how: bytes, flags: set[str]) -> set[str]:
    if how == b"+":
        return united(entry.flags, flags)
    return without(entry.flags, flags) if how == b"-" else flags


def _change(session: IMAPSession, view: View, entry: Entry, flags: set[str], *, silent: bool, by_uid: bool) -> None:
    with_modseq = "CONDSTORE" in session.enabled
    view.folder.change(entry, flags, quiet_for=view)
    if silent and not with_modseq:
        return
    words = [f"UID {entry.uid}"] if by_uid else []
    if not silent:
        words.append(f"FLAGS {view.flags(entry)}")
        view.told_flags(entry)
    if with_modseq:
        # RFC 7162 3.1.3: told even where nothing else is.
        words.append(f"MODSEQ ({entry.modseq})")
    session.untagged(f"{view.number(entry.uid)} FETCH ({' '.join(words)})")


# -- SEARCH -------------------------------------------------------------------------------------------------


def _search(session: IMAPSession, arguments: Arguments, by_uid: bool) -> Outcome:
    # RFC 9051 6.4.4: with IMAP4rev2 the answer is always an ESEARCH.
    returned: list[str] | None = ["ALL"] if session.is_rev2 else None
    if arguments.at(b"RETURN ("):
        if not (session.is_rev2 or session.offer.has("ESEARCH")):
            raise Malformed("ESEARCH was not offered")
        arguments.require(b"RETURN ")
        returned = arguments.listed(arguments.word, empty=True) or ["ALL"]
        if not {"MIN", "MAX", "ALL", "COUNT"}.issuperset(returned):
            raise Malformed("no such result")
        arguments.space()
    charset = "utf-8" if session.utf8 else "ascii"
    if arguments.skip(b"CHARSET "):
        if "UTF8=ACCEPT" in session.enabled:
            raise Malformed("with UTF8=ACCEPT there is no CHARSET")
        charset = read_charset(arguments.text())
        arguments.space()
    view = _view(session)
    criteria = Criteria(arguments, view, charset)
    test = criteria.read()
    if criteria.wants_modseq:
        session.enabled.add("CONDSTORE")

    def searched() -> Transfer:
        found: list[Entry] = []
        for place, uid in enumerate(view.uids):
            entry = view.folder.entries.get(uid)
            if entry is not None and test(Candidate(view, entry)):
                found.append(entry)
            if place % _AT_ONCE == _AT_ONCE - 1:
                yield b""
        numbers = [entry.uid if by_uid else view.number(entry.uid) for entry in found]
        modseq = max((entry.modseq for entry in found), default=0) if criteria.wants_modseq else 0
        _tell_found(session, numbers, returned, modseq, by_uid=by_uid)
        return Done("that is all")

    return searched()


def _tell_found(
    session: IMAPSession, numbers: list[int], returned: list[str] | None, modseq: int, *, by_uid: bool
) -> None:
    if returned is None:
        shown = "".join(f" {number}" for number in numbers)
        session.untagged(f"SEARCH{shown}{f' (MODSEQ {modseq})' if modseq else ''}")
        return
    words = [f'ESEARCH (TAG "{session.tag}")', *(["UID"] if by_uid else [])]
    if numbers:
        facts = {"MIN": str(numbers[0]), "MAX": str(numbers[-1]), "ALL": written_set(numbers)}
        words += [f"{name} {facts[name]}" for name in ("MIN", "MAX", "ALL") if name in returned]
    if "COUNT" in returned:
        words.append(f"COUNT {len(numbers)}")
    if modseq:
        words.append(f"MODSEQ {modseq}")
    session.untagged(" ".join(words))


# -- COPY, MOVE, EXPUNGE ------------------------------------------------------------------------------------


def _copy(session: IMAPSession, arguments: Arguments, by_uid: bool) -> Outcome:
    uids = _chosen(session, arguments, by_uid=by_uid)
    arguments.space()
    path = arguments.mailbox()
    arguments.end()
    view, account = _view(session), session.account
    target = _target(session, path)
    entries = list(view.entries(uids))
    _need_all(uids, entries)
    if not entries:
        return Done("nothing to copy")
    return Done("copied", _copyuid(session, target.uid_validity, entries, account.copy(entries, target)))


def _move(session: IMAPSession, arguments: Arguments, by_uid: bool) -> Outcome:
    if not session.offer.has("MOVE"):
        raise Malformed("command not known")
    uids = _chosen(session, arguments, by_uid=by_uid)
    arguments.space()
    path = arguments.mailbox()
    arguments.end()
    view = _writable(session)
    target = _target(session, path)
    entries = list(view.entries(uids))
    _need_all(uids, entries)
    if entries:
        new = session.account.move(entries, view.folder, target)
        code = _copyuid(session, target.uid_validity, entries, new)
        if code:
            # Before the messages go (RFC 6851 4.3).
            session.untagged(f"OK [{code}] moved")
    return Done("moved")


def _target(session: IMAPSession, path: str) -> Folder:
    """The folder to copy to; the client may make it where it is not there (RFC 3501 6.4.7)."""
    try:
        return session.account.find(path)
    except Problem as problem:
        raise Problem(str(problem), "TRYCREATE") from None


def _need_all(uids: list[int], entries: list[Entry]) -> None:
    if len(entries) < len(uids):
        raise Problem("some of the messages are gone", "EXPUNGEISSUED")


def _copyuid(session: IMAPSession, validity: int, entries: list[Entry], new: list[int]) -> str:
    if not session.offer.has("UIDPLUS"):
        return ""
    return f"COPYUID {validity} {written_set([entry.uid for entry in entries])} {written_set(new)}"


def _expunge(session: IMAPSession, arguments: Arguments) -> Outcome:
    arguments.end()
    view = _writable(session)
    return _expunged(view, view.uids)


def _uid_expunge(session: IMAPSession, arguments: Arguments) -> Outcome:
    if not session.offer.has("UIDPLUS"):
        raise Malformed("command not known")
    ranges = arguments.number_set()
    arguments.end()
    view = _writable(session)
    return _expunged(view, numbers_in(ranges, view.uids))


def _expunged(view: View, uids: list[int]) -> Outcome:
    # The end of the command tells which.
    view.folder.remove([entry.uid for entry in view.entries(uids) if DELETED in entry.flags])
    return Done("expunged")


def _append(session: IMAPSession, arguments: Arguments) -> Outcome:
    # With a message it never gets here: that goes into its place as it comes.
    raise Malformed("APPEND wants a folder and a message")


APPEND = Command(AFTER, _append)
COMMANDS = {
    **_both(_fetch, "FETCH", expunges=False),
    **_both(_store, "STORE", expunges=False),
    **_both(_search, "SEARCH", expunges=False),
    **_both(_copy, "COPY"),
    **_both(_move, "MOVE"),
    "EXPUNGE": Command(SELECTED, _expunge),
    "UID EXPUNGE": Command(SELECTED, _uid_expunge),
    "APPEND": APPEND,
}
