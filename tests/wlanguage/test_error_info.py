"""ErrorOccurred, ErrorInfo, ExceptionInfo: what a script can ask after a failure."""

from __future__ import annotations

import copy
import pickle
import re
import socket
import sys
import time
from typing import Any

import pytest

import wlemail
from wlemail import (
    EmailErrorLanguage,
    ErreurDétectée,
    ErreurInfo,
    ErrorInfo,
    ErrorOccurred,
    ErrorThrow,
    ExceptionInfo,
    Info,
    WLanguageError,
    errCode,
    errDateTime,
    errDebugInfo,
    errDuring,
    errElement,
    errFullDetails,
    errInfo,
    errLine,
    errMessage,
    errProcess,
    errStack,
    errSubErrorCount,
    errSummary,
    errSystemCode,
    errSystemMessage,
)
from wlemail.errors import ConnectionRefused, RecipientsRefused, SessionUnknown
from wlemail.wlanguage.boundary import wl_function

from .failing import EmailWorks, at_rest, failing, reply, trouble  # noqa: F401

pytestmark = pytest.mark.usefixtures("at_rest")

EVERY_TYPE = [
    errMessage, errCode, errSummary, errInfo, errSystemCode, errSystemMessage, errDateTime, errElement, errProcess,
    errLine, errDuring, errStack, errDebugInfo, errSubErrorCount, errFullDetails,
]  # fmt: skip
NUMBERS = {errCode, errSystemCode, errLine, errSubErrorCount}


# -- ErrorOccurred ------------------------------------------------------------------------------------------


def test_error_occurred_reads_as_a_boolean_at_each_use() -> None:
    assert not ErrorOccurred
    failing(trouble())()
    assert ErrorOccurred
    EmailWorks()
    assert not ErrorOccurred


@pytest.mark.parametrize("failed", [False, True])
def test_error_occurred_compares_with_booleans_and_numbers(failed: bool) -> None:
    if failed:
        failing(trouble())()
    # `SI ErreurDétectée = Vrai` is how scripts write it.
    assert (ErrorOccurred == True) is failed  # noqa: E712
    assert (ErrorOccurred == False) is not failed  # noqa: E712
    assert (ErrorOccurred != True) is not failed  # noqa: E712
    assert (1 == ErrorOccurred) is failed  # noqa: SIM300
    assert (ErrorOccurred == 0) is not failed
    assert (ErrorOccurred == 2) is False
    assert ErrorOccurred == ErreurDétectée
    assert ErrorOccurred != "True"
    assert hash(ErrorOccurred) == hash(failed)
    assert repr(ErrorOccurred) == str(ErrorOccurred) == f"{ErrorOccurred}" == str(failed)


def test_error_occurred_is_no_integer() -> None:
    assert not isinstance(ErrorOccurred, int)
    with pytest.raises(TypeError):
        ErrorOccurred + 1  # type: ignore[operator]


def test_bool_keeps_a_value_and_a_copy_stays_live() -> None:
    failing(trouble())()
    kept = bool(ErrorOccurred)
    live = copy.deepcopy(ErrorOccurred)
    EmailWorks()
    assert kept is True
    assert not live
    assert pickle.loads(pickle.dumps(ErrorOccurred)) is ErrorOccurred


def test_the_french_names_are_the_same_objects() -> None:
    assert ErreurDétectée is wlemail.ErreurDetectee is ErrorOccurred
    assert ErreurInfo is ErrorInfo


# -- ErrorInfo ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", EVERY_TYPE)
def test_without_an_error_there_is_nothing_to_tell(kind: int) -> None:
    assert ErrorInfo(kind) == (0 if kind in NUMBERS else "")
    assert ErrorInfo(kind, 1) == (0 if kind in NUMBERS else "")
    assert ExceptionInfo(kind) == (0 if kind in NUMBERS else "")


def test_the_known_values_of_the_constants() -> None:
    assert errMessage == 1
    assert errFullDetails == 19
    assert len(set(EVERY_TYPE)) == len(EVERY_TYPE)


def test_the_message_is_the_default_and_asking_changes_nothing() -> None:
    failing(trouble("no stock"))()
    for kind in EVERY_TYPE:
        ErrorInfo(kind)
    assert ErrorInfo() == ErrorInfo(errMessage) == "no stock"
    assert ErrorOccurred


def test_the_message_is_the_summary_and_the_hint() -> None:
    failing(SessionUnknown("bob", ["alice"]))()
    assert ErrorInfo() == ErrorInfo(errSummary) + "\n" + ErrorInfo(errInfo)


def test_an_unknown_type_is_empty() -> None:
    failing(trouble())()
    assert ErrorInfo(4711) == ""


def test_numbers_join_text() -> None:
    failing(SessionUnknown("bob"))()
    assert "Error " + ErrorInfo(errCode) == "Error 100101"
    assert ErrorInfo(errCode) + " is the code" == "100101 is the code"


def test_the_place_in_the_script_is_told() -> None:
    def send_invoice() -> None:
        failing(trouble())()

    send_invoice()
    here = sys._getframe().f_lineno
    assert ErrorInfo(errElement) == __file__
    assert ErrorInfo(errProcess) == "send_invoice"
    assert ErrorInfo(errLine) == here - 3
    stack = ErrorInfo(errStack).splitlines()
    assert stack[0] == f"send_invoice, {__file__}, line {here - 3}"
    assert stack[1] == f"test_the_place_in_the_script_is_told, {__file__}, line {here - 1}"
    assert "wlemail/wlanguage" not in ErrorInfo(errStack)


def test_the_date_and_time_are_digits() -> None:
    before = time.strftime("%Y%m%d%H%M%S")
    failing(trouble())()
    told = ErrorInfo(errDateTime)
    assert re.fullmatch(r"\d{17}", told)
    assert before <= told[:14] <= time.strftime("%Y%m%d%H%M%S")


def test_the_function_is_named_in_the_language_of_the_texts() -> None:
    ErrorThrow(7)
    assert ErrorInfo(errDuring) == "ErrorThrow"
    EmailErrorLanguage("fr")
    assert ErrorInfo(errDuring) == "ErreurDéclenche"


def test_the_systems_number_and_text_come_from_the_cause() -> None:
    @wl_function(on_error=False)
    def EmailDials() -> bool:
        try:
            raise ConnectionRefusedError(111, "Connection refused")
        except OSError as problem:
            raise ConnectionRefused("refused", host="h", port=25) from problem

    EmailDials()
    assert ErrorInfo(errSystemCode) == 111
    assert ErrorInfo(errSystemMessage) == "Connection refused"


def test_the_number_that_people_search_for_on_windows() -> None:
    class WindowsError(OSError):
        """As Windows raises them: errno is Python's translation, winerror what the system said."""

        winerror = 10054

    problem = trouble()
    problem.__cause__ = WindowsError(104, "reset")
    failing(problem)()
    assert ErrorInfo(errSystemCode) == 10054


# -- sub-errors ---------------------------------------------------------------------------------------------------


@pytest.fixture
def refused(at_rest: None) -> None:  # noqa: F811
    replies = {"b@x": reply(550, "unknown user", "5.1.1"), "c@x": reply(451, "later", "4.3.0")}
    failing(RecipientsRefused(replies))()


@pytest.mark.usefixtures("refused")
def test_each_refused_recipient_is_a_sub_error() -> None:
    assert ErrorInfo(errSubErrorCount) == 2
    first, second = (ErrorInfo(errSummary, rank) for rank in (1, 2))
    assert first == 'The server refused the recipient "b@x". The server said: 550 5.1.1 unknown user'
    assert second == 'The server refused the recipient "c@x". The server said: 451 4.3.0 later'
    assert "temporary" in ErrorInfo(errMessage, 2)
    assert ErrorInfo(errCode, 1) == ErrorInfo(errCode)
    assert ErrorInfo(errSummary, "2") == second  # type: ignore[arg-type]


@pytest.mark.usefixtures("refused")
@pytest.mark.parametrize("rank", [0, -1, 3, "x"])
def test_there_is_nothing_past_the_sub_errors(rank: Any) -> None:
    assert ErrorInfo(errMessage, rank) == ""
    assert ErrorInfo(errCode, rank) == 0


@pytest.mark.usefixtures("refused")
def test_the_message_and_the_details_have_every_recipient() -> None:
    for kind in (errMessage, errFullDetails):
        assert "b@x" in ErrorInfo(kind)
        assert "451 4.3.0 later" in ErrorInfo(kind)


def test_a_message_stays_readable_with_a_hundred_refused_recipients() -> None:
    failing(RecipientsRefused({f"user{n}@x": reply(550, "no") for n in range(100)}))()
    assert "… and 95 more" in ErrorInfo()
    assert ErrorInfo(errSubErrorCount) == 100
    assert "user99@x" in ErrorInfo(errFullDetails)


def test_other_errors_have_no_sub_errors() -> None:
    failing(trouble())()
    assert ErrorInfo(errSubErrorCount) == 0


# -- the full details ------------------------------------------------------------------------------------------------


def test_the_english_details() -> None:
    failing(SessionUnknown("bob", ["alice"]))()
    lines = ErrorInfo(errFullDetails).splitlines()
    assert lines[0] == "What happened?"
    assert lines[1] == "The function EmailFails was called."
    assert lines[2] == 'No session named "bob" is open. Open sessions: "alice".'
    assert "Error code: 100101" in lines
    assert "Level: fatal error" in lines
    assert "System error code: 0" in lines
    assert "Debugging information:" in lines
    assert "Call stack:" in lines
    assert re.fullmatch(r"Date and time: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}", lines[-1])


def test_the_french_details() -> None:
    EmailErrorLanguage("fr")
    failing(RecipientsRefused({"b@x": reply(550, "utilisateur inconnu", "5.1.1")}))()
    lines = ErrorInfo(errFullDetails).splitlines()
    assert lines[0] == "Que s'est-il passé ?"
    assert lines[1] == "La fonction EmailFails a été appelée."
    assert lines[2].endswith("Réponse du serveur : 550 5.1.1 utilisateur inconnu")
    assert "Code erreur : 100711" in lines
    assert "Niveau : erreur non fatale" in lines
    assert "Code erreur système : 0" in lines
    assert "Informations de débogage :" in lines
    assert "Pile des appels :" in lines
    assert re.fullmatch(r"Date et heure : \d\d/\d\d/\d{4} \d\d:\d\d:\d\d\.\d{3}", lines[-1])


def test_the_debugging_information_names_the_exceptions_and_the_versions() -> None:
    @wl_function(on_error=False)
    def EmailStrange() -> bool:
        try:
            raise KeyError("a password, perhaps")
        except KeyError as problem:
            raise trouble("strange") from problem

    EmailStrange()
    lines = ErrorInfo(errDebugInfo).splitlines()
    assert lines[:2] == ["MailError: strange", "KeyError"]
    assert lines[2].startswith("wlemail")
    assert "perhaps" not in ErrorInfo(errFullDetails)


def test_the_texts_follow_the_language_when_they_are_asked_for() -> None:
    failing(SessionUnknown("bob"))()
    english = ErrorInfo()
    EmailErrorLanguage("fr")
    assert ErrorInfo().startswith("Aucune session nommée « bob »")
    EmailErrorLanguage("en")
    assert ErrorInfo() == english


# -- ExceptionInfo --------------------------------------------------------------------------------------------------


def test_exception_info_tells_of_the_exception_in_hand_although_calls_follow() -> None:
    with pytest.raises(WLanguageError), wlemail.CaseError():
        failing(trouble("the first"))()
    try:
        with wlemail.CaseError():
            failing(trouble("the second"))()
    except WLanguageError:
        EmailWorks()
        assert ErrorInfo() == ""
        assert ExceptionInfo() == "the second"
        assert ExceptionInfo(errCode) == 100000
    assert ExceptionInfo() == ""


def test_exception_info_serves_any_exception() -> None:
    try:
        int("abc")
    except ValueError:
        assert ExceptionInfo().startswith("ValueError: invalid literal")
        assert ExceptionInfo(errProcess) == "test_exception_info_serves_any_exception"
        # The traceback is the handler's: it is not ours to take away.
        assert sys.exc_info()[2] is not None


def test_the_exception_carries_the_facts_of_error_info() -> None:
    with pytest.raises(WLanguageError) as caught, wlemail.CaseError():
        failing(SessionUnknown("bob", ["alice"]))()
    error = caught.value
    assert error.Message == str(error) == ErrorInfo()
    assert error.Code == ErrorInfo(errCode)
    assert error.FullDetails == ErrorInfo(errFullDetails)
    assert error.Fatal
    for kind in EVERY_TYPE:
        assert error.Info(kind) == ErrorInfo(kind)
    assert repr(error).startswith("WLanguageError(100101, ")
    assert isinstance(error.__cause__, SessionUnknown)


def test_messages_in_the_language_of_a_french_script(capsys: pytest.CaptureFixture[str]) -> None:
    EmailErrorLanguage("fr")
    failing(ConnectionRefused("x", host="smtp.exemple.fr", port=587))()
    Info(ErreurInfo())
    assert capsys.readouterr().out.startswith("smtp.exemple.fr:587 a refusé la connexion")


def test_a_password_is_in_nothing_that_can_be_asked() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    assert wlemail.EmailStartSMTPSession("bob", "s3cret-of-bob", "127.0.0.1", port) is False
    assert f"127.0.0.1:{port}" in ErrorInfo()
    for kind in EVERY_TYPE:
        assert "s3cret-of-bob" not in str(ErrorInfo(kind))
    with pytest.raises(WLanguageError) as caught, wlemail.CaseError():
        wlemail.EmailStartSMTPSession("bob", "s3cret-of-bob", "127.0.0.1", port)
    # Crash reporters print the locals of every frame; those of the failed call are gone.
    assert caught.value.__cause__ is not None
    assert caught.value.__cause__.__traceback__ is None
