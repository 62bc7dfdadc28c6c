"""What the sandbox's IMAP tells of messages: addresses, parameters, parts; held against Python's own mail package."""

from __future__ import annotations

import email
import email.message
import email.policy
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wlemail.imap.framing import Frame
from wlemail.imap.scanner import Scanner, Value
from wlemail.sandbox import Sandbox
from wlemail.sandbox.imap.fields import Address, read_addresses, read_fields, read_parameters
from wlemail.sandbox.imap.structure import MAX_DEPTH, MAX_PARTS, Part

from .test_imap_server import USER, open_clear

ADDRESSES: list[tuple[bytes, list[tuple[bytes | None, ...]]]] = [
    (b"a@b.example", [(None, None, b"a", b"b.example")]),
    (b"Marie Curie <m@x>, <n@y>", [(b"Marie Curie", None, b"m", b"x"), (None, None, b"n", b"y")]),
    (b'"Curie, M. \\"x\\"" <m@x>', [(b'Curie, M. "x"', None, b"m", b"x")]),
    (b"=?utf-8?q?=C3=A9?= <m@x>", [(b"=?utf-8?q?=C3=A9?=", None, b"m", b"x")]),
    (b"m@x (Marie (Curie))", [(b"Marie (Curie)", None, b"m", b"x")]),
    (b"<@relay1,@relay2:m@x>", [(None, b"@relay1,@relay2", b"m", b"x")]),
    (b'"odd local"@x', [(None, None, b"odd local", b"x")]),
    (b"m@[192.0.2.1]", [(None, None, b"m", b"[192.0.2.1]")]),
    (b"team: a@x, b@y;, c@z", [
        (None, None, b"team", None), (None, None, b"a", b"x"), (None, None, b"b", b"y"), (None, None, None, None),
        (None, None, b"c", b"z"),
    ]),
    (b"undisclosed-recipients:;", [(None, None, b"undisclosed-recipients", None), (None, None, None, None)]),
    (b"open: a@x", [(None, None, b"open", None), (None, None, b"a", b"x"), (None, None, None, None)]),
    (b"root", [(None, None, b"root", b"")]),
    (b"Nobody <>", [(b"Nobody", None, b"", b"")]),
    (b"Open <a@x", [(b"Open", None, b"a", b"x")]),
    (b"", []),
    (b", ,", []),
    (b'"never closed <a@x>', [(None, None, b"never closed <a", b"x>")]),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), ADDRESSES)
def test_addresses(value: bytes, expected: list[tuple[bytes | None, ...]]) -> None:
    assert [tuple(address) for address in read_addresses(value)] == expected


@given(st.binary(max_size=200) | st.text('<>,:;@"()\\ ab.[]', max_size=80).map(str.encode))
def test_any_value_is_some_addresses(value: bytes) -> None:
    assert all(isinstance(address, Address) for address in read_addresses(value))
    read_parameters(value)
    read_fields(value)


def test_parameters() -> None:
    assert read_parameters(b'text/plain; charset=utf-8; name="a \\"b\\".txt"; filename*0*=x (comment)') == (
        b"text/plain",
        [(b"charset", b"utf-8"), (b"name", b'a "b".txt'), (b"filename*0*", b"x")],
    )
    assert read_parameters(b"attachment (old) ; filename = x.pdf;") == (b"attachment", [(b"filename", b"x.pdf")])


def test_fields() -> None:
    header = b"A: one\r\nB :two\r\n folded\r\nnot a field\r\nC:\r\n\tthree\r\n\r\n"
    assert [(field.name, field.value) for field in read_fields(header)] == [
        (b"a", b"one"),
        (b"b", b"two folded"),
        (b"c", b"three"),
    ]
    assert read_fields(header)[1].raw == b"B :two\r\n folded\r\n"


# -- parts --------------------------------------------------------------------------------------------------


def read(octets: bytes) -> Value:
    """What a structure says, read by the client's scanner."""
    pieces = octets.split(b"}\r\n")
    assert len(pieces) == 1, "no literals in these"
    return Scanner(Frame(octets)).value()


leaves = st.tuples(
    st.sampled_from(["text/plain", "text/html", "application/pdf"]), st.text("ab é\n-", max_size=60)
).map(lambda made: leaf(*made))


def leaf(content_type: str, text: str) -> email.message.EmailMessage:
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    kind, _, subtype = content_type.partition("/")
    if kind == "text":
        message.set_content(text, subtype=subtype)
    else:
        message.set_content(text.encode(), kind, subtype, filename="é.bin")
    return message


def joined(parts: list[email.message.EmailMessage]) -> email.message.EmailMessage:
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["Content-Type"] = "multipart/mixed"
    message["Subject"] = "parts"
    for part in parts:
        message.attach(part)
    return message


def forwarded(inner: email.message.EmailMessage) -> email.message.EmailMessage:
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message.set_content(inner)
    return message


messages = st.recursive(leaves, lambda inner: st.lists(inner, min_size=1, max_size=3).map(joined), max_leaves=6)


@settings(max_examples=80)
@given(messages)
def test_structure_and_parts_agree_with_pythons_reader(message: email.message.EmailMessage) -> None:
    data = message.as_bytes()
    found = email.message_from_bytes(data)
    compare(Part(data, 0, len(data)), found, ())
    assert isinstance(read(Part(data, 0, len(data)).structure(extended=True)), tuple)


def compare(whole: Part, expected: email.message.Message, numbers: tuple[int, ...]) -> None:
    if expected.is_multipart():
        for number, inner in enumerate(expected.get_payload(), 1):
            assert isinstance(inner, email.message.Message)
            compare(whole, inner, (*numbers, number))
        assert whole.find((*numbers, len(expected.get_payload()) + 1)) is None
        return
    part = whole.find(numbers or (1,))
    assert part is not None
    body = part.data[part.body : part.end]
    payload = expected.get_payload()
    assert isinstance(payload, str)
    assert body.decode("utf-8", "surrogateescape").replace("\r\n", "\n").rstrip("\n") == payload.replace(
        "\r\n", "\n"
    ).rstrip("\n")
    structure = read(part.structure(extended=False))
    assert isinstance(structure, tuple)
    assert structure[6] == b"%d" % len(body)
    assert (structure[0] or b"").lower() + b"/" + (structure[1] or b"").lower() == expected.get_content_type().encode()  # type: ignore[union-attr]


def test_a_message_in_a_message() -> None:
    inner = joined([leaf("text/plain", "deep"), leaf("text/html", "<p>")])
    inner["From"] = "Inner <i@x>"
    data = joined([leaf("text/plain", "outer"), forwarded(inner)]).as_bytes()
    whole = Part(data, 0, len(data))
    part = whole.find((2,))
    assert part is not None
    assert part.message is not None
    assert part.message.field(b"from") == b"Inner <i@x>"
    deep = whole.find((2, 1))
    assert deep is not None
    assert data[deep.body : deep.end].startswith(b"deep")
    assert whole.find((2, 3)) is None
    assert b'"Inner" NIL "i" "x"' in whole.structure(extended=True)


@settings(max_examples=150)
@given(
    st.lists(
        st.sampled_from(
            [b"Content-Type: multipart/mixed; boundary=b", b"Content-Type: message/rfc822", b"--b", b"--b--"]
        )
        | st.binary(max_size=20)
        | st.just(b""),
        max_size=30,
    )
)
def test_any_message_has_a_structure(lines: list[bytes]) -> None:
    data = b"\r\n".join(lines)
    part = Part(data, 0, len(data))
    assert part.structure(extended=True).startswith(b"(")
    assert part.structure(extended=False).startswith(b"(")
    assert part.envelope.startswith(b"(")


def test_nesting_and_parts_have_limits() -> None:
    nested = b"Content-Type: message/rfc822\r\n\r\n" * 2000
    assert Part(nested, 0, len(nested)).structure(extended=True).count(b'"RFC822"') == MAX_DEPTH + 1
    many = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * (MAX_PARTS + 100) + b"--b--"
    assert MAX_PARTS <= len(Part(many, 0, len(many)).parts) <= MAX_PARTS + 1
    wide = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" * 60
    assert Part(wide, 0, len(wide)).structure(extended=True).startswith(b"(")


# -- many clients at once ----------------------------------------------------------------------------------


def test_many_clients_in_one_folder(box: Sandbox) -> None:
    answers: list[str] = []
    problems: list[BaseException] = []

    def work(number: int) -> None:
        try:
            client = open_clear(box)
            for turn in range(15):
                answers.append(client.append("INBOX", "", "", b"Subject: %d.%d\r\n\r\nx\r\n" % (number, turn))[0])
                client.noop()
                for command in ((b"FETCH", "1:*", "(UID FLAGS BODY[])"), (b"STORE", "1", "+FLAGS", "(\\Deleted)")):
                    name = command[0].decode()
                    answers.append(client.uid(name, *command[1:])[0])
                if turn % 5 == number % 5:
                    answers.append(client.expunge()[0])
            client.logout()
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
    # NO where another has expunged a message in the meantime (RFC 5530 3, EXPUNGEISSUED).
    assert set(answers) <= {"OK", "NO"}
    uids = [message.number for message in box.messages_of(USER)]
    assert len(uids) == len(set(uids)) >= 6 * 15 - 1
