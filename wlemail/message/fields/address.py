"""E-mail addresses: the grammar of RFC 5322 3.4 with its obsolete forms, RFC 5321 4.1.2 and RFC 6531.

Two readers share it. `examine_address` judges one address and says how far from ordinary it is.
`read_mailboxes` takes what people write into a program, which is less than the grammar (commas inside bare names)
and more (several addresses in one value), and raises on what cannot be sent.
"""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from typing import NamedTuple

from ...errors import ControlCharacter, InvalidAddress
from .controls import one_line, refuse_controls


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
_ORDINARY = re.compile(
    r"([A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(?:\.[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*)"
    r"@((?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?)"
)
_NAMED_ORDINARY = re.compile(r"([^\x00-\x1f\x7f\x85\u2028\u2029,;:<>()\[\]\"@\\]*)<([!-;=?-~]+)>")
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
        self.found(*_judge_literal(text))
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


def _judge_literal(text: str) -> tuple[Standing, str]:
    """RFC 5321 4.1.3: an IPv4 address, or "IPv6:" and an IPv6 address; "::" stands for two groups or more."""
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
    ordinary = _ORDINARY.fullmatch(text)
    if ordinary and len(text) <= 254 and len(ordinary[1]) <= 64:
        return Examined(Standing.ORDINARY, "", ordinary[1], ordinary[2])
    scanner = _Scanner(text)
    try:
        local, domain = scanner.addr_spec()
    except _Invalid as problem:
        return Examined(Standing.INVALID, str(problem))
    return Examined(scanner.standing, scanner.reason, local, domain)


# -- what goes to servers ---------------------------------------------------------------------------


def quote_local(local: str) -> str:
    """The local part as it is written in an address: as it is, or as a quoted string (RFC 5321 4.1.2)."""
    if _DOT_ATOM.fullmatch(local):
        return local
    return '"' + _QUOTED.sub(r"\\\g<0>", local) + '"'


_DOTS = re.compile("[.\u3002\uff0e\uff61]")
_REFUSED_IN_LABELS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"})


def domain_to_ascii(domain: str) -> str:
    """The domain as DNS knows it: every label that is not ASCII as its A-label (`xn--…`). ValueError says why not.

    Labels are mapped as browsers do (NFKC, lower case, NFC; UTS 46 without its transitional rules, so that ß stays
    ß) and encoded by punycode. Not covered, because they need tables of Unicode that Python does not have: the
    bidirectional rule of RFC 5893, the contextual rules of RFC 5892 A.3-A.9, and the difference between letters that
    IDNA 2008 allows and those it does not. A name that breaks them cannot be registered, so that it resolves nowhere.
    """
    if domain.isascii():
        return domain
    labels = [_label_to_ascii(label) for label in _DOTS.split(domain)]
    ascii_domain = ".".join(labels)
    if len(ascii_domain) > 253:
        raise ValueError("the domain is longer than 253 characters")
    return ascii_domain


def _label_to_ascii(label: str) -> str:
    if not label:
        raise ValueError("there are two dots in a row")
    if label.isascii():
        return label
    mapped = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", label.replace("\xad", "")).lower())
    mapped = unicodedata.normalize("NFKC", mapped)
    for index, character in enumerate(mapped):
        # RFC 5892 A.1 and A.2: the joiners are letters' companions in Indic scripts only.
        joins = character in "\u200c\u200d" and index > 0 and unicodedata.combining(mapped[index - 1]) == 9
        if unicodedata.category(character) in _REFUSED_IN_LABELS and not joins:
            raise ValueError(f"the character U+{ord(character):04X} is not allowed in a domain")
        # "℀" maps to "a/c": what comes out must be a host name, not a path.
        if character.isascii() and not (character.isalnum() or character == "-"):
            raise ValueError(f"the character {character!r} is not allowed in a domain")
    if not mapped or mapped[0] == "-" or mapped[-1] == "-" or unicodedata.category(mapped[0])[0] == "M":
        raise ValueError("a part of the domain begins or ends with what no name begins or ends with")
    encoded = mapped if mapped.isascii() else "xn--" + mapped.encode("punycode").decode("ascii")
    if len(encoded) > 63:
        raise ValueError("a part of the domain is longer than 63 characters")
    return encoded


# -- what people write ------------------------------------------------------------------------------

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
    if _ORDINARY.fullmatch(entry) and len(entry) <= 254 and "=?" not in entry:
        local, _, domain = entry.rpartition("@")
        return [Mailbox("", local, domain)]
    named = _NAMED_ORDINARY.fullmatch(entry)
    if named and len(named[2]) <= 254 and "=?" not in named[2]:
        ordinary = _ORDINARY.fullmatch(named[2])
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
        standing, reason = _judge_literal(domain[1:-1])
        return reason if standing is Standing.LOOSE else ""
    if "=?" in examined.local and "?=" in examined.local:
        # RFC 2047 5 (3) forbids it; readers that decode it all the same would find what its author hid.
        return "the local part looks like an encoded word"
    for label in domain.split("."):
        # Some hosts inside companies have an underscore; other signs belong to mistakes.
        if not label.replace("-", "").replace("_", "").isalnum():
            return "the domain holds signs that no host name has"
    return ""
