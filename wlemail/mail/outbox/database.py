"""The file of the outbox: one SQLite connection, commits shared by threads, and what happens when the disk, another
program or a fork interferes.

A commit with synchronous=FULL costs one fsync in the mode of the write-ahead log, which is used wherever the disk is
known to be local, and three or four with a rollback journal. Threads that want to write while another is committing
join in the next commit: a hundred of them share one fsync.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Generic, TypeVar, cast

from ...errors import MailError, OutboxBusy, OutboxCorrupt, OutboxUnavailable
from . import connecting, place
from .complaints import from_sqlite, from_system
from .owner import FileLock
from .salvage import salvage
from .schema import SPOOLED

T = TypeVar("T")
Operation = Callable[[sqlite3.Connection], T]

#: Writers that share one commit.
_LARGEST_GROUP = 128
_FILE, _GUARD, _REBUILT = "outbox.db", "outbox.lock", ".rebuilt"
_COMPANIONS = ("", "-wal", "-shm", "-journal")

_log = logging.getLogger("wlemail")


class _Work(Generic[T]):
    """A writer's operation on its way through a commit."""

    __slots__ = ("done", "lasting", "operation", "problem", "result")

    def __init__(self, operation: Operation[T], lasting: bool) -> None:
        self.operation = operation
        self.lasting = lasting
        self.done = False
        self.result: T | None = None
        self.problem: MailError | sqlite3.Error | None = None


class Database:
    """The tables of an outbox. An operation is a function that gets the connection.

    A writing operation may run twice (a commit that fails for several is tried again for each): it must change nothing
    but the database.
    """

    def __init__(
        self, directory: str, forked: Callable[[], None], rebuilt: Callable[[Iterable[str], str], None]
    ) -> None:
        #: called in a forked child
        self._forked = forked
        #: called with the names of the spool files that are known, and where the damaged file was put
        self._rebuilt = rebuilt
        self.directory = directory
        self.memory = directory == place.MEMORY
        self.path = place.MEMORY if self.memory else os.path.join(directory, _FILE)
        #: where damaged files were put aside, by this object
        self.moved_to: list[str] = []
        self._lock = threading.Lock()
        self._waiting: deque[_Work[Any]] = deque()
        self._connection: sqlite3.Connection | None = None
        #: its commits are synced
        self._lasting = True
        self._file: tuple[int, int] | None = None
        self._local = False
        #: met by an operation: the file is looked at before it is used again
        self._damage: OutboxCorrupt | None = None
        self._guard = None if self.memory else FileLock(os.path.join(directory, _GUARD))
        self._inherited: list[sqlite3.Connection] = []
        _watch_forks(self)
        self.read(lambda connection: None)

    # -- operations -----------------------------------------------------------------------------------

    def write(self, operation: Operation[T], *, lasting: bool = True) -> T:
        """Run an operation in a transaction that is on disk when this returns; an OutboxProblem undoes all of it.

        One that is not `lasting` outlives this process at once, and a loss of power only with the next that is: it
        costs no sync where there is a write-ahead log."""
        work = _Work(operation, lasting)
        self._waiting.append(work)
        with self._lock:
            if not work.done:
                self._commit(self._group(work))
        if work.problem is not None:
            raise work.problem
        return cast(T, work.result)

    def read(self, operation: Operation[T]) -> T:
        """Run an operation that changes nothing."""
        with self._lock:
            try:
                return self._look(operation)
            except OutboxCorrupt:
                # What can be saved is saved by now, or that fails again.
                return self._look(operation)

    def _look(self, operation: Operation[T]) -> T:
        with self._translated():
            return operation(self._opened())

    def close(self) -> None:
        """Let go of the file; the next operation opens it again. What is in memory is gone."""
        with self._lock:
            self._drop()

    # -- commits --------------------------------------------------------------------------------------

    def _group(self, work: _Work[Any]) -> list[_Work[Any]]:
        """This work, and what waits beside it by now; but nothing that needs a sync beside what needs none."""
        group, later = [work], []
        while self._waiting and len(group) < _LARGEST_GROUP:
            other = self._waiting.popleft()
            if other.lasting and not work.lasting:
                later.append(other)
            elif other is not work and not other.done:
                group.append(other)
        self._waiting.extendleft(reversed(later))
        return group

    def _commit(self, group: list[_Work[Any]]) -> None:
        try:
            try:
                self._transact(group)
            except OutboxCorrupt:
                self._transact(group)
        except (MailError, sqlite3.Error) as problem:
            if len(group) == 1:
                group[0].problem = problem
                group[0].done = True
                return
            # One of them may be to blame: the others shall not fail with it.
            for work in group:
                self._commit([work])

    def _transact(self, group: list[_Work[Any]]) -> None:
        with self._translated():
            connection = self._opened()
            self._set_lasting(connection, any(work.lasting for work in group))
            self._run(connection, group)

    @staticmethod
    def _run(connection: sqlite3.Connection, group: list[_Work[Any]]) -> None:
        results: list[Any] = []
        try:
            connection.execute("BEGIN IMMEDIATE")
            results += [work.operation(connection) for work in group]
            connection.execute("COMMIT")
        except (MailError, sqlite3.Error):
            _roll_back(connection)
            raise
        except BaseException:
            # Ctrl-C can strike between the commit and the next line: what is on disk must not be written once more.
            if connection.in_transaction or len(results) < len(group):
                _roll_back(connection)
            else:
                _settle(group, results)
            raise
        _settle(group, results)

    def _set_lasting(self, connection: sqlite3.Connection, lasting: bool) -> None:
        if lasting == self._lasting:
            return
        # A rollback journal that is not synced may leave a file that is damaged.
        if lasting or connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
            connection.execute(f"PRAGMA synchronous = {'FULL' if lasting else 'NORMAL'}")
            self._lasting = lasting

    # -- opening --------------------------------------------------------------------------------------

    def _opened(self) -> sqlite3.Connection:
        if self._connection is not None and not self._is_gone():
            return self._connection
        self._drop()
        try:
            if self._damage is not None:
                raise self._damage
            self._open()
        except OutboxCorrupt as problem:
            self._drop()
            self._put_aside(problem)
        if self._connection is None:
            raise AssertionError("opening leaves a connection or raises")
        return self._connection

    def _is_gone(self) -> bool:
        """Whether somebody removed the file: what is written to it then would be gone with the process."""
        if self.memory or _identity(self.path, self._local) == self._file:
            return False
        _log.warning("the outbox %s was removed or replaced while it was in use; it is opened anew", self.path)
        return True

    def _open(self) -> None:
        if not self.memory:
            place.prepare(self.directory)
            self._hold_guard()
            self._make_file()
            self._local = place.is_local(self.directory)
        with self._translated():
            self._connection = connecting.connect(self.path, self._local)
        self._lasting = True
        self._file = None if self.memory else _identity(self.path, self._local)

    def _hold_guard(self) -> None:
        """Others may have the file open with us; who puts a damaged one aside may not."""
        if self._guard is None or self._guard.held:
            return
        deadline = time.monotonic() + connecting.BUSY_SECONDS
        while not self._guard.take(shared=True):
            if time.monotonic() > deadline:
                raise OutboxBusy(self.path, "another program is repairing it")
            time.sleep(0.05)

    def _make_file(self) -> None:
        """Make the file, readable for its owner only, which SQLite would not do."""
        try:
            if not os.path.exists(self.path) and os.path.exists(self.path + _REBUILT):
                # A crash came between the two renames.
                os.replace(self.path + _REBUILT, self.path)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            place.sync_directory(self.directory)
        except FileExistsError:
            place.check_file(self.path)
            if _is_emptied(self.path):
                _log.warning("the outbox %s was empty: what it may have held is lost", self.path)
            return
        except OSError as problem:
            raise from_system(self.path, problem) from problem

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()
        if self._guard is not None:
            self._guard.release()

    # -- a damaged file -------------------------------------------------------------------------------

    def _put_aside(self, problem: OutboxCorrupt) -> None:
        """Begin a new file with what can still be read of a damaged one, rename that, and say so."""
        guard = self._guard
        if guard is None or not guard.take():
            raise OutboxCorrupt(self.path, f"{problem.why}; it cannot be put aside while another program uses it")
        try:
            # Another process may have been quicker.
            if not connecting.is_sound(self.path):
                self._replace(problem)
            self._damage = None
        except OSError as refusal:
            why = f"{problem.why}; it cannot be put aside: {refusal.strerror or refusal}"
            raise OutboxCorrupt(self.path, why) from refusal
        finally:
            guard.release()
        self._open()

    def _replace(self, problem: OutboxCorrupt) -> None:
        """The new file is complete before the damaged one gives up its name: a crash in between loses nothing."""
        rebuilt = self.path + _REBUILT
        for companion in _COMPANIONS:
            _remove(rebuilt + companion)
        os.close(os.open(rebuilt, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        with self._translated():
            connection = connecting.connect(rebuilt, self._local)
            try:
                saved = salvage(self.path, connection)
                known = [name for (name,) in connection.execute(SPOOLED)]
            finally:
                connection.close()
        target = f"{self.path}.damaged-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
        for companion in ("-wal", "-journal"):
            if os.path.exists(self.path + companion):
                os.replace(self.path + companion, target + companion)
        _remove(self.path + "-shm")
        os.replace(self.path, target)
        os.replace(rebuilt, self.path)
        place.sync_directory(self.directory)
        self.moved_to.append(target)
        self._rebuilt(known, target)
        _log.warning(
            "the outbox %s was damaged (%s): it is kept as %s; %d messages could be read and were taken over,"
            " others may be lost",
            self.path,
            problem.why,
            target,
            saved,
        )

    # -- errors ---------------------------------------------------------------------------------------

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """SQLite's errors as ours; after those that leave the connection in doubt it is opened anew."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            problem = from_sqlite(self.path, self.directory, error)
            if problem is None:
                raise
            if isinstance(problem, (OutboxCorrupt, OutboxUnavailable)) and not self.memory:
                self._drop()
            if isinstance(problem, OutboxCorrupt):
                self._damage = problem
            raise problem from error

    # -- forks ----------------------------------------------------------------------------------------

    def before_fork(self) -> None:
        """SQLite's locks do not survive a fork and its bookkeeping does: nothing may be open during one."""
        self._lock.acquire()
        if not self.memory and self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def after_fork_in_parent(self) -> None:
        self._lock.release()

    def after_fork_in_child(self) -> None:
        self._lock = threading.Lock()
        self._waiting.clear()
        # What is in memory is the parent's, and so is sending it.
        if self._connection is not None:
            self._inherited.append(self._connection)
            self._connection = None
        self._forked()


def _watch_forks(database: Database) -> None:
    if not hasattr(os, "register_at_fork"):
        return
    reference = weakref.ref(database)

    def tell(what: Callable[[Database], None]) -> Callable[[], None]:
        def hook() -> None:
            alive = reference()
            if alive is not None:
                what(alive)

        return hook

    os.register_at_fork(
        before=tell(Database.before_fork),
        after_in_parent=tell(Database.after_fork_in_parent),
        after_in_child=tell(Database.after_fork_in_child),
    )


def _settle(group: list[_Work[Any]], results: list[Any]) -> None:
    for work, result in zip(group, results, strict=True):
        work.result = result
        work.done = True


def _roll_back(connection: sqlite3.Connection) -> None:
    with suppress(sqlite3.Error):  # the first error is the one to tell; some have rolled back already
        connection.rollback()


def _identity(path: str, local: bool) -> tuple[int, int] | None:
    """What tells a file from another that takes its name later; None where there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    # Some network file systems give a file another number each time.
    return (status.st_dev, status.st_ino) if local else (0, 0)


def _is_emptied(path: str) -> bool:
    """Whether the file has lost its content; one that another process made just now is about to get some."""
    status = os.stat(path)
    return not status.st_size and abs(time.time() - status.st_mtime) > connecting.BUSY_SECONDS


def _remove(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)
