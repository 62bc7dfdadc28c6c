"""What the outbox remembers of an account, and an account made of it again, once somebody gives the password."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any

from ..account import Account, Security, TLSPolicy
from ..settings import SessionTimeouts
from .values import AccountKey

#: Settings of an account that opening needs beside those that AccountKey names; none is secret.
_KEPT = ("mechanism", "chunking", "pipelining", "authentication_optional")
_DEFAULTS = {field.name: field.default for field in fields(Account)}
_TLS_DEFAULTS = asdict(TLSPolicy())
#: Takes the place of a password that is an access token.
_TOKEN = "token"


def key_of(account: Account) -> AccountKey:
    """What the outbox may know of an account: everything but the password and the token."""
    kept: dict[str, Any] = {name: value for name in _KEPT if (value := getattr(account, name)) != _DEFAULTS[name]}
    tls = {
        name: value
        for name, value in asdict(account.tls).items()
        # The certificate that was looked at is looked at again.
        if name != "pinned" and value != _TLS_DEFAULTS[name]
    }
    if tls:
        kept["tls"] = tls
    if account.token is not None:
        kept[_TOKEN] = True
    limits = {name: value for name, value in asdict(account.timeouts).items() if value is not None}
    if limits:
        kept["timeouts"] = limits
    return AccountKey(
        user=account.user,
        host=account.host,
        port=account.port,
        security=account.security.value,
        secret=account.secret,
        login=bool(account.password) or account.token is not None,
        options=json.dumps(kept) if kept else "",
    )


def wants_token(key: AccountKey) -> bool:
    """Whether the account was opened with an access token, which is no password."""
    return bool(_kept(key).get(_TOKEN))


def account_of(key: AccountKey, password: str = "", token: Callable[[], str] | None = None) -> Account:
    """The account as it was last opened, with a password or a token."""
    kept = _kept(key)
    tls = {name: value for name, value in _dictionary(kept.get("tls")).items() if name in _TLS_DEFAULTS}
    limits = {
        field.name: value
        for field in fields(SessionTimeouts)
        if isinstance(value := _dictionary(kept.get("timeouts")).get(field.name), (int, float))
    }
    return Account(
        name=key.user,
        host=key.host,
        port=key.port,
        security=Security(key.security),
        user=key.user,
        password=password,
        secret=key.secret,
        token=token,
        tls=TLSPolicy(**tls),
        timeouts=SessionTimeouts(**limits),
        **{name: value for name, value in kept.items() if name in _KEPT},
    )


def _kept(key: AccountKey) -> dict[str, Any]:
    # A later version of the package may have written what this one does not know; it has written JSON.
    return _dictionary(json.loads(key.options)) if key.options else {}


def _dictionary(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
