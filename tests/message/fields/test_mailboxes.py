from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlemail.errors import ControlCharacter, InvalidAddress
from wlemail.message.fields.address import Standing, examine_address
from wlemail.message.fields.mailboxes import read_mailboxes


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("", []),
        (" ;, ; ", []),
        ("j@x.example", [("", "j@x.example")]),
        ("<j@x.example>", [("", "j@x.example")]),
        ("  Jean Dupont   <j@x.example> ", [("Jean Dupont", "j@x.example")]),
        ("Jean Dupont<j@x.example>", [("Jean Dupont", "j@x.example")]),
        ('"Dupont, Jean" <j@x.example>', [("Dupont, Jean", "j@x.example")]),
        (r'"Jean \"Jo\" Dupont" <j@x.example>', [('Jean "Jo" Dupont', "j@x.example")]),
        ("Dupont, Jean <j@x.example>", [("Dupont, Jean", "j@x.example")]),
        ("Dupont, Jean, SARL <j@x.example>", [("Dupont, Jean, SARL", "j@x.example")]),
        ("j@x.example (Jean Dupont)", [("Jean Dupont", "j@x.example")]),
        ("j@x.example <j@x.example>", [("j@x.example", "j@x.example")]),
        ("Jean (Paris) <j@x.example>", [("Jean (Paris)", "j@x.example")]),
        ("Dupont [SARL] <j@x.example>", [("Dupont [SARL]", "j@x.example")]),
        ('5" screens <j@x.example>', [('5" screens', "j@x.example")]),
        ("Achats: Dupont <j@x.example>", [("Achats: Dupont", "j@x.example")]),
        ("a@x.example;b@x.example", [("", "a@x.example"), ("", "b@x.example")]),
        ("a@x.example, b@x.example,", [("", "a@x.example"), ("", "b@x.example")]),
        (
            "A <a@x.example>, B <b@x.example>; c@x.example",
            [("A", "a@x.example"), ("B", "b@x.example"), ("", "c@x.example")],
        ),
        ("a@x.example, Dupont, Jean <j@x.example>", [("", "a@x.example"), ("Dupont, Jean", "j@x.example")]),
        (
            "Team: a@x.example, B <b@x.example>; c@x.example",
            [("", "a@x.example"), ("B", "b@x.example"), ("", "c@x.example")],
        ),
        ("undisclosed-recipients:;", []),
        ("<@a.example,@b.example:j@x.example>", [("", "j@x.example")]),
        ("mailto:j@x.example", [("", "j@x.example")]),
        ("\ufeff j@x.example\xa0", [("", "j@x.example")]),
        ("j@x.example.", [("", "j@x.example")]),
        ('"a;b,c"@x.example', [("", '"a;b,c"@x.example')]),
        ('"ann"."lee"@x.example', [("", "ann.lee@x.example")]),
        (" ann @ x . example ", [("", "ann@x.example")]),
        ("j@[192.0.2.1]", [("", "j@[192.0.2.1]")]),
        ("j@my_host", [("", "j@my_host")]),
        ("Zoë <z@bücher.example>", [("Zoë", "z@xn--bcher-kva.example")]),
        ("zoë@bücher.example", [("", "zoë@xn--bcher-kva.example")]),
        ('"Jean\r\nBcc: e@x.example" <j@x.example>', [("Jean Bcc: e@x.example", "j@x.example")]),
        ("Jean\tDupont <j@x.example>", [("Jean Dupont", "j@x.example")]),
        ("田中　太郎 <t@x.example>", [("田中　太郎", "t@x.example")]),
    ],
)
def test_what_people_write(entry: str, expected: list[tuple[str, str]]) -> None:
    assert [(mailbox.display, mailbox.address) for mailbox in read_mailboxes(entry, "Recipient")] == expected


@pytest.mark.parametrize(
    "entry",
    [
        "Jean",
        "Dupont, j@x.example",
        "a@x.example, nobody",
        "a@x.example; nobody",
        "j@@x.example",
        "<>",
        "Jean <>",
        "Jean <jean>",
        "<j@x.example",
        "<a@x.example> <b@x.example>",
        "<a@x.example> b",
        "a@x.example b@x.example",
        "@x.example",
        "j@",
        "j@x..example",
        "j@a b.example",
        "j@[1.2.3]",
        "j@x/y.example",
        "j@x\u200b.example",
        "j@℀.example",
        "é" * 300 + "@x.example",
        "j" * 250 + "@x.example",
        "=?utf-8?q?=0D=0A?=@x.example",
        "Jean <=?utf-8?q?=0D=0A?=@x.example>",
    ],
)
def test_what_cannot_be_sent_names_the_member_and_shows_the_text(entry: str) -> None:
    with pytest.raises(InvalidAddress) as caught:
        read_mailboxes(entry, "Cc[2]")
    assert caught.value.member == "Cc[2]"
    assert caught.value.shown


@pytest.mark.parametrize(
    "entry",
    [
        "j@x.example\r\n",
        "j@x.example\r\nb@x.example",
        "j\n@x.example",
        "<j@x.example\r>",
        "<j@x.example>\r\nBcc: <b@x.example>",
        '"j\r\n"@x.example',
        '"j\\\r"@x.example',
        "j\x00@x.example",
        "J\x00 <j@x.example>",
        "j\x85@x.example",
        "j\u2028@x.example",
        "j@x\x0b.example",
    ],
)
def test_control_characters_in_an_address_are_refused(entry: str) -> None:
    with pytest.raises((ControlCharacter, InvalidAddress)) as caught:
        read_mailboxes(entry, "Recipient[1]")
    assert caught.value.member == "Recipient[1]"


@given(st.text(alphabet='ab@x.,;:<>"()[]\\ \r\n\x00é\u2028', max_size=40))
def test_any_entry_is_read_or_refused_and_what_is_read_can_be_sent(entry: str) -> None:
    try:
        mailboxes = read_mailboxes(entry, "Recipient")
    except (ControlCharacter, InvalidAddress):
        return
    for mailbox in mailboxes:
        examined = examine_address(mailbox.address)
        assert examined.standing <= Standing.LOOSE
        assert mailbox.address.isprintable()
        assert len(mailbox.address.splitlines()) == 1


@given(st.text(min_size=1, max_size=30).filter(lambda text: "\0" not in text))
def test_a_quoted_display_name_never_adds_a_mailbox(name: str) -> None:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    mailboxes = read_mailboxes(f'"{quoted}" <j@x.example>', "Recipient")
    assert [mailbox.address for mailbox in mailboxes] == ["j@x.example"]
