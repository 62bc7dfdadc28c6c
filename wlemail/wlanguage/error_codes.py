"""The table of errors: exception -> code, Email.Error number, and what to tell people, in English and French.

Loaded when somebody asks about an error. A row serves the exceptions of its class that pass its test; the first row
that fits counts, so special cases stand above the general row of their class, and classes above their bases. Codes
have WLanguage's form (100xxx) and are our own. The number is what `Email.Error` holds (3032026).

A text is what happened, in one or two sentences; a hint is what to do about it. `{…}` are the facts that
`facts()` takes from the exception. No row may name anything secret: exceptions carry none.
"""

from __future__ import annotations

from .. import errors
from . import error_texts as texts
from .error_throw import ThrownError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Row:
    """One line of the table; the texts are (English, French)."""

    __slots__ = ("code", "hint", "kind", "number", "test", "text")

    def __init__(
        self,
        kind: type[BaseException],
        code: int,
        number: int,
        text: tuple[str, str],
        hint: tuple[str, str] = ("", ""),
        test: Callable[[Any], object] | None = None,
    ) -> None:
        self.kind = kind
        self.code = code
        self.number = number
        self.text = text
        self.hint = hint
        self.test = test

    def fits(self, exception: BaseException) -> bool:
        return isinstance(exception, self.kind) and (self.test is None or bool(self.test(exception)))


# -- tests ------------------------------------------------------------------------------------------------

#: These begin in clear; STARTTLS secures them later.
_CLEAR_PORTS = (25, 110, 143, 587)
#: On these the first byte is already TLS.
_TLS_PORTS = (465, 993, 995)


def _said(*parts: str) -> Callable[[errors.Refused], bool]:
    """The server's reply holds one of these words."""

    def test(problem: Any) -> bool:
        reply = str(problem.reply).lower() if problem.reply is not None else ""
        return any(part in reply for part in parts)

    return test


def _no_relaying(problem: errors.RecipientsRefused) -> bool:
    words = ("relay", "authenticat", "5.7.57", "5.7.54")
    return any(word in str(reply).lower() for reply in problem.replies.values() for word in words)


def _port(*ports: int) -> Callable[[errors.Broken], bool]:
    return lambda problem: problem.port in ports


def _stage(stage: str, *ports: int) -> Callable[[errors.TimedOut], bool]:
    return lambda problem: problem.stage == stage and (not ports or problem.port in ports)


def _check(*checks: str) -> Callable[[errors.CertificateRejected], bool]:
    return lambda problem: problem.check in checks


def _text(*parts: str) -> Callable[[errors.MailError], bool]:
    return lambda problem: any(part in problem.text.lower() for part in parts)


def _loopback(problem: errors.Broken) -> bool:
    return problem.host in ("localhost", "::1") or problem.host.startswith("127.")


def _same_but_for_case(problem: errors.SessionUnknown) -> bool:
    wanted = problem.name.strip().casefold()
    return any(name.strip().casefold() == wanted for name in problem.open_names)


def _not_a_host_name(problem: errors.CannotResolve) -> bool:
    return any(character in problem.host for character in ":/@ ,;")


def _by_token(problem: errors.AuthenticationFailed) -> bool:
    return problem.mechanism.upper() in ("XOAUTH2", "OAUTHBEARER")


def _at(problem: errors.AuthenticationFailed, *domains: str) -> bool:
    """The server's name lies in one of these domains."""
    host = f".{problem.host.lower().rstrip('.')}"
    return host.endswith(tuple(f".{domain}" for domain in domains))


def _no_passwords(problem: errors.AuthenticationFailed) -> bool:
    return _said(
        "basic authentication is disabled", "smtpclientauthentication is disabled", "did not meet the criteria"
    )(problem)


def _wants_authentication(problem: errors.SenderRefused) -> bool:
    return problem.reply.code == 530 or _said("authenticat", "5.7.57")(problem)


def _wants_encryption(problem: errors.Refused) -> bool:
    return problem.reply.code == 538 or _said("starttls", "5.7.11", "encryption required", "privacyrequired")(problem)


def _code(*codes: str) -> Callable[[errors.CommandRefused], bool]:
    return lambda problem: problem.response_code in codes


def _no_such_folder(problem: errors.CommandRefused) -> bool:
    """By its code; QUIRK: Dovecot gives none to SELECT (RFC 9051 7.1 has NONEXISTENT for it)."""
    return _code("NONEXISTENT", "TRYCREATE")(problem) or (
        problem.command in ("SELECT", "EXAMINE") and _said("doesn't exist", "does not exist")(problem)
    )


def _trouble(trouble: str) -> Callable[[errors.SecretUnavailable], bool]:
    return lambda problem: problem.problem == trouble


def _disk_full(problem: errors.FileProblem) -> bool:
    # ENOSPC and EDQUOT on Linux and macOS, ERROR_DISK_FULL's translation on Windows (also ENOSPC).
    cause = problem.__cause__
    return isinstance(cause, OSError) and cause.errno in (28, 69, 122)


# -- the table ------------------------------------------------------------------------------------------------

# fmt: off
ROWS: tuple[Row, ...] = (
    # misuse
    Row(
        errors.SessionUnknown, 100101, 19,
        (
            'No session named "{name}" is open: no session is open at all.',
            "Aucune session nommée « {name} » n'est ouverte : aucune session n'est ouverte.",
        ),
        (
            "Open it first (EmailStartSMTPSession, EmailStartPOP3Session …) and check that the opening returned True.",
            "Ouvrez-la d'abord (EmailOuvreSessionSMTP, EmailOuvreSessionPOP3 …) et vérifiez que le résultat est Vrai.",
        ),
        lambda problem: not problem.open_names,
    ),
    Row(
        errors.SessionUnknown, 100101, 19,
        (
            'This session variable ("{name}") is not open; another session of the same name is.',
            "Cette variable de session (« {name} ») n'est pas ouverte ; une autre session de ce nom l'est.",
        ),
        (
            "Open it again (EmailStartSession) and check that the opening returned True.",
            "Ouvrez-la de nouveau (EmailOuvreSession) et vérifiez que le résultat est Vrai.",
        ),
        lambda problem: problem.name in problem.open_names,
    ),
    Row(
        errors.SessionUnknown, 100101, 19,
        texts.SESSION_UNKNOWN,
        (
            "The name must be the one of the opening to the letter: capitals and spaces count.",
            "Le nom doit être celui de l'ouverture à la lettre près : majuscules et espaces comptent.",
        ),
        _same_but_for_case,
    ),
    Row(
        errors.SessionUnknown, 100101, 19,
        texts.SESSION_UNKNOWN,
        (
            "A session goes by the user name that it was opened with.",
            "Une session porte le nom d'utilisateur avec lequel elle a été ouverte.",
        ),
    ),
    Row(
        errors.WrongSessionKind, 100102, 19,
        texts.WRONG_KIND,
        (
            "Open an SMTP session too (EmailStartSMTPSession); it may have the same name.",
            "Ouvrez aussi une session SMTP (EmailOuvreSessionSMTP) ; elle peut porter le même nom.",
        ),
        lambda problem: problem.needed == "SMTP",
    ),
    Row(
        errors.WrongSessionKind, 100102, 19,
        texts.WRONG_KIND,
        (
            "A session of the kind that is needed may be opened under the same name.",
            "Une session du type voulu peut être ouverte sous le même nom.",
        ),
    ),
    Row(
        errors.SessionBusy, 100103, 10036,
        (
            'The session "{name}" is in the middle of a transfer, and a procedure called by this transfer used it.',
            "La session « {name} » est en plein transfert, et une procédure appelée par ce transfert l'a utilisée.",
        ),
        (
            "Use another session there, or wait for the transfer to end.",
            "Utilisez-y une autre session, ou attendez la fin du transfert.",
        ),
    ),
    Row(
        errors.NoMessageRead, 100106, 16,
        (
            "No message has been read in this session: there is none that this could act on.",
            "Aucun message n'a été lu dans cette session : il n'y en a aucun sur lequel agir.",
        ),
        (
            "Read a message first, or give its number.",
            "Lisez d'abord un message, ou donnez son numéro.",
        ),
    ),
    Row(
        errors.ExtraMissing, 100104, 26,
        (
            "{what} needs an optional package that is not installed.",
            "{what} a besoin d'un paquet optionnel qui n'est pas installé.",
        ),
        ('Install it: pip install "wlemail[{extra}]"', 'Installez-le : pip install "wlemail[{extra}]"'),
    ),
    Row(
        errors.Unsupported, 100105, 26,
        ("{what} is not available here: {why}.", "{what} n'est pas disponible ici : {why}."),
    ),
    Row(
        errors.QueuedMessageUnknown, 100927, 16,
        (
            "The outbox has no mail {number}, or no longer.",
            "La boîte d'envoi n'a pas de message {number}, ou n'en a plus.",
        ),
        (
            "The number is the MailIdentifier that sending in an asynchronous session gave, in the same outbox "
            "(emailParameterOutbox, WLEMAIL_OUTBOX); mails that were purged are forgotten.",
            "Le numéro est l'IdentifiantMail que l'envoi dans une session asynchrone a donné, dans la même boîte "
            "d'envoi (emailParamètreBoîteEnvoi, WLEMAIL_OUTBOX) ; les messages purgés sont oubliés.",
        ),
    ),
    Row(
        errors.UsageError, 100100, 10022,
        ("This function cannot be used like this: {text}.", "Cette fonction ne s'utilise pas ainsi : {text}."),
    ),
    # values
    Row(
        errors.InvalidAddress, 100201, 15,
        (
            "{member}: {shown} is not an e-mail address that can be used{because}.",
            "{member} : {shown} n'est pas une adresse e-mail utilisable{because}.",
        ),
        (
            "An address looks like name@example.com, or Name <name@example.com>.",
            "Une adresse a la forme nom@exemple.fr, ou Nom <nom@exemple.fr>.",
        ),
    ),
    Row(
        errors.ControlCharacter, 100202, 17,
        (
            "{member} holds a line break or another control character{because}.",
            "{member} contient un saut de ligne ou un autre caractère de contrôle{because}.",
        ),
        (
            "Take CR, LF and NUL out of the value: they could add a header or a recipient to the mail.",
            "Retirez CR, LF et NUL de la valeur : ils pourraient ajouter un en-tête ou un destinataire au mail.",
        ),
    ),
    Row(
        errors.NoSender, 100203, 17,
        ("The message has no sender address.", "Le message n'a pas d'adresse d'expéditeur."),
        (
            "Put an address such as name@example.com into Sender (or SenderAddress).",
            "Mettez une adresse comme nom@exemple.fr dans Expéditeur (ou AdresseExpéditeur).",
        ),
    ),
    Row(
        errors.NoRecipient, 100204, 14,
        ("The message has no recipient.", "Le message n'a pas de destinataire."),
        (
            "Fill Recipient, Cc or Bcc, and check the counters NbRecipient, NbCc and NbBcc if the script sets them.",
            "Remplissez Destinataire, Cc ou Cci, et vérifiez les compteurs NbDestinataire, NbCc et NbCci si le script "
            "les renseigne.",
        ),
    ),
    Row(
        errors.InvalidValue, 100200, 10022,
        ("{member}: {why}{given}.", "{member} : {why}{given}."),
    ),
    # attachments and files
    Row(
        errors.AttachmentMissing, 100301, 11,
        (
            'The attachment "{path}" is not in the mail that was read.',
            "Le fichier attaché « {path} » n'est pas dans le message lu.",
        ),
        (
            "Email.Attach has the names of its attachments.",
            "Email.Attache contient les noms de ses fichiers attachés.",
        ),
        lambda problem: problem.in_mail,
    ),
    Row(
        errors.AttachmentMissing, 100301, 11,
        texts.ATTACHMENT_MISSING,
        texts.RELATIVE_PATH,
        lambda problem: _is_relative(problem.path),
    ),
    Row(
        errors.AttachmentMissing, 100301, 11,
        texts.ATTACHMENT_MISSING,
    ),
    Row(
        errors.AttachmentUnreadable, 100302, 12,
        (
            'The attachment "{path}" cannot be read{because}.',
            "Le fichier attaché « {path} » ne peut pas être lu{because}.",
        ),
    ),
    Row(
        errors.AttachmentError, 100303, 12,
        (
            'The attachment "{path}" cannot be used{because}.',
            "Le fichier attaché « {path} » ne peut pas être utilisé{because}.",
        ),
    ),
    Row(
        errors.FileProblem, 100305, 4,
        (
            'The file "{path}" cannot be written: the disk is full.',
            "Le fichier « {path} » ne peut pas être écrit : le disque est plein.",
        ),
        test=_disk_full,
    ),
    Row(
        errors.FileProblem, 100304, 13,
        (
            'The file "{path}" cannot be read or written{because}.',
            "Le fichier « {path} » ne peut pas être lu ou écrit{because}.",
        ),
    ),
    # the way to the server
    Row(
        errors.CannotResolve, 100401, 11001,
        (
            'The server name "{host}" cannot be resolved: it is not a host name.',
            "Le nom de serveur « {host} » ne peut pas être résolu : ce n'est pas un nom d'hôte.",
        ),
        (
            'Give the name alone, such as smtp.example.com: no "smtp://", no port, no space, no e-mail address.',
            "Donnez le nom seul, comme smtp.exemple.fr : ni « smtp:// », ni port, ni espace, ni adresse e-mail.",
        ),
        _not_a_host_name,
    ),
    Row(
        errors.CannotResolve, 100401, 11001,
        (
            'The server name "{host}" cannot be resolved: no address is known for it.',
            "Le nom de serveur « {host} » ne peut pas être résolu : aucune adresse ne lui est connue.",
        ),
        (
            "Check the spelling of the name and this computer's network connection (DNS).",
            "Vérifiez l'orthographe du nom et la connexion réseau de cet ordinateur (DNS).",
        ),
    ),
    Row(
        errors.NoMailServer, 100404, 14,
        (
            'No server takes mail for the domain "{domain}"{because}.',
            "Aucun serveur ne reçoit de mail pour le domaine « {domain} »{because}.",
        ),
        ("Check the spelling of the address.", "Vérifiez l'orthographe de l'adresse."),
    ),
    Row(
        errors.ConnectionRefused, 100402, 10061,
        (
            "{where} refused the connection: nothing listens there.",
            "{where} a refusé la connexion : rien n'écoute à cet endroit.",
        ),
        (
            "Is a mail server running on this computer?",
            "Un serveur de messagerie tourne-t-il sur cet ordinateur ?",
        ),
        _loopback,
    ),
    Row(
        errors.ConnectionRefused, 100402, 10061,
        ("{where} refused the connection.", "{where} a refusé la connexion."),
        texts.PORT_25,
        _port(25),
    ),
    Row(
        errors.ConnectionRefused, 100402, 10061,
        (
            "{where} refused the connection: nothing listens at that port, or a firewall forbids it.",
            "{where} a refusé la connexion : rien n'écoute sur ce port, ou un pare-feu l'interdit.",
        ),
        texts.USUAL_PORTS,
    ),
    Row(
        errors.HostUnreachable, 100403, 10065,
        ("No way leads to {where}.", "Aucun chemin ne mène à {where}."),
        (
            "Check this computer's network connection, its VPN and its firewall.",
            "Vérifiez la connexion réseau de cet ordinateur, son VPN et son pare-feu.",
        ),
    ),
    Row(
        errors.TimedOut, 100411, 10060,
        (
            'The server name "{host}" was not resolved within {seconds} s.',
            "Le nom de serveur « {host} » n'a pas été résolu en {seconds} s.",
        ),
        (
            "Check this computer's network connection (DNS).",
            "Vérifiez la connexion réseau de cet ordinateur (DNS).",
        ),
        _stage("resolve"),
    ),
    Row(
        errors.TimedOut, 100412, 10060,
        texts.NO_CONNECTION_IN_TIME,
        texts.PORT_25,
        _stage("connect", 25),
    ),
    Row(
        errors.TimedOut, 100412, 10060,
        texts.NO_CONNECTION_IN_TIME,
        texts.USUAL_PORTS,
        _stage("connect"),
    ),
    Row(
        errors.TimedOut, 100413, 10060,
        texts.NO_HANDSHAKE_IN_TIME,
        texts.TLS_ON_CLEAR_PORT,
        _stage("tls", *_CLEAR_PORTS),
    ),
    Row(
        errors.TimedOut, 100413, 10060,
        texts.NO_HANDSHAKE_IN_TIME,
        test=_stage("tls"),
    ),
    Row(
        errors.TimedOut, 100414, 10060,
        texts.NO_ANSWER_IN_TIME,
        texts.CLEAR_ON_TLS_PORT,
        _stage("reply", *_TLS_PORTS),
    ),
    Row(
        errors.TimedOut, 100414, 10060,
        texts.NO_ANSWER_IN_TIME,
        (
            "The server hangs or is very busy; EmailSetTimeOut gives it more time.",
            "Le serveur est bloqué ou très occupé ; EmailChangeTimeOut lui laisse plus de temps.",
        ),
        _stage("reply"),
    ),
    Row(
        errors.TimedOut, 100415, 10060,
        ("{where} took no more data for {seconds} s.", "{where} n'a plus accepté de données pendant {seconds} s."),
        (
            "The network is cut or very slow; EmailSetTimeOut gives it more time.",
            "Le réseau est coupé ou très lent ; EmailChangeTimeOut lui laisse plus de temps.",
        ),
        _stage("write"),
    ),
    Row(
        errors.TimedOut, 100416, 10036,
        (
            "The session was still being used by another thread after {seconds} s.",
            "La session était encore utilisée par un autre thread après {seconds} s.",
        ),
        (
            "Give each thread its own session; they may have the same name.",
            "Donnez à chaque thread sa propre session ; elles peuvent porter le même nom.",
        ),
        _stage("session"),
    ),
    Row(
        errors.TimedOut, 100410, 10060,
        ("{where} went past the time limit of {seconds} s.", "{where} a dépassé le délai de {seconds} s."),
    ),
    Row(
        errors.ConnectionLost, 100421, 10054,
        ("{where} ended the session.{said}", "{where} a mis fin à la session.{said}"),
        test=lambda problem: problem.reply is not None,
    ),
    Row(
        errors.ConnectionLost, 100422, 10054,
        texts.CLOSED_IN_HANDSHAKE,
        texts.TLS_ON_CLEAR_PORT,
        lambda problem: problem.during == "tls" and problem.port in _CLEAR_PORTS,
    ),
    Row(
        errors.ConnectionLost, 100422, 10054,
        texts.CLOSED_IN_HANDSHAKE,
        (
            "It may offer only TLS versions older than TLS 1.2, or not be a TLS port at all.",
            "Il n'offre peut-être que des versions antérieures à TLS 1.2, ou ce n'est pas un port TLS.",
        ),
        lambda problem: problem.during == "tls",
    ),
    Row(
        errors.ConnectionLost, 100423, 10054,
        (
            "{where} closed the connection before greeting.",
            "{where} a fermé la connexion avant de saluer.",
        ),
        texts.CLEAR_ON_TLS_PORT,
        lambda problem: problem.during == "greeting" and problem.port in _TLS_PORTS,
    ),
    Row(
        errors.ConnectionLost, 100420, 10054,
        ("The connection to {where} was lost{during}.", "La connexion à {where} a été perdue{during}."),
        (
            "The server or something on the way ended it; trying again may succeed.",
            "Le serveur ou un équipement du réseau y a mis fin ; un nouvel essai peut réussir.",
        ),
    ),
    Row(
        errors.ProtocolViolation, 100430, 23,
        texts.NOT_THE_PROTOCOL,
        texts.CLEAR_ON_TLS_PORT,
        _port(*_TLS_PORTS),
    ),
    Row(
        errors.ProtocolViolation, 100430, 23,
        texts.NOT_THE_PROTOCOL,
        texts.MAIL_SERVER,
    ),
    # TLS
    Row(
        errors.CertificateRejected, 100511, 3, texts.CERTIFICATE,
        texts.ignore("emailSessionIgnoreExpiredCertificate", "emailSessionIgnoreCertificatExpiré"),
        _check("expired"),
    ),
    Row(
        errors.CertificateRejected, 100512, 3, texts.CERTIFICATE,
        texts.ignore(
            "emailSessionIgnoreExpiredCertificate",
            "emailSessionIgnoreCertificatExpiré",
            first=("Check this computer's date and time. ", "Vérifiez la date et l'heure de cet ordinateur. "),
        ),
        _check("not yet valid"),
    ),
    Row(
        errors.CertificateRejected, 100513, 3, texts.CERTIFICATE,
        texts.ignore(
            "emailSessionIgnoreInvalidCertificateName",
            "emailSessionIgnoreNomCertificatInvalide",
            first=(
                "Use the server name that your provider gives. ",
                "Utilisez le nom de serveur indiqué par votre fournisseur. ",
            ),
        ),
        _check("host"),
    ),
    Row(
        errors.CertificateRejected, 100514, 3, texts.CERTIFICATE,
        texts.ignore("emailSessionIgnoreInvalidCertificate", "emailSessionIgnoreCertificatInvalide"),
        _check("issuer", "self-signed"),
    ),
    Row(
        errors.CertificateRejected, 100515, 3, texts.CERTIFICATE,
        texts.ignore("emailSessionIgnoreRevocation", "emailSessionIgnoreRévocation"),
        _check("revoked"),
    ),
    Row(
        errors.CertificateRejected, 100510, 3,
        (
            "The certificate of {where} was refused: {failed_check} ({detail}).{issued}",
            "Le certificat de {where} a été refusé : {failed_check} ({detail}).{issued}",
        ),
    ),
    Row(
        errors.TLSFailed, 100501, 3,
        (
            "{where} agreed to STARTTLS and then did not speak TLS.",
            "{where} a accepté STARTTLS, puis n'a pas parlé TLS.",
        ),
        (
            "The server is not set up for TLS, or something on the way (a firewall, an antivirus) interferes.",
            "Le serveur n'est pas configuré pour TLS, ou quelque chose sur le chemin (pare-feu, antivirus) interfère.",
        ),
        lambda problem: problem.after_starttls and _not_tls(problem),
    ),
    Row(
        errors.TLSFailed, 100501, 3,
        texts.NOT_TLS,
        texts.TLS_ON_CLEAR_PORT,
        lambda problem: problem.port in _CLEAR_PORTS and _not_tls(problem),
    ),
    Row(
        errors.TLSFailed, 100501, 3,
        texts.NOT_TLS,
        texts.NO_TLS_HERE,
        lambda problem: _not_tls(problem),
    ),
    Row(
        errors.TLSFailed, 100502, 3,
        (
            "{where} and this program have no version of TLS in common: {text}.",
            "{where} et ce programme n'ont aucune version de TLS en commun : {text}.",
        ),
        (
            "The server is too old: TLS 1.2 or later is required.",
            "Le serveur est trop ancien : TLS 1.2 au moins est exigé.",
        ),
        _text("protocol version", "unsupported protocol", "no protocols available", "version too low"),
    ),
    Row(
        errors.TLSFailed, 100500, 3,
        ("The TLS handshake with {where} failed: {text}.", "La négociation TLS avec {where} a échoué : {text}."),
    ),
    Row(
        errors.StartTLSUnavailable, 100521, 26,
        (
            "{where} refused STARTTLS; nothing was sent in clear.{said}",
            "{where} a refusé STARTTLS ; rien n'a été envoyé en clair.{said}",
        ),
        (
            "Try again later, or use optionTLS with the port for TLS (SMTP 465, POP3 995, IMAP 993).",
            "Réessayez plus tard, ou utilisez optionTLS avec le port pour TLS (SMTP 465, POP3 995, IMAP 993).",
        ),
        lambda problem: problem.reply is not None,
    ),
    Row(
        errors.StartTLSUnavailable, 100520, 26,
        (
            "{where} does not offer STARTTLS; nothing was sent in clear.",
            "{where} ne propose pas STARTTLS ; rien n'a été envoyé en clair.",
        ),
        (
            "Use port 587 to send, or optionTLS with the port for TLS (SMTP 465, POP3 995, IMAP 993). "
            "emailOptionDefault connects in clear, emailOptionTLSIfAvailable encrypts only where it can.",
            "Utilisez le port 587 pour envoyer, ou optionTLS avec le port pour TLS (SMTP 465, POP3 995, IMAP 993). "
            "emailOptionDéfaut se connecte en clair, emailOptionTLSSiDisponible ne chiffre que si c'est possible.",
        ),
    ),
    Row(
        errors.MailboxChanged, 100440, 10101,
        (
            "The connection to {where} was lost and the mailbox cannot be taken up where it was: {text}. The session "
            "is closed. Deletions that did not take place: {undone}.",
            "La connexion à {where} a été perdue et la boîte aux lettres ne peut pas être reprise où elle en était : "
            "{text}. La session est fermée. Suppressions qui n'ont pas eu lieu : {undone}.",
        ),
        (
            "Open the session again; the messages may have other numbers then.",
            "Ouvrez de nouveau la session ; les messages peuvent alors avoir d'autres numéros.",
        ),
        lambda problem: problem.undone,
    ),
    Row(
        errors.MailboxChanged, 100440, 10101,
        (
            "The connection to {where} was lost and the mailbox cannot be taken up where it was: {text}. The session "
            "is closed.",
            "La connexion à {where} a été perdue et la boîte aux lettres ne peut pas être reprise où elle en était : "
            "{text}. La session est fermée.",
        ),
        (
            "Open the session again; the messages may have other numbers then.",
            "Ouvrez de nouveau la session ; les messages peuvent alors avoir d'autres numéros.",
        ),
    ),
    Row(
        errors.Broken, 100400, 23,
        ("The connection to {where} failed: {text}.", "La connexion à {where} a échoué : {text}."),
    ),
    # the server said no
    Row(
        errors.SessionRefused, 100601, 3,
        ("The server does not accept this client.{said}", "Le serveur n'accepte pas ce client.{said}"),
        (
            "This computer's address may be on a block list, or the server is for others: use the server of your "
            "provider.",
            "L'adresse de cet ordinateur est peut-être sur une liste de blocage, ou le serveur est réservé à d'autres "
            ": utilisez le serveur de votre fournisseur.",
        ),
        lambda problem: not problem.temporary,
    ),
    Row(
        errors.SessionRefused, 100601, 3,
        (
            "The server does not accept this client now.{said}",
            "Le serveur n'accepte pas ce client pour l'instant.{said}",
        ),
    ),
    Row(
        errors.MechanismUnavailable, 100617, 26,
        (
            "The server offers no way to log in that this session can use{by_mechanism} (it offers: {offered}).",
            "Le serveur ne propose aucun moyen de connexion utilisable par cette session{by_mechanism} (il propose : "
            "{offered}).",
        ),
        # POP3 has no codes: what it said shows its word of refusal.
        test=lambda problem: not problem.reply.code and not problem.reply.text.startswith("-ERR"),
    ),
    Row(
        errors.MechanismUnavailable, 100614, 6, texts.LOGIN_REFUSED, texts.GMAIL,
        lambda problem: _said("5.7.9", "5.7.14", "application-specific", "weblogin", "web browser")(problem)
        and _said("google", "gsmtp", "gmail", "application-specific")(problem),
    ),
    Row(
        errors.MechanismUnavailable, 100614, 6, texts.LOGIN_REFUSED, texts.APPLICATION_PASSWORD,
        _said("app password", "application password", "5.7.14"),
    ),
    Row(
        errors.MechanismUnavailable, 100615, 6,
        texts.NO_PASSWORD_HERE,
        texts.ENCRYPT_FIRST,
        _wants_encryption,
    ),
    Row(
        errors.MechanismUnavailable, 100616, 26,
        (
            "The server cannot be logged in to in this way{by_mechanism}.{said}",
            "Le serveur ne permet pas de se connecter de cette façon{by_mechanism}.{said}",
        ),
        texts.CREDENTIALS,
    ),
    Row(
        errors.AuthenticationFailed, 100611, 6,
        (
            "Microsoft 365 refused the password: signing in with a password (basic authentication) is disabled for "
            "this account.{said}",
            "Microsoft 365 a refusé le mot de passe : la connexion par mot de passe (authentification de base) est "
            "désactivée pour ce compte.{said}",
        ),
        texts.MICROSOFT,
        lambda problem: not _by_token(problem) and _no_passwords(problem),
    ),
    Row(
        # Exchange Online refuses tokens too where a tenant or a mailbox has SMTP switched off.
        errors.AuthenticationFailed, 100612, 6,
        texts.TOKEN_REFUSED,
        texts.SMTP_SWITCHED_OFF,
        lambda problem: _by_token(problem) and _said("smtpclientauthentication is disabled")(problem),
    ),
    Row(
        errors.AuthenticationFailed, 100612, 6,
        texts.TOKEN_REFUSED,
        (
            "It may have expired, belong to another account, or lack the right to this protocol: get a new one.",
            "Il a peut-être expiré, appartient à un autre compte, ou n'a pas le droit d'utiliser ce protocole : "
            "demandez-en un autre.",
        ),
        _by_token,
    ),
    Row(
        errors.AuthenticationFailed, 100613, 6,
        (
            "The server could not check the user name and the password.{said}",
            "Le serveur n'a pas pu vérifier le nom d'utilisateur et le mot de passe.{said}",
        ),
        test=lambda problem: problem.temporary,
    ),
    Row(
        errors.AuthenticationFailed, 100615, 6,
        texts.NO_PASSWORD_HERE,
        texts.ENCRYPT_FIRST,
        _wants_encryption,
    ),
    Row(
        errors.AuthenticationFailed, 100610, 6, texts.LOGIN_REFUSED, texts.GMAIL,
        lambda problem: _said("google", "gsmtp", "gmail")(problem) or _at(problem, "gmail.com", "googlemail.com"),
    ),
    Row(
        errors.AuthenticationFailed, 100610, 6, texts.LOGIN_REFUSED, texts.APPLICATION_PASSWORD,
        _said("application-specific", "app password", "application password", "app-specific"),
    ),
    Row(
        errors.AuthenticationFailed, 100610, 6, texts.LOGIN_REFUSED, texts.MICROSOFT_TOO,
        lambda problem: (
            _said("5.7.139", "5.7.3 ", "outlook.com", "office365", "microsoft")(problem)
            or _at(problem, "outlook.com", "office365.com", "hotmail.com", "live.com")
        ),
    ),
    Row(errors.AuthenticationFailed, 100610, 6, texts.LOGIN_REFUSED, texts.CREDENTIALS),
    Row(
        errors.SenderRefused, 100701, 6,
        texts.SENDER_REFUSED,
        texts.ENCRYPT_FIRST,
        _said("starttls"),
    ),
    Row(
        errors.SenderRefused, 100701, 6,
        texts.SENDER_REFUSED,
        texts.GIVE_PASSWORD,
        _wants_authentication,
    ),
    Row(
        errors.SenderRefused, 100701, 6,
        texts.SENDER_REFUSED,
        test=lambda problem: problem.temporary,
    ),
    Row(
        errors.SenderRefused, 100701, 6,
        texts.SENDER_REFUSED,
        (
            "Sender has to be an address that this account may use, usually its own.",
            "Expéditeur doit être une adresse que ce compte a le droit d'utiliser, en général la sienne.",
        ),
    ),
    Row(
        errors.RecipientsRefused, 100711, 14,
        texts.RECIPIENT_REFUSED,
        texts.GIVE_PASSWORD,
        lambda problem: len(problem.replies) == 1 and _no_relaying(problem),
    ),
    Row(
        errors.RecipientsRefused, 100711, 14,
        texts.RECIPIENT_REFUSED,
        test=lambda problem: len(problem.replies) == 1 and problem.temporary,
    ),
    Row(
        errors.RecipientsRefused, 100711, 14,
        texts.RECIPIENT_REFUSED,
        ("Check the spelling of the address.", "Vérifiez l'orthographe de l'adresse."),
        lambda problem: len(problem.replies) == 1,
    ),
    Row(
        errors.RecipientsRefused, 100711, 14,
        texts.RECIPIENTS_REFUSED,
        texts.GIVE_PASSWORD,
        _no_relaying,
    ),
    Row(
        errors.RecipientsRefused, 100711, 14,
        texts.RECIPIENTS_REFUSED,
        test=lambda problem: problem.temporary,
    ),
    Row(
        errors.RecipientsRefused, 100711, 14,
        texts.RECIPIENTS_REFUSED,
        (
            "Check the spelling of the addresses.",
            "Vérifiez l'orthographe des adresses.",
        ),
    ),
    Row(
        errors.MessageTooLarge, 100722, 18,
        (
            "The message has {size}, which is more than the server takes.{said}",
            "Le message fait {size}, plus que le serveur n'accepte.{said}",
        ),
        texts.SEND_LESS,
        lambda problem: not problem.limit,
    ),
    Row(
        errors.MessageTooLarge, 100722, 18,
        (
            "The message has {size} and the server takes at most {limit}.{said}",
            "Le message fait {size} et le serveur accepte au plus {limit}.{said}",
        ),
        texts.SEND_LESS,
    ),
    Row(
        errors.MessageRefused, 100721, 17,
        ("The server refused the message.{said}", "Le serveur a refusé le message.{said}"),
    ),
    Row(
        errors.MailboxLocked, 100741, 6,
        (
            "Another session uses this mailbox now.{said}",
            "Une autre session utilise cette boîte aux lettres en ce moment.{said}",
        ),
        (
            "Close the other session or mail program, or try again in a few minutes.",
            "Fermez l'autre session ou logiciel de messagerie, ou réessayez dans quelques minutes.",
        ),
    ),
    Row(
        errors.LoginTooSoon, 100742, 3,
        (
            "The server wants more time between two openings of this mailbox.{said}",
            "Le serveur impose un délai entre deux ouvertures de cette boîte aux lettres.{said}",
        ),
        (
            "Wait a few minutes, and keep the session open between two looks at the mailbox.",
            "Attendez quelques minutes, et gardez la session ouverte entre deux consultations.",
        ),
    ),
    Row(
        errors.MessageGone, 100751, 16,
        ("There is no message {number} any more.{said}", "Le message {number} n'existe plus.{said}"),
    ),
    Row(
        errors.CommandRefused, 100731, 23,
        ("The server has no such folder.{said}", "Le serveur n'a pas ce dossier.{said}"),
        (
            "EmailListFolder(session, LstFolderAll) gives the paths of all folders.",
            "EmailListeDossier(session, LstDossierTous) donne les chemins de tous les dossiers.",
        ),
        _no_such_folder,
    ),
    Row(
        errors.CommandRefused, 100731, 23,
        ("There is a folder of that name already.{said}", "Un dossier de ce nom existe déjà.{said}"),
        test=_code("ALREADYEXISTS"),
    ),
    Row(
        errors.CommandRefused, 100731, 23,
        ("The mailbox is full.{said}", "La boîte aux lettres est pleine.{said}"),
        (
            "Remove mails (EmailDeleteMessage, then EmailExpunge), or ask for more space.",
            "Supprimez des messages (EmailSupprimeMessage, puis EmailDétruit), ou demandez plus de place.",
        ),
        _code("OVERQUOTA"),
    ),
    Row(
        errors.CommandRefused, 100731, 23,
        ("This user may not do that.{said}", "Cet utilisateur n'en a pas le droit.{said}"),
        test=_code("NOPERM"),
    ),
    Row(
        errors.CommandRefused, 100731, 23,
        ("The server refused {command}.{said}", "Le serveur a refusé {command}.{said}"),
    ),
    Row(errors.Refused, 100700, 23, ("The server refused.{said}", "Le serveur a refusé.{said}")),
    # named secrets
    Row(
        errors.SecretUnavailable, 100801, 6,
        (
            'The secret "{name}" is stored nowhere.',
            "Le secret « {name} » n'est enregistré nulle part.",
        ),
        (
            "Store it with `{command}`, or set the environment variable {variable}.",
            "Enregistrez-le avec `{command}`, ou renseignez la variable d'environnement "
            "{variable}.",
        ),
        _trouble("missing"),
    ),
    Row(
        errors.SecretUnavailable, 100802, 6,
        (
            'This machine has no keyring that could hold the secret "{name}".',
            "Cette machine n'a pas de trousseau qui puisse contenir le secret « {name} ».",
        ),
        texts.SET_VARIABLE,
        _trouble("no keyring"),
    ),
    Row(
        errors.SecretUnavailable, 100803, 6,
        (
            'The keyring that may hold the secret "{name}" is locked.',
            "Le trousseau qui contient peut-être le secret « {name} » est verrouillé.",
        ),
        (
            "Unlock it, or set the environment variable {variable}.",
            "Déverrouillez-le, ou renseignez la variable d'environnement {variable}.",
        ),
        _trouble("locked"),
    ),
    Row(
        errors.SecretUnavailable, 100804, 6,
        (
            'The keyring that may hold the secret "{name}" does not answer.',
            "Le trousseau qui contient peut-être le secret « {name} » ne répond pas.",
        ),
        texts.SET_VARIABLE,
        _trouble("no answer"),
    ),
    Row(
        errors.SecretUnavailable, 100805, 6,
        (
            'The secret "{name}" is incomplete in the keyring.',
            "Le secret « {name} » est incomplet dans le trousseau.",
        ),
        (
            "Store it again, or set the environment variable {variable}.",
            "Enregistrez-le de nouveau, ou renseignez la variable d'environnement {variable}.",
        ),
        _trouble("damaged"),
    ),
    Row(
        errors.SecretUnavailable, 100800, 6,
        (
            'The keyring that may hold the secret "{name}" failed{failure}.',
            "Le trousseau qui contient peut-être le secret « {name} » a échoué{failure}.",
        ),
        texts.SET_VARIABLE,
    ),
    # the outbox of asynchronous sessions
    Row(
        errors.OutboxUnsafe, 100922, 6,
        (
            'Others could read or change the mails in the outbox "{path}"{because}: it is not used.',
            "D'autres pourraient lire ou modifier les messages de la boîte d'envoi « {path} »{because} : elle n'est "
            "pas utilisée.",
        ),
        (
            "Let the directory belong to you and to nobody else. " + texts.OUTBOX_PLACE[0],
            "Faites que le répertoire n'appartienne qu'à vous. " + texts.OUTBOX_PLACE[1],
        ),
    ),
    Row(
        errors.OutboxUnavailable, 100921, 6,
        (
            'There can be no outbox at "{path}"{because}.',
            "Il ne peut pas y avoir de boîte d'envoi à « {path} »{because}.",
        ),
        texts.OUTBOX_PLACE,
    ),
    Row(
        errors.OutboxFull, 100923, 4,
        (
            'The outbox "{path}" takes no more mails{because}.',
            "La boîte d'envoi « {path} » ne prend plus de messages{because}.",
        ),
        texts.OUTBOX_PLACE,
    ),
    Row(
        errors.OutboxBusy, 100924, 2,
        (
            'Another program keeps the outbox "{path}" locked{because}.',
            "Un autre programme garde la boîte d'envoi « {path} » verrouillée{because}.",
        ),
        ("The same may succeed later.", "La même opération peut réussir plus tard."),
    ),
    Row(
        errors.OutboxCorrupt, 100925, 2,
        (
            'The outbox "{path}" is damaged{because}; what was in it is kept as "{moved_to}".',
            "La boîte d'envoi « {path} » est abîmée{because} ; son contenu est gardé sous « {moved_to} ».",
        ),
        (
            "A new outbox begins in its place. The mails that waited are not sent.",
            "Une nouvelle boîte d'envoi commence à sa place. Les messages en attente ne partent pas.",
        ),
        lambda problem: problem.moved_to,
    ),
    Row(
        errors.OutboxCorrupt, 100925, 2,
        (
            'The outbox "{path}" is damaged{because}.',
            "La boîte d'envoi « {path} » est abîmée{because}.",
        ),
        texts.OUTBOX_PLACE,
    ),
    Row(
        errors.ContentLost, 100926, 17,
        (
            'The content of mail {number} is no longer in the outbox "{path}"{because}: it cannot be sent.',
            "Le contenu du message {number} n'est plus dans la boîte d'envoi « {path} »{because} : il ne peut pas être "
            "envoyé.",
        ),
    ),
    Row(
        errors.OutboxProblem, 100920, 2,
        (
            'The outbox "{path}" cannot do that{because}.',
            "La boîte d'envoi « {path} » ne peut pas faire cela{because}.",
        ),
    ),
    Row(
        errors.MessageCancelled, 100928, 1,
        (
            "Mail {number} was cancelled before it was sent.",
            "Le message {number} a été annulé avant son envoi.",
        ),
    ),
    Row(
        errors.MessageExpired, 100929, 23,
        (
            "The mail could not be sent within {hours} hours and {attempts} attempts.{last}",
            "Le message n'a pas pu être envoyé en {hours} heures et {attempts} essais.{last}",
        ),
        (
            "`python -m wlemail outbox retry` makes it leave all the same.",
            "`python -m wlemail outbox retry` le fait partir quand même.",
        ),
    ),
    # the computer's own mail program
    Row(
        errors.NoMailProgram, 100901, 2,
        ("No mail program can be opened{because}.", "Aucun logiciel de messagerie ne peut être ouvert{because}."),
        (
            "A mail program has to be installed and be the default one for mailto: links and .eml files.",
            "Un logiciel de messagerie doit être installé et être celui par défaut pour les liens mailto: et les "
            "fichiers .eml.",
        ),
    ),
    # what the program itself raised
    Row(
        ThrownError, 0, 2,
        ("{message}", "{message}"),
        test=lambda problem: problem.message,
    ),
    Row(
        ThrownError, 0, 2,
        ("The program raised error {thrown}.", "Le programme a déclenché l'erreur {thrown}."),
    ),
    Row(errors.MailError, 100000, 2, ("{text}", "{text}")),
    # ExceptionInfo in a handler of any other exception
    Row(BaseException, 100001, 2, ("{kind}: {text}", "{kind} : {text}")),
)
# fmt: on


def _not_tls(problem: errors.TLSFailed) -> bool:
    # OpenSSL's reasons when the other side talks in clear: "220 smtp…" is no TLS record.
    return _text("wrong version number", "packet length too long", "record layer failure", "http request")(problem)


def _is_relative(path: str) -> bool:
    import os

    return bool(path) and not os.path.isabs(path)


def row_for(exception: BaseException) -> Row:
    """The first row of the table that fits."""
    for row in ROWS:
        if row.fits(exception):
            return row
    raise AssertionError("the last row serves every exception")


def error_code(exception: BaseException) -> int:
    """The error's code (errCode): the number of a thrown error, else the table's."""
    if isinstance(exception, ThrownError):
        return exception.number
    return row_for(exception).code


def error_number(exception: BaseException) -> int:
    """What `Email.Error` holds after this failure: a number of page 3032026."""
    return row_for(exception).number


def summary(exception: BaseException, language: str) -> str:
    """What happened."""
    from .error_facts import facts

    text = row_for(exception).text[_column(language)].format_map(facts(exception, language)).strip()
    return _with_grammar(text)


def _with_grammar(text: str) -> str:
    """Where no host is known a text speaks of "the server": French contracts it, and a sentence begins with a "
    "capital."""
    text = text.replace(" à le serveur", " au serveur").replace(" de le serveur", " du serveur")
    return text[0].upper() + text[1:] if text.startswith(("the server", "le serveur")) else text


def hint(exception: BaseException, language: str) -> str:
    """What to do about it, or ""."""
    from .error_facts import facts

    column = _column(language)
    hints = [row_for(exception).hint[column]]
    if isinstance(exception, errors.Broken) and exception.maybe_delivered:
        # More urgent than anything else: who sends again may send twice.
        hints = [texts.MAYBE_DELIVERED[column]]
    elif isinstance(exception, errors.Refused) and exception.temporary:
        hints.append(texts.LATER[column])
    return " ".join(text for text in hints if text).format_map(facts(exception, language))


def _column(language: str) -> int:
    return 1 if language == "fr" else 0
