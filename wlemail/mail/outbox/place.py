"""Where the outbox lies: the user's own directory for such things, another one, or memory; and whether it is fit."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping

from ...errors import OutboxUnavailable, OutboxUnsafe

#: names a directory, or "memory"
VARIABLE = "WLEMAIL_OUTBOX"
MEMORY = ":memory:"

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def chosen_place(setting: str = "", environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> str:
    """The outbox that a setting, else the environment, else the platform's habit names: a directory or MEMORY.

    Raises OutboxUnavailable where the user has no directory of their own (some services).
    """
    wanted = setting.strip() or environment.get(VARIABLE, "").strip()
    if not wanted:
        return default_place(environment, platform)
    if wanted.lower() in ("memory", MEMORY):
        return MEMORY
    return os.path.abspath(os.path.expanduser(wanted))


def default_place(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> str:
    """The user's outbox, whether or not it exists."""
    home = environment.get("USERPROFILE" if platform == "win32" else "HOME", "") or os.path.expanduser("~")
    if platform == "win32":
        # Local, not roaming: a profile that is copied at each login is no place for a database.
        base = environment.get("LOCALAPPDATA", "") or _under(home, "AppData", "Local")
    elif platform == "darwin":
        base = _under(home, "Library", "Application Support")
    else:
        base = environment.get("XDG_STATE_HOME", "")
        if not os.path.isabs(base):  # the specification: a relative path is to be ignored
            base = _under(home, ".local", "state")
    return os.path.join(base, "wlemail", "outbox")


def _under(home: str, *parts: str) -> str:
    if not os.path.isabs(home):
        raise OutboxUnavailable("", f"the user has no home directory; {VARIABLE} can name another place")
    return os.path.join(home, *parts)


def prepare(directory: str) -> None:
    """Make the directory where it is missing (for the user alone), and check it.

    Raises OutboxUnavailable where it cannot be made or is none, OutboxUnsafe where it belongs to, or can be written by,
    somebody else: whoever can put files there decides what is sent in the user's name.
    """
    try:
        _make(directory)
        _check(directory, os.stat(directory))
    except OSError as problem:
        raise OutboxUnavailable(directory, problem.strerror or str(problem)) from problem


def prepare_private(directory: str) -> None:
    """The same for a directory that holds contents: nobody else may even look, and it is no link."""
    prepare(directory)
    try:
        status = os.lstat(directory)
        if stat.S_ISLNK(status.st_mode):
            raise OutboxUnsafe(directory, "it is a link")
        if os.name != "nt" and stat.S_IMODE(status.st_mode) & 0o077:
            os.chmod(directory, 0o700)
    except OSError as problem:
        raise OutboxUnavailable(directory, problem.strerror or str(problem)) from problem


def check_file(path: str) -> None:
    """Check a file of the outbox like its directory; one that others can read is closed to them."""
    try:
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode):
            raise OutboxUnsafe(path, "it is not a regular file")
        if os.name == "nt":
            return
        _check_owner(path, status)
        if stat.S_IMODE(status.st_mode) & 0o077:
            os.chmod(path, 0o600)
    except OSError as problem:
        raise OutboxUnavailable(path, problem.strerror or str(problem)) from problem


def _make(directory: str) -> None:
    missing = []
    path = directory
    while path and not os.path.isdir(path) and path != os.path.dirname(path):
        missing.append(path)
        path = os.path.dirname(path)
    for path in reversed(missing):
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            if not os.path.isdir(path):
                raise
            continue  # another process was quicker
        sync_directory(os.path.dirname(path))


def _check(directory: str, status: os.stat_result) -> None:
    if not stat.S_ISDIR(status.st_mode):
        raise OutboxUnavailable(directory, "it is not a directory")
    if os.name != "nt":  # there the user's profile is closed to others by inherited rights
        _check_owner(directory, status)


def _check_owner(path: str, status: os.stat_result) -> None:
    if sys.platform != "win32" and status.st_uid != os.geteuid():
        raise OutboxUnsafe(path, "it belongs to another user")
    if stat.S_IMODE(status.st_mode) & _OTHERS_WRITE:
        raise OutboxUnsafe(path, "other users can write to it")


# -- the disk -----------------------------------------------------------------------------------------


def sync_directory(directory: str) -> None:
    """Make names in a directory durable. Windows writes them in order and has no such call."""
    if os.name == "nt":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(descriptor: int) -> None:
    """Make a file's content durable; macOS needs more than fsync to get it out of the disk's own memory."""
    if sys.platform == "darwin":
        import fcntl

        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
        except OSError:
            pass  # not every file system there knows it
    os.fsync(descriptor)


_LOCAL_SYSTEMS = frozenset(
    "apfs bcachefs btrfs exfat ext2 ext3 ext4 f2fs fuseblk hfs hfsplus jfs msdos nilfs2 ntfs ntfs3 overlay ramfs"
    " reiserfs tmpfs ufs vfat xfs zfs".split()
)
_DRIVE_REMOVABLE, _DRIVE_FIXED, _DRIVE_RAM = 2, 3, 6


def is_local(directory: str) -> bool:
    """Whether the directory is known to lie on this machine; False where that is not known.

    SQLite's write-ahead log needs memory shared between processes, which network drives do not give.
    """
    path = os.path.realpath(directory)
    if sys.platform == "win32":
        return _windows_is_local(path)
    elif sys.platform == "darwin":  # noqa: RET505 - mypy takes what follows a return for unreachable elsewhere
        return _mac_is_local(path)
    else:
        return _linux_system(path) in _LOCAL_SYSTEMS


def _windows_is_local(path: str) -> bool:
    if sys.platform == "win32":
        import ctypes

        root = os.path.splitdrive(path)[0]
        if root.startswith("\\\\") and not root.startswith("\\\\?\\"):
            return False
        kind = ctypes.windll.kernel32.GetDriveTypeW(root.removeprefix("\\\\?\\") + "\\")
        return kind in (_DRIVE_REMOVABLE, _DRIVE_FIXED, _DRIVE_RAM)
    raise AssertionError("asked on Windows only")


def _linux_system(path: str, table: str = "/proc/self/mountinfo") -> str:
    """The type of the file system that a path lies on, "" where there is no telling."""
    best, system = "", ""
    try:
        with open(table, encoding="utf-8", errors="surrogateescape") as file:
            for line in file:
                fields, _, rest = line.partition(" - ")
                words = fields.split(" ")
                if len(words) < 5 or not rest:
                    continue
                point = _unescaped(words[4])
                inside = path == point or path.startswith(point.rstrip("/") + "/")
                if inside and len(point) >= len(best):  # a later mount on the same point hides the earlier
                    best, system = point, rest.split(" ", 1)[0]
    except OSError:
        return ""
    return system


def _unescaped(point: str) -> str:
    for code, sign in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        point = point.replace(code, sign)
    return point


def _mac_is_local(path: str) -> bool:
    """statfs(2): the flag MNT_LOCAL lies behind two 32-bit and five 64-bit fields, an fsid, an owner and a type."""
    import ctypes

    buffer = ctypes.create_string_buffer(4096)
    try:
        library = ctypes.CDLL(None)
        # On Intel the plain name is the call with the old, smaller structure.
        call = getattr(library, "statfs$INODE64", None) or library.statfs
    except (OSError, AttributeError):
        return False
    if call(os.fsencode(path), buffer) != 0:
        return False
    flags = int.from_bytes(buffer.raw[64:68], sys.byteorder)
    return bool(flags & 0x1000)
