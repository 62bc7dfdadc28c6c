"""The facts that the texts of `error_codes.py` are filled with, in the words of each language.

What servers and files say is shown without control characters: a reply must not move the cursor of a terminal.
"""

from __future__ import annotations

import os

from .. import errors
from .error_reasons import member, reason
from .error_throw import ThrownError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: refused recipients named in a message; all of them are sub-errors
SHOWN_RECIPIENTS = 5

# Words of an exception's attributes: (English, French).
_CHECKS = {
    "expired": ("it has expired", "il a expiré"),
    "not yet valid": ("it is not valid yet", "il n'est pas encore valable"),
    "host": ("it was issued for another name than {host}", "il a été émis pour un autre nom que {host}"),
    "issuer": ("its issuer is not trusted", "son émetteur n'est pas reconnu"),
    "self-signed": ("it is self-signed", "il est auto-signé"),
    "revoked": ("it has been revoked", "il a été révoqué"),
    "invalid": ("it is not valid", "il n'est pas valable"),
}
_DURING = {
    "connect": (" while connecting", " pendant la connexion"),
    "tls": (" during the TLS handshake", " pendant la négociation TLS"),
    "greeting": (" before the server greeted", " avant que le serveur ait salué"),
    "reply": (" while waiting for an answer", " pendant l'attente d'une réponse"),
    "write": (" while sending", " pendant l'envoi"),
}


def facts(exception: BaseException, language: str) -> dict[str, Any]:
    """Everything that a text may name; what an exception does not have is "" or its nearest wording."""
    french = language == "fr"
    found: dict[str, Any] = {name: _shown(value) for name, value in vars(exception).items()}
    found["kind"] = type(exception).__name__
    found["text"] = _sentence(_own_text(exception, french))
    found["where"] = _where(exception) or ("le serveur" if french else "the server")
    found["said"] = _said(exception, french)
    if isinstance(exception, errors.SessionUnknown):
        found["open_names"] = ", ".join(_quoted(name, french) for name in exception.open_names)
    elif isinstance(exception, errors.WrongSessionKind):
        found["found"] = "/".join(exception.found)
    elif isinstance(exception, errors.RecipientsRefused):
        found["refused"] = _quoted(next(iter(exception.replies)), french)
        found["refusals"] = _refusals(exception, french)
    elif isinstance(exception, errors.MessageTooLarge):
        found.update(size=_size(exception.size, french), limit=_size(exception.limit, french))
    elif isinstance(exception, errors.TimedOut):
        found["seconds"] = _decimal(f"{exception.seconds:g}", french)
    elif isinstance(exception, errors.ConnectionLost):
        # What is not a stage is the command whose answer was awaited.
        named = f" ({_shown(exception.during)})" if exception.during else ""
        found["during"] = _DURING.get(exception.during, (named, named))[french]
    elif isinstance(exception, errors.CertificateRejected):
        found.update(_certificate_facts(exception, french))
    elif isinstance(exception, errors.AuthenticationFailed):
        found["by_mechanism"] = f" ({_shown(exception.mechanism)})" if exception.mechanism else ""
        found["offered"] = " ".join(map(_shown, exception.offered)) or ("aucun" if french else "none")
    elif isinstance(exception, errors.SecretUnavailable):
        found["failure"] = f" ({_sentence(exception.detail)})" if exception.detail else ""
    elif isinstance(exception, errors.MessageExpired):
        found.update(_expired_facts(exception, language))
    elif hasattr(exception, "why"):
        found.update(_value_facts(exception, french))
    elif isinstance(exception, ThrownError):
        # The program's own text, with the lines that it has.
        found.update(message=exception.message, thrown=exception.number)
    return found


def one_line(text: str) -> str:
    """A text without control characters and line breaks."""
    return "".join(c if c.isprintable() else " " for c in text).strip()


def _shown(value: object) -> Any:
    return one_line(value) if isinstance(value, str) else value


def _quoted(text: object, french: bool) -> str:
    return f"« {_shown(text)} »" if french else f'"{_shown(text)}"'


def _sentence(text: str) -> str:
    """The text of an exception inside a sentence of ours, which brings its own full stop."""
    return str(_shown(text)).rstrip(". ")


def _own_text(exception: BaseException, french: bool) -> str:
    text = str(exception)
    if isinstance(exception, errors.TLSFailed):
        # "TLS with host:port failed: reason": the sentence around it says the first half.
        return text.rpartition("failed: ")[2]
    if french and isinstance(exception, (errors.ProtocolViolation, errors.MailboxChanged)):
        return reason(text)
    return text


def _where(exception: BaseException) -> str:
    host, port = getattr(exception, "host", ""), getattr(exception, "port", 0)
    if not host:
        return ""
    if not port:
        return str(_shown(host))
    # RFC 3986 3.2.2: brackets keep the colons of an IPv6 address apart from the port's.
    return f"[{_shown(host)}]:{port}" if ":" in host else f"{_shown(host)}:{port}"


def _said(exception: BaseException, french: bool) -> str:
    reply = getattr(exception, "reply", None)
    # Text that the client made up where there was no answer has no code and is told elsewhere.
    if reply is None or not str(reply):
        return ""
    said = (" Réponse du serveur : " if french else " The server said: ") + str(_shown(str(reply)))
    # What came inside the exchange says more than the reply: the JSON of an OAuth refusal, SCRAM's reason.
    detail = getattr(exception, "detail", "")
    return f"{said} ({_shown(detail)})" if detail else said


def _refusals(problem: errors.RecipientsRefused, french: bool) -> str:
    shown = [f"{_shown(address)}: {_shown(str(reply))}" for address, reply in problem.replies.items()]
    rest = len(shown) - SHOWN_RECIPIENTS
    if rest > 0:
        shown[SHOWN_RECIPIENTS:] = [f"… et {rest} de plus" if french else f"… and {rest} more"]
    return "; ".join(shown)


def _certificate_facts(problem: errors.CertificateRejected, french: bool) -> dict[str, str]:
    check = _CHECKS.get(problem.check, _CHECKS["invalid"])[french].format(host=_shown(problem.host))
    issuer = str(_shown(problem.issuer))
    issued = f" Émetteur : {issuer}." if french else f" Issuer: {issuer}."
    return {"failed_check": check, "detail": _sentence(problem.detail), "issued": issued if issuer else ""}


def _expired_facts(problem: errors.MessageExpired, language: str) -> dict[str, str]:
    from .error_codes import summary

    french = language == "fr"
    last = summary(problem.last, language) if problem.last is not None else ""
    said = (" Dernier essai : " if french else " The last attempt: ") + last
    return {"hours": _decimal(f"{problem.hours:g}", french), "last": said if last else ""}


def _value_facts(problem: Any, french: bool) -> dict[str, str]:
    found = {"directory": _directory()}
    why = getattr(problem, "why", "")
    said = _sentence(reason(why) if french else why)
    found["why"] = said
    found["because"] = f" ({said})" if said else ""
    if isinstance(problem, errors.InvalidValue):
        found["member"] = member(problem.member) if french else str(_shown(problem.member))
        known = problem.shown is not None
        found["given"] = f" ({_quoted(problem.shown, french)})" if known else ""
        unnamed = "la valeur" if french else "the value"
        found["shown"] = _quoted(problem.shown, french) if known else unnamed
    return found


def _directory() -> str:
    try:
        return os.getcwd()
    except OSError:
        # The current directory has been deleted.
        return "?"


def _size(octets: int, french: bool) -> str:
    if octets < 10_000:
        return f"{octets} {'octets' if french else 'bytes'}"
    if octets < 1_000_000:
        return _decimal(f"{octets / 1000:.0f}", french) + (" Ko" if french else " kB")
    return _decimal(f"{octets / 1_000_000:.1f}", french) + (" Mo" if french else " MB")


def _decimal(digits: str, french: bool) -> str:
    return digits.replace(".", ",") if french else digits
