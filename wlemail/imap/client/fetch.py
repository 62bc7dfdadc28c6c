"""UID FETCH: messages as they come, several commands in flight.

What has not been taken waits in the connection, not in memory, until another command needs its answer. Servers may
tell of one message in several responses, and of messages that nobody asked for: each message is given once, when all
that was asked for is there.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from ..commands import Command
from ..connection import Pending
from ..dialogue import Dialogue, Progress
from ..numbers import NumberSet, number_set
from ..parsing.fetch import Fetched
from ..parsing.responses import Response
from ..parsing.status import OK

#: Octets of a message where nothing else is said: a message without end must not fill the memory.
LARGEST_MESSAGE = 256 << 20
#: Whole messages and headers, without a mark that they were seen (RFC 3501 6.4.5).
WHOLE, HEADER = "BODY.PEEK[]", "BODY.PEEK[HEADER]"
#: Octets of messages that are kept because another command needed its answer; what comes beyond is asked for again.
HELD = 16 << 20
_PER_COMMAND = 200
# A set of ranges is small, whatever it says; looking a number up in it is slower.
_MOST_LISTED = 10_000
_IN_FLIGHT = 2

_SECTION = re.compile(r"(BODY|BINARY|BINARY\.SIZE)(?:\.PEEK)?\[(.*)\](?:<(\d+)\.\d+>)?", re.IGNORECASE | re.DOTALL)
_ITEM = re.compile(r"[A-Za-z0-9.\-_]+(?:\[[^\r\n\0]*\](?:<\d+\.\d+>)?)?")
_OLD_SECTIONS = {"RFC822": "", "RFC822.HEADER": "HEADER", "RFC822.TEXT": "TEXT"}
_MEMBERS = {
    "FLAGS": "flags",
    "RFC822.SIZE": "size",
    "INTERNALDATE": "internal_date",
    "MODSEQ": "modseq",
    "ENVELOPE": "envelope",
    "BODYSTRUCTURE": "structure",
    "BODY": "structure",
}


class Flight:
    """One UID FETCH that was sent; `next` gives its messages as they come."""

    def __init__(self, dialogue: Dialogue, numbers: NumberSet, items: Sequence[str], largest: int) -> None:
        self._dialogue = dialogue
        self._sections = tuple(key for item in items if (key := _section_key(item)) is not None)
        self._members = tuple(_MEMBERS[item.upper()] for item in items if item.upper() in _MEMBERS)
        self._partial: dict[int, Fetched] = {}
        self._given: set[int] = set()
        self._items = tuple(items)
        self._largest = largest
        self._pending = self._ask(numbers)

    def _ask(self, numbers: NumberSet) -> Pending:
        command = fetch_command(numbers, self._items, self._largest)
        self._dialogue.settle(command)
        return self._dialogue.send(command)

    @property
    def ended(self) -> bool:
        """Every message has been given."""
        pending = self._pending
        return pending.status is not None and not (pending.arrived or pending.lost or self._partial)

    def next(self, progress: Progress | None = None) -> Fetched | None:
        """The next message, None where there are no more; `progress` is called with the octets that have come.

        CommandRefused once all that came was given, where the server could not give the rest; messages that are gone
        are no failure, they do not come."""
        dialogue = self._dialogue
        while (response := self._next_response(progress)) is not None:
            if isinstance(response, Fetched):
                message = self._gathered(response)
                if message is not None:
                    return message
        while self._partial:
            # What lacks a section was told because something changed, not because it was asked for.
            message = self._partial.pop(next(iter(self._partial)))
            if all(key in message.sections for key in self._sections):
                return message
        status = self._pending.status
        if status is not None and status.condition != OK and status.code_name not in _GONE:
            raise dialogue.refusal(self._pending.command, status)
        return None

    def _next_response(self, progress: Progress | None) -> Response | None:
        response = self._dialogue.next_for(self._pending, progress)
        while response is None and self._pending.lost:
            # Another command had to come to its end first, and there was no room for all that came before.
            self._pending = self._ask(number_set(self._pending.lost))
            response = self._dialogue.next_for(self._pending, progress)
        return response

    def drop(self) -> None:
        """Nobody will take the rest: let it pass without keeping it."""
        self._pending.drop()
        self._partial.clear()

    def _gathered(self, response: Fetched) -> Fetched | None:
        """The message, once all that was asked for has come."""
        uid = response.uid
        if uid is None or uid in self._given:
            return None
        earlier = self._partial.pop(uid, None)
        message = response if earlier is None else _merged(earlier, response)
        if all(key in message.sections for key in self._sections) and all(
            getattr(message, member) is not None for member in self._members
        ):
            self._given.add(uid)
            return message
        self._partial[uid] = message
        return None


# RFC 5530 3: some of the messages were expunged meanwhile.
_GONE = ("EXPUNGEISSUED", "NONEXISTENT")


def fetch_command(numbers: NumberSet, items: Sequence[str], largest: int = LARGEST_MESSAGE) -> Command:
    """UID FETCH of these items."""
    for item in items:
        if not _ITEM.fullmatch(item):
            raise AssertionError(f"no item of FETCH: {item!r}")
    asked = tuple(item.encode() for item in items if item.upper() != "UID")
    return Command(
        "UID FETCH",
        (str(numbers).encode(), (b"UID", *asked)),
        (Fetched,),
        numbers=frozenset(numbers) if len(numbers) <= _MOST_LISTED else numbers,
        alone=False,
        literal_limit=largest,
        answer_limit=HELD,
    )


def _section_key(item: str) -> str | None:
    """Where the answer to an item is found among a message's sections, None where it is none."""
    old = _OLD_SECTIONS.get(item.upper())
    found = _SECTION.fullmatch(item)
    if found is None:
        return old
    name, inside, origin = found.groups()
    key = inside.replace('"', "").upper()
    if name.upper() != "BODY":
        key = f"{name.upper()}[{key}]"
    return key if origin is None else f"{key}<{origin}>"


def _merged(first: Fetched, second: Fetched) -> Fetched:
    told = {name: value for name, value in second._asdict().items() if value is not None}
    told["sections"] = {**first.sections, **second.sections}
    told["others"] = {**first.others, **second.others}
    return first._replace(**told)


def fetch(
    dialogue: Dialogue,
    uids: Iterable[int],
    items: Sequence[str],
    *,
    per_command: int = _PER_COMMAND,
    in_flight: int = _IN_FLIGHT,
    largest: int = LARGEST_MESSAGE,
) -> Iterator[Fetched]:
    """Messages in the server's order as they come, `per_command` to a command and `in_flight` commands at a time.

    A message that is gone does not come. CommandRefused where the server could not give some of them."""
    numbers = sorted(set(uids))
    groups = iter([numbers[start : start + per_command] for start in range(0, len(numbers), per_command)])
    flights: deque[Flight] = deque()
    try:
        while True:
            while len(flights) < in_flight and (group := next(groups, None)) is not None:
                flights.append(Flight(dialogue, number_set(group), items, largest))
            if not flights:
                return
            message = flights[0].next()
            if message is None:
                flights.popleft()
            else:
                yield message
    finally:
        for flight in flights:
            flight.drop()
