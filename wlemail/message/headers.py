"""Header fields: rendering values within the line limits so that no value can begin another field.

A rendered field is text that ends with CR LF and holds ASCII only, save addresses that need RFC 6532.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..errors import ControlCharacter, InvalidValue
from .charsets import without_surrogates
from .fields.address import Group, Mailbox
from .fields.encoded_words import LONGEST_WORD, encode_words

#: RFC 5322 2.1.1 recommends 78, RFC 2047 2 demands 76 where there are encoded words
LONGEST_LINE = 76
#: RFC 5322 2.1.1: what a line may have at the very most, without CR LF
LIMIT_LINE = 998

# Everything that some program takes for a line end: what str.splitlines() splits at.
_LINE_ENDS = re.compile("[\\r\\n\\x0b\\x0c\\x1c-\\x1e\\x85\\u2028\\u2029]+")
_FIELD_NAME = re.compile(r"[!-9;-~]{1,76}")  # RFC 5322 2.2: printable ASCII without colon
_PLAIN = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(?: [A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*")


def one_line(value: str, member: str) -> str:
    """The value with every run of line ends as one space; NUL is refused with ControlCharacter, naming `member`."""
    if value.isprintable():
        return value
    if "\0" in value:
        raise ControlCharacter(member, "NUL is not allowed")
    return _LINE_ENDS.sub(" ", without_surrogates(value))


def check_field_name(name: str, member: str) -> str:
    """The name of a field if it is one; raises ControlCharacter or InvalidValue, naming `member`."""
    if _FIELD_NAME.fullmatch(name):
        return name
    if not name.isprintable():
        raise ControlCharacter(member, "control characters are not allowed in the name of a header field")
    raise InvalidValue(member, "the name of a header field is made of ASCII letters, digits and signs", name)


def unstructured(name: str, value: str) -> str:
    """A field whose value is free text (Subject, Content-Description …), encoded where it must be.

    What stands for itself when read is sent as it is. Anything else is encoded whole: text outside ASCII, spaces at
    the ends, control characters, words too long for a line, and what looks like an encoded word.
    """
    if _PLAIN.fullmatch(value) and "=?" not in value:
        if len(name) + 2 + len(value) <= LONGEST_LINE:
            return f"{name}: {value}\r\n"
        # A run of spaces stays with the word behind it, so that unfolding gives every space back.
        words = re.findall(r" *[^ ]+", f" {value}")
        if max(map(len, words)) <= LONGEST_LINE and len(name) + 1 + len(words[0]) <= LONGEST_LINE:
            return folded(name, words)
    if not value:
        return f"{name}: \r\n"
    room = LONGEST_LINE - len(name) - 2
    if room < 30:  # the name of an extra header may take the whole line
        return f"{name}:\r\n " + "\r\n ".join(encode_words(value)) + "\r\n"
    return f"{name}: " + "\r\n ".join(encode_words(value, min(room, LONGEST_WORD))) + "\r\n"


def structured(name: str, value: str) -> str:
    """A field that programs read (List-Unsubscribe, DKIM-Signature …): folded at spaces, encoded only where it is
    not ASCII or has a word that no line can hold."""
    words = re.findall(r" *[^ ]+", f" {value.strip()}")
    if not words or not _PLAIN.fullmatch(value.strip()) or max(map(len, words)) > LIMIT_LINE - len(name) - 1:
        return unstructured(name, value)
    return folded(name, words)


def folded(name: str, tokens: Iterable[str]) -> str:
    """A field made of tokens, each with its space in front; lines break before tokens and nowhere else."""
    lines = [f"{name}:"]
    for token in tokens:
        if len(lines[-1]) + len(token) > LONGEST_LINE and (len(lines) > 1 or len(lines[0]) > len(name) + 1):
            lines.append(token)
        else:
            lines[-1] += token
    return "\r\n".join(lines) + "\r\n"


def phrase_list(name: str, phrases: Iterable[str]) -> str:
    """A field of phrases with commas between them (Keywords)."""
    line = _Line(name)
    for index, phrase in enumerate(phrases):
        line.comma(index)
        line.phrase(phrase)
    return line.field()


def address_list(name: str, addresses: Iterable[Mailbox | Group]) -> str:
    """A field of mailboxes and groups with commas between them (To, Reply-To …)."""
    line = _Line(name)
    for index, address in enumerate(addresses):
        line.comma(index)
        if isinstance(address, Mailbox):
            line.mailbox(address)
        else:
            line.phrase(address.name)
            line.append(":")
            for number, member in enumerate(address.members):
                line.comma(number)
                line.mailbox(member)
            line.append(";")
    return line.field()


class _Line:
    """The lines of a field while it grows."""

    def __init__(self, name: str) -> None:
        self.done: list[str] = []
        self.line = f"{name}:"
        self.fresh = True  # a line with nothing but the name must not be broken

    def token(self, text: str) -> None:
        # One more is kept free for the comma behind it.
        if not self.fresh and len(self.line) + 1 + len(text) >= LONGEST_LINE:
            self.break_line()
        self.line += f" {text}"
        self.fresh = False

    def append(self, text: str) -> None:
        self.line += text

    def comma(self, index: int) -> None:
        if index:
            self.line += ","

    def break_line(self) -> None:
        self.done.append(self.line)
        self.line = ""
        self.fresh = True

    def mailbox(self, mailbox: Mailbox) -> None:
        if mailbox.display:
            self.phrase(mailbox.display)
            self.token(f"<{mailbox.address}>")
        else:
            self.token(mailbox.address)

    def phrase(self, text: str) -> None:
        """phrase = 1*(word / encoded-word): atoms, a quoted string, or encoded words (RFC 2047 5 (3))."""
        if "=?" not in text and _ATOMS.fullmatch(text) and len(text) < LONGEST_WORD - 1:
            self.token(text)
        elif "=?" not in text and _PLAIN.fullmatch(text) and len(text) < LONGEST_WORD - 20:
            self.token('"' + re.sub(r'["\\]', r"\\\g<0>", text) + '"')
        else:
            room = LONGEST_LINE - len(self.line) - 2
            if room < 30 and not self.fresh:
                self.break_line()
                room = LONGEST_WORD - 1
            for word in encode_words(text, min(room, LONGEST_WORD - 1)):
                self.token(word)

    def field(self) -> str:
        return "\r\n".join([*self.done, self.line]) + "\r\n"
