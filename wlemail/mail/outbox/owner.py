"""Who sends: one process for each account of an outbox, known by a lock that the operating system ends with it."""

from __future__ import annotations

import errno
import os
import sys
import weakref
from collections.abc import Callable
from types import TracebackType

from ...errors import OutboxUnavailable

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

#: what a lock says that somebody else has (Windows: EACCES or EDEADLK)
_TAKEN = (errno.EAGAIN, errno.EACCES, errno.EDEADLK, errno.EWOULDBLOCK)


class Ownership:
    """Held until released; a forked child does not hold it."""

    def __init__(self, release: Callable[[], None]) -> None:
        self._release: Callable[[], None] | None = release

    @property
    def held(self) -> bool:
        return self._release is not None

    def release(self) -> None:
        """Let the next one own it; nothing happens the second time."""
        release, self._release = self._release, None
        if release is not None:
            release()

    def __enter__(self) -> Ownership:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class FileLock:
    """A lock on a file, held by this object until released. The file stays: whoever removed it would part those who
    hold the old one from those who make a new one."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._descriptor = -1
        self._shared = False
        if hasattr(os, "register_at_fork"):
            own = weakref.ref(self)
            os.register_at_fork(after_in_child=lambda: _let_go(own))

    @property
    def held(self) -> bool:
        return self._descriptor >= 0

    def take(self, *, shared: bool = False) -> bool:
        """Try to get the lock, without waiting; False where another has it, or this object already. `shared` is for
        many that exclude one.

        Raises OutboxUnavailable where the file cannot be made or the file system has no locks.
        """
        if self.held:
            return False
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        except OSError as problem:
            raise OutboxUnavailable(self.path, problem.strerror or str(problem)) from problem
        try:
            _lock(descriptor, shared)
        except OSError as problem:
            os.close(descriptor)
            if problem.errno in _TAKEN:
                return False
            raise OutboxUnavailable(self.path, problem.strerror or str(problem)) from problem
        self._descriptor = descriptor
        self._shared = shared
        return True

    def release(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            if sys.platform == "win32" and not self._shared:
                os.lseek(descriptor, 0, os.SEEK_SET)
                msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
            os.close(descriptor)

    def abandon(self) -> None:
        """In a forked child: close the inherited descriptor, else the lock would outlive the parent."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def _let_go(lock: weakref.ref[FileLock]) -> None:
    held = lock()
    if held is not None:
        held.abandon()


def _lock(descriptor: int, shared: bool) -> None:
    if sys.platform == "win32":
        # No shared locks there, and no need: a file that anybody has open cannot be put aside.
        if not shared:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        # flock and not lockf: the lock is this descriptor's. A second worker of the same process is told no, and a
        # library that opens and closes the same file does not end it.
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
