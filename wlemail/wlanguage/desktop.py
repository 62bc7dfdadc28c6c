"""The computer's own mail program, opened with a message to be finished there (pages 1000019564, 3032021)."""

from __future__ import annotations

from .boundary import wl_function
from .email_variable import message_of
from .values import text_value


@wl_function(on_error=None, error_state="keeps")
def EmailRunApp() -> None:
    """Open the mail program of this computer with what the Email structure holds, for the user to finish and send.

    Recipient, Cc, Bcc, Subject, Message and Attach are handed over (with attachments: as a draft file in the temporary
    folder, HTML included). The call does not wait for the user, and nothing tells whether the mail was sent.

    There is no result; ErrorOccurred is True where an address is invalid, a file is missing, or no mail program can be
    opened, for instance on a server without a desktop.

    French: EmailLanceAppli. WLanguage page 1000019564.
    """
    from ..mail.desktop import open_draft
    from .translate import to_draft

    open_draft(to_draft(message_of(None)))


@wl_function(on_error=None, error_state="keeps")
def EmailOpenMail(Address: str = "", Subject: str = "", Body: str = "") -> None:
    """Open the mail program of this computer with a new mail, for the user to finish and send.

    Address  an address, or several with ; or , between them.

    The call does not wait for the user, and nothing tells whether the mail was sent. There is no result; ErrorOccurred
    is True where an address is invalid, or no mail program can be opened.

    French: EmailOuvreMessagerie. WLanguage page 3032021.
    """
    from ..mail.desktop import open_draft
    from ..mail.draft import Draft

    open_draft(
        Draft(
            to=[text_value("Address", Address)],
            subject=text_value("Subject", Subject),
            text=text_value("Body", Body),
        )
    )
