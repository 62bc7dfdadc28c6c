"""Domain names beyond ASCII (IDNA 2008), for whoever writes addresses: headers, envelopes, questions to DNS.

Not Python's codec `idna`: it knows IDNA 2003 alone, by which `straße.example` is `strasse.example`, somebody else's.
"""

from __future__ import annotations

import re
import unicodedata

_DOTS = re.compile("[.\u3002\uff0e\uff61]")
_REFUSED_IN_LABELS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"})


def domain_to_ascii(domain: str) -> str:
    """The domain as DNS knows it: every label that is not ASCII as its A-label (`xn--…`). ValueError says why not.

    Labels are mapped as browsers do (NFKC, lower case, NFC; UTS 46 without its transitional rules, so that ß stays
    ß) and encoded by punycode. Not covered, because they need tables of Unicode that Python does not have: the
    bidirectional rule of RFC 5893, the contextual rules of RFC 5892 A.3-A.9, and the difference between letters that
    IDNA 2008 allows and those it does not. A name that breaks them cannot be registered, so that it resolves nowhere.
    """
    if domain.isascii():
        return domain
    labels = [_label_to_ascii(label) for label in _DOTS.split(domain)]
    ascii_domain = ".".join(labels)
    if len(ascii_domain) > 253:
        raise ValueError("the domain is longer than 253 characters")
    return ascii_domain


def _label_to_ascii(label: str) -> str:
    if not label:
        raise ValueError("there are two dots in a row")
    if label.isascii():
        return label
    mapped = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", label.replace("\xad", "")).lower())
    mapped = unicodedata.normalize("NFKC", mapped)
    for index, character in enumerate(mapped):
        # RFC 5892 A.1 and A.2: the joiners are letters' companions in Indic scripts only.
        joins = character in "\u200c\u200d" and index > 0 and unicodedata.combining(mapped[index - 1]) == 9
        if unicodedata.category(character) in _REFUSED_IN_LABELS and not joins:
            raise ValueError(f"the character U+{ord(character):04X} is not allowed in a domain")
        # "℀" maps to "a/c": what comes out must be a host name, not a path.
        if character.isascii() and not (character.isalnum() or character == "-"):
            raise ValueError(f"the character {character!r} is not allowed in a domain")
    if not mapped or mapped[0] == "-" or mapped[-1] == "-" or unicodedata.category(mapped[0])[0] == "M":
        raise ValueError("a part of the domain begins or ends with what no name begins or ends with")
    encoded = mapped if mapped.isascii() else "xn--" + mapped.encode("punycode").decode("ascii")
    if len(encoded) > 63:
        raise ValueError("a part of the domain is longer than 63 characters")
    return encoded
