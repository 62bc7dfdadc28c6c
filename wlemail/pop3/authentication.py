"""Logging in (RFC 1939 7, RFC 5034): SASL in POP3's framing, APOP, USER and PASS, and which may follow which.

A refusal says by its response code (RFC 2449 8, RFC 3206) whether the credentials, the mailbox or the server is the
reason. Where nothing of the kind is said it counts as a verdict on the credentials: then nothing else is tried.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..errors import (
    AuthenticationFailed,
    Broken,
    LoginTooSoon,
    MailboxLocked,
    MailError,
    MechanismUnavailable,
    Refused,
    ServerReply,
    SessionRefused,
)
from ..sasl.choice import candidates
from ..sasl.mechanism import Credentials, Mechanism
from . import commands
from .dialogue import Dialogue
from .responses import CHALLENGE, OK, Response

# RFC 2449 4: command lines of at most 255 octets; a longer initial response follows the first challenge.
_MAX_AUTH_LINE = 253

# RFC 1939 7: a timestamp has the form of a message id (RFC 822). Nothing but a dot-atom will do: who sits on the line
# finds the password by APOP from specially made octets (CVE-2007-1558).
_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_TIMESTAMP = re.compile(rf"<{_ATEXT}(?:\.{_ATEXT})*@(?:{_ATEXT}(?:\.{_ATEXT})*|\[[0-9A-Fa-f.:]+\])>")
_MAX_TIMESTAMP = 255

USER = "USER"
APOP = "APOP"


class Offer(NamedTuple):
    """How the server can be logged in to."""

    #: keyword -> parameters of CAPA; None where the server knows no CAPA
    capabilities: Mapping[str, str] | None
    #: the greeting's timestamp, "" where it has none that APOP may be used with
    timestamp: str = ""
    #: commands may be sent in groups
    pipelining: bool = False

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """The SASL mechanisms, in upper case, in the server's order."""
        listed = (self.capabilities or {}).get("SASL", "")
        return tuple(dict.fromkeys(listed.upper().split()))

    @property
    def names_credentials(self) -> bool:
        """Whether refusals of credentials have the code AUTH (RFC 3206 6)."""
        return "AUTH-RESP-CODE" in (self.capabilities or {})

    @property
    def has_user(self) -> bool:
        """Whether USER and PASS may be tried without TLS."""
        if self.capabilities is None or USER in self.capabilities:
            return True
        # QUIRK: a CAPA that names no way to log in at all is incomplete; one with STLS means that TLS comes first.
        return not self.mechanisms and "STLS" not in self.capabilities


def timestamp(greeting: str) -> str:
    """The timestamp of a greeting that APOP may be used with, "" where it has none."""
    found = _TIMESTAMP.search(greeting)
    return found[0] if found and len(found[0]) <= _MAX_TIMESTAMP else ""


def authenticate(
    dialogue: Dialogue, offer: Offer, credentials: Credentials, *, named: str = "", with_token: bool = False
) -> str:
    """Log in by the strongest way that both sides know, or the named one; the name of the one that did it."""
    failure: AuthenticationFailed | None = None
    for name, attempt in _attempts(dialogue, offer, credentials, named, with_token):
        try:
            attempt()
        except MechanismUnavailable as problem:
            # Not a verdict on the credentials: the next one may be tried. Any other refusal is final.
            failure = problem
        else:
            return name
    raise failure or _nothing_in_common(offer, named, with_token)


def _attempts(
    dialogue: Dialogue, offer: Offer, given: Credentials, named: str, with_token: bool
) -> list[tuple[str, Callable[[], None]]]:
    """The ways to log in, the strongest first."""
    encrypted = dialogue.stream.is_secure
    kinds = candidates(offer.mechanisms, with_token=with_token, named=named, encrypted=encrypted)
    ways: dict[str, Callable[[], None]] = {
        kind.name: lambda kind=kind: _authenticate_by(dialogue, kind(given), offer)  # type: ignore[misc]
        for kind in kinds
    }
    by_user = {USER: lambda: _authenticate_by_user(dialogue, offer, given)}
    by_apop = {APOP: lambda: _authenticate_by_apop(dialogue, offer, given)} if offer.timestamp else {}
    if with_token or named:
        others = {**by_user, **by_apop}
        return list((ways or ({named.upper(): others[named.upper()]} if named.upper() in others else {})).items())
    if kinds and not kinds[0].clear_text and not encrypted:
        return list(ways.items())
    private = encrypted or dialogue.stream.is_loopback
    if not private and by_apop:
        # As with the mechanisms: no clear text after a challenge, which whoever sits on the line can refuse.
        return list(by_apop.items())
    challenges = {kind.name: ways.pop(kind.name) for kind in kinds if not kind.clear_text}
    if not (private or offer.has_user):
        by_user = {}
    # PLAIN carries any character and takes one round trip; where a refusal does not say what it means, USER goes
    # first, for PLAIN with an initial response (RFC 5034) is not known to servers as old as that.
    plain_first = offer.names_credentials or not (given.user + given.password).isascii()
    clear = {**ways, **by_user} if plain_first else {**by_user, **ways}
    return list(({**challenges, **clear} or by_apop).items())


def _nothing_in_common(offer: Offer, named: str, with_token: bool) -> MechanismUnavailable:
    ways = [*offer.mechanisms, *([APOP] if offer.timestamp else []), *([USER] if offer.has_user else [])]
    listed = " ".join(ways) or "none"
    what = named or ("a mechanism for access tokens" if with_token else "a way to log in that is known here")
    text = f"the server does not offer {what} (offered: {listed})"
    problem = MechanismUnavailable(text, ServerReply(0, f"authentication mechanisms offered: {listed}"), named)
    problem.offered = tuple(ways)
    return problem


# -- USER and APOP --------------------------------------------------------------------------------------


def _authenticate_by_user(dialogue: Dialogue, offer: Offer, given: Credentials) -> None:
    """USER and PASS; in one group only where nobody on the line reads the password before the server wants it."""
    _allow_utf8(dialogue, offer, given)
    pair = [commands.user(given.user), commands.password(given.password)]
    if offer.pipelining and dialogue.stream.is_secure:
        dialogue.send(pair)
        response = dialogue.next_response()[1]
        # The answer to PASS is owed in any case; it says nothing once the name was refused.
        second = dialogue.next_response()[1]
        response = second if response.status == OK else response
    else:
        response = dialogue.ask(pair[0])
        if response.status == OK:
            response = dialogue.ask(pair[1])
    if response.status != OK:
        raise _refusal(response, USER, offer)


def _authenticate_by_apop(dialogue: Dialogue, offer: Offer, given: Credentials) -> None:
    _allow_utf8(dialogue, offer, given)
    secret = (offer.timestamp + given.password).encode("utf-8", "surrogateescape")
    digest = hashlib.md5(secret, usedforsecurity=False).hexdigest()
    response = dialogue.ask(commands.apop(given.user, digest))
    if response.status != OK:
        raise _refusal(response, APOP, offer)


def _allow_utf8(dialogue: Dialogue, offer: Offer, given: Credentials) -> None:
    """RFC 6856 2.2: names and passwords beyond ASCII need UTF8, where the server has it."""
    if not (given.user + given.password).isascii() and "UTF8" in (offer.capabilities or {}):
        # A refusal changes nothing: the login then shows whether the server does without.
        dialogue.ask(commands.UTF8)


# -- SASL -----------------------------------------------------------------------------------------------


def _authenticate_by(dialogue: Dialogue, exchange: Mechanism, offer: Offer) -> None:
    """One exchange; its success is only a success if the mechanism agrees: the server may have to prove itself."""
    response = _exchange(dialogue, exchange)
    if response.status == OK:
        try:
            exchange.succeed()
        except Broken as problem:
            dialogue.break_off(problem)
            raise
        return
    refusal = _refusal(response, exchange.name, offer)
    if isinstance(refusal, AuthenticationFailed):
        refusal.detail = dialogue.secrets.masked(exchange.failure)
    raise refusal


def _exchange(dialogue: Dialogue, exchange: Mechanism) -> Response:
    """Challenges and responses up to the response that ends them."""
    initial = exchange.start()
    pending = None if initial is None else b64encode(initial).decode()
    dialogue.hide(pending or "")
    command = commands.auth(exchange.name, pending)
    if len(command.line) > _MAX_AUTH_LINE:
        command = commands.auth(exchange.name, None)
    else:
        pending = None
    response = dialogue.ask(command)
    while response.status == CHALLENGE:
        if pending is None:
            answer = _respond(dialogue, exchange, _challenge(response.text))
        else:
            answer, pending = pending, None
        dialogue.hide(answer)
        response = dialogue.ask(commands.auth_answer(answer))
    return response


def _respond(dialogue: Dialogue, exchange: Mechanism, challenge: bytes) -> str:
    try:
        return b64encode(exchange.respond(challenge)).decode()
    except Broken as problem:
        dialogue.break_off(problem)
        raise
    except MailError:
        # A password that this mechanism cannot carry: the exchange is called off, the connection stays.
        dialogue.ask(commands.auth_answer("*"))
        raise


def _challenge(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        # QUIRK: challenges in clear; each mechanism knows what it can do without.
        return text.encode("utf-8", "replace")


# -- refusals -------------------------------------------------------------------------------------------


def session_refusal(response: Response) -> Refused | None:
    """What a refusal means that is no verdict on credentials, None where it may be one."""
    code, reply = response.code, response.reply()
    if code == "IN-USE":
        return MailboxLocked(f"another session uses the mailbox: {reply}", reply)
    if code == "LOGIN-DELAY":
        return LoginTooSoon(f"the last login is too recent: {reply}", reply)
    if not code.startswith("SYS/"):
        return None
    problem = SessionRefused(f"the server refuses the session: {reply}", reply)
    problem.temporary = code == "SYS/TEMP"
    return problem


def _refusal(response: Response, mechanism: str, offer: Offer) -> Refused:
    problem = session_refusal(response)
    if problem is not None:
        return problem
    reply = response.reply()
    # RFC 3206 6: a server that has the code AUTH uses it for every refusal of credentials.
    unavailable = mechanism not in (USER, APOP) and not response.code and offer.names_credentials
    failed = (MechanismUnavailable if unavailable else AuthenticationFailed)(
        f"{mechanism} refused: {reply}", reply, mechanism
    )
    failed.offered = offer.mechanisms
    return failed
