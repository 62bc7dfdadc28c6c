"""An outbox of its own for each test."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from wlemail.mail.outbox import MEMORY, Store

from .box import STEADY, SetClock


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "outbox")


@pytest.fixture
def quick_place(tmp_path: Path) -> Iterator[Path]:
    """A directory in memory where the system has such, for what opens hundreds of outboxes and pulls no plug."""
    if not os.access("/dev/shm", os.W_OK):
        yield tmp_path
        return
    directory = tempfile.mkdtemp(dir="/dev/shm")
    yield Path(directory)
    shutil.rmtree(directory)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def store(place: str, clock: SetClock) -> Iterator[Store]:
    store = Store(place, schedule=STEADY, clock=clock)
    yield store
    store.close()


@pytest.fixture(params=["disk", "memory"])
def either(request: pytest.FixtureRequest, place: str, clock: SetClock) -> Iterator[Store]:
    """An outbox on disk, and one in memory."""
    store = Store(place if request.param == "disk" else MEMORY, schedule=STEADY, clock=clock)
    yield store
    store.close()
