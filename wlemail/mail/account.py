"""What is needed to open a session: where, how secured, as whom. Values only; the secret hides itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from ..transport.tls import TLSPolicy as TLSPolicy
from .settings import SessionTimeouts


class Security(Enum):
    """How the connection is protected."""

    CLEAR = "clear"
    STARTTLS = "STARTTLS"
    #: encrypted where the server offers it, else in clear (only when asked for by name)
    STARTTLS_IF_OFFERED = "STARTTLS if offered"
    IMPLICIT = "TLS from the first byte"


@dataclass(frozen=True)
class Account:
    """One mailbox or relay at one server; `name` is what the session is called."""

    name: str
    host: str
    port: int
    security: Security = Security.CLEAR
    user: str = ""
    password: str = field(default="", repr=False)
    #: the name of the secret that the password came from: what waits for another session remembers that name alone
    secret: str = ""
    #: gives an OAuth 2.0 access token, which takes the password's place; asked at each opening, for tokens age
    token: Callable[[], str] | None = field(default=None, repr=False)
    tls: TLSPolicy = field(default_factory=TLSPolicy)
    timeouts: SessionTimeouts = field(default_factory=SessionTimeouts)
    #: a SASL mechanism asked for by name: then nothing else is tried, and a refusal is final
    mechanism: str = ""
    #: use BDAT where the server offers CHUNKING (RFC 3030)
    chunking: bool = True
    #: send several commands before the first reply where the server offers PIPELINING (RFC 2920)
    pipelining: bool = True
    #: compress the connection where the server offers it (IMAP, RFC 4978); None: where the line may be slow
    compression: bool | None = None
    #: authenticate where the server offers it, and carry on where it refuses
    authentication_optional: bool = False
