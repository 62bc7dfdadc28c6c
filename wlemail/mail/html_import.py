"""Takes the images that an HTML text shows from a directory, so that they can travel with the message (RFC 2392).

Reads nothing outside that directory, whatever the text says, and fetches nothing: references to the network stay.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from ..errors import FileProblem
from ..message.fields.ids import unique_token
from ..message.html import Reference, image_references, rewritten
from ..message.media_types import guess_media_type
from .draft import DraftAttachment

# Why a reference was left as it is.
MISSING = "there is no such file"
OUTSIDE = "it lies outside the directory"
NO_IMAGE = "it is not an image"
UNREADABLE = "it cannot be read"


class ImportedHTML(NamedTuple):
    """The text with its references as `cid:`, the images in the order of their first use, and what was left alone."""

    html: str
    images: list[DraftAttachment]
    #: reference -> why it stays as it is
    left: dict[str, str]


def unique_identifiers() -> Callable[[int], str]:
    """Names for images that no other message has: mail programs that keep several in one place must not mix them."""
    token = unique_token()
    return lambda number: f"image{number}@{token}"


def import_html(html: str, directory: str, identify: Callable[[int], str], *, embedded: bool = False) -> ImportedHTML:
    """Find the images of an HTML text and refer to them by identifiers; `identify` gives that of the n-th, from 1.

    An image that is used several times is there once. `embedded` takes `data:` images out of the text too. Nothing of
    the text but references changes. Raises FileProblem where the text refers to files and there is no such directory.
    """
    source = _Images(directory, identify)
    changes: list[tuple[Reference, str]] = []
    for reference in image_references(html):
        identifier = source.embedded(reference) if embedded and _is_data(reference.targets[0]) else ""
        identifier = identifier or source.local(reference)
        if identifier:
            changes.append((reference, f"cid:{identifier}"))
    return ImportedHTML(rewritten(html, changes), source.images, source.left)


class _Images:
    """The images found so far, each once."""

    def __init__(self, directory: str, identify: Callable[[int], str]) -> None:
        self.images: list[DraftAttachment] = []
        self.left: dict[str, str] = {}
        self._identify = identify
        self._given = directory
        self._directory: _Directory | None = None
        #: path or data -> identifier
        self._known: dict[object, str] = {}

    def local(self, reference: Reference) -> str:
        """The identifier of an image of the directory, "" where the reference is none or has to stay."""
        targets = [path for target in reference.targets for path in _local_paths(target)]
        if not targets:
            return ""
        if self._directory is None:
            self._directory = _Directory(self._given)
        path, why = self._directory.find(targets)
        media_type = ""
        if not why:
            media_type, why = _examine(path)
        if why:
            self.left.setdefault(reference.targets[0], why)
            return ""
        image = DraftAttachment(os.path.basename(path), path, content_type=media_type)
        return self._add(os.path.normcase(os.path.realpath(path)), image)

    def embedded(self, reference: Reference) -> str:
        """The identifier of an image inside the text, "" where the reference does not hold one in base64."""
        found = _DATA.fullmatch(reference.targets[0])
        if not found:
            return ""
        media_type = found[1].lower()
        try:
            content = b64decode(_SPACE.sub("", _percent_decoded(found[2])) + "==")
        except ValueError:
            content = b""
        if not content:
            return ""
        extension = _EXTENSIONS.get(media_type, media_type.partition("/")[2].partition("+")[0])
        name = f"image{len(self.images) + 1}.{extension}"
        return self._add((media_type, content), DraftAttachment(name, None, content, media_type))

    def _add(self, key: object, image: DraftAttachment) -> str:
        known = self._known.get(key)
        if known is not None:
            return known
        image.identifier = self._known[key] = self._identify(len(self.images) + 1)
        self.images.append(image)
        return image.identifier


# -- what a reference says ----------------------------------------------------------------------------

_DATA = re.compile(r"data:(image/[A-Za-z0-9.+\-]+)(?:;[^;,]*)*;base64,(.*)", re.IGNORECASE | re.DOTALL)
_EXTENSIONS = {"image/jpeg": "jpg", "image/x-icon": "ico", "image/vnd.microsoft.icon": "ico"}
_SPACE = re.compile(r"\s")
# One letter before the colon is a drive of Windows.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]+):")
_DRIVE = re.compile(r"[A-Za-z][:|]")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


def _is_data(target: str) -> bool:
    return target[:5].lower() == "data:"


def _local_paths(target: str) -> Iterator[str]:
    """What a reference may mean as a path with "/", likeliest first; nothing for one that leads to the network.

    Scripts write paths (`photo 100%.png`, `img\\logo.png`) where HTML has URLs (`photo%20100%25.png?v=2`)."""
    scheme = _SCHEME.match(target)
    if scheme:
        if scheme[1].lower() != "file":
            return
        target = _path_of_file_url(target[5:].replace("\\", "/"))
    elif target.startswith(("//", "#")):
        return
    path = target.replace("\\", "/")
    bare = re.split("[?#]", path, maxsplit=1)[0]
    yield from dict.fromkeys(text for text in (path, _percent_decoded(path), bare, _percent_decoded(bare)) if text)


def _path_of_file_url(rest: str) -> str:
    """file:///C:/a.png, file:///srv/a.png, file://localhost/srv/a.png, file:a.png (RFC 8089)."""
    if rest.startswith("//"):
        host, slash, path = rest[2:].partition("/")
        # Another machine's file stays a path of the network, which lies in no local directory.
        rest = rest if host.lower() not in ("", "localhost") else slash + path
    return rest[1:] if rest.startswith("/") and _DRIVE.match(rest, 1) else rest


def _percent_decoded(text: str) -> str:
    return _ESCAPES.sub(_decoded_escapes, text)


def _decoded_escapes(escapes: re.Match[str]) -> str:
    octets = bytes.fromhex(escapes[0].replace("%", ""))
    try:
        return octets.decode()
    except UnicodeDecodeError:
        # Pages in the code page of Western Europe escape its bytes.
        return octets.decode("cp1252", "replace")


# -- the directory ------------------------------------------------------------------------------------


class _Directory:
    """The one place that images come from."""

    def __init__(self, path: str) -> None:
        self._root = os.path.abspath(path or os.curdir)
        # First: realpath raises ValueError where the path holds a NUL, isdir does not.
        if not os.path.isdir(self._root):
            raise FileProblem(path, "there is no such directory")
        self._real = os.path.realpath(self._root)

    def find(self, targets: Iterable[str]) -> tuple[str, str]:
        """The first of the paths that is a file of the directory, or "" and why there is none."""
        why = MISSING
        inside: list[list[str]] = []
        for target in targets:
            steps = self._steps(target)
            if steps is None:
                why = OUTSIDE
            elif steps:
                inside.append(steps)
        # What is written exactly like a file comes before what is only spelled alike.
        for search in (self._exact, self._alike):
            for steps in inside:
                path = search(steps)
                if not path:
                    continue
                if self._holds(path):
                    return path, ""
                why = OUTSIDE
        return "", why

    def _steps(self, target: str) -> list[str] | None:
        """The way from the directory to the target; None where it leads out."""
        if "\0" in target:
            return []
        target = target.replace("\\", "/")  # also one that was written %5C
        if target.startswith("/") or _DRIVE.match(target):
            inner = self._relative(target)
            if inner is None:
                return None
            target = inner
        steps: list[str] = []
        for step in target.split("/"):
            if step == "..":
                if not steps:
                    return None
                steps.pop()
            elif step not in ("", "."):
                if os.name == "nt" and ":" in step:
                    return None  # a drive, or another stream of a file
                steps.append(step)
        return steps

    def _relative(self, target: str) -> str | None:
        """What follows the directory in an absolute path. Only text is compared: looking at `\\\\server\\share` would
        already tell a stranger's server who is signed in here."""
        root, path = (os.path.normcase(text).replace("\\", "/") for text in (self._root, target.replace("|", ":", 1)))
        root = root.rstrip("/") + "/"
        return target[len(root) :] if path.startswith(root) else None

    def _exact(self, steps: list[str]) -> str:
        path = os.path.join(self._root, *steps)
        return path if os.path.lexists(path) else ""

    def _alike(self, steps: list[str]) -> str:
        """The path whose names differ in case, or in how accents are composed: written on another system."""
        path = self._root
        for step in steps:
            wanted = _folded(step)
            if not self._holds(path):
                return path  # not even the names of another directory are looked at
            try:
                names = sorted(os.listdir(path))
            except OSError:
                return ""
            name = step if step in names else next((name for name in names if _folded(name) == wanted), "")
            if not name:
                return ""
            path = os.path.join(path, name)
        return path

    def _holds(self, path: str) -> bool:
        """Whether the path, its links followed, is in the directory."""
        real = os.path.normcase(os.path.realpath(path))
        root = os.path.normcase(self._real)
        return real == root or real.startswith(root.rstrip(os.sep) + os.sep)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


# -- images -------------------------------------------------------------------------------------------

# How images begin, for files whose name does not say what they are.
_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"<svg", "image/svg+xml"),
)


def _examine(path: str) -> tuple[str, str]:
    """The media type where the name does not tell it, or why the file is left alone."""
    try:
        # Opening a pipe or a device would wait for ever.
        if not stat.S_ISREG(os.stat(path).st_mode):
            return "", NO_IMAGE
        with open(path, "rb") as file:
            beginning = file.read(16)
    except FileNotFoundError:
        return "", MISSING  # a link that leads nowhere
    except OSError as problem:
        return "", f"{UNREADABLE} ({problem.strerror})" if problem.strerror else UNREADABLE
    if guess_media_type(path).startswith("image/"):
        return "", ""
    for magic, media_type in _BEGINNINGS:
        if beginning.startswith(magic):
            return media_type, ""
    if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP":
        return "image/webp", ""
    return "", NO_IMAGE
