"""Message behind message through Postfix and Exim, some of them refused at every stage: nobody gets another's, and each
outcome is what the server did. By DATA and by BDAT."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.servers import Testbed
from wlemail.errors import MessageRefused, RecipientsRefused, SenderRefused
from wlemail.mail.account import Account
from wlemail.mail.opening import open_chained
from wlemail.smtp.chain import MailObject, Outcome
from wlemail.smtp.envelope import Envelope

from .letters import SERVERS

pytestmark = pytest.mark.live("postfix", "exim", "dovecot")

#: that one is refused, and the next is not
STAGES = ("fine", "sender", "fine", "recipient", "fine", "one recipient", "content", "fine", "later")
ROUNDS = 4


class Bag:
    def __init__(self, mails: list[MailObject]) -> None:
        self._mails = mails
        self.outcomes: dict[object, Outcome] = {}

    def take(self) -> MailObject | None:
        return self._mails.pop(0) if self._mails else None

    def ending(self, mail: MailObject) -> None:
        pass

    def settled(self, mail: MailObject, outcome: Outcome) -> None:
        self.outcomes[mail.key] = outcome


def mail(testbed: Testbed, token: str, number: int, stage: str) -> MailObject:
    # Each has a sender of its own: that it arrives with it is what RSET is for.
    sender = testbed.refused_sender if stage == "sender" else f"sender{number}@{testbed.domain}"
    recipients = {
        "recipient": (testbed.address("reject"),),
        "later": (testbed.address("tempfail"),),
        "one recipient": (testbed.address("reject"), testbed.address("alice")),
    }.get(stage, (testbed.address("alice"),))
    subject = testbed.refused_subject if stage == "content" else f"{token} {number}"
    content = f"From: {sender}\r\nTo: x\r\nSubject: {subject}\r\n\r\n.{number}\r\n".encode()
    return MailObject(Envelope(sender, recipients), content, len(content), key=number)


@pytest.mark.parametrize("chunking", [False, True], ids=["DATA", "BDAT"])
@pytest.mark.parametrize("server", SERVERS)
def test_refusals_of_every_kind_between_others(testbed: Testbed, token: str, server: str, chunking: bool) -> None:
    stages = dict(enumerate(STAGES * ROUNDS))
    endpoint = testbed.endpoint(server, "smtp")
    client = open_chained(Account("bob", endpoint.host, endpoint.port, chunking=chunking))
    assert ("CHUNKING" in client.extensions) >= chunking
    bag = Bag([mail(testbed, token, number, stage) for number, stage in stages.items()])
    while True:
        client.send_all(bag)
        if len(bag.outcomes) == len(stages):
            break
        # Servers have had enough of a client with so many errors: that is one more way to be interrupted.
        assert not any(outcome.uncertain for outcome in bag.outcomes.values())
        client = open_chained(Account("bob", endpoint.host, endpoint.port, chunking=chunking))
    client.quit()
    expected = {number for number, stage in stages.items() if stage in ("fine", "one recipient")}
    unsent = {number for number, outcome in bag.outcomes.items() if outcome.unsent}
    assert {number for number, outcome in bag.outcomes.items() if outcome.accepted} == expected - unsent
    for number, outcome in bag.outcomes.items():
        problem = {"sender": SenderRefused, "recipient": RecipientsRefused, "later": RecipientsRefused}.get(
            stages[number]
        )
        if number in unsent:
            continue
        if stages[number] == "content":
            problem = MessageRefused
        assert isinstance(outcome.problem, problem) if problem else outcome.problem is None
    arrived = testbed.mailbox("alice").wait_for(token, len(expected - unsent))
    found = Counter((str(message["Subject"]), str(message["Return-Path"]).strip("<>")) for message in arrived)
    assert found == Counter((f"{token} {n}", f"sender{n}@{testbed.domain}") for n in expected - unsent)
