"""SCRAM (RFC 5802, RFC 7677) without channel binding: salted password, proofs in both directions."""

from __future__ import annotations

import hashlib
import hmac
import os
from base64 import b64decode, b64encode
from typing import ClassVar

from ..errors import ProtocolViolation
from .mechanism import Credentials
from .prep import saslprep

# Seconds of PBKDF2, which a hostile server would like to be hours; real servers use 4096 to some 600,000.
_MAX_ITERATIONS = 5_000_000
_GS2_HEADER = "n,,"  # no channel binding, no authorization identity


class _Scram:
    clear_text: ClassVar[bool] = False
    _hash: ClassVar[str]

    def __init__(self, credentials: Credentials, *, nonce: str = "") -> None:
        self._credentials = credentials
        self._nonce = nonce or b64encode(os.urandom(18)).decode()
        self._server_signature = b""
        self._proven = False
        self.failure = ""

    def start(self) -> bytes:
        user = saslprep(self._credentials.user, "Name").replace("=", "=3D").replace(",", "=2C")
        self._client_first = f"n={user},r={self._nonce}"
        return f"{_GS2_HEADER}{self._client_first}".encode()

    def respond(self, challenge: bytes) -> bytes:
        if self._proven or self.failure:
            raise ProtocolViolation("the server sent one challenge more than SCRAM has")
        text = challenge.decode("utf-8", "replace")
        if text.startswith("e="):
            # RFC 5802 5.1: the reason; the protocol's own refusal follows once this is answered.
            self.failure = text[2:]
            return b""
        if self._server_signature:
            self._verify(text)
            return b""
        return self._client_final(text)

    def succeed(self) -> None:
        if not self._proven:
            raise ProtocolViolation("the server did not prove that it knows the password (SCRAM)")

    def _client_final(self, server_first: str) -> bytes:
        nonce, salt, iterations = self._read_server_first(server_first)
        without_proof = f"c={b64encode(_GS2_HEADER.encode()).decode()},r={nonce}"
        signed = f"{self._client_first},{server_first},{without_proof}".encode()
        password = saslprep(self._credentials.password, "Password").encode("utf-8", "surrogateescape")
        salted = hashlib.pbkdf2_hmac(self._hash, password, salt, iterations)
        client_key = self._hmac(salted, b"Client Key")
        signature = self._hmac(hashlib.new(self._hash, client_key).digest(), signed)
        proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
        self._server_signature = self._hmac(self._hmac(salted, b"Server Key"), signed)
        return f"{without_proof},p={b64encode(proof).decode()}".encode()

    def _read_server_first(self, text: str) -> tuple[str, bytes, int]:
        """r=nonce,s=salt,i=count and extensions after them; "m=" in front would be one that we must understand."""
        parts = text.split(",")
        if len(parts) < 3 or [part[:2] for part in parts[:3]] != ["r=", "s=", "i="]:
            raise ProtocolViolation("the server's SCRAM challenge cannot be read")
        nonce, salt, count = (part[2:] for part in parts[:3])
        # A nonce that does not continue ours is a replay of somebody else's exchange.
        if not nonce.startswith(self._nonce) or len(nonce) == len(self._nonce):
            raise ProtocolViolation("the server's SCRAM nonce does not continue ours")
        if not (count.isascii() and count.isdigit() and len(count) < 10 and 0 < int(count) <= _MAX_ITERATIONS):
            raise ProtocolViolation("the server asks for an impossible number of SCRAM iterations")
        return nonce, _decode(salt), int(count)

    def _verify(self, server_final: str) -> None:
        signature = _decode(server_final[2:].partition(",")[0]) if server_final.startswith("v=") else b""
        if not hmac.compare_digest(signature, self._server_signature):
            raise ProtocolViolation("the server's proof that it knows the password is wrong (SCRAM)")
        self._proven = True

    def _hmac(self, key: bytes, message: bytes) -> bytes:
        return hmac.digest(key, message, self._hash)


def _decode(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError as exc:
        raise ProtocolViolation("the server's SCRAM challenge holds broken base64") from exc


class ScramSHA1(_Scram):
    """RFC 5802."""

    name: ClassVar[str] = "SCRAM-SHA-1"
    _hash = "sha1"


class ScramSHA256(_Scram):
    """RFC 7677."""

    name: ClassVar[str] = "SCRAM-SHA-256"
    _hash = "sha256"


class ScramSHA512(_Scram):
    """The same with SHA-512 (draft-melnikov-scram-sha-512), which servers offer."""

    name: ClassVar[str] = "SCRAM-SHA-512"
    _hash = "sha512"
