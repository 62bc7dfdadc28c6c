"""One open session: a back end, the lock that lets one thread use it at a time, and whose it is."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import AbstractContextManager
from enum import Enum
from typing import Any, Generic, Protocol, TypeVar

from ..errors import SessionBusy, SessionUnknown, TimedOut
from .account import Account

_SLICE = 0.25 if sys.platform == "win32" else threading.TIMEOUT_MAX  # Ctrl-C does not end a wait for a lock there


class Kind(Enum):
    """What a session speaks; readers and senders look for theirs."""

    SMTP = "SMTP"
    POP3 = "POP3"
    IMAP = "IMAP"


class _Owner(threading.local):
    """A token of the thread. Not its ident: idents are reused once a thread has ended."""

    def __init__(self) -> None:
        self.token = object()


_owner = _Owner()


def this_thread() -> object:
    """The token that stands for the calling thread."""
    return _owner.token


class Closable(Protocol):
    """What every back end shares with the session that holds it."""

    @property
    def ended(self) -> bool:
        """The back end cannot be used any more, whatever is tried: the session is closed."""

    def close(self, *, politely: bool = True) -> None: ...


BackEnd = TypeVar("BackEnd", bound=Closable)


class Session(Generic[BackEnd]):
    """A back end under a lock; closed once, by whoever comes first."""

    def __init__(
        self, account: Account, kind: Kind, back_end: BackEnd, *, owned: bool = False, asynchronous: bool = False
    ) -> None:
        self.account = account
        self.name = account.name
        self.kind = kind
        self.back_end = back_end
        self.owner = this_thread()
        self.closed = False
        #: a session variable holds it: its name is an alias only
        self.owned = owned
        #: where whoever sends through it looks for the place that copies go to; None: in the settings
        self.copies_to: Any = None
        #: what it sends waits in the outbox first
        self.asynchronous = asynchronous
        self._lock = threading.Lock()
        self._user: object = None

    def __repr__(self) -> str:
        state = "closed" if self.closed else "open"
        return f"<Session {self.name!r} {self.kind.value} {self.account.host}:{self.account.port} {state}>"

    def use(self) -> AbstractContextManager[BackEnd, None]:
        """The back end, for this thread alone; waits for another thread's use as long as for the server."""
        return self

    def __enter__(self) -> BackEnd:
        self._acquire()
        if self.closed:
            self._release()
            raise SessionUnknown(self.name)
        return self.back_end

    def __exit__(self, *exception: object) -> None:
        self.closed = self.closed or self.back_end.ended
        self._release()

    def _acquire(self) -> None:
        me = this_thread()
        if not self._lock.acquire(blocking=False):
            if self._user is me:
                raise SessionBusy(self.name)
            limit = self.account.timeouts.read
            deadline = time.monotonic() + limit
            while not self._lock.acquire(timeout=max(0.0, min(deadline - time.monotonic(), _SLICE))):
                if time.monotonic() >= deadline:
                    raise TimedOut("session", limit, host=self.account.host, port=self.account.port)
        self._user = me

    def _release(self) -> None:
        self._user = None
        self._lock.release()

    def close(self, *, politely: bool = True) -> None:
        """Say goodbye (bounded by the read limit) and let go; waits for another thread's transfer."""
        if self.closed:
            return
        try:
            self._acquire()
        except TimedOut:
            # Whoever holds the session is stuck: its socket is closed under it rather than kept for ever.
            self.closed = True
            self.back_end.close(politely=False)
            return
        try:
            if not self.closed:
                self.closed = True
                self.back_end.close(politely=politely)
        finally:
            self._release()

    def abandon(self) -> None:
        """Close without a word and without the lock: in a forked child the session belongs to the parent."""
        self.closed = True
        self.back_end.close(politely=False)
