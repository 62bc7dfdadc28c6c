"""Message behind message: what goes out in which group, and what becomes of each message when something is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest

from tests.smtp.chaining import ListBag, chained, content, group, mail, run, text
from tests.smtp.dialogue import SENDER, hello
from tests.support.scripted import ScriptedStream
from wlemail.errors import (
    AttachmentUnreadable,
    InvalidAddress,
    MessageRefused,
    MessageTooLarge,
    RecipientsRefused,
    SenderRefused,
    ServerReply,
)
from wlemail.smtp.chain import MailObject
from wlemail.smtp.chained_client import ChainedClient
from wlemail.smtp.envelope import Envelope

BEGUN = "S: 250 ok\nS: 250 ok\nS: 354 go\n"
BEHIND = f"S: 250 reset\n{BEGUN}"
FIRST = f"{group(1, behind=False)}{BEGUN}"
#: three messages, the second and the third each in one group with the end of the one before
THREE = (
    f"{group(1, behind=False)}{BEGUN}"
    f"{content(1)}{group(2)}S: 250 queued 1\n{BEHIND}"
    f"{content(2)}{group(3)}S: 250 queued 2\n{BEHIND}"
    f"{content(3)}S: 250 queued 3\n"
)


@pytest.mark.parametrize("reading", ["whole", "bytes"])
def test_each_message_takes_one_round_trip(reading: Literal["whole", "bytes"]) -> None:
    outcomes, client, stream = run(THREE, mail(1), mail(2), mail(3), reading=reading)
    assert [outcomes[key].reply.text for key in (1, 2, 3)] == ["queued 1", "queued 2", "queued 3"]
    assert outcomes[2].accepted == ("to2@example.org",)
    assert outcomes[2].problem is None
    assert stream.round_trips == 4
    assert len(stream.writes) == 4
    assert client.usable
    assert client.ended_by is None


def test_the_chain_goes_on_where_the_bag_was_filled_again() -> None:
    client, stream = chained(f"{FIRST}{content(1)}S: 250 queued\n{group(2, behind=False)}{BEGUN}{content(2)}S: 250 ok")
    for key in (1, 2):
        bag = ListBag([mail(key)])
        client.send_all(bag)
        assert bag.outcomes[key].accepted
    assert stream.done()


def test_an_empty_bag_says_nothing() -> None:
    assert run("")[0] == {}


def test_the_end_of_the_content_is_announced_before_it_leaves() -> None:
    client, stream = chained(THREE)
    bag = ListBag([mail(1), mail(2), mail(3)])
    written: list[bytes] = []
    bag.at_end = lambda mail: written.append(stream.written)
    client.send_all(bag)
    assert bag.ended == [1, 2, 3]
    assert all(text(key)[:10] not in so_far for key, so_far in zip((1, 2, 3), written, strict=True))


# -- the two rules -----------------------------------------------------------------------------------


def test_the_sender_of_a_refused_message_does_not_send_the_next() -> None:
    """Exim took it for that where no RSET stood between them."""
    outcomes, _, _ = run(
        f"{group(1, behind=False)}S: 550 no such sender\nS: 503 sender\nS: 503 sequence\n"
        f"{group(2)}{BEHIND}{content(2)}S: 250 ok",
        mail(1),
        mail(2),
    )
    assert isinstance(outcomes[1].problem, SenderRefused)
    assert outcomes[1].refused["to1@example.org"].code == 550
    assert outcomes[2].accepted


def test_no_envelope_leaves_behind_a_content_whose_recipients_are_not_answered() -> None:
    """The script holds it: the content of 2 waits for the answers to its own envelope, and 3 with it."""
    run(THREE.replace(BEHIND, "S: 250 reset\nS: 250 ok\nS> 250 o\nS> k\\r\\n\nS: 354 go\n"), mail(1), mail(2), mail(3))


# -- refusals ----------------------------------------------------------------------------------------


def test_a_content_that_is_refused_between_others() -> None:
    outcomes, client, _ = run(THREE.replace("250 queued 2", "554 5.7.1 spam"), mail(1), mail(2), mail(3))
    assert outcomes[1].accepted
    assert outcomes[3].accepted
    assert outcomes[2].refused == {"to2@example.org": ServerReply(554, "spam", "5.7.1")}
    assert outcomes[2].reply == ServerReply(554, "spam", "5.7.1")
    assert isinstance(outcomes[2].problem, MessageRefused)
    assert client.usable


def test_a_last_content_that_is_refused_is_reset_before_the_next() -> None:
    client, stream = chained(
        f"{group(1, behind=False)}{BEGUN}{content(1)}S: 451 later\n{group(2)}{BEHIND}{content(2)}S: 250 ok"
    )
    for key in (1, 2):
        client.send_all(ListBag([mail(key)]))
    assert stream.done()


@pytest.mark.parametrize("reply", ["550 5.1.1 unknown", "451 4.2.1 later"])
def test_nobody_is_accepted_and_data_is_refused_too(reply: str) -> None:
    outcomes, _, stream = run(
        f"{group(1, behind=False)}{BEGUN}{content(1)}{group(2)}S: 250 queued\n"
        f"S: 250 reset\nS: 250 ok\nS: {reply}\nS: 554 no valid recipients\n{group(3)}{BEHIND}{content(3)}S: 250 ok",
        mail(1),
        mail(2),
        mail(3),
    )
    assert outcomes[2].refused["to2@example.org"].code == int(reply[:3])
    assert isinstance(outcomes[2].problem, RecipientsRefused)
    assert outcomes[2].problem.temporary == reply.startswith("4")
    assert outcomes[3].accepted
    assert stream.round_trips == 4


def test_354_with_no_valid_recipient_is_ended_by_a_lone_dot_and_the_chain_goes_on() -> None:
    outcomes, _, stream = run(
        f"{group(1, behind=False)}S: 250 ok\nS: 550 unknown\nS: 354 go\n"
        f"C: .\n{group(2)}S: 554 no valid recipients\n{BEHIND}{content(2)}S: 250 ok",
        mail(1),
        mail(2),
    )
    assert outcomes[1].refused["to1@example.org"].code == 550
    assert outcomes[1].reply is None
    assert outcomes[2].accepted
    assert stream.round_trips == 3


def test_a_lone_dot_at_the_end_of_the_chain() -> None:
    outcomes, client, _ = run(
        f"{group(1, behind=False)}S: 250 ok\nS: 550 unknown\nS: 354 go\nC: .\nS: 250 queued for nobody", mail(1)
    )
    assert not outcomes[1].accepted
    assert client.usable


def test_data_that_is_refused_refuses_the_message_for_those_who_were_accepted() -> None:
    outcomes, _, _ = run(
        f"{group(1, 'a@example.org', 'b@example.org', behind=False)}"
        "S: 250 ok\nS: 250 ok\nS: 550 unknown\nS: 451 4.3.0 no room\n",
        mail(1, "a@example.org", "b@example.org"),
    )
    assert {address: reply.code for address, reply in outcomes[1].refused.items()} == {
        "a@example.org": 451,
        "b@example.org": 550,
    }


def test_one_refused_recipient_does_not_lose_the_message_for_the_others() -> None:
    outcomes, _, _ = run(
        f"{group(1, 'a@example.org', 'b@example.org', behind=False)}S: 250 ok\nS: 550 unknown\nS: 250 ok\nS: 354 go\n"
        f"{content(1)}{group(2)}S: 250 queued\n{BEHIND}{content(2)}S: 250 ok",
        mail(1, "a@example.org", "b@example.org"),
        mail(2),
    )
    assert outcomes[1].accepted == ("b@example.org",)
    assert outcomes[1].refused["a@example.org"].code == 550
    assert outcomes[1].problem is None
    assert outcomes[2].accepted


def test_replies_are_counted_and_never_matched_by_their_text() -> None:
    """Every reply reads like another's."""
    outcomes, _, _ = run(
        f"{group(1, behind=False)}S: 250 queued as 1\nS: 250 end of data\nS: 354 550 no\n"
        f"{content(1)}{group(2)}S: 554 RCPT\nS: 250 DATA\nS: 250 queued\nS: 250 queued\nS: 354 250 queued\n"
        f"{content(2)}S: 250 354 go\n",
        mail(1),
        mail(2),
    )
    assert outcomes[1].refused
    assert outcomes[2].accepted


# -- what the server does not hear of ----------------------------------------------------------------


def test_what_cannot_be_sent_is_settled_without_a_word() -> None:
    def unreadable() -> Iterator[bytes]:
        raise AttachmentUnreadable("a.txt", "gone")
        yield b""

    outcomes, client, _ = run(
        f"{group(5, behind=False).replace('>', '> SIZE=24', 1)}{BEGUN}{content(5)}S: 250 queued",
        MailObject(Envelope(SENDER, ("a@b.c",)), b"x", 1001, key=1),
        MailObject(Envelope(SENDER, ("a b@c.d",)), b"x", key=2),
        MailObject(Envelope(SENDER, ("a@b.c",), international=True), b"x", key=3),
        MailObject(Envelope(SENDER, ("a@b.c",)), unreadable, key=4),
        mail(5)._replace(size=24),
        offers=("SIZE 1000",),
    )
    assert isinstance(outcomes[1].problem, MessageTooLarge)
    assert outcomes[1].refused["a@b.c"].code == 552
    assert isinstance(outcomes[2].problem, InvalidAddress)
    assert outcomes[2].unsent == ("a b@c.d",)
    assert outcomes[3].refused["a@b.c"].enhanced == "5.6.7"
    assert isinstance(outcomes[4].problem, AttachmentUnreadable)
    assert outcomes[5].accepted
    assert client.usable


def test_552_to_mail_with_a_size_means_that_the_message_is_too_large() -> None:
    outcomes, _, _ = run(
        f"{group(1, behind=False).replace('>', '> SIZE=24', 1)}S: 552 5.3.4 too large\nS: 503 no\nS: 503 no\n",
        mail(1)._replace(size=24),
        offers=("SIZE",),
    )
    assert isinstance(outcomes[1].problem, MessageTooLarge)


def test_smtputf8_advertised_and_then_refused_is_done_without() -> None:
    to = "d@bücher.example"
    plain = "d@xn--bcher-kva.example"
    begun = f"{group(1, to, behind=False)}".replace(">\nC: RCPT", "> SMTPUTF8\nC: RCPT")
    outcomes, _, _ = run(
        f"{begun}S: 550 5.6.7 no\nS: 503 no\nS: 503 no\n{group(1, plain)}{BEHIND}"
        f"{content(1)}{group(2, plain)}S: 250 queued\n{BEHIND}{content(2)}S: 250 queued\n",
        mail(1, to, smtputf8=True),
        mail(2, to, smtputf8=True),
        offers=("SMTPUTF8",),
    )
    assert outcomes[1].accepted == (to,)
    assert outcomes[2].accepted == (to,)


# -- recipients and connections that are full --------------------------------------------------------


def test_452_too_many_recipients_the_rest_gets_a_further_transaction() -> None:
    to = ("a@example.org", "b@example.org", "c@example.org")
    outcomes, _, stream = run(
        f"{group(1, *to, behind=False)}S: 250 ok\nS: 250 ok\nS: 452 4.5.3 too many\nS: 452 4.5.3 too many\nS: 354 go\n"
        f"{content(1)}{group(1, *to[1:])}S: 250 queued\nS: 250 reset\nS: 250 ok\nS: 250 ok\nS: 550 no\nS: 354 go\n"
        f"{content(1)}{group(2)}S: 250 queued too\n{BEHIND}{content(2)}S: 250 ok",
        mail(1, *to),
        mail(2),
    )
    assert outcomes[1].accepted == to[:2]
    assert set(outcomes[1].refused) == {to[2]}
    assert outcomes[1].reply.text == "queued too"
    assert stream.round_trips == 4


def test_rcptmax_is_kept_without_asking() -> None:
    to = ("a@example.org", "b@example.org", "c@example.org")
    outcomes, _, _ = run(
        f"{group(1, *to[:2], behind=False)}S: 250 ok\nS: 550 no\nS: 550 no\nS: 503 no\n"
        f"{group(1, to[2])}{BEHIND}{content(1)}S: 250 queued\n",
        mail(1, *to),
        offers=("LIMITS RCPTMAX=2",),
    )
    assert outcomes[1].accepted == (to[2],)
    assert set(outcomes[1].refused) == set(to[:2])


def test_mailmax_ends_the_chain_and_leaves_the_rest_in_the_bag() -> None:
    client, stream = chained(
        f"{group(1, behind=False)}{BEGUN}{content(1)}{group(2)}S: 250 ok\n{BEHIND}{content(2)}S: 250 ok\n",
        "LIMITS MAILMAX=2",
    )
    bag = ListBag([mail(1), mail(2), mail(3)])
    client.send_all(bag)
    assert bag.taken == [1, 2]
    assert not client.usable
    assert not client.broken
    assert stream.done()


def test_mailmax_leaves_recipients_for_another_connection() -> None:
    to = ("a@example.org", "b@example.org")
    outcomes, _, _ = run(
        f"{group(1, to[0], behind=False)}{BEGUN}{content(1)}S: 250 ok\n",
        mail(1, *to),
        offers=("LIMITS MAILMAX=1 RCPTMAX=1",),
    )
    assert outcomes[1].accepted == to[:1]
    assert outcomes[1].unsent == to[1:]


# -- servers that cannot -----------------------------------------------------------------------------

ONE_BY_ONE = (
    f"C: MAIL FROM:<{SENDER}>\nS: 250 ok\nC: RCPT TO:<to1@example.org>\nS: 250 ok\nC: DATA\nS: 354 go\n{content(1)}"
    f"S: 554 no\nC: RSET\nS: 250 ok\nC: MAIL FROM:<{SENDER}>\nS: 250 ok\nC: RCPT TO:<to2@example.org>\nS: 550 no\n"
    f"C: RSET\nS: 250 ok\nC: MAIL FROM:<{SENDER}>\nS: 250 ok\nC: RCPT TO:<to3@example.org>\nS: 250 ok\nC: DATA\n"
    f"S: 354 go\n{content(3)}S: 250 queued\nC: MAIL FROM:<{SENDER}>\nS: 550 no\n"
)


@pytest.mark.parametrize(("offer", "options"), [("PIPELINING", {"pipelining": False}), ("X-NOTHING", {})])
def test_without_pipelining_one_command_at_a_time(offer: str, options: dict[str, bool]) -> None:
    stream = ScriptedStream(hello(offer) + ONE_BY_ONE)
    client = ChainedClient(stream, **options)
    client.greet()
    client.hello()
    bag = ListBag([mail(1), mail(2), mail(3), mail(4)])
    client.send_all(bag)
    assert stream.done()
    assert [bool(bag.outcomes[key].accepted) for key in (1, 2, 3, 4)] == [False, False, True, False]


# -- BDAT --------------------------------------------------------------------------------------------


def chunk(key: object) -> str:
    octets = text(key).decode().replace("\r", "\\r").replace("\n", "\\n")
    return f"C: BDAT {len(text(key))} LAST\nC> {octets}\n"


def envelope(key: object, *, behind: bool = True) -> str:
    return group(key, behind=behind).replace("C: DATA\n", "")


CHUNKED = (
    f"{envelope(1, behind=False)}S: 250 ok\nS: 250 ok\n{chunk(1)}{envelope(2)}"
    f"S: 250 queued 1\nS: 250 ok\nS: 250 ok\nS: 250 ok\n{chunk(2)}{envelope(3)}"
    f"S: 250 queued 2\nS: 250 ok\nS: 250 ok\nS: 250 ok\n{chunk(3)}S: 250 queued 3\n"
)


@pytest.mark.parametrize("reading", ["whole", "bytes"])
def test_bdat_last_with_the_next_envelope(reading: Literal["whole", "bytes"]) -> None:
    outcomes, _, stream = run(CHUNKED, mail(1), mail(2), mail(3), offers=("CHUNKING",), reading=reading)
    assert all(outcomes[key].accepted for key in (1, 2, 3))
    assert stream.round_trips == 4


def test_bdat_refused_between_others() -> None:
    outcomes, _, _ = run(CHUNKED.replace("250 queued 2", "554 no"), mail(1), mail(2), mail(3), offers=("CHUNKING",))
    assert outcomes[2].refused["to2@example.org"].code == 554
    assert outcomes[3].accepted


def test_bdat_can_be_switched_off() -> None:
    run(THREE, mail(1), mail(2), mail(3), offers=("CHUNKING",), chunking=False)


BIG = [b"x" * (1 << 20)] * 20


def test_many_chunks_are_bounded_and_one_that_is_refused_ends_the_message() -> None:
    size = 1 << 20
    first = "".join(f"C: BDAT {size}\nC* {size}\n" for _ in range(9))
    outcomes, client, _ = run(
        f"{envelope(1, behind=False)}S: 250 ok\nS: 250 ok\n{first}S: 552 too large\n"
        + "S: 503 no\n" * 8
        + f"{envelope(2)}S: 250 ok\nS: 250 ok\nS: 250 ok\n{chunk(2)}S: 250 queued",
        MailObject(Envelope(SENDER, ("to1@example.org",)), lambda: BIG, key=1),
        mail(2),
        offers=("CHUNKING",),
    )
    assert outcomes[1].refused["to1@example.org"].code == 552
    assert outcomes[2].accepted
    assert client.usable


def test_a_server_that_does_not_know_its_own_bdat_gets_nothing_more() -> None:
    """It takes the content for commands: whoever wrote it would say the next thing to the server."""
    client, stream = chained(
        f"{envelope(1, behind=False)}S: 250 ok\nS: 250 ok\n{chunk(1)}{envelope(2)}S: 500 what?\nS: 500 what?\n",
        "CHUNKING",
    )
    bag = ListBag([mail(1), mail(2)])
    client.send_all(bag)
    assert bag.outcomes[1].unsent
    assert bag.outcomes[2].unsent
    assert client.chunking_refused
    assert stream.closed


# -- many recipients, large contents -----------------------------------------------------------------


def test_large_content_flows_in_large_writes() -> None:
    line = b"x" * 76 + b"\r\n"
    big = MailObject(Envelope(SENDER, ("to1@example.org",)), lambda: (line for _ in range(10_000)), key=1)
    outcomes, _, stream = run(
        f"{FIRST}C* {len(line) * 10_000}\nC: .\n{group(2)}S: 250 ok\n{BEHIND}{content(2)}S: 250 ok",
        big,
        mail(2),
    )
    assert outcomes[1].accepted
    assert len(stream.writes) < 20
