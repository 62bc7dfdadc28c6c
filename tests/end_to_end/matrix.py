"""One run for each place and kind of fault, many at a time, and what must hold in all of them.

Nothing raises; a call that fails says why; True means that the message arrived exactly once; no message arrives twice,
and none arrives from a call that returned False unless the connection broke when the server had the whole of it;
a server that keeps silent is left when the time-out is over, within a fifth of it.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import wlemail
from tests.support.faults import DOWN, DRIBBLE, STALL, TRICKLE, UP, Fault, FaultProxy, Place, places

#: of a time-out: how much sooner and later than asked a call may come back
EARLIEST, LATEST = 0.8, 1.2


@dataclass(frozen=True)
class Target:
    """A server to send through, and how to count what arrived."""

    host: str
    port: int
    option: int
    user: str
    password: str
    sender: str
    recipient: str
    #: how many messages with such a subject have arrived
    count: Callable[[str], int]
    #: BDAT where the server offers it; else DATA and a final dot
    chunking: bool = True


@dataclass
class Run:
    """What one run did."""

    place: Place | None
    #: whether nobody can know if the message arrived
    maybe: bool = False
    subject: str = field(default_factory=lambda: f"r{secrets.token_hex(8)}")
    opened: bool = False
    sent: bool = False
    error: str = ""
    struck: bool = False
    #: seconds of the longest call, and from the fault to the end of the call that it hit
    longest: float = 0.0
    after_fault: float = 0.0
    open_sessions: int = 0
    transcript: list[tuple[str, bytes]] = field(default_factory=list)


def run(target: Target, timeout: float, fault: Fault | None = None, place: Place | None = None) -> Run:
    """Open a session through a proxy, send one message, close."""
    result = Run(place)
    # So slow a trickle that not one reply gets complete in time.
    with FaultProxy(target.host, target.port, fault, pause=timeout * 0.4) as proxy:
        session = session_variable(target, proxy.port, timeout)
        result.opened = timed(result, proxy, lambda: wlemail.EmailStartSession(session))
        if result.opened:
            result.sent = timed(
                result, proxy, lambda: wlemail.EmailSendMessage(session, message(target, result.subject))
            )
        result.error = str(wlemail.ErrorInfo(wlemail.errFullDetails)) if wlemail.ErrorOccurred else ""
        timed(result, proxy, lambda: wlemail.EmailCloseSession(session))
        result.open_sessions = list(wlemail.EmailListSession()).count(session.SessionName)
        result.transcript, result.struck = proxy.transcript, proxy.struck.is_set()
    return result


def timed(result: Run, proxy: FaultProxy, call: Callable[[], Any]) -> bool:
    struck_before, began = proxy.struck.is_set(), time.monotonic()
    outcome = call()
    ended = time.monotonic()
    result.longest = max(result.longest, ended - began)
    if proxy.struck.is_set() and not struck_before:
        result.after_fault = ended - proxy.struck_at
    return bool(outcome)


def session_variable(target: Target, port: int, timeout: float) -> wlemail.emailSMTPSession:
    session = wlemail.emailSMTPSession()
    session.ServerAddress, session.Port, session.Option = target.host, port, target.option
    session.Name, session.Password = target.user, target.password
    session.SessionName = f"{target.user} {threading.get_ident()} {secrets.token_hex(4)}"
    session.TimeOut = timeout
    session.DisableChunking = not target.chunking
    return session


def message(target: Target, subject: str) -> wlemail.Email:
    mail = wlemail.Email()
    mail.Sender, mail.Subject = target.sender, subject
    mail.Recipient.Add(target.recipient)
    mail.Message = "first line\r\n.second line\r\nthird line\r\n"
    return mail


def run_all(target: Target, kind: str, timeout: float, *, threads: int = 24) -> list[Run]:
    """A good run, then one with that kind of fault at each place of its transcript."""
    good = run(target, 30.0)
    assert good.sent, good.error
    found = places(good.transcript)
    assert len(found) > 20, "the transcript of the good run is too short to be true"
    verdict = verdict_on_content(found)
    # A slow client is no fault of the server's, and the client cannot know.
    spoiled = [place for place in found if kind != TRICKLE or place.direction == DOWN]
    with ThreadPoolExecutor(threads) as pool:
        runs = list(pool.map(lambda place: run(target, timeout, place.fault(kind), place), spoiled))
    for result in runs:
        result.maybe = result.place in verdict
    return runs


def verdict_on_content(found: list[Place]) -> set[Place | None]:
    """The places at which the server has the whole message and its reply does not come through (RFC 1047 3)."""
    if any("TLS" in place.label for place in found):  # which record it is cannot be seen
        return {place for place in found if place.direction == DOWN}
    quit_at = next(number for number, place in enumerate(found) if place.label.endswith("QUIT"))
    content_ends = max(number for number, place in enumerate(found[:quit_at]) if place.direction == UP)
    return set(found[content_ends + 1 : quit_at])


# -- what must hold -----------------------------------------------------------------------------------


def complaints(target: Target, runs: Iterable[Run], kind: str, timeout: float, slack: float = 0.0) -> list[str]:
    """Everything that did not hold, one line each."""
    return [
        f"{kind}, {run.place}: {problem}" for run in runs for problem in _problems(target, run, kind, timeout, slack)
    ]


def _problems(target: Target, run: Run, kind: str, timeout: float, slack: float) -> Iterator[str]:
    arrived = target.count(run.subject)
    if run.sent and arrived != 1:
        yield f"EmailSendMessage said True and {arrived} messages arrived"
    if arrived > 1:
        yield f"{arrived} messages arrived"
    if not run.sent and arrived and not run.maybe:
        yield "EmailSendMessage said False and the message arrived"
    if not run.sent and not run.error:
        yield "it failed and ErrorInfo is empty"
    if run.open_sessions:
        yield "the session is still listed after it was closed"
    if kind == DRIBBLE and not run.sent:
        yield f"slow bytes broke it: {run.error}"
    limit = timeout * LATEST + slack
    if kind in (STALL, TRICKLE) and run.after_fault > limit:
        yield f"{run.after_fault:.2f} s after the fault until the call came back; {limit:.2f} s at most"
    if kind == STALL and run.struck and not run.sent and run.longest < timeout * EARLIEST:
        yield f"given up after {run.longest:.2f} s, {timeout} s were allowed"
    if kind not in (STALL, TRICKLE) and run.longest > limit:
        yield f"a call took {run.longest:.2f} s though nothing was silent"
