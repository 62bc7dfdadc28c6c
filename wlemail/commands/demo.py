"""Send a mail by a ported WinDev script, see it arrive, and read it back, without a network.

Starts a mail server inside this program (on this machine only), runs the script that is shown, and shows what the
server received. Leaves nothing behind.
"""

from __future__ import annotations

import hashlib
import io
import os
import sys
import tempfile
import textwrap
from contextlib import redirect_stderr, redirect_stdout
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from ..sandbox import Sandbox
from .console import Console, clean
from .show_message import connection_of, show_message

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from ..sandbox import ReceivedMessage
    from ..sandbox.outline import Part

    Claim = tuple[bool, str]

SCRIPT = "demo_script.py"
ATTACHMENT = "ordre du jour (été).pdf"
SUBJECT = "Réunion d'équipe à Besançon : l'ordre du jour"
REFUSED = "refused@example.org"
READER = "lukasz@example.org"
FOLDER = "Réunions/Besançon"
SECONDS = 5.0


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--source", action="store_true", help="show the whole message as it came over the wire, too")


def run(options: Namespace) -> int:
    """Run the demonstration; 0 if everything arrived as it should."""
    console = Console()
    script = files(__package__).joinpath(SCRIPT).read_text(encoding="utf-8")
    with Sandbox() as box, tempfile.TemporaryDirectory(prefix="wlemail-demo-") as directory:
        attachment = Path(directory) / ATTACHMENT
        attachment.write_bytes(make_pdf("Ordre du jour"))
        console.heading("the script, ported line for line")
        _show_script(console, script)
        console.heading(f"running it (a mail server inside this program listens at {box.host}:{box.port})")
        printed = execute(script, [box.host, str(box.port), directory, str(box.pop3_port), str(box.imap_port)])
        for line in printed:
            console.line(f"  {clean(line)}")
        console.heading("what was said: C the script, S the server")
        _show_dialogue(console, box.dialogues)
        try:
            [message] = box.wait_for(1, SECONDS)
        except TimeoutError:
            console.line(console.bad("  ✗ nothing arrived"))
            return 1
        outline = _show_arrival(console, message, whole=options.source)
        console.heading("in short")
        holding = [
            _show_claim(console, holds, claim)
            for holds, claim in (
                *_sent_claims(message, outline, attachment),
                *_folder_claims(printed, len(box.folders_of(READER).get(FOLDER, []))),
                *_read_claims(printed, left=len(box.messages_of(READER))),
            )
        ]
        console.line()
        return 0 if all(holding) else 1


def execute(script: str, arguments: list[str]) -> list[str]:
    """Run the script as `python demo_script.py …` would, in this process; the lines that it printed."""
    name = str(files(__package__).joinpath(SCRIPT))
    # A rehearsal would send the mail to another sandbox than the one that is watched here.
    rehearsal = os.environ.pop("WLEMAIL_REHEARSAL", None)
    before, sys.argv = sys.argv, [name, *arguments]
    try:
        # What it says on stderr belongs between the lines around it; and a console may lack characters that it prints.
        with io.StringIO() as printed, redirect_stdout(printed), redirect_stderr(printed):
            exec(compile(script, name, "exec"), {"__name__": "__main__"})
            return printed.getvalue().splitlines()
    finally:
        sys.argv = before
        if rehearsal is not None:
            os.environ["WLEMAIL_REHEARSAL"] = rehearsal


def _show_script(console: Console, script: str) -> None:
    lines = script.splitlines()
    while lines[0].startswith("# "):
        # Remarks for the checkers of this package's source.
        del lines[0]
    for number, line in enumerate(lines, 1):
        console.line(f"  {console.faint(f'{number:3} │')} {line}".rstrip())


def _show_dialogue(console: Console, dialogues: list[list[str]]) -> None:
    for number, lines in enumerate(dialogues):
        if number:
            console.line()
        for line in _joined_replies(lines):
            for part in textwrap.wrap(clean(line), console.width - 6, subsequent_indent="   "):
                console.line("  " + (part if line.startswith("C") else console.faint(part)))


def _joined_replies(lines: list[str]) -> Iterator[str]:
    """The dialogue with each reply of several lines in one."""
    pending: list[str] = []
    for line in lines:
        pending.append(line[len("S: 250-") :] if pending else line)
        if not (line.startswith("S: ") and line[6:7] == "-"):
            yield pending[0].replace("-", " ", 1) + ": " + ", ".join(pending[1:]) if len(pending) > 1 else line
            pending = []


def _show_arrival(console: Console, message: ReceivedMessage, *, whole: bool) -> Part:
    console.heading(f"what arrived: {message.size:,} bytes · {connection_of(message)}")
    outline = show_message(console, message)
    if whole:
        console.heading("its source")
        for line in message.content.decode("utf-8", "replace").splitlines():
            console.line(f"  {clean(line)}")
    return outline


def _show_claim(console: Console, holds: bool, claim: str) -> bool:
    console.line(f"  {console.good('✓') if holds else console.bad('✗')} {claim}")
    return holds


def _sent_claims(message: ReceivedMessage, outline: Part, attachment: Path) -> list[Claim]:
    sent = attachment.read_bytes()
    same = [part for part in outline.attachments if part.digest == hashlib.sha256(sent).hexdigest()]
    return [
        (outline.value("Subject") == SUBJECT, "subject and names arrived with their accents"),
        (
            {part.content_type for part in outline.leaves} >= {"text/plain", "text/html"},
            "the text is there in both forms, plain and HTML",
        ),
        (
            [part.name for part in same] == [ATTACHMENT],
            f"the attachment “{ATTACHMENT}” has {len(sent):,} bytes, as sent; identical: {'yes' if same else 'no'}",
        ),
        (REFUSED in message.refused, f"{REFUSED} was refused; the mail left for the others"),
    ]


def _read_claims(printed: list[str], *, left: int) -> list[Claim]:
    return [
        (f"refused {REFUSED}" in printed, "Email.RefusedRecipient told the script who was refused"),
        (
            f"subject {SUBJECT}" in printed and f"file    {ATTACHMENT} identical: yes" in printed,
            "the script read the mail back over POP3; the attachment that it saved is identical: "
            + ("yes" if f"file    {ATTACHMENT} identical: yes" in printed else "no"),
        ),
        (not left, "it deleted the mail, and the mailbox is empty"),
    ]


def _folder_claims(printed: list[str], kept: int) -> list[Claim]:
    return [
        (
            f"folder  {FOLDER} mails: 1" in printed and kept == 1,
            f"over IMAP it made the folder “{FOLDER}”, searched for the mail, and kept a copy there",
        )
    ]


def make_pdf(text: str) -> bytes:
    """A small PDF file of one page with a line of text (ISO 32000-1 7.5)."""
    page = f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET".encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
    ]
    # The comment of bytes above 127 tells programs that the file is binary.
    data = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(data))
    return data + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + trailer
