"""The process-wide settings: time-outs, and what EmailConfigure remembers. The only global record below the face."""

from __future__ import annotations

from dataclasses import dataclass

#: WLanguage's documented default: ten minutes of silence
DEFAULT_TIMEOUT = 600.0


@dataclass
class Settings:
    """`timeout` in seconds bounds connecting (name resolution included), TLS, and each wait for a server."""

    timeout: float = DEFAULT_TIMEOUT
    #: WLanguage's "management mode": remembered, without effect
    mode: int = 1
    #: reading: a character set that HTML declares wins over the header's
    html_declares_charset: bool = False
    #: seconds that closing at exit may spend on saying goodbye, over all sessions
    exit_grace: float = 5.0


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
