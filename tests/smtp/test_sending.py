"""Transactions: what is sent in which order, who is refused and what becomes of the others."""

from __future__ import annotations

import pytest

from tests.smtp.dialogue import ENVELOPE, MESSAGE, THREE, open_client
from wlemail.errors import (
    InvalidValue,
    MessageRefused,
    MessageTooLarge,
    ProtocolViolation,
    RecipientsRefused,
    SenderRefused,
    ServerReply,
)
from wlemail.smtp.envelope import Envelope

CONTENT = """
    C: Subject: hello
    C>\x20\\r\\n
    C: text
    C: .
"""


# -- order and round trips ---------------------------------------------------------------------------


def test_a_transaction_without_pipelining_goes_one_by_one() -> None:
    client, stream = open_client(f"""
        C: MAIL FROM:<sender@example.com>
        S: 250 2.1.0 ok
        C: RCPT TO:<one@example.org>
        S: 250 2.1.5 ok
        C: RCPT TO:<two@example.org>
        S: 250 2.1.5 ok
        C: RCPT TO:<three@example.org>
        S: 251 forwarded
        C: DATA
        S: 354 go
        {CONTENT}
        S: 250 2.0.0 queued as 12345
    """)
    receipt = client.send(THREE, MESSAGE)
    assert receipt.accepted == THREE.recipients
    assert receipt.refused == {}
    assert receipt.reply == ServerReply(250, "queued as 12345", "2.0.0")
    assert stream.round_trips == 6
    assert stream.done()


PIPELINED = f"""
    C: MAIL FROM:<sender@example.com>
    C: RCPT TO:<one@example.org>
    C: RCPT TO:<two@example.org>
    C: RCPT TO:<three@example.org>
    C: DATA
    S: 250 ok
    S: 250 ok
    S: 250 ok
    S: 250 ok
    S: 354 go
    {CONTENT}
    S: 250 queued
"""


def test_a_transaction_with_pipelining_takes_two_round_trips() -> None:
    client, stream = open_client(PIPELINED, "PIPELINING")
    client.send(THREE, MESSAGE)
    assert stream.round_trips == 2
    assert len(stream.writes) == 2
    assert stream.done()


def test_pipelining_can_be_switched_off() -> None:
    client, stream = open_client(
        f"C: MAIL FROM:<sender@example.com>\nS: 250 ok\nC: RCPT TO:<one@example.org>\nS: 250 ok\nC: DATA\nS: 354 go\n"
        f"{CONTENT}\nS: 250 ok",
        "PIPELINING",
        pipelining=False,
    )
    client.send(ENVELOPE, MESSAGE)
    assert stream.done()


def test_begin_content_finish() -> None:
    client, stream = open_client(PIPELINED, "PIPELINING")
    client.begin(THREE, size=len(MESSAGE))
    client.content([MESSAGE[:5], MESSAGE[5:12]])
    client.content(iter([MESSAGE[12:]]))
    assert client.finish().accepted == THREE.recipients
    assert stream.done()


def test_content_in_other_line_ends_is_made_crlf() -> None:
    client, stream = open_client(PIPELINED, "PIPELINING")
    client.send(THREE, [b"Subject: hello\n", b"\rtext\r"], clean=False)
    assert stream.done()


def test_a_lone_dot_in_the_text_does_not_end_it() -> None:
    client, stream = open_client(
        "C: MAIL FROM:<sender@example.com>\nC: RCPT TO:<one@example.org>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\n"
        "C: a\nC: ..\nC: ..b\nC: .\nS: 250 ok",
        "PIPELINING",
    )
    client.send(ENVELOPE, b"a\r\n.\r\n.b")
    assert stream.done()


def test_large_content_flows_in_large_writes() -> None:
    line = b"x" * 76 + b"\r\n"
    size = len(line) * 10_000
    client, stream = open_client(
        "C: MAIL FROM:<sender@example.com>\nC: RCPT TO:<one@example.org>\nC: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\n"
        f"C* {size}\nC: .\nS: 250 ok",
        "PIPELINING",
    )
    client.send(ENVELOPE, (line for _ in range(10_000)))
    assert len(stream.writes) < 20
    assert stream.done()


def test_several_messages_on_one_connection() -> None:
    client, stream = open_client(PIPELINED * 3, "PIPELINING")
    for _ in range(3):
        client.send(THREE, MESSAGE)
    assert stream.round_trips == 6
    assert stream.done()


# -- parameters --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offers", "envelope", "size", "mail", "rcpt"),
    [
        ((), ENVELOPE, 21, "MAIL FROM:<sender@example.com>", "RCPT TO:<one@example.org>"),
        (("SIZE",), ENVELOPE, None, "MAIL FROM:<sender@example.com> SIZE=24", "RCPT TO:<one@example.org>"),
        (("SIZE 0",), ENVELOPE, 999, "MAIL FROM:<sender@example.com> SIZE=999", "RCPT TO:<one@example.org>"),
        (("size 1000",), ENVELOPE, 999, "MAIL FROM:<sender@example.com> SIZE=999", "RCPT TO:<one@example.org>"),
        (
            ("8BITMIME",), Envelope("a@b.c", ("d@e.f",), body="8BITMIME"), None,
            "MAIL FROM:<a@b.c> BODY=8BITMIME", "RCPT TO:<d@e.f>",
        ),
        ((), Envelope("a@b.c", ("d@e.f",), body="8BITMIME"), None, "MAIL FROM:<a@b.c>", "RCPT TO:<d@e.f>"),
        (
            ("SMTPUTF8",), Envelope("a@b.c", ("d@e.f",), smtputf8=True), None,
            "MAIL FROM:<a@b.c> SMTPUTF8", "RCPT TO:<d@e.f>",
        ),
        ((), Envelope("a@b.c", ("d@e.f",), smtputf8=True), None, "MAIL FROM:<a@b.c>", "RCPT TO:<d@e.f>"),
        (
            ("SMTPUTF8",), Envelope("a@b.c", ("é@bücher.example",)), None,
            "MAIL FROM:<a@b.c> SMTPUTF8", "RCPT TO:<é@bücher.example>",
        ),
        # IDNA saves the address: SMTPUTF8 would only shut out servers further on.
        (
            ("SMTPUTF8",), Envelope("a@müller.example", ("e@bücher.example",)), None,
            "MAIL FROM:<a@xn--mller-kva.example>", "RCPT TO:<e@xn--bcher-kva.example>",
        ),
        ((), Envelope("", ("d@e.f",)), None, "MAIL FROM:<>", "RCPT TO:<d@e.f>"),
        (
            ("DSN",),
            Envelope("a@b.c", ("d@e.f",), dsn_return="HDRS", dsn_id="id 1", dsn_notify=("SUCCESS", "FAILURE")),
            None, "MAIL FROM:<a@b.c> RET=HDRS ENVID=id+201",
            "RCPT TO:<d@e.f> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;d@e.f",
        ),
        (
            (), Envelope("a@b.c", ("d@e.f",), dsn_return="HDRS", dsn_id="id 1", dsn_notify=("SUCCESS",)),
            None, "MAIL FROM:<a@b.c>", "RCPT TO:<d@e.f>",
        ),
    ],
)  # fmt: skip
def test_parameters(offers: tuple[str, ...], envelope: Envelope, size: int | None, mail: str, rcpt: str) -> None:
    client, stream = open_client(f"C: {mail}\nS: 250 ok\nC: {rcpt}\nS: 250 ok\nC: DATA\nS: 354 go", *offers)
    if size is None:
        size = len(MESSAGE) if "SIZE" in offers else None
    client.begin(envelope, size=size)
    assert stream.done()


def test_a_size_beyond_the_limit_is_refused_without_a_round_trip() -> None:
    client, stream = open_client(PIPELINED, "PIPELINING", "SIZE 100")
    with pytest.raises(MessageTooLarge) as refused:
        client.send(THREE, iter([b"x" * 101]), 101)
    assert (refused.value.size, refused.value.limit) == (101, 100)
    assert stream.round_trips == 0
    assert client.usable


def test_octets_know_their_size() -> None:
    client, _ = open_client("", "SIZE 100")
    with pytest.raises(MessageTooLarge):
        client.send(ENVELOPE, b"x" * 101)


def test_a_server_that_refuses_the_size_it_was_told() -> None:
    client, stream = open_client(
        "C: MAIL FROM:<sender@example.com> SIZE=500\nS: 552 5.3.4 too big for you", "SIZE", "8BITMIME"
    )
    with pytest.raises(MessageTooLarge) as refused:
        client.send(ENVELOPE, [b""], 500)
    assert refused.value.limit == 0
    assert "too big for you" in str(refused.value)
    assert client.usable
    assert stream.done()


# -- refusals ----------------------------------------------------------------------------------------


def test_one_refused_recipient_must_not_lose_the_mail_for_the_others_nor_go_unnoticed() -> None:
    client, stream = open_client(
        f"""
        C: MAIL FROM:<sender@example.com>
        C: RCPT TO:<one@example.org>
        C: RCPT TO:<two@example.org>
        C: RCPT TO:<three@example.org>
        C: DATA
        S: 250 ok
        S: 250 ok
        S: 550 5.1.1 no such user
        S: 451 4.2.0 not now
        S: 354 go
        {CONTENT}
        S: 250 queued
        """,
        "PIPELINING",
    )
    receipt = client.send(THREE, MESSAGE)
    assert receipt.accepted == ("one@example.org",)
    assert receipt.refused == {
        "two@example.org": ServerReply(550, "no such user", "5.1.1"),
        "three@example.org": ServerReply(451, "not now", "4.2.0"),
    }
    assert stream.done()


ALL_REFUSED = """
    C: MAIL FROM:<sender@example.com>
    C: RCPT TO:<one@example.org>
    C: RCPT TO:<two@example.org>
    C: RCPT TO:<three@example.org>
    C: DATA
    S: 250 ok
    S: 550 5.1.1 first
    S: 550 5.1.1 second
    S: 450 4.2.0 third
"""
AGAIN = PIPELINED.replace("C: MAIL", "C: RSET\n    C: MAIL").replace("    S: 250 ok", "    S: 250 ok\n    S: 250 ok", 1)


def test_all_recipients_refused() -> None:
    client, stream = open_client(f"{ALL_REFUSED}\nS: 503 5.5.1 no valid recipients\n{AGAIN}", "PIPELINING")
    with pytest.raises(RecipientsRefused) as refused:
        client.send(THREE, MESSAGE)
    assert list(refused.value.replies) == list(THREE.recipients)
    assert refused.value.reply.text == "first"
    assert refused.value.temporary
    assert client.usable
    client.send(THREE, MESSAGE)
    assert stream.done()


def test_data_that_gets_354_with_no_valid_recipient_is_ended_by_a_lone_dot() -> None:
    client, stream = open_client(
        f"{ALL_REFUSED}\nS: 354 go\nC: .\nS: 554 5.5.1 no valid recipients\n{AGAIN}", "PIPELINING"
    )
    with pytest.raises(RecipientsRefused):
        client.send(THREE, MESSAGE)
    client.send(THREE, MESSAGE)
    assert stream.done()


def test_a_server_that_dies_on_the_lone_dot_does_not_hide_why_everybody_was_refused() -> None:
    client, stream = open_client(f"{ALL_REFUSED}\nS: 354 go\nC: .\n-- CLOSE", "PIPELINING")
    with pytest.raises(RecipientsRefused):
        client.send(THREE, MESSAGE)
    assert client.broken
    assert stream.done()


def test_a_header_beyond_ascii_goes_to_no_server_without_smtputf8() -> None:
    client, stream = open_client("", "PIPELINING")
    envelope = Envelope("a@b.c", ("d@e.f",), "8BITMIME", smtputf8=True, international=True)
    with pytest.raises(MessageRefused) as refused:
        client.send(envelope, "Reply-To: é@example.com\r\n\r\ntext\r\n".encode())
    assert refused.value.reply.enhanced == "5.6.7"
    assert client.usable
    assert stream.done()


def test_without_pipelining_data_is_not_sent_for_nobody() -> None:
    client, stream = open_client("""
        C: MAIL FROM:<sender@example.com>
        S: 250 ok
        C: RCPT TO:<one@example.org>
        S: 550 no
    """)
    with pytest.raises(RecipientsRefused):
        client.send(ENVELOPE, MESSAGE)
    assert stream.done()


def test_sender_refused_without_pipelining() -> None:
    client, stream = open_client("C: MAIL FROM:<sender@example.com>\nS: 553 5.7.1 not yours")
    with pytest.raises(SenderRefused) as refused:
        client.send(ENVELOPE, MESSAGE)
    assert refused.value.address == "sender@example.com"
    assert not refused.value.temporary
    assert stream.done()


@pytest.mark.parametrize("data", ["S: 503 5.5.1 bad sequence", "S: 354 go\nC: .\nS: 554 nothing"])
def test_always_rset_between_pipelined_transactions_after_a_refusal(data: str) -> None:
    client, stream = open_client(
        f"""
        C: MAIL FROM:<sender@example.com>
        C: RCPT TO:<one@example.org>
        C: DATA
        S: 450 4.7.1 greylisted
        S: 503 no sender
        {data}
        C: RSET
        C: MAIL FROM:<sender@example.com>
        C: RCPT TO:<one@example.org>
        C: DATA
        S: 250 ok
        S: 250 ok
        S: 250 ok
        S: 354 go
        {CONTENT}
        S: 250 queued
        """,
        "PIPELINING",
    )
    with pytest.raises(SenderRefused) as refused:
        client.send(ENVELOPE, MESSAGE)
    assert refused.value.temporary
    client.send(ENVELOPE, MESSAGE)
    assert stream.done()


def test_data_refused() -> None:
    client, stream = open_client(
        "C: MAIL FROM:<sender@example.com>\nC: RCPT TO:<one@example.org>\nC: DATA\nS: 250 ok\nS: 250 ok\n"
        "S: 452 4.3.1 disk full\nC: NOOP\nS: 250 ok",
        "PIPELINING",
    )
    with pytest.raises(MessageRefused) as refused:
        client.send(ENVELOPE, MESSAGE)
    assert refused.value.temporary
    client.noop()
    assert stream.done()


def test_content_refused() -> None:
    client, stream = open_client(PIPELINED.replace("S: 250 queued", "S: 554 5.7.1 spam") + AGAIN, "PIPELINING")
    with pytest.raises(MessageRefused) as refused:
        client.send(THREE, MESSAGE)
    assert refused.value.reply == ServerReply(554, "spam", "5.7.1")
    assert client.usable
    client.send(THREE, MESSAGE)
    assert stream.done()


def test_a_server_that_refuses_rset_cannot_be_trusted_any_more() -> None:
    client, _ = open_client("C: MAIL FROM:<sender@example.com>\nS: 550 no\nC: RSET\nS: 502 what?")
    with pytest.raises(SenderRefused):
        client.send(ENVELOPE, MESSAGE)
    with pytest.raises(ProtocolViolation):
        client.send(ENVELOPE, MESSAGE)
    assert client.broken


@pytest.mark.parametrize("bad", ["a@b.c>\r\nDATA", "", "a b@c.d", "a@b.c\0"])
def test_a_bad_address_is_refused_before_anything_is_sent(bad: str) -> None:
    client, stream = open_client(f"C: MAIL FROM:<sender@example.com>\nS: 250 ok\nC: RCPT TO:<one@example.org>\n"
                                 f"S: 250 ok\nC: DATA\nS: 354 go\n{CONTENT}\nS: 250 ok")  # fmt: skip
    with pytest.raises(InvalidValue):
        client.send(Envelope("sender@example.com", ("one@example.org", bad)), MESSAGE)
    assert client.usable
    client.send(ENVELOPE, MESSAGE)
    assert stream.done()


# -- SMTPUTF8 ----------------------------------------------------------------------------------------


def test_smtputf8_advertised_and_then_refused_is_tried_without() -> None:
    client, stream = open_client(
        f"""
        C: MAIL FROM:<sender@example.com> SMTPUTF8
        C: RCPT TO:<one@example.org>
        C: DATA
        S: 555 5.5.4 unsupported option: SMTPUTF8
        S: 503 no sender
        S: 503 no sender
        C: RSET
        C: MAIL FROM:<sender@example.com>
        C: RCPT TO:<one@example.org>
        C: DATA
        S: 250 ok
        S: 250 ok
        S: 250 ok
        S: 354 go
        {CONTENT}
        S: 250 ok
        C: MAIL FROM:<sender@example.com>
        C: RCPT TO:<one@example.org>
        C: DATA
        S: 250 ok
        S: 250 ok
        S: 354 go
        {CONTENT}
        S: 250 ok
        """,
        "PIPELINING",
        "SMTPUTF8",
    )
    wanting = Envelope("sender@example.com", ("one@example.org",), smtputf8=True)
    client.send(wanting, MESSAGE)
    client.send(wanting, MESSAGE)
    assert stream.done()


def test_a_sender_refused_with_and_without_smtputf8_says_nothing_about_smtputf8() -> None:
    client, stream = open_client(
        """
        C: MAIL FROM:<sender@example.com> SMTPUTF8
        S: 550 5.7.1 not you
        C: RSET
        S: 250 ok
        C: MAIL FROM:<sender@example.com>
        S: 550 5.7.1 not you
        C: RSET
        S: 250 ok
        C: MAIL FROM:<é@example.com> SMTPUTF8
        S: 250 ok
        C: RCPT TO:<one@example.org>
        S: 250 ok
        C: DATA
        S: 354 go
        """,
        "SMTPUTF8",
    )
    with pytest.raises(SenderRefused):
        client.send(Envelope("sender@example.com", ("one@example.org",), smtputf8=True), MESSAGE)
    client.begin(Envelope("é@example.com", ("one@example.org",)))
    assert stream.done()


def test_smtputf8_refused_where_the_addresses_need_it() -> None:
    client, stream = open_client("C: MAIL FROM:<é@example.com> SMTPUTF8\nS: 553 5.6.7 no", "SMTPUTF8")
    with pytest.raises(SenderRefused):
        client.send(Envelope("é@example.com", ("one@example.org",)), MESSAGE)
    assert stream.done()


def test_an_address_that_the_server_cannot_take_is_refused_for_itself() -> None:
    client, stream = open_client(f"C: MAIL FROM:<sender@example.com>\nS: 250 ok\nC: RCPT TO:<one@example.org>\n"
                                 f"S: 250 ok\nC: DATA\nS: 354 go\n{CONTENT}\nS: 250 ok")  # fmt: skip
    receipt = client.send(Envelope("sender@example.com", ("é@example.org", "one@example.org")), MESSAGE)
    assert receipt.accepted == ("one@example.org",)
    assert receipt.refused["é@example.org"].enhanced == "5.6.7"
    with pytest.raises(RecipientsRefused):
        client.send(Envelope("sender@example.com", ("é@example.org",)), MESSAGE)
    with pytest.raises(SenderRefused):
        client.send(Envelope("é@example.com", ("one@example.org",)), MESSAGE)
    assert stream.done()
