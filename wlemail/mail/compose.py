"""From a draft to what is sent: the envelope, and the message as a stream of known size.

Everything that can be wrong with a draft is found here, before a server hears of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from ..errors import InvalidAddress, InvalidValue
from ..message import headers
from ..message.build import Attachment, build
from ..message.entity import BytesContent, Content, Stream
from ..message.fields.address import Group, Mailbox
from ..message.fields.controls import one_line, refuse_controls
from ..message.fields.date import format_date
from ..message.fields.ids import bare_content_id, make_message_id, parse_message_ids, unique_token
from ..message.fields.mailboxes import read_mailboxes
from ..smtp.envelope import Envelope
from .draft import Draft, DraftAttachment, Priority, Sensitivity
from .files import FileContent
from .people import People, read_people

# Small pieces are sent together with what follows them, up to this size.
_SMALL = 16 * 1024


class Composed:
    """A message that is ready: it can be sent any number of times and is the same each time."""

    __slots__ = ("_pieces", "envelope", "message_id", "size")

    def __init__(self, envelope: Envelope, message_id: str, pieces: Sequence[bytes | Stream]) -> None:
        self.envelope = envelope
        self.message_id = message_id
        self._pieces = pieces
        #: the exact number of bytes that `chunks` gives
        self.size = sum([len(piece) if isinstance(piece, bytes) else piece.size for piece in pieces])

    def chunks(self) -> Iterable[bytes]:
        """The message: lines end with CR LF, dots are not doubled, files are read as it goes.

        Raises AttachmentUnreadable where a file changed since the message was composed.
        """
        pieces = self._pieces
        if len(pieces) == 2 and isinstance(pieces[0], bytes) and isinstance(pieces[1], bytes):
            return (pieces[0] + pieces[1],)
        return self._joined()

    def _joined(self) -> Iterator[bytes]:
        waiting: list[bytes] = []
        for piece in self._pieces:
            if isinstance(piece, bytes):
                waiting.append(piece)
                continue
            for chunk in piece.chunks():
                if waiting:
                    waiting.append(chunk)
                    chunk = b"".join(waiting)
                    waiting = []
                if len(chunk) < _SMALL:
                    waiting.append(chunk)
                else:
                    yield chunk
        if waiting:
            yield b"".join(waiting)


def compose(draft: Draft, *, include_bcc: bool = False, complete: bool = True) -> Composed:
    """Check a draft and make of it what is sent.

    `include_bcc` writes the hidden recipients as a Bcc field; `complete=False` lets sender and recipients be missing
    (for a source that is edited before it is sent). Raises NoSender, NoRecipient, InvalidAddress, ControlCharacter,
    InvalidValue, AttachmentMissing or AttachmentUnreadable, naming the member or the path.
    """
    people = _people_of(draft)
    if complete:
        people.check_author()
        people.check_recipients()
    token = unique_token()
    domain = people.author[0].domain if people.author else "localhost"
    block = _FieldBlock(people.fields)
    if include_bcc:
        block.addresses("Bcc", people.bcc)
    _add_identity(block, draft, make_message_id(domain, token))
    _add_wishes(block, draft, people)
    _add_extra(block, draft.headers)
    content = build(draft.text, draft.html, _attachments(draft.attachments), token, domain)
    head = f"{block.render()}MIME-Version: 1.0\r\n{content.fields}\r\n".encode()
    pieces = [head, *content.body]
    if isinstance(pieces[-1], bytes) and pieces[-1] and not pieces[-1].endswith(b"\r\n"):
        pieces.append(b"\r\n")
    # A header beyond ASCII (an address that needs RFC 6531) needs both: servers with SMTPUTF8 have 8BITMIME too.
    beyond = not head.isascii()
    return Composed(_envelope(draft, people, beyond, beyond), block.message_id, pieces)


def bcc_field(draft: Draft) -> bytes:
    """The hidden recipients as a header field, which only the sender's own copy has; b"" where there are none."""
    block = _FieldBlock(())
    block.addresses("Bcc", _people_of(draft).bcc)
    return block.render().encode()


def envelope_of(draft: Draft, *, eight_bit: bool = False) -> Envelope:
    """The envelope that a draft's addresses make, for a content that exists already; its bytes may be beyond ASCII
    where `eight_bit` says so. Raises NoSender, NoRecipient, InvalidAddress or ControlCharacter."""
    people = _people_of(draft)
    if not people.null_sender:
        people.check_author()
    people.check_recipients()
    return _envelope(draft, people, eight_bit, international=False)


def _people_of(draft: Draft) -> People:
    return read_people(
        draft.sender, draft.reply_to, draft.return_path, tuple(draft.to), tuple(draft.cc), tuple(draft.bcc)
    )


def _envelope(draft: Draft, people: People, eight_bit: bool, international: bool) -> Envelope:
    if not (eight_bit or international or draft.delivery_receipt):
        return people.envelope
    return people.envelope._replace(
        body="8BITMIME" if eight_bit else "7BIT",
        smtputf8=international or people.envelope.smtputf8,
        international=international,
        dsn_return="HDRS" if draft.delivery_receipt else "",
        dsn_notify=("SUCCESS", "FAILURE") if draft.delivery_receipt else (),
    )


# -- header fields ----------------------------------------------------------------------------------

_REFUSED_NAMES = frozenset(
    {
        "bcc",
        "content-description",
        "content-disposition",
        "content-id",
        "content-transfer-encoding",
        "content-type",
        "mime-version",
        "resent-bcc",
        "return-path",
    }
)
_ADDRESS_FIELDS = frozenset(
    {
        "from",
        "sender",
        "reply-to",
        "to",
        "cc",
        "disposition-notification-to",
        "return-receipt-to",
        "errors-to",
        "resent-from",
        "resent-sender",
        "resent-to",
        "resent-cc",
    }
)
_ID_FIELDS = frozenset({"message-id", "in-reply-to", "references", "resent-message-id"})
# Free text. The rest is read by programs, from which encoding would hide it.
_TEXT_FIELDS = frozenset({"subject", "comments", "organization", "thread-topic"})
# RFC 5322 3.6: at most once in a message. A field of the script's takes the place of ours.
_ONCE = frozenset(
    {
        "cc",
        "date",
        "disposition-notification-to",
        "from",
        "importance",
        "in-reply-to",
        "keywords",
        "message-id",
        "priority",
        "references",
        "reply-to",
        "return-receipt-to",
        "sender",
        "sensitivity",
        "subject",
        "to",
        "x-mailer",
        "x-priority",
    }
)


class _FieldBlock:
    """The header fields so far, in order, each rendered."""

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self.fields = list(fields)
        self.message_id = ""

    def add(self, name: str, field: str) -> None:
        self.fields.append((name, field))

    def addresses(self, name: str, addresses: Sequence[Mailbox | Group]) -> None:
        if addresses:
            self.fields.append((name, headers.address_list(name, addresses)))

    def replace(self, name: str, field: str) -> None:
        """Put the field where one of its name is, and drop others of that name; else add it."""
        folded = name.lower()
        places = [index for index, (known, _) in enumerate(self.fields) if known.lower() == folded]
        for index in reversed(places[1:]):
            del self.fields[index]
        if places:
            self.fields[places[0]] = (name, field)
        else:
            self.add(name, field)

    def render(self) -> str:
        return "".join([field for _, field in self.fields])


def _add_identity(block: _FieldBlock, draft: Draft, made_id: str) -> None:
    """Subject, Date, Message-ID and the conversation that the message belongs to."""
    subject = one_line(draft.subject, "Subject")
    if subject:
        block.add("Subject", headers.unstructured("Subject", subject))
    block.add("Date", f"Date: {format_date()}\r\n")
    block.message_id = _one_id(draft.message_id, "MessageID") if draft.message_id.strip() else made_id
    block.add("Message-ID", headers.folded("Message-ID", [f" {block.message_id}"]))
    ids = parse_message_ids(draft.references, "Reference") if draft.references else []
    if ids:
        # RFC 5322 3.6.4: the message that is answered is the last of the references.
        block.add("In-Reply-To", headers.folded("In-Reply-To", [f" {ids[-1]}"]))
        block.add("References", headers.folded("References", [f" {one}" for one in ids]))


def _one_id(text: str, member: str) -> str:
    ids = parse_message_ids(text, member)
    if len(ids) != 1:
        raise InvalidValue(member, "not one message identifier of the form <id@domain>", text)
    return ids[0]


_PRIORITY_WORDS = {Priority.HIGH: ("1", "high"), Priority.LOW: ("5", "low")}
_SENSITIVITY_WORDS = {
    Sensitivity.PERSONAL: "Personal",
    Sensitivity.PRIVATE: "Private",
    Sensitivity.COMPANY_CONFIDENTIAL: "Company-Confidential",
}


def _add_wishes(block: _FieldBlock, draft: Draft, people: People) -> None:
    """Priority, sensitivity, receipts and keywords."""
    if draft.priority is not Priority.NORMAL:
        number, word = _PRIORITY_WORDS[draft.priority]
        block.add("X-Priority", f"X-Priority: {number}\r\n")
        block.add("Importance", f"Importance: {word}\r\n")
    if draft.sensitivity is not Sensitivity.NORMAL:
        block.add("Sensitivity", f"Sensitivity: {_SENSITIVITY_WORDS[draft.sensitivity]}\r\n")
    if draft.read_receipt:
        block.addresses("Disposition-Notification-To", people.confirms_to)
    elif draft.delivery_receipt:  # the read receipt goes before the other where both are asked for
        block.addresses("Return-Receipt-To", people.confirms_to)
    keywords = [word for given in draft.keywords if (word := one_line(given, "Keywords").strip())]
    if keywords:
        block.add("Keywords", headers.phrase_list("Keywords", keywords))


def _add_extra(block: _FieldBlock, extra: Iterable[tuple[str, str]]) -> None:
    """Add the script's own fields.

    A field that a message may have only once takes the place of the one made from the members; others are added in
    their order. Fields that decide how the message is read or who gets it are refused.
    """
    for place, (name, value) in enumerate(extra, 1):
        name = name.strip(" ")
        if not name or not value.strip():
            continue
        member = f"Header[{place}].Name"
        headers.check_field_name(name, member)
        folded = name.lower()
        if folded in _REFUSED_NAMES:
            raise InvalidValue(member, "this field is made from the message and cannot be set", name)
        member = f"Header[{place}].Value"
        field = _render_extra(name, folded, value, member)
        if folded == "message-id":
            block.message_id = _one_id(value, member)
        if folded in _ONCE:
            block.replace(name, field)
        else:
            block.add(name, field)


def _render_extra(name: str, folded: str, value: str, member: str) -> str:
    if folded in _ID_FIELDS:
        return headers.folded(name, [f" {one}" for one in parse_message_ids(value, member)])
    if folded in _ADDRESS_FIELDS:
        return headers.address_list(name, _read_field(value, member))
    line = one_line(value, member)
    if folded in _TEXT_FIELDS:
        return headers.unstructured(name, line)
    return headers.structured(name, line)


def _read_field(value: str, member: str) -> list[Mailbox | Group]:
    """The addresses of an extra field; a value like `undisclosed-recipients:;` is a group of nobody."""
    mailboxes = read_mailboxes(value, member)
    if mailboxes:
        return list(mailboxes)
    name, colon, rest = one_line(value, member).partition(":")
    if colon and not rest.strip(" ;") and name.strip():
        return [Group(name.strip(' "'), ())]
    raise InvalidAddress(member, "there is no address", value)


# -- attachments ------------------------------------------------------------------------------------


def _attachments(given: Iterable[DraftAttachment]) -> list[Attachment]:
    found = [_attachment(one, f"Attach[{place}]") for place, one in enumerate(given, 1)]
    return [one for one in found if one is not None]


def _attachment(given: DraftAttachment, member: str) -> Attachment | None:
    """The attachment as it is sent; None for one that has nothing to send (documented for bytes without a name)."""
    content: Content
    if given.content is not None:
        if not given.name.strip():
            return None
        content = BytesContent(given.content, given.name)
    elif given.path:
        content = FileContent(given.path)
    else:
        return None
    name = one_line(given.name.strip() or os.path.basename(given.path or ""), f"{member}.Name")
    # A path is no name: readers would have to cut it, and some would follow it.
    name = name.replace("\\", "/").rstrip("/").rpartition("/")[2] or "attachment"
    refuse_controls(given.content_type, f"{member}.ContentType")
    return Attachment(
        name,
        content,
        given.content_type,
        one_line(given.description, f"{member}.ContentDescription").strip(),
        bare_content_id(given.identifier, f"{member}.Identifier"),
    )
