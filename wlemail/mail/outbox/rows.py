"""A row of the table `message`: what its columns mean, and what becomes of it after a try. No database, no clock."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from ...errors import MailError, MessageCancelled, MessageExpired, RecipientsRefused, ServerReply
from ...smtp.chain import Outcome
from ...smtp.envelope import Envelope, Receipt
from . import clock
from .clock import Moment
from .outcome import judge
from .problems import read_problem, told, write_problem
from .retry import Schedule, suggested_backoff
from .values import Claimed, Event, Limits, RecipientStatus, State, Status

_MAX_REPLY = 500
_MAX_EVENT = 1000


class Row(NamedTuple):
    """The columns, in the table's order."""

    id: int
    account: int
    state: int
    sender: str
    recipients: str
    options: str
    message_id: str
    subject: str
    files: str
    size: int
    spool: str
    crc: int
    clean: int
    queued_at: float
    boot: str
    ticks: float
    seconds: float
    next_try: float
    attempts: int
    uncertain: int
    waiting: str | None
    results: str | None
    reply: str | None
    problem: str | None
    ended_at: float

    @property
    def is_final(self) -> bool:
        return self.state not in (State.PENDING.value, State.SENDING.value)

    def age(self, now: Moment) -> float:
        return clock.age(now, Moment(self.queued_at, self.ticks, self.boot))

    def is_too_old(self, now: Moment) -> bool:
        return self.age(now) > self.seconds


COLUMNS = ", ".join(Row._fields)
#: what changes after a message was queued
CHANGING = (
    *("state", "queued_at", "boot", "ticks", "seconds", "next_try", "attempts", "uncertain"),
    *("waiting", "results", "reply", "problem", "ended_at"),
)
#: [state, code, enhanced code, text] of a recipient; the code is None where the server said nothing
Results = dict[str, list[Any]]


# -- envelopes ----------------------------------------------------------------------------------------


def pack_options(envelope: Envelope) -> str:
    """All of an envelope but its addresses; "" for what most are."""
    body, *rest = envelope[2:]
    return json.dumps([body, *rest]) if body != "7BIT" or any(rest) else ""


def envelope_of(row: Row) -> Envelope:
    """The envelope for the recipients that wait."""
    recipients = tuple(json.loads(row.recipients if row.waiting is None else row.waiting))
    if not row.options:
        return Envelope(row.sender, recipients)
    body, smtputf8, international, dsn_return, dsn_id, notify = json.loads(row.options)
    return Envelope(row.sender, recipients, body, smtputf8, international, dsn_return, dsn_id, tuple(notify))


def claimed(row: Row) -> Claimed:
    return Claimed(
        row.id, envelope_of(row), row.message_id, row.size, bool(row.clean), row.attempts, bool(row.uncertain)
    )


# -- after a try --------------------------------------------------------------------------------------


def after_try(
    row: Row, outcome: Receipt | Outcome | MailError, now: Moment, limits: Limits, schedule: Schedule, chance: float
) -> tuple[Row, list[Event]]:
    """The row as it is after a try, and what the journal says of that; `chance` (0 to 1) scatters the next one."""
    verdict = judge(envelope_of(row).recipients, outcome)
    attempts = row.attempts + 1
    row = row._replace(attempts=attempts, uncertain=int(row.uncertain or verdict.uncertain))
    results: Results = json.loads(row.results or "{}")
    if not (results or verdict.refused or verdict.waiting) and verdict.accepted:
        return _ended(row, State.SENT, now, None, reply=next(iter(verdict.accepted.values()))), []
    for state, replies in ((State.SENT, verdict.accepted), (State.ERROR, verdict.refused)):
        results.update({address: _result(state, reply) for address, reply in replies.items()})
    problem = verdict.problem
    row = row._replace(waiting=json.dumps(verdict.waiting), problem=_written(problem))
    events = [_event(now, "uncertain", problem)] if verdict.uncertain else []
    if not verdict.waiting:
        row = row._replace(results=json.dumps(results))
        return _finished(row, results, now, problem, events)
    said = problem.replies if isinstance(problem, RecipientsRefused) else {}
    results.update({address: _result(State.PENDING, said.get(address)) for address in verdict.waiting})
    row = row._replace(results=json.dumps(results))
    reply = problem.reply if problem is not None else None
    hint = max(map(suggested_backoff, [*said.values(), reply]))
    delay = schedule.delay(attempts, broken=verdict.broken, hint=hint, chance=chance)
    if attempts >= limits.attempts or row.age(now) + delay > row.seconds:
        return give_up(row, now, problem, events)
    row = row._replace(state=State.PENDING.value, next_try=now.wall + delay)
    return row, [*events, _event(now, "deferred", problem)]


def give_up(row: Row, now: Moment, last: MailError | None, events: list[Event]) -> tuple[Row, list[Event]]:
    """The row of a message that is not tried any more: those who wait will not get it."""
    results: Results = json.loads(row.results or "{}")
    for address in envelope_of(row).recipients:
        results[address] = [State.ERROR.value, *results.get(address, _result(State.ERROR, None))[1:]]
    expired = MessageExpired(round(row.seconds / 3600, 2), row.attempts, last)
    row = row._replace(results=json.dumps(results), waiting="[]", problem=write_problem(expired))
    return _finished(row, results, now, expired, events)


def interrupted(row: Row, now: Moment, limits: Limits) -> tuple[Row, list[Event]]:
    """The row of a message whose sender died: the server may have it. That was a try, too: a message that kills whoever
    sends it must not do so for ever."""
    event = Event(now.wall, "uncertain", "the program ended while the message was being sent")
    row = row._replace(state=State.PENDING.value, uncertain=1, next_try=0.0, attempts=row.attempts + 1)
    return give_up(row, now, None, [event]) if row.attempts >= limits.attempts else (row, [event])


def not_left(row: Row) -> tuple[Row, list[Event]]:
    """The row of a message that was about to be sent when its sender died: its final octets had not left."""
    return row._replace(state=State.PENDING.value), []


def cancelled(row: Row, now: Moment) -> tuple[Row, list[Event]]:
    return _ended(row, State.CANCELLED, now, MessageCancelled(row.id)), [Event(now.wall, "cancelled", "")]


def renewed(row: Row, now: Moment) -> tuple[Row, list[Event]]:
    """The row of a message that somebody wants to be tried again: those who do not have it yet wait for it."""
    queued = Event(row.queued_at, "queued", "")
    results: Results = json.loads(row.results or "{}")
    sent = {address: result for address, result in results.items() if result[0] == State.SENT.value}
    row = row._replace(
        state=State.PENDING.value,
        waiting=json.dumps([address for address in json.loads(row.recipients) if address not in sent]),
        results=json.dumps(sent) if sent else None,
        attempts=0,
        next_try=0.0,
        ended_at=0.0,
        queued_at=now.wall,
        boot=now.boot,
        ticks=now.ticks,
    )
    return row, [queued, Event(now.wall, "retried", "")]


def _finished(
    row: Row, results: Results, now: Moment, problem: MailError | None, events: list[Event]
) -> tuple[Row, list[Event]]:
    """SENT where anybody has it: one refused recipient does not make a failure of it."""
    sent = [result for result in results.values() if result[0] == State.SENT.value]
    if sent:
        refused = len(results) - len(sent)
        return _ended(row, State.SENT, now, problem, reply=_reply(sent[0])), (
            [*events, Event(now.wall, "failed", f"for {refused} of {len(results)}: {told(problem)}"[:_MAX_EVENT])]
            if refused
            else events
        )
    return _ended(row, State.ERROR, now, problem), [*events, _event(now, "failed", problem)]


def _ended(row: Row, state: State, now: Moment, problem: MailError | None, *, reply: ServerReply | None = None) -> Row:
    return row._replace(
        state=state.value,
        ended_at=now.wall,
        problem=_written(problem),
        reply=json.dumps(_result(state, reply)) if reply is not None else row.reply,
    )


def _written(problem: MailError | None) -> str | None:
    return None if problem is None else write_problem(problem)


def _event(now: Moment, kind: str, problem: MailError | None) -> Event:
    return Event(now.wall, kind, told(problem)[:_MAX_EVENT])


def _result(state: State, reply: ServerReply | None) -> list[Any]:
    if reply is None:
        return [state.value, None, "", ""]
    return [state.value, reply.code, reply.enhanced, reply.text[:_MAX_REPLY]]


def _reply(result: Sequence[Any]) -> ServerReply | None:
    _, code, enhanced, text = result
    return None if code is None else ServerReply(code, text, enhanced)


# -- for people ---------------------------------------------------------------------------------------


def status_of(row: Row, now: Moment, account_problem: str | None = None) -> Status:
    """What is known of a message; one that is too old counts as failed though nobody has written that yet.

    `account_problem` is why its account cannot be opened: the reason for which a message waits that was never tried.
    """
    if row.state == State.PENDING.value and row.is_too_old(now):
        row, _ = give_up(row, now, read_problem(row.problem or account_problem), [])
    problem = row.problem if row.is_final else row.problem or account_problem
    reply = _reply(json.loads(row.reply)) if row.reply else None
    recipients = _recipients(row, reply)
    return Status(
        row.id,
        State(row.state),
        recipients,
        _with_replies(read_problem(problem), recipients),
        reply,
        row.attempts,
        row.queued_at,
        row.next_try,
        row.ended_at,
        bool(row.uncertain),
    )


def _recipients(row: Row, reply: ServerReply | None) -> tuple[RecipientStatus, ...]:
    results: Results = json.loads(row.results or "{}")
    state = State(row.state)
    everybody = json.loads(row.recipients)
    if not results:
        return tuple([RecipientStatus(address, state, reply) for address in everybody])
    found = [(address, results.get(address, [state.value, None, "", ""])) for address in everybody]
    return tuple(
        [
            # Those who wait share the state of the message: being sent, cancelled.
            RecipientStatus(address, State(result[0]) if result[0] else state, _reply(result))
            for address, result in found
        ]
    )


def _with_replies(problem: MailError | None, recipients: tuple[RecipientStatus, ...]) -> MailError | None:
    for one in (problem, getattr(problem, "last", None)):
        if isinstance(one, RecipientsRefused):
            one.replies = _said(recipients)
    return problem


def _said(recipients: tuple[RecipientStatus, ...]) -> dict[str, ServerReply]:
    return {r.address: r.reply for r in recipients if r.state is not State.SENT and r.reply is not None}
