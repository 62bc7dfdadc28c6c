"""Commands render themselves and let nothing else in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlemail.errors import InvalidAddress, InvalidValue
from wlemail.smtp import commands
from wlemail.smtp.commands import Command
from wlemail.smtp.envelope import ascii_address


@pytest.mark.parametrize(
    ("command", "octets"),
    [
        (commands.ehlo("client.example.com"), b"EHLO client.example.com\r\n"),
        (commands.ehlo("[192.0.2.1]", "HELO"), b"HELO [192.0.2.1]\r\n"),
        (commands.DATA, b"DATA\r\n"),
        (commands.mail(""), b"MAIL FROM:<>\r\n"),
        (commands.mail("a@b.c"), b"MAIL FROM:<a@b.c>\r\n"),
        (
            commands.mail("a@b.c", size=0, body="8BITMIME", smtputf8=True),
            b"MAIL FROM:<a@b.c> SIZE=0 BODY=8BITMIME SMTPUTF8\r\n",
        ),
        (commands.mail("a@b.c", ret="HDRS", envid="QQ 314+1"), b"MAIL FROM:<a@b.c> RET=HDRS ENVID=QQ+20314+2B1\r\n"),
        (commands.mail("é@bücher.example", smtputf8=True), "MAIL FROM:<é@bücher.example> SMTPUTF8\r\n".encode()),
        (commands.rcpt("a@b.c"), b"RCPT TO:<a@b.c>\r\n"),
        (
            commands.rcpt("a@b.c", ("SUCCESS", "DELAY"), original="a=b@b.c"),
            b"RCPT TO:<a@b.c> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+3Db@b.c\r\n",
        ),
        (
            commands.rcpt("a@b.c", ("NEVER",), original="é+@b.c"),
            b"RCPT TO:<a@b.c> NOTIFY=NEVER ORCPT=utf-8;\\x{E9}\\x{2B}@b.c\r\n",
        ),
        (commands.bdat(86, last=False), b"BDAT 86\r\n"),
        (commands.bdat(0, last=True), b"BDAT 0 LAST\r\n"),
        (commands.auth("PLAIN", "AHQAcA=="), b"AUTH PLAIN AHQAcA==\r\n"),
        (commands.auth("EXTERNAL", ""), b"AUTH EXTERNAL =\r\n"),
        (commands.auth("LOGIN", None), b"AUTH LOGIN\r\n"),
        (commands.auth_answer("dGlt"), b"dGlt\r\n"),
        (commands.auth_answer(""), b"\r\n"),
    ],
)
def test_rendered(command: Command, octets: bytes) -> None:
    assert command.render() == octets


@pytest.mark.parametrize(
    "address",
    [
        "a@b.c", "first.last+tag@example.com", "a..b@example.com", "a.@example.com", "postmaster", "Postmaster",
        "x@[192.0.2.1]", "x@[IPv6:2001:db8::1]", '"two words"@example.com', '"a@b"@example.com', '"<>"@example.com',
        '"q\\"uote"@example.com', "o'brien@example.com", "a/b=c@example.com", "é@example.com", "a@localhost",
        "bounce-" + "x" * 200 + "@lists.example.com",
    ],
)  # fmt: skip
def test_addresses_of_real_mailboxes(address: str) -> None:
    assert commands.rcpt(address).render() == f"RCPT TO:<{address}>\r\n".encode()


@pytest.mark.parametrize(
    "address",
    [
        "", " ", "a", "a@", "@b", "a b@c.d", "a@b c", "<a@b.c>", "a@b.c> SIZE=1", "a@b.c>\r\nRCPT TO:<x@y.z", "a@b.c\r",
        "a@b.c\n", "a@b.c\0", "a@b@c.d", '"unclosed@b.c', '"a\r\nb"@c.d', '"a"b@c.d', '"a\\"@c.d', "a\\@b.c",
        "a@b.c\u2028", "a@b.c\x85", "a\udce9@b.c", "x" * 600 + "@b.c", "Name <a@b.c>", "a@b.c,d@e.f ",
    ],
)  # fmt: skip
def test_addresses_that_reach_beyond_their_brackets_are_refused(address: str) -> None:
    with pytest.raises(InvalidValue):
        commands.rcpt(address).render()


@pytest.mark.parametrize("bad", ["\r", "\n", "\0", "\r\nDATA\r\n"])
def test_cr_lf_nul_in_any_command_argument(bad: str) -> None:
    makers = [
        lambda text: commands.ehlo(text),
        lambda text: commands.mail(f"a{text}@b.c"),
        lambda text: commands.mail("a@b.c", body=f"8BIT{text}"),
        lambda text: commands.mail("a@b.c", ret=f"FULL{text}"),
        lambda text: commands.rcpt(f"a@b.c{text}"),
        lambda text: commands.rcpt("a@b.c", (f"NEVER{text}",)),
        lambda text: commands.auth(f"PLAIN{text}", None),
        lambda text: commands.auth("PLAIN", f"AHQ{text}"),
        lambda text: commands.auth_answer(f"AHQ{text}"),
        lambda text: Command("VRFY", text),
    ]
    for make in makers:
        with pytest.raises(InvalidValue):
            make(f"x{bad}y").render()


@given(st.text())
def test_an_address_cannot_end_its_line_or_its_brackets(sender: str) -> None:
    try:
        octets = commands.mail(sender, size=1).render()
    except InvalidValue:
        return
    assert octets.count(b"\r") == octets.count(b"\n") == 1
    assert octets.startswith(b"MAIL FROM:<")
    assert octets.endswith(b"\r\n")
    if not sender.startswith('"'):
        assert octets.count(b">") == 1


@given(st.text())
def test_xtext_is_printable_ascii_and_can_be_read_back(text: str) -> None:
    try:
        encoded = commands.xtext(text)
    except InvalidValue:
        return
    assert encoded.isascii()
    assert encoded.isprintable()
    assert " " not in encoded
    assert "=" not in encoded
    octets = bytearray()
    at = 0
    while at < len(encoded):
        if encoded[at] == "+":
            octets.append(int(encoded[at + 1 : at + 3], 16))
            at += 3
        else:
            octets.append(ord(encoded[at]))
            at += 1
    assert octets.decode() == text


@pytest.mark.parametrize(
    ("address", "ascii_form"),
    [
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        ("a@b.c", "a@b.c"),
        ("é@b.c", None),
        ("a@" + "ü" * 70 + ".example", None),
        ("a@ü..example", None),
        # straße.example and strasse.example belong to different people
        ("a@straße.example", "a@xn--strae-oqa.example"),
        ("a@βόλος.example", "a@xn--nxasmm1c.example"),
    ],
)
def test_ascii_form_of_an_address(address: str, ascii_form: str | None) -> None:
    assert ascii_address(address) == ascii_form


@pytest.mark.parametrize(
    ("address", "literal"),
    [
        ("192.0.2.1", "[192.0.2.1]"),
        ("2001:db8::1", "[IPv6:2001:db8::1]"),
        ("fe80::1%eth0", "[IPv6:fe80::1]"),
        ("", ""),
    ],
)
def test_an_address_in_place_of_a_name(address: str, literal: str) -> None:
    assert commands.address_literal(address) == literal


def test_a_surrogate_is_no_text() -> None:
    with pytest.raises(InvalidAddress):
        Command("VRFY", "a\udc80").render()
