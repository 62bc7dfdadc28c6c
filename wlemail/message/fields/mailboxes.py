"""Mailboxes as people write them into a program: names, addresses, and lists of both.

That is less than the grammar of RFC 5322 (commas inside bare names) and more (several addresses in one value).
What cannot be sent raises.
"""

from __future__ import annotations

import re

from ...errors import ControlCharacter, InvalidAddress
from ...idna import domain_to_ascii
from .address import ORDINARY, Examined, Mailbox, Standing, examine_address, judge_literal
from .controls import one_line, refuse_controls

_NAMED_ORDINARY = re.compile(r"([^\x00-\x1f\x7f\x85\u2028\u2029,;:<>()\[\]\"@\\]*)<([!-;=?-~]+)>")
_INVISIBLE = " \t\xa0\u200b\u2060\ufeff"  # what comes along when an address is copied from a page

# An unclosed quote or bracket matches none of the first four and is then an ordinary character: `5" screens <a@b>`.
_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"'
    r'|<(?:[^<>"]|"(?:[^"\\]|\\.)*")*>'
    r"|\[[^\[\]]*\]"
    r"|\((?:[^()\\]|\\.)*\)"
    r"|[,;:]"
    r'|[^",;:<>()\[\]]+'
    r"|.",
    re.DOTALL,
)


def read_mailboxes(entry: str, member: str) -> list[Mailbox]:
    """The mailboxes in one value as people write it: none where it is blank, often one, sometimes a list.

    A list is split at `;`, and at `,` where that makes sense: `Dupont, Jean <j@example.com>` is one mailbox, because
    `Dupont` is no address. Group names and obsolete routes are dropped. Line ends in a display name become a space.
    Raises ControlCharacter or InvalidAddress, naming `member`.
    """
    if ORDINARY.fullmatch(entry) and len(entry) <= 254 and "=?" not in entry:
        local, _, domain = entry.rpartition("@")
        return [Mailbox("", local, domain)]
    named = _NAMED_ORDINARY.fullmatch(entry)
    if named and len(named[2]) <= 254 and "=?" not in named[2]:
        ordinary = ORDINARY.fullmatch(named[2])
        if ordinary:
            return [Mailbox(_squeezed(named[1]), ordinary[1], ordinary[2])]
    if "\0" in entry:
        raise ControlCharacter(member, "NUL is not allowed")
    return [_read_mailbox(piece, member) for piece in _split_list(_TOKEN.findall(entry))]


def _split_list(tokens: list[str]) -> list[list[str]]:
    pieces: list[list[str]] = []
    segment: list[str] = []
    for token in tokens:
        if token == ";":
            pieces += _split_commas(_without_group_name(segment))
            segment = []
        else:
            segment.append(token)
    return pieces + _split_commas(segment)


def _without_group_name(segment: list[str]) -> list[str]:
    """group = display-name ":" [group-list] ";": the tokens of the list."""
    for index, token in enumerate(segment):
        if token == ":":
            return segment[index + 1 :]
        if _holds_address([token]):
            break
    return segment


def _split_commas(segment: list[str]) -> list[list[str]]:
    pieces: list[list[str]] = [[]]
    for token in segment:
        if token == ",":
            pieces.append([])
        else:
            pieces[-1].append(token)
    merged: list[list[str]] = []
    waiting: list[str] = []  # `Dupont` of `Dupont, Jean <j@example.com>`
    for piece in pieces:
        if not "".join(piece).strip(_INVISIBLE):
            continue
        if not _holds_address(piece):
            waiting += [*piece, ","]
            continue
        merged.append(waiting + piece)
        waiting = []
    if waiting:
        merged.append(waiting[:-1])
    return merged


def _holds_address(piece: list[str]) -> bool:
    return any("@" in token and token[0] not in '"([' for token in piece)


def _read_mailbox(tokens: list[str], member: str) -> Mailbox:
    written = "".join(tokens).strip(_INVISIBLE)
    angles = [index for index, token in enumerate(tokens) if token[0] == "<" and len(token) > 1]
    if not angles:
        comments = [token for token in tokens if token[0] == "(" and len(token) > 1]
        display = _squeezed(one_line(comments[-1][1:-1], member)) if comments else ""
        return _checked(display, written[7:] if written[:7].lower() == "mailto:" else written, member, written)
    if len(angles) > 1:
        raise InvalidAddress(member, "two addresses are not separated by ; or ,", written)
    before, angle, after = tokens[: angles[0]], tokens[angles[0]], tokens[angles[0] + 1 :]
    if any(token[0] != "(" and token.strip(_INVISIBLE) for token in after):
        refuse_controls("".join(after), member)
        raise InvalidAddress(member, "something follows the address", written)
    inner = angle[1:-1].strip(_INVISIBLE)
    if inner.startswith("@"):  # obs-route: [CFWS "@" domain *("," "@" domain) ":"], ignored as RFC 5322 4.4 says
        inner = inner.partition(":")[2].strip(_INVISIBLE)
    return _checked(_display_name(before, member), inner, member, written)


def _display_name(tokens: list[str], member: str) -> str:
    words = [_unquoted(token) if token[0] == '"' and len(token) > 1 else token for token in tokens]
    return _squeezed(one_line("".join(words), member))


def _squeezed(text: str) -> str:
    """The text with single spaces between its words; other kinds of space are the author's choice."""
    return " ".join([word for word in text.replace("\t", " ").split(" ") if word])


def _unquoted(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1], flags=re.DOTALL)


def _checked(display: str, address: str, member: str, written: str) -> Mailbox:
    # A dot at the end is how DNS writes a full name; nobody's mail server wants to see it.
    refuse_controls(address, member)
    examined = examine_address(address.removesuffix("."))
    if examined.standing is Standing.INVALID:
        raise InvalidAddress(member, examined.reason, written)
    try:
        domain = domain_to_ascii(examined.domain)
    except ValueError as problem:
        raise InvalidAddress(member, str(problem), written) from None
    reason = _unsendable(examined, domain)
    if reason:
        raise InvalidAddress(member, reason, written)
    return Mailbox(display, examined.local, domain)


def _unsendable(examined: Examined, domain: str) -> str:
    """Why a mailbox that the grammar allows cannot be sent to; "" where it can."""
    if len(examined.local) + 1 + len(domain) > 254:
        return "the address is longer than 254 characters"  # RFC 5321 4.5.3.1.3, and lines must end somewhere
    if domain.startswith("["):
        standing, reason = judge_literal(domain[1:-1])
        return reason if standing is Standing.LOOSE else ""
    if "=?" in examined.local and "?=" in examined.local:
        # RFC 2047 5 (3) forbids it; readers that decode it all the same would find what its author hid.
        return "the local part looks like an encoded word"
    for label in domain.split("."):
        # Some hosts inside companies have an underscore; other signs belong to mistakes.
        if not label.replace("-", "").replace("_", "").isalnum():
            return "the domain holds signs that no host name has"
    return ""
