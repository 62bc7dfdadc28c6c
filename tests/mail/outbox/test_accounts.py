"""What the outbox remembers of an account: enough to open it again, and nothing secret."""

from __future__ import annotations

import pytest

from wlemail.mail.account import Account, Security, TLSPolicy
from wlemail.mail.outbox.accounts import account_of, key_of, wants_token
from wlemail.mail.settings import SessionTimeouts

PLAIN = Account(name="lea@example.com", host="smtp.example.com", port=587, user="lea@example.com")


def test_an_ordinary_account_needs_no_options() -> None:
    assert key_of(PLAIN) == ("lea@example.com", "smtp.example.com", 587, "clear", "", False, "")


@pytest.mark.parametrize(
    "account",
    [
        PLAIN,
        Account("x", "h", 25, Security.IMPLICIT, "x"),
        Account("x", "h", 25, Security.STARTTLS_IF_OFFERED, "x", secret="Mon courrier", mechanism="PLAIN"),
        Account("x", "h", 25, user="x", chunking=False, pipelining=False, authentication_optional=True),
        Account("x", "h", 25, user="x", tls=TLSPolicy(ignore_issuer=True, minimum="1.0", maximum="1.2")),
        Account("x", "h", 25, user="x", timeouts=SessionTimeouts(own=5.0, own_write=1.5)),
    ],
)
def test_an_account_comes_back_as_it_was(account: Account) -> None:
    assert account_of(key_of(account)) == account


def test_a_password_is_asked_for_again() -> None:
    key = key_of(Account("x", "h", 25, user="x", password="s3cret"))
    assert key.login
    assert "s3cret" not in repr(key)
    assert account_of(key, "s3cret").password == "s3cret"


def test_a_token_is_asked_for_again() -> None:
    key = key_of(Account("x", "h", 25, user="x", token=lambda: "t0ken"))
    assert key.login
    assert wants_token(key)
    assert not wants_token(key_of(PLAIN))
    account = account_of(key, token=lambda: "another")
    assert account.token is not None
    assert account.token() == "another"


def test_a_certificate_that_was_looked_at_is_looked_at_again() -> None:
    account = Account("x", "h", 25, user="x", tls=TLSPolicy(ignore_issuer=True).trusting(b"DER"))
    assert account_of(key_of(account)).tls == TLSPolicy(ignore_issuer=True)


def test_what_a_later_version_wrote_is_passed_over() -> None:
    key = key_of(PLAIN)._replace(options='{"mechanism": "PLAIN", "tls": {"new": 1}, "timeouts": {"new": 2}, "new": 3}')
    account = account_of(key)
    assert account.mechanism == "PLAIN"
    assert account.tls == TLSPolicy()
