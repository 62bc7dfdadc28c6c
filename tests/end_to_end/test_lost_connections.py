"""Connections that the server ended, or that it leaves hanging, outside the dialogue of the matrix."""

from __future__ import annotations

import socket
import threading
import time

import pytest

import wlemail
from tests.support.faults import DROP, RESET, STALL, FaultProxy, places, reply_to
from tests.support.servers import LoopbackServer, read_line
from wlemail import (
    Email,
    EmailCloseSession,
    EmailListSession,
    EmailSendMessage,
    EmailSetTimeOut,
    EmailStartSMTPSession,
    ErrorInfo,
    ErrorOccurred,
)
from wlemail.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("face")


def letter(subject: str = "hello") -> Email:
    message = Email()
    message.Sender, message.Recipient, message.Subject = "bob@example.test", "alice@example.test", subject
    message.Message = "text"
    return message


class TestIdleConnectionEnded:
    """A server that closed the connection while nobody spoke: noticed, reopened once, and nobody hears of it."""

    @pytest.mark.parametrize("times", [1, 3])
    def test_next_mail_goes_out_over_a_new_connection(self, box: Sandbox, times: int) -> None:
        with FaultProxy(box.host, box.port) as proxy:
            assert EmailStartSMTPSession("bob", "secret", proxy.host, proxy.port), ErrorInfo()
            for number in range(times):
                proxy.hang_up()
                assert EmailSendMessage("bob", letter(f"mail {number}")) is True, ErrorInfo()
                assert not ErrorOccurred
            EmailCloseSession("bob")
        assert len(box.messages) == times
        assert {message.user for message in box.messages} == {"bob"}

    def test_a_server_that_is_gone_for_good_is_an_error(self, box: Sandbox) -> None:
        with FaultProxy(box.host, box.port) as proxy:
            assert EmailStartSMTPSession("bob", proxy.host, proxy.port), ErrorInfo()
        assert EmailSendMessage("bob", letter()) is False
        assert ErrorOccurred
        assert str(proxy.port) in ErrorInfo(wlemail.errFullDetails)
        EmailCloseSession("bob")
        assert list(EmailListSession()) == []

    def test_421_while_idle_is_taken_for_what_it_is(self, box: Sandbox) -> None:
        """RFC 5321 3.8: a server may say 421 on its own and close."""

        def script(connection: socket.socket) -> None:
            connection.sendall(b"220 old.example.test\r\n")
            read_line(connection)
            connection.sendall(b"250 old.example.test\r\n")
            goodbye.wait(10)
            connection.sendall(b"421 4.4.2 idle too long\r\n")
            connection.shutdown(socket.SHUT_WR)
            ended.set()

        goodbye, ended = threading.Event(), threading.Event()
        with LoopbackServer(script) as server:
            assert EmailStartSMTPSession("bob", server.host, server.port), ErrorInfo()
            goodbye.set()
            assert ended.wait(10)
            EmailSetTimeOut(2)
            began = time.monotonic()
            # Reopened once; the new connection ends the same way, and that is then said.
            assert EmailSendMessage("bob", letter()) is False
            assert time.monotonic() - began < 5
            assert ErrorOccurred
            assert server.connections == 2


@pytest.mark.parametrize("kind", [DROP, RESET])
def test_verdict_lost_is_not_sent_again(kind: str) -> None:
    """The server had the message and its reply was lost: an error says so; sending again is the user's decision."""
    with Sandbox(chunking=False) as box:
        with FaultProxy(box.host, box.port) as proxy:
            assert EmailStartSMTPSession("bob", proxy.host, proxy.port)
            assert EmailSendMessage("bob", letter())
            EmailCloseSession("bob")
        verdict = reply_to(places(proxy.transcript), ".")
        box.clear()
        with FaultProxy(box.host, box.port, verdict.fault(kind), spoiled=1) as proxy:
            assert EmailStartSMTPSession("bob", proxy.host, proxy.port)
            assert EmailSendMessage("bob", letter()) is False
            assert ErrorOccurred
            assert len(box.wait_for(1)) == 1
            # The session is still there for the next mail, over a new connection.
            assert EmailSendMessage("bob", letter("another")) is True, ErrorInfo()
        assert len(box.wait_for(2)) == 2


class TestSilence:
    def test_server_that_stops_reading_is_left_within_the_time_out(self) -> None:
        """Flow control, not a missing reply: the body does not fit into the buffers, and the wait is for writing."""
        limit = 1.5

        def script(connection: socket.socket) -> None:
            connection.sendall(b"220 x\r\n")
            while line := read_line(connection):
                if line.upper() == b"DATA":
                    connection.sendall(b"354 go\r\n")
                    left.wait(20)
                    return
                connection.sendall(b"250 x\r\n")

        left = threading.Event()
        message = letter()
        piece = wlemail.emailAttach()
        piece.Name, piece.Content = "large.bin", bytes(32 << 20)
        message.Attach.Add(piece)
        with LoopbackServer(script) as server:
            assert EmailStartSMTPSession("bob", server.host, server.port), ErrorInfo()
            EmailSetTimeOut(limit)
            began = time.monotonic()
            assert EmailSendMessage("bob", message) is False
            seconds = time.monotonic() - began
            left.set()
        assert ErrorOccurred
        # Composing and filling the buffers takes a moment before the wait begins.
        assert limit * 0.8 <= seconds <= limit * 1.2 + 1.0

    def test_server_that_never_answers_quit_does_not_hold_up_the_close(self, box: Sandbox) -> None:
        with FaultProxy(box.host, box.port) as proxy:
            assert EmailStartSMTPSession("bob", proxy.host, proxy.port)
            EmailCloseSession("bob")
        goodbye = reply_to(places(proxy.transcript), "QUIT")
        with FaultProxy(box.host, box.port, goodbye.fault(STALL)) as proxy:
            EmailSetTimeOut(1)
            assert EmailStartSMTPSession("bob", proxy.host, proxy.port)
            began = time.monotonic()
            EmailCloseSession("bob")
            assert time.monotonic() - began <= 1.2 + 0.3
            assert not ErrorOccurred
            assert list(EmailListSession()) == []

    def test_time_out_set_later_acts_on_an_open_session(self, box: Sandbox) -> None:
        with FaultProxy(box.host, box.port) as proxy:
            assert EmailStartSMTPSession("bob", proxy.host, proxy.port)
            assert EmailSendMessage("bob", letter())
        reply = reply_to(places(proxy.transcript), "MAIL")
        with FaultProxy(box.host, box.port, reply.fault(STALL), spoiled=1) as proxy:
            EmailSetTimeOut(60)
            assert EmailStartSMTPSession("bob", proxy.host, proxy.port)
            EmailSetTimeOut("500 ms")
            began = time.monotonic()
            EmailSendMessage("bob", letter())
            assert time.monotonic() - began < 5
