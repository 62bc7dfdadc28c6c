"""Who a message is from and who gets it, out of members that scripts fill in different ways."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from ..errors import InvalidAddress, NoRecipient, NoSender
from ..message.fields.address import Group, Mailbox, Standing, examine_address
from ..message.fields.controls import one_line
from ..message.fields.mailboxes import read_mailboxes
from ..message.headers import address_list
from ..smtp.envelope import Envelope

# The members that errors name, as the author of a script knows them.
SENDER, REPLY_TO, RETURN_PATH = "Sender", "SenderAddress", "ErrorReturnAddress"
TO, CC, BCC = "Recipient", "Cc", "Bcc"

# Lists of more recipients are not remembered: they take memory and seldom come again as they were.
_MOST_REMEMBERED = 20


class People:
    """Sender and recipients, checked. Never changes once it is made.

    From, Reply-To and the envelope sender come from members that scripts fill in four different ways.
    Sender and SenderAddress may each be an address, a name with an address, or a name alone. The address of From is
    Sender's, else SenderAddress's, else the error return address; its name is the first name that is found.
    Reply-To is written where SenderAddress has another address than From. The envelope sender is the first of error
    return address, Sender and SenderAddress that has an address; the error return address `<>` is the null sender.
    """

    def __init__(
        self, sender: str, reply_to: str, return_path: str, to: Sequence[str], cc: Sequence[str], bcc: Sequence[str]
    ) -> None:
        authors, sender_name = _read_author(sender, SENDER, other=reply_to)
        answers_to, reply_name = _read_author(reply_to, REPLY_TO, other=sender)
        self.null_sender = return_path.strip() == "<>"
        back = [] if self.null_sender else read_mailboxes(return_path, RETURN_PATH)
        mailboxes = authors or answers_to[:1] or back[:1]
        if len(mailboxes) == 1 and not mailboxes[0].display:
            same = [mailbox.display for mailbox in answers_to if mailbox[1:] == mailboxes[0][1:]]
            name = sender_name or reply_name or (same[0] if same else "")
            mailboxes = [mailboxes[0]._replace(display=name)]
        elif sender_name and mailboxes:
            mailboxes = [mailboxes[0]._replace(display=sender_name)]
        self.author = tuple(mailboxes)
        known = {mailbox.address.lower() for mailbox in mailboxes}
        same_address = all(mailbox.address.lower() in known for mailbox in answers_to)
        self.reply_to = () if same_address else tuple(answers_to)
        #: whom receipts go to
        self.confirms_to = (self.reply_to or self.author)[:1]
        sends = "" if self.null_sender else next((m.address for m in (*back, *mailboxes)), "")
        self.to = _read_entries(to, TO)
        self.cc = _read_entries(cc, CC)
        self.bcc = _read_entries(bcc, BCC)
        gets = _without_duplicates((*self.to, *self.cc, *self.bcc))
        #: what the addresses say of it
        self.envelope = Envelope(sends, gets, smtputf8=not all(map(str.isascii, (sends, *gets))))
        self._fields: tuple[tuple[str, str], ...] = ()

    def check_author(self) -> None:
        """NoSender where the message is from nobody."""
        if not self.author:
            raise NoSender

    def check_recipients(self) -> None:
        """NoRecipient where nobody would get it."""
        if not self.envelope.recipients:
            raise NoRecipient

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The fields that everybody sees (From, Reply-To, To, Cc): name, rendered field."""
        if not self._fields:
            self._fields = tuple(self._rendered())
        return self._fields

    def _rendered(self) -> Iterator[tuple[str, str]]:
        # RFC 5322 lets To be absent; several servers do not, or fill in the hidden recipients.
        nobody = (Group("undisclosed-recipients", ()),) if self.bcc and not self.cc else ()
        rows: tuple[tuple[str, Sequence[Mailbox | Group]], ...] = (
            ("From", self.author),
            ("Sender", self.author[:1] if len(self.author) > 1 else ()),  # RFC 5322 3.6.2
            ("Reply-To", self.reply_to),
            ("To", self.to or nobody),
            ("Cc", self.cc),
        )
        for name, addresses in rows:
            if addresses:
                yield name, address_list(name, addresses)


def read_people(
    sender: str, reply_to: str, return_path: str, to: tuple[str, ...], cc: tuple[str, ...], bcc: tuple[str, ...]
) -> People:
    """What these values say; InvalidAddress or ControlCharacter names the member that holds something else.

    Programs write from one address again and again, and often to the same few people: what was read is remembered.
    """
    remembered = len(to) + len(cc) + len(bcc) <= _MOST_REMEMBERED
    return (_remembered_people if remembered else People)(sender, reply_to, return_path, to, cc, bcc)


_remembered_people = lru_cache(maxsize=64)(People)


def _read_entries(entries: Iterable[str], member: str) -> tuple[Mailbox, ...]:
    found: list[Mailbox] = []
    for place, entry in enumerate(entries, 1):
        if entry:
            found += read_mailboxes(entry, f"{member}[{place}]")
    return tuple(found)


def _without_duplicates(mailboxes: Iterable[Mailbox]) -> tuple[str, ...]:
    """The addresses, each once. Only the receiving server knows whether upper case in a local part matters."""
    found: dict[tuple[str, str], str] = {}
    for mailbox in mailboxes:
        found.setdefault((mailbox.local, mailbox.domain.lower()), mailbox.address)
    return tuple(found.values())


def _read_author(value: str, member: str, other: str) -> tuple[list[Mailbox], str]:
    """The mailboxes in a sender member; or, where it has no address, the name that it is."""
    if not value.strip():
        return [], ""
    if "@" not in value:
        return [], one_line(value.replace('"', ""), member).strip(" \t<>")
    # `Acme @ Paris` beside an address in the other member is a name; anything with brackets is a mistake.
    maybe_name = " " in value.strip() and "<" not in value and "@" in other
    try:
        mailboxes = read_mailboxes(value, member)
    except InvalidAddress:
        if not maybe_name:
            raise
        mailboxes = []
    if not mailboxes or (maybe_name and examine_address(value).standing is Standing.OBSOLETE):
        return [], one_line(value, member).strip(" \t")
    return mailboxes, ""
