"""What the IMAP server of the sandbox can do, and what a test may take away."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

#: before the login, and after it; UTF8 and the like are told after it alone, as many servers do
BEFORE_LOGIN = ("LITERAL+", "SASL-IR", "ID", "ENABLE", "IDLE", "NAMESPACE", "UIDPLUS")
AFTER_LOGIN = (
    *BEFORE_LOGIN,
    "MOVE",
    "UNSELECT",
    "CHILDREN",
    "LIST-EXTENDED",
    "LIST-STATUS",
    "SPECIAL-USE",
    "CREATE-SPECIAL-USE",
    "ESEARCH",
    "CONDSTORE",
    "MULTIAPPEND",
    "STATUS=SIZE",
    "QUOTA",
    "QUOTA=RES-STORAGE",
    "UTF8=ACCEPT",
    "COMPRESS=DEFLATE",
)


@dataclass(frozen=True)
class ImapOffer:
    """What the IMAP server offers and asks for."""

    #: "IMAP4rev1", "IMAP4rev2" (RFC 9051), or both; then rev2 has to be enabled
    revisions: tuple[str, ...] = ("IMAP4rev1",)
    #: capabilities that it does without: "MOVE", "IDLE", "LITERAL+" …
    lacks: Collection[str] = ()
    starttls: bool = True
    #: the LOGIN command
    login: bool = True
    mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN")
    #: nobody is let in before TLS
    require_tls: bool = False
    #: bytes of a message that is put into a folder
    max_size: int = 100 << 20
    #: a client that does nothing is left after so long; RFC 9051 5.4 asks for half an hour
    idle_seconds: float = 1800.0
    name: str = "sandbox.localhost"

    def has(self, capability: str) -> bool:
        return capability not in self.lacks
