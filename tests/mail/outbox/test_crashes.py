"""Death and errors at every single step: what was told stays true, and nothing half done is left."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wlemail.errors import ContentLost, MailError, MessageRefused, OutboxFull, OutboxProblem, OutboxUnavailable
from wlemail.mail.outbox import Schedule, State, Store, connecting

from .box import ACCOUNT, NEVER, TAKEN, Content, large, put, read, spool_files

STEPS = ("open", "write", "fsync", "rename", "replace", "unlink", "mkdir", "chmod")
Strike = Callable[[str], None]


def watch(monkeypatch: pytest.MonkeyPatch, strike: Strike) -> None:
    """Call `strike` before each call to the system that changes something, and before each statement."""

    def wrapped(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **named: Any) -> Any:
            strike(name)
            return call(*arguments, **named)

        return step

    for name in STEPS:
        monkeypatch.setattr(os, name, wrapped(name, getattr(os, name)))
    connected = connecting.connect

    def traced(path: str, local: bool) -> sqlite3.Connection:
        connection = connected(path, local)
        connection.set_trace_callback(strike)
        return connection

    monkeypatch.setattr(connecting, "connect", traced)


def live(place: str, tell: Callable[[str], None]) -> None:
    """A short life of an outbox; it tells what it may be held to."""
    store = Store(place, schedule=Schedule(after_refusal=0.0, after_break=0.0))
    first = put(store)
    tell(f"small {first}")
    second = put(store, content=large())
    tell(f"large {second}")
    third = put(store, content=large())
    tell(f"large {third}")
    owned = store.own(ACCOUNT)
    store.claim(ACCOUNT, 10)
    store.begin_sending([first, second])
    tell(f"begun {first}")
    tell(f"begun {second}")
    store.record(second, TAKEN)
    tell(f"sent {second}")
    store.record_all([(first, TAKEN)], lasting=False)
    tell(f"sent {first}")
    store.record(third, MessageRefused("no", NEVER))
    tell(f"failed {third}")
    store.retry([third])
    tell(f"again {third}")
    store.cancel([third])
    tell(f"cancelled {third}")
    store.purge([State.SENT])
    tell(f"purged {first}")
    tell(f"purged {second}")
    assert owned is not None
    owned.release()
    store.close()
    tell("done 0")


#: what must be seen of a message after the last word about it: one of these states
HELD_TO = {
    "small": (State.PENDING, State.SENDING),
    "large": (State.PENDING, State.SENDING, State.ERROR),
    "begun": (State.SENDING, State.SENT),
    "sent": (State.SENT,),
    "failed": (State.ERROR, State.PENDING),
    "again": (State.PENDING, State.CANCELLED),
    "cancelled": (State.CANCELLED,),
}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_death_at_every_step_leaves_what_was_told(quick_place: Path) -> None:
    step = 0
    done = False
    while not done:
        step += 1
        assert step < 500
        place = str(quick_place / str(step))
        told = die_at(place, step)
        done = "done" in told.values()
        check(place, {number: word for number, word in told.items() if number})
    assert step > 60, "there are more steps than that"


def die_at(place: str, step: int) -> dict[int, str]:
    """Live in a child that dies without a word before the given step; its last word about each message."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            monkeypatch = pytest.MonkeyPatch()
            write, count = os.write, [0]

            def strike(name: str) -> None:
                count[0] += 1
                if count[0] == step:
                    os._exit(9)

            watch(monkeypatch, strike)
            live(place, lambda text: write(writing, f"{text}\n".encode()) and None)
        finally:
            os._exit(1)
    os.close(writing)
    with open(reading, encoding="ascii") as pipe:
        words = [line.split() for line in pipe]
    os.waitpid(child, 0)
    return {int(number): word for word, number in words}


def check(place: str, told: dict[int, str]) -> None:
    store = Store(place)
    for number, word in told.items():
        if word == "purged":
            assert number not in {e.id for e in store.entries()}
            continue
        if word == "sent" and number not in {e.id for e in store.entries()}:
            continue  # purged already, and death came before it could be told
        assert store.status(number).state in HELD_TO[word], (number, word)
    sending = [e.id for e in store.entries([State.SENDING])]
    owned = store.own(ACCOUNT)
    assert owned is not None
    found = store.claim(ACCOUNT, 10)
    assert {claimed.id for claimed in found if claimed.uncertain} == set(sending)
    for claimed in found:
        assert read(store, claimed.id) in (Content().data, large().data)
    known = sum(1 for entry in store.entries([State.PENDING, State.ERROR]) if entry.size > 60_000)
    # A name without a row, or what was to be removed next.
    assert len(spool_files(place)) <= known + 1
    assert put(store, content=large())
    owned.release()
    store.close()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES], ids=errno.errorcode.get)
def test_an_error_at_any_step_of_adding_leaves_nothing_half_done(
    place: str, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    store = Store(place)
    first = put(store, content=large())
    failed = step = 0
    while True:
        step += 1
        assert step < 100
        count = 0

        def strike(name: str) -> None:
            nonlocal count
            if name in ("open", "write", "fsync", "rename"):
                count += 1
                if count == step:  # noqa: B023 - called in this turn
                    raise OSError(code, os.strerror(code))

        with monkeypatch.context() as context:
            watch(context, strike)
            problem = problem_of_adding(store)
        if problem is None:
            break
        failed += 1
        assert type(problem) is (OutboxFull if code == errno.ENOSPC else OutboxUnavailable)
        assert os.strerror(code) in str(problem)
        assert store.waiting() == 1
        assert len(spool_files(place)) == 1
    assert failed >= 5, "open, write, fsync, rename, fsync of the directory"
    assert store.waiting() == 2
    assert read(store, first) == large().data
    store.close()


def problem_of_adding(store: Store) -> OutboxProblem | None:
    try:
        put(store, content=large())
    except OutboxProblem as problem:
        return problem
    return None


class Trouble:
    """A connection whose commits fail, in place of one that a disk lets down."""

    def __init__(self, connection: sqlite3.Connection, error: BaseException, *, after: bool) -> None:
        self._connection = connection
        self._error = error
        self._after = after

    def execute(self, statement: str, *arguments: Any) -> Any:
        if statement != "COMMIT":
            return self._connection.execute(statement, *arguments)
        if self._after:
            self._connection.execute(statement)
        raise self._error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (sqlite3.OperationalError("database or disk is full"), OutboxFull),
        (sqlite3.OperationalError("disk I/O error"), OutboxUnavailable),
    ],
)
def test_a_commit_that_fails_leaves_nothing_half_done(
    store: Store, error: sqlite3.Error, kind: type[MailError]
) -> None:
    first = put(store)
    database = store._database
    database._connection = Trouble(database._connection, error, after=False)  # type: ignore[arg-type,assignment]
    with pytest.raises(kind):
        put(store, content=large())
    if kind is OutboxFull:
        database._connection = database._connection._connection  # type: ignore[union-attr]
    assert [e.id for e in store.entries()] == [first]
    assert spool_files(store.path) == []
    assert put(store) > first


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_ctrl_c_around_a_commit_neither_loses_nor_doubles(store: Store, after: bool) -> None:
    database = store._database
    sound = database._connection
    assert sound is not None
    database._connection = Trouble(sound, KeyboardInterrupt(), after=after)  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        put(store)
    database._connection = sound
    assert store.waiting() == int(after)
    put(store)
    assert store.waiting() == int(after) + 1


def test_a_content_is_forgotten_only_when_its_end_is_on_disk(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A loss of power after a commit without a sync must not find a message to send whose file is gone."""
    number = put(store, content=large())
    store.claim(ACCOUNT, 1)
    store.begin_sending([number])
    statements: list[str] = []
    store._database.read(lambda connection: connection.set_trace_callback(statements.append))
    store.record_all([(number, TAKEN)], lasting=False)
    assert not [statement for statement in statements if "synchronous = NORMAL" in statement]
    with pytest.raises(ContentLost):
        store.source(number)


def test_rubbish_of_crashes_is_swept_once_it_is_old(store: Store) -> None:
    number = put(store, content=large())
    spool = Path(store.path, "spool")
    ours = spool_files(store.path)[0]
    young, old = {"1.part", "2.eml"}, {"3.part", "4.eml"}
    for name in (*young, *old, "mine.txt"):
        (spool / name).write_bytes(b"x")
    for name in (*old, ours, "mine.txt"):
        os.utime(spool / name, (1_700_000_000, 1_700_000_000))
    store.tidy()
    assert set(spool_files(store.path)) == {*young, ours, "mine.txt"}
    assert read(store, number) == large().data
