from __future__ import annotations

from collections.abc import Iterator

import pytest

from wlemail.sandbox import Sandbox


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running
