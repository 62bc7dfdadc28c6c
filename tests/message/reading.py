"""Reads what was composed, with parsers that are not ours, and checks what every message must keep to."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from typing import cast

from wlemail.mail.compose import Composed, compose
from wlemail.mail.draft import Draft


def draft(**members: object) -> Draft:
    """A draft that can be sent, with these members instead of its own."""
    usual: dict[str, object] = {"sender": "Ann <ann@example.com>", "to": ["bob@example.net"], "text": "Hello"}
    return Draft(**{**usual, **members})  # type: ignore[arg-type]


def source(composed: Composed, longest: int = 78) -> bytes:
    """The whole message, after a look at what no reader tells: sizes, line ends, line lengths, ASCII."""
    chunks = list(composed.chunks())
    data = b"".join(chunks)
    assert all(chunk.endswith(b"\r\n") for chunk in chunks), "a chunk ends inside a line"
    assert len(data) == composed.size
    assert data == b"".join(composed.chunks()), "the second reading differs"
    assert data.endswith(b"\r\n")
    bare = data.replace(b"\r\n", b"")
    assert b"\r" not in bare
    assert b"\n" not in bare
    assert b"\0" not in bare
    if not composed.envelope.smtputf8:
        assert data.isascii()
    assert max(len(line) for line in data.split(b"\r\n")) <= longest
    for line in data.partition(b"\r\n\r\n")[0].split(b"\r\n"):
        assert line.strip(), "a folded line of nothing but space"
    return data


def read(data: bytes) -> EmailMessage:
    """The message as Python's email package reads it; what it calls a defect fails the test."""
    message = cast(EmailMessage, email.message_from_bytes(data, policy=email.policy.default))
    for part in message.walk():
        assert not part.defects, part.defects
    return message


def composed_message(**members: object) -> EmailMessage:
    """Compose a draft with these members and read it back."""
    return read(source(compose(draft(**members))))


def field_names(data: bytes) -> list[str]:
    """The names of the header fields, read with no parser's leniency."""
    head = data.partition(b"\r\n\r\n")[0].decode()
    return [line.partition(":")[0] for line in head.split("\r\n") if line[0] not in " \t"]
