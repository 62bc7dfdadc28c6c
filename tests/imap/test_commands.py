"""Commands as octets, and what they refuse to carry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlemail.errors import ControlCharacter, InvalidValue, MailError
from wlemail.imap import commands
from wlemail.imap.commands import Command, Content, Mode, Name, Octets, Part, Text


def octets(command: Command, mode: Mode = Mode()) -> list[bytes]:  # noqa: B008
    """What goes out, cut where the server has to consent."""
    cut = [b""]
    for piece in command.render("A1", mode):
        cut[-1] += piece.octets
        if piece.waits:
            cut.append(b"")
        if piece.literal:
            cut[-1] += b"".join(piece.literal.chunks)
    return cut


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((), [b"A1 X\r\n"]),
        ((b"FLAGS", (b"a", (b"b", b"c"))), [b"A1 X FLAGS (a (b c))\r\n"]),
        ((Text(""),), [b'A1 X ""\r\n']),
        ((Text('a "b" \\c'),), [b'A1 X "a \\"b\\" \\\\c"\r\n']),
        ((Text("é"), b"END"), [b"A1 X {2}\r\n", b"\xc3\xa9 END\r\n"]),
        ((Text("\udce9"),), [b"A1 X {1}\r\n", b"\xe9\r\n"]),
        ((Name("Éa"),), [b'A1 X "&AMk-a"\r\n']),
        ((Octets(b"\xe9t\xe9"),), [b"A1 X {3}\r\n", b"\xe9t\xe9\r\n"]),
        ((Content([b"ab", b"c"], 3),), [b"A1 X {3}\r\n", b"abc\r\n"]),
        ((Text("x" * 1001),), [b"A1 X {1001}\r\n", b"x" * 1001 + b"\r\n"]),
    ],
)
def test_rendered(parts: tuple[Part, ...], expected: list[bytes]) -> None:
    assert octets(Command("X", parts)) == expected


def test_literals_that_need_not_wait() -> None:
    plus, minus = Mode(unasked=1 << 62), Mode(unasked=commands.LITERAL_MINUS)
    small, large = Command("X", (Text("é"),)), Command("X", (Content([b"y" * 4097], 4097),))
    assert octets(small, plus) == octets(small, minus) == [b"A1 X {2+}\r\n\xc3\xa9\r\n"]
    assert octets(large, plus) == [b"A1 X {4097+}\r\n" + b"y" * 4097 + b"\r\n"]
    assert octets(large, minus) == [b"A1 X {4097}\r\n", b"y" * 4097 + b"\r\n"]


def test_utf8_in_quotes_once_the_server_accepts_it() -> None:
    mode = Mode(utf8=True)
    assert octets(Command("X", (Text("é"), Name("Éa & b"))), mode) == ['A1 X "é" "Éa & b"\r\n'.encode()]


def test_literal8() -> None:
    assert octets(Command("X", (Content([b"\0"], 1, binary=True),))) == [b"A1 X ~{1}\r\n", b"\0\r\n"]


@pytest.mark.parametrize("bad", ["\r", "\n", "\0", "x\r\nA2 LOGOUT", "\x85", "\u2028"])
@pytest.mark.parametrize(
    "make",
    [
        lambda bad: Command("X", (Text(bad),)),
        lambda bad: Command("X", (Name(bad),)),
        lambda bad: Command("X", (bad.encode(),)),
        lambda bad: Command("X", ((Text("fine"), (Text(bad),)),)),
        lambda bad: commands.login(bad, "x"),
        lambda bad: commands.login("x", bad),
        lambda bad: Command("X", (commands.atom(bad, "word"),)),
        lambda bad: Command("X", commands.flags([bad])),
    ],
)
def test_cr_lf_nul_in_any_argument(make: object, bad: str) -> None:
    with pytest.raises(ControlCharacter):
        make(bad).render("A1")  # type: ignore[operator]


@pytest.mark.parametrize("word", ["", "a b", "a(", 'a"', "é", "a]", "%", "{1}"])
def test_no_atom(word: str) -> None:
    with pytest.raises(InvalidValue):
        commands.atom(word, "word")


@pytest.mark.parametrize("flag", ["", "\\", "\\a b", "a)", "é", "\\*"])
def test_no_flag(flag: str) -> None:
    with pytest.raises(InvalidValue):
        commands.flags([flag])


def test_secrets_are_not_shown() -> None:
    shown = commands.login("me", "sesame").shown + commands.authenticate("PLAIN", "AHNlc2FtZQ==").shown
    assert shown == "LOGIN ********AUTHENTICATE ********"


@given(st.text(), st.booleans(), st.sampled_from([-1, 3, 1 << 60]))
def test_any_text_is_one_argument_or_refused(text: str, utf8: bool, unasked: int) -> None:
    try:
        written = b"".join(octets(Command("X", (Text(text), b"END")), Mode(unasked, utf8)))
    except MailError:
        return
    # One line for a quoted string, two for a literal; and the server finds the end where we put it.
    assert written.endswith(b" END\r\n")
    assert written.count(b"\r\n") == (2 if b"}\r\n" in written[:20] else 1)
