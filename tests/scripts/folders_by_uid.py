# An IMAP session variable; mails by their UID, which passes through texts and Val(); both forms of EmailCopy; what is
# done goes for good at the end.
#
#   sys.argv is server, IMAP port
# ruff: noqa: E712, F403, F405
# mypy: ignore-errors
import sys

from wlemail import *

gsServer, gnPort = sys.argv[1:3]

MySession = emailIMAPSession()
MySession.serveraddress = gsServer
MySession.Name = "service@example.com"
MySession.Password = "s3cret"
MySession.Port = gnPort
MySession.Option = "0"
if EmailStartSession(MySession) == False:
    Error(ErrorInfo(errFullDetails))
    sys.exit(1)

EmailAddFolder(MySession, "Done")
EmailAddFolder(MySession, "Done/Orders")

# what is new, remembered by its number
sList = ""
for oMail in MySession.NotRead():
    sList += oMail.ID + ";"
    EmailChangeStatus(MySession, oMail, emailStatusNotRead)
Trace(StringCount(sList, ";"))

nRank = 1
while ExtractString(sList, nRank, ";") not in ("", EOT):
    nUID = Val(ExtractString(sList, nRank, ";"))
    oMessage = Email()
    if EmailReadMessage(MySession, oMessage, nUID):
        if Contains(oMessage.Subject, "Commande"):
            EmailCopy(oMessage, "Done/Orders")
        else:
            EmailCopy(MySession, oMessage, "Done")
        EmailDeleteMessage(MySession, nUID)
    nRank += 1
EmailDestroy(MySession)
Trace(MySession.NbMessage())

MySession.ChangeFolder("Done/Orders")
for oMail in EmailGetAll(MySession):
    for sFlag in EmailGetIndicator(MySession, oMail):
        if sFlag == "\\Seen":
            Trace(oMail.Subject, "read", oMail.Message)
EmailCloseSession(MySession)
