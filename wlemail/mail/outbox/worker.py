"""Sends what waits for one account: a clerk who claims messages and marks them, and threads that send, each through a
connection of its own.

The worker that owns the account (by an operating-system lock) does so; another one waits until it can. What this
process adds is known at once, what other processes add within a second.
"""

from __future__ import annotations

import logging
import os
import random
import threading
import time
import weakref
from collections.abc import Callable

from ...errors import AuthenticationFailed, MailError, OutboxProblem, TimedOut
from ...smtp.chained_client import ChainedClient
from ..interfaces import Source
from .backlog import Backlog
from .delivery import Delivery
from .ledger import Ledger
from .owner import Ownership
from .pace import Pace
from .schema import LARGEST_ROW
from .store import Store
from .values import AccountKey

#: seconds between two looks at what others may have added, or whether their lock is free
_LOOK = 1.0
#: Seconds until a connection is tried again after the first failure, and at most; each further failure doubles them.
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 300.0
#: seconds until another is tried where the server has taken some and not one more
_CROWDED_PAUSE = 20.0
#: The same where nobody but a person can put it right: a refused password, tried too often, locks the user out.
_HOPELESS_PAUSE = 300.0
#: seconds that a message under way may take when the worker closes, and threads to end once they were interrupted
_CLOSING, _ENDING = 5.0, 2.0

_log = logging.getLogger("wlemail")


class Worker:
    """Sends from now on; `close` ends it. In a forked child it does nothing: it is the parent's."""

    def __init__(
        self,
        store: Store,
        account: AccountKey,
        open_client: Callable[[], ChainedClient],
        *,
        max_connections: int = 3,
        max_rate: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`open_client` makes a connection that is ready for mail, or raises; `max_rate` is messages a minute at most,
        0 for no limit."""
        self._store = store
        self._account = account
        self._open_client = open_client
        self._most = max_connections
        self._clock = clock
        self._process = os.getpid()
        self._backlog = Backlog(Pace(max_rate, clock), clock)
        self._ledger = Ledger(store)
        self._ownership: Ownership | None = None
        self._own_at = clock()
        self._closed = False
        self._noted = True
        self._failures = 0
        self._outbox_failed = False
        self._threads: list[tuple[Delivery, threading.Thread]] = []
        _watch_forks(self)
        # Before the first look: what is added between the two is not missed.
        self._stop_listening = store.listen(self._added)
        # Ready while the program still runs: at its end no thread can be started any more (Python 3.12).
        self._start_delivery(stays=True)
        self._clerk = threading.Thread(target=self._run, name="wlemail-outbox", daemon=True)
        self._clerk.start()

    def __repr__(self) -> str:
        return f"<Worker {self._account.user}@{self._account.host}:{self._account.port}>"

    # -- for the session ------------------------------------------------------------------------------

    def drain(self, seconds: float) -> bool:
        """Wait until nothing is due any more, so long at most; whether anything still is. Does not wait where another
        process does the sending, nor where it cannot succeed (a refused password)."""
        return os.getpid() == self._process and self._backlog.drain(seconds)

    def try_again(self) -> None:
        """The reason why no connection could be opened may be gone (other credentials): do not wait any longer."""
        self._failures = 0
        self._backlog.open_again_in(0.0)
        self._backlog.tell()

    def close(self, seconds: float | None = None) -> None:
        """Let what is under way come to its end, for so many (None: five) seconds at most; the rest stays."""
        if os.getpid() != self._process or self._closed:
            return
        self._closed = True
        self._stop_listening()
        self._backlog.stop()
        patience = _CLOSING if seconds is None else seconds
        # One that waits for a connection has taken nothing, and will not: nothing is lost by not waiting for it.
        self._join([thread for delivery, thread in self._threads if not delivery.connecting], patience)
        late = [(delivery, thread) for delivery, thread in self._threads if thread.is_alive()]
        silence = TimedOut("reply", round(patience, 1), host=self._account.host, port=self._account.port)
        if self._backlog.is_busy or any(delivery.connecting for delivery, _ in late):
            self._note(silence)
        for delivery, _ in late:
            delivery.interrupt(silence)
        self._join([thread for delivery, thread in late if not delivery.connecting], _ENDING)
        self._backlog.end()
        self._join([self._clerk], _ENDING)

    def forget(self) -> None:
        """In a forked child: the connections are the parent's, not a byte may go out on them."""
        for delivery, _ in self._threads:
            delivery.abandon()

    def _join(self, threads: list[threading.Thread], seconds: float) -> None:
        until = self._clock() + seconds
        for thread in threads:
            thread.join(max(0.0, until - self._clock()))

    def _added(self, account: AccountKey) -> None:
        # Who does not own the account has nothing to do with it; a full backlog looks again by itself.
        if self._ownership is not None and account.identity == self._account.identity and not self._backlog.is_full:
            self._backlog.tell()

    # -- the clerk ------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._backlog.ended:
                self._turn()
        finally:
            self._backlog.end()
            self._leave()

    def _turn(self) -> None:
        question, is_open = self._backlog.begin_turn()
        try:
            idle = self._work(question, is_open)
        except MailError as problem:
            if not self._outbox_failed:
                _log.warning("nothing can be sent from the outbox now: %s", problem)
            self._outbox_failed = True
            self._backlog.pause(_LOOK)
            return
        self._outbox_failed = False
        self._backlog.wait_for_clerk(idle)

    def _work(self, question: int, is_open: bool) -> float:
        """What is to be done now; the seconds until something may be to be done without anybody saying so."""
        if self._ownership is None and not self._become_owner(is_open):
            self._backlog.nothing_due(question)
            return _LOOK
        self._begin()
        self._staff()
        if not (self._ledger.is_empty or self._backlog.is_busy):
            self._ledger.write_down()
        room = self._backlog.room()
        if not room:
            return _LOOK
        found = self._store.claim(self._account, room)
        if found:
            self._backlog.fill(found)
        if len(found) == room:
            return _LOOK
        if not found:
            self._backlog.nothing_due(question)
        due = self._store.next_due(self._account)
        return _LOOK if due is None else min(_LOOK, max(0.0, due - self._store.clock.now().wall))

    def _become_owner(self, at_once: bool) -> bool:
        now = self._clock()
        if (at_once or now >= self._own_at) and not self._backlog.stopped:
            self._own_at = now + _LOOK
            self._ownership = self._store.own(self._account)
        return self._ownership is not None

    def _begin(self) -> None:
        items = self._backlog.to_begin()
        if not items:
            return
        numbers = [item.message.id for item in items]
        began = self._clock()
        try:
            begun = self._store.begin_sending(numbers, ahead=True)
        except OutboxProblem as problem:
            self._backlog.begin(items, (), problem)
            raise
        self._backlog.begin(items, begun, took=self._clock() - began)
        for item in items:
            # Small ones: the thread that sends then need not wait for the file while somebody else writes to it.
            if item.message.size <= LARGEST_ROW and item.begun:
                item.source = self._read(item.message.id)
        if len(begun) < len(numbers):
            # They were cancelled: nobody is going to record anything of them.
            self._store.release(set(numbers).difference(begun))

    def _read(self, number: int) -> Source | None:
        try:
            return self._store.source(number)
        except MailError:
            return None  # whoever sends it will meet the same, and record it

    def _leave(self) -> None:
        """Give back what was not sent, and the account."""
        self._give_back()
        try:
            self._ledger.write_down()
        except OutboxProblem as problem:
            _log.warning("the outbox could not be written at the end: %s", problem)
        if self._ownership is not None:
            self._ownership.release()

    # -- the threads that send ------------------------------------------------------------------------

    def _staff(self) -> None:
        self._threads = [pair for pair in self._threads if pair[1].is_alive()]
        if self._backlog.wants_thread(len(self._threads), self._most):
            try:
                self._start_delivery(stays=not self._threads)
            except RuntimeError:
                pass  # the interpreter is ending, or the system has no more threads: those there are go on

    def _start_delivery(self, *, stays: bool) -> None:
        delivery = Delivery(self._store, self._backlog, self._ledger, self._open_client, self, stays=stays)
        thread = threading.Thread(target=delivery.run, name=f"wlemail-delivery-{len(self._threads) + 1}", daemon=True)
        thread.start()
        self._threads.append((delivery, thread))

    def works(self) -> None:
        """Called by a delivery: the server deals with messages."""
        self._failures = 0
        if self._noted:
            self._noted = False
            self._note(None)

    def fails(self, problem: MailError) -> None:
        """Called by a delivery: no connection can be had, or it is of no use; others may be open all the same."""
        if self._backlog.connections > 1:
            # A server that takes so many connections and no more says so: those that are open send the rest.
            self._backlog.open_no_more_for(_FIRST_PAUSE if problem.reply is None else _CROWDED_PAUSE)
            return
        if self._closed:
            return
        hopeless = isinstance(problem, AuthenticationFailed) and not problem.temporary
        pause = _HOPELESS_PAUSE if hopeless else min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**self._failures)
        self._failures = min(self._failures + 1, 16)
        if not isinstance(problem, OutboxProblem):
            self._noted = True
            self._note(problem)
        self._backlog.open_again_in(pause * random.uniform(0.8, 1.2), hopeless=hopeless)
        self._give_back()

    def _give_back(self) -> None:
        """What no thread has taken is no longer claimed."""
        numbers = self._backlog.give_back()
        try:
            self._store.release(numbers)
        except OutboxProblem as problem:
            _log.warning("the outbox could not be written: %s", problem)
        finally:
            self._backlog.done(len(numbers))

    def _note(self, problem: MailError | None) -> None:
        try:
            self._store.note(self._account, problem)
        except OutboxProblem as further:
            _log.warning("the outbox could not be written: %s", further)


def _watch_forks(worker: Worker) -> None:
    if hasattr(os, "register_at_fork"):
        reference = weakref.ref(worker)

        def forget() -> None:
            alive = reference()
            if alive is not None:
                alive.forget()

        os.register_at_fork(after_in_child=forget)
