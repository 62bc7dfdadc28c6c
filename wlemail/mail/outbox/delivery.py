"""One thread that sends: it opens a connection when there is something to send, and closes it when there is not.

What it took is settled whatever happens, and its outcomes are written down before the next message can leave: if the
program is killed, each connection has at most one message of which nobody knows whether it arrived.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ...errors import Broken, ConnectionLost, ContentLost, MailError, MessageCancelled, OutboxProblem
from ...smtp.chain import MailObject, Outcome
from ...smtp.chained_client import ChainedClient
from ...transport.tcp import SocketStream
from .backlog import Backlog, Call, Item
from .ledger import Ledger
from .store import Store
from .values import Claimed

#: A connection that has had nothing to do for so many seconds says goodbye: servers and firewalls end it some time, and
#: a message that finds it dead costs more than opening another.
IDLE_SECONDS = 10.0
#: how long a thread without a connection waits before it ends
_SPARE_SECONDS = 30.0


class Overseer(Protocol):
    """Whom a delivery tells of connections."""

    def works(self) -> None:
        """The server deals with messages."""

    def fails(self, problem: MailError) -> None:
        """No connection can be had, or it is of no use, or the outbox cannot be written. Called while the connection
        still counts."""


class Delivery:
    """A bag (smtp/chain.py) over the backlog, and the connection that empties it."""

    def __init__(
        self,
        store: Store,
        backlog: Backlog,
        ledger: Ledger,
        open_client: Callable[[], ChainedClient],
        overseer: Overseer,
        *,
        stays: bool,
    ) -> None:
        self._store = store
        self._backlog = backlog
        self._ledger = ledger
        self._open_client = open_client
        self._overseer = overseer
        #: the thread waits without a connection, too, for as long as the worker lives
        self._stays = stays
        self._client: ChainedClient | None = None
        #: waiting for a connection
        self.connecting = False
        #: why somebody ended the wait for the server
        self._interrupted: MailError | None = None
        self._knows_bdat = True
        # The connection was used before, and has waited since.
        self._waited = False
        # Since send_all began: how many were taken, which are to be given back, whether the server has settled any,
        # what kept a message from being sent, and whether that was the outbox.
        self._taken = 0
        self._innocent: list[int] = []
        self._settled = False
        self._blamed: MailError | None = None
        self._outbox_problem: MailError | None = None

    def run(self) -> None:
        """Send until the worker closes; the body of the thread."""
        try:
            while True:
                connected = self._client is not None
                call = self._backlog.wait(IDLE_SECONDS if connected else _SPARE_SECONDS, connected=connected)
                if call is Call.STOP or (call is Call.IDLE and not connected and not self._stays):
                    return
                if call is Call.IDLE:
                    self._hang_up()
                elif self._connect():
                    self._send()
        finally:
            self._hang_up()

    # -- the connection -------------------------------------------------------------------------------

    def _connect(self) -> bool:
        if self._client is not None and self._client.usable:
            return True
        self._hang_up()
        self._backlog.connected(1)
        self.connecting = True
        try:
            self._client = self._open_client()
        except MailError as problem:
            self._overseer.fails(problem)
            return False
        finally:
            self.connecting = False
            if self._client is None:
                self._backlog.connected(-1)
        if not self._knows_bdat:
            self._client.avoid_chunking()
        self._waited = False
        return True

    def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        if not client.broken:
            client.quit()
        client.close()
        self._backlog.connected(-1)

    def interrupt(self, silence: MailError) -> None:
        """From another thread: end the wait for a server that does not answer, which is what the journal shall say."""
        self._interrupted = silence
        client = self._client
        if client is not None and isinstance(client.stream, SocketStream):
            client.stream.hang_up()

    def abandon(self) -> None:
        """In a forked child."""
        if self._client is not None:
            self._client.close()

    def _send(self) -> None:
        client = self._client
        assert client is not None, "connected before"
        self._taken, self._settled, self._blamed, self._outbox_problem = 0, False, None, None
        try:
            client.send_all(self)
        finally:
            self._account()
        waited, self._waited = self._waited, True
        if client.chunking_refused:
            self._knows_bdat = False
        problem = self._outbox_problem or client.ended_by
        if self._settled:
            self._overseer.works()
        if problem is not None and (self._outbox_problem or not (self._settled or waited)):
            # It opens and is of no use: trying again at once would be a loop.
            self._overseer.fails(problem)
        if client.ended_by is not None:
            self._hang_up()

    # -- the bag --------------------------------------------------------------------------------------

    def take(self) -> MailObject | None:
        """The next message with its content; one whose content is gone is recorded as that."""
        while (item := self._backlog.take()) is not None:
            self._taken += 1
            message = item.message
            try:
                source = item.source or self._store.source(message.id)
            except MailError as problem:
                self._leave(item, problem)
                if self._outbox_problem is not None:
                    return None
                continue
            return MailObject(message.envelope, source.chunks, source.size, message.clean, item)
        return None

    def ending(self, mail: MailObject) -> None:
        """Before a message leaves, the outbox knows that it does, and what came of the one before."""
        item = _item(mail)
        self._backlog.wait_until_begun(item)
        self._ledger.write_down(leaving=item.message.id, lasting=False)

    def settled(self, mail: MailObject, outcome: Outcome) -> None:
        item, problem = _item(mail), outcome.problem
        if outcome.accepted or outcome.refused:
            self._settled = True
        elif problem is not None and not outcome.uncertain:
            self._leave(item, problem)
            return
        if isinstance(problem, Broken):
            self._blamed = problem
            # Not the server closed the connection.
            outcome = outcome._replace(problem=self._interrupted or problem)
        self._keep(item, outcome)

    def _leave(self, item: Item, problem: MailError) -> None:
        """A message was not sent. Where that says nothing about the message it is given back as if nothing had been."""
        message = item.message
        if isinstance(problem, OutboxProblem) and not isinstance(problem, ContentLost):
            self._outbox_problem = problem
        elif isinstance(problem, Broken) and not self._interrupted:
            blamed, self._blamed = self._blamed, problem
            if not (blamed is problem or self._is_used_up(problem)):
                self._keep(item, _unsent(message, problem))
                return
        elif not isinstance(problem, (Broken, MessageCancelled)):
            self._keep(item, _unsent(message, problem))
            return
        self._backlog.settle_mark(item)
        self._innocent.append(message.id)

    def _is_used_up(self, problem: Broken) -> bool:
        """Whether the connection itself had come to its end: nothing was heard on one that had waited, or no further
        message was begun on one that had carried others."""
        if not self._settled:
            return self._waited
        return isinstance(problem, ConnectionLost) and problem.during in ("RSET", "MAIL")

    def _keep(self, item: Item, outcome: Outcome) -> None:
        self._backlog.settle_mark(item)
        self._ledger.add(item.message, outcome)

    def _account(self) -> None:
        """Write down what came of what was taken, and give back the rest."""
        taken, self._taken = self._taken, 0
        innocent, self._innocent = self._innocent, []
        try:
            if innocent:
                self._store.release(innocent)
            self._ledger.write_down()
        except MailError as problem:
            # What is in the ledger stays there, and the worker tries again; nothing leaves before that.
            self._outbox_problem = problem
        finally:
            self._backlog.done(taken)


def _unsent(message: Claimed, problem: MailError) -> Outcome:
    return Outcome((), {}, (), message.envelope.recipients, None, problem)


def _item(mail: MailObject) -> Item:
    item = mail.key
    assert isinstance(item, Item), "this bag gives no others"
    return item
