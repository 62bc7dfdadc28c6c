"""Folding: which spellings are one name."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlemail.wlanguage.names import fold, nearest


@pytest.mark.parametrize(
    ("spelling", "folded"),
    [
        ("EmailRAZ", "emailraz"),
        ("Expéditeur", "expediteur"),
        ("EXPÉDITEUR", "expediteur"),
        ("AccuséRéception", "accusereception"),
        ("Entête", "entete"),
        ("Français", "francais"),
        ("Œuvre", "oeuvre"),
        ("Straße", "strasse"),
    ],
)
def test_case_and_accents_do_not_count(spelling: str, folded: str) -> None:
    assert fold(spelling) == folded
    assert fold(unicodedata.normalize("NFD", spelling)) == folded, "decomposed, as macOS types it"


@given(st.text(alphabet="aBcÉèÇœÿÀ_1", max_size=20))
def test_folding_twice_is_folding_once(name: str) -> None:
    assert fold(fold(name)) == fold(name) == fold(name.upper()) == fold(name.lower())


def test_a_slip_finds_what_was_meant() -> None:
    assert nearest("recipeint", ["Sender", "Recipient", "Subject"]) == "Recipient"
    assert nearest("Expediteurs", ["Expéditeur", "Sender"]) == "Expéditeur"
    assert nearest("xyz", ["Sender", "Recipient"]) == ""
