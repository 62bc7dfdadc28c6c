"""Send a mail by a ported WinDev script and see it arrive, without a network.

Starts a mail server inside this program (on this machine only), runs the script that is shown, and shows what the
server received. Leaves nothing behind.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import textwrap
from contextlib import redirect_stderr
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

SCRIPT = "demo_script.py"
ATTACHMENT = "ordre du jour (été).pdf"
SUBJECT = "Réunion d'équipe à Besançon : l'ordre du jour"
REFUSED = "refused@example.org"
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
        execute(script, [box.host, str(box.port), directory])
        console.heading("what was said: C the script, S the server")
        _show_dialogue(console, box.dialogues)
        try:
            [message] = box.wait_for(1, SECONDS)
        except TimeoutError:
            console.line(console.bad("  ✗ nothing arrived"))
            return 1
        return _show_arrival(console, message, attachment, whole=options.source)


def execute(script: str, arguments: list[str]) -> None:
    """Run the script as `python demo_script.py …` would, in this process."""
    name = str(files(__package__).joinpath(SCRIPT))
    # A rehearsal would send the mail to another sandbox than the one that is watched here.
    rehearsal = os.environ.pop("WLEMAIL_REHEARSAL", None)
    before, sys.argv = sys.argv, [name, *arguments]
    try:
        # What it says on stderr belongs between the lines around it, also where the two go different ways.
        with redirect_stderr(sys.stdout):
            exec(compile(script, name, "exec"), {"__name__": "__main__"})
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
    for line in (line for lines in dialogues for line in _joined_replies(lines)):
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


def _show_arrival(console: Console, message: ReceivedMessage, attachment: Path, *, whole: bool) -> int:
    console.heading(f"what arrived: {message.size:,} bytes · {connection_of(message)}")
    outline = show_message(console, message)
    if whole:
        console.heading("its source")
        for line in message.content.decode("utf-8", "replace").splitlines():
            console.line(f"  {clean(line)}")
    # What the script would see, had it another line.
    from .. import Email

    sent = attachment.read_bytes()
    same = [part for part in outline.attachments if part.digest == hashlib.sha256(sent).hexdigest()]
    checks = [
        (outline.value("Subject") == SUBJECT, "subject and names arrived with their accents"),
        (
            {part.content_type for part in outline.leaves} >= {"text/plain", "text/html"},
            "the text is there in both forms, plain and HTML",
        ),
        (
            [part.name for part in same] == [ATTACHMENT],
            f"the attachment “{ATTACHMENT}” has {len(sent):,} bytes, as sent; identical: {'yes' if same else 'no'}",
        ),
        (
            REFUSED in message.refused and list(Email.RefusedRecipient) == [REFUSED],
            f"{REFUSED} was refused; the mail left for the others, and Email.RefusedRecipient names it",
        ),
    ]
    console.heading("in short")
    for holds, claim in checks:
        console.line(f"  {console.good('✓') if holds else console.bad('✗')} {claim}")
    console.line()
    return 0 if all(holds for holds, _ in checks) else 1


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
