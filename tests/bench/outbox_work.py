"""What contenders with an outbox do (see work.py). It lies on the disk, in a directory of each run's own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import samples
from .work import Timer, work


@contextmanager
def outbox(scratch: str, connections: int) -> Iterator[str]:
    """An empty outbox, which asynchronous sessions use from now on."""
    from wlemail import (
        EmailConfigure,
        emailParameterDrainTimeOut,
        emailParameterMaxConnections,
        emailParameterOutbox,
    )

    with tempfile.TemporaryDirectory(dir=scratch) as place:
        EmailConfigure(emailParameterOutbox, place)
        EmailConfigure(emailParameterDrainTimeOut, 600)
        EmailConfigure(emailParameterMaxConnections, connections)
        yield place


@work
def wlemail_asynchronous(
    port: int, count: int, path: str, scratch: str, connections: int, recipients: int = 1
) -> Timer:
    """EmailSend in an asynchronous session, from its opening to the last reply and the goodbye."""
    from wlemail import Email, EmailCloseSession, EmailSend, EmailStartSMTPSession, EmailStatus, ErrorInfo, emailSent

    Email.Sender, Email.Recipient = samples.SENDER, samples.RECIPIENT
    with outbox(scratch, connections):
        _first_mail(port, lambda: EmailSend("first", path))
        if recipients > 1:
            Email.Recipient = samples.recipients(recipients)
        with Timer() as timer:
            assert EmailStartSMTPSession("user", "", "127.0.0.1", port, True), ErrorInfo()
            for _ in range(count):
                assert EmailSend("user", path), ErrorInfo()
            EmailCloseSession("user")
        assert EmailStatus(count + 1) == emailSent, ErrorInfo()
    return timer


@work
def wlemail_large_asynchronous(port: int, path: str, scratch: str) -> Timer:
    """EmailSendMessage with the file as attachment, from the call to the last reply: written, synced, read again."""
    from wlemail import Email, EmailCloseSession, EmailSendMessage, EmailStartSMTPSession, ErrorInfo

    m = Email()
    m.Sender, m.Recipient, m.Subject, m.Message = samples.SENDER, samples.RECIPIENT, "large", "see the attachment\n"
    with outbox(scratch, 1):
        _first_mail(port, lambda: EmailSendMessage("first", m))
        m.Attach.Add(path)
        with Timer() as timer:
            assert EmailStartSMTPSession("user", "", "127.0.0.1", port, True), ErrorInfo()
            assert EmailSendMessage("user", m), ErrorInfo()
            EmailCloseSession("user")
    return timer


@work
def wlemail_hand_over(port: int, count: int, path: str, scratch: str) -> Timer:
    """EmailSend alone: each mail is on the disk when it returns, and nothing is sent meanwhile."""
    from wlemail import Email, EmailCloseSession, EmailSend, EmailStartSMTPSession, ErrorInfo
    from wlemail.mail.account import Account
    from wlemail.mail.outbox.accounts import key_of
    from wlemail.mail.outbox.sender import SENDERS

    Email.Sender, Email.Recipient = samples.SENDER, samples.RECIPIENT
    with outbox(scratch, 1):
        _first_mail(port, lambda: EmailSend("first", path))
        # Whoever owns the account sends, and this one does not.
        owned = SENDERS.store().own(key_of(Account("user", "127.0.0.1", port, user="user")))
        assert owned is not None
        assert EmailStartSMTPSession("user", "", "127.0.0.1", port, True), ErrorInfo()
        assert EmailSend("user", path), ErrorInfo()
        with Timer() as timer:
            for _ in range(count):
                assert EmailSend("user", path), ErrorInfo()
        EmailCloseSession("user")
        owned.release()
    return timer


@work
def sqlite_insert_and_sync(count: int, scratch: str) -> Timer:
    """Not a product: a row with the same octets and a commit for each, synchronous=FULL, with a write-ahead log."""
    import sqlite3

    content = samples.small_source()
    with tempfile.TemporaryDirectory(dir=scratch) as place:
        connection = sqlite3.connect(Path(place, "bare.db"), isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE message (id INTEGER PRIMARY KEY, sender TEXT, recipient TEXT, data BLOB)")
        row = (samples.SENDER, samples.RECIPIENT, content)
        with Timer() as timer:
            for _ in range(count):
                connection.execute("INSERT INTO message (sender, recipient, data) VALUES (?, ?, ?)", row)
        connection.close()
    return timer


def _first_mail(port: int, send: Callable[[], Any]) -> None:
    from wlemail import EmailCloseSession, EmailStartSMTPSession, ErrorInfo

    assert EmailStartSMTPSession("first", "", "127.0.0.1", port, True), ErrorInfo()
    assert send(), ErrorInfo()
    EmailCloseSession("first")
