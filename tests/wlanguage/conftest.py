"""Every test begins with an empty Email structure: tests share a thread."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from wlemail.wlanguage.email_variable import current, reset


@pytest.fixture(autouse=True)
def _empty_structure() -> Iterator[None]:
    reset(current())
    yield
    reset(current())
