"""What came of messages and is not on disk yet. It is never forgotten while the program runs: a message whose outcome
cannot be written down (the disk is full) must not be sent again."""

from __future__ import annotations

import threading

from ...errors import MailError, QueuedMessageUnknown
from ...smtp.chain import Outcome
from .schema import LARGEST_ROW
from .store import Store
from .values import Claimed


class Ledger:
    """Outcomes of any number of connections, written down together."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._outcomes: dict[int, Outcome] = {}
        self._lasting = False

    def add(self, message: Claimed, outcome: Outcome) -> None:
        """Keep an outcome until it is written down."""
        with self._lock:
            self._outcomes[message.id] = outcome
            # The file of a large content is removed with its outcome: the disk must not forget one of the two.
            self._lasting = self._lasting or message.size > LARGEST_ROW

    @property
    def is_empty(self) -> bool:
        return not self._outcomes

    def write_down(self, *, leaving: int | None = None, lasting: bool = True) -> None:
        """Commit what is here, and that the final octets of one more message leave now. Not `lasting`: it outlives this
        process, but a loss of power only once something else was committed; until then the messages count as being
        sent. Raises OutboxProblem, and keeps what it has."""
        # Who comes while another is writing waits: what that one took along is then written down too.
        with self._writing:
            leaves = () if leaving is None else (leaving,)
            while self._outcomes or leaves:
                with self._lock:
                    outcomes, self._outcomes = self._outcomes, {}
                    all_of_them, self._lasting = lasting or self._lasting, False
                try:
                    self._store.record_all(outcomes.items(), leaving=leaves, lasting=all_of_them)
                    leaves = ()
                except MailError as problem:
                    if isinstance(problem, QueuedMessageUnknown):
                        # The file was replaced under us: nobody will ask for this one any more.
                        outcomes.pop(problem.number, None)
                    with self._lock:
                        self._outcomes = {**outcomes, **self._outcomes}
                        self._lasting = self._lasting or all_of_them
                    if not isinstance(problem, QueuedMessageUnknown):
                        raise
