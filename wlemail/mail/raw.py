"""A message that lies in a file and is sent as it is, but for its line ends and dots, which SMTP fixes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from ..errors import FileProblem

# Up to this size a file is read once and kept: looking whether it is ASCII and sending it then cost one reading.
_SMALL = 1 << 20
_PIECE = 1 << 18


class FileMessage:
    """The file's size and bytes; a large one is read anew, in pieces, each time it is sent."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._content: bytes | None = None
        try:
            with open(path, "rb", buffering=0) as file:
                self.size = os.fstat(file.fileno()).st_size
                if self.size <= _SMALL:
                    self._content = file.read(self.size + 1)
                    if len(self._content) != self.size:
                        self._content += file.read()  # it grew, or is no ordinary file
                        self.size = len(self._content)
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


def _problem(path: str, problem: Exception) -> FileProblem:
    return FileProblem(path, getattr(problem, "strerror", None) or str(problem))
