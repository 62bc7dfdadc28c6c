"""SASL from the server's side: what a client says about itself, and whether that is accepted.

Each mechanism is a generator: it yields challenges, is sent responses, and returns `Claim`. How challenges are framed
(SMTP's 334, POP3's and IMAP's "+") is the protocol's business. Passwords are compared and forgotten.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .replies import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator


class MalformedResponse(Exception):
    """A response does not have the mechanism's form."""


@dataclass(frozen=True)
class Claim:
    """Who the client says it is, and the password or token that is to prove it."""

    user: str
    proof: bytes = field(repr=False)
    #: a challenge that tells why, to be answered by anything, before the refusal proper (RFC 7628 3.2.3)
    error: bytes = b""


if TYPE_CHECKING:
    Exchange = Generator[bytes, bytes, Claim]


def plain(initial: bytes | None) -> Exchange:
    """PLAIN (RFC 4616): authorization identity, user and password in one response."""
    response = initial if initial is not None else (yield b"")
    parts = response.split(b"\0")
    if len(parts) != 3 or not parts[1]:
        raise MalformedResponse("PLAIN wants two NULs and a user")
    return Claim(_text(parts[1]), parts[2])


def login(initial: bytes | None) -> Exchange:
    """LOGIN (draft-murchison-sasl-login): the user, then the password."""
    user = initial if initial is not None else (yield b"Username:")
    if not user:
        raise MalformedResponse("LOGIN wants a user")
    password = yield b"Password:"
    return Claim(_text(user), password)


_TOKEN_REFUSED = b'{"status":"401","schemes":"bearer","scope":"mail"}'


def xoauth2(initial: bytes | None) -> Exchange:
    """XOAUTH2: `user=… ^A auth=Bearer … ^A ^A` (Google, Microsoft)."""
    response = initial if initial is not None else (yield b"")
    fields = dict(part.partition(b"=")[::2] for part in response.split(b"\x01"))
    scheme, _, token = fields.get(b"auth", b"").partition(b" ")
    if scheme.lower() != b"bearer" or not fields.get(b"user"):
        raise MalformedResponse("XOAUTH2 wants a user and a bearer token")
    return Claim(_text(fields[b"user"]), token, _TOKEN_REFUSED)


def oauthbearer(initial: bytes | None) -> Exchange:
    """OAUTHBEARER (RFC 7628): a GS2 header with the user, then `auth=Bearer …` between ^A."""
    response = initial if initial is not None else (yield b"")
    header, _, rest = response.partition(b"\x01")
    identity = next((part[2:] for part in header.split(b",") if part.startswith(b"a=")), b"")
    fields = dict(part.partition(b"=")[::2] for part in rest.split(b"\x01"))
    scheme, _, token = fields.get(b"auth", b"").partition(b" ")
    if scheme.lower() != b"bearer":
        raise MalformedResponse("OAUTHBEARER wants a bearer token")
    return Claim(_text(identity).replace("=2C", ",").replace("=3D", "="), token, _TOKEN_REFUSED)


MECHANISMS: dict[str, Callable[[bytes | None], Exchange]] = {
    "PLAIN": plain,
    "LOGIN": login,
    "XOAUTH2": xoauth2,
    "OAUTHBEARER": oauthbearer,
}

#: users that are refused by their name, whatever the password, where any user is accepted; as in `replies`
BY_NAME: dict[str, Reply] = {
    "refused": Reply(535, "5.7.8", "authentication refused"),
    "reject": Reply(535, "5.7.8", "authentication refused"),
    "tempfail": Reply(454, "4.7.0", "authentication not possible now"),
}
_REFUSED = BY_NAME["refused"]


class Credentials:
    """Which users are accepted: any, those of some names with any password, or those of given passwords."""

    def __init__(
        self, users: Mapping[str, str] | Collection[str] | None = None, *, keep_passwords: bool = False
    ) -> None:
        """`users`: None for any user; names; or names with their passwords, kept only as salted digests (unless
        `keep_passwords` asks for more)."""
        self._salt = secrets.token_bytes(16)
        self._names = None if users is None else frozenset(users)
        passwords: dict[str, str] = dict(users) if isinstance(users, Mapping) else {}
        # APOP proves a password by a digest of its own: there is no way but to have it.
        self._passwords = passwords if keep_passwords else {}
        self._digests = {name: self._digest(password.encode()) for name, password in passwords.items()}

    def refusal(self, claim: Claim) -> Reply | None:
        """The reply that refuses this user, None where it is let in."""
        if self._names is None:
            return BY_NAME.get(claim.user.partition("@")[0].casefold())
        if claim.user not in self._names:
            return _REFUSED
        expected = self._digests.get(claim.user)
        if expected is not None and not hmac.compare_digest(expected, self._digest(claim.proof)):
            return _REFUSED
        return None

    @property
    def takes_anybody(self) -> bool:
        """Whether users are told apart by their names alone (`BY_NAME`)."""
        return self._names is None

    @property
    def has_passwords(self) -> bool:
        """Whether it matters what a user proves."""
        return bool(self._digests)

    def password_of(self, user: str) -> bytes:
        """The password of a user, where passwords are kept; b"" where there is none."""
        return self._passwords.get(user, "").encode()

    def _digest(self, password: bytes) -> bytes:
        return hmac.digest(self._salt, password, "sha256")


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedResponse("a user's name is UTF-8") from None
