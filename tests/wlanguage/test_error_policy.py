"""CaseError, ErrorChangeParameter, ErrorThrow, ErrorPropagate, ExceptionThrow: choosing and raising errors."""

from __future__ import annotations

import inspect
import pickle
import threading
from collections.abc import Callable
from typing import Any

import pytest

import wlemail
from wlemail import (
    CaseError,
    CasErreur,
    ErrorChangeParameter,
    ErrorInfo,
    ErrorOccurred,
    ErrorPropagate,
    ErrorRestoreParameter,
    ErrorThrow,
    ExceptionInfo,
    ExceptionThrow,
    FatalOnly,
    WLanguageError,
    epCode,
    epDisplayMessage,
    epDisplayMessageEndProcess,
    epDisplayMessageEndProgram,
    epExecuteProcedure,
    epGotoCaseError,
    epResult,
    epResultError,
    epReturn,
    epReturnError,
    errCode,
    errFullDetails,
    opCancel,
    opEndProcess,
    opEndProgram,
    opRetry,
)
from wlemail.errors import MailError
from wlemail.wlanguage.boundary import wl_function

from .failing import FATAL, EmailWorks, at_rest, failing, trouble  # noqa: F401

pytestmark = pytest.mark.usefixtures("at_rest")

EmailFails = failing(trouble())
EmailMisused = failing(FATAL)


# -- CaseError ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", [CaseError, CaseError(), CasErreur()])
def test_failures_raise_inside_and_not_outside(block: Any) -> None:
    assert EmailFails() is False
    with block:
        assert EmailWorks() is True
    with pytest.raises(WLanguageError, match="trouble"), block:
        EmailFails()
    assert ErrorOccurred
    assert ErrorInfo() == "trouble"
    assert EmailFails() is False


def test_callees_are_included() -> None:
    def send() -> bool:
        return EmailFails()

    with pytest.raises(WLanguageError), CaseError():
        send()


@pytest.mark.parametrize("decorate", [CaseError, CaseError(), CaseError(epGotoCaseError)])
def test_a_decorated_procedure_raises(decorate: Callable[..., Any]) -> None:
    @decorate
    def send(name: str, *, times: int = 1) -> str:
        """Sends."""
        EmailFails()
        return name * times

    with pytest.raises(WLanguageError):
        send("x")
    assert str(inspect.signature(send)).replace("'", "") == "(name: str, *, times: int = 1) -> str"
    assert send.__name__ == "send"
    assert send.__doc__ == "Sends."
    assert EmailFails() is False


def test_a_decorated_procedure_that_succeeds_gives_its_result() -> None:
    @CaseError
    def double(number: int) -> int:
        return 2 * number

    assert double(4) == 8


def test_a_decorated_procedure_may_call_itself_and_run_in_threads() -> None:
    @CaseError
    def count(depth: int) -> int:
        if depth:
            return count(depth - 1) + 1
        EmailFails()
        return 0

    caught: list[str] = []

    def work() -> None:
        try:
            count(3)
        except WLanguageError as error:
            caught.append(str(error))
        caught.append(str(EmailFails()))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(caught) == ["False"] * 4 + ["trouble"] * 4


def test_only_this_thread_raises() -> None:
    results: list[object] = []
    with CaseError():
        thread = threading.Thread(target=lambda: results.append(EmailFails()))
        thread.start()
        thread.join()
    assert results == [False]


@pytest.mark.parametrize("block", [CaseError(FatalOnly), CasErreur(wlemail.FataleSeulement)])
def test_fatal_only_lets_runtime_errors_return(block: Any) -> None:
    with block:
        assert EmailFails() is False
        with pytest.raises(WLanguageError) as caught:
            EmailMisused()
    assert caught.value.Fatal
    assert EmailMisused() is False
    assert "fatal error" in ErrorInfo(errFullDetails)


def test_fatal_only_inside_case_error_leaves_runtime_errors_to_it() -> None:
    with CaseError(), CaseError(FatalOnly), pytest.raises(WLanguageError):
        EmailFails()


def test_blocks_nest() -> None:
    with CaseError():
        with CaseError(), pytest.raises(WLanguageError):
            EmailFails()
        with pytest.raises(WLanguageError):
            EmailFails()
    assert EmailFails() is False


def test_a_block_takes_back_what_was_changed_inside_it() -> None:
    with CaseError():
        ErrorChangeParameter(epCode)
        assert EmailFails() is False
    assert EmailFails() is False
    with pytest.raises(WLanguageError), CaseError():
        EmailFails()


def test_case_error_takes_nothing_else() -> None:
    with pytest.raises(ValueError, match="FatalOnly"):
        CaseError(3)


def test_case_error_inside_a_callback_ends_with_it() -> None:
    caught: list[str] = []

    def progress() -> None:
        try:
            with CaseError():
                EmailFails()
        except WLanguageError as error:
            caught.append(str(error))

    @wl_function(on_error=False)
    def EmailTransfer() -> bool:
        progress()
        raise trouble("outer")

    assert EmailTransfer() is False
    assert caught == ["trouble"]
    assert ErrorInfo() == "outer"


def test_an_error_raised_in_a_callback_reaches_the_program_through_the_outer_call() -> None:
    def progress() -> None:
        with CaseError():
            EmailFails()

    @wl_function(on_error=False)
    def EmailTransfer() -> bool:
        progress()
        return True

    with pytest.raises(WLanguageError, match="trouble"):
        EmailTransfer()
    assert ErrorInfo() == "trouble"


# -- ErrorChangeParameter ---------------------------------------------------------------------------------------


def test_display_shows_the_message_and_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    ErrorChangeParameter(epDisplayMessage)
    assert EmailFails() is False
    assert EmailWorks() is True
    ErrorRestoreParameter()
    EmailFails()
    assert capsys.readouterr().err == "trouble\n"


def test_display_goes_where_messages_go() -> None:
    taken: list[tuple[str, str]] = []
    wlemail.EmailRedirectOutput(lambda kind, text: taken.append((kind, text)))
    with ErrorChangeParameter(epDisplayMessage):
        EmailFails()
    assert taken == [("Error", "trouble")]


def test_display_and_end_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    ErrorChangeParameter(epDisplayMessageEndProgram)
    with pytest.raises(SystemExit) as ended:
        EmailFails()
    assert ended.value.code == 1
    assert capsys.readouterr().err == "trouble\n"


def test_goto_case_error_raises() -> None:
    ErrorChangeParameter(epGotoCaseError)
    with pytest.raises(WLanguageError):
        EmailFails()
    ErrorRestoreParameter()
    assert EmailFails() is False


def test_display_can_be_added_to_another_behaviour(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(WLanguageError), ErrorChangeParameter(epDisplayMessage + epGotoCaseError):
        EmailFails()
    assert capsys.readouterr().err == "trouble\n"


def test_changes_are_restored_one_by_one_and_surplus_restores_do_nothing() -> None:
    ErrorChangeParameter(epGotoCaseError)
    ErrorChangeParameter(epCode)
    assert EmailFails() is False
    ErrorRestoreParameter()
    with pytest.raises(WLanguageError):
        EmailFails()
    ErrorRestoreParameter()
    ErrorRestoreParameter()
    assert EmailFails() is False


def test_restoring_does_not_end_a_case_error_around_it() -> None:
    with CaseError():
        ErrorRestoreParameter()
        with pytest.raises(WLanguageError):
            EmailFails()


def test_a_with_block_restores() -> None:
    with ErrorChangeParameter(epGotoCaseError), pytest.raises(WLanguageError):
        EmailFails()
    assert EmailFails() is False


def test_a_restore_inside_the_with_block_is_not_done_twice() -> None:
    with ErrorChangeParameter(epGotoCaseError):
        with ErrorChangeParameter(epCode):
            ErrorRestoreParameter()
        with pytest.raises(WLanguageError):
            EmailFails()


@pytest.mark.parametrize("behaviour", [3 + 4, 1024, -1, FatalOnly, "epCode", None])
def test_an_unknown_behaviour_is_an_error_and_changes_nothing(behaviour: Any) -> None:
    with ErrorChangeParameter(behaviour):
        assert ErrorOccurred
        assert "Behaviour" in ErrorInfo()
        assert EmailFails() is False


def test_changing_and_restoring_keep_a_standing_error() -> None:
    EmailFails()
    ErrorChangeParameter(epDisplayMessage)
    ErrorRestoreParameter()
    assert ErrorInfo() == "trouble"


# -- a procedure that decides ---------------------------------------------------------------------------------------


def deciding(*decisions: Any) -> tuple[Callable[[], Any], list[str]]:
    seen: list[str] = []
    answers = iter(decisions)

    def procedure() -> Any:
        seen.append(ErrorInfo())
        # What it calls itself neither calls it again nor changes the error of the call that failed.
        failing(trouble("in the procedure"))()
        return next(answers)

    return procedure, seen


def test_the_procedure_may_cancel() -> None:
    procedure, seen = deciding(opCancel)
    ErrorChangeParameter(epExecuteProcedure, procedure)
    assert EmailFails() is False
    assert seen == ["trouble"]
    assert ErrorInfo() == "trouble"


def test_the_procedure_may_try_again() -> None:
    problems = [trouble("first"), trouble("second")]

    @wl_function(on_error=False)
    def EmailTriesAgain() -> str:
        if problems:
            raise problems.pop(0)
        return "sent"

    procedure, seen = deciding(opRetry, opRetry)
    with ErrorChangeParameter(epExecuteProcedure, procedure):
        assert EmailTriesAgain() == "sent"
    assert seen == ["first", "second"]
    assert not ErrorOccurred


@pytest.mark.parametrize("decision", [opEndProgram, None])
def test_the_procedure_ends_the_program_unless_it_says_otherwise(decision: Any) -> None:
    procedure, _ = deciding(decision)
    with ErrorChangeParameter(epExecuteProcedure, procedure), pytest.raises(SystemExit):
        EmailFails()


def test_the_procedure_may_end_the_process() -> None:
    procedure, _ = deciding(opEndProcess)
    reached = []
    with ErrorChangeParameter(epExecuteProcedure, procedure):
        EmailFails()
        reached.append("the end")
    assert reached == []
    assert ErrorInfo() == "trouble"


def test_an_exception_of_the_procedure_travels_on_and_the_policy_stands() -> None:
    def procedure() -> int:
        raise ZeroDivisionError

    with ErrorChangeParameter(epExecuteProcedure, procedure):
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                EmailFails()


def test_without_a_procedure_nothing_changes() -> None:
    ErrorChangeParameter(epExecuteProcedure, "MyProcedure")
    assert ErrorOccurred
    assert "P1" in ErrorInfo()
    assert EmailFails() is False


# -- leaving the process ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("behaviour", [epResult, epReturn, epDisplayMessage + epResult, epDisplayMessageEndProcess])
def test_leaving_a_with_block(behaviour: int, capsys: pytest.CaptureFixture[str]) -> None:
    reached = []
    with ErrorChangeParameter(behaviour, "P1") as process:
        EmailFails()
        reached.append("the end")
    assert reached == []
    assert process.Result == "P1"
    assert ErrorInfo() == "trouble"
    assert capsys.readouterr().err == ("trouble\n" if behaviour & epDisplayMessage else "")
    assert EmailFails() is False


def test_leaving_a_decorated_procedure_with_a_result() -> None:
    @ErrorChangeParameter(epResult, -1)
    def send(works: bool) -> int:
        """Sends."""
        EmailWorks() if works else EmailFails()
        return 7

    assert EmailFails() is False
    assert send(True) == 7
    assert send(False) == -1
    assert send(False) == -1
    assert ErrorOccurred
    assert send.__doc__ == "Sends."
    assert EmailFails() is False


def test_only_the_process_that_chose_is_left() -> None:
    reached = []

    def callee() -> None:
        EmailFails()
        reached.append("callee")

    @ErrorChangeParameter(epResult, "left")
    def caller() -> str:
        with ErrorChangeParameter(epDisplayMessage):
            EmailFails()
            reached.append("inner")
        callee()
        reached.append("caller")
        return "whole"

    assert caller() == "left"
    assert reached == ["inner"]


@pytest.mark.parametrize("behaviour", [epResultError, epReturnError])
def test_leaving_and_propagating_sets_the_error_of_the_caller(behaviour: int) -> None:
    @ErrorChangeParameter(behaviour, 0, "while sending the invoice")
    def send() -> int:
        return EmailFails()

    assert send() == 0
    assert ErrorOccurred
    assert ErrorInfo() == "while sending the invoice\ntrouble"


def test_propagating_reaches_a_case_error_outside() -> None:
    @ErrorChangeParameter(epResultError, 0, "outside")
    def send() -> int:
        return EmailFails()

    with pytest.raises(WLanguageError, match="outside\ntrouble"), CaseError():
        send()


def test_leaving_without_a_process_to_leave_raises() -> None:
    ErrorChangeParameter(epResult, False)
    with pytest.raises(WLanguageError, match="trouble"):
        EmailFails()


# -- errors of the program's own --------------------------------------------------------------------------------------


def test_throwing_an_error() -> None:
    assert ErrorThrow(12, "no stock left") is False
    assert ErrorOccurred
    assert ErrorInfo() == "no stock left"
    assert ErrorInfo(errCode) == 12
    assert "non-fatal error" in ErrorInfo(errFullDetails)


def test_throwing_without_a_message_tells_the_number() -> None:
    ErrorThrow(12)
    assert ErrorInfo() == "The program raised error 12."


def test_a_message_keeps_its_lines() -> None:
    ErrorThrow(1, "first\r\nsecond")
    assert ErrorInfo() == "first\r\nsecond"


@pytest.mark.parametrize("number", [0, -1, 1001, "abc", None])
def test_a_number_out_of_range_is_an_error_of_its_own(number: Any) -> None:
    assert ErrorThrow(number, "lost") is False
    assert "Number" in ErrorInfo()


def test_throwing_follows_the_policy() -> None:
    with pytest.raises(WLanguageError, match="no stock"), CaseError():
        ErrorThrow(12, "no stock")
    with CaseError(FatalOnly):
        assert ErrorThrow(12) is False


def test_throwing_an_exception() -> None:
    with pytest.raises(WLanguageError) as caught:
        ExceptionThrow(13, "broken for good")
    assert caught.value.Code == 13
    assert caught.value.Message == "broken for good"
    assert caught.value.Fatal
    try:
        ExceptionThrow(14)
    except WLanguageError:
        assert ExceptionInfo(errCode) == 14


def test_throwing_an_exception_with_a_bad_number_still_throws() -> None:
    with pytest.raises(WLanguageError, match="Number"):
        ExceptionThrow(5000, "lost")


# -- handing on ---------------------------------------------------------------------------------------------------


def test_propagating_puts_a_message_in_front() -> None:
    EmailFails()
    assert ErrorPropagate("second") is False
    assert ErrorPropagate("first") is False
    assert ErrorInfo() == "first\nsecond\ntrouble"
    assert ErrorInfo(errCode) == 100000


def test_propagating_with_a_number_replaces_the_code() -> None:
    EmailFails()
    ErrorPropagate(44, "invoice 12")
    assert ErrorInfo(errCode) == 44
    assert ErrorInfo() == "invoice 12\ntrouble"
    ErrorPropagate(45)
    assert ErrorInfo(errCode) == 45
    assert ErrorInfo() == "invoice 12\ntrouble"


def test_propagating_nothing_is_nothing() -> None:
    assert ErrorPropagate() is False
    assert ErrorPropagate("message") is False
    assert not ErrorOccurred


def test_propagating_in_an_except_block_sets_the_error_where_nobody_is_outside() -> None:
    try:
        with CaseError():
            EmailFails()
    except WLanguageError:
        EmailWorks()
        assert not ErrorOccurred
        ErrorPropagate("handed on")
    assert ErrorInfo() == "handed on\ntrouble"


def test_propagating_in_an_except_block_raises_for_an_outer_case_error() -> None:
    def send() -> None:
        try:
            with CaseError():
                EmailFails()
        except WLanguageError:
            ErrorPropagate("handed on")

    with pytest.raises(WLanguageError, match="handed on\ntrouble"), CaseError():
        send()


def test_propagating_inside_the_block_leaves_it() -> None:
    def send() -> None:
        with CaseError():
            try:
                EmailFails()
            except WLanguageError:
                ErrorPropagate("handed on")

    with pytest.raises(WLanguageError, match="handed on\ntrouble"):
        send()


# -- the exception ------------------------------------------------------------------------------------------------


def test_a_wlanguage_error_is_no_mail_error() -> None:
    # A boundary that met it on its way up would swallow it.
    assert not issubclass(WLanguageError, MailError)
    assert wlemail.ErreurWLangage is WLanguageError


def test_a_wlanguage_error_comes_back_from_another_process() -> None:
    with pytest.raises(WLanguageError) as caught, CaseError():
        ErrorThrow(12, "no stock")
    there = pickle.loads(pickle.dumps(caught.value))
    assert (there.Code, there.Message, there.Fatal) == (12, "no stock", False)
    assert there.FullDetails == caught.value.FullDetails
