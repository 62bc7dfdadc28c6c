# Une relance de rendez-vous, écrite en français de bout en bout, avec et sans accents.
#
#   FRANÇAIS : sys.argv contient serveur, port, répertoire
# ruff: noqa: F403, F405
# mypy: ignore-errors
import sys

from wlemail import *

gsUtilisateur = "agenda@example.com"
gsRep = ComplèteRep(sys.argv[3])


def PrepareMail(sPrenom, sAdresse, sHeure):
    EmailRAZ()
    Email.Expediteur = "Cabinet Müller <agenda@example.com>"
    Email.AdresseExpéditeur = "accueil@example.com"
    Email.Destinataire[1] = sAdresse
    Email.NbDestinataire = 1
    Email.Cci[1] = "copie@example.com"
    Email.NbCci = 1
    Email.Sujet = ChaîneConstruit("Votre rendez-vous à %1 h", sHeure)
    Email.Priorité = emailPrioritéBasse
    Email.Confidentialite = emailPrivé
    Email.ConfirmationLecture = Vrai
    Email.Message = "Bonjour " + sPrenom + RC + RC + "À demain, " + sHeure + " h." + RC
    # Les pièces jointes d'abord, le HTML ensuite.
    Email.Attache[1] = gsRep + "relevé n°1.pdf"
    Email.AttacheContentDescription[1] = "Votre relevé"
    Email.NbAttache = 1
    EmailImporteHTML('<body background="LOGO.PNG"><p>À demain, <b>' + sHeure + " h</b></p></body>", gsRep)


EmailChangeTimeOut(10)
if EmailVérifieAdresse("patient@example.org") != emailAdresseValide:
    Erreur(ErreurInfo())
if EmailVerifieAdresse("patient@example", emailValideSyntaxeStrict) == emailAdresseSyntaxeIncorrecte:
    Trace("adresse refusée", ErreurDétectée)

si_ouverte = EmailOuvreSessionSMTP(gsUtilisateur, "s3cret", sys.argv[1], sys.argv[2], Faux, emailOptionDéfaut)
if si_ouverte == Vrai:
    PrepareMail("Zoë", "Zoë Lefèvre <patient@example.org>", "9")
    if EmailEnvoieMessage(gsUtilisateur) == Faux:
        Erreur("Envoi impossible", ErreurInfo(errComplet))
    PrepareMail("Nemo", "personne", "10")
    if EmailEnvoieMessage(gsUtilisateur) == Faux:
        Erreur("Envoi impossible", ErreurInfo())
    EmailFermeSession(gsUtilisateur)
else:
    Erreur("Connexion impossible", ErreurInfo())
