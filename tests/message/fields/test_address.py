from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlemail.message.fields.address import (
    LEVEL_STRICT,
    LEVEL_SYNTAX,
    Mailbox,
    Standing,
    examine_address,
    quote_local,
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


def test_a_mailbox_writes_its_address_quoted_only_where_it_must() -> None:
    assert Mailbox("", "ann.lee", "example.com").address == "ann.lee@example.com"
    assert Mailbox("", 'ann "l"', "example.com").address == '"ann \\"l\\""@example.com'
    assert Mailbox("", ".ann", "example.com").address == '".ann"@example.com'
