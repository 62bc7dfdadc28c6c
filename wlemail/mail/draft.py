"""A message that is to be sent, as its author wrote it: nothing is checked or encoded yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Priority(Enum):
    """How urgent the author thinks the message is."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Sensitivity(Enum):
    """How discreet the reader should be (RFC 4021 2.1.55)."""

    NORMAL = "normal"
    PERSONAL = "personal"
    PRIVATE = "private"
    COMPANY_CONFIDENTIAL = "company-confidential"


@dataclass(slots=True)
class DraftAttachment:
    """A file (`path`) or bytes (`content`). The name of a file is its own unless given; bytes need one to be sent."""

    name: str = ""
    path: str | None = None
    content: bytes | None = None
    content_type: str = ""
    description: str = ""
    identifier: str = ""


@dataclass(slots=True)
class Draft:
    """Sender and recipients as the user wrote them; an entry of `to`, `cc`, `bcc` may hold several addresses."""

    sender: str = ""
    reply_to: str = ""
    #: where failures are reported: the envelope sender
    return_path: str = ""
    to: list[str] = field(default_factory=list)
    cc: list[str] = field(default_factory=list)
    bcc: list[str] = field(default_factory=list)
    subject: str = ""
    text: str = ""
    html: str = ""
    attachments: list[DraftAttachment] = field(default_factory=list)
    #: further header fields: name, value
    headers: list[tuple[str, str]] = field(default_factory=list)
    priority: Priority = Priority.NORMAL
    sensitivity: Sensitivity = Sensitivity.NORMAL
    read_receipt: bool = False
    delivery_receipt: bool = False
    keywords: list[str] = field(default_factory=list)
    #: `<id@domain>`; one is made where it is empty
    message_id: str = ""
    #: identifiers of the conversation, the newest last
    references: str = ""
