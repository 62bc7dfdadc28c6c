from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlemail.errors import ControlCharacter, InvalidAddress
from wlemail.message.fields.address import (
    LEVEL_STRICT,
    LEVEL_SYNTAX,
    Mailbox,
    Standing,
    domain_to_ascii,
    examine_address,
    quote_local,
    read_mailboxes,
)

LABEL = "a" * 63

JUDGED = [
    # ordinary
    ("ann@example.com", Standing.ORDINARY),
    ("a@b.cd", Standing.ORDINARY),
    ("Ann.Lee+tag@mail.example-host.co.uk", Standing.ORDINARY),
    ("!#$%&'*+-/=?^_`{|}~@example.com", Standing.ORDINARY),
    ("1@2.example", Standing.ORDINARY),
    ("x@a--b.example", Standing.ORDINARY),
    ("x@xn--bcher-kva.example", Standing.ORDINARY),
    ("zoë@exämple.com", Standing.ORDINARY),
    ("用户@例子.公司", Standing.ORDINARY),
    ("a" * 64 + "@example.com", Standing.ORDINARY),
    (f"x@{LABEL}.example", Standing.ORDINARY),
    # right for SMTP, but unusual
    ("x@localhost", Standing.UNUSUAL),
    ("x@example.99", Standing.UNUSUAL),
    ("x@192.0.2.1", Standing.UNUSUAL),
    ('"ann lee"@example.com', Standing.UNUSUAL),
    ('""@example.com', Standing.UNUSUAL),
    ('"a@b"@example.com', Standing.UNUSUAL),
    (r'"a\"b\\c"@example.com', Standing.UNUSUAL),
    ("x@[192.0.2.255]", Standing.UNUSUAL),
    ("x@[IPv6:2001:db8::1]", Standing.UNUSUAL),
    ("x@[ipv6:1:2:3:4:5:6:7:8]", Standing.UNUSUAL),
    ("x@[IPv6:::]", Standing.UNUSUAL),
    ("x@[IPv6:1::]", Standing.UNUSUAL),
    ("x@[IPv6:::ffff:192.0.2.1]", Standing.UNUSUAL),
    ("x@[IPv6:1:2:3:4:5:6:192.0.2.1]", Standing.UNUSUAL),
    # right in a message only
    (" ann@example.com", Standing.COMMENTED),
    ("ann@example.com\t", Standing.COMMENTED),
    ("\r\n ann@example.com", Standing.COMMENTED),
    ("(Ann)ann@example.com", Standing.COMMENTED),
    ("(Ann (the \\) one))ann@example.com(home)", Standing.COMMENTED),
    ('"ann\r\n lee"@example.com', Standing.COMMENTED),
    # obsolete
    ("ann @example.com", Standing.OBSOLETE),
    ("ann@ example.com", Standing.OBSOLETE),
    ("ann@(work)example.com", Standing.OBSOLETE),
    ("ann . lee@example.com", Standing.OBSOLETE),
    ("ann(x).lee@example.com", Standing.OBSOLETE),
    ("ann@example. com", Standing.OBSOLETE),
    ('"ann".lee@example.com', Standing.OBSOLETE),
    ('ann."lee"@example.com', Standing.OBSOLETE),
    ('"a\x07"@example.com', Standing.OBSOLETE),
    ('"a\\\x00"@example.com', Standing.OBSOLETE),
    ("(\x7f)ann@example.com", Standing.OBSOLETE),
    ("\r\n \r\n ann@example.com", Standing.OBSOLETE),
    ("x@[IPv6:1:2:3:4:5:6::8]", Standing.OBSOLETE),
    # RFC 5322 only
    ("a" * 65 + "@example.com", Standing.LOOSE),
    (f"x@a{LABEL}.example", Standing.LOOSE),
    ("x@" + f"{LABEL}." * 3 + "a" * 63, Standing.LOOSE),
    ("x@example/org.com", Standing.LOOSE),
    ("x@my_host.example", Standing.LOOSE),
    ("x@[256.0.2.1]", Standing.LOOSE),
    ("x@[192.0.2]", Standing.LOOSE),
    ("x@[some where]", Standing.LOOSE),
    ("x@[a\\]b]", Standing.LOOSE),
    ("x@[IPv6:1:2:3]", Standing.LOOSE),
    ("x@[IPv6:1::2::3]", Standing.LOOSE),
    ("x@[IPv6::1]", Standing.LOOSE),
    ("x@[IPv6:1:]", Standing.LOOSE),
    ("x@[IPv6:1:2:3:4:5:6::7:8]", Standing.LOOSE),
    ("x@[IPv6:12345::]", Standing.LOOSE),
    ("x@[IPv6:g::]", Standing.LOOSE),
    # no address
    ("", Standing.INVALID),
    ("ann", Standing.INVALID),
    ("@", Standing.INVALID),
    ("@example.com", Standing.INVALID),
    ("ann@", Standing.INVALID),
    ("ann@example.com.", Standing.INVALID),
    ("ann@.example.com", Standing.INVALID),
    ("ann@example..com", Standing.INVALID),
    (".ann@example.com", Standing.INVALID),
    ("ann.@example.com", Standing.INVALID),
    ("ann..lee@example.com", Standing.INVALID),
    ("ann@-example.com", Standing.INVALID),
    ("ann@example-.com", Standing.INVALID),
    ("ann@bob@example.com", Standing.INVALID),
    ("ann lee@example.com", Standing.INVALID),
    ("ann(x)lee@example.com", Standing.INVALID),
    ('"ann"lee@example.com', Standing.INVALID),
    ('ann"lee"@example.com', Standing.INVALID),
    ('"ann@example.com', Standing.INVALID),
    ('"ann\x00"@example.com', Standing.INVALID),
    ('"ann\n"@example.com', Standing.INVALID),
    ('"a\\é"@example.com', Standing.INVALID),
    ("(ann@example.com", Standing.INVALID),
    ("(\n)ann@example.com", Standing.INVALID),
    ("(a\\", Standing.INVALID),
    ("ann@[192.0.2.1", Standing.INVALID),
    ("ann@[192.0.2.1]x", Standing.INVALID),
    ("ann@[a[b]", Standing.INVALID),
    ("ann@exa mple.com", Standing.INVALID),
    ("ann\r@example.com", Standing.INVALID),
    ("ann@example.com\n", Standing.INVALID),
    ("ann@example.com\r\n", Standing.INVALID),
    ("\r\n\r\n ann@example.com", Standing.INVALID),
    ("ann\u2028@example.com", Standing.INVALID),
    ("ann@exam\u200bple.com", Standing.INVALID),
    ("ann\udc80@example.com", Standing.INVALID),
    ("<ann@example.com>", Standing.INVALID),
    ("ann@example.com, bob@example.com", Standing.INVALID),
]


@pytest.mark.parametrize(("address", "standing"), JUDGED)
def test_an_address_is_judged_by_the_worst_thing_in_it(address: str, standing: Standing) -> None:
    examined = examine_address(address)
    assert examined.standing is standing, examined.reason
    assert bool(examined.reason) is (standing is not Standing.ORDINARY)


def test_levels() -> None:
    accepted = {
        level: {standing for _, standing in JUDGED if standing <= level} for level in (LEVEL_SYNTAX, LEVEL_STRICT)
    }
    assert Standing.OBSOLETE in accepted[LEVEL_SYNTAX]
    assert Standing.LOOSE not in accepted[LEVEL_SYNTAX]
    assert accepted[LEVEL_STRICT] == {Standing.ORDINARY, Standing.UNUSUAL}


@pytest.mark.parametrize(
    ("written", "local", "domain"),
    [
        (r'"ann \"lee\""@example.com', 'ann "lee"', "example.com"),
        ("(a) ann (b) @ (c) example (d) . com (e)", "ann", "example.com"),
        ('ann."lee"@example.com', "ann.lee", "example.com"),
    ],
)
def test_the_parts_are_without_comments_quotes_and_escapes(written: str, local: str, domain: str) -> None:
    examined = examine_address(written)
    assert (examined.local, examined.domain) == (local, domain)


@given(st.text(alphabet='a.@"\\()[]<> \t\r\n\x00:-é\u2028', max_size=30))
def test_any_text_gets_a_verdict_and_accepted_parts_say_the_same_again(text: str) -> None:
    examined = examine_address(text)
    if examined.standing <= LEVEL_STRICT:
        again = examine_address(f"{quote_local(examined.local)}@{examined.domain}")
        assert again.standing <= LEVEL_STRICT
        assert again[2:] == examined[2:]


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


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("example.com", "example.com"),
        ("Example.COM", "Example.COM"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("bu\u0308cher.example", "xn--bcher-kva.example"),
        ("faß.example", "xn--fa-hia.example"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("ｅｘａｍｐｌｅ.com", "example.com"),
        ("παράδειγμα.δοκιμή", "xn--hxajbheg2az3al.xn--jxalpdlp"),
    ],
)
def test_domains_become_what_dns_knows(domain: str, expected: str) -> None:
    assert domain_to_ascii(domain) == expected


def test_a_joiner_stays_where_a_script_needs_it() -> None:
    label = "\u0915\u094d\u200d\u0937"
    assert domain_to_ascii(f"{label}.example")[4:-8].encode().decode("punycode") == label


@pytest.mark.parametrize(
    "domain",
    ["℀.example", "a\u200db.é", "é" * 64 + ".example", "é\u2028.example", "-é.example", "\u0301e.example", "é..x"],
)
def test_domains_that_cannot_be(domain: str) -> None:
    with pytest.raises(ValueError, match=r"domain|dots"):
        domain_to_ascii(domain)


def test_a_mailbox_writes_its_address_quoted_only_where_it_must() -> None:
    assert Mailbox("", "ann.lee", "example.com").address == "ann.lee@example.com"
    assert Mailbox("", 'ann "l"', "example.com").address == '"ann \\"l\\""@example.com'
    assert Mailbox("", ".ann", "example.com").address == '".ann"@example.com'
