"""One mail transaction as it stands: who was accepted, who refused, who must wait for a further transaction. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..errors import MessageRefused, RecipientsRefused, Refused, SenderRefused, ServerReply
from .commands import Command
from .envelope import Envelope
from .extensions import Limits

# What a server would say to those that its LIMITS leave no room for (RFC 9422 4.2).
TOO_MANY = ServerReply(452, "the server takes fewer recipients in one transaction (LIMITS)", "4.5.3")


class Transaction:
    """Takes the replies to MAIL, RCPT and DATA in their order."""

    __slots__ = (
        "_answered", "_data_reply", "_full", "_sender_reply",
        "accepted", "envelope", "overflow", "recipients", "refused",
    )  # fmt: skip

    def __init__(self, envelope: Envelope) -> None:
        self.envelope = envelope
        #: those that get a RCPT in this transaction, in order
        self.recipients: list[str] = []
        self.accepted: list[str] = []
        self.refused: dict[str, ServerReply] = {}
        #: one transaction has no room for these
        self.overflow: dict[str, ServerReply] = {}
        self._sender_reply: ServerReply | None = None
        self._data_reply: ServerReply | None = None
        #: how many RCPT were answered, and whether one of the answers said that there is no room for more
        self._answered = 0
        self._full = False

    def take(self, command: Command, reply: ServerReply) -> None:
        """The next reply."""
        if command.verb == "RCPT":
            recipient = self.recipients[self._answered]
            self._answered += 1
            if reply.code < 400:
                self.accepted.append(recipient)
            elif self.accepted and _says_too_many(reply):
                self.overflow[recipient] = reply
                self._full = True
            else:
                self.refused[recipient] = reply
        elif command.verb == "MAIL":
            self._sender_reply = reply
        elif command.verb == "DATA":
            self._data_reply = reply

    def admit(self, limits: Limits) -> Iterable[str]:
        """The recipients that fit in one transaction by the server's LIMITS; the others overflow at once."""
        if not (limits.rcpt_max or limits.rcpt_domain_max):
            return self.envelope.recipients
        chosen: list[str] = []
        domains: set[str] = set()
        for recipient in self.envelope.recipients:
            domain = recipient.rpartition("@")[2].lower()
            too_many = limits.rcpt_max and len(chosen) >= limits.rcpt_max
            too_far = limits.rcpt_domain_max and domain not in domains and len(domains) >= limits.rcpt_domain_max
            if too_many or too_far:
                self.overflow[recipient] = TOO_MANY
            else:
                chosen.append(recipient)
                domains.add(domain)
        return chosen

    def shortened(self, unsent: Sequence[Command]) -> Sequence[Command]:
        """The commands that were not sent yet without what has become pointless by the replies so far."""
        if self.refusal is not None:
            return ()
        if not self._full:
            return unsent
        # Postfix hangs up on who goes on asking after "too many recipients".
        reply = next(reversed(self.overflow.values()))
        data = [command for command in unsent if command.verb == "DATA"]
        count = len(unsent) - len(data)
        self.overflow.update(dict.fromkeys(self.recipients[len(self.recipients) - count :], reply))
        del self.recipients[len(self.recipients) - count :]
        return data

    @property
    def refusal(self) -> Refused | None:
        """The error that ends the transaction, None as long as it can succeed."""
        if self._sender_reply is not None and self._sender_reply.code >= 400:
            return SenderRefused(self.envelope.sender, self._sender_reply)
        if not self.accepted and self._answered == len(self.recipients):
            return RecipientsRefused(self.refused)
        if self._data_reply is not None and self._data_reply.code >= 400:
            return MessageRefused(f"message refused: {self._data_reply}", self._data_reply)
        return None


def _says_too_many(reply: ServerReply) -> bool:
    """RFC 5321 4.5.3.1.10: 452, and 552 from servers that follow RFC 821, are about the number of recipients; an
    enhanced code may say that they are not (4.3.1, 4.2.2: a full disk or mailbox)."""
    return reply.code in (452, 552) and reply.enhanced in ("", "4.5.3", "5.5.3")
