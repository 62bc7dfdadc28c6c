# A newsletter with the advanced types: emailSMTPSession, Email, emailAttach and emailHeader variables. The HTML comes
# from a template with its images; an emailAttach variable is filled and added again and again.
#
#   VARIABLE style: sys.argv is server, port, directory
# ruff: noqa: F403, F405
# mypy: ignore-errors
import sys

from wlemail import *

gsDirectory = CompleteDir(sys.argv[3])

MySession = emailSMTPSession()
MySession.ServerAddress = sys.argv[1]
MySession.Port = sys.argv[2]
MySession.Name = "news@example.com"
MySession.Password = "s3cret"
MySession.Option = emailProtocolSMTPS
# the certificate of the machine in the next room
MySession.IgnoreError = emailSessionIgnoreInvalidCertificate + emailSessionIgnoreInvalidCertificateName


def Compose(sTitle):
    MyMessage = Email()
    MyMessage.Sender = "Les nouvelles <news@example.com>"
    MyMessage.ErrorReturnAddress = "retours+42@example.com"
    MyMessage.Subject = sTitle
    MyMessage.Message = "Cette lettre se lit en HTML."

    MyAttachment = emailAttach()
    for nYear in (2023, 2024, 2025):
        MyAttachment.Name = StringBuild("bilan %1.csv", nYear)
        MyAttachment.Content = "année;total" + CR + str(nYear) + ";" + str(nYear * 2)
        MyAttachment.ContentDescription = "Bilan de l'année " + str(nYear)
        Add(MyMessage.Attach, MyAttachment)
    if EmailLoadAttachment(MyMessage, gsDirectory + "relevé n°1.pdf") == -1:
        Error(ErrorInfo())
    if MyMessage.LoadAttachment(gsDirectory + "missing.pdf") == -1:
        Trace("not attached", ErrorOccurred)

    EmailImportHTML(MyMessage, fLoadText(gsDirectory + "template.html"), gsDirectory)

    MyHeader = emailHeader()
    MyHeader.Name, MyHeader.Value = "List-Id", "Les nouvelles <news.example.com>"
    MyMessage.Header.Add(MyHeader)
    MyHeader.Name, MyHeader.Value = "X-Campagne", "été"
    MyMessage.Header.Add(MyHeader)
    return MyMessage


if not EmailStartSession(MySession):
    Error(ErrorInfo())
else:
    MyMessage = Compose("Les nouvelles d'août")
    for sReader in ("lecteur@example.org", "refused@example.org; Lectrice <lectrice@example.org>"):
        MyMessage.Recipient = sReader
        if not MySession.SendMessage(MyMessage, emailOptionEncodeHeader):
            Error()
        for n in range(1, MyMessage.RefusedRecipient.Count + 1):
            Trace(MyMessage.RefusedRecipient[n], MyMessage.RefusedReason[n])
    MySession.CloseSession()
