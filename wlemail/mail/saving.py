"""Writes what came with a mail to disk: whole or not at all, and never anywhere but where it was asked for."""

from __future__ import annotations

import os
import stat
from itertools import count
from secrets import token_hex

from ..errors import FileProblem
from ..message.file_names import safe_name

#: for what has no name, or none that a file may have
_NAMELESS = "attachment"


def save_file(path: str, name: str, content: bytes) -> str:
    """Write a file, replacing one that is there; into a directory it goes by its `name`, made safe. Gives its path.

    Readers see the old file or the new one, and nothing in between. Raises FileProblem."""
    try:
        target = os.path.join(path, safe_name(name) or _NAMELESS) if os.path.isdir(path) else path
        _require_ordinary(target)
        # In the same directory: os.replace() does not cross file systems.
        unfinished = os.path.join(os.path.dirname(target), f".wlemail-{token_hex(8)}.tmp")
        try:
            _write_new(unfinished, content)
            os.replace(unfinished, target)
        except BaseException:
            _remove(unfinished)
            raise
    except (OSError, ValueError) as problem:
        raise _problem(path, problem) from problem
    return target


def save_new_file(directory: str, name: str, content: bytes) -> str:
    """Write a file that does not exist yet, as `name` (made safe) or name_1, name_2 …; its name. Raises FileProblem."""
    name = safe_name(name) or _NAMELESS
    stem, extension = os.path.splitext(name)
    try:
        os.makedirs(directory, exist_ok=True)
        for number in count():
            free = f"{stem}_{number}{extension}" if number else name
            try:
                # O_EXCL looks at no link: nothing outside the directory is written through one.
                _write_new(os.path.join(directory, free), content)
            except FileExistsError:
                continue
            return free
    except (OSError, ValueError) as problem:
        raise _problem(directory, problem) from problem
    raise AssertionError("count() does not end")


def _require_ordinary(target: str) -> None:
    """Devices and pipes are not replaced by a file."""
    try:
        mode = os.stat(target).st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        kind = "it is a directory" if stat.S_ISDIR(mode) else "it is not an ordinary file"
        raise FileProblem(target, kind)


def _write_new(path: str, content: bytes) -> None:
    made = False
    try:
        with open(path, "xb") as file:
            made = True
            file.write(content)
    except OSError:
        if made:
            _remove(path)
        raise


def _remove(path: str) -> None:
    try:
        os.remove(path)
    except OSError:
        pass  # it was never made, or another program has it open (Windows)


def _problem(path: str, problem: Exception) -> FileProblem:
    return FileProblem(path, getattr(problem, "strerror", None) or str(problem))
