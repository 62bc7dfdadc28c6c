# A reminder to customers who have not paid: the Email structure, one session by name, a file of customers, images
# attached by hand. Counters are set before the elements, after them, or never.
#
#   STRUCTURE style: sys.argv is server, port, directory
# ruff: noqa: E712, F403, F405
# mypy: ignore-errors
import sys

from wlemail import *

gsServer, gnPort, gsDirectory = sys.argv[1:4]
gsUser = "compta@example.com"
gsPassword = "s3cret"
gnSent = 0


def Write_Reminder(sName, sAddress, sInvoices):
    EmailReset()
    Email.Sender = "compta@example.com"
    Email.SenderAddress = "Comptabilité <compta@example.com>"

    # the counter before the element
    Email.NbRecipient = 1
    Email.Recipient[1] = StringBuild("%1 <%2>", sName, sAddress)

    # a counter that goes up with each copy
    for sCopy in ("direction@example.com", "", "archives@example.com"):
        if sCopy != "":
            Email.NbBcc += 1
            Email.Bcc[Email.NbBcc] = sCopy

    Email.Subject = "Rappel : " + sInvoices + " facture(s) à régler"
    Email.Priority = emailHighPriority
    Email.ReturnReceipt = True
    Email.Message = "Bonjour " + sName + "," + CR + CR + "Merci de régler " + sInvoices + " facture(s)." + CR
    Email.Message += "." + CR + "-- " + CR + "La comptabilité"

    # images by hand: an attachment for each, its identifier in the HTML
    sHTML = (
        "<p>Bonjour " + sName + '</p><img src="LOGO"><p>Merci de régler <b>' + sInvoices + '</b>.</p><img src="SIGN">'
    )
    for sFile, sMark in (("logo.png", "LOGO"), ("signature.gif", "SIGN")):
        Email.Attach[Email.NbAttach + 1] = CompleteDir(gsDirectory) + sFile
        Email.AttachIdentifier[Email.NbAttach] = "wdcid" + Email.NbAttach
        sHTML = Replace(sHTML, sMark, "cid:WDCID" + Email.NbAttach)
    Email.HTML = sHTML

    # the counter never, and an attachment that the HTML does not show
    Email.Attach[3] = CompleteDir(gsDirectory) + "relevé n°1.pdf"


EmailSetTimeOut(10)
HourGlass(True)
if EmailStartSMTPSession(gsUser, gsPassword, gsServer, gnPort, emailSynchronous) == True:
    sLines = fLoadText(CompleteDir(gsDirectory) + "customers.txt")
    nLine = 1
    sLine = ExtractString(sLines, nLine, CR)
    while sLine != EOT:
        if Val(ExtractString(sLine, 3)) > 0:
            Write_Reminder(ExtractString(sLine, 1), NoSpace(ExtractString(sLine, 2)), ExtractString(sLine, 3))
            if EmailSendMessage(gsUser) == True:
                gnSent += 1
            else:
                Error("Reminder to " + ExtractString(sLine, 1), ErrorInfo(errMessage))
        nLine += 1
        sLine = ExtractString(sLines, nLine, CR)
    EmailCloseSession(gsUser)
else:
    Error("No connection", ErrorInfo(errFullDetails))
HourGlass(False)
Info(StringBuild("%1 reminder(s) sent", gnSent))
