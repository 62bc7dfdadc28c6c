"""Writing for people: every console takes every character, and strangers' text stays on its line."""

from __future__ import annotations

import io

import pytest

from wlemail.commands.console import Console, clean


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def written(encoding: str, *, terminal: bool = False) -> tuple[Console, io.BytesIO]:
    raw = io.BytesIO()
    stream = (Terminal if terminal else io.TextIOWrapper)(raw, encoding=encoding, newline="\n")
    return Console(stream), raw


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-8", "✓ été └─ Łódź … →"),
        ("cp1252", "+ été `- ?ód? … >"),
        ("cp850", "+ été └─ ?ód? . >"),
        ("ascii", "+ ?t? `- ??d? . >"),
    ],
)
def test_a_console_takes_every_character(encoding: str, expected: str) -> None:
    console, raw = written(encoding)
    console.line("✓ été └─ Łódź … →")
    assert raw.getvalue().decode(encoding) == expected + "\n"


def test_colours_only_where_they_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.platform", "linux")
    assert written("utf-8", terminal=True)[0].good("x") == "\x1b[32mx\x1b[0m"
    assert written("utf-8")[0].good("x") == "x"
    monkeypatch.setenv("NO_COLOR", "1")
    assert written("utf-8", terminal=True)[0].good("x") == "x"
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.delenv("WT_SESSION", raising=False)
    assert written("utf-8", terminal=True)[0].good("x") == "x"


@pytest.mark.parametrize(
    "hostile",
    ["\x1b[2J", "\x9b31m", "\r", "\n", "\u202eexe.txt", "\u2028", "\x00", "\ud800", "\x07", "\u2066", "\x7f"],
)
def test_what_strangers_write_cannot_act_on_the_terminal(hostile: str) -> None:
    assert clean(f"a{hostile}b").startswith("a\N{REPLACEMENT CHARACTER}")
    assert hostile[0] not in clean(hostile)
    assert clean("été\t—\u00a0日本") == "été —\u00a0日本".replace(" —", " —")


def test_fields_of_several_lines_are_aligned() -> None:
    console, raw = written("utf-8")
    console.field("To", "a\nb")
    assert raw.getvalue().decode() == "  To          a\n              b\n"
