"""Header fields: rendering values within the line limits so that no value can begin another field.

A rendered field is text that ends with CR LF and holds ASCII only, save addresses that need RFC 6532.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..errors import ControlCharacter, InvalidValue
from .fields.address import Group, Mailbox
from .fields.encoded_words import LONGEST_WORD, encode_words

#: RFC 5322 2.1.1 recommends 78, RFC 2047 2 demands 76 where there are encoded words
LONGEST_LINE = 76
#: RFC 5322 2.1.1: what a line may have at the very most, without CR LF
LIMIT_LINE = 998

# A token, the space before it and the " ," behind it fill a line.
_LONGEST_TOKEN = LONGEST_LINE - 3

_FIELD_NAME = re.compile(r"[!-9;-~]{1,76}")  # RFC 5322 2.2: printable ASCII without colon
_PLAIN = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_ENCODED_WORD = re.compile(r"=\?[^?]+\?[BbQq]\?[^?]*\?=")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(?: [A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*")


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
    value = value.replace("\t", " ").strip(" ")
    words = re.findall(r" *[^ ]+", f" {value}")
    if not _PLAIN.fullmatch(value) or _ENCODED_WORD.search(value) or max(map(len, words)) > LIMIT_LINE - len(name) - 1:
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
            line.special(":")
            for number, member in enumerate(address.members):
                line.comma(number)
                line.mailbox(member)
            line.special(";")
    return line.field()


class _Line:
    """The lines of a field while it grows."""

    def __init__(self, name: str) -> None:
        self.done: list[str] = []
        self.line = f"{name}:"
        self.fresh = True  # a line with nothing but the name must not be broken

    def token(self, text: str) -> None:
        # Two more are kept free for a comma behind it.
        if not self.fresh and len(self.line) + 1 + len(text) > LONGEST_LINE - 2:
            self.break_line()
        self.line += f" {text}"
        self.fresh = False

    def special(self, character: str) -> None:
        # RFC 2047 5 (3): space stands between an encoded word and anything else.
        self.line += f" {character}" if self.line.endswith("?=") else character

    def comma(self, index: int) -> None:
        if index:
            self.special(",")

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
        if "=?" not in text and len(text) < _LONGEST_TOKEN:
            if _ATOMS.fullmatch(text):
                self.token(text)
                return
            quoted = '"' + re.sub(r'["\\]', r"\\\g<0>", text) + '"'
            if len(quoted) <= _LONGEST_TOKEN and _PLAIN.fullmatch(text):
                self.token(quoted)
                return
        room = LONGEST_LINE - len(self.line) - 3
        if room < 30 and not self.fresh:
            self.break_line()
            room = _LONGEST_TOKEN
        for word in encode_words(text, max(30, min(room, _LONGEST_TOKEN)), _LONGEST_TOKEN):
            self.token(word)

    def field(self) -> str:
        return "\r\n".join([*self.done, self.line]) + "\r\n"
