"""What a server offers, read from its answer to EHLO."""

from __future__ import annotations

import pytest

from wlemail.smtp.extensions import Limits, limits, mechanisms, parse_ehlo, size_limit


def test_an_ordinary_answer() -> None:
    offered = parse_ehlo(
        "mx.example.com at your service\nSIZE 35882577\n8bitmime\nAUTH LOGIN PLAIN XOAUTH2\nPipelining"
    )
    assert offered == {"SIZE": "35882577", "8BITMIME": "", "AUTH": "LOGIN PLAIN XOAUTH2", "PIPELINING": ""}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("h\nAUTH LOGIN PLAIN", ("LOGIN", "PLAIN")),
        ("h\nAUTH=LOGIN PLAIN", ("LOGIN", "PLAIN")),
        ("h\nAUTH=LOGIN", ("LOGIN",)),
        ("h\nAUTH LOGIN PLAIN\nAUTH=LOGIN PLAIN", ("LOGIN", "PLAIN")),
        ("h\nAUTH CRAM-MD5\nAUTH plain\nAUTH=", ("CRAM-MD5", "PLAIN")),
        ("h\nAUTH", ()),
        ("h", ()),
        ("AUTH PLAIN", ()),  # the first line is the server's name, whatever it looks like
    ],
)
def test_auth_in_all_its_spellings(text: str, found: tuple[str, ...]) -> None:
    assert mechanisms(parse_ehlo(text)) == found


@pytest.mark.parametrize(
    ("parameters", "limit"),
    [("1000", 1000), ("", 0), ("0", 0), ("abc", 0), ("-5", 0), ("1000 x", 1000), ("9" * 5000, 0), ("٣", 0)],
)
def test_size(parameters: str, limit: int) -> None:
    assert size_limit({"SIZE": parameters}) == limit
    assert size_limit({}) == 0


def test_limits_rfc_9422() -> None:
    assert limits(parse_ehlo("h\nLIMITS RCPTMAX=20 MAILMAX=5 RCPTDOMAINMAX=1 OTHER=x odd")) == Limits(5, 20, 1)
    assert limits(parse_ehlo("h\nLIMITS rcptmax=many")) == Limits()
    assert limits({}) == Limits()


def test_blank_lines_are_nothing() -> None:
    assert parse_ehlo("h\n\n \nHELP") == {"HELP": ""}
