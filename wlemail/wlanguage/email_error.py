"""`Email.Error` and EmailMsgError: the error numbers of pages 3032029 and 3032026.

The numbering is the one of Simple MAPI and Winsock; which failure has which number is in `error_codes.py`.
"""

from __future__ import annotations

from .boundary import wl_function
from .error_settings import error_language
from .thread_state import THREAD
from .values import int_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class ErrorNumber(str):
    """The value of `Email.Error`: text made of digits that is also equal to, compared as, and usable as its number.

    The pages call it a string and pass it as an integer (3032029, 3032026). "0" is false.
    """

    __slots__ = ()

    def __new__(cls, number: int | str = 0) -> ErrorNumber:
        return super().__new__(cls, int(number))

    def __index__(self) -> int:
        return int(str(self))

    def __bool__(self) -> bool:
        return int(self) != 0

    def __eq__(self, other: object) -> bool:
        if isinstance(other, int):
            return int(self) == other
        return str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    # A dictionary finds it under its text.
    __hash__ = str.__hash__

    def __lt__(self, other: Any) -> bool:
        return int(self) < int(other)

    def __le__(self, other: Any) -> bool:
        return int(self) <= int(other)

    def __gt__(self, other: Any) -> bool:
        return int(self) > int(other)

    def __ge__(self, other: Any) -> bool:
        return int(self) >= int(other)

    def __add__(self, other: Any) -> str:
        # Text in WLanguage: it joins numbers as well.
        return str(self) + str(other)

    def __radd__(self, other: Any) -> str:
        return str(other) + str(self)


def last_error_number() -> ErrorNumber:
    """The number of this thread's last error, "0" where there is none: what `Email.Error` reads as."""
    error = THREAD.error
    if error is None:
        return ErrorNumber(0)
    from .error_codes import error_number

    return ErrorNumber(error_number(error.exception))


@wl_function(on_error="", error_state="keeps")
def EmailMsgError(ErrorNumber: int | str) -> str:
    """The text of an error number such as `Email.Error` holds (page 3032026), in the language of error texts.

    A number that the page does not know gives a text that says so. ErrorInfo tells much more.
    """
    number = int_value("ErrorNumber", ErrorNumber, 0)
    english, french = _TEXTS.get(number, _UNKNOWN)
    return (french if error_language() == "fr" else english).format(number)


_UNKNOWN = ("Unknown error number: {}", "Numéro d'erreur inconnu : {}")

_PROTOCOL = (
    "The system does not support this network protocol",
    "Le système ne prend pas en charge ce protocole réseau",
)
_IN_PROGRESS = ("Another operation is in progress", "Une autre opération est en cours")
_HOST_NOT_FOUND = ("The host was not found", "L'hôte est introuvable")

_TEXTS: dict[int, tuple[str, str]] = {
    0: ("No error", "Aucune erreur"),
    1: ("Cancelled by the user", "Annulé par l'utilisateur"),
    2: ("Unknown error", "Erreur inconnue"),
    3: ("The connection to the server could not be made", "La connexion au serveur n'a pas pu être établie"),
    4: ("The disk is full", "Le disque est plein"),
    5: ("Not enough memory", "Mémoire insuffisante"),
    6: ("Access denied", "Accès refusé"),
    8: ("Too many sessions are open", "Trop de sessions sont ouvertes"),
    9: ("Too many attachments", "Trop de fichiers attachés"),
    10: ("Too many recipients", "Trop de destinataires"),
    11: ("An attachment was not found", "Un fichier attaché est introuvable"),
    12: ("An attachment cannot be opened", "Un fichier attaché ne peut pas être ouvert"),
    13: ("An attachment cannot be written", "Un fichier attaché ne peut pas être écrit"),
    14: ("Unknown recipient", "Destinataire inconnu"),
    15: ("The address of a recipient is not valid", "L'adresse d'un destinataire n'est pas valable"),
    16: ("There is no message", "Il n'y a pas de message"),
    17: ("The message is not valid", "Le message n'est pas valable"),
    18: ("The text is too long", "Le texte est trop long"),
    19: ("The session is not valid", "La session n'est pas valable"),
    21: ("The recipient is ambiguous", "Le destinataire est ambigu"),
    23: ("Network error", "Erreur de réseau"),
    26: ("The server does not support this protocol", "Le serveur ne prend pas en charge ce protocole"),
    10004: ("The operation was interrupted", "L'opération a été interrompue"),
    10009: ("The file number is not valid", "Le numéro de fichier n'est pas valable"),
    10013: ("Permission denied", "Permission refusée"),
    10014: ("The address is not valid", "L'adresse n'est pas valable"),
    10022: ("An argument is not valid", "Un argument n'est pas valable"),
    10035: ("The operation would block", "L'opération serait bloquante"),
    10036: _IN_PROGRESS,
    10037: _IN_PROGRESS,
    10038: ("This is not a socket", "Ce n'est pas une socket"),
    10040: ("A destination is needed", "Une destination est nécessaire"),
    10041: _PROTOCOL,
    10042: _PROTOCOL,
    10043: _PROTOCOL,
    10044: ("This type of socket is not supported", "Ce type de socket n'est pas pris en charge"),
    10045: ("The operation is not supported", "L'opération n'est pas prise en charge"),
    10046: _PROTOCOL,
    10047: _PROTOCOL,
    10048: ("The address is in use", "L'adresse est déjà utilisée"),
    10049: ("The address was not found", "L'adresse est introuvable"),
    10050: ("The network is down", "Le réseau ne fonctionne pas"),
    10051: ("The network cannot be reached", "Le réseau est inaccessible"),
    10052: ("The network reset the connection", "Le réseau a réinitialisé la connexion"),
    10053: ("Software on this computer ended the connection", "Un logiciel de cet ordinateur a mis fin à la connexion"),
    10054: ("The server ended the connection", "Le serveur a mis fin à la connexion"),
    10055: ("The buffer is too small", "Le tampon est trop petit"),
    10056: ("The connection exists already", "La connexion existe déjà"),
    10057: ("There is no connection", "Il n'y a pas de connexion"),
    10058: ("The socket has been shut down", "La socket a été fermée"),
    10060: ("The server did not answer in time", "Le serveur n'a pas répondu à temps"),
    10061: ("The connection was refused", "La connexion a été refusée"),
    10063: ("The name is too long", "Le nom est trop long"),
    10064: ("The host is closed", "L'hôte est fermé"),
    10065: ("The host cannot be reached", "L'hôte est inaccessible"),
    10091: ("The network cannot be used now", "Le réseau est inutilisable pour l'instant"),
    10092: ("The version of Winsock does not fit", "La version de Winsock ne convient pas"),
    10093: ("Winsock is not initialised", "Winsock n'est pas initialisé"),
    10101: ("The connection has been ended", "La connexion a été déconnectée"),
    11001: _HOST_NOT_FOUND,
    11002: _HOST_NOT_FOUND,
    11003: ("Name resolution failed", "La résolution du nom a échoué"),
    11004: ("The name has no address", "Le nom n'a pas d'adresse"),
}
