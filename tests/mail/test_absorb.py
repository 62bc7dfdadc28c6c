"""A received mail as mail programs show it; and what compose made comes back."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.message.reading import draft
from wlemail.mail.absorb import ReceivedMail, absorb
from wlemail.mail.compose import compose
from wlemail.mail.draft import DraftAttachment, Priority, Sensitivity
from wlemail.mail.html_export import html_as_text


def built(**members: object) -> ReceivedMail:
    """A draft that was composed and received."""
    return absorb(b"".join(compose(draft(**members)).chunks()))


def received(*fields: str) -> ReceivedMail:
    return absorb("\r\n".join([*fields, "", "text", ""]).encode())


def crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


# -- build → parse ----------------------------------------------------------------------------------

contents = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=200)
lines = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=80).filter(
    lambda text: text.isprintable()
)
names = lines.map(lambda text: " ".join(text.split()))


def but_for_one_line_end(text: str) -> tuple[str, str]:
    """The last line of a message needs an end, so that a reader cannot know whether its author wrote one."""
    return crlf(text), crlf(text).removesuffix("\r\n")


@given(contents, contents)
@example("\r\r", "")
@example("", "a\n\n")
def test_texts_come_back(text: str, html: str) -> None:
    mail = built(text=text, html=html)
    assert mail.text in but_for_one_line_end(text)
    assert mail.html in but_for_one_line_end(html)
    assert mail.attachments == []
    assert mail.defects == []


@given(lines)
def test_the_subject_comes_back(subject: str) -> None:
    assert built(subject=subject).subject == subject


@given(st.lists(names, min_size=1, max_size=4))
def test_people_come_back(displays: list[str]) -> None:
    safe = ["".join(sign for sign in display if sign not in '<>"@,;:()[]\\') for display in displays]
    safe = [" ".join(display.split()) for display in safe]
    entries = [f'"{display}" <a{number}@example.com>' for number, display in enumerate(safe)]
    mail = built(sender=entries[0], to=entries, cc=entries[1:])
    assert [one.display for one in mail.addresses("To")] == safe
    assert [one.address for one in mail.addresses("To")] == [f"a{number}@example.com" for number in range(len(safe))]
    assert mail.addresses("From")[0].display == safe[0]
    assert len(mail.cc) == len(safe) - 1


@given(st.lists(st.tuples(st.binary(max_size=300), names), min_size=1, max_size=3))
def test_attachments_come_back(files: list[tuple[bytes, str]]) -> None:
    attachments = [
        DraftAttachment(
            name=f"file{number}.bin", content=content, content_type="application/x-thing", description=description
        )
        for number, (content, description) in enumerate(files)
    ]
    found = built(attachments=attachments).attachments
    assert [one.content for one in found] == [content for content, _ in files]
    assert [one.name for one in found] == [f"file{number}.bin" for number in range(len(files))]
    assert [one.description for one in found] == [description for _, description in files]
    assert {one.content_type for one in found} == {"application/x-thing"}


@given(lines.filter(lambda name: name.strip() and not set(name) & set("/\\")))
def test_names_of_attachments_come_back(name: str) -> None:
    found = built(attachments=[DraftAttachment(name=name, content=b"x")]).attachments
    assert found[0].sent_name == name.strip()


def test_everything_else_comes_back() -> None:
    mail = built(
        sender="Élodie Durand <elodie@example.com>",
        reply_to="answers@example.org",
        text="t",
        html='<img src="cid:logo">',
        attachments=[
            DraftAttachment(name="l.png", content=b"PNG", identifier="logo"),
            DraftAttachment(name="a", content=b""),
        ],
        headers=[("X-Own", "mine é"), ("List-Id", "<l.example.com>")],
        priority=Priority.HIGH,
        sensitivity=Sensitivity.PRIVATE,
        keywords=["un, deux", "trois"],
        read_receipt=True,
        message_id="<1@example.com>",
        references="<0@example.com> <00@example.com>",
    )  # fmt: skip
    assert mail.sender == "Élodie Durand <elodie@example.com>"
    assert mail.sender_address == "answers@example.org"
    assert (mail.priority, mail.sensitivity) == (Priority.HIGH, Sensitivity.PRIVATE)
    assert mail.keywords == ["un, deux", "trois"]
    assert (mail.read_receipt, mail.delivery_receipt) == (True, False)
    assert mail.message_id == "<1@example.com>"
    assert (mail.references, mail.in_reply_to) == ("<0@example.com> <00@example.com>", "<00@example.com>")
    assert mail.header("x-own") == "mine é"
    assert ("List-Id", "<l.example.com>") in mail.headers
    assert [(one.name, one.identifier, one.content) for one in mail.attachments] == [
        ("l.png", "logo", b"PNG"),
        ("a", "", b""),
    ]
    assert mail.date is not None
    assert abs(mail.date - datetime.now(timezone.utc)) < timedelta(minutes=5)
    assert mail.defects == []


# -- header -----------------------------------------------------------------------------------------


def test_people() -> None:
    mail = received(
        "Return-Path: <back@x.test>",
        "From: =?utf-8?q?L=C3=A9a?= <lea@x.test>",
        "Reply-To: one@x.test, Two <two@x.test>",
        'To: "Lee, Ann" <ann@y.test>, bob@y.test',
        "To: third@y.test",
        "Cc: Team: a@z.test, b@z.test;",
        "Bcc: secret@z.test",
    )
    assert mail.sender == "Léa <lea@x.test>"
    assert mail.sender_address == "one@x.test, Two <two@x.test>"
    assert mail.return_path == "back@x.test"
    assert mail.to == ['"Lee, Ann" <ann@y.test>', "bob@y.test", "third@y.test"]
    assert mail.cc == ["a@z.test", "b@z.test"]
    assert mail.bcc == ["secret@z.test"]


def test_nobody() -> None:
    mail = received("To: undisclosed-recipients:;", "Return-Path: <>")
    assert (mail.sender, mail.sender_address, mail.return_path, mail.to, mail.cc) == ("", "", "", [], [])


def test_sender_without_from() -> None:
    assert received("Sender: bot@x.test").sender == "bot@x.test"


def test_dates() -> None:
    mail = received(
        "Received: from a by b; Sat, 21 Nov 2026 10:00:05 +0100",
        "Received: from c by a; Sat, 21 Nov 2026 09:00:01 +0000",
        "Date: Sat, 21 Nov 2026 09:00:00 +0000",
    )
    assert mail.date == datetime(2026, 11, 21, 9, tzinfo=timezone.utc)
    assert mail.date_text == "Sat, 21 Nov 2026 09:00:00 +0000"
    assert mail.reception_date == datetime(2026, 11, 21, 9, 0, 5, tzinfo=timezone.utc)
    assert received("Received: x; Sat, 21 Nov 2026 09:00:01 +0000").date is not None
    assert received("Date: yesterday").date is None
    assert received("Date: yesterday").date_text == "yesterday"


@pytest.mark.parametrize(
    ("field", "priority"),
    [
        ("X-Priority: 1 (Highest)", Priority.HIGH),
        ("X-Priority: 3", Priority.NORMAL),
        ("X-Priority: 5", Priority.LOW),
        ("Importance: High", Priority.HIGH),
        ("X-MSMail-Priority: Low", Priority.LOW),
        ("Priority: urgent", Priority.HIGH),
        ("Priority: non-urgent", Priority.LOW),
        ("Priority: whatever", Priority.NORMAL),
        ("Subject: x", Priority.NORMAL),
    ],
)
def test_priority(field: str, priority: Priority) -> None:
    assert received(field).priority is priority


@pytest.mark.parametrize(
    ("word", "sensitivity"),
    [
        ("Personal", Sensitivity.PERSONAL),
        ("private", Sensitivity.PRIVATE),
        ("Company-Confidential", Sensitivity.COMPANY_CONFIDENTIAL),
        ("company confidential", Sensitivity.COMPANY_CONFIDENTIAL),
        ("odd", Sensitivity.NORMAL),
    ],
)
def test_sensitivity(word: str, sensitivity: Sensitivity) -> None:
    assert received(f"Sensitivity: {word}").sensitivity is sensitivity


def test_receipts() -> None:
    assert received("Disposition-Notification-To: a@x.test").read_receipt
    assert received("Return-Receipt-To: a@x.test").delivery_receipt
    assert not received("Disposition-Notification-To: ").read_receipt


def test_identifiers() -> None:
    mail = received("Message-ID:\r\n <1@x> (comment)", "References: <2@x>\r\n\t<3@x>")
    assert (mail.message_id, mail.references, mail.in_reply_to) == ("<1@x>", "<2@x> <3@x>", "")
    assert received("Message-ID: odd").message_id == "odd"


def test_headers() -> None:
    mail = received("Subject: =?utf-8?q?=C3=A9?=", "X-Two: a", "x-two: b")
    assert mail.headers == [("Subject", "é"), ("X-Two", "a"), ("x-two", "b")]
    assert mail.header("X-TWO") == "a"
    assert mail.header("Nothing") == ""


# -- content ----------------------------------------------------------------------------------------


def test_the_text_as_it_was_sent() -> None:
    source = b"Content-Transfer-Encoding: quoted-printable\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n=C3=A9\r\n"
    assert (absorb(source).raw_text, absorb(source).text) == ("=C3=A9\r\n", "é")


@pytest.mark.parametrize("type_", ["text/plain; charset=koi8-r", "multipart/mixed; boundary=b"])
def test_a_header_beyond_ascii_is_in_the_charset_of_the_text(type_: str) -> None:
    source = f"From: Юлия <y@x.test>\r\nSubject: Ёж\r\nContent-Type: {type_}\r\n\r\n"
    source += "--b\r\nContent-Type: text/html; charset=koi8-r\r\n\r\nt\r\n--b--"
    mail = absorb(source.encode("koi8-r"))
    assert (mail.subject, mail.sender) == ("Ёж", "Юлия <y@x.test>")
    assert mail.headers[1] == ("Subject", "Ёж")


def test_the_words_of_html() -> None:
    page = absorb(b"Content-Type: text/html\r\n\r\n<p>Hello<p>Ann")
    assert (page.text, html_as_text(page.html)) == ("", "Hello\r\n\r\nAnn\r\n")


def test_defects_are_told() -> None:
    source = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=odd\r\n\r\nx"
    assert [(defect.part, defect.text) for defect in absorb(source).defects] == [
        ("", "no closing boundary line"),
        ("1", "unknown charset 'odd'"),
    ]


def test_nothing_is_decoded_before_it_is_asked_for() -> None:
    source = b"Content-Type: application/x\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"A" * 77_777
    mail = absorb(source)
    assert [one.name for one in mail.attachments] == ["attachment"]
    assert mail.defects == []
    assert len(mail.attachments[0].content) == 58_332
    assert [defect.text for defect in mail.defects] == ["base64 that is cut off"]


def test_a_large_attachment_costs_little_more_than_its_size() -> None:
    import base64
    import tracemalloc

    size = 6_000_000
    body = base64.encodebytes(bytes(size)).replace(b"\n", b"\r\n")
    source = b"Content-Type: application/x\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body
    absorb(b"").attachments  # noqa: B018 - what is loaded once
    tracemalloc.start()
    try:
        content = absorb(source).attachments[0].content
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(content) == size
    assert peak < 1.4 * size


@given(st.binary(max_size=400))
def test_anything_is_absorbed(source: bytes) -> None:
    mail = absorb(source)
    assert isinstance(mail.text + mail.html + html_as_text(mail.html) + mail.raw_text + mail.sender + mail.subject, str)
    for one in mail.attachments:
        assert one.name
        assert isinstance(one.content, bytes)
    _ = (
        mail.headers,
        mail.date,
        mail.reception_date,
        mail.keywords,
        mail.delivery_report,
        mail.read_report,
        mail.invitations,
    )
    assert repr(mail).isprintable()
