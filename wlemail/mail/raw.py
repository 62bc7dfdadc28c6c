"""A message that lies in a file and is sent as it is, but for its line ends and dots, which SMTP fixes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from ..errors import FileProblem

# Up to this size a file is read once and kept: looking whether it is ASCII and sending it then cost one reading.
_SMALL = 1 << 20
_FIRST_PIECE = 1 << 15
_PIECE = 1 << 18
_BINARY = getattr(os, "O_BINARY", 0)  # Windows would make LF of CR LF


class FileMessage:
    """The file's size and bytes; a large one is read anew, in pieces, each time it is sent."""

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            self.size, self._content = _look_at(path)
        except (OSError, ValueError) as problem:
            raise _problem(path, problem) from problem
        if not self.size:
            raise FileProblem(path, "the file is empty")

    @property
    def eight_bit(self) -> bool:
        """Whether it may hold bytes beyond ASCII; a large file is not searched for them (8BITMIME does no harm)."""
        return self._content is None or not self._content.isascii()

    def chunks(self) -> Iterable[bytes]:
        """The bytes as they are in the file."""
        return self._pieces() if self._content is None else (self._content,)

    def _pieces(self) -> Iterator[bytes]:
        try:
            with open(self.path, "rb", buffering=0) as file:
                while piece := file.read(_PIECE):
                    yield piece
        except OSError as problem:
            raise _problem(self.path, problem) from problem


def _look_at(path: str) -> tuple[int, bytes | None]:
    """The size of a file, and its content where that is small."""
    # Without a file object and without asking for the size first: a small file takes half the time.
    descriptor = os.open(path, os.O_RDONLY | _BINARY)
    try:
        content = b""
        while piece := os.read(descriptor, _FIRST_PIECE):
            content += piece
            if len(content) > _SMALL:
                return os.fstat(descriptor).st_size, None
        return len(content), content
    finally:
        os.close(descriptor)


def _problem(path: str, problem: Exception) -> FileProblem:
    return FileProblem(path, getattr(problem, "strerror", None) or str(problem))
