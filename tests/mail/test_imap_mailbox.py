"""A mailbox with folders over IMAP, whatever becomes of the connection: a number never comes to mean another mail."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone

import pytest

from tests.imap.dialogue import logged_in
from tests.support.scripted import ScriptedStream
from wlemail.errors import (
    CommandRefused,
    ConnectionLost,
    ConnectionRefused,
    ControlCharacter,
    InvalidValue,
    MailboxChanged,
    MailError,
    MessageGone,
    NoMessageRead,
    ProtocolViolation,
    TimedOut,
    Unsupported,
)
from wlemail.imap.client import Client
from wlemail.mail import rehearsal
from wlemail.mail.account import Account
from wlemail.mail.backends import imap_link
from wlemail.mail.backends.imap import ImapIncoming
from wlemail.mail.interfaces import Changes, Criteria, FolderCounts, Part
from wlemail.mail.reader import MailboxReader

ACCOUNT = Account("lea", "mail.example.com", 143, user="lea", password="secret")
OFFERS = "IMAP4rev1 UIDPLUS MOVE IDLE UNSELECT ENABLE NAMESPACE LITERAL+ ESEARCH"
LOST = "-- CLOSE"


def opened(exists: int = 3, *, validity: int = 7, tag: int = 1, name: str = "INBOX", verb: str = "SELECT") -> str:
    mode = "READ-WRITE" if verb == "SELECT" else "READ-ONLY"
    return (
        f'C: W{tag} {verb} "{name}"\nS: * {exists} EXISTS\nS: * OK [UIDVALIDITY {validity}] x\n'
        f"S: W{tag} OK [{mode}] in\n"
    )


def called(tag: int, uids: str, among: str = "ALL") -> str:
    """UID SEARCH for everybody, or for the newcomers."""
    found = f" ALL {uids}" if uids else ""
    return f'C: W{tag} UID SEARCH RETURN (ALL) {among}\nS: * ESEARCH (TAG "W{tag}") UID{found}\nS: W{tag} OK\n'


def body(number: int, uid: int, text: str, flags: str = "") -> str:
    flags = flags.replace("\\", "\\\\")
    return f"S> * {number} FETCH (UID {uid} FLAGS ({flags}) BODY[] {{{len(text)}}}\\r\\n{text})\\r\\n\n"


def fetched(tag: int, wanted: str, *bodies: str) -> str:
    return f"C: W{tag} UID FETCH {wanted} (UID FLAGS BODY.PEEK[])\n{''.join(bodies)}S: W{tag} OK\n"


def header(number: int, uid: int, text: str) -> str:
    return f"S> * {number} FETCH (UID {uid} BODY[HEADER] {{{len(text)}}}\\r\\n{text})\\r\\n\n"


def headers(tag: int, wanted: str, *texts: str) -> str:
    return f"C: W{tag} UID FETCH {wanted} (UID BODY.PEEK[HEADER])\n{''.join(texts)}S: W{tag} OK\n"


def stored(tag: int, uids: str, flags: str, sign: str = "+") -> str:
    return f"C: W{tag} UID STORE {uids} {sign}FLAGS.SILENT ({flags})\nS: W{tag} OK\n"


def noop(tag: int, *told: str) -> str:
    return f"C: W{tag} NOOP\n" + "".join(f"S: * {each}\n" for each in told) + f"S: W{tag} OK\n"


def logout(tag: int) -> str:
    return f"C: W{tag} LOGOUT\nS: * BYE bye\nS: W{tag} OK\n"


def listed(tag: int, *, again: bool = False) -> str:
    """LIST and LSUB; NAMESPACE the first time."""
    own = f'C: W{tag + 2} NAMESPACE\nS: * NAMESPACE (("" "/")) NIL NIL\nS: W{tag + 2} OK\n'
    return (
        f'C: W{tag} LIST "" "*"\nS: * LIST (\\HasNoChildren) "/" INBOX\nS: * LIST () "/" Sent\n'
        f'S: * LIST () "/" "Trav&AOk-/A"\nS: * LIST (\\Noselect) "/" "Trav&AOk-"\nS: W{tag} OK\n'
        f'C: W{tag + 1} LSUB "" "*"\nS: * LSUB () "/" Sent\nS: W{tag + 1} OK\n'
    ) + ("" if again else own)


class Server:
    """Connections in the order in which they are opened, each a dialogue or what the opening fails with."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *connections: str | MailError, offers: str) -> None:
        self._connections = list(connections)
        self._offers = offers
        self.streams: list[ScriptedStream] = []
        monkeypatch.setattr(imap_link, "open_imap", self._open)

    def _open(self, account: Account) -> Client:
        assert account == ACCOUNT
        assert self._connections, "a connection more than the script has"
        connection = self._connections.pop(0)
        if isinstance(connection, MailError):
            raise connection
        client, stream = logged_in(connection, self._offers)
        self.streams.append(stream)
        return client

    def done(self) -> None:
        """Every dialogue was played to its end."""
        assert not self._connections
        assert all(stream.done() for stream in self.streams)

    @property
    def round_trips(self) -> int:
        return sum(stream.round_trips for stream in self.streams)


Serve = Callable[..., Server]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Serve:
    def make(*connections: str | MailError, offers: str = OFFERS) -> Server:
        return Server(monkeypatch, *connections, offers=offers)

    return make


# -- what there is ------------------------------------------------------------------------------------


def test_the_inbox_is_open_and_nothing_more_is_asked(server: Serve) -> None:
    wire = server(opened())
    box = ImapIncoming(ACCOUNT)
    assert box.current_folder == "INBOX"
    wire.done()


def test_numbers_are_uids(server: Serve) -> None:
    wire = server(opened(3) + called(2, "4,8:9") + noop(3))
    box = ImapIncoming(ACCOUNT)
    assert list(box.numbers()) == [4, 8, 9]
    assert box.count() == 3
    assert box.unique_id(8) == "7.8"
    wire.done()


def test_an_empty_folder_is_not_searched(server: Serve) -> None:
    wire = server(opened(0))
    assert list(ImapIncoming(ACCOUNT).numbers()) == []
    wire.done()


@pytest.mark.parametrize("number", [0, -1, 5, 2**32, 10**20])
def test_numbers_that_nobody_has_do_not_reach_the_server(server: Serve, number: int) -> None:
    server(opened(2) + called(2, "4,9"))
    box = ImapIncoming(ACCOUNT)
    box.numbers()
    for ask in (box.size, box.unique_id, box.fetch, box.delete, box.flags):
        with pytest.raises(MessageGone) as caught:
            ask(number)
        assert caught.value.number == number


def test_a_number_beyond_the_last_is_asked_for(server: Serve) -> None:
    wire = server(opened(1) + called(2, "4") + fetched(3, "5") + fetched(4, "5", body(2, 5, "new")))
    box = ImapIncoming(ACCOUNT)
    box.numbers()
    with pytest.raises(MessageGone):
        box.fetch(5)
    assert box.fetch(5) == b"new"
    wire.done()


def test_the_folder_cannot_be_opened(server: Serve) -> None:
    wire = server('C: W1 SELECT "INBOX"\nS: W1 NO [NOPERM] not you')
    with pytest.raises(CommandRefused):
        ImapIncoming(ACCOUNT)
    assert wire.streams[0].closed


# -- reading and marking ------------------------------------------------------------------------------


def test_a_full_read_marks_the_message_and_a_header_read_does_not(server: Serve) -> None:
    wire = server(
        opened()
        + headers(2, "4", header(1, 4, "a"))
        + fetched(3, "8", body(2, 8, "b"))
        + stored(4, "8", "\\Seen")
        + logout(5)
    )
    box = ImapIncoming(ACCOUNT)
    assert box.fetch(4, headers_only=True) == b"a"
    assert box.fetch(8) == b"b"
    box.close()
    wire.done()


def test_what_was_read_before_is_not_marked_again(server: Serve) -> None:
    wire = server(opened() + fetched(2, "8", body(2, 8, "b", "\\Answered \\seen")) + logout(3))
    box = ImapIncoming(ACCOUNT)
    box.fetch(8)
    box.close()
    wire.done()


def test_marks_go_before_the_next_command_that_is_no_read(server: Serve) -> None:
    wire = server(
        opened()
        + fetched(2, "8", body(2, 8, "b"))
        + headers(3, "9", header(3, 9, "c"))
        .replace("C: W3", "C: W3 UID STORE 8 +FLAGS.SILENT (\\Seen)\nC: W4")
        .replace("S: W3 OK", "S: W3 OK\nS: W4 OK")
        + noop(5)
    )
    box = ImapIncoming(ACCOUNT)
    box.fetch(8)
    box.fetch(9, headers_only=True)
    assert box.count() == 3
    wire.done()


def test_a_read_ahead_marks_nothing(server: Serve) -> None:
    sizes = "".join(f"S: * {n} FETCH (UID {n} RFC822.SIZE 1)\n" for n in (3, 4, 5))
    wire = server(
        opened(5)
        + called(2, "1:5")
        + fetched(3, "1", body(1, 1, "a"))
        + "C: W4 UID STORE 1 +FLAGS.SILENT (\\Seen)\nC: W5 UID FETCH 2 (UID FLAGS BODY.PEEK[])\n"
        + f"C: W6 UID FETCH 3:5 (UID RFC822.SIZE)\nS: W4 OK\n{body(2, 2, 'b')}S: W5 OK\n{sizes}S: W6 OK\n"
        + fetched(7, "3:5", body(3, 3, "c"), body(4, 4, "d"), body(5, 5, "e")).replace(
            "PEEK[])\n", "PEEK[])\nC: W8 UID STORE 2 +FLAGS.SILENT (\\Seen)\n"
        )
        + "S: W8 OK\n"
        + logout(9)
    )
    reader = MailboxReader(ImapIncoming(ACCOUNT))
    assert [reader.read_first(), reader.read_next()] == [(1, b"a", False), (2, b"b", False)]
    reader.close()
    wire.done()


def test_a_mark_that_is_refused_is_no_failure(server: Serve, caplog: pytest.LogCaptureFixture) -> None:
    wire = server(
        opened()
        + fetched(2, "8", body(2, 8, "b"))
        + "C: W3 UID STORE 8 +FLAGS.SILENT (\\Seen)\nS: W3 NO [NOPERM] shared\n"
        + noop(4)
    )
    box = ImapIncoming(ACCOUNT)
    assert box.fetch(8) == b"b"
    assert box.count() == 3
    assert "shared" in caplog.text
    wire.done()


def test_nothing_is_marked_in_a_folder_that_is_read_only(server: Serve) -> None:
    wire = server(opened().replace("READ-WRITE", "READ-ONLY") + fetched(2, "8", body(2, 8, "b")) + logout(3))
    box = ImapIncoming(ACCOUNT)
    box.fetch(8)
    box.close()
    wire.done()


def test_closing_says_goodbye_and_expunges_nothing(server: Serve) -> None:
    wire = server(opened() + called(2, "4,8:9") + stored(3, "8", "\\Deleted") + logout(4))
    box = ImapIncoming(ACCOUNT)
    box.delete(8)
    box.close()
    wire.done()


def test_marks_that_cannot_be_set_at_the_end_are_told(server: Serve, caplog: pytest.LogCaptureFixture) -> None:
    server(opened() + fetched(2, "8", body(2, 8, "b")) + LOST, ConnectionRefused("refused", host="h", port=1))
    box = ImapIncoming(ACCOUNT)
    box.fetch(8)
    with caplog.at_level(logging.WARNING):
        box.close()
    assert "not marked" in caplog.text


# -- deleting -----------------------------------------------------------------------------------------


def test_a_deleted_message_is_flagged_and_passed_over(server: Serve) -> None:
    wire = server(
        opened()
        + called(2, "4,8:9")
        + stored(3, "8", "\\Deleted")
        + noop(4)
        + headers(5, "4", header(1, 4, "a"))
        + headers(6, "9", header(3, 9, "c"))
    )
    reader = MailboxReader(ImapIncoming(ACCOUNT))
    reader.delete(8)
    assert reader.incoming.is_deleted(8)
    for use in (reader.incoming.fetch, reader.incoming.delete, reader.incoming.size):
        with pytest.raises(MessageGone):
            use(8)
    assert reader.read_first(headers_only=True) == (4, b"a", True)
    assert reader.read_next(headers_only=True) == (9, b"c", True)
    wire.done()


def test_deletion_refused(server: Serve) -> None:
    server(opened() + called(2, "4,8:9") + "C: W3 UID STORE 8 +FLAGS.SILENT (\\Deleted)\nS: W3 NO [NOPERM] no")
    box = ImapIncoming(ACCOUNT)
    with pytest.raises(CommandRefused) as caught:
        box.delete(8)
    assert caught.value.response_code == "NOPERM"
    assert not box.is_deleted(8)


def test_a_message_that_is_undeleted_is_there_again(server: Serve) -> None:
    wire = server(
        opened()
        + called(2, "4,8:9")
        + stored(3, "8", "\\Deleted")
        + stored(4, "8", "\\Deleted", "-")
        + fetched(5, "8", body(2, 8, "b"))
    )
    box = ImapIncoming(ACCOUNT)
    box.delete(8)
    box.change_flags([8], remove=["\\deleted".title()])
    assert box.fetch(8) == b"b"
    wire.done()


def test_what_was_deleted_stays_so_after_a_visit_to_another_folder(server: Serve) -> None:
    server(
        opened()
        + called(2, "4,8:9")
        + stored(3, "8", "\\Deleted")
        + listed(4)
        + opened(2, tag=7, name="Sent", validity=3)
        + opened(3, tag=8)
    )
    box = ImapIncoming(ACCOUNT)
    box.delete(8)
    box.change_folder("Sent")
    assert not box.is_deleted(8)
    box.change_folder("INBOX")
    assert box.is_deleted(8)


def test_expunge(server: Serve) -> None:
    wire = server(opened() + called(2, "4,8:9") + "C: W3 EXPUNGE\nS: * 2 EXPUNGE\nS: W3 OK\n")
    box = ImapIncoming(ACCOUNT)
    box.numbers()
    box.expunge()
    assert list(box.numbers()) == [4, 9]
    assert box.is_deleted(8)
    wire.done()


# -- what others do -----------------------------------------------------------------------------------


def test_expunged_by_another_client_between_listing_and_reading(server: Serve) -> None:
    wire = server(
        opened()
        + called(2, "4,8:9")
        + fetched(3, "4", body(1, 4, "a"))
        + "C: W4 UID STORE 4 +FLAGS.SILENT (\\Seen)\nC: W5 UID FETCH 8 (UID FLAGS BODY.PEEK[])\n"
        + "C: W6 UID FETCH 9 (UID RFC822.SIZE)\n"
        + "S: * 2 EXPUNGE\nS: W4 OK\nS: W5 OK\nS: * 2 FETCH (UID 9 RFC822.SIZE 1)\nS: W6 OK\n"
        + fetched(7, "9", body(2, 9, "c"))
    )
    reader = MailboxReader(ImapIncoming(ACCOUNT))
    assert reader.read_first() == (4, b"a", False)
    assert reader.read_next() == (9, b"c", False)
    assert list(reader.numbers()) == [4, 9]
    with pytest.raises(MessageGone):
        reader.read(8)
    wire.done()


def test_new_mail_is_reached_by_the_walk(server: Serve) -> None:
    wire = server(
        opened(1)
        + called(2, "4")
        + headers(3, "4", header(1, 4, "a"))
        + noop(4, "2 EXISTS")
        + called(5, "9", "UID 5:*")
        + headers(6, "9", header(2, 9, "b"))
        + noop(7)
    )
    reader = MailboxReader(ImapIncoming(ACCOUNT))
    assert reader.read_first(headers_only=True) == (4, b"a", True)
    assert reader.read_next(headers_only=True) == (9, b"b", True)
    assert reader.read_next(headers_only=True) is None
    wire.done()


def test_the_last_message_is_the_newest(server: Serve) -> None:
    wire = server(
        opened(1)
        + called(2, "4")
        + noop(3, "2 EXISTS")
        + called(4, "9", "UID 5:*")
        + headers(5, "9", header(2, 9, "b"))
    )
    reader = MailboxReader(ImapIncoming(ACCOUNT))
    reader.numbers()
    assert reader.read_last(headers_only=True) == (9, b"b", True)
    wire.done()


def test_the_highest_number_answers_a_search_for_newcomers(server: Serve) -> None:
    """RFC 3501 6.4.8: `5:*` finds message 4 where that is the last."""
    server(opened(1) + called(2, "4") + noop(3, "2 EXISTS") + called(4, "4", "UID 5:*") + called(5, "4,7"))
    box = ImapIncoming(ACCOUNT)
    box.numbers()
    assert box.refresh()
    assert list(box.numbers()) == [4, 7]


def test_an_expunge_while_the_roll_is_called(server: Serve) -> None:
    """RFC 3501 7.4.1: UID SEARCH may bring EXPUNGE, before its answer or behind it."""
    expunged = called(2, "4,8:9").replace("S: W2 OK", "S: * 2 EXPUNGE\nS: W2 OK")
    wire = server(opened(3) + expunged + called(3, "4,9"))
    box = ImapIncoming(ACCOUNT)
    assert list(box.numbers()) == [4, 9]
    assert box.is_deleted(8)
    wire.done()


def test_a_server_that_counts_wrong_is_asked_three_times(server: Serve) -> None:
    wire = server(opened(5) + called(2, "4") + called(3, "4") + called(4, "4"))
    assert list(ImapIncoming(ACCOUNT).numbers()) == [4]
    wire.done()


def test_vanished_names_uids(server: Serve) -> None:
    server(opened(3) + called(2, "4,8:9") + noop(3, "VANISHED 4,8"))
    box = ImapIncoming(ACCOUNT)
    box.numbers()
    assert box.count() == 1
    assert list(box.numbers()) == [9]


def test_uidvalidity_changes_under_our_hands(server: Serve) -> None:
    server(opened() + called(2, "4,8:9") + noop(3, "OK [UIDVALIDITY 8] rebuilt"))
    box = ImapIncoming(ACCOUNT)
    box.numbers()
    with pytest.raises(MailboxChanged, match="UIDVALIDITY"):
        box.count()
    assert box.ended
    with pytest.raises(MailboxChanged):
        box.fetch(4)


# -- unread and searching -------------------------------------------------------------------------------


def test_unread_messages_leave_the_list_as_they_are_read(server: Serve) -> None:
    wire = server(
        opened()
        + called(2, "4,9", "UNSEEN")
        + fetched(3, "4", body(1, 4, "a"))
        + "C: W4 UID STORE 4 +FLAGS.SILENT (\\Seen)\nC: W5 UID FETCH 9 (UID FLAGS BODY.PEEK[])\n"
        + f"S: W4 OK\n{body(3, 9, 'c')}S: W5 OK\n"
        + stored(6, "9", "\\Seen")
        + called(7, "", "UNSEEN")
    )
    reader = MailboxReader(ImapIncoming(ACCOUNT))
    assert reader.read_first(unread=True) == (4, b"a", False)
    assert reader.read_next(unread=True) == (9, b"c", False)
    assert reader.read_next(unread=True) is None
    wire.done()


def test_unread_mail_that_arrives_is_reached(server: Serve) -> None:
    wire = server(
        opened()
        + called(2, "4", "UNSEEN")
        + headers(3, "4", header(1, 4, "a"))
        + called(4, "4,12", "UNSEEN")
        + headers(5, "12", header(4, 12, "d"))
    )
    reader = MailboxReader(ImapIncoming(ACCOUNT))
    assert reader.read_first(unread=True, headers_only=True) == (4, b"a", True)
    assert reader.read_next(unread=True, headers_only=True) == (12, b"d", True)
    wire.done()


def test_all_unread_messages(server: Serve) -> None:
    wire = server(
        opened() + called(2, "4,9", "UNSEEN") + headers(3, "4", header(1, 4, "a")) + headers(4, "9", header(3, 9, "c"))
    )
    reader = MailboxReader(ImapIncoming(ACCOUNT))
    assert list(reader.read_all(unread=True, headers_only=True)) == [(4, b"a", True), (9, b"c", True)]
    wire.done()


def test_a_message_is_unread_again(server: Serve) -> None:
    wire = server(
        opened()
        + called(2, "4,9", "UNSEEN")
        + called(3, "4,8:9")
        + stored(4, "4", "\\Seen")
        + stored(5, "8", "\\Seen", "-")
    )
    box = ImapIncoming(ACCOUNT)
    assert list(box.unread()) == [4, 9]
    box.change_flags([4], add=["\\Seen"])
    box.change_flags([8], remove=["\\Seen"])
    assert list(box.unread(ask=False)) == [8, 9]
    wire.done()


def test_others_read_messages_too(server: Serve) -> None:
    server(
        opened()
        + called(2, "4,8:9")
        + called(3, "4,9", "UNSEEN")
        + noop(4, "1 FETCH (FLAGS (\\Seen))", "2 FETCH (FLAGS ())")
    )
    box = ImapIncoming(ACCOUNT)
    box.numbers()
    box.unread()
    box.count()
    assert list(box.unread(ask=False)) == [8, 9]


@pytest.mark.parametrize(
    ("criteria", "said"),
    [
        (Criteria(), "ALL"),
        (Criteria(unread=True), "UNSEEN"),
        (Criteria("x", [Part.SUBJECT]), 'SUBJECT "x"'),
        (Criteria("x", [Part.SENDER, Part.BODY]), 'OR (FROM "x") (BODY "x")'),
        (
            Criteria("x", [Part.SUBJECT, Part.RECIPIENT, Part.BODY], unread=True),
            'OR (SUBJECT "x") (OR (TO "x") (BODY "x")) UNSEEN',
        ),
        (Criteria("<a@b>", [Part.MESSAGE_ID]), 'HEADER "Message-ID" "<a@b>"'),
        (Criteria('a"b\\', ()), 'TEXT "a\\"b\\\\"'),
        (Criteria(flags=["\\Flagged", "$Todo"], without=["\\Draft", "$Done"]),
         "FLAGGED KEYWORD $Todo NOT (DRAFT) UNKEYWORD $Done"),
        (Criteria(flags=["\\XNew"]), "KEYWORD \\XNew"),
    ],
)  # fmt: skip
def test_criteria(server: Serve, criteria: Criteria, said: str) -> None:
    wire = server(opened() + called(2, "8", said))
    assert ImapIncoming(ACCOUNT).search(criteria) == [8]
    wire.done()


def test_search_with_accents_where_charset_is_not_known(server: Serve) -> None:
    """Exchange: BADCHARSET, and then UTF-8 where no character set is named."""
    wire = server(
        opened()
        + "C: W2 UID SEARCH RETURN (ALL) CHARSET UTF-8 SUBJECT {5+}\nC> \\xc3\\xa9t\\xc3\\xa9\\r\\n\n"
        + "S: W2 NO [BADCHARSET (US-ASCII)] no\n"
        + "C: W3 UID SEARCH RETURN (ALL) SUBJECT {5+}\nC> \\xc3\\xa9t\\xc3\\xa9\\r\\n\n"
        + 'S: * ESEARCH (TAG "W3") UID ALL 4\nS: W3 OK\n'
    )
    assert ImapIncoming(ACCOUNT).search(Criteria("été", [Part.SUBJECT])) == [4]
    wire.done()


def test_hits_are_walked_until_the_first_message_is_read(server: Serve) -> None:
    wire = server(
        opened()
        + called(2, "4,9", 'SUBJECT "x"')
        + headers(3, "4", header(1, 4, "a"))
        + headers(4, "9", header(3, 9, "c"))
        + called(5, "4,8:9")
        + headers(6, "4", header(1, 4, "a"))
        # The walk that begins here is read ahead of.
        + headers(7, "8", header(2, 8, "b")).replace("ER])\n", "ER])\nC: W8 UID FETCH 9 (UID BODY.PEEK[HEADER])\n")
    )
    reader = MailboxReader(ImapIncoming(ACCOUNT))
    hits = Criteria("x", [Part.SUBJECT])
    assert reader.seek(hits, headers_only=True) == (4, b"a", True)
    assert reader.read_next(headers_only=True) == (9, b"c", True)
    assert reader.read_next(headers_only=True) is None
    assert reader.read_first(headers_only=True) == (4, b"a", True)
    assert reader.read_next(headers_only=True) == (8, b"b", True)
    wire.done()


@pytest.mark.parametrize("unread", [False, True])
def test_a_message_that_came_and_vanished_around_the_search(server: Serve, unread: bool) -> None:
    """It came after the roll was called, and another program removed it before it was read."""
    wire = server(
        opened()
        + called(2, "4,8:9")
        + headers(3, "9", header(3, 9, "c"))
        + called(4, "4,77:78", "UNSEEN" if unread else 'SUBJECT "x"')
        + headers(5, "4", header(1, 4, "a"))
        # The walk that begins here is read ahead of.
        + headers(6, "77").replace("ER])\n", "ER])\nC: W7 UID FETCH 78 (UID BODY.PEEK[HEADER])\n")
        + "S: W7 OK\n"
    )
    reader = MailboxReader(ImapIncoming(ACCOUNT))
    reader.numbers()
    assert reader.read(9, headers_only=True).data == b"c"
    if unread:
        assert reader.read_first(headers_only=True, unread=True) == (4, b"a", True)
    else:
        assert reader.seek(Criteria("x", [Part.SUBJECT]), headers_only=True) == (4, b"a", True)
    assert reader.read_next(headers_only=True, unread=unread) is None
    wire.done()


def test_no_numbers_among_those_that_were_found(server: Serve) -> None:
    server(
        opened()
        + 'C: W2 UID SEARCH SUBJECT "x"\nS: * SEARCH 0 4 99999999999\nS: W2 OK\n'
        + headers(3, "4", header(1, 4, "a")),
        offers="IMAP4rev1",
    )
    assert MailboxReader(ImapIncoming(ACCOUNT)).seek(Criteria("x", [Part.SUBJECT]), headers_only=True) == (
        4,
        b"a",
        True,
    )


# -- flags ----------------------------------------------------------------------------------------------


def test_flags_hold_what_was_read_and_not_marked_yet(server: Serve) -> None:
    wire = server(
        opened()
        + fetched(2, "8", body(2, 8, "b"))
        + "C: W3 UID FETCH 8 (UID FLAGS)\nS: * 2 FETCH (UID 8 FLAGS (\\Flagged $x))\nS: W3 OK\n"
        + "C: W4 UID FETCH 9 (UID FLAGS)\nS: * 3 FETCH (UID 9 FLAGS ())\nS: W4 OK\n"
    )
    box = ImapIncoming(ACCOUNT)
    box.fetch(8)
    assert box.flags(8) == {"\\Flagged", "$x", "\\Seen"}
    assert box.flags(9) == frozenset()
    wire.done()


def test_what_is_marked_as_unread_straight_after_it_was_read(server: Serve) -> None:
    wire = server(
        opened()
        + fetched(2, "8", body(2, 8, "b"))
        + called(3, "4,8:9")
        + "C: W4 UID STORE 8 +FLAGS.SILENT (\\Seen)\nC: W5 UID STORE 8 -FLAGS.SILENT (\\Seen)\nS: W4 OK\nS: W5 OK\n"
        + "C: W6 UID FETCH 8 (UID FLAGS)\nS: * 2 FETCH (UID 8 FLAGS ())\nS: W6 OK\n"
    )
    box = ImapIncoming(ACCOUNT)
    box.fetch(8)
    box.change_flags([8], remove=["\\Seen"])
    assert box.flags(8) == frozenset()
    wire.done()


def test_flags_of_nobody(server: Serve) -> None:
    server(opened() + "C: W2 UID FETCH 8 (UID FLAGS)\nS: W2 OK\n")
    with pytest.raises(MessageGone):
        ImapIncoming(ACCOUNT).flags(8)


def test_flags_of_many_are_changed_in_one_flight(server: Serve) -> None:
    wire = server(
        opened()
        + called(2, "4,8:9")
        + "C: W3 UID STORE 4,9 -FLAGS.SILENT (\\Seen)\nC: W4 UID STORE 4,9 +FLAGS.SILENT (\\Flagged $x)\n"
        + "S: W3 OK\nS: W4 OK\n"
    )
    box = ImapIncoming(ACCOUNT)
    box.change_flags([9, 4], add=["\\Flagged", "$x"], remove=["\\Seen"])
    box.change_flags([], add=["\\Flagged"])
    box.change_flags([4])
    wire.done()


def test_a_flag_that_cannot_be_written_keeps_nothing_back(server: Serve) -> None:
    wire = server(
        opened()
        + fetched(2, "8", body(2, 8, "b"))
        + called(3, "4,8:9")
        + "C: W4 UID STORE 8 +FLAGS.SILENT (\\Seen)\nS: W4 OK\n"
        + noop(5)
    )
    box = ImapIncoming(ACCOUNT)
    box.fetch(8)
    with pytest.raises(InvalidValue):
        box.change_flags([8], add=["two words"])
    assert box.count() == 3
    wire.done()


# -- sizes ------------------------------------------------------------------------------------------------


def test_sizes_come_in_blocks(server: Serve) -> None:
    lines = "".join(f"S: * {n} FETCH (UID {n} RFC822.SIZE {100 + n})\n" for n in range(1, 65))
    wire = server(opened(200) + called(2, "1:200") + f"C: W3 UID FETCH 1:64 (UID RFC822.SIZE)\n{lines}S: W3 OK\n")
    box = ImapIncoming(ACCOUNT)
    box.numbers()
    assert [box.size(n) for n in (1, 2, 30)] == [101, 102, 130]
    wire.done()


def test_the_size_of_nobody(server: Serve) -> None:
    server(opened(1) + "C: W2 UID FETCH 9 (UID RFC822.SIZE)\nS: W2 OK\n")
    with pytest.raises(MessageGone):
        ImapIncoming(ACCOUNT).size(9)


def test_progress(server: Serve) -> None:
    text = "x" * 1000
    server(
        opened(1)
        + "C: W2 UID FETCH 9 (UID RFC822.SIZE)\nS: * 1 FETCH (UID 9 RFC822.SIZE 1000)\nS: W2 OK\n"
        + fetched(3, "9", body(1, 9, text))
    )
    seen: list[tuple[int, int]] = []
    ImapIncoming(ACCOUNT).fetch(9, progress=lambda *step: seen.append(step))
    assert seen[-1] == (1000, 1000)
    assert all(total == 1000 and done <= total for total, done in seen)


# -- the connection ---------------------------------------------------------------------------------------


def test_a_lost_connection_is_taken_up_again(server: Serve) -> None:
    wire = server(
        opened() + called(2, "4,8:9") + "C: W3 UID FETCH 8 (UID FLAGS BODY.PEEK[])\n" + LOST,
        opened() + called(2, "4,8:9") + fetched(3, "8", body(2, 8, "b")),
    )
    box = ImapIncoming(ACCOUNT)
    box.numbers()
    assert box.fetch(8) == b"b"
    wire.done()


def test_server_gone_mid_literal(server: Serve) -> None:
    begun = "C: W2 UID FETCH 8 (UID FLAGS BODY.PEEK[])\nS> * 2 FETCH (UID 8 FLAGS () BODY[] {100}\\r\\nabc\n"
    wire = server(opened() + begun + LOST, opened() + fetched(2, "8", body(2, 8, "whole")))
    assert ImapIncoming(ACCOUNT).fetch(8) == b"whole"
    wire.done()


def test_bye_instead_of_an_answer(server: Serve) -> None:
    wire = server(
        opened() + "C: W2 UID FETCH 8 (UID FLAGS BODY.PEEK[])\nS: * BYE [UNAVAILABLE] restarting\n" + LOST,
        opened() + fetched(2, "8", body(2, 8, "b")),
    )
    assert ImapIncoming(ACCOUNT).fetch(8) == b"b"
    wire.done()


def test_a_connection_that_is_lost_twice(server: Serve) -> None:
    lost = opened() + "C: W2 UID FETCH 8 (UID FLAGS BODY.PEEK[])\n" + LOST
    server(lost, lost, opened() + fetched(2, "8", body(2, 8, "b")))
    box = ImapIncoming(ACCOUNT)
    with pytest.raises(ConnectionLost):
        box.fetch(8)
    assert not box.ended
    assert box.fetch(8) == b"b"


def test_marks_survive_the_connection(server: Serve) -> None:
    wire = server(
        opened()
        + fetched(2, "8", body(2, 8, "b"))
        + "C: W3 UID STORE 8 +FLAGS.SILENT (\\Seen)\nC: W4 UID FETCH 9 (UID FLAGS BODY.PEEK[])\n"
        + LOST,
        opened()
        + "C: W2 UID STORE 8 +FLAGS.SILENT (\\Seen)\nC: W3 UID FETCH 9 (UID FLAGS BODY.PEEK[])\n"
        + f"S: W2 OK\n{body(3, 9, 'c')}S: W3 OK\n"
        + stored(4, "9", "\\Seen")
        + logout(5),
    )
    box = ImapIncoming(ACCOUNT)
    box.fetch(8)
    assert box.fetch(9) == b"c"
    box.close()
    wire.done()


def test_what_happened_while_the_connection_was_lost(server: Serve) -> None:
    wire = server(
        opened() + called(2, "4,8:9") + headers(3, "4", header(1, 4, "a")) + LOST,
        opened()
        + called(2, "4,9,12")
        + headers(3, "9", header(2, 9, "c")).replace("ER])\n", "ER])\nC: W4 UID FETCH 12 (UID BODY.PEEK[HEADER])\n"),
    )
    reader = MailboxReader(ImapIncoming(ACCOUNT))
    reader.read_first(headers_only=True)
    assert reader.read_next(headers_only=True) == (9, b"c", True)
    assert list(reader.numbers()) == [4, 9, 12]
    wire.done()


def test_another_mailbox_behind_a_new_connection(server: Serve) -> None:
    server(opened(validity=7) + called(2, "4,8:9") + LOST, opened(validity=8))
    box = ImapIncoming(ACCOUNT)
    box.numbers()
    with pytest.raises(MailboxChanged, match="UIDVALIDITY"):
        box.fetch(8)
    assert box.ended
    with pytest.raises(MailboxChanged):
        box.count()
    box.close()


def test_numbers_that_do_not_last(server: Serve) -> None:
    unstable = 'C: W1 SELECT "INBOX"\nS: * 3 EXISTS\nS: W1 OK [READ-WRITE] in\n'
    server(unstable + called(2, "4,8:9") + LOST, unstable)
    box = ImapIncoming(ACCOUNT)
    assert box.unique_id(box.numbers()[0]) == ""
    with pytest.raises(MailboxChanged, match="UIDVALIDITY"):
        box.fetch(8)


def test_the_folder_is_gone_behind_a_new_connection(server: Serve) -> None:
    server(opened() + called(2, "4,8:9") + LOST, 'C: W1 SELECT "INBOX"\nS: W1 NO [NONEXISTENT] gone')
    box = ImapIncoming(ACCOUNT)
    box.numbers()
    with pytest.raises(MailboxChanged, match="cannot be opened"):
        box.fetch(8)
    assert box.ended


def test_a_server_that_is_away_for_a_while_does_not_end_the_session(server: Serve) -> None:
    wire = server(
        opened() + called(2, "4,8:9") + LOST,
        ConnectionRefused("refused", host="h", port=1),
        opened() + called(2, "4,8:9") + fetched(3, "8", body(2, 8, "b")),
    )
    box = ImapIncoming(ACCOUNT)
    box.numbers()
    with pytest.raises(ConnectionRefused):
        box.fetch(8)
    assert not box.ended
    assert box.fetch(8) == b"b"
    wire.done()


def test_after_a_time_out_the_next_call_comes_to_a_new_connection(server: Serve) -> None:
    wire = server(
        opened() + "C: W2 UID FETCH 8 (UID FLAGS BODY.PEEK[])\n-- STALL",
        opened() + fetched(2, "8", body(2, 8, "b")),
    )
    box = ImapIncoming(ACCOUNT)
    with pytest.raises(TimedOut):
        box.fetch(8)
    assert len(wire.streams) == 1
    assert box.fetch(8) == b"b"
    wire.done()


def test_after_nonsense_the_next_call_comes_to_a_new_connection(server: Serve) -> None:
    server(
        opened() + "C: W2 UID FETCH 8 (UID FLAGS BODY.PEEK[])\nS: W9 OK what",
        opened() + fetched(2, "8", body(2, 8, "b")),
    )
    box = ImapIncoming(ACCOUNT)
    with pytest.raises(ProtocolViolation):
        box.fetch(8)
    assert box.fetch(8) == b"b"


def test_what_must_not_be_done_twice_is_not(server: Serve) -> None:
    wire = server(
        opened() + called(2, "4,8:9") + listed(3) + 'C: W6 UID COPY 8 "Sent"\n' + LOST,
        opened() + called(2, "4,8:9") + noop(3),
    )
    box = ImapIncoming(ACCOUNT)
    with pytest.raises(ConnectionLost):
        box.copy([8], "Sent")
    assert box.count() == 3
    wire.done()


def test_a_quiet_connection_is_looked_at_before_what_must_not_be_done_twice(
    server: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = server(
        opened() + called(2, "4,8:9") + listed(3) + "C: W6 NOOP\n" + LOST,
        opened() + called(2, "4,8:9") + noop(3) + 'C: W4 UID COPY 8 "Sent"\nS: W4 OK\n',
    )
    box = ImapIncoming(ACCOUNT)
    box.numbers()
    box.folders()
    monkeypatch.setattr(imap_link, "_LONG_QUIET", -1.0)
    box.copy([8], "Sent")
    wire.done()


# -- folders ----------------------------------------------------------------------------------------------


def test_folders_with_their_roles(server: Serve) -> None:
    server(opened() + listed(2))
    found = {folder.path: folder for folder in ImapIncoming(ACCOUNT).folders()}
    assert list(found) == ["INBOX", "Sent", "Travé/A", "Travé"]
    assert found["INBOX"].special == "\\Inbox"
    assert (found["Sent"].special, found["Sent"].subscribed) == ("\\Sent", True)
    assert not found["Travé"].selectable


def test_a_folder_without_a_name_is_none(server: Serve) -> None:
    server(opened() + listed(2).replace('"/" Sent', '"/" ""', 1))
    assert [folder.path for folder in ImapIncoming(ACCOUNT).folders()] == ["INBOX", "Travé/A", "Travé"]


def test_what_is_subscribed_to_and_the_inbox(server: Serve) -> None:
    server(opened() + listed(2))
    assert [folder.path for folder in ImapIncoming(ACCOUNT).folders(subscribed=True)] == ["INBOX", "Sent"]


def test_subscriptions_that_come_with_the_list(server: Serve) -> None:
    wire = server(
        opened()
        + 'C: W2 LIST "" "*" RETURN (CHILDREN SUBSCRIBED SPECIAL-USE)\n'
        + 'S: * LIST (\\Subscribed \\sent) "." INBOX.out\nS: * LIST () "." INBOX\nS: W2 OK\n'
        + 'C: W3 NAMESPACE\nS: * NAMESPACE (("INBOX." ".")) NIL NIL\nS: W3 OK\n'
        + opened(tag=4, name="INBOX.out"),
        offers=f"{OFFERS} LIST-EXTENDED SPECIAL-USE",
    )
    box = ImapIncoming(ACCOUNT)
    assert [tuple(folder) for folder in box.folders()] == [
        ("INBOX.out", ".", "\\Sent", True, True),
        ("INBOX", ".", "\\Inbox", True, False),
    ]
    box.change_folder("SentItems")
    assert box.current_folder == "INBOX.out"
    wire.done()


def test_another_folder(server: Serve) -> None:
    wire = server(
        opened()
        + headers(2, "4", header(1, 4, "a"))
        + listed(3)
        + opened(1, tag=6, name="Trav&AOk-/A", validity=2)
        + called(7, "1")
        + headers(8, "1", header(1, 1, "z"))
    )
    reader = MailboxReader(ImapIncoming(ACCOUNT))
    reader.read(4, headers_only=True)
    reader.change_folder("travé\\a")
    assert reader.folders.current_folder == "Travé/A"
    assert (reader.position, reader.last_read) == (0, None)
    assert reader.read_next(headers_only=True) == (1, b"z", True)
    wire.done()


def test_a_folder_that_does_not_exist(server: Serve) -> None:
    wire = server(
        opened()
        + called(2, "4,8:9")
        + noop(3)
        + headers(4, "4", header(1, 4, "a"))
        + listed(5)
        + 'C: W8 SELECT "nowhere"\nS: W8 NO [NONEXISTENT] none\n'
        + opened(tag=9)
        + called(10, "4,8:9")
        + headers(11, "8", header(2, 8, "b")).replace("ER])\n", "ER])\nC: W12 UID FETCH 9 (UID BODY.PEEK[HEADER])\n")
    )
    reader = MailboxReader(ImapIncoming(ACCOUNT))
    reader.numbers()
    reader.read_first(headers_only=True)
    with pytest.raises(CommandRefused) as caught:
        reader.change_folder("nowhere")
    assert caught.value.response_code == "NONEXISTENT"
    assert reader.folders.current_folder == "INBOX"
    assert reader.read_next(headers_only=True) == (8, b"b", True)
    wire.done()


def test_what_is_under_way_passes_before_another_folder_opens(server: Serve) -> None:
    wire = server(
        opened(4)
        + called(2, "1:4")
        + headers(3, "1", header(1, 1, "a"))
        + "C: W4 UID FETCH 2 (UID BODY.PEEK[HEADER])\nC: W5 UID FETCH 3:4 (UID BODY.PEEK[HEADER])\n"
        + header(2, 2, "b")
        + "S: W4 OK\n"
        + header(3, 3, "c")
        + header(4, 4, "d")
        + "S: W5 OK\n"
        + opened(4, tag=6)
        + called(7, "1:4")
        + headers(8, "1", header(1, 1, "a"))
    )
    reader = MailboxReader(ImapIncoming(ACCOUNT))
    reader.read_first(headers_only=True)
    reader.read_next(headers_only=True)
    reader.change_folder("INBOX")
    assert reader.read_next(headers_only=True) == (1, b"a", True)
    wire.done()


def test_missing_levels_are_made_and_subscribed_to(server: Serve) -> None:
    wire = server(
        opened()
        + listed(2)
        + 'C: W5 CREATE "Clients"\nS: W5 OK\nC: W6 SUBSCRIBE "Clients"\nS: W6 NO who cares\n'
        + 'C: W7 CREATE "Clients/&AMk-t&AOk-"\nS: W7 OK\nC: W8 SUBSCRIBE "Clients/&AMk-t&AOk-"\nS: W8 OK\n'
    )
    ImapIncoming(ACCOUNT).add_folder("Dossiers personnels\\Clients\\Été")
    wire.done()


def test_a_folder_that_is_there_already(server: Serve) -> None:
    server(opened() + listed(2) + 'C: W5 CREATE "Sent"\nS: W5 NO [ALREADYEXISTS] is there\n')
    with pytest.raises(CommandRefused) as caught:
        ImapIncoming(ACCOUNT).add_folder("Sent")
    assert caught.value.response_code == "ALREADYEXISTS"


def test_the_current_folder_is_left_before_it_is_removed(server: Serve) -> None:
    wire = server(
        opened()
        + listed(2)
        + opened(tag=5, name="Sent", validity=2)
        + opened(tag=6)
        + 'C: W7 DELETE "Sent"\nS: W7 OK\nC: W8 UNSUBSCRIBE "Sent"\nS: W8 OK\n'
    )
    reader = MailboxReader(ImapIncoming(ACCOUNT))
    reader.change_folder("Sent")
    reader.cursor.position = 4
    reader.remove_folder("sent")
    assert reader.folders.current_folder == "INBOX"
    with pytest.raises(NoMessageRead):
        reader.delete()
    wire.done()


def test_a_new_name_keeps_the_subscription_and_the_current_folder(server: Serve) -> None:
    wire = server(
        opened()
        + listed(2)
        + opened(tag=5, name="Sent", validity=2)
        + opened(tag=6)
        + 'C: W7 RENAME "Sent" "Old"\nS: W7 OK\nC: W8 SUBSCRIBE "Old"\nS: W8 OK\n'
        + 'C: W9 UNSUBSCRIBE "Sent"\nS: W9 OK\n'
        + opened(tag=10, name="Old", validity=2)
    )
    box = ImapIncoming(ACCOUNT)
    box.change_folder("Sent")
    box.rename_folder("Sent", "Old")
    assert box.current_folder == "Old"
    wire.done()


def test_subscriptions(server: Serve) -> None:
    wire = server(
        opened()
        + listed(2)
        + 'C: W5 SUBSCRIBE "Sent"\nS: W5 OK\n'
        + listed(6, again=True)
        + 'C: W8 UNSUBSCRIBE "Sent"\nS: W8 OK\n'
    )
    box = ImapIncoming(ACCOUNT)
    box.subscribe("Sent")
    box.unsubscribe("Sent")
    wire.done()


def test_counts(server: Serve) -> None:
    wire = server(
        opened(5)
        + listed(2)
        + 'C: W5 STATUS "Sent" (MESSAGES UNSEEN)\nS: * STATUS Sent (MESSAGES 9 UNSEEN 2)\nS: W5 OK\n'
        + noop(6)
        + called(7, "3:4", "UNSEEN")
    )
    box = ImapIncoming(ACCOUNT)
    assert box.counts("Sent") == FolderCounts(9, 2)
    assert box.counts() == FolderCounts(5, 2)
    wire.done()


# -- messages between folders -----------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["OVERQUOTA", "TRYCREATE", "NOPERM", "LIMIT"])
def test_a_copy_that_is_refused(server: Serve, code: str) -> None:
    server(opened() + called(2, "4,8:9") + listed(3) + f'C: W6 UID COPY 4,9 "Sent"\nS: W6 NO [{code}] no\n' + noop(7))
    box = ImapIncoming(ACCOUNT)
    with pytest.raises(CommandRefused) as caught:
        box.copy([9, 4], "Sent")
    assert caught.value.response_code == code
    assert box.count() == 3


def test_copies_have_numbers(server: Serve) -> None:
    server(opened() + called(2, "4,8:9") + listed(3) + 'C: W6 UID COPY 4,9 "Sent"\nS: W6 OK [COPYUID 2 4,9 17:18] ok\n')
    assert ImapIncoming(ACCOUNT).copy([9, 4], "Sent") == {4: 17, 9: 18}


def test_nobody_is_copied_who_is_not_there(server: Serve) -> None:
    wire = server(opened() + called(2, "4,8:9") + noop(3))
    with pytest.raises(MessageGone):
        ImapIncoming(ACCOUNT).copy([4, 5], "Sent")
    wire.done()


def test_a_message_that_has_just_come_can_be_copied(server: Serve) -> None:
    server(
        opened()
        + called(2, "4,8:9")
        + noop(3, "4 EXISTS")
        + called(4, "12", "UID 10:*")
        + listed(5)
        + 'C: W8 UID COPY 12 "Sent"\nS: W8 OK\n'
    )
    assert ImapIncoming(ACCOUNT).copy([12], "Sent") == {}


def test_move(server: Serve) -> None:
    server(
        opened()
        + called(2, "4,8:9")
        + listed(3)
        + 'C: W6 UID MOVE 8 "Sent"\nS: * OK [COPYUID 2 8 17] x\nS: * 2 EXPUNGE\nS: W6 OK\n'
    )
    box = ImapIncoming(ACCOUNT)
    assert box.move([8], "Sent") == {8: 17}
    assert list(box.numbers()) == [4, 9]
    assert box.is_deleted(8)


def test_move_never_expunges_the_deleted_mails_of_others(server: Serve) -> None:
    """Without MOVE and UIDPLUS the message stays behind, marked as deleted: EXPUNGE would remove more."""
    wire = server(
        opened()
        + called(2, "4,8:9")
        + listed(3)
        .replace("C: W5 NAMESPACE", "# ")
        .replace('S: * NAMESPACE (("" "/")) NIL NIL', "# ")
        .replace("S: W5 OK", "#")
        + 'C: W5 UID COPY 8 "Sent"\nS: W5 OK\n'
        + stored(6, "8", "\\Deleted"),
        offers="IMAP4rev1 LITERAL+ ESEARCH",
    )
    box = ImapIncoming(ACCOUNT)
    box.move([8], "Sent")
    assert box.is_deleted(8)
    wire.done()


def test_append(server: Serve) -> None:
    wire = server(
        opened()
        + listed(2)
        + 'C: W5 APPEND "Sent" (\\Seen $x) "22-Nov-2026 03:04:05 +0100" {12+}\nC> A: b\\r\\n\\r\\nc\\r\\nd\\r\\n\n'
        + "S: W5 OK [APPENDUID 2 33] done\n"
    )
    steps: list[tuple[int, int]] = []
    when = datetime(2026, 11, 22, 3, 4, 5, tzinfo=timezone(timedelta(hours=1)))
    number = ImapIncoming(ACCOUNT).append(
        b"A: b\n\nc\rd", "Sent", flags=["\\Seen", "$x"], date=when, progress=lambda *step: steps.append(step)
    )
    assert number == 33
    assert steps[-1] == (12, 12)
    wire.done()


def test_headers_in_utf8_are_said_to_be_so(server: Serve) -> None:
    """RFC 6855 4: once UTF8=ACCEPT is enabled."""
    wire = server(
        opened()
        + "C: W2 ENABLE UTF8=ACCEPT\nS: * ENABLED UTF8=ACCEPT\nS: W2 OK\n"
        + listed(3).replace("Trav&AOk-", "Trav")
        + 'C: W6 APPEND "Sent" UTF8 (~{12+}\nC> S: \\xc3\\xa9\\r\\n\\r\\nx\\r\\n)\\r\\n\nS: W6 OK\n'
        + 'C: W7 APPEND "Sent" {12+}\nC> S: e\\r\\n\\r\\n\\xc3\\xa9\\r\\n\\r\\n\nS: W7 OK\n',
        offers=f"{OFFERS} UTF8=ACCEPT",
    )
    box = ImapIncoming(ACCOUNT)
    box.execute("ENABLE UTF8=ACCEPT")
    box.append("S: é\n\nx\n".encode(), "Sent")
    box.append("S: e\n\né\n".encode(), "Sent")
    wire.done()


class Large:
    """A source whose chunks are counted."""

    size = 3 << 20

    def __init__(self) -> None:
        self.given = 0

    def chunks(self) -> Iterator[bytes]:
        for _ in range(48):
            self.given += 1
            yield b"x" * (1 << 16)


def test_a_large_message_is_not_sent_where_there_is_no_room(server: Serve) -> None:
    """Even with LITERAL+ a large literal waits: refusing it costs the server one line, and us nothing."""
    wire = server(opened() + listed(2) + f'C: W5 APPEND "Sent" {{{3 << 20}}}\nS: W5 NO [OVERQUOTA] full\n' + noop(6))
    box, source = ImapIncoming(ACCOUNT), Large()
    with pytest.raises(CommandRefused) as caught:
        box.append(source, "Sent")
    assert caught.value.response_code == "OVERQUOTA"
    assert source.given == 0
    box.count()
    wire.done()


def test_a_large_message_goes_in_pieces(server: Serve) -> None:
    wire = server(opened() + listed(2) + f'C: W5 APPEND "Sent" {{{3 << 20}}}\nS: + go\nC* {(3 << 20) + 2}\nS: W5 OK\n')
    ImapIncoming(ACCOUNT).append(Large(), "Sent")
    assert max(map(len, wire.streams[0].writes)) <= 2 << 16
    wire.done()


# -- waiting ----------------------------------------------------------------------------------------------


def idled(tag: int, *told: str) -> str:
    return f"C: W{tag} IDLE\nS: + idling\n" + "".join(f"S: * {each}\n" for each in told) + f"C: DONE\nS: W{tag} OK\n"


def test_waiting_for_new_mail(server: Serve) -> None:
    wire = server(opened(1) + called(2, "4") + idled(3, "2 EXISTS") + called(4, "9", "UID 5:*"))
    assert ImapIncoming(ACCOUNT).wait(60) == Changes(arrived=(9,))
    wire.done()


def test_mail_that_came_before_the_wait_is_no_longer_waited_for(server: Serve) -> None:
    wire = server(opened(1) + called(2, "4") + noop(3, "2 EXISTS") + called(4, "9", "UID 5:*"))
    box = ImapIncoming(ACCOUNT)
    box.numbers()
    box.count()
    assert box.wait(60) == Changes(arrived=(9,))
    wire.done()


def test_what_was_waited_for_is_the_next_message(server: Serve) -> None:
    wire = server(
        opened(1)
        + called(2, "4")
        + headers(3, "4", header(1, 4, "a"))
        + noop(4)
        + idled(5, "2 EXISTS")
        + called(6, "9", "UID 5:*")
        + headers(7, "9", header(2, 9, "b"))
    )
    reader = MailboxReader(ImapIncoming(ACCOUNT))
    assert reader.read_first(headers_only=True) == (4, b"a", True)
    assert reader.read_next(headers_only=True) is None
    assert reader.wait(60).arrived == (9,)
    assert reader.read_next(headers_only=True) == (9, b"b", True)
    wire.done()


@pytest.mark.parametrize("place", ["nowhere", "first", "hits"])
def test_what_comes_while_waiting_is_read_next_wherever_the_walk_was(server: Serve, place: str) -> None:
    before = {
        "nowhere": called(2, "4,8"),
        "first": called(2, "4,8") + headers(3, "4", header(1, 4, "a")),
        "hits": called(2, "4", 'SUBJECT "x"') + headers(3, "4", header(1, 4, "a")) + called(4, "4,8"),
    }[place]
    tag = {"nowhere": 3, "first": 4, "hits": 5}[place]
    wire = server(
        opened(2)
        + before
        + f"C: W{tag} IDLE\nS: + idling\nS: * 3 EXISTS\nC: DONE\nS: W{tag} OK\n"
        + called(tag + 1, "9", "UID 9:*")
        + headers(tag + 2, "9", header(3, 9, "c"))
    )
    reader = MailboxReader(ImapIncoming(ACCOUNT))
    if place == "first":
        reader.read_first(headers_only=True)
    elif place == "hits":
        reader.seek(Criteria("x", [Part.SUBJECT]), headers_only=True)
    assert reader.wait(60).arrived == (9,)
    assert reader.read_next(headers_only=True) == (9, b"c", True)
    wire.done()


def test_waiting_hears_of_all_that_happens(server: Serve) -> None:
    server(opened(3) + called(2, "4,8:9") + idled(3, "1 EXPUNGE", "2 FETCH (FLAGS (\\Seen))"))
    assert ImapIncoming(ACCOUNT).wait(60) == Changes(gone=(4,), changed=(9,))


def test_marks_go_before_the_wait(server: Serve) -> None:
    wire = server(
        opened(1) + fetched(2, "4", body(1, 4, "a")) + called(3, "4") + stored(4, "4", "\\Seen") + idled(5, "1 EXPUNGE")
    )
    box = ImapIncoming(ACCOUNT)
    box.fetch(4)
    assert box.wait(60) == Changes(gone=(4,))
    wire.done()


def test_the_connection_is_lost_while_waiting(server: Serve) -> None:
    wire = server(
        opened(2) + called(2, "4,8") + "C: W3 IDLE\nS: + idling\nS: * BYE [TIMEOUT] too long\n" + LOST,
        opened(2) + called(2, "8,11"),
    )
    assert ImapIncoming(ACCOUNT).wait(60) == Changes(arrived=(11,), gone=(4,))
    wire.done()


def test_no_time_to_wait(server: Serve) -> None:
    wire = server(opened(1) + called(2, "4"))
    assert ImapIncoming(ACCOUNT).wait(0) == Changes()
    wire.done()


# -- raw commands -----------------------------------------------------------------------------------------


def test_execute(server: Serve) -> None:
    server(opened() + "C: W2 GETACL INBOX\nS: * ACL INBOX me lr\nS: W2 OK [X] done\n")
    assert ImapIncoming(ACCOUNT).execute("getacl INBOX") == "* ACL INBOX me lr\r\nOK [X] done"


def test_execute_refused(server: Serve) -> None:
    server(opened() + "C: W2 DELETE x\nS: W2 NO [NONEXISTENT] none\n")
    with pytest.raises(CommandRefused) as caught:
        ImapIncoming(ACCOUNT).execute("DELETE x")
    assert caught.value.response_code == "NONEXISTENT"


@pytest.mark.parametrize("line", ["NOOP\r\nDELETE x", "NOOP\nx", "NOOP\0", "LIST {3}\r\nabc"])
def test_execute_refuses_line_ends(server: Serve, line: str) -> None:
    wire = server(opened())
    with pytest.raises(ControlCharacter):
        ImapIncoming(ACCOUNT).execute(line)
    wire.done()


def test_a_raw_select_takes_the_reader_along(server: Serve) -> None:
    wire = server(
        opened()
        + called(2, "4,8:9")
        + headers(3, "4", header(1, 4, "a"))
        + "C: W4 SELECT other\nS: * 1 EXISTS\nS: * OK [UIDVALIDITY 3] x\nS: W4 OK [READ-WRITE]\n"
        + called(5, "2")
        + headers(6, "2", header(1, 2, "z"))
    )
    reader = MailboxReader(ImapIncoming(ACCOUNT))
    reader.read_first(headers_only=True)
    reader.folders.execute("SELECT other")
    assert reader.folders.current_folder == "other"
    assert reader.read_next(headers_only=True) == (2, b"z", True)
    wire.done()


@pytest.mark.parametrize("command", ["UNSELECT", "SELECT nowhere"])
def test_a_raw_command_that_closes_the_folder(server: Serve, command: str) -> None:
    end = "OK" if command == "UNSELECT" else "NO [NONEXISTENT]"
    wire = server(
        opened()
        + called(2, "4,8:9")
        + f"C: W3 {command}\nS: W3 {end} x\n"
        + opened(2, tag=4)
        + called(5, "4,9")
        + noop(6)
    )
    box = ImapIncoming(ACCOUNT)
    box.numbers()
    with contextlib.suppress(CommandRefused):
        box.execute(command)
    box.count()
    assert box.current_folder == "INBOX"
    assert list(box.numbers()) == [4, 9]
    wire.done()


# -- rehearsal --------------------------------------------------------------------------------------------


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(rehearsal.VARIABLE, "only:me@example.org")


@pytest.mark.usefixtures("only")
def test_a_rehearsal_changes_nothing(server: Serve) -> None:
    wire = server(
        opened(verb="EXAMINE")
        + fetched(2, "8", body(2, 8, "b"))
        + called(3, "4,8:9")
        + listed(4)
        + called(7, "4,8", "UNSEEN")
        + logout(8)
    )
    box = ImapIncoming(ACCOUNT)
    box.fetch(8)
    box.delete(8)
    assert box.is_deleted(8)
    box.change_flags([4], add=["\\Seen"])
    assert box.copy([4], "Sent") == {}
    assert box.move([4], "Sent") == {}
    assert box.append(b"x", "Sent") is None
    box.add_folder("x")
    box.remove_folder("Sent")
    box.rename_folder("Sent", "y")
    box.subscribe("Sent")
    box.unsubscribe("Sent")
    box.expunge()
    assert list(box.unread()) == [4, 8]
    for command in ("DELETE x", "UID STORE 4 +FLAGS (\\Seen)", "SELECT Sent", "", "  uid  expunge 4"):
        with pytest.raises(Unsupported):
            box.execute(command)
    box.close()
    wire.done()


@pytest.mark.usefixtures("only")
def test_what_only_reads_may_be_said_in_a_rehearsal(server: Serve) -> None:
    wire = server(opened(verb="EXAMINE") + "C: W2 UID SEARCH ALL\nS: * SEARCH 4\nS: W2 OK\n")
    assert ImapIncoming(ACCOUNT).execute("UID SEARCH ALL").startswith("* SEARCH 4")
    wire.done()


# -- counting through numbers -----------------------------------------------------------------------------


@pytest.mark.parametrize("order", [(4, 8, 9, 12, 13), (13, 12, 9, 8, 4)])
def test_counting_through_numbers_is_read_ahead_of(server: Serve, order: tuple[int, ...]) -> None:
    def ask(tag: int, uid: int) -> str:
        return f"C: W{tag} UID FETCH {uid} (UID BODY.PEEK[HEADER])\n"

    def answer(tag: int, *uids: int) -> str:
        return "".join(header(1, uid, f"m{uid}") for uid in uids) + f"S: W{tag} OK\n"

    a, b, c, d, e = order
    ahead = f"C: W6 UID FETCH {'12:13' if order[0] == 4 else '4,8'} (UID BODY.PEEK[HEADER])\n"
    # The server answers in its own order.
    rest = answer(5, c) + answer(6, *sorted([d, e]))
    wire = server(
        opened(5)
        + ask(2, a) + answer(2, a)
        + called(3, "4,8:9,12:13")
        + ask(4, b) + answer(4, b)
        + ask(5, c) + ahead + rest
    )  # fmt: skip
    reader = MailboxReader(ImapIncoming(ACCOUNT))
    assert [reader.read(uid, headers_only=True).data for uid in order] == [b"m%d" % uid for uid in order]
    wire.done()
