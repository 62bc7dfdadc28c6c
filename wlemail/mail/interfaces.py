"""What a back end can do, as the rest of mail/ sees it. Exchange or Graph would be further implementations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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

    def close(self, *, politely: bool = True) -> None: ...
