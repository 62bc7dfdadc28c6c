"""Any order of calls, by several people, across crashes: the outbox agrees with a dictionary."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from wlemail.errors import ConnectionLost, MailError, MessageRefused, SenderRefused
from wlemail.mail.outbox import Limits, State, Store
from wlemail.smtp.envelope import Receipt

from .box import ACCOUNT, HOUR, LATER, NEVER, OK, OTHER, STEADY, TAKEN, Content, SetClock, put, read

ATTEMPTS = 3
PICK = st.integers(0, 100)
PEOPLE = ("a@example.com", "b@example.com", "c@example.com")


@dataclass
class Mail:
    """What is known of one message."""

    content: bytes
    queued_at: float
    state: State = State.PENDING
    claimed: bool = False
    attempts: int = 0
    uncertain: bool = False
    due: float = 0.0
    recipients: dict[str, State] = field(default_factory=dict)

    @property
    def waiting(self) -> tuple[str, ...]:
        return tuple(a for a, state in self.recipients.items() if state is State.PENDING)


def broken(*, maybe: bool) -> ConnectionLost:
    problem = ConnectionLost()
    problem.maybe_delivered = maybe
    return problem


class Outbox(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.place = tempfile.mkdtemp()
        self.clock = SetClock()
        self.model: dict[int, Mail] = {}
        self.foreign = 0
        self.store = self.opened()

    def opened(self) -> Store:
        store = Store(self.place, schedule=STEADY, clock=self.clock, limits=Limits(attempts=ATTEMPTS))
        self.owned = store.own(ACCOUNT)
        assert self.owned is not None
        return store

    def teardown(self) -> None:
        self.store.close()
        assert self.owned is not None
        self.owned.release()
        shutil.rmtree(self.place)

    @initialize()
    def other_account(self) -> None:
        """Somebody else's mail is never touched."""
        put(self.store, account=OTHER)
        self.foreign = 1

    @rule(people=st.integers(1, 3), size=st.sampled_from([10, 5000, 70_000]))
    def add(self, people: int, size: int) -> None:
        content = Content(b"x" * size)
        number = put(self.store, *PEOPLE[:people], content=content)
        assert number not in self.model
        recipients = dict.fromkeys(PEOPLE[:people], State.PENDING)
        self.model[number] = Mail(content.data, self.clock.wall, recipients=recipients)

    def one(self, pick: int, *, claimed: bool | None = None) -> int | None:
        """A message: any, or one that is claimed, or is not; the rule has no effect where there is none."""
        numbers = [n for n, mail in self.model.items() if claimed is None or mail.claimed is claimed]
        return numbers[pick % len(numbers)] if numbers else None

    def expire(self) -> None:
        for mail in self.model.values():
            if mail.state is State.PENDING and not mail.claimed and self.is_old(mail):
                self.give_up(mail)

    def is_old(self, mail: Mail) -> bool:
        return self.clock.wall - mail.queued_at > 24 * HOUR

    def give_up(self, mail: Mail) -> None:
        mail.recipients.update(dict.fromkeys(mail.waiting, State.ERROR))
        mail.state = State.SENT if State.SENT in mail.recipients.values() else State.ERROR
        mail.claimed = False

    @rule(limit=st.integers(1, 4))
    def claim(self, limit: int) -> None:
        self.expire()
        due = [
            (mail.due, number)
            for number, mail in self.model.items()
            if mail.state is State.PENDING and not mail.claimed and mail.due <= self.clock.wall
        ]
        found = self.store.claim(ACCOUNT, limit)
        assert [claimed.id for claimed in found] == [number for _, number in sorted(due)][:limit]
        for claimed in found:
            mail = self.model[claimed.id]
            mail.claimed = True
            assert claimed.envelope.recipients == mail.waiting
            assert (claimed.attempts, claimed.uncertain) == (mail.attempts, mail.uncertain)
            assert read(self.store, claimed.id) == mail.content

    @rule(pick=PICK)
    def begin(self, pick: int) -> None:
        number = self.one(pick, claimed=True)
        if number is None:
            return
        mail = self.model[number]
        allowed = mail.state is State.PENDING
        assert self.store.begin_sending([number]) == ([number] if allowed else [])
        if allowed:
            mail.state = State.SENDING

    @rule(pick=PICK, what=st.sampled_from(["taken", "some", "later", "never", "lost", "maybe"]))
    def record(self, pick: int, what: str) -> None:
        number = self.one(pick, claimed=True)
        if number is None:
            return
        mail = self.model[number]
        outcome = self.outcome(what, mail)
        self.store.record(number, outcome)
        # What a server took is sent, though somebody had cancelled it by then.
        if mail.state in (State.PENDING, State.SENDING) or (
            mail.state is State.CANCELLED and what in ("taken", "some")
        ):
            self.tried(mail, what)
        mail.claimed = False

    def outcome(self, what: str, mail: Mail) -> Receipt | MailError:
        first = dict.fromkeys(mail.waiting[:1], NEVER)
        second = dict.fromkeys(mail.waiting[1:2], LATER)
        outcomes: dict[str, Receipt | MailError] = {
            "taken": TAKEN,
            "some": Receipt(OK, {**first, **second} if len(mail.waiting) > 2 else {}),
            "later": SenderRefused("me@example.org", LATER),
            "never": MessageRefused("no", NEVER),
            "lost": broken(maybe=False),
            "maybe": broken(maybe=True),
        }
        return outcomes[what]

    def tried(self, mail: Mail, what: str) -> None:
        mail.attempts += 1
        mail.state = State.PENDING
        waiting = mail.waiting
        delay = 0.0
        if what == "some" and len(waiting) > 2:
            mail.recipients.update({waiting[0]: State.ERROR, waiting[2]: State.SENT})
            delay = STEADY.delay(mail.attempts, broken=False)
        elif what in ("taken", "some"):
            mail.recipients.update(dict.fromkeys(waiting, State.SENT))
        elif what == "never":
            mail.recipients.update(dict.fromkeys(waiting, State.ERROR))
        else:
            mail.uncertain = mail.uncertain or what == "maybe"
            delay = STEADY.delay(mail.attempts, broken=what != "later")
        mail.due = self.clock.wall + delay
        too_late = mail.due - mail.queued_at > 24 * HOUR
        if not mail.waiting or mail.attempts >= ATTEMPTS or too_late:
            self.give_up(mail)

    @rule(pick=PICK)
    def release(self, pick: int) -> None:
        number = self.one(pick, claimed=True)
        if number is None:
            return
        mail = self.model[number]
        self.store.release([number])
        mail.claimed = False
        if mail.state is State.SENDING:
            mail.state = State.PENDING

    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        number = self.one(pick)
        if number is None:
            return
        mail = self.model[number]
        assert self.store.cancel([number]) == ([number] if mail.state is State.PENDING else [])
        if mail.state is State.PENDING:
            mail.state = State.CANCELLED

    @rule(pick=PICK)
    def retry(self, pick: int) -> None:
        number = self.one(pick, claimed=False)
        if number is None:
            return
        mail = self.model[number]
        allowed = mail.state in (State.PENDING, State.ERROR)
        assert self.store.retry([number]) == ([number] if allowed else [])
        if allowed:
            mail.recipients = {
                address: State.SENT if state is State.SENT else State.PENDING
                for address, state in mail.recipients.items()
            }
            mail.state, mail.attempts, mail.due, mail.queued_at = State.PENDING, 0, 0.0, self.clock.wall

    @rule(states=st.sets(st.sampled_from(list(State))))
    def purge(self, states: set[State]) -> None:
        self.expire_written(states)
        gone = [n for n, mail in self.model.items() if mail.state in states - {State.PENDING, State.SENDING}]
        assert self.store.purge(states) == len(gone)
        for number in gone:
            del self.model[number]

    def expire_written(self, states: set[State]) -> None:
        """What is too old counts as failed at once, and is written so by the next claim."""
        if states:
            self.claim_nothing()

    def claim_nothing(self) -> None:
        self.expire()
        for claimed in self.store.claim(ACCOUNT, 100):
            self.store.release([claimed.id])

    @rule(hours=st.sampled_from([0.001, 0.1, 1, 13]))
    def wait(self, hours: float) -> None:
        self.clock.pass_seconds(hours * HOUR)

    @rule()
    def crash(self) -> None:
        """The process is gone; another takes over."""
        self.store._database.close()
        assert self.owned is not None
        self.owned.release()
        for mail in self.model.values():
            mail.claimed = False
            if mail.state is State.SENDING:
                mail.state, mail.uncertain, mail.due = State.PENDING, True, 0.0
                mail.attempts += 1
                if mail.attempts >= ATTEMPTS:
                    self.give_up(mail)
        self.store = self.opened()

    @invariant()
    def agrees(self) -> None:
        for number, mail in self.model.items():
            status = self.store.status(number)
            if mail.state is State.PENDING and self.is_old(mail):
                assert status.state in (State.ERROR, State.SENT)
                continue
            assert (status.state, status.attempts, status.uncertain) == (mail.state, mail.attempts, mail.uncertain)
            if mail.state is State.PENDING:
                assert {r.address: r.state for r in status.recipients} == mail.recipients
            if mail.state is State.ERROR:
                assert status.problem is not None
                assert read(self.store, number) == mail.content

    @invariant()
    def counts(self) -> None:
        waiting = [mail for mail in self.model.values() if mail.state in (State.PENDING, State.SENDING)]
        # What is too old waits until the next claim writes it down.
        written = [mail for mail in waiting if mail.state is State.SENDING or not self.is_old(mail)]
        assert len(written) <= self.store.waiting(ACCOUNT) <= len(waiting)
        assert self.store.waiting(OTHER) == self.foreign


TestOutbox = Outbox.TestCase
TestOutbox.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
