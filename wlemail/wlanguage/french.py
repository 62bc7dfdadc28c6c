"""The French names of functions and types: the same objects, one line each, then without accents.

The French members and methods stand in the classes, the French constants below the English ones, the names of the
companions in their modules.
"""

from __future__ import annotations

from .addresses import EmailCheckAddress
from .arrays import Array
from .attachments import EmailExportHTML, EmailSaveAttachment
from .case_error import CaseError, ErrorChangeParameter, ErrorRestoreParameter
from .desktop import EmailOpenMail, EmailRunApp
from .email_error import EmailMsgError
from .email_variable import emailAttach, emailHeader
from .error_info import ErrorInfo, ErrorOccurred
from .error_policy import WLanguageError
from .error_settings import EmailErrorLanguage, EmailErrorPrompt, EmailRedirectOutput
from .error_throw import ErrorPropagate, ErrorThrow, ExceptionThrow
from .folders import (
    EmailAddFolder,
    EmailAppendMessage,
    EmailChangeFolder,
    EmailChangeIndicator,
    EmailChangeStatus,
    EmailCopy,
    EmailCurrentFolder,
    EmailExecuteCommand,
    EmailExpunge,
    EmailGetIndicator,
    EmailListFolder,
    EmailMoveMessage,
    EmailRemoveFolder,
    EmailRenameFolder,
    EmailSubscribeToFolder,
    EmailUnsubscribeFromFolder,
    EmailWaitMessage,
)
from .messages import EmailBuildSource, EmailImportHTML, EmailImportSource, EmailLoadAttachment
from .output import Error, Warning
from .progress import EmailProgressBar
from .reading import (
    EmailDeleteMessage,
    EmailGetAll,
    EmailMessageLength,
    EmailReadFirst,
    EmailReadFirstHeader,
    EmailReadLast,
    EmailReadLastHeader,
    EmailReadMessage,
    EmailReadMessageHeader,
    EmailReadNext,
    EmailReadNextHeader,
    EmailReadPrevious,
    EmailReadPreviousHeader,
    EmailSeekFirst,
)
from .secret_string import SecretString
from .sending import EmailReset, EmailSend, EmailSendMessage, EmailStatus
from .session_variables import emailIMAPSession, emailPOP3Session, emailSMTPSession
from .sessions import (
    EmailCloseSession,
    EmailListSession,
    EmailStartIMAPSession,
    EmailStartPOP3Session,
    EmailStartSession,
    EmailStartSMTPSession,
)
from .settings import EmailConfigure, EmailGetTimeOut, EmailSetTimeOut

# -- types ----------------------------------------------------------------------------------------------
Tableau = Array
emailAttache = emailAttach
emailEntête = emailEntete = emailHeader
emailSessionSMTP = emailSMTPSession
emailSessionPOP3 = emailPOP3Session
emailSessionIMAP = emailIMAPSession
ChaîneSecrète = ChaineSecrete = SecretString

# -- sessions -------------------------------------------------------------------------------------------
EmailOuvreSessionSMTP = EmailStartSMTPSession
EmailOuvreSessionPOP3 = EmailStartPOP3Session
EmailOuvreSessionIMAP = EmailStartIMAPSession
EmailOuvreSession = EmailStartSession
EmailFermeSession = EmailCloseSession
EmailListeSession = EmailListSession

# -- settings -------------------------------------------------------------------------------------------
EmailChangeTimeOut = EmailSetTimeOut
EmailLitTimeOut = EmailGetTimeOut
EmailParamètre = EmailParametre = EmailConfigure

# -- sending --------------------------------------------------------------------------------------------
EmailEnvoieMessage = EmailSendMessage
EmailEnvoie = EmailSend
EmailEtat = EmailStatus
EmailConstruitSource = EmailBuildSource
EmailImporteHTML = EmailImportHTML
EmailChargeFichierAttaché = EmailChargeFichierAttache = EmailLoadAttachment
EmailJauge = EmailProgressBar
EmailRAZ = EmailReset
EmailLanceAppli = EmailRunApp
EmailOuvreMessagerie = EmailOpenMail
EmailVérifieAdresse = EmailVerifieAdresse = EmailCheckAddress

# -- reading -------------------------------------------------------------------------------------------
EmailLitPremier = EmailReadFirst
EmailLitSuivant = EmailReadNext
EmailLitPrécédent = EmailLitPrecedent = EmailReadPrevious
EmailLitDernier = EmailReadLast
EmailLitMessage = EmailReadMessage
EmailLitEntêtePremier = EmailLitEntetePremier = EmailReadFirstHeader
EmailLitEntêteSuivant = EmailLitEnteteSuivant = EmailReadNextHeader
EmailLitEntêtePrécédent = EmailLitEntetePrecedent = EmailReadPreviousHeader
EmailLitEntêteDernier = EmailLitEnteteDernier = EmailReadLastHeader
EmailLitEntêteMessage = EmailLitEnteteMessage = EmailReadMessageHeader
EmailRécupèreTout = EmailRecupereTout = EmailGetAll
EmailTailleMessage = EmailMessageLength
EmailSupprimeMessage = EmailDeleteMessage
EmailCherchePremier = EmailSeekFirst
EmailSauveFichierAttaché = EmailSauveFichierAttache = EmailSaveAttachment
EmailExporteHTML = EmailExportHTML
EmailImporteSource = EmailImportSource

# -- folders and flags ----------------------------------------------------------------------------------
EmailListeDossier = EmailListFolder
EmailDossierCourant = EmailCurrentFolder
EmailChangeDossier = EmailChangeFolder
EmailAjouteDossier = EmailAddFolder
EmailSupprimeDossier = EmailRemoveFolder
EmailRenommeDossier = EmailRenameFolder
EmailAbonneAuDossier = EmailSubscribeToFolder
EmailDésabonneDuDossier = EmailDesabonneDuDossier = EmailUnsubscribeFromFolder
# The second is a spelling seen in use.
EmailDétruit = EmailDetruit = EmailDestroy = EmailExpunge
EmailChangeEtat = EmailChangeStatus
EmailRécupèreIndicateur = EmailRecupereIndicateur = EmailGetIndicator
EmailChangeIndicateur = EmailChangeIndicator
EmailCopie = EmailCopy
EmailDéplaceMessage = EmailDeplaceMessage = EmailMoveMessage
EmailDéposeMessage = EmailDeposeMessage = EmailAppendMessage
EmailAttendMessage = EmailWaitMessage
EmailExécuteCommande = EmailExecuteCommande = EmailExecuteCommand

# -- errors ---------------------------------------------------------------------------------------------
ErreurDétectée = ErreurDetectee = ErrorOccurred
ErreurInfo = ErrorInfo
EmailMsgErreur = EmailMsgError
Erreur = Error
Avertissement = Warning
ErreurDéclenche = ErreurDeclenche = ErrorThrow
ErreurPropage = ErrorPropagate
ErreurChangeParamètre = ErreurChangeParametre = ErrorChangeParameter
ErreurRestaureParamètre = ErreurRestaureParametre = ErrorRestoreParameter
ExceptionDéclenche = ExceptionDeclenche = ExceptionThrow
CasErreur = CaseError
ErreurWLangage = WLanguageError
EmailLangueErreur = EmailErrorLanguage
EmailInviteErreur = EmailErrorPrompt
EmailRedirigeSortie = EmailRedirectOutput
