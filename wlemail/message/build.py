"""Builds the MIME structure of a message from a text, an HTML text and attachments.

The nesting is mixed > related > alternative, each only where there is something for it:
- alternative where there are both a text and an HTML text;
- related where the HTML uses (`cid:`) the identifier of an attachment;
- mixed where there are other attachments.
Without any text, a single attachment is the message itself (the single-part rule).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import ControlCharacter
from .charsets import to_utf8
from .encodings import encode_text, is_plain, with_crlf
from .entity import Base64Stream, Content, Entity, LineStream, Stream, multipart
from .fields.ids import is_content_id
from .fields.parameters import fallback_parameter, parameter, parse_media_type, with_parameters
from .headers import unstructured
from .media_types import UNKNOWN, guess_media_type


@dataclass(slots=True)
class Attachment:
    """What is attached: every text is one line without NUL; the identifier is bare (no `cid:`, no brackets)."""

    name: str
    content: Content
    media_type: str = ""
    description: str = ""
    identifier: str = ""


def build(text: str, html: str, attachments: Sequence[Attachment], token: str, domain: str) -> Entity:
    """The content of a message. `token` is unique to the message; `domain` completes identifiers that are made here.

    Raises ControlCharacter, naming Message or HTML, where one holds NUL.
    """
    if not text and not html:
        if len(attachments) == 1:
            return attachment_entity(attachments[0], inline=False)
        parts = [attachment_entity(attachment, inline=False) for attachment in attachments]
        return multipart("mixed", f"=_{token}", parts) if parts else text_entity("", "plain", "Message")
    inline: list[Attachment] = []
    if html and attachments:
        html, inline = _use_identifiers(html, attachments, token, domain)
    content = _body(text, html, f"=_a.{token}")
    if inline:
        root = "text/html" if not text else "multipart/alternative"
        images = [attachment_entity(attachment, inline=True) for attachment in inline]
        content = multipart("related", f"=_r.{token}", [content, *images], f' type="{root}";')
    chosen = {id(attachment) for attachment in inline}
    others = [attachment for attachment in attachments if id(attachment) not in chosen]
    if others:
        parts = [content, *(attachment_entity(attachment, inline=False) for attachment in others)]
        content = multipart("mixed", f"=_{token}", parts)
    return content


def _body(text: str, html: str, boundary: str) -> Entity:
    if not html:
        return text_entity(text, "plain", "Message")
    if not text:
        return text_entity(html, "html", "HTML")
    # RFC 2046 5.1.4: the plainest first; readers show the last they understand.
    parts = [text_entity(text, "plain", "Message"), text_entity(html, "html", "HTML")]
    return multipart("alternative", boundary, parts)


def text_entity(text: str, subtype: str, member: str) -> Entity:
    """A text part: as it is where it is ASCII with short lines, else quoted-printable or base64, in UTF-8."""
    if "\0" in text:
        raise ControlCharacter(member, "NUL is not allowed")
    data, encoding = to_utf8(with_crlf(text)), "7bit"
    if not is_plain(data):
        encoding, data = encode_text(data)
    charset = "us-ascii" if text.isascii() else "utf-8"
    fields = f"Content-Type: text/{subtype}; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n"
    return Entity(fields, [data])


def attachment_entity(attachment: Attachment, *, inline: bool) -> Entity:
    """An attached part. Its bytes arrive as they are: base64, whatever the type.

    A message (`message/rfc822`) may not be base64 (RFC 2046 5.2.1). It is sent as it is where 7bit can carry it, its
    line ends as CR LF; else, and for other types that forbid an encoding, the type becomes application/octet-stream:
    readers still open an .eml by its name, and the bytes are safe.
    """
    media_type, parameters = parse_media_type(attachment.media_type)
    if not media_type:
        media_type, parameters = guess_media_type(attachment.name), []
    stream: Stream | None = None
    if media_type == "message/rfc822":
        stream = LineStream.of(attachment.content)
    if stream is None and media_type.startswith(("message/", "multipart/")):
        media_type, parameters = UNKNOWN, []
    fields = _content_type(media_type, parameters, attachment.name)
    fields += with_parameters(
        "Content-Disposition", "inline" if inline else "attachment", parameter("filename", attachment.name)
    )
    # One that is no Content-ID can only come here where no HTML refers to it: nobody will miss it.
    if is_content_id(attachment.identifier):
        fields += f"Content-ID: <{attachment.identifier}>\r\n"
    if attachment.description:
        fields += unstructured("Content-Description", attachment.description)
    if stream is None:
        return Entity(fields + "Content-Transfer-Encoding: base64\r\n", [Base64Stream(attachment.content)])
    return Entity(fields + "Content-Transfer-Encoding: 7bit\r\n", [stream])


def _content_type(media_type: str, parameters: list[tuple[str, str]], name: str) -> str:
    pieces = []
    for key, value in parameters:
        if key.partition("*")[0] not in ("name", "boundary"):
            pieces += parameter(key, value)
    return with_parameters("Content-Type", media_type, [*pieces, fallback_parameter("name", name)])


_REFERENCE = re.compile(r"""(?<![A-Z0-9])cid:([^\s"'()<>\\&,;]+)""", re.IGNORECASE)
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")


def _use_identifiers(
    html: str, attachments: Sequence[Attachment], token: str, domain: str
) -> tuple[str, list[Attachment]]:
    """Which attachments the HTML shows, and the HTML, whose references are changed only where they cannot stay.

    Identifiers are compared without regard to case, because scripts write WDCID1 beside cid:wdcid1; mail readers are
    stricter, so that the Content-ID takes the spelling of the reference. An identifier that is no Content-ID (spaces,
    accents) is replaced by one made here, in the HTML too.
    """
    inline: list[Attachment] = []
    seen: set[str] = set()
    spellings: dict[str, str] | None = None
    for number, attachment in enumerate(attachments, 1):
        identifier = attachment.identifier
        if not identifier:
            continue
        folded = identifier.lower()
        if folded in seen:
            attachment.identifier = ""  # two parts of one name: the first is the one that is shown
        elif is_content_id(identifier):
            if spellings is None:
                # RFC 2392: the reference is escaped as in any URL, and readers undo that before they compare.
                found = [_ESCAPE.sub(lambda two: chr(int(two[1], 16)), one) for one in _REFERENCE.findall(html)]
                spellings = {one.lower(): one for one in reversed(found) if is_content_id(one)}
            if folded in spellings:
                attachment.identifier = spellings[folded]
                inline.append(attachment)
        else:
            made = f"part{number}.{token}@{domain}"
            pattern = f"cid:{re.escape(identifier)}(?=[\"'\\s()<>\\\\&,;]|$)"
            html, count = re.subn(pattern, f"cid:{made}", html, flags=re.IGNORECASE)
            attachment.identifier = made if count else ""
            if count:
                inline.append(attachment)
        seen.add(folded)
    return html, inline
