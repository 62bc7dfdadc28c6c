"""The open sessions of the process, by name and kind; who gets which is decided here (and nowhere else).

Several threads may hold sessions under one name: a call uses its own thread's, else the one opened last.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from typing import Any

from ..errors import MailError, SessionUnknown, WrongSessionKind
from .session import Kind, Session, this_thread
from .settings import SETTINGS

AnySession = Session[Any]


class SessionTable:
    """Sessions in the order in which they were opened; a short lock, never held while anything waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Replaced, never changed: whoever reads needs no lock.
        self._sessions: tuple[AnySession, ...] = ()

    def add(self, session: AnySession) -> None:
        """Enter a session that is ready for use."""
        with self._lock:
            self._sessions = (*self._sessions, session)

    def remove(self, session: AnySession) -> None:
        """Forget a session; nothing happens if it is not there."""
        with self._lock:
            self._sessions = tuple(other for other in self._sessions if other is not session)

    def find(self, name: str, kinds: tuple[Kind, ...]) -> AnySession:
        """The session of that name for the calling thread; WrongSessionKind where it only has others."""
        fitting = [s for s in self._sessions if s.name == name and s.kind in kinds and not s.closed]
        if fitting:
            return fitting[0] if len(fitting) == 1 else _preferred(fitting)
        everything = self.everything()
        named = [session for session in everything if session.name == name]
        if named:
            found = sorted({session.kind.value for session in named})
            raise WrongSessionKind(name, "/".join(kind.value for kind in kinds), found)
        raise SessionUnknown(name, dict.fromkeys(session.name for session in everything))

    def own(self, name: str, kind: Kind) -> list[AnySession]:
        """The calling thread's sessions of that name and kind."""
        me = this_thread()
        return [s for s in self._sessions if s.name == name and s.kind is kind and s.owner is me]

    def to_close(self, name: str) -> list[AnySession]:
        """What closing that name means here: this thread's sessions of every kind, else those opened last."""
        named = [session for session in self._sessions if session.name == name]
        me = this_thread()
        own = [session for session in named if session.owner is me]
        if own or not named:
            return own
        last = named[-1].owner
        return [session for session in named if session.owner is last]

    def everything(self) -> list[AnySession]:
        """All sessions, the oldest first; one that ended by itself is no session any more."""
        return [session for session in self._sessions if not session.closed]

    def close_all(self) -> None:
        """Close what is open at the end of the program, politely as long as the time allowed for that lasts."""
        self._drain()
        deadline = time.monotonic() + SETTINGS.exit_grace
        for session in self.everything():
            left = deadline - time.monotonic()
            if session.account.timeouts.read > max(left, 0.0):
                session.account.timeouts.own_read = max(left, 0.001)
            # A mailbox may open a new connection to have its deletions done.
            if session.account.timeouts.connect > max(left, 0.0):
                session.account.timeouts.own_connect = max(left, 0.001)
            try:
                session.close(politely=left > 0)
            except (MailError, KeyboardInterrupt):
                pass  # the program is ending, and nobody is left to tell or to be stopped
            self.remove(session)

    def _drain(self) -> None:
        """The outbox first: what is due may still leave. Ctrl-C ends the waiting, not what follows it."""
        begun = time.monotonic()
        for session in self.everything():
            if session.asynchronous:
                try:
                    session.back_end.drain(begun)
                except KeyboardInterrupt:
                    begun = float("-inf")

    def forget_after_fork(self) -> None:
        """In a forked child: the connections are the parent's, not a byte may go out on them."""
        self._lock = threading.Lock()
        sessions, self._sessions = self._sessions, ()
        for session in sessions:
            session.abandon()


def _preferred(sessions: list[AnySession]) -> AnySession:
    me = this_thread()
    for session in reversed(sessions):
        if session.owner is me:
            return session
    return sessions[-1]


TABLE = SessionTable()
atexit.register(TABLE.close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=TABLE.forget_after_fork)
