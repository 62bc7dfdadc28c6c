"""Look into the outbox, where mails of asynchronous sessions wait, and act on it.

Mails leave by themselves while the script that sent them runs, and when a session of their account opens again. What
stays behind otherwise is shown by `list`, and `flush` sends it now. The number of a mail is its MailIdentifier. The
outbox is also the journal of what was sent (`list --all`, `show`), until `purge` forgets it.

flush takes a password from the secret that the session was opened with (SecretString), else from the environment
variable WLEMAIL_SECRET_<USER> (capitals, every other sign is _), else it asks on the terminal.

The outbox is the one that WLEMAIL_OUTBOX names, else the user's own; --outbox names another. The exit status is 0 where
it worked, 1 where it did not, 2 where the command was not understood.
"""

from __future__ import annotations

import os
import sys
import time
import warnings
from argparse import ArgumentTypeError
from dataclasses import replace
from typing import TYPE_CHECKING

from .. import secrets
from ..errors import MailError, SecretUnavailable
from ..mail import rehearsal
from ..mail.backends.outbox import OutboxOutgoing
from ..mail.outbox.accounts import account_of, wants_token
from ..mail.outbox.place import MEMORY
from ..mail.outbox.sender import SENDERS, place
from ..mail.outbox.values import AccountKey, Entry, State
from ..mail.settings import SETTINGS
from .console import Console, clean
from .progress_bar import ProgressBar

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Sequence

    from ..mail.account import Account
    from ..mail.outbox.store import Store

#: what is shown of the journal where nobody says how much
_ROWS = 50
#: seconds between two looks at how far sending has come
_LOOK = 0.05

_WORDS = {
    State.PENDING: "waiting",
    State.SENDING: "sending",
    State.SENT: "sent",
    State.ERROR: "failed",
    State.CANCELLED: "cancelled",
}
_UNDER_WAY = (State.PENDING, State.SENDING)
_OPEN = (*_UNDER_WAY, State.ERROR)


class _Unusable(Exception):
    """It cannot be done; the text says why."""


def add_arguments(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="ACTION", required=True, title="actions")

    def action(name: str, work: object, summary: str) -> ArgumentParser:
        made: ArgumentParser = actions.add_parser(name, help=summary, description=summary)
        made.add_argument("--outbox", metavar="DIR", help="the outbox to use")
        made.set_defaults(action=work)
        return made

    shown = action("list", _list, "show what waits and what failed, the newest first")
    shown.add_argument("--all", action="store_true", help="what was sent and cancelled too: the journal")
    shown.add_argument("--user", help="mails of this user alone")
    shown.add_argument("-n", "--number", metavar="N", type=_count, default=_ROWS, help=f"at most N mails ({_ROWS})")
    one = action("show", _show, "show everything that is known of mails")
    _add_numbers(one, required=True)
    again = action("retry", _retry, "make failed or waiting mails due now, with all their attempts and hours anew")
    _add_numbers(again)
    again.add_argument("--failed", action="store_true", help="all that failed")
    gone = action("cancel", _cancel, "do not send mails that wait")
    _add_numbers(gone)
    gone.add_argument("--waiting", action="store_true", help="all that wait")
    flush = action("flush", _flush, "send now what waits")
    flush.add_argument("--user", help="mails of this user alone")
    flush.add_argument("--seconds", metavar="S", type=_count, default=0, help="stop after so long (0: when it is done)")
    purge = action("purge", _purge, "forget mails that were sent or cancelled")
    purge.add_argument("--days", metavar="D", type=_count, default=0, help="only what ended more than D days ago")
    purge.add_argument("--failed", action="store_true", help="what failed, too")


def _add_numbers(parser: ArgumentParser, *, required: bool = False) -> None:
    parser.add_argument("numbers", metavar="NUMBER", type=_count, nargs="+" if required else "*")


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise ArgumentTypeError(f"a number is expected, not {text!r}")
    return int(text)


def run(arguments: Namespace) -> int:
    if arguments.outbox:
        SETTINGS.outbox = arguments.outbox
    try:
        return int(arguments.action(arguments))
    except (MailError, _Unusable) as problem:
        print(f"python -m wlemail outbox: {clean(str(problem))}", file=sys.stderr)
        return 1


def _store() -> Store:
    """The outbox; looking makes none where there is none."""
    where = place()
    if where == MEMORY:
        raise _Unusable("the outbox is in memory: that of another program cannot be seen")
    if not os.path.isdir(where):
        raise _Unusable(f"there is no outbox at {where}")
    return SENDERS.store()


# -- looking --------------------------------------------------------------------------------------------


def _list(arguments: Namespace) -> int:
    console = Console()
    where = place()
    if where != MEMORY and not os.path.isdir(where):
        console.line(f"nothing waits (there is no outbox at {clean(where)} yet)")
        return 0
    store = _store()
    states: tuple[State, ...] = tuple(State) if arguments.all else _OPEN
    rows: list[tuple[str, ...]] = []
    more = 0
    for entry in store.entries(states, newest_first=True):
        if arguments.user and entry.user != arguments.user:
            continue
        if len(rows) < arguments.number:
            rows.append(_row(entry))
        else:
            more += 1
    if not rows:
        console.line("nothing was sent yet" if arguments.all else "nothing waits, nothing failed")
        return 0
    _table(console, [("NUMBER", "STATE", "QUEUED", "TRIES", "FROM", "TO", "SUBJECT"), *rows])
    if more:
        console.line(f"… and {more} more (-n {len(rows) + more} shows them)")
    _show_loads(console, store)
    return 0


def _row(entry: Entry) -> tuple[str, ...]:
    first, *others = entry.to_addresses or ("",)
    to = f"{first} +{len(others)}" if others else first
    state = _WORDS[entry.state] + ("?" if entry.uncertain else "")
    return tuple(
        clean(cell)
        for cell in (
            str(entry.id), state, _moment(entry.queued_at), str(entry.attempts), entry.from_address, to, entry.subject,
        )
    )  # fmt: skip


def _table(console: Console, rows: Sequence[tuple[str, ...]]) -> None:
    """Columns as wide as need be, up to a share of the terminal; the last takes what is left."""
    widths = [min(max(len(row[column]) for row in rows), 28) for column in range(len(rows[0]) - 1)]
    left = max(20, console.width - sum(widths) - 2 * len(widths))
    for row in rows:
        cells = [_cut(cell, width).ljust(width) for cell, width in zip(row, widths, strict=False)]
        console.line("  ".join([*cells, _cut(row[-1], left)]).rstrip())


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _show_loads(console: Console, store: Store) -> None:
    for load in store.loads():
        account = clean(_name(load.account))
        why = f"; last time: {clean(str(load.problem))}" if load.problem is not None else ""
        console.line(f"{load.waiting} wait{'s' if load.waiting == 1 else ''} for {account}{why}")


def _show(arguments: Namespace) -> int:
    store = _store()
    console = Console()
    for number in arguments.numbers:
        entry, status = store.entry(number), store.status(number)
        console.heading(f"mail {number} · {_WORDS[entry.state]}")
        console.field("subject", clean(entry.subject))
        console.field("from", clean(entry.from_address))
        outcomes = {one.address: one for one in status.recipients}
        console.field("to", "\n".join(_recipient(to, outcomes.get(to)) for to in entry.to_addresses))
        if entry.file_names:
            console.field("files", "\n".join(clean(name) for name in entry.file_names))
        console.field("Message-ID", clean(entry.message_id))
        console.field("account", clean(_name(AccountKey(entry.user, entry.host, entry.port))))
        console.field("size", f"{entry.size:,} bytes")
        console.field("queued", _moment(entry.queued_at))
        console.field("tries", str(entry.attempts))
        if entry.state in _UNDER_WAY and entry.next_try:
            console.field("next try", _moment(entry.next_try))
        if entry.ended_at:
            console.field("ended", _moment(entry.ended_at))
        if entry.uncertain:
            console.field(
                "uncertain", "the connection broke before the server's reply: it may have been delivered twice"
            )
        if entry.outcome:
            console.field("outcome", clean(entry.outcome))
        for n, event in enumerate(store.history(number)):
            text = f"{_moment(event.at)}  {event.kind}  {event.text}".rstrip()
            console.field("" if n else "history", clean(text))
    return 0


def _recipient(address: str, outcome: object) -> str:
    reply = getattr(outcome, "reply", None)
    state = getattr(outcome, "state", None)
    word = _WORDS[state] if state is not None else ""
    return clean(": ".join(part for part in (address, " ".join(filter(None, (word, str(reply or ""))))) if part))


def _moment(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at)) if at else ""


def _name(key: AccountKey) -> str:
    return f"{key.user} ({key.host}:{key.port})"


# -- acting ---------------------------------------------------------------------------------------------


def _retry(arguments: Namespace) -> int:
    store = _store()
    numbers = _chosen(arguments, store, arguments.failed, (State.ERROR,), "--failed")
    return _done(numbers, store.retry(numbers), "due again", "neither failed nor waiting")


def _cancel(arguments: Namespace) -> int:
    store = _store()
    numbers = _chosen(arguments, store, arguments.waiting, (State.PENDING,), "--waiting")
    return _done(numbers, store.cancel(numbers), "cancelled", "not waiting any more")


def _chosen(arguments: Namespace, store: Store, everything: bool, states: Iterable[State], option: str) -> list[int]:
    numbers: list[int] = list(dict.fromkeys(arguments.numbers))
    if everything:
        numbers += [entry.id for entry in store.entries(states) if entry.id not in numbers]
    elif not numbers:
        raise _Unusable(f"which mails? Give their numbers, or {option}")
    return numbers


def _done(numbers: list[int], done: list[int], what: str, else_: str) -> int:
    console = Console()
    console.line(f"{len(done)} mail{'' if len(done) == 1 else 's'} {what}")
    left = [number for number in numbers if number not in set(done)]
    if left:
        shown = ", ".join(map(str, left[:10])) + (" …" if len(left) > 10 else "")
        print(f"{else_}: {shown}", file=sys.stderr)
    return 1 if left else 0


def _purge(arguments: Namespace) -> int:
    states = [State.SENT, State.CANCELLED] + ([State.ERROR] if arguments.failed else [])
    before = time.time() - arguments.days * 86400 if arguments.days else None
    count = _store().purge(states, before)
    Console().line(f"{count} mail{'' if count == 1 else 's'} forgotten")
    return 0


# -- sending what waits -----------------------------------------------------------------------------------


def _flush(arguments: Namespace) -> int:
    where = place()
    console = Console()
    store = _store() if where == MEMORY or os.path.isdir(where) else None
    loads = store.loads() if store is not None else []
    loads = [load for load in loads if load.waiting and arguments.user in (None, load.account.user)]
    if not loads or store is None:
        console.line("nothing waits")
        return 0
    deadline = time.monotonic() + (arguments.seconds or float("inf"))
    well = True
    for load in loads:
        try:
            well = _flush_account(console, store, load.account, deadline) and well
        except (MailError, _Unusable) as problem:
            print(f"{clean(_name(load.account))}: {clean(str(problem))}", file=sys.stderr)
            well = False
    return 0 if well else 1


def _flush_account(console: Console, store: Store, key: AccountKey, deadline: float) -> bool:
    """Send what waits for an account; True where all of it was sent."""
    ownership = store.own(key)
    if ownership is None:
        console.line(f"{clean(_name(key))}: another program is sending these")
        return True
    ownership.release()
    waiting = list(store.entries(_UNDER_WAY, account=key))
    # Before anything is made due: a wrong password must not cost the mails an attempt.
    session = OutboxOutgoing(_account(key), replace(SETTINGS.dispatch, drain=0.0), announces=False)
    try:
        store.retry([entry.id for entry in waiting if entry.next_try > time.time()])
        _watch(store, key, session, len(waiting), deadline)
    finally:
        session.close()
    states = [store.status(entry.id).state for entry in waiting]
    sent, failed = states.count(State.SENT), states.count(State.ERROR)
    left = sum(state in _UNDER_WAY for state in states)
    why = _why(store, key) if left else ""
    console.line(f"{clean(_name(key))}: {sent} sent, {failed} failed, {left} still waiting{why}")
    return sent == len(states)


def _why(store: Store, key: AccountKey) -> str:
    """What is wrong with the account or its server, in parentheses; refusals of single mails are theirs to tell."""
    problems = [load.problem for load in store.loads() if load.account.identity == key.identity]
    return f" ({clean(str(problems[0]))})" if any(problems) else ""


def _watch(store: Store, key: AccountKey, session: OutboxOutgoing, total: int, deadline: float) -> None:
    """Show how sending comes on, until nothing is due any more."""
    name = clean(_name(key))
    with ProgressBar(total) as bar:
        while session.sending(_LOOK) and time.monotonic() < deadline:
            bar.show(total - store.waiting(key), name)
            if any(load.problem for load in store.loads() if load.account.identity == key.identity):
                # It could be opened at the beginning. A person does not wait until the server is back.
                return


def _account(key: AccountKey) -> Account:
    """The account with its password or token, from wherever it can be had."""
    if not key.login:
        return account_of(key)
    password = _credentials(key)
    return account_of(key, token=lambda: password) if wants_token(key) else account_of(key, password)


def _credentials(key: AccountKey) -> str:
    if rehearsal.to_sandbox():
        return rehearsal.PASSWORD
    missing = ""
    if key.secret:
        try:
            return secrets.read(key.secret)
        except SecretUnavailable as problem:
            missing = f" ({problem})"
    variable = secrets.variable(key.user)
    given = os.environ.get(variable)
    if given:
        return given
    kind = "access token" if wants_token(key) else "password"
    if sys.stdin is None or not sys.stdin.isatty():
        raise _Unusable(f"no {kind} for it: set {variable}, or run this on a terminal, which asks{clean(missing)}")
    return _asked(f"{kind.capitalize()} of {clean(_name(key))}: ")


def _asked(prompt: str) -> str:
    import getpass

    with warnings.catch_warnings():
        # getpass would go on with echo where it cannot turn it off.
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            typed = getpass.getpass(prompt)
        except getpass.GetPassWarning:
            raise _Unusable("this terminal would show what is typed") from None
        except EOFError:
            typed = ""
    if not typed:
        raise _Unusable("nothing was typed")
    return typed
