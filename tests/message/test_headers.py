from __future__ import annotations

from email.header import decode_header, make_header
from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.message.reading import field_names, read
from wlemail.errors import ControlCharacter, InvalidValue
from wlemail.message.fields.address import Group, Mailbox
from wlemail.message.fields.controls import one_line
from wlemail.message.headers import address_list, check_field_name, phrase_list, structured, unstructured

values = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=200)
wordy = st.text(st.sampled_from("ab  é=?_\t"), min_size=1, max_size=200)


def check(field: str, longest: int = 76) -> str:
    assert field.endswith("\r\n")
    assert field.isascii()
    lines = field[:-2].split("\r\n")
    assert max(map(len, lines)) <= longest
    assert all(line[0] == " " and line.strip() for line in lines[1:])
    assert len(field[:-2].replace("\r\n", "").splitlines()) == 1
    return field


@given(st.one_of(values, wordy))
def test_free_text_comes_back(value: str) -> None:
    value = one_line(value, "Subject")
    field = check(unstructured("Subject", value))
    assert read(field.encode() + b"\r\n")["Subject"] == value


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ("Hello", "Subject: Hello\r\n"),
        ("a  b", "Subject: a  b\r\n"),
        ("", "Subject: \r\n"),
        (" a", "Subject: =?utf-8?q?_a?=\r\n"),
        ("a\tb", "Subject: =?utf-8?b?YQli?=\r\n"),
        ("=?utf-8?q?a?=", "Subject: =?utf-8?b?PT91dGYtOD9xP2E/PQ==?=\r\n"),
        ("word " * 20 + "end", "Subject: " + "word " * 12 + "word\r\n " + "word " * 7 + "end\r\n"),
    ],
)
def test_how_free_text_is_written(value: str, field: str) -> None:
    assert unstructured("Subject", value) == field


def test_a_word_too_long_for_a_line_is_encoded() -> None:
    field = check(unstructured("Subject", "x" * 3000))
    assert read(field.encode() + b"\r\n")["Subject"] == "x" * 3000


def test_long_field_names() -> None:
    name = "X-" + "n" * 74
    field = unstructured(name, "é" * 100)
    assert max(map(len, field.split("\r\n"))) <= 78
    assert read(field.encode() + b"\r\n")[name].strip() == "é" * 100


def test_fields_for_programs_are_not_encoded_while_a_line_holds_their_words() -> None:
    link = "<https://example.com/" + "x" * 200 + "?=?a>"
    assert structured("List-Unsubscribe", f"{link}, <mailto:u@example.com>") == (
        f"List-Unsubscribe: {link},\r\n <mailto:u@example.com>\r\n"
    )
    assert "=?utf-8?" in check(structured("List-Id", "été <list.example.com>"))
    assert "=?utf-8?" in check(structured("List-Id", "=?utf-8?q?=0D=0ABcc:_x?="))
    assert "=?utf-8?" in check(structured("List-Id", "x" * 1200))


@given(st.lists(st.one_of(values, wordy), min_size=1, max_size=4))
def test_keywords_come_back(words: list[str]) -> None:
    words = [flat for word in words if (flat := " ".join(one_line(word, "Keywords").split()).replace(",", ""))]
    if words:
        field = check(phrase_list("Keywords", words))
        assert field_names(field.encode() + b"\r\n") == ["Keywords"]


def test_encoded_words_in_phrases_stand_alone() -> None:
    assert phrase_list("Keywords", ["été", "a b", "c.d"]) == 'Keywords: =?utf-8?b?w6l0w6k=?= , a b, "c.d"\r\n'
    assert address_list("To", [Group("Équipe", ())]) == "To: =?utf-8?q?=C3=89quipe?= : ;\r\n".replace(": ;", ":;")


@given(st.lists(st.one_of(values, wordy), min_size=1, max_size=5))
def test_display_names_come_back(names: list[str]) -> None:
    names = [name for given in names if (name := " ".join(one_line(given, "Recipient").split()))]
    if not names:
        return
    mailboxes = [Mailbox(name, "ann", "example.com") for name in names]
    field = check(address_list("To", mailboxes))
    # The policy "default" puts a space between two encoded words of one name (CPython 3.11); the older way does not.
    found = getaddresses([field.partition(":")[2].replace("\r\n", "")])
    assert [address for _, address in found] == ["ann@example.com"] * len(names)
    assert [str(make_header(decode_header(name))) for name, _ in found] == names


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Ann Lee", "Ann Lee"),
        ("Ann  Lee", '"Ann  Lee"'),
        ("Lee, Ann", '"Lee, Ann"'),
        ('Ann "A" Lee', '"Ann \\"A\\" Lee"'),
        ("Ann <x>", '"Ann <x>"'),
        ("a@example.com", '"a@example.com"'),
        ("=?utf-8?q?x?=", "=?utf-8?b?PT91dGYtOD9xP3g/PQ==?="),
    ],
)
def test_how_a_display_name_is_written(name: str, written: str) -> None:
    assert address_list("To", [Mailbox(name, "a", "b.example")]) == f"To: {written} <a@b.example>\r\n"


def test_long_lists_are_folded_between_addresses() -> None:
    mailboxes = [Mailbox(f"Person {n}", f"person{n}", "example.com") for n in range(300)]
    field = check(address_list("To", mailboxes))
    assert len(read(field.encode() + b"\r\n")["To"].addresses) == 300


@pytest.mark.parametrize("name", ["X Y", "X:", "", "é", "X" * 77])
def test_names_that_are_no_field_names(name: str) -> None:
    with pytest.raises(InvalidValue, match="Header"):
        check_field_name(name, "Header")


@pytest.mark.parametrize("name", ["X\r\nBcc", "X\n", "X\0", "X\u2028", "X\t"])
def test_control_characters_in_field_names(name: str) -> None:
    with pytest.raises(ControlCharacter):
        check_field_name(name, "Header")


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("a\r\nb", "a b"),
        ("a\r\n\r\n\x0b\u2028b", "a b"),
        ("a\n", "a"),
        ("\x85a", "a"),
        (" a ", " a "),
        ("a\tb", "a\tb"),
    ],
)
def test_line_ends_in_values_become_a_space(value: str, line: str) -> None:
    assert one_line(value, "Subject") == line


def test_nul_is_refused_everywhere() -> None:
    with pytest.raises(ControlCharacter, match="Subject"):
        one_line("a\0b", "Subject")
