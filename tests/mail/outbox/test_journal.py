"""The journal: every message can be found again, however many there are."""

from __future__ import annotations

import logging
import sqlite3

import pytest

from wlemail.errors import MessageRefused
from wlemail.mail.outbox import AccountKey, State, Store
from wlemail.mail.outbox.statements import DUE, MISPLANNED
from wlemail.smtp.envelope import Envelope, Receipt

from .box import ACCOUNT, LATER, NEVER, OK, OTHER, TAKEN, Content, SetClock, envelope, put


def test_a_line_has_the_properties_by_which_mail_is_tracked(either: Store, clock: SetClock) -> None:
    """File name, from address, host, message id, subject, to addresses, user."""
    number = either.add(
        ACCOUNT,
        envelope("a@example.com", "b@example.com"),
        Content(),
        message_id="<1@example.org>",
        subject="Größe",
        files=["a.pdf", "b.txt"],
    )
    entry = either.entry(number)
    assert entry.file_names == ("a.pdf", "b.txt")
    assert entry.from_address == "me@example.org"
    assert (entry.host, entry.port, entry.user) == ("mail.example.org", 587, "me@example.org")
    assert (entry.message_id, entry.subject) == ("<1@example.org>", "Größe")
    assert entry.to_addresses == ("a@example.com", "b@example.com")
    assert (entry.state, entry.size, entry.queued_at, entry.ended_at) == (
        State.PENDING,
        Content().size,
        clock.wall,
        0.0,
    )
    clock.pass_seconds(5)
    either.claim(ACCOUNT, 1)
    either.record(number, TAKEN)
    entry = either.entry(number)
    assert (entry.state, entry.attempts, entry.ended_at, entry.outcome) == (State.SENT, 1, clock.wall, str(OK))


def test_a_long_journal_is_read_in_either_order_and_while_it_grows(either: Store) -> None:
    numbers = [put(either, account=OTHER if n % 3 else ACCOUNT) for n in range(450)]
    read = iter(either.entries())
    first = next(read)
    late = put(either)
    assert [first.id, *[e.id for e in read]] == [*numbers, late]
    assert [e.id for e in either.entries(newest_first=True)] == [late, *reversed(numbers)]
    assert [e.id for e in either.entries(account=ACCOUNT)] == [*numbers[::3], late]
    assert {e.user for e in either.entries(account=OTHER)} == {OTHER.user}
    either.cancel(numbers[:250])
    assert [e.id for e in either.entries([State.CANCELLED])] == numbers[:250]
    assert [e.id for e in either.entries([State.SENT, State.ERROR])] == []


def test_the_outcome_says_what_happened_last(either: Store) -> None:
    numbers = [put(either) for _ in range(3)]
    either.claim(ACCOUNT, 3)
    either.record(numbers[0], MessageRefused("refused: spam", NEVER))
    either.record(numbers[1], Receipt(OK, {"you@example.com": LATER}))
    either.cancel(numbers[2:])
    outcomes = [entry.outcome for entry in either.entries()]
    assert outcomes[0] == "refused: spam"
    assert str(LATER) in outcomes[1]
    assert "cancelled" in outcomes[2]


def test_what_waits_is_summed_up_for_each_account(either: Store, clock: SetClock) -> None:
    first = clock.wall
    put(either)
    clock.pass_seconds(100)
    done, begun = put(either), put(either)
    put(either, account=OTHER)
    either.claim(ACCOUNT, 9)
    either.record(done, TAKEN)
    either.begin_sending([begun])
    loads = {load.account: load for load in either.loads()}
    assert set(loads) == {ACCOUNT, OTHER}
    assert (loads[ACCOUNT].waiting, loads[ACCOUNT].oldest) == (2, first)
    assert (loads[OTHER].waiting, loads[OTHER].oldest) == (1, first + 100)


def test_an_account_comes_back_as_it_was_used_last(either: Store) -> None:
    account = AccountKey("u", "h", 465, "TLS from the first byte", "named secret", True, '{"mechanism": "PLAIN"}')
    put(either, account=account)
    assert [load.account for load in either.loads()] == [account]


def test_times_of_events_are_in_order(either: Store, clock: SetClock) -> None:
    number = put(either)
    for outcome in (MessageRefused("busy", LATER), MessageRefused("no", NEVER)):
        clock.pass_seconds(60)
        either.claim(ACCOUNT, 1)
        either.record(number, outcome)
    history = either.history(number)
    assert [(event.kind, event.text) for event in history] == [("queued", ""), ("deferred", "busy"), ("failed", "no")]
    assert [event.at for event in history] == sorted({event.at for event in history})


def test_nothing_secret_is_kept(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """An account has no place for a password; what the journal tells is what it was given."""
    assert not {"password", "token"} & set(AccountKey._fields)
    with caplog.at_level(logging.DEBUG):
        put(store)
    assert "hello" not in caplog.text


@pytest.mark.parametrize(
    "query",
    [DUE, MISPLANNED, "SELECT id FROM message WHERE account = ? AND state = 1"],
)
def test_claims_cost_the_same_however_many_messages_there_are(store: Store, query: str) -> None:
    values = (1, 2.0, 3)[: query.count("?")]

    def plan(connection: sqlite3.Connection) -> str:
        return str(connection.execute(f"EXPLAIN QUERY PLAN {query}", values).fetchall())

    found = store._database.read(plan)
    assert "USING" in found
    assert "message_due" in found or "message_sending" in found
    assert "SCAN" not in found, "every row"
    assert "TEMP B-TREE" not in found, "sorted anew each time"


def test_a_thousand_recipients_keep_their_results(either: Store, clock: SetClock) -> None:
    people = [f"user{n}@example.com" for n in range(1000)]
    number = either.add(ACCOUNT, Envelope("me@example.org", tuple(people)), Content())
    either.claim(ACCOUNT, 1)
    refused = dict.fromkeys(people[::2], NEVER) | dict.fromkeys(people[1::4], LATER)
    either.record(number, Receipt(OK, refused))
    states = [r.state for r in either.status(number).recipients]
    assert (states.count(State.ERROR), states.count(State.PENDING), states.count(State.SENT)) == (500, 250, 250)
    clock.pass_seconds(3600)
    assert either.claim(ACCOUNT, 1)[0].envelope.recipients == tuple(people[1::4])
