"""A throw-away certificate for the sandbox, made without any package: P-256 keys, ECDSA, X.509 in DER.

FOR THE SANDBOX ONLY. The arithmetic takes a time that depends on the key, which would matter if anybody could measure
it often; here a key lives for one process, on loopback, and protects mail that goes nowhere. An authority signs the
server's certificate and its key is dropped at once, and it is constrained to the names it signed for: whoever trusts
`authority_pem` by mistake has trusted nothing.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import ipaddress
import os
import secrets
import ssl
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

#: How long a certificate is valid; a process that lives longer gets another one.
VALIDITY = timedelta(days=7)
NAMES = ("localhost", "127.0.0.1", "::1")

# -- the curve P-256 (SEC 2, 2.4.2): y² = x³ - 3x + b over the integers modulo _P, _N points -------------

_P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)

# A point in Jacobian coordinates: (X/Z², Y/Z³); Z = 0 is the point at infinity.
_Point = tuple[int, int, int]


def _double(point: _Point) -> _Point:
    x, y, z = point
    gamma = y * y % _P
    beta = x * gamma % _P
    zz = z * z
    alpha = 3 * (x - zz) * (x + zz) % _P
    x3 = (alpha * alpha - 8 * beta) % _P
    return x3, (alpha * (4 * beta - x3) - 8 * gamma * gamma) % _P, 2 * y * z % _P


def _add(point: _Point, affine: tuple[int, int]) -> _Point:
    x, y, z = point
    x2, y2 = affine
    if not z:
        return x2, y2, 1
    zz = z * z % _P
    h = (x2 * zz - x) % _P
    r = (y2 * z * zz - y) % _P
    if not h:
        # The same point twice, or a point and its opposite.
        return (0, 1, 0) if r else _double(point)
    hh = h * h % _P
    hhh = h * hh % _P
    v = x * hh % _P
    x3 = (r * r - hhh - 2 * v) % _P
    return x3, (r * (v - x3) - y * hhh) % _P, z * h % _P


def multiply(scalar: int, affine: tuple[int, int] = _G) -> tuple[int, int]:
    """The point `scalar` times `affine` (the generator if not given), for 0 < scalar < the order of the curve."""
    point = (0, 1, 0)
    for bit in bin(scalar)[2:]:
        point = _double(point)
        if bit == "1":
            point = _add(point, affine)
    x, y, z = point
    inverse = pow(z, -1, _P)
    return x * inverse**2 % _P, y * inverse**3 % _P


@dataclass(frozen=True)
class PrivateKey:
    """A P-256 key pair."""

    secret: int = field(repr=False)
    point: tuple[int, int]

    @classmethod
    def generate(cls) -> PrivateKey:
        secret = secrets.randbelow(_N - 1) + 1
        return cls(secret, multiply(secret))

    def sign(self, data: bytes) -> bytes:
        """ECDSA with SHA-256 (FIPS 186-4 6), as DER."""
        digest = int.from_bytes(hashlib.sha256(data).digest(), "big")
        while True:
            nonce = secrets.randbelow(_N - 1) + 1
            r = multiply(nonce)[0] % _N
            s = pow(nonce, -1, _N) * (digest + r * self.secret) % _N
            if r and s:
                return _sequence(_integer(r), _integer(s))

    @property
    def octets(self) -> bytes:
        """The public point, uncompressed (SEC 1 2.3.3)."""
        return b"\x04" + self.point[0].to_bytes(32, "big") + self.point[1].to_bytes(32, "big")

    @property
    def identifier(self) -> bytes:
        # RFC 7093 2 (1): no SHA-1, which some systems do not have any more.
        return hashlib.sha256(self.octets).digest()[:20]

    @property
    def pem(self) -> str:
        """The key as RFC 5915 has it."""
        return _pem(
            "EC PRIVATE KEY",
            _sequence(
                _integer(1),
                _der(0x04, self.secret.to_bytes(32, "big")),
                _der(0xA0, _P256),
                _der(0xA1, _bit_string(self.octets)),
            ),
        )


# -- DER (X.690) ----------------------------------------------------------------------------------------


def _der(tag: int, *contents: bytes) -> bytes:
    content = b"".join(contents)
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def _sequence(*members: bytes) -> bytes:
    return _der(0x30, *members)


def _integer(value: int) -> bytes:
    return _der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _bit_string(octets: bytes, unused: int = 0) -> bytes:
    return _der(0x03, bytes((unused,)), octets)


def _oid(dotted: str) -> bytes:
    first, second, *rest = (int(part) for part in dotted.split("."))
    octets = bytearray((first * 40 + second,))
    for arc in rest:
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        octets += bytes(reversed(groups))
    return _der(0x06, bytes(octets))


def _time(moment: datetime) -> bytes:
    # RFC 5280 4.1.2.5: UTCTime until 2049, which a certificate of seven days does not pass.
    return _der(0x17, moment.astimezone(timezone.utc).strftime("%y%m%d%H%M%SZ").encode())


def _pem(label: str, der: bytes) -> str:
    text = base64.b64encode(der).decode()
    lines = [text[n : n + 64] for n in range(0, len(text), 64)]
    return "\n".join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""))


_EC_PUBLIC_KEY = _oid("1.2.840.10045.2.1")
_P256 = _oid("1.2.840.10045.3.1.7")
_ECDSA_SHA256 = _sequence(_oid("1.2.840.10045.4.3.2"))
_SERVER_AUTHENTICATION = _oid("1.3.6.1.5.5.7.3.1")


# -- X.509 (RFC 5280) -----------------------------------------------------------------------------------


def _name(common_name: str) -> bytes:
    return _sequence(_der(0x31, _sequence(_oid("2.5.4.3"), _der(0x0C, common_name.encode()))))


def _extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    return _sequence(_oid(oid), _der(0x01, b"\xff") if critical else b"", _der(0x04, value))


def _general_name(name: str, *, with_mask: bool = False) -> bytes:
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return _der(0x82, name.encode("ascii"))
    return _der(0x87, address.packed, b"\xff" * len(address.packed) if with_mask else b"")


def _authority_extensions(key: PrivateKey, names: tuple[str, ...]) -> bytes:
    permitted = (_sequence(_general_name(name, with_mask=True)) for name in names)
    return _sequence(
        _extension("2.5.29.19", _sequence(_der(0x01, b"\xff"), _integer(0)), critical=True),  # basicConstraints
        _extension("2.5.29.15", _bit_string(b"\x06", 1), critical=True),  # keyUsage: keyCertSign, cRLSign
        _extension("2.5.29.14", _der(0x04, key.identifier)),  # subjectKeyIdentifier
        _extension("2.5.29.30", _sequence(_der(0xA0, *permitted)), critical=True),  # nameConstraints
    )


def _server_extensions(key: PrivateKey, issuer: PrivateKey, names: tuple[str, ...]) -> bytes:
    return _sequence(
        _extension("2.5.29.19", _sequence(), critical=True),  # basicConstraints: no authority
        _extension("2.5.29.15", _bit_string(b"\x80", 7), critical=True),  # keyUsage: digitalSignature
        _extension("2.5.29.37", _sequence(_SERVER_AUTHENTICATION)),  # extendedKeyUsage
        _extension("2.5.29.17", _sequence(*(_general_name(name) for name in names))),  # subjectAltName
        _extension("2.5.29.14", _der(0x04, key.identifier)),
        _extension("2.5.29.35", _sequence(_der(0x80, issuer.identifier))),  # authorityKeyIdentifier
    )


def _certify(
    key: PrivateKey,
    subject: str,
    extensions: bytes,
    issuer_key: PrivateKey,
    issuer: str,
    valid: tuple[datetime, datetime],
) -> str:
    to_be_signed = _sequence(
        _der(0xA0, _integer(2)),  # version 3
        _integer(secrets.randbelow(1 << 126) + 1),
        _ECDSA_SHA256,
        _name(issuer),
        _sequence(*map(_time, valid)),
        _name(subject),
        _sequence(_sequence(_EC_PUBLIC_KEY, _P256), _bit_string(key.octets)),
        _der(0xA3, extensions),
    )
    signed = _sequence(to_be_signed, _ECDSA_SHA256, _bit_string(issuer_key.sign(to_be_signed)))
    return _pem("CERTIFICATE", signed)


@dataclass(frozen=True)
class Certificate:
    """A server's certificate with its key, and the authority to trust for it (all PEM)."""

    certificate_pem: str
    key_pem: str = field(repr=False)
    authority_pem: str
    valid_until: datetime

    def server_context(self) -> ssl.SSLContext:
        """A context for servers that shows this certificate; TLS 1.2 is the floor."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # Tickets are of no use to connections that are never resumed, and a client that closes without reading them
        # resets the connection.
        context.num_tickets = 0
        # `load_cert_chain` knows only files; mkstemp makes one that nobody else may read.
        handle, path = tempfile.mkstemp(prefix="wlemail-sandbox-", suffix=".pem")
        try:
            with open(handle, "w", encoding="ascii") as stream:
                stream.write(self.key_pem + self.certificate_pem)
            context.load_cert_chain(path)
        finally:
            os.unlink(path)
        return context


def issue(
    names: tuple[str, ...] = NAMES,
    *,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    self_signed: bool = False,
) -> Certificate:
    """Make a certificate for host names and addresses.

    Without times it is valid from an hour ago, for clocks that differ, and for `VALIDITY`. `self_signed` leaves the
    authority out: for tests of clients that must refuse it, as they must one for other names or of other times."""
    start = valid_from or datetime.now(timezone.utc) - timedelta(hours=1)
    end = valid_until or start + VALIDITY
    subject, authority = "wlemail sandbox", "wlemail sandbox authority"
    key = PrivateKey.generate()
    if self_signed:
        own = _certify(key, subject, _server_extensions(key, key, names), key, subject, (start, end))
        return Certificate(own, key.pem, own, end)
    authority_key = PrivateKey.generate()
    return Certificate(
        _certify(key, subject, _server_extensions(key, authority_key, names), authority_key, authority, (start, end)),
        key.pem,
        _certify(
            authority_key,
            authority,
            _authority_extensions(authority_key, names),
            authority_key,
            authority,
            (start, end),
        ),
        end,
    )


def for_this_process() -> Certificate:
    """The certificate that all sandboxes of this process share, made when it is first needed (some 20 ms)."""
    certificate = _current()
    if certificate.valid_until - datetime.now(timezone.utc) < VALIDITY / 7:
        _current.cache_clear()
        certificate = _current()
    return certificate


@functools.lru_cache(maxsize=1)
def _current() -> Certificate:
    return issue()
