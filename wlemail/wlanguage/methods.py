"""Prefix syntax: `Session.SendMessage(m)` for `EmailSendMessage(Session, m)` (index page 1000022311).

Each method calls the function of its name with itself as the first argument; the functions are imported when a method
is used, since they know the variables.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .email_variable import Email


class EmailMethods:
    """The methods of an Email variable."""

    def BuildSource(self: Any, Options: int = 0) -> bool:
        """EmailBuildSource(Email [, Options]). French: ConstruitSource. WLanguage page 1000022278."""
        from .messages import EmailBuildSource

        return EmailBuildSource(self, Options)

    def LoadAttachment(self: Any, FilePath: str) -> int:
        """EmailLoadAttachment(Email, FilePath). French: ChargeFichierAttaché. WLanguage page 1000022277."""
        from .messages import EmailLoadAttachment

        return EmailLoadAttachment(self, FilePath)

    def ImportHTML(self: Any, HTML: str, Directory: str) -> None:
        """EmailImportHTML(Email, HTML, Directory). French: ImporteHTML. WLanguage page 1000022287."""
        from .messages import EmailImportHTML

        EmailImportHTML(self, HTML, Directory)

    ConstruitSource = BuildSource
    ImporteHTML = ImportHTML
    ChargeFichierAttaché = ChargeFichierAttache = LoadAttachment


class SMTPSessionMethods:
    """The methods of an emailSMTPSession."""

    def StartSession(self: Any) -> bool:
        """EmailStartSession(Session). French: OuvreSession. WLanguage page 1000022306."""
        from .sessions import EmailStartSession

        return EmailStartSession(self)

    def SendMessage(self: Any, Email: Email | None = None, Options: int = 0) -> bool:
        """EmailSendMessage(Session [, Email [, Options]]). French: EnvoieMessage. WLanguage page 1000022314."""
        from .sending import EmailSendMessage

        return EmailSendMessage(self, Email, Options)

    def CloseSession(self: Any) -> None:
        """EmailCloseSession(Session). French: FermeSession. WLanguage page 1000022286."""
        from .sessions import EmailCloseSession

        EmailCloseSession(self)

    OuvreSession = StartSession
    EnvoieMessage = SendMessage
    FermeSession = CloseSession
