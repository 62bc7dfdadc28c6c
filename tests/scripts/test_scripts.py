"""Scripts in the manner of real WinDev programs, run as they are against the sandbox: the mail that they must send."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

import wlemail
from tests.support.arrivals import read, shape
from wlemail.sandbox import ReceivedMessage, Sandbox

pytestmark = pytest.mark.usefixtures("face")

FOLDER = Path(__file__).parent
PNG, GIF = b"\x89PNG\r\n\x1a\n" + bytes(99), b"GIF89a" + bytes(99)
PDF = b"%PDF-1.4\n%\xe2\xe3\n" + bytes(range(256)) * 40


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """What the scripts find on their disk."""
    (tmp_path / "logo.png").write_bytes(PNG)
    (tmp_path / "signature.gif").write_bytes(GIF)
    (tmp_path / "relevé n°1.pdf").write_bytes(PDF)
    (tmp_path / "report.txt").write_text("Tout va bien : 100 % à l'heure\n.\nFin", encoding="utf-8")
    lines = [
        "Ann Żółw\tann@example.org \t3",
        "Bob\tbob@example.org\t0",
        "Zoë\trefused@example.org\t1",
        "Émile\te@x.fr\t2",
    ]
    (tmp_path / "customers.txt").write_bytes("\r\n".join(lines).encode())
    (tmp_path / "template.html").write_text(
        "<html><body background='logo.png'>\n<h1>Août</h1><img src=\"./LOGO.png\" alt=logo><img src='signature.gif'>"
        '<img src="https://example.com/pixel.gif"><p style="background: url(signature.gif)">été</p></body></html>',
        encoding="utf-8",
    )
    return tmp_path


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(
        users={"compta@example.com": "s3cret", "news@example.com": "s3cret", "agenda@example.com": "s3cret"}
        | {"rapport@example.com": "s3cret"}
    ) as sandbox:
        yield sandbox


def run(script: str, box: Sandbox, files: Path, monkeypatch: pytest.MonkeyPatch) -> list[ReceivedMessage]:
    """Run a script as `python script.py server port directory` would, in this process."""
    monkeypatch.setattr(sys, "argv", [script, box.host, str(box.port), str(files)])
    runpy.run_path(str(FOLDER / script), run_name="__main__")
    return box.messages


def images(message: EmailMessage) -> dict[str, bytes]:
    """What the message shows by cid:, by its identifier."""
    return {str(part["Content-ID"]).strip("<>"): part.get_content() for part in message.walk() if part["Content-ID"]}


def html_of(message: EmailMessage) -> str:
    body = message.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def test_structure_style(
    box: Sandbox, files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    messages = run("structure_style.py", box, files, monkeypatch)
    assert [message.recipients for message in messages] == [
        ("ann@example.org", "direction@example.com", "archives@example.com"),
        ("direction@example.com", "archives@example.com"),
        ("e@x.fr", "direction@example.com", "archives@example.com"),
    ]
    first = read(messages[0])
    assert (messages[0].sender, messages[0].user) == ("compta@example.com", "compta@example.com")
    assert messages[0].recipient_parameters["ann@example.org"]["NOTIFY"] == "SUCCESS,FAILURE"
    assert first["From"] == "Comptabilité <compta@example.com>"
    assert (first["To"], first["Reply-To"], first["Bcc"]) == ("Ann Żółw <ann@example.org>", None, None)
    assert first["Subject"] == "Rappel : 3 facture(s) à régler"
    assert (first["X-Priority"], first["Return-Receipt-To"]) == ("1", "Comptabilité <compta@example.com>")
    assert shape(first) == (
        "multipart/mixed",
        ("multipart/related", ("multipart/alternative", "text/plain", "text/html"), "image/png", "image/gif"),
        "application/pdf",
    )
    plain = first.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().splitlines() == [
        "Bonjour Ann Żółw,", "", "Merci de régler 3 facture(s).", ".", "-- ", "La comptabilité",
    ]  # fmt: skip
    assert images(first) == {"WDCID1": PNG, "WDCID2": GIF}
    assert 'src="cid:WDCID1"' in html_of(first)
    [statement] = first.iter_attachments()
    assert (statement.get_filename(), statement.get_content()) == ("relevé n°1.pdf", PDF)
    assert read(messages[2])["Subject"] == "Rappel : 2 facture(s) à régler"
    output = capsys.readouterr()
    assert output.out.strip().endswith("3 reminder(s) sent")
    assert output.err == ""


def test_variable_style(
    box: Sandbox, files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    messages = run("variable_style.py", box, files, monkeypatch)
    assert [message.recipients for message in messages] == [("lecteur@example.org",), ("lectrice@example.org",)]
    assert {message.sender for message in messages} == {"retours+42@example.com"}
    assert {message.user for message in messages} == {"news@example.com"}
    assert all(message.tls for message in messages)
    assert read(messages[1])["To"] == "refused@example.org, Lectrice <lectrice@example.org>"
    first = read(messages[0])
    assert (first["From"], first["Subject"]) == ("Les nouvelles <news@example.com>", "Les nouvelles d'août")
    assert (first["List-Id"], first["X-Campagne"]) == ("Les nouvelles <news.example.com>", "été")
    assert shape(first) == (
        "multipart/mixed",
        ("multipart/related", ("multipart/alternative", "text/plain", "text/html"), "image/png", "image/gif"),
        *("text/csv", "text/csv", "text/csv", "application/pdf"),
    )
    *balances, statement = first.iter_attachments()
    assert [(part.get_filename(), part["Content-Description"]) for part in balances] == [
        (f"bilan {year}.csv", f"Bilan de l'année {year}") for year in (2023, 2024, 2025)
    ]
    assert [part.get_content().splitlines()[1] for part in balances] == ["2023;4046", "2024;4048", "2025;4050"]
    assert statement.get_content() == PDF
    [(logo, _), (signature, _)] = images(first).items()
    template = (files / "template.html").read_text(encoding="utf-8")
    expected = template.replace("./LOGO.png", f"cid:{logo}").replace("logo.png", f"cid:{logo}")
    assert html_of(first).replace("\r\n", "\n").strip() == expected.replace("signature.gif", f"cid:{signature}")
    output = capsys.readouterr()
    assert output.err == ""
    assert output.out.split() == "not attached True refused@example.org 550 5.1.1 no such mailbox here".split()


def test_by_name(
    box: Sandbox,
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", box.ca_file)
    messages = run("by_name.py", box, files, monkeypatch)
    assert [message.recipients for message in messages] == [("chef@example.com",)] * 4
    for number, received in enumerate(messages, 1):
        message = read(received)
        assert (received.sender, message["From"]) == ("rapport@example.com", "Rapport <rapport@example.com>")
        assert (message["Reply-To"], message["Subject"]) == (None, f"Rapport n° {number}")
        assert message.get_content().splitlines() == ["Tout va bien : 100 % à l'heure", ".", "Fin"]
        assert received.tls, "the option in the place of the asynchronous mode counts"
    assert "given in the place of the asynchronous mode" in caplog.text
    output = capsys.readouterr()
    assert '"rapport@example.com"' in output.out, "the error names the sessions that are open"
    assert output.out.split()[-1] == "True"
    assert "550 5.1.1" in output.err
    # Opening a name anew ends its earlier session.
    assert [dialogue[-2] for dialogue in box.dialogues] == ["C: QUIT"] * 2


def test_french(box: Sandbox, files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    wlemail.EmailLangueErreur("fr")
    [received] = run("french.py", box, files, monkeypatch)
    assert (received.sender, received.recipients) == (
        *("agenda@example.com", ("patient@example.org", "copie@example.com")),
    )
    message = read(received)
    assert (message["From"], message["Reply-To"]) == ("Cabinet Müller <agenda@example.com>", "accueil@example.com")
    assert (message["To"], message["Subject"]) == ("Zoë Lefèvre <patient@example.org>", "Votre rendez-vous à 9 h")
    assert (message["X-Priority"], message["Sensitivity"]) == ("5", "Private")
    assert message["Disposition-Notification-To"] == "accueil@example.com"
    assert shape(message) == (
        "multipart/mixed",
        ("multipart/related", ("multipart/alternative", "text/plain", "text/html"), "image/png"),
        "application/pdf",
    )
    [(identifier, content)] = images(message).items()
    assert content == PNG
    assert html_of(message).strip() == f'<body background="cid:{identifier}"><p>À demain, <b>9 h</b></p></body>'
    [statement] = message.iter_attachments()
    assert statement["Content-Description"] == "Votre relevé"
    output = capsys.readouterr()
    assert output.out.split() == ["adresse", "refusée", "True"]
    assert "Envoi impossible" in output.err
    assert "Destinataire[1] : « personne » n'est pas une adresse" in output.err


def test_mixed(box: Sandbox, files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    first, archived = run("mixed.py", box, files, monkeypatch)
    assert first.recipients == ("chef@example.com", "accueil@example.com", "hidden@example.com")
    assert (first.sender, first.user) == ("lager@example.com", "")
    message = read(first)
    assert (message["To"], message["Bcc"]) == ("chef@example.com, réception <accueil@example.com>", None)
    assert (message["Message-ID"], message["References"]) == ("<stock.1@example.com>", "<stock.0@example.com>")
    assert (message["Subject"], message["X-Priority"]) == ("Stock ÉTÉ", "1")
    assert shape(message) == ("multipart/alternative", "text/plain", "text/html")
    assert archived.recipients == ("archives@example.com",)
    copy = read(archived)
    assert copy["X-Archived"].isdigit()
    assert (copy["Bcc"], copy["Subject"]) == ("hidden@example.com", "Stock ÉTÉ")
    assert archived.content == (files / "archive.eml").read_bytes()
    output = capsys.readouterr()
    assert "550 5.1.1" in output.err
    assert output.out.split() == ["archived", "True", "True", "True"]


def test_a_script_in_an_interpreter_of_its_own(box: Sandbox, files: Path) -> None:
    """What the star import brings to a program that has loaded nothing else."""
    done = subprocess.run(
        [sys.executable, str(FOLDER / "structure_style.py"), box.host, str(box.port), str(files)],
        capture_output=True,
        timeout=60,
        check=True,
        cwd=files,
        env={**os.environ, "PYTHONPATH": str(FOLDER.parents[1]), "PYTHONIOENCODING": "utf-8"},
    )
    assert done.stdout.decode().strip().endswith("3 reminder(s) sent")
    assert len(box.wait_for(3)) == 3
