"""Listing, messages and deletions, as transcripts: what is asked in one group, and which answer belongs to what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import pytest

from tests.pop3.dialogue import GROUP, in_mailbox
from tests.support.scripted import ScriptedStream
from wlemail.errors import (
    Broken,
    CommandRefused,
    ConnectionLost,
    MessageGone,
    ProtocolViolation,
    TimedOut,
)
from wlemail.pop3 import client as client_module
from wlemail.pop3.client import Client

ANSWERS = "S: +OK\nS: Subject: one\nS:\nS: 1\nS: .\nS: +OK\nS: Subject: two\nS:\nS: 2\nS: .\n"
ONE = b"Subject: one\r\n\r\n1\r\n"
TWO = b"Subject: two\r\n\r\n2\r\n"
READINGS: tuple[Literal["whole", "bytes"], ...] = ("whole", "bytes")


def opened(dialogue: str, *offers: str, **options: Any) -> tuple[Client, ScriptedStream]:
    # "S:" alone is an empty line: the script's parser wants a blank behind the colon.
    return in_mailbox(dialogue.replace("S:\n", "S: \n"), *offers, **options)


def outcome(take: Callable[[], object]) -> object:
    try:
        return take()
    except (MessageGone, CommandRefused) as problem:
        return type(problem).__name__


# -- listing ------------------------------------------------------------------------------------------


def test_the_listing_in_one_round_trip() -> None:
    client, stream = opened(
        "C: LIST\nC: UIDL\nS: +OK\nS: 1 120\nS: 2 200\nS: .\nS: +OK\nS: 1 abc\nS: 2 d ef\nS: .", *GROUP
    )
    listing = client.listing()
    assert listing.sizes == {1: 120, 2: 200}
    assert listing.unique_ids == {1: "abc", 2: "d ef"}
    assert stream.round_trips == 1


def test_the_listing_without_pipelining() -> None:
    client, stream = opened("C: LIST\nS: +OK\nS: 1 120\nS: .\nC: UIDL\nS: +OK\nS: 1 abc\nS: .", "UIDL")
    assert client.listing() == ({1: 120}, {1: "abc"})
    assert stream.round_trips == 2


def test_an_empty_mailbox() -> None:
    client, _ = opened("C: LIST\nS: +OK\nS: .\nC: UIDL\nS: +OK\nS: .")
    assert client.listing() == ({}, {})


def test_a_server_without_uidl() -> None:
    client, _ = opened("C: LIST\nS: +OK\nS: 1 120\nS: .\nC: UIDL\nS: -ERR what?")
    assert client.listing() == ({1: 120}, {})


def test_listings_that_real_servers_send() -> None:
    """Further words, no size, disorder, lines that make no sense, numbers beyond all measure."""
    lines = ["2 200 extra", "1", "x y", "", "99999999999999999999999 1", "3 99999999999999999999999", "-4 5"]
    listing = "".join(f"S: {line}\n" for line in lines)
    client, _ = opened(f"C: LIST\nS: +OK\n{listing}S: .\nC: UIDL\nS: +OK\nS: 1  abc \nS: 2\nS: .")
    assert client.listing() == ({1: 0, 2: 200, 3: 0}, {1: "abc"})


def test_a_listing_that_is_refused() -> None:
    client, _ = opened("C: LIST\nS: -ERR [SYS/TEMP] later\nC: UIDL\nS: -ERR\nC: NOOP\nS: +OK")
    with pytest.raises(CommandRefused) as caught:
        client.listing()
    assert caught.value.temporary
    assert not client.broken


# -- messages -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("reading", READINGS)
def test_messages_asked_for_in_one_group(reading: Literal["whole", "bytes"]) -> None:
    client, stream = opened("C: RETR 1\nC: RETR 2\n" + ANSWERS, *GROUP, reading=reading)
    client.request([(1, 20), (2, 20)])
    assert stream.writes == [b"RETR 1\r\nRETR 2\r\n"]
    assert [client.next_message(), client.next_message()] == [ONE, TWO]
    assert stream.round_trips == 1


def test_progress_as_octets_come() -> None:
    client, _ = opened("C: RETR 1\nS: +OK\nS: 12345678\nS: .", reading="bytes")
    client.request([(1, 10)])
    counts: list[int] = []
    client.next_message(counts.append)
    assert counts == sorted(counts)
    assert counts[-1] >= 10


@pytest.mark.parametrize("reading", READINGS)
def test_headers_by_top(reading: Literal["whole", "bytes"]) -> None:
    client, _ = opened("C: TOP 1 0\nS: +OK\nS: Subject: one\nS:\nS: .", "TOP", reading=reading)
    client.request([(1, 9)], headers_only=True)
    assert client.next_message() == b"Subject: one\r\n\r\n"


def test_a_server_that_counts_the_lines_of_top_its_own_way() -> None:
    client, _ = opened("C: TOP 1 0\nS: +OK\nS: Subject: one\nS:\nS: body\nS: .", "TOP")
    client.request([(1, 9)], headers_only=True)
    assert client.next_message() == b"Subject: one\r\n\r\n"


def test_a_server_without_top_by_its_capabilities() -> None:
    client, _ = opened("C: RETR 1\nS: +OK\nS: Subject: one\nS:\nS: body\nS: .", "UIDL")
    client.request([(1, 9)], headers_only=True)
    assert client.next_message() == b"Subject: one\r\n\r\n"


def test_a_server_without_top_that_says_nothing() -> None:
    refused = "C: TOP 1 0\nS: -ERR what?\nC: NOOP\nS: +OK\n"
    client, _ = opened(refused + "C: RETR 1\nS: +OK\nS: A: b\nS:\nS: c\nS: .\nC: RETR 2\nS: +OK\nS: .")
    client.request([(1, 9)], headers_only=True)
    assert client.next_message() is None
    client.request([(1, 9)], headers_only=True)
    assert client.next_message() == b"A: b\r\n\r\n"
    client.request([(2, 9)], headers_only=True)
    assert client.next_message() == b""


def test_a_message_that_top_does_not_find_says_nothing_against_top() -> None:
    one = "C: TOP 1 0\nS: +OK\nS: A: b\nS:\nS: .\n"
    client, _ = opened(one + "C: TOP 2 0\nS: -ERR no such message\nC: NOOP\nS: +OK\n" + one)
    client.request([(1, 9)], headers_only=True)
    client.next_message()
    client.request([(2, 9)], headers_only=True)
    assert outcome(client.next_message) == "MessageGone"
    client.request([(1, 9)], headers_only=True)
    assert client.next_message() == b"A: b\r\n\r\n"


@pytest.mark.parametrize(
    "refusal",
    [
        "-ERR unknown command",
        "-ERR TOP is not supported",
        "-ERR [SYS/PERM] not implemented",
        "-ERR Invalid command: TOP",
    ],
)
def test_a_server_that_offers_top_and_does_not_know_it(refusal: str) -> None:
    """Once is enough: the next header is asked for by RETR at once."""
    client, stream = opened(
        f"C: TOP 1 0\nS: {refusal}\nC: NOOP\nS: +OK\n"
        "C: RETR 1\nS: +OK\nS: A: b\nS:\nS: c\nS: .\nC: RETR 2\nS: +OK\nS: A: d\nS:\nS: .",
        "TOP",
    )
    client.request([(1, 9)], headers_only=True)
    assert client.next_message() is None
    for number, header in ((1, b"A: b\r\n\r\n"), (2, b"A: d\r\n\r\n")):
        client.request([(number, 9)], headers_only=True)
        assert client.next_message() == header
    assert stream.done()


def test_a_server_that_offers_top_and_refuses_it_in_other_words() -> None:
    """RETR tells whether it was the message or the command."""
    client, stream = opened(
        "C: TOP 1 0\nS: -ERR no\nC: NOOP\nS: +OK\nC: RETR 1\nS: -ERR no\nC: NOOP\nS: +OK\n"
        "C: TOP 2 0\nS: -ERR no\nC: NOOP\nS: +OK\nC: RETR 2\nS: +OK\nS: A: b\nS:\nS: c\nS: .\n"
        "C: RETR 3\nS: +OK\nS: A: d\nS:\nS: .",
        "TOP",
    )
    found = []
    for number in (1, 1, 2, 2, 3):
        client.request([(number, 9)], headers_only=True)
        found.append(outcome(client.next_message))
    assert found == [None, "MessageGone", None, b"A: b\r\n\r\n", b"A: d\r\n\r\n"]
    assert stream.done()


def test_a_server_in_trouble_has_top_all_the_same() -> None:
    client, _ = opened("C: TOP 1 0\nS: -ERR [SYS/TEMP] disk\nC: NOOP\nS: +OK", "TOP")
    client.request([(1, 9)], headers_only=True)
    assert outcome(client.next_message) == "CommandRefused"


def test_a_refused_message_takes_nothing_from_the_others() -> None:
    client, _ = opened("C: RETR 1\nC: RETR 2\nC: RETR 3\nS: -ERR gone\n" + ANSWERS, *GROUP)
    client.request([(n, 20) for n in (1, 2, 3)])
    with pytest.raises(MessageGone) as caught:
        client.next_message()
    assert caught.value.number == 1
    assert str(caught.value.reply) == "-ERR gone"
    assert [client.next_message(), client.next_message()] == [ONE, TWO]


def test_refusals_in_a_row_keep_their_order() -> None:
    many = 400
    asked = "".join(f"C: RETR {n}\n" for n in range(1, many + 1))
    answers = "".join("S: -ERR [SYS/TEMP] no\n" if n % 2 else "S: -ERR gone\n" for n in range(1, many + 1))
    client, _ = opened(f"{asked}{answers}C: NOOP\nS: +OK", *GROUP)
    client.request([(n, 1) for n in range(1, many + 1)])
    outcomes = [outcome(client.next_message) for _ in range(many)]
    assert outcomes == ["CommandRefused", "MessageGone"] * (many // 2)


@pytest.mark.parametrize(("code", "temporary"), [("SYS/TEMP", True), ("SYS/PERM", False)])
def test_a_server_in_trouble_is_not_a_message_that_is_gone(code: str, temporary: bool) -> None:
    client, _ = opened(f"C: RETR 1\nS: -ERR [{code}] disk\nC: NOOP\nS: +OK")
    client.request([(1, 1)])
    with pytest.raises(CommandRefused) as caught:
        client.next_message()
    assert caught.value.temporary is temporary


def test_a_message_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_LARGEST", 1000)
    client, stream = opened("C: RETR 1\nS: +OK\n" + "S: 0123456789\n" * 200)
    client.request([(1, 10)])
    with pytest.raises(ProtocolViolation, match="more than 1040 bytes"):
        client.next_message()
    assert stream.closed


def test_a_message_that_never_ends_and_was_said_to_be_huge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_MOST", 1500)
    client, stream = opened("C: RETR 1\nS: +OK\n" + "S: 0123456789\n" * 200)
    client.request([(1, 10**18)])
    with pytest.raises(ProtocolViolation, match="more than 1500 bytes"):
        client.next_message()
    assert stream.closed


def test_a_slow_line_is_not_a_silent_server() -> None:
    """Each wait has its deadline; one for a message begins anew as octets come, but not for single ones."""

    class Counting(ScriptedStream):
        waits = 0

        def begin_wait(self) -> None:
            self.waits += 1
            super().begin_wait()

    login = "S: +OK\nC: CAPA\nS: -ERR\nC: USER lea\nS: +OK\nC: PASS x\nS: +OK\n"
    stream = Counting(login + "C: RETR 1\nS: +OK\n" + "S: 1234\n" * 200 + "S: .", reading="bytes")
    client = Client(stream)
    client.greet()
    client.hello()
    client.authenticate("lea", "x")
    before = stream.waits
    client.request([(1, 2000)])
    message = client.next_message()
    assert message is not None
    assert 2 < stream.waits - before <= len(message) // 100


# -- refusal or farewell ------------------------------------------------------------------------------


def test_a_dead_idle_connection_is_told_apart_from_a_refusal() -> None:
    """ "-ERR Disconnected for inactivity" was sent long before RETR, and reads like the answer to it."""
    client, _ = opened("C: RETR 1\nS: -ERR Disconnected for inactivity.\nC: NOOP\n-- CLOSE")
    client.request([(1, 1)])
    with pytest.raises(ConnectionLost) as caught:
        client.next_message()
    assert str(caught.value.reply) == "-ERR Disconnected for inactivity."
    assert client.broken


def test_a_farewell_that_came_with_the_answer_before_it() -> None:
    client, stream = opened("C: NOOP\nS: +OK\nS: -ERR [SYS/TEMP] shutting down")
    client.noop()
    with pytest.raises(ConnectionLost) as caught:
        client.noop()
    assert str(caught.value.reply) == "-ERR [SYS/TEMP] shutting down"
    assert stream.closed


def test_a_farewell_in_front_of_a_group() -> None:
    client, _ = opened("C: RETR 1\nC: RETR 2\nS: -ERR shutting down\n-- CLOSE", *GROUP)
    client.request([(1, 1), (2, 1)])
    with pytest.raises(ConnectionLost) as caught:
        client.next_message()
    assert str(caught.value.reply) == "-ERR shutting down"


def test_a_line_that_nothing_had_asked_for() -> None:
    client, _ = opened("C: NOOP\nS: +OK\nS: +OK surprise")
    client.noop()
    with pytest.raises(ProtocolViolation):
        client.noop()
    assert client.broken


# -- DELE ---------------------------------------------------------------------------------------------


def test_dele_goes_behind_what_is_under_way() -> None:
    client, stream = opened("C: RETR 1\nC: RETR 2\nC: DELE 1\n" + ANSWERS + "S: +OK deleted", *GROUP)
    client.request([(1, 20), (2, 20)])
    client.delete(1)
    assert [client.next_message(), client.next_message()] == [ONE, TWO]
    assert stream.done()


def test_dele_refused() -> None:
    client, _ = opened("C: DELE 1\nS: -ERR read-only\nC: NOOP\nS: +OK")
    with pytest.raises(CommandRefused, match="DELE refused: -ERR read-only"):
        client.delete(1)
    assert not client.broken


def test_a_refused_message_in_front_of_dele_is_told_where_it_is_taken() -> None:
    client, _ = opened("C: RETR 1\nC: DELE 2\nS: -ERR gone\nS: +OK", *GROUP)
    client.request([(1, 20)])
    client.delete(2)
    assert outcome(client.next_message) == "MessageGone"


def test_what_is_held_for_later_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes by LIST are the server's word. What does not fit is asked for again."""
    monkeypatch.setattr(client_module, "HELD", len(ONE))
    client, _ = opened("C: RETR 1\nC: RETR 2\nC: DELE 9\n" + ANSWERS + "S: +OK", *GROUP)
    client.request([(1, 1), (2, 1)])
    client.delete(9)
    assert [client.next_message(), client.next_message()] == [ONE, None]


def test_many_deletions_in_groups() -> None:
    first = "".join(f"C: DELE {n}\n" for n in range(1, 513)) + "S: +OK\n" * 512
    rest = "".join(f"C: DELE {n}\n" for n in range(513, 601)) + "S: +OK\n" * 88
    client, stream = opened(first + rest, *GROUP)
    client.delete_all(range(1, 601))
    assert stream.round_trips == 2


def test_deletions_one_by_one_without_pipelining() -> None:
    client, stream = opened("C: DELE 1\nS: +OK\nC: DELE 2\nS: +OK")
    client.delete_all([1, 2])
    assert stream.round_trips == 2


@pytest.mark.parametrize(
    ("offers", "whole", "headers"),
    [
        (("PIPELINING", "TOP"), True, True),
        (("PIPELINING", "TOP", "EXPIRE NEVER"), True, True),
        (("PIPELINING", "TOP", "EXPIRE 0"), False, True),
        (("PIPELINING", "TOP", "EXPIRE 0 USER"), False, True),
        (("PIPELINING", "EXPIRE 0"), False, False),
        (("PIPELINING", "TOP", "EXPIRE 02"), True, True),
        (("TOP",), False, False),
        ((), False, False),
    ],
)
def test_nothing_is_asked_ahead_where_retr_may_delete(offers: tuple[str, ...], whole: bool, headers: bool) -> None:
    """RFC 2449 6.7: with EXPIRE 0 the server may take every RETR for a DELE."""
    client, _ = opened("", *offers)
    assert client.can_ask_ahead() is whole
    assert client.can_ask_ahead(headers_only=True) is headers


def test_pipelining_can_be_switched_off() -> None:
    client, _ = opened("", *GROUP, pipelining=False)
    assert not client.can_ask_ahead()


# -- the end ------------------------------------------------------------------------------------------


def test_quit_is_confirmed() -> None:
    client, stream = opened("C: QUIT\nS: +OK bye\n-- CLOSE")
    assert client.quit() is True
    assert stream.closed
    assert not client.broken


@pytest.mark.parametrize("end", ["S: -ERR some deleted messages not removed", "-- CLOSE", "-- STALL", "-- RESET"])
def test_quit_that_is_not_confirmed(end: str) -> None:
    """RFC 1939 6: then nobody knows what was deleted."""
    client, stream = opened(f"C: QUIT\n{end}")
    assert client.quit() is False
    assert stream.closed


def test_quit_behind_what_is_under_way() -> None:
    client, _ = opened("C: RETR 1\nC: RETR 2\nC: QUIT\n" + ANSWERS + "S: +OK bye", *GROUP)
    client.request([(1, 20), (2, 20)])
    assert client.quit() is True


def test_quit_after_the_connection_broke_says_nothing() -> None:
    client, stream = opened("C: RETR 1\nS: +OK\nS: half\n-- CLOSE")
    client.request([(1, 20)])
    with pytest.raises(ConnectionLost) as caught:
        client.next_message()
    assert caught.value.during == "RETR"
    assert client.quit() is False
    assert b"QUIT" not in stream.written


@pytest.mark.parametrize(("end", "error"), [("-- CLOSE", ConnectionLost), ("-- STALL", TimedOut), ("-- RESET", Broken)])
@pytest.mark.parametrize("answers", ["", "S: +OK\n", "S: +OK\nS: half\n", "S> +OK\\r\\nhalf\\r\\n.\\r\n"])
def test_a_connection_that_ends_within_a_message(answers: str, end: str, error: type[Broken]) -> None:
    client, stream = opened(f"C: RETR 1\n{answers}{end}")
    client.request([(1, 20)])
    with pytest.raises(error):
        client.next_message()
    assert client.broken
    assert stream.closed


def test_ctrl_c_within_a_message_breaks_the_connection() -> None:
    client, stream = opened("C: RETR 1\nS: +OK\nS: half\n-- INTERRUPT")
    client.request([(1, 20)])
    with pytest.raises(KeyboardInterrupt):
        client.next_message()
    assert client.broken
    assert stream.closed


def test_the_last_words_of_a_server_that_hangs_up_on_a_write() -> None:
    client, _ = opened("C: RETR 1\n-- BREAK\nS: -ERR [SYS/TEMP] shutting down\n-- CLOSE")
    client.request([(1, 20)])
    with pytest.raises(ConnectionLost) as caught:
        client.delete(1)
    assert str(caught.value.reply) == "-ERR [SYS/TEMP] shutting down"
