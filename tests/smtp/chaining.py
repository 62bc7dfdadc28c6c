"""A bag of messages for chains of transactions, and clients that empty it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

from tests.smtp.dialogue import SENDER, hello
from tests.support.scripted import ScriptedStream
from wlemail.smtp.chain import MailObject, Outcome
from wlemail.smtp.chained_client import ChainedClient
from wlemail.smtp.envelope import Envelope


class ListBag:
    """Gives the messages one after the other, and keeps what became of each by its key."""

    def __init__(self, mails: Iterable[MailObject]) -> None:
        self._mails = list(mails)
        self.outcomes: dict[object, Outcome] = {}
        #: the keys of those whose final octets were about to leave
        self.ended: list[object] = []
        self.taken: list[object] = []
        self.at_end: Callable[[MailObject], object] = lambda mail: None

    def take(self) -> MailObject | None:
        if not self._mails:
            return None
        mail = self._mails.pop(0)
        self.taken.append(mail.key)
        return mail

    def ending(self, mail: MailObject) -> None:
        self.at_end(mail)
        self.ended.append(mail.key)

    def settled(self, mail: MailObject, outcome: Outcome) -> None:
        assert mail.key not in self.outcomes, f"{mail.key} is settled twice"
        everybody = [*outcome.accepted, *outcome.refused, *outcome.uncertain, *outcome.unsent]
        assert sorted(everybody) == sorted(mail.envelope.recipients), outcome
        self.outcomes[mail.key] = outcome


def text(key: object) -> bytes:
    return f"Subject: {key}\r\n\r\n.text\r\n".encode()


def mail(key: object, *recipients: str, **envelope: Any) -> MailObject:
    """A message to one recipient that is named after it, unless others are given."""
    to = recipients or (f"to{key}@example.org",)
    return MailObject(Envelope(SENDER, to, **envelope), text(key), key=key)


def group(key: object, *recipients: str, behind: bool = True) -> str:
    """What the client says to begin that message, as lines of a script."""
    to = recipients or (f"to{key}@example.org",)
    lines = [*(["RSET"] if behind else []), f"MAIL FROM:<{SENDER}>", *(f"RCPT TO:<{one}>" for one in to), "DATA"]
    return "".join(f"C: {line}\n" for line in lines)


def content(key: object) -> str:
    return f"C: Subject: {key}\nC>\x20\\r\\n\nC: ..text\nC: .\n"


def chained(dialogue: str, *offers: str, reading: Literal["whole", "bytes"] = "whole", **options: Any) -> Any:
    """A client that has greeted a server which offers PIPELINING and this; the dialogue goes on as written."""
    stream = ScriptedStream(hello("PIPELINING", *offers) + dialogue, reading=reading)
    client = ChainedClient(stream, **options)
    client.greet()
    client.hello()
    stream.round_trips = 0
    stream.writes.clear()
    return client, stream


def run(dialogue: str, *mails: MailObject, offers: tuple[str, ...] = (), **options: Any) -> Any:
    """The outcomes of these messages, in a dialogue that goes by the script; with the client and the stream."""
    client, stream = chained(dialogue, *offers, **options)
    bag = ListBag(mails)
    client.send_all(bag)
    assert stream.done()
    assert set(bag.outcomes) == set(bag.taken)
    return bag.outcomes, client, stream
