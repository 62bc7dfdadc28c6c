"""Files and paths: contents come back as they were written, failures are told and nothing is raised."""

from __future__ import annotations

import ntpath
import os
import posixpath
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from wlemail import CompleteDir, ComplèteRep, EmailErrorLanguage, ErrorInfo, ErrorOccurred, ErrorThrow, companions
from wlemail.companions import (
    fDelete,
    fDirectory,
    fDirectoryExist,
    fDisk,
    fExeDir,
    fExtension,
    fExtractPath,
    fFileExist,
    fFileName,
    files,
    fLoadBuffer,
    fLoadText,
    fMakeDir,
    fSaveBuffer,
    fSaveText,
    fSep,
    fTempPath,
)

S = os.sep


@pytest.fixture(autouse=True)
def _english() -> None:
    EmailErrorLanguage("en")


def test_complete_dir_adds_the_separator_where_it_is_missing() -> None:
    assert CompleteDir("docs") == "docs" + S
    assert CompleteDir("docs" + S) == "docs" + S
    assert CompleteDir("docs/") == "docs/"
    # A path from a script that was written on Windows is complete as it stands.
    assert CompleteDir("C:\\docs\\") == "C:\\docs\\"
    assert CompleteDir("") == ""
    assert CompleteDir(Path("docs")) == "docs" + S
    assert ComplèteRep is CompleteDir is companions.CompleteRep
    assert fSep == S


def test_complete_dir_joins_a_directory_and_the_name_of_an_attachment(tmp_path: Path) -> None:
    assert Path(CompleteDir(tmp_path) + "a.txt") == tmp_path / "a.txt"


# -- texts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "été\r\nhiver\n", "日本\x00", "caf\udce9"])
def test_a_text_comes_back_as_it_was_saved(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    assert fSaveText(path, text) is True
    assert not ErrorOccurred
    assert path.read_bytes() == text.encode("utf-8", "surrogateescape")
    if text.isprintable() or "\udce9" not in text:
        assert fLoadText(path) == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("été".encode(), "été"),
        ("été".encode("utf-8-sig"), "été"),
        ("été".encode("utf-16"), "été"),
        (b"\xfe\xff" + "été".encode("utf-16-be"), "été"),
        ("été €".encode("cp1252"), "été €"),
        (b"a\r\nb", "a\r\nb"),
    ],
)
def test_a_text_of_any_windows_program_is_read(data: bytes, text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    assert fLoadText(str(path)) == text


def test_saving_replaces_an_existing_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    fSaveText(path, "a long text")
    fSaveText(path, "short")
    assert fLoadText(path) == "short"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    path = str(tmp_path / "missing.txt")
    assert fLoadText(path) == ""
    assert ErrorOccurred
    assert path in ErrorInfo()
    assert fLoadBuffer(path) == b""
    assert fDelete(path) is False
    assert ErrorOccurred


def test_a_text_that_loads_clears_the_error(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x")
    ErrorThrow(1)
    assert fLoadText(path) == "x"
    assert not ErrorOccurred


@pytest.mark.parametrize("path", ["a\x00b", "", 3.5])
def test_a_path_that_cannot_be_one(path: Any) -> None:
    assert fLoadText(path) == ""
    assert ErrorOccurred
    assert fSaveText(path if path != 3.5 else "", "x") is False


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    assert fSaveText(tmp_path, "x") is False
    assert ErrorOccurred
    assert not fFileExist(tmp_path)
    assert fDirectoryExist(tmp_path)


# -- buffers --------------------------------------------------------------------------------------------------------


def test_a_buffer_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    data = bytes(range(256))
    assert fSaveBuffer(path, data) is True
    assert fLoadBuffer(path) == data
    assert fLoadBuffer(path, 10) == data[10:]
    assert fLoadBuffer(path, 10, 5) == data[10:15]
    assert fLoadBuffer(path, 0, 9999) == data
    assert fLoadBuffer(path, 9999) == b""


# -- paths ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "directory", "name", "extension"),
    [
        (f"{S}home{S}zoe{S}invoice.final.pdf", f"{S}home{S}zoe{S}", "invoice.final", ".pdf"),
        ("invoice.pdf", "", "invoice", ".pdf"),
        (f"docs{S}", f"docs{S}", "", ""),
        (f"docs.old{S}readme", f"docs.old{S}", "readme", ""),
        ("", "", "", ""),
    ],
)
def test_the_parts_of_a_path(path: str, directory: str, name: str, extension: str) -> None:
    assert fExtractPath(path, fDirectory) == directory
    assert fExtractPath(path, fFileName) == name
    assert fExtractPath(path, fExtension) == extension
    assert fExtractPath(path, fFileName + fExtension) == name + extension
    assert fExtractPath(path, fDisk + fDirectory + fFileName + fExtension) == path


def test_the_drive_of_a_windows_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "os", SimpleNamespace(path=ntpath, sep="\\", altsep="/"))
    assert fExtractPath("C:\\a\\b.txt", fDisk) == "C:"
    assert fExtractPath("C:\\a\\b.txt", fDirectory) == "\\a\\"
    assert fExtractPath("C:\\a/b.txt", fFileName) == "b"


def test_there_are_no_drives_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "os", SimpleNamespace(path=posixpath, sep="/", altsep=None))
    assert fExtractPath("/a/b.txt", fDisk) == ""


def test_the_directories_of_the_program_and_of_temporary_files() -> None:
    assert fTempPath().endswith(S)
    assert os.path.isdir(fTempPath())
    assert os.path.isdir(fExeDir())
    assert not fExeDir().endswith(S)


# -- the file system ------------------------------------------------------------------------------------------------


def test_making_and_deleting(tmp_path: Path) -> None:
    directory = tmp_path / "a" / "b"
    assert fMakeDir(directory) is True
    assert fMakeDir(directory) is True
    assert fDirectoryExist(directory)
    path = directory / "c.txt"
    assert not fFileExist(path)
    assert fSaveText(path, "x")
    assert fFileExist(path)
    assert fDelete(path) is True
    assert not fFileExist(path)
    assert fMakeDir(tmp_path / "a" / "b") is True


def test_a_directory_below_a_file_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    assert fMakeDir(tmp_path / "a" / "b") is False
    assert ErrorOccurred
    assert "cannot be read or written" in ErrorInfo()
