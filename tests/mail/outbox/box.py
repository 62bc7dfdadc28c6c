"""What the tests of the outbox put in, and clocks that obey."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from wlemail.errors import ServerReply
from wlemail.mail.outbox import AccountKey, Schedule, Store
from wlemail.mail.outbox.clock import Clock, Moment
from wlemail.mail.outbox.schema import LARGEST_ROW
from wlemail.smtp.envelope import Envelope, Receipt

ACCOUNT = AccountKey("me@example.org", "mail.example.org", 587, "STARTTLS", login=True)
OTHER = AccountKey("you@example.org", "mail.example.org", 587)
OK = ServerReply(250, "queued as 4711", "2.0.0")
LATER = ServerReply(451, "try again later", "4.7.1")
NEVER = ServerReply(550, "no such user", "5.1.1")
TAKEN = Receipt(OK, {})
HOUR = 3600.0
#: every delay exactly as planned
STEADY = Schedule(jitter=0.0)
LARGE = LARGEST_ROW + 1000


class Content:
    """A message of so many bytes; it counts how often it is read."""

    def __init__(self, data: bytes = b"Subject: x\r\n\r\nhello\r\n") -> None:
        self.data = data
        self.size = len(data)
        self.readings = 0

    def chunks(self) -> Iterator[bytes]:
        self.readings += 1
        for start in range(0, self.size, 30_000):
            yield self.data[start : start + 30_000]


def large(mark: bytes = b"x") -> Content:
    return Content(b"Subject: large\r\n\r\n" + mark * LARGE + b"\r\n")


def envelope(*recipients: str) -> Envelope:
    return Envelope("me@example.org", recipients or ("you@example.com",))


def put(store: Store, *recipients: str, content: Content | None = None, account: AccountKey = ACCOUNT) -> int:
    return store.add(account, envelope(*recipients), content or Content())


def read(store: Store, number: int) -> bytes:
    return b"".join(store.source(number).chunks())


def spool_files(place: Path | str) -> list[str]:
    directory = Path(place, "spool")
    return sorted(path.name for path in directory.iterdir()) if directory.exists() else []


class SetClock(Clock):
    """A wall clock that is set at will, over ticks that go on."""

    def __init__(self, wall: float = 1_800_000_000.0, boot: str = "first") -> None:
        self.wall = wall
        self.ticks = 1000.0
        self.boot = boot

    def now(self) -> Moment:
        return Moment(self.wall, self.ticks, self.boot)

    def pass_seconds(self, seconds: float) -> None:
        self.wall += seconds
        self.ticks += seconds

    def jump(self, seconds: float) -> None:
        self.wall += seconds
