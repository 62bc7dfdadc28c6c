"""Prefix syntax: `Session.SendMessage(m)` for `EmailSendMessage(Session, m)` (index page 1000022311).

Each method calls the function of its name with itself as the first argument; the functions are imported when a method
is used, since they know the variables.
"""

from __future__ import annotations

from .constants import LstFolderNormal, ertHeader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .arrays import Array
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

    def ImportSource(self: Any) -> bool:
        """EmailImportSource(Email). French: ImporteSource. WLanguage page 1000022288."""
        from .messages import EmailImportSource

        return EmailImportSource(self)

    def ExportHTML(self: Any, Directory: str) -> str:
        """EmailExportHTML(Email, Directory). French: ExporteHTML. WLanguage page 1000026178."""
        from .attachments import EmailExportHTML

        return EmailExportHTML(self, Directory)

    ImporteSource = ImportSource
    ExporteHTML = ExportHTML
    ConstruitSource = BuildSource
    ImporteHTML = ImportHTML
    ChargeFichierAttaché = ChargeFichierAttache = LoadAttachment


class AttachMethods:
    """The methods of an emailAttach."""

    def SaveAttachment(self: Any, TargetPath: str) -> bool:
        """EmailSaveAttachment(Attachment, TargetPath). French: SauveFichierAttaché. WLanguage page 1000022289."""
        from .attachments import EmailSaveAttachment

        return EmailSaveAttachment(self, TargetPath)

    SauveFichierAttaché = SauveFichierAttache = SaveAttachment


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


class POP3SessionMethods:
    """The methods of an emailPOP3Session."""

    def StartSession(self: Any) -> bool:
        """EmailStartSession(Session). French: OuvreSession. WLanguage page 1000022305."""
        from .sessions import EmailStartSession

        return EmailStartSession(self)

    def NbMessage(self: Any) -> int:
        """EmailNbMessage(Session). The same name in French. WLanguage page 1000022298."""
        from .reading import EmailNbMessage

        return EmailNbMessage(self)

    def GetAll(self: Any, Options: int = ertHeader) -> Array[Email]:
        """EmailGetAll(Session [, Options]). French: RécupèreTout. WLanguage page 1000022310."""
        from .reading import EmailGetAll

        return EmailGetAll(self, Options)

    def CloseSession(self: Any) -> None:
        """EmailCloseSession(Session). French: FermeSession. WLanguage page 1000022283."""
        from .sessions import EmailCloseSession

        EmailCloseSession(self)

    OuvreSession = StartSession
    RécupèreTout = RecupereTout = GetAll
    FermeSession = CloseSession


class IMAPSessionMethods:
    """The methods of an emailIMAPSession."""

    def StartSession(self: Any) -> bool:
        """EmailStartSession(Session). French: OuvreSession. WLanguage page 1000022304."""
        from .sessions import EmailStartSession

        return EmailStartSession(self)

    def NbMessage(self: Any) -> int:
        """EmailNbMessage(Session). The same name in French. WLanguage page 1000022297."""
        from .reading import EmailNbMessage

        return EmailNbMessage(self)

    def GetAll(self: Any, Options: int = ertHeader) -> Array[Email]:
        """EmailGetAll(Session [, Options]). French: RécupèreTout. WLanguage page 1000022308."""
        from .reading import EmailGetAll

        return EmailGetAll(self, Options)

    def NotRead(self: Any) -> Iterator[Email]:
        """`for mail in session.NotRead()`: the mails that were not read, each read whole, the oldest first.

        FOR EACH mail OF session NOT READ. French: NonLu. WLanguage page 1000019172.
        """
        walk: Iterator[Email] = self._walk(unread=True)
        return walk

    def ListFolder(self: Any, Option: int = LstFolderNormal) -> str:
        """EmailListFolder(Session [, Option]). French: ListeDossier. WLanguage page 1000022290."""
        from .folders import EmailListFolder

        return EmailListFolder(self, Option)

    def CurrentFolder(self: Any) -> str:
        """EmailCurrentFolder(Session). French: DossierCourant. WLanguage page 1000022280."""
        from .folders import EmailCurrentFolder

        return EmailCurrentFolder(self)

    def ChangeFolder(self: Any, Path: str) -> bool:
        """EmailChangeFolder(Session, Path). French: ChangeDossier. WLanguage page 1000022275."""
        from .folders import EmailChangeFolder

        return EmailChangeFolder(self, Path)

    def AddFolder(self: Any, Path: str) -> bool:
        """EmailAddFolder(Session, Path). French: AjouteDossier. WLanguage page 1000022273."""
        from .folders import EmailAddFolder

        return EmailAddFolder(self, Path)

    def RemoveFolder(self: Any, Path: str) -> bool:
        """EmailRemoveFolder(Session, Path). French: SupprimeDossier. WLanguage page 1000022299."""
        from .folders import EmailRemoveFolder

        return EmailRemoveFolder(self, Path)

    def SubscribeToFolder(self: Any, Folder: str) -> bool:
        """EmailSubscribeToFolder(Session, Folder). French: AbonneAuDossier. WLanguage page 1410091167."""
        from .folders import EmailSubscribeToFolder

        return EmailSubscribeToFolder(self, Folder)

    def UnsubscribeFromFolder(self: Any, Folder: str) -> bool:
        """EmailUnsubscribeFromFolder(Session, Folder). French: DésabonneDuDossier. WLanguage page 1410091267."""
        from .folders import EmailUnsubscribeFromFolder

        return EmailUnsubscribeFromFolder(self, Folder)

    def ChangeStatus(self: Any, Email: Email, NewState: int) -> bool:
        """EmailChangeStatus(Session, Email, NewState). French: ChangeEtat. WLanguage page 1000022313."""
        from .folders import EmailChangeStatus

        return EmailChangeStatus(self, Email, NewState)

    def Expunge(self: Any) -> bool:
        """EmailExpunge(Session). French: Détruit. WLanguage page 1000022279."""
        from .folders import EmailExpunge

        return EmailExpunge(self)

    def ExecuteCommand(self: Any, Command: str) -> str:
        """EmailExecuteCommand(Session, Command). French: ExécuteCommande. WLanguage page 1410091166."""
        from .folders import EmailExecuteCommand

        return EmailExecuteCommand(self, Command)

    def CloseSession(self: Any) -> None:
        """EmailCloseSession(Session). French: FermeSession. WLanguage page 1000022282."""
        from .sessions import EmailCloseSession

        EmailCloseSession(self)

    OuvreSession = StartSession
    RécupèreTout = RecupereTout = GetAll
    NonLu = NotRead
    ListeDossier = ListFolder
    DossierCourant = CurrentFolder
    ChangeDossier = ChangeFolder
    AjouteDossier = AddFolder
    SupprimeDossier = RemoveFolder
    AbonneAuDossier = SubscribeToFolder
    DésabonneDuDossier = DesabonneDuDossier = UnsubscribeFromFolder
    ChangeEtat = ChangeStatus
    Détruit = Detruit = Destroy = Expunge
    ExécuteCommande = ExecuteCommande = ExecuteCommand
    FermeSession = CloseSession
