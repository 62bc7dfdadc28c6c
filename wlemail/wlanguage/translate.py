"""Between the face and mail/: an Email becomes a Draft, option numbers become flags. 1-based arrays end here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..errors import InvalidValue
from ..mail.draft import Draft, DraftAttachment, Priority, Sensitivity
from . import constants
from .email_variable import Email, EmailStructure, attachments, emailAttach, entries, path_of
from .values import bool_value, buffer_value, int_value, text_value

_Message = Email | EmailStructure


def to_draft(message: _Message, options: int = 0) -> Draft:
    """What a message's members say, as a Draft; InvalidValue names a member that holds what it cannot."""
    if message._loader is not None:
        # What was read and is sent on has to be whole: a body that cannot be loaded must not go out as "".
        message._loader.require(message)
    draft = _draft(message, _MEMBERS)
    if options & constants.emailOptionMessageID:
        draft.message_id = text_value("MessageID", message.MessageID)
    if options & constants.emailOptionReference:
        draft.references = text_value("Reference", message.Reference)
    return draft


def to_envelope_draft(message: _Message) -> Draft:
    """Only what SMTP needs to know: sender, and the recipients whom EmailSend documents."""
    if message._loader is not None:
        for member in _ENVELOPE_MEMBERS:
            message._loader.load(message, member)
    return _draft(message, _ENVELOPE_MEMBERS)


def _draft(message: _Message, members: Mapping[str, tuple[str, Callable[[_Message, str, Any], object]]]) -> Draft:
    draft = Draft()
    # Most members were never given a value, and a draft has the same defaults.
    for member, value in tuple(message._values.items()):
        if member in members:
            field, translated = members[member]
            setattr(draft, field, translated(message, member, value))
    return draft


# -- member by member ---------------------------------------------------------------------------------


def _text(message: _Message, member: str, value: object) -> str:
    return value if isinstance(value, str) else text_value(member, value)


def _truth(message: _Message, member: str, value: object) -> bool:
    return bool_value(member, value)


def _addresses(message: _Message, member: str, value: object) -> list[str]:
    """The entries of a recipient member that count, as text."""
    return [
        entry if isinstance(entry, str) else text_value(f"{member}[{place}]", entry)
        for place, entry in enumerate(entries(message, member), 1)
    ]


def _return_path(message: _Message, member: str, value: object) -> str:
    """Who gets the reports; after reading it is the author of what was read, whom our reports do not concern."""
    if message._loader is not None and message._loader.gave(member):
        return ""
    return text_value(member, value)


def _keywords(message: _Message, member: str, value: object) -> list[str]:
    return [word for word in (part.strip() for part in text_value(member, value).split(";")) if word]


def _headers(message: _Message, member: str, value: Iterable[Any]) -> list[tuple[str, str]]:
    return [
        (text_value(f"{member}[{place}].Name", header.Name), text_value(f"{member}[{place}].Value", header.Value))
        for place, header in enumerate(value, 1)
        # Those that reading put there belong to the mail that is answered.
        if header._loader is None
    ]


def _attachments(message: _Message, member: str, value: object) -> list[DraftAttachment]:
    return [
        draft_attachment(f"{member}[{place}]", attachment) for place, attachment in enumerate(attachments(message), 1)
    ]


def draft_attachment(member: str, attachment: emailAttach) -> DraftAttachment:
    """An emailAttach, whose content is a file (read while sending) or its own bytes."""
    if attachment._loader is not None:
        attachment._loader.require(attachment)
    path = path_of(attachment)
    return DraftAttachment(
        name=text_value(f"{member}.Name", attachment.Name),
        path=path or None,
        content=None if path else buffer_value(f"{member}.Content", attachment.Content),
        content_type=text_value(f"{member}.ContentType", attachment.ContentType),
        description=text_value(f"{member}.ContentDescription", attachment.ContentDescription),
        identifier=text_value(f"{member}.Identifier", attachment.Identifier),
    )


def _priority(message: _Message, member: str, value: object) -> Priority:
    number = int_value(member, value, constants.emailNormalPriority)
    if number not in _PRIORITIES:
        raise InvalidValue(member, "unknown priority", number)
    return _PRIORITIES[number]


def _sensitivity(message: _Message, member: str, value: object) -> Sensitivity:
    number = int_value(member, value, constants.emailNormal)
    if number not in _SENSITIVITIES:
        raise InvalidValue(member, "unknown sensitivity", number)
    return _SENSITIVITIES[number]


_PRIORITIES = {
    constants.emailLowPriority: Priority.LOW,
    constants.emailNormalPriority: Priority.NORMAL,
    constants.emailHighPriority: Priority.HIGH,
}
_SENSITIVITIES = {
    constants.emailNormal: Sensitivity.NORMAL,
    constants.emailPersonal: Sensitivity.PERSONAL,
    constants.emailPrivate: Sensitivity.PRIVATE,
    constants.emailCompanyConfidential: Sensitivity.COMPANY_CONFIDENTIAL,
}

# member of the face -> field of a Draft, and how one becomes the other: (message, member, stored value) -> value
_ENVELOPE_MEMBERS: dict[str, tuple[str, Callable[[_Message, str, Any], object]]] = {
    "Sender": ("sender", _text),
    "SenderAddress": ("reply_to", _text),
    "ErrorReturnAddress": ("return_path", _return_path),
    "Recipient": ("to", _addresses),
    "Cc": ("cc", _addresses),
}
_MEMBERS = _ENVELOPE_MEMBERS | {
    "Bcc": ("bcc", _addresses),
    "Subject": ("subject", _text),
    "Message": ("text", _text),
    "HTML": ("html", _text),
    "Attach": ("attachments", _attachments),
    "Header": ("headers", _headers),
    "Priority": ("priority", _priority),
    "Sensitivity": ("sensitivity", _sensitivity),
    "DispositionNotification": ("read_receipt", _truth),
    "ReturnReceipt": ("delivery_receipt", _truth),
    "Category": ("keywords", _keywords),
}
