"""CRAM-MD5 (RFC 2195): a keyed digest of the server's challenge; the password stays here."""

from __future__ import annotations

import hmac
from typing import ClassVar

from ..errors import ProtocolViolation
from .mechanism import Credentials


class CramMD5:
    """One challenge, one response; the server proves nothing."""

    name: ClassVar[str] = "CRAM-MD5"
    clear_text: ClassVar[bool] = False
    failure = ""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._answered = False

    def start(self) -> None:
        return None

    def respond(self, challenge: bytes) -> bytes:
        if self._answered:
            raise ProtocolViolation("the server sent a second challenge where CRAM-MD5 has one")
        self._answered = True
        key = self._credentials.password.encode("utf-8", "surrogateescape")
        digest = hmac.new(key, challenge, "md5").hexdigest()
        return f"{self._credentials.user} {digest}".encode()

    def succeed(self) -> None:
        pass
