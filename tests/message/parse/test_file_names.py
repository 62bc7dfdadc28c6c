"""Decision 20: attachments have names that are safe files on every system, each once in a mail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlemail.message.file_names import LONGEST_BYTES, LONGEST_NAME, Names, safe_name


@pytest.mark.parametrize(
    ("sent", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("été à la plage.jpg", "été à la plage.jpg"),
        ("e\u0301te\u0301.txt", "été.txt"),
        ("日本語.doc", "日本語.doc"),
        (".signature", ".signature"),
        # separators and drives
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/etc/passwd", "passwd"),
        ("C:\\Temp\\plan.doc", "plan.doc"),
        ("C:plan.doc", "plan.doc"),
        ("\\\\server\\share\\plan.doc", "plan.doc"),
        ("a/../../b.txt", "b.txt"),
        ("invoice 12/2026.pdf", "invoice 12_2026.pdf"),
        ("~/x.sh", "x.sh"),
        ("dir/", "dir_"),
        ("..", ""),
        (".", ""),
        ("/", ""),
        ("", ""),
        ("   ", ""),
        ("...", ""),
        # control characters, and characters that are none
        ("a\r\nb.txt", "a b.txt"),
        ("a\0.exe", "a .exe"),
        ("a\tb", "a b"),
        ("photo\u202egpj.exe", "photo gpj.exe"),
        ("a\u200b\u2028b.txt", "a b.txt"),
        ("\ud800x", "x"),
        # what Windows forbids
        ('what? "no" <yes>|*.txt', "what_ _no_ _yes___.txt"),
        ("stream.txt:evil", "stream.txt_evil"),
        ("dots...", "dots"),
        ("space .txt ", "space .txt"),
        # devices
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("Aux.tar.gz", "_Aux.tar.gz"),
        ("LPT1", "_LPT1"),
        ("COM\u00b9.log", "_COM\u00b9.log"),
        ("CONIN$", "_CONIN$"),
        ("nul .txt", "_nul .txt"),
        ("console.txt", "console.txt"),
        ("COM10.txt", "COM10.txt"),
    ],
)
def test_names(sent: str, safe: str) -> None:
    assert safe_name(sent) == safe


@pytest.mark.parametrize("stem", ["x" * 500, "é" * 500, "日" * 500, "a " * 500])
def test_long_names_keep_their_extension(stem: str) -> None:
    name = safe_name(f"{stem}.pdf")
    assert name.endswith(".pdf")
    assert len(name) <= LONGEST_NAME
    assert len(name.encode()) <= LONGEST_BYTES


@given(st.text(max_size=300))
def test_no_name_is_unsafe(sent: str) -> None:
    name = safe_name(sent)
    assert not set(name) & set('<>:"/\\|?*\0\r\n\t')
    assert name == name.strip()
    assert not name.endswith(".")
    assert name not in (".", "..")
    assert name.partition(".")[0].strip().upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT9"}
    assert len(name.encode()) <= 255
    assert safe_name(name) == name


def test_names_of_a_mail_are_unique() -> None:
    names = Names()
    given_names = ["a.txt", "A.TXT", "a.txt", "a (2).txt", "b", "b", ".x", ".x", "ａ.txt"]
    assert [names.unique(name) for name in given_names] == [
        "a.txt", "A (2).TXT", "a (3).txt", "a (2) (2).txt", "b", "b (2)", ".x", ".x (2)", "ａ (4).txt",
    ]  # fmt: skip


@given(st.lists(st.sampled_from(["a", "a.b", "A.B", "a (2).b", "a (3).b"]), max_size=30))
def test_unique_names_stay_unique(given_names: list[str]) -> None:
    names = Names()
    found = [names.unique(name).casefold() for name in given_names]
    assert len(set(found)) == len(found)
