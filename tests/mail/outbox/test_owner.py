"""One process at a time sends for an account."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.processes import finish, start_python
from wlemail.errors import MessageExpired, OutboxUnavailable
from wlemail.mail.outbox import MEMORY, Limits, State, Store
from wlemail.mail.outbox.owner import FileLock

from .box import ACCOUNT, OTHER, TAKEN, put

CHILD = """
import sys
from wlemail.mail.outbox import AccountKey, Store
store = Store(sys.argv[1])
owned = store.own(AccountKey("me@example.org", "mail.example.org", 587))
print("owner" if owned else "no", flush=True)
if owned:
    numbers = [claimed.id for claimed in store.claim(AccountKey("me@example.org", "mail.example.org", 587), 2)]
    print(store.begin_sending(numbers[:1]), flush=True)
sys.stdin.readline()
"""


def test_there_is_one_owner_of_each_account(either: Store) -> None:
    first = either.own(ACCOUNT)
    assert first is not None
    assert first.held
    assert either.own(ACCOUNT) is None
    other = either.own(OTHER)
    assert other is not None
    first.release()
    first.release()
    assert not first.held
    with either.own(ACCOUNT) or pytest.fail("nobody has it"):
        pass
    with either.own(ACCOUNT) or pytest.fail("nobody has it"):
        pass
    other.release()


def test_a_second_outbox_object_of_the_same_process_is_told_no(store: Store) -> None:
    second = Store(store.path)
    owned = store.own(ACCOUNT)
    assert second.own(ACCOUNT) is None
    assert owned is not None
    owned.release()
    again = second.own(ACCOUNT)
    assert again is not None
    again.release()
    second.close()


def test_another_process_owns_until_it_dies_and_what_it_was_sending_is_uncertain(store: Store) -> None:
    begun, claimed, untouched = put(store), put(store), put(store)
    child = start_python(CHILD, store.path)
    assert child.stdout is not None
    assert child.stdout.readline() == "owner\n"
    assert child.stdout.readline() == f"[{begun}]\n"
    assert store.own(ACCOUNT) is None
    assert store.status(begun).state is State.SENDING
    child.kill()
    child.communicate()
    owned = store.own(ACCOUNT)
    assert owned is not None
    found = store.claim(ACCOUNT, 10)
    assert [(c.id, c.uncertain, c.attempts) for c in found] == [
        (begun, True, 1),
        (claimed, False, 0),
        (untouched, False, 0),
    ]
    assert [e.kind for e in store.history(begun)] == ["queued", "uncertain"]
    owned.release()


def test_a_message_that_kills_whoever_sends_it_does_so_a_few_times_only(place: str) -> None:
    store = Store(place, limits=Limits(attempts=3))
    number = put(store)
    for _ in range(3):
        owned = store.own(ACCOUNT)
        assert owned is not None
        store.claim(ACCOUNT, 1)
        assert store.begin_sending([number]) == [number]
        owned.release()  # without a word about the message
    owned = store.own(ACCOUNT)
    assert store.claim(ACCOUNT, 1) == []
    status = store.status(number)
    assert (status.state, status.uncertain, type(status.problem)) == (State.ERROR, True, MessageExpired)
    assert owned is not None
    owned.release()
    store.close()


def test_the_owner_here_keeps_others_out(store: Store) -> None:
    owned = store.own(ACCOUNT)
    child = start_python(CHILD, store.path)
    assert finish_line(child) == "no\n"
    assert owned is not None
    owned.release()
    child = start_python(CHILD, store.path)
    assert finish_line(child) == "owner\n"


def finish_line(child: subprocess.Popen[str]) -> str:
    return finish(child, 60).splitlines(keepends=True)[0]


def test_an_owner_that_lets_go_gives_back_what_it_claimed(either: Store) -> None:
    number = put(either)
    owned = either.own(ACCOUNT)
    assert owned is not None
    either.claim(ACCOUNT, 1)
    owned.release()
    owned = either.own(ACCOUNT)
    assert [c.id for c in either.claim(ACCOUNT, 1)] == [number]
    assert owned is not None
    owned.release()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_owns_nothing_and_does_not_outlive_the_lock(tmp_path: Path) -> None:
    lock = FileLock(str(tmp_path / "lock"))
    assert lock.take()
    ready, done = os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        os.write(ready[1], b"held" if lock.held else b"free")
        os.read(done[0], 1)
        os._exit(0)
    assert os.read(ready[0], 4) == b"free"
    other = FileLock(str(tmp_path / "lock"))
    assert not other.take(), "the parent has it still"
    lock.release()
    assert other.take(), "though the child lives"
    os.write(done[1], b".")
    os.waitpid(child, 0)
    for descriptor in (*ready, *done):
        os.close(descriptor)
    other.release()


def test_many_share_a_lock_that_excludes_one(tmp_path: Path) -> None:
    first, second, alone = [FileLock(str(tmp_path / "lock")) for _ in range(3)]
    assert first.take(shared=True)
    assert second.take(shared=True)
    if os.name != "nt":  # there files in use cannot be renamed, and nobody needs the lock
        assert not alone.take()
    first.release()
    second.release()
    assert alone.take()
    assert not alone.take(), "not even twice"
    alone.release()


def test_a_lock_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(OutboxUnavailable):
        FileLock(str(tmp_path / "missing" / "lock")).take()


def test_memory_has_an_owner_too() -> None:
    store = Store(MEMORY)
    number = put(store)
    owned = store.own(ACCOUNT)
    assert owned is not None
    store.claim(ACCOUNT, 1)
    store.begin_sending([number])
    store.record(number, TAKEN)
    owned.release()
    store.close()
