"""The README's scripts use only names that exist: what a table knows as planned would fail for the reader."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from .tables import AVAILABLE, folded, rows, spellings

README = Path(__file__).resolve().parents[2] / "README.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)

STATUS = {folded(name): row["status"] for row in (*rows("functions"), *rows("constants")) for name in spellings(row)}


def test_there_are_scripts() -> None:
    assert BLOCKS


@pytest.mark.parametrize("script", BLOCKS, ids=lambda script: script.partition("\n")[0][:40])
def test_scripts_compile_and_use_what_is_there(script: str) -> None:
    used = {node.id for node in ast.walk(ast.parse(script)) if isinstance(node, ast.Name)}
    missing = [name for name in sorted(used) if STATUS.get(folded(name), "done") not in AVAILABLE]
    assert not missing, f"the README uses {missing}, whose rows say that they are not there"
