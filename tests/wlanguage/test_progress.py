"""EmailProgressBar: who is told, how often, and that nothing of it disturbs the transfer."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from wlemail import (
    Email,
    EmailJauge,
    EmailProgressBar,
    EmailSendMessage,
    ErrorInfo,
    ErrorOccurred,
    emailAttach,
)
from wlemail.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("face")

STEPS: list[tuple[int, int]] = []


@pytest.fixture(autouse=True)
def _no_bar() -> Iterator[None]:
    STEPS.clear()
    yield
    EmailProgressBar("")


def Advance(Total: int, Done: int) -> None:
    STEPS.append((Total, Done))


def send(size: int = 1_000_000) -> bool:
    message = Email(Sender="me@example.com", Recipient="you@example.org", Subject="s", Message="m")
    message.Attach.Add(emailAttach(Name="a.bin", Content=b"x" * size))
    return EmailSendMessage("me", message)


def test_the_procedure_is_told_how_far_it_has_come(box: Sandbox) -> None:
    EmailProgressBar(Advance)
    assert send(), ErrorInfo()
    total = box.wait_for(1)[0].size
    assert {step[0] for step in STEPS} == {total}
    done = [step[1] for step in STEPS]
    assert done == sorted(set(done))
    assert done[-1] == total
    assert len(done) > 5


def test_each_message_begins_anew(box: Sandbox) -> None:
    EmailProgressBar(Advance, 1)
    assert send(0)
    assert send(0)
    assert [done == total for total, done in STEPS].count(True) == 2


def test_the_frequency_is_the_least_between_two_calls(box: Sandbox) -> None:
    EmailProgressBar(Advance, 400_000)
    assert send()
    done = [step[1] for step in STEPS]
    assert 2 <= len(done) <= 5
    assert all(later - earlier >= 400_000 for earlier, later in pairwise(done[:-1]))


def test_a_name_of_the_calling_script_is_taken_too(box: Sandbox) -> None:
    EmailJauge("Advance")
    assert send()
    assert STEPS


def test_an_empty_name_ends_it(box: Sandbox) -> None:
    EmailProgressBar(Advance)
    EmailProgressBar("")
    assert send()
    assert STEPS == []


def test_what_is_no_procedure_changes_nothing(box: Sandbox) -> None:
    EmailProgressBar(Advance)
    for wrong in ("NoSuchProcedure", 17):
        EmailProgressBar(wrong)  # type: ignore[arg-type]
        assert ErrorOccurred
        assert "Procedure" in ErrorInfo()
    EmailProgressBar(Advance, -1)
    assert "Frequency" in ErrorInfo()
    assert send()
    assert STEPS


def test_it_leaves_a_standing_error_alone() -> None:
    assert EmailSendMessage("nobody") is False
    EmailProgressBar(Advance)
    assert ErrorOccurred
    assert "nobody" in ErrorInfo()


def test_a_procedure_that_uses_its_own_session_is_told_so(box: Sandbox) -> None:
    found: list[tuple[bool, str]] = []

    def use(total: int, done: int) -> None:
        if not found:
            found.append((EmailSendMessage("me", Email(Sender="a@b.fr", Recipient="c@d.fr")), ErrorInfo()))

    EmailProgressBar(use)
    assert send() is True
    assert not ErrorOccurred
    [(result, reason)] = found
    assert result is False
    assert "in the middle of a transfer" in reason
    assert len(box.wait_for(1)) == 1


def test_an_exception_of_the_procedure_travels_on_and_the_session_lives(box: Sandbox) -> None:
    def stop(total: int, done: int) -> None:
        raise KeyboardInterrupt

    EmailProgressBar(stop)
    with pytest.raises(KeyboardInterrupt):
        send()
    EmailProgressBar("")
    assert send() is True, ErrorInfo()
    assert len(box.wait_for(1)) == 1
