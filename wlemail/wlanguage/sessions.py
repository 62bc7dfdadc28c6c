"""Opening and closing sessions by name or by variable (pages 3032025, 3032022, 1000019189, 3032028, 3032006).

Sorts out WLanguage's positional forms; accounts.py makes accounts of values, connections and the table of sessions are
mail/'s.
"""

from __future__ import annotations

from .arrays import Array
from .boundary import wl_function
from .constants import emailOptionDefault, emailSynchronous
from .late import Late
from .log import warn
from .secret_string import SecretString
from .session_variables import ServerSession, SessionVariable, emailIMAPSession, emailSMTPSession
from .values import OMITTED, Omitted, int_value, text_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..mail.account import Account
    from ..mail.reader import MailboxReader
    from ..mail.session import Session
    from ..mail.settings import Dispatch
    from . import accounts
else:
    accounts = Late("accounts")


@wl_function(on_error=False)
def EmailStartSMTPSession(
    Username: str,
    Password: str | SecretString | Omitted | None = OMITTED,
    ServerAddress: str | int | Omitted = OMITTED,
    Port: int | str | None = 25,
    Asynchronous: int | str | None = False,
    Option: int | str | None = emailOptionDefault,
) -> bool:
    """Open a session for sending mail (SMTP) and name it by the user name.

    EmailStartSMTPSession(Username, ServerAddress)
    EmailStartSMTPSession(Username, Password, ServerAddress [, Port [, Asynchronous [, Option]]])
    EmailStartSMTPSession(Username, ServerAddress, Port [, Asynchronous [, Option]])

    Username       names the session for the other functions; with a password it is also the login.
    Password       text or a SecretString; "" or none: no authentication.
    ServerAddress  host name or IP address.
    Port           25 unless given, whatever the option (usual: 587 with emailProtocolSMTPS, 465 with optionTLS).
    Asynchronous   emailSynchronous (False), or emailAsynchronous (True): mails wait in the outbox on this computer's
                   disk and leave in the background; EmailStatus tells what became of each (EmailConfigure: settings).
    Option         emailOptionDefault: in clear; emailProtocolSMTPS (= emailOptionSecuredTLS): STARTTLS, refused
                   where the server does not offer it; optionTLS (= optionSSL): TLS from the first byte;
                   emailOptionTLSIfAvailable: STARTTLS where it is offered (extension).

    Connects, secures and authenticates before it returns. A session that this thread opened before under the same
    name is closed first. Result: True, or False with ErrorOccurred True and the reason in ErrorInfo().

    French: EmailOuvreSessionSMTP. WLanguage page 3032025.
    """
    if isinstance(Password, Omitted) and isinstance(ServerAddress, Omitted):
        raise TypeError("EmailStartSMTPSession needs a user name and the address of a server")
    if isinstance(ServerAddress, Omitted):
        # Two arguments: (user, server).
        Password, ServerAddress = "", Password or ""
    elif _is_number(ServerAddress):
        # The third is a port: the password was left out, everything else moved one place to the left. The places
        # behind the port then hold (asynchronous, option), however many were given.
        given_port, given_asynchronous, given_option = ServerAddress, Port, Asynchronous
        Password, ServerAddress, Port = "", Password or "", given_port
        Asynchronous = False if given_asynchronous == 25 else given_asynchronous
        Option = Option if given_option is False else given_option
    elif isinstance(Password, Omitted):
        Password = ""
    name = text_value("Username", Username)
    asynchronous, option = _asynchronous_and_option(Asynchronous, Option)
    account = accounts.named_account(name, Password, ServerAddress, Port, 25, option)
    dispatch = _dispatch(asynchronous)
    _close_own(name, "SMTP")
    _open_smtp(account, dispatch=dispatch)
    return True


@wl_function(on_error=False)
def EmailStartPOP3Session(
    Username: str,
    Password: str | SecretString | None,
    ServerAddress: str,
    Port: int | str | None = 110,
    Option: int | str | None = emailOptionDefault,
) -> bool:
    """Open a session for reading mail (POP3) and name it by the user name.

    Username       names the session for the other functions, and is the login.
    Password       text or a SecretString.
    ServerAddress  host name or IP address.
    Port           110 unless given, whatever the option (usual: 995 with optionTLS).
    Option         emailOptionDefault: in clear; emailProtocolSMTPS: STLS, refused where the server does not offer it;
                   optionTLS (= optionSSL): TLS from the first byte; emailOptionTLSIfAvailable: STLS where it is offered
                   (extension).

    Connects, secures and logs in before it returns. Mail that arrives later is seen once the session is closed and
    opened again; deletions take place when it is closed. A session for sending may have the same name; a POP3 session
    that this thread opened before under it is closed first.
    Result: True, or False with ErrorOccurred True and the reason in ErrorInfo().

    French: EmailOuvreSessionPOP3. WLanguage page 3032022.
    """
    name = text_value("Username", Username)
    option = int_value("Option", Option, emailOptionDefault)
    account = accounts.named_account(name, Password, ServerAddress, Port, 110, option)
    _close_own(name, "POP3")
    _open_pop3(account)
    return True


@wl_function(on_error=False)
def EmailStartIMAPSession(
    Username: str,
    Password: str | SecretString | None,
    ServerAddress: str,
    Port: int | str | None = 143,
    Option: int | str | None = emailOptionDefault,
) -> bool:
    """Open a session for reading mail in folders (IMAP) and name it by the user name.

    Username       names the session for the other functions, and is the login.
    Password       text or a SecretString. For OAuth use a session variable (emailIMAPSession.AuthToken).
    ServerAddress  host name or IP address.
    Port           143 unless given, whatever the option (usual: 993 with optionTLS).
    Option         emailOptionDefault: in clear; emailProtocolSMTPS: STARTTLS, refused where the server does not offer
                   it; optionTLS (= optionSSL): TLS from the first byte; emailOptionTLSIfAvailable: STARTTLS where it is
                   offered (extension).

    Connects, secures and logs in before it returns; the inbox is then the current folder (EmailChangeFolder). New mail
    is seen as it comes. EmailDeleteMessage marks; mails go for good by EmailExpunge, and closing the session expunges
    nothing. Sessions for sending and of POP3 may have the same name (readers use the one opened last); an IMAP session
    that this thread opened before under it is closed first.
    Result: True, or False with ErrorOccurred True and the reason in ErrorInfo().

    French: EmailOuvreSessionIMAP. WLanguage page 1000019189.
    """
    name = text_value("Username", Username)
    option = int_value("Option", Option, emailOptionDefault)
    account = accounts.named_account(name, Password, ServerAddress, Port, 143, option)
    _close_own(name, "IMAP")
    _open_imap(account)
    return True


@wl_function(on_error=False)
def EmailStartSession(
    Session: SessionVariable | str,
    Password: str | SecretString | int | Omitted | None = OMITTED,
    POP3Address: str | Omitted = OMITTED,
    SMTPAddress: str | Omitted | None = OMITTED,
    POP3Port: int | str | None = 110,
    SMTPPort: int | str | None = 25,
    Asynchronous: int | str | None = emailSynchronous,
) -> bool:
    """Open the session that a session variable describes, or POP3 and SMTP at once.

    EmailStartSession(Session)
    EmailStartSession(UserName, Password, POP3Address [, SMTPAddress [, POP3Port [, SMTPPort [, Asynchronous]]]])

    Of a variable everything comes from its members; one whose session is open is closed and opened anew. The other
    functions take the variable, or its SessionName (else its Name).

    The second form opens two sessions under the user name, for reading and for sending; SMTPAddress is that of POP3
    unless given, Asynchronous as with EmailStartSMTPSession. The SMTP session authenticates where the server offers
    it, and is open without where it refuses (EmailStartSMTPSession insists). Where one cannot be opened, neither is.

    The form for profiles of Microsoft Exchange's client, EmailStartSession(Profile [, Asynchronous]), is not available.
    Result: True, or False with ErrorOccurred True and the reason in ErrorInfo().

    French: EmailOuvreSession. Prefix form: Session.StartSession(). WLanguage page 3032028.
    """
    if isinstance(Session, SessionVariable):
        _start_variable(Session)
    elif isinstance(POP3Address, Omitted):
        from ..errors import Unsupported

        text_value("Session", Session)
        raise Unsupported("opening a profile of Microsoft Exchange's client", "use a session variable or a server")
    else:
        password = "" if isinstance(Password, Omitted) else Password
        smtp = POP3Address if isinstance(SMTPAddress, Omitted) or not SMTPAddress else SMTPAddress
        _start_both(Session, password, (POP3Address, POP3Port), (smtp, SMTPPort), Asynchronous)
    return True


@wl_function(on_error=None, error_state="keeps")
def EmailCloseSession(Session: str | SessionVariable) -> None:
    """Close a session: by name every session (SMTP, POP3, IMAP) that is open under it, or the one of a variable.

    By name these are this thread's own, or else those opened last under that name. On POP3 the deletions take place
    now: where the server does not confirm them, ErrorOccurred is True. On IMAP nothing is expunged. Closing what is not
    open does nothing. There is no result, and a standing error stays where closing succeeds.

    An asynchronous session waits until its mails have left, 10 seconds at most (emailParameterDrainTimeOut). The rest
    stays in the outbox, which is said on stderr; it leaves when a session of that account (user, server, port) opens
    again, or by `python -m wlemail outbox flush`. The end of the program closes what is open in the same way.

    French: EmailFermeSession. Prefix form: Session.CloseSession(). WLanguage page 3032006.
    """
    if isinstance(Session, SessionVariable):
        _close_variable(Session)
        return
    from ..errors import MailError
    from ..mail.session_table import TABLE

    problem: MailError | None = None
    for session in TABLE.to_close(text_value("Session", Session)):
        try:
            close(session)
        except MailError as failure:
            # The others are closed all the same.
            problem = problem or failure
    if problem is not None:
        raise problem


@wl_function(on_error=Array, error_state="keeps")
def EmailListSession() -> Array:
    """The names of the sessions that are open, oldest first, in an Array (extension; WLanguage has no such list).

    French: EmailListeSession.
    """
    from ..mail.session_table import TABLE

    return Array(list(dict.fromkeys(session.name for session in TABLE.everything())))


# -- which form it is -----------------------------------------------------------------------------------


def _is_number(value: object) -> bool:
    if isinstance(value, int):
        return True
    return isinstance(value, str) and (not value.strip() or value.strip().isdigit())


def _asynchronous_and_option(asynchronous: object, option: object) -> tuple[bool, int]:
    """A number other than 0 and 1 in the asynchronous place is the option, slipped one place (seen in real scripts)."""
    number = int_value("Asynchronous", asynchronous, 0)
    chosen = int_value("Option", option, emailOptionDefault)
    if number in (0, 1):
        return bool(number), chosen
    if chosen != emailOptionDefault:
        from ..errors import InvalidValue

        raise InvalidValue("Asynchronous", "expected emailSynchronous or emailAsynchronous", number)
    warn("the option %d was given in the place of the asynchronous mode; it is taken as the option", number)
    return False, number


def _start_variable(variable: SessionVariable) -> None:
    if not isinstance(variable, ServerSession):
        raise TypeError(f"EmailStartSession cannot open a {type(variable).__name__}")
    account = accounts.variable_account(variable)
    if isinstance(variable, emailSMTPSession):
        mode = _asynchronous_and_option(variable.Asynchronous, emailOptionDefault)[0]
        dispatch = _dispatch(mode, variable)
        _close_before_opening(variable._session)
        variable._session = _open_smtp(account, owned=True, dispatch=dispatch)
        variable._session.copies_to = variable
        if mode and variable.SentSession is not None:
            warn("what an asynchronous session sends is not copied to SentSession")
        return
    _close_before_opening(variable._session)
    open_ = _open_imap if isinstance(variable, emailIMAPSession) else _open_pop3
    variable._session = open_(account, owned=True)


def _start_both(
    user: object, password: object, pop3: tuple[object, object], smtp: tuple[object, object], asynchronous: object
) -> None:
    from dataclasses import replace

    name = text_value("UserName", user)
    mode, option = _asynchronous_and_option(asynchronous, emailOptionDefault)
    reading = accounts.named_account(name, password, *pop3, 110, option)
    sending = replace(accounts.named_account(name, password, *smtp, 25, option), authentication_optional=True)
    dispatch = _dispatch(mode)
    _close_own(name, "POP3")
    _close_own(name, "SMTP")
    session = _open_pop3(reading)
    opened = False
    try:
        _open_smtp(sending, dispatch=dispatch)
        opened = True
    finally:
        if not opened:
            close(session)


# -- opening and closing ------------------------------------------------------------------------------


def _dispatch(asynchronous: bool, variable: emailSMTPSession | None = None) -> Dispatch | None:
    """How an asynchronous session sends; None for one that sends at once."""
    if not asynchronous:
        return None
    from .dispatch_settings import dispatch_of

    return dispatch_of(variable)


def _open_smtp(account: Account, *, owned: bool = False, dispatch: Dispatch | None = None) -> Session[Any]:
    """Nothing enters the table before authentication has succeeded."""
    from ..mail.session import Kind, Session
    from ..mail.session_table import TABLE

    session: Session[Any]
    if dispatch is None:
        from ..mail.backends.smtp import SmtpOutgoing

        session = Session(account, Kind.SMTP, SmtpOutgoing(account), owned=owned)
    else:
        from ..mail.backends.outbox import OutboxOutgoing

        session = Session(account, Kind.SMTP, OutboxOutgoing(account, dispatch), owned=owned, asynchronous=True)
    TABLE.add(session)
    return session


def _open_pop3(account: Account, *, owned: bool = False) -> Session[MailboxReader]:
    from ..mail.backends.pop3 import Pop3Incoming
    from ..mail.reader import MailboxReader
    from ..mail.session import Kind, Session
    from ..mail.session_table import TABLE

    session = Session(account, Kind.POP3, MailboxReader(Pop3Incoming(account)), owned=owned)
    TABLE.add(session)
    return session


def _open_imap(account: Account, *, owned: bool = False) -> Session[MailboxReader]:
    from ..mail.backends.imap import ImapIncoming
    from ..mail.reader import MailboxReader
    from ..mail.session import Kind, Session
    from ..mail.session_table import TABLE

    session = Session(account, Kind.IMAP, MailboxReader(ImapIncoming(account)), owned=owned)
    TABLE.add(session)
    return session


def _close_own(name: str, kind: str) -> None:
    """A name that this thread opens again: its earlier session ends (variables keep theirs)."""
    from ..mail.session import Kind
    from ..mail.session_table import TABLE

    for session in TABLE.own(name, Kind(kind)):
        if not session.owned:
            _close_before_opening(session)


def _close_before_opening(session: Session[Any] | None) -> None:
    """The new session is what counts: what the end of the earlier one brings is told in the log."""
    from ..errors import MailboxChanged

    if session is None:
        return
    try:
        close(session)
    except MailboxChanged as problem:
        warn(
            "closing the earlier session %r: %s; deletions that did not take place: %d",
            session.name,
            problem,
            problem.undone,
        )


def _close_variable(variable: SessionVariable) -> None:
    session: Session[Any] | None = variable._session
    if session is not None:
        close(session)
    variable._session = None


def close(session: Session[Any]) -> None:
    """Take a session out of the table and say goodbye."""
    from ..errors import SessionBusy
    from ..mail.session_table import TABLE

    TABLE.remove(session)
    try:
        session.close()
    except SessionBusy:
        # The procedure of a transfer wanted to close the session that calls it: it goes on, and can be closed later.
        TABLE.add(session)
        raise
