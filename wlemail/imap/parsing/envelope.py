"""ENVELOPE (RFC 3501 7.4.2): the header as the server reads it.

Texts keep every octet (surrogateescape) and their encoded words: decoding them is the business of who knows MIME.
QUIRK: NIL, "" and missing members are met in each place; all of them read as nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..scanner import Malformed, Value, optional_text


@dataclass(frozen=True)
class Address:
    """An address; without `host` the beginning of a group, whose name is `mailbox`, or without both its end."""

    name: str | None
    mailbox: str | None
    host: str | None


@dataclass(frozen=True)
class Envelope:
    """The members that ENVELOPE has, None where the message lacks them."""

    date: str | None = None
    subject: str | None = None
    from_: tuple[Address, ...] = ()
    sender: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    in_reply_to: str | None = None
    message_id: str | None = None


def envelope(value: Value) -> Envelope:
    """The envelope that a list describes."""
    if not isinstance(value, tuple):
        raise Malformed("ENVELOPE is no list")
    date, subject, from_, sender, reply_to, to, cc, bcc, in_reply_to, message_id = (*value, *[None] * 10)[:10]
    return Envelope(
        optional_text(date),
        optional_text(subject),
        _addresses(from_),
        _addresses(sender),
        _addresses(reply_to),
        _addresses(to),
        _addresses(cc),
        _addresses(bcc),
        optional_text(in_reply_to),
        optional_text(message_id),
    )


def _addresses(value: Value) -> tuple[Address, ...]:
    if not isinstance(value, tuple):
        return ()
    return tuple([_address(each) for each in value if isinstance(each, tuple)])


def _address(value: tuple[Value, ...]) -> Address:
    # The second of the four is the source route, which nobody has used since RFC 1123 5.3.3.
    name, _, mailbox, host = (*value, None, None, None, None)[:4]
    return Address(optional_text(name), optional_text(mailbox), optional_text(host))
