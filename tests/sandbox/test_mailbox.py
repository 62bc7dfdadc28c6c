"""Where received messages lie: memory, temporary files, a Maildir; waiting for them."""

from __future__ import annotations

import email
import mailbox as standard_mailbox
import os
import threading
from pathlib import Path

import pytest

from wlemail.sandbox.mailbox import Envelope, Mailbox, ReceivedMessage
from wlemail.sandbox.maildir import Maildir

ENVELOPE = Envelope(sender="a@b.example", recipients=("c@d.example", "é@f.example"))


def receive(box: Mailbox, content: bytes, envelope: Envelope = ENVELOPE) -> ReceivedMessage:
    spool = box.spool(envelope)
    for start in range(0, len(content), 1000):
        spool.write(content[start : start + 1000])
    return box.add(envelope, spool.finish())


@pytest.fixture(autouse=True)
def temporary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    directory = tmp_path / "temporary"
    directory.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(directory))
    return directory


def files_below(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


def test_small_messages_stay_in_memory(temporary: Path) -> None:
    box = Mailbox()
    message = receive(box, b"small\r\n")
    assert (message.number, message.content, message.size, message.path) == (1, b"small\r\n", 7, None)
    assert files_below(temporary) == []
    box.close()
    assert message.content == b"small\r\n"


def test_large_messages_lie_in_files_that_go_with_the_mailbox(temporary: Path) -> None:
    box = Mailbox(memory_limit=5000)
    content = b"line\r\n" * 2000
    message = receive(box, content)
    assert message.content == content
    assert files_below(temporary) == [message.path]
    box.close()
    assert list(temporary.iterdir()) == []


def test_past_the_budget_small_ones_go_to_files_too(monkeypatch: pytest.MonkeyPatch, temporary: Path) -> None:
    monkeypatch.setattr("wlemail.sandbox.mailbox.MEMORY_BUDGET", 10)
    box = Mailbox()
    assert receive(box, b"0123456789").path is None
    spilled = receive(box, b"x")
    assert spilled.path is not None
    box.clear()
    assert files_below(temporary) == []
    assert receive(box, b"x").path is None
    box.close()


def test_a_message_that_breaks_off_leaves_nothing(temporary: Path, tmp_path: Path) -> None:
    box = Mailbox(memory_limit=10)
    spool = box.spool(ENVELOPE)
    spool.write(b"x" * 100)
    spool.discard()
    assert files_below(temporary) == []
    box.close()
    filed = Mailbox(maildir=Maildir(tmp_path / "mail")).spool(ENVELOPE)
    filed.write(b"x")
    assert len(files_below(tmp_path / "mail" / "tmp")) == 1
    filed.discard()
    assert files_below(tmp_path / "mail") == []


def test_maildir_holds_the_envelope_and_the_bytes(tmp_path: Path) -> None:
    box = Mailbox(maildir=Maildir(tmp_path / "new folder" / "mail"))
    content = b"Subject: hello\r\n\r\n\xff\r\n"
    message = receive(box, content)
    assert message.content == content
    assert message.path is not None
    assert message.path.read_bytes() == (
        b"Return-Path: <a@b.example>\r\nDelivered-To: c@d.example\r\n"
        b"Delivered-To: " + "é@f.example".encode() + b"\r\n" + content
    )
    box.clear()
    box.close()
    # What others see: Python's own reader of Maildirs.
    with_standard = standard_mailbox.Maildir(str(tmp_path / "new folder" / "mail"), factory=None)
    [read] = with_standard.values()
    assert read["Subject"] == "hello"
    assert read.get_subdir() == "new"


def test_maildir_names_are_unique_and_work_on_every_system(tmp_path: Path) -> None:
    box = Mailbox(maildir=Maildir(tmp_path))
    for _ in range(50):
        receive(box, b"x")
    names = os.listdir(tmp_path / "new")
    assert len(names) == 50
    assert not any(character in name for name in names for character in ':/\\<>"|?*')
    assert os.listdir(tmp_path / "tmp") == []


def test_numbers_are_never_used_again() -> None:
    box = Mailbox()
    receive(box, b"1")
    box.clear()
    assert receive(box, b"2").number == 2


def test_keep_drops_the_oldest() -> None:
    box = Mailbox(keep=2)
    for content in (b"1", b"2", b"3"):
        receive(box, content)
    assert [message.content for message in box.messages] == [b"2", b"3"]


def test_wait_for_messages_of_another_thread() -> None:
    box = Mailbox()
    threads = [threading.Thread(target=receive, args=(box, b"x")) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert len(box.wait_for(3, 5)) >= 3
    for thread in threads:
        thread.join()
    with pytest.raises(TimeoutError, match="3 of 4 messages arrived"):
        box.wait_for(4, 0.01)


def test_on_message_is_called_with_what_is_already_there() -> None:
    seen: list[tuple[int, int]] = []
    box = Mailbox(on_message=lambda message: seen.append((message.number, len(box.messages))))
    receive(box, b"1")
    receive(box, b"2")
    assert seen == [(1, 1), (2, 2)]


def test_content_is_read_back_by_others() -> None:
    message = receive(Mailbox(), b"Subject: x\r\n\r\nbody\r\n")
    with message.open() as stream:
        assert email.message_from_binary_file(stream)["Subject"] == "x"
