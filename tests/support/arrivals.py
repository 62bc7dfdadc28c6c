"""What arrived in the sandbox, as Python's own email package reads it."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from typing import cast

from wlemail.sandbox import ReceivedMessage, Sandbox


def arrived(box: Sandbox, count: int = 1) -> list[EmailMessage]:
    """The messages of the sandbox, once there are `count`; no more than these have come."""
    messages = box.wait_for(count)
    assert len(messages) == count
    return [read(message.content) for message in messages]


def read(content: bytes | ReceivedMessage) -> EmailMessage:
    """A message without defects."""
    if isinstance(content, ReceivedMessage):
        content = content.content
    message = cast(EmailMessage, email.message_from_bytes(content, policy=email.policy.default))
    for part in message.walk():
        assert not part.defects
    return message


def shape(message: EmailMessage) -> object:
    """The tree of media types: ("multipart/mixed", "text/plain", "image/png"), or one type alone."""
    if not message.is_multipart() or message.get_content_maintype() == "message":
        return message.get_content_type()
    return (message.get_content_type(), *(shape(cast(EmailMessage, part)) for part in message.iter_parts()))
