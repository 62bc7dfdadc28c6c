"""Session variables: their members, copies and what they show. Opening them is tested with the sessions."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from wlemail import emailIMAPSession, emailOptionDefault, emailPOP3Session, emailSessionSMTP, emailSMTPSession
from wlemail.errors import InvalidValue
from wlemail.wlanguage.values import int_value


def test_defaults() -> None:
    session = emailSMTPSession()
    assert (session.ServerAddress, session.Name, session.Password) == ("", "", "")
    assert (session.Port, session.Option, session.IgnoreError) == (25, emailOptionDefault, 0)
    assert not session.Asynchronous


def test_french_names() -> None:
    assert emailSessionSMTP is emailSMTPSession
    session: Any = emailSMTPSession()
    session.AdresseServeur = "smtp.example.org"
    session.nom = "me"
    session.motdepasse = "secret"
    session.IgnoreErreur = 4
    session.NomSession = "mine"
    assert (session.ServerAddress, session.Name, session.Password) == ("smtp.example.org", "me", "secret")
    assert (session.IgnoreError, session.SessionName) == (4, "mine")


def test_an_unknown_member_is_refused_with_a_suggestion() -> None:
    with pytest.raises(
        AttributeError, match="emailSMTPSession has no member 'Serveradress'; did you mean 'ServerAddress'"
    ):
        emailSMTPSession().Serveradress = "x"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("given", "port"), [("993", 993), (465, 465), ("", 25), (None, 25), (587.0, 587), (" 25 ", 25)]
)
def test_the_port_is_converted(given: object, port: int) -> None:
    session = emailSMTPSession(Port=given)
    assert session.Port == port
    assert int_value("Port", session.Port, 25) == port


@pytest.mark.parametrize("given", ["abc", "12x", "1.5", 1.5, [25], "9" * 5000])
def test_a_bad_port_is_kept_and_named_when_it_is_used(given: Any) -> None:
    session = emailSMTPSession(Port=given)
    assert session.Port == given
    with pytest.raises(InvalidValue, match=r"^Port: an integer is expected"):
        int_value("Port", session.Port, 25)


def test_a_method_cannot_be_overwritten() -> None:
    with pytest.raises(AttributeError, match="is a method"):
        emailSMTPSession().StartSession = 1  # type: ignore[assignment, method-assign]


def test_methods_in_both_languages_and_any_case() -> None:
    session: Any = emailSMTPSession()
    assert session.OuvreSession == session.StartSession == session.startsession
    assert session.EnvoieMessage == session.SendMessage
    assert session.FermeSession == session.CloseSession


def test_the_password_is_never_shown() -> None:
    session = emailSMTPSession(Name="me", Password="hunter2")
    assert repr(session) == "emailSMTPSession (not open)\n  Name      'me'\n  Password  '********'"
    assert b"hunter2" not in pickle.dumps(session)
    assert "hunter2" not in repr([session]) + str(session)


def test_a_pickled_session_comes_back_closed_and_without_password() -> None:
    session = emailSMTPSession(Name="me", Password="hunter2", Port=587)
    back = pickle.loads(pickle.dumps(session))
    assert (back.Name, back.Port, back.Password) == ("me", 587, "")
    assert back._session is None


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy])
def test_a_copy_has_the_settings_and_is_not_open(make: Any) -> None:
    session = emailSMTPSession(Name="me", Password="hunter2")
    session._session = object()  # type: ignore[assignment]
    made = make(session)
    assert (made.Name, made.Password, made._session) == ("me", "hunter2", None)


def test_two_variables_with_equal_settings_are_two_sessions() -> None:
    assert emailSMTPSession() != emailSMTPSession()
    assert len({emailSMTPSession(), emailSMTPSession()}) == 2


def test_with_closes_a_session_that_is_not_open_without_harm() -> None:
    with emailSMTPSession() as session:
        assert session._session is None


def test_vars_and_debuggers_do_not_show_what_is_secret() -> None:
    for kind in (emailSMTPSession, emailPOP3Session, emailIMAPSession):
        session = kind(Name="me", Password="hunter2", AuthToken="ya29.token")
        shown = repr(vars(session)) + repr(session.__dict__) + repr(copy.deepcopy(vars(session)))
        assert "hunter2" not in shown
        assert "ya29" not in shown
        assert (session.Password, session.MotDePasse, session.AuthToken) == ("hunter2", "hunter2", "ya29.token")
        copied = copy.copy(session)
        session.Password = 4711
        assert (session.Password, copied.Password) == ("4711", "hunter2")
        assert pickle.loads(pickle.dumps(session)).Password == ""
