"""Report, or rewrite with --fix, wlemail's names that a script spells in another way.

WLanguage does not tell emailraz from EmailRAZ, Python does. Names of functions, types and constants that a script uses
and does not define itself are compared with what `from wlemail import *` brings, without case and accents, and get
wlemail's spelling in their own language. Names that begin with Email and are unknown are reported.

Strings, comments, keyword arguments and the script's own names stay as they are, and so do members (Email.sujet,
Session.motdepasse): wlemail finds members in any spelling. A file that is not Python yet is reported on and not
changed. Scripts are read, never run.

The exit status is 0 where there is nothing to do, or --fix has done it, and 1 where something remains.
"""

from __future__ import annotations

import builtins
import glob
import keyword
import os
import sys
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from ..wlanguage.names import fold
from .console import Console, clean
from .python_source import Source, SourceProblem, write_whole

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable

    from .python_source import Use

#: How alike (0 to 1) an unknown name and ours must be before one is taken for a slip of the other.
_ALIKE = 0.85
_NOT_OURS = frozenset({*dir(builtins), *keyword.kwlist})


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="+", help="Python scripts")
    parser.add_argument("--fix", action="store_true", help="rewrite the spellings in the files")


def run(arguments: Namespace) -> int:
    """Look at every file; what cannot be read does not keep the others from being read."""
    console = Console()
    spellings = Spellings(_exported())
    results = [_examine(console, path, spellings, arguments.fix) for path in _expanded(arguments.files)]
    return 0 if all(results) else 1


def _exported() -> list[str]:
    import wlemail

    return list(wlemail.__all__)


def _expanded(paths: Iterable[str]) -> list[str]:
    """Consoles of Windows leave it to the program to find what *.py stands for."""
    found: list[str] = []
    for path in paths:
        matches = sorted(glob.glob(path)) if glob.has_magic(path) and not os.path.exists(path) else []
        found += matches or [path]
    return found


# -- what a name should be --------------------------------------------------------------------------------


class Spellings:
    """The names that the star import brings, by their folded forms."""

    def __init__(self, exported: Iterable[str]) -> None:
        self._exact = frozenset(exported)
        self._folded: dict[str, list[str]] = {}
        for name in sorted(self._exact):
            self._folded.setdefault(fold(name), []).append(name)

    def is_exact(self, name: str) -> bool:
        return unicodedata.normalize("NFKC", name) in self._exact

    def meant(self, name: str) -> str:
        """Our spelling of a name, with accents only where it was written with any; "" where it is none of ours."""
        candidates = self._folded.get(fold(name), [])
        fitting = [spelling for spelling in candidates if spelling.isascii() == name.isascii()]
        return next(iter(fitting or candidates), "")

    def nearest(self, name: str) -> str:
        """The name that a slip of the finger made another, or ""."""
        from difflib import get_close_matches

        near = get_close_matches(fold(name), self._folded, 1, _ALIKE)
        return self.meant(near[0]) if near else ""


class Findings(NamedTuple):
    """What is to be said about a file; `changes` are (line, column, old, new)."""

    changes: list[tuple[int, int, str, str]]
    #: (line, column, name, what about it)
    unknown: list[tuple[int, int, str, str]]
    ambiguous: list[tuple[int, int, str, str]]


def find(uses: Iterable[Use], spellings: Spellings) -> Findings:
    """Sort the names that a script takes from outside."""
    findings = Findings([], [], [])
    for use in uses:
        if spellings.is_exact(use.name) or use.name in _NOT_OURS:
            continue
        meant = spellings.meant(use.name)
        own = next((name for name in use.visible if fold(name) == fold(use.name)), "") if meant else ""
        place = (use.line, use.column, use.name)
        if own:
            findings.ambiguous.append((*place, f"not changed, the script has a name {own} of its own"))
        elif meant:
            findings.changes.append((*place, meant))
        elif fold(use.name).startswith("email"):
            near = spellings.nearest(use.name)
            findings.unknown.append((*place, "unknown to this version" + (f", perhaps {near}?" if near else "")))
    return findings


# -- a file -----------------------------------------------------------------------------------------------


def _examine(console: Console, path: str, spellings: Spellings, fix: bool) -> bool:
    """Report on a file and rewrite it where that is wanted; whether nothing remains to be done."""
    try:
        with open(path, "rb") as stream:
            source = Source(stream.read())
    except OSError as problem:
        return _failed(path, problem.strerror or str(problem))
    except SourceProblem as problem:
        return _failed(path, str(problem))
    findings = find(source.uses(), spellings)
    _report(console, path, source, findings)
    if source.problem is not None:
        return False
    return _settle(console, path, source, findings, fix)


def _failed(path: str, why: str) -> bool:
    print(f"{path}: {why}", file=sys.stderr)
    return False


def _report(console: Console, path: str, source: Source, findings: Findings) -> None:
    shown = clean(path)
    if source.problem is not None:
        line, why = source.problem
        console.line(f"{shown}:{line}: not Python yet ({why}): nothing is changed here until it is")
    rows = [(line, column, f"{old} → {new}") for line, column, old, new in findings.changes]
    rows += [(line, column, f"{name}: {what}") for line, column, name, what in [*findings.unknown, *findings.ambiguous]]
    for line, column, what in sorted(rows):
        console.line(f"{shown}:{line}:{column + 1}: {clean(what)}")
    others = [module for module in source.star_imports if module != "wlemail"]
    if findings.changes and others:
        console.line(f"{shown}: look at the changes: some names may come from {clean(', '.join(others))}")
    if findings.changes and source.problem is None and "wlemail" not in source.star_imports:
        console.line(f"{shown}: has no `from wlemail import *`; its names are compared as if it had")


def _settle(console: Console, path: str, source: Source, findings: Findings, fix: bool) -> bool:
    shown, count = clean(path), len(findings.changes)
    spellings = f"{count} spelling{'' if count == 1 else 's'}"
    if not count:
        if not findings.unknown:
            console.line(f"{shown}: nothing to do")
        return not findings.unknown
    if not fix:
        console.line(f"{shown}: {spellings} to rewrite (--fix does it)")
        return False
    try:
        write_whole(path, source.replaced(findings.changes))
    except UnicodeEncodeError:
        return _failed(path, f"its encoding ({source.encoding}) lacks letters of wlemail's names; save it as UTF-8")
    except OSError as problem:
        return _failed(path, f"not rewritten: {problem.strerror or problem}")
    console.line(f"{shown}: {spellings} rewritten")
    return not findings.unknown
