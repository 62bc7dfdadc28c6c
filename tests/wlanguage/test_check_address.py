"""EmailCheckAddress: the three levels, the results, and the reasons."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

import wlemail.dns
from tests.support.nameserver import NameServer
from tests.support.servers import LoopbackServer, read_line
from wlemail import (
    EmailCheckAddress,
    EmailErrorLanguage,
    EmailSendMessage,
    EmailSetTimeOut,
    EmailVerifieAdresse,
    EmailVérifieAdresse,
    ErrorInfo,
    ErrorOccurred,
    emailAddressError,
    emailAddressIncorrectSyntax,
    emailAddressRefused,
    emailAddressValid,
    emailAdresseErreur,
    emailAdresseRefusée,
    emailAdresseSyntaxeIncorrecte,
    emailAdresseValide,
    emailValidateByServer,
    emailValidateSyntax,
    emailValidateSyntaxStrict,
    emailValideParServeur,
    emailValideSyntaxe,
    emailValideSyntaxeStrict,
    errSummary,
)
from wlemail.mail import address_check
from wlemail.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("face")


def test_both_languages_mean_the_same() -> None:
    assert EmailVérifieAdresse is EmailVerifieAdresse is EmailCheckAddress
    assert (emailAdresseValide, emailAdresseSyntaxeIncorrecte) == (emailAddressValid, emailAddressIncorrectSyntax)
    assert (emailAdresseRefusée, emailAdresseErreur) == (emailAddressRefused, emailAddressError)
    assert (emailValideSyntaxe, emailValideSyntaxeStrict) == (emailValidateSyntax, emailValidateSyntaxStrict)
    assert emailValideParServeur == emailValidateByServer


VALID, WRONG = emailAddressValid, emailAddressIncorrectSyntax


@pytest.mark.parametrize(
    ("address", "syntax", "strict"),
    [
        ("name@example.com", VALID, VALID),
        ("Name.Surname+tag@mail.example.co.uk", VALID, VALID),
        ("élodie@example.com", VALID, VALID),
        ("elodie@bücher.example.com", VALID, VALID),
        ("name@例子.中国", VALID, VALID),
        ("name@example.xn--fiqs8s", VALID, VALID),
        ('"John Doe"@example.com', VALID, VALID),
        ("name@[192.0.2.1]", VALID, VALID),
        ("name@[IPv6:2001:db8::1]", VALID, VALID),
        # the top-level domain is not looked at, or may be empty, at the first level alone
        ("name@example.nowhere", VALID, WRONG),
        ("name@example.test", VALID, WRONG),
        ("name@server.local", VALID, WRONG),
        ("name@localhost", VALID, WRONG),
        ("name@example.", VALID, WRONG),
        ("name@example.com.", VALID, WRONG),
        # what belongs to messages, and not to mail servers
        ("name (comment)@example.com", VALID, WRONG),
        (" name@example.com", VALID, WRONG),
        ('"a"."b"@example.com', VALID, WRONG),
        # not an address
        ("", WRONG, WRONG),
        ("name", WRONG, WRONG),
        ("@example.com", WRONG, WRONG),
        ("name@", WRONG, WRONG),
        ("name@.com", WRONG, WRONG),
        ("name@example..com", WRONG, WRONG),
        ("name@example.com..", WRONG, WRONG),
        ("a..b@example.com", WRONG, WRONG),
        ("a b@example.com", WRONG, WRONG),
        ("a@b@example.com", WRONG, WRONG),
        ("Name <name@example.com>", WRONG, WRONG),
        ("a@example.com; b@example.com", WRONG, WRONG),
        ("name@exa_mple!.com", WRONG, WRONG),
        ("name@example.com\r\nRCPT TO:<other@example.com>", WRONG, WRONG),
        ("name@example.com\0", WRONG, WRONG),
        ("name@[999.0.2.1]", WRONG, WRONG),
        (f"{'x' * 65}@example.com", WRONG, WRONG),
    ],
)
def test_the_syntax_levels(address: str, syntax: int, strict: int) -> None:
    for expected, result in (
        (syntax, EmailCheckAddress(address)),
        (syntax, EmailCheckAddress(address, emailValidateSyntax)),
        (strict, EmailCheckAddress(address, emailValidateSyntaxStrict)),
    ):
        assert result == expected
    assert bool(ErrorOccurred) == (strict != VALID)
    assert bool(ErrorInfo()) == (strict != VALID)


def test_the_reason_is_in_errorinfo_in_both_languages() -> None:
    assert EmailCheckAddress("name.example.com") == emailAddressIncorrectSyntax
    assert "there is no @" in ErrorInfo()
    assert EmailCheckAddress("name@example.nowhere", emailValidateSyntaxStrict) == emailAddressIncorrectSyntax
    assert "IANA" in ErrorInfo()
    EmailErrorLanguage("fr")
    try:
        assert "liste de l'IANA" in ErrorInfo(errSummary)
    finally:
        EmailErrorLanguage("en")


def test_a_good_address_clears_a_standing_error() -> None:
    assert EmailSendMessage("nobody") is False
    assert EmailCheckAddress("name@example.com") == emailAddressValid
    assert not ErrorOccurred


def test_what_cannot_be_judged_is_an_error() -> None:
    assert EmailCheckAddress("name@example.com", 17) == emailAddressError
    assert "Level" in ErrorInfo()
    assert EmailCheckAddress(["a", "b"]) == emailAddressError  # type: ignore[arg-type]
    assert "Address" in ErrorInfo()


# -- by the server ----------------------------------------------------------------------------------------


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, dict[str, list[str]] | str]]:
    """What the name server knows; a test adds to it."""
    with NameServer({}) as server:
        monkeypatch.setattr(wlemail.dns, "_resolver", server.resolver)
        yield server.zone


@pytest.fixture
def box(zone: dict[str, dict[str, list[str]] | str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The mail server of example.test."""
    zone["example.test"] = {"MX": ["10 127.0.0.1."]}
    with Sandbox(refuse={"later@example.test": "450 4.2.1 greylisted"}) as sandbox:
        monkeypatch.setattr(address_check, "SMTP_PORT", sandbox.port)
        yield sandbox


def by_server(address: str) -> int:
    return EmailCheckAddress(address, emailValidateByServer)


def test_the_server_takes_it_and_gets_no_mail(box: Sandbox) -> None:
    assert by_server("name@example.test") == emailAddressValid
    assert not ErrorOccurred
    [dialogue] = box.dialogues
    commands = [line.partition(": ")[2] for line in dialogue if line.startswith("C: ")]
    assert commands == ["EHLO [127.0.0.1]", "MAIL FROM:<>", "RCPT TO:<name@example.test>", "RSET", "QUIT"]
    assert box.messages == []


def test_the_server_refuses_it(box: Sandbox) -> None:
    assert by_server("refused@example.test") == emailAddressRefused
    assert ErrorOccurred
    assert "550 5.1.1 no such mailbox here" in ErrorInfo()


def test_an_answer_for_later_is_no_answer(box: Sandbox) -> None:
    assert by_server("later@example.test") == emailAddressError
    assert "450 4.2.1 greylisted" in ErrorInfo()


def test_the_syntax_comes_first(box: Sandbox) -> None:
    assert by_server("name@@example.test") == emailAddressIncorrectSyntax
    assert by_server("name@exa℀mple.test") == emailAddressIncorrectSyntax
    assert box.dialogues == []


def test_the_server_is_told_the_address_as_smtp_writes_it(
    box: Sandbox, zone: dict[str, dict[str, list[str]] | str]
) -> None:
    zone["xn--bcher-kva.test"] = zone["example.test"]
    for address, told in (
        ("name(comment)@example.test.", "RCPT TO:<name@example.test>"),
        ("name@bücher.test", "RCPT TO:<name@xn--bcher-kva.test>"),
        ('"a b"@example.test', 'RCPT TO:<"a b"@example.test>'),
        ("name@[127.0.0.1]", "RCPT TO:<name@[127.0.0.1]>"),
        ("élodie@example.test", "RCPT TO:<élodie@example.test>"),
    ):
        assert by_server(address) == emailAddressValid, ErrorInfo()
        assert f"C: {told}" in box.dialogues[-1]


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        (None, "there is no such domain"),
        ({"MX": ["0 ."]}, "it says that it takes no mail"),
        ({"TXT": ["v=spf1 -all"]}, "it has neither a mail server nor an address"),
    ],
)
def test_a_domain_that_takes_no_mail_refuses_every_address(
    zone: dict[str, dict[str, list[str]] | str], records: dict[str, list[str]] | None, reason: str
) -> None:
    if records is not None:
        zone["other.test"] = records
    assert by_server("name@other.test") == emailAddressRefused
    assert ErrorOccurred
    assert reason in ErrorInfo()
    assert "other.test" in ErrorInfo()


def test_name_servers_without_an_answer_say_nothing_about_the_address(
    zone: dict[str, dict[str, list[str]] | str],
) -> None:
    zone["other.test"] = "SERVFAIL"
    assert by_server("name@other.test") == emailAddressError
    assert ErrorOccurred
    zone["other.test"] = "SILENCE"
    EmailSetTimeOut(0.3)
    assert by_server("name@other.test") == emailAddressError
    assert "was not resolved within 0.3 s" in ErrorInfo()


def test_a_domain_without_mx_is_asked_itself(box: Sandbox, zone: dict[str, dict[str, list[str]] | str]) -> None:
    zone["localhost"] = {"A": ["127.0.0.1"]}
    assert by_server("name@localhost") == emailAddressValid, ErrorInfo()


def closed_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def test_no_server_to_be_reached_is_an_error(
    zone: dict[str, dict[str, list[str]] | str], monkeypatch: pytest.MonkeyPatch
) -> None:
    zone["other.test"] = {"MX": ["10 127.0.0.1."]}
    monkeypatch.setattr(address_check, "SMTP_PORT", closed_port())
    assert by_server("name@other.test") == emailAddressError
    assert "refused the connection" in ErrorInfo()


def test_the_next_server_is_asked_where_one_cannot_be_reached(
    box: Sandbox, zone: dict[str, dict[str, list[str]] | str]
) -> None:
    zone["other.test"] = {"MX": ["10 gone.invalid.", "20 127.0.0.1."]}
    assert by_server("name@other.test") == emailAddressValid, ErrorInfo()
    assert by_server("refused@other.test") == emailAddressRefused


def test_a_server_that_wants_encryption_gets_it(
    zone: dict[str, dict[str, list[str]] | str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody vouches for its certificate: mail servers among themselves do not ask for that.
    zone["other.test"] = {"MX": ["10 127.0.0.1."]}
    with Sandbox(require_tls=True) as box:
        monkeypatch.setattr(address_check, "SMTP_PORT", box.port)
        assert by_server("name@other.test") == emailAddressValid, ErrorInfo()
        assert by_server("refused@other.test") == emailAddressRefused


def test_a_server_that_keeps_silent_is_left_in_time(
    zone: dict[str, dict[str, list[str]] | str], monkeypatch: pytest.MonkeyPatch
) -> None:
    zone["other.test"] = {"MX": ["10 127.0.0.1."]}
    with LoopbackServer(lambda connection: connection.recv(1)) as server:
        monkeypatch.setattr(address_check, "SMTP_PORT", server.port)
        EmailSetTimeOut(0.3)
        began = time.monotonic()
        assert by_server("name@other.test") == emailAddressError
        assert time.monotonic() - began < 2
    assert "0.3 s" in ErrorInfo()


def test_a_server_that_wants_nobody_says_nothing_about_the_address(
    zone: dict[str, dict[str, list[str]] | str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(connection: socket.socket) -> None:
        connection.sendall(b"554 5.7.1 you are on a list\r\n")
        read_line(connection)

    zone["other.test"] = {"MX": ["10 127.0.0.1."]}
    with LoopbackServer(refuse) as server:
        monkeypatch.setattr(address_check, "SMTP_PORT", server.port)
        assert by_server("name@other.test") == emailAddressError
    assert "you are on a list" in ErrorInfo()


def test_a_rehearsal_asks_the_sandbox(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WLEMAIL_REHEARSAL", f"sandbox:{box.port}")
    assert by_server("name@anywhere.example") == emailAddressValid, ErrorInfo()
    assert by_server("refused@anywhere.example") == emailAddressRefused
