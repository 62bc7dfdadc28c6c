"""PLAIN (RFC 4616): user and password in one response."""

from __future__ import annotations

from typing import ClassVar

from ..errors import ControlCharacter, ProtocolViolation
from .mechanism import Credentials


class Plain:
    """authzid NUL authcid NUL password, all UTF-8; the server does the preparation."""

    name: ClassVar[str] = "PLAIN"
    clear_text: ClassVar[bool] = True
    failure = ""

    def __init__(self, credentials: Credentials) -> None:
        if "\0" in credentials.user or "\0" in credentials.password:
            raise ControlCharacter("Name or Password", "holds a NUL")
        self._credentials = credentials

    def start(self) -> bytes:
        return f"\0{self._credentials.user}\0{self._credentials.password}".encode("utf-8", "surrogateescape")

    def respond(self, challenge: bytes) -> bytes:
        raise ProtocolViolation("the server sent a challenge where PLAIN has none")

    def succeed(self) -> None:
        pass
