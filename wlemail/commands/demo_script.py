# ruff: noqa: E712, F403, F405
# mypy: disable-error-code="no-untyped-def, no-untyped-call"
import sys

from wlemail import *

sUserName = "elodie.muller@example.com"
sPassword = "any password will do"
sSMTPServer, nPort = sys.argv[1], int(sys.argv[2])
sDirectory = sys.argv[3]


def Initialize_Email():
    EmailReset()
    Email.Sender = "Élodie Müller <elodie.muller@example.com>"
    Email.Recipient[1] = "Łukasz Żółw <lukasz@example.org>"
    Email.Recipient[2] = "refused@example.org"
    Email.NbRecipient = 2
    Email.Cc = "L'équipe <equipe@example.com>"
    Email.Subject = "Réunion d'équipe à Besançon : l'ordre du jour"
    Email.Message = "Bonjour Łukasz," + CR + "à demain, 9 h !" + CR + "Élodie"
    Email.HTML = "<p>Bonjour Łukasz,</p><p>à <b>demain, 9 h</b> !<br>Élodie</p>"
    Email.Attach[1] = CompleteDir(sDirectory) + "ordre du jour (été).pdf"
    Email.NbAttach = 1


EmailSetTimeOut(10)
if EmailStartSMTPSession(sUserName, sPassword, sSMTPServer, nPort) == True:
    Initialize_Email()
    if EmailSendMessage(sUserName) == False:
        Error()
    EmailCloseSession(sUserName)
else:
    Error(
        "Unable to establish connection",
        ErrorInfo(),
        "In case of timeout, check the parameters of " + '"Firewall" on the port used',
    )
