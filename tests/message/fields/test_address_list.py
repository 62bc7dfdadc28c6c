from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.message.effort import takes_little
from wlemail.message.fields.address_list import Recipient, read_addresses

ROWS = [
    # RFC 5322 A.1, A.5, A.6
    ("jdoe@machine.example", [("", "jdoe@machine.example")]),
    ("Mary Smith <mary@x.test>", [("Mary Smith", "mary@x.test")]),
    ('"Joe Q. Public" <john.q.public@example.com>', [("Joe Q. Public", "john.q.public@example.com")]),
    (
        "Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>, <boss@nil.test>, "
        '"Giant; \\"Big\\" Box" <s@e.net>',
        [
            ("Mary Smith", "mary@x.test"),
            ("", "jdoe@example.org"),
            ("Who?", "one@y.test"),
            ("", "boss@nil.test"),
            ('Giant; "Big" Box', "s@e.net"),
        ],
    ),
    ("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", [("Pete", "pete@silly.test")]),
    ("Joe Q. Public <john.q.public@example.com>", [("Joe Q. Public", "john.q.public@example.com")]),
    (
        "Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
        [("Mary Smith", "mary@example.net"), ("", "jdoe@test.example")],
    ),
    ("Undisclosed recipients:;", []),
    ("undisclosed-recipients:", []),
    # comments as names, as old programs write them
    ("ann@example.com (Ann (the first) Lee)", [("Ann (the first) Lee", "ann@example.com")]),
    # encoded words, also where RFC 2047 forbids them
    ("=?utf-8?q?J=C3=A9?= =?utf-8?q?r=C3=B4me?= <j@x.fr>", [("Jérôme", "j@x.fr")]),
    ('"=?utf-8?q?J=C3=A9?=" <j@x.fr>', [("Jé", "j@x.fr")]),
    ("=?utf-8?Q?Lee, Ann?= <a@x.fr>, b@x.fr", [("Lee, Ann", "a@x.fr"), ("", "b@x.fr")]),
    # what people and programs write instead
    ("Dupont, Jean <j@x.fr>, Martin, Luc <l@x.fr>", [("Dupont, Jean", "j@x.fr"), ("Martin, Luc", "l@x.fr")]),
    ("a@x.fr; b@x.fr", [("", "a@x.fr"), ("", "b@x.fr")]),
    ("root, ann@x.fr", [("", "root"), ("", "ann@x.fr")]),
    ("Ann <a@x.fr> Bob <b@x.fr>", [("Ann", "a@x.fr"), ("Bob", "b@x.fr")]),
    ("Ann a@x.fr", [("Ann", "a@x.fr")]),
    ("a@x.fr b@x.fr", [("", "a@x.fr"), ("", "b@x.fr")]),
    ("Ann [mailto:a@x.fr]", [("Ann", "a@x.fr")]),
    ("Ann <[mailto:a@x.fr]>", [("Ann", "a@x.fr")]),
    ("=?utf-8?q?J=C3=A9_=3Ca=40x=2Efr=3E?=", [("Jé", "a@x.fr")]),
    ("=?utf-8?q?J=C3=A9_<a@x.fr>?=, Bob <b@x.fr>", [("Jé", "a@x.fr"), ("Bob", "b@x.fr")]),
    ("=?utf-8?q?a=40x=2Efr=2C_b=40x=2Efr?=", [("", "a@x.fr"), ("", "b@x.fr")]),
    ("Ann <=?utf-8?q?a=40x=2Efr?=>", [("Ann", "a@x.fr")]),
    ('"unclosed <a@x.fr>, b@x.fr', [("unclosed", "a@x.fr"), ("", "b@x.fr")]),
    ("<a@x.fr", [("", "a@x.fr")]),
    ("Ann <<a@x.fr>>", [("Ann", "a@x.fr")]),
    ('Ann <"Lee" <a@x.fr>>, b@x.fr', [("Ann Lee", "a@x.fr"), ("", "b@x.fr")]),
    ("Ann <", [("Ann", "")]),
    ("mailto:a@x.fr", [("", "a@x.fr")]),
    ("Jo:hn <a@x.fr>", [("Jo:hn", "a@x.fr")]),
    ("Ann (unclosed <a@x.fr>", [("Ann (unclosed", "a@x.fr")]),
    ("Ann: 1.0 (Lee a@x.fr", [("Ann: 1.0 (Lee", "a@x.fr")]),
    ("Ann: 1.0 (Lee@x.fr", [("Ann: 1.0", "(Lee@x.fr")]),
    ("<a(@x.fr>", [("", "a(@x.fr")]),
    ("(a@x.fr\\) b c", [("(a@x.fr\\) b c", "")]),
    ("<a@x.fr> Ann", [("Ann", "a@x.fr")]),
    ('"a@x.fr"', [("", "a@x.fr")]),
    ('"Ann <a@x.fr>", b@x.fr', [("Ann", "a@x.fr"), ("", "b@x.fr")]),
    ('Ann "a@x.fr"', [("Ann", "a@x.fr")]),
    ('"a@b"@x.fr', [("", '"a@b"@x.fr')]),
    ("Ann (a@x.fr)", [("Ann", "a@x.fr")]),
    ("\xa0a@x.fr\xa0, <\u200bb@x.fr>", [("", "a@x.fr"), ("", "b@x.fr")]),
    ("Ann <a@x.fr> at work, b@x.fr", [("Ann", "a@x.fr"), ("", "b@x.fr")]),
    ('"john q"@x.org', [("", '"john q"@x.org')]),
    ('<"a>b"@x.org>', [("", '"a>b"@x.org')]),
    ("Somebody", [("", "Somebody")]),
    ("Some Body", [("Some Body", "")]),
    ("Élodie", [("Élodie", "")]),
    ("Ann <>", [("Ann", "")]),
    ("<>", []),
    ("", []),
    (" , ;, ", []),
    ("用户@例子.广告", [("", "用户@例子.广告")]),
]


@pytest.mark.parametrize(("field", "expected"), ROWS)
def test_addresses(field: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.display, one.address) for one in read_addresses(field) if one != ("", "", "")] == expected


@pytest.mark.parametrize(("field", "expected"), [row for row in ROWS if row[1] and row[1][-1][1]])
def test_another_address_behind_changes_nothing(field: str, expected: list[tuple[str, str]]) -> None:
    found = [(one.display, one.address) for one in read_addresses(f"z@z.test, {field}")]
    assert found == [("", "z@z.test"), *expected]


def test_groups() -> None:
    found = read_addresses('A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>; "x y": d@b.test; e@b.test')
    assert [(one.address, one.group) for one in found] == [
        ("c@a.test", "A Group"),
        ("joe@where.test", "A Group"),
        ("jdoe@one.test", "A Group"),
        ("d@b.test", "x y"),
        ("e@b.test", ""),
    ]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("Team: Ann <a@b.test>, c@d.test", [("Ann", "a@b.test", "Team"), ("", "c@d.test", "Team")]),
        ("x@y.test, Team: a@b.test", [("", "x@y.test", ""), ("", "a@b.test", "Team")]),
        ("Team: a@b.test, Lee <c@d.test>", [("", "a@b.test", "Team"), ("Lee", "c@d.test", "Team")]),
        ("Sales: Ann <a@b.test>", [("Sales: Ann", "a@b.test", "")]),
    ],
)
def test_a_group_whose_end_is_missing(field: str, expected: list[tuple[str, str, str]]) -> None:
    assert [tuple(one) for one in read_addresses(field)] == expected


@pytest.mark.parametrize(
    ("recipient", "text"),
    [
        (Recipient("", "a@x.fr"), "a@x.fr"),
        (Recipient("Ann Lee", "a@x.fr"), "Ann Lee <a@x.fr>"),
        (Recipient("Élodie", "a@x.fr"), "Élodie <a@x.fr>"),
        (Recipient("Lee, Ann", "a@x.fr"), '"Lee, Ann" <a@x.fr>'),
        (Recipient('The "A" \\ Team', "a@x.fr"), '"The \\"A\\" \\\\ Team" <a@x.fr>'),
        (Recipient("b@y.fr", "a@x.fr"), '"b@y.fr" <a@x.fr>'),
        (Recipient("Ann", ""), "Ann"),
    ],
)
def test_as_text(recipient: Recipient, text: str) -> None:
    assert str(recipient) == text


names = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=20).filter(
    lambda name: "=?" not in name
)


@given(st.lists(names, min_size=1, max_size=4))
def test_what_is_shown_is_read_again(displays: list[str]) -> None:
    shown = [Recipient(display, f"a{number}@x.test") for number, display in enumerate(displays)]
    assert read_addresses(", ".join(map(str, shown))) == shown


@given(st.text(st.sampled_from('ab @.,;:<>()[]"\\=?qQ é\t\r\n'), max_size=60))
def test_anything_is_read(field: str) -> None:
    for recipient in read_addresses(field):
        assert isinstance(str(recipient), str)


@pytest.mark.parametrize(
    "unit",
    [
        '"\\',
        "(",
        "<",
        "=?a?q?",
        "a@b,",
        "(a)",
        "<a,",
        '"a" ',
        "[",
        ": ",
        "a b, ",
        '\\"',
        '<"',
        "@ ",
        " .",
        '"',
        '<<"',
        "a:",
    ],
)
def test_trap_fields_that_take_the_square_of_the_time(unit: str) -> None:
    takes_little(lambda: read_addresses(unit * (100_000 // len(unit))))
