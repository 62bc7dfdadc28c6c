"""Scores: of the files of a corpus, how many are read as their authors expect."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from wlemail.errors import ProtocolViolation
from wlemail.imap.framing import Framer
from wlemail.imap.parsing.responses import Response
from wlemail.imap.parsing.responses import parse as parse_response
from wlemail.imap.scanner import Malformed
from wlemail.mail.absorb import ReceivedMail, absorb
from wlemail.message.fields.date_reading import read_date
from wlemail.message.parse import Part, parse
from wlemail.message.tnef import Unfolded, unfold
from wlemail.wire.reader import Reader

#: the environment variable that names the directory
VARIABLE = "WLEMAIL_CORPORA"
#: what one message may take, in seconds
LONGEST = 1.0


@dataclass
class Score:
    """How many of how many, and how many it must be."""

    name: str
    good: int
    total: int
    least: int
    #: what is not as expected
    others: list[str] = field(default_factory=list)

    @property
    def reached(self) -> bool:
        return self.good >= self.least

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.good} of {self.total} (at least {self.least})"]
        return "\n".join([*lines, *(f"    {other}" for other in self.others)])


def report(directory: Path) -> Iterator[Score]:
    """The scores of the corpora that are there."""
    yield every_file(directory)
    for score in (mime4j(directory), dates(directory), tnef(directory), imap_lines(directory)):
        if score.total:
            yield score


# -- nothing crashes, nothing takes long ------------------------------------------------------------


def read_everything(mail: ReceivedMail) -> None:
    """Ask for all that a mail knows."""
    for name in dir(type(mail)):
        if not name.startswith("_") and not callable(getattr(type(mail), name)):
            getattr(mail, name)
    for attachment in mail.attachments:
        _ = (attachment.content, attachment.description, attachment.message)
    for part in mail.message.walk():
        _ = part.text


def every_file(directory: Path) -> Score:
    """No file may raise, or take a second."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    slow = []
    for path in files:
        began = time.perf_counter()
        read_everything(absorb(path.read_bytes()))
        took = time.perf_counter() - began
        if took > LONGEST:
            slow.append(f"{path.name}: {took:.1f} s")
    return Score(f"files read without failure in {LONGEST:.0f} s", len(files) - len(slow), len(files), len(files), slow)


# -- mime4j: the decoded parts of each message ------------------------------------------------------


def mime4j(directory: Path) -> Score:
    messages = sorted((directory / "mime4j").rglob("*.msg"))
    wrong = [path.name for path in messages if _leaves(parse(path.read_bytes())) != _expected(path)]
    return Score("mime4j, messages with every decoded part equal", len(messages) - len(wrong), len(messages), 78, wrong)


def _leaves(part: Part) -> list[bytes]:
    if part.is_multipart or part.is_message:
        return [content for inner in part.parts for content in _leaves(inner)]
    return [part.content]


def _expected(path: Path) -> list[bytes]:
    tree = path.with_name(f"{path.stem}_decoded.xml").read_text(encoding="utf-8", errors="replace")
    names = re.findall(r'<(?:text|binary)-body name="([^"]+)"', tree)
    return [(path.parent / name).read_bytes() for name in names]


# -- MimeKit: dates, TNEF ---------------------------------------------------------------------------


def dates(directory: Path) -> Score:
    path = directory / "derived" / "mimekit_dates.json"
    rows = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    wrong = [row["input"] for row in rows if _written(row["input"]) != row["expected"]]
    return Score("MimeKit, dates", len(rows) - len(wrong), len(rows), len(rows), wrong)


def _written(text: str) -> str:
    found = read_date(text)
    return f"{found:%a, %d %b %Y %H:%M:%S %z}" if found else ""


def tnef(directory: Path) -> Score:
    """Streams whose files and texts all come out. Text files of the corpus have lost their CR on the way."""
    streams = sorted((directory / "mimekit").rglob("*.tnef"))
    mails = sorted((directory / "mimekit").rglob("tnef/*.eml"))
    wrong = [path.name for path in streams if not _unfolds(path)]
    wrong += [path.name for path in mails if not _mail_unfolds(path)]
    total = len(streams) + len(mails)
    return Score("MimeKit, TNEF streams that unfold", total - len(wrong), total, total, wrong)


# A program that takes streams apart left the interface of an OLE object in front of it.
_STORAGE = bytes.fromhex("0b00000000000000c000000000000046")


def _mail_unfolds(path: Path) -> bool:
    """A mail with a stream in it and nothing beside it: its text comes out, and the stream is no attachment."""
    mail = absorb(path.read_bytes())
    return bool(mail.text or mail.html) and not any(one.name == "winmail.dat" for one in mail.attachments)


def _unfolds(path: Path) -> bool:
    directory = path.with_suffix("")
    expected = {file.name: _plain(file.read_bytes()) for file in directory.iterdir()} if directory.is_dir() else {}
    found = unfold(path.read_bytes()) or Unfolded("", "", b"", [])
    files = sorted(content for name, content in expected.items() if not name.startswith("message."))
    return (
        files == sorted(_plain(file.content) for file in found.files)
        and all(
            expected.get(f"message.{kind}", said) == said
            for kind, said in (("rtf", _plain(found.rtf)), ("txt", _plain(found.text.encode())))
        )
        and _is_page(expected.get("message.html"), found.html)
    )


def _is_page(expected: bytes | None, found: str) -> bool:
    if expected is None:
        return True
    return any(_plain(found.encode(charset, "replace")) == expected for charset in ("utf-8", "cp1252"))


def _plain(content: bytes) -> bytes:
    return content.removeprefix(_STORAGE).replace(b"\r\n", b"\n").rstrip(b"\0")


# -- IMAP: what servers say, from the tests of other clients ----------------------------------------

#: lines that no server may send, and why
INVALID = (
    (rb"\* \d+[A-Z]+\r\n", "RFC 3501 9, response-data: a space stands between a number and a name"),
    (rb"\* \d+ VANISHED .*\r\n", "RFC 7162 7, expunged-resp: no number stands before VANISHED"),
    (rb"\* (?:LIST|LSUB) \([^)]*\)\r\n", "RFC 3501 9, mailbox-list: a delimiter and a name follow the attributes"),
)


def imap_lines(directory: Path) -> Score:
    """Each line is understood, waits for the rest of its literal, or is one that no server may send."""
    path = directory / "derived" / "imap_server_lines.json"
    rows = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    lines = [row["input"].encode("latin-1") for row in rows]
    wrong = [repr(line) for line in lines if not (_understood(line) or _is_invalid(line))]
    return Score("IMAP, lines of servers understood", len(lines) - len(wrong), len(lines), len(lines), wrong)


def _understood(line: bytes) -> bool:
    try:
        return _frames([line]) == _frames([line[n : n + 1] for n in range(len(line))])
    except (Malformed, ProtocolViolation):
        return False


def _frames(pieces: list[bytes]) -> tuple[list[Response], bool]:
    """The responses in these pieces, and whether one waits for more."""
    reader = Reader()
    framer = Framer(reader)
    found = []
    for piece in pieces:
        reader.feed(piece)
        while (frame := framer.next()) is not None:
            found.append(parse_response(frame))
    return found, framer.inside


def _is_invalid(line: bytes) -> bool:
    return any(re.fullmatch(pattern, line) for pattern, _ in INVALID)
