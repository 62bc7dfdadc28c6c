"""The Email type, the Email structure of each thread, emailAttach and emailHeader.

`Email.Subject` is a member of the calling thread's structure; `m = Email()` is a variable, and `m.Subject` is its own.
What differs between the two is here: counters that can be set and attachments by path on the structure, attachments as
emailAttach on the variable. `entries` and `attachments` end these differences for whoever sends.
"""

from __future__ import annotations

from _thread import _local

from ..errors import InvalidValue
from .arrays import Array
from .boundary import wl_function
from .constants import emailNormal, emailNormalPriority
from .email_error import last_error_number
from .methods import AttachMethods, EmailMethods
from .names import fold
from .structure import (
    ArrayField,
    BufferField,
    Field,
    IntegerField,
    Loader,
    Structure,
    TextArray,
    boolean,
    clear,
    integer,
    listing,
    source,
    text,
    texts,
)
from .values import Integer, as_text, buffer_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from ..errors import MailError
    from .email_error import ErrorNumber

    T = TypeVar("T")


# -- attachments and headers ---------------------------------------------------------------------------------


class _ContentField(BufferField):
    """Bytes, or those of the file that the attachment names, read when somebody asks for them."""

    def __get__(self, variable: Structure | None, owner: type | None = None) -> Any:
        if isinstance(variable, emailAttach) and variable._path and self.name not in variable._values:
            return _file_content(variable._path)
        return super().__get__(variable, owner)


class emailAttach(Structure, AttachMethods):
    """An attachment with its content (page 1000018752). French: emailAttache.

    Without a Name it is not sent. Content is bytes; text assigned to it is stored in UTF-8. A path that is assigned or
    added to the Attach member of an Email variable becomes an emailAttach of that file, which is read while it is sent.
    In a mail that was read, Name is a safe file name, unique within the mail, and Content is decoded when it is read.
    """

    Name = text(doc="the file name that the recipient sees; without one the attachment is not sent")
    Nom = Name
    Content: bytes | Any = _ContentField(b"", "the bytes of the attachment")
    Contenu = Content
    ContentType = text(doc="the MIME type; taken from the extension of the name where it is empty")
    ContentDescription = text(doc="a description for the recipient")
    Identifier = text(doc="the identifier by which the HTML shows it (cid:…)")
    Identifiant = Identifier
    NameAsSent = text(doc="after reading: the file name as its sender wrote it, which may be no safe one (extension)")
    NomOriginal = NameAsSent

    def __init__(self, **members: Any) -> None:
        self._path = ""
        super().__init__(**members)

    def _copied(self) -> emailAttach:
        copy: emailAttach = super()._copied()
        copy._path = self._path
        return copy

    def _pickled(self) -> dict[str, Any]:
        return {**super()._pickled(), "_path": self._path}

    def __setstate__(self, values: dict[str, Any]) -> None:
        self._path = values.pop("_path")
        super().__setstate__(values)

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other) and isinstance(other, emailAttach) and self._path == other._path

    __hash__ = None  # type: ignore[assignment]

    def _lines(self) -> list[tuple[str, str]]:
        lines = super()._lines()
        if path_of(self):
            lines.insert(1, ("Content", f"<file {self._path!r}>"))
        elif self._loader is not None and "Content" not in self._values:
            lines.insert(1, ("Content", "<part of a mail>"))
        return lines


class emailHeader(Structure):
    """A header of a message beyond those that have a member (page 1000020774). French: emailEntête."""

    Name = text(doc="the name of the header, without the colon")
    Nom = Name
    Value = text(doc="its value; encoded as needed when it is sent")
    Valeur = Value


def path_of(attachment: emailAttach) -> str:
    """The file whose bytes are the content of an attachment, or "" where it has a content of its own."""
    return "" if "Content" in attachment._values else attachment._path


def file_attachment(path: str) -> emailAttach:
    """The attachment that a path stands for; the file is not touched."""
    attachment = emailAttach(Name=path.replace("\\", "/").rpartition("/")[2])
    attachment._path = path
    return attachment


class PartLoader(Loader):
    """Loads the content of an attachment that is a part of a received mail."""

    __slots__ = ()

    def content(self) -> bytes:
        """The bytes; raises AttachmentMissing where the part is gone."""
        raise AssertionError("each kind of part has its own")


def content_of(attachment: emailAttach) -> bytes:
    """The bytes of an attachment; raises where its file or part is gone, which reading the member Content does not."""
    if "Content" not in attachment._values:
        if isinstance(attachment._loader, PartLoader):
            # Not kept: the mail that it is a part of is in memory already.
            return attachment._loader.content()
        if attachment._path:
            return file_bytes(attachment._path)
    return buffer_value("Content", attachment.Content)


def file_bytes(path: str) -> bytes:
    """The content of a file; raises AttachmentMissing, AttachmentUnreadable."""
    import os
    import stat

    from ..errors import AttachmentMissing, AttachmentUnreadable

    try:
        mode = os.stat(path).st_mode
        # Opening a pipe would wait for ever, and a device may never end. What a directory is, open() says.
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise AttachmentUnreadable(path, "it is not an ordinary file")
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError as problem:
        raise AttachmentMissing(path) from problem
    except (OSError, ValueError) as problem:
        raise AttachmentUnreadable(path, getattr(problem, "strerror", None) or str(problem)) from problem


def _file_content(path: str) -> bytes:
    from ..errors import AttachmentError

    try:
        return file_bytes(path)
    except AttachmentError as problem:
        return member_failed("emailAttach.Content", problem, lambda: file_bytes(path)) or b""


def member_failed(member: str, problem: MailError, again: Callable[[], T]) -> T | None:
    """Reading a member never raises by itself: what went wrong becomes the thread's error, under the member's name.

    `again` is what a policy that tries again calls; its result, else None."""
    failures = [problem]

    def reading() -> T:
        if failures:
            raise failures.pop()
        return again()

    reading.__name__ = reading.__qualname__ = member
    return wl_function(error_state="keeps")(reading)()


class AttachedName(str):
    """An element of the structure's Attach that is more than a path: a name with the attachment that it stands for."""

    _attachment: emailAttach

    @classmethod
    def of(cls, attachment: emailAttach) -> AttachedName:
        name = cls(as_text(attachment.Name) or "")
        name._attachment = attachment._copied()
        return name

    @property
    def attachment(self) -> emailAttach:
        """The attachment, which belongs to the caller."""
        return self._attachment._copied()


class PathArray(TextArray):
    """The structure's Attach: paths of files; an emailAttach is taken too and reads as its name."""

    __slots__ = ()

    def _stored(self, value: Any) -> str:
        return AttachedName.of(value) if isinstance(value, emailAttach) else super()._stored(value)


class AttachArray(Array[emailAttach]):
    """A variable's Attach: emailAttach; a path is taken too and becomes an emailAttach of that file."""

    __slots__ = ()

    def _empty(self) -> emailAttach:
        return emailAttach()

    def _stored(self, value: Any) -> emailAttach:
        if isinstance(value, AttachedName):
            value = value.attachment
        if isinstance(value, emailAttach):
            return super()._stored(value)
        path = as_text(value)
        # What is no path stays in the name, where sending finds it and says so.
        return emailAttach(Name=value) if path is None else file_attachment(path)


class HeaderArray(Array[emailHeader]):
    """The extra headers; a pair (name, value) or a line "Name: value" is taken too."""

    __slots__ = ()

    def _empty(self) -> emailHeader:
        return emailHeader()

    def _stored(self, value: Any) -> emailHeader:
        if isinstance(value, emailHeader):
            return super()._stored(value)
        if isinstance(value, (tuple, list)) and len(value) == 2:
            return emailHeader(Name=value[0], Value=value[1])
        line = as_text(value)
        if line is None:
            # What is no header stays in the value, where sending finds it and says so.
            return emailHeader(Value=value)
        name, _, content = line.partition(":")
        return emailHeader(Name=name.strip(), Value=content.strip())

    def _replace(self, value: Any) -> None:
        pair = isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str)
        super()._replace([value] if pair else value)


# -- the members that structure and variable share ------------------------------------------------------------


class _TextFromHTMLField(Field):
    """The text that the HTML says, without markup."""

    def __get__(self, variable: Structure | None, owner: type | None = None) -> Any:
        if variable is None:
            return self
        html = as_text(variable.HTML)  # type: ignore[attr-defined]
        if not html:
            return ""
        from ..mail.html_export import html_as_text

        return html_as_text(html)

    def __set__(self, variable: Structure, value: object) -> None:
        raise AttributeError(f"{self.name} is read-only: it is made from HTML", name=self.name)


class MessageMembers(Structure):
    Sender = text(doc="From: an address, also as `Name <address>`")
    Expéditeur = Sender
    SenderAddress = text(doc="Reply-To: where answers go")
    AdresseExpéditeur = SenderAddress
    ErrorReturnAddress = text(doc="where the server reports what it could not deliver (the envelope's sender)")
    AdresseRetourErreur = ErrorReturnAddress
    ReturnErrorAddress = ErrorReturnAddress

    Recipient = texts(doc="To: an array of addresses")
    Destinataire = Recipient
    Cc = texts(doc="Cc: an array of addresses")
    CC = Cc
    Bcc = texts(doc="recipients that the others do not see: an array of addresses")
    Cci = Bcc

    Subject = text(doc="the subject")
    Sujet = Subject
    Message = text(doc="the plain text; any kind of line end")
    HTML = text(doc="the text in HTML")
    Source = source(doc="the whole message as it is sent; keeps every byte")

    Priority = integer(emailNormalPriority, doc="emailLowPriority, emailNormalPriority or emailHighPriority")
    Priorité = Priority
    Sensitivity = integer(emailNormal, doc="emailNormal, emailPersonal, emailPrivate or emailCompanyConfidential")
    Confidentialité = Sensitivity
    DispositionNotification = boolean(doc="True: ask for a read receipt")
    ConfirmationLecture = DispositionNotification
    ReturnReceipt = boolean(doc="True: ask for a delivery receipt")
    AccuséRéception = ReturnReceipt

    MessageID = text(doc="<id@domain>; used with emailOptionMessageID only")
    Reference = text(doc="the ids of the conversation; used with emailOptionReference only")
    Référence = Reference
    Category = text(doc="keywords, separated by ;")
    Catégorie = Category
    Keywords = Category
    Header: Array[emailHeader] | Any = ArrayField(HeaderArray, "further headers: an array of emailHeader")
    Entête = Header

    RefusedRecipient = texts(doc="after sending: the addresses that the server refused (extension)")
    DestinataireRefusé = RefusedRecipient
    RefusedReason = texts(doc="after sending: the server's answer to each of them (extension)")
    MotifRefus = RefusedReason
    MailIdentifier = integer(doc="after sending in an asynchronous session: the number that EmailStatus takes")
    IdentifiantMail = MailIdentifier
    ID = text(
        doc="the number of a mail as text: after reading the rank (POP3) or UID (IMAP), after sending MailIdentifier"
    )

    Out = boolean(doc="True: the last reading found no mail")
    EnDehors = Out
    RawText = text(doc="after reading: the text of the mail as it was sent, its encoding not undone")
    TexteBrut = RawText
    StableID = text(doc="after reading: the mail's identifier at the server, the same in every session (extension)")
    IdentifiantStable = StableID
    Defect = texts(
        doc="after reading: what is wrong with the form of the mail, which was read all the same (extension)"
    )
    Défaut = Defect
    Calendar = text(doc="after reading: the invitation or other entry for the calendar, as iCalendar (extension)")
    Calendrier = Calendar
    ReportKind = text(
        doc="after reading: 'delivery', 'read' or 'complaint' where a program reports on a mail (extension)"
    )
    TypeRapport = ReportKind
    ReportRecipient = texts(doc="of a report: whom it is about; the arrays below have as many elements (extension)")
    DestinataireRapport = ReportRecipient
    ReportAction = texts(doc="of a report: 'failed', 'delayed', 'delivered' …, 'displayed', 'deleted' … (extension)")
    ActionRapport = ReportAction
    ReportStatus = texts(doc="of a delivery report: the status code, such as '5.1.1' (extension)")
    StatutRapport = ReportStatus
    ReportReason = texts(doc="of a delivery report: what the server said (extension)")
    MotifRapport = ReportReason
    ReportMessageID = text(doc="of a report: the MessageID of the mail that it is about, where it is known (extension)")
    MessageIDRapport = ReportMessageID
    TextFromHTML: str = _TextFromHTMLField("", "what HTML says, as plain text (extension)")  # type: ignore[assignment]
    TexteDepuisHTML = TextFromHTML

    def _title(self, kind: str) -> str:
        return f"Email ({kind})" if self._filled() else f"Email ({kind}, nothing filled)"


# -- the structure ------------------------------------------------------------------------------------------


class _CounterField(IntegerField):
    """How many elements of an array are used: what was set since the last reset, else as many as there are."""

    def __init__(self, counted: str) -> None:
        super().__init__(Integer(0), f"the number of elements of {counted} to use; all unless set")
        self.counted = counted

    def is_filled(self, value: object) -> bool:
        return True

    def __get__(self, variable: Structure | None, owner: type | None = None) -> Any:
        if variable is None:
            return self
        if self.name in variable._values:
            return variable._values[self.name]
        return Integer(len(getattr(variable, self.counted)))


class _ErrorField(Field):
    """The number of this thread's last error, as EmailMsgError takes it."""

    def __get__(self, variable: Structure | None, owner: type | None = None) -> Any:
        return self if variable is None else last_error_number()

    def __set__(self, variable: Structure, value: object) -> None:
        raise AttributeError("Email.Error is read-only; EmailReset leaves it alone", name=self.name)


class EmailStructure(MessageMembers):
    """The Email structure of a thread (page 3032029); scripts reach it as `Email`."""

    _called = "Email"

    NbRecipient: Integer | Any = _CounterField("Recipient")
    NbDestinataire = NbRecipient
    NbCc: Integer | Any = _CounterField("Cc")
    NbBcc: Integer | Any = _CounterField("Bcc")
    NbCci = NbBcc

    Attach: Array[str] | Any = ArrayField(PathArray, "the attachments: an array of paths")
    Attache = Attach
    NbAttach: Integer | Any = _CounterField("Attach")
    NbAttache = NbAttach
    AttachIdentifier = texts(doc="for each attachment: the identifier by which the HTML shows it (cid:…)")
    IdentifiantAttache = AttachIdentifier
    AttachContentType = texts(doc="for each attachment: its MIME type; taken from the extension where it is empty")
    AttacheContentType = AttachContentType
    AttachContentDescription = texts(doc="for each attachment: a description")
    AttacheContentDescription = AttachContentDescription
    AttachNameAsSent = texts(doc="after reading, for each attachment: the name as its sender wrote it (extension)")
    AttacheNomOriginal = AttachNameAsSent

    ReceiveDate = text(doc="after reading: when the mail arrived, in local time, as digits YYYYMMDDHHMMSSCCC")
    DateRéception = ReceiveDate
    ReceptionDate = ReceiveDate

    Error: ErrorNumber | Any = _ErrorField(0, "the number of the last error; EmailMsgError gives its text")
    Erreur = Error

    def __repr__(self) -> str:
        lines = self._lines()
        return listing(self._title("structure of this thread"), lines)


class _Current(_local):
    structure: EmailStructure | None = None


_CURRENT = _Current()


def current() -> EmailStructure:
    """The calling thread's Email structure."""
    structure = _CURRENT.structure
    if structure is None:
        structure = _CURRENT.structure = EmailStructure()
    return structure


# -- the type -----------------------------------------------------------------------------------------------


class _EmailType(type):
    """Forwards the members of `Email` itself to the calling thread's structure."""

    if TYPE_CHECKING:
        # What the structure has and a variable has not.
        AttachIdentifier: Array[str] | Any
        IdentifiantAttache: Array[str] | Any
        AttachContentType: Array[str] | Any
        AttacheContentType: Array[str] | Any
        AttachContentDescription: Array[str] | Any
        AttacheContentDescription: Array[str] | Any
        AttachNameAsSent: Array[str] | Any
        AttacheNomOriginal: Array[str] | Any
        Error: ErrorNumber | Any
        Erreur: ErrorNumber | Any

    else:

        def __getattribute__(cls, name):
            if name in EmailStructure._members:
                return getattr(current(), name)
            return type.__getattribute__(cls, name)

        def __getattr__(cls, name):
            if name.startswith("_"):
                raise AttributeError(f"type object {cls.__name__!r} has no attribute {name!r}", name=name)
            return getattr(current(), name)

        def __setattr__(cls, name, value):
            if name.startswith("_"):
                type.__setattr__(cls, name, value)
            else:
                setattr(current(), name, value)

    def __repr__(cls) -> str:
        return repr(current())

    def _copied(cls) -> Email:
        # Adding the structure to an array stores what is in it now.
        return Email(Email)


class NoDate(str):
    """The date of a mail that has none: "", whose parts are "" too."""

    __slots__ = ()

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            if fold(name) in _DATE_PARTS:
                return ""
            raise AttributeError(f"an empty date has no {name!r}", name=name)


_DATE_PARTS = frozenset(
    (
        *("datepart", "partiedate", "timepart", "partieheure", "year", "annee", "month", "mois", "day", "jour"),
        *("hour", "heure", "minute", "second", "seconde", "millisecond", "milliseconde"),
    )
)


class _MomentField(Field):
    """A DateTime; digits and Python's own dates are converted."""

    def kept(self, value: object) -> object:
        from .date_time import DateTime, datetime, from_digits, local

        if value is None or value == "":
            return self.default
        if isinstance(value, str):
            moment = from_digits(value)
            return value if moment is None else moment
        if isinstance(value, datetime) and not isinstance(value, DateTime):
            return local(value)
        return value

    def shown(self, value: Any) -> str:
        return str(value)


class _CountField(Field):
    """The number of elements of an array of a variable; read-only, for only the structure has counters to set."""

    def __init__(self, counted: str) -> None:
        super().__init__(0, f"the number of elements of {counted} (read-only)")
        self.counted = counted

    def __get__(self, variable: Structure | None, owner: type | None = None) -> Any:
        if variable is None:
            return self
        return Integer(len(getattr(variable, self.counted)))

    def __set__(self, variable: Structure, value: object) -> None:
        raise AttributeError(f"{self.name} of an Email variable is read-only: it counts {self.counted}", name=self.name)


class Email(MessageMembers, EmailMethods, metaclass=_EmailType):
    """A message: `m = Email()` makes a variable, `Email(m)` a copy of one (page 1000018713).

    `Email.Subject = …` without parentheses is a member of the Email structure, of which each thread has one (page
    3032029); the functions use it where no variable is given. `Email(Email)` copies it into a variable.

    Sender, SenderAddress, ErrorReturnAddress     From, Reply-To, and where the server reports failures
    Recipient, Cc, Bcc                            arrays of addresses; NbRecipient, NbCc, NbBcc count them
    Subject, Message, HTML                        the texts; with both the recipient's program chooses
    Attach                                        array of emailAttach; on the structure array of paths, beside it
                                                  AttachIdentifier, AttachContentType, AttachContentDescription
    Priority, Sensitivity, Category               emailHighPriority …, emailPrivate …, keywords between ;
    DispositionNotification, ReturnReceipt        True: ask for a read receipt, for a delivery receipt
    MessageID, Reference                          used with emailOptionMessageID, emailOptionReference
    Header                                        array of emailHeader: further headers
    RefusedRecipient, RefusedReason               after sending: who was refused and why (extension)
    MailIdentifier                                after sending in an asynchronous session: for EmailStatus
    Out                                           after reading: True where there was no mail to read
    ReceiveDate                                   when the mail arrived: a DateTime (DatePart, TimePart …), digits on
                                                  the structure
    Source, RawText                               the whole mail as it was received, and its text not decoded
    ID                                            after reading: the rank of the mail on POP3, its UID on IMAP
    StableID, Defect, TextFromHTML                the server's identifier, what is wrong with its form, HTML as text
                                                  (extensions)
    Calendar; ReportKind, ReportRecipient …       an invitation; a delivery report or read receipt (extensions)
    Error                                         on the structure: the number of the last error

    Arrays start at 1 and grow on assignment; one value assigned to an array is its one element. Every member has a
    French name too, and is found in any case, with or without accents; a name that is no member is refused.
    """

    NbRecipient: Integer | Any = _CountField("Recipient")
    NbDestinataire = NbRecipient
    NbCc: Integer | Any = _CountField("Cc")
    NbBcc: Integer | Any = _CountField("Bcc")
    NbCci = NbBcc

    Attach: Array[emailAttach] | Any = ArrayField(AttachArray, "the attachments: an array of emailAttach")
    Attache = Attach
    NbAttach: Integer | Any = _CountField("Attach")
    NbAttache = NbAttach

    AsynchronousEmailIdentifier = text(doc="MailIdentifier as text")
    IdentifiantEmailAsynchrone = AsynchronousEmailIdentifier

    ReceiveDate: Any = _MomentField(NoDate(), "after reading: when the mail arrived, in local time, as a DateTime")
    DateRéception = ReceiveDate
    ReceptionDate = ReceiveDate

    def __init__(self, message: Email | type[Email] | EmailStructure | None = None, /, **members: Any) -> None:
        super().__init__()
        if message is not None:
            _fill(self, message_of(message))
        for name, value in members.items():
            setattr(self, name, value)

    def __repr__(self) -> str:
        lines = self._lines()
        return listing(self._title("variable"), lines)


# -- for those who send -------------------------------------------------------------------------------------


def message_of(argument: object) -> Email | EmailStructure:
    """The message that an optional Email parameter stands for: none and `Email` itself mean the thread's structure."""
    if argument is None or argument is Email:
        return current()
    if isinstance(argument, (Email, EmailStructure)):
        return argument
    raise InvalidValue("Email", f"an Email variable is expected, not a {type(argument).__name__}")


def as_message(value: object) -> Email | EmailStructure | None:
    """The message that a value is, `Email` itself being the thread's structure; None for anything else."""
    if value is Email:
        return current()
    return value if isinstance(value, (Email, EmailStructure)) else None


def entries(message: Email | EmailStructure, member: str) -> list[Any]:
    """The elements of an array member that count: those up to its counter, where a counter was set."""
    array = list(getattr(message, member))
    counter = message._values.get(f"Nb{member}")
    if counter is None:
        return array
    if not isinstance(counter, int):
        raise InvalidValue(f"Nb{member}", "an integer is expected")
    return array[: max(counter, 0)]


def attachments(message: Email | EmailStructure) -> list[emailAttach]:
    """The attachments that count, each as an emailAttach (`path_of` tells which are files), blank ones left out.

    Those of a variable are its own; those of the structure are made from its paths and the arrays beside them.
    """
    if isinstance(message, Email):
        return list(message.Attach)
    made = []
    for place, entry in enumerate(entries(message, "Attach")):
        if entry == "":
            continue
        if not isinstance(entry, str):
            raise InvalidValue(f"Attach[{place + 1}]", f"a path is expected, not a {type(entry).__name__}")
        attachment = entry.attachment if isinstance(entry, AttachedName) else file_attachment(entry)
        for member, array in (
            ("Identifier", message.AttachIdentifier),
            ("ContentType", message.AttachContentType),
            ("ContentDescription", message.AttachContentDescription),
        ):
            given = list(array)[place : place + 1]
            if given and given[0] != "":
                setattr(attachment, member, given[0])
        made.append(attachment)
    return made


def reset(message: Email | EmailStructure) -> None:
    """Give every member its default, and let the counters be derived again."""
    clear(message)


def _fill(variable: Email, message: Email | EmailStructure) -> None:
    if isinstance(message, Email):
        copy: Email = message._copied()
        variable._values, variable._loader = copy._values, copy._loader
        return
    message._load_all()
    for name, field in Email._members.items():
        if name == field.name and not isinstance(field, (_CountField, _TextFromHTMLField)):
            if name == "Attach":
                variable.Attach = attachments(message)
            elif isinstance(field, ArrayField):
                setattr(variable, name, entries(message, name))
            elif name in message._values:
                setattr(variable, name, message._values[name])
    if message._loader is not None:
        variable._loader = message._loader.copied()
