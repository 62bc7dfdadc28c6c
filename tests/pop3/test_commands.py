"""Commands render themselves, and nothing that a value holds becomes a command of its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlemail.errors import ControlCharacter, InvalidValue
from wlemail.pop3 import commands


@pytest.mark.parametrize(
    ("command", "octets"),
    [
        (commands.CAPA, b"CAPA\r\n"),
        (commands.user("lea"), b"USER lea\r\n"),
        (commands.user("léa@exämple.org"), "USER léa@exämple.org\r\n".encode()),
        (commands.password("se cret "), b"PASS se cret \r\n"),
        (commands.password(""), b"PASS \r\n"),
        (commands.apop("lea", "00ff"), b"APOP lea 00ff\r\n"),
        (commands.auth("PLAIN", None), b"AUTH PLAIN\r\n"),
        (commands.auth("PLAIN", ""), b"AUTH PLAIN =\r\n"),
        (commands.auth("PLAIN", "AGE="), b"AUTH PLAIN AGE=\r\n"),
        (commands.auth_answer("AGE="), b"AGE=\r\n"),
        (commands.auth_answer(""), b"\r\n"),
        (commands.retr(7, 1), b"RETR 7\r\n"),
        (commands.top(7, 1), b"TOP 7 0\r\n"),
        (commands.dele(12345), b"DELE 12345\r\n"),
    ],
)
def test_commands_render(command: commands.Command, octets: bytes) -> None:
    assert command.render() == octets


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\0", "\x85", "\u2028"])
def test_no_control_character_in_a_command_argument(end: str) -> None:
    with pytest.raises(ControlCharacter) as caught:
        commands.user(f"lea{end}DELE 1".replace(" ", "")).render()
    assert caught.value.member == "Name"
    with pytest.raises(ControlCharacter) as caught:
        commands.password(f"secret{end}DELE 1").render()
    assert caught.value.member == "Password"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "lea meier", " lea"])
def test_a_user_is_one_word(name: str) -> None:
    with pytest.raises(InvalidValue):
        commands.user(name)


def test_the_password_of_a_command_is_not_shown_by_the_error() -> None:
    with pytest.raises(ControlCharacter) as caught:
        commands.password("hunter2\r\n").render()
    assert "hunter2" not in repr(caught.value)


@given(st.text(st.characters()))
def test_any_password_is_one_line_or_refused(text: str) -> None:
    try:
        octets = commands.password(text).render()
    except InvalidValue as problem:
        octets = f"{problem.member} refused\r\n".encode()
    assert octets.endswith(b"\r\n")
    assert octets.count(b"\n") == octets.count(b"\r") == 1
    assert b"\0" not in octets
