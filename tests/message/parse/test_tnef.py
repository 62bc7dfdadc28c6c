from __future__ import annotations

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.message.effort import takes_little
from wlemail.mail.absorb import absorb
from wlemail.message.compressed_rtf import decompress_rtf
from wlemail.message.rtf import read_rtf
from wlemail.message.tnef import unfold

from . import tnef_writer as tnef

TEXT, RTF, HTML, INTERNET_CODE_PAGE = 0x1000, 0x1009, 0x1013, 0x3FDE
DATA, LONG_NAME, MIME, CONTENT_ID, DISPLAY = 0x3701, 0x3707, 0x370E, 0x3712, 0x3001

# The example of [MS-OXRTFCP] 3.1.
COMPRESSED = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
)
RTF_TEXT = b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


def stored(rtf: bytes) -> bytes:
    return struct.pack("<IIII", len(rtf) + 12, len(rtf), 0x414C454D, 0) + rtf


def test_text_and_files() -> None:
    found = unfold(
        tnef.stream(
            tnef.code_page(1252),
            tnef.properties(
                tnef.long_property(0x26, 1),
                tnef.property_of(0x8001, tnef.STRING, b"x\0", tnef.named("Own")),
                tnef.text_property(TEXT, "Été"),
            ),
            tnef.attachment("SHORT~1.TXT", b"one", tnef.text_property(LONG_NAME, "a long name é.txt")),
            tnef.attachment(
                "b.png", b"two", tnef.text_property(MIME, "image/png"), tnef.text_property(CONTENT_ID, "<i@x>")
            ),
        )
    )
    assert found is not None
    assert found.text == "Été"
    assert [tuple(file) for file in found.files] == [
        ("a long name é.txt", b"one", "", ""),
        ("b.png", b"two", "image/png", "i@x"),
    ]


def test_old_text_in_the_code_page_of_its_author() -> None:
    found = unfold(tnef.stream(tnef.code_page(1251), tnef.attribute(tnef.BODY, "Привет\0".encode("cp1251"))))
    assert found is not None
    assert found.text == "Привет"


def test_html_in_its_own_code_page() -> None:
    page = tnef.property_of(HTML, tnef.BINARY, "<p>été".encode("cp1252") + b"\0")
    found = unfold(tnef.stream(tnef.properties(page, tnef.long_property(INTERNET_CODE_PAGE, 28591))))
    assert found is not None
    assert found.html == "<p>été"


def test_rtf_becomes_text() -> None:
    found = unfold(tnef.stream(tnef.properties(tnef.property_of(RTF, tnef.BINARY, COMPRESSED))))
    assert found is not None
    assert (found.rtf, found.text) == (RTF_TEXT, "hello world")


def test_rtf_that_was_html_becomes_html() -> None:
    rtf = (
        rb"{\rtf1\ansi\ansicpg1252\fromhtml1 {\fonttbl{\f0 Arial;}}{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 "
        rb"caf\'e9 \u8364?{\*\htmltag244 <b>}\htmlrtf\b\htmlrtf0 x{\*\htmltag252 </b>}\htmlrtf\par}\htmlrtf0 }"
    )
    found = unfold(tnef.stream(tnef.properties(tnef.property_of(RTF, tnef.BINARY, stored(rtf)))))
    assert found is not None
    assert found.html == "<p>café €<b>x</b>"


def test_attached_messages_and_objects() -> None:
    inner = tnef.stream(tnef.properties(tnef.text_property(TEXT, "inside")), tnef.attachment("c.txt", b"three"))
    interface = bytes.fromhex("0703020000000000c000000000000046")
    message = tnef.property_of(DATA, tnef.OBJECT, interface + inner)
    document = tnef.property_of(DATA, tnef.OBJECT, b"I" * 16 + b"OLE")
    found = unfold(
        tnef.stream(
            tnef.attribute(tnef.ATTACH_START, b"", 2),
            tnef.properties(message, tnef.text_property(DISPLAY, "Old mail"), number=tnef.ATTACH_PROPERTIES),
            tnef.attribute(tnef.ATTACH_START, b"", 2),
            tnef.properties(document, tnef.text_property(LONG_NAME, "d.bin"), number=tnef.ATTACH_PROPERTIES),
        )
    )
    assert found is not None
    assert [(file.name, file.content) for file in found.files] == [
        ("Old mail.txt", b"inside"),
        ("c.txt", b"three"),
        ("d.bin", b"OLE"),
    ]


def test_the_name_may_come_behind_the_data() -> None:
    found = unfold(
        tnef.stream(
            tnef.attribute(tnef.ATTACH_START, b"", 2),
            tnef.attribute(tnef.ATTACH_DATA, b"x", 2),
            tnef.attribute(tnef.TITLE, b"a.txt\0", 2),
        )
    )
    assert found is not None
    assert [(file.name, file.content) for file in found.files] == [("a.txt", b"x")]


WHOLE = tnef.stream(tnef.properties(tnef.text_property(TEXT, "t")), tnef.attachment("a.txt", b"x"))


def test_bytes_behind_it_change_nothing() -> None:
    assert unfold(WHOLE + b"\0\0\0\0garbage") == unfold(WHOLE)


@pytest.mark.parametrize("end", range(len(WHOLE)))
def test_a_stream_that_is_cut_off_anywhere(end: int) -> None:
    found = unfold(WHOLE[:end])
    assert found is None or found.text in ("", "t")


@given(st.binary(max_size=200))
def test_anything_is_unfolded(data: bytes) -> None:
    unfold(tnef.stream() + data)
    unfold(tnef.stream(tnef.attribute(tnef.PROPERTIES, data)))
    unfold(data)


def test_winmail_dat_is_unfolded_in_a_mail() -> None:
    source = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(WHOLE) + b"--b--\r\n"
    )
    mail = absorb(source)
    assert mail.text == "t"
    assert [(one.name, one.content, one.content_type, one.part) for one in mail.attachments] == [
        ("a.txt", b"x", "text/plain", "1#1")
    ]
    with_text = source.replace(b"--b\r\n", b"--b\r\n\r\nown text\r\n--b\r\n", 1)
    assert absorb(with_text).text == "own text"


def test_a_winmail_dat_with_nothing_for_people_is_no_attachment() -> None:
    stream = tnef.stream(tnef.code_page(1252), tnef.properties(tnef.long_property(0x26, 1)))
    source = b"Content-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    assert absorb(source + base64.encodebytes(stream)).attachments == []
    assert len(absorb(source + base64.encodebytes(stream[:-4])).attachments) == 1


def test_a_winmail_dat_that_is_none_stays_an_attachment() -> None:
    mail = absorb(b"Content-Type: application/octet-stream; name=winmail.dat\r\n\r\nnothing")
    assert [(one.name, one.content) for one in mail.attachments] == [("winmail.dat", b"nothing")]


# -- RTF --------------------------------------------------------------------------------------------


def test_compressed_rtf() -> None:
    assert decompress_rtf(COMPRESSED) == RTF_TEXT
    assert decompress_rtf(stored(RTF_TEXT)) == RTF_TEXT
    # The other example of 3.1: a reference into what it makes itself.
    repeated = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert decompress_rtf(repeated) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


@given(st.binary(max_size=100))
def test_any_compressed_rtf_is_read(data: bytes) -> None:
    decompress_rtf(data)
    decompress_rtf(struct.pack("<IIII", len(data), 1 << 31, 0x75465A4C, 0) + data)


def test_trap_compressed_rtf_that_grows_without_end() -> None:
    bomb = struct.pack("<IIII", 1 << 20, 1 << 31, 0x75465A4C, 0) + (b"\xff" + b"\x0c\x0f" * 8) * 30_000
    takes_little(lambda: decompress_rtf(bomb))
    assert len(decompress_rtf(bomb)) < 10 * len(bomb)


@pytest.mark.parametrize(
    ("rtf", "text"),
    [
        (rb"{\rtf1 a\par b\line c\tab d}", "a\nb\nc\td"),
        (rb"{\rtf1\ansi\ansicpg1251 \'cf\'f0\'e8}", "При"),
        (rb"{\rtf1\uc1\u233?t\u233\'e9!}", "été!"),
        (rb"{\rtf1\uc2\u26085 xx\u26412??!}", "日本!"),
        (rb"{\rtf1\u-10179?\u-8704?}", "\U0001f600"),
        (rb"{\rtf1{\fonttbl{\f1\fcharset204 A;}{\f2 B;}}\f1 \'cf{\f2 \'e9}}", "Пé"),
        (rb"{\rtf1{\colortbl;\red1;}{\stylesheet{s;}}{\*\generator X;}{\info{\title T}}a}", "a"),
        (rb"{\rtf1 \{a\}\\\~b\_c\lquote d\emdash}", "{a}\\\xa0b\u2011c\u2018d\u2014"),
        (rb"{\rtf1{\pict 00ff}{\v hidden}a}", "a"),
        (b"{\\rtf1 a\r\nb}", "ab"),
        (rb"{\rtf1 {\field{\*\fldinst HYPERLINK x}{\fldrslt link}}}", "link"),
        (rb"", ""),
        (rb"}}}{{{", ""),
        (b"plain", "plain"),
    ],
)
def test_the_words_of_rtf(rtf: bytes, text: str) -> None:
    assert read_rtf(rtf) == (text, False)


@given(
    st.lists(
        st.sampled_from([b"{", b"}", b"\\", b"'e9", b"\\u1", b"\\bin9", b"\\*", b"\\fromhtml1", b"\\htmlrtf", b"a"])
    )
)
def test_any_rtf_is_read(pieces: list[bytes]) -> None:
    read_rtf(b"".join(pieces)).text.encode("utf-8")


@pytest.mark.parametrize("unit", [b"{", b"}", b"\\", b"\\u1", b"a\\par ", b"\\'e9", b"{\\*\\htmltag "])
def test_trap_rtf_that_takes_the_square_of_the_time(unit: bytes) -> None:
    takes_little(lambda: read_rtf(b"{\\rtf1\\fromhtml1 " + unit * (200_000 // len(unit))))
