"""Twenty threads at once: under twenty names, and under one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

import wlemail
from tests.support.servers import Endpoint, Testbed
from wlemail import EmailCloseSession, EmailListSession, EmailSendMessage, ErrorInfo, ErrorOccurred

from .letters import SERVERS, letter, start

pytestmark = [pytest.mark.live("postfix", "exim", "dovecot"), pytest.mark.usefixtures("face")]

THREADS = 20


def send_from_thread(testbed: Testbed, endpoint: Endpoint, user: str, subject: str, together: Barrier) -> str:
    """Open, send, close; "" or what went wrong. All threads are inside at the same time."""
    together.wait(30)
    if not start(endpoint, user, testbed.users[user], wlemail.emailProtocolSMTPS):
        return f"open: {ErrorInfo()}"
    together.wait(30)
    if not EmailSendMessage(user, letter(testbed, subject, sender=user)):
        return f"send: {ErrorInfo()}"
    together.wait(30)
    EmailCloseSession(user)
    return "an error stands" if ErrorOccurred else ""


def run(testbed: Testbed, server: str, users: list[str], token: str) -> None:
    endpoint, together = testbed.endpoint(server, "submission"), Barrier(THREADS)
    with ThreadPoolExecutor(THREADS) as pool:
        jobs = [
            pool.submit(send_from_thread, testbed, endpoint, user, f"{token} {number:02}", together)
            for number, user in enumerate(users)
        ]
        assert [job.result(60) for job in jobs] == [""] * THREADS
    assert list(EmailListSession()) == []
    messages = testbed.mailbox("alice").wait_for(token, THREADS)
    arrived = sorted((str(message["Subject"]), str(message["From"])) for message in messages)
    assert arrived == [(f"{token} {number:02}", testbed.address(user)) for number, user in enumerate(users)]


@pytest.mark.parametrize("server", SERVERS)
def test_twenty_threads_with_twenty_names(testbed: Testbed, token: str, server: str) -> None:
    run(testbed, server, [f"user{number:02}" for number in range(1, THREADS + 1)], token)


@pytest.mark.parametrize("server", SERVERS)
def test_twenty_threads_under_one_name(testbed: Testbed, token: str, server: str) -> None:
    run(testbed, server, ["bob"] * THREADS, token)


@pytest.mark.parametrize("server", SERVERS)
def test_twenty_threads_share_one_session(testbed: Testbed, token: str, server: str) -> None:
    """Opened by the main thread, used by all: one after the other, each with its own structure and its own error."""
    assert start(testbed.endpoint(server, "submission"), "bob", testbed.users["bob"], wlemail.emailProtocolSMTPS)
    together = Barrier(THREADS)

    def send(number: int) -> tuple[bool, bool]:
        wlemail.EmailReset()
        wlemail.Email.Sender = testbed.address("bob")
        # Every second one is refused.
        wlemail.Email.Recipient = testbed.address("reject" if number % 2 else "alice")
        wlemail.Email.Subject = f"{token} {number:02}"
        together.wait(30)
        return EmailSendMessage("bob"), bool(ErrorOccurred)

    with ThreadPoolExecutor(THREADS) as pool:
        results = list(pool.map(send, range(THREADS)))
    assert results == [(number % 2 == 0, number % 2 == 1) for number in range(THREADS)]
    messages = testbed.mailbox("alice").wait_for(token, THREADS // 2)
    assert sorted(str(message["Subject"]) for message in messages) == [f"{token} {n:02}" for n in range(0, THREADS, 2)]
