"""What a mailbox with folders and flags can do (IMAP): folders, states, copies, waiting (pages 3032129 to 3032135,
1000019112, 1000019918, 1000021263, 1000021553, 1410091038 to 1410091040).

The work is in `foldered.py`, which is imported when it is first needed.
"""

from __future__ import annotations

from .arrays import Array
from .boundary import wl_function
from .constants import LstFolderNormal
from .late import Late
from .values import OMITTED, Omitted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from . import foldered
    from .email_variable import Email as EmailType
    from .session_variables import emailIMAPSession
    from .settings import Duration

    AnySession: TypeAlias = str | emailIMAPSession
    #: a mail that was read, or its number (UID) in the current folder
    AnyEmail: TypeAlias = EmailType | type[EmailType] | int | str
    Indicators: TypeAlias = str | list[str] | Array[str]
else:
    foldered = Late("foldered")


# -- folders ---------------------------------------------------------------------------------------------------------


@wl_function(on_error="")
def EmailListFolder(Session: AnySession, Option: int | str | None = LstFolderNormal) -> str:
    """The folders of a mailbox, their names separated by CR.

    Session  the user name that the session was opened with, or a session variable.
    Option   LstFolderNormal (the default): the inbox, the folders with a purpose (sent, drafts …), and those that are
             subscribed to, with what lies below them. LstFolderAll: all there are. Added to one of these:
             LstFolderSorted: by name; LstFolderType: behind each name TAB and the type, a number (folderInbox,
             folderSent, folderDraft, folderDeleted; folderGeneric for all others).

    The names are full paths as the server writes them, and as the other functions take them. No CR follows the last.

    Result: the list, or "" with ErrorOccurred True and the reason in ErrorInfo().

    French: EmailListeDossier. Prefix form: Session.ListFolder([Option]). WLanguage page 3032133.
    """
    return foldered.list_folders(Session, Option)


@wl_function(on_error="")
def EmailCurrentFolder(Session: AnySession) -> str:
    """The full path of the folder whose mails are read; "INBOX" after the opening.

    Result: the path as the server writes it, or "" with ErrorOccurred True and the reason in ErrorInfo().

    French: EmailDossierCourant. Prefix form: Session.CurrentFolder(). WLanguage page 3032132.
    """
    return foldered.current_folder(Session)


@wl_function(on_error=False)
def EmailChangeFolder(Session: AnySession, Path: str) -> bool:
    r"""Make another folder the current one, whose mails are then read, counted and searched.

    Path  the full path of a folder: as EmailListFolder gives it, or with / or \ between the levels, with or without
          "Personal folders\" ("Dossiers personnels\") in front. The inbox is found under its English and French names;
          Drafts, SentItems, DeletedItems, JunkEmail and ArchiveRoot are found whatever they are called on the server.

    There is no current mail then: EmailReadNext begins at the first. A search (EmailSeekFirst) ends. Emails that were
    read before keep their folder: deleting and copying them, or reading their texts on demand, happens there.

    Result: True, or False with ErrorOccurred True and the reason in ErrorInfo(); the folder is then the one it was.

    French: EmailChangeDossier. Prefix form: Session.ChangeFolder(Path). WLanguage page 3032135.
    """
    foldered.change_folder(Session, Path)
    return True


@wl_function(on_error=False)
def EmailAddFolder(Session: AnySession, Path: str) -> bool:
    """Make a folder, with the levels above it that are missing, and subscribe to it.

    Path  as for EmailChangeFolder.

    Result: True, or False with ErrorOccurred True and the reason in ErrorInfo() (there is such a folder already, the
    server does not allow the name).

    French: EmailAjouteDossier. Prefix form: Session.AddFolder(Path). WLanguage page 3032129.
    """
    foldered.add_folder(Session, Path)
    return True


@wl_function(on_error=False)
def EmailRemoveFolder(Session: AnySession, Path: str) -> bool:
    """Remove a folder with all its mails, for good, and end the subscription to it.

    Path  as for EmailChangeFolder. Where it is the current folder, the inbox is the current one then.

    Result: True, or False with ErrorOccurred True and the reason in ErrorInfo().

    French: EmailSupprimeDossier. Prefix form: Session.RemoveFolder(Path). WLanguage page 3032134.
    """
    foldered.remove_folder(Session, Path)
    return True


@wl_function(on_error=False)
def EmailRenameFolder(Session: AnySession, Path: str, NewPath: str) -> bool:
    """Give a folder another name, or another place (extension; WLanguage cannot).

    Path, NewPath  full paths, as for EmailChangeFolder. What lies below the folder goes with it.

    Result: True, or False with ErrorOccurred True and the reason in ErrorInfo().

    French: EmailRenommeDossier.
    """
    foldered.rename_folder(Session, Path, NewPath)
    return True


@wl_function(on_error=False)
def EmailSubscribeToFolder(Session: AnySession, Folder: str) -> bool:
    """Subscribe to a folder: EmailListFolder and mail programs then show it.

    Folder  a path, as for EmailChangeFolder.

    Result: True, or False with ErrorOccurred True and the reason in ErrorInfo().

    French: EmailAbonneAuDossier. Prefix form: Session.SubscribeToFolder(Folder). WLanguage page 1410091039.
    """
    foldered.subscribe(Session, Folder)
    return True


@wl_function(on_error=False)
def EmailUnsubscribeFromFolder(Session: AnySession, Folder: str) -> bool:
    """End the subscription to a folder, which stays where it is with all its mails.

    Folder  a path, as for EmailChangeFolder.

    Result: True, or False with ErrorOccurred True and the reason in ErrorInfo().

    French: EmailDésabonneDuDossier. Prefix form: Session.UnsubscribeFromFolder(Folder). WLanguage page 1410091040.
    """
    foldered.unsubscribe(Session, Folder)
    return True


# -- what becomes of mails -------------------------------------------------------------------------------------------


@wl_function(on_error=False)
def EmailExpunge(Session: AnySession) -> bool:
    """Remove for good all mails of the current folder that are marked as deleted, whoever marked them.

    EmailDeleteMessage marks; closing the session removes nothing.

    Result: True, or False with ErrorOccurred True and the reason in ErrorInfo().

    French: EmailDétruit. Prefix form: Session.Expunge(). WLanguage page 1000021553.
    """
    foldered.expunge(Session)
    return True


@wl_function(on_error=False)
def EmailChangeStatus(Session: AnySession, Email: AnyEmail, NewState: int | str) -> bool:
    """Mark a mail as read or as not read.

    Reading a whole mail marks it as read by itself, reading a header does not.

    Email     a mail that was read from this mailbox, or the number (UID) of one in the current folder.
    NewState  emailStatusRead or emailStatusNotRead.

    For other marks see EmailChangeIndicator.

    Result: True, or False with ErrorOccurred True and the reason in ErrorInfo().

    French: EmailChangeEtat. Prefix form: Session.ChangeStatus(Email, NewState). WLanguage page 1000019112.
    """
    foldered.change_status(Session, Email, NewState)
    return True


@wl_function(on_error=Array)
def EmailGetIndicator(Session: AnySession, Email: AnyEmail) -> Array[str]:
    r"""The flags of a mail as the server has them now, in an array of text.

    Email  a mail that was read from this mailbox, or the number (UID) of one in the current folder.

    IMAP's own come first (\Answered, \Deleted, \Draft, \Flagged, \Seen), then those of programs and people ($Forwarded,
    $Label1 …).

    Result: the array; empty, with ErrorOccurred True and the reason in ErrorInfo(), where that failed.

    French: EmailRécupèreIndicateur. WLanguage page 1000021263.
    """
    return foldered.indicators(Session, Email)


@wl_function(on_error=False)
def EmailChangeIndicator(Session: AnySession, Email: AnyEmail, Add: Indicators, Remove: Indicators = "") -> bool:
    r"""Give flags to a mail, and take others from it (extension; WLanguage only knows read and not read).

    Email   a mail that was read from this mailbox, or the number (UID) of one in the current folder.
    Add     the flags to give: one or several in a text, parted by spaces, or an array ("\Flagged $Label1").
    Remove  the flags to take.

    Taking \Deleted undoes EmailDeleteMessage. Some servers keep only IMAP's own flags.

    Result: True, or False with ErrorOccurred True and the reason in ErrorInfo().

    French: EmailChangeIndicateur.
    """
    foldered.change_indicators(Session, Email, Add, Remove)
    return True


@wl_function(on_error=False)
def EmailCopy(Session: AnySession | AnyEmail, Email: AnyEmail, Folder: str | Omitted = OMITTED) -> bool:
    """Copy a mail into another folder of its mailbox.

    EmailCopy(Email, Folder)           the mail knows the session in which it was read
    EmailCopy(Session, Email, Folder)

    Email   a mail that was read from this mailbox, or (second form) the number (UID) of one in the current folder.
    Folder  the path of a folder that exists, as for EmailChangeFolder.

    Result: True, or False with ErrorOccurred True and the reason in ErrorInfo() (no such folder, quota exceeded).

    French: EmailCopie. WLanguage page 1000019918.
    """
    if isinstance(Folder, Omitted):
        foldered.copy_from_its_session(Session, Email)
    else:
        foldered.copy(Session, Email, Folder)
    return True


@wl_function(on_error=False)
def EmailMoveMessage(Session: AnySession, Email: AnyEmail, Folder: str) -> bool:
    """Move a mail into another folder of its mailbox (extension; WLanguage copies, deletes and expunges).

    Email   a mail that was read from this mailbox, or the number (UID) of one in the current folder.
    Folder  the path of a folder that exists, as for EmailChangeFolder.

    Where the server cannot move, the mail is copied and marked as deleted. EmailReadNext and EmailReadPrevious go on
    from its place; Out becomes True, as after EmailDeleteMessage.

    Result: True, or False with ErrorOccurred True and the reason in ErrorInfo(); the mail is then where it was, but
    where the connection broke it may have been moved.

    French: EmailDéplaceMessage.
    """
    foldered.move(Session, Email, Folder)
    return True


@wl_function(on_error=False)
def EmailAppendMessage(
    Session: AnySession, Email: EmailType | type[EmailType] | str | bytes, Folder: str, Indicator: Indicators = ""
) -> bool:
    r"""Put a mail into a folder without sending it: a draft, an .eml file, a mail of another mailbox (extension).

    Email      an Email that was read goes as it is; any other is built as EmailBuildSource does, with its Bcc. Or the
               whole message (RFC 5322) as text or bytes.
    Folder     the path of a folder that exists, as for EmailChangeFolder ("Drafts", "SentItems" …).
    Indicator  flags for it, as in EmailChangeIndicator; "\Seen" where it shall not count as new, "\Draft" for a draft.

    Result: True, or False with ErrorOccurred True and the reason in ErrorInfo() (no such folder, quota exceeded).

    French: EmailDéposeMessage.
    """
    foldered.append(Session, Email, Folder, Indicator)
    return True


@wl_function(on_error=False)
def EmailWaitMessage(Session: AnySession, Duration: Duration | None = None) -> bool:
    """Wait until new mail comes into the current folder (extension; IMAP's IDLE, or asking now and then).

    Duration  how long at most: seconds, "30s" (also min, h) or a timedelta; EmailGetTimeOut() unless given.

    After True EmailReadNext reads the first of the new mails, wherever the current mail was. What came since the folder
    was last read counts too.

    Result: True: there is new mail. False with ErrorOccurred False: the time is over. False with ErrorOccurred True:
    waiting failed, for the reason in ErrorInfo().

    French: EmailAttendMessage.
    """
    return foldered.wait(Session, Duration)


@wl_function(on_error="")
def EmailExecuteCommand(Session: AnySession, Command: str) -> str:
    """Send a command of IMAP's own to the server, for what no function does.

    Command  one line without tag, such as "STATUS INBOX (UNSEEN)"; CR and LF in it are refused.

    Result: the lines of the server's answer, separated by CR, or "" with ErrorOccurred True and the reason in
    ErrorInfo() (the server answered NO or BAD; its words are there).

    French: EmailExécuteCommande. Prefix form: Session.ExecuteCommand(Command). WLanguage page 1410091038.
    """
    return foldered.execute(Session, Command)
