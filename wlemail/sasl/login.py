"""LOGIN (draft-murchison-sasl-login): the server asks for user and password, one after the other."""

from __future__ import annotations

from typing import ClassVar

from ..errors import ProtocolViolation
from .mechanism import Credentials


class Login:
    """Answers by the order of the challenges: servers word them as they like ("User Name\\0", "334 " alone)."""

    name: ClassVar[str] = "LOGIN"
    clear_text: ClassVar[bool] = True
    failure = ""

    def __init__(self, credentials: Credentials) -> None:
        self._answers = [credentials.password, credentials.user]

    def start(self) -> None:
        return None

    def respond(self, challenge: bytes) -> bytes:
        if not self._answers:
            raise ProtocolViolation("the server sent a third challenge where LOGIN has two")
        return self._answers.pop().encode("utf-8", "surrogateescape")

    def succeed(self) -> None:
        if self._answers:
            raise ProtocolViolation("the server accepted LOGIN before it knew user and password")
