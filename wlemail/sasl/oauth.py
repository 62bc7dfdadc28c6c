"""OAUTHBEARER (RFC 7628) and XOAUTH2 (Google's forerunner, the only one at Microsoft): an access token as password.

A refusal comes in two steps: a challenge that holds JSON with the reason and must be answered, then the protocol's own
refusal. Who does not answer waits for ever.
"""

from __future__ import annotations

from typing import ClassVar

from ..errors import ControlCharacter, ProtocolViolation
from .mechanism import Credentials


class _Bearer:
    clear_text: ClassVar[bool] = True

    def __init__(self, credentials: Credentials) -> None:
        # \x01 separates the fields: a token or user with one in it could add others.
        for value in (credentials.user, credentials.token):
            if value and not value.isprintable():
                raise ControlCharacter("Name or AuthToken", "holds control characters")
        self._credentials = credentials
        self._answered = False
        self.failure = ""

    def _take_failure(self, challenge: bytes) -> None:
        if self._answered:
            raise ProtocolViolation("the server sent a second challenge where there is one, for a failure")
        self._answered = True
        self.failure = challenge.decode("utf-8", "replace")

    def succeed(self) -> None:
        pass


class OAuthBearer(_Bearer):
    """RFC 7628 3.1: a GS2 header, then key=value pairs."""

    name: ClassVar[str] = "OAUTHBEARER"

    def start(self) -> bytes:
        given = self._credentials
        user = given.user.replace("=", "=3D").replace(",", "=2C")
        server = f"host={given.host}\x01port={given.port}\x01" if given.host and given.port else ""
        return f"n,a={user},\x01{server}auth=Bearer {given.token}\x01\x01".encode()

    def respond(self, challenge: bytes) -> bytes:
        self._take_failure(challenge)
        return b"\x01"  # RFC 7628 3.2.3


class XOAuth2(_Bearer):
    """The same with a user field and no GS2 header; the answer to a failure is empty."""

    name: ClassVar[str] = "XOAUTH2"

    def start(self) -> bytes:
        return f"user={self._credentials.user}\x01auth=Bearer {self._credentials.token}\x01\x01".encode()

    def respond(self, challenge: bytes) -> bytes:
        self._take_failure(challenge)
        return b""
