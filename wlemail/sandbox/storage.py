"""Where the content of a message lies while it comes in and afterwards: memory, or a file when it is large.

Knows bytes and files. Which message they belong to is `mailbox`'s business, the Maildir layout `maildir`'s.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

#: A message stays in memory up to this many bytes.
MEMORY_LIMIT = 1 << 20


class Stored(Protocol):
    """The content of a message that has arrived whole."""

    @property
    def size(self) -> int: ...
    @property
    def path(self) -> Path | None: ...
    @property
    def in_memory(self) -> int: ...
    def open(self) -> BinaryIO: ...
    def delete(self) -> None: ...


class Spool(Protocol):
    """The content of a message that is coming in; ends with exactly one of `finish` and `discard`."""

    def write(self, data: bytes) -> None: ...
    def finish(self) -> Stored: ...
    def discard(self) -> None: ...


class InMemory:
    """Content that is small enough to be kept as bytes."""

    path: Path | None = None

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)
        self.in_memory = len(data)

    def open(self) -> BinaryIO:
        return io.BytesIO(self._data)

    def delete(self) -> None:
        """Nothing lies anywhere else."""


class OnDisk:
    """Content in a file, behind `skip` bytes that stand before it (a Maildir's trace fields)."""

    in_memory = 0

    def __init__(self, path: Path, size: int, skip: int = 0) -> None:
        self.path: Path | None = path
        self.size = size
        self._file = path
        self._skip = skip

    def open(self) -> BinaryIO:
        stream = self._file.open("rb")
        stream.seek(self._skip)
        return stream

    def delete(self) -> None:
        self._file.unlink(missing_ok=True)


class MemorySpool:
    """Collects content in memory and moves to a file once it is larger than `limit` bytes."""

    def __init__(self, new_file: Callable[[], Path], limit: int = MEMORY_LIMIT) -> None:
        self._new_file = new_file
        self._limit = limit
        self._stream: BinaryIO = io.BytesIO()
        self._path: Path | None = None
        self._size = 0

    def write(self, data: bytes) -> None:
        self._size += len(data)
        if self._path is None and self._size > self._limit:
            self._move_to_file()
        self._stream.write(data)

    def finish(self) -> Stored:
        if self._path is None:
            assert isinstance(self._stream, io.BytesIO)
            return InMemory(self._stream.getvalue())
        self._stream.close()
        return OnDisk(self._path, self._size)

    def discard(self) -> None:
        self._stream.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def _move_to_file(self) -> None:
        assert isinstance(self._stream, io.BytesIO)
        self._path = self._new_file()
        stream = self._path.open("wb")
        stream.write(self._stream.getvalue())
        self._stream = stream
