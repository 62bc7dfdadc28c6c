"""A mailbox over POP3, whatever becomes of the connection: a number never comes to mean another message."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from tests.pop3.dialogue import GROUP, in_mailbox
from tests.support.scripted import ScriptedStream
from wlemail.errors import (
    CommandRefused,
    ConnectionLost,
    ConnectionRefused,
    MailboxChanged,
    MailboxLocked,
    MailError,
    MessageGone,
    ServerReply,
    TimedOut,
)
from wlemail.mail.account import Account
from wlemail.mail.backends import pop3
from wlemail.mail.backends.pop3 import Pop3Incoming
from wlemail.mail.reader import MailboxReader
from wlemail.pop3.client import Client

ACCOUNT = Account("lea", "mail.example.com", 110, user="lea", password="secret")


def listing(*messages: tuple[int, str], size: int = 3, pipelining: bool = True, uidl: bool = True) -> str:
    """The dialogue of LIST and UIDL: (number, unique id) each."""
    sizes = "S: +OK\n" + "".join(f"S: {number} {size}\n" for number, _ in messages) + "S: .\n"
    names = "S: +OK\n" + "".join(f"S: {number} {name}\n" for number, name in messages) + "S: .\n"
    names = names if uidl else "S: -ERR what?\n"
    return f"C: LIST\nC: UIDL\n{sizes}{names}" if pipelining else f"C: LIST\n{sizes}C: UIDL\n{names}"


def retr(number: int, text: str) -> str:
    return f"C: RETR {number}\nS: +OK\nS: {text}\nS: .\n"


THREE = listing((1, "a"), (2, "b"), (3, "c"))
LOST = "-- CLOSE"


class Server:
    """Connections in the order in which they are opened, each a dialogue or what the opening fails with."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *connections: str | MailError, offers: tuple[str, ...]) -> None:
        self._connections = list(connections)
        self._offers = offers
        self.streams: list[ScriptedStream] = []
        self.utf8: list[bool] = []
        monkeypatch.setattr(pop3, "open_pop3", self._open)

    def _open(self, account: Account, *, utf8: bool = False) -> Client:
        assert account == ACCOUNT
        assert self._connections, "a connection more than the script has"
        self.utf8.append(utf8)
        connection = self._connections.pop(0)
        if isinstance(connection, MailError):
            raise connection
        client, stream = in_mailbox(connection, *self._offers)
        self.streams.append(stream)
        return client

    def done(self) -> None:
        """Every dialogue was played to its end."""
        assert not self._connections
        assert all(stream.done() for stream in self.streams)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Server]:
    def make(*connections: str | MailError, offers: tuple[str, ...] = GROUP) -> Server:
        return Server(monkeypatch, *connections, offers=offers)

    return make


Serve = Callable[..., Server]


# -- what there is ------------------------------------------------------------------------------------


def test_nothing_is_asked_before_it_is_wanted(server: Serve) -> None:
    wire = server("")
    Pop3Incoming(ACCOUNT)
    wire.done()


def test_the_mailbox_as_it_was_at_the_login(server: Serve) -> None:
    wire = server(listing((1, "a"), (2, "b"), size=120))
    box = Pop3Incoming(ACCOUNT)
    assert box.count() == 2
    assert list(box.numbers()) == [1, 2]
    assert (box.size(2), box.unique_id(2)) == (120, "b")
    wire.done()


@pytest.mark.parametrize("number", [0, 3, -1, 10**20])
def test_numbers_that_nobody_has_do_not_reach_the_server(server: Serve, number: int) -> None:
    server(listing((1, "a"), (2, "b")))
    box = Pop3Incoming(ACCOUNT)
    for ask in (box.size, box.unique_id, box.fetch, box.delete):
        with pytest.raises(MessageGone) as caught:
            ask(number)
        assert caught.value.number == number


def test_a_server_without_unique_ids(server: Serve) -> None:
    server(listing((1, "a"), uidl=False))
    assert Pop3Incoming(ACCOUNT).unique_id(1) == ""


def test_a_deleted_message_is_gone_for_this_session(server: Serve) -> None:
    server(THREE + "C: DELE 2\nS: +OK\n")
    box = Pop3Incoming(ACCOUNT)
    box.delete(2)
    assert box.is_deleted(2)
    assert box.count() == 3
    for ask in (box.size, box.unique_id, box.fetch, box.delete):
        with pytest.raises(MessageGone):
            ask(2)


def test_a_refused_deletion_deletes_nothing(server: Serve) -> None:
    server(THREE + "C: DELE 2\nS: -ERR read-only\nC: NOOP\nS: +OK\n" + retr(2, "b"))
    box = Pop3Incoming(ACCOUNT)
    with pytest.raises(CommandRefused):
        box.delete(2)
    assert not box.is_deleted(2)
    assert box.fetch(2) == b"b\r\n"


def test_progress_ends_with_everything(server: Serve) -> None:
    server(THREE + retr(1, "a"))
    calls: list[tuple[int, int]] = []
    Pop3Incoming(ACCOUNT).fetch(1, progress=lambda total, done: calls.append((total, done)))
    assert calls[-1] == (3, 3)
    assert all(done <= total == 3 for total, done in calls)


def test_headers_fall_back_to_whole_messages(server: Serve) -> None:
    refused = "C: TOP 1 0\nS: -ERR what?\nC: NOOP\nS: +OK\n"
    whole = "C: RETR 1\nS: +OK\nS: A: b\nS: \nS: x\nS: .\n"
    wire = server(listing((1, "a"), pipelining=False) + refused + whole, offers=())
    assert Pop3Incoming(ACCOUNT).fetch(1, headers_only=True) == b"A: b\r\n\r\n"
    wire.done()


def test_headers_of_a_server_that_offers_top_and_refuses_it(server: Serve) -> None:
    whole = "S: +OK\nS: A: b\nS: \nS: x\nS: .\n"
    wire = server(
        THREE + "C: TOP 1 0\nS: -ERR unknown command\nC: NOOP\nS: +OK\nC: RETR 1\n"
        f"{whole}C: RETR 2\nC: RETR 3\n{whole}{whole}"
    )
    reader = MailboxReader(Pop3Incoming(ACCOUNT))
    assert [message.data for message in reader.read_all(headers_only=True)] == [b"A: b\r\n\r\n"] * 3
    wire.done()


def test_a_message_for_those_who_said_utf8(server: Serve) -> None:
    """RFC 6856 5: UTF8 is said only where a message needs it, which takes a new login."""
    refused = "C: RETR 2\nS: -ERR [UTF8] this one needs UTF8\nC: NOOP\nS: +OK\n"
    wire = server(THREE + refused, THREE + retr(2, "b"))
    assert Pop3Incoming(ACCOUNT).fetch(2) == b"b\r\n"
    assert wire.utf8 == [False, True]
    wire.done()


def test_utf8_does_not_help_for_ever(server: Serve) -> None:
    refused = "C: RETR 2\nS: -ERR [UTF8] no\nC: NOOP\nS: +OK\n"
    server(THREE + refused, THREE + refused)
    with pytest.raises(CommandRefused):
        Pop3Incoming(ACCOUNT).fetch(2)


# -- a lost connection --------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", ["-- CLOSE", "-- RESET", "S: -ERR Disconnected for inactivity\nC: NOOP\n-- CLOSE"])
def test_a_lost_connection_is_opened_again_without_a_word(server: Serve, lost: str) -> None:
    wire = server(THREE + retr(1, "a") + f"C: RETR 2\n{lost}", THREE + retr(2, "b"))
    box = Pop3Incoming(ACCOUNT)
    assert [box.fetch(1), box.fetch(2)] == [b"a\r\n", b"b\r\n"]
    wire.done()


def test_a_connection_lost_before_any_number_was_known(server: Serve) -> None:
    wire = server("C: LIST\nC: UIDL\n-- CLOSE", listing((1, "x")))
    assert Pop3Incoming(ACCOUNT).count() == 1
    wire.done()


def test_a_number_never_comes_to_mean_another_message(server: Serve) -> None:
    """Another program has deleted the first message and new mail has come: the numbers at the server have moved."""
    moved = listing((1, "b"), (2, "c"), (3, "new"))
    wire = server(THREE + "C: RETR 3\n-- CLOSE", moved + retr(2, "c") + retr(1, "b") + "C: DELE 1\nS: +OK\n")
    box = Pop3Incoming(ACCOUNT)
    assert box.fetch(3) == b"c\r\n"
    assert box.fetch(2) == b"b\r\n"
    assert box.count() == 3
    with pytest.raises(MessageGone):
        box.fetch(1)
    assert box.is_deleted(1)
    with pytest.raises(MessageGone):
        box.fetch(4)
    box.delete(2)
    wire.done()


def test_a_walk_passes_over_what_was_gone_meanwhile(server: Serve) -> None:
    server(THREE + retr(1, "a") + "C: RETR 2\nC: RETR 3\n-- CLOSE", listing((1, "a"), (2, "c")) + retr(2, "c"))
    reader = MailboxReader(Pop3Incoming(ACCOUNT))
    assert [reader.read_next(), reader.read_next(), reader.read_next()] == [
        (1, b"a\r\n", False),
        (3, b"c\r\n", False),
        None,
    ]


def test_deletions_pending_are_marked_again(server: Serve) -> None:
    first = THREE + "C: DELE 1\nS: +OK\nC: DELE 3\nS: +OK\nC: RETR 2\n-- CLOSE"
    # The server did without the third: whoever deleted it, it is not asked for.
    second = listing((1, "x"), (5, "a"), (7, "b")) + "C: DELE 5\nS: +OK\n" + retr(7, "b") + "C: QUIT\nS: +OK\n"
    wire = server(first, second)
    box = Pop3Incoming(ACCOUNT)
    box.delete(1)
    box.delete(3)
    assert box.fetch(2) == b"b\r\n"
    box.close()
    wire.done()


def test_the_answer_to_dele_is_lost(server: Serve) -> None:
    wire = server(THREE + "C: DELE 1\n-- CLOSE", THREE + "C: DELE 1\nS: +OK\nC: QUIT\nS: +OK\n")
    box = Pop3Incoming(ACCOUNT)
    box.delete(1)
    box.close()
    wire.done()


CHANGED = [
    pytest.param(THREE.replace(" b", " z").replace(" a", " y").replace(" c", " x"), "no message has", id="new names"),
    pytest.param(listing((1, "a"), (2, "b"), (3, "b")), "two messages one name", id="names not unique"),
    pytest.param(listing((1, "a"), (2, "b"), (3, "c"), size=4), "another size", id="another size"),
    pytest.param(listing((1, "a"), (2, "b"), (3, "c"), uidl=False), "two messages one name", id="UIDL refused"),
]


@pytest.mark.parametrize(("now", "why"), CHANGED)
def test_a_mailbox_that_cannot_be_told_to_be_the_same_ends_the_session(server: Serve, now: str, why: str) -> None:
    wire = server(THREE + "C: RETR 2\n-- CLOSE", now)
    box = Pop3Incoming(ACCOUNT)
    with pytest.raises(MailboxChanged, match=why):
        box.fetch(2)
    assert box.ended
    # Nothing is tried again.
    with pytest.raises(MailboxChanged):
        box.fetch(2)
    box.close()
    wire.done()


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(listing((1, "a"), (2, "b"), uidl=False), id="no UIDL"),
        pytest.param(listing((1, "a"), (2, "a")), id="names not unique"),
        pytest.param(listing((1, "1"), (2, "2")), id="names that are the numbers"),
    ],
)
def test_names_that_do_not_last(server: Serve, before: str) -> None:
    server(before + "C: RETR 2\n-- CLOSE", before)
    box = Pop3Incoming(ACCOUNT)
    with pytest.raises(MailboxChanged, match="names that last"):
        box.fetch(2)
    assert box.ended


def test_an_empty_mailbox_needs_no_names(server: Serve) -> None:
    wire = server(listing() + "C: NOOP\n-- CLOSE", listing((1, "new")))
    box = Pop3Incoming(ACCOUNT)
    assert box.count() == 0
    with pytest.raises(ConnectionLost):
        box.client.noop()
    with pytest.raises(MessageGone):
        box.fetch(1)
    box._reopen()
    assert box.count() == 0
    wire.done()


@pytest.mark.parametrize(
    "trouble",
    [
        ConnectionRefused("nobody there", host="mail.example.com", port=110),
        MailboxLocked("in use", ServerReply(0, "-ERR [IN-USE] x")),
        TimedOut("connect", 5, host="mail.example.com", port=110),
    ],
    ids=lambda problem: type(problem).__name__,
)
def test_a_mailbox_that_cannot_be_opened_again_ends_the_session(
    server: Serve, trouble: MailError, caplog: pytest.LogCaptureFixture
) -> None:
    server(THREE + "C: DELE 1\nS: +OK\nC: RETR 2\n-- CLOSE", trouble)
    box = Pop3Incoming(ACCOUNT)
    box.delete(1)
    with pytest.raises(type(trouble)):
        box.fetch(2)
    assert box.ended
    assert "deletions that did not take place: 1" in caplog.text


def test_deletions_that_cannot_be_marked_again_end_the_session(server: Serve) -> None:
    first = THREE + "C: DELE 1\nS: +OK\nC: RETR 2\n-- CLOSE"
    server(first, THREE + "C: DELE 1\nS: -ERR read-only\nC: NOOP\nS: +OK\n")
    box = Pop3Incoming(ACCOUNT)
    box.delete(1)
    with pytest.raises(CommandRefused):
        box.fetch(2)
    assert box.ended


def test_a_time_out_is_not_tried_again_at_once(server: Serve) -> None:
    """The script has waited long enough; its next call comes to a new connection."""
    wire = server(THREE + "C: RETR 2\n-- STALL", THREE + retr(2, "b"))
    box = Pop3Incoming(ACCOUNT)
    with pytest.raises(TimedOut):
        box.fetch(2)
    assert not box.ended
    assert box.fetch(2) == b"b\r\n"
    wire.done()


def test_a_connection_that_is_lost_again_is_not_opened_for_ever(server: Serve) -> None:
    wire = server(THREE + "C: RETR 2\n-- CLOSE", THREE + "C: RETR 2\n-- CLOSE", THREE + retr(2, "b"))
    box = Pop3Incoming(ACCOUNT)
    with pytest.raises(ConnectionLost):
        box.fetch(2)
    assert box.fetch(2) == b"b\r\n"
    wire.done()


def test_what_was_read_ahead_survives_the_connection(server: Serve) -> None:
    answers = "S: +OK\nS: b\nS: .\nS: +OK\nS: c\nS: .\n"
    first = THREE + retr(1, "a") + f"C: RETR 2\nC: RETR 3\n{answers}C: DELE 2\n-- CLOSE"
    wire = server(first, THREE + "C: DELE 2\nS: +OK\nC: QUIT\nS: +OK\n")
    reader = MailboxReader(Pop3Incoming(ACCOUNT))
    reader.read_first()
    reader.read_next()
    reader.delete()
    assert reader.read_next() == (3, b"c\r\n", False)
    reader.close()
    wire.done()


def ahead(answers: str) -> str:
    """Three messages, each deleted once it was read."""
    return (
        THREE + retr(1, "a") + "C: DELE 1\nS: +OK\nC: RETR 2\nC: RETR 3\nS: +OK\nS: b\nS: .\n"
        f"C: DELE 2\nS: +OK\nS: c\nS: .\n{answers}"
    )


def test_deletions_go_with_what_is_read_ahead(server: Serve) -> None:
    wire = server(ahead("S: +OK\nC: DELE 3\nS: +OK\nC: QUIT\nS: +OK\n"))
    reader = MailboxReader(Pop3Incoming(ACCOUNT))
    while reader.read_next():
        reader.delete()
    reader.close()
    wire.done()


def test_a_deletion_that_is_refused_later_is_told_by_the_next_one(server: Serve) -> None:
    wire = server(ahead("S: -ERR read-only\nC: DELE 3\nS: +OK\n") + retr(2, "b") + "C: QUIT\nS: +OK\n")
    box = Pop3Incoming(ACCOUNT)
    reader = MailboxReader(box)
    while reader.read_next():
        reader.delete()
    with pytest.raises(CommandRefused, match="read-only"):
        reader.delete(1)
    assert [box.is_deleted(number) for number in (1, 2, 3)] == [True, False, True]
    assert reader.read(2).data == b"b\r\n"
    reader.close()
    wire.done()


def test_a_deletion_that_is_refused_later_is_told_at_the_end(server: Serve) -> None:
    """By the close at the latest; the other deletions took place."""
    wire = server(ahead("S: -ERR read-only\nC: QUIT\nS: +OK\n"))
    reader = MailboxReader(Pop3Incoming(ACCOUNT))
    for number in (1, 2):
        assert reader.read_next() is not None
        assert reader.delete() == number
    assert reader.read_next() is not None
    with pytest.raises(CommandRefused, match="read-only"):
        reader.close()
    wire.done()


# -- reading ahead ------------------------------------------------------------------------------------


def test_a_walk_over_the_wire(server: Serve) -> None:
    answers = "".join(f"S: +OK\nS: {n}\nS: .\n" for n in range(2, 6))
    asked = "".join(f"C: RETR {n}\n" for n in range(2, 6))
    wire = server(listing(*((n, f"u{n}") for n in range(1, 6))) + retr(1, "1") + asked + answers)
    reader = MailboxReader(Pop3Incoming(ACCOUNT))
    found = []
    message = reader.read_first()
    while message:
        found.append(message.data)
        message = reader.read_next()
    assert found == [b"%d\r\n" % n for n in range(1, 6)]
    assert wire.streams[0].round_trips == 3
    wire.done()


@pytest.mark.parametrize("offers", [("TOP", "UIDL"), ("PIPELINING", "EXPIRE 0"), ()])
def test_no_reading_ahead_where_the_server_does_not_offer_it(server: Serve, offers: tuple[str, ...]) -> None:
    dialogue = listing((1, "a"), (2, "b"), (3, "c"), pipelining="PIPELINING" in offers)
    wire = server(dialogue + retr(1, "a") + retr(2, "b") + retr(3, "c"), offers=offers)
    reader = MailboxReader(Pop3Incoming(ACCOUNT))
    while reader.read_next():
        pass
    wire.done()


def test_a_refused_message_fails_where_it_stands(server: Serve) -> None:
    answers = "S: -ERR [SYS/TEMP] disk\nS: +OK\nS: c\nS: .\n"
    server(THREE + retr(1, "a") + f"C: RETR 2\nC: RETR 3\n{answers}")
    reader = MailboxReader(Pop3Incoming(ACCOUNT))
    assert reader.read_first() is not None
    with pytest.raises(CommandRefused):
        reader.read_next()
    assert reader.read_next() == (3, b"c\r\n", False)
    assert reader.read_next() is None


@pytest.mark.parametrize("order", [(1, 2, 3, 4, 5), (5, 4, 3, 2, 1)])
def test_counting_through_numbers_is_read_ahead_of(server: Serve, order: tuple[int, ...]) -> None:
    """`for i in range(1, EmailNbMessage(session) + 1)` with EmailReadMessage, or downwards to delete."""
    a, b, c, d, e = order
    wire = server(
        listing((1, "a"), (2, "b"), (3, "c"), (4, "d"), (5, "e"))
        + retr(a, "x")
        + retr(b, "y")
        + f"C: RETR {c}\nC: RETR {d}\nC: RETR {e}\n"
        + "".join(f"S: +OK\nS: {text}\nS: .\n" for text in "zvw")
    )
    reader = MailboxReader(Pop3Incoming(ACCOUNT))
    assert [reader.read(number).data for number in order] == [b"x\r\n", b"y\r\n", b"z\r\n", b"v\r\n", b"w\r\n"]
    wire.done()


def test_a_message_by_number_does_not_disturb_a_walk(server: Serve) -> None:
    wire = server(
        listing((1, "a"), (2, "b"), (3, "c"), (4, "d"))
        + retr(1, "x")
        + "C: RETR 2\nC: RETR 3\nC: RETR 4\n"
        + "".join(f"S: +OK\nS: {text}\nS: .\n" for text in "yzv")
        + retr(1, "x")
        # What was taken out of its turn comes again in it.
        + "C: RETR 4\n"
    )
    reader = MailboxReader(Pop3Incoming(ACCOUNT))
    reader.read_first()
    reader.read_next()
    assert reader.read(4).data == b"v\r\n"
    assert reader.read(1).data == b"x\r\n"
    assert reader.read_next() == (3, b"z\r\n", False)
    wire.done()


# -- the end ------------------------------------------------------------------------------------------


def test_deletions_take_place_at_quit(server: Serve) -> None:
    wire = server(THREE + "C: DELE 1\nS: +OK\nC: QUIT\nS: +OK\n")
    box = Pop3Incoming(ACCOUNT)
    box.delete(1)
    box.close()
    wire.done()


def test_a_quit_that_nobody_confirmed_is_said_again(server: Serve) -> None:
    """The names tell what is left to do: a message that came meanwhile is not deleted by a number."""
    first = THREE + "C: DELE 1\nS: +OK\nC: DELE 2\nS: +OK\nC: QUIT\n-- CLOSE"
    wire = server(first, listing((1, "c"), (2, "new"), (3, "b")) + "C: DELE 3\nS: +OK\nC: QUIT\nS: +OK\n")
    box = Pop3Incoming(ACCOUNT)
    box.delete(1)
    box.delete(2)
    box.close()
    wire.done()


def test_a_quit_that_nobody_confirmed_although_all_is_done(server: Serve) -> None:
    first = listing((1, "a")) + "C: DELE 1\nS: +OK\nC: QUIT\n-- CLOSE"
    wire = server(first, listing() + "C: QUIT\nS: +OK\n")
    box = Pop3Incoming(ACCOUNT)
    box.delete(1)
    box.close()
    wire.done()


def test_closing_over_a_connection_that_broke_long_ago(server: Serve) -> None:
    wire = server(THREE + "C: DELE 1\nS: +OK\nC: RETR 2\n-- STALL", THREE + "C: DELE 1\nS: +OK\nC: QUIT\nS: +OK\n")
    box = Pop3Incoming(ACCOUNT)
    box.delete(1)
    with pytest.raises(TimedOut):
        box.fetch(2)
    box.close()
    wire.done()


def test_deletions_that_did_not_take_place_are_told(server: Serve, caplog: pytest.LogCaptureFixture) -> None:
    refusal = ConnectionRefused("nobody there", host="mail.example.com", port=110)
    server(THREE + "C: DELE 1\nS: +OK\nC: QUIT\nS: -ERR some messages not removed", refusal)
    box = Pop3Incoming(ACCOUNT)
    box.delete(1)
    with pytest.raises(MailboxChanged, match="did not confirm") as caught:
        box.close()
    assert caught.value.undone == 1
    assert box.ended
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "deletions that did not take place: 1" in caplog.text


def test_deletions_that_nobody_confirms_are_an_error_of_closing(server: Serve) -> None:
    once = THREE + "C: DELE 1\nS: +OK\nC: QUIT\nS: -ERR some messages not removed"
    wire = server(once, once)
    box = Pop3Incoming(ACCOUNT)
    box.delete(1)
    with pytest.raises(MailboxChanged, match="did not confirm the deletions"):
        box.close()
    assert wire.streams[-1].closed
    box.close()
    wire.done()


def test_closing_without_deletions_opens_nothing(server: Serve) -> None:
    wire = server(THREE + "C: RETR 2\n-- STALL")
    box = Pop3Incoming(ACCOUNT)
    with pytest.raises(TimedOut):
        box.fetch(2)
    box.close()
    wire.done()


def test_closing_in_a_hurry_says_nothing(server: Serve) -> None:
    wire = server(THREE + "C: DELE 1\nS: +OK\n")
    box = Pop3Incoming(ACCOUNT)
    box.delete(1)
    box.close(politely=False)
    assert wire.streams[0].closed
    wire.done()


def test_closing_twice(server: Serve) -> None:
    wire = server(THREE + "C: DELE 1\nS: +OK\nC: QUIT\nS: +OK\n")
    box = Pop3Incoming(ACCOUNT)
    box.delete(1)
    box.close()
    box.close(politely=False)
    wire.done()


def test_a_rehearsal_deletes_nothing(server: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WLEMAIL_REHEARSAL", "only:me@example.org")
    wire = server(THREE + "C: QUIT\nS: +OK\n")
    reader: Any = MailboxReader(Pop3Incoming(ACCOUNT))
    reader.delete(2)
    assert reader.is_deleted(2)
    reader.close()
    wire.done()
