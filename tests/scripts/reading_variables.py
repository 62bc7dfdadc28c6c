# A session variable, loops over its mails, their HTML with its images for a browser.
#
#   sys.argv is server, SMTP port, POP3 port, directory
# ruff: noqa: F403, F405
# mypy: ignore-errors
import sys

from wlemail import *

gsServer, gnSMTPPort, gnPort, gsDirectory = sys.argv[1:5]

MySession = emailPOP3Session()
MySession.ServerAddress = gsServer
MySession.Name = "service@example.com"
MySession.Password = "s3cret"
MySession.Port = gnPort
MySession.Option = emailOptionDefault

if not MySession.StartSession():
    Error(ErrorInfo())
    sys.exit(1)

# headers first; the bodies of those that matter
arrMail = EmailGetAll(MySession)
for oMail in arrMail:
    if Contains(oMail.Subject, "commande", IgnoreCase):
        Trace(oMail.Subject, oMail.Message)
Trace(arrMail.Count)

for oMail in MySession:
    if oMail.HTML != "":
        sHTML = oMail.ExportHTML(CompleteDir(gsDirectory) + "html")
        fSaveText(CompleteDir(gsDirectory) + "html" + fSep + "mail.html", sHTML)
    for oAttach in oMail.Attach:
        if oAttach.ContentType == "application/pdf":
            oAttach.SaveAttachment(CompleteDir(gsDirectory) + oMail.ReceptionDate.DatePart + " " + oAttach.Name)
    if oMail.NbAttach == 0:
        EmailDeleteMessage(MySession, oMail)
EmailCloseSession(MySession)
