"""Sentences that several rows of `error_codes.py` share, as (English, French); `{…}` are facts of the exception."""

from __future__ import annotations

# -- hints that several rows share ----------------------------------------------------------------------------

USUAL_PORTS = (
    "Check the address and the port: for sending usually 587 with emailProtocolSMTPS, or 465 with optionTLS; for "
    "reading 995 (POP3) or 993 (IMAP) with optionTLS. A firewall on the way may also block it.",
    "Vérifiez l'adresse et le port : pour envoyer, en général 587 avec emailProtocoleSMTPS, ou 465 avec optionTLS ; "
    "pour lire, 995 (POP3) ou 993 (IMAP) avec optionTLS. Un pare-feu peut aussi bloquer le passage.",
)
PORT_25 = (
    "Most access providers block port 25 to other servers than their own: use port 587 with emailProtocolSMTPS, or 465 "
    "with optionTLS.",
    "La plupart des fournisseurs d'accès bloquent le port 25 vers d'autres serveurs que le leur : utilisez le port 587 "
    "avec emailProtocoleSMTPS, ou 465 avec optionTLS.",
)
TLS_ON_CLEAR_PORT = (
    "Port {port} begins in clear: use emailProtocolSMTPS (STARTTLS) in place of optionTLS, or optionTLS with the port "
    "for TLS (SMTP 465, POP3 995, IMAP 993).",
    "Le port {port} commence en clair : utilisez emailProtocoleSMTPS (STARTTLS) au lieu d'optionTLS, ou optionTLS avec "
    "le port pour TLS (SMTP 465, POP3 995, IMAP 993).",
)
CLEAR_ON_TLS_PORT = (
    "Port {port} expects TLS from the first byte: use optionTLS there; emailProtocolSMTPS (STARTTLS) goes with another "
    "port (SMTP 587, POP3 110, IMAP 143).",
    "Le port {port} attend du TLS dès le premier octet : utilisez-y optionTLS ; emailProtocoleSMTPS (STARTTLS) va avec "
    "un autre port (SMTP 587, POP3 110, IMAP 143).",
)
NO_TLS_HERE = (
    "Use emailProtocolSMTPS (STARTTLS; usual ports: SMTP 587, POP3 110, IMAP 143) in place of optionTLS.",
    "Utilisez emailProtocoleSMTPS (STARTTLS ; ports habituels : SMTP 587, POP3 110, IMAP 143) au lieu d'optionTLS.",
)
LATER = (
    "The server calls this temporary: the same may succeed later.",
    "Le serveur dit que c'est temporaire : la même opération peut réussir plus tard.",
)
OUTBOX_PLACE = (
    "EmailConfigure(emailParameterOutbox, directory), or WLEMAIL_OUTBOX in the environment, chooses another place; "
    '"memory" keeps mails in memory alone until they have left.',
    "EmailParamètre(emailParamètreBoîteEnvoi, répertoire), ou WLEMAIL_OUTBOX dans l'environnement, choisit un autre "
    "endroit ; « memory » garde les messages en mémoire seulement, jusqu'à leur départ.",
)
MAYBE_DELIVERED = (
    "The whole message had been sent when this happened: it may have been delivered. Check before sending it again.",
    "Le message avait été transmis en entier : il a peut-être été remis. Vérifiez avant de le renvoyer.",
)
CREDENTIALS = (
    "Check the user name (often the whole e-mail address) and the password. Accounts with two-step verification need "
    "an application password, or a token in the AuthToken member of a session variable.",
    "Vérifiez le nom d'utilisateur (souvent l'adresse e-mail entière) et le mot de passe. Les comptes à double "
    "authentification demandent un mot de passe d'application, ou un jeton dans le membre AuthToken d'une variable de "
    "session.",
)
GMAIL = (
    "Gmail does not take the password of the account: create an application password (Google account, Security, "
    "two-step verification) and give its 16 letters without spaces, or set the AuthToken member of a session variable.",
    "Gmail n'accepte pas le mot de passe du compte : créez un mot de passe d'application (compte Google, Sécurité, "
    "validation en deux étapes) et donnez ses 16 lettres sans espaces, ou renseignez le membre AuthToken d'une "
    "variable de session.",
)
APPLICATION_PASSWORD = (
    "Create an application password in the security settings of the account and give it in place of the usual "
    "password, without spaces; or set the AuthToken member of a session variable.",
    "Créez un mot de passe d'application dans les réglages de sécurité du compte et donnez-le à la place du mot de "
    "passe habituel, sans espaces ; ou renseignez le membre AuthToken d'une variable de session.",
)
MICROSOFT = (
    "Set the AuthToken member of a session variable (OAuth 2.0) in place of the password; otherwise an administrator "
    "has to allow authenticated SMTP for this mailbox. An application password does not help here.",
    "Renseignez le membre AuthToken d'une variable de session (OAuth 2.0) à la place du mot de passe ; sinon un "
    "administrateur doit autoriser le SMTP authentifié pour cette boîte. Un mot de passe d'application n'y change "
    "rien.",
)
MICROSOFT_TOO = (
    "Check the user name and the password. Microsoft 365 and Outlook.com no longer take a password for most accounts: "
    "set the AuthToken member of a session variable (OAuth 2.0).",
    "Vérifiez le nom d'utilisateur et le mot de passe. Microsoft 365 et Outlook.com n'acceptent plus de mot de passe "
    "pour la plupart des comptes : renseignez le membre AuthToken d'une variable de session (OAuth 2.0).",
)
TOKEN_REFUSED = (
    "The server refused the access token (AuthToken).{said}",
    "Le serveur a refusé le jeton d'accès (AuthToken).{said}",
)
SMTP_SWITCHED_OFF = (
    "Sending by SMTP is switched off for this Microsoft 365 account: an administrator has to allow authenticated SMTP "
    "for the mailbox. Another token does not help here.",
    "L'envoi par SMTP est désactivé pour ce compte Microsoft 365 : un administrateur doit autoriser le SMTP "
    "authentifié pour cette boîte. Un autre jeton n'y change rien.",
)
ENCRYPT_FIRST = (
    "The server wants an encrypted connection first: open the session with emailProtocolSMTPS (port 587) or optionTLS "
    "(port 465).",
    "Le serveur veut d'abord une connexion chiffrée : ouvrez la session avec emailProtocoleSMTPS (port 587) ou "
    "optionTLS (port 465).",
)
GIVE_PASSWORD = (
    "The server wants to know who sends: open the session with a password (or AuthToken) and, where the server asks "
    "for it, encrypted (emailProtocolSMTPS or optionTLS).",
    "Le serveur veut savoir qui envoie : ouvrez la session avec un mot de passe (ou AuthToken) et, si le serveur le "
    "demande, chiffrée (emailProtocoleSMTPS ou optionTLS).",
)
RELATIVE_PATH = (
    "A relative path is looked up in the current directory: {directory}",
    "Un chemin relatif est cherché dans le répertoire courant : {directory}",
)
SEND_LESS = (
    "Attachments grow by a third on their way: send less at a time, or a link.",
    "Les fichiers attachés grossissent d'un tiers à l'envoi : envoyez-en moins à la fois, ou un lien.",
)
SET_VARIABLE = (
    "Set the environment variable {variable}.",
    "Renseignez la variable d'environnement {variable}.",
)
MAIL_SERVER = (
    "Check the address and the port: is this a mail server?",
    "Vérifiez l'adresse et le port : s'agit-il bien d'un serveur de messagerie ?",
)

# -- texts that several rows share ----------------------------------------------------------------------------

SESSION_UNKNOWN = (
    'No session named "{name}" is open. Open sessions: {open_names}.',
    "Aucune session nommée « {name} » n'est ouverte. Sessions ouvertes : {open_names}.",
)
WRONG_KIND = (
    'The session "{name}" is open for {found}; this function needs {needed}.',
    "La session « {name} » est ouverte en {found} ; cette fonction a besoin de {needed}.",
)
ATTACHMENT_MISSING = ('The attachment "{path}" was not found.', "Le fichier attaché « {path} » est introuvable.")
NO_CONNECTION_IN_TIME = (
    "{where} did not answer the attempt to connect within {seconds} s.",
    "{where} n'a pas répondu à la tentative de connexion en {seconds} s.",
)
NO_HANDSHAKE_IN_TIME = (
    "{where} did not complete the TLS handshake within {seconds} s.",
    "{where} n'a pas terminé la négociation TLS en {seconds} s.",
)
NO_ANSWER_IN_TIME = ("{where} did not answer within {seconds} s.", "{where} n'a pas répondu en {seconds} s.")
CLOSED_IN_HANDSHAKE = (
    "{where} closed the connection during the TLS handshake.",
    "{where} a fermé la connexion pendant la négociation TLS.",
)
NOT_THE_PROTOCOL = (
    "{where} does not follow the mail protocol: {text}.",
    "{where} ne respecte pas le protocole de messagerie : {text}.",
)
NOT_TLS = ("{where} does not speak TLS from the first byte.", "{where} ne parle pas TLS dès le premier octet.")
NO_PASSWORD_HERE = (
    "The server does not take a password on this connection.{said}",
    "Le serveur n'accepte pas de mot de passe sur cette connexion.{said}",
)
SENDER_REFUSED = (
    'The server refused the sender "{address}".{said}',
    "Le serveur a refusé l'expéditeur « {address} ».{said}",
)
RECIPIENT_REFUSED = (
    "The server refused the recipient {refused}.{said}",
    "Le serveur a refusé le destinataire {refused}.{said}",
)
RECIPIENTS_REFUSED = (
    "The server refused every recipient; nothing was sent. {refusals}",
    "Le serveur a refusé tous les destinataires ; rien n'a été envoyé. {refusals}",
)
LOGIN_REFUSED = (
    "The server refused the user name or the password.{said}",
    "Le serveur a refusé le nom d'utilisateur ou le mot de passe.{said}",
)
CERTIFICATE = (
    "The certificate of {where} was refused: {failed_check}.{issued}",
    "Le certificat de {where} a été refusé : {failed_check}.{issued}",
)


def ignore(english: str, french: str, *, first: tuple[str, str] = ("", "")) -> tuple[str, str]:
    """The hint for a certificate: the constant that leaves this check out, and nothing else."""
    return (
        f"{first[0]}If you accept that risk, put {english} into the IgnoreError member of a session "
        "variable (emailSMTPSession, emailPOP3Session …); the other checks stay in force.",
        f"{first[1]}Si vous acceptez ce risque, mettez {french} dans le membre IgnoreErreur d'une variable "
        "de session (emailSessionSMTP, emailSessionPOP3 …) ; les autres contrôles restent actifs.",
    )
