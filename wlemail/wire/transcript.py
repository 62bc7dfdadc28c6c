"""The dialogue with a server in the `wlemail` logger at DEBUG, with secrets masked.

The protocols' clients say which lines are secret as a whole; the table below catches the commands that carry a
secret in plain sight, and `hide` adds the values themselves (and their base64), for servers that repeat them.
"""

from __future__ import annotations

import re
import sys
from base64 import b64encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging

MASK = "********"

# What stays visible is group 1. An optional tag makes the rows fit IMAP too.
_SECRET_COMMANDS = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        r"((?:\S+ )?AUTH(?:ENTICATE)? [^ ]+ )[^ =].*",
        r"(PASS )[^ ].*",
        r"(APOP [^ ]+ )[^ ].*",
        r"(\S+ LOGIN )[^ ].*",
    )
)
# A server may answer in many lines; nobody reads a trace line longer than this.
_LONGEST = 2000
# Hiding one or two characters would blacken everything and name the password's letters by their absence.
_SHORTEST_SECRET = 3


class Secrets:
    """Values that nobody may read in a log or an error, also where a server repeats them."""

    def __init__(self) -> None:
        self._hidden: list[str] = []

    def hide(self, *secrets: str) -> None:
        """Mask these values wherever they turn up, in clear or in base64."""
        for secret in secrets:
            if len(secret) < _SHORTEST_SECRET:
                continue
            encoded = b64encode(secret.encode("utf-8", "surrogatepass")).decode()
            self._hidden += [secret, encoded]
        self._hidden.sort(key=len, reverse=True)

    def masked(self, text: str) -> str:
        """The text with every hidden value masked."""
        for secret in self._hidden:
            text = text.replace(secret, MASK)
        return text


class Transcript(Secrets):
    """Writes one connection's dialogue; made only where somebody listens (see `transcript_for`)."""

    def __init__(self, logger: logging.Logger, name: str) -> None:
        super().__init__()
        self._logger = logger
        self._name = name

    def client(self, line: str, *, secret: bool = False) -> None:
        """What we send; `secret` masks the whole line."""
        self._write("C", MASK if secret else mask_command(line))

    def server(self, line: str) -> None:
        """What the server answers."""
        self._write("S", line)

    def note(self, text: str) -> None:
        """What happens besides lines: TLS, octets of content, the end."""
        self._write("-", text)

    def _write(self, who: str, text: str) -> None:
        for line in self.masked(text)[:_LONGEST].splitlines() or [""]:
            # Escapes would let a server paint the terminal of whoever reads the log.
            shown = line if line.isprintable() else line.encode("unicode_escape").decode()
            self._logger.debug("%s %s: %s", self._name, who, shown)


def mask_command(line: str) -> str:
    """The command with what follows AUTH, PASS, APOP or LOGIN masked."""
    for pattern in _SECRET_COMMANDS:
        match = pattern.fullmatch(line)
        if match:
            return match[1] + MASK
    return line


def transcript_for(host: str, port: int) -> Transcript | None:
    """A transcript if the `wlemail` logger wants DEBUG, else None; asked once, when a connection is opened."""
    # Nobody can have asked for a trace without importing logging, which is too dear to import in vain.
    logging = sys.modules.get("logging")
    if logging is None:
        return None
    logger = logging.getLogger("wlemail")
    return Transcript(logger, f"{host}:{port}") if logger.isEnabledFor(logging.DEBUG) else None
