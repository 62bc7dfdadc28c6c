"""Waiting for as long as one likes: IDLE waits for minutes where a reply has seconds, or the reverse."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from ..wire.stream import Stream


@runtime_checkable
class PatientStream(Protocol):
    """A stream whose next wait can have a deadline of its own instead of the usual one."""

    def begin_wait_of(self, seconds: float) -> None:
        """Start the deadline that the following reads share: so many seconds from now."""


def begin_wait_of(stream: Stream, seconds: float) -> None:
    """Start a wait of so many seconds, or the usual one where the stream knows no other."""
    if isinstance(stream, PatientStream):
        stream.begin_wait_of(seconds)
    else:
        stream.begin_wait()
