"""SecretString: a name that opens sessions, and that nothing can be read from."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.keyrings import MemoryKeyring, using
from wlemail import secrets
from wlemail.errors import InvalidValue, SecretUnavailable
from wlemail.wlanguage.secret_string import MASK, SecretString, password_text

CONTENT = "s3cret-çontent"
TESTING = "for tests only"


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryKeyring]:
    for name in ("WLEMAIL_TEST_MODE", "WLEMAIL_REHEARSAL", "WLEMAIL_SECRET_MAIL", "WLEMAIL_TEST_SECRET_MAIL"):
        monkeypatch.delenv(name, raising=False)
    ring = MemoryKeyring()
    with using(ring):
        secrets.store("mail", CONTENT)
        secrets.store("mail", TESTING, test=True)
        ring.asked.clear()
        yield ring


@pytest.mark.parametrize(
    "shown",
    [
        repr,
        str,
        ascii,
        "{}".format,
        "{!r}".format,
        lambda secret: f"{secret:>20}",
        lambda secret: "%s" % secret,  # noqa: UP031
        lambda secret: "%r" % (secret,),  # noqa: UP031
        lambda secret: repr([secret]),
        lambda secret: repr({"password": secret}),
        lambda secret: repr(pickle.dumps(secret)),
        lambda secret: repr(dir(secret)),
        lambda secret: repr([getattr(secret, name) for name in dir(secret) if name != "__abstractmethods__"]),
    ],
)
def test_a_secret_is_never_displayable(shown: Any, ring: MemoryKeyring) -> None:
    secret = SecretString("mail")
    assert CONTENT not in shown(secret)
    password_text("Password", secret)
    assert CONTENT not in shown(secret)
    assert TESTING not in shown(secret)


def test_what_is_shown_is_a_mask() -> None:
    secret = SecretString("mail")
    assert str(secret) == MASK
    assert f"{secret:>10}" == "  " + MASK
    assert repr(secret) == "<SecretString 'mail' ********>"


def test_nothing_is_asked_of_the_keyring_before_the_use(ring: MemoryKeyring) -> None:
    secret = SecretString("mail")
    str(secret), repr(secret), bool(secret), hash(secret), copy.deepcopy(secret), pickle.dumps(secret)
    assert ring.asked == []
    assert password_text("Password", secret) == CONTENT


def test_logging_a_secret_shows_the_mask(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("test").warning("opening with %s", SecretString("mail"))
    assert caplog.messages == [f"opening with {MASK}"]


@pytest.mark.parametrize(
    "joined",
    [
        lambda secret: "x" + secret,
        lambda secret: secret + "x",
        lambda secret: secret + secret,
        lambda secret: secret * 2,
        lambda secret: secret % (),
        lambda secret: "".join([secret]),
        lambda secret: len(secret),
        lambda secret: secret[0],
        lambda secret: list(secret),
        lambda secret: bytes(secret),
        lambda secret: int(secret),
        lambda secret: json.dumps(secret),
        lambda secret: "x" in secret,
        lambda secret: secret == CONTENT,
        lambda secret: secret != "anything",
        lambda secret: secret == CONTENT.encode(),
        lambda secret: secret < "x",
    ],
)
def test_a_secret_cannot_be_assigned_to_another_type(joined: Any) -> None:
    with pytest.raises(TypeError):
        joined(SecretString("mail"))


def test_a_secret_keeps_its_name_for_life() -> None:
    secret = SecretString(" mail ")
    assert secret.Name == secret.Nom == "mail"
    with pytest.raises(AttributeError):
        secret.Name = "other"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        secret.Contents = "x"  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        del secret._name
    with pytest.raises(TypeError):
        vars(secret)


def test_secrets_are_equal_by_their_names() -> None:
    assert SecretString("Privé") == SecretString("prive")
    assert SecretString("mail") != SecretString("other")
    assert len({SecretString("Mail"), SecretString("mail")}) == 1
    assert SecretString(SecretString("mail")) == SecretString("mail")
    assert SecretString("mail") != 7


def test_not_initialised_is_the_empty_text() -> None:
    secret = SecretString()
    assert secret == ""
    assert not secret
    assert str(secret) == ""
    assert password_text("Password", secret) == ""
    assert SecretString("mail") != ""


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_holds_the_name_alone(protocol: int) -> None:
    data = pickle.dumps(SecretString("mail"), protocol)
    assert b"s3cret" not in data
    assert pickle.loads(data) == SecretString("mail")
    assert copy.copy(SecretString("mail")) == SecretString("mail")


def test_the_name_is_text() -> None:
    with pytest.raises(TypeError):
        SecretString(7)  # type: ignore[arg-type]


# -- the text of a password -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("pässword", "pässword"),
        ("", ""),
        (None, ""),
        ("pässword".encode(), "pässword"),
        (1234, "1234"),
        (SecretString("Mail"), CONTENT),
    ],
)
def test_what_a_password_may_be(value: object, text: str) -> None:
    assert password_text("Password", value) == text


def test_what_a_password_may_not_be() -> None:
    with pytest.raises(InvalidValue) as caught:
        password_text("Password", object())
    assert caught.value.member == "Password"


def test_a_test_run_opens_with_the_test_content(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WLEMAIL_TEST_MODE", "1")
    assert password_text("Password", SecretString("mail")) == TESTING


def test_a_secret_that_is_nowhere_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(SecretUnavailable, match="WLEMAIL_SECRET_ANOTHER"):
        password_text("Password", SecretString("another"))


def test_a_rehearsal_in_a_sandbox_needs_no_secret(monkeypatch: pytest.MonkeyPatch, ring: MemoryKeyring) -> None:
    monkeypatch.setenv("WLEMAIL_REHEARSAL", "sandbox")
    assert password_text("Password", SecretString("mail")) not in (CONTENT, TESTING, "")
    assert password_text("Password", SecretString("another"))
    assert password_text("Password", SecretString()) == ""
    assert ring.asked == []


def test_a_rehearsal_that_really_sends_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WLEMAIL_REHEARSAL", "only:me@example.org")
    assert password_text("Password", SecretString("mail")) == CONTENT


def test_import_budget() -> None:
    """A script that names a secret has not imported the keyring, threads or a client yet."""
    script = f"""
import sys
sys.path.insert(0, {str(Path(secrets.__file__).parents[1])!r})
from wlemail.wlanguage.secret_string import SecretString
str(SecretString("mail"))
print(*sys.modules)
"""
    # -S: the .pth files of a development environment import much.
    done = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    heavy = "keyring threading typing dataclasses logging re enum socket json wlemail.secrets wlemail.mail"
    assert not set(heavy.split()) & set(done.stdout.split())
