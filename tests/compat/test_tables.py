"""The tables by themselves: columns, words, names that occur once, references that lead somewhere."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from .signatures import parse
from .tables import COLUMNS, FOLDER, WORDS, folded, line, rows, spellings

TABLES = list(COLUMNS)


@pytest.mark.parametrize("table", TABLES)
def test_the_columns_are_the_agreed_ones(table: str) -> None:
    first = (FOLDER / f"{table}.csv").read_text(encoding="utf-8").partition("\n")[0]
    assert first == ",".join(COLUMNS[table].split())


@pytest.mark.parametrize("table", TABLES)
def test_every_row_has_every_column(table: str) -> None:
    wrong = [row for row in rows(table) if None in row or None in row.values()]
    assert not wrong, f"too many or too few columns in {table}.csv: {wrong}"


@pytest.mark.parametrize("table", TABLES)
def test_values_carry_no_stray_spaces(table: str) -> None:
    wrong = [row for row in rows(table) for value in row.values() if value != value.strip() or "\n" in value]
    assert not wrong, f"spaces around a value in {table}.csv: {wrong}"


@pytest.mark.parametrize("table", TABLES)
def test_files_are_utf8_with_plain_line_ends(table: str) -> None:
    content = (FOLDER / f"{table}.csv").read_bytes()
    content.decode("utf-8")
    assert b"\r" not in content
    assert not content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\n")


@pytest.mark.parametrize(("table", "column"), [(t, c) for t in TABLES for c in COLUMNS[t].split() if c in WORDS])
def test_words_are_the_agreed_ones(table: str, column: str) -> None:
    wrong = [row for row in rows(table) if row[column] not in WORDS[column]]
    assert not wrong, f"{table}.csv, column {column}: only {sorted(WORDS[column])}; not {wrong}"


@pytest.mark.parametrize("table", TABLES)
def test_partial_and_no_have_a_reason_and_others_none(table: str) -> None:
    wrong = [row for row in rows(table) if bool(row["reason"]) != (row["status"] in {"partial", "no"})]
    assert not wrong, f"{table}.csv: a reason belongs to partial and no, and to them alone: {wrong}"


@pytest.mark.parametrize("table", [table for table in TABLES if "part" in COLUMNS[table].split()])
def test_what_exists_names_its_part_and_what_will_not_names_none(table: str) -> None:
    wrong = [row for row in rows(table) if row["status"] in {"done", "partial"} and not row["part"]]
    wrong += [row for row in rows(table) if row["status"] == "no" and row["part"]]
    assert not wrong, f"{table}.csv: {wrong}"


def test_public_names_occur_once() -> None:
    names = Counter(
        folded(spelling)
        for row in (*rows("functions"), *rows("constants"))
        for spelling in {folded(spelling) for spelling in spellings(row)}
    )
    twice = [name for name, times in names.items() if times > 1]
    assert not twice, f"names that two rows claim: {twice}"


def test_members_occur_once_in_their_type() -> None:
    names = Counter((row["owner"], name) for row in rows("members") for name in {folded(s) for s in spellings(row)})
    twice = [name for name, times in names.items() if times > 1]
    assert not twice, f"members that two rows claim: {twice}"


@pytest.mark.parametrize("table", ["functions", "constants", "members"])
def test_every_name_has_both_languages(table: str) -> None:
    wrong = [row for row in rows(table) if not row["english"] or not row["french"]]
    assert not wrong, f"{table}.csv: {wrong}"


@pytest.mark.parametrize("table", ["functions", "constants", "members", "syntaxes"])
def test_page_ids_are_numbers_and_only_what_is_documented_has_one(table: str) -> None:
    wrong = [row for row in rows(table) if row["page"] and not re.fullmatch(r"[1-9]\d{6,9}", row["page"])]
    wrong += [row for row in rows(table) if row["origin"] == "extension" and row["page"]]
    assert not wrong, f"{table}.csv: {wrong}"


@pytest.mark.parametrize("table", TABLES)
def test_overrides_names_a_page(table: str) -> None:
    wrong = [
        row
        for row in rows(table)
        if "overrides" in row["note"] and not re.search(r"\boverrides \d{7,10}: ", row["note"])
    ]
    assert not wrong, f'{table}.csv: the note says "overrides <page id>: <what>": {wrong}'


def test_functions_say_what_a_failure_returns() -> None:
    callables = [row for row in rows("functions") if row["kind"] in {"function", "procedure", "method"}]
    wrong = [row for row in callables if not (row["result"] and row["failure"] and row["error_state"])]
    wrong += [row for row in callables if row["kind"] == "procedure" and row["result"] != "none"]
    assert not wrong, f"functions.csv: result, failure and error_state are needed: {wrong}"


def test_methods_follow_a_function_and_a_type() -> None:
    by_name = {row["english"]: row for row in rows("functions")}
    wrong = []
    for row in rows("functions"):
        if row["kind"] != "method":
            continue
        owner, _, name = row["english"].partition(".")
        function = by_name.get(f"Email{name}")
        if by_name.get(owner, {}).get("kind") != "type":
            wrong.append(f"{row['english']}: no type {owner}")
        elif row["note"].startswith("method form of") and (
            function is None or any(row[column] != function[column] for column in ("result", "failure", "error_state"))
        ):
            wrong.append(f"{row['english']}: result, failure and error_state are those of Email{name}")
    assert not wrong, wrong


def test_members_belong_to_a_type() -> None:
    types = {row["english"] for row in rows("functions") if row["kind"] == "type"}
    wrong = {row["owner"] for row in rows("members")} - types
    assert not wrong, f"members.csv: owners without a row of kind type in functions.csv: {wrong}"


def test_a_member_exists_no_earlier_than_its_type() -> None:
    status = {row["english"]: row["status"] for row in rows("functions")}
    wrong = [
        f"{row['owner']}.{row['english']}"
        for row in rows("members")
        if row["status"] in {"done", "partial"} and status[row["owner"]] not in {"done", "partial"}
    ]
    assert not wrong, wrong


def test_syntaxes_can_be_read_and_belong_to_a_function() -> None:
    by_name = {row["english"]: row for row in rows("functions")}
    wrong = []
    for row in rows("syntaxes"):
        function = by_name.get(row["function"])
        if function is None:
            wrong.append(f"{row['english']}: functions.csv has no {row['function']}")
            continue
        try:
            english, french = parse(row["english"]), parse(row["french"])
        except ValueError as error:
            wrong.append(str(error))
            continue
        if english.name != function["english"] or french.name != function["french"]:
            wrong.append(f"{row['english']} / {row['french']}: not the names of {row['function']}")
        if english.shape() != french.shape():
            wrong.append(f"{row['english']} / {row['french']}: the two languages take different arguments")
        if row["page"] != function["page"]:
            wrong.append(f"{row['english']}: page {row['page']}, its function has {function['page']}")
    assert not wrong, "\n".join(wrong)


def test_syntaxes_occur_once() -> None:
    twice = [text for text, times in Counter(row["english"] for row in rows("syntaxes")).items() if times > 1]
    assert not twice


def test_what_can_be_called_has_a_syntax_and_agrees_with_its_syntaxes() -> None:
    wrong = []
    for row in rows("functions"):
        if row["kind"] in {"value", "statement", "exception"}:
            continue
        found = {syntax["status"] for syntax in rows("syntaxes") if syntax["function"] == row["english"]}
        if row["status"] in {"done", "partial"} and not found:
            wrong.append(
                f"{row['english']} has no syntax; add"
                + line(
                    "syntaxes",
                    function=row["english"],
                    english=f"{row['english']}()",
                    french=f"{row['french']}()",
                    page=row["page"],
                    status="done",
                    part=row["part"],
                    origin=row["origin"],
                )
            )
        if row["status"] == "done" and found - {"done", "no"}:
            wrong.append(f"{row['english']} is done and has syntaxes that are not: {found}")
        if row["status"] in {"planned", "no"} and "done" in found:
            wrong.append(f"{row['english']} is {row['status']} and has syntaxes that are done")
    assert not wrong, "\n".join(wrong)


def test_seeds_are_the_five_documents_and_each_feature_occurs_once() -> None:
    assert {row["seed"] for row in rows("seeds")} == {"000", "001", "002", "003", "004"}
    features = Counter((row["seed"], row["feature"]) for row in rows("seeds"))
    assert not [feature for feature, times in features.items() if times > 1]


def test_seeds_point_at_what_exists() -> None:
    status = {row["english"]: row["status"] for row in (*rows("functions"), *rows("constants"))}
    status |= {f"{row['owner']}.{row['english']}": row["status"] for row in rows("members")}
    wrong = []
    for row in rows("seeds"):
        if row["where"] and row["where"] not in status:
            wrong.append(f"{row['seed']} {row['feature']}: no row for {row['where']}")
        elif row["status"] == "done" and row["where"] and status[row["where"]] not in {"done", "partial"}:
            wrong.append(f"{row['seed']} {row['feature']}: done, and {row['where']} is {status[row['where']]}")
    assert not wrong, "\n".join(wrong)


def test_values_of_constants_are_numbers_that_their_family_needs_apart() -> None:
    known = [row for row in rows("constants") if row["value"]]
    assert not [row for row in known if not re.fullmatch(r"-?\d+", row["value"]) or not row["value_origin"]]
    missing = [row["english"] for row in rows("constants") if row["status"] in {"done", "partial"} and not row["value"]]
    assert not missing, f"constants.csv: what exists has a value: {missing}"
    twice = [key for key, times in Counter((row["family"], row["value"]) for row in known).items() if times > 1]
    assert not twice, f"constants.csv: two constants of one family have one value: {twice}"


def test_the_readme_explains_every_column_and_every_word() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    columns = {column for table in COLUMNS.values() for column in table.split()}
    words = {word for choice in WORDS.values() for word in choice if word and not word.isdigit()}
    missing = [term for term in sorted(columns | words) if f"`{term}`" not in text]
    assert not missing, f"compat_tables/README.md does not explain {missing}"


#: pages from which decisions depart on purpose: each departure stands in the note of a row
DEPARTURES = {
    "3032025": "asynchronous sending everywhere; misuse of a session is no exception",
    "3032022": "misuse of a session is no exception",
    "3032028": "the SMTP half of the POP3+SMTP form authenticates",
    "3032005": "headers are always encoded",
    "1000018765": "certificate tolerance in both modes",
    "1000018759": "OAuth for POP3",
    "3032006": "closing a name in several threads",
    "3034009": "the end of an error policy",
    "3032129": "the root of folder paths",
}


@pytest.mark.parametrize("page", DEPARTURES)
def test_deliberate_departures_are_noted(page: str) -> None:
    notes = [row["note"] for table in TABLES for row in rows(table)]
    assert any(f"overrides {page}: " in note for note in notes), f"no note says it: {DEPARTURES[page]}"
