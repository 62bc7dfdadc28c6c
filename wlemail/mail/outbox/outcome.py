"""What a try means for a message: who has it, who never will, who is tried again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ...errors import (
    AuthenticationFailed,
    Broken,
    MailError,
    RecipientsRefused,
    Refused,
    ServerReply,
    SessionRefused,
)
from ...smtp.chain import Outcome
from ...smtp.envelope import Receipt


class Verdict(NamedTuple):
    """`waiting` are the recipients for whom another try is worth while."""

    accepted: Mapping[str, ServerReply]
    refused: Mapping[str, ServerReply]
    waiting: tuple[str, ...]
    #: what kept those that wait, or all
    problem: MailError | None = None
    #: the connection failed: no word on the message
    broken: bool = False
    #: the server may have taken it all the same
    uncertain: bool = False


def judge(recipients: tuple[str, ...], outcome: Receipt | Outcome | MailError) -> Verdict:
    """What an outcome means for the recipients that were tried."""
    if isinstance(outcome, Receipt):
        return _taken(recipients, outcome)
    if isinstance(outcome, Outcome):
        return _accounted(recipients, outcome)
    if isinstance(outcome, RecipientsRefused):
        return _parted(recipients, outcome.replies, outcome)
    # Neither a broken connection nor a server that wants nobody or not this password says anything about the message.
    if isinstance(outcome, (Broken, AuthenticationFailed, SessionRefused)):
        uncertain = isinstance(outcome, Broken) and outcome.maybe_delivered
        return Verdict({}, {}, recipients, outcome, broken=isinstance(outcome, Broken), uncertain=uncertain)
    if outcome.temporary:
        return Verdict({}, {}, recipients, outcome)
    if isinstance(outcome, Refused):
        return Verdict({}, dict.fromkeys(recipients, outcome.reply), (), outcome)
    return Verdict({}, {}, (), outcome)


def _taken(recipients: tuple[str, ...], receipt: Receipt) -> Verdict:
    """A receipt names whom the server refused: it has the message for everybody else."""
    if not receipt.refused:
        return Verdict(dict.fromkeys(recipients, receipt.reply), {}, ())
    accepted = {address: receipt.reply for address in recipients if address not in receipt.refused}
    parted = _parted(tuple(a for a in recipients if a in receipt.refused), receipt.refused, None)
    return parted._replace(accepted=accepted)


def has_left(outcome: Receipt | Outcome | MailError) -> bool:
    """Whether the server took the message for somebody."""
    return isinstance(outcome, Receipt) or (isinstance(outcome, Outcome) and bool(outcome.accepted))


def _accounted(recipients: tuple[str, ...], outcome: Outcome) -> Verdict:
    """An outcome says of each recipient what is known. Where nothing was sent to one, the reason decides: a connection
    may be whole again, an address that cannot be written will never be."""
    problem = outcome.problem
    if not (outcome.accepted or outcome.refused or outcome.uncertain) and problem is not None:
        return judge(recipients, problem)
    accepted = dict.fromkeys(outcome.accepted, outcome.reply or ServerReply(250, ""))
    refused = {address: reply for address, reply in outcome.refused.items() if _is_final(reply)}
    waiting = tuple(address for address in recipients if address not in accepted and address not in refused)
    if isinstance(problem, Broken) or (problem is None and outcome.unsent):
        # No word on the message; or the connection took no more, and the next one will.
        return Verdict(accepted, refused, waiting, problem, broken=True, uncertain=bool(outcome.uncertain))
    if problem is None and outcome.refused:
        problem = RecipientsRefused(outcome.refused)
    return Verdict(accepted, refused, waiting, problem, uncertain=bool(outcome.uncertain))


def _parted(
    recipients: tuple[str, ...], replies: Mapping[str, ServerReply], problem: RecipientsRefused | None
) -> Verdict:
    """Refused recipients: those for good, and those who may be taken later. One whom the server was not asked about
    waits."""
    refused = {address: replies[address] for address in recipients if _is_final(replies.get(address))}
    waiting = tuple(address for address in recipients if address not in refused)
    if problem is None and replies:
        problem = RecipientsRefused(replies)
    return Verdict({}, refused, waiting, problem)


def _is_final(reply: ServerReply | None) -> bool:
    return reply is not None and not reply.temporary
