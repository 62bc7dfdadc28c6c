"""No value of any member can add a header field, a part or a recipient."""

from __future__ import annotations

from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.message.reading import draft, field_names, read, source
from wlemail.errors import MailError
from wlemail.mail.compose import compose
from wlemail.mail.draft import DraftAttachment

#: what programs take for a line end, or lose
SEPARATORS = [
    "\r\n",
    "\n",
    "\r",
    "\0",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x1d",
    "\x1e",
    "\x85",
    "\u2028",
    "\u2029",
    "\r\n ",
    "\r\n\r\n",
]
PAYLOADS = [
    *(f"a{separator}Bcc: evil@example.org" for separator in SEPARATORS),
    "=?utf-8?q?a=0D=0ABcc:_evil@example.org?=",
    "=?us-ascii?b?YQ0KQmNjOiBldmlsQGV4YW1wbGUub3Jn?=",
    '"\r\nBcc: evil@example.org',
    'a"; filename="b\r\nBcc: evil@example.org',
    "a>\r\nBcc: <evil@example.org",
]

texts = st.one_of(
    st.sampled_from(PAYLOADS),
    st.text(max_size=100),
    st.lists(st.sampled_from([*SEPARATORS, "a", "é", " ", '"', "\\", "=?utf-8?q?=0D=0A?=", ":", "<", ">"])).map(
        "".join
    ),
)

ALLOWED = {
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Keywords",
    "Disposition-Notification-To",
    "X-Extra",
    "List-Id",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
}


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


MEMBERS = {
    "subject": lambda value: {"subject": value},
    "text": lambda value: {"text": value},
    "html": lambda value: {"html": value},
    "sender name": lambda value: {"sender": f"{quoted(value)} <ann@example.com>"},
    "sender name alone": lambda value: {"sender": value.replace("@", " "), "reply_to": "ann@example.com"},
    "reply-to name": lambda value: {"reply_to": f"{quoted(value)} <desk@example.com>", "read_receipt": True},
    "recipient name": lambda value: {"to": [f"{quoted(value)} <bob@example.net>"]},
    "keywords": lambda value: {"keywords": [value, "b"]},
    "message id": lambda value: {"message_id": value},
    "references": lambda value: {"references": value},
    "header value": lambda value: {"headers": [("X-Extra", value), ("List-Id", value)]},
    "attachment name": lambda value: {"attachments": [DraftAttachment(value, content=b"x")]},
    "attachment type": lambda value: {
        "attachments": [DraftAttachment("a", content=b"x", content_type=f"a/b; c={value}")]
    },
    "attachment description": lambda value: {"attachments": [DraftAttachment("a", content=b"x", description=value)]},
    "attachment identifier": lambda value: {
        "html": f'<img src="cid:{value}">',
        "attachments": [DraftAttachment("a", content=b"x", identifier=value)],
    },
    "attachment name alone": lambda value: {"text": "", "attachments": [DraftAttachment(value, content=b"x")]},
}


def nothing_is_added(member: str, value: str) -> None:
    try:
        composed = compose(draft(**MEMBERS[member](value)))
    except MailError:
        return  # refused before anything is sent
    assert composed.envelope.recipients == ("bob@example.net",)
    assert composed.envelope.sender == "ann@example.com"
    data = source(composed, longest=998)
    expected = ALLOWED | ({"Content-Disposition"} if member == "attachment name alone" else set())
    assert set(field_names(data)) <= expected
    message = read(data)
    for part in message.walk():
        assert "Bcc" not in part
        for name, text in part.raw_items():
            assert name in expected | {"Content-Disposition", "Content-ID", "Content-Description"}
            # Decoded, no value has a line end in it: another program may write it out again.
            decoded = str(make_header(decode_header(str(text).replace("\r\n", ""))))
            assert len(decoded.splitlines()) <= 1, (name, decoded)
    assert len(list(message.walk())) <= 5


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("member", MEMBERS)
def test_known_tricks(member: str, payload: str) -> None:
    nothing_is_added(member, payload)


@given(st.sampled_from(sorted(MEMBERS)), texts)
def test_any_value(member: str, value: str) -> None:
    nothing_is_added(member, value)


@given(texts)
def test_the_name_of_an_extra_field(name: str) -> None:
    try:
        composed = compose(draft(headers=[(name, "x")]))
    except MailError:
        return
    assert set(field_names(source(composed))) <= ALLOWED | {name.strip(" ")}
    assert composed.envelope.recipients == ("bob@example.net",)


@given(texts, st.sampled_from(["to", "cc", "bcc"]))
def test_an_entry_without_separators_is_one_recipient_at_most(value: str, member: str) -> None:
    value = value.replace(";", "").replace(",", "")
    try:
        composed = compose(draft(to=["bob@example.net"]) if member == "" else draft(**{"to": [], member: [value]}))
    except MailError:
        return
    assert len(composed.envelope.recipients) == 1
    assert set(field_names(source(composed, longest=998))) <= ALLOWED


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("member", ["sender", "reply_to", "return_path", "to", "cc", "bcc", "message_id", "references"])
def test_line_ends_in_addresses_and_ids_are_refused(member: str, separator: str) -> None:
    value = f"ann{separator}@example.com"
    with pytest.raises(MailError):
        compose(draft(**{member: [value] if member in ("to", "cc", "bcc") else value}))
    value = f"ann@example.com{separator}bob@example.com"
    with pytest.raises(MailError):
        compose(draft(**{member: [value] if member in ("to", "cc", "bcc") else value}))
