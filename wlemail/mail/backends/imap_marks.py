r"""The \Seen marks of messages that were read: they fly with the next fetches, at the latest with another command."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence

from ...errors import CommandRefused
from ...imap.client import ADD, Client
from ...imap.connection import Pending
from .imap_folder import SEEN

_log = logging.getLogger("wlemail")


class Marks:
    """What has been read and is not known to be marked yet, in one folder."""

    def __init__(self) -> None:
        self._waiting: set[int] = set()
        # Sent; nobody has looked how it ended.
        self._sent: deque[tuple[Sequence[int], list[Pending]]] = deque()

    def __contains__(self, number: int) -> bool:
        """Whether the server may not know yet that this message was read."""
        return number in self._waiting or any(
            number in numbers and any(each.status is None for each in sent) for numbers, sent in self._sent
        )

    @property
    def any(self) -> bool:
        """Something is waiting or under way."""
        return bool(self._waiting or self._sent)

    def add(self, number: int) -> None:
        """A message was read."""
        self._waiting.add(number)

    def send(self, client: Client) -> None:
        """Send what waits, and wait for nothing."""
        self._look_back(client, wait=False)
        if self._waiting:
            numbers = sorted(self._waiting)
            self._sent.append((numbers, []))
            self._waiting.clear()
            self._sent[-1][1].extend(client.begin_store(numbers, ADD, [SEEN]))

    def finish(self, client: Client) -> None:
        """Send what waits, and wait until everything is marked."""
        self.send(client)
        self._look_back(client, wait=True)

    def _look_back(self, client: Client, *, wait: bool) -> None:
        while self._sent:
            pending = self._sent[0][1]
            if not wait and any(each.status is None for each in pending):
                return
            try:
                client.finish_store(pending)
            except CommandRefused as problem:
                # The message was read all the same; that it counts as unread is no reason to fail.
                _log.warning("the server does not mark messages as read: %s", problem.reply)
            self._sent.popleft()

    def lost(self) -> None:
        """The connection is gone: what nobody confirmed is said again on the next."""
        for numbers, _ in self._sent:
            self._waiting.update(numbers)
        self._sent.clear()
