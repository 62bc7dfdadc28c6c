"""Making a message without sending it (pages 1000017225, 1000019126)."""

from __future__ import annotations

from .boundary import wl_function
from .constants import emailOptionHeaderBcc
from .email_variable import emailAttach, message_of
from .values import Integer, int_value, text_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .email_variable import Email


@wl_function(on_error=False)
def EmailBuildSource(Email: Email | type[Email] | None = None, Options: int | None = 0) -> bool:
    """Build the whole message (headers, texts, attachments) into the Source member.

    Email    an Email variable; the Email structure where none is given.
    Options  emailOptionHeaderBcc: the hidden recipients are written as a Bcc header, which they are not otherwise;
             emailOptionMessageID, emailOptionReference: as for EmailSendMessage; emailOptionEncodeHeader: accepted
             (headers are always encoded). Added up.

    No session is needed; sender and recipients may be missing. The source is complete MIME in ASCII, with CR LF line
    ends, and can be saved (fSaveText) and sent by EmailSend.

    Result: True, or False with ErrorOccurred True and the reason in ErrorInfo().

    French: EmailConstruitSource. Prefix form: Email.BuildSource([Options]). WLanguage page 1000017225.
    """
    from ..mail.compose import compose
    from .translate import to_draft

    message = message_of(Email)
    options = int_value("Options", Options, 0)
    draft = to_draft(message, options)
    composed = compose(draft, include_bcc=bool(options & emailOptionHeaderBcc), complete=False)
    message.Source = b"".join(composed.chunks())
    return True


@wl_function(on_error=-1)
def EmailLoadAttachment(Email: Email, FilePath: str) -> int:
    """Add a file to the attachments of an Email variable: its name and its content as it is now.

    Email     an Email variable (the structure takes paths: Email.Attach[1] = path).
    FilePath  absolute, relative or UNC; no wildcards.

    Result: the rank of the attachment in Email.Attach (the first is 1), or -1 with ErrorOccurred True and the reason in
    ErrorInfo().

    French: EmailChargeFichierAttaché. Prefix form: Email.LoadAttachment(FilePath). WLanguage page 1000019126.
    """
    from ..errors import AttachmentMissing, AttachmentUnreadable, InvalidValue

    message = message_of(Email)
    path = text_value("FilePath", FilePath)
    if not path:
        raise InvalidValue("FilePath", "no file is given")
    try:
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError as problem:
        raise AttachmentMissing(path) from problem
    except (OSError, ValueError) as problem:
        raise AttachmentUnreadable(path, getattr(problem, "strerror", None) or str(problem)) from problem
    name = path.replace("\\", "/").rpartition("/")[2]
    return Integer(message.Attach.Add(emailAttach(Name=name, Content=content)))
