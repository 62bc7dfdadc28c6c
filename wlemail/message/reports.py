"""What programs tell about messages: delivery reports (RFC 3464), read receipts (RFC 8098), complaints (RFC 5965),
and invitations (RFC 5545, RFC 6047)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .decodings import decode_body
from .fields.address_list import read_addresses
from .fields.text import read_text, unfolded
from .header_lines import read_fields
from .parse import Part

#: one message to so many recipients; what comes behind is not read
MOST_RECIPIENTS = 1000


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """What became of the message for one recipient."""

    recipient: str
    #: `failed`, `delayed`, `delivered`, `relayed` or `expanded`
    action: str = ""
    #: the enhanced status code, "5.1.1"
    status: str = ""
    #: what the server said
    diagnostic: str = ""
    #: the server that said it
    remote: str = ""
    #: the address that the sender wrote, where it was forwarded to `recipient`
    original_recipient: str = ""

    @property
    def failed(self) -> bool:
        return self.action == "failed" or (not self.action and self.status.startswith("5"))


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """A report about the delivery of a message: from a server, to the sender."""

    statuses: tuple[DeliveryStatus, ...] = ()
    #: the server that reports
    reporter: str = ""
    #: the Message-ID of the message, where the report has it
    message_id: str = ""
    #: the message or its header, as far as it came back
    original: Part | None = None

    @property
    def failed(self) -> bool:
        return any(status.failed for status in self.statuses)


@dataclass(frozen=True, slots=True)
class ReadReport:
    """A read receipt: somebody's program tells what became of a message there."""

    recipient: str
    #: `displayed`, `deleted`, `dispatched`, `processed`, `denied` or `failed`
    disposition: str = ""
    #: true where the reader agreed, false where the program did it by itself
    by_hand: bool = False
    message_id: str = ""
    program: str = ""
    original: Part | None = None


@dataclass(frozen=True, slots=True)
class Complaint:
    """A feedback report: a recipient's provider tells that a message was called spam."""

    kind: str = ""
    recipient: str = ""
    sender: str = ""
    program: str = ""
    original: Part | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """An entry for the calendar, as its program sent it."""

    #: REQUEST, REPLY, CANCEL, PUBLISH …; "" where it is only attached
    method: str
    #: the iCalendar source
    text: str
    part: str = field(default="")


_REPORTS = {
    "delivery-status": frozenset(("message/delivery-status", "message/global-delivery-status")),
    "disposition-notification": frozenset(
        ("message/disposition-notification", "message/global-disposition-notification")
    ),
    "feedback-report": frozenset(("message/feedback-report",)),
}
_ORIGINALS = frozenset(("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"))
_CALENDARS = frozenset(("text/calendar", "application/ics", "text/x-vcalendar"))
_LINES = re.compile(rb"(?<!\r)\r*\n[ \t]*(?:\r*\n[ \t]*)+")


def delivery_report(message: Part) -> DeliveryReport | None:
    """What a delivery report says; None where the message is none."""
    part = _report_part(message, "delivery-status")
    if part is None:
        return _failed_recipients(message)
    blocks = list(_blocks(part)) or [{}]
    about, recipients = blocks[0], blocks[1:]
    statuses = [_status(block) for block in recipients if _is_about_recipient(block)]
    if _is_about_recipient(about):  # QUIRK: the empty line behind the fields about the message is missing
        statuses.insert(0, _status(about))
    original = _original(message)
    return DeliveryReport(
        tuple(statuses[:MOST_RECIPIENTS]), _name(about, b"reporting-mta"), _original_id(original), original
    )


def _is_about_recipient(block: dict[bytes, bytes]) -> bool:
    return b"final-recipient" in block or b"original-recipient" in block or b"action" in block


def _status(block: dict[bytes, bytes]) -> DeliveryStatus:
    final, original = _name(block, b"final-recipient"), _name(block, b"original-recipient")
    status = re.search(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}", _text(block, b"status"))
    return DeliveryStatus(
        final or original,
        _text(block, b"action").lower().partition(" ")[0],
        status[0] if status else "",
        _name(block, b"diagnostic-code"),
        _name(block, b"remote-mta"),
        original,
    )


def _failed_recipients(message: Part) -> DeliveryReport | None:
    """QUIRK: Exim reports in plain text, with the addresses in a header field of its own."""
    value = message.field(b"x-failed-recipients")
    if value is None:
        return None
    statuses = [DeliveryStatus(one.address, "failed") for one in read_addresses(unfolded(value)) if one.address]
    original = _original(message)
    return DeliveryReport(tuple(statuses[:MOST_RECIPIENTS]), "", _original_id(original), original)


def read_report(message: Part) -> ReadReport | None:
    """What a read receipt says; None where the message is none."""
    part = _report_part(message, "disposition-notification")
    if part is None:
        return None
    block: dict[bytes, bytes] = {}
    for found in _blocks(part):
        block = {**found, **block}
    # disposition = action-mode "/" sending-mode ";" type [ "/" modifier ]
    mode, _, kind = _text(block, b"disposition").lower().partition(";")
    original = _original(message)
    return ReadReport(
        _name(block, b"final-recipient") or _name(block, b"original-recipient"),
        kind.partition("/")[0].strip(),
        "manual-action" in mode,
        _text(block, b"original-message-id") or _original_id(original),
        _text(block, b"reporting-ua"),
        original,
    )


def complaint(message: Part) -> Complaint | None:
    """What a feedback report says; None where the message is none."""
    part = _report_part(message, "feedback-report")
    if part is None:
        return None
    block = next(_blocks(part), {})
    return Complaint(
        _text(block, b"feedback-type").lower(),
        _text(block, b"original-rcpt-to").strip("<>"),
        _text(block, b"original-mail-from").strip("<>"),
        _text(block, b"user-agent"),
        _original(message),
    )


def invitations(message: Part) -> list[Invitation]:
    """The entries for the calendar in a message; the same one in several forms counts once."""
    found: dict[str, Invitation] = {}
    for part in _own_parts(message):
        if part.content_type in _CALENDARS or part.file_name.lower().endswith(".ics"):
            text = part.text
            method = part.parameters.get("method", "") or _method(text)
            found.setdefault("\n".join(text.split()), Invitation(method.upper(), text, part.number))
    return list(found.values())


def _method(text: str) -> str:
    found = re.search(r"^METHOD:([A-Za-z]+)", text[:4000], re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


# -- the parts of a report --------------------------------------------------------------------------


def _report_part(message: Part, kind: str) -> Part | None:
    if message.is_multipart:
        return next((part for part in _own_parts(message) if part.content_type in _REPORTS[kind]), None)
    return message if message.content_type in _REPORTS[kind] else None


def _own_parts(message: Part) -> Iterator[Part]:
    """The parts of a message at all levels, not those of messages in it."""
    if not message.is_multipart:
        yield message
        return
    for part in message.parts:
        yield from _own_parts(part)


def _original(message: Part) -> Part | None:
    for part in _own_parts(message):
        if part.content_type in _ORIGINALS:
            return part.parts[0] if part.is_message and part.parts else part
    return None


def _original_id(original: Part | None) -> str:
    if original is None:
        return ""
    fields = original.field(b"message-id")
    if fields is None:
        fields = dict(_lower(read_fields(original.content[:65_536]))).get(b"message-id", b"")
    return unfolded(fields)


def _blocks(part: Part) -> Iterator[dict[bytes, bytes]]:
    """The groups of fields in a report, with empty lines between them."""
    encoded = False
    for number, block in enumerate(_LINES.split(part.content.strip())):
        if number > MOST_RECIPIENTS:
            return
        if encoded:
            # QUIRK: some gateways take a group for a part and encode the next one.
            block = decode_body(block, 0, len(block), "base64").data
        fields = dict(reversed(list(_lower(read_fields(block)))))
        encoded = not encoded and fields.get(b"content-transfer-encoding", b"").strip().lower() == b"base64"
        if fields:
            yield fields


def _lower(fields: list[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    return ((name.lower(), value) for name, value in fields)


def _text(block: dict[bytes, bytes], name: bytes) -> str:
    return " ".join(read_text(block.get(name, b"")).split())


def _name(block: dict[bytes, bytes], name: bytes) -> str:
    """A value behind its type: `rfc822; ann@example.com`."""
    text = _text(block, name)
    kind, semicolon, value = text.partition(";")
    return (value if semicolon and re.fullmatch(r"[A-Za-z0-9 -]+", kind) else text).strip().strip("<>")
