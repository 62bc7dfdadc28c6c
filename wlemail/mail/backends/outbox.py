"""An asynchronous session: what it is given waits in the outbox, and a worker sends it.

It opens like any other session: connected, secured and authenticated, so that wrong settings show at once.
"""

from __future__ import annotations

import os
import time

from ...smtp.envelope import Envelope
from .. import rehearsal
from ..account import Account
from ..interfaces import Source
from ..opening import open_chained
from ..outbox.accounts import key_of
from ..outbox.sender import SENDERS, Facts
from ..settings import Dispatch

#: Of the seconds at the end, those in which nothing more begins: what is under way is finished, if it can be, and
#: servers hear goodbye. There is as much time for that where none was set for the rest.
_LAST_SECONDS = 1.0
_LAST_PART = 0.1


class OutboxOutgoing:
    """Hands messages to the outbox. Any number of threads may, at the same time."""

    #: the worker opens connections as it needs them
    ended = False

    def __init__(self, account: Account, dispatch: Dispatch, *, announces: bool = True) -> None:
        self._key = key_of(account)
        self._dispatch = dispatch
        #: say on stderr what stays behind
        self._announces = announces
        self._process = os.getpid()
        self._closed = False
        self._ending = False
        #: at the end nothing is waited for after this time of the monotonic clock
        self._until = 0.0
        self._rewrites = rehearsal.rewrites()
        # First, for it is quickly done: an outbox that cannot be written fails the opening.
        self._store = SENDERS.store()
        account = rehearsal.redirect(account)
        self._sender = SENDERS.join(self._store, account, self._key, open_chained(account), dispatch)

    def queue(self, envelope: Envelope, source: Source, facts: Facts, *, clean: bool = True) -> int:
        """Keep a message for sending; its number in the outbox. It is on disk when this returns.

        `clean` promises CR LF line ends. Raises OutboxProblem; then nothing is kept."""
        if self._rewrites:
            envelope = rehearsal.rewrite(envelope)
        number = self._store.add(
            self._key,
            envelope,
            source,
            message_id=facts.message_id,
            subject=facts.subject,
            files=facts.files,
            clean=clean,
            hours=self._dispatch.max_age / 3600,
        )
        self._sender.work()
        return number

    def sending(self, seconds: float) -> bool:
        """Wait so long, or until nothing is due any more; whether anything is."""
        return self._sender.drain(seconds)

    def drain(self, since: float) -> None:
        """At the end of the program: wait for what is due. All sessions wait from the same moment on."""
        self._ending = True
        self._drain(since)

    def _drain(self, since: float) -> None:
        seconds = self._dispatch.drain
        last = min(_LAST_SECONDS, seconds * _LAST_PART)
        try:
            self._sender.drain(since + seconds - last - time.monotonic())
        finally:
            now = time.monotonic()
            left = since + seconds - now
            self._until = now + (min(left, _LAST_SECONDS) if left > 0 else _LAST_SECONDS)

    def close(self, *, politely: bool = True) -> None:
        """Send what is due, for as long as is set; the rest stays, which is said on stderr."""
        if self._closed or os.getpid() != self._process:
            return
        self._closed = True
        if not SENDERS.leave(self._sender):
            # Another session of the account is open, whose worker goes on.
            return
        try:
            if not self._ending:
                self._drain(time.monotonic() if politely else float("-inf"))
        finally:
            self._end(politely)

    def _end(self, politely: bool) -> None:
        try:
            self._sender.close(self._until, politely=politely)
        finally:
            if self._announces:
                self._sender.tell_what_stays(ending=self._ending)
