"""Process-wide settings (pages 3032001, 3032011, 1000022269)."""

from __future__ import annotations

from .boundary import wl_function
from .values import int_value, text_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import timedelta

    Duration = int | float | str | timedelta


@wl_function(on_error=None, error_state="keeps")
def EmailSetTimeOut(Duration: Duration) -> None:
    """Limit how long a mail server may keep silent, for all sessions, open ones included.

    Duration is in seconds: a number, "30s" (also ms, min, h) or a datetime.timedelta. 600 (ten minutes) unless set.
    It bounds connecting (name resolution included), the TLS handshake, and each wait for an answer. Zero or less is an
    error and changes nothing: ErrorOccurred is then True. There is no result.

    French: EmailChangeTimeOut. WLanguage page 3032001 (which leaves name resolution out).
    """
    from ..mail.settings import SETTINGS

    SETTINGS.timeout = seconds("Duration", Duration)


@wl_function(on_error=0, error_state="keeps")
def EmailGetTimeOut() -> int | float:
    """The limit set by EmailSetTimeOut, in seconds (600 unless set).

    French: EmailLitTimeOut. WLanguage page 3032011.
    """
    from ..mail.settings import SETTINGS

    limit = SETTINGS.timeout
    return int(limit) if limit == int(limit) else limit


@wl_function(on_error=None, error_state="keeps")
def EmailConfigure(Option: int, Value: Duration | bool) -> None:
    """Set how mail is handled: one of the emailParameter… constants and its value.

    emailParameterMode  0 or 1: accepted and remembered; there is one implementation, the same on every platform,
                        and IgnoreError counts in both modes.
    emailParameterHTML  1: a character set declared inside HTML wins over that of the mail's header when reading.

    emailParameterSentFolder
                        the folder that gets a copy of each mail that is sent, such as "SentItems", which is found
                        whatever the server calls it; "" (unless set): none. It is a folder of the IMAP session of the
                        same name as the sending one, where such a session is open; the member SentSession of an
                        emailSMTPSession names another. What asynchronous sessions send gets no copy (extension).

    For the outbox of asynchronous sessions (extensions), from the next opening on:

    emailParameterOutbox          where it is: a directory of its own, which is made if need be; "memory": nowhere, and
                                  what has not left when the program ends is lost; "": what the environment variable
                                  WLEMAIL_OUTBOX names, else a place in the user's own data. EmailStatus looks there.
    emailParameterDrainTimeOut    how long closing a session, and the end of the program, wait for mails that are due: a
                                  duration (10 seconds unless set), 0 for not at all.
    emailParameterMaxConnections  connections to the server at the same time, 1 to 50 (3 unless set).
    emailParameterMaxRate         mails a minute at most, 0 for as many as the server takes (unless set).
    emailParameterMaxAttempts     tries of one mail, 1 to 1000 (50 unless set); what is refused for good is tried once.
    emailParameterMaxAge          a duration after which a mail is not sent late (24 hours unless set).

    A session variable has members of its own for all of these but the place and the attempts. Another option or value
    is an error and changes nothing. There is no result.

    French: EmailParamètre. WLanguage page 1000022269.
    """
    from ..errors import InvalidValue
    from ..mail.settings import SETTINGS
    from . import constants

    option = int_value("Option", Option, -1)
    if option == constants.emailParameterMode:
        SETTINGS.mode = _zero_or_one(Value)
    elif option == constants.emailParameterHTML:
        SETTINGS.html_declares_charset = bool(_zero_or_one(Value))
    elif option == constants.emailParameterSentFolder:
        SETTINGS.sent_folder = text_value("Value", Value).strip()
    elif option == constants.emailParameterOutbox:
        SETTINGS.outbox = text_value("Value", Value).strip()
    else:
        from .dispatch_settings import configure

        if not configure(option, Value):
            raise InvalidValue("Option", "unknown option of EmailConfigure", option)


def _zero_or_one(given: object) -> int:
    value = int_value("Value", given, 0)
    if value not in (0, 1):
        from ..errors import InvalidValue

        raise InvalidValue("Value", "0 or 1 is expected", value)
    return value


# Three weeks: poll() counts milliseconds in 32 bits, and Python refuses a socket time-out that does not fit.
_LONGEST = 1_814_400.0

_UNITS = {"": 1.0, "s": 1.0, "ms": 0.001, "cs": 0.01, "m": 60.0, "min": 60.0, "mn": 60.0, "h": 3600.0}


def seconds(member: str, duration: object) -> float:
    """A duration as WLanguage people write it, in seconds; InvalidValue unless it is more than zero."""
    from ..errors import InvalidValue

    value = _seconds(duration)
    if value is None or value != value:
        raise InvalidValue(member, "a duration in seconds is expected", duration)
    if value <= 0:
        raise InvalidValue(member, "a time-out must be more than zero", duration)
    return min(value, _LONGEST)


def seconds_or_none(member: str, duration: object) -> float | None:
    """The same for a member that may be left empty."""
    return None if duration is None or duration == "" else seconds(member, duration)


def seconds_or_zero(member: str, duration: object) -> float:
    """The same where zero means not at all."""
    return 0.0 if _seconds(duration) == 0 else seconds(member, duration)


def _seconds(duration: object) -> float | None:
    if isinstance(duration, int):
        # float() refuses integers of hundreds of digits.
        return float(max(-1, min(duration, int(_LONGEST))))
    if isinstance(duration, float):
        return duration
    if isinstance(duration, str):
        text = duration.strip().lower().replace(",", ".")
        number = text.rstrip("abcdefghijklmnopqrstuvwxyz ")
        try:
            return float(number) * _UNITS[text[len(number) :].strip()]
        except (ValueError, KeyError):
            return None
    total = getattr(duration, "total_seconds", None)
    return float(total()) if callable(total) else None
