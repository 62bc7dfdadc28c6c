"""Contents that are too large for a row: a file each, complete and on disk before the row that names it."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterable, Iterator
from zlib import crc32

from ...errors import ContentLost
from . import place
from .complaints import from_system

_PIECE = 1 << 18
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
_UNFINISHED, _COMPLETE = ".part", ".eml"
#: A file that no row names is rubbish once nobody can still be about to write the row, in seconds.
_RUBBISH_AGE = 24 * 3600.0


class Spool:
    """A directory of contents; nothing but this class gives names in it."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self._ready = False

    def write(self, chunks: Iterable[bytes]) -> tuple[str, int, int]:
        """Keep a content; its name, its size and its CRC. It is durable when this returns; nothing is left of it when
        this raises.

        Raises OutboxFull, OutboxUnavailable, and whatever reading the content raises.
        """
        if not self._ready:
            place.prepare_private(self.directory)
            self._ready = True
        name = uuid.uuid4().hex
        unfinished = os.path.join(self.directory, name + _UNFINISHED)
        complete = os.path.join(self.directory, name + _COMPLETE)
        try:
            descriptor = os.open(unfinished, _FLAGS, 0o600)
        except OSError as problem:
            self._ready = False
            raise from_system(unfinished, problem) from problem
        try:
            try:
                size, crc = self._fill(descriptor, unfinished, chunks)
            finally:
                os.close(descriptor)
            self._publish(unfinished, complete)
        except BaseException:
            _remove(unfinished)
            _remove(complete)
            raise
        return name, size, crc

    def _fill(self, descriptor: int, path: str, chunks: Iterable[bytes]) -> tuple[int, int]:
        size = crc = 0
        for chunk in chunks:
            view = memoryview(chunk)
            try:
                while view:
                    view = view[os.write(descriptor, view) :]
            except OSError as problem:
                raise from_system(path, problem) from problem
            size += len(chunk)
            crc = crc32(chunk, crc)
        try:
            place.sync_file(descriptor)
        except OSError as problem:
            raise from_system(path, problem) from problem
        return size, crc

    def _publish(self, unfinished: str, complete: str) -> None:
        try:
            os.rename(unfinished, complete)
            place.sync_directory(self.directory)
        except OSError as problem:
            raise from_system(complete, problem) from problem

    def content(self, name: str, number: int, size: int, crc: int) -> SpooledContent:
        """What was kept under that name for message `number`."""
        return SpooledContent(os.path.join(self.directory, name + _COMPLETE), number, size, crc)

    def remove(self, name: str) -> None:
        """Forget a content. What cannot be removed now (Windows: somebody reads it) is rubbish later."""
        _remove(os.path.join(self.directory, name + _COMPLETE))

    def names(self) -> list[str]:
        """The names of the contents that are there."""
        return [name.removesuffix(_COMPLETE) for name in self._files() if name.endswith(_COMPLETE)]

    def move(self, name: str, directory: str) -> None:
        """Put a content that no row names any more into another directory, for people to look at."""
        try:
            os.makedirs(directory, 0o700, exist_ok=True)
            file = name + _COMPLETE
            os.replace(os.path.join(self.directory, file), os.path.join(directory, file))
        except OSError as problem:
            raise from_system(directory, problem) from problem

    def has_rubbish(self) -> bool:
        """Whether there are files that have been there for so long that they may be what a crash left behind."""
        return any(_is_old(os.path.join(self.directory, file)) for file in self._files())

    def sweep(self, known: Iterable[str]) -> None:
        """Remove what crashes left behind: old files that none of the `known` names stands for."""
        keep = {name + _COMPLETE for name in known}
        for file in self._files():
            path = os.path.join(self.directory, file)
            if file.endswith((_UNFINISHED, _COMPLETE)) and file not in keep and _is_old(path):
                _remove(path)

    def _files(self) -> list[str]:
        try:
            return os.listdir(self.directory)
        except FileNotFoundError:
            return []
        except OSError as problem:
            raise from_system(self.directory, problem) from problem


class MemorySpool:
    """The same for an outbox in memory."""

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}

    def write(self, chunks: Iterable[bytes]) -> tuple[str, int, int]:
        name, data = uuid.uuid4().hex, b"".join(chunks)
        self._contents[name] = data
        return name, len(data), 0

    def content(self, name: str, number: int, size: int, crc: int) -> MemoryContent:
        return MemoryContent(self._contents.get(name), number)

    def remove(self, name: str) -> None:
        self._contents.pop(name, None)

    def has_rubbish(self) -> bool:
        return False

    def sweep(self, known: Iterable[str]) -> None:
        """Nothing is left behind in memory."""


class MemoryContent:
    """A content in memory."""

    def __init__(self, data: bytes | None, number: int) -> None:
        self._data = data
        self.number = number
        self.size = len(data or b"")

    def check(self) -> None:
        """ContentLost where it is gone."""
        if self._data is None:
            raise ContentLost(place.MEMORY, self.number, "it is no longer there")

    def chunks(self) -> Iterator[bytes]:
        self.check()
        yield self._data or b""


class SpooledContent:
    """A content in its file; reading it fails where it is not the one that was written."""

    def __init__(self, path: str, number: int, size: int, crc: int) -> None:
        self.path = path
        self.number = number
        self.size = size
        self._crc = crc

    def check(self) -> None:
        """ContentLost where the file is gone or has another size."""
        try:
            self._compare(os.stat(self.path).st_size)
        except OSError as problem:
            raise self._lost(problem) from problem

    def chunks(self) -> Iterator[bytes]:
        """The content; what turns out to be another one fails at its end, before the message counts as complete."""
        crc = 0
        try:
            with open(self.path, "rb", buffering=0) as file:
                self._compare(os.fstat(file.fileno()).st_size)
                while piece := file.read(_PIECE):
                    crc = crc32(piece, crc)
                    yield piece
        except OSError as problem:
            raise self._lost(problem) from problem
        if crc != self._crc:
            raise ContentLost(self.path, self.number, "its file was changed")

    def _compare(self, found: int) -> None:
        if found != self.size:
            raise ContentLost(self.path, self.number, f"its file has {found} bytes and not {self.size}")

    def _lost(self, problem: OSError) -> ContentLost:
        return ContentLost(self.path, self.number, problem.strerror or str(problem))


def _is_old(path: str) -> bool:
    try:
        return time.time() - os.stat(path).st_mtime > _RUBBISH_AGE
    except OSError:
        return False


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass  # swept later
