"""Between the face and mail/: an Email becomes a Draft, option numbers become flags. 1-based arrays end here."""

from __future__ import annotations

from . import constants
from .email_variable import attachments, entries, path_of
from .values import bool_value, buffer_value, int_value, text_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..mail.draft import Draft, DraftAttachment, Priority, Sensitivity
    from .email_variable import Email, EmailStructure, emailAttach


def to_draft(message: Email | EmailStructure, options: int = 0) -> Draft:
    """What a message's members say, as a Draft; InvalidValue names a member that holds what it cannot."""
    from ..mail.draft import Draft

    def text(member: str) -> str:
        return text_value(member, getattr(message, member))

    if message._loader is not None:
        # What was read and is sent on has to be whole: a body that cannot be loaded must not go out as "".
        message._loader.require(message)
    return Draft(
        sender=text("Sender"),
        reply_to=text("SenderAddress"),
        return_path=_return_path(message),
        to=addresses(message, "Recipient"),
        cc=addresses(message, "Cc"),
        bcc=addresses(message, "Bcc"),
        subject=text("Subject"),
        text=text("Message"),
        html=text("HTML"),
        attachments=[
            draft_attachment(f"Attach[{place}]", attachment) for place, attachment in enumerate(attachments(message), 1)
        ],
        headers=[
            (text_value(f"Header[{place}].Name", header.Name), text_value(f"Header[{place}].Value", header.Value))
            for place, header in enumerate(message.Header, 1)
            # Those that reading put there belong to the mail that is answered.
            if header._loader is None
        ],
        priority=_priority(int_value("Priority", message.Priority, constants.emailNormalPriority)),
        sensitivity=_sensitivity(int_value("Sensitivity", message.Sensitivity, constants.emailNormal)),
        read_receipt=bool_value("DispositionNotification", message.DispositionNotification),
        delivery_receipt=bool_value("ReturnReceipt", message.ReturnReceipt),
        keywords=[word for word in (part.strip() for part in text("Category").split(";")) if word],
        message_id=text("MessageID") if options & constants.emailOptionMessageID else "",
        references=text("Reference") if options & constants.emailOptionReference else "",
    )


def to_envelope_draft(message: Email | EmailStructure) -> Draft:
    """Only what SMTP needs to know: sender, and the recipients whom EmailSend documents."""
    from ..mail.draft import Draft

    return Draft(
        sender=text_value("Sender", message.Sender),
        reply_to=text_value("SenderAddress", message.SenderAddress),
        return_path=_return_path(message),
        to=addresses(message, "Recipient"),
        cc=addresses(message, "Cc"),
    )


def _return_path(message: Email | EmailStructure) -> str:
    """Who gets the reports; after reading it is the author of what was read, whom our reports do not concern."""
    if message._loader is not None and message._loader.gave("ErrorReturnAddress"):
        return ""
    return text_value("ErrorReturnAddress", message.ErrorReturnAddress)


def addresses(message: Email | EmailStructure, member: str) -> list[str]:
    """The entries of a recipient member that count, as text."""
    return [text_value(f"{member}[{place}]", entry) for place, entry in enumerate(entries(message, member), 1)]


def draft_attachment(member: str, attachment: emailAttach) -> DraftAttachment:
    """An emailAttach, whose content is a file (read while sending) or its own bytes."""
    from ..mail.draft import DraftAttachment

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


def _priority(number: int) -> Priority:
    from ..errors import InvalidValue
    from ..mail.draft import Priority

    meanings = {
        constants.emailLowPriority: Priority.LOW,
        constants.emailNormalPriority: Priority.NORMAL,
        constants.emailHighPriority: Priority.HIGH,
    }
    if number not in meanings:
        raise InvalidValue("Priority", "unknown priority", number)
    return meanings[number]


def _sensitivity(number: int) -> Sensitivity:
    from ..errors import InvalidValue
    from ..mail.draft import Sensitivity

    meanings = {
        constants.emailNormal: Sensitivity.NORMAL,
        constants.emailPersonal: Sensitivity.PERSONAL,
        constants.emailPrivate: Sensitivity.PRIVATE,
        constants.emailCompanyConfidential: Sensitivity.COMPANY_CONFIDENTIAL,
    }
    if number not in meanings:
        raise InvalidValue("Sensitivity", "unknown sensitivity", number)
    return meanings[number]
