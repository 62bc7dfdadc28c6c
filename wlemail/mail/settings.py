"""The process-wide settings: time-outs, and what EmailConfigure remembers. The only global record below the face."""

from __future__ import annotations

from dataclasses import dataclass, field

#: WLanguage's documented default: ten minutes of silence
DEFAULT_TIMEOUT = 600.0


@dataclass(frozen=True)
class Dispatch:
    """How an asynchronous session empties its part of the outbox."""

    #: seconds that closing, and the end of the program, wait for what is due
    drain: float = 10.0
    #: to the server at the same time; some providers take three from one user, and more are seldom faster
    max_connections: int = 3
    #: messages a minute, 0 for as many as the server takes
    max_rate: float = 0.0
    #: tries of one message before it counts as failed
    max_attempts: int = 50
    #: seconds after which a message that has not left is not sent late
    max_age: float = 86_400.0


@dataclass
class Settings:
    """`timeout` in seconds bounds connecting (name resolution included), TLS, and each wait for a server."""

    timeout: float = DEFAULT_TIMEOUT
    #: WLanguage's "management mode": remembered, without effect
    mode: int = 1
    #: reading: a character set that HTML declares wins over the header's
    html_declares_charset: bool = False
    #: where a copy of what is sent goes, in the mailbox of the same name; "" for nowhere
    sent_folder: str = ""
    #: seconds that closing at exit may spend on saying goodbye, over all sessions
    exit_grace: float = 5.0
    #: the outbox: a directory, "memory", or "" for the environment's or the user's own
    outbox: str = ""
    dispatch: Dispatch = field(default_factory=Dispatch)


SETTINGS = Settings()


@dataclass
class SessionTimeouts:
    """A session's limits in seconds: its own where it has them, else the process's; looked up at each wait."""

    own: float | None = None
    own_connect: float | None = None
    own_read: float | None = None
    own_write: float | None = None

    @property
    def connect(self) -> float:
        return self._common if self.own_connect is None else self.own_connect

    @property
    def read(self) -> float:
        return self._common if self.own_read is None else self.own_read

    @property
    def write(self) -> float:
        return self._common if self.own_write is None else self.own_write

    @property
    def _common(self) -> float:
        return SETTINGS.timeout if self.own is None else self.own
