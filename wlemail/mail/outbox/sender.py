"""Who sends what waits in the outbox: for each account one worker in this process, shared by its sessions.

An open session has authenticated already; its connection becomes the worker's first. The worker starts when something
waits, and ends with the last session of the account, which gives it time to send what is due.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
from typing import NamedTuple

from ...errors import MailError, QueuedMessageUnknown
from ...smtp.chained_client import ChainedClient
from .. import rehearsal
from ..account import Account
from ..opening import open_chained
from ..settings import SETTINGS, Dispatch
from .place import MEMORY, chosen_place
from .store import Store
from .values import AccountKey, Limits, Status
from .worker import Worker

#: Servers end connections that keep silent for some minutes (RFC 5321 4.5.3.2.7 asks for five), firewalls sooner: one
#: that has waited that long is asked whether it is still there. In seconds.
_IDLE = 20.0
#: the shortest limit of a wait, in seconds
_SHORTEST = 0.001


class Facts(NamedTuple):
    """What the journal says of a message, beside its envelope."""

    message_id: str = ""
    subject: str = ""
    #: the names of its attachments
    files: tuple[str, ...] = ()


class Sender:
    """Sends for one account what waits in one outbox."""

    def __init__(self, store: Store, key: AccountKey) -> None:
        self.store = store
        self.key = key
        #: of this process, open now
        self.sessions = 0
        self._account: Account | None = None
        self._dispatch = Dispatch()
        self._waiting_clients: list[tuple[ChainedClient, float]] = []
        self._worker: Worker | None = None
        #: the worker has ended; Ctrl-C may keep it from that
        self._let_go = False
        self._lock = threading.Lock()

    def joined(self, account: Account, key: AccountKey, client: ChainedClient, dispatch: Dispatch) -> None:
        """Another session is open: its credentials and settings are the newest, and count from now on."""
        with self._lock:
            self._account, self.key, self._dispatch = account, key, dispatch
            self._waiting_clients.append((client, time.monotonic()))
        self.store.note(key, None)
        worker = self._worker
        if worker is not None:
            worker.try_again()
        elif self.store.waiting(key):
            self.work()

    def work(self) -> None:
        """Let the worker run, if it does not yet."""
        with self._lock:
            if self._worker is None:
                self._worker = self._new_worker()

    def _new_worker(self) -> Worker | None:
        try:
            return Worker(
                self.store,
                self.key,
                self._open_client,
                max_connections=self._dispatch.max_connections,
                max_rate=self._dispatch.max_rate,
            )
        except RuntimeError:
            # A function that runs at exit sends mail: no thread can be started any more. The mail stays.
            return None

    def _open_client(self) -> ChainedClient:
        """A connection for the worker: one that a session opened, else a new one."""
        while True:
            with self._lock:
                account = self._account
                spare = self._waiting_clients.pop() if self._waiting_clients else None
            assert account is not None, "a session joins before anything is sent"
            if spare is None:
                return open_chained(account)
            client, opened = spare
            if _still_there(client, opened):
                return client

    def drain(self, seconds: float) -> bool:
        """Wait until nothing is due any more, for so long at most; whether anything is."""
        worker = self._worker
        return worker is not None and seconds > 0 and bool(worker.drain(seconds))

    def close(self, until: float, *, politely: bool = True) -> None:
        """End the worker; what it had under way is finished or given back. The idle connections say goodbye. Nothing
        waits for a server after `until` (of the monotonic clock)."""
        with self._lock:
            worker, self._worker = self._worker, None
            clients, self._waiting_clients = self._waiting_clients, []
        if worker is not None:
            self._hurry(until)
            worker.close(max(0.0, until - time.monotonic()))
        self._let_go = True
        for client, _ in clients:
            if politely and not client.broken and time.monotonic() < until:
                self._hurry(until)
                client.quit()
            client.close()

    def _hurry(self, until: float) -> None:
        """Let no wait for the server that begins now last longer."""
        if self._account is not None:
            limits = self._account.timeouts
            limits.own_read = max(_SHORTEST, min(limits.read, until - time.monotonic()))

    def forget(self) -> None:
        """In a forked child: the connections are the parent's. They are closed here without a word."""
        self._lock = threading.Lock()
        if self._worker is not None:
            self._worker.forget()
        for client, _ in self._waiting_clients:
            client.close()

    def tell_what_stays(self, *, ending: bool) -> None:
        """Say on stderr what has not left, unless another program is sending it."""
        left = self.store.waiting(self.key)
        if not left:
            return
        if self._let_go:
            ownership = self.store.own(self.key)
            if ownership is None:
                return
            ownership.release()
        count = f"{left} mail{'' if left == 1 else 's'}"
        if self.store.path != MEMORY:
            fate = "in the outbox until a session of that account opens again, or until python -m wlemail outbox flush"
        elif ending:
            fate = "unsent and lost: the outbox was in memory"
        else:
            fate = "in memory until a session of that account opens again; the program must not end before"
        whose = f"{self.key.user} ({self.key.host}:{self.key.port})"
        _tell(f"wlemail: {count} of {whose} left {fate}{self._why()}")

    def _why(self) -> str:
        for load in self.store.loads():
            if load.account.identity == self.key.identity and load.problem is not None:
                return f" ({load.problem})"
        return ""


class Senders:
    """The outboxes that this process has opened, and who sends from them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stores: dict[str, Store] = {}
        self._senders: dict[tuple[str, tuple[str, str, int]], Sender] = {}
        self._of_the_parent: list[object] = []

    def store(self) -> Store:
        """The outbox that is set now; raises OutboxProblem where there can be none."""
        return self._opened(place())

    def _opened(self, path: str) -> Store:
        with self._lock:
            store = self._stores.get(path)
            if store is None:
                store = self._stores[path] = Store(path, limits=limits())
            else:
                store.limits = limits()
            return store

    def status(self, number: int) -> Status:
        """What became of a message; QueuedMessageUnknown where the outbox does not know it."""
        path = place()
        with self._lock:
            store = self._stores.get(path)
        if store is None:
            # Asking makes no outbox where there is none.
            if path == MEMORY or not os.path.exists(path):
                raise QueuedMessageUnknown(number)
            store = self._opened(path)
        return store.status(number)

    def join(
        self, store: Store, account: Account, key: AccountKey, client: ChainedClient, dispatch: Dispatch
    ) -> Sender:
        """Who sends for an account that was just opened."""
        with self._lock:
            name = (store.path, key.identity)
            sender = self._senders.get(name)
            if sender is None:
                sender = self._senders[name] = Sender(store, key)
            sender.sessions += 1
        sender.joined(account, key, client, dispatch)
        return sender

    def leave(self, sender: Sender) -> bool:
        """A session is over; True where it was the last of its account, and the sender has to be closed."""
        with self._lock:
            sender.sessions -= 1
            if sender.sessions:
                return False
            self._senders = {name: other for name, other in self._senders.items() if other is not sender}
            return True

    def close(self) -> None:
        """Close what is open: the sessions, their workers, and then the outboxes."""
        from ..session_table import TABLE

        # Functions at exit run in reverse order: without this the sessions would find their outbox closed.
        TABLE.close_all()
        with self._lock:
            stores, self._stores = self._stores, {}
        for store in stores.values():
            store.close()

    def forget_after_fork(self) -> None:
        """In a forked child: workers and database connections are the parent's and must not even be closed here."""
        self._lock = threading.Lock()
        for sender in self._senders.values():
            sender.forget()
        self._of_the_parent += [self._stores, self._senders]
        self._stores, self._senders = {}, {}


def place() -> str:
    """Where the outbox is now. A rehearsal has its own: nothing of it may be sent for real later, nor the reverse."""
    if rehearsal.to_sandbox() or rehearsal.rewrites():
        return MEMORY
    return chosen_place(SETTINGS.outbox)


def limits() -> Limits:
    dispatch = SETTINGS.dispatch
    return Limits(hours=dispatch.max_age / 3600, attempts=dispatch.max_attempts)


def _still_there(client: ChainedClient, since: float) -> bool:
    if client.usable and time.monotonic() - since > _IDLE:
        try:
            client.noop()
        except MailError:
            client.close()
    return client.usable


def _tell(line: str) -> None:
    # A program without a console has no stderr.
    if sys.stderr is not None:
        print("".join(c if c.isprintable() else " " for c in line), file=sys.stderr, flush=True)


SENDERS = Senders()
atexit.register(SENDERS.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=SENDERS.forget_after_fork)
