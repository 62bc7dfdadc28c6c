"""What happens to a message between being handed over and being forgotten."""

from __future__ import annotations

import pytest

from wlemail.errors import (
    AuthenticationFailed,
    ConnectionLost,
    ContentLost,
    MailError,
    MessageCancelled,
    MessageExpired,
    MessageRefused,
    OutboxFull,
    QueuedMessageUnknown,
    RecipientsRefused,
    SenderRefused,
    ServerReply,
)
from wlemail.mail.outbox import AccountKey, Limits, State, Store
from wlemail.mail.outbox import store as store_module
from wlemail.smtp.envelope import Envelope, Receipt

from .box import (
    ACCOUNT,
    HOUR,
    LATER,
    NEVER,
    OK,
    OTHER,
    STEADY,
    TAKEN,
    Content,
    SetClock,
    envelope,
    large,
    put,
    read,
    spool_files,
)


def lost(*, maybe_delivered: bool) -> ConnectionLost:
    problem = ConnectionLost(during="DATA")
    problem.maybe_delivered = maybe_delivered
    return problem


# -- handing over -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kept", [Content().data, b"", large().data], ids=["small", "empty", "large"])
def test_the_content_is_frozen_at_the_call(either: Store, kept: bytes) -> None:
    content = Content(kept)
    number = put(either, content=content)
    content.data = b"changed"
    assert read(either, number) == kept
    assert read(either, number) == kept, "a second try starts it again"
    assert either.source(number).size == len(kept)
    assert content.readings == 1


def test_a_new_message_is_pending_and_due(either: Store) -> None:
    number = put(either, "a@example.com", "b@example.com")
    status = either.status(number)
    assert status.state is State.PENDING
    assert [(r.address, r.state) for r in status.recipients] == [
        ("a@example.com", State.PENDING),
        ("b@example.com", State.PENDING),
    ]
    assert (status.problem, status.attempts, status.uncertain) == (None, 0, False)
    assert [c.id for c in either.claim(ACCOUNT, 10)] == [number]


def test_numbers_grow_and_are_never_used_again(either: Store) -> None:
    first, second = put(either), put(either)
    assert second > first
    either.cancel([second])
    assert either.purge() == 1
    assert put(either) > second


def test_nobody_knows_a_number_that_was_never_given(either: Store) -> None:
    for ask in (either.status, either.entry, either.history, either.source):
        with pytest.raises(QueuedMessageUnknown):
            ask(4711)


def test_every_part_of_an_envelope_comes_back(either: Store) -> None:
    given = Envelope("", ("é@example.com",), "8BITMIME", True, True, "HDRS", "id", ("SUCCESS", "FAILURE"))
    either.add(ACCOUNT, given, Content(), message_id="<1@x>", clean=False)
    claimed = either.claim(ACCOUNT, 1)[0]
    assert claimed.envelope == given
    assert (claimed.message_id, claimed.clean, claimed.size) == ("<1@x>", False, Content().size)


def test_what_cannot_be_read_is_not_queued(store: Store) -> None:
    class Shrunk(Content):
        def chunks(self):  # type: ignore[no-untyped-def]
            yield self.data[:1000]
            raise MailError("the file shrank")

    with pytest.raises(MailError, match="shrank"):
        put(store, content=Shrunk(large().data))
    assert store.waiting() == 0
    assert spool_files(store.path) == []


def test_so_many_wait_and_no_more(place: str) -> None:
    store = Store(place, limits=Limits(waiting=1))
    put(store)
    again = Store(place, limits=Limits(waiting=1))
    with pytest.raises(OutboxFull, match="waiting already"):
        put(again)
    store.close()
    again.close()


def test_listeners_hear_of_what_this_process_adds(either: Store) -> None:
    heard: list[AccountKey] = []
    stop = either.listen(heard.append)
    put(either)
    number = put(either, account=OTHER)
    assert heard == [ACCOUNT, OTHER]
    either.claim(OTHER, 1)
    either.record(number, MessageRefused("no", NEVER))
    either.retry([number])
    assert heard == [ACCOUNT, OTHER, OTHER], "another try is due as well"
    stop()
    put(either)
    assert len(heard) == 3


# -- claims -------------------------------------------------------------------------------------------


def test_the_oldest_is_claimed_first_and_nothing_twice(either: Store) -> None:
    numbers = [put(either) for _ in range(5)]
    assert [c.id for c in either.claim(ACCOUNT, 2)] == numbers[:2]
    assert [c.id for c in either.claim(ACCOUNT, 10)] == numbers[2:]
    assert either.claim(ACCOUNT, 10) == []


def test_an_account_gets_its_own_messages_only(either: Store) -> None:
    put(either, account=OTHER)
    assert either.claim(ACCOUNT, 10) == []
    assert either.claim(AccountKey("nobody", "nowhere", 25), 10) == []
    assert either.next_due(ACCOUNT) is None
    assert (either.waiting(ACCOUNT), either.waiting(OTHER), either.waiting()) == (0, 1, 1)


def test_an_account_is_user_host_and_port_whatever_else_changes(either: Store) -> None:
    put(either)
    changed = ACCOUNT._replace(security="clear", secret="named", options="{}")
    put(either, account=changed)
    assert len(either.claim(changed, 10)) == 2
    assert [load.account for load in either.loads()] == [changed], "as it was opened last"


def test_released_messages_are_due_again_without_an_attempt(either: Store) -> None:
    first, second = put(either), put(either)
    either.claim(ACCOUNT, 2)
    either.begin_sending([first])
    assert either.next_due(ACCOUNT) is None
    either.release(number for number in (first, second))
    assert either.next_due(ACCOUNT) == 0.0
    assert [(c.id, c.attempts, c.uncertain) for c in either.claim(ACCOUNT, 9)] == [
        (first, 0, False),
        (second, 0, False),
    ]


def test_what_is_being_sent_is_pending_no_more(either: Store) -> None:
    number = put(either)
    either.claim(ACCOUNT, 1)
    assert either.begin_sending([number]) == [number]
    assert either.status(number).state is State.SENDING
    assert either.begin_sending([number]) == [], "nobody else may send it"


# -- outcomes -----------------------------------------------------------------------------------------


def tried(store: Store, number: int, outcome: Receipt | MailError) -> None:
    assert number in [c.id for c in store.claim(ACCOUNT, 100)]
    assert store.begin_sending([number]) == [number]
    store.record(number, outcome)


@pytest.mark.parametrize("content", [Content(), large()], ids=["small", "large"])
def test_a_sent_message_leaves_its_status_and_no_content(store: Store, content: Content, clock: SetClock) -> None:
    number = put(store, "a@example.com", "b@example.com", content=content)
    tried(store, number, TAKEN)
    status = store.status(number)
    assert status.state is State.SENT
    assert (status.reply, status.problem, status.attempts, status.ended_at) == (OK, None, 1, clock.wall)
    assert [(r.state, r.reply) for r in status.recipients] == [(State.SENT, OK)] * 2
    assert spool_files(store.path) == []
    with pytest.raises(ContentLost):
        store.source(number)
    assert store.claim(ACCOUNT, 10) == []
    assert store.waiting() == 0


def test_one_refused_recipient_must_not_lose_the_mail_for_the_others_nor_go_unnoticed(either: Store) -> None:
    number = put(either, "a@example.com", "b@example.com")
    tried(either, number, Receipt(OK, {"b@example.com": NEVER}, ("a@example.com",)))
    status = either.status(number)
    assert status.state is State.SENT
    assert status.refused == {"b@example.com": NEVER}
    assert isinstance(status.problem, RecipientsRefused)
    assert status.problem.replies == {"b@example.com": NEVER}
    assert [event.kind for event in either.history(number)] == ["queued", "failed", "sent"]


def test_a_recipient_refused_for_now_is_tried_again_alone(either: Store, clock: SetClock) -> None:
    number = put(either, "a@example.com", "b@example.com", "c@example.com")
    tried(either, number, Receipt(OK, {"b@example.com": LATER, "c@example.com": NEVER}))
    status = either.status(number)
    assert status.state is State.PENDING
    assert [r.state for r in status.recipients] == [State.SENT, State.PENDING, State.ERROR]
    assert either.claim(ACCOUNT, 10) == []
    clock.pass_seconds(STEADY.after_refusal)
    assert either.claim(ACCOUNT, 10)[0].envelope.recipients == ("b@example.com",)
    either.begin_sending([number])
    assert either.record(number, TAKEN).state is State.SENT
    assert [r.state for r in either.status(number).recipients] == [State.SENT, State.SENT, State.ERROR]


def test_a_message_that_somebody_has_is_sent_though_the_rest_is_given_up(either: Store, clock: SetClock) -> None:
    number = put(either, "a@example.com", "b@example.com")
    tried(either, number, Receipt(OK, {"b@example.com": LATER}))
    clock.pass_seconds(STEADY.after_refusal)
    tried(either, number, RecipientsRefused({"b@example.com": NEVER}))
    status = either.status(number)
    assert (status.state, status.refused, status.reply) == (State.SENT, {"b@example.com": NEVER}, OK)


@pytest.mark.parametrize(
    "problem",
    [
        RecipientsRefused({"you@example.com": NEVER}),
        SenderRefused("me@example.org", NEVER),
        MessageRefused("refused", ServerReply(554, "spam", "5.7.1")),
        ContentLost("/x", 1, "gone"),
    ],
    ids=lambda problem: type(problem).__name__,
)
def test_a_final_refusal_is_final(either: Store, problem: MailError) -> None:
    number, other = put(either), put(either, content=large())
    tried(either, number, problem)
    either.record(other, problem)
    status = either.status(number)
    assert status.state is State.ERROR
    assert type(status.problem) is type(problem)
    assert str(status.problem) == str(problem)
    assert status.problem.reply == problem.reply
    assert either.claim(ACCOUNT, 10, now=status.ended_at + 20 * HOUR) == []
    assert read(either, number) == Content().data, "somebody may want it to be tried again"
    assert read(either, other) == large().data


@pytest.mark.parametrize(
    ("problem", "seconds"),
    [
        (SenderRefused("me@example.org", LATER), STEADY.after_refusal),
        (RecipientsRefused({"you@example.com": LATER}), STEADY.after_refusal),
        (lost(maybe_delivered=False), STEADY.after_break),
        (AuthenticationFailed("no", ServerReply(535, "wrong")), STEADY.after_refusal),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_failure_that_may_pass_is_tried_again_later_and_later(
    either: Store, clock: SetClock, problem: MailError, seconds: float
) -> None:
    number = put(either)
    for attempt in range(4):
        tried(either, number, problem)
        status = either.status(number)
        assert (status.state, status.attempts) == (State.PENDING, attempt + 1)
        assert str(status.problem) == str(problem)
        assert status.next_try - clock.wall == pytest.approx(seconds * 2**attempt)
        assert either.next_due(ACCOUNT) == status.next_try
        clock.pass_seconds(seconds * 2**attempt - 0.5)
        assert either.claim(ACCOUNT, 10) == []
        clock.pass_seconds(1)
    assert [e.kind for e in either.history(number)] == ["queued", "deferred", "deferred", "deferred", "deferred"]


def test_a_connection_that_breaks_after_the_final_octets_makes_a_message_uncertain(
    either: Store, clock: SetClock
) -> None:
    number = put(either)
    tried(either, number, lost(maybe_delivered=True))
    clock.pass_seconds(HOUR)
    assert either.claim(ACCOUNT, 1)[0].uncertain
    either.record(number, TAKEN)
    assert either.status(number).uncertain, "the journal does not forget it"
    assert either.entry(number).uncertain
    assert [e.kind for e in either.history(number)] == ["queued", "uncertain", "deferred", "sent"]


def test_it_is_given_up_after_so_many_attempts(place: str, clock: SetClock) -> None:
    store = Store(place, schedule=STEADY, clock=clock, limits=Limits(attempts=3))
    number = put(store)
    for _ in range(3):
        tried(store, number, SenderRefused("me@example.org", LATER))
        clock.pass_seconds(HOUR)
    status = store.status(number)
    assert status.state is State.ERROR
    assert isinstance(status.problem, MessageExpired)
    assert (status.problem.attempts, str(status.problem.last)) == (3, str(SenderRefused("me@example.org", LATER)))
    assert status.problem.reply == LATER
    store.close()


def test_exchange_suggested_backoff_is_honoured(either: Store, clock: SetClock) -> None:
    number = put(either)
    reply = ServerReply(432, "STOREDRV; throttled Suggested Backoff Time: 299850 milliseconds", "4.3.2")
    tried(either, number, MessageRefused("throttled", reply))
    assert either.status(number).next_try - clock.wall == pytest.approx(299.85)


def test_several_outcomes_are_recorded_at_once(either: Store) -> None:
    numbers = [put(either) for _ in range(3)]
    either.claim(ACCOUNT, 3)
    either.begin_sending(numbers)
    either.record_all((number, TAKEN) for number in numbers)
    assert {either.status(number).state for number in numbers} == {State.SENT}


def test_a_word_of_a_server_counts_once(either: Store) -> None:
    number = put(either)
    tried(either, number, TAKEN)
    either.record(number, SenderRefused("me@example.org", NEVER))
    assert either.status(number).state is State.SENT


# -- limits of time -----------------------------------------------------------------------------------


def test_mail_older_than_the_limit_is_not_sent_late(either: Store, clock: SetClock) -> None:
    number = put(either)
    mine = either.add(ACCOUNT, envelope(), Content(), hours=30)
    clock.pass_seconds(24 * HOUR + 1)
    seen = either.status(number)
    assert (seen.state, type(seen.problem)) == (State.ERROR, MessageExpired), "also before anybody has looked at it"
    assert [c.id for c in either.claim(ACCOUNT, 10)] == [mine]
    assert either.status(number).state is State.ERROR
    assert [e.kind for e in either.history(number)] == ["queued", "failed"]
    assert either.retry([number]) == [number], "its content is still there"
    assert read(either, number) == Content().data
    assert [c.id for c in either.claim(ACCOUNT, 10)] == [number]


def test_it_waits_no_longer_than_it_may(either: Store, clock: SetClock) -> None:
    number = put(either)
    clock.pass_seconds(24 * HOUR - 10)
    tried(either, number, SenderRefused("me@example.org", LATER))
    assert either.status(number).state is State.ERROR, "the next try would come too late"


def test_the_file_of_a_message_that_some_have_goes_with_its_last_try(
    store: Store, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    number = put(store, "a@example.com", "b@example.com", content=large())
    tried(store, number, Receipt(OK, {"b@example.com": LATER}))
    clock.pass_seconds(25 * HOUR)
    assert store.claim(ACCOUNT, 1) == []
    assert store.status(number).state is State.SENT
    assert spool_files(store.path) == []
    assert "b@example.com" in caplog.text, "who never asks hears of it all the same"


def test_messages_behind_expired_ones_are_claimed(either: Store, clock: SetClock) -> None:
    for _ in range(7):
        put(either)
    clock.pass_seconds(25 * HOUR)
    fresh = [put(either), put(either)]
    assert [c.id for c in either.claim(ACCOUNT, 2)] == fresh


def test_why_an_account_cannot_be_opened_is_why_its_mail_waits(either: Store, clock: SetClock) -> None:
    number = put(either)
    refused = AuthenticationFailed("refused", ServerReply(535, "wrong password"))
    either.note(ACCOUNT, refused)
    assert (either.status(number).state, str(either.status(number).problem)) == (State.PENDING, "refused")
    assert str(either.loads()[0].problem) == "refused"
    clock.pass_seconds(25 * HOUR)
    problem = either.status(number).problem
    assert isinstance(problem, MessageExpired)
    assert isinstance(problem.last, AuthenticationFailed)
    either.note(ACCOUNT, None)
    assert either.loads()[0].problem is None


# -- clocks that jump ---------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", [-50 * 365 * 24 * HOUR, -2 * HOUR, 50 * 365 * 24 * HOUR], ids=["1970", "-2 h", "2076"])
def test_a_clock_that_jumps_does_not_lose_what_waits(either: Store, clock: SetClock, jump: float) -> None:
    number = put(either)
    clock.jump(jump)
    assert either.status(number).state is State.PENDING
    assert either.next_due(ACCOUNT) is not None
    assert [c.id for c in either.claim(ACCOUNT, 10)] == [number]


@pytest.mark.parametrize("jump", [-50 * 365 * 24 * HOUR, -2 * HOUR, 50 * 365 * 24 * HOUR], ids=["1970", "-2 h", "2076"])
def test_a_clock_that_jumps_neither_strands_a_retry_nor_hammers(either: Store, clock: SetClock, jump: float) -> None:
    number = put(either)
    tried(either, number, SenderRefused("me@example.org", LATER))
    clock.jump(jump)
    tries = 0
    for _ in range(12 * 60):
        clock.pass_seconds(60)
        if either.claim(ACCOUNT, 10):
            tries += 1
            either.record(number, SenderRefused("me@example.org", LATER))
    assert 5 < tries < 20
    clock.pass_seconds(12 * HOUR + 1)
    assert either.status(number).state is State.ERROR, "twelve hours and twelve hours, by whatever clock"


def test_a_new_start_of_the_machine_is_judged_by_the_wall_clock(place: str) -> None:
    before = Store(place, clock=SetClock(1_800_000_000.0, "first"))
    number = put(before)
    before.close()
    soon = Store(place, clock=SetClock(1_800_000_000.0 + HOUR, "second"))
    assert soon.status(number).state is State.PENDING
    soon.close()
    late = Store(place, clock=SetClock(1_800_000_000.0 + 25 * HOUR, "second"))
    assert late.status(number).state is State.ERROR
    late.close()


# -- people -------------------------------------------------------------------------------------------


def test_a_cancelled_message_is_not_sent(store: Store) -> None:
    first, second = put(store, content=large()), put(store)
    store.claim(ACCOUNT, 2)
    assert store.cancel([first]) == [first]
    assert store.begin_sending([first, second]) == [second], "the worker hears of it before the final octets"
    assert store.cancel([second]) == [], "too late for this one"
    status = store.status(first)
    assert (status.state, type(status.problem)) == (State.CANCELLED, MessageCancelled)
    assert spool_files(store.path) == []
    assert store.retry([first]) == [], "its content is gone"


def test_what_a_server_took_is_sent_though_it_was_cancelled_meanwhile(either: Store) -> None:
    number = put(either)
    either.claim(ACCOUNT, 1)
    either.cancel([number])
    either.record(number, lost(maybe_delivered=False))
    assert either.status(number).state is State.CANCELLED
    either.record(number, TAKEN)
    assert either.status(number).state is State.SENT


def test_another_try_of_a_failed_message_is_for_those_who_do_not_have_it(either: Store, clock: SetClock) -> None:
    number = put(either, "a@example.com", "b@example.com")
    tried(either, number, RecipientsRefused({"a@example.com": NEVER, "b@example.com": NEVER}))
    clock.pass_seconds(100 * HOUR)
    assert either.retry([number]) == [number]
    status = either.status(number)
    assert (status.state, status.attempts, status.refused) == (State.PENDING, 0, {})
    tried(either, number, Receipt(OK, {"b@example.com": LATER}))
    either.retry([number])
    assert either.claim(ACCOUNT, 1)[0].envelope.recipients == ("b@example.com",)
    either.record(number, TAKEN)
    assert [e.kind for e in either.history(number)] == [
        *("queued", "failed", "retried", "deferred", "retried"),
        "sent",
    ]


def test_purging_forgets_what_has_ended_and_never_what_waits(store: Store, clock: SetClock) -> None:
    sent, failed, waiting, sending = put(store), put(store, content=large()), put(store), put(store)
    store.claim(ACCOUNT, 10)
    store.begin_sending([sent, sending])
    store.record(sent, TAKEN)
    store.record(failed, MessageRefused("no", NEVER))
    clock.pass_seconds(10)
    assert store.purge(before=clock.wall - 20) == 0
    assert store.purge(list(State), before=clock.wall) == 2
    assert spool_files(store.path) == []
    assert store.purge(list(State)) == 0
    assert [e.id for e in store.entries()] == [waiting, sending]
    with pytest.raises(QueuedMessageUnknown):
        store.status(sent)


def test_a_journal_is_cut_while_a_server_runs_for_months(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_TIDY_EVERY", 10)
    store = Store(place, limits=Limits(kept=5))
    for _ in range(40):
        number = put(store)
        store.record(number, TAKEN)
    assert len(list(store.entries())) < 20
    store.close()


def test_the_journal_remembers_the_last_messages_and_every_failure(place: str) -> None:
    store = Store(place, limits=Limits(kept=3))
    numbers = [put(store) for _ in range(8)]
    store.claim(ACCOUNT, 10)
    store.record(numbers[0], MessageRefused("no", NEVER))
    store.record_all((number, TAKEN) for number in numbers[1:])
    store.tidy()
    assert [e.id for e in store.entries()] == [numbers[0], *numbers[5:]]
    store.close()
