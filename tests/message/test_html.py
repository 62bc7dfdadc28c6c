"""Where HTML refers to images: rows of markup and what is found in it, and time in proportion to the text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wlemail.message.html import image_references, rewritten

FOUND = [
    ('<img src="a.png">', ["a.png"]),
    ("<IMG SRC='a b.png'>", ["a b.png"]),
    ("<img src=a.png>", ["a.png"]),
    ("<img src=a.png/>", ["a.png/"]),
    ('<img\n  alt="1 > 0"\n  src = "a.png" />', ["a.png"]),
    ('<img alt=""src="a.png">', ["a.png"]),
    ('<img src=" a.png ">', ["a.png"]),
    ('<img src="long\n name.png">', ["long name.png"]),
    ('<img src="caf&eacute;&amp;co.png">', ["café&co.png"]),
    ('<img src="images\\logo.png">', ["images\\logo.png"]),
    ('<img src="">', []),
    ("<img src>", []),
    ('<img data-src="a.png" title="src=b.png">', []),
    ('<body background="a.gif"><td background=b.gif>', ["a.gif", "b.gif"]),
    ('<input type=image src="a.png">', ["a.png"]),
    ('<svg><image xlink:href="a.png"/><image href="b.png"/></svg>', ["a.png", "b.png"]),
    ('<img srcset="a.png, b.png 2x,c.png 3x">', ["a.png", "b.png", "c.png"]),
    ('<picture><source srcset="a.webp"><img src="a.png"></picture>', ["a.webp", "a.png"]),
    ('<img srcset=" , ">', []),
    # styles
    ('<p style="background: url(a.png)">', ["a.png"]),
    ("<p style=\"background: URL( 'a.png' )\">", ["a.png"]),
    ("<p style='background: url(\"a.png\")'>", ["a.png"]),
    ('<p style="background:url(&quot;a&amp;b.png&quot;)">', ["a&b.png"]),
    ('<p style="background:url(&#39;a.png&#x27;)">', ["a.png"]),
    ("<style>p { background: url(a.png) } td { background: url('b.png') }</style>", ["a.png", "b.png"]),
    ('<STYLE type="text/css">p{background:url(a.png)}</STYLE >', ["a.png"]),
    ("<style>/* url(a.png) */ @import url(b.css); p::after { content: 'url(c.png)' }</style>", []),
    ('<style>@import "b.css"; p{background:url(a.png)}</style>', ["a.png"]),
    ("<style>p{background:url()}</style>", []),
    ("<style>p{background:curl(a.png)}</style>", []),
    # what shows no image
    ('<a href="a.png">', []),
    ('<link rel="stylesheet" href="a.css">', []),
    ('<script src="a.js">document.write("<img src=b.png>")</script>', []),
    ("<textarea><img src=a.png></textarea><title><img src=b.png></title>", []),
    ("<!-- <img src=a.png> --><img src=b.png>", ["b.png"]),
    ("<!--><img src=a.png><!-- -->", ["a.png"]),
    ("<!DOCTYPE html><?xml a?><img src=a.png>", ["a.png"]),
    ("1 < 2 <img src=a.png> and 3 > 2", ["a.png"]),
    ("< img src=a.png>", []),
    # what only Outlook reads
    ('<!--[if gte mso 9]><v:fill type="tile" src="a.png"/><![endif]--><img src=b.png>', ["a.png", "b.png"]),
    ("<![if !mso]><img src=a.png><![endif]>", ["a.png"]),
    # what is never closed is left alone
    ('<img src="a.png', []),
    ('<img src="a.png"', []),
    ('<img src="a.png"><img alt="<img src=b.png>', ["a.png"]),
    ("<!-- <img src=a.png>", []),
    ("<style>p{background:url(a.png)}", []),
    ("<p style='background:url(a.png'>", []),
]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_references_are_found(text: str, expected: list[str]) -> None:
    assert [reference.targets[0] for reference in image_references(text)] == expected


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_only_what_refers_is_rewritten(text: str, expected: list[str]) -> None:
    references = image_references(text)
    pieces, position = [], 0
    for reference in references:
        pieces.append(text[position : reference.start])
        position = reference.end
    unchanged = "X".join([*pieces, text[position:]])
    assert rewritten(text, [(reference, "X") for reference in references]) == unchanged
    assert rewritten(text, [(one, text[one.start : one.end]) for one in references]) == text


def test_a_backslash_in_a_style_is_a_path_or_an_escape() -> None:
    [path] = image_references(r"<style>p{background:url(img\logo.png)}</style>")
    assert path.targets[0] == r"img\logo.png"
    [escaped] = image_references(r"<style>p{background:url(photo\(1\)\20 b.png)}</style>")
    assert escaped.targets[1] == "photo(1) b.png"


@given(st.text(alphabet="<>=\"'/!-[]if abcsrcimgtyle(url)&quot;\\*:; \n", max_size=80))
@settings(max_examples=200)
def test_no_text_fails_or_is_read_past_its_end(text: str) -> None:
    last = 0
    for reference in image_references(text):
        assert last <= reference.start < reference.end <= len(text)
        assert reference.targets[0]
        last = reference.end


@given(st.text(alphabet="abcé.png/ \\&'%", min_size=1, max_size=30).filter(lambda name: name.strip()))
@settings(max_examples=100)
def test_any_name_in_an_attribute_comes_out_as_it_was(name: str) -> None:
    escaped = name.replace("&", "&amp;").replace("'", "&#39;")
    [reference] = image_references(f"<p><img alt=x src='{escaped}'></p>")
    assert reference.targets == (name.strip(),)


LONG = [
    '<img src="' * 20000,
    "<img src=" * 20000,
    "<p a='" * 20000,
    "<" * 100000,
    "<a " * 50000,
    "<p a" + " " * 100000 + "b",
    "<p a" + "\n=" * 20000,
    "<!--" * 50000,
    "<!--[if" + " " * 50000,
    "<style>" * 20000,
    "<title>" * 20000,
    "<style>" + "/*" * 50000 + "</style>",
    "<style>" + "url(" * 40000 + "</style>",
    "<style>" + 'url("' * 40000 + "</style>",
    "<style>url(" + " " * 50000 + "</style>",
    "<style>" + "url('a' " * 20000 + "</style>",
    "<style>" + "@import " * 20000 + "</style>",
    '<p style="' + "url(&quot;" * 20000 + '">',
    '<p style="' + "url(&quot;&quot; " * 20000 + '">',
    '<p style="&quot;&#' + "0" * 90000 + '">',
    '<img srcset="' + "," * 100000 + '">',
    '<img srcset="' + "a, " * 30000 + '">',
]


@pytest.mark.parametrize("text", LONG, ids=lambda text: text[:12])
def test_time_grows_with_the_text_and_no_faster(text: str) -> None:
    began = time.perf_counter()
    image_references(text)
    # Twice the square of these lengths would take minutes; this bound is met ten times over.
    assert time.perf_counter() - began < 3
