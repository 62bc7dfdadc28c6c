"""`python -m wlemail names`: which names of a script are ours in another spelling, and what is left as it is."""

from __future__ import annotations

import ast
import os
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wlemail
from wlemail.commands import run
from wlemail.commands.names import Spellings, find
from wlemail.commands.python_source import Source, SourceProblem

EXPORTED = [
    *("Email", "EmailReset", "EmailRAZ", "EmailSendMessage", "EmailEnvoieMessage", "EmailOuvreSessionSMTP"),
    *("EmailVérifieAdresse", "EmailVerifieAdresse", "EmailCheckAddress", "emailOptionDéfaut", "emailOptionDefaut"),
    *(
        "emailAttach",
        "Error",
        "Erreur",
        "ErrorInfo",
        "ErreurInfo",
        "ErreurDétectée",
        "Vrai",
        "Null",
        "RC",
        "TAB",
        "Add",
    ),
]
SPELLINGS = Spellings(EXPORTED)


def changed(text: str) -> str:
    """The text as --fix would leave it."""
    source = Source(text.encode())
    findings = find(source.uses(), SPELLINGS)
    assert source.problem is None, source.problem
    return source.replaced(findings.changes).decode()


# -- spellings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("emailraz()", "EmailRAZ()"),
        ("EMAILSENDMESSAGE('u')", "EmailSendMessage('u')"),
        ("EmailEnvoiemessage('u')", "EmailEnvoieMessage('u')"),
        ("emailverifieadresse('a')", "EmailVerifieAdresse('a')"),
        ("emailvérifieadresse('a')", "EmailVérifieAdresse('a')"),
        ("emailve\u0301rifieadresse('a')", "EmailVérifieAdresse('a')"),
        ("EMAIL.Sujet = 'x'", "Email.Sujet = 'x'"),
        ("email.destinataire[1] = null", "Email.destinataire[1] = Null"),
        ("x = emailoptiondefaut + EMAILOPTIONDÉFAUT", "x = emailOptionDefaut + emailOptionDéfaut"),
        ("if not erreurdétectée: pass", "if not ErreurDétectée: pass"),
        ("if not ERREURDETECTEE: pass", "if not ErreurDétectée: pass"),
        ("print('a' + rc + tab)", "print('a' + RC + TAB)"),
        ("m = email(); add(m.destinataire, vrai)", "m = Email(); Add(m.destinataire, Vrai)"),
        ("a: EMAILATTACH = emailattach()", "a: emailAttach = emailAttach()"),
        ("@emailraz\ndef f(): pass", "@EmailRAZ\ndef f(): pass"),
        ("def f(x: email = emailraz) -> EMAIL: pass", "def f(x: Email = EmailRAZ) -> Email: pass"),
        ("class C(email, key=emailraz): pass", "class C(Email, key=EmailRAZ): pass"),
        ("lambda x: emailraz(x)", "lambda x: EmailRAZ(x)"),
        ("[emailraz(x) for x in email.Destinataire]", "[EmailRAZ(x) for x in Email.Destinataire]"),
        ("match x:\n  case email(): emailraz()", "match x:\n  case Email(): EmailRAZ()"),
        ("f(*emailraz(), **email)", "f(*EmailRAZ(), **Email)"),
        ("é = 'é' + emailraz()", "é = 'é' + EmailRAZ()"),
        ("emailraz() ; '\N{GRINNING FACE}' ; emailraz()", "EmailRAZ() ; '\N{GRINNING FACE}' ; EmailRAZ()"),
        ("emailraz(\\\n  tab,\n  # tab\n  rc)", "EmailRAZ(\\\n  TAB,\n  # tab\n  RC)"),
    ],
)
def test_a_name_gets_our_spelling_in_its_own_language(written: str, meant: str) -> None:
    assert changed(written) == meant


@pytest.mark.parametrize(
    "text",
    [
        "EmailRAZ(); EmailReset(); EmailVerifieAdresse(''); EmailVérifieAdresse('')",
        "EmailVe\u0301rifieAdresse('')",
        "'emailraz' \"emailraz\" '''emailraz\nemailraz''' r'emailraz'  # emailraz",
        "b'emailraz'",
        "x.emailraz; x . emailraz(); x.\\\nemailraz; x().email.tab",
        "f(emailraz=1, tab=2); f(\n  rc = 3)",
        "def f(emailraz, /, tab=1, *rc, add, **error): return emailraz, tab, rc, add, error",
        "lambda tab, *rc: (tab, rc)",
        "def emailraz(): pass\nemailraz()",
        "class email: pass\nemail()",
        "tab = 5; tab += 1; print(tab)",
        "for tab in x: print(tab)",
        "with x as (tab, [rc, *add]): print(tab, rc, add)",
        "try: pass\nexcept OSError as error: print(error)",
        "import email; import a.b as tab; email.message()",
        "import email.message\nemail.message",
        "from x import error, y as tab; error(tab)",
        "from wlemail import emailraz\nemailraz()",
        "[tab for tab in x if tab]; {rc: add for rc, add in x}",
        "print(tab := 5, tab)",
        "[y for x in z if (tab := x)]\nprint(tab)",
        "def f():\n  global tab\n  tab = 1\ndef g(): return tab",
        "def f():\n  tab = 1\n  def g():\n    nonlocal tab\n    tab = 2\n    return [tab for _ in x]",
        "match x:\n  case [tab, *rc]: tab, rc\n  case {'a': add, **null}: add, null\n  case C(error=1) as email: email",
        "class C:\n  tab = 1\n  rc = tab",
        "type(email) if False else 1\nemail = 1",
        "True, None, print, Warning, __name__",
    ],
)
def test_what_is_not_ours_is_left_alone(text: str) -> None:
    assert changed(text) == text


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("def f(tab): return tab\ntab", "def f(tab): return tab\nTAB"),
        ("def f(x=tab):\n  tab = 1", "def f(x=TAB):\n  tab = 1"),
        ("class C:\n  tab = 1\n  def f(self): return tab", "class C:\n  tab = 1\n  def f(self): return TAB"),
        ("class C:\n  tab = 1\n  x = [tab for _ in y]", "class C:\n  tab = 1\n  x = [TAB for _ in y]"),
        ("[tab for tab in x]; tab", "[tab for tab in x]; TAB"),
        ("lambda tab: tab\nprint(tab)", "lambda tab: tab\nprint(TAB)"),
        (
            "def f():\n  tab = 1\ndef g():\n  global tab\n  return tab",
            "def f():\n  tab = 1\ndef g():\n  global TAB\n  return TAB",
        ),
        ("@d(tab)\ndef f(tab): pass", "@d(TAB)\ndef f(tab): pass"),
        ("def f():\n  @tab\n  def g(tab): pass", "def f():\n  @TAB\n  def g(tab): pass"),
    ],
)
def test_a_name_is_the_scripts_own_only_where_python_sees_it_so(written: str, meant: str) -> None:
    assert changed(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('f"{emailraz()} emailraz {{emailraz}}"', 'f"{EmailRAZ()} emailraz {{emailraz}}"'),
        ('x = 1; print(f"é{tab}é{rc!r:>{tab}}")', 'x = 1; print(f"é{TAB}é{RC!r:>{TAB}}")'),
        ('f"{tab=} {rc = }"', 'f"{TAB=} {RC = }"'),
        ("f\"{x['tab']} {tab[1:2]} {({1: tab}[1])}\"", "f\"{x['tab']} {TAB[1:2]} {({1: TAB}[1])}\""),
        ('f"{tab!=rc} {(lambda tab: rc)}"', 'f"{TAB!=RC} {(lambda tab: RC)}"'),
        ('f"""a\n{tab}\n é{ rc\n + x.tab } {add}"""', 'f"""a\n{TAB}\n é{ RC\n + x.tab } {Add}"""'),
        ('rf"\\{tab}" f"\\N{BULLET}{tab}" "{tab}"', 'rf"\\{TAB}" f"\\N{BULLET}{TAB}" "{tab}"'),
        ("f\"{f'{tab}'}{'tab'}\" F'{tab}'", "f\"{f'{TAB}'}{'tab'}\" F'{TAB}'"),
        ('def f(tab): return f"{tab}{rc}"', 'def f(tab): return f"{tab}{RC}"'),
        ('f""; f"{tab:%H:%M {rc}}"; f"{{}}"', 'f""; f"{TAB:%H:%M {RC}}"; f"{{}}"'),
    ],
)
def test_names_in_f_strings_are_code(written: str, meant: str) -> None:
    assert changed(written) == meant


def test_a_name_that_the_script_has_in_another_spelling_is_left_to_its_author() -> None:
    source = Source(b"Tab = 5\nprint(tab)\ndef f(): print(TAB)\n")
    findings = find(source.uses(), SPELLINGS)
    assert findings.changes == []
    [(line, _, name, what)] = findings.ambiguous
    assert (line, name) == (2, "tab")
    assert "Tab" in what


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("EmailSendMesage", "EmailSendMessage"),
        ("emailEnvoiMessage", "EmailEnvoieMessage"),
        ("EmailLitPremier", ""),
        ("EmailMaFonction", ""),
    ],
)
def test_unknown_email_functions_are_reported_with_what_is_near(name: str, suggestion: str) -> None:
    findings = find(Source(f"{name}('u')\nHLitPremier(x)\nfTruc()".encode()).uses(), SPELLINGS)
    assert findings.changes == []
    [(line, column, written, what)] = findings.unknown
    assert (line, column, written) == (1, 0, name)
    assert what == "unknown to this version" + (f", perhaps {suggestion}?" if suggestion else "")


def test_a_long_sum_is_no_problem() -> None:
    assert changed("x = " + " + ".join(["tab"] * 800)) == "x = " + " + ".join(["TAB"] * 800)


_PIECES = st.sampled_from(
    [
        *("tab", "emailraz()", "x", "x.tab", "'tab'", "f'{tab}'", 'f"{x!r:{tab}}"', "f(tab=1)", "(lambda tab: tab)"),
        *("[tab for tab in x]", "(tab := 1)", '"é"', "'''\ntab\n'''", "(1,\n tab)", "email.Sujet", "# tab\n", "rc # é"),
    ]
)


@settings(max_examples=150)
@given(pieces=st.lists(_PIECES, min_size=1, max_size=8), ends=st.sampled_from(["\n", "\r\n"]))
def test_names_alone_change_and_only_once(pieces: list[str], ends: str) -> None:
    text = ends.join(pieces).replace("\r\n", "\n").replace("\n", ends)
    first = changed(text)
    assert changed(first) == first
    assert first.casefold() == text.casefold()
    assert ast.dump(ast.parse(first)).casefold() == ast.dump(ast.parse(text)).casefold()


# -- whole files ------------------------------------------------------------------------------------------

FRENCH = """\
# -*- coding: {encoding} -*-
from wlemail import *

def envoie(utilisateur, motdepasse, serveur):
    # emailraz remet la structure à zéro
    emailraz()
    EMAIL.Expediteur = "Société <moi@exemple.fr>"
    email.Destinataire[1] = "vous@exemple.fr"
    Email.nbdestinataire = 1
    Email.Sujet = "emailraz en été"
    si = emailouvresessionsmtp(utilisateur, motdepasse, serveur, 587, faux, EMAILOPTIONDÉFAUT)
    if si == vrai:
        if EmailEnvoiemessage(utilisateur) == Faux:
            erreur("envoi impossible", erreurinfo(), f"{{ErreurInfo(ERRMESSAGE)}}")
        emailfermesession(utilisateur)
    return si
"""
ENGLISH = """\
from wlemail import *
m = email()
m.subject = "x"
session = EMAILSMTPSESSION()
session.name = "me"
if emailstartsession(session) and not emailsendmessage(session, m):
    error(errorinfo(ERRFULLDETAILS))
EmailSendMesage("me")
"""


def names(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, list[str], str]:
    status = run(["names", *map(str, arguments)])
    out, err = capsys.readouterr()
    return status, out.splitlines(), err


def write(path: Path, text: str, encoding: str = "utf-8", ends: str = "\n", bom: bytes = b"") -> bytes:
    data = bom + text.replace("\n", ends).encode(encoding)
    path.write_bytes(data)
    return data


@pytest.mark.parametrize(
    ("encoding", "ends", "bom"),
    [("utf-8", "\n", b""), ("utf-8", "\r\n", b"\xef\xbb\xbf"), ("cp1252", "\r\n", b""), ("latin-1", "\r", b"")],
)
def test_a_french_script_is_rewritten_and_keeps_its_encoding_line_ends_and_mark(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], encoding: str, ends: str, bom: bytes
) -> None:
    script = tmp_path / "envoi.py"
    write(script, FRENCH.format(encoding=encoding), encoding, ends, bom)
    status, out, err = names(capsys, script, "--fix")
    assert (status, err) == (0, "")
    expected = FRENCH.format(encoding=encoding)
    for old, new in (
        ("    emailraz()", "    EmailRAZ()"),
        ("EMAIL.Exp", "Email.Exp"),
        ("email.Dest", "Email.Dest"),
        ("emailouvresessionsmtp", "EmailOuvreSessionSMTP"),
        ("faux,", "Faux,"),
        ("EMAILOPTIONDÉFAUT", "emailOptionDéfaut"),
        ("vrai:", "Vrai:"),
        ("EmailEnvoiemessage", "EmailEnvoieMessage"),
        ("erreur(", "Erreur("),
        ("erreurinfo", "ErreurInfo"),
        ("ERRMESSAGE", "errMessage"),
        ("emailfermesession", "EmailFermeSession"),
    ):
        assert old in expected
        expected = expected.replace(old, new)
    assert script.read_bytes() == bom + expected.replace("\n", ends).encode(encoding)
    assert out[-1].endswith("12 spellings rewritten")
    status, out, _ = names(capsys, script)
    assert (status, len(out)) == (0, 1)
    assert out[0].endswith("nothing to do")


def test_an_english_script_is_reported_on_and_not_touched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "send.py"
    before = write(script, ENGLISH)
    status, out, err = names(capsys, script)
    assert (status, err) == (1, "")
    assert [line.removeprefix(str(script)).replace("->", "→") for line in out] == [
        ":2:5: email → Email",
        ":4:11: EMAILSMTPSESSION → emailSMTPSession",
        ":6:4: emailstartsession → EmailStartSession",
        ":6:39: emailsendmessage → EmailSendMessage",
        ":7:5: error → Error",
        ":7:11: errorinfo → ErrorInfo",
        ":7:21: ERRFULLDETAILS → errFullDetails",
        ":8:1: EmailSendMesage: unknown to this version, perhaps EmailSendMessage?",
        ": 7 spellings to rewrite (--fix does it)",
    ]
    assert script.read_bytes() == before


def test_what_cannot_be_fixed_keeps_the_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "send.py"
    write(script, ENGLISH)
    assert names(capsys, script, "--fix")[0] == 1
    assert names(capsys, script, "--fix")[0] == 1
    write(script, script.read_text("utf-8").replace("Mesage", "Message"))
    assert names(capsys, script)[0] == 0


def test_every_exported_name_is_found_in_any_casing() -> None:
    """Folding keeps our own names apart: a rewrite never makes one function another."""
    spellings = Spellings(wlemail.__all__)
    for name in wlemail.__all__:
        for written in (name.lower(), name.upper()):
            meant = spellings.meant(written)
            assert getattr(wlemail, meant) is getattr(wlemail, name), (written, meant)


def test_the_script_is_never_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "dangerous.py"
    marker = tmp_path / "ran"
    write(script, f"open({str(marker)!r}, 'w')\nemailraz()\n")
    names(capsys, script, "--fix")
    assert "EmailRAZ()" in script.read_text("utf-8")
    assert not marker.exists()


# -- what is not Python yet -----------------------------------------------------------------------------------

WLANGUAGE = """\
// emailraz : la structure
nEssai est un entier = 0
emailraz()
Email.Sujet = "c'est emailraz"
SI PAS EmailOuvresessionSMTP(sUser, "", sServeur) ALORS
	Erreur("impossible", erreurinfo(), ...
		Email..Sujet)
FIN
EmailBidule()
"""


def test_wlanguage_is_reported_on_and_never_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "envoi.py"
    before = write(script, WLANGUAGE, ends="\r\n")
    status, out, err = names(capsys, script, "--fix")
    assert (status, err) == (1, "")
    shown = [line.removeprefix(str(script)).replace("->", "→") for line in out]
    assert shown[0].startswith(":1: not Python yet (")
    assert ":3:1: emailraz → EmailRAZ" in shown
    assert ":5:8: EmailOuvresessionSMTP → EmailOuvreSessionSMTP" in shown
    assert ":6:23: erreurinfo → ErreurInfo" in shown
    assert ":9:1: EmailBidule: unknown to this version" in shown
    assert not [line for line in shown if line.startswith((":2:", ":4:"))]
    assert script.read_bytes() == before


@pytest.mark.parametrize(
    "text", ["'", '"""', "(", "\t\tx\n\ty\n  z", "\\", "é = 'x", "f'{'", "x = 5 5", "\0", "{" * 500, "emailraz() )"]
)
def test_no_text_stops_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    script = tmp_path / "x.py"
    before = write(script, text)
    status, out, err = names(capsys, script, "--fix")
    assert (status, err) == (1, "")
    assert "not Python yet" in out[0]
    assert script.read_bytes() == before


@settings(max_examples=150)
@given(text=st.text(st.sampled_from("abé \n\r\"'#/(){}[].=:\\,0f"), max_size=60))
def test_any_text_is_read_to_its_end(text: str) -> None:
    try:
        source = Source(text.encode())
    except SourceProblem:
        return
    assert b"".join(line.encode() for line in source.lines) == text.encode()
    source.replaced(find(source.uses(), SPELLINGS).changes)


# -- files -------------------------------------------------------------------------------------------------


def test_a_file_that_is_no_utf_8_and_names_no_encoding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "x.py"
    before = write(script, "emailraz()  # é\n", "cp1252")
    status, out, err = names(capsys, script, "--fix")
    assert (status, out) == (1, [])
    assert "UTF-8" in err
    assert script.read_bytes() == before


def test_files_that_cannot_be_read_do_not_stop_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "x.py"
    write(script, "from wlemail import *\nemailraz()\n")
    status, _, err = names(capsys, tmp_path / "absent.py", tmp_path, script, "--fix")
    assert status == 1
    assert "absent.py" in err
    assert script.read_text("utf-8").endswith("EmailRAZ()\n")


def test_a_pattern_is_resolved_where_the_shell_does_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.py", "b.py"):
        write(tmp_path / name, "from wlemail import *\nemailraz()\n")
    assert names(capsys, tmp_path / "*.py", "--fix")[0] == 0
    assert "EmailRAZ" in (tmp_path / "b.py").read_text("utf-8")


def test_a_file_that_may_not_be_written_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "x.py"
    before = write(script, "emailraz()\n")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    status, _, err = names(capsys, script, "--fix")
    assert status == 1
    assert "not rewritten" in err
    assert script.read_bytes() == before


def test_a_file_that_an_editor_holds_is_left_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(source: str, target: str) -> None:
        raise PermissionError(13, "The process cannot access the file", target)

    script = tmp_path / "x.py"
    before = write(script, "emailraz()\n")
    monkeypatch.setattr(os, "replace", held)
    status, _, err = names(capsys, script, "--fix")
    assert status == 1
    assert "cannot access" in err
    assert script.read_bytes() == before
    assert list(tmp_path.iterdir()) == [script]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions and links of POSIX")
def test_permissions_and_links_stay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script, link = tmp_path / "x.py", tmp_path / "link.py"
    write(script, "#!/usr/bin/env python3\nfrom wlemail import *\nemailraz()\n")
    script.chmod(0o750)
    link.symlink_to(script)
    assert names(capsys, link, "--fix")[0] == 0
    assert link.is_symlink()
    assert stat.S_IMODE(script.stat().st_mode) == 0o750
    assert "EmailRAZ" in script.read_text("utf-8")
    assert sorted(tmp_path.iterdir()) == [link, script]


def test_a_letter_that_the_encoding_lacks_is_no_reason_to_write_half(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wlemail.commands.names._exported", lambda: ["ErreurDétectée", "EmailRAZ"])
    script = tmp_path / "x.py"
    before = write(script, "# coding: ascii\nemailraz()\nif erreurdetectee: pass\n")
    status, _, err = names(capsys, script, "--fix")
    assert status == 1
    assert "UTF-8" in err
    assert script.read_bytes() == before


def test_other_star_imports_are_pointed_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "x.py"
    write(script, "from tkinter import *\nemailraz()\n")
    _, out, _ = names(capsys, script)
    assert any("tkinter" in line for line in out)
    assert any("from wlemail import *" in line for line in out)
