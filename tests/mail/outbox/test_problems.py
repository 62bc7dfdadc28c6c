"""Exceptions that are kept as text and come back in another process."""

from __future__ import annotations

import pytest

from wlemail.errors import (
    AuthenticationFailed,
    CertificateRejected,
    ConnectionLost,
    MailError,
    MessageExpired,
    MessageTooLarge,
    RecipientsRefused,
    SenderRefused,
    ServerReply,
    TimedOut,
)
from wlemail.mail.outbox.problems import read_problem, write_problem

REPLY = ServerReply(451, "später", "4.7.1")


class Private(ConnectionLost):
    """A class that only some module knows."""


@pytest.mark.parametrize(
    "problem",
    [
        MailError("plain"),
        SenderRefused("a@b", REPLY),
        AuthenticationFailed("no", REPLY, "PLAIN"),
        TimedOut("reply", 30.0, host="h", port=25),
        CertificateRejected("host", "mismatch", host="h", port=465),
        MessageTooLarge(5, 4, REPLY),
        MessageExpired(24.0, 7, SenderRefused("a@b", REPLY)),
    ],
    ids=lambda problem: type(problem).__name__,
)
def test_a_problem_comes_back_as_it_was(problem: MailError) -> None:
    again = read_problem(write_problem(problem))
    assert type(again) is type(problem)
    assert str(again) == str(problem)
    assert (again.reply, again.temporary) == (problem.reply, problem.temporary)
    for name, value in vars(problem).items():
        if not isinstance(value, MailError):
            assert getattr(again, name) == value


def test_what_a_given_up_message_met_last_comes_back_with_it() -> None:
    again = read_problem(write_problem(MessageExpired(24.0, 7, SenderRefused("a@b", REPLY))))
    assert isinstance(again, MessageExpired)
    assert isinstance(again.last, SenderRefused)
    assert again.last.reply == REPLY


def test_a_refusal_of_a_thousand_recipients_stays_small() -> None:
    problem = RecipientsRefused({f"user{n}@example.com": REPLY for n in range(1000)})
    text = write_problem(problem)
    assert len(text) < 6000
    again = read_problem(text)
    assert isinstance(again, RecipientsRefused)
    assert again.replies == {}


def test_a_class_of_some_module_comes_back_as_the_nearest_known() -> None:
    assert type(read_problem(write_problem(Private("gone")))) is ConnectionLost


@pytest.mark.parametrize("name", ["ServerReply", "TYPE_CHECKING", "annotations", "__name__", "OfTheFuture"])
def test_a_row_can_name_nothing_but_an_error(name: str) -> None:
    again = read_problem(f'["{name}", "text", {{}}]')
    assert type(again) is MailError
    assert str(again) == "text"


def test_nothing_was_no_problem() -> None:
    assert read_problem(None) is None
    assert read_problem("") is None
