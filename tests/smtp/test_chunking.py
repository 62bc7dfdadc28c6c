"""CHUNKING (RFC 3030): BDAT instead of DATA, and back where a server does not mean it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.smtp.dialogue import ENVELOPE, MESSAGE, open_client
from wlemail.errors import AttachmentUnreadable, MessageRefused, ProtocolViolation, RecipientsRefused

ENVELOPE_GROUP = """
    C: MAIL FROM:<sender@example.com>
    C: RCPT TO:<one@example.org>
    S: 250 ok
    S: 250 ok
"""
MIB = 1 << 20
BLOCK = b"x" * (MIB - 2) + b"\r\n"


def test_a_small_message_is_one_chunk_in_the_second_round_trip() -> None:
    client, stream = open_client(
        f"{ENVELOPE_GROUP}\nC: BDAT 24 LAST\nC: Subject: hello\nC>\x20\\r\\n\nC: text\nS: 250 2.0.0 queued",
        "PIPELINING",
        "CHUNKING",
    )
    assert client.send(ENVELOPE, MESSAGE).reply.text == "queued"
    assert stream.round_trips == 2
    assert len(stream.writes) == 2
    assert stream.done()


def test_an_empty_message() -> None:
    client, stream = open_client(f"{ENVELOPE_GROUP}\nC: BDAT 0 LAST\nS: 250 ok", "PIPELINING", "CHUNKING")
    client.send(ENVELOPE, b"")
    assert stream.done()


def test_dots_are_left_alone_and_line_ends_are_not() -> None:
    client, stream = open_client(f"{ENVELOPE_GROUP}\nC: BDAT 6 LAST\nC: .\nC: .\nS: 250 ok", "PIPELINING", "CHUNKING")
    client.send(ENVELOPE, b".\n.\n", clean=False)
    assert stream.done()


def test_content_without_a_line_end_gets_one() -> None:
    client, stream = open_client(f"{ENVELOPE_GROUP}\nC: BDAT 3 LAST\nC: x\nS: 250 ok", "PIPELINING", "CHUNKING")
    client.send(ENVELOPE, b"x")
    assert stream.done()


def test_chunking_can_be_switched_off() -> None:
    client, stream = open_client(
        "C: MAIL FROM:<sender@example.com>\nC: RCPT TO:<one@example.org>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\n"
        "C: .\nS: 250 ok",
        "PIPELINING",
        "CHUNKING",
        chunking=False,
    )
    client.send(ENVELOPE, b"")
    assert stream.done()


def chunk(size: int, last: bool = False) -> str:
    return f"C: BDAT {size}{' LAST' if last else ''}\nC* {size}\n"


def test_large_content_goes_in_chunks_with_replies_under_way() -> None:
    dialogue = ENVELOPE_GROUP
    # Eight chunks may be unanswered; with the ninth the client looks at what has come.
    dialogue += chunk(MIB) * 9 + "S: 250 got one\n" * 9 + chunk(MIB, last=True) + "S: 250 queued"
    client, stream = open_client(dialogue, "PIPELINING", "CHUNKING")
    client.send(ENVELOPE, iter([BLOCK] * 10))
    assert stream.done()


def test_without_pipelining_every_chunk_waits_for_its_reply() -> None:
    client, stream = open_client(
        "C: MAIL FROM:<sender@example.com>\nS: 250 ok\nC: RCPT TO:<one@example.org>\nS: 250 ok\n"
        + (chunk(MIB) + "S: 250 got it\n") * 2
        + chunk(MIB, last=True)
        + "S: 250 queued",
        "CHUNKING",
    )
    client.send(ENVELOPE, iter([BLOCK] * 3))
    assert stream.done()


def test_a_refused_chunk_ends_the_message() -> None:
    dialogue = ENVELOPE_GROUP + chunk(MIB) * 9
    dialogue += "S: 250 ok\nS: 552 5.3.4 too large\n" + "S: 503 5.5.1 no more\n" * 7
    dialogue += "C: RSET\n" + ENVELOPE_GROUP.replace("S:", "S: 250 ok\nS:", 1) + "C: BDAT 2 LAST\nC: \nS: 250 ok"
    client, stream = open_client(dialogue, "PIPELINING", "CHUNKING")
    with pytest.raises(MessageRefused) as refused:
        client.send(ENVELOPE, iter([BLOCK] * 20))
    assert refused.value.reply.text == "too large"
    assert client.usable
    client.send(ENVELOPE, b"\r\n")
    assert stream.done()


def test_the_last_chunk_refused() -> None:
    client, stream = open_client(f"{ENVELOPE_GROUP}\nC: BDAT 2 LAST\nC: \nS: 554 5.6.0 no", "PIPELINING", "CHUNKING")
    with pytest.raises(MessageRefused):
        client.send(ENVELOPE, b"\r\n")
    assert client.usable
    assert stream.done()


def test_all_recipients_refused_no_chunk_is_sent() -> None:
    client, stream = open_client(
        "C: MAIL FROM:<sender@example.com>\nC: RCPT TO:<one@example.org>\nS: 250 ok\nS: 550 no",
        "PIPELINING",
        "CHUNKING",
    )
    with pytest.raises(RecipientsRefused):
        client.send(ENVELOPE, MESSAGE)
    assert stream.done()


FALLS_BACK = """
    C: RSET
    C: MAIL FROM:<sender@example.com>
    C: RCPT TO:<one@example.org>
    C: DATA
    S: 250 ok
    S: 250 ok
    S: 250 ok
    S: 354 go
    C: x
    C: .
    S: 250 ok
"""


def test_chunking_offered_and_bdat_unknown_falls_back_to_data() -> None:
    client, stream = open_client(
        f"{ENVELOPE_GROUP}\nC: BDAT 3 LAST\nC: x\nS: 502 5.5.1 unknown command\n{FALLS_BACK}", "PIPELINING", "CHUNKING"
    )
    client.send(ENVELOPE, b"x\r\n")
    assert stream.done()


def test_falling_back_needs_content_that_can_be_read_again() -> None:
    client, stream = open_client(
        f"{ENVELOPE_GROUP}\nC: BDAT 3 LAST\nC: x\nS: 500 what?\n{FALLS_BACK}", "PIPELINING", "CHUNKING"
    )
    with pytest.raises(MessageRefused):
        client.send(ENVELOPE, iter([b"x\r\n"]))
    client.send(ENVELOPE, iter([b"x\r\n"]))
    assert stream.done()


def broken_source() -> Iterator[bytes]:
    yield b"x" * MIB
    yield b"x" * MIB
    raise AttachmentUnreadable("report.pdf", "shrank while it was read")


def test_content_that_fails_is_taken_back() -> None:
    client, stream = open_client(
        f"{ENVELOPE_GROUP}{chunk(MIB)}S: 250 ok\nC: RSET\nC: MAIL FROM:<sender@example.com>\n"
        "C: RCPT TO:<one@example.org>\nS: 250 ok\nS: 250 ok\nS: 250 ok\nC: BDAT 2 LAST\nC: \nS: 250 ok",
        "PIPELINING",
        "CHUNKING",
    )
    with pytest.raises(AttachmentUnreadable):
        client.send(ENVELOPE, broken_source())
    assert client.usable
    client.send(ENVELOPE, b"\r\n")
    assert stream.done()


def test_a_354_to_bdat_makes_no_sense() -> None:
    client, _ = open_client(f"{ENVELOPE_GROUP}\nC: BDAT 2 LAST\nC: \nS: 354 go", "PIPELINING", "CHUNKING")
    with pytest.raises(ProtocolViolation) as broken:
        client.send(ENVELOPE, b"\r\n")
    assert broken.value.maybe_delivered
    assert client.broken
