from __future__ import annotations

from collections.abc import Iterator

import pytest

from wlemail.sandbox import Sandbox


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox whose certificate is trusted."""
    with Sandbox() as sandbox:
        monkeypatch.setenv("SSL_CERT_FILE", sandbox.ca_file)
        yield sandbox
