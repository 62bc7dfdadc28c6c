"""No value of any member can add a header or a recipient: random values, sent whole, read back by Python's `email`."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import wlemail
from wlemail import Email, EmailSendMessage, EmailStartSMTPSession, ErrorInfo, ErrorOccurred
from wlemail.sandbox import Sandbox

# One session serves all examples of a test: each clears what the one before it left.
SETTINGS: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}
#: what has ended lines, headers and commands in other libraries
LINE_ENDS = [
    "\r\n",
    "\n",
    "\r",
    "\x00",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x1d",
    "\x1e",
    "\x85",
    "\u2028",
    "\u2029",
    "\r\n ",
    "\n\t",
]
PAYLOADS = [
    "Bcc: mallory@example.net",
    "X-Injected: yes",
    "RCPT TO:<mallory@example.net>",
    ".\r\nMAIL FROM:<mallory@example.net>",
    "<mallory@example.net>",
    ", mallory@example.net",
    "; mallory@example.net",
    "> SIZE=1",
    "=?utf-8?q?=0D=0ABcc:_mallory@example.net?=",
    "=?utf-8?b?DQpCY2M6IG1hbGxvcnlAZXhhbXBsZS5uZXQ=?=",
    "\r\n\r\n<html>",
    "--=_boundary\r\nContent-Type: text/html",
]
values = st.lists(
    st.one_of(st.sampled_from(LINE_ENDS), st.sampled_from(PAYLOADS), st.text(max_size=8)), max_size=6
).map("".join)
#: the headers that such a mail may have, whatever its members hold
ALLOWED_HEADERS = {
    "from", "to", "cc", "reply-to", "subject", "date", "message-id", "mime-version", "content-type",
    "content-transfer-encoding", "content-disposition", "content-description", "content-id", "keywords", "references",
    "in-reply-to", "x-allowed",
}  # fmt: skip
#: members that hold text, and members that hold addresses
TEXT_MEMBERS = ["Subject", "Message", "HTML", "Keywords", "MessageID", "Reference"]
ADDRESS_MEMBERS = ["Sender", "SenderAddress", "Recipient", "Cc", "Bcc"]


@pytest.fixture
def session(face: None) -> Iterator[Sandbox]:
    with Sandbox(refuse_by_name=False) as sandbox:
        assert EmailStartSMTPSession("bob", sandbox.host, sandbox.port), ErrorInfo()
        yield sandbox


def plain_letter() -> Email:
    message = Email()
    message.Sender, message.Recipient, message.Subject = "bob@example.test", "alice@example.test", "subject"
    message.Message = "text"
    return message


def send(box: Sandbox, message: Email, options: int = 0) -> tuple[tuple[str, ...], EmailMessage] | None:
    """Envelope recipients and content of what arrived; None where the message was refused, with a reason."""
    box.clear()
    if not EmailSendMessage("bob", message, options):
        assert ErrorOccurred
        assert ErrorInfo() != ""
        assert box.messages == []
        return None
    [arrived] = box.wait_for(1)
    parsed = email.message_from_bytes(arrived.content, policy=email.policy.default)  # type: ignore[arg-type]
    return arrived.recipients, parsed


def headers_of(message: EmailMessage) -> set[str]:
    return {name.lower() for part in message.walk() for name in part.keys()}  # noqa: SIM118


@pytest.mark.parametrize("member", TEXT_MEMBERS)
@given(value=values)
@settings(max_examples=60, **SETTINGS)
def test_text_member_adds_nothing(session: Sandbox, member: str, value: str) -> None:
    message = plain_letter()
    if not hasattr(message, member):
        pytest.fail(f"Email has no member {member}")
    setattr(message, member, value)
    result = send(session, message, wlemail.emailOptionMessageID + wlemail.emailOptionReference)
    if result:
        recipients, arrived = result
        assert recipients == ("alice@example.test",)
        assert headers_of(arrived) <= ALLOWED_HEADERS
        assert arrived["To"] == "alice@example.test"
        assert [str(defect) for defect in arrived.defects] == []


@pytest.mark.parametrize("member", ADDRESS_MEMBERS)
@given(value=values)
@settings(max_examples=60, **SETTINGS)
def test_display_name_adds_nothing(session: Sandbox, member: str, value: str) -> None:
    """The value stands in quotes before an address, as a script builds it; quotes inside it end the string."""
    message = plain_letter()
    setattr(message, member, f'"{value}" <carol@example.test>')
    result = send(session, message)
    if result:
        recipients, arrived = result
        if '"' not in value and "\\" not in value:
            assert set(recipients) <= {"alice@example.test", "carol@example.test"}
        assert headers_of(arrived) <= ALLOWED_HEADERS
        assert "bcc" not in headers_of(arrived)


@pytest.mark.parametrize("member", ADDRESS_MEMBERS)
@given(before=st.text(max_size=4), end=st.sampled_from(LINE_ENDS[:4]), after=st.sampled_from(PAYLOADS))
@settings(max_examples=60, **SETTINGS)
def test_line_end_in_an_address_is_refused(session: Sandbox, member: str, before: str, end: str, after: str) -> None:
    message = plain_letter()
    setattr(message, member, f"carol{before}{end}{after}@example.test")
    result = send(session, message)
    if result and member == "SenderAddress":
        # Scripts write a display name there too: what is no address may be one, with a space for the line end.
        recipients, arrived = result
        assert recipients == ("alice@example.test",)
        assert headers_of(arrived) <= ALLOWED_HEADERS
    else:
        assert result is None
        assert member in ErrorInfo()


@given(name=values, content=st.binary(max_size=40), description=values, identifier=values, content_type=values)
@settings(max_examples=100, **SETTINGS)
def test_attachment_adds_nothing(
    session: Sandbox, name: str, content: bytes, description: str, identifier: str, content_type: str
) -> None:
    message, piece = plain_letter(), wlemail.emailAttach()
    piece.Name, piece.Content = name, content
    piece.ContentDescription, piece.Identifier, piece.ContentType = description, identifier, content_type
    message.Attach.Add(piece)
    result = send(session, message)
    if result:
        recipients, arrived = result
        assert recipients == ("alice@example.test",)
        assert headers_of(arrived) <= ALLOWED_HEADERS
        assert len(list(arrived.walk())) <= 3


@given(name=values, value=values)
@settings(max_examples=100, **SETTINGS)
def test_custom_header_adds_only_itself(session: Sandbox, name: str, value: str) -> None:
    message = plain_letter()
    header = wlemail.emailHeader()
    header.Name, header.Value = f"X-Allowed{name}", value
    message.Header.Add(header)
    result = send(session, message)
    if result:
        recipients, arrived = result
        assert recipients == ("alice@example.test",)
        extra = headers_of(arrived) - ALLOWED_HEADERS
        assert extra <= {f"X-Allowed{name}".lower()}
