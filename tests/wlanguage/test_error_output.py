"""Error, Warning, Info, Trace: shown on the streams, never waiting for anybody, or where the program says."""

from __future__ import annotations

import builtins
import io
import sys

import pytest

import wlemail
from wlemail import EmailRedirectOutput, Erreur, Error, ErrorInfo, ErrorOccurred, Info, Trace, errFullDetails
from wlemail.errors import SessionUnknown

from .failing import EmailWorks, at_rest, failing, trouble  # noqa: F401

pytestmark = pytest.mark.usefixtures("at_rest")


def test_one_argument_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    Info("one", 2, None, True)
    Trace("four")
    Error("five", 6.5)
    wlemail.Warning("seven")
    assert capsys.readouterr() == ("one\n2\n\nTrue\nfour\n", "five\n6.5\nseven\n")


def test_error_without_argument_shows_the_last_error(capsys: pytest.CaptureFixture[str]) -> None:
    failing(trouble("no stock"))()
    Error()
    Erreur()
    assert capsys.readouterr().err == "no stock\nno stock\n"
    assert ErrorOccurred


def test_the_idiom_of_ported_scripts_keeps_the_error(capsys: pytest.CaptureFixture[str]) -> None:
    failing(SessionUnknown("bob", ["alice"]))()
    Error(ErrorInfo(), ErrorInfo(errFullDetails))
    shown = capsys.readouterr().err
    assert shown.startswith('No session named "bob" is open.')
    assert "Level: fatal error" in shown
    assert ErrorInfo().startswith('No session named "bob" is open.')


def test_info_and_trace_need_something_to_show() -> None:
    with pytest.raises(TypeError):
        Info()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Trace()  # type: ignore[call-arg]


def test_a_text_is_cut_at_4096_characters(capsys: pytest.CaptureFixture[str]) -> None:
    Info("é" * 3000, "è" * 3000)
    assert capsys.readouterr().out == "é" * 3000 + "\n" + "è" * 1095 + "\n"


def test_a_program_may_take_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    taken: list[tuple[str, str]] = []
    EmailRedirectOutput(lambda kind, text: taken.append((kind, text)))
    Info("a", "b")
    Error("c")
    Trace("d")
    wlemail.Warning("e")
    EmailRedirectOutput()
    Info("f")
    assert taken == [("Info", "a\nb"), ("Error", "c"), ("Trace", "d"), ("Warning", "e")]
    assert capsys.readouterr() == ("f\n", "")


def test_the_procedure_that_shows_an_error_cannot_change_it() -> None:
    EmailRedirectOutput(lambda kind, text: EmailWorks())
    failing(trouble("standing"))()
    Error()
    assert ErrorInfo() == "standing"


# -- streams that cannot be written to -----------------------------------------------------------------------


def test_a_program_without_a_console(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    Info("nobody there")
    Error("nobody there")
    wlemail.ErrorChangeParameter(wlemail.epDisplayMessage)
    assert failing(trouble())() is False
    assert ErrorOccurred


def test_a_console_that_lacks_a_character_shows_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="cp1252", newline="\n"))
    Info("Réponse : 日本 €")
    assert written.getvalue().decode("cp1252") == "Réponse : ?? €\n"


def test_a_lone_surrogate_from_a_mail_does_not_stop_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="utf-8", newline="\n"))
    Info("caf\udce9")
    assert written.getvalue() == b"caf?\n"


class Gone(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


def test_a_reader_that_has_gone_stops_no_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Gone())
    Info("nobody reads this")
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)
    Info("nor this")


# -- names ------------------------------------------------------------------------------------------------------


def test_the_star_import_hides_no_builtin_of_python() -> None:
    assert set(wlemail.__all__) & set(dir(builtins)) == set()
    assert wlemail.Warning is not builtins.Warning
    assert issubclass(builtins.Warning, Exception)
