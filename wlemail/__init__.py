"""The e-mail functions of WLanguage (WinDev) for Python.

    from wlemail import *

brings every name in English and in French. Arrays start at 1, functions return False where something went wrong, and
ErrorOccurred and ErrorInfo() say what. `help(EmailSendMessage)`, `help(Email)` and `python -m wlemail demo` show more.
"""

# ruff: noqa: F405
from __future__ import annotations

from .companions.arrays import *
from .companions.constants import *
from .companions.dates import *
from .companions.display import *
from .companions.files import *
from .companions.text import *
from .wlanguage.addresses import EmailCheckAddress
from .wlanguage.arrays import Array
from .wlanguage.attachments import EmailExportHTML, EmailSaveAttachment
from .wlanguage.case_error import CaseError, ErrorChangeParameter, ErrorRestoreParameter
from .wlanguage.constants import *
from .wlanguage.desktop import EmailOpenMail, EmailRunApp
from .wlanguage.email_error import EmailMsgError
from .wlanguage.email_variable import Email, emailAttach, emailHeader
from .wlanguage.error_constants import *
from .wlanguage.error_info import ErrorInfo, ErrorOccurred, ExceptionInfo
from .wlanguage.error_policy import WLanguageError
from .wlanguage.error_settings import EmailErrorLanguage, EmailErrorPrompt, EmailRedirectOutput
from .wlanguage.error_throw import ErrorPropagate, ErrorThrow, ExceptionThrow
from .wlanguage.folders import (
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
from .wlanguage.french import *
from .wlanguage.messages import EmailBuildSource, EmailImportHTML, EmailImportSource, EmailLoadAttachment
from .wlanguage.output import Error, Info, Trace, Warning
from .wlanguage.progress import EmailProgressBar
from .wlanguage.reading import (
    EmailDeleteMessage,
    EmailGetAll,
    EmailMessageLength,
    EmailNbMessage,
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
from .wlanguage.secret_string import SecretString
from .wlanguage.sending import EmailReset, EmailSend, EmailSendMessage, EmailStatus
from .wlanguage.session_variables import emailIMAPSession, emailPOP3Session, emailSMTPSession
from .wlanguage.sessions import (
    EmailCloseSession,
    EmailListSession,
    EmailStartIMAPSession,
    EmailStartPOP3Session,
    EmailStartSession,
    EmailStartSMTPSession,
)
from .wlanguage.settings import EmailConfigure, EmailGetTimeOut, EmailSetTimeOut

TYPE_CHECKING = False

__version__ = "0.1.0"

# fmt: off
__all__ = [  # noqa: RUF022 (by family, a name and its French spellings on one line)
    # types
    "Email",
    "emailAttach", "emailAttache",
    "emailHeader", "emailEntête", "emailEntete",
    "emailSMTPSession", "emailSessionSMTP",
    "emailPOP3Session", "emailSessionPOP3",
    "emailIMAPSession", "emailSessionIMAP",
    "Array", "Tableau",
    "SecretString", "ChaîneSecrète", "ChaineSecrete",
    # sessions
    "EmailStartSMTPSession", "EmailOuvreSessionSMTP",
    "EmailStartPOP3Session", "EmailOuvreSessionPOP3",
    "EmailStartIMAPSession", "EmailOuvreSessionIMAP",
    "EmailStartSession", "EmailOuvreSession",
    "EmailCloseSession", "EmailFermeSession",
    "EmailListSession", "EmailListeSession",
    # settings
    "EmailSetTimeOut", "EmailChangeTimeOut",
    "EmailGetTimeOut", "EmailLitTimeOut",
    "EmailConfigure", "EmailParamètre", "EmailParametre",
    # sending
    "EmailSendMessage", "EmailEnvoieMessage",
    "EmailSend", "EmailEnvoie",
    "EmailBuildSource", "EmailConstruitSource",
    "EmailImportHTML", "EmailImporteHTML",
    "EmailLoadAttachment", "EmailChargeFichierAttaché", "EmailChargeFichierAttache",
    "EmailProgressBar", "EmailJauge",
    "EmailStatus", "EmailEtat",
    "EmailReset", "EmailRAZ",
    "EmailRunApp", "EmailLanceAppli",
    "EmailOpenMail", "EmailOuvreMessagerie",
    "EmailCheckAddress", "EmailVérifieAdresse", "EmailVerifieAdresse",
    # reading
    "EmailReadFirst", "EmailLitPremier",
    "EmailReadNext", "EmailLitSuivant",
    "EmailReadPrevious", "EmailLitPrécédent", "EmailLitPrecedent",
    "EmailReadLast", "EmailLitDernier",
    "EmailReadMessage", "EmailLitMessage",
    "EmailReadFirstHeader", "EmailLitEntêtePremier", "EmailLitEntetePremier",
    "EmailReadNextHeader", "EmailLitEntêteSuivant", "EmailLitEnteteSuivant",
    "EmailReadPreviousHeader", "EmailLitEntêtePrécédent", "EmailLitEntetePrecedent",
    "EmailReadLastHeader", "EmailLitEntêteDernier", "EmailLitEnteteDernier",
    "EmailReadMessageHeader", "EmailLitEntêteMessage", "EmailLitEnteteMessage",
    "EmailGetAll", "EmailRécupèreTout", "EmailRecupereTout",
    "EmailNbMessage",
    "EmailMessageLength", "EmailTailleMessage",
    "EmailDeleteMessage", "EmailSupprimeMessage",
    "EmailSeekFirst", "EmailCherchePremier",
    "EmailSaveAttachment", "EmailSauveFichierAttaché", "EmailSauveFichierAttache",
    "EmailExportHTML", "EmailExporteHTML",
    "EmailImportSource", "EmailImporteSource",
    # folders and flags
    "EmailListFolder", "EmailListeDossier",
    "EmailCurrentFolder", "EmailDossierCourant",
    "EmailChangeFolder", "EmailChangeDossier",
    "EmailAddFolder", "EmailAjouteDossier",
    "EmailRemoveFolder", "EmailSupprimeDossier",
    "EmailRenameFolder", "EmailRenommeDossier",
    "EmailSubscribeToFolder", "EmailAbonneAuDossier",
    "EmailUnsubscribeFromFolder", "EmailDésabonneDuDossier", "EmailDesabonneDuDossier",
    "EmailExpunge", "EmailDétruit", "EmailDetruit", "EmailDestroy",
    "EmailChangeStatus", "EmailChangeEtat",
    "EmailGetIndicator", "EmailRécupèreIndicateur", "EmailRecupereIndicateur",
    "EmailChangeIndicator", "EmailChangeIndicateur",
    "EmailCopy", "EmailCopie",
    "EmailMoveMessage", "EmailDéplaceMessage", "EmailDeplaceMessage",
    "EmailAppendMessage", "EmailDéposeMessage", "EmailDeposeMessage",
    "EmailWaitMessage", "EmailAttendMessage",
    "EmailExecuteCommand", "EmailExécuteCommande", "EmailExecuteCommande",
    # errors
    "ErrorOccurred", "ErreurDétectée", "ErreurDetectee",
    "ErrorInfo", "ErreurInfo",
    "EmailMsgError", "EmailMsgErreur",
    "Error", "Erreur",
    "Info",
    "Trace",
    # Warning itself stays out: it would hide Python's
    "Avertissement",
    "ErrorThrow", "ErreurDéclenche", "ErreurDeclenche",
    "ErrorPropagate", "ErreurPropage",
    "ErrorChangeParameter", "ErreurChangeParamètre", "ErreurChangeParametre",
    "ErrorRestoreParameter", "ErreurRestaureParamètre", "ErreurRestaureParametre",
    "ErrorBuild", "ErreurConstruit",
    "ExceptionInfo",
    "ExceptionThrow", "ExceptionDéclenche", "ExceptionDeclenche",
    "CaseError", "CasErreur",
    "WLanguageError", "ErreurWLangage",
    "EmailErrorLanguage", "EmailLangueErreur",
    "EmailErrorPrompt", "EmailInviteErreur",
    "EmailRedirectOutput", "EmailRedirigeSortie",
    # companions
    "Vrai",
    "Faux",
    "Null",
    "CR", "RC",
    "TAB",
    "EOT",
    "Add", "Ajoute", "ArrayAdd", "TableauAjoute",
    "StringBuild", "ChaîneConstruit", "ChaineConstruit",
    "Replace", "Remplace",
    "CompleteDir", "ComplèteRep", "CompleteRep",
    "HourGlass", "Sablier",
    "ArrayCount", "TableauOccurrence",
    "ArrayDeleteAll", "TableauSupprimeTout",
    "fLoadText", "fChargeTexte",
    "fSaveText", "fSauveTexte",
    "fLoadBuffer", "fChargeBuffer",
    "fSaveBuffer", "fSauveBuffer",
    "fExtractPath", "fExtraitChemin",
    "fDelete", "fSupprime",
    "fMakeDir", "fRepCrée", "fRepCree",
    "fFileExist", "fFichierExiste",
    "fDirectoryExist", "fRépertoireExiste", "fRepertoireExiste",
    "fExeDir", "fRepExe",
    "fTempPath", "fRepTemp",
    "DateToString", "DateVersChaîne", "DateVersChaine",
    "Today", "DateDuJour",
    "DateSys",
    "Length", "Taille",
    "ExtractString", "ExtraitChaîne", "ExtraitChaine",
    "Position",
    "NoSpace", "SansEspace",
    "Left", "Gauche",
    "Right", "Droite",
    "Middle", "Milieu",
    "Upper", "Majuscule",
    "Lower", "Minuscule",
    "Contains", "Contient",
    "StringCount", "ChaîneOccurrence", "ChaineOccurrence",
    "Val",
    "Asc",
    "Charact", "Caract",
    "fSep",
    # mode
    "emailSynchronous", "emailSynchrone",
    "emailAsynchronous", "emailAsynchrone",
    # connection
    "emailOptionDefault", "emailOptionDéfaut", "emailOptionDefaut",
    "emailProtocolSMTPS", "emailProtocoleSMTPS",
    "emailOptionSecuredTLS", "emailOptionSécuriséTLS", "emailOptionSecuriseTLS",
    "optionTLS", "optionSSL",
    "emailOptionTLSIfAvailable", "emailOptionTLSSiDisponible",
    # certificate
    "emailSessionIgnoreInvalidCertificate", "emailSessionIgnoreCertificatInvalide",
    "emailSessionIgnoreInvalidCertificateName", "emailSessionIgnoreNomCertificatInvalide",
    "emailSessionIgnoreExpiredCertificate", "emailSessionIgnoreCertificatExpiré", "emailSessionIgnoreCertificatExpire",
    "emailSessionIgnoreRevocation", "emailSessionIgnoreRévocation",
    # configure
    "emailParameterMode", "emailParamètreMode", "emailParametreMode",
    "emailParameterHTML", "emailParamètreHTML", "emailParametreHTML",
    "emailParameterOutbox", "emailParamètreBoîteEnvoi", "emailParametreBoiteEnvoi",
    "emailParameterDrainTimeOut", "emailParamètreTimeOutVidage", "emailParametreTimeOutVidage",
    "emailParameterMaxConnections", "emailParamètreMaxConnexions", "emailParametreMaxConnexions",
    "emailParameterMaxRate", "emailParamètreDébitMax", "emailParametreDebitMax",
    "emailParameterMaxAttempts", "emailParamètreMaxTentatives", "emailParametreMaxTentatives",
    "emailParameterMaxAge", "emailParamètreÂgeMax", "emailParametreAgeMax",
    "emailParameterSentFolder", "emailParamètreDossierEnvoyés", "emailParametreDossierEnvoyes",
    # status
    "emailPending", "emailEnAttente",
    "emailSent", "emailEnvoyé", "emailEnvoye",
    "emailError", "emailErreur",
    # sending
    "emailOptionEncodeHeader", "emailOptionEncodeEntête", "emailOptionEncodeEntete",
    "emailOptionMessageID",
    "emailOptionReference", "emailOptionRéférence",
    # building
    "emailOptionHeaderBcc", "emailOptionEntêteCCi", "emailOptionEnteteCCi",
    # HTML import
    "emailOptionNoCID", "emailOptionSansCID",
    # address check
    "emailAddressValid", "emailAdresseValide",
    "emailAddressIncorrectSyntax", "emailAdresseSyntaxeIncorrecte",
    "emailAddressRefused", "emailAdresseRefusée", "emailAdresseRefusee",
    "emailAddressError", "emailAdresseErreur",
    # address level
    "emailValidateSyntax", "emailValideSyntaxe",
    "emailValidateSyntaxStrict", "emailValideSyntaxeStrict",
    "emailValidateByServer", "emailValideParServeur",
    # priority
    "emailLowPriority", "emailPrioritéBasse", "emailPrioriteBasse",
    "emailNormalPriority", "emailPrioritéNormale", "emailPrioriteNormale",
    "emailHighPriority", "emailPrioritéHaute", "emailPrioriteHaute",
    # sensitivity
    "emailNormal",
    "emailPersonal", "emailPersonnel",
    "emailPrivate", "emailPrivé", "emailPrive",
    "emailCompanyConfidential", "emailConfidentiel",
    # read mode
    "emailAll", "emailTous",
    "emailNotRead", "emailNonLus",
    # get all
    "ertAsynchronous", "ertAsynchrone",
    "ertFull", "ertComplet",
    "ertHeader", "ertEntête", "ertEntete",
    "ertNotRead", "ertNonLus",
    # search
    "emailBody", "emailCorps",
    "emailSubject", "emailSujet",
    "emailSender", "emailExpéditeur", "emailExpediteur",
    "emailRecipient", "emailDestinataire",
    "emailMessageID",
    # read state
    "emailStatusRead", "emailEtatLu",
    "emailStatusNotRead", "emailEtatNonLu",
    # list folders
    "LstFolderNormal", "LstDossierNormal",
    "LstFolderAll", "LstDossierTous",
    "LstFolderSorted", "LstDossierTrié", "LstDossierTrie",
    "LstFolderType", "LstDossierType",
    # folder type
    "folderGeneric", "dossierGénérique", "dossierGenerique",
    "folderInbox", "dossierRéception", "dossierReception",
    "folderSent", "dossierEnvoyé", "dossierEnvoye",
    "folderDraft", "dossierBrouillon",
    "folderDeleted", "dossierCorbeille",
    "folderOutbox", "dossierEnvoie",
    "folderPersonal", "dossierPersonnel",
    "folderContact", "dossierContact",
    "folderAppointment", "dossierRendezVous",
    "folderTask", "dossierTâche", "dossierTache",
    "folderJournal", "dossierJournal",
    "folderNote", "dossierNote",
    # error information
    "errMessage",
    "errFullDetails", "errComplet",
    "errSummary", "errRésumé", "errResume",
    "errCode",
    "errSystemCode", "errCodeSystème", "errCodeSysteme",
    "errSystemMessage", "errMessageSystème", "errMessageSysteme",
    "errDateTime", "errDateHeure",
    "errElement", "errElément",
    "errProcess", "errTraitement",
    "errLine", "errLigne",
    "errDuring", "errPendant",
    "errStack", "errPile",
    "errInfo",
    "errDebugInfo", "errInfoDebug",
    "errSubErrorCount", "errNombreSousErreur",
    # error policy
    "epCode",
    "epDisplayMessage", "epAfficheMessage",
    "epResult", "epRenvoyer",
    "epResultError", "epRenvoyerErreur",
    "epReturn", "epRetour",
    "epReturnError", "epRetourErreur",
    "epDisplayMessageEndProgram", "epAfficheMessageFinProgramme",
    "epDisplayMessageEndProcess", "epAfficheMessageFinTraitement",
    "epExecuteProcedure", "epExécuteProcédure",
    "epGotoCaseError", "epGotoCasErreur",
    # error policy answer
    "opCancel", "opAnnuler",
    "opEndProcess", "opFinTraitement",
    "opEndProgram", "opFinProgramme",
    "opRetry", "opRéessayer", "opReessayer",
    # case error
    "FatalOnly", "FataleSeulement",
    # text search
    "IgnoreCase", "SansCasse",
    "WholeWord", "MotComplet",
    "FromBeginning", "DepuisDébut", "DepuisDebut",
    "FromEnd", "DepuisFin",
    # path parts
    "fDisk", "fDisque",
    "fDirectory", "fRépertoire", "fRepertoire",
    "fFileName", "fFichier",
    "fExtension",
]
# fmt: on

if not TYPE_CHECKING:  # a checker must see that a name is misspelled

    def __getattr__(name):
        from .wlanguage.names import fold

        if not name.startswith("_"):
            wanted = fold(name)
            for spelling in __dir__():
                if fold(spelling) == wanted:
                    return globals()[spelling]
        # Python adds a suggestion from __dir__ to what it prints.
        raise AttributeError(f"module 'wlemail' has no attribute {name!r}", name=name)

    def __dir__():
        return sorted([*__all__, "Warning", "__version__"])
