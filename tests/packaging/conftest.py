"""Build the wheel and the sdist once, and install the wheel into a fresh environment once."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.conftest import give_up
from tests.support.processes import CHECKOUT

# What a checkout holds beside the project: environments, caches, results of earlier builds.
_NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv*", "*.egg-info", "build", "dist", "__pycache__", ".hypothesis", ".*_cache"
)
#: build_meta is what pip itself calls; `wheel` came into setuptools with 70.1
_CAN_BUILD = "import setuptools.build_meta, setuptools as s; s.__version__ >= '70.1' or __import__('wheel')"
_BUILD = "import sys; from setuptools import build_meta; print(getattr(build_meta, sys.argv[1])(sys.argv[2]))"


def run(*argv: object, cwd: Path | None = None) -> str:
    """The output of a command; where it fails, the test is given up or fails with its last lines."""
    done = subprocess.run(
        [str(arg) for arg in argv],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    if done.returncode:
        give_up(f"{' '.join(map(str, argv[:4]))} failed (no network?): {' | '.join(done.stdout.splitlines()[-3:])}")
    return done.stdout


def new_environment(directory: Path) -> Path:
    """A fresh environment; its interpreter."""
    venv.create(directory, with_pip=True)
    return directory / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


@pytest.fixture(scope="session")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with the build system: this one, or a fresh one that fetches it."""
    if subprocess.run([sys.executable, "-W", "ignore", "-c", _CAN_BUILD], capture_output=True).returncode == 0:
        return Path(sys.executable)
    python = new_environment(tmp_path_factory.mktemp("builder"))
    run(python, "-m", "pip", "install", "-q", "setuptools", "wheel")
    return python


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout: building leaves files behind."""
    return Path(shutil.copytree(CHECKOUT, tmp_path_factory.mktemp("source") / "wlemail", ignore=_NOT_COPIED))


def build(builder: Path, source: Path, kind: str, out: Path) -> Path:
    return out / run(builder, "-W", "ignore", "-c", _BUILD, f"build_{kind}", out, cwd=source).splitlines()[-1]


@pytest.fixture(scope="session")
def wheel(builder: Path, source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(builder, source, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def sdist(builder: Path, source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(builder, source, "sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh environment that holds the wheel, its dependencies, and nothing else."""
    python = new_environment(tmp_path_factory.mktemp("installed"))
    run(python, "-m", "pip", "install", "-q", wheel)
    return python
