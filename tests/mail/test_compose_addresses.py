"""Who a message is from, who gets it, and what is written about that in its header."""

from __future__ import annotations

import pytest

from tests.message.reading import composed_message, draft, field_names, read, source
from wlemail.errors import NoRecipient, NoSender
from wlemail.mail.compose import compose, envelope_of
from wlemail.mail.draft import Draft

NAMED = "Ann Lee <ann@example.com>"


@pytest.mark.parametrize(
    ("sender", "sender_address", "from_field", "reply_to", "envelope"),
    [
        # the four ways in which scripts give the pair
        (NAMED, "ann@example.com", NAMED, None, "ann@example.com"),
        (NAMED, NAMED, NAMED, None, "ann@example.com"),
        ("ann@example.com", NAMED, NAMED, None, "ann@example.com"),
        ("Ann Lee", "ann@example.com", NAMED, None, "ann@example.com"),
        # and the others
        ("ann@example.com", "", "ann@example.com", None, "ann@example.com"),
        ("", "ann@example.com", "ann@example.com", None, "ann@example.com"),
        ("ann@example.com", "Ann Lee", NAMED, None, "ann@example.com"),
        ("Ann Lee", "Other <ann@example.com>", NAMED, None, "ann@example.com"),
        (NAMED, "Desk <desk@example.com>", NAMED, "Desk <desk@example.com>", "ann@example.com"),
        (
            "ann@example.com",
            "a@example.com; b@example.com",
            "ann@example.com",
            "a@example.com, b@example.com",
            "ann@example.com",
        ),
        (
            "Ann Lee",
            "a@example.com; b@example.com",
            "Ann Lee <a@example.com>",
            "a@example.com, b@example.com",
            "a@example.com",
        ),
        ('"Lee, Ann"', "ann@example.com", '"Lee, Ann" <ann@example.com>', None, "ann@example.com"),
        ("Acme @ Paris", "ann@example.com", '"Acme @ Paris" <ann@example.com>', None, "ann@example.com"),
        (
            "Ann\r\nBcc: x@example.com <ann@example.com>",
            "",
            '"Ann Bcc: x@example.com" <ann@example.com>',
            None,
            "ann@example.com",
        ),
        ("Ann\r\nLee", "ann@example.com", NAMED, None, "ann@example.com"),
        ("ann@EXAMPLE.com", "Ann@example.com", "ann@EXAMPLE.com", None, "ann@EXAMPLE.com"),
        ("Zoë <z@bücher.example>", "", "Zoë <z@xn--bcher-kva.example>", None, "z@xn--bcher-kva.example"),
    ],
)
def test_sender_and_sender_address(
    sender: str, sender_address: str, from_field: str, reply_to: str | None, envelope: str
) -> None:
    composed = compose(draft(sender=sender, reply_to=sender_address))
    message = read(source(composed))
    assert message["From"] == from_field
    assert message["Reply-To"] == reply_to
    assert composed.envelope.sender == envelope


@pytest.mark.parametrize(
    ("members", "envelope"),
    [
        ({"return_path": "bounce@example.com"}, "bounce@example.com"),
        ({"return_path": "Bounces <bounce@example.com>"}, "bounce@example.com"),
        ({"return_path": ""}, "ann@example.com"),
        ({"return_path": "<>"}, ""),
        ({"sender": "Ann", "return_path": "bounce@example.com"}, "bounce@example.com"),
    ],
)
def test_the_envelope_sender_is_the_error_return_address_where_there_is_one(
    members: dict[str, object], envelope: str
) -> None:
    composed = compose(draft(**members))
    assert composed.envelope.sender == envelope
    assert "Return-Path" not in field_names(source(composed))


def test_several_senders_need_a_sender_field() -> None:
    composed = compose(draft(sender="a@example.com; b@example.com"))
    message = read(source(composed))
    assert message["From"] == "a@example.com, b@example.com"
    assert message["Sender"] == "a@example.com"
    assert composed.envelope.sender == "a@example.com"


def test_hidden_recipients_are_in_the_envelope_only() -> None:
    hidden = draft(cc=["carl@example.net"], bcc=["dora@example.net"])
    composed = compose(hidden)
    data = source(composed)
    assert composed.envelope.recipients == ("bob@example.net", "carl@example.net", "dora@example.net")
    assert b"dora" not in data
    assert b"Bcc" not in data
    with_bcc = compose(hidden, include_bcc=True)
    assert read(source(with_bcc))["Bcc"] == "dora@example.net"
    assert with_bcc.envelope == composed.envelope


def test_a_message_for_hidden_recipients_only() -> None:
    composed = compose(draft(to=[], bcc=["dora@example.net"]))
    assert read(source(composed))["To"] == "undisclosed-recipients:;"
    assert composed.envelope.recipients == ("dora@example.net",)


def test_duplicates_get_one_recipient_and_stay_in_the_header() -> None:
    composed = compose(
        draft(
            to=["bob@example.net", "Bob <bob@EXAMPLE.net>"],
            cc=["bob@example.net; Bob@example.net"],
            bcc=["bob@example.net"],
        )
    )
    assert composed.envelope.recipients == ("bob@example.net", "Bob@example.net")
    assert read(source(composed))["Cc"] == "bob@example.net, Bob@example.net"


def test_blank_entries_are_skipped_and_an_entry_may_hold_a_list() -> None:
    composed = compose(
        draft(to=["", "a@example.net; B <b@example.net>", "  ", "Dupont, Jean <j@example.net>", "c@x.fr,d@x.fr"])
    )
    assert composed.envelope.recipients == (
        "a@example.net",
        "b@example.net",
        "j@example.net",
        "c@x.fr",
        "d@x.fr",
    )
    assert '"Dupont, Jean" <j@example.net>' in source(composed).decode()


def test_names_beyond_ascii_come_back() -> None:
    message = composed_message(
        sender="Zoë Müller <z@example.com>", to=["Élodie <e@example.net>", "田中 <t@example.net>"]
    )
    assert message["From"].addresses[0].display_name == "Zoë Müller"
    assert [address.display_name for address in message["To"].addresses] == ["Élodie", "田中"]


@pytest.mark.parametrize("member", ["sender", "return_path", "reply_to"])
def test_local_parts_beyond_ascii_need_smtputf8(member: str) -> None:
    composed = compose(draft(**{member: "zoë@bücher.example"}))
    assert composed.envelope.smtputf8
    assert composed.envelope.body == ("7BIT" if member == "return_path" else "8BITMIME")
    data = source(composed)
    assert ("zoë@xn--bcher-kva.example" in data.decode()) is (member != "return_path")


def test_hidden_recipients_beyond_ascii_need_smtputf8_and_leave_the_message_in_ascii() -> None:
    composed = compose(draft(bcc=["zoë@example.net"]))
    assert composed.envelope.smtputf8
    assert composed.envelope.body == "7BIT"
    assert b"".join(composed.chunks()).isascii()


def test_idn_domains_alone_need_no_smtputf8() -> None:
    composed = compose(draft(to=["bob@bücher.example"]))
    assert composed.envelope.recipients == ("bob@xn--bcher-kva.example",)
    assert not composed.envelope.smtputf8


def test_three_hundred_recipients() -> None:
    people = [f"Person {n} <p{n}@example.net>" for n in range(300)]
    composed = compose(draft(to=people))
    assert len(composed.envelope.recipients) == 300
    assert len(read(source(composed))["To"].addresses) == 300


def test_the_longest_address_stays_within_the_line_limit() -> None:
    address = "a" * 64 + "@" + ".".join(["b" * 60] * 3) + ".ex"
    composed = compose(draft(to=[address], message_id=f"<{'i' * 800}@example.com>"))
    assert read(source(composed, longest=998))["To"] == address


def test_the_envelope_of_a_content_that_exists_already() -> None:
    given = Draft(
        sender="Ann <ann@example.com>", to=["Bob <bob@example.net>; bob@example.net"], cc=["carl@example.net"]
    )
    envelope = envelope_of(given, eight_bit=True)
    assert envelope.sender == "ann@example.com"
    assert envelope.recipients == ("bob@example.net", "carl@example.net")
    assert envelope.body == "8BITMIME"
    assert envelope_of(given).body == "7BIT"
    assert envelope_of(Draft(return_path="<>", to=["bob@example.net"])).sender == ""
    with pytest.raises(NoSender):
        envelope_of(Draft(to=["bob@example.net"]))
    with pytest.raises(NoRecipient):
        envelope_of(Draft(sender="ann@example.com"))
