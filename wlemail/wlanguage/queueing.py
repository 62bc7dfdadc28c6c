"""The work of asynchronous sessions: a message goes to the outbox, and a number tells later what became of it."""

from __future__ import annotations

import os
from typing import Any

from ..errors import InvalidValue, MailError, SessionUnknown
from ..mail.absorb import absorb
from ..mail.compose import Composed
from ..mail.draft import Draft
from ..mail.interfaces import Envelope, Source
from ..mail.outbox.sender import SENDERS, Facts
from ..mail.outbox.values import State, Status
from ..mail.raw import FileMessage
from ..mail.session import Session
from . import constants
from .delivery import report
from .email_variable import Email, EmailStructure, as_message
from .values import int_value

#: what the outbox can count to
_LARGEST = 2**63 - 1


def queue_message(session: Session[Any], message: Email | EmailStructure, draft: Draft, composed: Composed) -> None:
    """Keep a composed message; its attachments are read now."""
    names = (attachment.name or os.path.basename(attachment.path or "") for attachment in draft.attachments)
    facts = Facts(composed.message_id, draft.subject, tuple(name for name in names if name))
    _queue(session, message, composed.envelope, composed, facts)


def queue_file(session: Session[Any], message: Email | EmailStructure, envelope: Envelope, source: FileMessage) -> None:
    """Keep a file as it is; what the journal says of it is read from it."""
    beginning = next(iter(source.chunks()), b"")
    mail = absorb(beginning)
    # Of a large file only the beginning is looked at, where its header is.
    whole = len(beginning) == source.size
    files = tuple(attachment.name for attachment in mail.attachments) if whole else ()
    _queue(session, message, envelope, source, Facts(mail.message_id, mail.subject, files), clean=False)


def _queue(
    session: Session[Any],
    message: Email | EmailStructure,
    envelope: Envelope,
    source: Source,
    facts: Facts,
    *,
    clean: bool = True,
) -> None:
    """Not under the session's lock: threads that queue together share the wait for the disk."""
    _name(message, 0)
    if message.RefusedRecipient:
        report(message, {})
    if session.closed:
        raise SessionUnknown(session.name)
    _name(message, session.back_end.queue(envelope, source, facts, clean=clean))


def _name(message: Email | EmailStructure, number: int) -> None:
    """Write the number of a queued message into it, in the three places where WLanguage's pages look for it."""
    text = str(number) if number else ""
    message.MailIdentifier = number
    message.ID = text
    if isinstance(message, Email):
        message.AsynchronousEmailIdentifier = text


def status_of(identifier: object) -> int:
    """emailPending or emailSent; raises the reason where a message was not sent."""
    message = as_message(identifier)
    number = int_value("Identifier", identifier if message is None else message.MailIdentifier, 0)
    if not 0 < number <= _LARGEST:
        raise InvalidValue("Identifier", "the MailIdentifier of a mail that was queued is expected", number)
    status = SENDERS.status(number)
    if message is not None:
        report(message, status.refused)
    if status.state in (State.PENDING, State.SENDING):
        return constants.emailPending
    if status.state is State.SENT:
        return constants.emailSent
    raise _reason(status)


def _reason(status: Status) -> MailError:
    return status.problem or MailError(f"message {status.id} was not sent")
