"""The work of the reading functions. Imported when something is first read, and with it all that reading needs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

from ..errors import InvalidValue, MailError, MessageGone, Refused, Unsupported
from ..mail.interfaces import Criteria, Part, Progress
from ..mail.reader import Fetched, MailboxReader
from ..mail.session import Kind, Session
from . import constants
from .absorbed import Origin, Place, Received, fill, in_mailbox, origin_of
from .arrays import Array
from .email_variable import Email, EmailStructure, as_message, current, message_of
from .log import warn
from .progress import PROGRESS, Series
from .session_argument import resolve
from .values import Integer, Omitted, as_text, int_value, text_value

Message = Email | EmailStructure
Mailbox = Session[MailboxReader]
T = TypeVar("T")

#: how the current mail moves
FIRST, NEXT = MailboxReader.read_first, MailboxReader.read_next
PREVIOUS, LAST = MailboxReader.read_previous, MailboxReader.read_last

_OPTIONS = constants.ertAsynchronous | constants.ertFull | constants.ertHeader | constants.ertNotRead


def mailbox(session: object) -> Mailbox:
    """The open session to read from; where POP3 and IMAP share a name, the one opened last."""
    return resolve(session, Kind.POP3, Kind.IMAP)


def folder_session(session: object) -> Mailbox:
    """The open session with folders and flags."""
    return resolve(session, Kind.IMAP)


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

    def read(opened: Mailbox, reader: MailboxReader) -> Fetched | None:
        unread = {"unread": True} if wants_unread(opened, mode) else {}
        return move(reader, headers_only=headers_only, progress=PROGRESS.transfer(), **unread)

    return _read(session, email, read)


def read_number(session: object, email: object, number: object, *, headers_only: bool = False) -> bool:
    """Read the mail of a number, which is the last argument, and leave the current one."""
    if isinstance(number, Omitted):
        email, number = None, email

    def read(opened: Mailbox, reader: MailboxReader) -> Fetched | None:
        wanted = int_value("Number", number, 0)
        try:
            return reader.read(wanted, headers_only=headers_only, progress=PROGRESS.transfer())
        except MessageGone:
            # The page's rule: a mail that is deleted or unknown is none, and no error.
            return None

    return _read(session, email, read)


def _read(
    session: object,
    email: object,
    read: Callable[[Mailbox, MailboxReader], Fetched | None],
    find: Callable[[object], Mailbox] = mailbox,
) -> bool:
    """Swap what `read` gives into the Email; both the variable and the structure learn whether there was a mail."""
    message: Message = current()
    found = False
    try:
        message = message_of(email)
        opened = find(session)

        def step(reader: MailboxReader) -> tuple[Fetched, Place] | None:
            fetched = read(opened, reader)
            return None if fetched is None else (fetched, Place(opened))

        result = in_mailbox(opened, step)
        if result is not None:
            fetched, place = result
            origin = Origin(place, fetched.number)
            received = Received(fetched.data, whole=not fetched.headers_only, origin=origin)
            fill(message, received, bodies="none" if fetched.headers_only else "here")
            found = True
    finally:
        # Whatever happened: loops are written on Out, and have to end.
        set_out(message, not found)
    return found


def set_out(message: Message, out: bool) -> None:
    """Not an assignment of the program: it cancels no fetch."""
    for each in (current(), message):
        each._values["Out"] = out


_ALL_MODES = {"", "ALL", "TOUS"}
_UNREAD_MODES = {"NOT READ", "NON LUS", "UNREAD"}


def is_mode(value: object) -> bool:
    """Whether the argument in the place of the Email is a reading mode: a constant, or its text."""
    return isinstance(value, (int, str))


def wants_unread(session: Mailbox, mode: object) -> bool:
    """Whether a reading mode means the unread mails alone; Unsupported where nobody knows which they are."""
    if mode is None or mode == constants.emailAll:
        return False
    text = (as_text(mode) or "").strip().upper()
    if mode == constants.emailNotRead or text in _UNREAD_MODES:
        _need_read_state(session)
        return True
    if text not in _ALL_MODES:
        raise InvalidValue("ReadMode", "expected emailAll or emailNotRead", text)
    return False


def _need_read_state(session: Mailbox) -> None:
    if session.kind is not Kind.IMAP:
        raise Unsupported("reading the unread mails alone", "POP3 does not tell which mails were read")


# -- searching ----------------------------------------------------------------------------------------------------

_PARTS = {
    constants.emailSubject: Part.SUBJECT,
    constants.emailSender: Part.SENDER,
    constants.emailRecipient: Part.RECIPIENT,
    constants.emailBody: Part.BODY,
    constants.emailMessageID: Part.MESSAGE_ID,
}


def is_part(value: object) -> bool:
    """Whether the argument in the place of the Email says where to search."""
    return isinstance(value, (int, str))


def seek_first(session: object, email: object, part: object, value: object, mode: object) -> bool:
    """Read the first mail with a text in one of the parts; reading then goes on among those that have it."""

    def read(opened: Mailbox, reader: MailboxReader) -> Fetched | None:
        unread = wants_unread(opened, mode)
        criteria = Criteria(text_value("Value", value), _parts(part), unread=unread)
        return reader.seek(criteria, progress=PROGRESS.transfer())

    return _read(session, email, read, folder_session)


def _parts(part: object) -> list[Part]:
    number = int_value("Part", part, 0)
    parts = [meaning for bit, meaning in _PARTS.items() if number & bit]
    if not parts or number & ~sum(_PARTS):
        raise InvalidValue("Part", "expected emailSubject, emailSender, emailRecipient, emailBody …", part)
    return parts


# -- all mails ----------------------------------------------------------------------------------------------------


def all_mails(session: object, options: object) -> Array[Email]:
    """An array of all mails, oldest first, as far as the options want them fetched."""
    chosen = int_value("Options", options, constants.ertHeader)
    if chosen & ~_OPTIONS:
        raise InvalidValue("Options", "expected ert… constants", chosen)
    opened = mailbox(session)
    full, unread = bool(chosen & constants.ertFull), bool(chosen & constants.ertNotRead)
    if unread:
        _need_read_state(opened)
    if chosen & constants.ertAsynchronous:
        return _fetched_behind(opened, full, unread)
    return in_mailbox(opened, lambda reader: _fetched_now(opened, reader, full, unread))


def _fetched_now(session: Mailbox, reader: MailboxReader, full: bool, unread: bool) -> Array[Email]:
    """A mail that the server refuses is listed all the same: the server is asked again when one of its members is
    read, which then tells of the refusal. Where it refuses all of them, nothing was got."""
    place = Place(session)
    progress = _series(reader, unread)
    mails: list[Email] = []
    refusals: list[Refused] = []

    def refused(number: int, problem: Refused) -> None:
        refusals.append(problem)
        take(Received(None, whole=False, origin=Origin(place, number)))

    def take(received: Received) -> None:
        mails.append(_listed(received))
        if progress:
            progress.message_done()

    for fetched in _walk(reader, full, unread, progress.step if progress else None, refused):
        take(Received(fetched.data, whole=full, origin=Origin(place, fetched.number)))
    if refusals:
        if len(refusals) == len(mails):
            raise refusals[0]
        warn("mails that the server refused to give: %d of %d; %s", len(refusals), len(mails), refusals[0])
    return array_of(mails)


def _walk(
    reader: MailboxReader,
    full: bool,
    unread: bool,
    progress: Progress | None,
    refused: Callable[[int, Refused], object],
) -> Iterator[Fetched]:
    if unread:
        return reader.read_all(headers_only=not full, progress=progress, unread=True, refused=refused)
    return reader.read_all(headers_only=not full, progress=progress, refused=refused)


def _series(reader: MailboxReader, unread: bool) -> Series | None:
    """What tells the script's procedure how far the whole has come; sizes are asked for only where there is one."""
    if PROGRESS.procedure is None:
        return None
    return PROGRESS.series([reader.incoming.size(number) for number in _present(reader, unread)])


def _fetched_behind(session: Mailbox, full: bool, unread: bool) -> Array[Email]:
    """The array at once; another thread fetches, and a mail that is touched before fetches itself."""
    place, numbers = in_mailbox(session, lambda reader: (Place(session), _present(reader, unread)))
    received = {number: Received(None, whole=False, origin=Origin(place, number)) for number in numbers}
    threading.Thread(
        target=_fetch_behind, args=(place, received, full, unread), name="EmailGetAll", daemon=True
    ).start()  # fmt: skip
    return array_of([_listed(one) for one in received.values()])


def _fetch_behind(place: Place, received: dict[int, Received], full: bool, unread: bool) -> None:
    session = place.session
    # Whoever touches a mail that is refused asks for it again, and gets the error.
    walk = _walk(session.back_end, full, unread, None, lambda number, problem: None)

    def step(reader: MailboxReader) -> Fetched | None:
        # In another folder the walk would find other mails.
        return next(walk, None) if place.is_current(reader) else None

    try:
        while (fetched := in_mailbox(session, step)) is not None:
            one = received.get(fetched.number)
            if one is not None and not one.whole:
                one.put(fetched.data, whole=full)
    except MailError:
        # Whoever touches the next mail tries it himself, and gets the error in his own thread.
        return


def _present(reader: MailboxReader, unread: bool = False) -> list[int]:
    numbers = reader.folders.unread() if unread else reader.numbers()
    return [number for number in numbers if not reader.is_deleted(number)]


def mails_on_demand(session: Mailbox) -> Array[Email]:
    """All mails, each fetched when one of its members is read."""
    place, numbers = in_mailbox(session, lambda reader: (Place(session), _present(reader)))
    return array_of([_listed(Received(None, whole=False, origin=Origin(place, number))) for number in numbers])


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
    """A loop over the mails of a session, each read whole; a place of its own beside the session's current mail.

    Mails that the server refuses are passed over: a loop that reads and deletes must not delete what it has not
    read. The end of the loop tells of them."""

    def __init__(self, session: object, *, unread: bool = False) -> None:
        self._session = session
        self._unread = unread
        self._place: Place | None = None
        self._steps: Iterator[Fetched] | None = None
        self._refusals: list[Refused] = []

    def next(self) -> Email | None:
        opened = mailbox(self._session) if self._place is None else self._place.session
        fetched = in_mailbox(opened, lambda reader: self._step(opened, reader))
        if fetched is None:
            if self._refusals:
                warn("mails that the server refused to give: %d", len(self._refusals))
                raise self._refusals[0]
            return None
        assert self._place is not None, "known since the first step"
        mail = Email()
        fill(mail, Received(fetched.data, whole=True, origin=Origin(self._place, fetched.number)))
        return mail

    def _step(self, opened: Mailbox, reader: MailboxReader) -> Fetched | None:
        if self._steps is None:
            self._place = Place(opened)
            self._steps = _walk(reader, True, self._unread, PROGRESS.transfer(), self._refused)
        elif self._place is not None and not self._place.is_current(reader):
            raise InvalidValue("Session", "another folder was changed to within the loop")
        fetched = next(self._steps, None)
        if fetched is not None:
            # EmailDeleteMessage(session) within the loop means this one.
            reader.last_read = fetched.number
        return fetched

    def _refused(self, number: int, problem: Refused) -> None:
        self._refusals.append(problem)


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
    message = as_message(mail)
    if message is not None:
        act_on(opened, message, lambda reader, number: reader.delete(number))
    else:
        number = None if mail is None or isinstance(mail, Omitted) else int_value("Number", mail, 0)
        in_mailbox(opened, lambda reader: reader.delete(number))
    set_out(message or current(), True)


# -- which mail is meant ---------------------------------------------------------------------------------------------


def act_on(session: Mailbox, mail: object, action: Callable[[MailboxReader, int], T]) -> T:
    """Do something with the mail of an Email, where it was read, or of a number in the current folder."""
    message = as_message(mail)
    if message is None:
        number = int_value("Email", mail, 0)
        return in_mailbox(session, lambda reader: action(reader, number))
    origin = origin_of(message)
    if origin is None:
        raise InvalidValue("Email", "it was not read from a mailbox")
    place = origin.place
    if place.session is not session:
        place = _same_place(session, place)
    return in_mailbox(session, lambda reader: place.visit(reader, lambda: action(reader, origin.number)))


def _same_place(session: Mailbox, place: Place) -> Place:
    """Where a mail of an earlier session is in this one: UIDs last, the ranks of POP3 do not."""
    earlier, now = place.session.account, session.account
    if place.folder is None or (earlier.host, earlier.port, earlier.user) != (now.host, now.port, now.user):
        raise InvalidValue("Email", "it was read in another session, or before this one was opened again")
    return place.moved_to(session)
