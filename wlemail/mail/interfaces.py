"""What a back end can do, as the rest of mail/ sees it. Exchange or Graph would be further implementations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from ..smtp.envelope import Envelope as Envelope
from ..smtp.envelope import Receipt as Receipt


class Source(Protocol):
    """A message that can be read more than once: a second try starts it again."""

    @property
    def size(self) -> int: ...

    def chunks(self) -> Iterable[bytes]: ...


class Outgoing(Protocol):
    """Sends mail."""

    def send(
        self,
        envelope: Envelope,
        source: Source,
        *,
        clean: bool = True,
        progress: Callable[[int, int], object] | None = None,
    ) -> Receipt:
        """`clean` promises CR LF line ends; `progress` is called with (total bytes, bytes done)."""

    @property
    def ended(self) -> bool:
        """The connection cannot be made again: the session is over."""

    def close(self, *, politely: bool = True) -> None: ...


Progress = Callable[[int, int], object]


class Incoming(Protocol):
    """Reads one mailbox. Messages have numbers; a number never comes to mean another message."""

    def count(self) -> int:
        """How many messages there are; deleted ones count until the session ends."""

    def numbers(self) -> Sequence[int]:
        """The numbers of all messages, oldest first and ascending: POP3's 1..N, IMAP's UIDs."""

    def size(self, number: int) -> int:
        """Octets of a message as the server counts them; MessageGone if there is none of that number."""

    def unique_id(self, number: int) -> str:
        """What names the message in every session, "" where the server has no such names."""

    def fetch(
        self,
        number: int,
        *,
        headers_only: bool = False,
        progress: Progress | None = None,
        upcoming: Iterable[int] | None = None,
    ) -> bytes:
        """A message's octets with CR LF line ends, or its header's.

        `progress` is called with (total bytes, bytes done). `upcoming` are the numbers that will probably be asked for
        next, in that order: they may be read ahead. Raises MessageGone where the message is deleted or unknown."""

    def delete(self, number: int) -> None:
        """Mark a message for deletion; MessageGone where it is deleted or unknown."""

    def is_deleted(self, number: int) -> bool:
        """Whether this session deleted the message, or found it gone."""

    @property
    def ended(self) -> bool:
        """The connection was lost and the mailbox cannot be taken up again: the session is over."""

    def close(self, *, politely: bool = True) -> None: ...
