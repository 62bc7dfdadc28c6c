"""EmailImportHTML by its public names: structure and variable, and what the recipient gets."""

from __future__ import annotations

import base64
import logging
from pathlib import Path

import pytest

import wlemail
from tests.support.arrivals import arrived, shape
from wlemail import (
    Email,
    EmailImporteHTML,
    EmailImportHTML,
    EmailSendMessage,
    ErrorInfo,
    ErrorOccurred,
    emailAttach,
    emailOptionDefault,
    emailOptionNoCID,
    emailOptionSansCID,
)
from wlemail.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("face")

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(40))


@pytest.fixture
def site(tmp_path: Path) -> str:
    for name in ("a.png", "b.png", "café.png"):
        (tmp_path / name).write_bytes(PNG + name.encode())
    (tmp_path / "scan").write_bytes(PNG)
    (tmp_path / "note.txt").write_text("a note", encoding="utf-8")
    return str(tmp_path)


def addressed(message: object = Email) -> None:
    message.Sender, message.Recipient = "me@example.com", "you@example.org"  # type: ignore[attr-defined]


def test_the_structure_gets_the_paths_behind_its_attachments(site: str) -> None:
    Email.Attach[1] = f"{site}/note.txt"
    Email.Attach[2] = f"{site}/note.txt"
    Email.NbAttach = 2
    Email.Message = "text"
    EmailImportHTML('<img src="a.png">', site)
    assert not ErrorOccurred
    assert Email.NbAttach == 3
    assert Path(Email.Attach[3]) == Path(site) / "a.png"
    assert f'<img src="cid:{Email.AttachIdentifier[3]}">' == Email.HTML
    assert Email.Message == "text"


def test_counters_that_nobody_set_are_derived(site: str) -> None:
    Email.Attach.Add(f"{site}/note.txt")
    EmailImportHTML('<img src="a.png"><img src="b.png">', site, emailOptionDefault)
    assert (Email.NbAttach, len(Email.Attach)) == (3, 3)


def test_what_lay_at_the_place_of_an_image_is_gone(site: str) -> None:
    Email.Attach = [f"{site}/note.txt", "old.txt"]
    Email.AttachContentType = ["text/x-first", "text/x-old"]
    Email.AttachContentDescription = ["first", "old"]
    Email.AttachIdentifier = ["", "old"]
    Email.NbAttach = 1
    EmailImportHTML('<img src="a.png"><img src="scan">', site)
    assert list(Email.AttachContentType) == ["text/x-first", "", "image/png"]
    assert list(Email.AttachContentDescription) == ["first", ""]
    assert Email.AttachIdentifier[2] not in ("", "old")
    assert Email.NbAttach == 3


def test_the_variable_gets_the_content_as_it_is_now(site: str, box: Sandbox) -> None:
    message = Email()
    addressed(message)
    message.Attach.Add(f"{site}/note.txt")
    EmailImporteHTML(message, '<p>é <img src="caf%C3%A9.png"> <img src="a.png"> <img src="a.png"></p>', site)
    assert not ErrorOccurred
    assert [one.Name for one in message.Attach] == ["note.txt", "café.png", "a.png"]
    (Path(site) / "a.png").unlink()
    assert message.Attach[3].Content == PNG + b"a.png"
    assert EmailSendMessage("me", message), ErrorInfo()
    [received] = arrived(box)
    assert shape(received) == (
        "multipart/mixed",
        ("multipart/related", "text/html", "image/png", "image/png"),
        "text/plain",
    )
    images = {str(part["Content-ID"])[1:-1]: part.get_content() for part in received.walk() if part["Content-ID"]}
    html = received.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert [images[piece.partition('"')[0]] for piece in html.split("cid:")[1:]] == [
        *(PNG + "café.png".encode(), PNG + b"a.png", PNG + b"a.png"),
    ]


def test_images_inside_the_text_are_for_variables_alone(site: str) -> None:
    html = f'<img src="data:image/png;base64,{base64.b64encode(PNG).decode()}">'
    message = Email()
    EmailImportHTML(message, html, site)
    [image] = message.Attach
    assert (image.Name, image.Content, image.ContentType) == ("image1.png", PNG, "image/png")
    assert f'<img src="cid:{image.Identifier}">' == message.HTML
    EmailImportHTML(html, site)
    assert (Email.HTML, Email.NbAttach) == (html, 0)


def test_the_prefix_form(site: str) -> None:
    message = Email()
    message.ImportHTML('<img src="a.png">', site)
    message.ImporteHTML('<img src="b.png">', site)
    assert [one.Name for one in message.Attach] == ["a.png", "b.png"]
    assert "cid:" in message.HTML


def test_the_structure_may_be_named(site: str) -> None:
    EmailImportHTML(Email, '<img src="a.png">', site)
    assert Email.NbAttach == 1


def test_identifiers_are_unique_unless_asked_for(site: str) -> None:
    found = set()
    for _ in range(2):
        wlemail.EmailReset()
        EmailImportHTML('<img src="a.png"><img src="b.png">', site)
        found |= set(Email.AttachIdentifier)
    assert len(found) == 4


def test_identifiers_that_repeat(site: str) -> None:
    for option in (emailOptionNoCID, emailOptionSansCID):
        wlemail.EmailReset()
        Email.Attach.Add(f"{site}/note.txt")
        EmailImportHTML('<img src="a.png"><img src="b.png">', site, option)
        assert Email.HTML == '<img src="cid:wdcid2"><img src="cid:wdcid3">'
        assert list(Email.AttachIdentifier)[1:] == ["wdcid2", "wdcid3"]


def test_the_recipient_sees_the_images_of_the_structure(site: str, box: Sandbox) -> None:
    addressed()
    Email.Message = "plain"
    EmailImportHTML('<body background="a.png"><img src="scan"></body>', site)
    assert EmailSendMessage("me"), ErrorInfo()
    [received] = arrived(box)
    assert shape(received) == (
        *("multipart/related", ("multipart/alternative", "text/plain", "text/html"), "image/png", "image/png"),
    )


def test_a_missing_image_stays_and_a_warning_names_it(site: str, caplog: pytest.LogCaptureFixture) -> None:
    html = '<img src="gone.png"><img src="../outside.png"><img src="http://example.com/x.png">'
    with caplog.at_level(logging.WARNING, "wlemail"):
        EmailImportHTML(html, site)
    assert (Email.HTML, Email.NbAttach) == (html, 0)
    assert not ErrorOccurred
    assert [record.getMessage() for record in caplog.records] == [
        "EmailImportHTML: the image 'gone.png' is not sent with the message: there is no such file",
        "EmailImportHTML: the image '../outside.png' is not sent with the message: it lies outside the directory",
    ]


def test_a_warning_does_not_show_a_whole_image(site: str, caplog: pytest.LogCaptureFixture) -> None:
    html = f'<img src="{"x" * 1_000_000}.png">'
    with caplog.at_level(logging.WARNING, "wlemail"):
        EmailImportHTML(html, site)
    assert html == Email.HTML
    assert [len(record.getMessage()) < 400 for record in caplog.records] == [True]


def test_a_directory_that_is_not_there_fails_and_changes_nothing(site: str) -> None:
    Email.HTML = "before"
    EmailImportHTML('<img src="a.png">', f"{site}/nowhere")
    assert ErrorOccurred
    assert "nowhere" in ErrorInfo()
    assert (Email.HTML, Email.NbAttach) == ("before", 0)


def test_a_success_leaves_a_standing_error_alone(site: str) -> None:
    assert EmailSendMessage("nobody") is False
    EmailImportHTML('<img src="a.png">', site)
    assert ErrorOccurred
    assert "nobody" in ErrorInfo()


def test_what_is_no_message_is_taken_as_the_text_and_named() -> None:
    EmailImportHTML(emailAttach(), "x")  # type: ignore[arg-type]
    assert ErrorOccurred
    assert "HTML" in ErrorInfo()


def test_the_variable_form_needs_a_directory() -> None:
    with pytest.raises(TypeError, match="directory"):
        EmailImportHTML(Email(), "<p>")
