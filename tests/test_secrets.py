"""Named secrets: where a content comes from, what a test run may use, and what is said where there is none."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keyring.backends import fail, null
from keyring.errors import KeyringError

from tests.support.keyrings import LockedKeyring, MemoryKeyring, SilentKeyring, using
from wlemail import secrets
from wlemail.errors import InvalidValue, SecretUnavailable

CONTENT = "s3cret-çontent"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("WLEMAIL_"):
            monkeypatch.delenv(name)


@pytest.fixture
def ring() -> Iterator[MemoryKeyring]:
    ring = MemoryKeyring()
    with using(ring):
        yield ring


# -- names ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("mail", "WLEMAIL_SECRET_MAIL"),
        ("Mon courrier privé", "WLEMAIL_SECRET_MON_COURRIER_PRIVE"),
        ("me@example.org", "WLEMAIL_SECRET_ME_EXAMPLE_ORG"),
        ("  padded ", "WLEMAIL_SECRET_PADDED"),
        ("пошта", "WLEMAIL_SECRET_U043FU043EU0448U0442U0430"),
    ],
)
def test_the_variable_of_a_name(name: str, variable: str) -> None:
    assert secrets.variable(name) == variable
    assert secrets.variable(name, test=True) == variable.replace("_SECRET_", "_TEST_SECRET_")


def test_no_test_variable_is_the_variable_of_another_name(ring: MemoryKeyring) -> None:
    assert secrets.variable("x", test=True) != secrets.variable("test x")
    assert secrets.variable("x", test=True) != secrets.variable("x test")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\0", "x" * 101, None, 7, b"mail"])
def test_what_cannot_be_a_name_is_refused_and_not_shown(name: object) -> None:
    with pytest.raises(InvalidValue) as caught:
        secrets.check_name(name)
    assert caught.value.member == "Name"
    assert "xxx" not in str(caught.value)


# -- where the content comes from ------------------------------------------------------------------------


def test_what_is_stored_is_read_whatever_the_case_and_the_accents(ring: MemoryKeyring) -> None:
    secrets.store("Privé", CONTENT)
    assert secrets.read("prive") == CONTENT
    assert secrets.read(" PRIVÉ ") == CONTENT
    assert ring.entries["wlemail", "prive"] == CONTENT


def test_an_entry_made_with_the_keyring_program_is_read(ring: MemoryKeyring) -> None:
    ring.set_password("wlemail", "mail", CONTENT)
    assert secrets.read("Mail") == CONTENT


def test_the_environment_comes_first_and_no_keyring_is_asked(
    ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets.store("mail", "from the keyring")
    ring.asked.clear()
    monkeypatch.setenv("WLEMAIL_SECRET_MAIL", CONTENT)
    assert secrets.read("mail") == CONTENT
    assert ring.asked == []


def test_an_empty_variable_counts_as_none(ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets.store("mail", CONTENT)
    monkeypatch.setenv("WLEMAIL_SECRET_MAIL", "")
    assert secrets.read("mail") == CONTENT


def test_a_secret_that_is_nowhere_names_both_ways(ring: MemoryKeyring) -> None:
    with pytest.raises(SecretUnavailable) as caught:
        secrets.read("my mail")
    assert caught.value.problem == "missing"
    assert caught.value.variable == "WLEMAIL_SECRET_MY_MAIL"
    assert caught.value.command == 'python -m wlemail secret set "my mail"'
    assert caught.value.command in str(caught.value)
    assert caught.value.variable in str(caught.value)


# -- test runs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("yes", ["1", "true", "Yes", " on "])
def test_a_test_run_uses_the_test_content(ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch, yes: str) -> None:
    secrets.store("mail", CONTENT)
    secrets.store("mail", "for tests", test=True)
    assert secrets.read("mail") == CONTENT
    monkeypatch.setenv("WLEMAIL_TEST_MODE", yes)
    assert secrets.read("mail") == "for tests"


def test_a_test_run_never_uses_the_secret_content(ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets.store("mail", CONTENT)
    monkeypatch.setenv("WLEMAIL_SECRET_MAIL", CONTENT)
    monkeypatch.setenv("WLEMAIL_TEST_MODE", "1")
    with pytest.raises(SecretUnavailable) as caught:
        secrets.read("mail")
    assert caught.value.variable == "WLEMAIL_TEST_SECRET_MAIL"
    assert caught.value.command.endswith("secret set mail --test")
    monkeypatch.setenv("WLEMAIL_TEST_SECRET_MAIL", "for tests")
    assert secrets.read("mail") == "for tests"


@pytest.mark.parametrize("no", ["", "0", "false", "NO", "off"])
def test_an_ordinary_run_does_not_use_the_test_content(
    ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch, no: str
) -> None:
    secrets.store("mail", "for tests", test=True)
    monkeypatch.setenv("WLEMAIL_TEST_MODE", no)
    with pytest.raises(SecretUnavailable):
        secrets.read("mail")


def test_a_test_mode_that_says_neither_is_an_error(ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets.store("mail", CONTENT)
    monkeypatch.setenv("WLEMAIL_TEST_MODE", "maybe")
    with pytest.raises(InvalidValue, match="WLEMAIL_TEST_MODE"):
        secrets.read("mail")


# -- long contents, odd contents ----------------------------------------------------------------------------


@pytest.mark.parametrize("length", [599, 600, 601, 1200, 1201, 4000, secrets.MAX_CONTENT])
@pytest.mark.parametrize("character", ["x", "\N{GRINNING FACE}"])
def test_windows_limit_a_long_token_is_kept_in_parts(ring: MemoryKeyring, length: int, character: str) -> None:
    content = character * length
    secrets.store("token", content)
    assert secrets.read("token") == content


def test_replacing_and_deleting_leaves_no_parts(ring: MemoryKeyring) -> None:
    secrets.store("token", "a" * 5000)
    secrets.store("token", "b" * 3000)
    assert secrets.read("token") == "b" * 3000
    assert sum(service == "wlemail.parts" for service, _ in ring.entries) == 5
    secrets.store("token", "short")
    assert not any(service == "wlemail.parts" for service, _ in ring.entries)
    secrets.store("token", "c" * 5000)
    assert secrets.delete("token")
    assert ring.entries == {}


def test_a_content_of_which_a_part_is_gone_is_not_used(ring: MemoryKeyring) -> None:
    secrets.store("token", "a" * 5000)
    del ring.entries[next(entry for entry in ring.entries if entry[0] == "wlemail.parts")]
    with pytest.raises(SecretUnavailable) as caught:
        secrets.read("token")
    assert caught.value.problem == "damaged"


@settings(max_examples=60)
@given(content=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=1500))
def test_what_is_read_is_what_was_stored(content: str) -> None:
    with using(MemoryKeyring()):
        secrets.store("x", content)
        assert secrets.read("x") == content


def test_a_content_that_looks_like_the_head_of_parts_is_itself(ring: MemoryKeyring) -> None:
    secrets.store("x", "wlemail:parts:2:00")
    assert secrets.read("x") == "wlemail:parts:2:00"


@pytest.mark.parametrize("content", ["", "a\0b", "\ud800", "x" * (secrets.MAX_CONTENT + 1)])
def test_contents_that_cannot_be_kept_are_refused(ring: MemoryKeyring, content: str) -> None:
    with pytest.raises(InvalidValue):
        secrets.store("x", content)
    assert ring.entries == {}


# -- keyrings that do not work --------------------------------------------------------------------------------


def test_a_headless_machine_is_told_of_the_variable() -> None:
    with using(fail.Keyring()), pytest.raises(SecretUnavailable) as caught:
        secrets.read("mail")
    assert caught.value.problem == "no keyring"
    assert "WLEMAIL_SECRET_MAIL" in str(caught.value)
    assert "http" not in str(caught.value)


def test_a_headless_machine_works_by_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WLEMAIL_SECRET_MAIL", CONTENT)
    with using(fail.Keyring()):
        assert secrets.read("mail") == CONTENT


def test_a_keyring_that_keeps_nothing_is_noticed() -> None:
    with using(null.Keyring()), pytest.raises(SecretUnavailable) as caught:
        secrets.store("mail", CONTENT)
    assert caught.value.problem == "no keyring"


def test_a_locked_keyring() -> None:
    with using(LockedKeyring()), pytest.raises(SecretUnavailable, match="WLEMAIL_SECRET_MAIL") as caught:
        secrets.read("mail")
    assert caught.value.problem == "locked"


def test_a_keyring_that_never_answers_is_left_alone_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "KEYRING_SECONDS", 0.1)
    ring = SilentKeyring()
    with using(ring), pytest.raises(SecretUnavailable, match="WLEMAIL_SECRET_MAIL") as caught:
        secrets.read("mail")
    ring.let_go.set()
    assert caught.value.problem == "no answer"


@pytest.mark.parametrize(
    "problem",
    [
        OSError("no bus"),
        RuntimeError("no daemon"),
        KeyError("DBUS_SESSION_BUS_ADDRESS"),
        KeyringError("no"),
        ValueError(),
    ],
)
def test_whatever_a_back_end_raises_is_translated(problem: Exception) -> None:
    class Broken(MemoryKeyring):
        def get_password(self, service: str, username: str) -> str | None:
            raise problem

    with using(Broken()), pytest.raises(SecretUnavailable, match="WLEMAIL_SECRET_MAIL") as caught:
        secrets.read("mail")
    assert caught.value.problem == "failed"
    assert type(problem).__name__ in caught.value.detail


def test_what_a_back_end_says_never_repeats_the_content() -> None:
    class Talkative(MemoryKeyring):
        def set_password(self, service: str, username: str, password: str) -> None:
            raise KeyringError(f"cannot store {password}")

    with using(Talkative()), pytest.raises(SecretUnavailable) as caught:
        secrets.store("mail", CONTENT)
    assert CONTENT not in str(caught.value)
    assert CONTENT not in caught.value.detail


@pytest.mark.parametrize("backend", ["no.such.module.Keyring", "keyring.backends.fail.Keyring", "nonsense"])
def test_a_process_whose_keyring_is_configured_wrongly(backend: str) -> None:
    script = "\n".join(
        (
            "from wlemail import secrets, errors",
            "try: secrets.read('mail')",
            "except errors.SecretUnavailable as problem: print(problem)",
        )
    )
    environment = {**os.environ, "PYTHON_KEYRING_BACKEND": backend}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=60)
    assert "WLEMAIL_SECRET_MAIL" in done.stdout
    assert done.stderr == ""


# -- the list ---------------------------------------------------------------------------------------------


def test_the_list_knows_names_and_contents_without_reading_them(
    ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets.store("Mail", CONTENT)
    secrets.store("mail", "for tests", test=True)
    secrets.store("zoé", "for tests", test=True)
    ring.asked.clear()
    assert [(e.name, e.content, e.test_content) for e in secrets.in_keyring()] == [
        ("mail", "keyring", "keyring"),
        ("zoé", "", "keyring"),
    ]
    assert {service for service, _ in ring.asked} == {"wlemail.index"}
    monkeypatch.setenv("WLEMAIL_SECRET_OTHER", "x")
    monkeypatch.setenv("WLEMAIL_TEST_SECRET_OTHER", "y")
    monkeypatch.setenv("WLEMAIL_TEST_SECRET_THIRD", "y")
    assert [(e.name, e.content, e.test_content) for e in secrets.in_environment()] == [
        ("OTHER", "environment", "environment"),
        ("THIRD", "", "environment"),
    ]


def test_deleting_the_test_content_leaves_the_other(ring: MemoryKeyring) -> None:
    secrets.store("mail", CONTENT)
    secrets.store("mail", "for tests", test=True)
    assert secrets.delete("mail", test_only=True)
    assert secrets.read("mail") == CONTENT
    assert [entry.test_content for entry in secrets.in_keyring()] == [""]
    assert secrets.delete("mail")
    assert secrets.in_keyring() == []
    assert not secrets.delete("mail")


def test_a_list_that_somebody_spoilt_is_begun_anew(ring: MemoryKeyring) -> None:
    for spoilt in ("not JSON", "[1]", '{"a": 1}', "wlemail:parts:3:ff"):
        ring.set_password("wlemail.index", "names", spoilt)
        assert secrets.in_keyring() == []
    secrets.store("mail", CONTENT)
    assert [entry.name for entry in secrets.in_keyring()] == ["mail"]


def test_hundreds_of_names_fit_in_the_list(ring: MemoryKeyring) -> None:
    for n in range(200):
        secrets.store(f"a rather long name of a secret, number {n}", CONTENT)
    assert len(secrets.in_keyring()) == 200
