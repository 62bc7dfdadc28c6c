# Looks at the headers of a mailbox first and fetches what is small; then walks backwards and deletes what is old.
#
#   sys.argv is server, SMTP port, POP3 port, directory
# ruff: noqa: E712, F403, F405
# mypy: ignore-errors
import sys

from wlemail import *

gsServer, gnSMTPPort, gnPort, gsDirectory = sys.argv[1:5]
gsUser = "service@example.com"

EmailChangeTimeOut(30)
if EmailStartPOP3Session(gsUser, "s3cret", gsServer, gnPort) == True:
    # the rank of each mail, the number last
    for i in range(1, EmailNbMessage(gsUser) + 1):
        if EmailReadMessageHeader(gsUser, i) == True:
            if EmailMessageLength(gsUser, i) > 4000:
                Trace("too large", Email.Subject)
            elif EmailReadMessage(gsUser, i):
                fSaveText(CompleteDir(gsDirectory) + "mail" + NoSpace(str(i)) + ".eml", Email.Source)

    # the other way round, with a variable
    m = Email()
    EmailReadLastHeader(gsUser, m)
    while not m.Out:
        if Left(m.ReceptionDate.DatePart, 4) < "2026":
            EmailDeleteMessage(gsUser, m)
        EmailReadPreviousHeader(gsUser, m)
    EmailCloseSession(gsUser)
else:
    Error("Cannot read", ErrorInfo())

# what was saved comes back
oMail = Email()
oMail.Source = fLoadText(CompleteDir(gsDirectory) + "mail1.eml")
if oMail.ImportSource() == True:
    Info(oMail.Subject, oMail.Message)
