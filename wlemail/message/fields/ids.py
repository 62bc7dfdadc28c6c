"""Message and content identifiers (RFC 5322 3.6.4, RFC 2392)."""

from __future__ import annotations

import os
import re
import time

from ...errors import InvalidValue
from ..charsets import without_surrogates
from .controls import refuse_controls

_ID = re.compile(r"[!-;=?-~]+")  # printable ASCII without space and angle brackets
_CONTENT_ID = re.compile(r"[A-Za-z0-9!$*+\-./=@^_{|}~:]{1,200}")


def unique_token() -> str:
    """A string that no other call, process or machine gives: seconds since 1970 and 80 random bits."""
    return f"{int(time.time()):x}.{os.urandom(10).hex()}"


def make_message_id(domain: str, token: str) -> str:
    """A new identifier in the sender's domain: the name of this machine is nobody's business."""
    return f"<{token}@{domain}>"


def parse_message_ids(text: str, member: str) -> list[str]:
    """The identifiers of a Message-ID or References value, each in angle brackets, which may be absent in `text`.

    Raises ControlCharacter or InvalidValue, naming `member`.
    """
    refuse_controls(text, member)
    ids = []
    for word in text.replace(">", "> ").replace("<", " <").replace(",", " ").split():
        bare = word.removeprefix("<").removesuffix(">")
        # An encoded word is no identifier, and readers that decode it all the same would find a line end in it.
        if not _ID.fullmatch(bare) or "=?" in bare or word.startswith("<") != word.endswith(">"):
            raise InvalidValue(member, "not a message identifier of the form <id@domain>", word)
        if len(bare) > 900:  # it could not be folded into lines of 998
            raise InvalidValue(member, "a message identifier is too long", word[:40] + "…")
        ids.append(f"<{bare}>")
    return ids


def bare_content_id(identifier: str, member: str) -> str:
    """A content identifier as users write it, without a leading `cid:` and angle brackets.

    Raises ControlCharacter, naming `member`.
    """
    refuse_controls(identifier, member)
    bare = without_surrogates(identifier).strip()
    if bare[:4].lower() == "cid:":
        bare = bare[4:].strip()
    return bare.removeprefix("<").removesuffix(">").strip()


def is_content_id(bare: str) -> bool:
    """True where the identifier can stand in a Content-ID field as it is, and in a cid: URL without escapes."""
    return _CONTENT_ID.fullmatch(bare) is not None
