"""The shape that every protocol of the sandbox has towards the connection that carries it: bytes in, bytes out."""

from __future__ import annotations

from typing import Protocol


class Session(Protocol):
    """One client's dialogue. Knows no socket, no time and no thread."""

    #: the connection ends once what was given out is written
    closed: bool
    #: the client asked for TLS: it starts once what was given out is written
    wants_tls: bool
    #: grows with each complete command and each piece of content: a client that does not move it forward is idle
    progress: int

    @property
    def pending(self) -> bool:
        """`receive` has left something for another call, because its replies would be too much at once."""
        ...

    def greet(self) -> bytes:
        """What the server says first."""
        ...

    def receive(self, data: bytes) -> bytes:
        """Take what the client sent, in any division; give the replies."""
        ...

    def news(self) -> bytes:
        """What there is to say without having been asked; looked for ten times a second while the client is silent."""
        ...

    def tls_started(self, version: str) -> None:
        """The handshake is done; everything the client said before is forgotten."""
        ...

    def say_goodbye(self, reason: str) -> bytes:
        """What the server says when it ends the dialogue by itself ("idle", "stopping")."""
        ...

    def end(self) -> None:
        """The client is gone: drop what has half arrived."""
        ...
