"""A parser that shares nothing with ours or with Python's (it is written in Rust), for a second opinion."""

from __future__ import annotations

from typing import Any

from tests.conftest import give_up


def parse_email(data: bytes) -> Any:
    """The message as that parser reads it; there is none for Python 3.10."""
    try:
        from fast_mail_parser import parse_email as parse
    except ImportError:
        give_up("fast-mail-parser is not installed (it needs Python 3.11)")
    return parse(data)
