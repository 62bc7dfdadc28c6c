"""Where the outbox lies, and whether that is safe."""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path

import pytest

from wlemail.errors import OutboxUnavailable, OutboxUnsafe
from wlemail.mail.outbox import MEMORY, Store, chosen_place
from wlemail.mail.outbox.place import _linux_system, default_place, is_local

from .box import ACCOUNT, large, put

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
no_root = pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is forbidden to root")


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {"HOME": "/home/me"}, "/home/me/.local/state/wlemail/outbox"),
        ("linux", {"HOME": "/home/me", "XDG_STATE_HOME": "/s"}, "/s/wlemail/outbox"),
        ("linux", {"HOME": "/home/me", "XDG_STATE_HOME": "s"}, "/home/me/.local/state/wlemail/outbox"),
        ("darwin", {"HOME": "/Users/me"}, "/Users/me/Library/Application Support/wlemail/outbox"),
        ("win32", {"LOCALAPPDATA": "/C/me/Local", "USERPROFILE": "/C/me"}, "/C/me/Local/wlemail/outbox"),
        ("win32", {"USERPROFILE": "/C/me"}, "/C/me/AppData/Local/wlemail/outbox"),
    ],
)
def test_each_user_has_an_outbox_of_their_own(platform: str, environment: dict[str, str], expected: str) -> None:
    assert Path(default_place(environment, platform)) == Path(expected)


def test_a_setting_goes_before_the_environment_and_that_before_the_habit(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "WLEMAIL_OUTBOX": str(tmp_path / "named")}
    assert chosen_place("", environment) == str(tmp_path / "named")
    assert chosen_place(str(tmp_path / "set"), environment) == str(tmp_path / "set")
    assert chosen_place("memory", environment) == MEMORY
    assert chosen_place("", {"WLEMAIL_OUTBOX": "Memory"}) == MEMORY
    assert os.path.isabs(chosen_place("beside", environment))


@pytest.mark.skipif(sys.platform == "win32", reason="the home directory is asked for differently there")
def test_a_user_without_a_home_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    with pytest.raises(OutboxUnavailable, match="WLEMAIL_OUTBOX"):
        default_place({}, "linux")


@posix
def test_it_is_made_for_the_user_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = Store(str(tmp_path / "a" / "b" / "outbox"))
        put(store, content=large())
        owner = store.own(ACCOUNT)
    finally:
        os.umask(before)
    assert owner is not None
    modes = {str(path.relative_to(tmp_path)): path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {}
    assert any(name.endswith(".eml") for name in modes)
    owner.release()
    store.close()


@posix
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o720])
def test_a_directory_that_others_can_write_to_is_refused(tmp_path: Path, mode: int) -> None:
    (tmp_path / "outbox").mkdir()
    (tmp_path / "outbox").chmod(mode)
    with pytest.raises(OutboxUnsafe, match="other users can write"):
        Store(str(tmp_path / "outbox"))
    assert os.listdir(tmp_path / "outbox") == []


@posix
def test_a_file_that_others_can_read_is_closed_to_them(tmp_path: Path) -> None:
    Store(str(tmp_path / "outbox")).close()
    (tmp_path / "outbox" / "outbox.db").chmod(0o644)
    Store(str(tmp_path / "outbox")).close()
    assert (tmp_path / "outbox" / "outbox.db").stat().st_mode & 0o777 == 0o600


@posix
def test_a_file_that_others_can_write_to_is_refused(tmp_path: Path) -> None:
    Store(str(tmp_path / "outbox")).close()
    (tmp_path / "outbox" / "outbox.db").chmod(0o666)
    with pytest.raises(OutboxUnsafe):
        Store(str(tmp_path / "outbox"))


@posix
def test_links_are_not_followed_to_where_contents_would_go(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "outbox"))
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "outbox" / "spool").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutboxUnsafe, match="link"):
        put(store, content=large())
    assert store.waiting() == 0
    store.close()
    (tmp_path / "outbox" / "outbox.db").rename(tmp_path / "stolen.db")
    (tmp_path / "outbox" / "outbox.db").symlink_to(tmp_path / "stolen.db")
    with pytest.raises(OutboxUnsafe, match="regular file"):
        Store(str(tmp_path / "outbox"))


@posix
@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give a directory away")
def test_a_directory_of_another_user_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outbox").mkdir(mode=0o700)
    os.chown(tmp_path / "outbox", 65534, 65534)
    with pytest.raises(OutboxUnsafe, match="another user"):
        Store(str(tmp_path / "outbox"))


def test_a_file_in_its_place_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("not a directory")
    with pytest.raises(OutboxUnavailable):
        Store(str(tmp_path / "outbox"))
    with pytest.raises(OutboxUnavailable):
        Store(str(tmp_path / "outbox" / "below"))
    assert (tmp_path / "outbox").read_text() == "not a directory"


@no_root
def test_a_place_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutboxUnavailable):
            Store(str(tmp_path / "outbox"))
    finally:
        tmp_path.chmod(0o700)


MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
31 22 0:27 / /home rw - nfs4 server:/home rw
35 31 0:40 / /home/me/My\\040Disk rw - xfs /dev/sdb1 rw
36 22 0:41 / /mnt rw - ext4 /dev/sdc1 rw
37 36 0:42 / /mnt rw - cifs //server/share rw
38 22 0:43 broken
"""


@pytest.mark.parametrize(
    ("path", "system"),
    [
        ("/var/lib", "ext4"),
        ("/home/me", "nfs4"),
        ("/homes", "ext4"),
        ("/home/me/My Disk/x", "xfs"),
        ("/mnt/x", "cifs"),
    ],
)
def test_the_file_system_of_a_path_is_that_of_the_nearest_mount(tmp_path: Path, path: str, system: str) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(MOUNTS)
    assert _linux_system(path, str(table)) == system


def test_an_unknown_file_system_is_not_taken_for_local(tmp_path: Path) -> None:
    assert _linux_system("/", str(tmp_path / "missing")) == ""


def test_no_write_ahead_log_on_network_drives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def journal(place: str) -> str:
        connection = sqlite3.connect(os.path.join(place, "outbox.db"))
        mode: str = connection.execute("PRAGMA journal_mode").fetchone()[0]
        connection.close()
        return mode

    local = is_local(str(tmp_path))
    Store(str(tmp_path / "here")).close()
    assert (journal(str(tmp_path / "here")) == "wal") == local
    monkeypatch.setattr("wlemail.mail.outbox.place.is_local", lambda path: False)
    store = Store(str(tmp_path / "here"))
    put(store)
    assert not (tmp_path / "here" / "outbox.db-wal").exists()
    store.close()
