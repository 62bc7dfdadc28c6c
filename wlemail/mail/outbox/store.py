"""The outbox as its users see it: messages wait here, durably, until a worker has delivered them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from ...errors import MailError
from ...smtp.envelope import Envelope, Receipt
from ..interfaces import Source
from .owner import Ownership
from .values import AccountKey, Claimed, Entry, Event, Limits, Load, State, Status


class Outbox(Protocol):
    """One place; any number of threads and processes add, and ask. `Store(path | ":memory:", limits=Limits())`.

    Every method may raise an OutboxProblem; then nothing was done.
    """

    path: str
    limits: Limits

    # -- handing over

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
        """Queue a message; on disk when this returns. The content is read now and may change afterwards."""

    def status(self, number: int) -> Status:
        """QueuedMessageUnknown where there is no such message."""

    # -- for the worker of an account

    def own(self, account: AccountKey) -> Ownership | None:
        """Become the one who sends for this account, until `release()` or the end of the process; None where somebody
        else is. What a dead owner was sending is pending again, marked uncertain."""

    def claim(self, account: AccountKey, limit: int, now: float | None = None) -> list[Claimed]:
        """The messages that are due, oldest first; nobody else gets them until they are recorded or released."""

    def source(self, number: int) -> Source:
        """The content; ContentLost where it is gone (then `record` that)."""

    def begin_sending(self, numbers: Iterable[int]) -> list[int]:
        """Commit, before their final octets leave, that these are being sent; those of them that may be (others were
        cancelled meanwhile and must not be sent)."""

    def record(self, number: int, outcome: Receipt | MailError, now: float | None = None) -> Status:
        """What came of a try. A refusal that may pass and a broken connection make it wait for the next try; recipients
        that were refused for good, or accepted, are never tried again."""

    def record_all(self, outcomes: Iterable[tuple[int, Receipt | MailError]], now: float | None = None) -> None:
        """Several outcomes in one commit."""

    def release(self, numbers: Iterable[int]) -> None:
        """Give back messages of which no try was made: no attempt is counted, and they are due at once."""

    def note(self, account: AccountKey, problem: MailError | None) -> None:
        """Remember why an account could not be opened; None: it could."""

    def next_due(self, account: AccountKey) -> float | None:
        """When the next unclaimed message is due (seconds since the epoch, maybe past); None where none waits."""

    def waiting(self, account: AccountKey | None = None) -> int:
        """How many messages are pending or being sent."""

    def listen(self, callback: Callable[[AccountKey], object]) -> Callable[[], None]:
        """Call back, in the adding thread, whenever this process has added a message; the result ends that. What other
        processes add must be looked for (`claim` or `next_due`, once a second or so)."""

    # -- for people

    def entries(
        self, states: Iterable[State] = (), account: AccountKey | None = None, newest_first: bool = False
    ) -> Iterator[Entry]:
        """The journal, read as it is iterated; no states: all."""

    def entry(self, number: int) -> Entry: ...

    def history(self, number: int) -> list[Event]: ...

    def loads(self) -> list[Load]:
        """The accounts for which something waits: what flushing would send."""

    def retry(self, numbers: Iterable[int]) -> list[int]:
        """Make failed or waiting messages due now, with all attempts and hours again; those for which that worked."""

    def cancel(self, numbers: Iterable[int]) -> list[int]:
        """Those that were still pending, and are cancelled now."""

    def purge(self, states: Iterable[State] = (State.SENT, State.CANCELLED), before: float | None = None) -> int:
        """Forget ended messages (ended before that time); how many. PENDING and SENDING are never purged."""

    def close(self) -> None: ...
