"""From mail/ to the face: one received mail is swapped into an Email, whose members decode when they are first read.

`fill` empties the Email and leaves an `Absorbed` behind, which knows what is still to come. Several copies of an Email
share one `Received`: the octets, parsed once.
"""

from __future__ import annotations

from weakref import ref

from ..errors import InvalidValue, MailError
from . import constants
from .email_variable import AttachedName, EmailStructure, PartLoader, emailAttach, emailHeader, member_failed
from .structure import ArrayField, Loader, clear
from .values import Integer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from ..mail.absorb import ReceivedMail
    from ..mail.reader import MailboxReader
    from ..mail.session import Session
    from .email_variable import Email
    from .structure import Structure

    Message = Email | EmailStructure
    T = TypeVar("T")


class Place:
    """Where mails are read: a session and, where it has folders, the one that is current now."""

    __slots__ = ("folder", "key", "parsed", "session")

    def __init__(self, session: Session[MailboxReader]) -> None:
        """To be made while the session is in use."""
        self.session = session
        #: None: the session has no folders
        self.folder: str | None = None
        #: equal as long as numbers mean the same mails
        self.key: object = None
        #: see `Received.mail`
        self.parsed: ReceivedMail | None = None
        if session.kind.value == "IMAP":
            folders = session.back_end.folders
            self.folder, self.key = folders.current_folder, folders.folder_key

    def moved_to(self, session: Session[MailboxReader]) -> Place:
        """The same folder in another session of the same mailbox."""
        copy = Place.__new__(Place)
        copy.session, copy.folder, copy.key, copy.parsed = session, self.folder, self.key, None
        return copy

    def is_current(self, reader: MailboxReader) -> bool:
        """Whether the session still is where it was."""
        return self.folder is None or reader.folders.folder_key == self.key

    def visit(self, reader: MailboxReader, action: Callable[[], T]) -> T:
        """Do something where the mails are: another folder is left for that, and then taken up again.

        InvalidValue where the folder's numbers have come to mean other mails."""
        if self.folder is None or self.is_current(reader):
            return action()
        folders = reader.folders
        back = folders.current_folder
        folders.change_folder(self.folder)
        try:
            if not self.is_current(reader):
                raise InvalidValue("Email", "its folder was made anew since, with other numbers")
            return action()
        finally:
            folders.change_folder(back)


class Origin:
    """Where a mail was read, and its number there."""

    __slots__ = ("number", "place")

    def __init__(self, place: Place, number: int) -> None:
        self.place = place
        self.number = number

    @property
    def session(self) -> Session[MailboxReader]:
        return self.place.session

    def fetch(self, *, headers_only: bool) -> bytes:
        from .progress import PROGRESS

        return self._there(
            lambda reader: reader.fetch(self.number, headers_only=headers_only, progress=PROGRESS.transfer())
        )

    def unique_id(self) -> str:
        return self._there(lambda reader: reader.unique_id(self.number))

    def _there(self, step: Callable[[MailboxReader], T]) -> T:
        return in_mailbox(self.session, lambda reader: self.place.visit(reader, lambda: step(reader)))


def in_mailbox(session: Session[MailboxReader], step: Callable[[MailboxReader], T]) -> T:
    """Do one step in a mailbox under its session's lock; a session that cannot go on after a failure is closed."""
    try:
        with session.use() as reader:
            return step(reader)
    except MailError:
        if session.back_end.ended:
            from .sessions import close

            close(session)
        raise


class Received:
    """One received mail: its octets (`whole`, or the headers alone), parsed when somebody asks.

    Two threads may fetch it at once (EmailGetAll with ertAsynchronous): what is whole stays, whoever comes last.
    """

    __slots__ = ("__weakref__", "_all", "_header", "_parts", "origin", "parsed")

    def __init__(self, data: bytes | None, *, whole: bool, origin: Origin | None = None) -> None:
        self._all = data if whole else None
        self._header = None if whole else data
        self.origin = origin
        #: see `mail`
        self.parsed: ReceivedMail | None = None
        self._parts: list[ReceivedPart] | None = None

    @property
    def data(self) -> bytes | None:
        """The octets that are here; None: nothing has been fetched yet."""
        data = self._all
        return self._header if data is None else data

    @property
    def whole(self) -> bool:
        return self._all is not None

    def put(self, data: bytes, *, whole: bool) -> None:
        """Octets that were fetched later than the mail was listed."""
        if whole:
            self._all, self._header = data, None
        else:
            self._header = data

    def fetch(self, *, whole: bool) -> None:
        """Get from the server what is not here yet; raises MailError."""
        if self.data is None or (whole and not self.whole):
            assert self.origin is not None, "a mail without octets comes from a session"
            self.put(self.origin.fetch(headers_only=not whole), whole=whole)

    def mail(self) -> ReceivedMail:
        """The mail as far as it was fetched, parsed.

        Of the mails of one list that which was looked at last stays parsed: scripts go from one to the next, and the
        pieces of ten thousand would keep the garbage collector as busy as all the rest."""
        data = self.data
        shelf = self if self.origin is None else self.origin.place
        mail = shelf.parsed
        if mail is None or mail.source is not data:
            from ..mail.absorb import absorb

            assert data is not None, "fetched before"
            mail = shelf.parsed = absorb(data)
        return mail

    def parts(self) -> list[ReceivedPart]:
        """Its attachments."""
        if self._parts is None:
            self._parts = [ReceivedPart(self, place) for place in range(len(self.mail().attachments))]
        return self._parts


# -- attachments ----------------------------------------------------------------------------------------------


class ReceivedPart(PartLoader):
    """What loads the content of an emailAttach that is a part of a received mail."""

    __slots__ = ("place", "received")

    def __init__(self, received: Received, place: int) -> None:
        self.received = received
        self.place = place

    def load(self, variable: Structure, name: str) -> None:
        if name == "Content" and name not in variable._values:
            variable._values[name] = self.content()

    def load_all(self, variable: Structure) -> None:
        self.load(variable, "Content")

    def content(self) -> bytes:
        """The bytes, decoded anew each time: a mail in memory is large enough."""
        return self.received.mail().attachments[self.place].content

    def attachment(self) -> emailAttach:
        """The emailAttach that stands for this part."""
        part = self.received.mail().attachments[self.place]
        made = emailAttach()
        made._values.update(
            Name=part.name,
            NameAsSent=part.sent_name,
            ContentType=part.content_type,
            ContentDescription=part.description,
            Identifier=part.identifier,
        )
        made._loader = self
        return made


class MissingPart(PartLoader):
    """A part whose mail is no longer there: sending and saving it fail."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def load(self, variable: Structure, name: str) -> None:
        if name == "Content" and name not in variable._values:
            member_failed("emailAttach.Content", self._gone(), self.content)

    def load_all(self, variable: Structure) -> None:
        self.load(variable, "Content")

    def require(self, variable: Structure) -> None:
        if "Content" not in variable._values:
            self.content()

    def content(self) -> bytes:
        raise self._gone()

    def _gone(self) -> MailError:
        from ..errors import AttachmentMissing

        return AttachmentMissing(self.name, in_mail=True)


class PartName(AttachedName):
    """An element of the structure's Attach after reading: the name of a part of that mail, and never a path.

    It does not keep the mail: a script that collects the names of thousands of mails must not hold all their octets.
    """

    _mail: ref[Received]
    _place: int

    @classmethod
    def at(cls, received: Received, place: int) -> PartName:
        name = cls(received.mail().attachments[place].name)
        name._mail = ref(received)
        name._place = place
        return name

    @property
    def attachment(self) -> emailAttach:
        received = self._mail()
        if received is not None:
            return received.parts()[self._place].attachment()
        gone = emailAttach(Name=str(self))
        gone._loader = MissingPart(str(self))
        return gone

    def __reduce__(self) -> tuple[Any, ...]:
        return AttachedName.of, (self.attachment,)


class ReadHeader(Loader):
    """Marks the headers that reading put there: an answer written into the same Email must not send them again."""

    __slots__ = ()

    def assigned(self, variable: Structure, name: str) -> None:
        # The script has made it a header of its own.
        variable._loader = None


READ_HEADER = ReadHeader()


def _header(name: str, value: str) -> emailHeader:
    header = emailHeader()
    header._values.update(Name=name, Value=value)
    header._loader = READ_HEADER
    return header


# -- members ----------------------------------------------------------------------------------------------------


def _date(mail: ReceivedMail, message: Message) -> object:
    moment = mail.reception_date
    if moment is None:
        return ""
    from .date_time import local

    here = local(moment)
    return str(here) if isinstance(message, EmailStructure) else here


def _priority(mail: ReceivedMail, message: Message) -> int:
    numbers = {"low": constants.emailLowPriority, "high": constants.emailHighPriority}
    return Integer(numbers.get(mail.priority.value, constants.emailNormalPriority))


def _sensitivity(mail: ReceivedMail, message: Message) -> int:
    numbers = {
        "personal": constants.emailPersonal,
        "private": constants.emailPrivate,
        "company-confidential": constants.emailCompanyConfidential,
    }
    return Integer(numbers.get(mail.sensitivity.value, constants.emailNormal))


#: what the headers alone tell
_FROM_HEADERS: dict[str, Callable[[ReceivedMail, Message], Any]] = {
    "Sender": lambda mail, message: mail.sender,
    "SenderAddress": lambda mail, message: mail.sender_address,
    "ErrorReturnAddress": lambda mail, message: mail.return_path,
    "Recipient": lambda mail, message: list(mail.to),
    "Cc": lambda mail, message: list(mail.cc),
    "Subject": lambda mail, message: mail.subject,
    "ReceiveDate": _date,
    "Priority": _priority,
    "Sensitivity": _sensitivity,
    "DispositionNotification": lambda mail, message: mail.read_receipt,
    "ReturnReceipt": lambda mail, message: mail.delivery_receipt,
    "MessageID": lambda mail, message: mail.message_id,
    "Reference": lambda mail, message: mail.references,
    "Category": lambda mail, message: ";".join(mail.keywords),
    "Header": lambda mail, message: [_header(name, value) for name, value in mail.headers],
}

#: what needs the bodies
_FROM_BODIES: dict[str, Callable[[Received, Message], Any]] = {
    "Message": lambda received, message: received.mail().text,
    "HTML": lambda received, message: received.mail().html,
    "RawText": lambda received, message: received.mail().raw_text,
    "Attach": lambda received, message: _attached(received, message),
    "AttachIdentifier": lambda received, message: [part.identifier for part in received.mail().attachments],
    "AttachContentType": lambda received, message: [part.content_type for part in received.mail().attachments],
    "AttachContentDescription": lambda received, message: [part.description for part in received.mail().attachments],
    "AttachNameAsSent": lambda received, message: [part.sent_name for part in received.mail().attachments],
    "Calendar": lambda received, message: next((one.text for one in received.mail().invitations), ""),
    "ReportKind": lambda received, message: _report(received).kind,
    "ReportRecipient": lambda received, message: _report(received).column(0),
    "ReportAction": lambda received, message: _report(received).column(1),
    "ReportStatus": lambda received, message: _report(received).column(2),
    "ReportReason": lambda received, message: _report(received).column(3),
    "ReportMessageID": lambda received, message: _report(received).message_id,
    "Defect": lambda received, message: _defects(received),
    "Source": lambda received, message: _source(received),
}
#: of these a reading of the header alone has its share
_OF_ANY_READING = {"Defect", "Source"}


def _attached(received: Received, message: Message) -> list[Any]:
    if isinstance(message, EmailStructure):
        return [PartName.at(received, place) for place in range(len(received.mail().attachments))]
    return [part.attachment() for part in received.parts()]


class _Report:
    """A report of a program, whatever its kind: one row (recipient, action, status, reason) for each recipient."""

    kind: str
    message_id: str

    __slots__ = ("kind", "message_id", "rows")

    def __init__(
        self, kind: str = "", rows: list[tuple[str, str, str, str]] | None = None, message_id: str = ""
    ) -> None:
        self.kind = kind
        self.rows = rows or []
        self.message_id = message_id

    def column(self, place: int) -> list[str]:
        return [row[place] for row in self.rows]


def _report(received: Received) -> _Report:
    mail = received.mail()
    if (delivery := mail.delivery_report) is not None:
        rows = [(one.recipient, one.action, one.status, one.diagnostic) for one in delivery.statuses]
        return _Report("delivery", rows, delivery.message_id)
    if (reading := mail.read_report) is not None:
        return _Report("read", [(reading.recipient, reading.disposition, "", "")], reading.message_id)
    if (complaint := mail.complaint) is not None:
        return _Report("complaint", [(complaint.recipient, complaint.kind, "", "")])
    return _Report()


def _defects(received: Received) -> list[str]:
    defects = received.mail().defects
    return [f"part {defect.part}: {defect.text}" if defect.part else defect.text for defect in defects]


def _source(received: Received) -> str:
    assert received.data is not None, "fetched before"
    return received.data.decode("utf-8", "surrogateescape")


_STRUCTURE_ALONE = {"AttachIdentifier", "AttachContentType", "AttachContentDescription", "AttachNameAsSent"}
_BODIES = frozenset(_FROM_BODIES)
_OF_THE_STRUCTURE = frozenset({*_FROM_HEADERS, *_BODIES})
_OF_A_VARIABLE = _OF_THE_STRUCTURE - _STRUCTURE_ALONE
_STABLE_ID = frozenset({"StableID"})
_READ_INTO_A_VARIABLE = _OF_A_VARIABLE | _STABLE_ID
_NONE: frozenset[str] = frozenset()


class Absorbed(Loader):
    """What is still to come into the members of one Email, and which mail that is."""

    __slots__ = ("_done", "_own", "_pending", "bodies", "received")

    def __init__(self, received: Received, pending: frozenset[str], *, bodies: str) -> None:
        self.received = received
        #: "here", "on demand" (fetched when one of them is read), or "none" (a header was asked for)
        self.bodies = bodies
        # What was to come, the same set for all mails of a list, and what of that has come or will not.
        self._pending = pending
        self._done = _NONE
        #: the members to which the program has assigned
        self._own = _NONE

    @property
    def origin(self) -> Origin | None:
        return self.received.origin

    # -- the Loader -----------------------------------------------------------------------------------------

    def load(self, variable: Structure, name: str) -> None:
        if self._is_to_come(name):
            try:
                self.take(variable, name)
            except MailError as problem:
                member_failed(f"Email.{name}", problem, lambda: self.take(variable, name))

    def assigned(self, variable: Structure, name: str) -> None:
        self._done |= {name}
        self._own |= {name}
        # WLanguage page 1000018727: who changes a mail before its bodies were fetched gets none of them.
        if self.bodies == "on demand" and not self.received.whole:
            self.bodies = "none"
            self._done |= _BODIES

    def load_here(self, variable: Structure) -> None:
        for name in self._pending - self._done:
            received = self.received
            here = received.data is not None and name != "StableID"
            if here and (received.whole or name not in _BODIES or self.bodies != "on demand"):
                self.take(variable, name)

    def load_all(self, variable: Structure) -> None:
        for name in self._pending - self._done:
            self.load(variable, name)

    def require(self, variable: Structure) -> None:
        for name in self._pending - self._done - _STABLE_ID:
            self.take(variable, name)

    def gave(self, name: str) -> bool:
        return name not in self._own

    def _is_to_come(self, name: str) -> bool:
        return name in self._pending and name not in self._done

    def is_original(self, variable: Message) -> bool:
        """Whether the Email still says what the mail said, so that the mail itself can stand for it."""
        if self._own:
            return False
        for name, field in type(variable)._members.items():
            if isinstance(field, ArrayField) and name == field.name and not self._is_to_come(name):
                stored = variable._values.get(name) or ()
                read = (self._value(variable, name) or ()) if name in _OF_THE_STRUCTURE else ()
                if list(stored) != list(read):
                    return False
        return True

    def copied(self) -> Absorbed:
        copy = Absorbed(self.received, self._pending, bodies=self.bodies)
        copy._done, copy._own = self._done, self._own
        return copy

    # -- one member -----------------------------------------------------------------------------------------

    def take(self, variable: Any, name: str) -> None:
        """Decode one member, fetching what it needs; raises MailError."""
        value = self._value(variable, name)
        self._done |= {name}
        field = type(variable)._members[name]
        if value is None:
            return
        if isinstance(field, ArrayField):
            field.array(variable)._items[:] = value
        elif field.is_filled(value):
            variable._values[name] = value

    def _value(self, message: Message, name: str) -> Any:
        received = self.received
        if name == "StableID":
            return received.origin.unique_id() if received.origin is not None else ""
        if name in _FROM_HEADERS:
            received.fetch(whole=False)
            return _FROM_HEADERS[name](received.mail(), message)
        if self.bodies != "none":
            received.fetch(whole=True)
        elif name not in _OF_ANY_READING:
            return None
        return _FROM_BODIES[name](received, message)


# -- for the functions that read ------------------------------------------------------------------------------


def fill(message: Message, received: Received, *, bodies: str = "here") -> None:
    """Swap a received mail into an Email; every other member gets its default, Bcc and Out among them."""
    clear(message)
    pending = _OF_THE_STRUCTURE if isinstance(message, EmailStructure) else _OF_A_VARIABLE
    if received.origin is not None:
        pending = pending | _STABLE_ID if pending is _OF_THE_STRUCTURE else _READ_INTO_A_VARIABLE
        # What EmailReadMessage finds the mail by: the rank on POP3, the UID on IMAP.
        message._values["ID"] = str(received.origin.number)
    message._loader = Absorbed(received, pending, bodies=bodies)


def origin_of(message: Message) -> Origin | None:
    """Where the mail was read; None for one that was not read from a mailbox."""
    loader = message._loader
    return loader.origin if isinstance(loader, Absorbed) else None
