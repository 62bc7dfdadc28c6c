"""The mail of other projects, where the machine has it: `WLEMAIL_CORPORA` names the directory."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .scores import VARIABLE, report


@pytest.mark.skipif(not os.environ.get(VARIABLE), reason=f"{VARIABLE} names no directory with corpora")
def test_corpora_are_read_as_their_authors_expect() -> None:
    below = [str(score) for score in report(Path(os.environ[VARIABLE])) if not score.reached]
    assert not below, "\n".join(below)
