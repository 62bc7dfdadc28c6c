"""Mailbox names beyond ASCII."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlemail.imap import utf7

PAIRS = [
    ("INBOX", "INBOX"),
    ("Éléments envoyés", "&AMk-l&AOk-ments envoy&AOk-s"),
    ("台北", "&U,BTFw-"),
    ("R&D", "R&-D"),
    ("&&", "&-&-"),
    ("a/b [c] (d)", "a/b [c] (d)"),
    ("😀", "&2D3eAA-"),
    ("tab\there", "tab&AAk-here"),
    ("", ""),
]


@pytest.mark.parametrize(("name", "written"), PAIRS)
def test_both_ways(name: str, written: str) -> None:
    assert utf7.encode(name) == written
    assert utf7.decode(written) == name


@pytest.mark.parametrize("text", ["&", "a&b", "&AMk", "&A-", "&2D3-", "&é-", "&AAAAA-"])
def test_what_is_no_modified_utf7_stays_as_it_was_written(text: str) -> None:
    assert utf7.decode(text) == text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_name_comes_back(name: str) -> None:
    written = utf7.encode(name)
    assert written.isascii()
    assert utf7.decode(written) == name


@given(st.text())
def test_reading_never_fails(text: str) -> None:
    utf7.decode(text)
