"""Walking a mailbox over connections that fail at every place: what a script sees, and what it leaves behind.

Nothing raises; loops end; no message comes under another's number, out of order or twice in one walk; no message is
deleted but the one that was meant; where only the first connection fails, after the login, nothing is noticed at all.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

import wlemail
from tests.support.faults import DOWN, DRIBBLE, DROP, RESET, STALL, Fault, FaultProxy, Place, places
from tests.support.mailboxes import letter
from wlemail.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("face")

COUNT = 12
ALL = [f"s{number}" for number in range(1, COUNT + 1)]
#: the message that the script deletes on its way
DELETED = "s3"
LEFT = [subject for subject in ALL if subject != DELETED]
#: seconds that a silent server is given
PATIENCE = 1.0


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox(tls_port=None) as running:
        yield running


@dataclass
class Run:
    place: Place | None
    opened: bool = False
    deleted: bool = False
    failed: bool = False
    seen: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    transcript: list[tuple[str, bytes]] = field(default_factory=list)


def run(box: Sandbox, place: Place | None = None, kind: str = "", *, spoiled: int | None = None) -> Run:
    user = f"u{secrets.token_hex(6)}"
    for subject in ALL:
        box.deliver(letter(subject, f"text of {subject}"), user)
    result = Run(place)
    fault: Fault | None = place.fault(kind) if place else None
    assert box.pop3_port is not None
    with FaultProxy(box.host, box.pop3_port, fault, spoiled=spoiled) as proxy:
        session = wlemail.emailPOP3Session(Name=user, Password="secret", ServerAddress=proxy.host)
        session.Port, session.TimeOut = proxy.port, PATIENCE if kind == STALL else 20
        result.opened = wlemail.EmailStartSession(session)
        if result.opened:
            walk(session, result)
        wlemail.EmailCloseSession(session)
        result.transcript = proxy.transcript
    result.left = [subject_of(message.content) for message in box.messages_of(user)]
    return result


def walk(session: wlemail.emailPOP3Session, result: Run) -> None:
    """The loop of every manual: read, perhaps delete, read on while not Out."""
    mail = wlemail.Email()
    wlemail.EmailReadFirst(session, mail)
    while not mail.Out:
        result.seen.append(str(mail.Subject))
        assert str(mail.Message) == f"text of {mail.Subject}"
        if mail.Subject == DELETED:
            result.deleted = wlemail.EmailDeleteMessage(session, mail)
            if not result.deleted:
                result.failed = True
                break
        wlemail.EmailReadNext(session, mail)
    if wlemail.ErrorOccurred:
        result.failed = True
        assert wlemail.ErrorInfo()


def subject_of(content: bytes) -> str:
    return next(line[9:].decode() for line in content.split(b"\r\n") if line.startswith(b"Subject: "))


@pytest.fixture(scope="module")
def everywhere(box: Sandbox) -> list[Place]:
    good = run(box)
    assert (good.opened, good.failed, good.seen, good.left) == (True, False, ALL, LEFT)
    found = places(good.transcript)
    assert len(found) > 40
    return found


def all_runs(box: Sandbox, everywhere: list[Place], kind: str, *, spoiled: int | None = None) -> list[Run]:
    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(lambda place: run(box, place, kind, spoiled=spoiled), everywhere))


def complaints(runs: list[Run]) -> list[str]:
    """What must hold whatever happened."""
    return [f"{result.place}: {problem}" for result in runs for problem in _problems(result)]


def _problems(result: Run) -> Iterator[str]:
    if result.seen != ALL[: len(result.seen)]:
        yield f"read in this order: {result.seen}"
    if result.left not in (ALL, LEFT):
        yield f"left behind: {result.left}"
    if result.left == LEFT and DELETED not in result.seen:
        yield "deleted what was never read"
    if not result.failed and result.opened and result.seen != ALL:
        yield f"no error, and only {result.seen} were read"


@pytest.mark.parametrize("kind", [DROP, RESET])
def test_a_connection_that_is_lost_once_is_not_noticed(box: Sandbox, everywhere: list[Place], kind: str) -> None:
    runs = all_runs(box, everywhere, kind, spoiled=1)
    assert complaints(runs) == []
    opened = [result for result in runs if result.opened]
    assert len(opened) > len(runs) // 2
    noticed = [str(r.place) for r in opened if r.failed or (r.seen, r.left) != (ALL, LEFT)]
    assert noticed == []
    assert all(result.left == ALL for result in runs if not result.opened)


@pytest.mark.parametrize("kind", [DROP, RESET])
def test_connections_that_are_lost_each_time(box: Sandbox, everywhere: list[Place], kind: str) -> None:
    assert complaints(all_runs(box, everywhere, kind)) == []


def test_servers_that_fall_silent(box: Sandbox, everywhere: list[Place]) -> None:
    runs = all_runs(box, everywhere, STALL, spoiled=1)
    assert complaints(runs) == []
    # Silence within the walk is an error where it happens; closing then still deletes what was marked.
    stopped = [result for result in runs if result.opened and result.failed]
    assert stopped
    assert all(result.left == LEFT for result in stopped if result.deleted)


def test_octets_that_come_one_by_one(box: Sandbox, everywhere: list[Place]) -> None:
    downwards = [place for place in everywhere if place.direction == DOWN]
    runs = all_runs(box, downwards, DRIBBLE)
    assert [r.place for r in runs if not r.opened or r.failed or (r.seen, r.left) != (ALL, LEFT)] == []
