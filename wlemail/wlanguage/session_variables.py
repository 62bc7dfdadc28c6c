"""Session variables: emailSMTPSession (page 1000018765), emailPOP3Session (1000018759), emailIMAPSession (1000018957).

They hold what the script assigned; `sessions.py` turns that into an account, and keeps the open session in `_session`.
"""

from __future__ import annotations

from .arrays import Array
from .boundary import wl_function
from .constants import emailOptionDefault, emailSynchronous
from .methods import IMAPSessionMethods, POP3SessionMethods, SMTPSessionMethods
from .structure import Field, Structure, anything, boolean, hidden, integer, listing, secret, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from typing_extensions import Self

    from ..mail.session import Session
    from .email_variable import Email
    from .values import Integer


class SessionVariable(Structure):
    """What all session variables have in common.

    The variable owns the session that it opened: a copy has the same settings and is not open, nor is one that comes
    out of a pickle, which also never holds the password. `with session:` closes it at the end (extension).
    """

    ServerAddress = text(doc="the server's name or IP address")
    AdresseServeur = ServerAddress
    Option = integer(emailOptionDefault, doc="emailOptionDefault, emailProtocolSMTPS (STARTTLS) or optionTLS")
    Name = text(doc="the user name; with a password it is the login")
    Nom = Name
    Password = secret(doc="the password; empty: no authentication")
    MotDePasse = Password

    SessionName = text(doc="what the session is called in EmailListSession and in errors; Name unless set (extension)")
    NomSession = SessionName
    TimeOut = anything(
        doc="limit of every wait of this session: seconds, '30s', timedelta; EmailSetTimeOut's (extension)"
    )
    ConnectTimeOut = anything(doc="limit for connecting and securing; TimeOut unless set (extension)")
    TimeOutConnexion = ConnectTimeOut
    ReadTimeOut = anything(doc="limit of each wait for an answer; TimeOut unless set (extension)")
    TimeOutLecture = ReadTimeOut
    WriteTimeOut = anything(doc="limit of each wait while sending; TimeOut unless set (extension)")
    TimeOutEcriture = WriteTimeOut

    def __init__(self, **members: Any) -> None:
        self._session: Session[Any] | None = None
        super().__init__(**members)

    def _pickled(self) -> dict[str, Any]:
        return {name: value for name, value in self._values.items() if not self._members[name].secret}

    # Two variables with equal settings are two sessions.
    __eq__ = object.__eq__
    __hash__ = object.__hash__  # type: ignore[assignment]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        from .sessions import EmailCloseSession

        EmailCloseSession(self)

    def __repr__(self) -> str:
        opened = self._session is not None and not self._session.closed
        return listing(f"{type(self).__name__} ({'open' if opened else 'not open'})", self._lines())


class ServerSession(SessionVariable):
    """What the sessions with mail servers have in common."""

    if TYPE_CHECKING:
        # Of each kind, with a default of its own.
        Port: Integer | Any
    AuthToken = hidden(
        doc="an OAuth 2.0 access token in the password's place: text, or a function that gives it at each opening"
    )
    IgnoreError = integer(0, doc="what the server's certificate may fail: emailSessionIgnore… constants, added up")
    IgnoreErreur = IgnoreError
    AuthMechanism = text(
        doc="the authentication mechanism to use, such as 'PLAIN'; the strongest one unless set (extension)"
    )
    MécanismeAuth = AuthMechanism
    DisablePipelining = boolean(doc="True: one command at a time, whatever the server offers (extension)")
    DésactivePipelining = DisablePipelining
    TLSVersions = text(
        doc="the TLS versions that are accepted, such as '1.2' or '1.0-1.3'; 1.2 and newer unless set (extension)"
    )
    VersionsTLS = TLSVersions


class emailSMTPSession(ServerSession, SMTPSessionMethods):
    """A session for sending mail (SMTP), described by its members and opened by EmailStartSession (page 1000018765).

    French: emailSessionSMTP.
    """

    Port = integer(25, doc="the port, whatever Option says; usual: 25, 587 (STARTTLS), 465 (TLS from the first byte)")
    Asynchronous = integer(
        emailSynchronous, doc="emailSynchronous (False) or emailAsynchronous (True): mails wait in the outbox"
    )
    Asynchrone = Asynchronous
    DisableChunking = boolean(doc="True: DATA even where the server offers BDAT (extension)")
    DésactiveChunking = DisableChunking
    SentSession = anything(
        doc="where a copy of each mail goes: an IMAP session, a variable or a name; not asynchronous (extension)"
    )
    SessionEnvoyés = SentSession
    SentFolder = text("SentItems", doc="the folder there, found whatever the server calls it (extension)")
    DossierEnvoyés = SentFolder
    MaxConnections = anything(doc="asynchronous: connections at the same time; EmailConfigure's unless set (extension)")
    MaxConnexions = MaxConnections
    MaxRate = anything(doc="asynchronous: mails a minute at most, 0: no limit; EmailConfigure's unless set (extension)")
    DébitMax = MaxRate
    MaxAge = anything(doc="asynchronous: a duration after which a mail is not sent late; EmailConfigure's (extension)")
    ÂgeMax = MaxAge
    DrainTimeOut = anything(
        doc="asynchronous: how long closing waits for mails that are due; EmailConfigure's (extension)"
    )
    TimeOutVidage = DrainTimeOut


class _EmailByIndexField(Field):
    """The mails of an open session as an array, made once a session."""

    def __init__(self, doc: str) -> None:
        super().__init__(None, doc)

    def __get__(self, variable: Structure | None, owner: type | None = None) -> Any:
        if variable is None:
            return self
        assert isinstance(variable, emailPOP3Session)
        kept = variable._by_index
        if kept is None or kept[0] is not variable._session:
            mails = EmailByIndex(variable)
            if mails is None:
                return Array()
            kept = variable._by_index = variable._session, mails
        return kept[1]

    def __set__(self, variable: Structure, value: object) -> None:
        raise AttributeError(f"{self.name} is read-only: it holds the mails of the session", name=self.name)


@wl_function(error_state="keeps")
def EmailByIndex(session: emailPOP3Session) -> Array[Email] | None:
    """What the member of that name reads, with what goes wrong as the thread's error."""
    from .mailbox import mailbox, mails_on_demand

    return mails_on_demand(mailbox(session))


class MailboxSession(ServerSession):
    """What the sessions that read have in common."""

    def __iter__(self) -> Iterator[Email]:
        return self._walk(unread=False)

    def _walk(self, *, unread: bool) -> Iterator[Email]:
        from .mailbox import Walk
        from .reading import ForEach

        walk = Walk(self, unread=unread)
        while (mail := ForEach(walk)) is not None:
            yield mail


class emailPOP3Session(MailboxSession, POP3SessionMethods):
    """A session for reading mail (POP3), described by its members and opened by EmailStartSession (page 1000018759).

    `for mail in session` goes through all mails, each read whole, the oldest first; EmailDeleteMessage(session, mail)
    may be called meanwhile. Where reading fails the loop ends, and ErrorOccurred is True.

    French: emailSessionPOP3.
    """

    Port = integer(110, doc="the port, whatever Option says; usual: 110, 995 (TLS from the first byte)")
    EmailByIndex: Array[Email] | Any = _EmailByIndexField(
        "all mails, the oldest first, each fetched when it is looked at (read-only)"
    )
    EmailParIndice = EmailByIndex

    def __init__(self, **members: Any) -> None:
        self._by_index: tuple[object, Array[Email]] | None = None
        super().__init__(**members)


class emailIMAPSession(MailboxSession, IMAPSessionMethods):
    """A session for reading mail in folders (IMAP), described by its members and opened by EmailStartSession (page
    1000018957).

    AuthToken takes the password's place where the server wants OAuth (Microsoft 365, Gmail): a token as text, or a
    function without parameters that gives a fresh one at each opening.

    `for mail in session` goes through the mails of the current folder, each read whole, the oldest first; `for mail in
    session.NotRead()` through those that were not read. EmailDeleteMessage, EmailCopy and EmailChangeStatus may be
    called meanwhile. Where reading fails the loop ends, and ErrorOccurred is True.

    French: emailSessionIMAP.
    """

    Port = integer(143, doc="the port, whatever Option says; usual: 143, 993 (TLS from the first byte)")
    DisableCompression = boolean(doc="True: no compression even where the server offers it (extension)")
    DésactiveCompression = DisableCompression
