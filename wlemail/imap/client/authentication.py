"""LOGIN and AUTHENTICATE (RFC 3501 6.2, RFC 4959): SASL exchanges in IMAP's framing, and which may follow which."""

from __future__ import annotations

from base64 import b64decode, b64encode

from ...errors import (
    AuthenticationFailed,
    Broken,
    MailboxLocked,
    MailError,
    MechanismUnavailable,
    Refused,
    ServerReply,
    SessionRefused,
)
from ...sasl.choice import candidates
from ...sasl.mechanism import Credentials, Mechanism
from .. import commands
from ..connection import Pending
from ..dialogue import Dialogue
from ..parsing.status import BAD, OK, Continuation
from . import opening

LOGIN = "LOGIN"
# A command line has 8192 octets (RFC 7162 4); a longer initial response follows the first challenge.
_LONGEST_INITIAL = 8000


def authenticate(dialogue: Dialogue, credentials: Credentials, *, named: str = "", with_token: bool = False) -> str:
    """Log in by the strongest way that both sides know, or the named one; its name ("LOGIN" for the command too)."""
    offered = opening.learn_capabilities(dialogue)
    mechanisms = tuple(sorted(each.removeprefix("AUTH=") for each in offered if each.startswith("AUTH=")))
    encrypted = dialogue.stream.is_secure
    kinds = candidates(mechanisms, with_token=with_token, named=named, encrypted=encrypted)
    failure: AuthenticationFailed | None = None
    for kind in kinds:
        try:
            _authenticate_by(dialogue, kind(credentials), mechanisms)
        except MechanismUnavailable as problem:
            # Not a verdict on the credentials: the next one may be tried. Any other refusal is final.
            failure = problem
        else:
            _learn_again(dialogue, offered)
            return kind.name
    # No clear text behind a challenge mechanism outside TLS: who sits on the line could refuse the latter.
    clear_text_allowed = encrypted or not kinds or kinds[0].clear_text
    wanted = not with_token and (not named or (named.upper() == LOGIN and not kinds))
    if wanted and clear_text_allowed and "LOGINDISABLED" not in offered:
        _log_in(dialogue, credentials, mechanisms)
        _learn_again(dialogue, offered)
        return LOGIN
    raise failure or _nothing_in_common(mechanisms, named, with_token=with_token)


def _learn_again(dialogue: Dialogue, before: frozenset[str]) -> None:
    """RFC 3501 6.2.3: a login may change what is offered; most servers tell it with their OK."""
    connection = dialogue.connection
    if connection.capabilities is before:
        connection.capabilities = None
        opening.learn_capabilities(dialogue)


def _nothing_in_common(offered: tuple[str, ...], named: str, *, with_token: bool) -> MechanismUnavailable:
    listed = " ".join(offered) or "none"
    what = named or ("a mechanism for access tokens" if with_token else "a way to log in that is known here")
    text = f"the server does not offer {what} (offered: {listed})"
    problem = MechanismUnavailable(text, ServerReply(0, f"authentication mechanisms offered: {listed}"), named)
    problem.offered = offered
    return problem


def _log_in(dialogue: Dialogue, given: Credentials, offered: tuple[str, ...]) -> None:
    pending = dialogue.ask_anyway(commands.login(given.user, given.password))
    if pending.status is None or pending.status.condition != OK:
        raise _refusal(dialogue, pending, LOGIN, offered)


def _authenticate_by(dialogue: Dialogue, exchange: Mechanism, offered: tuple[str, ...]) -> None:
    """One exchange; its success is only a success if the mechanism agrees: the server may have to prove itself."""
    pending = _exchange(dialogue, exchange)
    if pending.status is not None and pending.status.condition == OK:
        try:
            exchange.succeed()
        except Broken as problem:
            dialogue.break_off(problem)
            raise
        return
    refusal = _refusal(dialogue, pending, exchange.name, offered)
    if isinstance(refusal, AuthenticationFailed):
        refusal.detail = dialogue.secrets.masked(exchange.failure)
    raise refusal


def _exchange(dialogue: Dialogue, exchange: Mechanism) -> Pending:
    """Challenges and responses up to the status that ends them."""
    initial = exchange.start()
    response = None if initial is None else b64encode(initial).decode()
    dialogue.hide(response or "")
    capabilities = dialogue.connection.capabilities or frozenset()
    at_once = bool(capabilities & {"SASL-IR", "IMAP4REV2"}) and len(response or "") <= _LONGEST_INITIAL
    command = commands.authenticate(exchange.name, response if at_once else None)
    if at_once:
        response = None
    dialogue.settle(command)
    pending = dialogue.send(command)
    while (challenge := dialogue.await_continuation(pending)) is not None:
        if response is None:
            response = _respond(dialogue, pending, exchange, challenge)
            dialogue.hide(response)
        dialogue.reply(response.encode(), "********")
        response = None
    return pending


def _respond(dialogue: Dialogue, pending: Pending, exchange: Mechanism, challenge: Continuation) -> str:
    try:
        return b64encode(exchange.respond(_octets(challenge.text))).decode()
    except Broken as problem:
        dialogue.break_off(problem)
        raise
    except MailError:
        # A password that this mechanism cannot carry: the exchange is called off, the connection stays.
        dialogue.reply(b"*", "*")
        dialogue.finish(pending)
        raise


def _octets(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        # QUIRK: challenges in clear ("+ Username:"); each mechanism knows what it can do without.
        return text.encode("utf-8", "replace")


# RFC 5530 3. What is no verdict on the credentials: another mechanism, or another time, may do.
_OTHER_MECHANISM = ("CANNOT", "PRIVACYREQUIRED")
_OTHER_TIME = ("UNAVAILABLE", "LIMIT", "SERVERBUG")


def _refusal(dialogue: Dialogue, pending: Pending, mechanism: str, offered: tuple[str, ...]) -> Refused:
    status = pending.status
    if status is None:
        raise AssertionError("refused before it ended")
    reply = status.reply()
    reply.text = dialogue.secrets.masked(reply.text)
    if status.code_name == "INUSE":
        return MailboxLocked(f"the mailbox is in use: {reply}", reply)
    if status.code_name in _OTHER_TIME:
        later = SessionRefused(f"the server lets nobody in now: {reply}", reply)
        later.temporary = True
        return later
    # RFC 3501 6.2.2: BAD for a mechanism that the server does not know after all.
    unavailable = status.condition == BAD or status.code_name in _OTHER_MECHANISM
    error = MechanismUnavailable if unavailable and mechanism != LOGIN else AuthenticationFailed
    refusal = error(f"{mechanism} refused: {reply}", reply, mechanism)
    refusal.offered = offered
    return refusal
