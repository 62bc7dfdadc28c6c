# ruff: noqa: E712, F403, F405
# mypy: disable-error-code="no-untyped-def, no-untyped-call, operator"
import sys

from wlemail import *

sUserName = "elodie.muller@example.com"
sPassword = "any password will do"
sServer, nPort = sys.argv[1], int(sys.argv[2])
sDirectory = sys.argv[3]
sReader, nPOP3Port, nIMAPPort = "lukasz@example.org", int(sys.argv[4]), int(sys.argv[5])


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


def Read_Email():
    print("from   ", Email.Sender)
    print("subject", Email.Subject)
    print("text   ", Replace(Email.Message, CR, " / "))
    for i in range(1, Email.NbAttach + 1):
        sName, sTarget = Email.Attach[i], CompleteDir(sDirectory) + "received"
        if EmailSaveAttachment(sName, sTarget) == True:
            bIdentical = fLoadBuffer(sTarget) == fLoadBuffer(CompleteDir(sDirectory) + sName)
            print("file   ", sName, "identical:", "yes" if bIdentical else "no")


EmailSetTimeOut(10)
if EmailStartSMTPSession(sUserName, sPassword, sServer, nPort) == True:
    Initialize_Email()
    if EmailSendMessage(sUserName) == False:
        Error()
    print("refused", Email.RefusedRecipient)
    EmailCloseSession(sUserName)
else:
    Error(
        "Unable to establish connection",
        ErrorInfo(),
        "In case of timeout, check the parameters of " + '"Firewall" on the port used',
    )

if EmailStartIMAPSession(sReader, sPassword, sServer, nIMAPPort) == True:
    EmailAddFolder(sReader, "Réunions/Besançon")
    if EmailSeekFirst(sReader, emailSubject, "besançon") == True:
        EmailCopy(sReader, Email, "Réunions/Besançon")
    EmailChangeFolder(sReader, "Réunions/Besançon")
    print("folder ", EmailCurrentFolder(sReader), "mails:", EmailNbMessage(sReader))
    EmailCloseSession(sReader)
else:
    Error("Unable to establish connection", ErrorInfo())

if EmailStartPOP3Session(sReader, sPassword, sServer, nPOP3Port) == True:
    EmailReadFirst(sReader)
    while Email.Out == False:
        Read_Email()
        EmailDeleteMessage(sReader)
        EmailReadNext(sReader)
    EmailCloseSession(sReader)
else:
    Error("Unable to establish connection", ErrorInfo())
