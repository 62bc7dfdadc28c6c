"""What SMTP carries beside the message: the envelope, and the receipt for it. Addresses are bare (a@b), not headers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from ..errors import ServerReply
from ..idna import domain_to_ascii


class Envelope(NamedTuple):
    """Who sends to whom, and what the transport should know about the content."""

    #: "" is the null sender of notifications
    sender: str
    recipients: tuple[str, ...]
    body: Literal["7BIT", "8BITMIME"] = "7BIT"
    #: headers or addresses hold characters beyond ASCII (RFC 6531)
    smtputf8: bool = False
    #: the header itself holds them: no server without SMTPUTF8 can take the message
    international: bool = False
    #: RFC 3461, used where the server offers DSN: "FULL" or "HDRS"; an id of the sender's own; for every recipient
    #: NEVER or any of SUCCESS, FAILURE, DELAY
    dsn_return: Literal["", "FULL", "HDRS"] = ""
    dsn_id: str = ""
    dsn_notify: tuple[Literal["NEVER", "SUCCESS", "FAILURE", "DELAY"], ...] = ()


class Receipt(NamedTuple):
    """The server's word for a message: it is responsible for the accepted recipients now."""

    reply: ServerReply
    refused: Mapping[str, ServerReply]
    accepted: tuple[str, ...] = ()


def ascii_address(address: str) -> str | None:
    """The address with its domain in A-labels (RFC 5890); None where the local part is beyond ASCII or the domain
    has no such form: only SMTPUTF8 can carry it."""
    local, _, domain = address.rpartition("@")
    if not local.isascii():
        return None
    try:
        return f"{local}@{domain_to_ascii(domain)}"
    except ValueError:
        return None
