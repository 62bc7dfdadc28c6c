"""The settings of asynchronous sessions: EmailConfigure for all, members of a session variable for one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta

import pytest

import wlemail
from wlemail import (
    EmailConfigure,
    EmailStartSession,
    ErrorInfo,
    ErrorOccurred,
    emailAsynchronous,
    emailSMTPSession,
)
from wlemail.mail.settings import SETTINGS, Dispatch
from wlemail.sandbox import Sandbox
from wlemail.wlanguage.dispatch_settings import dispatch_of

pytestmark = pytest.mark.usefixtures("face")


@pytest.fixture(autouse=True)
def _settings_of_before() -> Iterator[None]:
    before = SETTINGS.dispatch, SETTINGS.outbox
    yield
    SETTINGS.dispatch, SETTINGS.outbox = before


@pytest.mark.parametrize(
    ("option", "value", "field", "kept"),
    [
        ("emailParameterDrainTimeOut", 30, "drain", 30.0),
        ("emailParameterDrainTimeOut", "1 min", "drain", 60.0),
        ("emailParameterDrainTimeOut", 0, "drain", 0.0),
        ("emailParamètreTimeOutVidage", timedelta(seconds=5), "drain", 5.0),
        ("emailParameterMaxConnections", 4, "max_connections", 4),
        ("emailParamètreMaxConnexions", "50", "max_connections", 50),
        ("emailParameterMaxRate", 30, "max_rate", 30.0),
        ("emailParamètreDébitMax", "0,5", "max_rate", 0.5),
        ("emailParameterMaxRate", 0, "max_rate", 0.0),
        ("emailParameterMaxAttempts", 3, "max_attempts", 3),
        ("emailParamètreMaxTentatives", "1", "max_attempts", 1),
        ("emailParameterMaxAge", "2h", "max_age", 7200.0),
        ("emailParamètreÂgeMax", timedelta(days=1), "max_age", 86400.0),
    ],
)
def test_a_setting_is_kept(option: str, value: object, field: str, kept: object) -> None:
    EmailConfigure(getattr(wlemail, option), value)  # type: ignore[arg-type]
    assert not ErrorOccurred
    assert getattr(SETTINGS.dispatch, field) == kept


@pytest.mark.parametrize(
    ("option", "value"),
    [
        (wlemail.emailParameterDrainTimeOut, -1),
        (wlemail.emailParameterDrainTimeOut, "soon"),
        *((wlemail.emailParameterMaxConnections, value) for value in (0, -1, 51, "many", 10**30)),
        *((wlemail.emailParameterMaxRate, value) for value in (-1, "fast", float("nan"), float("inf"), None, [])),
        *((wlemail.emailParameterMaxAttempts, value) for value in (0, 1001, "")),
        *((wlemail.emailParameterMaxAge, value) for value in (0, -5, "", "long")),
        (99, 1),
    ],
)
def test_what_makes_no_sense_changes_nothing(option: int, value: object) -> None:
    EmailConfigure(option, value)  # type: ignore[arg-type]
    assert ErrorOccurred
    assert ("Value" if option != 99 else "Option") in ErrorInfo()
    assert SETTINGS.dispatch == Dispatch()


def test_the_members_of_a_session_go_before() -> None:
    session = emailSMTPSession(MaxConnections=7, DébitMax="90", MaxAge="1h")
    EmailConfigure(wlemail.emailParameterMaxConnections, 2)
    EmailConfigure(wlemail.emailParameterDrainTimeOut, 3)
    assert dispatch_of(session) == dataclasses.replace(
        SETTINGS.dispatch, max_connections=7, max_rate=90.0, max_age=3600.0, drain=3.0
    )
    assert dispatch_of(None) == SETTINGS.dispatch


@pytest.mark.parametrize(
    "members", [{"MaxConnections": 0}, {"MaxRate": "x"}, {"ÂgeMax": 0}, {"DrainTimeOut": -1}], ids=repr
)
def test_a_wrong_member_fails_the_opening_of_an_asynchronous_session_alone(members: dict[str, object]) -> None:
    with Sandbox() as box:
        session = emailSMTPSession(ServerAddress=box.host, Port=box.port, Name="me", **members)
        assert EmailStartSession(session), ErrorInfo()
        session.Asynchronous = emailAsynchronous
        assert EmailStartSession(session) is False
        assert ErrorOccurred
        (member,) = members
        assert {"ÂgeMax": "MaxAge"}.get(member, member) in ErrorInfo()
