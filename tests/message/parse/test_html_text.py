from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.message.effort import takes_little
from wlemail.message.html_text import html_of, text_of


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("", ""),
        ("plain", "plain\n"),
        ("  two \n\t words ", "two words\n"),
        ("a<b>b</b> <i>c</i>", "ab c\n"),
        ("a<br>b<br/>c", "a\nb\nc\n"),
        ("a<br><br>b", "a\n\nb\n"),
        ("<p>a</p><p>b</p>", "a\n\nb\n"),
        ("<div>a</div><div>b</div>", "a\nb\n"),
        ("a<div>b</div>c", "a\nb\nc\n"),
        ("<h1>T</h1>x", "T\n\nx\n"),
        ("<ul><li>a<li>b</ul>", "* a\n* b\n"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b\n"),
        ('<ol start="9"><li>a</li><li>b</li></ol>', "9. a\n10. b\n"),
        ("<ul><li>a<ul><li>b</li></ul></li></ul>", "* a\n  * b\n"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a\tb\nc\n"),
        ("<blockquote>a<br>b</blockquote>c", "> a\n> b\n\nc\n"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n>\n> > b\n"),
        ("<pre>\na\n  b\n</pre>c", "a\n  b\n\n\nc\n"),
        ("a<hr>b", f"a\n{'-' * 40}\nb\n"),
        ('<img src=x alt="a picture"> b', "a picture b\n"),
        ("&eacute;&#233;&#xe9;&nbsp;&lt;&amp;amp;&unknown;", "ééé <&amp;&unknown;\n"),
        # what is no text
        ("<head><title>T</title></head><body>x", "x\n"),
        ("<style>p{}</style><script>if (a<b) '</p>'</script>x", "x\n"),
        ("<!-- no --> a <!doctype html> b <?xml?> c <![if !mso]>d<![endif]>", "a b c d\n"),
        ("<!--[if mso]><p>no</p><![endif]-->x", "x\n"),
        ('<div style="display:none">preview</div>x', "x\n"),
        ('<span style="DISPLAY : none">a<span>b</span></span>x', "x\n"),
        ('<div title="a > b">x</div>', "x\n"),
        # what is not closed, or no markup at all
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2\n"),
        ("a <b", "a <b\n"),
        ("a <!-- b", "a\n"),
        ("<script>a", ""),
        ('<a href="x>y</a> z', "y z\n"),
        ("</p>a</div>", "a\n"),
        ("<>a", "<>a\n"),
    ],
)
def test_pages(page: str, text: str) -> None:
    assert text_of(page) == text


@given(st.text(st.sampled_from("<>/!-'\"= abpdiv&;#1\n"), max_size=80))
def test_any_page_is_read(page: str) -> None:
    assert isinstance(text_of(page), str)


@given(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=60))
def test_a_text_comes_back(text: str) -> None:
    assert text_of(html_of(text)) == f"{text}\n"


def test_a_text_as_html() -> None:
    assert html_of("a < b\r\nc & d") == "<p>a &lt; b<br>\r\nc &amp; d</p>"


@pytest.mark.parametrize(
    "unit",
    [
        '<a "',
        "<",
        "<!--",
        "<a '\"",
        "<blockquote>",
        "<script>",
        "<div style=display:none>",
        "&",
        "<ul>",
        "</",
        "<img alt='",
    ],
)
def test_trap_pages_that_take_the_square_of_the_time(unit: str) -> None:
    takes_little(lambda: text_of(unit * (200_000 // len(unit))))
