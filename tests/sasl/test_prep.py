"""SASLprep against the examples of RFC 4013 3."""

from __future__ import annotations

import pytest

from wlemail.errors import InvalidValue
from wlemail.sasl.prep import saslprep


@pytest.mark.parametrize(
    ("given", "prepared"),
    [
        ("I\u00adX", "IX"),
        ("user", "user"),
        ("USER", "USER"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("", ""),
        ("no\u00a0break", "no break"),
        ("\u0627b".replace("b", "\u0628"), "\u0627\u0628"),
        # A character that Unicode 3.2 did not know: a question may hold it (RFC 3454 7).
        ("pass\U0001f511word", "pass\U0001f511word"),
    ],
)
def test_prepared(given: str, prepared: str) -> None:
    assert saslprep(given, "Password") == prepared


@pytest.mark.parametrize("given", ["\u0007", "a\x00b", "\u06271", "\u0627a\u0628", "\ue000", "\ufffd", "\u200e"])
def test_forbidden(given: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        saslprep(given, "Name")
    assert refused.value.member == "Name"
