"""Connections that end at every point, and what the caller learns from it."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.smtp.dialogue import ENVELOPE, MESSAGE, THREE, hello, open_client
from tests.support.scripted import ScriptedStream
from wlemail.errors import (
    AttachmentUnreadable,
    Broken,
    ConnectionLost,
    MessageRefused,
    ProtocolViolation,
    RecipientsRefused,
    SenderRefused,
    TimedOut,
)
from wlemail.smtp.client import Client
from wlemail.wire.transcript import Transcript

GROUP = "C: MAIL FROM:<sender@example.com>\nC: RCPT TO:<one@example.org>\nC: DATA\n"
ACCEPTED = "S: 250 ok\nS: 250 ok\nS: 354 go\n"
CONTENT = "C: Subject: hello\nC>\x20\\r\\n\nC: text\nC: .\n"


def lost(dialogue: str, expected: type[Broken]) -> Broken:
    """The error of a send that breaks; the client must have closed itself."""
    client, stream = open_client(dialogue, "PIPELINING")
    with pytest.raises(expected) as broken:
        client.send(ENVELOPE, MESSAGE)
    assert client.broken
    assert not client.usable
    assert stream.closed
    with pytest.raises(ConnectionLost):
        client.send(ENVELOPE, MESSAGE)
    assert stream.done()
    return broken.value


ENDINGS = {
    "-- CLOSE": ConnectionLost,
    "-- RESET": ConnectionLost,
    "-- STALL": TimedOut,
    "S: ?\nS: ?": ProtocolViolation,
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    "before",
    [GROUP, f"{GROUP}S: 250 ok\n", f"{GROUP}S: 250 ok\nS: 250 ok\n", f"{GROUP}S: 250 ok\nS> 25\n"],
)
def test_the_connection_ends_before_the_content(before: str, ending: str) -> None:
    broken = lost(before + ending, ENDINGS[ending])
    assert not broken.maybe_delivered
    assert broken.temporary
    assert broken.host == "mail.example.com"


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("begun", ["", "S> 250-qu", "S: 250-queued\n"])
def test_the_connection_ends_after_the_content_the_message_may_have_been_delivered(begun: str, ending: str) -> None:
    broken = lost(f"{GROUP}{ACCEPTED}{CONTENT}{begun}\n{ending}", ENDINGS[ending])
    assert broken.maybe_delivered


@pytest.mark.parametrize(
    ("dialogue", "during"),
    [
        (GROUP, "MAIL"),
        (f"{GROUP}S: 250 ok\n", "RCPT"),
        (f"{GROUP}S: 250 ok\nS: 250 ok\n", "DATA"),
        (f"{GROUP}{ACCEPTED}{CONTENT}", "end of data"),
    ],
)
def test_the_error_says_what_was_under_way(dialogue: str, during: str) -> None:
    broken = lost(f"{dialogue}-- CLOSE", ConnectionLost)
    assert isinstance(broken, ConnectionLost)
    assert broken.during == during


def test_a_server_that_closes_instead_of_354() -> None:
    assert not lost(f"{GROUP}S: 250 ok\nS: 250 ok\n-- CLOSE", ConnectionLost).maybe_delivered


def test_a_server_that_closes_inside_a_reply() -> None:
    lost(f"{GROUP}S> 250-half a re\n-- CLOSE", ConnectionLost)


@pytest.mark.parametrize("ending", ["-- CLOSE", "-- RESET"])
def test_a_server_that_closes_after_quit(ending: str) -> None:
    client, stream = open_client(f"C: QUIT\n{ending}")
    client.quit()
    assert stream.closed


def test_a_dead_idle_connection_is_told_apart_from_a_refusal() -> None:
    client, _ = open_client("-- RESET", "PIPELINING")
    with pytest.raises(ConnectionLost) as broken:
        client.send(ENVELOPE, MESSAGE)
    assert not broken.value.maybe_delivered
    assert broken.value.reply is None


# -- 421 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "dialogue",
    [
        GROUP,
        f"{GROUP}S: 250 ok\n",
        f"{GROUP}S: 250 ok\nS: 250 ok\n",
        f"{GROUP}{ACCEPTED}{CONTENT}",
    ],
)
def test_421_at_any_moment_ends_the_session_and_says_why(dialogue: str) -> None:
    broken = lost(f"{dialogue}S: 421 4.3.2 shutting down\n-- CLOSE", ConnectionLost)
    assert broken.reply is not None
    assert (broken.reply.code, broken.reply.text) == (421, "shutting down")
    # The server has answered: it did not take the message.
    assert not broken.maybe_delivered


def test_421_says_which_command_it_answered() -> None:
    broken = lost(f"{GROUP}S: 421 4.3.2 shutting down\n-- CLOSE", ConnectionLost)
    assert isinstance(broken, ConnectionLost)
    assert broken.during == "MAIL"


def test_421_while_idle_is_the_reply_to_the_next_command() -> None:
    client, _ = open_client("C: NOOP\nS: 421 4.4.2 idle for too long")
    with pytest.raises(ConnectionLost) as broken:
        client.noop()
    assert broken.value.reply is not None


def test_421_that_came_with_the_last_reply() -> None:
    client, stream = open_client(f"{GROUP}{ACCEPTED}{CONTENT}S: 250 queued\nS: 421 4.7.0 enough for now", "PIPELINING")
    client.send(ENVELOPE, MESSAGE)
    with pytest.raises(ConnectionLost) as broken:
        client.send(ENVELOPE, MESSAGE)
    assert broken.value.reply is not None
    assert broken.value.reply.text == "enough for now"
    assert stream.done()


def test_421_before_a_write_that_fails() -> None:
    # The server said why it left, and the write met its absence first.
    client, _ = open_client("-- BREAK\nS: 421 4.4.2 idle for too long\n-- CLOSE", "PIPELINING")
    with pytest.raises(ConnectionLost) as broken:
        client.send(ENVELOPE, MESSAGE)
    assert broken.value.reply is not None
    assert broken.value.reply.text == "idle for too long"
    assert not broken.value.maybe_delivered


# -- lines nobody asked for --------------------------------------------------------------------------


@pytest.mark.parametrize("extra", ["S: 250 ok", "S: 550 what", "S> 25"])
def test_unsolicited_lines_between_commands(extra: str) -> None:
    client, stream = open_client(f"{GROUP}{ACCEPTED}{CONTENT}S: 250 queued\n{extra}", "PIPELINING")
    client.send(ENVELOPE, MESSAGE)
    with pytest.raises(ProtocolViolation):
        client.send(ENVELOPE, MESSAGE)
    assert client.broken
    assert stream.done()


def test_a_success_before_the_content_was_sent_is_none() -> None:
    broken = lost(f"{GROUP}{ACCEPTED}S: 250 queued", ProtocolViolation)
    assert not broken.maybe_delivered


@pytest.mark.parametrize("answer", ["S: 250 ok\nS: 250 ok\nS: 250 ok", "S: 354 ok\nS: 250 ok\nS: 354 ok",
                                    "S: 250 ok\nS: 334 ok\nS: 354 ok"])  # fmt: skip
def test_a_reply_of_a_class_that_the_command_does_not_have(answer: str) -> None:
    lost(f"{GROUP}{answer}", ProtocolViolation)


def test_a_reply_that_arrives_after_a_time_out_is_not_read() -> None:
    client, stream = open_client("C: NOOP\n-- STALL\nS: 250 late")
    with pytest.raises(TimedOut):
        client.noop()
    assert stream.closed
    with pytest.raises(ConnectionLost):
        client.noop()


# -- refusals with the connection gone ---------------------------------------------------------------


@pytest.mark.parametrize("ending", ["-- CLOSE", "-- RESET", "-- STALL", "S: ?"])
def test_a_server_that_refuses_the_sender_and_hangs_up(ending: str) -> None:
    client, stream = open_client(f"{GROUP}S: 554 5.7.1 blocked\n{ending}", "PIPELINING", reading="bytes")
    with pytest.raises(SenderRefused) as refused:
        client.send(ENVELOPE, MESSAGE)
    assert refused.value.reply.text == "blocked"
    assert client.broken
    assert stream.done()


def test_a_server_that_refuses_every_recipient_and_hangs_up() -> None:
    client, _ = open_client(f"{GROUP}S: 250 ok\nS: 550 5.1.1 unknown\n-- RESET", "PIPELINING")
    with pytest.raises(RecipientsRefused):
        client.send(ENVELOPE, MESSAGE)
    assert client.broken


def test_a_server_that_hangs_up_before_all_recipients_are_answered() -> None:
    client, _ = open_client(
        "C: MAIL FROM:<sender@example.com>\nC: RCPT TO:<one@example.org>\nC: RCPT TO:<two@example.org>\n"
        "C: RCPT TO:<three@example.org>\nC: DATA\nS: 250 ok\nS: 550 no\n-- CLOSE",
        "PIPELINING",
    )
    with pytest.raises(ConnectionLost):
        client.send(THREE, MESSAGE)


BIG = [b"x" * 65536] * 4


def test_an_early_refusal_while_the_content_is_still_being_sent() -> None:
    client, _ = open_client(f"{GROUP}{ACCEPTED}C* 65536\n-- BREAK\nS: 552 5.3.4 too large\n-- CLOSE", "PIPELINING")
    with pytest.raises(MessageRefused) as refused:
        client.send(ENVELOPE, BIG)
    assert refused.value.reply.text == "too large"
    assert isinstance(refused.value.__cause__, ConnectionLost)
    assert client.broken


def test_a_421_while_the_content_is_still_being_sent() -> None:
    client, _ = open_client(f"{GROUP}{ACCEPTED}C* 65536\n-- BREAK\nS: 421 4.3.2 shutting down\n-- CLOSE", "PIPELINING")
    with pytest.raises(ConnectionLost) as broken:
        client.send(ENVELOPE, BIG)
    assert broken.value.reply is not None
    assert not broken.value.maybe_delivered


@pytest.mark.parametrize("ending", ["-- CLOSE", "-- RESET", "-- STALL", "S: 250 ok\n-- CLOSE"])
def test_a_connection_that_breaks_while_the_content_is_sent(ending: str) -> None:
    client, stream = open_client(f"{GROUP}{ACCEPTED}C* 65536\n-- BREAK\n{ending}", "PIPELINING")
    with pytest.raises(ConnectionLost) as broken:
        client.send(ENVELOPE, BIG)
    assert not broken.value.maybe_delivered
    assert stream.closed


# -- the caller's side -------------------------------------------------------------------------------


def test_ctrl_c_in_a_wait_leaves_a_closed_connection() -> None:
    client, stream = open_client(f"{GROUP}-- INTERRUPT", "PIPELINING")
    with pytest.raises(KeyboardInterrupt):
        client.send(ENVELOPE, MESSAGE)
    assert client.broken
    assert stream.closed


@pytest.mark.parametrize("problem", [AttachmentUnreadable("a.pdf", "gone"), KeyboardInterrupt(), ZeroDivisionError()])
def test_content_that_fails_after_data_leaves_no_way_but_to_close(problem: BaseException) -> None:
    def source() -> Iterator[bytes]:
        yield b"the first half"
        raise problem

    client, stream = open_client(f"{GROUP}{ACCEPTED}", "PIPELINING")
    with pytest.raises(type(problem)):
        client.send(ENVELOPE, source())
    # Not a final dot: the server must not deliver half a message.
    assert stream.closed
    assert client.broken
    assert stream.done()


@pytest.mark.parametrize("reading", ["whole", "bytes"])
def test_replies_may_come_in_any_pieces(reading: str) -> None:
    dialogue = hello("PIPELINING", "SIZE") + GROUP.replace(">\nC: RCPT", "> SIZE=24\nC: RCPT") + ACCEPTED + CONTENT
    stream = ScriptedStream(dialogue + "S: 250-2.0.0 queued\nS: 250 2.0.0 as 1", reading=reading)  # type: ignore[arg-type]
    client = Client(stream)
    client.greet()
    client.hello()
    assert client.send(ENVELOPE, MESSAGE).reply.text == "queued\nas 1"
    assert stream.done()


def test_ctrl_c_between_two_waits_closes_the_connection() -> None:
    """The server waits for the end of the content: nothing else may ever be said on this connection."""

    class Interrupting(Transcript):
        def note(self, text: str) -> None:
            if "content" in text:
                raise KeyboardInterrupt

    trace = Interrupting(logging.getLogger("test"), "test")
    client, stream = open_client(GROUP + ACCEPTED + CONTENT, "PIPELINING", trace=trace)
    with pytest.raises(KeyboardInterrupt):
        client.send(ENVELOPE, MESSAGE)
    assert client.broken
    assert stream.closed
    with pytest.raises(ConnectionLost):
        client.send(ENVELOPE, MESSAGE)


def test_content_that_cannot_be_made_is_no_matter_of_the_server() -> None:
    def content() -> Iterator[bytes]:
        raise AttachmentUnreadable("a.txt", "gone")

    client, stream = open_client("", "PIPELINING")
    with pytest.raises(AttachmentUnreadable):
        client.send(ENVELOPE, content)
    assert client.usable
    assert stream.done()
