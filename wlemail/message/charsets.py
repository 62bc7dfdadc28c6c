"""Text and bytes: encoding that never fails, and reading bytes in whatever charset they are said to be in, or are.

What mail says about charsets is often wrong. Names are taken as browsers take them (the Encoding Standard of
WHATWG: Latin-1 means windows-1252, GB 2312 means GB 18030 …), because that is what the authors' programs wrote.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from encodings.aliases import aliases as _ALIASES

from .iso2022jp import decode_iso2022jp


def to_utf8(text: str) -> bytes:
    """Encode as UTF-8; surrogate pairs are joined and lone surrogates become U+FFFD, so that this never fails."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return without_surrogates(text).encode("utf-8")


def without_surrogates(text: str) -> str:
    """The text with surrogate pairs joined and lone surrogates replaced: bytes read as `surrogateescape` leave them."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


# -- names of charsets ------------------------------------------------------------------------------

#: nothing is known: UTF-8 if it is that, else the usual charset of the West
GUESS = ""
_LATIN = "cp1252"
_JAPANESE_MAIL = "iso2022_jp"

# By the name without case and signs. What is not here is looked up among Python's names.
_NAMES = {
    **dict.fromkeys(
        "ascii usascii ansix341968 ansix341986 iso646us us iso646 646 iso88591 iso885911987 iso88591windows latin1 l1"
        " isolatin1 isoir100 cp819 ibm819 latin windows1252 win1252 cp1252 xcp1252 iso8859 88591 ansi1252 windows"
        " iso885915windows cp01252 windowslatin1 westerneuropean".split(),
        _LATIN,
    ),
    # What programs write when they do not know, and names that say nothing.
    **dict.fromkeys(
        "unknown xunknown unknown8bit x8bit 8bit default xdefault none null utf ansi xansi iso charset xuserdefined"
        " binary other undefined text auto".split(),
        GUESS,
    ),
    **dict.fromkeys("utf8 xutf8 unicode11utf8 unicode20utf8 utf8mb4 utf08 cp65001 windows65001".split(), "utf-8"),
    **dict.fromkeys("utf7 unicode11utf7 unicode20utf7 xunicode20utf7 cp65000".split(), "utf-7"),
    **dict.fromkeys("utf16le unicode unicodefffe ucs2 iso10646ucs2 csunicode xutf16le".split(), "utf-16-le"),
    **dict.fromkeys("utf16be xutf16be unicodefeff".split(), "utf-16-be"),
    **dict.fromkeys("iso88599 latin5 l5 isoir148 windows1254 cp1254 win1254 xcp1254".split(), "cp1254"),
    **dict.fromkeys("iso885911 tis620 tis6202533 windows874 dos874 cp874 xwindows874 thai".split(), "cp874"),
    **dict.fromkeys("iso88598i iso88598e iso88598 logical visual hebrew".split(), "iso8859_8"),
    **dict.fromkeys("iso88596i iso88596e".split(), "iso8859_6"),
    **dict.fromkeys("win1250 xcp1250 ansi1250".split(), "cp1250"),
    **dict.fromkeys("win1251 xcp1251 ansi1251 cyrillicwindows".split(), "cp1251"),
    **dict.fromkeys("win1253 xcp1253".split(), "cp1253"),
    **dict.fromkeys("win1255 xcp1255".split(), "cp1255"),
    **dict.fromkeys("win1256 xcp1256".split(), "cp1256"),
    **dict.fromkeys("win1257 xcp1257".split(), "cp1257"),
    **dict.fromkeys("win1258 xcp1258".split(), "cp1258"),
    **dict.fromkeys("koi koi8 koi8r cskoi8r xkoi8r".split(), "koi8_r"),
    **dict.fromkeys("koi8u koi8ru".split(), "koi8_u"),
    **dict.fromkeys("macintosh mac xmacroman macroman applemacintosh csmacintosh".split(), "mac_roman"),
    **dict.fromkeys("xmaccyrillic maccyrillic xmacukrainian".split(), "mac_cyrillic"),
    **dict.fromkeys("xmacce maccentraleurope".split(), "mac_latin2"),
    **dict.fromkeys("xmacgreek".split(), "mac_greek"),
    **dict.fromkeys("xmacturkish".split(), "mac_turkish"),
    **dict.fromkeys("cp850 dos850 ibm850 msdos850 850 cspc850multilingual".split(), "cp850"),
    **dict.fromkeys("cp437 dos437 ibm437 437 oem437 cspc8codepage437".split(), "cp437"),
    **dict.fromkeys("cp858 cp00858 ibm00858 pcmultilingual850euro".split(), "cp858"),
    **dict.fromkeys(
        "gb2312 gb231280 csgb2312 xgb2312 gbk xgbk cp936 ms936 windows936 csgb231280 chinese euccn xeuccn gb gb18030"
        " gb180302000 gb23121980 isoir58 csiso58gb231280".split(),
        "gb18030",
    ),
    **dict.fromkeys("hz hzgb2312 hzgb".split(), "hz"),
    # cp950 reads what Windows wrote; the Hong Kong characters are beside it.
    **dict.fromkeys("big5 cnbig5 csbig5 xbig5 big5tw cp950 windows950 xwindows950 ms950 chinesebig5".split(), "cp950"),
    **dict.fromkeys("big5hkscs xbig5hkscs".split(), "big5hkscs"),
    **dict.fromkeys(
        "euckr ksc56011987 ksc5601 ksc56011989 ksc5601windows korean cp949 ms949 uhc windows949 xwindows949 isoir149"
        " cseuckr csksc56011987 ks isoir149korean kscwindows xeuckr".split(),
        "cp949",
    ),
    **dict.fromkeys("iso2022kr csiso2022kr".split(), "iso2022_kr"),
    **dict.fromkeys("johab cp1361 xjohab".split(), "johab"),
    **dict.fromkeys(
        "shiftjis sjis xsjis ms932 mskanji csshiftjis windows31j cswindows31j cp932 windows932 xmscp932 xshiftjis"
        " shiftjisx0213".split(),
        "cp932",
    ),
    **dict.fromkeys("eucjp xeucjp ujis xeuc cseucpkdfmtjapanese eucjpms cp51932 eucjpwin".split(), "euc_jp"),
    **dict.fromkeys(
        "iso2022jp csiso2022jp iso2022jp1 iso2022jp2 iso2022jp3 iso2022jpms cp50220 cp50221 cp50222 jis xjis"
        " iso2022jp2004 iso2022jpext jiscode iso2022".split(),
        _JAPANESE_MAIL,
    ),
    **dict.fromkeys("iso885916 latin10".split(), "iso8859_16"),
    "viqr": GUESS,
    "tcvn": "cp1258",
    "viscii": _LATIN,
    "dos862": "cp862",
    "cp866": "cp866",
    "dos866": "cp866",
    "ibm866": "cp866",
    "dos852": "cp852",
}
# Not charsets though Python lists them; punycode takes the square of the time.
_NO_CHARSETS = frozenset("base64_codec bz2_codec hex_codec quopri_codec rot_13 uu_codec zlib_codec mbcs tactis".split())
_KNOWN = frozenset(_ALIASES.values()) - _NO_CHARSETS
_SIGNS = re.compile("[^a-z0-9]+")


def find_charset(name: str) -> str | None:
    """What Python calls the charset that mail calls `name`; GUESS where the name says nothing, None where unknown."""
    name = name.strip(" \t\r\n\"'").lower().removeprefix("charset=")
    bare = _SIGNS.sub("", name)
    known = _NAMES.get(bare) if bare else GUESS
    if known is not None:
        return known
    folded = _SIGNS.sub("_", name[:40]).strip("_")
    folded = folded.removeprefix("x_")
    found = _ALIASES.get(folded, folded)
    return found if found in _KNOWN else _from_number(folded)


_NUMBER = re.compile("(?:cp|ibm|dos|windows|win|microsoft_cp|ms|iso_?8859)_?0*([0-9]{1,5})")


def _from_number(folded: str) -> str | None:
    """`cp-850`, `windows_1251`, `ISO_8859_2:1987`: the number tells, whatever follows."""
    number = _NUMBER.match(folded)
    if number is None:
        return "utf-8" if folded.startswith(("utf_8", "utf8")) else None
    if not folded.startswith("iso"):
        return f"cp{number[1]}" if f"cp{number[1]}" in _KNOWN else None
    return _NAMES.get(f"iso8859{number[1]}", f"iso8859_{number[1]}") if f"iso8859_{number[1]}" in _KNOWN else None


# -- decoding ---------------------------------------------------------------------------------------


def decode_text(data: bytes, charset: str) -> tuple[str, str]:
    """The text of these bytes, which are said to be in `charset` ("" where nothing is said).

    The declared charset first, then UTF-8, then windows-1252, which takes everything. Returns the text, and what was
    wrong ("" where nothing was). Never fails.
    """
    found = find_charset(charset) if charset else GUESS
    wrong = f"unknown charset {charset[:40]!r}" if found is None else ""
    if data.isascii() and found not in _NOT_ASCII and not (found in _VAGUE and b"\x1b$" in data):
        return data.decode("ascii"), wrong
    if not found:
        return _guess(data), wrong
    # US-ASCII holds nothing beyond ASCII: what is there is more often UTF-8 than Latin-1, or Japanese in seven bits.
    if found is _LATIN and "ascii" in charset.lower():
        return _guess(data), f"bytes that are not {charset[:40]}"
    text = _decode_as(data, found)
    if text is not None:
        return text, ""
    return _repaired(data, found), f"bytes that are not {charset[:40]}"


# Charsets in which bytes below 128 may be something else than ASCII; and those that are named by mistake.
_NOT_ASCII = frozenset("utf-7 utf-16-le utf-16-be utf_16 utf_32 utf_32_le utf_32_be iso2022_jp iso2022_kr hz".split())
_VAGUE = frozenset((GUESS, _LATIN, "utf-8", None))


def _decode_as(data: bytes, charset: str) -> str | None:
    """The text if the bytes are in this charset."""
    if charset is _JAPANESE_MAIL:
        return decode_iso2022jp(data)
    if charset is _LATIN:
        return decode_latin(data)
    if charset.startswith("utf-16"):
        charset = _byte_order(data, charset)
    elif charset == "utf-8" and data.startswith(BOM_UTF8):
        charset = "utf-8-sig"
    try:
        return data.decode(charset)
    except (UnicodeDecodeError, LookupError):
        return None


def _byte_order(data: bytes, charset: str) -> str:
    """A byte order mark goes before the name; without one `utf-16` is taken as Windows writes it."""
    return "utf-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else charset


def _repaired(data: bytes, charset: str) -> str:
    """The text of bytes that are not in the charset they are said to be in."""
    if charset != "utf-8":
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
    elif b"\xed" in data:
        # QUIRK: Java's "modified UTF-8" writes a character beyond U+FFFF as two surrogates.
        try:
            return without_surrogates(data.decode("utf-8", "surrogatepass"))
        except UnicodeDecodeError:
            pass
    replaced = data.decode(charset, "replace")
    # A damaged place in a long text, or another charset altogether?
    damaged = replaced.count("\ufffd")
    beyond = len(data) - len(data.translate(None, _HIGH))
    if charset == "utf-8" and damaged * 3 > beyond:
        return _guess_legacy(data)
    return replaced


_HIGH = bytes(range(0x80, 0x100))


def _guess(data: bytes) -> str:
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    if b"\x1b$" in data or b"\x1b(J" in data:
        return decode_iso2022jp(data)
    try:
        return data.decode("utf-8-sig" if data.startswith(BOM_UTF8) else "utf-8")
    except UnicodeDecodeError:
        return _guess_legacy(data)


def _guess_legacy(data: bytes) -> str:
    from .guessing import guess_charset

    charset = guess_charset(data)
    return data.decode(charset, "replace") if charset else decode_latin(data)


# What cp1252 leaves open is a control character, as in browsers: nothing is lost, and no text fails.
_OPEN_IN_CP1252 = {0x81: "\x81", 0x8D: "\x8d", 0x8F: "\x8f", 0x90: "\x90", 0x9D: "\x9d"}
_C1 = {
    code: _OPEN_IN_CP1252[code] if code in _OPEN_IN_CP1252 else bytes((code,)).decode("cp1252")
    for code in range(0x80, 0xA0)
}


def decode_latin(data: bytes) -> str:
    """The text of bytes in windows-1252, or in Latin-1, which is the same to people."""
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1").translate(_C1)


def decode_raw(data: bytes, charset: str = "") -> str:
    """The text of bytes beyond ASCII in a header field, of which nothing says what they are.

    RFC 6532 says UTF-8; older programs wrote the charset of the text, which `charset` names.
    """
    if b"\x1b$" in data:
        return decode_iso2022jp(data)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        found = find_charset(charset) if charset else GUESS
        text = _decode_as(data, found) if found and found != "utf-8" and "ascii" not in charset.lower() else None
        return _guess_legacy(data) if text is None else text
