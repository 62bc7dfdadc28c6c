"""Attachments of mails that were read: names, contents, saving, sending on; HTML with its images."""

from __future__ import annotations

import gc
import os
import pickle
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from tests.support.mailboxes import FakeMailbox
from wlemail import (
    Email,
    EmailCloseSession,
    EmailExportHTML,
    EmailGetAll,
    EmailImportSource,
    EmailReadFirst,
    EmailReadNext,
    EmailReset,
    EmailSaveAttachment,
    EmailSendMessage,
    ErrorInfo,
    emailAttach,
)
from wlemail.sandbox import Sandbox

from .reading import Functions, failed, no_error, open_session

Part = tuple[str, bytes, str]


def mail(*parts: Part, html: str = "", subject: str = "parts") -> bytes:
    """A mail with attachments: (name, content, further header fields)."""
    lines = [
        "From: jean@example.com",
        "To: anna@example.org",
        f"Subject: {subject}",
        "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="b"',
        "",
        "--b",
        f"Content-Type: text/{'html' if html else 'plain'}; charset=utf-8",
        "",
        html or "text",
    ]
    for name, content, fields in parts:
        lines += [
            "--b",
            "Content-Type: application/octet-stream",
            f'Content-Disposition: attachment; filename="{name}"',
            "Content-Transfer-Encoding: base64",
            *([fields] if fields else []),
            "",
            b64encode(content).decode(),
        ]
    return "\r\n".join([*lines, "--b--", ""]).encode()


def read(source: bytes, message: Any) -> Any:
    message.Source = source
    assert EmailImportSource(message), ErrorInfo()
    return message


@pytest.fixture(params=["structure", "variable"])
def message(request: pytest.FixtureRequest) -> Any:
    return Email if request.param == "structure" else Email()


def names(message: Any) -> list[str]:
    return [str(one if isinstance(one, str) else one.Name) for one in message.Attach]


# -- names and contents ---------------------------------------------------------------------------------------


def test_the_attachments_of_a_variable() -> None:
    m = read(
        mail(("a.txt", b"one", "Content-ID: <c1>\r\nContent-Description: first"), ("b.bin", b"\0two", "")), Email()
    )
    assert m.NbAttach == 2
    first, second = m.Attach
    assert (first.Name, first.Content, first.Identifiant, first.ContentDescription) == ("a.txt", b"one", "c1", "first")
    assert (second.Nom, second.Contenu, second.ContentType) == ("b.bin", b"\0two", "application/octet-stream")
    assert "<part of a mail>" in repr(read(mail(("a.txt", b"one", "")), Email()).Attach[1])


def test_the_attachments_of_the_structure() -> None:
    read(mail(("a.txt", b"one", "Content-ID: <c1>\r\nContent-Description: first"), ("b.bin", b"\0two", "")), Email)
    assert (Email.NbAttach, names(Email)) == (2, ["a.txt", "b.bin"])
    assert list(Email.IdentifiantAttache) == ["c1", ""]
    assert list(Email.AttachContentType) == ["application/octet-stream"] * 2
    assert Email.AttacheContentDescription[1] == "first"
    assert list(Email.AttachNameAsSent) == ["a.txt", "b.bin"]


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "..\\\\..\\\\boot.ini",
        "C:\\\\Windows\\\\system.ini",
        "/etc/passwd",
        "CON",
        "nul.txt",
        "a:b|c?.txt",
        "..",
        "",
        "x" * 400 + ".txt",
    ],
)
def test_names_are_safe_and_the_name_as_sent_stays(message: Any, name: str, tmp_path: Path) -> None:
    read(mail((name, b"content", "")), message)
    (safe,) = names(message)
    assert safe
    assert len(safe) < 256
    assert not set(safe) & set('/\\:*?"<>|\0')
    assert safe not in (".", "..")
    assert safe.split(".")[0].upper() not in ("CON", "NUL")
    as_sent = message.AttachNameAsSent[1] if message is Email else message.Attach[1].NameAsSent
    assert as_sent == name.replace("\\\\", "\\")
    assert EmailSaveAttachment(message.Attach[1], tmp_path) is True, ErrorInfo()
    assert [path.name for path in tmp_path.iterdir()] == [safe]


def test_two_attachments_of_one_name(message: Any, tmp_path: Path) -> None:
    read(mail(("a.txt", b"one", ""), ("a.txt", b"two", ""), ("A.TXT", b"three", "")), message)
    assert len({name.casefold() for name in names(message)}) == 3
    for place in range(1, 4):
        assert EmailSaveAttachment(message.Attach[place], str(tmp_path) + os.sep + names(message)[place - 1])
    assert sorted(path.read_bytes() for path in tmp_path.iterdir()) == [b"one", b"three", b"two"]


def test_content_is_decoded_when_it_is_asked_for_and_stays_the_scripts(message: Any) -> None:
    m = read(mail(("a.txt", b"one", "")), Email())
    copied = Email(m)
    m.Attach[1].Content = b"own"
    assert (m.Attach[1].Content, copied.Attach[1].Content) == (b"own", b"one")
    assert pickle.loads(pickle.dumps(copied)).Attach[1].Content == b"one"
    assert copied.Attach[1] != m.Attach[1]
    assert copied.Attach[1] == emailAttach(
        Name="a.txt", NameAsSent="a.txt", Content=b"one", ContentType="application/octet-stream"
    )


# -- EmailSaveAttachment --------------------------------------------------------------------------------------


def test_saving_by_variable_by_method_and_by_name(tmp_path: Path, call: Functions) -> None:
    m = read(mail(("a.txt", b"one", "")), Email())
    assert call.EmailSaveAttachment(m.Attach[1], str(tmp_path / "1")) is True
    assert m.Attach[1].SaveAttachment(tmp_path / "2") is True
    assert m.Attach[1].SauveFichierAttaché(str(tmp_path / "3")) is True
    read(mail(("a.txt", b"two", "")), Email)
    assert call.EmailSaveAttachment(Email.Attach[1], tmp_path / "4") is True
    assert call.EmailSaveAttachment("a.txt", tmp_path / "5") is True
    assert call.EmailSaveAttachment("A.TXT", tmp_path / "6") is True
    assert no_error()
    assert [(tmp_path / str(n)).read_bytes() for n in range(1, 7)] == [b"one"] * 3 + [b"two"] * 3


def test_saving_replaces_a_file_and_leaves_nothing_beside_it(tmp_path: Path, call: Functions) -> None:
    target = tmp_path / "a.txt"
    target.write_bytes(b"old and longer")
    m = read(mail(("a.txt", b"new", "")), Email())
    assert call.EmailSaveAttachment(m.Attach[1], target) is True
    assert target.read_bytes() == b"new"
    assert call.EmailSaveAttachment(m.Attach[1], tmp_path) is True
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_saving_of_what_a_script_attached_itself(tmp_path: Path) -> None:
    assert EmailSaveAttachment(emailAttach(Name="x", Content=b"own"), tmp_path / "x") is True
    (tmp_path / "file").write_bytes(b"file")
    Email.Attach[1] = str(tmp_path / "file")
    assert EmailSaveAttachment(Email.Attach[1], tmp_path / "y") is True
    assert [(tmp_path / name).read_bytes() for name in "xy"] == [b"own", b"file"]


def test_what_cannot_be_saved(tmp_path: Path, call: Functions) -> None:
    m = read(mail(("a.txt", b"one", "")), Email())
    for target in (tmp_path / "missing" / "a.txt", "", "a\0b"):
        assert call.EmailSaveAttachment(m.Attach[1], target) is False
        assert failed()
    (tmp_path / "taken" / "a.txt").mkdir(parents=True)
    assert call.EmailSaveAttachment(m.Attach[1], tmp_path / "taken") is False
    assert failed("a.txt")
    assert call.EmailSaveAttachment("nothing", tmp_path / "x") is False
    assert failed("nothing")
    assert list(tmp_path.iterdir()) == [tmp_path / "taken"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_devices_are_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    m = read(mail(("a.txt", b"one", "")), Email())
    assert EmailSaveAttachment(m.Attach[1], tmp_path / "pipe") is False
    assert failed("pipe")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no umask")
def test_a_saved_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    m = read(mail(("a.txt", b"one", "")), Email())
    assert EmailSaveAttachment(m.Attach[1], tmp_path / "a")
    (tmp_path / "b").touch()
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


# -- sending on -----------------------------------------------------------------------------------------------


def sent_parts(box: Sandbox) -> list[bytes]:
    with box.messages[-1].open() as stream:
        source = stream.read()
    return [b64encode(one) for one in (b"SECRET", b"harmless") if b64encode(one) in source]


def answer(message: Any) -> bool:
    message.Recipient = "attacker@example.com"
    message.Sender = "me@example.org"
    sent: bool = EmailSendMessage("me", message)
    return sent


def test_config_ini(
    message: Any, box: Sandbox, mailbox: FakeMailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger's attachment is called like a file of ours: answering sends the stranger's back, and never ours."""
    (tmp_path / "config.ini").write_bytes(b"SECRET")
    monkeypatch.chdir(tmp_path)
    mailbox.messages = [mail(("config.ini", b"harmless", ""))]
    assert EmailReadFirst(open_session(), message)
    assert names(message) == ["config.ini"]
    assert answer(message), ErrorInfo()
    assert sent_parts(box) == [b64encode(b"harmless")]


def test_config_ini_moved_about_in_the_structure(box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.ini").write_bytes(b"SECRET")
    monkeypatch.chdir(tmp_path)
    read(mail(("other.txt", b"x", ""), ("config.ini", b"harmless", "")), Email)
    Email.Attach[1] = Email.Attach[2]
    Email.NbAttach = 1
    assert answer(Email), ErrorInfo()
    assert sent_parts(box) == [b64encode(b"harmless")]


def test_config_ini_of_a_mail_that_is_gone(
    box: Sandbox, mailbox: FakeMailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name was kept, the mail was not: the send fails, and the file of that name stays where it is."""
    (tmp_path / "config.ini").write_bytes(b"SECRET")
    monkeypatch.chdir(tmp_path)
    mailbox.messages = [mail(("config.ini", b"harmless", "")), mail()]
    user = open_session()
    assert EmailReadFirst(user)
    kept = Email.Attach[1]
    assert EmailReadNext(user)
    gc.collect()
    Email.Attach[1] = kept
    before = len(box.messages)
    assert answer(Email) is False
    assert failed("config.ini")
    assert len(box.messages) == before
    assert EmailSaveAttachment(kept, tmp_path / "x") is False
    assert failed("config.ini")
    m = Email(Sender="a@example.org")
    m.Attach.Add(kept)
    assert (m.Attach[1].Name, m.Attach[1].Content) == ("config.ini", b"")
    assert failed("config.ini")
    assert answer(m) is False


def test_names_go_from_the_structure_to_a_variable(box: Sandbox) -> None:
    read(mail(("a.txt", b"harmless", "")), Email)
    m = Email()
    m.Attach.Add(Email.Attach[1])
    EmailReset()
    gc.collect()
    assert m.Attach[1].Content == b"harmless"
    assert answer(m), ErrorInfo()
    assert sent_parts(box) == [b64encode(b"harmless")]


def test_collected_names_do_not_hold_the_mails() -> None:
    import weakref

    from wlemail.wlanguage.email_variable import current

    collected = []
    read(mail(("a.txt", b"x" * 100, "")), Email)
    collected.append(Email.Attach[1])
    held = weakref.ref(current()._loader.received)  # type: ignore[union-attr]
    EmailReset()
    gc.collect()
    assert held() is None
    assert collected == ["a.txt"]


# -- attachments on demand ------------------------------------------------------------------------------------


def test_attachments_of_listed_mails_are_fetched_on_demand(mailbox: FakeMailbox, tmp_path: Path) -> None:
    mailbox.messages = [mail(("a.txt", b"one", ""))]
    user = open_session()
    (m,) = EmailGetAll(user)
    assert EmailSaveAttachment(m.Attach[1], tmp_path) is True
    assert (tmp_path / "a.txt").read_bytes() == b"one"
    EmailCloseSession(user)
    assert m.Attach[1].Content == b"one"


# -- EmailExportHTML ------------------------------------------------------------------------------------------


def test_exporting_html_with_its_images(message: Any, tmp_path: Path, call: Functions) -> None:
    html = (
        '<img src="cid:c1"><IMG SRC=\'CID:C2\'><td background=cid:c1 style="background: url(cid:c2)"><a href="cid:c1">'
    )
    parts = [("logo 1.png", b"one", "Content-ID: <c1>"), ("x.gif", b"two", "Content-ID: <c2>"), ("no.txt", b"3", "")]
    read(mail(*parts, html=html), message)
    result = call.EmailExportHTML(message, str(tmp_path / "new"))
    assert no_error()
    assert result.strip() == (
        "<img src=\"./logo%201.png\"><IMG SRC='./x.gif'>"
        '<td background=./logo%201.png style="background: url(./x.gif)"><a href="cid:c1">'
    )
    written = {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()}
    assert written == {"logo 1.png": b"one", "x.gif": b"two"}


def test_names_that_are_taken_get_a_suffix(tmp_path: Path) -> None:
    m = read(mail(("a.png", b"one", "Content-ID: <c1>"), html='<img src="cid:c1">'), Email())
    results = [m.ExportHTML(tmp_path).strip() for _ in range(2)] + [m.ExporteHTML(tmp_path).strip()]
    assert results == ['<img src="./a.png">', '<img src="./a_1.png">', '<img src="./a_2.png">']
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "a_1.png", "a_2.png"]


@pytest.mark.parametrize("name", ["../out.png", "/tmp/out.png", "..\\out.png", "C:\\out.png"])
def test_nothing_is_written_outside_the_directory(tmp_path: Path, name: str) -> None:
    m = read(mail(("a.png", b"one", "Content-ID: <c1>"), html='<img src="cid:c1">'), Email())
    m.Attach[1].Name = name
    (tmp_path / "in").mkdir()
    result = EmailExportHTML(m, tmp_path / "in")
    assert no_error()
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
    (written,) = (tmp_path / "in").iterdir()
    assert f"./{written.name}" in result


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_in_the_directory_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").symlink_to(tmp_path / "outside.png")
    m = read(mail(("a.png", b"one", "Content-ID: <c1>"), html='<img src="cid:c1">'), Email())
    assert "./a_1.png" in EmailExportHTML(m, tmp_path / "in")
    assert not (tmp_path / "outside.png").exists()


def test_html_that_cannot_be_exported(tmp_path: Path, call: Functions) -> None:
    m = read(mail(("a.png", b"one", "Content-ID: <c1>"), html='<img src="cid:c1"><img src="cid:none">'), Email())
    (tmp_path / "file").touch()
    assert call.EmailExportHTML(m, tmp_path / "file") == ""
    assert failed("file")
    assert call.EmailExportHTML(m, "") == ""
    assert failed("Directory")
    assert 'src="cid:none"' in call.EmailExportHTML(m, tmp_path / "dir")
