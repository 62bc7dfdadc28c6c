"""What waits is sent: over how many connections, how often, and what the outbox says of it, whatever a server does."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.mail_server import HANG_UP, SILENCE, MailServer, Said
from wlemail.errors import AuthenticationFailed, ContentLost, OutboxFull, ServerReply
from wlemail.mail.account import Account
from wlemail.mail.opening import open_chained
from wlemail.mail.outbox import AccountKey, Limits, Schedule, State, Store, delivery, worker
from wlemail.mail.outbox.worker import Worker
from wlemail.mail.settings import SessionTimeouts
from wlemail.smtp.chained_client import ChainedClient
from wlemail.smtp.envelope import Envelope

from .box import Content, large

#: nothing waits long in these tests
QUICK = Schedule(after_refusal=0.05, after_break=0.02, longest=0.2)
SECONDS = 30


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_FIRST_PAUSE", 0.02)
    monkeypatch.setattr(worker, "_CROWDED_PAUSE", 0.02)
    monkeypatch.setattr(worker, "_LOOK", 0.05)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Store]:
    store = Store(str(tmp_path / "outbox"), schedule=QUICK)
    yield store
    store.close()


class Sending:
    """An outbox, a server and how to get from one to the other."""

    def __init__(self, store: Store, port: int, **options: Any) -> None:
        self.store = store
        self.account = Account("me", "127.0.0.1", port, user="me", timeouts=SessionTimeouts(own=10), **options)
        self.key = AccountKey("me", "127.0.0.1", port)
        self.opened = 0

    def open_client(self) -> ChainedClient:
        self.opened += 1
        return open_chained(self.account)

    def put(self, name: object, *recipients: str, content: Content | None = None) -> int:
        """A message with that subject."""
        envelope = Envelope("me@example.org", recipients or (f"{name}@example.com",))
        return self.store.add(self.key, envelope, content or Content(f"Subject: {name}\r\n\r\ntext\r\n".encode()))

    @contextmanager
    def working(self, **options: Any) -> Iterator[Worker]:
        one = Worker(self.store, self.key, self.open_client, **options)
        try:
            yield one
        finally:
            one.close()

    def run(self, **options: Any) -> None:
        """Work until nothing waits, whenever it is due."""
        with self.working(**options) as one:
            until = time.monotonic() + SECONDS
            while self.store.waiting(self.key):
                assert time.monotonic() < until, "it is not sent"
                if not one.drain(0.05):
                    time.sleep(0.005)  # until the next try is due

    def states(self) -> Counter[State]:
        return Counter(entry.state for entry in self.store.entries())


def names(server: MailServer) -> list[str]:
    return [message.content.partition(b"\r\n")[0].decode().removeprefix("Subject: ") for message in server.arrived]


# -- all is well -------------------------------------------------------------------------------------


def test_everything_arrives_in_order_over_one_connection(box: Store) -> None:
    with MailServer() as server:
        sending = Sending(box, server.port)
        numbers = [sending.put(n) for n in range(100)]
        with sending.working(max_connections=1) as one:
            assert one.drain(SECONDS) is False
        assert names(server) == [str(n) for n in range(100)]
        assert sending.opened == 1
        status = box.status(numbers[50])
        assert (status.state, status.attempts, status.uncertain) == (State.SENT, 1, False)
        assert status.reply == ServerReply(250, "queued", "2.0.0")
        assert server.arrived[50].sender == "me@example.org"
        assert server.arrived[50].recipients == ("50@example.com",)
    server.wait_until_left()


def test_what_is_added_while_it_works_leaves_at_once(box: Store) -> None:
    with MailServer() as server:
        sending = Sending(box, server.port)
        with sending.working() as one:
            for n in range(5):
                sending.put(n)
                server.wait_for(n + 1)
            assert one.drain(SECONDS) is False
        # The open connection is used again.
        assert sending.opened == 1
    assert sending.states() == {State.SENT: 5}


def test_many_messages_leave_over_several_connections_and_no_more_than_allowed(box: Store) -> None:
    gate = threading.Barrier(3)

    def together(said: Said) -> str | None:
        if said.verb == "content" and not said.earlier:
            gate.wait(SECONDS)  # breaks the test where there are not three at the same time
        return None

    with MailServer(together) as server:
        sending = Sending(box, server.port)
        for n in range(100):
            sending.put(n)
        sending.run(max_connections=3)
        assert sorted(map(int, names(server))) == list(range(100))
        assert server.most == 3


def test_a_few_messages_are_not_worth_a_second_connection(box: Store) -> None:
    with MailServer() as server:
        sending = Sending(box, server.port)
        for n in range(4):
            sending.put(n)
        sending.run(max_connections=3)
    assert sending.opened == 1


def test_a_message_does_not_wait_behind_a_slow_one_for_long(box: Store) -> None:
    released = threading.Event()

    def slow(said: Said) -> str | None:
        if said.verb == "content" and "Subject: slow" in said.argument:
            released.wait(SECONDS)
        return None

    with MailServer(slow) as server:
        sending = Sending(box, server.port)
        with sending.working(max_connections=2) as one:
            sending.put("slow")
            sending.put("chained")
            sending.put("quick")
            server.wait_for(1)
            assert names(server)[0] in ("quick", "chained")
            released.set()
            assert one.drain(SECONDS) is False
    assert sending.states() == {State.SENT: 3}


def test_large_and_small_messages(box: Store) -> None:
    with MailServer() as server:
        sending = Sending(box, server.port)
        for n in range(4):
            sending.put(n, content=large() if n % 2 else None)
        sending.run()
        assert sorted(len(message.content) > 60_000 for message in server.arrived) == [False, False, True, True]
    assert sending.states() == {State.SENT: 4}


@pytest.mark.parametrize(("offers", "pipelining"), [((), True), (("PIPELINING",), False), (("PIPELINING",), True)])
def test_with_and_without_pipelining(box: Store, offers: tuple[str, ...], pipelining: bool) -> None:
    with MailServer(offers=offers) as server:
        sending = Sending(box, server.port, pipelining=pipelining)
        for n in range(10):
            sending.put(n)
        sending.run()
        assert sorted(map(int, names(server))) == list(range(10))


# -- refusals ----------------------------------------------------------------------------------------


def test_each_recipient_is_accounted_for(box: Store) -> None:
    def choosy(said: Said) -> str | None:
        if said.verb == "RCPT" and "never" in said.argument:
            return "550 5.1.1 unknown"
        if said.verb == "RCPT" and "later" in said.argument and said.earlier == 0:
            return "450 4.2.0 greylisted"
        return None

    with MailServer(choosy) as server:
        sending = Sending(box, server.port)
        number = sending.put("x", "now@example.com", "later@example.com", "never@example.com")
        sending.run()
        assert [message.recipients for message in server.arrived] == [("now@example.com",), ("later@example.com",)]
    status = box.status(number)
    assert status.state is State.SENT
    assert {one.address: one.state for one in status.recipients} == {
        "now@example.com": State.SENT,
        "later@example.com": State.SENT,
        "never@example.com": State.ERROR,
    }
    assert status.refused["never@example.com"].code == 550


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "content"])
def test_a_refusal_for_good_ends_the_message_and_no_other(box: Store, verb: str) -> None:
    def refusing(said: Said) -> str | None:
        return "554 5.7.1 no" if said.verb == verb and said.earlier == 1 and not refused.append(said.verb) else None

    refused: list[str] = []
    with MailServer(lambda said: refusing(said) if not refused else None) as server:
        sending = Sending(box, server.port)
        numbers = [sending.put(n) for n in range(4)]
        sending.run(max_connections=1)
        assert names(server) == ["0", "2", "3"]
    status = box.status(numbers[1])
    assert (status.state, status.attempts) == (State.ERROR, 1)
    assert "554 5.7.1 no" in str(status.problem)


def test_a_refusal_that_may_pass_is_tried_again(box: Store) -> None:
    tries: Counter[str] = Counter()

    def greylisting(said: Said) -> str | None:
        if said.verb == "RCPT":
            tries[said.argument] += 1
            return "451 4.7.1 try again later" if tries[said.argument] < 3 else None
        return None

    with MailServer(greylisting) as server:
        sending = Sending(box, server.port)
        number = sending.put("x")
        with sending.working() as one:
            # It is not due: closing would not wait for it.
            assert one.drain(SECONDS) is False
        sending.run()
        assert names(server) == ["x"]
    assert box.status(number).attempts == 3


def test_452_too_many_recipients_takes_further_transactions(box: Store) -> None:
    counts: Counter[int] = Counter()

    def full(said: Said) -> str | None:
        if said.verb == "RSET":
            counts.clear()
        if said.verb == "RCPT":
            counts[said.connection] += 1
            return "452 4.5.3 too many recipients" if counts[said.connection] > 10 else None
        return None

    with MailServer(full) as server:
        sending = Sending(box, server.port)
        number = sending.put("x", *(f"r{n}@example.com" for n in range(25)))
        sending.run()
        assert sorted(len(message.recipients) for message in server.arrived) == [5, 10, 10]
    assert box.status(number).attempts == 1


# -- connections that end ----------------------------------------------------------------------------


def test_421_after_so_many_messages_is_answered_by_another_connection(box: Store) -> None:
    with MailServer(lambda said: "421 4.7.0 enough" if said.verb == "MAIL" and said.earlier == 7 else None) as server:
        sending = Sending(box, server.port)
        numbers = [sending.put(n) for n in range(50)]
        sending.run(max_connections=1)
        assert sorted(map(int, names(server))) == list(range(50))
        assert sending.opened == 8
    assert [box.status(number).attempts for number in numbers] == [1] * 50


def test_mailmax_is_kept(box: Store) -> None:
    with MailServer(offers=("PIPELINING", "LIMITS MAILMAX=5")) as server:
        sending = Sending(box, server.port)
        for n in range(20):
            sending.put(n)
        sending.run(max_connections=1)
        assert Counter(message.connection for message in server.arrived) == {1: 5, 2: 5, 3: 5, 4: 5}


def test_a_connection_that_breaks_behind_the_final_octets_leaves_one_message_uncertain(box: Store) -> None:
    broken: list[str] = []

    def breaking(said: Said) -> str | None:
        if said.verb == "content" and said.earlier == 2 and not broken:
            broken.append(said.argument)
            return HANG_UP
        return None

    with MailServer(breaking) as server:
        sending = Sending(box, server.port)
        numbers = [sending.put(n) for n in range(10)]
        sending.run(max_connections=1)
        assert sorted(map(int, names(server))) == list(range(10))
    statuses = [box.status(number) for number in numbers]
    assert [status.uncertain for status in statuses] == [n == 2 for n in range(10)]
    # The one that was chained behind it was not tried.
    assert [status.attempts for status in statuses] == [2 if n == 2 else 1 for n in range(10)]
    assert [event.kind for event in box.history(numbers[2])].count("uncertain") == 1


def test_a_message_that_makes_the_server_hang_up_does_not_hold_up_the_others(tmp_path: Path) -> None:
    box = Store(str(tmp_path / "outbox"), schedule=QUICK, limits=Limits(attempts=4))
    with MailServer(lambda said: HANG_UP if said.verb == "content" and "poison" in said.argument else None) as server:
        sending = Sending(box, server.port)
        poison = sending.put("poison")
        for n in range(10):
            sending.put(n)
        sending.run(max_connections=2)
        assert sorted(map(int, names(server))) == list(range(10))
    assert box.status(poison).state is State.ERROR
    assert box.status(poison).attempts == 4
    box.close()


def test_a_connection_found_dead_after_a_while_costs_no_attempt(box: Store) -> None:
    with MailServer() as server:
        sending = Sending(box, server.port)
        with sending.working() as one:
            sending.put("first")
            assert one.drain(SECONDS) is False
            server.hang_up()
            server.wait_until_left()
            number = sending.put("second")
            assert one.drain(SECONDS) is False
        assert names(server) == ["first", "second"]
    status = box.status(number)
    assert (status.attempts, status.uncertain) == (1, False)
    assert sending.opened == 2


def test_an_idle_connection_says_goodbye(box: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "IDLE_SECONDS", 0.05)
    said: list[str] = []
    with MailServer(lambda what: said.append(what.verb)) as server:  # type: ignore[func-returns-value]
        sending = Sending(box, server.port)
        with sending.working():
            sending.put("x")
            server.wait_for(1)
            server.wait_until_left()
            assert said[-1] == "QUIT"
            sending.put("y")
            server.wait_for(2)


def test_a_server_that_is_not_there_is_tried_until_it_is(box: Store) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    sending = Sending(box, port)
    number = sending.put("x")
    with sending.working() as one:
        wait_until(lambda: sending.opened > 2)
        assert one.drain(0.01) is True
        [load] = box.loads()
        assert "refused" in str(load.problem)
        with MailServer() as server:
            sending.account = Sending(box, server.port).account
            assert one.drain(SECONDS) is False
    status = box.status(number)
    assert (status.state, status.attempts) == (State.SENT, 1)
    assert box.loads() == []


def test_a_refused_password_is_not_tried_again_and_again(box: Store) -> None:
    with MailServer() as server:
        sending = Sending(box, server.port)
        refusal = AuthenticationFailed("no", ServerReply(535, "no", "5.7.8"), "PLAIN")
        opening = sending.open_client
        tries: list[int] = []

        def refused() -> ChainedClient:
            tries.append(1)
            raise refusal

        sending.open_client = refused  # type: ignore[method-assign]
        number = sending.put("x")
        with sending.working() as one:
            began = time.monotonic()
            assert one.drain(SECONDS) is True  # hopeless: the end of the program does not wait for it
            assert time.monotonic() - began < SECONDS / 2
            assert len(tries) == 1
            assert isinstance(box.loads()[0].problem, AuthenticationFailed)
            one._open_client = opening
            for pair in one._threads:
                pair[0]._open_client = opening
            one.try_again()
            assert one.drain(SECONDS) is False
    assert box.status(number).state is State.SENT


def test_a_server_that_takes_one_connection_and_no_more(box: Store) -> None:
    with MailServer(
        lambda said: "421 4.7.0 too many" if said.verb == "greeting" and server.open > 1 else None
    ) as server:
        sending = Sending(box, server.port)
        for n in range(60):
            sending.put(n)
        sending.run(max_connections=3)
        assert sorted(map(int, names(server))) == list(range(60))
    assert {entry.attempts for entry in box.entries()} == {1}


# -- the outbox fails --------------------------------------------------------------------------------


def test_a_content_that_vanished_is_an_error_and_the_others_leave(box: Store, tmp_path: Path) -> None:
    with MailServer() as server:
        sending = Sending(box, server.port)
        lost = sending.put("lost", content=large())
        for file in (tmp_path / "outbox" / "spool").iterdir():
            file.unlink()
        sending.put("kept")
        sending.run()
        assert names(server) == ["kept"]
    status = box.status(lost)
    assert status.state is State.ERROR
    assert isinstance(status.problem, ContentLost)


@pytest.mark.parametrize("method", ["begin_sending", "record_all"])
def test_a_disk_that_is_full_for_a_while_sends_nothing_twice(
    box: Store, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    working = getattr(box, method)
    failures = iter(range(3))

    def failing(*arguments: Any, **options: Any) -> Any:
        if next(failures, None) is not None:
            raise OutboxFull(box.path, "no space left on device")
        return working(*arguments, **options)

    with MailServer() as server:
        sending = Sending(box, server.port)
        for n in range(10):
            sending.put(n)
        monkeypatch.setattr(box, method, failing)
        sending.run(max_connections=2)
        assert sorted(map(int, names(server))) == list(range(10))
    assert sending.states() == {State.SENT: 10}
    assert not any(entry.uncertain for entry in box.entries())


def test_a_message_that_is_cancelled_in_time_is_not_sent(box: Store) -> None:
    with MailServer() as server:
        sending = Sending(box, server.port)
        numbers = [sending.put(n) for n in range(5)]
        assert box.cancel(numbers[1:4]) == numbers[1:4]
        sending.run()
        assert names(server) == ["0", "4"]


def test_a_message_that_is_cancelled_while_others_leave(box: Store) -> None:
    """It is claimed and not begun: what says that it may not leave is the file."""
    first = threading.Event()
    released = threading.Event()

    def waiting(said: Said) -> str | None:
        if said.verb == "content" and "Subject: 0" in said.argument:
            first.set()
            released.wait(SECONDS)
        return None

    with MailServer(waiting) as server:
        sending = Sending(box, server.port)
        numbers = [sending.put(n) for n in range(20)]
        with sending.working(max_connections=1) as one:
            assert first.wait(SECONDS)
            assert numbers[19] in box.cancel(numbers)
            released.set()
            assert one.drain(SECONDS) is False
        assert "19" not in names(server)
        assert box.status(numbers[0]).state is State.SENT
    assert box.waiting() == 0


# -- more than one -----------------------------------------------------------------------------------


def test_another_worker_waits_until_the_owner_ends(box: Store) -> None:
    with MailServer() as server:
        sending = Sending(box, server.port)
        other = Sending(Store(box.path, schedule=QUICK), server.port)
        with sending.working() as one:
            sending.put("first")
            assert one.drain(SECONDS) is False
            with other.working() as second:
                # It does not send, so it has nothing to wait for.
                assert second.drain(SECONDS) is False
                other.put("second")
                server.wait_for(2)
                assert other.opened == 0
                one.close()
                other.put("third")
                server.wait_for(3)
                assert other.opened == 1
        other.store.close()
        assert names(server) == ["first", "second", "third"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_sends_nothing_and_the_parent_goes_on(box: Store) -> None:
    with MailServer() as server:
        sending = Sending(box, server.port)
        with sending.working() as one:
            sending.put("before")
            assert one.drain(SECONDS) is False
            child = os.fork()
            if not child:
                one.drain(1)
                one.close()
                os._exit(0 if not one.drain(1) else 1)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
            sending.put("after")
            assert one.drain(SECONDS) is False
        assert names(server) == ["before", "after"]


# -- waiting and ending ------------------------------------------------------------------------------


def test_closing_waits_for_what_is_under_way_and_leaves_the_rest(box: Store) -> None:
    under_way = threading.Event()

    def slow(said: Said) -> str | None:
        if said.verb == "content":
            under_way.set()
            time.sleep(0.2)  # a server that takes its time
        return None

    with MailServer(slow) as server:
        sending = Sending(box, server.port)
        for n in range(20):
            sending.put(n)
        with sending.working(max_connections=1):
            assert under_way.wait(SECONDS)
        count = len(server.arrived)
        assert 1 <= count < 20
        assert sending.states() == {State.SENT: count, State.PENDING: 20 - count}
        assert not any(entry.uncertain for entry in box.entries())


def test_closing_does_not_wait_for_a_server_that_keeps_silent(box: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_CLOSING", 0.2)
    silent = threading.Event()

    def keep_silent(said: Said) -> str | None:
        if said.verb == "content":
            silent.set()
            return SILENCE
        return None

    with MailServer(keep_silent) as server:
        sending = Sending(box, server.port)
        number = sending.put("x")
        with sending.working():
            assert silent.wait(SECONDS)
            began = time.monotonic()
        assert time.monotonic() - began < 5
    status = box.status(number)
    # The server has it, and nobody knows what it did with it.
    assert (status.state, status.uncertain) == (State.PENDING, True)


def test_a_waiting_worker_is_quiet(box: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_LOOK", 1.0)
    with MailServer() as server:
        sending = Sending(box, server.port)
        with sending.working() as one:
            sending.put("x")
            assert one.drain(SECONDS) is False
            before = time.process_time()
            looks: list[int] = []
            claim = box.claim
            monkeypatch.setattr(box, "claim", lambda *arguments: looks.append(1) or claim(*arguments))
            time.sleep(1.5)  # the time in which it must do nothing
            assert len(looks) <= 3
            assert time.process_time() - before < 0.2


def test_a_worker_that_does_not_own_the_outbox_is_quiet(box: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_LOOK", 1.0)
    sending = Sending(box, 9)
    owned = box.own(sending.key)
    assert owned is not None
    with sending.working() as one:
        assert one.drain(SECONDS) is False
        looks: list[int] = []
        own = box.own
        monkeypatch.setattr(box, "own", lambda account: looks.append(1) or own(account))
        before = time.process_time()
        for n in range(20):
            sending.put(n)
        time.sleep(1.0)  # the time in which it must do nothing
        assert len(looks) <= 3
        assert time.process_time() - before < 0.3
    owned.release()


def test_no_more_messages_a_minute_than_set(box: Store) -> None:
    times: list[float] = []

    def note(said: Said) -> None:
        if said.verb == "content":
            times.append(time.monotonic())

    with MailServer(note) as server:
        sending = Sending(box, server.port)
        for n in range(5):
            sending.put(n)
        sending.run(max_connections=3, max_rate=600.0)  # one in 0.1 s, a second's worth at once after a pause
        assert len(server.arrived) == 5
    assert sending.states() == {State.SENT: 5}


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.005)
