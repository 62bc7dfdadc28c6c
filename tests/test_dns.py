"""The mail servers of a domain, asked of a real name server on loopback."""

from __future__ import annotations

import time
from collections.abc import Iterator

import dns.resolver
import pytest

import wlemail.dns
from tests.support.nameserver import NameServer
from wlemail.dns import mail_hosts
from wlemail.errors import CannotResolve, NoMailServer, TimedOut

ZONE: dict[str, dict[str, list[str]] | str] = {
    "example.test": {"MX": ["20 second.example.test.", "10 first.example.test.", "30 third.example.test."]},
    "equal.test": {"MX": ["10 a.equal.test.", "10 b.equal.test.", "10 c.equal.test.", "5 best.equal.test."]},
    "null.test": {"MX": ["0 ."], "A": ["127.0.0.1"]},
    "plain.test": {"A": ["127.0.0.1"]},
    "six.test": {"AAAA": ["::1"]},
    "text.test": {"TXT": ["nothing"]},
    "broken.test": "SERVFAIL",
    "refusing.test": "REFUSED",
    "silent.test": "SILENCE",
    "xn--bcher-kva.test": {"MX": ["0 mail.test."]},
}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[NameServer]:
    with NameServer(ZONE) as server:
        monkeypatch.setattr(wlemail.dns, "_resolver", server.resolver)
        yield server


def test_hosts_come_by_their_preference(server: NameServer) -> None:
    assert mail_hosts("example.test", 5) == ["first.example.test", "second.example.test", "third.example.test"]
    assert server.asked == ["MX example.test"]


def test_a_dot_at_the_end_is_the_root(server: NameServer) -> None:
    assert mail_hosts("xn--bcher-kva.test.", 5) == ["mail.test"]


def test_hosts_of_one_preference_take_turns(server: NameServer) -> None:
    orders = {tuple(mail_hosts("equal.test", 5)) for _ in range(60)}
    assert {order[0] for order in orders} == {"best.equal.test"}
    assert {order[1] for order in orders} == {"a.equal.test", "b.equal.test", "c.equal.test"}


def test_a_null_mx_takes_no_mail_whatever_address_there_is(server: NameServer) -> None:
    with pytest.raises(NoMailServer, match="says that it takes no mail"):
        mail_hosts("null.test", 5)


@pytest.mark.parametrize("domain", ["plain.test", "six.test"])
def test_a_domain_without_mx_is_its_own_server(server: NameServer, domain: str) -> None:
    assert mail_hosts(domain, 5) == [domain]


def test_a_domain_without_mx_and_address_takes_no_mail(server: NameServer) -> None:
    with pytest.raises(NoMailServer, match="neither a mail server nor an address"):
        mail_hosts("text.test", 5)
    assert server.asked == ["MX text.test", "A text.test", "AAAA text.test"]


@pytest.mark.parametrize("domain", ["gone.test", "a..test", f"{'x' * 64}.test", ".".join(["x" * 60] * 5)])
def test_a_domain_that_does_not_exist_takes_no_mail(server: NameServer, domain: str) -> None:
    with pytest.raises(NoMailServer, match="no such domain") as caught:
        mail_hosts(domain, 5)
    assert caught.value.domain == domain


@pytest.mark.parametrize("domain", ["broken.test", "refusing.test"])
def test_name_servers_that_fail_say_nothing_about_the_domain(server: NameServer, domain: str) -> None:
    with pytest.raises(CannotResolve, match=domain):
        mail_hosts(domain, 5)


def test_silence_ends_by_the_deadline(server: NameServer) -> None:
    began = time.monotonic()
    with pytest.raises(TimedOut) as caught:
        mail_hosts("silent.test", 0.3)
    assert caught.value.stage == "resolve"
    assert 0.2 < time.monotonic() - began < 2


def test_silence_ends_long_before_ten_minutes(server: NameServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wlemail.dns, "_LONGEST", 0.3)
    began = time.monotonic()
    with pytest.raises(TimedOut):
        mail_hosts("silent.test", 600)
    assert time.monotonic() - began < 2


def test_a_machine_without_name_servers_says_nothing_about_the_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*arguments: object) -> None:
        raise dns.resolver.NoResolverConfiguration("no nameservers")

    monkeypatch.setattr(dns.resolver, "Resolver", none)
    with pytest.raises(CannotResolve, match="no nameservers"):
        mail_hosts("example.test", 5)
