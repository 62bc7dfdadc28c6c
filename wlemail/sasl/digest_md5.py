"""DIGEST-MD5 (RFC 2831, historic by RFC 6331): digests in both directions; without its security layers."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from typing import ClassVar

from ..errors import ProtocolViolation
from .mechanism import Credentials

# RFC 2831 7.1: key = token or quoted-string, separated by commas, empty elements allowed.
_DIRECTIVE = re.compile(r'[\s,]*([!#$%&\'*+.^_`|~\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))\s*(?=,|$)', re.DOTALL)
_MAX_CHALLENGE = 2048  # RFC 2831 2.1.1


class DigestMD5:
    """One challenge, one response with our digest, then the server's digest (rspauth), which must be right."""

    name: ClassVar[str] = "DIGEST-MD5"
    clear_text: ClassVar[bool] = False
    failure = ""

    def __init__(self, credentials: Credentials, *, nonce: str = "") -> None:
        self._credentials = credentials
        self._nonce = nonce or os.urandom(16).hex()
        self._expected = ""
        self._proven = False

    def start(self) -> None:
        return None

    def respond(self, challenge: bytes) -> bytes:
        if self._proven:
            raise ProtocolViolation("the server sent a third challenge where DIGEST-MD5 has two")
        directives = _parse(challenge)
        if self._expected:
            self._verify(directives)
            return b""
        return self._digest_response(directives)

    def succeed(self) -> None:
        if not self._proven:
            raise ProtocolViolation("the server did not prove that it knows the password (DIGEST-MD5)")

    def _verify(self, directives: dict[str, list[str]]) -> None:
        proof = directives.get("rspauth", [""])[0]
        if not hmac.compare_digest(proof.encode(), self._expected.encode()):
            raise ProtocolViolation("the server's proof that it knows the password is wrong (DIGEST-MD5)")
        self._proven = True

    def _digest_response(self, directives: dict[str, list[str]]) -> bytes:
        nonces = directives.get("nonce", [])
        offered = ",".join(directives.get("qop", ["auth"])).replace(" ", "").split(",")
        if len(nonces) != 1 or "auth" not in offered:
            raise ProtocolViolation("the server's DIGEST-MD5 challenge has no nonce or only security layers")
        charset = "utf-8" if directives.get("charset", [""])[0].lower() == "utf-8" else "latin-1"
        given = self._credentials
        realms = directives.get("realm", [])
        realm = _choose_realm(realms, given.user)
        uri = f"{given.service}/{given.host}"
        secret = hashlib.md5(
            b":".join(_for_hash(text, charset) for text in (given.user, realm, given.password)), usedforsecurity=False
        ).digest()
        a1 = secret + f":{nonces[0]}:{self._nonce}".encode(charset)
        middle = f"{nonces[0]}:00000001:{self._nonce}:auth"
        response = _hex(f"{_hex(a1)}:{middle}:{_hex(f'AUTHENTICATE:{uri}'.encode())}".encode(charset))
        self._expected = _hex(f"{_hex(a1)}:{middle}:{_hex(f':{uri}'.encode())}".encode(charset))
        fields = [
            *(["charset=utf-8"] if charset == "utf-8" else []),
            f"username={_quote(given.user)}",
            *([f"realm={_quote(realm)}"] if realms else []),
            f"nonce={_quote(nonces[0])}",
            "nc=00000001",
            f"cnonce={_quote(self._nonce)}",
            f"digest-uri={_quote(uri)}",
            f"response={response}",
            "qop=auth",
        ]
        return ",".join(fields).encode(charset, "replace")


def _parse(challenge: bytes) -> dict[str, list[str]]:
    """Directive in lower case -> its values: realm may come more than once."""
    if len(challenge) > _MAX_CHALLENGE:
        raise ProtocolViolation("the server's DIGEST-MD5 challenge is too long")
    text = challenge.decode("utf-8", "replace").rstrip("\0 ,")
    directives: dict[str, list[str]] = {}
    at = 0
    while at < len(text):
        found = _DIRECTIVE.match(text, at)
        if found is None:
            raise ProtocolViolation("the server's DIGEST-MD5 challenge cannot be read")
        quoted = found[2]
        value = found[3] if quoted is None else re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL)
        directives.setdefault(found[1].lower(), []).append(value)
        at = found.end()
    return directives


def _choose_realm(realms: list[str], user: str) -> str:
    """Of several realms the one that the user's name ends in, else the first: the server lists its own first."""
    domain = user.rpartition("@")[2].lower()
    return next((realm for realm in realms if realm.lower() == domain), realms[0] if realms else "")


def _for_hash(text: str, charset: str) -> bytes:
    """RFC 2831 2.1.2.1: what fits in ISO 8859-1 is hashed in it, whatever is sent."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape") if charset == "utf-8" else text.encode("latin-1", "replace")


def _hex(octets: bytes) -> str:
    return hashlib.md5(octets, usedforsecurity=False).hexdigest()


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
