"""From bytes to what a mail program knows of a message. Nothing fails; everything is decoded when first asked for."""

from __future__ import annotations

import re
from datetime import datetime

from ..message.choice import Attached, Shown
from ..message.encodings import with_crlf
from ..message.fields.address_list import Recipient, read_addresses
from ..message.fields.date_reading import read_date
from ..message.fields.text import unfolded
from ..message.file_names import Names, name_of
from ..message.lazy import lazy
from ..message.media_types import guess_media_type
from ..message.parse import Defect, Part, parse
from ..message.reports import (
    Complaint,
    DeliveryReport,
    Invitation,
    ReadReport,
    complaint,
    delivery_report,
    invitations,
    read_report,
)
from .draft import Priority, Sensitivity


class ReceivedAttachment:
    """An attachment: a safe name that no other of its message has, and its bytes."""

    __slots__ = ("_attached", "_part", "name")

    def __init__(self, attached: Attached, name: str) -> None:
        self._attached = attached
        #: safe as the name of a file, and unique within the message
        self.name = name

    def __repr__(self) -> str:
        return f"<ReceivedAttachment {self.part} {self.name!r} {self.content_type}>"

    @property
    def sent_name(self) -> str:
        """The name as it was sent: it may be empty, long, a path, or worse."""
        return self._attached.name

    @property
    def content(self) -> bytes:
        """The bytes, decoded when they are first asked for."""
        return self._attached.content

    @property
    def content_type(self) -> str:
        """The media type, from the name where the message says none."""
        return self._attached.content_type or guess_media_type(self.name)

    @property
    def description(self) -> str:
        return self._attached.description

    @property
    def identifier(self) -> str:
        """The Content-ID without brackets: what `cid:` in the HTML text refers to."""
        return self._attached.identifier

    @property
    def disposition(self) -> str:
        """`attachment`, `inline`, or "" where nothing is said."""
        return self._attached.disposition

    @property
    def part(self) -> str:
        """Which part of the message it is: "2", "2.1"; "2#1" is a file that was found inside part 2."""
        return self._attached.number

    @property
    def message(self) -> ReceivedMail | None:
        """The message, where one is attached."""
        part = self._attached.part
        if part is None or not part.is_message or not part.parts:
            return None
        return ReceivedMail(part.content)


class ReceivedMail:
    """A message that was received."""

    def __init__(self, source: bytes) -> None:
        #: the whole message as it came
        self.source = source

    def __repr__(self) -> str:
        return f"<ReceivedMail {len(self.source)} bytes>"

    @lazy
    def message(self) -> Part:
        """The structure of the message, with every part in it."""
        return parse(self.source)

    # -- people

    def addresses(self, field: str) -> list[Recipient]:
        """Names and addresses in all header fields of that name ("To", "Resent-From" …)."""
        name = field.lower().encode("ascii", "replace")
        found: list[Recipient] = []
        for value in self.message.all_fields(name):
            found += read_addresses(self.message.unfolded(value))
        return found

    @lazy
    def sender(self) -> str:
        """From, as `Name <address>`."""
        return _as_text(self.addresses("From") or self.addresses("Sender"))

    @lazy
    def sender_address(self) -> str:
        """Reply-To, as `Name <address>`; "" where answers go to the sender."""
        return _as_text(self.addresses("Reply-To"))

    @lazy
    def return_path(self) -> str:
        """The address in Return-Path; "" for the null sender, and where there is none."""
        found = self.addresses("Return-Path")
        return found[0].address if found else ""

    @lazy
    def to(self) -> list[str]:
        return [str(one) for one in self.addresses("To")]

    @lazy
    def cc(self) -> list[str]:
        return [str(one) for one in self.addresses("Cc")]

    @lazy
    def bcc(self) -> list[str]:
        """Bcc: only messages that somebody kept of his own have it."""
        return [str(one) for one in self.addresses("Bcc")]

    # -- header

    @lazy
    def subject(self) -> str:
        return self.message.field_text(b"subject")

    @property
    def date_text(self) -> str:
        """The Date field as it is."""
        return self.message.field_text(b"date")

    @lazy
    def date(self) -> datetime | None:
        """When it was written, by the Date field, else by the oldest Received field; None where nothing tells."""
        return read_date(self.date_text) or self._received(-1)

    @lazy
    def reception_date(self) -> datetime | None:
        """When it arrived, by the newest Received field, else when it was written."""
        return self._received(0) or self.date

    def _received(self, place: int) -> datetime | None:
        received = self.message.all_fields(b"received")
        return read_date(unfolded(received[place]).rpartition(";")[2].strip()) if received else None

    @lazy
    def message_id(self) -> str:
        """The Message-ID with its brackets."""
        text = self.message.field_text(b"message-id")
        found = _ID.search(text)
        return found[0] if found else text

    @lazy
    def references(self) -> str:
        """The identifiers in References, with a space between them."""
        return _ids(self.message.field_text(b"references"))

    @lazy
    def in_reply_to(self) -> str:
        return _ids(self.message.field_text(b"in-reply-to"))

    @lazy
    def keywords(self) -> list[str]:
        found = [_KEYWORD.findall(self.message.read_text(value)) for value in self.message.all_fields(b"keywords")]
        words = [word.strip(' "\t') for line in found for word in line]
        return [word for word in words if word]

    @lazy
    def priority(self) -> Priority:
        """How urgent it is, by the first of the usual fields that says so."""
        for name in (b"x-priority", b"importance", b"x-msmail-priority", b"priority"):
            word = self.message.field_text(name).strip(" (").lower()
            if word.startswith(("1", "2", "high", "urgent")):
                return Priority.HIGH
            if word.startswith(("4", "5", "low", "non-urgent")):
                return Priority.LOW
        return Priority.NORMAL

    @lazy
    def sensitivity(self) -> Sensitivity:
        word = self.message.field_text(b"sensitivity").lower().replace(" ", "-")
        return next((one for one in Sensitivity if one.value == word), Sensitivity.NORMAL)

    @property
    def read_receipt(self) -> bool:
        """The sender wants to know when it is read."""
        return bool(self.message.field_text(b"disposition-notification-to"))

    @property
    def delivery_receipt(self) -> bool:
        """The sender wants to know when it is delivered."""
        return bool(self.message.field_text(b"return-receipt-to"))

    @lazy
    def headers(self) -> list[tuple[str, str]]:
        """All header fields in their order: names as they are, values as text."""
        return [(name.decode("latin-1"), self.message.read_text(value)) for name, value in self.message.fields]

    def header(self, name: str) -> str:
        """The value of the first header field of that name, as text; "" where there is none."""
        return self.message.field_text(name.lower().encode("latin-1", "replace"))

    # -- content

    @lazy
    def _shown(self) -> Shown:
        return Shown(self.message)

    @lazy
    def text(self) -> str:
        """The plain text, its lines ended with CR LF; "" where there is only HTML.

        Where plain text stands below HTML that has no other form (a list's footer), the words of both."""
        shown = self._shown
        texts = [self._lines(body.part, body.text) for body in shown.texts if not body.is_html]
        if len(texts) < len(shown.texts):
            texts = self._texts_with_words()
        if shown.unfolded_text and not any(text.strip() for text in texts) and not self._has_page:
            return with_crlf(shown.unfolded_text)
        return _joined(texts)

    def _texts_with_words(self) -> list[str]:
        from .html_export import html_as_text

        texts: list[str] = []
        footed = False
        for body in reversed(self._shown.texts):
            if not body.is_html:
                texts.append(self._lines(body.part, body.text))
                footed = footed or bool(texts[-1].strip())
            elif footed:
                texts.append(html_as_text(body.text))
        return texts[::-1]

    @lazy
    def html(self) -> str:
        """The HTML text, its lines ended with CR LF; "" where there is none."""
        shown = self._shown
        if self._has_page:
            from ..message.html_text import html_of

            pieces = [(body.is_html, self._lines(body.part, body.text)) for body in shown.htmls]
            return _joined(
                [text if is_page else html_of(text.rstrip()) for is_page, text in pieces if is_page or text.strip()]
            )
        return with_crlf(shown.unfolded_html)

    @property
    def _has_page(self) -> bool:
        return any(body.is_html for body in self._shown.htmls)

    def _lines(self, part: Part, text: str) -> str:
        text = with_crlf(text)
        if part is self.message and part.encoding != "base64":
            # The line end that ends the message belongs to it, not to its text.
            return text.removesuffix("\r\n")
        return text

    @lazy
    def raw_text(self) -> str:
        """The text part as it was sent, its transfer encoding not undone; bytes beyond ASCII as surrogates."""
        bodies = self._shown.texts or self._shown.htmls
        return bodies[0].part.raw.decode("utf-8", "surrogateescape") if bodies else ""

    @lazy
    def attachments(self) -> list[ReceivedAttachment]:
        names = Names()
        return [ReceivedAttachment(attached, names.unique(name_of(attached))) for attached in self._shown.attached]

    # -- what programs tell

    @lazy
    def delivery_report(self) -> DeliveryReport | None:
        """What became of a message that was sent, for each recipient; None where this is no such report."""
        return delivery_report(self.message)

    @lazy
    def read_report(self) -> ReadReport | None:
        """The read receipt; None where this is none."""
        return read_report(self.message)

    @lazy
    def complaint(self) -> Complaint | None:
        """The feedback report of a provider; None where this is none."""
        return complaint(self.message)

    @lazy
    def invitations(self) -> list[Invitation]:
        """Entries for the calendar."""
        return invitations(self.message)

    @property
    def defects(self) -> list[Defect]:
        """What is wrong with the form of the message, as far as it was read; contents of attachments are looked at
        when they are asked for."""
        _ = self.text, self.html
        return list(self.message.defects)


_ID = re.compile(r"<[^<>\s]+>")
_KEYWORD = re.compile(r'(?:"[^"]*"|[^",;])+')


def _as_text(addresses: list[Recipient]) -> str:
    return ", ".join(map(str, addresses))


def _ids(text: str) -> str:
    return " ".join(_ID.findall(text)) or text


def _joined(texts: list[str]) -> str:
    """Texts below each other, each beginning on its own line."""
    if len(texts) == 1:
        return texts[0]
    return "".join(
        [text if not text or text.endswith("\n") or last else f"{text}\r\n" for text, last in _marked(texts)]
    )


def _marked(texts: list[str]) -> list[tuple[str, bool]]:
    return [(text, number == len(texts)) for number, text in enumerate(texts, 1)]


def absorb(source: bytes | bytearray | memoryview) -> ReceivedMail:
    """The message whose source this is. Never fails."""
    return ReceivedMail(bytes(source))
