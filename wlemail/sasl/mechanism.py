"""What a mechanism is, and what it proves the user with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from ..errors import InvalidValue


@dataclass(frozen=True)
class Credentials:
    """Who logs in where; secrets stay out of repr."""

    user: str
    password: str = field(default="", repr=False)
    #: an OAuth 2.0 access token
    token: str = field(default="", repr=False)
    #: DIGEST-MD5 and OAUTHBEARER name the server in what they send
    host: str = ""
    port: int = 0
    service: str = "smtp"

    def __post_init__(self) -> None:
        # Half a surrogate pair has no octets. A password alone may be octets of no character set (surrogateescape).
        try:
            self.user.encode()
            self.token.encode("utf-8", "surrogateescape")
            self.password.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            # The exception of Python holds the whole secret: it must not be seen as a cause.
            unsendable = True
        else:
            unsendable = False
        if unsendable:
            raise InvalidValue("Name or Password", "holds half of a surrogate pair, which no server can be sent")


class Mechanism(Protocol):
    """One exchange of one mechanism; made for one attempt, never used twice.

    A challenge that makes no sense, or a server that cannot prove itself, raises ProtocolViolation."""

    name: ClassVar[str]
    #: who listens learns the password or token
    clear_text: ClassVar[bool]

    def __init__(self, credentials: Credentials) -> None: ...

    def start(self) -> bytes | None:
        """The initial response, None where the server speaks first."""

    def respond(self, challenge: bytes) -> bytes:
        """The answer to a challenge."""

    def succeed(self) -> None:
        """The server says that all is well: ProtocolViolation where it had yet to prove that it knows the password."""

    @property
    def failure(self) -> str:
        """What the server said about a failure inside the exchange, before the protocol's own refusal."""
