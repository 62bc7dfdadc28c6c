"""Add and its kin, on Array, on members and on Python lists."""

from __future__ import annotations

import pytest

import wlemail
from wlemail import Add, Ajoute, Array, Email, emailAttach
from wlemail.companions import ArrayAdd, ArrayCount, ArrayDeleteAll


def test_add_gives_the_index_of_the_new_element() -> None:
    array = Array()
    assert Add(array, "a") == 1
    assert Ajoute(array, "b") == 2
    assert ArrayAdd(array) == 3
    assert list(array) == ["a", "b", ""]
    assert "element " + Add(array, "c") == "element 4"


def test_add_serves_python_lists() -> None:
    names: list[str] = []
    assert Add(names, "a") == 1
    assert Add(names) == 2
    assert names == ["a", ""]


def test_add_fills_the_members_of_a_message() -> None:
    message = Email()
    Add(message.Recipient, "a@x")
    Add(message.Recipient, "b@x")
    Ajoute(Email.Recipient, "c@x")
    assert list(message.Recipient) == ["a@x", "b@x"]
    assert Email.Recipient[1] == "c@x"


@pytest.mark.parametrize("several", [Array, list])
def test_a_variable_that_is_refilled_and_added_again_gives_different_elements(several: type) -> None:
    # What every ported loop over attachments does.
    attachments, attach = several(), emailAttach()
    for name in ("a.txt", "b.txt", "c.txt"):
        attach.Name = name
        Add(attachments, attach)
    assert [element.Name for element in attachments] == ["a.txt", "b.txt", "c.txt"]


def test_add_refuses_what_is_no_array() -> None:
    with pytest.raises(TypeError, match="Add takes an Array or a list, not str"):
        Add("abc", "d")


def test_counting_and_emptying() -> None:
    for several in (Array(["a", "b"]), ["a", "b"]):
        assert ArrayCount(several) == 2
        ArrayDeleteAll(several)
        assert ArrayCount(several) == 0


def test_the_array_functions_leave_a_standing_error_alone() -> None:
    wlemail.ErrorThrow(3, "standing")
    Add(Array(), "x")
    ArrayDeleteAll(Array())
    assert wlemail.ErrorInfo() == "standing"
