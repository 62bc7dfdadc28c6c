"""The boundary: exceptions become this thread's error and the documented failure value."""

from __future__ import annotations

import gc
import inspect
import pydoc
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from wlemail import Array, ErrorInfo, ErrorOccurred, WLanguageError, errCode
from wlemail.errors import ConnectionRefused, MailError, SessionUnknown
from wlemail.wlanguage.boundary import wl_function

from .failing import EmailClears, EmailWorks, at_rest, failing, trouble  # noqa: F401

pytestmark = pytest.mark.usefixtures("at_rest")


@pytest.mark.parametrize("value", [False, 0, -1, "", None])
def test_a_failure_returns_the_documented_value(value: object) -> None:
    assert failing(trouble(), on_error=value)() is value
    assert ErrorOccurred
    assert ErrorInfo() == "trouble"


def test_a_failure_makes_a_fresh_array_each_time() -> None:
    fails = failing(trouble(), on_error=Array)
    first, second = fails(), fails()
    first.Add("x")
    assert first == ["x"]
    assert second == []


def test_success_clears_the_error() -> None:
    failing(trouble())()
    assert EmailWorks() is True
    assert not ErrorOccurred
    assert ErrorInfo() == ""
    assert ErrorInfo(errCode) == 0


def test_a_procedure_leaves_a_standing_error_alone() -> None:
    failing(trouble())()
    EmailClears()
    assert ErrorOccurred
    assert ErrorInfo() == "trouble"


def test_a_procedure_that_fails_sets_the_error() -> None:
    @wl_function(on_error=None, error_state="keeps")
    def EmailProcedure() -> None:
        raise trouble("in a procedure")

    assert EmailProcedure() is None
    assert ErrorOccurred
    assert ErrorInfo() == "in a procedure"


@pytest.mark.parametrize("bug", [ValueError("x"), KeyboardInterrupt(), SystemExit(3), OSError("x"), AssertionError()])
def test_what_is_no_mail_error_travels_on_and_changes_nothing(bug: BaseException) -> None:
    @wl_function(on_error=False)
    def EmailBug() -> bool:
        raise bug

    failing(trouble("before"))()
    with pytest.raises(type(bug)):
        EmailBug()
    assert ErrorInfo() == "before"


def test_wrong_arguments_are_pythons_business() -> None:
    @wl_function(on_error=False)
    def EmailTakes(Session: str) -> bool:
        return bool(Session)

    with pytest.raises(TypeError, match=r"EmailTakes\(\) missing 1 required positional argument: 'Session'"):
        EmailTakes()  # type: ignore[call-arg]


# -- what a reader of the code sees ----------------------------------------------------------------------


@wl_function(on_error=False)
def EmailShown(Session: str, Port: int = 25, *, Quick: bool = False) -> bool:
    """Shows a signature."""
    return bool(Session)


def test_name_documentation_and_signature_are_those_of_the_function() -> None:
    assert str(inspect.signature(EmailShown)).replace("'", "") == (
        "(Session: str, Port: int = 25, *, Quick: bool = False) -> bool"
    )
    assert EmailShown.__name__ == EmailShown.__qualname__ == "EmailShown"
    assert EmailShown.__module__ == __name__
    assert inspect.getdoc(EmailShown) == "Shows a signature."
    assert inspect.unwrap(EmailShown) is not EmailShown
    help_text = pydoc.plain(pydoc.render_doc(EmailShown)).replace("'", "")
    assert "EmailShown(Session: str, Port: int = 25, *, Quick: bool = False) -> bool" in help_text


def test_a_function_of_the_face_is_a_method_when_it_stands_in_a_class() -> None:
    class Session:
        Shown = EmailShown

    assert Session().Shown() is True


# -- callbacks ---------------------------------------------------------------------------------------------


def outer(callback: Callable[[], object], then: Callable[[], object] = lambda: None) -> bool:
    """A transfer that calls a progress procedure in the middle, and ends as `then` says."""

    @wl_function(on_error=False)
    def EmailTransfer() -> bool:
        callback()
        then()
        return True

    return EmailTransfer()


def test_a_failing_call_inside_a_callback_does_not_disturb_the_outer_call() -> None:
    seen: list[tuple[bool, str]] = []

    def progress() -> None:
        failing(trouble("inner"))()
        seen.append((bool(ErrorOccurred), ErrorInfo()))

    assert outer(progress) is True
    assert seen == [(True, "inner")]
    assert not ErrorOccurred


def test_a_successful_call_inside_a_callback_does_not_hide_the_outer_failure() -> None:
    assert outer(EmailWorks, failing_raise) is False
    assert ErrorInfo() == "outer"


def failing_raise() -> None:
    raise trouble("outer")


def test_an_exception_of_the_callback_itself_reaches_its_program() -> None:
    def progress() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        outer(progress)


# -- threads -------------------------------------------------------------------------------------------------


def in_thread(work: Callable[[], Any]) -> Any:
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()
    thread.join()
    return results[0]


def test_the_error_of_one_thread_is_not_that_of_another() -> None:
    failing(trouble("here"))()

    def elsewhere() -> tuple[bool, str, str]:
        before = bool(ErrorOccurred)
        failing(trouble("there"))()
        return before, ErrorInfo(), repr(ErrorOccurred)

    assert in_thread(elsewhere) == (False, "there", "True")
    assert ErrorInfo() == "here"


def test_many_threads_keep_their_errors_apart() -> None:
    ready = threading.Barrier(8)
    wrong: list[str] = []

    def work(name: str) -> None:
        ready.wait(10)
        for number in range(50):
            failing(trouble(f"{name} {number}"))()
            if ErrorInfo() != f"{name} {number}":
                wrong.append(ErrorInfo())

    threads = [threading.Thread(target=work, args=(f"thread {number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# -- what a record keeps ----------------------------------------------------------------------------------------


class Message:
    """Something large that a failing function held in a local variable."""


def test_an_error_does_not_keep_the_locals_of_the_failed_call_alive() -> None:
    held: list[weakref.ref[Message]] = []

    @wl_function(on_error=False)
    def EmailHolds() -> bool:
        message = Message()
        held.append(weakref.ref(message))
        try:
            raise OSError(111, "refused")
        except OSError as problem:
            raise ConnectionRefused("refused", host="h", port=25) from problem

    EmailHolds()
    gc.collect()
    assert held[0]() is None
    assert ErrorOccurred


def test_an_exception_that_is_raised_twice_is_told_twice() -> None:
    fails = failing(SessionUnknown("bob"))
    assert (fails(), fails()) == (False, False)
    assert "bob" in ErrorInfo()


def test_a_successful_call_costs_little() -> None:
    # The aim is a microsecond; the limit leaves room for a machine that does ten other things.
    def seconds_for(call: Callable[[], object]) -> float:
        start = time.perf_counter()
        for _ in range(2000):
            call()
        return (time.perf_counter() - start) / 2000

    assert min(seconds_for(EmailWorks) for _ in range(5)) < 10e-6


# -- the interactive prompt ---------------------------------------------------------------------------------------


def test_at_the_prompt_a_failing_call_explains_itself_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    assert failing(SessionUnknown("bob", ["alice"]))() is False
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert shown.err.startswith('EmailFails: No session named "bob" is open.')


def test_a_script_prints_nothing_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    failing(trouble())()
    assert capsys.readouterr() == ("", "")


def test_the_line_at_the_prompt_can_be_switched_off(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from wlemail import EmailErrorPrompt

    monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    EmailErrorPrompt(False)
    failing(trouble())()
    assert capsys.readouterr().err == ""
    EmailErrorPrompt()
    failing(trouble())()
    assert capsys.readouterr().err == "EmailFails: trouble\n"


def test_at_the_prompt_case_error_raises_and_prints_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from wlemail import CaseError

    monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    with pytest.raises(WLanguageError), CaseError():
        failing(trouble())()
    assert capsys.readouterr().err == ""


def test_a_real_prompt() -> None:
    session = subprocess.run(
        [sys.executable, "-i", "-q"],
        input="from wlemail import *\n_ = EmailErrorLanguage('en')\nErrorThrow(12, 'no stock left')\nErrorInfo()\n",
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    assert session.stdout.splitlines() == ["False", "'no stock left'"]
    assert "ErrorThrow: no stock left" in session.stderr


def test_the_tree_of_mail_errors_is_all_that_the_boundary_catches() -> None:
    assert issubclass(SessionUnknown, MailError)
    assert not issubclass(WLanguageError, MailError)
