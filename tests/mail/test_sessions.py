"""Sessions by name: which one a thread gets, what closing a name closes, and who has to wait for whom."""

from __future__ import annotations

import os
import threading
import time

import pytest

from wlemail.errors import SessionBusy, SessionUnknown, TimedOut, WrongSessionKind
from wlemail.mail.account import Account
from wlemail.mail.session import Kind, Session
from wlemail.mail.session_table import SessionTable
from wlemail.mail.settings import SETTINGS, SessionTimeouts

SMTP = (Kind.SMTP,)


class BackEnd:
    """Remembers how it was closed."""

    ended = False

    def __init__(self) -> None:
        self.closed: list[bool] = []

    def close(self, *, politely: bool = True) -> None:
        self.closed.append(politely)


def session(name: str = "lea", kind: Kind = Kind.SMTP, **times: float) -> Session[BackEnd]:
    account = Account(name, "mail.example.test", 25, timeouts=SessionTimeouts(**times))
    return Session(account, kind, BackEnd())


def opened_elsewhere(table: SessionTable) -> Session[BackEnd]:
    opened: list[Session[BackEnd]] = []

    def work() -> None:
        opened.append(session())
        table.add(opened[0])

    elsewhere(work)
    return opened[0]


def elsewhere(work: object) -> None:
    assert callable(work)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(10)
    assert not thread.is_alive()


def test_a_thread_gets_its_own_session_of_a_name() -> None:
    table = SessionTable()
    mine = session()
    table.add(mine)
    found: list[object] = []

    def other() -> None:
        theirs = session()
        table.add(theirs)
        found.append(table.find("lea", SMTP) is theirs)

    elsewhere(other)
    assert found == [True]
    assert table.find("lea", SMTP) is mine


def test_a_thread_without_a_session_gets_the_one_opened_last() -> None:
    table = SessionTable()
    table.add(session())
    last = opened_elsewhere(table)
    found: list[object] = []
    elsewhere(lambda: found.append(table.find("lea", SMTP)))
    assert found == [last]


def test_a_session_outlives_the_thread_that_opened_it() -> None:
    table = SessionTable()
    opened_elsewhere(table)
    assert table.find("lea", SMTP).name == "lea"


def test_the_error_for_an_unknown_name_tells_the_open_ones() -> None:
    table = SessionTable()
    table.add(session("lea"))
    table.add(session("paul"))
    with pytest.raises(SessionUnknown) as caught:
        table.find("Lea", SMTP)
    assert caught.value.open_names == ("lea", "paul")


def test_a_reading_session_cannot_send() -> None:
    table = SessionTable()
    table.add(session("lea", Kind.POP3))
    with pytest.raises(WrongSessionKind) as caught:
        table.find("lea", SMTP)
    assert caught.value.found == ("POP3",)


def test_closing_a_name_means_this_threads_sessions_of_every_kind() -> None:
    table = SessionTable()
    mine = [session("lea", Kind.SMTP), session("lea", Kind.POP3)]
    for one in mine:
        table.add(one)
    opened_elsewhere(table)
    assert table.to_close("lea") == mine


def test_closing_another_threads_name_means_the_sessions_opened_last() -> None:
    table = SessionTable()
    opened_elsewhere(table)
    last = opened_elsewhere(table)
    assert table.to_close("lea") == [last]
    assert table.to_close("nobody") == []


def test_two_threads_take_turns() -> None:
    one = session()
    order: list[str] = []
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with one.use():
            entered.set()
            leave.wait(10)
            order.append("first")

    thread = threading.Thread(target=hold)
    thread.start()
    assert entered.wait(10)
    threading.Timer(0.1, leave.set).start()
    with one.use():
        order.append("second")
    thread.join(10)
    assert order == ["first", "second"]


def test_waiting_for_another_thread_obeys_the_time_out() -> None:
    one = session(own_read=0.2)
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with one.use():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    assert entered.wait(10)
    start = time.monotonic()
    try:
        with pytest.raises(TimedOut), one.use():
            pass
        assert 0.15 <= time.monotonic() - start < 1.5
    finally:
        leave.set()
        thread.join(10)


def test_a_callback_that_uses_its_own_session_is_told_so() -> None:
    one = session()
    with one.use(), pytest.raises(SessionBusy), one.use():
        pass
    with one.use() as back_end:
        assert isinstance(back_end, BackEnd)


def test_a_session_closes_once() -> None:
    one = session()
    one.close()
    one.close()
    assert one.back_end.closed == [True]
    with pytest.raises(SessionUnknown), one.use():
        pass


def test_a_stuck_transfer_does_not_keep_a_session_from_closing() -> None:
    one = session(own_read=0.1)
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with one.use():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    assert entered.wait(10)
    try:
        one.close()
        assert one.back_end.closed == [False]
    finally:
        leave.set()
        thread.join(10)


def test_the_end_of_the_program_closes_what_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SETTINGS, "exit_grace", 0.0)
    table = SessionTable()
    one = session()
    table.add(one)
    table.close_all()
    assert one.back_end.closed == [False]
    assert table.everything() == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only where processes can fork")
def test_a_forked_child_has_no_sessions() -> None:
    table = SessionTable()
    one = session()
    table.add(one)
    table.forget_after_fork()
    assert table.everything() == []
    assert one.back_end.closed == [False]


def test_the_repr_of_an_account_shows_no_password() -> None:
    account = Account("lea", "mail.example.test", 25, user="lea", password="s3cret")
    assert "s3cret" not in repr(account) + str(account)
