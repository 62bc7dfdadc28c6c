# Le courrier du service : tout lire, ranger les pièces jointes, accuser réception, effacer ce qui est traité. La
# structure Email, deux sessions sous un nom, des boucles écrites sur EnDehors.
#
#   sys.argv : serveur, port SMTP, port POP3, répertoire
# ruff: noqa: F403, F405
# mypy: ignore-errors
import sys

from wlemail import *

gsServeur, gnPortSMTP, gnPortPOP3, gsRep = sys.argv[1:5]
gsUtilisateur = "service@example.com"

if EmailOuvreSession(gsUtilisateur, "s3cret", gsServeur, gsServeur, gnPortPOP3, gnPortSMTP) == Faux:
    Erreur("Connexion impossible", ErreurInfo(errComplet))
    sys.exit(1)

nLu = 0
EmailLitPremier(gsUtilisateur)
while Email.EnDehors == Faux:
    nLu += 1
    sLigne = Email.DateRéception[0:8] + TAB + Email.Expediteur + TAB + Email.sujet + TAB + Email.NbAttache
    for j in range(1, Email.NbAttache + 1):
        if EmailSauveFichierAttaché(Email.Attache[j], ComplèteRep(gsRep) + Email.Attache[j]) == Faux:
            Erreur()
        sLigne += TAB + Email.Attache[j]
    Trace(sLigne)

    if Position(Majuscule(Email.Sujet), "COMMANDE") > 0:
        sId = Email.MessageID
        # la réponse dans la même structure ; les pièces jointes repartent
        Email.Destinataire = Email.Expéditeur
        Email.Expéditeur = "Service <service@example.com>"
        Email.Sujet = "Re: " + Email.Sujet
        Email.Message = "Bien reçu, le " + Email.DateRéception[6:8] + "." + RC
        Email.HTML = ""
        Email.Référence = sId
        if not EmailEnvoieMessage(gsUtilisateur, Email, emailOptionRéférence):
            Erreur(ErreurInfo(errMessage))
        EmailSupprimeMessage(gsUtilisateur)
    EmailLitSuivant(gsUtilisateur)

if ErreurDétectée:
    Erreur(ErreurInfo(errComplet))
Info(ChaîneConstruit("%1 message(s) lu(s) sur %2", nLu, EmailNbMessage(gsUtilisateur)))
EmailFermeSession(gsUtilisateur)
