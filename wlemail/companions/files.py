"""Files and paths around e-mail code. Paths follow the rules of the system that the script runs on."""

from __future__ import annotations

import os
import sys

from ..errors import FileProblem, MailError
from ..wlanguage.boundary import wl_function
from ..wlanguage.values import as_text, buffer_value, int_value, text_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

# fmt: off
__all__ = [  # noqa: RUF022 (a name and its French spellings on one line)
    "fDisk", "fDisque",
    "fDirectory", "fRépertoire", "fRepertoire",
    "fFileName", "fFichier",
    "fExtension",
    "CompleteDir", "ComplèteRep", "CompleteRep",
    "fExtractPath", "fExtraitChemin",
    "fExeDir", "fRepExe",
    "fTempPath", "fRepTemp",
    "fFileExist", "fFichierExiste",
    "fDirectoryExist", "fRépertoireExiste", "fRepertoireExiste",
    "fLoadText", "fChargeTexte",
    "fSaveText", "fSauveTexte",
    "fLoadBuffer", "fChargeBuffer",
    "fSaveBuffer", "fSauveBuffer",
    "fDelete", "fSupprime",
    "fMakeDir", "fRepCrée", "fRepCree",
]
# fmt: on

# The parts of a path that fExtractPath takes out, added up; the values are our own.
fDisk = 1
fDirectory = 2
fFileName = 4
fExtension = 8

fDisque = fDisk
fRépertoire = fRepertoire = fDirectory
fFichier = fFileName


@wl_function(on_error="", error_state="keeps")
def CompleteDir(Directory: object) -> str:
    """The directory with the separator at its end, whether it had one or not; "" stays "". French: ComplèteRep."""
    path = _path(Directory)
    return path if not path or path.endswith(("/", "\\")) else path + os.sep


@wl_function(on_error="", error_state="keeps")
def fExtractPath(Path: object, Part: int) -> str:
    """A part of a path, or several added up: fDisk, fDirectory, fFileName (without extension), fExtension.

    The directory keeps the separators at both ends, the extension its dot. Nothing is looked up on the disk; there
    are no drives except on Windows. French: fExtraitChemin. Page 3036026.
    """
    part = int_value("Part", Part, 0)
    drive, rest = os.path.splitdrive(_path(Path))
    directory_end = max(rest.rfind(separator) for separator in (os.sep, os.altsep or os.sep)) + 1
    name, extension = os.path.splitext(rest[directory_end:])
    found = {fDisk: drive, fDirectory: rest[:directory_end], fFileName: name, fExtension: extension}
    return "".join(text for kind, text in found.items() if part & kind)


def fExeDir() -> str:
    """The directory of the program (of the script that was started), without a separator at its end.

    French: fRepExe.
    """
    if getattr(sys, "frozen", False):
        return os.path.dirname(sys.executable)
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    return os.path.dirname(os.path.abspath(script)) if script else os.getcwd()


def fTempPath() -> str:
    """The directory for temporary files, with the separator at its end. French: fRepTemp."""
    import tempfile

    return CompleteDir(tempfile.gettempdir())


@wl_function(on_error=False)
def fFileExist(Path: object) -> bool:
    """Whether a file (not a directory) exists. French: fFichierExiste."""
    return os.path.isfile(_path(Path))


@wl_function(on_error=False)
def fDirectoryExist(Path: object) -> bool:
    """Whether a directory exists. French: fRépertoireExiste."""
    return os.path.isdir(_path(Path))


@wl_function(on_error="")
def fLoadText(Path: object) -> str:
    """The whole text of a file; "" and an error where it cannot be read. French: fChargeTexte. Page 3036006.

    UTF-8 and UTF-16 are recognised by their byte order mark; without one, what is not valid UTF-8 is read as
    Windows-1252 (WinDev's ANSI). Line ends stay as they are.
    """
    data = _read(Path)
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    return as_text(data) or ""


@wl_function(on_error=False)
def fSaveText(Path: object, Content: object) -> bool:
    """Write a text as the whole content of a file (UTF-8); an existing file is replaced. French: fSauveTexte.

    False and an error where that fails; line ends stay as they are. Page 3036046.
    """
    return _write(Path, buffer_value("Content", Content))


@wl_function(on_error=lambda: b"")
def fLoadBuffer(Path: object, Start: object = 0, Size: object = None) -> bytes:
    """The bytes of a file from `Start` (0: its beginning) on, at most `Size`; b"" and an error where that fails.

    French: fChargeBuffer. Page 1000019410.
    """
    start = max(int_value("Start", Start, 0), 0)
    data = _read(Path)[start:]
    return data if Size is None else data[: max(int_value("Size", Size, 0), 0)]


@wl_function(on_error=False)
def fSaveBuffer(Path: object, Content: object) -> bool:
    """Write bytes as the whole content of a file; an existing file is replaced. French: fSauveBuffer.

    False and an error where that fails. Page 1000019412.
    """
    return _write(Path, buffer_value("Content", Content))


@wl_function(on_error=False)
def fDelete(Path: object) -> bool:
    """Delete a file; False and an error where that fails. French: fSupprime.

    One file: the wildcards of WLanguage are taken as characters of its name.
    """
    path = _path(Path)
    try:
        os.remove(path)
    except (OSError, ValueError) as problem:
        _fail(path, problem)
    return True


@wl_function(on_error=False)
def fMakeDir(Path: object) -> bool:
    """Create a directory, with those above it; True also where it exists already. French: fRepCrée."""
    path = _path(Path)
    try:
        os.makedirs(path, exist_ok=True)
    except (OSError, ValueError) as problem:
        _fail(path, problem)
    return True


def _path(value: object) -> str:
    return text_value("Path", value)


def _read(value: object) -> bytes:
    path = _path(value)
    try:
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError) as problem:
        _fail(path, problem)


def _write(value: object, content: bytes) -> bool:
    path = _path(value)
    try:
        with open(path, "wb") as file:
            file.write(content)
    except (OSError, ValueError) as problem:
        _fail(path, problem)
    return True


def _fail(path: str, problem: OSError | ValueError) -> NoReturn:
    # ValueError: a NUL in the name.
    error: MailError = FileProblem(path, getattr(problem, "strerror", None) or str(problem))
    raise error from problem


ComplèteRep = CompleteRep = CompleteDir
fExtraitChemin = fExtractPath
fRepExe = fExeDir
fRepTemp = fTempPath
fFichierExiste = fFileExist
fRépertoireExiste = fRepertoireExiste = fDirectoryExist
fChargeTexte = fLoadText
fSauveTexte = fSaveText
fChargeBuffer = fLoadBuffer
fSauveBuffer = fSaveBuffer
fSupprime = fDelete
fRepCrée = fRepCree = fMakeDir
