"""The constants of the error functions: err… (what to tell), ep… (what to do), op… (what a procedure decides).

errMessage and errFullDetails have the values seen in compiled programs; the help prints none, the others are our
own. The pages' data-file constants (errFIC, errFichier …) have no meaning here and do not exist.
"""

from __future__ import annotations

# -- ErrorInfo, ExceptionInfo (3013008): what to tell -------------------------------------------------
errMessage = 1
errCode = 2
errSummary = 3
errInfo = 4
errSystemCode = 5
errSystemMessage = 6
errDateTime = 7
errElement = 8
errProcess = 9
errLine = 10
errDuring = 11
errStack = 12
errDebugInfo = 13
errSubErrorCount = 14
errFullDetails = 19

errRésumé = errResume = errSummary
errCodeSystème = errCodeSysteme = errSystemCode
errMessageSystème = errMessageSysteme = errSystemMessage
errDateHeure = errDateTime
errElément = errElement
errTraitement = errProcess
errLigne = errLine
errPendant = errDuring
errPile = errStack
errInfoDebug = errDebugInfo
errNombreSousErreur = errSubErrorCount
errComplet = errFullDetails

# -- ErrorChangeParameter (3034009): what a failing function does --------------------------------------
# The lowest bit shows the message, so that epDisplayMessage can be added to any behaviour above it.
epCode = 0
epDisplayMessage = 1
epExecuteProcedure = 2
epGotoCaseError = 4
epResult = 8
epResultError = 16
epReturn = 32
epReturnError = 64
epDisplayMessageEndProcess = 129
epDisplayMessageEndProgram = 257

epAfficheMessage = epDisplayMessage
epExécuteProcédure = epExecuteProcedure
epGotoCasErreur = epGotoCaseError
epRenvoyer = epResult
epRenvoyerErreur = epResultError
epRetour = epReturn
epRetourErreur = epReturnError
epAfficheMessageFinTraitement = epDisplayMessageEndProcess
epAfficheMessageFinProgramme = epDisplayMessageEndProgram

# -- the result of a procedure run by epExecuteProcedure ------------------------------------------------
opCancel = 1
opEndProcess = 2
opEndProgram = 3
opRetry = 4

opAnnuler = opCancel
opFinTraitement = opEndProcess
opFinProgramme = opEndProgram
opRéessayer = opReessayer = opRetry

# -- CaseError (extension): which failures raise --------------------------------------------------------
FatalOnly = 512

FataleSeulement = FatalOnly
