"""E-mail addresses: the grammar of RFC 5322 3.4 with its obsolete forms, RFC 5321 4.1.2 and RFC 6531.

Judges one address and says how far from ordinary it is. What people write around addresses is read in mailboxes.py.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import NamedTuple


class Standing(IntEnum):
    """How far from ordinary an address is, best first. The worst thing found in it decides."""

    ORDINARY = 0  #: local part and host name of letters, digits and the usual signs
    UNUSUAL = 1  #: right for SMTP, but quoted, at an address literal, or at a name that is a bare or numeric top level
    COMMENTED = 2  #: right inside a message; comments or folded space must go before SMTP gets it
    OBSOLETE = 3  #: in a form that RFC 5322 4 still reads and nobody may write
    LOOSE = 4  #: RFC 5322 allows it, SMTP does not: too long, a malformed literal, signs that no host name has
    INVALID = 5  #: no address at all


#: the worst standing that each level of checking accepts
LEVEL_SYNTAX = Standing.OBSOLETE
LEVEL_STRICT = Standing.UNUSUAL


class Examined(NamedTuple):
    """The verdict on an address, and its parts without comments, quotes and escapes where it has any."""

    standing: Standing
    reason: str  #: what is wrong, or out of the ordinary, in English; "" for an ordinary address
    local: str = ""
    domain: str = ""


class Mailbox(NamedTuple):
    """A display name and an address without quotes, escapes and encodings; the domain is as DNS knows it."""

    display: str
    local: str
    domain: str

    @property
    def address(self) -> str:
        """The address as SMTP and header fields want it: the local part quoted if need be, the domain in ASCII."""
        return f"{quote_local(self.local)}@{self.domain}"


class Group(NamedTuple):
    """A named list of mailboxes; the list may be empty ("undisclosed-recipients:;")."""

    name: str
    members: tuple[Mailbox, ...]


# -- the grammar ------------------------------------------------------------------------------------

# atext of RFC 5322 3.2.3 and RFC 6532 3.2, told by what is missing: a class of all of Unicode is slow to compile.
_ATEXT = r'[^\x00-\x20\x7f()<>\[\]:;@\\,."]'
_ATOM = re.compile(f"{_ATEXT}+")
_DOT_ATOM = re.compile(f"{_ATEXT}+(?:\\.{_ATEXT}+)*")
# Nearly every address there is; all others take the long way.
ORDINARY = re.compile(
    r"([A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(?:\.[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*)"
    r"@((?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?)"
)
_QUOTED = re.compile(r'[\\"\x00-\x08\x0a-\x1f\x7f]')
# What no address may hold even where the grammar would let non-ASCII through: other line ends, spaces that do not
# look like one, surrogates.
_NEVER = re.compile("[\\x80-\\xa0\\u1680\\u2000-\\u200b\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff\\ud800-\\udfff]")
_OBSOLETE_CONTROLS = frozenset(map(chr, [*range(1, 9), 11, 12, *range(14, 32), 127]))  # obs-NO-WS-CTL


class _Invalid(Exception):
    """The text is no address: the reason."""


class _Scanner:
    """Reads one addr-spec and keeps the worst thing seen."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.standing = Standing.ORDINARY
        self.reason = ""

    def found(self, standing: Standing, reason: str) -> None:
        if standing > self.standing:
            self.standing = standing
            self.reason = reason

    @property
    def next(self) -> str:
        """The next character, "" at the end."""
        return self.text[self.position : self.position + 1]

    def addr_spec(self) -> tuple[str, str]:
        """addr-spec = local-part "@" domain."""
        local = self.local_part()
        if self.next != "@":
            raise _Invalid("there is no @" if self.next == "" else f"{self.next!r} is not allowed before the @")
        self.position += 1
        domain, written = self.domain()
        if self.next:
            raise _Invalid(f"{self.next!r} is not allowed in the domain")
        if len(written) > 255:
            self.found(Standing.LOOSE, "the domain is longer than 255 characters")
        elif len(local) + 1 + len(written) > 254:
            self.found(Standing.LOOSE, "the address is longer than 254 characters")
        return local, domain

    def local_part(self) -> str:
        """local-part = dot-atom / quoted-string / obs-local-part; obs-local-part = word *("." word)."""
        spaced = self.cfws()
        words: list[str] = []
        size = 0
        while True:
            start = self.position
            quoted = self.next == '"'
            words.append(self.quoted_string() if quoted else self.local_atom(first=not words))
            size += self.position - start
            if quoted:
                self.found(Standing.UNUSUAL, "the local part is quoted")
            spaced = self.cfws()
            if self.next != ".":
                break
            if spaced:
                self.found(Standing.OBSOLETE, "there is space or a comment beside a dot")
            if quoted:
                self.found(Standing.OBSOLETE, "a quoted string is only a part of the local part")
            self.position += 1
            size += 1
            if self.cfws():
                self.found(Standing.OBSOLETE, "there is space or a comment beside a dot")
            if self.next == '"':
                self.found(Standing.OBSOLETE, "a quoted string is only a part of the local part")
        if self.next == "@" and spaced:
            self.found(Standing.OBSOLETE, "there is space or a comment beside the @")
        elif self.next and self.next != "@" and (spaced or quoted):
            raise _Invalid("something follows a comment or a space" if spaced else "something follows a quoted string")
        if size > 64:
            self.found(Standing.LOOSE, "the local part is longer than 64 characters")
        return ".".join(words)

    def local_atom(self, first: bool) -> str:
        atom = _ATOM.match(self.text, self.position)
        if atom is None:
            if self.next == "@":
                raise _Invalid("nothing stands before the @" if first else "there is a dot before the @")
            if self.next == ".":
                raise _Invalid("the address begins with a dot" if first else "there are two dots in a row")
            raise _Invalid(f"{self.next!r} is not allowed before the @" if self.next else "there is no @")
        self.position = atom.end()
        self.refuse_odd(atom[0])
        return atom[0]

    def refuse_odd(self, text: str) -> None:
        odd = _NEVER.search(text)
        if odd:
            raise _Invalid(f"the character U+{ord(odd[0]):04X} is not allowed")

    def quoted_string(self) -> str:
        r"""quoted-string = DQUOTE *([FWS] qcontent) [FWS] DQUOTE; RFC 6531 lets UTF-8 in, though not behind a "\"."""
        self.position += 1
        content: list[str] = []
        while True:
            character = self.next
            if character == "":
                raise _Invalid("a quoted string is not closed")
            if character == '"':
                self.position += 1
                text = "".join(content)
                self.refuse_odd(text)
                return text
            if character == "\\":
                content.append(self.quoted_pair())
            elif character in "\t\r" or (character == " " and self.text.startswith(" \r", self.position)):
                self.fws()
                content.append(" ")
            else:
                if character in _OBSOLETE_CONTROLS:
                    self.found(Standing.OBSOLETE, "a quoted string holds a control character")
                elif character in "\x00\n":
                    raise _Invalid("a quoted string holds NUL or a line end")
                content.append(character)
                self.position += 1

    def quoted_pair(self) -> str:
        r"""quoted-pair = "\" (VCHAR / WSP); obs-qp = "\" (NUL / obs-NO-WS-CTL / LF / CR)."""
        character = self.text[self.position + 1 : self.position + 2]
        if character == "":
            raise _Invalid("the address ends with a backslash")
        if character > "\x7f":
            raise _Invalid("a backslash stands before a character that is not ASCII")
        if character in _OBSOLETE_CONTROLS or character in "\x00\r\n":
            self.found(Standing.OBSOLETE, "a backslash stands before a control character")
        self.position += 2
        return character

    def domain(self) -> tuple[str, str]:
        """domain = dot-atom / domain-literal / obs-domain; obs-domain = atom *("." atom).

        Returns the domain and the same as it is written, without comments and space.
        """
        if self.cfws():
            self.found(Standing.OBSOLETE, "there is space or a comment beside the @")
        if self.next == "[":
            literal = self.literal()
            self.cfws()
            if self.next:
                raise _Invalid("something follows the address literal")
            return literal, literal
        labels = [self.label(first=True)]
        while True:
            spaced = self.cfws()
            if self.next != ".":
                break
            self.position += 1
            if self.cfws():
                self.found(Standing.OBSOLETE, "there is space or a comment beside a dot")
            labels.append(self.label(first=False))
        if spaced and self.next:
            raise _Invalid("something follows a comment or a space in the domain")
        self.judge_top_level(labels)
        domain = ".".join(labels)
        return domain, domain

    def label(self, first: bool) -> str:
        atom = _ATOM.match(self.text, self.position)
        if atom is None:
            if self.next == "":
                raise _Invalid("nothing stands behind the @" if first else "the domain ends with a dot")
            if self.next == ".":
                raise _Invalid("the domain begins with a dot" if first else "there are two dots in a row")
            raise _Invalid(f"{self.next!r} is not allowed in the domain")
        label = atom[0]
        self.position = atom.end()
        self.refuse_odd(label)
        if label.startswith("-") or label.endswith("-"):
            raise _Invalid("a part of the domain begins or ends with a hyphen")
        if len(label) > 63:
            self.found(Standing.LOOSE, "a part of the domain is longer than 63 characters")
        if label.isascii() and not label.replace("-", "").isalnum():
            self.found(Standing.LOOSE, "the domain holds signs that no host name has")
        return label

    def judge_top_level(self, labels: list[str]) -> None:
        if len(labels) == 1:
            self.found(Standing.UNUSUAL, "the domain has only one part")
        # RFC 1123 2.1 with its erratum: else a name and an IPv4 address could not be told apart.
        if labels[-1][0] in "0123456789":
            self.found(Standing.UNUSUAL, "the top-level domain begins with a digit")

    def literal(self) -> str:
        r"""domain-literal = [CFWS] "[" *([FWS] dtext) [FWS] "]" [CFWS]; obs-dtext = obs-NO-WS-CTL / quoted-pair."""
        self.position += 1
        content: list[str] = []
        while True:
            character = self.next
            if character == "":
                raise _Invalid("an address literal is not closed")
            if character == "]":
                self.position += 1
                break
            if character == "[" or character in "\x00\n" or character > "\x7f":
                raise _Invalid(f"{character!r} is not allowed in an address literal")
            if character == "\\":
                content.append("\\" + self.quoted_pair())
            elif character in " \t\r":
                self.fws()
                content.append(" ")
            else:
                content.append(character)
                self.position += 1
        text = "".join(content)
        self.found(*judge_literal(text))
        return f"[{text}]"

    def cfws(self) -> bool:
        """Skip [CFWS]: comments and folding space. True if there was any."""
        start = self.position
        while True:
            character = self.next
            if character == "(":
                self.comment()
                self.found(Standing.COMMENTED, "there is a comment")
            elif character and character in " \t\r":
                self.fws()
                self.found(Standing.COMMENTED, "there is space around the address")
            else:
                return self.position > start

    def comment(self) -> None:
        """comment = "(" *([FWS] ccontent) [FWS] ")", nested to any depth."""
        depth = 0
        while True:
            character = self.next
            if character == "":
                raise _Invalid("a comment is not closed")
            if character == "\\":
                self.quoted_pair()
                continue
            if character in " \t\r":
                self.fws()
                continue
            if character in "\x00\n":
                raise _Invalid("a comment holds NUL or a line end")
            if character in _OBSOLETE_CONTROLS:
                self.found(Standing.OBSOLETE, "a comment holds a control character")
            self.position += 1
            if character == "(":
                depth += 1
            elif character == ")":
                depth -= 1
                if depth == 0:
                    return

    def fws(self) -> None:
        """FWS = ([*WSP CRLF] 1*WSP); obs-FWS allows several folds."""
        folds = 0
        while self.next and self.next in " \t\r":
            if self.next != "\r":
                self.position += 1
                continue
            if not self.text.startswith("\r\n", self.position):
                raise _Invalid("CR without LF")
            self.position += 2
            if not self.next or self.next not in " \t":
                raise _Invalid("a line end that folds nothing")
            folds += 1
        if folds:
            self.found(Standing.COMMENTED, "the address is folded")
        if folds > 1:
            self.found(Standing.OBSOLETE, "the address is folded over more than two lines")


_IPV4 = re.compile(
    r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9]|0[0-9]{1,2})(?:\.(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]{1,2})){3}"
)
_HEXTET = re.compile("[0-9A-Fa-f]{1,4}")


def judge_literal(text: str) -> tuple[Standing, str]:
    """How far from ordinary the text between the brackets of a literal is.

    RFC 5321 4.1.3: an IPv4 address, or "IPv6:" and an IPv6 address; "::" stands for two groups or more."""
    if _IPV4.fullmatch(text):
        return Standing.UNUSUAL, "the domain is an address literal"
    malformed = Standing.LOOSE, "the domain is a literal that is no IP address"
    if text[:5].lower() != "ipv6:":
        return malformed
    address = text[5:]
    head, colon, tail = address.rpartition(":")
    if _IPV4.fullmatch(tail):
        address = f"{head}{colon}0:0"
    before, gap, after = address.partition("::")
    groups = (before.split(":") if before else []) + (after.split(":") if after else [])
    if not all(map(_HEXTET.fullmatch, groups)) or (len(groups) > 7 if gap else len(groups) != 8):
        return malformed
    if len(groups) == 7:
        return Standing.OBSOLETE, "the IPv6 address abbreviates a single group"
    return Standing.UNUSUAL, "the domain is an address literal"


def examine_address(text: str) -> Examined:
    """Judge one address (without display name and angle brackets) by its syntax; nothing is looked up.

    The rule, in the categories of Dominic Sayers' test collection: LEVEL_SYNTAX accepts its VALID, DNSWARN, RFC5321,
    CFWS and DEPREC and refuses RFC5322 and ERR; LEVEL_STRICT accepts VALID, DNSWARN and RFC5321, that is to say what
    can be put into an SMTP command as it stands. Where that collection contradicts itself (an IPv6 literal whose
    "::" stands for one group) its newer edition and RFC 5321 4.1.3 decide: obsolete. Where it asked DNS about a bare
    top-level name, such a name is unusual here.
    Characters outside ASCII are ordinary (RFC 6531), save spaces and line ends in disguise.
    """
    ordinary = ORDINARY.fullmatch(text)
    if ordinary and len(text) <= 254 and len(ordinary[1]) <= 64:
        return Examined(Standing.ORDINARY, "", ordinary[1], ordinary[2])
    scanner = _Scanner(text)
    try:
        local, domain = scanner.addr_spec()
    except _Invalid as problem:
        return Examined(Standing.INVALID, str(problem))
    return Examined(scanner.standing, scanner.reason, local, domain)


def quote_local(local: str) -> str:
    """The local part as it is written in an address: as it is, or as a quoted string (RFC 5321 4.1.2)."""
    if _DOT_ATOM.fullmatch(local):
        return local
    return '"' + _QUOTED.sub(r"\\\g<0>", local) + '"'
