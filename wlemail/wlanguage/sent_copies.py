"""Copies of what was sent, in a folder of an IMAP session. Imported when somebody wants them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from ..errors import CommandRefused, MailError, SessionUnknown, WrongSessionKind
from ..mail.compose import Composed, bcc_field
from ..mail.draft import Draft
from ..mail.interfaces import FolderedIncoming, Source
from ..mail.session import Kind, Session
from ..mail.settings import SETTINGS
from .absorbed import in_mailbox
from .session_argument import resolve
from .session_variables import emailSMTPSession
from .values import text_value

_log = logging.getLogger("wlemail")

SEEN = "\\Seen"


def keep_message(session: Session[Any], sent: Composed, draft: Draft) -> None:
    """Put a message where copies of this session's mails go, with the hidden recipients in it."""
    _keep(session, _WithField(bcc_field(draft), sent))


def keep_file(session: Session[Any], sent: Source) -> None:
    """The same with a message that was a file."""
    # Its line ends may be any: octets get CR LF.
    _keep(session, b"".join(sent.chunks()))


def _keep(session: Session[Any], copy: bytes | Source) -> None:
    """It has been sent: that there is no copy is told in the log alone."""
    try:
        target = _target(session)
        if target is not None:
            mailbox, path = target
            in_mailbox(mailbox, lambda reader: _append(reader.folders, copy, path))
    except MailError as problem:
        _log.warning("the mail was sent, but no copy of it was kept: %s", problem)


def _target(session: Session[Any]) -> tuple[Session[Any], str] | None:
    variable: emailSMTPSession | None = session.copies_to
    if variable is not None and variable.SentSession is not None:
        return resolve(variable.SentSession, Kind.IMAP), text_value("SentFolder", variable.SentFolder) or "SentItems"
    try:
        return resolve(session.name, Kind.IMAP), SETTINGS.sent_folder
    except (SessionUnknown, WrongSessionKind):
        # The setting is for all sessions; not all have a mailbox beside them.
        return None


def _append(folders: FolderedIncoming, copy: bytes | Source, path: str) -> None:
    try:
        folders.append(copy, path, flags=[SEEN])
    except CommandRefused as problem:
        if problem.response_code not in ("TRYCREATE", "NONEXISTENT"):
            raise
        folders.add_folder(path)
        folders.append(copy, path, flags=[SEEN])


class _WithField:
    """A message with one more field in front."""

    def __init__(self, field: bytes, message: Source) -> None:
        self._field = field
        self._message = message
        self.size = len(field) + message.size

    def chunks(self) -> Iterator[bytes]:
        yield self._field
        yield from self._message.chunks()
