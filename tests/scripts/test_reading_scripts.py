"""Scripts that read mail in the manner of real WinDev programs, run as they are against the sandbox."""

from __future__ import annotations

import email
import email.policy
import runpy
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from wlemail.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("face")

FOLDER = Path(__file__).parent
USER = "service@example.com"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(99)
PDF = b"%PDF-1.4\n%\xe2\xe3\n" + bytes(range(256)) * 40


def received(message: EmailMessage, subject: str, date: str = "Sun, 22 Nov 2026 12:00:00 +0000") -> bytes:
    message["Received"] = f"from there by here; {date}"
    message["From"] = "Zoë Müller <zoe@example.org>"
    message["To"] = USER
    message["Subject"] = subject
    message["Message-ID"] = "<order@example.org>"
    return message.as_bytes(policy=email.policy.SMTP)


@pytest.fixture
def box() -> Iterator[Sandbox]:
    order, picture, old = EmailMessage(), EmailMessage(), EmailMessage()
    order.set_content("Dix pièces\n")
    order.add_attachment(PDF, maintype="application", subtype="pdf", filename="plan n°1.pdf")
    order.add_attachment(b"[secret]", maintype="application", subtype="octet-stream", filename="config.ini")
    picture.set_content("see the HTML\n")
    picture.add_alternative('<p>été</p><img src="cid:logo@x">', subtype="html")
    html = picture.get_payload()[1]  # type: ignore[index]
    html.add_related(PNG, "image", "png", cid="<logo@x>", filename="logo.png")  # type: ignore[union-attr]
    old.set_content("Hello\n")
    with Sandbox(users={USER: "s3cret"}) as sandbox:
        for message in (
            received(order, "Commande n°5"),
            received(picture, "Picture"),
            received(old, "Old", "Wed, 01 Jan 2025 12:00:00 +0000"),
        ):
            sandbox.deliver(message, USER)
        yield sandbox


@pytest.fixture
def run(box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    def runs(script: str) -> Path:
        arguments = [script, box.host, str(box.port), str(box.pop3_port), str(tmp_path)]
        monkeypatch.setattr(sys, "argv", arguments)
        monkeypatch.chdir(tmp_path)
        runpy.run_path(str(FOLDER / script), run_name="__main__")
        return tmp_path

    return runs


def left(box: Sandbox) -> list[str]:
    messages = [email.message_from_bytes(one.content, policy=email.policy.default) for one in box.messages_of(USER)]
    return [str(message["Subject"]) for message in messages]


def test_reading_in_french(run: object, box: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    files = run("reading_french.py")  # type: ignore[operator]
    output = capsys.readouterr()
    assert output.err == ""
    assert output.out.splitlines() == [
        "20261122\tZoë Müller <zoe@example.org>\tCommande n°5\t2\tplan n°1.pdf\tconfig.ini",
        "20261122\tZoë Müller <zoe@example.org>\tPicture\t1\tlogo.png",
        "20250101\tZoë Müller <zoe@example.org>\tOld\t0",
        "3 message(s) lu(s) sur 3",
    ]
    assert (files / "plan n°1.pdf").read_bytes() == PDF
    assert (files / "config.ini").read_bytes() == b"[secret]"
    assert left(box) == ["Picture", "Old"]
    [answer] = [one for one in box.messages if one.recipients == ("zoe@example.org",)]
    assert answer.sender == USER
    message = email.message_from_bytes(answer.content, policy=email.policy.default)
    assert (message["Subject"], message["To"]) == ("Re: Commande n°5", "Zoë Müller <zoe@example.org>")
    assert message["In-Reply-To"] == "<order@example.org>"
    assert message["Received"] is None
    body = message.get_body(("plain",))  # type: ignore[attr-defined]
    assert body.get_content().strip() == "Bien reçu, le 22."
    contents = [part.get_content() for part in message.iter_attachments()]  # type: ignore[attr-defined]
    assert contents == [PDF, b"[secret]"]


def test_reading_by_number(run: object, box: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    first = box.messages[0].size
    assert first > 4000
    box.clear()
    small = EmailMessage()
    small.set_content("first\n")
    box.deliver(received(small, "First"), USER)
    large = EmailMessage()
    large.set_content("x\n" * 5000)
    box.deliver(received(large, "Large"), USER)
    old = EmailMessage()
    old.set_content("old\n")
    box.deliver(received(old, "Old", "Wed, 01 Jan 2025 12:00:00 +0000"), USER)
    files = run("reading_by_number.py")  # type: ignore[operator]
    output = capsys.readouterr()
    assert output.err == ""
    assert output.out.splitlines() == ["too large", "Large", "First", "first"]
    assert sorted(path.name for path in files.iterdir()) == ["mail1.eml", "mail3.eml"]
    assert (files / "mail1.eml").read_bytes() == box.messages[0].content
    assert left(box) == ["First", "Large"]


def test_reading_with_variables(run: object, box: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    files = run("reading_variables.py")  # type: ignore[operator]
    output = capsys.readouterr()
    assert output.err == ""
    assert output.out.split() == ["Commande", "n°5", "Dix", "pièces", "3"]
    assert (files / "20261122 plan n°1.pdf").read_bytes() == PDF
    assert (files / "html" / "logo.png").read_bytes() == PNG
    assert "./logo.png" in (files / "html" / "mail.html").read_text(encoding="utf-8")
    assert left(box) == ["Commande n°5", "Picture"]


@pytest.fixture
def run_on_folders(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> object:
    def runs(script: str) -> None:
        monkeypatch.setattr(sys, "argv", [script, box.host, str(box.imap_port)])
        runpy.run_path(str(FOLDER / script), run_name="__main__")

    return runs


def subjects(box: Sandbox, folder: str) -> list[str]:
    messages = box.folders_of(USER)[folder]
    return [str(email.message_from_bytes(one.content, policy=email.policy.default)["Subject"]) for one in messages]


def test_folders_in_french(run_on_folders: object, box: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    run_on_folders("folders_french.py")  # type: ignore[operator]
    output = capsys.readouterr()
    assert output.err == ""
    assert output.out.splitlines() == [
        *("1", "3", "2"),
        *("INBOX\t2", "  Old", "  Picture"),
        *("Traités/Été 2026\t1", "  Commande n°5"),
        "True",
    ]
    assert subjects(box, "INBOX") == ["Picture", "Old"]
    assert subjects(box, "Traités/Été 2026") == ["Commande n°5"]


def test_mails_by_their_uid(run_on_folders: object, box: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    run_on_folders("folders_by_uid.py")  # type: ignore[operator]
    output = capsys.readouterr()
    assert output.err == ""
    assert output.out.splitlines() == ["3", "0", "Commande n°5", "read", "Dix pièces", ""]
    assert subjects(box, "Done/Orders") == ["Commande n°5"]
    assert subjects(box, "Done") == ["Picture", "Old"]
