"""Reads just enough of an X.509 certificate (DER) to name its issuer in an error message.

Nothing here decides about trust: OpenSSL does. A certificate that cannot be read has the issuer "".
"""

from __future__ import annotations

_ORGANIZATION = b"\x55\x04\x0a"  # 2.5.4.10
_COMMON_NAME = b"\x55\x04\x03"  # 2.5.4.3


def issuer_name(der: bytes) -> str:
    """The issuer as "Common Name (Organization)"."""
    try:
        names = _issuer_attributes(der)
    except (IndexError, ValueError):
        return ""
    common, organization = names.get(_COMMON_NAME, ""), names.get(_ORGANIZATION, "")
    if common and organization and common != organization:
        return f"{common} ({organization})"
    return common or organization


def _issuer_attributes(der: bytes) -> dict[bytes, str]:
    certificate, _ = _value(der, 0)  # Certificate ::= SEQUENCE { tbsCertificate, … } (RFC 5280 4.1)
    body, _ = _value(certificate, 0)
    at = 0
    if body[at] == 0xA0:  # [0] version
        at = _value(body, at)[1]
    at = _value(body, at)[1]  # serialNumber
    at = _value(body, at)[1]  # signature
    issuer, _ = _value(body, at)
    found: dict[bytes, str] = {}
    at = 0
    while at < len(issuer):  # RDNSequence of SETs of AttributeTypeAndValue
        relative, at = _value(issuer, at)
        pair, _ = _value(relative, 0)
        kind, after = _value(pair, 0)
        text, _ = _value(pair, after)
        encoding = "utf-16-be" if pair[after] == 0x1E else "utf-8"  # BMPString
        found[kind] = "".join(c for c in text.decode(encoding, "replace") if c.isprintable())[:100]
    return found


def _value(data: bytes, at: int) -> tuple[bytes, int]:
    """The content of the element at a position and the position behind it."""
    length = data[at + 1]
    start = at + 2
    if length & 0x80:
        count = length & 0x7F
        length = int.from_bytes(data[start : start + count], "big")
        start += count
    end = start + length
    if end > len(data):
        raise ValueError("element longer than its container")
    return data[start:end], end
