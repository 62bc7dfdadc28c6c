"""Wheel and sdist: complete, installable, usable without anything of the checkout."""

from __future__ import annotations

import subprocess
import tarfile
import zipfile
from pathlib import Path

from tests.support.processes import CHECKOUT

from .conftest import build, run


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def metadata_of(wheel: Path) -> str:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return archive.read(name).decode()


def test_wheel_holds_the_whole_package_and_nothing_else(wheel: Path) -> None:
    package = CHECKOUT / "wlemail"
    files = {path.relative_to(CHECKOUT).as_posix() for path in package.rglob("*") if path.is_file()}
    expected = {name for name in files if "__pycache__" not in name}
    found = {name for name in names_in(wheel) if ".dist-info/" not in name}
    assert found == expected
    assert "wlemail/py.typed" in found


def test_metadata(wheel: Path) -> None:
    metadata = metadata_of(wheel)
    needed = [line.partition(" ")[2] for line in metadata.splitlines() if line.startswith("Requires-Dist:")]
    core = sorted(line.replace(" ", "") for line in needed if "extra" not in line)
    assert core == ["certifi", "dnspython>=2.6.1", "keyring"]
    assert "Requires-Python: >=3.10" in metadata
    assert "See it work" in metadata  # the README is the long description


def test_sdist_builds_the_same_wheel(sdist: Path, wheel: Path, builder: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data") if hasattr(tarfile, "data_filter") else archive.extractall(tmp_path)
    [unpacked] = tmp_path.iterdir()
    assert {"README.md", "LICENSE", "setup.cfg", "pyproject.toml"} <= {path.name for path in unpacked.iterdir()}
    again = build(builder, unpacked, "wheel", tmp_path)
    assert names_in(again) == names_in(wheel)


def test_bare_environment_imports_it(installed: Path, tmp_path: Path) -> None:
    """From another directory, isolated: neither the checkout nor user packages can help."""
    output = run(installed, "-I", "-W", "error", "-c", "import wlemail; print(wlemail.__file__)", cwd=tmp_path)
    assert Path(output.strip()).is_relative_to(installed.parents[1])
    run(installed, "-m", "pip", "check")


def test_star_import_hides_no_builtin(installed: Path, tmp_path: Path) -> None:
    code = "import builtins; from wlemail import *; print(sorted(set(globals()) & set(vars(builtins)) - {'__name__'}))"
    output = run(installed, "-I", "-c", code, cwd=tmp_path)
    assert [name for name in eval(output) if not name.startswith("__")] == []


def test_demo_runs_in_a_bare_environment(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [installed, "-I", "-m", "wlemail", "demo"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "EmailSendMessage" in done.stdout
    assert list(tmp_path.iterdir()) == []  # it leaves nothing behind


def test_console_script(installed: Path, tmp_path: Path) -> None:
    script = installed.with_name("wlemail" + installed.suffix)
    assert "demo" in run(script, "--help", cwd=tmp_path)
