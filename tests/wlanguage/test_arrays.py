"""The WLanguage array, as scripts use it."""

from __future__ import annotations

import copy
import pickle

import pytest

from wlemail import Array, Email, emailAttach


def filled() -> Array[str]:
    return Array(["a", "b", "c"])


# -- indices ---------------------------------------------------------------------------------------------


def test_the_first_element_is_1() -> None:
    assert [filled()[1], filled()[3]] == ["a", "c"]


@pytest.mark.parametrize("index", [0, -1])
def test_index_0_and_negative_indices_are_refused(index: int) -> None:
    array = filled()
    with pytest.raises(IndexError, match=f"index {index}: the first element of an Array is 1"):
        array[index]
    with pytest.raises(IndexError, match="is 1"):
        array[index] = "x"
    assert list(array) == ["a", "b", "c"]


@pytest.mark.parametrize(("items", "held"), [(["a"], "it has 1"), ([], "it is empty")])
def test_reading_past_the_end_says_how_many_there_are(items: list[str], held: str) -> None:
    with pytest.raises(IndexError, match=rf"index 2 is past the end of the Array: {held} \(the first element is 1\)"):
        Array(items)[2]


def test_assigning_past_the_end_makes_it_grow() -> None:
    array = Array()
    array[3] = "c"
    assert list(array) == ["", "", "c"]


@pytest.mark.parametrize("index", ["2", 2.0])
def test_an_index_is_converted_as_WLanguage_converts(index: object) -> None:
    assert filled()[index] == "b"  # type: ignore[index]


@pytest.mark.parametrize("index", ["x", 1.5, [1], slice(1, 2)])
def test_what_is_no_integer_is_no_index(index: object) -> None:
    with pytest.raises(TypeError):
        filled()[index]  # type: ignore[index]


# -- verbs -----------------------------------------------------------------------------------------------


def test_verbs_of_the_language() -> None:
    array: Array[str] = Array()
    assert array.Add("b") == 1
    assert array.Insert(1, "a") == 1
    assert array.Insert(3, "c") == 3
    array.Delete(2)
    assert list(array) == ["a", "c"]
    assert array.Count == 2
    array.DeleteAll()
    assert array.Count == 0


def test_verbs_in_french_and_in_any_case() -> None:
    array: Array[str] = Array()
    array.Ajoute("b")
    array.Insère(1, "a")
    array.ajoute("c")  # type: ignore[attr-defined]
    array.INSERE(1, "0")  # type: ignore[attr-defined]
    array.Supprime(1)
    assert array.Occurrence == array.occurrence == array.COUNT == 3  # type: ignore[attr-defined]
    array.supprimetout()  # type: ignore[attr-defined]
    assert len(array) == 0


def test_an_element_without_value_is_empty() -> None:
    array: Array[str] = Array()
    array.Add()
    assert list(array) == [""]


@pytest.mark.parametrize("index", [0, 5])
def test_inserting_and_deleting_stay_inside(index: int) -> None:
    with pytest.raises(IndexError):
        filled().Insert(index, "x")
    with pytest.raises(IndexError):
        filled().Delete(index)


def test_an_unknown_verb_is_refused_with_a_suggestion() -> None:
    with pytest.raises(AttributeError, match="Array has no member 'Ajoutte'; did you mean 'Ajoute'"):
        filled().Ajoutte  # type: ignore[attr-defined]  # noqa: B018


def test_python_ways_to_walk() -> None:
    array = filled()
    assert [*array] == ["a", "b", "c"]
    assert list(reversed(array)) == ["c", "b", "a"]
    assert "b" in array
    assert len(array) == 3
    del array[1]
    assert list(array) == ["b", "c"]
    assert bool(array)
    assert not Array()


# -- one element -------------------------------------------------------------------------------------------


def test_one_element_reads_as_that_element() -> None:
    array = Array(["a@x"])
    assert array == "a@x"
    assert "a@x" == array  # noqa: SIM300
    assert "To: " + array == "To: a@x"
    assert array + ";b@x" == "a@x;b@x"
    assert str(array) == f"{array}" == "a@x"
    assert f"{array:>5}" == "  a@x"


def test_an_empty_array_reads_as_nothing() -> None:
    assert Array() == ""
    assert "To: " + Array() == "To: "
    assert str(Array()) == ""


def test_several_elements_do_not_read_as_one() -> None:
    assert filled() != "a"
    with pytest.raises(TypeError):
        "x" + filled()
    with pytest.raises(TypeError):
        filled() + "x"
    assert str(filled()) == "a; b; c"


def test_arrays_and_lists_compare_and_join() -> None:
    assert filled() == ["a", "b", "c"] == filled()
    assert filled() == Array(("a", "b", "c"))
    assert filled() != ["a"]
    joined = filled() + ["d"]  # noqa: RUF005
    assert isinstance(joined, Array)
    assert joined[4] == "d"
    assert ["0"] + filled() == ["0", "a", "b", "c"]  # noqa: RUF005
    assert Array(["a"]) + Array(["b"]) == ["a", "b"]


# -- value semantics -----------------------------------------------------------------------------------------


def test_a_variable_refilled_and_added_three_times_gives_three_elements() -> None:
    attachment = emailAttach()
    array: Array[emailAttach] = Array()
    for name in ("1.txt", "2.txt", "3.txt"):
        attachment.Name = name
        attachment.Content = name.encode()
        array.Add(attachment)
    assert [element.Name for element in array] == ["1.txt", "2.txt", "3.txt"]
    assert [element.Content for element in array] == [b"1.txt", b"2.txt", b"3.txt"]


def test_assigned_and_inserted_variables_are_copied_too() -> None:
    message = Email(Subject="before")
    array: Array[Email] = Array()
    array[1] = message
    array.Insert(1, message)
    message.Subject = "after"
    assert [element.Subject for element in array] == ["before", "before"]


def test_the_structure_is_stored_as_it_is_now() -> None:
    Email.Subject = "before"
    array: Array[Email] = Array()
    array.Add(Email)
    Email.Subject = "after"
    assert array[1].Subject == "before"
    assert isinstance(array[1], Email)


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, Array, lambda array: pickle.loads(pickle.dumps(array))])
def test_copies_are_independent(make: object) -> None:
    first = Array([emailAttach(Name="a")])
    second = make(first)  # type: ignore[operator]
    second[1].Name = "b"
    assert first[1].Name == "a"
