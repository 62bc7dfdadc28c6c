"""Walking a mailbox over connections that fail at every place: what a script sees, and what it leaves behind.

Nothing raises; loops end; no message comes under another's number, out of order or twice in one walk; no message is
deleted (over IMAP: marked as deleted) but the one that was meant, none is expunged, none is marked as read that was
not; where only the first connection fails, after the login, nothing is noticed at all.
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

#: the message that the script deletes on its way
DELETED = "s3"
#: seconds that a silent server is given
PATIENCE = 1.0

Session = wlemail.emailPOP3Session | wlemail.emailIMAPSession


@dataclass
class Run:
    place: Place | None
    opened: bool = False
    deleted: bool = False
    failed: bool = False
    seen: list[str] = field(default_factory=list)
    #: what was not deleted
    left: list[str] = field(default_factory=list)
    #: what the server has as read (IMAP)
    marked: list[str] = field(default_factory=list)
    transcript: list[tuple[str, bytes]] = field(default_factory=list)


class Script:
    """The loop of every manual over one protocol, and the mailbox that it reads."""

    count: int

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.all = [f"s{number}" for number in range(1, self.count + 1)]
        self.left = [subject for subject in self.all if subject != DELETED]

    def session(self) -> tuple[Session, int | None]:
        """A session variable, and the port of the sandbox that it is for."""
        raise AssertionError("each protocol has its own")

    def look(self, user: str, result: Run) -> None:
        """What is in the mailbox afterwards."""
        raise AssertionError("each protocol has its own")

    def is_undisturbed(self, result: Run) -> bool:
        return (result.opened, result.failed, result.seen, result.left) == (True, False, self.all, self.left)

    def kept_its_word(self, result: Run) -> bool:
        """Where the walk failed: what had been done by then is done at the close all the same."""
        raise AssertionError("each protocol has its own")

    def run(self, place: Place | None = None, kind: str = "", *, spoiled: int | None = None) -> Run:
        user = f"u{secrets.token_hex(6)}"
        for subject in self.all:
            self.box.deliver(letter(subject, f"text of {subject}"), user)
        result = Run(place)
        fault: Fault | None = place.fault(kind) if place else None
        session, port = self.session()
        assert port is not None
        with FaultProxy(self.box.host, port, fault, spoiled=spoiled) as proxy:
            session.Name, session.Password = user, "secret"
            session.ServerAddress, session.Port = proxy.host, proxy.port
            session.TimeOut = PATIENCE if kind == STALL else 20
            result.opened = wlemail.EmailStartSession(session)
            if result.opened:
                walk(session, result)
            wlemail.EmailCloseSession(session)
            result.transcript = proxy.transcript
        self.look(user, result)
        return result

    def runs(self, everywhere: list[Place], kind: str, *, spoiled: int | None = None) -> list[Run]:
        with ThreadPoolExecutor(16) as pool:
            return list(pool.map(lambda place: self.run(place, kind, spoiled=spoiled), everywhere))

    def complaints(self, runs: list[Run]) -> list[str]:
        """What must hold whatever happened."""
        return [f"{result.place}: {problem}" for result in runs for problem in self._problems(result)]

    def _problems(self, result: Run) -> Iterator[str]:
        if result.seen != self.all[: len(result.seen)]:
            yield f"read in this order: {result.seen}"
        if result.left not in (self.all, self.left):
            yield f"left behind: {result.left}"
        if result.left == self.left and DELETED not in result.seen:
            yield "deleted what was never read"
        if not set(result.marked) <= set(result.seen):
            yield f"marked as read: {result.marked}"
        if not result.failed and result.opened and result.seen != self.all:
            yield f"no error, and only {result.seen} were read"


class OverPOP3(Script):
    count = 12

    def session(self) -> tuple[Session, int | None]:
        return wlemail.emailPOP3Session(), self.box.pop3_port

    def look(self, user: str, result: Run) -> None:
        result.left = [subject_of(message.content) for message in self.box.messages_of(user)]

    def kept_its_word(self, result: Run) -> bool:
        return not result.deleted or result.left == self.left


class OverIMAP(Script):
    count = 6

    def session(self) -> tuple[Session, int | None]:
        return wlemail.emailIMAPSession(), self.box.imap_port

    def look(self, user: str, result: Run) -> None:
        subjects = [subject_of(message.content) for message in self.box.messages_of(user)]
        assert subjects == self.all, "something was expunged"
        flags = dict(zip(subjects, self.box.flags_of(user), strict=True))
        result.left = [subject for subject in subjects if "\\Deleted" not in flags[subject]]
        result.marked = [subject for subject in subjects if "\\Seen" in flags[subject]]

    def is_undisturbed(self, result: Run) -> bool:
        return super().is_undisturbed(result) and result.marked == self.all

    def kept_its_word(self, result: Run) -> bool:
        return result.marked == result.seen


def walk(session: Session, result: Run) -> None:
    """Read, perhaps delete, read on while not Out."""
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


@pytest.fixture(scope="module", params=[OverPOP3, OverIMAP], ids=["POP3", "IMAP"])
def script(request: pytest.FixtureRequest) -> Iterator[Script]:
    with Sandbox(tls_port=None) as box:
        yield request.param(box)


@pytest.fixture(scope="module")
def everywhere(script: Script) -> list[Place]:
    good = script.run()
    assert script.is_undisturbed(good)
    found = places(good.transcript)
    assert len(found) > 40
    return found


@pytest.mark.parametrize("kind", [DROP, RESET])
def test_a_connection_that_is_lost_once_is_not_noticed(script: Script, everywhere: list[Place], kind: str) -> None:
    runs = script.runs(everywhere, kind, spoiled=1)
    assert script.complaints(runs) == []
    opened = [result for result in runs if result.opened]
    assert len(opened) > len(runs) // 2
    assert [str(result.place) for result in opened if not script.is_undisturbed(result)] == []
    assert all(result.left == script.all for result in runs if not result.opened)


@pytest.mark.parametrize("kind", [DROP, RESET])
def test_connections_that_are_lost_each_time(script: Script, everywhere: list[Place], kind: str) -> None:
    assert script.complaints(script.runs(everywhere, kind)) == []


def test_servers_that_fall_silent(script: Script, everywhere: list[Place]) -> None:
    runs = script.runs(everywhere, STALL, spoiled=1)
    assert script.complaints(runs) == []
    stopped = [result for result in runs if result.opened and result.failed]
    assert stopped
    assert [str(result.place) for result in stopped if not script.kept_its_word(result)] == []


def test_octets_that_come_one_by_one(script: Script, everywhere: list[Place]) -> None:
    runs = script.runs([place for place in everywhere if place.direction == DOWN], DRIBBLE)
    assert [str(result.place) for result in runs if not script.is_undisturbed(result)] == []
