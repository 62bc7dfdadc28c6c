"""Constants: plain numbers, with the values of constants.csv."""

from __future__ import annotations

import pytest

import wlemail

from .tables import Row, available, rows


@pytest.mark.parametrize("row", available("constants"), ids=lambda row: row["english"])
def test_the_value_is_that_of_the_table(row: Row) -> None:
    value = getattr(wlemail, row["english"])
    assert type(value) is int, f"{row['english']} is a {type(value).__name__}"
    assert str(value) == row["value"], f"constants.csv says {row['value']} for {row['english']}; the code has {value}"


def test_values_seen_in_compiled_programs() -> None:
    seen = {row["english"]: row["value"] for row in rows("constants") if row["value_origin"] == "observed"}
    assert seen == {"emailProtocolSMTPS": "2", "errMessage": "1", "errFullDetails": "19"}


#: constants of one family that add up: each needs a bit of its own
BITS = {"certificate", "sending", "building", "search", "list folders", "path parts", "text search"}


@pytest.mark.parametrize("family", sorted(BITS))
def test_what_adds_up_has_distinct_bits(family: str) -> None:
    values = [int(row["value"]) for row in rows("constants") if row["family"] == family and row["value"]]
    assert all(value > 0 and value & (value - 1) == 0 for value in values), f"not single bits: {values}"
    assert len(set(values)) == len(values)
