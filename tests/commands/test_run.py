"""`python -m wlemail`: the list of commands, what is not understood, Ctrl-C, a reader that leaves."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from types import ModuleType

import pytest

from wlemail import commands


def test_alone_it_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["--help"], ["-h"], ["help"]):
        assert commands.run(arguments) == 0
        said = capsys.readouterr().out
        assert all(f"\n  {name} " in said for name in commands.COMMANDS)


def test_an_unknown_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.run(["dmeo"]) == 2
    said = capsys.readouterr().err
    assert "there is no command 'dmeo'" in said
    assert "demo" in said


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("wlemail ")


@pytest.mark.parametrize("name", commands.COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        commands.run([name, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert f"python -m wlemail {name}" in said
    assert import_module(f"wlemail.commands.{name}").__doc__.splitlines()[0] in said  # type: ignore[union-attr]


def test_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("wlemail.commands.demo")
    monkeypatch.setitem(sys.modules, "wlemail.commands.demo", module)
    module.add_arguments = lambda parser: None  # type: ignore[attr-defined]

    def interrupted(options: object) -> int:
        raise KeyboardInterrupt

    module.run = interrupted  # type: ignore[attr-defined]
    assert commands.run(["demo"]) == 130


@pytest.mark.skipif(os.name != "posix", reason="a pipe that breaks is told as EPIPE on POSIX only")
def test_a_reader_that_leaves() -> None:
    script = "import sys; sys.argv=['wlemail', 'demo']\nfrom wlemail.__main__ import main\nsys.exit(main())"
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 1


def test_nothing_heavy_is_imported_for_the_list() -> None:
    code = "import sys, wlemail.__main__; print([m for m in ('argparse', 'socket', 'ssl') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
