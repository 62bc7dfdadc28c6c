"""Several processes and threads on one outbox, forks, and death at any moment."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from tests.support.processes import finish, start_python
from wlemail.mail.outbox import MEMORY, State, Store

from .box import ACCOUNT, Content, large, put, read, spool_files

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")

ADDER = """
import sys
from tests.mail.outbox.box import Content, large, put
from wlemail.mail.outbox import Store
store = Store(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for n in range(int(sys.argv[2])):
    print(put(store, content=large() if n % 10 == 9 else Content()), flush=True)
store.close()
"""


def test_processes_that_open_a_new_outbox_at_the_same_moment_all_add(place: str) -> None:
    children = [start_python(ADDER, place, 30) for _ in range(4)]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n", child.communicate()[1]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    numbers = [int(line) for child in children for line in finish(child, 120).split()]
    assert len(set(numbers)) == 120
    store = Store(place)
    assert [e.id for e in store.entries()] == sorted(numbers)
    assert all(read(store, number) for number in numbers)
    assert len(spool_files(place)) == 12
    store.close()


def test_what_another_process_adds_is_found_by_the_owner(place: str) -> None:
    store = Store(place)
    owned = store.own(ACCOUNT)
    assert store.next_due(ACCOUNT) is None
    child = start_python(ADDER, store.path, 1)
    assert child.stdin is not None
    child.stdin.write("\n")
    number = int(finish(child, 60).split()[1])
    assert store.next_due(ACCOUNT) == 0.0
    assert [c.id for c in store.claim(ACCOUNT, 10)] == [number]
    assert owned is not None
    owned.release()
    store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is killed in the middle of a line there")
def test_every_message_whose_number_was_given_survives_a_kill(place: str) -> None:
    given: list[int] = []
    for round_ in range(3):
        child = start_python(ADDER, place, 1_000_000)
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        child.stdin.write("\n")
        child.stdin.flush()
        given += [int(child.stdout.readline()) for _ in range(15 + 20 * round_)]
        child.kill()
        rest, _ = child.communicate()
        given += [int(line) for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    store = Store(place)
    kept = {e.id for e in store.entries()}
    assert kept.issuperset(given)
    assert len(kept) <= len(given) + 3, "one more each time at most: written and not told yet"
    assert {len(read(store, number)) for number in given} <= {len(Content().data), len(large().data)}
    store.close()


def test_threads_that_add_together_share_commits_and_lose_nothing(store: Store) -> None:
    numbers: list[int] = []
    threads = [
        threading.Thread(target=lambda: numbers.extend([put(store) for _ in range(25)]), daemon=True) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(set(numbers)) == 200
    assert store.waiting() == 200


def test_threads_that_claim_together_never_get_the_same_message(store: Store) -> None:
    numbers = {put(store) for _ in range(60)}
    claimed: list[int] = []

    def claim() -> None:
        while found := store.claim(ACCOUNT, 3):
            claimed.extend([c.id for c in found])

    threads = [threading.Thread(target=claim, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(claimed) == sorted(numbers)


@forks
def test_a_forked_child_and_its_parent_both_go_on(store: Store) -> None:
    first = put(store)
    owned = store.own(ACCOUNT)
    store.claim(ACCOUNT, 1)
    child = os.fork()
    if not child:
        right = False
        try:
            # What the parent claimed and owns is the parent's.
            right = store.own(ACCOUNT) is None and store.status(first).state is State.PENDING
            for _ in range(10):
                put(store, content=large())
        finally:
            os._exit(0 if right else 1)
    numbers = [put(store) for _ in range(10)]
    assert os.waitpid(child, 0)[1] == 0
    assert store.waiting() == 21
    assert set(numbers) < {e.id for e in store.entries()}
    assert all(read(store, e.id) for e in store.entries())
    assert first not in [c.id for c in store.claim(ACCOUNT, 100)]
    assert owned is not None
    owned.release()


@forks
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")  # Python 3.12 warns of what is tested here
def test_a_fork_in_the_middle_of_other_threads_commits(store: Store) -> None:
    stop = threading.Event()
    numbers: list[int] = []

    def add() -> None:
        while not stop.is_set():
            numbers.append(put(store))

    threads = [threading.Thread(target=add, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        child = os.fork()
        if not child:
            done = False
            try:
                done = put(store) > 0
            finally:
                os._exit(0 if done else 1)
        assert os.waitpid(child, 0)[1] == 0
    stop.set()
    for thread in threads:
        thread.join(60)
    assert store.waiting() == len(set(numbers)) + 5


@forks
def test_an_outbox_in_memory_stays_with_the_parent() -> None:
    store = Store(MEMORY)
    number = put(store)
    child = os.fork()
    if not child:
        empty = False
        try:
            empty = store.waiting() == 0 and put(store) == 1
        finally:
            os._exit(0 if empty else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert (store.waiting(), read(store, number)) == (1, Content().data)
    store.close()


def test_a_closed_outbox_opens_again_when_it_is_asked(place: str) -> None:
    store = Store(place)
    number = put(store)
    store.close()
    assert not Path(place, "outbox.db-wal").exists()
    assert store.status(number).state is State.PENDING
    store.close()
