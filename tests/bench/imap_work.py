"""What the contenders that read over IMAP do; run by work.py."""

from __future__ import annotations

import contextlib
from typing import Any

from .work import Timer, work

#: what a FETCH asks for, by what is read
PART = {"headers": "BODY.PEEK[HEADER]", "full": "BODY.PEEK[]"}


@contextlib.contextmanager
def _session(port: int, user: str, password: str) -> Any:
    from wlemail import EmailCloseSession, EmailStartIMAPSession, ErrorInfo

    assert EmailStartIMAPSession(user, password, "127.0.0.1", port), ErrorInfo()
    yield
    EmailCloseSession(user)


@work
def wlemail_imap_walk(port: int, user: str, password: str, count: int) -> Timer:
    """EmailReadFirst, EmailReadNext to the end, which mark as read; the subject and the text of each are looked at."""
    from wlemail import Email, EmailReadFirst, EmailReadNext, ErrorInfo

    with _session(port, user, password):
        assert EmailReadFirst(user), ErrorInfo()
    seen = size = 0
    with Timer() as timer, _session(port, user, password):
        ok = EmailReadFirst(user)
        while ok:
            seen += 1
            size += len(Email.Subject) + len(Email.Message)
            ok = EmailReadNext(user)
    assert seen == count, seen
    return timer


@work
def wlemail_for_mail_in_session(port: int, user: str, password: str, count: int) -> Timer:
    """`for mail in session`, whole messages; the subject of each is looked at, as with imap_tools."""
    from wlemail import EmailCloseSession, EmailStartSession, ErrorInfo, emailIMAPSession

    session = emailIMAPSession()
    session.ServerAddress, session.Port, session.Name, session.Password = "127.0.0.1", port, user, password
    assert EmailStartSession(session), ErrorInfo()
    next(iter(session))
    EmailCloseSession(session)
    seen = 0
    with Timer() as timer:
        assert EmailStartSession(session), ErrorInfo()
        for mail in session:
            seen += 1
            assert mail.Subject
        EmailCloseSession(session)
    assert seen == count, seen
    return timer


@work
def wlemail_get_all_headers(port: int, user: str, password: str, count: int) -> Timer:
    """EmailGetAll, headers; the subject of each is looked at."""
    from wlemail import EmailGetAll, ErrorInfo

    with _session(port, user, password):
        assert EmailGetAll(user).Count == count, ErrorInfo()
    with Timer() as timer, _session(port, user, password):
        size = sum(len(mail.Subject) for mail in EmailGetAll(user))
    assert size, ErrorInfo()
    return timer


@work
def imaplib_one_by_one(port: int, user: str, password: str, count: int, what: str) -> Timer:
    """One FETCH per message, as tutorials show it."""
    import imaplib

    with Timer() as timer:
        imap = imaplib.IMAP4("127.0.0.1", port)
        imap.login(user, password)
        imap.select("INBOX", readonly=True)
        numbers = imap.search(None, "ALL")[1][0].split()
        for number in numbers:
            imap.fetch(number, f"({PART[what]})")
        imap.logout()
    assert len(numbers) == count
    return timer


@work
def imaplib_at_once(port: int, user: str, password: str, count: int, what: str) -> Timer:
    """One FETCH for all; octets, nothing parsed."""
    import imaplib

    with Timer() as timer:
        imap = imaplib.IMAP4("127.0.0.1", port)
        imap.login(user, password)
        imap.select("INBOX", readonly=True)
        data = imap.uid("FETCH", "1:*", f"(FLAGS {PART[what]})")[1]
        seen = sum(isinstance(item, tuple) for item in data)
        imap.logout()
    assert seen == count
    return timer


@work
def imapclient_fetch(port: int, user: str, password: str, count: int, what: str) -> Timer:
    """IMAPClient: search() and one fetch(); octets, nothing parsed."""
    from imapclient import IMAPClient

    with Timer() as timer, IMAPClient("127.0.0.1", port, ssl=False) as imap:
        imap.login(user, password)
        imap.select_folder("INBOX", readonly=True)
        seen = len(imap.fetch(imap.search(), ["FLAGS", PART[what]]))
    assert seen == count
    return timer


@work
def imap_tools_bulk(port: int, user: str, password: str, count: int, what: str) -> Timer:
    """imap_tools: fetch(bulk=500), parsed; the subject of each is looked at."""
    from imap_tools import MailBoxUnencrypted

    seen = 0
    with Timer() as timer, MailBoxUnencrypted("127.0.0.1", port).login(user, password) as box:
        for message in box.fetch(mark_seen=False, headers_only=what == "headers", bulk=500):
            seen += 1
            assert message.subject
    assert seen == count
    return timer


@work
def bare_imap(port: int, user: str, password: str, count: int, what: str) -> Timer:
    """One FETCH over a bare socket, literals cut out by their lengths, nothing checked."""
    import socket

    seen = 0
    with Timer() as timer:
        sock = socket.create_connection(("127.0.0.1", port))
        file = sock.makefile("rb", 1 << 18)
        file.readline()
        sock.sendall(
            f"a LOGIN {user} {password}\r\nb EXAMINE INBOX\r\nc UID FETCH 1:* (FLAGS {PART[what]})\r\n".encode()
        )
        while not (line := file.readline()).startswith(b"c "):
            while line.endswith(b"}\r\n"):
                file.read(int(line[line.rindex(b"{") + 1 : -3].rstrip(b"+")))
                seen += 1
                line = file.readline()
        sock.close()
    assert seen == count
    return timer
