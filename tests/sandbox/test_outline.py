"""The outline of a message for showing, against messages built by Python's `email`."""

from __future__ import annotations

import hashlib
import io
from email.message import EmailMessage
from email.policy import SMTP

from hypothesis import given, settings
from hypothesis import strategies as st

from wlemail.sandbox.outline import EXCERPT, MAX_DEPTH, MAX_PARTS, Part, read_outline


def outline(source: bytes) -> Part:
    return read_outline(io.BytesIO(source))


def test_a_message_with_everything() -> None:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = "Réunion à l’été"
    message["From"] = "Élodie <e@b.example>"
    message.set_content("Bonjour,\nà demain =)\n")
    message.add_alternative("<p>Bonjour</p>", subtype="html")
    data = bytes(range(256)) * 300
    message.add_attachment(data, maintype="application", subtype="pdf", filename="Facture n° 12.pdf")
    read = outline(message.as_bytes())
    assert read.value("subject") == "Réunion à l’été"
    assert [leaf.content_type for leaf in read.leaves] == ["text/plain", "text/html", "application/pdf"]
    assert next(read.leaves).text == "Bonjour,\r\nà demain =)\r\n"
    [attachment] = read.attachments
    assert (attachment.name, attachment.size) == ("Facture n° 12.pdf", len(data))
    assert attachment.digest == hashlib.sha256(data).hexdigest()


def test_names_in_each_of_their_forms() -> None:
    forms = {
        b"attachment; filename=plain.txt": "plain.txt",
        b'attachment; filename="a;b \\"c\\".txt"': 'a;b "c".txt',
        b"attachment; filename*=utf-8''%C3%A9t%C3%A9.txt": "été.txt",
        b"attachment; filename*0*=iso-8859-1'fr'%E9t; filename*1=e; filename*2*=%2etxt": "éte.txt",
        b'attachment; filename="=?utf-8?q?=C3=A9t=C3=A9?="': "été",
        b"attachment;\r\n filename=folded.txt": "folded.txt",
        b"attachment; filename*=nonsense''%41": "A",
    }
    for value, expected in forms.items():
        assert outline(b"Content-Disposition: " + value + b"\r\n\r\n").name == expected


def test_the_line_end_before_a_delimiter_belongs_to_it() -> None:
    read = outline(
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\npreamble\r\n--x\r\n\r\none\r\n\r\n--x\r\n\r\n"
        b"--x not\r\ntwo\r\n--x--\r\nepilogue\r\n"
    )
    assert [leaf.text for leaf in read.leaves] == ["one\r\n", "--x not\r\ntwo"]


def test_what_is_broken_still_gives_something() -> None:
    for source in (
        b"",
        b"\r\n",
        b"no header at all",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nnever ended",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        b"Content-Type: text/plain; charset=nonsense\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\nYQ=\r\n",
    ):
        assert isinstance(outline(source), Part)


def test_a_stranger_cannot_exhaust_it() -> None:
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(10 * MAX_DEPTH)
    )
    part, depth = outline(deep), 0
    while part.parts:
        part, depth = part.parts[0], depth + 1
    assert depth == MAX_DEPTH
    nested = b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\n--y--\r\n" * MAX_PARTS
    many = outline(b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + nested)
    assert sum(1 for _ in many.leaves) <= 2 * MAX_PARTS
    assert len(outline(b"\r\n" + b"x" * 10 * EXCERPT).text) == EXCERPT


@settings(deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["base64", "quoted-printable"]))
def test_sizes_and_digests(data: bytes, encoding: str) -> None:
    message = EmailMessage(policy=SMTP)
    message.set_content(data, maintype="application", subtype="octet-stream", cte=encoding)
    message.add_attachment(data, maintype="application", subtype="octet-stream", cte=encoding, filename="x")
    if encoding == "quoted-printable" and b"\n" in data.replace(b"\r\n", b""):
        return  # Python's builder turns line ends into CR LF there
    for part in outline(message.as_bytes()).leaves:
        assert part.digest == hashlib.sha256(data).hexdigest()


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_anything_is_read(source: bytes) -> None:
    assert outline(b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" + source).content_type
    assert outline(source).content_type
