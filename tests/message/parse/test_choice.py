"""Text, HTML and attachments, chosen as mail programs do (RFC 8621 4.1.4)."""

from __future__ import annotations

import pytest

from wlemail.mail.absorb import ReceivedMail, absorb


def part(content: str, *fields: str) -> str:
    return "\r\n".join([*fields, "", content])


def multi(kind: str, *parts: str) -> str:
    boundary = f"b{hash((kind, parts)) & 0xFFFFFFFF}"
    lines = [f"Content-Type: multipart/{kind}; boundary={boundary}", ""]
    for one in parts:
        lines += [f"--{boundary}", one]
    return "\r\n".join([*lines, f"--{boundary}--"])


def plain(text: str, *fields: str) -> str:
    return part(text, "Content-Type: text/plain; charset=utf-8", *fields)


def page(text: str, *fields: str) -> str:
    return part(text, "Content-Type: text/html; charset=utf-8", *fields)


def image(name: str = "i.png", *fields: str) -> str:
    return part("PNG", f'Content-Type: image/png; name="{name}"', *fields)


def read(source: str) -> ReceivedMail:
    return absorb(source.encode())


ATTACHED = "Content-Disposition: attachment"
MESSAGE = "Content-Type: message/rfc822"


@pytest.mark.parametrize(
    ("source", "text", "html", "attachments"),
    [
        (plain("t"), "t", "", []),
        (page("<p>h"), "", "<p>h", []),
        (multi("alternative", plain("t"), page("<p>h")), "t", "<p>h", []),
        (multi("alternative", page("<p>h"), plain("t")), "t", "<p>h", []),
        (multi("mixed", plain("t"), image()), "t", "", ["i.png"]),
        (multi("mixed", image(), plain("t")), "t", "", ["i.png"]),
        (multi("related", page("<p>h"), image()), "", "<p>h", ["i.png"]),
        (multi("related", image(), page("<p>h")), "", "<p>h", ["i.png"]),
        (multi("alternative", plain("t"), multi("related", page("<p>h"), image())), "t", "<p>h", ["i.png"]),
        (multi("related", multi("alternative", plain("t"), page("<p>h")), image()), "t", "<p>h", ["i.png"]),
        (multi("mixed", multi("alternative", plain("t"), page("<p>h")), image()), "t", "<p>h", ["i.png"]),
        # a file of a Mac and what else the Mac keeps of it
        (
            multi(
                "mixed",
                plain("t"),
                multi("appledouble", part("x", 'Content-Type: application/applefile; name="i.png"'), image()),
            ),
            "t", "", ["i.png"],
        ),
        (multi("appledouble", part("x", 'Content-Type: application/applefile; name="i.png"')), "", "", ["i.png"]),
        # several texts below each other
        (multi("mixed", plain("one"), plain("two")), "one\r\ntwo", "", []),
        (multi("mixed", plain("one\r\n"), plain("two")), "one\r\ntwo", "", []),
        (multi("mixed", plain("one"), image(), plain("two")), "one\r\ntwo", "", ["i.png"]),
        (multi("mixed", page("<p>1"), page("<p>2")), "", "<p>1\r\n<p>2", []),
        # what a list or a gateway put below HTML: a mail program shows both
        (multi("mixed", page("<p>1"), plain("a < b")), "1\r\na < b", "<p>1\r\n<p>a &lt; b</p>", []),
        (multi("mixed", multi("related", page("<p>1"), image()), plain("foot")), "1\r\nfoot",
         "<p>1\r\n<p>foot</p>", ["i.png"]),
        (multi("mixed", multi("alternative", page("<p>1")), plain("foot")), "1\r\nfoot",
         "<p>1\r\n<p>foot</p>", []),
        (multi("mixed", plain("head"), page("<p>1"), plain("foot")), "head\r\n1\r\nfoot",
         "<p>head</p>\r\n<p>1\r\n<p>foot</p>", []),
        (multi("mixed", page("<p>1"), plain("\r\n")), "\r\n", "<p>1", []),
        # below the text itself it is the same text as a rule, from a program that knows no alternatives
        (multi("mixed", plain("t"), page("<p>t")), "t", "<p>t</p>\r\n<p>t", []),
        (multi("mixed", multi("alternative", plain("t"), page("<p>h")), plain("footer")), "t\r\nfooter",
         "<p>h\r\n<p>footer</p>", []),
        (multi("mixed", plain("\r\n"), page("<p>h")), "\r\n", "<p>h", []),
        # Apple's way: text and pictures take turns in one of the forms
        (multi("alternative", plain("t"), multi("mixed", page("<p>1"), image(), page("<p>2"))), "t",
         "<p>1\r\n<p>2", ["i.png"]),
        # texts that are attachments
        (multi("mixed", plain("t"), plain("file", ATTACHED)), "t", "", ["attachment.txt"]),
        (multi("mixed", plain("t"), part("file", "Content-Type: text/plain; name=a.txt")), "t", "", ["a.txt"]),
        (multi("mixed", plain("t"), part("x", "Content-Type: text/plain", "Content-Disposition: inline; filename=a")),
         "t", "", ["a"]),
        (multi("mixed", plain("t"), page("<p>file", ATTACHED)), "t", "", ["attachment.html"]),
        (plain("file", ATTACHED + "; filename=a.txt"), "", "", ["a.txt"]),
        (part("file", "Content-Type: text/plain; name=a.txt"), "file", "", []),
        (part("1;2", "Content-Type: text/csv"), "", "", ["attachment.csv"]),
        # attachments that do not say so
        (part("%PDF", "Content-Type: application/pdf"), "", "", ["attachment.pdf"]),
        (multi("mixed", plain("t"), part("x", "Content-Type: application/x-unheard-of")), "t", "", ["attachment"]),
        (multi("mixed", plain("t"), part("x", "Content-Type: application/pdf", "Content-Disposition: inline")), "t", "",
         ["attachment.pdf"]),
        # other forms of the text
        (multi("alternative", plain("t"), part("BEGIN", "Content-Type: text/calendar; method=REQUEST")), "t", "",
         ["invitation.ics"]),
        (multi("alternative", plain("t"), part("<b>e", "Content-Type: text/enriched")), "t", "", []),
        (multi("alternative", part("<bold>e</bold> <<", "Content-Type: text/enriched")), "e <", "", []),
        (multi("alternative", plain("t"), part("x", "Content-Type: text/x-amp-html"), page("<p>h")), "t", "<p>h", []),
        (multi("alternative", plain("t"), image()), "t", "", ["i.png"]),
        (multi("alternative"), "", "", []),
        (multi("alternative") + "\r\nbehind it", "behind it", "", []),
        (multi("signed", plain("t"), part("s", "Content-Type: application/pgp-signature")), "t", "", ["signature.asc"]),
        # messages
        (multi("mixed", plain("t"), part("Subject: Fwd\r\n\r\nx", MESSAGE)), "t", "", ["Fwd.eml"]),
        (multi("mixed", plain("t"), part("To: a@b\r\n\r\nx", MESSAGE)), "t", "", ["message.eml"]),
        (multi("mixed", plain("t"), part("Subject: Fwd\r\n\r\nx", MESSAGE + "; name=note")), "t", "", ["note.eml"]),
        (multi("digest", part("Subject: One\r\n\r\nx"), part("Subject: Two\r\n\r\ny")), "", "", ["One.eml", "Two.eml"]),
        (multi("report", plain("t"), part("Action: failed", "Content-Type: message/delivery-status")), "t", "",
         ["delivery-status.txt"]),
        ("Content-Type: multipart/mixed; boundary=b\r\n\r\nno part", "no part", "", []),
    ],
)  # fmt: skip
def test_choice(source: str, text: str, html: str, attachments: list[str]) -> None:
    mail = read(source)
    assert (mail.text, mail.html, [one.name for one in mail.attachments]) == (text, html, attachments)


def test_trap_attachments_without_content_disposition_are_attachments() -> None:
    mail = read(multi("mixed", plain("t"), image("a.png"), part("zip", "Content-Type: application/zip")))
    assert [(one.name, one.content, one.content_type) for one in mail.attachments] == [
        ("a.png", b"PNG", "image/png"),
        ("attachment.zip", b"zip", "application/zip"),
    ]


def test_what_an_attachment_knows() -> None:
    fields = ["Content-ID: <logo@x>", "Content-Description: =?utf-8?q?Notre_logo_=C3=A9t=C3=A9?="]
    mail = read(multi("related", page("<img src=cid:logo@x>"), image("../Logo:1.png", *fields)))
    (one,) = mail.attachments
    assert (one.name, one.sent_name) == ("Logo_1.png", "../Logo:1.png")
    assert (one.identifier, one.description, one.content_type, one.part) == (
        "logo@x",
        "Notre logo été",
        "image/png",
        "2",
    )
    assert one.content is one.content


def test_names_are_unique_and_remember_their_part() -> None:
    mail = read(multi("mixed", plain("t"), image("a.png"), image("A.PNG"), multi("mixed", image("a.png"))))
    assert [(one.name, one.part) for one in mail.attachments] == [
        ("a.png", "2"),
        ("A (2).PNG", "3"),
        ("a (3).png", "4.1"),
    ]


def test_an_attached_message_is_a_message() -> None:
    mail = read(multi("mixed", plain("t"), part("Subject: In\r\n\r\ninside\r\n", "Content-Type: message/rfc822")))
    (one,) = mail.attachments
    assert one.content == b"Subject: In\r\n\r\ninside\r\n"
    assert one.message is not None
    assert (one.message.subject, one.message.text) == ("In", "inside")
    assert read(multi("mixed", image())).attachments[0].message is None


def test_uuencoded_files_are_attachments() -> None:
    mail = read(plain("before\r\nbegin 644 a b.txt\r\n#0V%T\r\n`\r\nend\r\nafter\r\n"))
    assert mail.text == "before\r\nafter"
    assert [(one.name, one.content, one.content_type, one.part) for one in mail.attachments] == [
        ("a b.txt", b"Cat", "text/plain", "#1")
    ]


def test_a_part_that_knows_where_its_picture_was() -> None:
    mail = read(multi("related", page("h"), part("GIF", "Content-Type: image/gif",
                                                 "Content-Location: http://x.test/pics/logo.gif?1")))  # fmt: skip
    assert [one.name for one in mail.attachments] == ["logo.gif"]


def test_the_charset_that_a_page_declares_counts_where_the_header_names_none() -> None:
    source = b"Content-Type: text/html\r\n\r\n<meta charset='windows-1251'>\xcf\xf0\xe8"
    assert absorb(source).html.endswith("При")
    assert absorb(source.replace(b"text/html", b"text/html; charset=iso-8859-1")).html.endswith("Ïðè")


def test_the_line_end_that_ends_a_message_is_not_in_its_text() -> None:
    assert read(plain("one\r\n\r\n")).text == "one\r\n"
    assert read(multi("mixed", plain("one\r\n"))).text == "one\r\n"


def test_lines_of_text_end_with_cr_lf() -> None:
    assert absorb(b"Subject: x\n\na\nb\rc\r\nd").text == "a\r\nb\r\nc\r\nd"
