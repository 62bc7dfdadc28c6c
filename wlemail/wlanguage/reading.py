"""Reading a mailbox: mail by mail, all at once, searching, counting, deleting (pages 3032004 to 3032131, 1000018727).

The work is in `mailbox.py`, which is imported when something is first read.
"""

from __future__ import annotations

from .arrays import Array
from .boundary import wl_function
from .constants import ertHeader
from .values import OMITTED, Omitted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from .email_variable import Email as EmailType
    from .session_variables import SessionVariable

    AnySession: TypeAlias = str | SessionVariable
    AnyEmail: TypeAlias = EmailType | type[EmailType]
    #: a reading mode may stand in the place of the Email
    EmailOrMode: TypeAlias = EmailType | type[EmailType] | int | str | None
    Mode: TypeAlias = int | str | None


# -- whole mails --------------------------------------------------------------------------------------------------


@wl_function(on_error=False)
def EmailReadFirst(Session: AnySession, Email: EmailOrMode = None, ReadMode: Mode = None, Type: str = "IPM") -> bool:
    """Read the first (oldest) mail of a mailbox.

    EmailReadFirst(Session [, Email [, ReadMode [, Type]]])
    EmailReadFirst(Session, ReadMode)

    Session   the user name that the session was opened with, or a session variable.
    Email     the Email variable to fill; the Email structure where none is given.
    ReadMode  emailAll or "ALL": all mails (the default); emailNotRead or "NOT READ": those that were not read (IMAP).
    Type      accepted; it means something to Outlook alone.

    On IMAP the mail counts as read then; header readers leave that alone. The oldest is the one that came into the
    folder first.

    All members get what the mail says, or their default (Bcc is emptied); a mail with faults is read as well as it can
    be, and Defect lists them. Attachments have safe, unique names; EmailSaveAttachment writes them.

    Result: True: a mail was read. False with Out True: there is none; ErrorOccurred stays False. False with Out and
    ErrorOccurred True: reading failed, for the reason in ErrorInfo(). With a variable the structure gets Out too.

    French: EmailLitPremier. WLanguage page 3032014.
    """
    from . import mailbox

    return mailbox.read_by_cursor(Session, Email, ReadMode, mailbox.FIRST)


@wl_function(on_error=False)
def EmailReadNext(Session: AnySession, Email: EmailOrMode = None, ReadMode: Mode = None, Type: str = "IPM") -> bool:
    """Read the mail behind the current one; the first where none was read yet.

    EmailReadNext(Session [, Email [, ReadMode [, Type]]])
    EmailReadNext(Session, ReadMode)

    After the last mail: False with Out True, and the call after that reads the first again. Mails that this session
    deleted are passed over. On IMAP new mail comes behind the others, while one reads. Arguments and result are those
    of EmailReadFirst.

    French: EmailLitSuivant. WLanguage page 3032004.
    """
    from . import mailbox

    return mailbox.read_by_cursor(Session, Email, ReadMode, mailbox.NEXT)


@wl_function(on_error=False)
def EmailReadPrevious(Session: AnySession, Email: EmailOrMode = None, ReadMode: Mode = None) -> bool:
    """Read the mail before the current one.

    EmailReadPrevious(Session [, Email [, ReadMode]])

    Before the first mail: False with Out True, and the current mail stays. Mails that this session deleted are passed
    over. Arguments and result are those of EmailReadFirst.

    French: EmailLitPrécédent. WLanguage page 3032008.
    """
    from . import mailbox

    return mailbox.read_by_cursor(Session, Email, ReadMode, mailbox.PREVIOUS)


@wl_function(on_error=False)
def EmailReadLast(Session: AnySession, Email: EmailOrMode = None, ReadMode: Mode = None) -> bool:
    """Read the last (newest) mail of a mailbox.

    EmailReadLast(Session [, Email [, ReadMode]])

    Arguments and result are those of EmailReadFirst.

    French: EmailLitDernier. WLanguage page 3032010.
    """
    from . import mailbox

    return mailbox.read_by_cursor(Session, Email, ReadMode, mailbox.LAST)


@wl_function(on_error=False)
def EmailReadMessage(
    Session: AnySession, Email: AnyEmail | int | str | None, Number: int | str | Omitted = OMITTED
) -> bool:
    """Read the mail of a number. The current mail of the session stays where it is.

    EmailReadMessage(Session, Number)
    EmailReadMessage(Session, Email, Number)

    Number  on POP3 the rank, from 1 to EmailNbMessage(Session), the same until the session is closed; on IMAP the UID,
            which Email.ID holds after reading and which stays the same for good in its folder.

    A number that does not exist, or whose mail was deleted: False with Out True, and no error. Other arguments and the
    result are those of EmailReadFirst.

    French: EmailLitMessage. WLanguage page 3032016.
    """
    from . import mailbox

    return mailbox.read_number(Session, Email, Number)


# -- headers alone --------------------------------------------------------------------------------------------------


@wl_function(on_error=False)
def EmailReadFirstHeader(Session: AnySession, Email: EmailOrMode = None, ReadMode: Mode = None) -> bool:
    """Read the header of the first mail, without texts and attachments.

    EmailReadFirstHeader(Session [, Email [, ReadMode]])

    Message, HTML, RawText and Attach stay empty, Source is the header. The current mail is the same for the functions
    that read headers and those that read whole mails. Arguments and result are those of EmailReadFirst.

    French: EmailLitEntêtePremier. WLanguage page 3032013.
    """
    from . import mailbox

    return mailbox.read_by_cursor(Session, Email, ReadMode, mailbox.FIRST, headers_only=True)


@wl_function(on_error=False)
def EmailReadNextHeader(Session: AnySession, Email: EmailOrMode = None, ReadMode: Mode = None) -> bool:
    """Read the header of the mail behind the current one; of the first where none was read yet, or after the end.

    EmailReadNextHeader(Session [, Email [, ReadMode]]); see EmailReadFirstHeader and EmailReadNext.

    French: EmailLitEntêteSuivant. WLanguage page 3032018.
    """
    from . import mailbox

    return mailbox.read_by_cursor(Session, Email, ReadMode, mailbox.NEXT, headers_only=True)


@wl_function(on_error=False)
def EmailReadPreviousHeader(Session: AnySession, Email: EmailOrMode = None, ReadMode: Mode = None) -> bool:
    """Read the header of the mail before the current one.

    EmailReadPreviousHeader(Session [, Email [, ReadMode]]); see EmailReadFirstHeader and EmailReadPrevious.

    French: EmailLitEntêtePrécédent. WLanguage page 3032019.
    """
    from . import mailbox

    return mailbox.read_by_cursor(Session, Email, ReadMode, mailbox.PREVIOUS, headers_only=True)


@wl_function(on_error=False)
def EmailReadLastHeader(Session: AnySession, Email: EmailOrMode = None, ReadMode: Mode = None) -> bool:
    """Read the header of the last mail.

    EmailReadLastHeader(Session [, Email [, ReadMode]]); see EmailReadFirstHeader and EmailReadLast.

    French: EmailLitEntêteDernier. WLanguage page 3032015.
    """
    from . import mailbox

    return mailbox.read_by_cursor(Session, Email, ReadMode, mailbox.LAST, headers_only=True)


@wl_function(on_error=False)
def EmailReadMessageHeader(
    Session: AnySession, Email: AnyEmail | int | str | None, Number: int | str | Omitted = OMITTED
) -> bool:
    """Read the header of the mail of a number; the current mail of the session stays where it is.

    EmailReadMessageHeader(Session, Number)
    EmailReadMessageHeader(Session, Email, Number)

    See EmailReadFirstHeader and EmailReadMessage.

    French: EmailLitEntêteMessage. WLanguage page 3032012.
    """
    from . import mailbox

    return mailbox.read_number(Session, Email, Number, headers_only=True)


# -- searching ------------------------------------------------------------------------------------------------------


@wl_function(on_error=False)
def EmailSeekFirst(
    Session: AnySession,
    Email: AnyEmail | int | str | None,
    Part: int | str,
    Value: str | int | Omitted | None = OMITTED,
    ReadMode: Mode = None,
) -> bool:
    """Read the first mail of the current folder that holds a text (IMAP).

    EmailSeekFirst(Session, Part, Value [, ReadMode])
    EmailSeekFirst(Session, Email, Part, Value [, ReadMode])

    Part      emailSubject, emailSender, emailRecipient (To), emailBody, emailMessageID; added up where the text may be
              in any of them.
    Value     the text, in any case; with accents too.
    ReadMode  emailNotRead or "NOT READ": among the mails that were not read.

    EmailReadNext and EmailReadPrevious then go through the mails that were found, until EmailReadFirst, EmailReadLast
    or EmailChangeFolder. The server searches: how it compares and how far it looks into attachments is its affair.

    Result: True: a mail was found and read, as by EmailReadFirst. False with Out True: there is none; ErrorOccurred
    stays False. False with Out and ErrorOccurred True: searching failed, for the reason in ErrorInfo().

    French: EmailCherchePremier. WLanguage page 3032131.
    """
    from . import mailbox

    if mailbox.is_part(Email):
        # The Email was left out, and everything else moved one place to the left.
        if not isinstance(Value, Omitted):
            ReadMode = Value
        return mailbox.seek_first(Session, None, Email, Part, ReadMode)
    if isinstance(Value, Omitted):
        raise TypeError("EmailSeekFirst(Session, Email, Part, Value) needs a text to search for")
    return mailbox.seek_first(Session, Email, Part, Value, ReadMode)


# -- all mails ------------------------------------------------------------------------------------------------------


@wl_function(on_error=Array)
def EmailGetAll(Session: AnySession, Options: int | str | None = ertHeader) -> Array[EmailType]:
    """All mails of a mailbox, the oldest first, in an array of Email.

    Session  the user name that the session was opened with, or a session variable.
    Options  ertHeader (the default): headers; texts and attachments of a mail are fetched when one of them is read.
             ertFull: whole mails at once. ertNotRead, alone or added: those that were not read (IMAP).
             ertAsynchronous, alone or added: the array comes back at once, and a thread fetches; a mail that is touched
             earlier is fetched then.

    Changing a member of a mail before its texts were fetched cancels that: they stay empty. Texts that cannot be
    fetched read as "", and ErrorOccurred is then True. On IMAP it is the mails of the current folder; one whose texts
    are fetched counts as read. A mail that the server refuses to give is in the array too: its members read as "" and
    set the error.

    Result: the array; empty, with ErrorOccurred True and the reason in ErrorInfo(), where fetching failed.

    French: EmailRécupèreTout. Prefix form: Session.GetAll([Options]). WLanguage page 1000018727.
    """
    from . import mailbox

    return mailbox.all_mails(Session, Options)


@wl_function(on_error=None)
def ForEach(Walk: object) -> EmailType | None:
    """One step of `for mail in session`: the next mail, None at the end or after a failure.

    Mails that the server refuses to give are passed over; at the end ErrorOccurred is True then."""
    from . import mailbox

    assert isinstance(Walk, mailbox.Walk)
    return Walk.next()


# -- counting, measuring, deleting ----------------------------------------------------------------------------------


@wl_function(on_error=-1)
def EmailNbMessage(Session: AnySession) -> int:
    """How many mails a mailbox has.

    On POP3 it is the number at the opening: neither deletions nor new mail change it until the session is closed and
    opened again. On IMAP it is what the current folder holds now, mails that are marked as deleted included.

    Result: the number, or -1 with ErrorOccurred True and the reason in ErrorInfo().

    The same name in French. Prefix form: Session.NbMessage(). WLanguage page 3032024.
    """
    from . import mailbox

    return mailbox.count(Session)


@wl_function(on_error=-1)
def EmailMessageLength(Session: AnySession, Number: int | str | Omitted | None = OMITTED) -> int:
    """The size of a mail in bytes, attachments included, without fetching it.

    Number  on POP3 the rank, on IMAP the UID; the mail that was read last where none is given.

    Result: the size, or -1 with ErrorOccurred True and the reason in ErrorInfo().

    French: EmailTailleMessage. WLanguage page 3032030.
    """
    from . import mailbox

    return mailbox.length(Session, Number)


@wl_function(on_error=False)
def EmailDeleteMessage(Session: AnySession, Email: AnyEmail | int | str | Omitted | None = OMITTED) -> bool:
    """Delete a mail of a mailbox.

    EmailDeleteMessage(Session)          the mail that was read last
    EmailDeleteMessage(Session, Email)   the mail that was read into that Email in this session
    EmailDeleteMessage(Session, Number)  the mail of that number

    On POP3 it takes place when the session is closed; while a loop reads mails nobody waits for the server's word, and
    what it refuses is told by the next EmailDeleteMessage, or by EmailCloseSession. On IMAP the mail is marked as
    deleted at once, and EmailExpunge removes it. Numbers stay as they are, the current mail too: EmailReadNext and
    EmailReadPrevious go on from it. Out becomes True.

    Result: True, or False with ErrorOccurred True and the reason in ErrorInfo() (an Email that was not read from this
    session, a mail that is deleted already).

    French: EmailSupprimeMessage. WLanguage page 3032027.
    """
    from . import mailbox

    mailbox.delete(Session, Email)
    return True
