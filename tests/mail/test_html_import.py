"""Images of an HTML text: which files a reference finds, and that nothing outside the directory is ever read."""

from __future__ import annotations

import base64
import builtins
import os
import socket
import sys
import unicodedata
from pathlib import Path

import pytest

from wlemail.errors import FileProblem
from wlemail.mail.html_import import MISSING, NO_IMAGE, OUTSIDE, ImportedHTML, import_html, unique_identifiers

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
GIF = b"GIF89a" + b"\0" * 20


def by_number(number: int) -> str:
    return f"id{number}"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A directory with images, beside things that nobody may read through it."""
    site = tmp_path / "site"
    (site / "img").mkdir(parents=True)
    for name in ("a.png", "b.png", "café.png", "été 2024.png", "100%.png", "img/logo.png"):
        (site / name).write_bytes(PNG)
    (tmp_path / "secret.png").write_bytes(PNG)
    (tmp_path / "site2").mkdir()
    (tmp_path / "site2" / "secret.png").write_bytes(PNG)
    return site


def imported(html: str, directory: Path, *, embedded: bool = False) -> ImportedHTML:
    return import_html(html, str(directory), by_number, embedded=embedded)


def found(reference: str, directory: Path) -> str:
    """The file that a reference leads to, relative to the directory; "" where it stays as it is."""
    html = f'<img src="{reference}">'
    result = imported(html, directory)
    if not result.images:
        assert result.html == html
        return ""
    assert result.html == '<img src="cid:id1">'
    assert result.images[0].path is not None
    return Path(result.images[0].path).relative_to(directory).as_posix()


@pytest.mark.parametrize(
    ("reference", "file"),
    [
        ("a.png", "a.png"),
        ("./a.png", "a.png"),
        ("img/logo.png", "img/logo.png"),
        ("img\\logo.png", "img/logo.png"),
        (".\\img\\logo.png", "img/logo.png"),
        ("img/../a.png", "a.png"),
        ("img//logo.png", "img/logo.png"),
        ("café.png", "café.png"),
        ("caf&eacute;.png", "café.png"),
        ("caf%C3%A9.png", "café.png"),
        ("caf%E9.png", "café.png"),
        ("%C3%A9t%C3%A9%202024.png", "été 2024.png"),
        ("été 2024.png", "été 2024.png"),
        ("100%.png", "100%.png"),
        ("100%25.png", "100%.png"),
        ("a.png?v=3", "a.png"),
        ("a.png#top", "a.png"),
        ("IMG/Logo.PNG", "img/logo.png"),
        (unicodedata.normalize("NFD", "café.png"), "café.png"),
    ],
)
def test_a_reference_finds_its_file(site: Path, reference: str, file: str) -> None:
    assert found(reference, site) == file


def test_a_name_is_taken_as_it_is_before_it_is_decoded(site: Path) -> None:
    (site / "a%20b.png").write_bytes(PNG)
    (site / "a b.png").write_bytes(PNG)
    assert found("a%20b.png", site) == "a%20b.png"


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names differ there by more than case")
def test_the_exact_case_comes_first(site: Path) -> None:
    (site / "A.png").write_bytes(PNG)
    assert found("A.png", site) == "A.png"
    assert found("a.png", site) == "a.png"


def test_an_absolute_path_inside_the_directory_is_found(site: Path) -> None:
    assert found(str(site / "img" / "logo.png"), site) == "img/logo.png"
    assert found((site / "img" / "logo.png").as_uri(), site) == "img/logo.png"


UNTOUCHED = [
    "http://example.com/a.png",
    "HTTPS://example.com/a.png",
    "//example.com/a.png",
    "cid:a.png",
    "mailto:a.png",
    "data:image/png;base64,AAAA",
    "about:blank",
    "javascript:a.png",
    "#a.png",
    "ftp://example.com/a.png",
]


@pytest.mark.parametrize("reference", UNTOUCHED)
def test_what_leads_to_the_network_stays_without_a_word(site: Path, reference: str) -> None:
    assert found(reference, site) == ""
    assert imported(f'<img src="{reference}">', site).left == {}


def test_html_import_fetches_nothing(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **named: object) -> None:
        raise AssertionError(f"the network was asked for: {arguments}")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    html = "".join(f'<img src="{reference}">' for reference in [*UNTOUCHED, "\\\\server\\share\\a.png"])
    assert imported(html, site).html == html


OUTSIDES = [
    "../secret.png",
    "..\\secret.png",
    "img/../../secret.png",
    "%2e%2e/secret.png",
    "..%2Fsecret.png",
    "..%5Csecret.png",
    "&#46;&#46;/secret.png",
    "../site2/secret.png",
    "../site/../secret.png",
    "/etc/passwd",
    "file:///etc/passwd",
    "file:/etc/passwd",
    "file://localhost/etc/passwd",
    "file://server/share/a.png",
    "C:\\Windows\\win.ini",
    "file:///C:/Windows/win.ini",
    "\\\\server\\share\\a.png",
    "{outside}/secret.png",
    "{outside}/site2/secret.png",
    "{site}/../secret.png",
    "{site}2/secret.png",
    "file://{outside}/secret.png",
]


@pytest.mark.parametrize("reference", OUTSIDES)
def test_html_import_reads_nothing_outside_its_directory(
    site: Path, monkeypatch: pytest.MonkeyPatch, reference: str
) -> None:
    reference = reference.replace("{site}", str(site)).replace("{outside}", str(site.parent))
    opened: list[str] = []
    real_open, real_stat, real_listdir = builtins.open, os.stat, os.listdir

    def watched_open(file: object, *arguments: object, **named: object) -> object:
        opened.append(os.path.realpath(os.fspath(file)))  # type: ignore[arg-type, call-overload]
        return real_open(file, *arguments, **named)  # type: ignore[call-overload]

    def watched_stat(path: object, *arguments: object, **named: object) -> object:
        opened.append(os.path.realpath(os.fspath(path)))  # type: ignore[arg-type, call-overload]
        return real_stat(path, *arguments, **named)  # type: ignore[arg-type]

    def watched_listdir(path: str) -> list[str]:
        opened.append(os.path.realpath(path))
        return real_listdir(path)

    html = f'<img src="{reference}">'
    with monkeypatch.context() as patch:
        patch.setattr(builtins, "open", watched_open)
        patch.setattr(os, "stat", watched_stat)
        patch.setattr(os, "listdir", watched_listdir)
        result = imported(html, site)
    assert (result.html, result.images) == (html, [])
    assert list(result.left.values()) == [OUTSIDE]
    root = os.path.realpath(site)
    assert [path for path in opened if path != root and not path.startswith(root + os.sep)] == []


@pytest.fixture
def links(site: Path) -> Path:
    """Links in the directory that lead out of it."""
    try:
        (site / "link.png").symlink_to(site.parent / "secret.png")
        (site / "folder").symlink_to(site.parent / "site2", target_is_directory=True)
        (site / "inner.png").symlink_to(site / "a.png")
    except OSError as problem:
        pytest.skip(f"no links here: {problem}")
    return site


@pytest.mark.parametrize("reference", ["link.png", "folder/secret.png", "folder/SECRET.png", "LINK.PNG"])
def test_html_import_follows_no_link_out_of_its_directory(links: Path, reference: str) -> None:
    result = imported(f'<img src="{reference}">', links)
    assert (result.images, list(result.left.values())) == ([], [OUTSIDE])


def test_a_link_inside_the_directory_is_followed(links: Path) -> None:
    result = imported('<img src="inner.png"><img src="a.png">', links)
    assert result.html == '<img src="cid:id1"><img src="cid:id1">'


def test_the_directory_itself_may_be_a_link(links: Path) -> None:
    other = links.parent / "other"
    other.symlink_to(links, target_is_directory=True)
    assert imported('<img src="a.png">', other).html == '<img src="cid:id1">'


def test_only_images_are_taken(site: Path) -> None:
    (site / "config.ini").write_text("[password]", encoding="utf-8")
    (site / "readme").write_bytes(b"no image at all")
    (site / "scan").write_bytes(PNG)
    result = imported('<img src="config.ini"><img src="readme"><img src="img"><img src="scan">', site)
    assert result.html == '<img src="config.ini"><img src="readme"><img src="img"><img src="cid:id1">'
    assert result.left == dict.fromkeys(["config.ini", "readme", "img"], NO_IMAGE)
    [scan] = result.images
    assert (scan.name, scan.content_type) == ("scan", "image/png")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_not_waited_for(site: Path) -> None:
    os.mkfifo(site / "pipe.png")
    assert imported('<img src="pipe.png">', site).left == {"pipe.png": NO_IMAGE}


@pytest.mark.parametrize("reference", ["gone.png", "img/gone.png", "a.png/b.png", "a\0.png", "a%00.png", "x" * 300])
def test_a_missing_image_stays_and_is_named(site: Path, reference: str) -> None:
    html = f'<p><img src="{reference}"> and <img src="a.png"></p>'
    result = imported(html, site)
    assert result.html == html.replace('"a.png"', '"cid:id1"')
    assert result.left == {reference: MISSING}


def test_an_image_that_is_used_often_is_taken_once(site: Path) -> None:
    html = '<body background="a.png"><img src="a.png"><img src="./A.PNG"><img src="b.png"><p style="x:url(a.png)">'
    result = imported(html, site)
    assert [image.name for image in result.images] == ["a.png", "b.png"]
    assert [image.identifier for image in result.images] == ["id1", "id2"]
    assert result.html.count("cid:id1") == 4
    assert result.html.count("cid:id2") == 1


def test_the_rest_of_the_text_stays_as_it_is(site: Path) -> None:
    html = "<!doctype html>\r\n<IMG  SRC = 'a.png'  ALT=\"&quot;x&quot;\" ><br/>\n\t<p STYLE=color:red>é&nbsp;…</P"
    assert imported(html, site).html == html.replace("a.png", "cid:id1")


def test_images_inside_the_text(site: Path) -> None:
    png, gif = base64.b64encode(PNG).decode(), base64.b64encode(GIF).decode()
    html = (
        f'<img src="data:image/png;base64,{png}"><img src="a.png"><img src="DATA:image/gif;charset=x;base64,\n{gif}">'
        f'<p style="background:url(data:image/png;base64,{png})"><img src="data:image/svg+xml;utf8,<svg/>">'
        '<img src="data:image/png;base64,!"><img src="data:text/plain;base64,AAAA">'
    )
    result = imported(html, site, embedded=True)
    assert [(image.name, image.content_type, image.content) for image in result.images] == [
        ("image1.png", "image/png", PNG),
        ("a.png", "", None),
        ("image3.gif", "image/gif", GIF),
    ]
    assert result.html == (
        '<img src="cid:id1"><img src="cid:id2"><img src="cid:id3"><p style="background:url(cid:id1)">'
        '<img src="data:image/svg+xml;utf8,<svg/>"><img src="data:image/png;base64,!">'
        '<img src="data:text/plain;base64,AAAA">'
    )
    assert imported(html, site).html == html.replace('"a.png"', '"cid:id1"')


def test_percent_escapes_in_embedded_images(site: Path) -> None:
    data = base64.b64encode(b"\xfb\xff" + PNG).decode().replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    result = imported(f'<img src="data:image/jpeg;base64,{data}">', site, embedded=True)
    assert [(image.name, image.content) for image in result.images] == [("image1.jpg", b"\xfb\xff" + PNG)]


def test_a_directory_that_is_not_there_is_an_error_where_it_is_needed(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    assert imported('<img src="http://example.com/a.png">', gone).images == []
    with pytest.raises(FileProblem, match="no such directory"):
        imported('<img src="a.png">', gone)


def test_a_directory_with_a_nul_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileProblem):
        import_html('<img src="a.png">', f"{tmp_path}\0x", unique_identifiers())


def test_no_directory_is_the_current_one(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(site)
    assert import_html('<img src="a.png">', "", by_number).images[0].path == str(site / "a.png")


def test_identifiers_are_of_one_import_alone() -> None:
    first, second = unique_identifiers(), unique_identifiers()
    assert len({first(1), first(2), second(1), second(2)}) == 4
