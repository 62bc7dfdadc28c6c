"""The constants of the e-mail functions (page 3032138): plain ints, by family, the French name below the English one.

emailOptionSecuredTLS has the value seen in compiled programs; the help prints none, so the others are our own.
Families that are added up have distinct bits, also across families that meet in one parameter.
"""

from __future__ import annotations

# -- opening: the mode ----------------------------------------------------------------------------------
emailSynchronous = 0
emailSynchrone = emailSynchronous
emailAsynchronous = 1
emailAsynchrone = emailAsynchronous

# -- opening: the protection of the connection ------------------------------------------------------------
emailOptionDefault = 0
emailOptionDéfaut = emailOptionDefaut = emailOptionDefault
# Despite its name this is STARTTLS; the second name is the one before version 28 Update 4.
emailProtocolSMTPS = 2
emailProtocoleSMTPS = emailProtocolSMTPS
emailOptionSecuredTLS = emailProtocolSMTPS
emailOptionSécuriséTLS = emailOptionSecuriseTLS = emailProtocolSMTPS
# TLS from the first byte.
optionTLS = 4
optionSSL = optionTLS
# Extension: STARTTLS where the server offers it, else clear text.
emailOptionTLSIfAvailable = 8
emailOptionTLSSiDisponible = emailOptionTLSIfAvailable

# -- emailSMTPSession.IgnoreError: what a certificate may fail (added up) -----------------------------------
emailSessionIgnoreInvalidCertificate = 1
emailSessionIgnoreCertificatInvalide = emailSessionIgnoreInvalidCertificate
emailSessionIgnoreInvalidCertificateName = 2
emailSessionIgnoreNomCertificatInvalide = emailSessionIgnoreInvalidCertificateName
emailSessionIgnoreExpiredCertificate = 4
emailSessionIgnoreCertificatExpiré = emailSessionIgnoreCertificatExpire = emailSessionIgnoreExpiredCertificate
emailSessionIgnoreRevocation = 8
emailSessionIgnoreRévocation = emailSessionIgnoreRevocation

# -- sending and building (added up); emailOptionDefault, which is 0, is none of them ------------------------
emailOptionEncodeHeader = 16
emailOptionEncodeEntête = emailOptionEncodeEntete = emailOptionEncodeHeader
emailOptionMessageID = 32
emailOptionReference = 64
emailOptionRéférence = emailOptionReference
emailOptionHeaderBcc = 128
emailOptionEntêteCCi = emailOptionEnteteCCi = emailOptionHeaderBcc

# -- EmailImportHTML ----------------------------------------------------------------------------------------
emailOptionNoCID = 256
emailOptionSansCID = emailOptionNoCID

# -- EmailCheckAddress: the result, and the level ------------------------------------------------------------
emailAddressValid = 1
emailAdresseValide = emailAddressValid
emailAddressIncorrectSyntax = 2
emailAdresseSyntaxeIncorrecte = emailAddressIncorrectSyntax
emailAddressRefused = 3
emailAdresseRefusée = emailAdresseRefusee = emailAddressRefused
emailAddressError = 4
emailAdresseErreur = emailAddressError
emailValidateSyntax = 0
emailValideSyntaxe = emailValidateSyntax
emailValidateSyntaxStrict = 1
emailValideSyntaxeStrict = emailValidateSyntaxStrict
emailValidateByServer = 2
emailValideParServeur = emailValidateByServer

# -- Email.Priority -----------------------------------------------------------------------------------------
emailNormalPriority = 0
emailPrioritéNormale = emailPrioriteNormale = emailNormalPriority
emailHighPriority = 1
emailPrioritéHaute = emailPrioriteHaute = emailHighPriority
emailLowPriority = 2
emailPrioritéBasse = emailPrioriteBasse = emailLowPriority

# -- Email.Sensitivity --------------------------------------------------------------------------------------
emailNormal = 0
emailPersonal = 1
emailPersonnel = emailPersonal
emailPrivate = 2
emailPrivé = emailPrive = emailPrivate
emailCompanyConfidential = 3
emailConfidentiel = emailCompanyConfidential

# -- EmailStatus --------------------------------------------------------------------------------------------
emailPending = 1
emailEnAttente = emailPending
emailSent = 2
emailEnvoyé = emailEnvoye = emailSent
emailError = 3
emailErreur = emailError

# -- reading: which mails -----------------------------------------------------------------------------------
emailAll = 1
emailTous = emailAll
emailNotRead = 2
emailNonLus = emailNotRead

# -- EmailGetAll (added up) -----------------------------------------------------------------------------------
ertAsynchronous = 1
ertAsynchrone = ertAsynchronous
ertFull = 2
ertComplet = ertFull
ertHeader = 4
ertEntête = ertEntete = ertHeader
ertNotRead = 8
ertNonLus = ertNotRead

# -- EmailSeekFirst: where to look (added up) -----------------------------------------------------------------
emailBody = 1
emailCorps = emailBody
emailSubject = 2
emailSujet = emailSubject
emailSender = 4
emailExpéditeur = emailExpediteur = emailSender
emailRecipient = 8
emailDestinataire = emailRecipient
emailMessageID = 16

# -- EmailChangeStatus ----------------------------------------------------------------------------------------
emailStatusRead = 1
emailEtatLu = emailStatusRead
emailStatusNotRead = 2
emailEtatNonLu = emailStatusNotRead

# -- EmailListFolder: which folders, and how (added up) ---------------------------------------------------------
LstFolderNormal = 1
LstDossierNormal = LstFolderNormal
LstFolderAll = 2
LstDossierTous = LstFolderAll
LstFolderSorted = 4
LstDossierTrié = LstDossierTrie = LstFolderSorted
LstFolderType = 8
LstDossierType = LstFolderType

# -- EmailListFolder: what a folder is for ----------------------------------------------------------------------
folderGeneric = 1
dossierGénérique = dossierGenerique = folderGeneric
folderInbox = 2
dossierRéception = dossierReception = folderInbox
folderSent = 3
dossierEnvoyé = dossierEnvoye = folderSent
folderDraft = 4
dossierBrouillon = folderDraft
folderDeleted = 5
dossierCorbeille = folderDeleted
folderOutbox = 6
dossierEnvoie = folderOutbox
folderPersonal = 7
dossierPersonnel = folderPersonal
folderContact = 8
dossierContact = folderContact
folderAppointment = 9
dossierRendezVous = folderAppointment
folderTask = 10
dossierTâche = dossierTache = folderTask
folderJournal = 11
dossierJournal = folderJournal
folderNote = 12
dossierNote = folderNote

# -- EmailConfigure -----------------------------------------------------------------------------------------
emailParameterMode = 1
emailParamètreMode = emailParametreMode = emailParameterMode
emailParameterHTML = 2
emailParamètreHTML = emailParametreHTML = emailParameterHTML
# Extensions: the outbox of asynchronous sessions.
emailParameterOutbox = 3
emailParamètreBoîteEnvoi = emailParametreBoiteEnvoi = emailParameterOutbox
emailParameterDrainTimeOut = 4
emailParamètreTimeOutVidage = emailParametreTimeOutVidage = emailParameterDrainTimeOut
emailParameterMaxConnections = 5
emailParamètreMaxConnexions = emailParametreMaxConnexions = emailParameterMaxConnections
emailParameterMaxRate = 6
emailParamètreDébitMax = emailParametreDebitMax = emailParameterMaxRate
emailParameterMaxAttempts = 7
emailParamètreMaxTentatives = emailParametreMaxTentatives = emailParameterMaxAttempts
emailParameterMaxAge = 8
emailParamètreÂgeMax = emailParametreAgeMax = emailParameterMaxAge
# Extension: where a copy of what is sent goes.
emailParameterSentFolder = 9
emailParamètreDossierEnvoyés = emailParametreDossierEnvoyes = emailParameterSentFolder
