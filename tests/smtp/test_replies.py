"""SMTP replies, as they should be and as real servers send them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.feeding import feedings
from wlemail.errors import ProtocolViolation, ServerReply
from wlemail.smtp.replies import MAX_LINE, MAX_REPLY, ReplyParser
from wlemail.wire.reader import Reader


def replies_of(chunks: list[bytes]) -> list[ServerReply]:
    reader = Reader()
    parser = ReplyParser(reader)
    replies = []
    for chunk in chunks:
        reader.feed(chunk)
        while (reply := parser.next()) is not None:
            replies.append(reply)
    return replies


@pytest.mark.parametrize(
    ("octets", "reply"),
    [
        (b"250 OK\r\n", ServerReply(250, "OK")),
        (b"250 2.1.0 Sender ok\r\n", ServerReply(250, "Sender ok", "2.1.0")),
        (b"550 5.1.1 <x@y>: no such user\r\n", ServerReply(550, "<x@y>: no such user", "5.1.1")),
        (b"250-first\r\n250-second\r\n250 third\r\n", ServerReply(250, "first\nsecond\nthird")),
        (
            b"550-5.7.1 Not accepted. Learn more at\r\n550 5.7.1 https://mail.example.com/?p=1 k9\r\n",
            ServerReply(550, "Not accepted. Learn more at\nhttps://mail.example.com/?p=1 k9", "5.7.1"),
        ),
        # An enhanced code of another class is text (RFC 2034 4), and so is something like one.
        (b"250 5.1.1 odd\r\n", ServerReply(250, "5.1.1 odd")),
        (b"250 2.1 MiB free\r\n", ServerReply(250, "2.1 MiB free")),
        (b"250 2.1.0.5 is a version\r\n", ServerReply(250, "2.1.0.5 is a version")),
        (b"250 2.0.0\r\n", ServerReply(250, "", "2.0.0")),
        # What real servers do.
        (b"250\r\n", ServerReply(250, "")),
        (b"250 \r\n", ServerReply(250, "")),
        (b"250-one\r\n250\r\n", ServerReply(250, "one\n")),
        (b"250-one\r\n250 \r\n", ServerReply(250, "one\n")),
        (b"250-\r\n250 two\r\n", ServerReply(250, "\ntwo")),
        (b"250 bare LF\n", ServerReply(250, "bare LF")),
        (b"250 CR CR LF\r\r\n", ServerReply(250, "CR CR LF")),
        (b"250\ttab\r\n", ServerReply(250, "tab")),
        (b"250-one\r\n451 two\r\n", ServerReply(451, "one\ntwo")),
        ("550 boîte pleine\r\n".encode(), ServerReply(550, "boîte pleine")),
        ("550 boîte pleine\r\n".encode("latin-1"), ServerReply(550, "boîte pleine")),
        (b"550 \x1b[31mred\x00\r\n", ServerReply(550, "\ufffd[31mred\ufffd")),
        (b"599 unknown codes count by their class\r\n", ServerReply(599, "unknown codes count by their class")),
    ],
)
def test_reply(octets: bytes, reply: ServerReply) -> None:
    for chunks in feedings(octets, after=b"220 the next one\r\n250-and a par"):
        (first, second) = replies_of(chunks)
        assert (first.code, first.text.strip(), first.enhanced) == (reply.code, reply.text.strip(), reply.enhanced)
        assert second == ServerReply(220, "the next one")


@pytest.mark.parametrize(
    "octets",
    [
        b"HTTP/1.1 400 Bad Request\r\n",
        b"+OK POP3 ready\r\n",
        b"* OK IMAP4rev1 ready\r\n",
        b"\r\n",
        b"25 OK\r\n",
        b"2500 OK\r\n",
        b"250_OK\r\n",
        b"050 OK\r\n",
        b"150 OK\r\n",
        b"650 OK\r\n",
        b"\xb2\xb5\xb0 OK\r\n",
        b"250-fine so far\r\nnot a reply\r\n",
    ],
)
def test_what_is_no_reply(octets: bytes) -> None:
    for chunks in feedings(octets):
        with pytest.raises(ProtocolViolation):
            replies_of(chunks)


def test_the_error_shows_what_came_instead() -> None:
    with pytest.raises(ProtocolViolation, match=r"HTTP/1\.1 400"):
        replies_of([b"HTTP/1.1 400 Bad Request\r\n"])


def test_a_reply_that_never_ends() -> None:
    reader = Reader()
    parser = ReplyParser(reader)
    line = b"250-" + b"x" * 100 + b"\r\n"

    def feed_for_ever() -> None:
        for _ in range(10 * MAX_REPLY // len(line)):
            reader.feed(line)
            assert parser.next() is None

    with pytest.raises(ProtocolViolation):
        feed_for_ever()


def test_a_reply_of_empty_lines_that_never_ends() -> None:
    with pytest.raises(ProtocolViolation):
        replies_of([b"250-\r\n" * MAX_REPLY])


def test_a_line_that_never_ends() -> None:
    with pytest.raises(ProtocolViolation):
        replies_of([b"250 " + b"x" * MAX_LINE])


def test_a_multi_line_reply_known_as_a_line_is_not_cut_short() -> None:
    # "250 OK" was seen as a whole reply before; as the last line of another it must not stand for it alone.
    assert replies_of([b"250 OK\r\n250-hello\r\n250 OK\r\n"])[1] == ServerReply(250, "hello\nOK")


@given(st.lists(st.binary(max_size=30)))
def test_any_octets_give_replies_or_a_violation(chunks: list[bytes]) -> None:
    def outcome(cut: list[bytes]) -> object:
        try:
            return replies_of(cut)
        except ProtocolViolation as violation:
            return str(violation)

    assert outcome(chunks) == outcome([b"".join(chunks)])
