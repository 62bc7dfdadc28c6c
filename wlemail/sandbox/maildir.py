"""Delivery into a Maildir: a file is written under `tmp/` and renamed into `new/` when it is whole.

The file opens with the trace fields of final delivery (RFC 5321 4.4), then come the bytes as received.
"""

from __future__ import annotations

import itertools
import os
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .storage import OnDisk

if TYPE_CHECKING:
    from .mailbox import Envelope
    from .storage import Stored

# Two deliveries of one process within a microsecond still need two names.
_deliveries = itertools.count(1)


class Maildir:
    """A Maildir directory, made if it is not there."""

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self.directory = Path(directory)
        for part in ("tmp", "new", "cur"):
            (self.directory / part).mkdir(parents=True, exist_ok=True)

    def spool(self, envelope: Envelope) -> MaildirSpool:
        """Open a file for a message of this envelope."""
        return MaildirSpool(self.directory, _unique_name(), trace_fields(envelope))


class MaildirSpool:
    """One message on its way into the Maildir."""

    def __init__(self, directory: Path, name: str, prefix: bytes) -> None:
        self._temporary = directory / "tmp" / name
        self._new = directory / "new" / name
        self._skip = len(prefix)
        self._size = 0
        self._stream = self._temporary.open("xb")
        self._stream.write(prefix)

    def write(self, data: bytes) -> None:
        self._size += len(data)
        self._stream.write(data)

    def finish(self) -> Stored:
        # No fsync: this mail is a rehearsal, and a flush to disk for each costs more than everything else together.
        self._stream.close()
        os.replace(self._temporary, self._new)
        return OnDisk(self._new, self._size, self._skip)

    def discard(self) -> None:
        self._stream.close()
        self._temporary.unlink(missing_ok=True)


def trace_fields(envelope: Envelope) -> bytes:
    """The envelope as header fields, for those who read the file later."""
    lines = [f"Return-Path: <{envelope.sender}>"]
    lines += [f"Delivered-To: {recipient}" for recipient in envelope.recipients]
    return "".join(line + "\r\n" for line in lines).encode("utf-8", "replace")


def _unique_name() -> str:
    seconds, fraction = divmod(time.time_ns(), 1_000_000_000)
    # The host's name may hold what a file name may not; "/" and ":" have their own spelling in Maildir.
    host = "".join(c if c.isalnum() or c in ".-_" else f"\\{ord(c):03o}" for c in socket.gethostname())
    if os.name == "nt":
        host = host.replace("\\", "_")
    return f"{seconds}.M{fraction // 1000}P{os.getpid()}Q{next(_deliveries)}.{host or 'localhost'}"
