"""Hands a message that is being written to the computer's own mail program: as a mailto: link or as a draft file.

Whether the user sends it, nobody learns.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from shutil import rmtree, which

from ..errors import ControlCharacter, FileProblem, NoMailProgram
from ..message.fields.controls import one_line
from ..message.fields.mailboxes import read_mailboxes
from .compose import compose
from .draft import Draft
from .people import BCC, CC, TO

# Windows hands a link over in a buffer of 2083 characters (INTERNET_MAX_URL_LENGTH); elsewhere it is an argument.
_LONGEST_LINK = 2000 if sys.platform == "win32" else 60_000
# Launchers that fail do so at once; those that start the program themselves end with it.
_SECONDS_TO_FAIL = 1.5
DRAFT_NAME = "message.eml"


def open_draft(draft: Draft) -> None:
    """Open the mail program with recipients, subject and text of a draft, and with its attachments.

    Attachments do not fit into a link: the draft is then written into a file of its own in the temporary folder, where
    it stays, for the mail program reads it later. Raises NoMailProgram, FileProblem, and what composing raises.
    """
    link = mailto(
        addresses(draft.to, TO), draft.subject, draft.text, cc=addresses(draft.cc, CC), bcc=addresses(draft.bcc, BCC)
    )
    if draft.attachments or len(link) > _LONGEST_LINK:
        _launch_file(draft)
    else:
        launch(link)


def addresses(entries: Iterable[str], member: str) -> list[str]:
    """The bare addresses of a recipient member, which is all that a link can hold (RFC 6068 2)."""
    return [mailbox.address for entry in entries for mailbox in read_mailboxes(entry, member)]


# -- the link -----------------------------------------------------------------------------------------

# RFC 6068 2: what may stand in a link as it is; an address also has its @, and commas part addresses.
_TEXT = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$*:@")
_LINE_ENDS = re.compile(r"\r\n|\r|\n")


def mailto(
    to: Sequence[str], subject: str = "", body: str = "", *, cc: Sequence[str] = (), bcc: Sequence[str] = ()
) -> str:
    """A mailto: link (RFC 6068): UTF-8, every line end as CR LF. Raises ControlCharacter where a text holds NUL."""
    if "\0" in body:
        raise ControlCharacter("Message", "NUL is not allowed")
    fields = [
        ("cc", _joined(cc)),
        ("bcc", _joined(bcc)),
        ("subject", _escaped(one_line(subject, "Subject"))),
        ("body", _escaped(_LINE_ENDS.sub("\r\n", body))),
    ]
    query = "&".join(f"{name}={value}" for name, value in fields if value)
    return f"mailto:{_joined(to)}" + (f"?{query}" if query else "")


def _joined(given: Sequence[str]) -> str:
    return ",".join(map(_escaped, given))


def _escaped(text: str) -> str:
    octets = text.encode("utf-8", "replace")
    return "".join([chr(octet) if octet in _TEXT else f"%{octet:02X}" for octet in octets])


# -- the file -----------------------------------------------------------------------------------------


def _launch_file(draft: Draft) -> None:
    """Open the draft as a file; X-Unsent makes Outlook and others open it for writing."""
    marked = replace(draft, headers=[*draft.headers, ("X-Unsent", "1")])
    composed = compose(marked, include_bcc=True, complete=False)
    opened = False
    try:
        # A folder of its own, which only this user can open.
        folder = tempfile.mkdtemp(prefix="wlemail-draft-")
    except OSError as problem:
        raise FileProblem(tempfile.gettempdir(), problem.strerror or str(problem)) from problem
    path = os.path.join(folder, DRAFT_NAME)
    try:
        with open(path, "wb") as file:
            file.writelines(composed.chunks())
        launch(path)
        opened = True
    except OSError as problem:
        raise FileProblem(path, problem.strerror or str(problem)) from problem
    finally:
        if not opened:
            rmtree(folder, ignore_errors=True)


# -- the program --------------------------------------------------------------------------------------


def launch(target: str) -> None:
    """Let the desktop open a link or a file with the program that is set up for it, and go on. NoMailProgram."""
    if sys.platform == "win32":
        try:
            os.startfile(target)
        except OSError as problem:
            raise NoMailProgram(problem.strerror or str(problem)) from problem
    else:
        _run(_launcher(sys.platform), target)


def _run(command: list[str], target: str) -> None:
    try:
        process = subprocess.Popen(
            [*command, target],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Ctrl-C in the script's terminal is not meant for the mail program.
            start_new_session=True,
        )
    except OSError as problem:
        raise NoMailProgram(problem.strerror or str(problem)) from problem
    try:
        code = process.wait(_SECONDS_TO_FAIL)
    except subprocess.TimeoutExpired:
        # It is the mail program itself, or will end when that has started: somebody has to take its exit code.
        threading.Thread(target=process.wait, daemon=True, name="wlemail-desktop").start()
        return
    if code:
        raise NoMailProgram(f"{command[0]} cannot open it")


def _launcher(platform: str) -> list[str]:
    """The command of this system that opens links and files."""
    if platform == "darwin":
        return ["open"]
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise NoMailProgram("there is no desktop")
    for command in (["xdg-open"], ["gio", "open"]):
        if which(command[0]):
            return command
    raise NoMailProgram("there is no program that opens links (xdg-open)")
