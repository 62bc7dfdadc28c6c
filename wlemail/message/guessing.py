"""Which charset is it? For bytes that are not UTF-8 and of which nothing (true) is said.

Western text has single bytes beyond ASCII among letters. Where they stand in rows, each charset is tried: in the right
one a good part of the text is made of the few characters that every text in that language is made of.
"""

from __future__ import annotations

import re
from typing import NamedTuple

#: a longer text does not tell more
_ENOUGH = 20_000
#: fewer bytes beyond ASCII tell nothing
_FEWEST = 8

_HIGH = bytes(range(0x80, 0x100))
_ROW = re.compile(rb"[\x80-\xff]{2,}")


class _Candidate(NamedTuple):
    charset: str
    usual: re.Pattern[str]
    share: float  #: how much of the text the usual characters are at least


_KANA = re.compile("[\u3041-\u3093\u30a1-\u30f6\u30fc\u3001\u3002]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_SIMPLIFIED = re.compile(
    "[的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家事成方多经"
    "么去学如都同现当没动面起看定天分还进好小其些主样理心她本前开但因只从想实日月您请件公司间邮号，。：、]"
)
_TRADITIONAL = re.compile(
    "[的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家事成方多經"
    "麼去學如都同現當沒動面起看定天分還進好小其些主樣理心她本前開但因只從想實日月您請件公司間郵號，。：、曰者其故此]"
)
_CYRILLIC = re.compile("[оеаинтсрвлкмдпуяыьгзбі]")
_GREEK = re.compile("[αειονρσςτυηπκλμάέίόήύώ]")
_CANDIDATES = (
    _Candidate("cp932", _KANA, 0.25),
    _Candidate("euc_jp", _KANA, 0.25),
    _Candidate("cp949", _HANGUL, 0.8),
    _Candidate("gb18030", _SIMPLIFIED, 0.15),
    _Candidate("cp950", _TRADITIONAL, 0.15),
    _Candidate("cp1251", _CYRILLIC, 0.7),
    _Candidate("koi8_r", _CYRILLIC, 0.7),
    _Candidate("cp866", _CYRILLIC, 0.7),
    _Candidate("iso8859_5", _CYRILLIC, 0.7),
    _Candidate("cp1253", _GREEK, 0.7),
)


def guess_charset(data: bytes) -> str:
    """The charset that bytes are most probably in, "" where it is that of the West or cannot be told."""
    data = data[:_ENOUGH]
    high = len(data) - len(data.translate(None, _HIGH))
    if high < _FEWEST or sum(map(len, _ROW.findall(data))) * 3 < high * 2:
        return ""
    scores = [(_share(data, candidate) / candidate.share, candidate.charset) for candidate in _CANDIDATES]
    best, charset = max(scores)
    return charset if best >= 1 else ""


def _share(data: bytes, candidate: _Candidate) -> float:
    """How much of the text beyond ASCII consists of the usual characters; 0 where the bytes are not in the charset."""
    try:
        text = data.decode(candidate.charset)
    except UnicodeDecodeError as problem:
        # The cut may go through a character; anything before it counts.
        if problem.start < len(data) - 3 or len(data) < _ENOUGH:
            return 0
        text = data[: problem.start].decode(candidate.charset)
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    return len(candidate.usual.findall(text)) / beyond if beyond else 0
