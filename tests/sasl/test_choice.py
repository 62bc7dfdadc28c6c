"""Which mechanisms are tried, and which never are."""

from __future__ import annotations

import itertools

import pytest

from wlemail.sasl.choice import candidates, is_clear_text

EVERYTHING = (
    "LOGIN", "PLAIN", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512", "XOAUTH2",
    "OAUTHBEARER", "GSSAPI", "NTLM", "SCRAM-SHA-256-PLUS", "ANONYMOUS",
)  # fmt: skip


def names(offered: tuple[str, ...], **given: object) -> list[str]:
    return [mechanism.name for mechanism in candidates(offered, **given)]  # type: ignore[arg-type]


def test_the_strongest_first() -> None:
    assert names(EVERYTHING, encrypted=True) == [
        "SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "DIGEST-MD5", "CRAM-MD5", "PLAIN", "LOGIN",
    ]  # fmt: skip


def test_a_token_takes_only_bearer_mechanisms() -> None:
    assert names(EVERYTHING, with_token=True) == ["OAUTHBEARER", "XOAUTH2"]
    assert names(("PLAIN", "LOGIN"), with_token=True) == []


def test_never_from_a_challenge_mechanism_to_a_clear_text_one_outside_tls() -> None:
    assert names(("PLAIN", "LOGIN", "CRAM-MD5")) == ["CRAM-MD5"]
    for count in range(len(EVERYTHING) + 1):
        for offered in itertools.combinations(EVERYTHING, count):
            kinds = {is_clear_text(name) for name in names(offered)}
            assert len(kinds) <= 1


def test_clear_text_alone_works_outside_tls() -> None:
    assert names(("LOGIN", "PLAIN")) == ["PLAIN", "LOGIN"]


@pytest.mark.parametrize("name", ["LOGIN", "login", "XOAUTH2"])
def test_a_named_mechanism_is_the_only_one(name: str) -> None:
    assert names(EVERYTHING, named=name) == [name.upper()]


def test_a_named_mechanism_that_is_not_offered() -> None:
    assert names(("PLAIN",), named="CRAM-MD5") == []
    assert names(EVERYTHING, named="GSSAPI") == []
