"""Attachments on disk: checked when a message is composed, read while it is sent."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from ..errors import AttachmentMissing, AttachmentUnreadable


class FileContent:
    """The content of a file whose size was noted; reading fails where it has another size by then."""

    __slots__ = ("path", "size")

    def __init__(self, path: str) -> None:
        """Raises AttachmentMissing, or AttachmentUnreadable (a directory, a device, no permission)."""
        self.path = path
        try:
            status = os.stat(path)
            if not stat.S_ISREG(status.st_mode):
                kind = "it is a directory" if stat.S_ISDIR(status.st_mode) else "it is not an ordinary file"
                raise AttachmentUnreadable(path, kind)
            # Opening is the only way to know that it may be read (access() is wrong on Windows and network drives).
            with open(path, "rb", buffering=0):
                pass
        except (FileNotFoundError, NotADirectoryError, ValueError):
            raise AttachmentMissing(path) from None
        except OSError as problem:
            raise AttachmentUnreadable(path, problem.strerror or str(problem)) from problem
        self.size = status.st_size

    def blocks(self, size: int) -> Iterator[bytes]:
        """The bytes, in blocks of `size`. Raises AttachmentUnreadable where the file changed its size."""
        left = self.size
        try:
            with open(self.path, "rb") as file:
                if os.fstat(file.fileno()).st_size != left:
                    raise AttachmentUnreadable(self.path, "its size changed before it was sent")
                while left:
                    block = file.read(min(size, left))
                    if len(block) < min(size, left):
                        raise AttachmentUnreadable(self.path, "it became shorter while it was sent")
                    left -= len(block)
                    yield block
                if file.read(1):
                    raise AttachmentUnreadable(self.path, "it became longer while it was sent")
        except OSError as problem:
            raise AttachmentUnreadable(self.path, problem.strerror or str(problem)) from problem
