# Le courrier du service, trié dans des dossiers : chercher, ranger, marquer. Une session par son nom, la structure
# Email, les chemins comme dans Outlook, la liste des dossiers séparée par RC.
#
#   sys.argv : serveur, port IMAP
# ruff: noqa: F403, F405
# mypy: ignore-errors
import sys

from wlemail import *

gsServeur, gnPort = sys.argv[1:3]
gsUtilisateur = "service@example.com"

if EmailOuvreSessionIMAP(gsUtilisateur, "s3cret", gsServeur, gnPort, emailOptionDéfaut) == Faux:
    Erreur(ErreurInfo(errMessage))
    sys.exit(1)

sDossier = "Dossiers personnels\\Traités\\Été 2026"
if not EmailAjouteDossier(gsUtilisateur, sDossier):
    Erreur(ErreurInfo())

nTrouve = 0
EmailCherchePremier(gsUtilisateur, emailSujet + emailCorps, "pièces")
while Email.EnDehors == Faux:
    nTrouve += 1
    if EmailCopie(gsUtilisateur, Email, sDossier):
        EmailSupprimeMessage(gsUtilisateur)
    EmailLitSuivant(gsUtilisateur)
if ErreurDétectée:
    Erreur(ErreurInfo(errComplet))
Trace(nTrouve, EmailNbMessage(gsUtilisateur))
EmailDetruit(gsUtilisateur)
Trace(EmailNbMessage(gsUtilisateur))

sListe = EmailListeDossier(gsUtilisateur, LstDossierTous + LstDossierTrié)
i = 1
while ExtraitChaîne(sListe, i, RC) != EOT:
    sUnDossier = ExtraitChaîne(sListe, i, RC)
    if EmailChangeDossier(gsUtilisateur, sUnDossier) and EmailNbMessage(gsUtilisateur) > 0:
        Trace(EmailDossierCourant(gsUtilisateur) + TAB + EmailNbMessage(gsUtilisateur))
        EmailLitDernier(gsUtilisateur)
        while not Email.EnDehors:
            Trace("  " + Email.Sujet)
            EmailLitPrecedent(gsUtilisateur)
    i += 1

if EmailChangeDossier(gsUtilisateur, "Dossiers personnels\\Absent"):
    Trace("ce dossier n'existe pas")
else:
    Trace(ErreurDétectée)
EmailFermeSession(gsUtilisateur)
