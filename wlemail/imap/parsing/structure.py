"""BODYSTRUCTURE and BODY (RFC 3501 7.4.2): the parts of a message as the server sees them.

QUIRK: servers leave members out, write NIL for a number, and give message/rfc822 without an envelope; what is not
there reads as nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..scanner import Malformed, Value, optional_number, optional_text, texts
from .envelope import Envelope, envelope


@dataclass(frozen=True)
class Part:
    """One part: a multipart with its parts, a message with the one inside, or a leaf."""

    #: what BODY[…] calls it: "1.2"; "" for a message as a whole
    section: str
    #: in lower case
    type: str
    subtype: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    id: str | None = None
    description: str | None = None
    encoding: str = ""
    #: octets as they are encoded
    size: int = 0
    lines: int | None = None
    md5: str | None = None
    #: "attachment", "inline" …, in lower case; "" where none is given
    disposition: str = ""
    disposition_parameters: Mapping[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    location: str | None = None
    #: of the message inside
    envelope: Envelope | None = None
    parts: tuple[Part, ...] = ()

    def walk(self) -> Iterator[Part]:
        """This part and all below it."""
        yield self
        for part in self.parts:
            yield from part.walk()


def structure(value: Value) -> Part:
    """The message that a list describes."""
    return _part(value, "", top=True)


def _part(value: Value, section: str, *, top: bool = False) -> Part:
    """`top`: it is a message, whose parts are numbered from 1 and which is part 1 where it has only one."""
    if not isinstance(value, tuple) or not value:
        raise Malformed("a part is no list")
    if isinstance(value[0], tuple):
        return _multipart(value, section)
    return _leaf(value, _below(section, 1) if top else section)


def _below(section: str, number: int) -> str:
    return f"{section}.{number}" if section else str(number)


def _multipart(value: tuple[Value, ...], section: str) -> Part:
    count = next((place for place, each in enumerate(value) if not isinstance(each, tuple)), len(value))
    parts = tuple([_part(each, _below(section, place + 1)) for place, each in enumerate(value[:count])])
    subtype, parameters, *rest = (*value[count:], None, None)
    return Part(
        section,
        "multipart",
        (optional_text(subtype) or "mixed").lower(),
        _parameters(parameters),
        parts=parts,
        **_extension(rest),  # type: ignore[arg-type]
    )


def _leaf(value: tuple[Value, ...], section: str) -> Part:
    members = (*value, *[None] * (7 - len(value)))
    _, _, parameters, identifier, description, encoding, size, *rest = members
    kind, subtype = [(optional_text(each) or "").lower() for each in members[:2]]
    inside: dict[str, object] = {}
    if kind == "message" and subtype in ("rfc822", "global") and _tells_inside(rest):
        inside["envelope"] = envelope(rest[0]) if rest[0] is not None else None
        inside["parts"] = (_part(rest[1], section, top=True),) if rest[1] is not None else ()
        rest = rest[2:]
    if rest and optional_number(rest[0]) is not None:
        inside["lines"] = optional_number(rest[0])
        rest = rest[1:]
    elif rest and rest[0] is None and kind in ("text", "message") and len(rest) > 4:
        rest = rest[1:]  # NIL for the number of lines
    if rest:
        inside["md5"] = optional_text(rest[0])
    return Part(
        section,
        kind,
        subtype,
        _parameters(parameters),
        optional_text(identifier),
        optional_text(description),
        (optional_text(encoding) or "").lower(),
        optional_number(size) or 0,
        **inside,  # type: ignore[arg-type]
        **_extension(rest[1:]),  # type: ignore[arg-type]
    )


def _tells_inside(rest: list[Value]) -> bool:
    """Whether an envelope, a structure and a number of lines follow, be the first two NIL."""
    if len(rest) < 2 or isinstance(rest[0], bytes) or isinstance(rest[1], bytes):
        return False
    return rest[1] is not None or (len(rest) > 2 and optional_number(rest[2]) is not None)


def _parameters(value: Value) -> Mapping[str, str]:
    if not isinstance(value, tuple):
        return {}
    pairs = zip(texts(value[::2]), value[1::2], strict=False)
    return {name.lower(): optional_text(each) or "" for name, each in pairs}


def _extension(rest: list[Value]) -> dict[str, object]:
    """Disposition, language and location, as far as they are there."""
    disposition, languages, location = (*rest, None, None, None)[:3]
    found: dict[str, object] = {}
    if isinstance(disposition, tuple) and disposition:
        found["disposition"] = (optional_text(disposition[0]) or "").lower()
        found["disposition_parameters"] = _parameters(disposition[1] if len(disposition) > 1 else None)
    elif isinstance(disposition, bytes):
        found["disposition"] = disposition.decode("ascii", "replace").lower()
    if languages is not None:
        found["languages"] = texts(languages if isinstance(languages, tuple) else (languages,))
    if location is not None:
        found["location"] = optional_text(location)
    return found
