"""The work of the reading functions. Imported when something is first read, and with it all that reading needs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from ..errors import InvalidValue, MailError, MessageGone, Unsupported
from ..mail.reader import Fetched, MailboxReader
from ..mail.session import Kind, Session
from . import constants
from .absorbed import Origin, Received, fill, in_mailbox, origin_of
from .arrays import Array
from .email_variable import Email, EmailStructure, current, message_of
from .progress import PROGRESS, Series
from .session_argument import resolve
from .values import Integer, Omitted, as_text, int_value

Message = Email | EmailStructure
Mailbox = Session[MailboxReader]

#: how the current mail moves
FIRST, NEXT = MailboxReader.read_first, MailboxReader.read_next
PREVIOUS, LAST = MailboxReader.read_previous, MailboxReader.read_last

_OPTIONS = constants.ertAsynchronous | constants.ertFull | constants.ertHeader


def mailbox(session: object) -> Mailbox:
    """The open session to read from; where POP3 and IMAP share a name, the one opened last."""
    return resolve(session, Kind.POP3, Kind.IMAP)


# -- reading one mail -------------------------------------------------------------------------------------------


def read_by_cursor(
    session: object,
    email: object,
    mode: object,
    move: Callable[..., Fetched | None],
    *,
    headers_only: bool = False,
) -> bool:
    """Move the session's current mail and read it; False at the end of the list."""
    if is_mode(email) and mode is None:
        email, mode = None, email
    return _read(
        session,
        email,
        lambda reader: move(reader, headers_only=headers_only, progress=PROGRESS.transfer()),
        mode=mode,
    )


def read_number(session: object, email: object, number: object, *, headers_only: bool = False) -> bool:
    """Read the mail of a number, which is the last argument, and leave the current one."""
    if isinstance(number, Omitted):
        email, number = None, email

    def read(reader: MailboxReader) -> Fetched | None:
        wanted = int_value("Number", number, 0)
        try:
            return reader.read(wanted, headers_only=headers_only, progress=PROGRESS.transfer())
        except MessageGone:
            # The page's rule: a mail that is deleted or unknown is none, and no error.
            return None

    return _read(session, email, read)


def _read(
    session: object, email: object, read: Callable[[MailboxReader], Fetched | None], *, mode: object = None
) -> bool:
    """Swap what `read` gives into the Email; both the variable and the structure learn whether there was a mail."""
    message: Message = current()
    found = False
    try:
        message = message_of(email)
        _check_mode(mode)
        opened = mailbox(session)
        fetched = in_mailbox(opened, read)
        if fetched is not None:
            origin = Origin(opened, fetched.number)
            received = Received(fetched.data, whole=not fetched.headers_only, origin=origin)
            fill(message, received, bodies="none" if fetched.headers_only else "here")
            found = True
    finally:
        # Whatever happened: loops are written on Out, and have to end.
        _set_out(message, not found)
    return found


def _set_out(message: Message, out: bool) -> None:
    """Not an assignment of the program: it cancels no fetch."""
    for each in (current(), message):
        each._values["Out"] = out


_ALL_MODES = {"", "ALL", "TOUS"}
_UNREAD_MODES = {"NOT READ", "NON LUS", "UNREAD"}


def is_mode(value: object) -> bool:
    """Whether the argument in the place of the Email is a reading mode: a constant, or its text."""
    return isinstance(value, (int, str))


def _check_mode(mode: object) -> None:
    """Raise unless the mode means all mails."""
    if mode is None or mode == constants.emailAll:
        return
    text = (as_text(mode) or "").strip().upper()
    if text in _UNREAD_MODES:
        raise Unsupported("reading the unread mails alone", "POP3 does not tell which mails were read")
    if text not in _ALL_MODES:
        raise InvalidValue("ReadMode", 'expected emailAll or "ALL"', text)


# -- all mails ----------------------------------------------------------------------------------------------------


def all_mails(session: object, options: object) -> Array[Email]:
    """An array of all mails, oldest first, as far as the options want them fetched."""
    chosen = int_value("Options", options, constants.ertHeader)
    if chosen & ~_OPTIONS:
        raise InvalidValue("Options", "expected ert… constants that POP3 knows", chosen)
    opened = mailbox(session)
    full = bool(chosen & constants.ertFull)
    if chosen & constants.ertAsynchronous:
        return _fetched_behind(opened, full)
    return in_mailbox(opened, lambda reader: _fetched_now(opened, reader, full))


def _fetched_now(session: Mailbox, reader: MailboxReader, full: bool) -> Array[Email]:
    progress = _series(reader)
    mails = []
    for fetched in reader.read_all(headers_only=not full, progress=progress.step if progress else None):
        mails.append(_listed(Received(fetched.data, whole=full, origin=Origin(session, fetched.number))))
        if progress:
            progress.message_done()
    return array_of(mails)


def _series(reader: MailboxReader) -> Series | None:
    """What tells the script's procedure how far the whole has come; sizes are asked for only where there is one."""
    if PROGRESS.procedure is None:
        return None
    incoming = reader.incoming
    return PROGRESS.series([incoming.size(n) for n in incoming.numbers() if not incoming.is_deleted(n)])


def _fetched_behind(session: Mailbox, full: bool) -> Array[Email]:
    """The array at once; another thread fetches, and a mail that is touched before fetches itself."""
    numbers = in_mailbox(session, _present)
    received = {number: Received(None, whole=False, origin=Origin(session, number)) for number in numbers}
    threading.Thread(
        target=_fetch_behind, args=(session, received, full), name="EmailGetAll", daemon=True
    ).start()  # fmt: skip
    return array_of([_listed(one) for one in received.values()])


def _fetch_behind(session: Mailbox, received: dict[int, Received], full: bool) -> None:
    walk = session.back_end.read_all(headers_only=not full)
    try:
        while (fetched := in_mailbox(session, lambda reader: next(walk, None))) is not None:
            one = received.get(fetched.number)
            if one is not None and not one.whole:
                one.put(fetched.data, whole=full)
    except MailError:
        # Whoever touches the next mail tries it himself, and gets the error in his own thread.
        return


def _present(reader: MailboxReader) -> list[int]:
    incoming = reader.incoming
    return [number for number in incoming.numbers() if not incoming.is_deleted(number)]


def mails_on_demand(session: Mailbox) -> Array[Email]:
    """All mails, each fetched when one of its members is read."""
    numbers = in_mailbox(session, _present)
    return array_of([_listed(Received(None, whole=False, origin=Origin(session, number))) for number in numbers])


def _listed(received: Received) -> Email:
    mail = Email()
    fill(mail, received, bodies="here" if received.whole else "on demand")
    return mail


def array_of(mails: list[Email]) -> Array[Email]:
    """An array with these very variables: making it the usual way would copy each."""
    array: Array[Email] = Array()
    array._items = mails
    return array


class Walk:
    """A loop over all mails of a session, each read whole; a place of its own beside the session's current mail."""

    def __init__(self, session: object) -> None:
        self._session = session
        self._opened: Mailbox | None = None
        self._steps: Iterator[Fetched] | None = None

    def next(self) -> Email | None:
        if self._opened is None:
            self._opened = mailbox(self._session)
        opened = self._opened
        fetched = in_mailbox(opened, self._step)
        if fetched is None:
            return None
        mail = Email()
        fill(mail, Received(fetched.data, whole=True, origin=Origin(opened, fetched.number)))
        return mail

    def _step(self, reader: MailboxReader) -> Fetched | None:
        if self._steps is None:
            self._steps = reader.read_all(progress=PROGRESS.transfer())
        fetched = next(self._steps, None)
        if fetched is not None:
            # EmailDeleteMessage(session) within the loop means this one.
            reader.last_read = fetched.number
        return fetched


# -- counting, measuring, deleting ---------------------------------------------------------------------------------


def count(session: object) -> int:
    """How many mails there are."""
    return Integer(in_mailbox(mailbox(session), lambda reader: reader.count()))


def length(session: object, number: object) -> int:
    """Octets of a mail: of the one read last where no number is given."""
    wanted = None if number is None or isinstance(number, Omitted) else int_value("Number", number, 0)
    return Integer(in_mailbox(mailbox(session), lambda reader: reader.size(wanted)))


def delete(session: object, mail: object) -> None:
    """Delete the mail of an Email or of a number, or the one read last."""
    opened = mailbox(session)
    message = message_of(mail) if mail is Email or isinstance(mail, (Email, EmailStructure)) else None
    if message is not None:
        number: int | None = _number_in(opened, message)
    elif mail is None or isinstance(mail, Omitted):
        number = None
    else:
        number = int_value("Number", mail, 0)
    in_mailbox(opened, lambda reader: reader.delete(number))
    _set_out(message or current(), True)


def _number_in(session: Mailbox, message: Message) -> int:
    """The number of an Email that was read in that session: numbers of another one would mean other mails."""
    origin = origin_of(message)
    if origin is None:
        raise InvalidValue("Email", "it was not read from a mailbox, so that there is nothing to delete")
    if origin.session is not session:
        raise InvalidValue("Email", "it was read in another session, or before this one was opened again")
    return origin.number
