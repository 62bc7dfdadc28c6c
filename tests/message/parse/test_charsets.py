from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlemail.message.charsets import GUESS, decode_latin, decode_raw, decode_text, find_charset, to_utf8


@pytest.mark.parametrize(
    ("name", "charset"),
    [
        ("UTF-8", "utf-8"), ("utf8", "utf-8"), ('"utf-8"', "utf-8"), ("unicode-1-1-utf-7", "utf-7"),
        ("iso-8859-1", "cp1252"), ("latin1", "cp1252"), ("us-ascii", "cp1252"), ("ANSI_X3.4-1968", "cp1252"),
        ("windows-1252", "cp1252"), ("iso-8859-15", "iso8859_15"), ("ISO_8859-2:1987", "iso8859_2"),
        ("iso-8859-9", "cp1254"), ("windows-1251", "cp1251"), ("cp-850", "cp850"), ("cp1250", "cp1250"),
        ("koi8-r", "koi8_r"), ("KOI8-U", "koi8_u"), ("x-mac-roman", "mac_roman"), ("macintosh", "mac_roman"),
        ("gb2312", "gb18030"), ("GBK", "gb18030"), ("big5", "cp950"), ("ks_c_5601-1987", "cp949"), ("euc-kr", "cp949"),
        ("shift_jis", "cp932"), ("x-sjis", "cp932"), ("euc-jp", "euc_jp"), ("iso-2022-jp", "iso2022_jp"),
        ("iso-2022-jp-ms", "iso2022_jp"), ("iso-2022-kr", "iso2022_kr"), ("hz-gb-2312", "hz"), ("tis-620", "cp874"),
        ("utf-16le", "utf-16-le"), ("utf-16", "utf_16"), ("utf-32", "utf_32"), ("charset=utf-8", "utf-8"),
        ("utf-8-bom", "utf-8"), ("iso-8859-1-windows", "cp1252"),
        ("", GUESS), ("unknown-8bit", GUESS), ("x-unknown", GUESS), ("default", GUESS), ("binary", GUESS),
        ("fakescii", None), ("é", GUESS), ("x" * 1000, None),
        # Python's codecs that are no charsets
        ("rot13", None), ("base64", None), ("zip", None), ("idna", None), ("punycode", None), ("unicode_escape", None),
        ("undefined", GUESS), ("mbcs", None), ("os", None), ("../x", None),
    ],
)  # fmt: skip
def test_names(name: str, charset: str | None) -> None:
    assert find_charset(name) == charset


JAPANESE = "日本語のテキスト"


@pytest.mark.parametrize(
    ("data", "charset", "text", "wrong"),
    [
        (b"plain", "us-ascii", "plain", False),
        (b"plain", "", "plain", False),
        (b"plain", "fakescii", "plain", True),
        ("été".encode(), "utf-8", "été", False),
        ("été".encode(), "", "été", False),
        ("été".encode(), "us-ascii", "été", True),
        ("été".encode(), "x-unknown", "été", False),
        ("été".encode(), "fakescii", "été", True),
        (b"\xef\xbb\xbf\xc3\xa9", "utf-8", "é", False),
        (b"\xef\xbb\xbf\xc3\xa9", "", "é", False),
        (b"\xe9t\xe9", "iso-8859-1", "été", False),
        (b"\x93\xe9\x94 \x80", "iso-8859-1", "“é” €", False),
        (b"\x81\x8d\xe9", "iso-8859-1", "\x81\x8dé", False),
        (b"\xe9t\xe9", "", "été", False),
        (b"\xe9t\xe9", "utf-8", "été", True),
        (b"\xe9t\xe9", "us-ascii", "été", True),
        (b"\xed\xa0\xbd\xed\xb8\x80 ok", "utf-8", "\U0001f600 ok", True),
        (b"caf\xc3\xa9 and \xff", "utf-8", "café and \ufffd", True),
        ("été".encode(), "gb2312", "été".encode().decode("gb18030"), False),
        ("ÃÂ".encode("latin-1"), "koi8-r", "цб", False),
        ("鎔镕".encode("gb18030"), "gb2312", "鎔镕", False),
        ("①㈱ｱ".encode("cp932"), "shift_jis", "①㈱ｱ", False),
        (JAPANESE.encode("iso2022_jp"), "iso-2022-jp", JAPANESE, False),
        (JAPANESE.encode("iso2022_jp"), "", JAPANESE, False),
        (JAPANESE.encode("iso2022_jp"), "us-ascii", JAPANESE, True),
        (b"\x1b$B-!-j\x1b(B a \x1b(I123\x1b(B", "iso-2022-jp", "①㈱ a ｱｲｳ", False),
        (b"\x1b$BF|K\\\r\nascii", "iso-2022-jp", "日本\r\nascii", False),
        (b"+AOk-", "utf-7", "é", False),
        (b"~{VPND~}", "hz-gb-2312", "中文", False),
        ("é".encode("utf-16"), "utf-16", "é", False),
        ("é".encode("utf-16"), "", "é", False),
        ("é".encode("utf-16-le"), "utf-16le", "é", False),
        (b"\x82", "cp-850", "é", False),
    ],
)
def test_decoding(data: bytes, charset: str, text: str, wrong: bool) -> None:
    found, what = decode_text(data, charset)
    assert (found, bool(what)) == (text, wrong)


@pytest.mark.parametrize(
    ("text", "charsets"),
    [
        ("Это пример русского текста, чтобы узнать кодировку.", ["cp1251", "koi8_r", "cp866", "iso8859_5"]),
        ("これは日本語のテキストです。漢字も少し入っています。", ["cp932", "euc_jp"]),
        ("这是一个中文文本的例子，我们需要知道字符编码。", ["gb18030"]),
        ("這是一個中文文本的例子，我們需要知道字符編碼。", ["cp950"]),
        ("이것은 한국어 텍스트의 예입니다. 회의는 내일입니다.", ["cp949"]),
        ("Αυτό είναι ένα παράδειγμα κειμένου στα ελληνικά.", ["cp1253"]),
        ("Élève à l'été, où ça été très âgé, cœur, œuvre, naïveté « déjà vu » — 10 €", ["cp1252"]),
        ("Größe, Füße, schön: äöüß ÄÖÜ", ["cp1252"]),
    ],
)
def test_charsets_that_nothing_tells(text: str, charsets: list[str]) -> None:
    for charset in charsets:
        assert decode_text(text.encode(charset), "")[0] == text
        assert decode_raw(text.encode(charset)) == text


@given(
    st.binary(max_size=100), st.sampled_from(["", "utf-8", "us-ascii", "gb2312", "iso-2022-jp", "utf-7", "utf-16", "x"])
)
def test_anything_is_decoded(data: bytes, charset: str) -> None:
    assert isinstance(decode_text(data, charset)[0], str)
    assert isinstance(decode_latin(data), str)
    to_utf8(decode_raw(data))


@given(st.text(st.characters(codec="utf-8", exclude_characters="\ufeff")))
def test_utf8_comes_back(text: str) -> None:
    assert decode_text(text.encode(), "utf-8") == (text, "")
