"""AUTH (RFC 4954): SASL exchanges in SMTP's framing, and which mechanism may follow which."""

from __future__ import annotations

from base64 import b64decode, b64encode

from ..errors import AuthenticationFailed, Broken, MailError, MechanismUnavailable, ServerReply
from ..sasl.choice import candidates
from ..sasl.mechanism import Credentials, Mechanism
from . import commands
from .dialogue import Dialogue

# RFC 4954 4: AUTH lines with a longer initial response break RFC 5321's limit; it then follows the first challenge.
_MAX_AUTH_LINE = 510


def authenticate(
    dialogue: Dialogue, offered: tuple[str, ...], credentials: Credentials, *, named: str = "", with_token: bool = False
) -> str:
    """Log in by the strongest mechanism that both sides know, or the named one; the name of the one that did it."""
    failure: AuthenticationFailed | None = None
    encrypted = dialogue.stream.is_secure
    for kind in candidates(offered, with_token=with_token, named=named, encrypted=encrypted):
        try:
            _authenticate_by(dialogue, kind(credentials), offered)
        except MechanismUnavailable as problem:
            # Not a verdict on the credentials: the next one may be tried. Any other refusal is final.
            failure = problem
        else:
            return kind.name
    raise failure or _nothing_in_common(offered, named, with_token=with_token)


def _nothing_in_common(offered: tuple[str, ...], named: str, *, with_token: bool) -> MechanismUnavailable:
    listed = " ".join(offered) or "none"
    if named and named.upper() in offered:
        text = f"the mechanism {named} is not known here"
    else:
        what = named or ("a mechanism for access tokens" if with_token else "a mechanism that is known here")
        text = f"the server does not offer {what} (offered: {listed})"
    problem = MechanismUnavailable(text, ServerReply(0, f"authentication mechanisms offered: {listed}"), named)
    problem.offered = offered
    return problem


def _authenticate_by(dialogue: Dialogue, exchange: Mechanism, offered: tuple[str, ...]) -> None:
    """One exchange; its success is only a success if the mechanism agrees: the server may have to prove itself."""
    reply = _exchange(dialogue, exchange)
    if reply.code < 400:
        try:
            exchange.succeed()
        except Broken as problem:
            dialogue.break_off(problem)
            raise
        return
    error = MechanismUnavailable if reply.code in (504, 534) else AuthenticationFailed
    refusal = error(f"{exchange.name} refused: {reply}", reply, exchange.name)
    refusal.offered = offered
    refusal.detail = dialogue.secrets.masked(exchange.failure)
    raise refusal


def _exchange(dialogue: Dialogue, exchange: Mechanism) -> ServerReply:
    """Challenges and responses up to the reply that ends them."""
    initial = exchange.start()
    pending = None if initial is None else b64encode(initial).decode()
    dialogue.hide(pending or "")
    command = commands.auth(exchange.name, pending)
    if len(command.line) > _MAX_AUTH_LINE:
        command = commands.auth(exchange.name, None)
    else:
        pending = None
    reply = dialogue.ask(command)
    while 300 <= reply.code < 400:
        if pending is None:
            response = _respond(dialogue, exchange, _challenge(reply.text))
        else:
            response, pending = pending, None
        dialogue.hide(response)
        reply = dialogue.ask(commands.auth_answer(response))
    return reply


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
        # QUIRK: challenges in clear ("334 Username:"); each mechanism knows what it can do without.
        return text.encode("utf-8", "replace")
