from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.message.reading import composed_message, draft, field_names, read, source
from tests.support.second_parser import parse_email
from wlemail.errors import ControlCharacter, InvalidAddress, InvalidValue, NoRecipient, NoSender
from wlemail.mail.compose import compose
from wlemail.mail.draft import DraftAttachment, Priority, Sensitivity

contents = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=300)
lines = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=120)


def crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


def structure(**members: object) -> object:
    def shape(part: object) -> object:
        kind = part.get_content_type()  # type: ignore[attr-defined]
        return [kind, *map(shape, part.iter_parts())] if kind.startswith("multipart/") else kind  # type: ignore[attr-defined]

    return shape(composed_message(**members))


# -- the whole message ------------------------------------------------------------------------------


def test_a_plain_message() -> None:
    composed = compose(draft(subject="Hello", text="One\nTwo\n"))
    head, _, body = source(composed).decode().partition("\r\n\r\n")
    fields = dict(line.split(": ", 1) for line in head.split("\r\n"))
    date = fields.pop("Date")
    assert parsedate_to_datetime(date)
    assert fields == {
        "From": "Ann <ann@example.com>",
        "To": "bob@example.net",
        "Subject": "Hello",
        "Message-ID": composed.message_id,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=us-ascii",
        "Content-Transfer-Encoding": "7bit",
    }
    assert body == "One\r\nTwo\r\n"
    assert composed.envelope.sender == "ann@example.com"
    assert composed.envelope.recipients == ("bob@example.net",)
    assert composed.envelope.body == "7BIT"
    assert not composed.envelope.smtputf8


def test_the_message_id_is_in_the_domain_of_the_sender_and_new_each_time() -> None:
    ids = {compose(draft()).message_id for _ in range(20)}
    assert len(ids) == 20
    assert all(one.endswith("@example.com>") for one in ids)


def test_a_message_can_be_sent_again_and_is_the_same() -> None:
    composed = compose(draft(html="<p>x</p>", attachments=[DraftAttachment("a.bin", content=b"\0" * 300000)]))
    assert b"".join(composed.chunks()) == b"".join(composed.chunks())


def test_an_empty_message_is_an_empty_text() -> None:
    message = composed_message(text="")
    assert message.get_content_type() == "text/plain"
    assert message.get_content().strip() == ""


@given(lines, contents, contents, lines)
def test_python_reads_back_what_was_written(subject: str, text: str, html: str, name: str) -> None:
    data = source(
        compose(
            draft(subject=subject, text=text, html=html, attachments=[DraftAttachment(f"{name}.bin", content=b"x")])
        )
    )
    message = read(data)
    assert not {"\r", "\n"} & set(str(message["Subject"] or ""))
    if text:
        body = message.get_body(("plain",))
        assert body is not None
        assert crlf(body.get_content()).removesuffix("\r\n") == crlf(text).removesuffix("\r\n")
    if html:
        body = message.get_body(("html",))
        assert body is not None
        assert crlf(body.get_content()).removesuffix("\r\n") == crlf(html).removesuffix("\r\n")
    assert [part.get_content() for part in message.walk() if part.get_filename()] == [b"x"]


@given(lines, contents, contents, lines)
def test_another_parser_reads_back_what_was_written(subject: str, text: str, html: str, name: str) -> None:
    attached = DraftAttachment(f"{name}.bin", content=b"x" * 100)
    found = parse_email(source(compose(draft(subject=subject, text=text, html=html, attachments=[attached]))))
    assert " ".join(found.subject.split()) == " ".join(subject.split())
    # Text that is only line ends counts as none in that parser.
    assert "".join(found.text_plain).strip() == crlf(text).strip()
    assert "".join(found.text_html).strip() == crlf(html).strip()
    assert [bytes(one.content) for one in found.attachments] == [b"x" * 100]


# -- structure --------------------------------------------------------------------------------------

PDF = DraftAttachment("a.pdf", content=b"%PDF")
PNG = DraftAttachment("a.png", content=b"\x89PNG", identifier="wdcid1")
SHOWN = '<img src="cid:wdcid1">'
ALTERNATIVE = ["multipart/alternative", "text/plain", "text/html"]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, "text/plain"),
        ({"text": "", "html": "<p>"}, "text/html"),
        ({"html": "<p>"}, ALTERNATIVE),
        ({"attachments": [PDF]}, ["multipart/mixed", "text/plain", "application/pdf"]),
        ({"html": "<p>", "attachments": [PDF]}, ["multipart/mixed", ALTERNATIVE, "application/pdf"]),
        ({"text": "", "html": SHOWN, "attachments": [PNG]}, ["multipart/related", "text/html", "image/png"]),
        ({"html": SHOWN, "attachments": [PNG]}, ["multipart/related", ALTERNATIVE, "image/png"]),
        (
            {"html": SHOWN, "attachments": [PNG, PDF]},
            ["multipart/mixed", ["multipart/related", ALTERNATIVE, "image/png"], "application/pdf"],
        ),
        ({"html": "<p>", "attachments": [PNG]}, ["multipart/mixed", ALTERNATIVE, "image/png"]),
        ({"text": "", "attachments": [PDF]}, "application/pdf"),
        ({"text": "", "attachments": [PDF, PNG]}, ["multipart/mixed", "application/pdf", "image/png"]),
    ],
)
def test_nesting_goes_only_as_far_as_needed(members: dict[str, object], expected: object) -> None:
    assert structure(**members) == expected


def test_a_single_attachment_without_text_is_the_message() -> None:
    attached = DraftAttachment("a.pdf", content=b"%PDF", description="Le résumé")
    message = composed_message(text="", attachments=[attached])
    assert message.get_content_type() == "application/pdf"
    assert message["Content-Description"] == "Le résumé"
    assert message.get_filename() == "a.pdf"
    assert message.get_content() == b"%PDF"


@pytest.mark.parametrize(
    ("identifier", "html", "content_id"),
    [
        ("wdcid1", '<img src="cid:wdcid1">', "<wdcid1>"),
        ("cid:wdcid1", "<img src=cid:wdcid1>", "<wdcid1>"),
        ("<wdcid1>", "<img src='cid:wdcid1'>", "<wdcid1>"),
        ("WDCID1", '<img src="cid:wdcid1">', "<wdcid1>"),
        ("wdcid1", '<IMG SRC="CID:WDCID1">', "<WDCID1>"),
        ("a@b.example", '<img src="cid:a%40b.example">', "<a@b.example>"),
        ("wdcid1", '<p style="background:url(&quot;cid:wdcid1&quot;)">', "<wdcid1>"),
    ],
)
def test_the_content_id_is_spelled_as_the_html_spells_it(identifier: str, html: str, content_id: str) -> None:
    attached = DraftAttachment("a.png", content=b"x", identifier=identifier)
    message = composed_message(text="", html=html, attachments=[attached])
    assert message.get_content_type() == "multipart/related"
    root, image = message.iter_parts()
    assert image["Content-ID"] == content_id
    assert image.get_content_disposition() == "inline"
    assert root.get_content().strip() == html


def test_an_identifier_is_not_found_inside_a_longer_one() -> None:
    attached = DraftAttachment("a.png", content=b"x", identifier="wdcid1")
    assert structure(text="", html='<img src="cid:wdcid10">', attachments=[attached])[0] == "multipart/mixed"  # type: ignore[index]


def test_of_two_attachments_with_one_identifier_the_first_is_shown() -> None:
    first = DraftAttachment("a.png", content=b"1", identifier="x")
    second = DraftAttachment("b.png", content=b"2", identifier="X")
    message = composed_message(html='<img src="cid:x">', attachments=[first, second])
    shown = [part for part in message.walk() if part["Content-ID"]]
    assert [part.get_content() for part in shown] == [b"1"]
    assert {part.get_filename() for part in message.walk() if part.get_filename()} == {"a.png", "b.png"}


@pytest.mark.parametrize("identifier", ["mon logo", "été", "a&b"])
def test_an_identifier_that_is_no_content_id_is_replaced_in_the_html_too(identifier: str) -> None:
    attached = DraftAttachment("a.png", content=b"x", identifier=identifier)
    message = composed_message(text="", html=f'<img src="cid:{identifier}">', attachments=[attached])
    root, image = message.iter_parts()
    assert f'"cid:{image["Content-ID"][1:-1]}"' in root.get_content()
    assert image["Content-ID"].isascii()


# -- fields -----------------------------------------------------------------------------------------


def test_priority_sensitivity_and_keywords() -> None:
    message = composed_message(
        priority=Priority.HIGH, sensitivity=Sensitivity.COMPANY_CONFIDENTIAL, keywords=["invoice", " ", "été, 2025"]
    )
    assert message["X-Priority"] == "1"
    assert message["Importance"] == "high"
    assert message["Sensitivity"] == "Company-Confidential"
    assert message["Keywords"] == "invoice, été, 2025"
    message = composed_message(priority=Priority.LOW, sensitivity=Sensitivity.PRIVATE)
    assert (message["X-Priority"], message["Importance"], message["Sensitivity"]) == ("5", "low", "Private")


def test_nothing_that_was_not_asked_for_is_in_the_header() -> None:
    assert field_names(source(compose(draft(subject="Hello")))) == [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
    ]


@pytest.mark.parametrize(
    ("members", "disposition", "receipt"),
    [
        ({"read_receipt": True}, "Ann <ann@example.com>", None),
        ({"delivery_receipt": True}, None, "Ann <ann@example.com>"),
        ({"read_receipt": True, "delivery_receipt": True}, "Ann <ann@example.com>", None),
        ({"read_receipt": True, "reply_to": "desk@example.com"}, "desk@example.com", None),
        ({"delivery_receipt": True, "reply_to": "desk@example.com"}, None, "desk@example.com"),
    ],
)
def test_receipts(members: dict[str, object], disposition: str | None, receipt: str | None) -> None:
    message = composed_message(**members)
    assert message["Disposition-Notification-To"] == disposition
    assert message["Return-Receipt-To"] == receipt


def test_a_delivery_receipt_is_asked_of_the_servers_too() -> None:
    assert compose(draft(delivery_receipt=True)).envelope.dsn_notify == ("SUCCESS", "FAILURE")
    assert compose(draft()).envelope.dsn_notify == ()


def test_an_identifier_of_the_scripts_own_and_a_conversation() -> None:
    composed = compose(draft(message_id=" 17@shop.example ", references="<a@x.example>\t<b@x.example>"))
    message = read(source(composed))
    assert composed.message_id == message["Message-ID"] == "<17@shop.example>"
    assert message["References"] == "<a@x.example> <b@x.example>"
    assert message["In-Reply-To"] == "<b@x.example>"


@pytest.mark.parametrize("message_id", ["<a@b> <c@d>", "<a@b", "é@b"])
def test_a_message_id_that_is_none(message_id: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        compose(draft(message_id=message_id))
    assert caught.value.member == "MessageID"


def test_extra_fields() -> None:
    message = composed_message(
        headers=[
            ("X-Company", "Société Générale"),
            ("X-Company", "again"),
            ("List-Unsubscribe", "<https://example.com/u>"),
            ("Blank", ""),
            ("", ""),
        ]
    )
    assert message.get_all("X-Company") == ["Société Générale", "again"]
    assert message["List-Unsubscribe"] == "<https://example.com/u>"
    assert "Blank" not in message


def test_extra_fields_that_programs_read_are_not_encoded_for_their_length() -> None:
    value = '{"to":["' + "x" * 300 + '"]}'
    data = source(compose(draft(headers=[("X-Service", value), ("X-Folded", "a=b;\r\n\tc=d")])), longest=400)
    assert f"X-Service: {value}\r\n".encode() in data
    assert b"X-Folded: a=b;  c=d\r\n" in data


def test_an_extra_field_takes_the_place_of_ours_where_there_may_be_only_one() -> None:
    data = source(
        compose(
            draft(
                subject="ours",
                priority=Priority.HIGH,
                headers=[
                    ("subject", "été"),
                    ("X-Priority", "2"),
                    ("To", "Équipe <team@example.com>"),
                    ("Message-ID", "own@example.com"),
                    ("Date", "Wed, 01 Jan 2025 00:00:00 +0000"),
                ],
            )
        )
    )
    message = read(data)
    names = [name.lower() for name in field_names(data)]
    assert len(names) == len(set(names))
    assert message["Subject"] == "été"
    assert message["X-Priority"] == "2"
    assert message["To"] == "Équipe <team@example.com>"
    assert message["Message-ID"] == "<own@example.com>"
    assert message["Date"].datetime.year == 2025


def test_the_composed_message_knows_an_identifier_that_an_extra_field_set() -> None:
    assert compose(draft(headers=[("Message-ID", "<own@example.com>")])).message_id == "<own@example.com>"


def test_recipients_can_be_hidden_by_an_extra_field() -> None:
    composed = compose(draft(headers=[("To", "undisclosed-recipients:;")]))
    assert read(source(composed))["To"] == "undisclosed-recipients:;"
    assert composed.envelope.recipients == ("bob@example.net",)


@pytest.mark.parametrize(
    "name", ["Bcc", "BCC", "MIME-Version", "content-type", "Content-Transfer-Encoding", "Return-Path", "Resent-Bcc"]
)
def test_extra_fields_that_would_change_how_the_message_is_read(name: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        compose(draft(headers=[("X-A", "b"), (name, "x")]))
    assert caught.value.member == "Header[2].Name"


@pytest.mark.parametrize(
    "headers", [[("X A", "b")], [("X:A", "b")], [("été", "b")], [("To", "nobody")], [("References", "a b <")]]
)
def test_extra_fields_that_are_none(headers: list[tuple[str, str]]) -> None:
    with pytest.raises(InvalidValue) as caught:
        compose(draft(headers=headers))
    assert caught.value.member.startswith("Header[1]")


# -- texts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["a\nb\n", "a\rb\r", "a\r\nb\r\n"])
def test_any_line_end_goes_out_as_crlf(text: str) -> None:
    data = source(compose(draft(text=text)))
    assert data.endswith(b"\r\n\r\na\r\nb\r\n")


@pytest.mark.parametrize(
    ("text", "encoding", "charset"),
    [
        ("Hello", "7bit", "us-ascii"),
        ("x" * 79, "quoted-printable", "us-ascii"),
        ("Où ça, là-bas au village ?", "quoted-printable", "utf-8"),
        ("日本語のテキスト", "base64", "utf-8"),
        ("\x1b[0m and some more text", "quoted-printable", "us-ascii"),
    ],
)
def test_how_a_text_is_encoded(text: str, encoding: str, charset: str) -> None:
    message = composed_message(text=text)
    assert message["Content-Transfer-Encoding"] == encoding
    assert message["Content-Type"].params["charset"] == charset
    assert message.get_content().rstrip("\r\n") == text


@pytest.mark.parametrize("member", ["text", "html", "subject"])
def test_lone_surrogates_do_not_stop_a_message(member: str) -> None:
    assert b"a" in source(compose(draft(**{member: "a\udce9b"})))


@pytest.mark.parametrize(
    ("members", "name"),
    [({"text": "a\0b"}, "Message"), ({"html": "a\0b"}, "HTML"), ({"subject": "a\0b"}, "Subject")],
)
def test_nul_is_refused(members: dict[str, object], name: str) -> None:
    with pytest.raises(ControlCharacter) as caught:
        compose(draft(**members))
    assert caught.value.member == name


def test_dots_are_not_doubled_here() -> None:
    assert source(compose(draft(text="a\n.\n..\n.b"))).endswith(b"\r\n\r\na\r\n.\r\n..\r\n.b\r\n")


# -- what is missing --------------------------------------------------------------------------------


@pytest.mark.parametrize("members", [{"sender": ""}, {"sender": " "}, {"sender": "Ann"}, {"sender": '"Ann"'}])
def test_no_sender(members: dict[str, object]) -> None:
    with pytest.raises(NoSender):
        compose(draft(**members))


@pytest.mark.parametrize("to", [[], [""], [" ", ";"], ["nobody:;"]])
def test_no_recipient(to: list[str]) -> None:
    with pytest.raises(NoRecipient):
        compose(draft(to=to))


def test_a_source_may_lack_sender_and_recipients() -> None:
    data = source(compose(draft(sender="", to=[]), complete=False))
    assert "From" not in field_names(data)
    assert "To" not in field_names(data)


@pytest.mark.parametrize(
    ("members", "name"),
    [
        ({"sender": "ann@"}, "Sender"),
        ({"reply_to": "<ann@@example.com>"}, "SenderAddress"),
        ({"return_path": "nobody"}, "ErrorReturnAddress"),
        ({"to": ["a@example.com", "b@"]}, "Recipient[2]"),
        ({"cc": ["b@"]}, "Cc[1]"),
        ({"bcc": ["", "b"]}, "Bcc[2]"),
    ],
)
def test_an_invalid_address_is_named(members: dict[str, object], name: str) -> None:
    with pytest.raises(InvalidAddress) as caught:
        compose(draft(**members))
    assert caught.value.member == name
