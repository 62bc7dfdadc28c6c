"""Sending what the Email structure or a variable holds (pages 3032005, 3032003, 3032023)."""

from __future__ import annotations

from .boundary import wl_function
from .constants import emailError
from .email_variable import message_of, reset
from .late import Late
from .values import int_value, text_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import delivery, queueing
    from .email_variable import Email
    from .session_variables import emailSMTPSession
else:
    delivery = Late("delivery")
    queueing = Late("queueing")


@wl_function(on_error=False)
def EmailSendMessage(
    Session: str | emailSMTPSession, Email: Email | type[Email] | None = None, Options: int | None = 0
) -> bool:
    """Send a message through an open session.

    EmailSendMessage(Session)                      sends what the Email structure holds
    EmailSendMessage(Session, Email [, Options])   sends what the variable holds

    Session  the user name that the session was opened with, or a session variable.
    Options  emailOptionMessageID: use the MessageID member; emailOptionReference: use the Reference member;
             emailOptionEncodeHeader: accepted (headers are always encoded). Added up.

    Needs a sender and a recipient (Sender; Recipient, Cc or Bcc); Subject, Message, HTML and Attach are optional. A
    missing attachment, an invalid address or a line break in one fails the call before anything is sent.

    Result: True once the server has taken the message, or False with ErrorOccurred True and the reason in ErrorInfo(),
    the server's reply included. Where only some recipients are refused the message leaves for the others and the
    result is True: see the members RefusedRecipient and RefusedReason.

    In an asynchronous session True means that the message is safely in the outbox, attachments included: it leaves by
    itself, and is tried again where that may help. EmailStatus(MailIdentifier) tells what became of it.

    French: EmailEnvoieMessage. Prefix form: Session.SendMessage([Email [, Options]]). WLanguage page 3032005.
    """
    delivery.send_message(Session, message_of(Email), int_value("Options", Options, 0))
    return True


@wl_function(on_error=False)
def EmailSend(Username: str | emailSMTPSession, FileName: str) -> bool:
    """Send a file that holds a complete message (RFC 5322) as it is; only its line ends are made CR LF.

    Username  the user name that the session was opened with, or a session variable.
    FileName  the file. A large one is read in pieces while it is sent.

    The envelope comes from the Email structure, not from the file: Sender (or the members that stand in for it),
    Recipient and Cc. Bcc is not used; a warning is logged where it is filled.

    Result: True once the server has taken the message (in an asynchronous session: once it is safely in the outbox, see
    EmailSendMessage), or False with ErrorOccurred True and the reason in ErrorInfo().

    French: EmailEnvoie. WLanguage page 3032003.
    """
    delivery.send_file(Username, text_value("FileName", FileName), message_of(None))
    return True


@wl_function(on_error=emailError)
def EmailStatus(Identifier: int | str | Email | type[Email]) -> int:
    """What became of a mail that an asynchronous session took.

    EmailStatus(Identifier)   Identifier is the MailIdentifier that the mail got (also ID, AsynchronousEmailIdentifier)
    EmailStatus(Email)        the mail that an Email variable or the Email structure queued last; says in its members
                              RefusedRecipient and RefusedReason who will not get it (extension)

    emailPending  it waits, is being sent, or will be tried again
    emailSent     the server took it, for some of its recipients at least
    emailError    it will not be sent: ErrorOccurred is True, and ErrorInfo() gives the reason, the server's reply
                  included. The same for an identifier that the outbox does not know.

    Answers from the outbox that is set now (emailParameterOutbox), for what other programs queued too, and after a
    restart; no session needs to be open.

    French: EmailEtat. WLanguage page 3032009.
    """
    return queueing.status_of(Identifier)


@wl_function(on_error=None, error_state="keeps")
def EmailReset(Email: Email | type[Email] | None = None) -> None:
    """Empty every member of an Email variable, or of the Email structure where none is given.

    Sessions, the time-out and a standing error are left alone. There is no result.

    French: EmailRAZ. WLanguage page 3032023.
    """
    reset(message_of(Email))
