"""Full disks, damaged, locked, read-only and vanished files: a clear error, nothing half done, nothing lost unsaid."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import start_python
from wlemail.errors import (
    ContentLost,
    OutboxBusy,
    OutboxCorrupt,
    OutboxFull,
    OutboxProblem,
    OutboxUnavailable,
)
from wlemail.mail.outbox import State, Store, connecting

from .box import ACCOUNT, TAKEN, Content, large, put, read, spool_files

PAGE = 4096


def damaged_files(place: str) -> list[str]:
    return sorted(name for name in os.listdir(place) if "damaged" in name)


def overwrite(path: Path, offset: int, data: bytes) -> None:
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(data)


# -- damaged ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"\0" * 100, b"this is no database" * 1000], ids=["header", "text"])
def test_a_damaged_file_is_put_aside_and_said(place: str, caplog: pytest.LogCaptureFixture, data: bytes) -> None:
    store = Store(place)
    old = put(store, content=large())
    store.close()
    Path(place, "outbox.db").write_bytes(data)
    with caplog.at_level(logging.WARNING, "wlemail"):
        store = Store(place)
    assert "was damaged" in caplog.text
    aside = store.put_aside[0]
    assert Path(aside).read_bytes() == data
    assert aside in caplog.text
    assert put(store) > old + 1000, "a number that somebody holds must not come to mean another message"
    assert spool_files(place) == []
    assert len(os.listdir(aside + "-contents")) == 1, "its content is kept beside it"
    store.close()


def test_what_can_be_read_of_a_damaged_file_is_taken_over(place: str, caplog: pytest.LogCaptureFixture) -> None:
    store = Store(place)
    numbers = [put(store, content=Content(b"x" * 3000)) for _ in range(400)]
    numbers.append(put(store, content=large()))
    store.claim(ACCOUNT, 1)
    store.record(numbers[0], TAKEN)
    store.close()
    size = os.path.getsize(Path(place, "outbox.db"))
    overwrite(Path(place, "outbox.db"), size // 2 // PAGE * PAGE, b"\xff" * 3 * PAGE)
    store = Store(place)
    with caplog.at_level(logging.WARNING, "wlemail"):
        # Found when somebody steps on it.
        found = [claimed.id for claimed in store.claim(ACCOUNT, 1000)]
        readable = [number for number in found if is_readable(store, number)]
    assert "was damaged" in caplog.text
    assert len(readable) > 350
    assert numbers[-1] in readable, "the large one lies in its file"
    assert store.status(numbers[0]).state is State.SENT
    for number in readable[:-1]:
        assert read(store, number) == b"x" * 3000
    for number in set(numbers).difference(readable):
        if number in {e.id for e in store.entries()} and number != numbers[0]:
            store.record(number, ContentLost(place, number, "it is no longer there"))
            assert store.status(number).state is State.ERROR
    store.close()


def is_readable(store: Store, number: int) -> bool:
    try:
        return bool(read(store, number))
    except ContentLost:
        return False


def test_a_file_cut_short_by_a_crash_of_the_disk(place: str) -> None:
    store = Store(place)
    numbers = [put(store, content=Content(b"x" * 3000)) for _ in range(200)]
    store.close()
    path = Path(place, "outbox.db")
    os.truncate(path, os.path.getsize(path) // 3)
    store = Store(place)
    fresh = put(store)
    assert fresh not in numbers
    assert fresh in [c.id for c in store.claim(ACCOUNT, 1000)]
    assert read(store, fresh) == Content().data
    assert len(damaged_files(place)) == 1
    store.close()


@pytest.mark.skipif(os.name == "nt", reason="there an open file cannot be renamed, which protects it as well")
def test_a_damaged_file_is_not_taken_from_under_another_program(place: str) -> None:
    Store(place).close()
    other = Store(place)
    Path(place, "outbox.db").write_bytes(b"nonsense" * 1000)
    with pytest.raises(OutboxCorrupt, match="another program"):
        Store(place).waiting()
    assert damaged_files(place) == []
    other.close()
    store = Store(place)
    store.waiting()
    assert len(damaged_files(place)) == 1
    assert put(store)
    store.close()


def test_a_file_that_is_only_locked_is_not_taken_for_damaged(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "BUSY_SECONDS", 0.1)
    store = Store(place)
    put(store)
    store.close()
    connection = sqlite3.connect(Path(place, "outbox.db"), isolation_level=None)
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("BEGIN EXCLUSIVE")
    store._database._damage = OutboxCorrupt(place, "suspected")
    with pytest.raises(OutboxBusy):
        store.waiting()
    assert damaged_files(place) == []
    connection.close()
    assert store.waiting() == 1
    assert damaged_files(place) == []
    store.close()


def test_a_crash_between_the_two_renames_loses_nothing(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(place)
    numbers = [put(store, content=Content(b"x" * 3000)) for _ in range(100)]
    store.close()
    path = Path(place, "outbox.db")
    overwrite(path, os.path.getsize(path) // 2 // PAGE * PAGE, b"\xff" * PAGE)
    replace = os.replace
    store = Store(place)

    class Death(BaseException):
        pass

    def die(source: str, target: str) -> None:
        if source.endswith(".rebuilt"):
            raise Death
        replace(source, target)

    monkeypatch.setattr(os, "replace", die)
    with pytest.raises(Death):
        assert [number for number in numbers if not is_readable(store, number)]
    monkeypatch.undo()
    assert not path.exists()
    store = Store(place)
    assert store.waiting() > 50
    store.close()


def test_a_file_of_a_later_version_is_left_alone(place: str) -> None:
    Store(place).close()
    connection = sqlite3.connect(Path(place, "outbox.db"))
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(OutboxUnavailable, match="later version"):
        Store(place)
    assert damaged_files(place) == []


def test_somebody_elses_database_is_put_aside_and_not_changed(place: str) -> None:
    os.mkdir(place, 0o700)
    connection = sqlite3.connect(Path(place, "outbox.db"))
    connection.execute("CREATE TABLE theirs (x)")
    connection.execute("INSERT INTO theirs VALUES (42)")
    connection.commit()
    connection.close()
    store = Store(place)
    put(store)
    connection = sqlite3.connect(store.put_aside[0])
    assert connection.execute("SELECT x FROM theirs").fetchall() == [(42,)]
    connection.close()
    store.close()


# -- vanished -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["removed", "cut"])
def test_a_spool_file_that_vanished_is_an_error_of_its_message(store: Store, change: str) -> None:
    number, other = put(store, content=large()), put(store, content=large(b"y"))
    file = Path(store.path, "spool", spool_files(store.path)[0])
    if number not in [n for n in (number, other) if holds(store, n, file)]:
        number, other = other, number
    if change == "removed":
        file.unlink()
    else:
        os.truncate(file, 100)
    store.claim(ACCOUNT, 10)
    with pytest.raises(ContentLost) as caught:
        store.source(number)
    assert caught.value.number == number
    store.record(number, caught.value)
    status = store.status(number)
    assert (status.state, type(status.problem)) == (State.ERROR, ContentLost)
    assert read(store, other)


def holds(store: Store, number: int, file: Path) -> bool:
    return getattr(store.source(number), "path", "") == str(file)


def test_a_spool_file_that_changes_while_it_is_sent_stops_that(store: Store) -> None:
    number = put(store, content=large())
    source = store.source(number)
    file = Path(store.path, "spool", spool_files(store.path)[0])
    overwrite(file, 50_000, b"something else")
    with pytest.raises(ContentLost, match="changed"):
        list(source.chunks())
    os.truncate(file, 100)
    with pytest.raises(ContentLost, match="100 bytes"):
        list(source.chunks())


def test_half_a_mail_is_not_sent_as_one(store: Store) -> None:
    number = put(store, content=Content(b"x" * 30_000))
    store._database.write(lambda connection: connection.execute("UPDATE content SET data = ?", (b"y" * 30_000,)))
    with pytest.raises(ContentLost, match="not whole"):
        store.source(number)


@pytest.mark.skipif(os.name == "nt", reason="there open files cannot be removed")
def test_an_outbox_that_was_removed_under_a_running_program_is_made_anew(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    put(store)
    shutil.rmtree(store.path)
    with caplog.at_level(logging.WARNING, "wlemail"):
        number = put(store, content=large())
    assert "was removed" in caplog.text
    again = Store(store.path)
    assert again.status(number).state is State.PENDING, "not written into a file that has no name any more"
    assert read(again, number) == large().data
    again.close()


def test_an_emptied_file_is_said(place: str, caplog: pytest.LogCaptureFixture) -> None:
    store = Store(place)
    put(store)
    store.close()
    path = Path(place, "outbox.db")
    os.truncate(path, 0)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    with caplog.at_level(logging.WARNING, "wlemail"):
        Store(place).close()
    assert "was empty" in caplog.text


# -- locked, read-only --------------------------------------------------------------------------------


def test_a_file_that_another_program_keeps_locked_is_a_clear_error(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "BUSY_SECONDS", 0.1)
    store = Store(place)
    put(store)
    blocker = sqlite3.connect(Path(place, "outbox.db"), isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(OutboxBusy) as caught:
        put(store, content=large())
    assert caught.value.temporary
    assert spool_files(place) == []
    assert store.waiting() == 1, "reading goes on"
    blocker.execute("ROLLBACK")
    blocker.close()
    assert put(store)
    store.close()


def test_a_writer_waits_for_another_program_that_is_quick(store: Store) -> None:
    blocker = sqlite3.connect(Path(store.path, "outbox.db"), isolation_level=None, check_same_thread=False)
    blocker.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.2, blocker.execute, ["COMMIT"])
    timer.start()
    assert put(store)
    timer.join()
    blocker.close()


@pytest.fixture
def read_only(place: str) -> Iterator[str]:
    """An outbox on a file system that was mounted read-only (permissions mean nothing to root)."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount")
    Store(place).close()
    if subprocess.run(["mount", "--bind", place, place], capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount")
    subprocess.run(["mount", "-o", "remount,bind,ro", place], check=True)
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def test_a_read_only_place_is_a_clear_error(read_only: str) -> None:
    with pytest.raises(OutboxUnavailable):
        put(Store(read_only))


def test_a_read_only_database_is_a_clear_error(place: str) -> None:
    store = Store(place)
    store._database.read(lambda connection: connection.execute("PRAGMA query_only = ON"))
    with pytest.raises(OutboxUnavailable, match="readonly"):
        put(store, content=large())
    assert spool_files(place) == []
    assert put(store), "the connection was made anew"
    store.close()


# -- full ---------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.mark.parametrize("content", [Content(b"x" * 3000), large()], ids=["small", "large"])
def test_a_full_disk_is_a_clear_error_and_nothing_is_lost(small_disk: Path, content: Content) -> None:
    store = Store(str(small_disk / "outbox"))
    numbers, problem = fill(store, content)
    assert problem.temporary
    assert len(numbers) > 3
    assert [e.id for e in store.entries()] == numbers
    assert all(read(store, number) == content.data for number in numbers)
    assert len(spool_files(store.path)) in (0, len(numbers)), "no rubbish of the one that failed"
    store.close()


def fill(store: Store, content: Content) -> tuple[list[int], OutboxFull]:
    """Add until there is no room; the numbers of what was taken, and the refusal."""
    numbers: list[int] = []
    while len(numbers) < 5000:
        try:
            numbers.append(put(store, content=content))
        except OutboxFull as problem:
            return numbers, problem
    pytest.fail("the disk is never full")


def test_mail_leaves_a_full_disk_and_makes_room(small_disk: Path) -> None:
    store = Store(str(small_disk / "outbox"))
    fill(store, large())
    found = store.claim(ACCOUNT, 100)
    store.begin_sending([c.id for c in found])
    store.record_all([(c.id, TAKEN) for c in found])
    assert spool_files(store.path) == []
    assert put(store, content=large())
    store.close()


def test_a_full_disk_as_sqlite_says_it(store: Store) -> None:
    """The same on every platform: SQLite's own limit gives its own error."""
    put(store)
    store._database.read(lambda connection: connection.execute("PRAGMA max_page_count = 30").fetchall())
    numbers, _ = fill(store, Content(b"x" * 3000))
    assert store.waiting() == len(numbers) + 1
    store._database.read(lambda connection: connection.execute("PRAGMA max_page_count = 100000").fetchall())
    assert put(store)


def test_a_full_disk_for_a_spool_file(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write

    def full(descriptor: int, data: bytes) -> int:
        if len(data) > 10_000:
            return write(descriptor, data[:10_000])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OutboxFull, match="No space left"):
        put(store, content=large())
    assert spool_files(store.path) == []
    assert store.waiting() == 0


def test_an_error_in_one_of_a_group_does_not_fail_the_others(store: Store) -> None:
    """Threads share commits, not failures."""
    numbers = [put(store) for _ in range(20)]
    store.claim(ACCOUNT, 100)
    problems: list[Exception] = []

    def record(number: int) -> None:
        try:
            store.record(number, TAKEN)
        except Exception as problem:
            problems.append(problem)

    with store._database._lock:
        threads = [threading.Thread(target=record, args=[n], daemon=True) for n in (*numbers, 999_999)]
        for thread in threads:
            thread.start()
        while len(store._database._waiting) < 21:
            pass
    for thread in threads:
        thread.join(60)
    assert [type(problem).__name__ for problem in problems] == ["QueuedMessageUnknown"]
    assert {store.status(number).state for number in numbers} == {State.SENT}


def test_a_second_process_sees_a_clear_error_too(place: str) -> None:
    Path(place).write_text("in the way")
    code = """
        import sys
        from wlemail.errors import OutboxProblem
        from wlemail.mail.outbox import Store
        try:
            Store(sys.argv[1])
        except OutboxProblem as problem:
            print(type(problem).__name__)
    """
    child = start_python(code, place)
    assert child.communicate()[0] == "OutboxUnavailable\n"
    assert issubclass(OutboxUnavailable, OutboxProblem)
