"""SASLprep (RFC 4013): one form for user names and passwords that look alike."""

from __future__ import annotations

from ..errors import InvalidValue


def saslprep(text: str, member: str) -> str:
    """The prepared string; InvalidValue, naming the member, where it holds what RFC 4013 2.3 forbids.

    Code points that Unicode 3.2 did not know pass: we ask, we do not store (RFC 3454 7)."""
    if text.isascii() and text.isprintable():
        return text
    import stringprep
    from unicodedata import ucd_3_2_0

    mapped = "".join(
        " " if stringprep.in_table_c12(c) else c for c in text if not stringprep.in_table_b1(c)
    )  # RFC 4013 2.1
    prepared = ucd_3_2_0.normalize("NFKC", mapped)
    forbidden = (
        stringprep.in_table_c12, stringprep.in_table_c21_c22, stringprep.in_table_c3, stringprep.in_table_c4,
        stringprep.in_table_c5, stringprep.in_table_c6, stringprep.in_table_c7, stringprep.in_table_c8,
        stringprep.in_table_c9,
    )  # fmt: skip
    if any(found(c) for c in prepared for found in forbidden):
        raise InvalidValue(member, "holds a character that RFC 4013 forbids")
    # RFC 3454 6: right-to-left text has no left-to-right letter in it and begins and ends right to left.
    rtl = [stringprep.in_table_d1(c) for c in prepared]
    if any(rtl) and not (rtl[0] and rtl[-1] and not any(stringprep.in_table_d2(c) for c in prepared)):
        raise InvalidValue(member, "mixes writing directions as RFC 4013 forbids")
    return prepared
