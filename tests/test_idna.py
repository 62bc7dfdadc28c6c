from __future__ import annotations

import pytest

from wlemail.idna import domain_to_ascii


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("example.com", "example.com"),
        ("Example.COM", "Example.COM"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("bu\u0308cher.example", "xn--bcher-kva.example"),
        ("faß.example", "xn--fa-hia.example"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("ｅｘａｍｐｌｅ.com", "example.com"),
        ("παράδειγμα.δοκιμή", "xn--hxajbheg2az3al.xn--jxalpdlp"),
    ],
)
def test_domains_become_what_dns_knows(domain: str, expected: str) -> None:
    assert domain_to_ascii(domain) == expected


def test_a_joiner_stays_where_a_script_needs_it() -> None:
    label = "\u0915\u094d\u200d\u0937"
    assert domain_to_ascii(f"{label}.example")[4:-8].encode().decode("punycode") == label


@pytest.mark.parametrize(
    "domain",
    ["℀.example", "a\u200db.é", "é" * 64 + ".example", "é\u2028.example", "-é.example", "\u0301e.example", "é..x"],
)
def test_domains_that_cannot_be(domain: str) -> None:
    with pytest.raises(ValueError, match=r"domain|dots"):
        domain_to_ascii(domain)
