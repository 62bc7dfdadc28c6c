"""Constants are plain ints that the two languages share; those that are added up do not disturb each other."""

from __future__ import annotations

import itertools

import pytest

import wlemail
from wlemail.wlanguage import constants

NAMES = [name for name in vars(constants) if name.startswith(("email", "option"))]


@pytest.mark.parametrize("name", NAMES)
def test_a_constant_is_a_plain_int_and_exported(name: str) -> None:
    assert type(getattr(constants, name)) is int
    assert name in wlemail.__all__


def test_the_value_seen_in_compiled_programs() -> None:
    assert wlemail.emailOptionSecuredTLS == wlemail.emailProtocolSMTPS == wlemail.emailOptionSécuriséTLS == 2


def test_old_and_new_names_are_the_same() -> None:
    assert wlemail.optionSSL == wlemail.optionTLS


def test_modes_are_false_and_true() -> None:
    assert wlemail.emailSynchronous == False  # noqa: E712
    assert wlemail.emailAsynchronous == True  # noqa: E712


@pytest.mark.parametrize("prefix", ["emailSessionIgnore", "emailOption"])
def test_what_is_added_up_has_bits_of_its_own(prefix: str) -> None:
    values = {value for name in NAMES if name.startswith(prefix) and (value := getattr(constants, name))}
    assert all(one & other == 0 for one, other in itertools.combinations(values, 2))
