"""Messages as they come: several commands in flight, other commands in between, and what is not taken."""

from __future__ import annotations

import pytest

from tests.imap.dialogue import selected
from wlemail.errors import CommandRefused
from wlemail.imap.client import ADD, HEADER, WHOLE

ONE = '* 1 FETCH (UID 1 BODY[] "one")'
TWO = '* 2 FETCH (UID 2 BODY[] "two")'
THREE = '* 3 FETCH (UID 3 BODY[] "three")'


def bodies(messages: object) -> list[bytes | None]:
    return [each.sections[""] for each in messages]  # type: ignore[attr-defined]


def test_several_commands_in_flight() -> None:
    client, stream = selected(
        f"C: W2 UID FETCH 1:2 (UID BODY.PEEK[])\nC: W3 UID FETCH 3 (UID BODY.PEEK[])\nS: {ONE}\nS: {TWO}\nS: W2 OK\n"
        f"S: {THREE}\nS: W3 OK"
    )
    before = stream.round_trips
    assert bodies(client.fetch([3, 1, 2], [WHOLE], per_command=2)) == [b"one", b"two", b"three"]
    assert stream.round_trips == before + 1


def test_answers_in_another_order() -> None:
    client, _ = selected(
        "C: W2 UID FETCH 1 (UID BODY.PEEK[])\nC: W3 UID FETCH 2 (UID BODY.PEEK[])\n"
        f"S: {TWO}\nS: W3 OK\nS: {ONE}\nS: W2 OK"
    )
    assert bodies(client.fetch([1, 2], [WHOLE], per_command=1)) == [b"one", b"two"]


def test_no_more_commands_in_flight_than_allowed() -> None:
    client, _ = selected(
        f"C: W2 UID FETCH 1 (UID BODY.PEEK[])\nC: W3 UID FETCH 2 (UID BODY.PEEK[])\nS: {ONE}\nS: W2 OK\n"
        f"C: W4 UID FETCH 3 (UID BODY.PEEK[])\nS: {TWO}\nS: W3 OK\nS: {THREE}\nS: W4 OK"
    )
    assert bodies(client.fetch([1, 2, 3], [WHOLE], per_command=1, in_flight=2)) == [b"one", b"two", b"three"]


def test_nothing_is_asked_for_before_it_is_wanted() -> None:
    client, stream = selected("")
    written = stream.written
    client.fetch([1], [WHOLE])
    assert list(client.fetch([], [WHOLE])) == []
    assert stream.written == written


def test_one_message_in_several_responses() -> None:
    client, _ = selected(
        'C: W2 UID FETCH 1 (UID FLAGS BODY.PEEK[])\nS: * 1 FETCH (UID 1 BODY[] "one")\n'
        "S: * 1 FETCH (UID 1 FLAGS (\\Seen))\n"
        "S: W2 OK"
    )
    (message,) = client.fetch([1], ["FLAGS", WHOLE])
    assert (message.flags, message.sections) == (("\\Seen",), {"": b"one"})


def test_another_command_in_between_keeps_what_is_under_way() -> None:
    client, _ = selected(f"C: W2 UID FETCH 1:2 (UID BODY.PEEK[])\nS: {ONE}\nS: {TWO}\nS: W2 OK\nC: W3 NOOP\nS: W3 OK")
    messages = client.fetch([1, 2], [WHOLE])
    assert bodies([next(messages)]) == [b"one"]
    client.noop()
    assert bodies(messages) == [b"two"]


def test_marks_and_fetches_share_a_flight() -> None:
    client, stream = selected(
        f"C: W2 UID STORE 1 +FLAGS.SILENT (\\Seen)\nC: W3 UID FETCH 2 (UID BODY.PEEK[])\nS: W2 OK\nS: {TWO}\nS: W3 OK"
    )
    before = stream.round_trips
    marks = client.begin_store([1], ADD, ["\\Seen"])
    flight = client.begin_fetch([2], [WHOLE])
    message = flight.next()
    assert message is not None
    client.finish_store(marks)
    assert flight.next() is None
    assert flight.ended
    assert stream.round_trips == before + 1


def test_what_nobody_takes_is_not_kept() -> None:
    client, _ = selected(
        f"C: W2 UID FETCH 1:3 (UID BODY.PEEK[])\nS: {ONE}\nS: {TWO}\nS: {THREE}\nS: W2 OK\nC: W3 NOOP\nS: W3 OK"
    )
    messages = client.fetch([1, 2, 3], [WHOLE])
    next(messages)
    messages.close()  # type: ignore[attr-defined]
    client.noop()


def test_what_there_is_no_room_for_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wlemail.imap.client.fetch.HELD", 10)
    client, _ = selected(
        f"C: W2 UID FETCH 1:3 (UID BODY.PEEK[])\nS: {ONE}\nS: {TWO}\nS: {THREE}\nS: W2 OK\nC: W3 NOOP\nS: W3 OK\n"
        f"C: W4 UID FETCH 3 (UID BODY.PEEK[])\nS: {THREE}\nS: W4 OK"
    )
    messages = client.fetch([1, 2, 3], [WHOLE])
    assert bodies([next(messages)]) == [b"one"]
    client.noop()
    assert bodies(messages) == [b"two", b"three"]


def test_some_could_not_be_given() -> None:
    client, _ = selected(f"C: W2 UID FETCH 1:2 (UID BODY.PEEK[])\nS: {ONE}\nS: W2 NO cannot convert")
    messages = client.fetch([1, 2], [WHOLE])
    assert bodies([next(messages)]) == [b"one"]
    with pytest.raises(CommandRefused):
        next(messages)
    assert not client.broken


def test_partial_and_old_sections() -> None:
    client, _ = selected(
        "C: W2 UID FETCH 1 (UID BODY.PEEK[TEXT]<0.3> RFC822.HEADER BODY.PEEK[HEADER.FIELDS (Date)])\n"
        'S: * 1 FETCH (UID 1 BODY[TEXT]<0> "abc" RFC822.HEADER "h" BODY[HEADER.FIELDS ("DATE")] "d")\nS: W2 OK'
    )
    (message,) = client.fetch([1], ["BODY.PEEK[TEXT]<0.3>", "RFC822.HEADER", "BODY.PEEK[HEADER.FIELDS (Date)]"])
    assert message.sections == {"TEXT<0>": b"abc", "HEADER": b"h", "HEADER.FIELDS (DATE)": b"d"}


def test_progress_of_a_long_message() -> None:
    client, _ = selected(
        "C: W2 UID FETCH 1 (UID BODY.PEEK[])\nS> * 1 FETCH (UID 1 BODY[] {5}\\r\\nhello)\\r\\n\nS: W2 OK",
        reading="bytes",
    )
    seen: list[int] = []
    flight = client.begin_fetch([1], [WHOLE])
    assert flight.next(seen.append) is not None
    assert sorted(set(seen)) == [1, 2, 3, 4, 5]


def test_ten_thousand_headers_in_flat_memory_and_few_round_trips() -> None:
    steps = []
    for group in range(50):
        first = 1 + group * 200
        steps.append(("C", f"W{2 + group} UID FETCH {first}:{first + 199} (UID BODY.PEEK[HEADER])\r\n".encode()))
    answers = [
        ("S", b"".join(b'* %d FETCH (UID %d BODY[HEADER] "x")\r\n' % (n, n) for n in range(1 + g * 200, 201 + g * 200))
         + b"W%d OK\r\n" % (2 + g))
        for g in range(50)
    ]  # fmt: skip
    script = [steps[0], steps[1]]
    for group in range(50):
        script.append(answers[group])
        if group + 2 < 50:
            script.append(steps[group + 2])
    from tests.imap.dialogue import OFFERS
    from tests.support.scripted import ScriptedStream, parse_dialogue
    from wlemail.imap.client import Client

    opening = parse_dialogue(f'S: * PREAUTH [CAPABILITY {OFFERS}] hi\nC: W1 SELECT "INBOX"\nS: W1 OK')
    stream = ScriptedStream([*opening, *script])
    client = Client(stream)
    client.greet()
    client.select("INBOX")
    assert sum(1 for _ in client.fetch(range(1, 10001), [HEADER])) == 10000
    assert stream.done()
