"""The bar: one line of a terminal, and nothing elsewhere."""

from __future__ import annotations

import io
import sys

import pytest

from wlemail.commands import progress_bar
from wlemail.commands.progress_bar import ProgressBar


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def terminal_of(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Not a fixture: pytest puts its own stderr in place again before the test itself."""
    made = Terminal()
    monkeypatch.setattr(sys, "stderr", made)
    monkeypatch.setattr(progress_bar, "_PAUSE", 0.0)
    monkeypatch.setenv("COLUMNS", "80")
    return made


def test_it_grows_in_one_line_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    with ProgressBar(4) as bar:
        for done in range(5):
            bar.show(done, "lea")
    shown = terminal.getvalue()
    assert "\n" not in shown
    drawings = [drawing for drawing in shown.split("\r") if drawing.strip()]
    assert len(drawings) == 5
    assert drawings[0].startswith("  [" + "░" * 30 + "] 0/4")
    assert "[" + "█" * 15 + "░" * 15 + "] 2/4" in drawings[2]
    assert drawings[4].rstrip().endswith("lea")
    assert all(len(drawing) < 80 for drawing in drawings)
    assert shown.endswith("\r" + " " * 79 + "\r")


def test_a_long_remark_stays_in_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    with ProgressBar(1) as bar:
        bar.show(0, "x" * 200)
    assert max(map(len, terminal.getvalue().split("\r"))) == 79


def test_it_is_not_drawn_more_often_than_one_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = terminal_of(monkeypatch)
    monkeypatch.setattr(progress_bar, "_PAUSE", 1000.0)
    with ProgressBar(100) as bar:
        for done in range(100):
            bar.show(done)
    assert terminal.getvalue().count("/100") <= 1


def test_a_pipe_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.StringIO()
    monkeypatch.setattr(sys, "stderr", pipe)
    with ProgressBar(2) as bar:
        bar.show(1)
        bar.show(2)
    assert pipe.getvalue() == ""


@pytest.mark.parametrize("total", [0, 1])
def test_without_steps_or_streams_there_is_no_bar(monkeypatch: pytest.MonkeyPatch, total: int) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with ProgressBar(total) as bar:
        bar.show(1)
