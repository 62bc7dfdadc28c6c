from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.message.effort import takes_little
from wlemail.message.fields.parameter_list import read_parameters
from wlemail.message.fields.parameters import parameter, with_parameters

ROWS = [
    ("text/plain", "text/plain", {}),
    ("TEXT/Plain; Charset=UTF-8", "text/plain", {"charset": "UTF-8"}),
    ('text/plain; charset="utf-8"', "text/plain", {"charset": "utf-8"}),
    ('text/plain ; charset = "utf-8" ;format=flowed', "text/plain", {"charset": "utf-8", "format": "flowed"}),
    ('a/b; x="a\\"b\\\\c"', "a/b", {"x": 'a"b\\c'}),
    ("text/plain; charset=us-ascii (Plain text)", "text/plain", {"charset": "us-ascii"}),
    ("text/plain (comment); charset=us-ascii", "text/plain", {"charset": "us-ascii"}),
    ("", "", {}),
    # RFC 2231
    ("a/b; name*=utf-8''%e2%82%ac%20rates", "a/b", {"name": "€ rates"}),
    ("a/b; name*=iso-8859-1'fr'%e9t%e9", "a/b", {"name": "été"}),
    ("a/b; n*0*=us-ascii'en'This%20is%20; n*1=\"fun\"; n*2*=%21", "a/b", {"n": "This is fun!"}),
    ("a/b; n*1=b; n*0=a", "a/b", {"n": "ab"}),
    ("a/b; n*0*=utf-8''%C3; n*1*=%A9", "a/b", {"n": "é"}),
    ("a/b; name=plain; name*=utf-8''best", "a/b", {"name": "best"}),
    ("a/b; n*=\"utf-8''%C3%A9\"", "a/b", {"n": "é"}),
    ('a/b; n*0="utf-8\'\'%E2%82"; n*1="%AC"', "a/b", {"n": "€"}),
    ("a/b; n*=no%20charset", "a/b", {"n": "no charset"}),
    ("a/b; filename=utf-8''%E2%82%AC.txt", "a/b", {"filename": "€.txt"}),
    ("a/b; filename=\"iso-8859-1'fr'%e9t%e9\"", "a/b", {"filename": "été"}),
    ("a/b; filename=it's a 'name' at 100%.txt", "a/b", {"filename": "it's a 'name' at 100%.txt"}),
    # what programs write instead
    ("text/plain charset=utf-8", "text/plain", {"charset": "utf-8"}),
    ("text/html charset=utf-8; x=y", "text/html", {"charset": "utf-8", "x": "y"}),
    ("a/b; charset=utf-8 boundary=foo bar", "a/b", {"charset": "utf-8", "boundary": "foo bar"}),
    ('a/b; name="x" filename="y"', "a/b", {"name": "x", "filename": "y"}),
    ("a/b; name=my file (1).pdf; x=1", "a/b", {"name": "my file (1).pdf", "x": "1"}),
    ('a/b; name="the "new" plan.txt"; x=1', "a/b", {"name": 'the "new" plan.txt', "x": "1"}),
    ('a/b; name="c:\\temp\\new.doc"', "a/b", {"name": "c:\\temp\\new.doc"}),
    ('a/b; name="unclosed; x=y', "a/b", {"name": "unclosed", "x": "y"}),
    ('a/b; name="=?utf-8?q?J=C3=A9?= =?utf-8?q?r?="', "a/b", {"name": "Jér"}),
    ("a/b; name==?utf-8?q?J=C3=A9.txt?=", "a/b", {"name": "Jé.txt"}),
    ("text/plain;;; charset=x;", "text/plain", {"charset": "x"}),
    ("text/html;iso-8859-1", "text/html", {}),
    ("text/plain>", "text/plain", {}),
    ("attachment; filename=a; filename=b", "attachment", {"filename": "a"}),
]


@pytest.mark.parametrize(("field", "value", "parameters"), ROWS)
def test_parameters(field: str, value: str, parameters: dict[str, str]) -> None:
    assert read_parameters(field) == (value, parameters)


@pytest.mark.parametrize(("field", "value", "parameters"), [row for row in ROWS if row[1] and "unclosed" not in row[0]])
def test_another_parameter_behind_changes_nothing(field: str, value: str, parameters: dict[str, str]) -> None:
    assert read_parameters(f"{field}; zz=1") == (value, {**parameters, "zz": "1"})


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), min_size=1, max_size=150))
def test_what_is_written_is_read(value: str) -> None:
    field = with_parameters("X", "attachment", parameter("filename", value)).removeprefix("X: ")
    assert read_parameters(field.replace("\r\n", "")) == ("attachment", {"filename": value})


@given(st.text(st.sampled_from("ab/;= *'%\"\\01?qQ é\t()"), max_size=60))
def test_anything_is_read(field: str) -> None:
    value, parameters = read_parameters(field)
    assert isinstance(value, str)
    assert all(isinstance(one, str) for one in parameters.values())


@pytest.mark.parametrize(
    "unit", [" ;a=", "; \"'", 'a="', ";a*=%41", '"', '\\"', "= ", "a b=c ", "(a)", ";x=a b", 'x=" y']
)
def test_trap_fields_that_take_the_square_of_the_time(unit: str) -> None:
    for before in ("", "x;y=", 'x;y="'):
        field = before + unit * (200_000 // len(unit))
        takes_little(lambda: read_parameters(field))  # noqa: B023 - called at once
