# What grew over fifteen years: French and English in one line, structure and variables side by side, a source that is
# built, kept, edited and sent, a gauge, and an END: label that closes the session whatever happened.
#
#   MIXED: sys.argv is server, port, directory
# ruff: noqa: E712, F403, F405
# mypy: ignore-errors
import sys

from wlemail import *

gnTotal = gnDone = 0


def Gauge(nTotal, nDone):
    global gnTotal, gnDone
    gnTotal, gnDone = nTotal, nDone


def Archive(oMail):
    """Build the source with its hidden recipients, and keep it."""
    if not EmailConstruitSource(oMail, emailOptionEncodeHeader + emailOptionEntêteCCi):
        Error(ErreurInfo())
        return ""
    sFile = fRepTemp() if sys.argv[3] == "" else CompleteDir(sys.argv[3])
    sFile += "archive.eml"
    fSauveTexte(sFile, "X-Archived: " + DateToString(DateSys(), "YYYYMMDD") + CR + oMail.Source)
    return sFile


def Go(sServer, sPort):
    oMail = Email()
    oMail.EXPEDITEUR = "Lager <lager@example.com>"
    oMail.recipient.Ajoute("chef@example.com")
    oMail.Destinataire.Add("réception <accueil@example.com>")
    Ajoute(oMail.cci, "hidden@example.com")
    oMail.sujet = "Stock " + Majuscule("été")
    oMail.message, oMail.HTML = "Voir le HTML", "<p>Stock : <b>0</b></p>"
    oMail.PRIORITY = emailPrioriteHaute
    oMail.MessageId = "<stock.1@example.com>"
    oMail.Reference = "<stock.0@example.com>"

    EmailJauge(Gauge, 1000)
    if EmailStartSMTPSession("lager", sServer, sPort) == False:
        Erreur("Verbindung", ErrorInfo())
        return
    # FIN:
    try:
        EmailEnvoieMessage("lager", oMail, emailOptionMessageID + emailOptionRéférence)
        if ErreurDetectee == Vrai:
            Erreur(ErrorInfo())

        # EmailSend takes its envelope from the structure.
        Email.Sender, Email.Destinataire, Email.NbCc = oMail.Sender, "archives@example.com", 0
        Email.CC[1] = "not.counted@example.com"
        if EmailSend("lager", Archive(oMail)) == True:
            Trace("archived", EmailCheckAddress(Email.Recipient) == emailAdresseValide)

        # copies are copies
        oOther = Email(oMail)
        oOther.Sujet, oOther.Destinataire = "Copie", "refused@example.com"
        oOther.Cci.SupprimeTout()
        if not EmailSendMessage("lager", oOther):
            Error(ErrorInfo(errMessage))
    finally:
        EmailCloseSession("lager")
        EmailJauge("")


Go(sys.argv[1], sys.argv[2])
Trace(gnDone == gnTotal, gnTotal > 0)
