"""One mailbox over POP3: a client, and a new one where the old connection died and the mailbox is still the same.

Numbers are those of the first login for as long as the session lasts. A new connection may number otherwise: the
unique ids (UIDL) tell which message is which, and where they cannot, the session ends.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from ...errors import CommandRefused, ConnectionLost, MailboxChanged, MailError, MessageGone
from ...pop3.client import MOST_UNANSWERED, Client, Listing
from .. import rehearsal
from ..account import Account
from ..interfaces import Progress
from ..opening import open_pop3
from ..readahead import LARGEST_HEADER, ReadAhead

_T = TypeVar("_T")

#: Octets that closing takes in before it says goodbye, where nothing but politeness is at stake.
_WORTH_A_GOODBYE = 256 << 10

_log = logging.getLogger("wlemail")


class Pop3Incoming:
    """Reads through one connection at a time; the caller holds the session's lock."""

    def __init__(self, account: Account) -> None:
        self._account = rehearsal.redirect(account, "POP3")
        self._read_only = rehearsal.read_only()
        self._utf8 = False
        self._client = open_pop3(self._account)
        #: the connection was lost and the mailbox cannot be taken up again
        self.ended = False
        # The mailbox as it was at the first login, and the numbers that the present connection has for it.
        self._listing: Listing | None = None
        self._numbers: Sequence[int] = ()
        self._renumbered: Mapping[int, int] | None = None
        # What the script deleted, what the server was told of that, and what turned out to be there no more.
        self._deleted: set[int] = set()
        self._marked: set[int] = set()
        self._gone: set[int] = set()
        # The first deletion that the server refused behind the script's back.
        self._refusal: CommandRefused | None = None
        self._ahead = ReadAhead(self)

    @property
    def client(self) -> Client:
        return self._client

    # -- what there is ------------------------------------------------------------------------------

    def count(self) -> int:
        """How many messages there were at the login."""
        return len(self.numbers())

    def numbers(self) -> Sequence[int]:
        """1 to N, as a rule."""
        self._list()
        return self._numbers

    def size(self, number: int) -> int:
        """Octets by LIST."""
        size = self._list().sizes.get(number)
        if size is None or self.is_deleted(number):
            raise MessageGone(number)
        return size

    def unique_id(self, number: int) -> str:
        """The name by UIDL, "" where the server has none."""
        self.size(number)
        return self._list().unique_ids.get(number, "")

    def is_deleted(self, number: int) -> bool:
        """Whether this session deleted the message, or another one while the connection was lost."""
        return number in self._deleted or number in self._gone

    def refresh(self) -> bool:
        """Nothing happens in a mailbox while the session lasts (RFC 1939 3)."""
        return False

    def _list(self) -> Listing:
        listing = self._listing
        if listing is None:
            listing = self._safely(lambda: self._client.listing())
            numbers = list(listing.sizes)
            ordinary = range(1, len(numbers) + 1)
            self._numbers = ordinary if numbers == list(ordinary) else numbers
            self._listing = listing
        return listing

    # -- messages -----------------------------------------------------------------------------------

    def fetch(
        self,
        number: int,
        *,
        headers_only: bool = False,
        progress: Progress | None = None,
        upcoming: Iterable[int] | None = None,
    ) -> bytes:
        """A message, or its header."""
        size = self.size(number)
        counted = None if progress is None else _counted(progress, size)

        def fetched() -> bytes:
            if self.is_deleted(number):
                raise MessageGone(number)
            return self._ahead.fetch(number, headers_only=headers_only, progress=counted, upcoming=upcoming)

        try:
            data = self._safely(fetched)
        except CommandRefused as problem:
            if self._utf8 or not problem.reply.text.startswith("-ERR [UTF8]"):
                raise
            # RFC 6856 5: this message comes only to those who said UTF8 before the login.
            self._utf8 = True
            self._client.close()
            self._reopen()
            data = fetched()
        if progress is not None:
            total = size or len(data)
            progress(total, total)
        return data

    def delete(self, number: int) -> None:
        """DELE; the message goes when the session is closed.

        Where messages are read ahead nobody waits for the answer: a refusal is told by the next deletion after it has
        come, which does not take place then, or by `close`."""
        self._tell_kept()
        self.size(number)
        if not self._read_only:
            self._safely(lambda: self._client.delete_along(self._at_server(number)))
            self._marked.add(number)
        self._deleted.add(number)
        self._ahead.drop(number)

    def _note_kept(self) -> None:
        """What the server did not want to delete is not deleted."""
        kept = self._client.kept
        if kept:
            there = self._renumbered
            back = {number for number in self._marked if (number if there is None else there.get(number)) in kept}
            self._marked -= back
            self._deleted -= back
            self._refusal = self._refusal or next(iter(kept.values()))
            kept.clear()

    def _tell_kept(self) -> None:
        """CommandRefused where the server refused a deletion that nobody has been told of."""
        self._note_kept()
        refusal, self._refusal = self._refusal, None
        if refusal is not None:
            raise refusal

    def _at_server(self, number: int) -> int:
        if self._renumbered is None:
            return number
        there = self._renumbered.get(number)
        if there is None:
            raise MessageGone(number)
        return there

    # -- as a source of messages for reading ahead --------------------------------------------------

    def most(self, *, headers_only: bool) -> int:
        return MOST_UNANSWERED if self._client.can_ask_ahead(headers_only=headers_only) else 1

    def octets(self, number: int, *, headers_only: bool) -> int:
        size = self._list().sizes[number]
        return min(size, LARGEST_HEADER) if headers_only else size

    def ask(self, numbers: Sequence[int], *, headers_only: bool) -> None:
        sizes = self._list().sizes
        wanted = [(self._at_server(number), sizes[number]) for number in numbers]
        self._client.request(wanted, headers_only=headers_only)

    def receive(self, progress: Callable[[int], object] | None) -> bytes | None:
        return self._client.next_message(progress)

    # -- a lost connection --------------------------------------------------------------------------

    def _safely(self, action: Callable[[], _T]) -> _T:
        """Do it, once more where the connection turns out to be lost. After a time-out the script has waited enough:
        then the next call comes to a new connection."""
        if not self._client.broken and not self.ended:
            try:
                return action()
            except ConnectionLost:
                pass
        self._reopen()
        return action()

    def _reopen(self) -> None:
        """A new connection to the same mailbox; where it cannot be told to be the same, the session is over."""
        if self.ended:
            raise self._changed("it was closed when the connection was lost")
        self._ahead.forget()
        self._note_kept()
        if self._listing is None:
            # No number is known to anybody yet.
            self._client = open_pop3(self._account, utf8=self._utf8)
            return
        self.ended = True
        try:
            self._client = self._taken_up(self._listing)
            self.ended = False
        finally:
            if self.ended and self._marked:
                _log.warning(
                    "%s:%d: the connection was lost and the mailbox could not be taken up again; deletions that did "
                    "not take place: %d",
                    self._account.host, self._account.port, len(self._marked),
                )  # fmt: skip

    def _taken_up(self, listing: Listing) -> Client:
        client = open_pop3(self._account, utf8=self._utf8)
        ready = False
        try:
            self._renumbered = self._matched(listing, client.listing())
            client.delete_all(self._renumbered[n] for n in sorted(self._marked) if n in self._renumbered)
            ready = True
            return client
        finally:
            if not ready:
                client.close()

    def _matched(self, listing: Listing, now: Listing) -> dict[int, int]:
        """Which number each message has now. What is not there any more is gone; MailboxChanged where names do not
        last, or do not tell one message from another."""
        if not listing.sizes:
            return {}
        if not _last(listing):
            raise self._changed("the server gives messages no names that last (UIDL)")
        there = {name: number for number, name in now.unique_ids.items()}
        if len(there) != len(now.sizes):
            raise self._changed("the server gives two messages one name (UIDL)")
        matched = {number: there[name] for number, name in listing.unique_ids.items() if name in there}
        if any(now.sizes.get(found) != listing.sizes[number] for number, found in matched.items()):
            raise self._changed("a message has another size than it had")
        gone = listing.sizes.keys() - matched.keys()
        if not matched and gone - self._deleted:
            # Perhaps somebody emptied the mailbox; perhaps the server gives new names at each login.
            raise self._changed("no message has the name that it had (UIDL)")
        self._gone |= gone
        return matched

    def _changed(self, why: str) -> MailboxChanged:
        return MailboxChanged(why, host=self._account.host, port=self._account.port, undone=len(self._marked))

    # -- the end ------------------------------------------------------------------------------------

    def close(self, *, politely: bool = True) -> None:
        """QUIT, at which the deletions take place; said again on a new connection where nobody confirmed it.

        MailboxChanged where nobody does on that one either."""
        if politely and not self.ended:
            if self._marked or self._refusal:
                self._commit()
            elif self._ahead.octets <= _WORTH_A_GOODBYE:
                self._client.quit()
        self._client.close()

    def _commit(self) -> None:
        if not self._client.broken and self._client.quit():
            self._tell_kept()
            return
        try:
            self._reopen()
        except MailboxChanged:
            raise
        except MailError as problem:
            changed = self._changed("the server did not confirm the deletions, and cannot be asked again")
            changed.reply = problem.reply
            raise changed from problem
        if not self._client.quit():
            self.ended = True
            raise self._changed("the server did not confirm the deletions")


def _counted(progress: Progress, size: int) -> Callable[[int], object]:
    """Octets that came as (total, done): what dots and the line at the end add is not counted beyond the total."""
    return lambda octets: progress(size or octets, min(octets, size or octets))


def _last(listing: Listing) -> bool:
    """Whether the names can tell messages apart in another session: one each, and not just the number."""
    names = listing.unique_ids
    if names.keys() != listing.sizes.keys() or len(set(names.values())) != len(names):
        return False
    return any(name != str(number) for number, name in names.items())
