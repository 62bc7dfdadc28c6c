"""Which mechanisms to try, and in which order."""

from __future__ import annotations

from collections.abc import Collection

from .cram_md5 import CramMD5
from .digest_md5 import DigestMD5
from .login import Login
from .mechanism import Mechanism
from .oauth import OAuthBearer, XOAuth2
from .plain import Plain
from .scram import ScramSHA1, ScramSHA256, ScramSHA512

# The strongest first. PLAIN before LOGIN: the same exposure in one round trip less.
_WITH_PASSWORD: tuple[type[Mechanism], ...] = (
    ScramSHA512, ScramSHA256, ScramSHA1, DigestMD5, CramMD5, Plain, Login,
)  # fmt: skip
_WITH_TOKEN: tuple[type[Mechanism], ...] = (OAuthBearer, XOAuth2)


def candidates(
    offered: Collection[str], *, with_token: bool = False, named: str = "", encrypted: bool = False
) -> list[type[Mechanism]]:
    """The mechanisms that both sides know, the strongest first; at most the named one where a name is given.

    Outside TLS no clear-text mechanism comes after a challenge mechanism: else whoever sits on the line gets the
    password by answering the challenge mechanism with "unavailable"."""
    if named:
        everything = (*_WITH_PASSWORD, *_WITH_TOKEN)
        return [mechanism for mechanism in everything if mechanism.name == named.upper() and mechanism.name in offered]
    known = _WITH_TOKEN if with_token else _WITH_PASSWORD
    both = [mechanism for mechanism in known if mechanism.name in offered]
    if not encrypted and both and not both[0].clear_text:
        both = [mechanism for mechanism in both if not mechanism.clear_text]
    return both


def is_clear_text(name: str) -> bool:
    """Whether who listens to this mechanism learns the password or the token."""
    return any(mechanism.name == name and mechanism.clear_text for mechanism in (*_WITH_PASSWORD, *_WITH_TOKEN))
