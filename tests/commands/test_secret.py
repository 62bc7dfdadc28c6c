"""`python -m wlemail secret`: what it stores and says, and that it never says a content."""

from __future__ import annotations

import getpass
import io
import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from keyring.backends import fail

from tests.support.keyrings import MemoryKeyring, using
from wlemail import secrets
from wlemail.commands import run

CONTENT = "s3cret-çontent"


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryKeyring]:
    for name in list(os.environ):
        if name.startswith("WLEMAIL_"):
            monkeypatch.delenv(name)
    ring = MemoryKeyring()
    with using(ring):
        yield ring


class Input(io.TextIOWrapper):
    """Standard input: a pipe, or a terminal."""

    def __init__(self, data: bytes, *, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(data), encoding="utf-8")
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def typed(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Answers to the questions of getpass; the prompts that were shown."""
    prompts: list[str] = []
    waiting = list(answers)

    def ask(prompt: str) -> str:
        prompts.append(prompt)
        if not waiting:
            raise EOFError
        return waiting.pop(0)

    monkeypatch.setattr(getpass, "getpass", ask)
    monkeypatch.setattr(sys, "stdin", Input(b"", terminal=True))
    return prompts


def secret(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = run(["secret", *arguments])
    out, err = capsys.readouterr()
    assert CONTENT not in out + err
    return status, out, err


# -- set --------------------------------------------------------------------------------------------------


def test_the_content_is_asked_for_twice_without_echo(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prompts = typed(monkeypatch, CONTENT, CONTENT)
    status, out, err = secret(capsys, "set", "Mail")
    assert (status, err) == (0, "")
    assert "SecretString('Mail')" in out
    assert prompts == ["Content of Mail: ", "Once more: "]
    assert secrets.read("mail") == CONTENT


def test_a_test_content_is_stored_beside_the_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secrets.store("mail", CONTENT)
    typed(monkeypatch, "for tests", "for tests")
    assert secret(capsys, "set", "mail", "--test")[0] == 0
    assert secrets.read("mail") == CONTENT
    monkeypatch.setenv("WLEMAIL_TEST_MODE", "1")
    assert secrets.read("mail") == "for tests"


@pytest.mark.parametrize("answers", [(CONTENT, "other"), (CONTENT,), (), ("", "")])
def test_nothing_is_stored_where_the_answers_are_no_content(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ring: MemoryKeyring, answers: tuple[str, ...]
) -> None:
    typed(monkeypatch, *answers)
    status, out, err = secret(capsys, "set", "mail")
    assert (status, out) == (1, "")
    assert err.startswith("python -m wlemail secret: ")
    assert ring.entries == {}


def test_a_terminal_that_would_echo_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ring: MemoryKeyring
) -> None:
    def echoing(prompt: str) -> str:
        warnings.warn("Can not control echo on the terminal.", getpass.GetPassWarning, stacklevel=2)
        return CONTENT

    monkeypatch.setattr(getpass, "getpass", echoing)
    monkeypatch.setattr(sys, "stdin", Input(b"", terminal=True))
    status, _, err = secret(capsys, "set", "mail")
    assert status == 1
    assert "--stdin" in err
    assert ring.entries == {}


def test_without_a_terminal_it_says_how_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Input(CONTENT.encode()))
    status, _, err = secret(capsys, "set", "mail")
    assert status == 1
    assert "--stdin" in err


@pytest.mark.parametrize(
    ("data", "content"),
    [
        (CONTENT.encode(), CONTENT),
        (CONTENT.encode() + b"\n", CONTENT),
        (CONTENT.encode() + b"\r\n", CONTENT),
        (b"\xef\xbb\xbf" + CONTENT.encode(), CONTENT),
        (b" two\nlines \n\n", " two\nlines \n"),
    ],
)
def test_standard_input_loses_one_line_end_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], data: bytes, content: str
) -> None:
    monkeypatch.setattr(sys, "stdin", Input(data))
    assert secret(capsys, "set", "mail", "--stdin")[0] == 0
    assert secrets.read("mail") == content


@pytest.mark.parametrize("data", [b"", b"\n", b"\xff\xfes\x00", b"x" * 1_000_000])
def test_standard_input_that_holds_no_content(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ring: MemoryKeyring, data: bytes
) -> None:
    monkeypatch.setattr(sys, "stdin", Input(data))
    status, _, err = secret(capsys, "set", "mail", "--stdin")
    assert status == 1
    assert len(err) < 200
    assert ring.entries == {}


def test_a_content_on_the_command_line_is_refused_and_not_repeated(
    capsys: pytest.CaptureFixture[str], ring: MemoryKeyring
) -> None:
    status, out, err = secret(capsys, "set", "mail", CONTENT)
    assert (status, out) == (2, "")
    assert "--stdin" in err
    assert ring.entries == {}


def test_a_variable_that_hides_the_keyring_is_pointed_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WLEMAIL_SECRET_MAIL", "other")
    monkeypatch.setattr(sys, "stdin", Input(CONTENT.encode()))
    status, _, err = secret(capsys, "set", "mail", "--stdin")
    assert status == 0
    assert "WLEMAIL_SECRET_MAIL" in err


# -- list and delete --------------------------------------------------------------------------------------


def test_the_list_shows_names_and_where_contents_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secrets.store("Mon courrier", CONTENT)
    secrets.store("backup", CONTENT, test=True)
    monkeypatch.setenv("WLEMAIL_SECRET_MON_COURRIER", CONTENT)
    monkeypatch.setenv("WLEMAIL_SECRET_CI", CONTENT)
    status, out, err = secret(capsys, "list")
    assert (status, err) == (0, "")
    assert [line.split("  ")[0] for line in out.splitlines()] == ["NAME", "backup", "Mon courrier", "CI"]
    assert [line.split()[-2:] for line in out.splitlines()[1:]] == [
        ["-", "keyring"],
        ["environment", "-"],
        ["environment", "-"],
    ]
    assert "keyring, environment" in out


def test_an_empty_list_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = secret(capsys, "list")
    assert status == 0
    assert "secret set" in out


def test_delete_removes_both_contents(capsys: pytest.CaptureFixture[str], ring: MemoryKeyring) -> None:
    secrets.store("mail", CONTENT)
    secrets.store("mail", CONTENT, test=True)
    assert secret(capsys, "delete", "MAIL")[0] == 0
    assert ring.entries == {}
    status, out, err = secret(capsys, "delete", "mail")
    assert (status, out) == (1, "")
    assert "mail" in err


def test_delete_of_the_test_content_alone(capsys: pytest.CaptureFixture[str]) -> None:
    secrets.store("mail", CONTENT)
    secrets.store("mail", "for tests", test=True)
    assert secret(capsys, "delete", "mail", "--test")[0] == 0
    assert secrets.read("mail") == CONTENT


# -- where it cannot work -----------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [("set", "mail", "--stdin"), ("delete", "mail"), ("list",)])
def test_a_machine_without_a_keyring_is_told_of_the_variable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    monkeypatch.setattr(sys, "stdin", Input(CONTENT.encode()))
    with using(fail.Keyring()):
        status, _, err = secret(capsys, *arguments)
    assert status == 1
    assert "WLEMAIL_SECRET_" in err


def test_the_list_of_a_machine_without_a_keyring_shows_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WLEMAIL_SECRET_MAIL", CONTENT)
    with using(fail.Keyring()):
        status, out, _ = secret(capsys, "list")
    assert status == 1
    assert "MAIL" in out


@pytest.mark.parametrize("arguments", [(), ("show", "mail"), ("set",), ("delete",), ("list", "--values")])
def test_what_is_not_a_command(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["secret", *arguments])
    assert ended.value.code == 2
    capsys.readouterr()


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 200])
def test_a_name_that_cannot_be_one(capsys: pytest.CaptureFixture[str], name: str) -> None:
    for action in ("set", "delete"):
        status, out, err = secret(capsys, action, name)
        assert (status, out) == (1, "")
        assert "Name" in err


def test_help_is_worth_reading(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (("--help",), ("set", "--help")):
        with pytest.raises(SystemExit) as ended:
            run(["secret", *arguments])
        assert ended.value.code == 0
        out = capsys.readouterr().out
        assert "SUPPRESS" not in out
        assert "NAME" in out


def test_ctrl_c_while_it_asks(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(prompt: str) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(getpass, "getpass", interrupted)
    monkeypatch.setattr(sys, "stdin", Input(b"", terminal=True))
    assert secret(capsys, "set", "mail")[0] == 130
