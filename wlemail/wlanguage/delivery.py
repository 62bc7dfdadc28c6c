"""The work of the sending functions. Imported when something is first sent, and with it all that sending needs."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..errors import RecipientsRefused, ServerReply
from ..mail.compose import compose, envelope_of
from ..mail.interfaces import Envelope, Outgoing, Source
from ..mail.raw import FileMessage
from ..mail.session import Kind, Session
from ..mail.settings import SETTINGS
from .email_variable import Email, EmailStructure, entries
from .late import Late
from .progress import PROGRESS
from .session_argument import resolve
from .translate import to_draft, to_envelope_draft

if TYPE_CHECKING:
    from . import queueing, sent_copies
else:
    queueing = Late("queueing")
    sent_copies = Late("sent_copies")

_log = logging.getLogger("wlemail")


def send_message(session: object, message: Email | EmailStructure, options: int) -> None:
    """Compose what the members say and send it; the session is looked for first."""
    opened = resolve(session, Kind.SMTP)
    draft = to_draft(message, options)
    composed = compose(draft)
    if opened.asynchronous:
        queueing.queue_message(opened, message, draft, composed)
    else:
        _deliver(opened, message, composed.envelope, composed)
        if _is_copied(opened):
            sent_copies.keep_message(opened, composed, draft)


def send_file(session: object, path: str, message: Email | EmailStructure) -> None:
    """Send a file as it is, to the envelope that the members make."""
    opened = resolve(session, Kind.SMTP)
    if message.Bcc and entries(message, "Bcc"):
        _log.warning("Bcc is not used by EmailSend: only Recipient and Cc get the file")
    source = FileMessage(path)
    envelope = envelope_of(to_envelope_draft(message), eight_bit=source.eight_bit)
    if opened.asynchronous:
        queueing.queue_file(opened, message, envelope, source)
    else:
        _deliver(opened, message, envelope, source, clean=False)
        if _is_copied(opened):
            sent_copies.keep_file(opened, source)


def _is_copied(session: Session[Outgoing]) -> bool:
    variable = session.copies_to
    return bool(SETTINGS.sent_folder) or (variable is not None and variable.SentSession is not None)


def _deliver(
    session: Session[Outgoing],
    message: Email | EmailStructure,
    envelope: Envelope,
    source: Source,
    *,
    clean: bool = True,
) -> None:
    """Send, and say in the message whom the server refused."""
    if message.RefusedRecipient:
        report(message, {})
    try:
        with session.use() as outgoing:
            receipt = outgoing.send(envelope, source, clean=clean, progress=PROGRESS.transfer())
    except RecipientsRefused as refusal:
        report(message, refusal.replies)
        raise
    if receipt.refused:
        report(message, receipt.refused)
        for address, reply in receipt.refused.items():
            _log.warning("recipient %s refused: %s (the message was sent to the others)", address, reply)


def report(message: Email | EmailStructure, refused: Mapping[str, ServerReply]) -> None:
    """Say in the message which recipients the server refused, and in which words."""
    message.RefusedRecipient = list(refused)
    message.RefusedReason = [str(reply) for reply in refused.values()]
