"""Names for what arrives: a name that a stranger chose becomes one that is safe on every file system, and what has
none gets one.

Windows sets the rules, because it has most of them: signs, device names, dots and spaces at the end, and the length.
"""

from __future__ import annotations

import re
import unicodedata

from .choice import Attached
from .media_types import UNKNOWN, extension_of

#: Windows allows 255 UTF-16 units, Linux 255 bytes; a directory and ` (2)` want some room
LONGEST_NAME = 150
LONGEST_BYTES = 230

_DIRECTORY = re.compile(r"^(?:[A-Za-z]:|[.~]{0,2}[/\\])|\\|/\.\.?/")
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
# Line ends, controls, and what turns the direction of writing (`gpj.exe` would be read as `exe.jpg`).
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]+"
)
_DEVICE = re.compile(
    r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|CLOCK\$|(?:COM|LPT)[0-9\u00b9\u00b2\u00b3])[ ]*(?:\.|:|$)", re.IGNORECASE
)
_SPACES = re.compile(r"\s+")


def safe_name(name: str) -> str:
    """The name as a file may have it on any system: no directory, no device, no control character, not too long.

    "" where nothing is left.
    """
    name = unicodedata.normalize("NFC", _INVISIBLE.sub(" ", name)).strip()
    if _DIRECTORY.search(name):
        # A whole path: old programs sent where the file lay on their disk.
        name = re.split(r"[/\\]", name.rstrip("/\\"))[-1]
        name = re.sub("^[A-Za-z]:", "", name)
    name = _SPACES.sub(" ", _FORBIDDEN.sub("_", name)).strip(" ").rstrip(". ")
    if not name.strip("._ "):
        return ""
    name = _shortened(name)
    return f"_{name}" if _DEVICE.match(name) else name


def _shortened(name: str) -> str:
    """The name within the limits, with the extension that it had."""
    if len(name) <= LONGEST_NAME and len(name.encode("utf-8")) <= LONGEST_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > 20:
        stem, dot, extension = name, "", ""
    room = LONGEST_BYTES - len(f"{dot}{extension}".encode())
    stem = stem[: LONGEST_NAME - len(extension) - 1].encode("utf-8")[:room].decode("utf-8", "ignore")
    return f"{stem.rstrip(' .')}{dot}{extension}"


class Names:
    """The names of what is in one message: no two are the same, even where capitals do not count."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._last: dict[str, int] = {}

    def unique(self, name: str) -> str:
        """The name, with a number where it is taken."""
        found = name
        if self._key(found) in self._taken:
            stem, dot, extension = name.rpartition(".")
            if not stem:
                stem, dot, extension = name, "", ""
            number = self._last.get(self._key(name), 1)
            while self._key(found) in self._taken:
                number += 1
                found = f"{stem} ({number}){dot}{extension}"
            self._last[self._key(name)] = number
        self._taken.add(self._key(found))
        return found

    def _key(self, name: str) -> str:
        return unicodedata.normalize("NFKC", name).casefold()


# Media types that usually come without a name.
_MADE_NAMES = {
    "message/delivery-status": "delivery-status.txt",
    "message/disposition-notification": "disposition-notification.txt",
    "message/feedback-report": "feedback-report.txt",
    "text/rfc822-headers": "headers.txt",
    "text/calendar": "invitation.ics",
    "application/pgp-signature": "signature.asc",
    "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-signature": "smime.p7s",
    "application/pkcs7-mime": "smime.p7m",
    "application/x-pkcs7-mime": "smime.p7m",
    "application/ms-tnef": "winmail.dat",
}


def name_of(attached: Attached) -> str:
    """A safe name for an attachment: its own, or one made of what is known of it."""
    name = safe_name(attached.name)
    if not name:
        return _made_name(attached)
    # A message opens as one only where its name says so.
    if attached.part is not None and attached.part.is_message and not name.lower().endswith((".eml", ".msg")):
        return safe_name(f"{name}.eml")
    return name


def _made_name(attached: Attached) -> str:
    """A name for what was sent without one: a message is called by its subject."""
    if attached.part is not None and attached.part.is_message:
        subject = attached.part.parts[0].field_text(b"subject") if attached.part.parts else ""
        return safe_name(f"{subject[:100]}.eml") if subject.strip(" .") else "message.eml"
    known = _MADE_NAMES.get(attached.content_type)
    if known:
        return known
    location = attached.part.location if attached.part is not None else ""
    if location:
        return safe_name(location)
    description = safe_name(attached.description[:100])
    extension = extension_of(attached.content_type or UNKNOWN)
    return f"{description or 'attachment'}{extension}"
