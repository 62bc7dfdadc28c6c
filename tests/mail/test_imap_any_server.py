"""Servers that answer anything at any time: each call ends in a result or in a MailError, and a walk ends."""

from __future__ import annotations

from collections.abc import Callable
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.imap.test_any_server import ENDS, HOSTILE, NoisyStream
from wlemail.errors import ConnectionRefused, MailError
from wlemail.imap.client import Client
from wlemail.mail.account import Account
from wlemail.mail.backends import imap_link
from wlemail.mail.backends.imap import ImapIncoming
from wlemail.mail.interfaces import Criteria, Part
from wlemail.mail.reader import MailboxReader

MORE = [
    line + b"\r\n"
    for line in (
        b"* 5 EXISTS", b"* 0 EXISTS", b"* 2 EXPUNGE", b"* 9 EXPUNGE", b"* ESEARCH UID ALL 2:6", b"* ESEARCH UID",
        b"* SEARCH 2 3 4 5 6", b"* OK [UIDVALIDITY 7] x", b"* 2 FETCH (UID 3 FLAGS () BODY[] {2}\r\nhi)",
        b"* 3 FETCH (UID 4 RFC822.SIZE 99999999999)", b"* 1 FETCH (FLAGS (\\Seen))", b"* 1 FETCH (FLAGS ())",
        b'* LIST (\\Sent) "/" s', b'* LIST () "." INBOX.x', b'* NAMESPACE (("INBOX." ".")) NIL NIL',
        b"* 2 FETCH (UID 3 BODY[HEADER] NIL)", b"* VANISHED 2:4",
    )
]  # fmt: skip

ACTS: list[Callable[[MailboxReader], object]] = [
    lambda reader: reader.read_first(),
    lambda reader: reader.read_next(),
    lambda reader: reader.read_next(headers_only=True, unread=True),
    lambda reader: reader.read_previous(),
    lambda reader: reader.read_last(headers_only=True),
    lambda reader: reader.read(3),
    lambda reader: reader.read(4),
    lambda reader: sum(len(each.data) for each in reader.read_all()),
    lambda reader: reader.count(),
    lambda reader: reader.size(3),
    lambda reader: reader.delete(),
    lambda reader: reader.folders.flags(3),
    lambda reader: reader.folders.change_flags([3], add=["\\Seen"], remove=["$x"]),
    lambda reader: reader.seek(Criteria("é", [Part.SUBJECT, Part.BODY], unread=True)),
    lambda reader: reader.change_folder("Sent"),
    lambda reader: reader.folders.add_folder("a/b"),
    lambda reader: reader.remove_folder("s"),
    lambda reader: reader.folders.copy([3], "x"),
    lambda reader: reader.folders.move([3], "x"),
    lambda reader: reader.folders.append(b"a\nb", "x"),
    lambda reader: reader.folders.expunge(),
    lambda reader: reader.folders.counts(),
    lambda reader: reader.wait(0),
    lambda reader: reader.folders.execute("SELECT x"),
]


@settings(max_examples=150)
@given(
    st.lists(st.lists(st.sampled_from(ENDS[:1] * 16 + ENDS * 2 + HOSTILE + MORE * 2), max_size=60), max_size=3),
    st.lists(st.integers(0, len(ACTS) - 1), min_size=1, max_size=8),
    st.sampled_from(["", " MOVE UIDPLUS IDLE", " LITERAL+ ESEARCH LIST-STATUS LIST-EXTENDED UNSELECT NAMESPACE"]),
)
def test_any_answers(connections: list[list[bytes]], acts: list[int], offers: str) -> None:
    left = list(connections)
    streams: list[NoisyStream] = []

    def connect(account: Account) -> Client:
        if not left:
            raise ConnectionRefused("nobody there")
        greeting = f"* PREAUTH [CAPABILITY IMAP4rev1{offers}] hi\r\n".encode()
        opening = [b"* 5 EXISTS\r\n", b"* OK [UIDVALIDITY 7] x\r\n", b" OK [READ-WRITE] x\r\n"]
        stream = NoisyStream([greeting, *opening, *left.pop(0)], stalls=False, fails_after=60)
        streams.append(stream)
        client = Client(stream)
        client.greet()
        return client

    with mock.patch.object(imap_link, "open_imap", connect):
        try:
            reader = MailboxReader(ImapIncoming(Account("lea", "mail.example.com", 143)))
        except MailError:
            return
        for act in acts:
            try:
                ACTS[act](reader)
            except MailError:
                pass
            numbers = reader.incoming._folder.roll.uids  # type: ignore[attr-defined]
            assert numbers == sorted(set(numbers))
        reader.close()
    assert all(stream.closed for stream in streams)
