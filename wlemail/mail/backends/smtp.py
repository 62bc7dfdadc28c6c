"""Outgoing mail over SMTP: a client, and a new one where the old connection died and nothing can be sent twice."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import Broken, ConnectionLost, RecipientsRefused, Refused, ServerReply
from ...smtp.client import Client
from ...smtp.envelope import Envelope, Receipt
from .. import rehearsal
from ..account import Account
from ..interfaces import Progress, Source
from ..opening import open_smtp

#: seconds that the reply to QUIT may take: nothing depends on it
GOODBYE_SECONDS = 15.0


class SmtpOutgoing:
    """Sends through one connection at a time; the caller holds the session's lock."""

    #: a new connection is as good as the old one
    ended = False

    def __init__(self, account: Account) -> None:
        self._account = rehearsal.redirect(account)
        # Decided with the opening, like where it goes.
        self._rewrites = rehearsal.rewrites()
        self._client = open_smtp(self._account)
        self._closed = False

    @property
    def client(self) -> Client:
        return self._client

    def send(
        self, envelope: Envelope, source: Source, *, clean: bool = True, progress: Progress | None = None
    ) -> Receipt:
        """Deliver a message to the server; Refused leaves the session usable, Broken makes the next call reopen it."""
        if self._rewrites:
            envelope = rehearsal.rewrite(envelope)
        if not self._client.usable:
            # Broken, or the server takes no more messages on one connection (RFC 9422 MAILMAX).
            self._reopen()
        try:
            return self._deliver(envelope, source, clean, progress)
        except ConnectionLost as problem:
            # A time-out is not tried again: the script has waited long enough. Neither is a message that the
            # server may have taken, nor one whose session was closed under it from another thread.
            if problem.maybe_delivered or self._closed:
                raise
        self._client = open_smtp(self._account)
        return self._deliver(envelope, source, clean, progress)

    def _deliver(self, envelope: Envelope, source: Source, clean: bool, progress: Progress | None) -> Receipt:
        chunks = source.chunks if progress is None else _Watched(source, progress).chunks
        receipt = self._client.send(envelope, chunks, source.size, clean=clean)
        while self._takes_the_rest_elsewhere():
            rest = tuple(self._client.overflow)
            try:
                self._reopen()
                further = self._client.send(envelope._replace(recipients=rest), chunks, source.size, clean=clean)
            except (Refused, Broken) as problem:
                # The message has left for some: no error may make the caller send it to them again.
                reply = problem.reply or ServerReply(0, str(problem))
                replies = problem.replies if isinstance(problem, RecipientsRefused) else dict.fromkeys(rest, reply)
                return receipt._replace(refused={**receipt.refused, **replies})
            refused = {address: reply for address, reply in receipt.refused.items() if address not in rest}
            receipt = Receipt(further.reply, {**refused, **further.refused}, receipt.accepted + further.accepted)
        return receipt

    def _takes_the_rest_elsewhere(self) -> bool:
        """Whether recipients are left over because the connection has had its messages (RFC 9422 MAILMAX)."""
        client = self._client
        return bool(client.overflow) and not (client.usable or client.broken or self._closed)

    def _reopen(self) -> None:
        self._hang_up(politely=True)
        self._client = open_smtp(self._account)

    def close(self, *, politely: bool = True) -> None:
        """QUIT where that is worth while, then close."""
        self._closed = True
        self._hang_up(politely=politely)

    def _hang_up(self, *, politely: bool) -> None:
        client, limits = self._client, self._account.timeouts
        if politely and not client.broken:
            own = limits.own_read
            limits.own_read = min(limits.read, GOODBYE_SECONDS)
            try:
                client.quit()
            finally:
                limits.own_read = own
        client.close()


class _Watched:
    """A source that tells how far it has been read: (total bytes, bytes done)."""

    def __init__(self, source: Source, progress: Progress) -> None:
        self._source = source
        self._progress = progress

    def chunks(self) -> Iterator[bytes]:
        total, done = self._source.size, 0
        for chunk in self._source.chunks():
            yield chunk
            done += len(chunk)
            self._progress(total, done)
