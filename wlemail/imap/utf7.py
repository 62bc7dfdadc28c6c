"""Modified UTF-7 (RFC 3501 5.1.3): how mailbox names beyond ASCII are written on the wire.

Knows names only. Reading never fails: what is no modified UTF-7 stays as it was written.
"""

from __future__ import annotations

import re
from binascii import Error, a2b_base64, b2a_base64

_TO_SHIFT = re.compile(r"[^ -~]+|&")
_SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")


def encode(name: str) -> str:
    """The name in modified UTF-7, all ASCII."""
    return _TO_SHIFT.sub(_shift, name)


def decode(text: str) -> str:
    """The name that modified UTF-7 stands for; shifts that make no sense stay as they are."""
    return _SHIFTED.sub(_unshift, text) if "&" in text else text


def _shift(found: re.Match[str]) -> str:
    if found[0] == "&":
        return "&-"
    encoded = b2a_base64(found[0].encode("utf-16-be", "surrogatepass"), newline=False).decode()
    return f"&{encoded.rstrip('=').replace('/', ',')}-"


def _unshift(found: re.Match[str]) -> str:
    encoded = found[1]
    if not encoded:
        return "&"
    try:
        octets = a2b_base64(encoded.replace(",", "/") + "=" * (-len(encoded) % 4))
        return octets.decode("utf-16-be")
    except (Error, UnicodeDecodeError):
        return found[0]
