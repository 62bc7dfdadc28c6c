"""Writing the parts of a mail to disk: attachments, and HTML with its images (pages 3032020, 1000026173)."""

from __future__ import annotations

from .boundary import wl_function
from .email_variable import AttachedName, attachments, content_of, current, emailAttach, message_of
from .values import text_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .email_variable import Email


@wl_function(on_error=False)
def EmailSaveAttachment(Attachment: emailAttach | str, TargetPath: str) -> bool:
    """Write an attachment to a file.

    EmailSaveAttachment(Attachment, TargetPath)   an emailAttach variable, such as m.Attach[1]
    EmailSaveAttachment(AttachName, TargetPath)   a name of the Email structure's Attach

    TargetPath  absolute or relative. A file that is there is replaced, and is never seen half written; a directory gets
                the attachment under its own (safe) name. Missing directories are not made.

    Result: True, or False with ErrorOccurred True and the reason in ErrorInfo().

    French: EmailSauveFichierAttaché. Prefix form: Attachment.SaveAttachment(TargetPath). WLanguage page 3032020.
    """
    from ..errors import InvalidValue
    from ..mail.saving import save_file

    attachment = Attachment if isinstance(Attachment, emailAttach) else _named(text_value("AttachName", Attachment))
    path = text_value("TargetPath", TargetPath)
    if not path:
        raise InvalidValue("TargetPath", "no file is given")
    save_file(path, text_value("Name", attachment.Name), content_of(attachment))
    return True


@wl_function(on_error="")
def EmailExportHTML(Email: Email | type[Email], Directory: str) -> str:
    """The HTML text of a mail as a browser shows it: its images are written to a directory, beside which it is right.

    Email      an Email variable (or the structure).
    Directory  where the images go; it is made where it is missing. Files that are there stay: an image whose name is
               taken gets the suffix _1, _2 … Nothing is written outside.

    In the result `cid:` references to images of the mail are `./file`; nothing else changes. The text itself is not
    written: fSaveText does that.

    Result: the text; "" with ErrorOccurred True and the reason in ErrorInfo() where an image cannot be written.

    French: EmailExporteHTML. Prefix form: Email.ExportHTML(Directory). WLanguage page 1000026173.
    """
    from functools import partial

    from ..errors import InvalidValue
    from ..mail.html_export import Image, export_html

    message = message_of(Email)
    directory = text_value("Directory", Directory)
    if not directory:
        raise InvalidValue("Directory", "no directory is given")
    if message._loader is not None:
        message._loader.require(message)
    images = [
        Image(text_value("Identifier", one.Identifier), text_value("Name", one.Name), partial(content_of, one))
        for one in attachments(message)
    ]
    return export_html(text_value("HTML", message.HTML), images, directory)


def _named(name: str) -> emailAttach:
    """The attachment of that name in the Email structure; what reading put there knows its part by itself."""
    if isinstance(name, AttachedName):
        return name.attachment
    here = attachments(current())
    for same in (str, str.casefold):
        for attachment in here:
            if same(text_value("Name", attachment.Name)) == same(name):
                return attachment
    for attachment in here:
        if attachment.NameAsSent == name or attachment._path == name:
            return attachment
    from ..errors import AttachmentMissing

    raise AttachmentMissing(name, in_mail=True)
