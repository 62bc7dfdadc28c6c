"""Making a message without sending it, and taking one apart (pages 1000017225, 1000017226, 1000019126, 3032038)."""

from __future__ import annotations

from .boundary import wl_function
from .constants import emailOptionHeaderBcc, emailOptionNoCID
from .email_variable import Email as EmailType
from .email_variable import EmailStructure, emailAttach, entries, file_bytes, message_of
from .log import warn
from .values import OMITTED, Integer, Omitted, buffer_value, int_value, text_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..mail.draft import DraftAttachment
    from .email_variable import Email

#: Characters of a reference that a warning shows: one may be a whole image in base64.
_SHOWN = 200


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


@wl_function(on_error=False)
def EmailImportSource(Email: Email | type[Email] | None = None) -> bool:
    """Take the whole message in the Source member (the content of an .eml file) apart into the other members.

    Email  an Email variable; the Email structure where none is given.

    Source is text or bytes, with any line ends. What has faults is read as well as it can be, and Defect lists them;
    only an empty source is a failure. Members that the message does not speak of get their default.

    Result: True, or False with ErrorOccurred True and the reason in ErrorInfo().

    French: EmailImporteSource. Prefix form: Email.ImportSource(). WLanguage page 1000017226.
    """
    from ..errors import InvalidValue
    from .absorbed import Received, fill

    message = message_of(Email)
    source = buffer_value("Source", message.Source)
    if not source.strip():
        raise InvalidValue("Source", "it is empty: there is no message to import")
    fill(message, Received(source, whole=True))
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
    from ..errors import InvalidValue

    message = message_of(Email)
    path = text_value("FilePath", FilePath)
    if not path:
        raise InvalidValue("FilePath", "no file is given")
    name = path.replace("\\", "/").rpartition("/")[2]
    return Integer(message.Attach.Add(emailAttach(Name=name, Content=file_bytes(path))))


@wl_function(on_error=None, error_state="keeps")
def EmailImportHTML(Email: Email | type[Email] | str, HTML: str, Directory: str | int | Omitted = OMITTED, /) -> None:
    """Take an HTML text into the HTML member, with the images that it shows as attachments.

    EmailImportHTML(HTML, Directory [, Options])   into the Email structure
    EmailImportHTML(Email, HTML, Directory)        into an Email variable

    Directory  where relative paths of images begin; "" is the current directory.
    Options    emailOptionDefault: identifiers that no other message has; emailOptionNoCID: wdcid1, wdcid2 …, by the
               place of the attachment, the same after each import.

    Images are what `src`, `srcset` and `background` of tags and `url(…)` of styles name. Each is added behind the
    attachments that are there already (the structure gets its path, a variable its content as it is now), once even if
    it is shown twice, and the text refers to it by cid:; nothing else in the text changes. A variable also gets the
    images that are inside the text (data:…;base64). Other attachments have to be added before. Message stays as it is.

    Paths may be written as in URLs or as in Windows, in any case. Nothing outside the directory is read and nothing is
    fetched from the network: references to http:, cid: and the like stay. A reference to a file that is missing, no
    image, or outside the directory stays too, and a warning in the log (wlemail) names it. Style sheets in files of
    their own (<link>) are not taken: mail programs do not read them.

    There is no result; after a failure (no such directory) the message is as it was and ErrorOccurred is True.

    French: EmailImporteHTML. Prefix form: Email.ImportHTML(HTML, Directory). WLanguage page 3032038.
    """
    if Email is EmailType or isinstance(Email, (EmailType, EmailStructure)):
        if isinstance(Directory, Omitted):
            raise TypeError("EmailImportHTML(Email, HTML, Directory) needs a directory")
        _import_html(message_of(Email), HTML, Directory, 0)
    else:
        options = 0 if isinstance(Directory, Omitted) else int_value("Options", Directory, 0)
        _import_html(message_of(None), Email, HTML, options)


def _import_html(message: EmailType | EmailStructure, html: object, directory: object, options: int) -> None:
    """Everything is read before the message changes."""
    from ..mail.html_import import import_html, unique_identifiers

    attached = len(entries(message, "Attach"))

    def by_place(number: int) -> str:
        return f"wdcid{attached + number}"

    imported = import_html(
        text_value("HTML", html),
        text_value("Directory", directory),
        by_place if options & emailOptionNoCID else unique_identifiers(),
        embedded=isinstance(message, EmailType),
    )
    if isinstance(message, EmailType):
        for attachment in [_loaded(image) for image in imported.images]:
            message.Attach.Add(attachment)
    else:
        for rank, image in enumerate(imported.images, attached + 1):
            _attach_path(message, rank, image)
    message.HTML = imported.html
    for reference, why in imported.left.items():
        shown = reference if len(reference) <= _SHOWN else reference[:_SHOWN] + "…"
        warn("EmailImportHTML: the image %r is not sent with the message: %s", shown, why)


def _loaded(image: DraftAttachment) -> emailAttach:
    return emailAttach(
        Name=image.name,
        Content=file_bytes(image.path) if image.path else image.content,
        ContentType=image.content_type,
        Identifier=image.identifier,
    )


def _attach_path(message: EmailStructure, rank: int, image: DraftAttachment) -> None:
    """Put an image at its place in the structure's arrays; what an earlier message left at that place goes."""
    message.Attach[rank] = image.path
    message.AttachIdentifier[rank] = image.identifier
    if image.content_type or len(message.AttachContentType) >= rank:
        message.AttachContentType[rank] = image.content_type
    if len(message.AttachContentDescription) >= rank:
        message.AttachContentDescription[rank] = ""
    if "NbAttach" in message._values:
        message.NbAttach = rank
