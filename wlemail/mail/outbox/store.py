"""The outbox: messages wait here, on disk, until a worker has delivered them; any thread and process may add and ask.

States lie in SQLite, small contents beside them and large ones in spool files (schema.LARGEST_ROW says why). Handing a
message over costs one commit, which is one fsync where the write-ahead log can be used; a large one a file before it.

Only the owner of an account claims its messages, and there is one by the operating system's lock. So a claim is a note
in memory; what is written, before the final octets leave, is that a message is being sent. That write asks again
whether it still may be: somebody may have cancelled it, and no two senders get the same message even if a lock fails.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import random
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from zlib import crc32

from ...errors import ContentLost, MailError, OutboxFull, OutboxProblem, QueuedMessageUnknown
from ...smtp.chain import Outcome
from ...smtp.envelope import Envelope, Receipt
from ..interfaces import Source
from . import journal, rows
from .clock import Clock, Moment, at
from .database import Database
from .outcome import has_left
from .owner import FileLock, Ownership
from .place import MEMORY
from .problems import read_problem, write_problem
from .retry import Schedule
from .rows import COLUMNS, Row
from .schema import LARGEST_ROW
from .spool import MemorySpool, Spool
from .statements import (
    DUE,
    FORGETS_CONTENT,
    INSERT,
    MISPLANNED,
    Change,
    account_id,
    account_problem,
    count_messages,
    find_account,
    find_row,
    write_change,
)
from .values import AccountKey, Claimed, Entry, Event, Limits, Load, State, Status

_log = logging.getLogger("wlemail")

#: How often the number of waiting messages is held against its limit: counting costs more than adding.
_COUNT_EVERY = 256
#: Outcomes after which a long journal is cut: a server may run for months.
_TIDY_EVERY = 5000
_PENDING, _SENDING = State.PENDING.value, State.SENDING.value


class Store:
    """An outbox at one place: a directory, or ":memory:". Every method may raise an OutboxProblem; then nothing was
    done."""

    def __init__(
        self,
        place: str,
        *,
        limits: Limits = Limits(),  # noqa: B008 - a tuple
        schedule: Schedule = Schedule(),  # noqa: B008
        clock: Clock | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.path = place
        self.limits = limits
        self.schedule = schedule
        self.clock = clock or Clock()
        self._chance = chance
        self._spool = MemorySpool() if place == MEMORY else Spool(os.path.join(place, "spool"))
        self._database = Database(place, self._leave_parent, self._keep_unknown)
        self._lock = threading.Lock()
        #: what this process is about to send: number -> (account, whether the file says "sending")
        self._claimed: dict[int, tuple[int, bool]] = {}
        self._owned_in_memory: set[tuple[str, str, int]] = set()
        self._owner_locks: dict[str, FileLock] = {}
        self._listeners: tuple[Callable[[AccountKey], object], ...] = ()
        self._added = 0
        self._recorded = 0

    def __repr__(self) -> str:
        return f"<Store {self.path!r}>"

    @property
    def put_aside(self) -> Sequence[str]:
        """Damaged files that were renamed and replaced since this object was made."""
        return tuple(self._database.moved_to)

    def close(self) -> None:
        """Let go of the files; another call opens them again. An outbox in memory is emptied."""
        self._database.close()

    # -- handing over ---------------------------------------------------------------------------------

    def add(
        self,
        account: AccountKey,
        envelope: Envelope,
        content: Source,
        *,
        message_id: str = "",
        subject: str = "",
        files: Sequence[str] = (),
        clean: bool = True,
        hours: float | None = None,
    ) -> int:
        """Queue a message; its number, once it is on disk. The content is read now and may change afterwards.

        `clean` says that its lines end with CR LF; `files` are the names of its attachments, for the journal; after
        `hours` it is not sent any more (None: the outbox's limit).
        """
        self._check_limit()
        kept, spool, size, crc = self._keep(content)
        now = self.clock.now()
        values = (
            envelope.sender,
            json.dumps(envelope.recipients),
            rows.pack_options(envelope),
            message_id,
            subject,
            json.dumps(files) if files else "[]",
            size,
            spool,
            crc,
            int(clean),
            now.wall,
            now.boot,
            now.ticks,
            (self.limits.hours if hours is None else hours) * 3600,
        )

        def insert(connection: sqlite3.Connection) -> int:
            number = connection.execute(INSERT, (account_id(connection, account), *values)).lastrowid
            if kept is not None:
                connection.execute("INSERT INTO content (message, data) VALUES (?, ?)", (number, kept))
            return number or 0

        try:
            number = self._database.write(insert)
        except MailError:
            if spool:
                self._spool.remove(spool)
            raise
        for listener in self._listeners:
            listener(account)
        return number

    def _check_limit(self) -> None:
        if self._added % _COUNT_EVERY == 0 and self.waiting() >= self.limits.waiting:
            raise OutboxFull(self.path, f"{self.limits.waiting} messages are waiting already")
        self._added += 1

    def _keep(self, content: Source) -> tuple[bytes | None, str, int, int]:
        """The content for a row, or the name of its spool file; its size and its CRC."""
        if content.size > LARGEST_ROW:
            return None, *self._spool.write(content.chunks())
        data = b"".join(content.chunks())
        return data, "", len(data), crc32(data)

    def listen(self, callback: Callable[[AccountKey], object]) -> Callable[[], None]:
        """Call back, in the adding thread, whenever this process has added a message; the result ends that. What other
        processes add must be looked for (`claim` or `next_due`, once a second or so)."""
        with self._lock:
            self._listeners = (*self._listeners, callback)

        def stop() -> None:
            with self._lock:
                self._listeners = tuple(other for other in self._listeners if other is not callback)

        return stop

    def status(self, number: int) -> Status:
        """What is known of a message; QueuedMessageUnknown where there is none of that number."""

        def find(connection: sqlite3.Connection) -> tuple[Row, str | None]:
            row = find_row(connection, number)
            return row, account_problem(connection, row.account) if row.state == _PENDING else None

        row, problem = self._database.read(find)
        return rows.status_of(row, self.clock.now(), problem)

    # -- for the worker of an account -----------------------------------------------------------------

    def own(self, account: AccountKey) -> Ownership | None:
        """Become the one who sends for this account, until `release()` or the end of the process; None where somebody
        else is. What a dead owner was sending is pending again, marked uncertain."""
        lock = self._owner_lock(account)
        if lock is None:
            return None
        try:
            number = self._database.write(lambda connection: account_id(connection, account))
            self._forget_claims(number)
            self._recover(number)
            self._tidy_if_possible()
        except BaseException:
            lock()
            raise

        def release() -> None:
            self._forget_claims(number)
            lock()

        return Ownership(release)

    def _owner_lock(self, account: AccountKey) -> Callable[[], None] | None:
        """Take the account's lock; what lets go of it again."""
        identity = account.identity
        if self.path == MEMORY:
            with self._lock:
                if identity in self._owned_in_memory:
                    return None
                self._owned_in_memory.add(identity)
            return lambda: self._owned_in_memory.discard(identity)
        # Not by the account's number: that may be another in a new file, after damage.
        token = hashlib.sha256("\0".join(map(str, identity)).encode("utf-8", "surrogateescape")).hexdigest()[:20]
        with self._lock:
            lock = self._owner_locks.get(token)
            if lock is None:
                lock = self._owner_locks[token] = FileLock(os.path.join(self.path, f"owner-{token}.lock"))
            return lock.release if lock.take() else None

    def _recover(self, account: int) -> None:
        now, limits = self.clock.now(), self.limits

        def recover(connection: sqlite3.Connection) -> list[Row]:
            query = f"SELECT marked, {COLUMNS} FROM message WHERE account = ? AND state = 1"
            found = [(marked == now.boot, Row(*values)) for marked, *values in connection.execute(query, (account,))]
            return [
                write_change(connection, rows.not_left(row) if stayed else rows.interrupted(row, now, limits))
                for stayed, row in found
            ]

        if self._database.read(lambda connection: count_messages(connection, "account = ? AND state = 1", account)):
            self._end(self._database.write(recover), now)

    def claim(self, account: AccountKey, limit: int, now: float | None = None) -> list[Claimed]:
        """The messages that are due, oldest first, for whoever owns the account; nobody else gets them until they are
        recorded or released. `now` is a time in seconds since the epoch, None the clock's."""
        moment = at(self.clock, now)
        taken: list[Claimed] = []
        with self._lock:
            while len(taken) < limit:
                found = self._due(account, limit - len(taken), moment)
                old = [row.id for row in found if row.is_too_old(moment)]
                fresh = [row for row in found if not row.is_too_old(moment)]
                self._claimed.update({row.id: (row.account, False) for row in fresh})
                taken += [rows.claimed(row) for row in fresh]
                if not old:
                    break
                self._expire(old, moment)
        return taken

    def _due(self, account: AccountKey, limit: int, now: Moment) -> list[Row]:
        def find(connection: sqlite3.Connection) -> list[Row]:
            number = find_account(connection, account)
            most = limit + len(self._claimed)
            horizon = now.wall + self.schedule.horizon
            found: list[Row] = []
            for query, time in ((DUE, now.wall), (MISPLANNED, horizon)):
                due = map(Row._make, connection.execute(query, (number, time, most)))
                found += [row for row in due if row.id not in self._claimed]
                if len(found) >= limit:
                    break
            return found[:limit]

        return self._database.read(find)

    def _expire(self, numbers: Sequence[int], now: Moment) -> None:
        def expire(connection: sqlite3.Connection) -> list[Row]:
            ended = []
            for number in numbers:
                row = find_row(connection, number)
                if row.state == _PENDING:
                    problem = row.problem or account_problem(connection, row.account)
                    ended.append(write_change(connection, rows.give_up(row, now, read_problem(problem), [])))
            return ended

        self._end(self._database.write(expire), now)

    def source(self, number: int) -> Source:
        """The content, read anew each time; ContentLost where it is gone (`record` that)."""

        def find(connection: sqlite3.Connection) -> tuple[str, int, int, bytes | None]:
            query = "SELECT spool, size, crc, data FROM message LEFT JOIN content ON message = id WHERE id = ?"
            found: tuple[str, int, int, bytes | None] | None = connection.execute(query, (number,)).fetchone()
            if found is None:
                raise QueuedMessageUnknown(number)
            return found

        spool, size, crc, data = self._database.read(find)
        if spool:
            content = self._spool.content(spool, number, size, crc)
            content.check()
            return content
        if data is None or len(data) != size or crc32(data) != crc:
            raise ContentLost(self.path, number, "it is no longer there, or not whole")
        return _Kept(data)

    def begin_sending(self, numbers: Iterable[int], *, ahead: bool = False) -> list[int]:
        """Commit, before their final octets leave, that these are being sent; those of them that may be (others were
        cancelled meanwhile and must not be sent).

        If the program dies they count as perhaps sent. Not those that are marked `ahead` and of which `record_all` has
        not been told that they leave, unless the machine was started anew meanwhile."""
        wanted = list(numbers)
        boot = self.clock.now().boot if ahead else ""

        def begin(connection: sqlite3.Connection) -> list[int]:
            query = f"UPDATE message SET state = {_SENDING}, marked = ? WHERE id = ? AND state = {_PENDING}"
            return [number for number in wanted if connection.execute(query, (boot, number)).rowcount]

        begun = self._database.write(begin)
        with self._lock:
            for number in begun:
                if number in self._claimed:
                    self._claimed[number] = (self._claimed[number][0], True)
        return begun

    def record(self, number: int, outcome: Receipt | Outcome | MailError, now: float | None = None) -> Status:
        """What came of a try. A refusal that may pass and a broken connection make it wait for the next try; recipients
        that were refused for good, or accepted, are never tried again."""
        moment = at(self.clock, now)
        return rows.status_of(self._record([(number, outcome)], moment)[0], moment)

    def record_all(
        self,
        outcomes: Iterable[tuple[int, Receipt | Outcome | MailError]],
        now: float | None = None,
        *,
        leaving: Sequence[int] = (),
        lasting: bool = True,
    ) -> None:
        """Several outcomes, and that the final octets of others leave now, in one commit. Not `lasting`: it need not
        outlive a loss of power until the next commit; the messages are then found as being sent."""
        self._record(list(outcomes), at(self.clock, now), leaving, lasting)

    def _record(
        self,
        outcomes: Sequence[tuple[int, Receipt | Outcome | MailError]],
        now: Moment,
        leaving: Sequence[int] = (),
        lasting: bool = True,
    ) -> list[Row]:
        chances = [self._chance() for _ in outcomes]

        def record(connection: sqlite3.Connection) -> tuple[list[Row], list[Row]]:
            after, changed = [], []
            for number in leaving:
                connection.execute("UPDATE message SET marked = '' WHERE id = ?", (number,))
            for (number, outcome), chance in zip(outcomes, chances, strict=True):
                row = find_row(connection, number)
                # One that was cancelled, or recorded, while it was tried stays so; but what a server took is sent.
                if not row.is_final or (row.state != State.SENT.value and has_left(outcome)):
                    change = rows.after_try(row, outcome, now, self.limits, self.schedule, chance)
                    row = write_change(connection, change)
                    changed.append(row)
                after.append(row)
            return after, changed

        # A spool file is gone at once, and for good: so must be the reason to look for it.
        lasting = lasting or self._any_spooled([number for number, _ in outcomes])
        after, changed = self._database.write(record, lasting=lasting)
        self._end(changed, now)
        self._unclaim(number for number, _ in outcomes)
        self._recorded += len(outcomes)
        if self._recorded >= _TIDY_EVERY:
            self._recorded = 0
            self._tidy_if_possible()
        return after

    def _any_spooled(self, numbers: Sequence[int]) -> bool:
        query = "SELECT 1 FROM message WHERE id = ? AND spool <> ''"
        return self._database.read(lambda connection: any(connection.execute(query, (n,)).fetchone() for n in numbers))

    def release(self, numbers: Iterable[int]) -> None:
        """Give back messages of which no try was made: no attempt is counted, and they are due at once."""
        numbers = list(numbers)
        begun = [number for number in numbers if self._claimed.get(number, (0, True))[1]]
        if begun:
            query = f"UPDATE message SET state = {_PENDING} WHERE id = ? AND state = {_SENDING}"
            self._database.write(lambda connection: connection.executemany(query, [(number,) for number in begun]))
        self._unclaim(numbers)

    def note(self, account: AccountKey, problem: MailError | None) -> None:
        """Remember why an account could not be opened, which is why its messages wait; None: it could."""
        text = None if problem is None else write_problem(problem)

        def current(connection: sqlite3.Connection) -> str | None:
            return account_problem(connection, find_account(connection, account))

        def keep(connection: sqlite3.Connection) -> None:
            number = account_id(connection, account)
            connection.execute("UPDATE account SET problem = ? WHERE id = ?", (text, number))

        if self._database.read(current) != text:
            self._database.write(keep)

    def next_due(self, account: AccountKey) -> float | None:
        """When the next unclaimed message is due (seconds since the epoch, 0.0 or past: now); None where none waits."""

        def find(connection: sqlite3.Connection) -> float | None:
            query = "SELECT id, next_try FROM message WHERE account = ? AND state = 0 ORDER BY next_try, id"
            for number, time in connection.execute(query, (find_account(connection, account),)):
                if number not in self._claimed:
                    return float(time)
            return None

        with self._lock:
            due = self._database.read(find)
        if due is None:
            return None
        return due if due <= self.clock.now().wall + self.schedule.horizon else 0.0

    def waiting(self, account: AccountKey | None = None) -> int:
        """How many messages are pending or being sent."""

        def count(connection: sqlite3.Connection) -> int:
            if account is None:
                return count_messages(connection, "state = 0") + count_messages(connection, "state = 1")
            number = find_account(connection, account)
            return sum(count_messages(connection, f"account = ? AND state = {state}", number) for state in (0, 1))

        return self._database.read(count)

    # -- for people -----------------------------------------------------------------------------------

    def entries(
        self, states: Iterable[State] = (), account: AccountKey | None = None, newest_first: bool = False
    ) -> Iterator[Entry]:
        """The journal, read as it is iterated; no states: all."""
        return journal.entries(self._database, list(states), account, newest_first)

    def entry(self, number: int) -> Entry:
        """One line of the journal; QueuedMessageUnknown where there is none of that number."""
        return journal.entry(self._database, number)

    def history(self, number: int) -> list[Event]:
        """What happened to a message, in order."""
        return journal.history(self._database, number)

    def loads(self) -> list[Load]:
        """The accounts for which something waits: what flushing would send."""
        return journal.loads(self._database)

    def retry(self, numbers: Iterable[int]) -> list[int]:
        """Make failed or waiting messages due now, with all attempts and hours again; those for which that worked."""
        now = self.clock.now()
        retried = self._change(numbers, (_PENDING, State.ERROR.value), lambda row: rows.renewed(row, now))
        for account in {row.account for row in retried}:
            self._tell(account)
        return [row.id for row in retried]

    def cancel(self, numbers: Iterable[int]) -> list[int]:
        """Those that were still pending, and are cancelled now."""
        now = self.clock.now()
        gone = self._change(numbers, (_PENDING,), lambda row: rows.cancelled(row, now))
        self._forget_contents(gone)
        return [row.id for row in gone]

    def purge(self, states: Iterable[State] = (State.SENT, State.CANCELLED), before: float | None = None) -> int:
        """Forget ended messages (those that ended before that time); how many. What waits is never purged."""
        return journal.purge(self._database, self._spool, list(states), before)

    def tidy(self) -> None:
        """Forget the oldest of a long journal, remove what crashes left in the spool, give room back to the disk."""
        journal.trim(self._database, self._spool, self.limits.kept)

    def _tidy_if_possible(self) -> None:
        with suppress(OutboxProblem):  # another time, then: a full disk must not keep mail from leaving
            self.tidy()

    # -- inside ---------------------------------------------------------------------------------------

    def _change(self, numbers: Iterable[int], states: tuple[int, ...], make: Callable[[Row], Change]) -> list[Row]:
        wanted = list(numbers)

        def change(connection: sqlite3.Connection) -> list[Row]:
            found = [find_row(connection, number) for number in wanted]
            return [write_change(connection, make(row)) for row in found if row.state in states]

        return self._database.write(change)

    def _tell(self, account: int) -> None:
        key = self._database.read(lambda connection: journal.account_key(connection, account))
        for listener in self._listeners:
            listener(key)

    def _end(self, changed: Iterable[Row], now: Moment) -> None:
        """What follows from changes that are written down, for those messages that have ended."""
        changed = [row for row in changed if row.is_final]
        self._forget_contents(changed)
        _warn(changed, now)

    def _forget_contents(self, after: Iterable[Row]) -> None:
        for row in after:
            if row.spool and row.state in FORGETS_CONTENT:
                self._spool.remove(row.spool)

    def _unclaim(self, numbers: Iterable[int]) -> None:
        with self._lock:
            for number in numbers:
                self._claimed.pop(number, None)

    def _forget_claims(self, account: int) -> None:
        with self._lock:
            self._claimed = {number: claim for number, claim in self._claimed.items() if claim[0] != account}

    def _keep_unknown(self, known: Iterable[str], damaged: str) -> None:
        """After damage: contents whose rows could not be read are put beside the damaged file, not swept away."""
        if isinstance(self._spool, Spool):
            for name in set(self._spool.names()).difference(known):
                self._spool.move(name, damaged + "-contents")

    def _leave_parent(self) -> None:
        """In a forked child: what the parent claimed and owned is the parent's."""
        self._lock = threading.Lock()
        self._claimed = {}
        self._owned_in_memory = set()
        self._listeners = ()
        if isinstance(self._spool, MemorySpool):
            self._spool = MemorySpool()


class _Kept:
    """A content that lay in a row."""

    __slots__ = ("_data", "size")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)

    def chunks(self) -> Iterable[bytes]:
        return (self._data,)


def _warn(ended: Iterable[Row], now: Moment) -> None:
    """Who asks for no status learns all the same of mail that does not arrive: a plain script shows warnings."""
    for row in ended:
        # Most are sent to everybody.
        if row.state == State.ERROR.value or (row.state == State.SENT.value and row.results):
            status = rows.status_of(row, now)
            if status.state is State.ERROR:
                _log.warning("message %d was not sent: %s", status.id, status.problem)
                continue
            for address, reply in status.refused.items():
                _log.warning(
                    "message %d: recipient %s refused: %s (the message was sent to the others)",
                    status.id, address, reply,
                )  # fmt: skip
