"""French for what the rooms below say in English inside their exceptions: reasons, and the names of members.

Those rooms know one language. `{}` stands for what they put in; a reason that is not here is told in English.
"""

from __future__ import annotations

# fmt: off
REASONS = {
    # any value
    "text is expected, not {}": "du texte est attendu, pas {}",
    "an integer is expected, not {}": "un entier est attendu, pas {}",
    "an integer is expected": "un entier est attendu",
    "True or False is expected, not {}": "Vrai ou Faux est attendu, pas {}",
    "bytes or text are expected, not {}": "un buffer ou du texte est attendu, pas {}",
    "0 or 1 is expected": "0 ou 1 est attendu",
    "NUL is not allowed": "NUL est interdit",
    "the character U+{} is not allowed here": "le caractère U+{} est interdit ici",
    "CR, LF or NUL in an SMTP command": "CR, LF ou NUL dans une commande SMTP",
    "CR, LF or NUL in a POP3 command": "CR, LF ou NUL dans une commande POP3",
    "CR, LF or NUL in an IMAP command": "CR, LF ou NUL dans une commande IMAP",
    "a character code is from 0 to 1114111": "un code de caractère est compris entre 0 et 1114111",
    "neither a flag nor a keyword of IMAP": "ni un indicateur ni un mot clé d'IMAP",
    "not one word of ASCII": "pas un seul mot en ASCII",
    "the server sends a literal of {} octets where at most {} are taken":
        "le serveur envoie un littéral de {} octets, pour {} au plus",
    "the server sent a response that does not end": "le serveur a envoyé une réponse qui ne finit pas",
    "it changes the connection itself": "elle change la connexion elle-même",
    "not a command of IMAP in one line": "pas une commande IMAP en une ligne",
    "the sandbox at 127.0.0.1:{} has no mailboxes ({})":
        "le bac à sable à 127.0.0.1:{} n'a pas de boîtes aux lettres ({})",
    "the server ended a command that was not under way: {} {}":
        "le serveur a terminé une commande qui n'était pas en cours : {} {}",
    "the server found {} messages, more than any mailbox has":
        "le serveur a trouvé {} messages, plus qu'aucune boîte n'en contient",
    "the server has no UIDPLUS": "le serveur ne connaît pas UIDPLUS",
    "the server sends more than anybody asked for, and no end of it":
        "le serveur envoie plus que ce qui a été demandé, sans fin",
    "the server sent a line that is no IMAP response: {}":
        "le serveur a envoyé une ligne qui n'est pas une réponse IMAP : {}",
    "the server's answer to {} does not end": "la réponse du serveur à {} ne finit pas",
    "the server's compressed data cannot be read: {}": "les données compressées du serveur sont illisibles : {}",
    "the server's compressed data ends, and more comes behind it":
        "les données compressées du serveur finissent, et d'autres suivent",
    "a POP3 user's name has one character or more and no blank":
        "un nom d'utilisateur POP3 a au moins un caractère et pas d'espace",
    "control characters in an address": "caractères de contrôle dans une adresse",
    "control characters are not allowed in an identifier":
        "les caractères de contrôle sont interdits dans un identifiant",
    "control characters are not allowed in the name of a header field":
        "les caractères de contrôle sont interdits dans le nom d'un en-tête",
    "holds control characters": "contient des caractères de contrôle",
    "holds a NUL": "contient un NUL",
    "holds bytes that are no text": "contient des octets qui ne sont pas du texte",
    "holds half of a surrogate pair, which no server can be sent":
        "contient une moitié de paire de substitution, qui ne peut être envoyée à aucun serveur",
    "holds a character that RFC 4013 forbids": "contient un caractère interdit par la RFC 4013",
    "mixes writing directions as RFC 4013 forbids": "mélange les sens d'écriture d'une façon interdite par la RFC 4013",
    # opening a session
    "a port is a number from 1 to 65535": "un port est un nombre de 1 à 65535",
    "no server address is given": "aucune adresse de serveur n'est indiquée",
    "unknown connection option": "option de connexion inconnue",
    "expected emailSynchronous or emailAsynchronous": "emailSynchrone ou emailAsynchrone est attendu",
    "expected one of 1.0, 1.1, 1.2, 1.3, or a range such as 1.2-1.3":
        "1.0, 1.1, 1.2, 1.3 ou une plage comme 1.2-1.3 est attendu",
    "the function gave no access token": "la fonction n'a pas donné de jeton d'accès",
    "use a session variable or a server": "utilisez une variable session ou un serveur",
    # reading
    "POP3 does not tell which mails were read": "POP3 ne dit pas quels messages ont été lus",
    "expected emailAll or emailNotRead": "emailTous ou emailNonLus est attendu",
    "expected ert… constants": "des constantes ert… sont attendues",
    "expected emailSubject, emailSender, emailRecipient, emailBody …":
        "emailSujet, emailExpéditeur, emailDestinataire, emailCorps… est attendu",
    "it was not read from a mailbox": "il n'a pas été lu dans une boîte aux lettres",
    "its folder was made anew since, with other numbers":
        "son dossier a été recréé depuis, avec d'autres numéros",
    "another folder was changed to within the loop": "la boucle est passée à un autre dossier",
    "no folder is given": "aucun dossier n'est indiqué",
    "expected LstFolder… constants": "des constantes LstDossier… sont attendues",
    "expected emailStatusRead or emailStatusNotRead": "emailEtatLu ou emailEtatNonLu est attendu",
    "it was read in another session, or before this one was opened again":
        "il a été lu dans une autre session, ou avant que celle-ci soit rouverte",
    "it is empty: there is no message to import": "il est vide : il n'y a pas de message à importer",
    "no directory is given": "aucun répertoire n'est indiqué",
    "a procedure with two or four parameters is expected": "une procédure à deux ou quatre paramètres est attendue",
    # settings
    "a duration in seconds is expected": "une durée en secondes est attendue",
    "a time-out must be more than zero": "un délai doit être supérieur à zéro",
    "the MailIdentifier of a mail that was queued is expected":
        "l'IdentifiantMail d'un message mis en attente est attendu",
    "a number of mails a minute is expected, 0 for no limit":
        "un nombre de messages par minute est attendu, 0 pour aucune limite",
    "unknown option of EmailConfigure": "option inconnue d'EmailParamètre",
    "there are error texts in English (en) and French (fr) only":
        "il n'y a de textes d'erreur qu'en anglais (en) et en français (fr)",
    "a procedure with the parameters (kind, text) is needed":
        "une procédure avec les paramètres (genre, texte) est nécessaire",
    "an ep… constant is needed": "une constante ep… est nécessaire",
    "epExecuteProcedure needs the procedure to run": "epExécuteProcédure a besoin de la procédure à exécuter",
    "a number from 1 to {} is expected": "un nombre de 1 à {} est attendu",
    "a number of bytes is expected": "un nombre d'octets est attendu",
    "no procedure of that name in the calling script": "aucune procédure de ce nom dans le script appelant",
    "a procedure is expected, not a {}": "une procédure est attendue, pas une valeur de type {}",
    "expected sandbox, sandbox:PORT or only:ADDRESS; remove the variable to send for real":
        "sandbox, sandbox:PORT ou only:ADRESSE est attendu ; supprimez la variable pour envoyer réellement",
    "the address after only: has ASCII characters alone (a domain as xn--…)":
        "l'adresse après only: n'a que des caractères ASCII (un domaine sous la forme xn--…)",
    "what follows only: is not an address ({})": "ce qui suit only: n'est pas une adresse ({})",
    "the sandbox cannot start: {}": "le bac à sable ne peut pas démarrer : {}",
    "no sandbox answers at 127.0.0.1:{} (python -m wlemail sandbox starts one)":
        "aucun bac à sable ne répond sur 127.0.0.1:{} (python -m wlemail sandbox en démarre un)",
    "the server answered BDAT with {}": "le serveur a répondu à BDAT par {}",
    # the outbox of asynchronous sessions
    "the user has no home directory; {} can name another place":
        "l'utilisateur n'a pas de répertoire personnel ; {} peut indiquer un autre endroit",
    "it is a link": "c'est un lien",
    "it is not a regular file": "ce n'est pas un fichier ordinaire",
    "it is not a directory": "ce n'est pas un répertoire",
    "it belongs to another user": "il appartient à un autre utilisateur",
    "other users can write to it": "d'autres utilisateurs peuvent y écrire",
    "it is no longer there": "il n'y est plus",
    "it is no longer there, or not whole": "il n'y est plus, ou pas en entier",
    "its file was changed": "son fichier a été modifié",
    "its file has {} bytes and not {}": "son fichier a {} octets au lieu de {}",
    "another program is repairing it": "un autre programme est en train de la réparer",
    "{}; it cannot be put aside while another program uses it":
        "{} ; elle ne peut pas être mise de côté tant qu'un autre programme l'utilise",
    "it was made by a later version of wlemail": "elle a été créée par une version plus récente de wlemail",
    "the disk is full": "le disque est plein",
    "{} messages are waiting already": "{} messages attendent déjà",
    # messages
    "an Email variable is expected, not a {}": "une variable Email est attendue, pas une valeur de type {}",
    "a path is expected, not a {}": "un chemin est attendu, pas une valeur de type {}",
    "no file is given": "aucun fichier n'est indiqué",
    "unknown priority": "priorité inconnue",
    "unknown sensitivity": "confidentialité inconnue",
    "not a message identifier of the form <id@domain>": "n'est pas un identifiant de message de la forme <id@domaine>",
    "not one message identifier of the form <id@domain>":
        "n'est pas un seul identifiant de message de la forme <id@domaine>",
    "a message identifier is too long": "un identifiant de message est trop long",
    "this field is made from the message and cannot be set":
        "cet en-tête est fait à partir du message et ne peut pas être renseigné",
    "the name of a header field is made of ASCII letters, digits and signs":
        "le nom d'un en-tête est fait de lettres ASCII, de chiffres et de signes",
    # attachments and files
    "is a directory": "c'est un répertoire",
    "it is a directory": "c'est un répertoire",
    "it is not an ordinary file": "ce n'est pas un fichier ordinaire",
    "its size changed before it was sent": "sa taille a changé avant l'envoi",
    "it became longer while it was sent": "il s'est allongé pendant l'envoi",
    "it became shorter while it was sent": "il a raccourci pendant l'envoi",
    "it changed while it was sent": "il a changé pendant l'envoi",
    "unknown level of checking": "niveau de vérification inconnu",
    "its top-level domain is not in IANA's list": "son domaine de premier niveau n'est pas dans la liste de l'IANA",
    "it says that it takes no mail": "il déclare ne recevoir aucun mail",
    "there is no such domain": "ce domaine n'existe pas",
    "it has neither a mail server nor an address": "il n'a ni serveur de messagerie ni adresse",
    "there is no desktop": "il n'y a pas de bureau",
    "there is no program that opens links (xdg-open)": "aucun programme n'ouvre les liens (xdg-open)",
    "{} cannot open it": "{} ne peut pas l'ouvrir",
    "there is no such directory": "ce répertoire n'existe pas",
    "the file is empty": "le fichier est vide",
    # addresses
    "not an e-mail address": "ce n'est pas une adresse e-mail",
    "there is no address": "il n'y a pas d'adresse",
    "there is no @": "il n'y a pas de @",
    "an address of more than {} characters": "une adresse de plus de {} caractères",
    "two addresses are not separated by ; or ,": "deux adresses ne sont pas séparées par ; ou ,",
    "something follows the address": "quelque chose suit l'adresse",
    "{} is not allowed before the @": "{} est interdit avant le @",
    "{} is not allowed in the domain": "{} est interdit dans le domaine",
    "{} is not allowed in an address literal": "{} est interdit dans une adresse IP littérale",
    "the character U+{} is not allowed": "le caractère U+{} est interdit",
    "the character U+{} is not allowed in a domain": "le caractère U+{} est interdit dans un domaine",
    "the character {} is not allowed in a domain": "le caractère {} est interdit dans un domaine",
    "something follows a comment or a space": "quelque chose suit un commentaire ou un espace",
    "something follows a quoted string": "quelque chose suit une chaîne entre guillemets",
    "something follows the address literal": "quelque chose suit l'adresse IP littérale",
    "something follows a comment or a space in the domain":
        "quelque chose suit un commentaire ou un espace dans le domaine",
    "nothing stands before the @": "il n'y a rien avant le @",
    "nothing stands behind the @": "il n'y a rien après le @",
    "there is a dot before the @": "il y a un point avant le @",
    "the address begins with a dot": "l'adresse commence par un point",
    "there are two dots in a row": "il y a deux points de suite",
    "the domain begins with a dot": "le domaine commence par un point",
    "the domain ends with a dot": "le domaine se termine par un point",
    "a quoted string is not closed": "une chaîne entre guillemets n'est pas fermée",
    "a quoted string holds NUL or a line end": "une chaîne entre guillemets contient NUL ou un saut de ligne",
    "the address ends with a backslash": "l'adresse se termine par une barre oblique inverse",
    "a backslash stands before a character that is not ASCII":
        "une barre oblique inverse précède un caractère qui n'est pas ASCII",
    "an address literal is not closed": "une adresse IP littérale n'est pas fermée",
    "a part of the domain begins or ends with a hyphen": "une partie du domaine commence ou finit par un tiret",
    "a part of the domain begins or ends with what no name begins or ends with":
        "une partie du domaine commence ou finit par un signe interdit à cet endroit",
    "a part of the domain is longer than 63 characters": "une partie du domaine dépasse 63 caractères",
    "the domain is longer than 253 characters": "le domaine dépasse 253 caractères",
    "the address is longer than 254 characters": "l'adresse dépasse 254 caractères",
    "the local part looks like an encoded word": "la partie locale ressemble à un mot encodé",
    "the domain holds signs that no host name has":
        "le domaine contient des signes qu'aucun nom d'hôte ne contient",
    "the domain is a literal that is no IP address": "le domaine entre crochets n'est pas une adresse IP",
    "a comment is not closed": "un commentaire n'est pas fermé",
    "a comment holds NUL or a line end": "un commentaire contient NUL ou un saut de ligne",
    "CR without LF": "CR sans LF",
    "a line end that folds nothing": "un saut de ligne qui ne replie rien",
    # dates
    "a date YYYYMMDD is expected": "une date AAAAMMJJ est attendue",
    "names of days and months are not available": "les noms de jours et de mois ne sont pas disponibles",
    # secrets
    "1 makes this a test run, 0 or nothing an ordinary one": "1 en fait un test, 0 ou rien une exécution ordinaire",
    "the name of a secret is text, not a {}": "le nom d'un secret est du texte, pas une valeur de type {}",
    "the name of a secret is 1 to {} printable characters":
        "le nom d'un secret compte de 1 à {} caractères imprimables",
    "the content of a secret is empty": "le contenu d'un secret est vide",
    "the content of a secret has at most {} characters": "le contenu d'un secret a au plus {} caractères",
    "the content of a secret is text without NUL": "le contenu d'un secret est du texte sans NUL",
    # what a server does against its protocol
    "the server answered {} with {}": "le serveur a répondu à {} par {}",
    "the server refuses RSET: {}": "le serveur refuse RSET : {}",
    "the server answered {} with a challenge": "le serveur a répondu à {} par un défi",
    "the server sent a line that is no POP3 response: {}":
        "le serveur a envoyé une ligne qui n'est pas une réponse POP3 : {}",
    "the server sent a response of more than {} bytes": "le serveur a envoyé une réponse de plus de {} octets",
    "the server sent more than its answer to STLS (response injection?)":
        "le serveur a envoyé plus que sa réponse à STLS (injection de réponse ?)",
    "it was closed when the connection was lost": "elle a été fermée à la perte de la connexion",
    "the server gives messages no names that last (UIDL)":
        "le serveur ne donne pas aux messages de noms durables (UIDL)",
    "the server gives two messages one name (UIDL)": "le serveur donne le même nom à deux messages (UIDL)",
    "a message has another size than it had": "un message n'a plus la même taille",
    "POP3 has none": "POP3 n'en a pas",
    "a rehearsal (WLEMAIL_REHEARSAL) changes nothing": "une répétition (WLEMAIL_REHEARSAL) ne change rien",
    "the path of a folder is expected": "le chemin d'un dossier est attendu",
    "the mailbox is not the one that it was (UIDVALIDITY)":
        "la boîte aux lettres n'est plus celle qu'elle était (UIDVALIDITY)",
    "the server has renumbered the messages (UIDVALIDITY)": "le serveur a renuméroté les messages (UIDVALIDITY)",
    "the folder cannot be opened any more": "le dossier ne peut plus être ouvert",
    "the server gives messages no numbers that last (UIDVALIDITY)":
        "le serveur ne donne pas aux messages de numéros durables (UIDVALIDITY)",
    "the server did not confirm the deletions": "le serveur n'a pas confirmé les suppressions",
    "the server did not confirm the deletions, and cannot be asked again":
        "le serveur n'a pas confirmé les suppressions, et on ne peut plus le lui demander",
    "no message has the name that it had (UIDL)": "plus aucun message n'a le nom qu'il avait (UIDL)",
    "the server sent a line that nothing had asked for": "le serveur a envoyé une ligne que rien ne demandait",
    "the server sent a line that is no SMTP reply: {}":
        "le serveur a envoyé une ligne qui n'est pas une réponse SMTP : {}",
    "the server sent a line of more than {} bytes": "le serveur a envoyé une ligne de plus de {} octets",
    "the server sent a reply of more than {} bytes": "le serveur a envoyé une réponse de plus de {} octets",
    "the server sent more than its answer to STARTTLS (response injection?)":
        "le serveur a envoyé plus que sa réponse à STARTTLS (injection de réponse ?)",
    "the server sent a challenge where PLAIN has none": "le serveur a envoyé une question alors que PLAIN n'en a pas",
    "the server sent a second challenge where CRAM-MD5 has one":
        "le serveur a envoyé une deuxième question alors que CRAM-MD5 n'en a qu'une",
    "the server sent a third challenge where LOGIN has two":
        "le serveur a envoyé une troisième question alors que LOGIN n'en a que deux",
    "the server sent a third challenge where DIGEST-MD5 has two":
        "le serveur a envoyé une troisième question alors que DIGEST-MD5 n'en a que deux",
    "the server sent a second challenge where there is one, for a failure":
        "le serveur a envoyé une deuxième question alors qu'il n'y en a qu'une, en cas d'échec",
    "the server sent one challenge more than SCRAM has": "le serveur a envoyé une question de plus que n'en a SCRAM",
    "the server accepted LOGIN before it knew user and password":
        "le serveur a accepté LOGIN avant de connaître l'utilisateur et le mot de passe",
    "the server did not prove that it knows the password (DIGEST-MD5)":
        "le serveur n'a pas prouvé qu'il connaît le mot de passe (DIGEST-MD5)",
    "the server did not prove that it knows the password (SCRAM)":
        "le serveur n'a pas prouvé qu'il connaît le mot de passe (SCRAM)",
    "the server's proof that it knows the password is wrong (DIGEST-MD5)":
        "la preuve du serveur qu'il connaît le mot de passe est fausse (DIGEST-MD5)",
    "the server's proof that it knows the password is wrong (SCRAM)":
        "la preuve du serveur qu'il connaît le mot de passe est fausse (SCRAM)",
    "the server's DIGEST-MD5 challenge is too long": "la question DIGEST-MD5 du serveur est trop longue",
    "the server's DIGEST-MD5 challenge cannot be read": "la question DIGEST-MD5 du serveur est illisible",
    "the server's DIGEST-MD5 challenge has no nonce or only security layers":
        "la question DIGEST-MD5 du serveur n'a pas de nonce ou n'offre que des couches de sécurité",
    "the server's SCRAM challenge cannot be read": "la question SCRAM du serveur est illisible",
    "the server's SCRAM challenge holds broken base64": "la question SCRAM du serveur contient un base64 abîmé",
    "the server's SCRAM nonce does not continue ours": "le nonce SCRAM du serveur ne prolonge pas le nôtre",
    "the server asks for an impossible number of SCRAM iterations":
        "le serveur demande un nombre d'itérations SCRAM impossible",
}

MEMBERS = {
    # sessions
    "Name": "Nom",
    "Username": "NomUtilisateur",
    "Password": "MotDePasse",
    "ServerAddress": "AdresseServeur",
    "Asynchronous": "Asynchrone",
    "IgnoreError": "IgnoreErreur",
    "SessionName": "NomSession",
    "TimeOut": "TimeOut",
    # messages
    "Sender": "Expéditeur",
    "SenderAddress": "AdresseExpéditeur",
    "ErrorReturnAddress": "AdresseRetourErreur",
    "Recipient": "Destinataire",
    "NbRecipient": "NbDestinataire",
    "NbAttach": "NbAttache",
    "Bcc": "Cci",
    "NbBcc": "NbCci",
    "Subject": "Sujet",
    "Attach": "Attache",
    "AttachIdentifier": "IdentifiantAttache",
    "AttachContentType": "AttacheContentType",
    "AttachContentDescription": "AttacheContentDescription",
    "Header": "Entête",
    "Reference": "Référence",
    "Priority": "Priorité",
    "Sensitivity": "Confidentialité",
    # parameters
    "Behaviour": "Comportement",
    "Content": "Contenu",
    "Identifier": "Identifiant",
    "Command": "Commande",
    "command": "Commande",
    "Duration": "Durée",
    "ErrorNumber": "NuméroErreur",
    "Format": "Format",
    "FilePath": "CheminFichier",
    "Folder": "Dossier",
    "Frequency": "Fréquence",
    "Language": "Langue",
    "Indicator": "Indicateur",
    "NewPath": "NouveauChemin",
    "NewState": "NouvelEtat",
    "Number": "Numéro",
    "Part": "Partie",
    "ReadMode": "ModeLecture",
    "TargetPath": "CheminCible",
    "AttachName": "NomAttache",
    "Path": "Chemin",
    "Procedure": "Procédure",
    "Value": "Valeur",
}
# fmt: on


def reason(english: str) -> str:
    """A reason in French, or as it is where no French is known."""
    known = REASONS.get(english)
    if known is not None:
        return known
    for pattern, french in REASONS.items():
        values = _put_in(pattern.split("{}"), english) if "{}" in pattern else []
        if values:
            return french.format(*map(_kind, values))
    return english


def _put_in(pieces: list[str], text: str) -> list[str]:
    """What a text holds between the pieces of a pattern; nothing where the pattern does not fit."""
    first, *others, last = pieces
    if not (text.startswith(first) and text.endswith(last) and len(text) >= len(first) + len(last)):
        return []
    middle, values = text[len(first) : len(text) - len(last)], []
    for piece in others:
        value, found, middle = middle.partition(piece)
        if not found:
            return []
        values.append(value)
    return [*values, middle]


def _kind(value: str) -> str:
    """What a reason says of a value that it does not show: "that text", "a list"."""
    if value == "that text":
        return "ce texte"
    named = value.removeprefix("a ")
    return f"une valeur de type {named}" if named != value and named.isidentifier() else value


def member(english: str) -> str:
    """The French name of a member or parameter; an index, or a member of the member, stays behind it."""
    name = english
    for mark in "[. ":
        name = name.partition(mark)[0]
    return MEMBERS.get(name, name) + english[len(name) :]
