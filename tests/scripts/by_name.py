# The daily report of a service: everything by the name of the session, strings where integers are meant, the option in
# the place of the asynchronous mode, a session that is opened anew, and the four ways in which senders are given.
#
#   BY NAME: sys.argv is server, port, directory
# ruff: noqa: E712, F403, F405
# mypy: ignore-errors
import sys

from wlemail import *

gsAccount = "rapport@example.com"
SENDERS = [
    # SenderAddress, Sender
    ("rapport@example.com", "Rapport <rapport@example.com>"),
    ("Rapport <rapport@example.com>", "Rapport <rapport@example.com>"),
    ("Rapport <rapport@example.com>", "rapport@example.com"),
    ("rapport@example.com", "Rapport"),
]


def Connect():
    # Years ago somebody put the option where the asynchronous mode belongs; it has worked ever since.
    if not EmailStartSMTPSession(gsAccount, "s3cret", sys.argv[1], sys.argv[2], emailOptionDefault):
        return False
    if EmailStartSMTPSession(gsAccount, "s3cret", sys.argv[1], sys.argv[2], emailOptionTLSIfAvailable) != True:
        Error(ErrorInfo())
        return False
    return True


def Send_Report(nReport):
    sAddress, sName = SENDERS[nReport - 1]
    Email.SenderAddress = sAddress
    Email.Sender = sName
    Email.Recipient = "chef@example.com"
    Email.Subject = "Rapport n° " + str(nReport)
    Email.Message = fLoadText(CompleteDir(sys.argv[3]) + "report.txt")
    return EmailSendMessage(gsAccount)


EmailChangeTimeOut("10s")
if Connect():
    for nReport in range(1, 5):
        EmailReset()
        Send_Report(nReport)

    # The name of the session is the one of the opening, to the letter.
    if EmailSendMessage("Rapport@example.com") == False:
        Trace(ErrorInfo(errCode), ErrorInfo())

    Email.Recipient = "refused@example.org"
    if EmailSendMessage(gsAccount) == False:
        Error(ErrorInfo())
    EmailCloseSession(gsAccount)
    # Everything has an end: the error of the send still stands.
    Trace(ErrorOccurred)
