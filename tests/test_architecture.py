"""The table "who imports whom" of the house, held against the source: arrows, banned modules, words, globals."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "wlemail"
MODULES = sorted(PACKAGE.rglob("*.py"))

#: room -> the rooms whose modules it may import, beside its own; a file directly below wlemail/ is a room of its own
ARROWS = {
    "__init__": {"wlanguage", "companions"},
    "__main__": {"commands"},
    "errors": set(),
    "wlanguage": {"mail", "errors", "secrets"},
    "companions": {"wlanguage", "errors"},
    # The sandbox: for rehearsal alone, and imported only where the environment asks for one.
    "mail": {"smtp", "pop3", "imap", "sasl", "wire", "transport", "message", "dns", "secrets", "oauth", "errors"}
    | {"idna", "sandbox"},
    "smtp": {"sasl", "wire", "idna", "errors"},
    "pop3": {"sasl", "wire", "errors"},
    "imap": {"sasl", "wire", "errors"},
    "sasl": {"errors"},
    "message": {"idna", "errors"},
    "dns": {"errors"},
    # A leaf: headers, envelopes and DNS have to agree on what a domain is in ASCII.
    "idna": set(),
    "wire": {"errors"},
    "transport": {"wire", "errors"},
    "secrets": {"errors"},
    "oauth": {"errors"},
    # Uses the parsers, never the face: what it checks must not check itself.
    "sandbox": {"smtp", "imap", "message", "errors"},
    "commands": {"wlanguage", "companions", "mail", "sandbox", "secrets", "errors", "__init__"},
}
#: our own clients and MIME are the point of the package
BANNED = {"smtplib", "poplib", "imaplib", "email", "nntplib"}
#: rooms that know no WLanguage
BELOW_THE_FACE = ARROWS.keys() - {"__init__", "__main__", "wlanguage", "companions", "commands"}
#: names of the face, as they would be written in code; comments and error texts may speak of them
FACE_NAMES = re.compile(
    r"^(Email[A-Z]\w*|email(Option|Protocol|Session|Parameter|Attach|Header|SMTP|POP3|IMAP)\w*"
    r"|Error(Info|Occurred)\w*|err[A-Z]\w+|option(TLS|SSL)|Expediteur|Destinataire|NbRecipient|NbAttach)$"
)
#: containers and locks at module level that are filled or taken while the program runs, each with its reason
KNOWN_STATE = {
    "wlemail/transport/tls.py: _contexts": "a cache: contexts are dear and never change",
}
STATE_MAKERS = {"set", "dict", "list", "deque", "defaultdict", "OrderedDict", "Lock", "RLock", "allocate_lock", "Event"}


def room(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def name(path: Path) -> str:
    return path.relative_to(PACKAGE.parent).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported_modules(path: Path) -> Iterator[tuple[int, str]]:
    """Absolute dotted names of what a module imports, at any depth, with the line."""
    package = list(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level] if node.level else []
            module = [*base, *([node.module] if node.module else [])]
            # `from . import x` and `from .. import smtp` name modules, not values.
            for alias in node.names if not node.module or module == ["wlemail"] else [None]:
                yield node.lineno, ".".join([*module, alias.name] if alias else module)


def test_rooms_import_along_the_arrows_only() -> None:
    wrong = []
    for path in MODULES:
        here = room(path)
        for line, module in imported_modules(path):
            parts = module.split(".")
            if parts[0] != "wlemail":
                continue
            there = parts[1] if len(parts) > 1 else "__init__"
            if here not in ARROWS:
                wrong.append(f"{name(path)}: a room that the architecture does not name: {here}")
            elif there not in ARROWS and not (PACKAGE / there).exists():
                continue  # a value of wlemail/__init__.py
            elif there != here and there not in ARROWS[here]:
                wrong.append(f"{name(path)}:{line}: {here} may not import {there} ({module})")
    assert not wrong, "\n".join(sorted(set(wrong)))


def test_no_mail_module_of_python_is_used() -> None:
    used = [
        f"{name(path)}:{line}: {module}"
        for path in MODULES
        for line, module in imported_modules(path)
        if module.split(".")[0] in BANNED
    ]
    assert not used, "\n".join(used)


def test_nothing_below_the_face_knows_wlanguage() -> None:
    """Identifiers only: docstrings may say which rule of WLanguage a decision follows."""
    known = {
        f"{name(path)}:{line}: {word}"
        for path in MODULES
        if room(path) in BELOW_THE_FACE
        for line, word in identifiers(path)
        if FACE_NAMES.match(word)
    }
    assert not known, "\n".join(sorted(known))


def identifiers(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg


def test_nothing_catches_what_it_cannot_name() -> None:
    broad = [
        f"{name(path)}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception"))
    ]
    assert not broad, "\n".join(broad)


def test_state_lives_in_its_homes_alone() -> None:
    """The session table, the settings, the thread-locals, the sandbox's objects: no `global`, no filled container."""
    found = [item for path in MODULES for item in state_of(path)]
    unknown = [item for item in found if item.partition(" (")[0] not in KNOWN_STATE]
    assert not unknown, "\n".join(unknown)


def state_of(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Global):
            yield f"{name(path)}: {', '.join(node.names)} (global, line {node.lineno})"
    for node in tree(path).body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and holds_state(node.value):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            yield f"{name(path)}: {ast.unparse(target)} (line {node.lineno})"


def holds_state(value: ast.expr | None) -> bool:
    """Empty containers wait to be filled; locks and events wait to be taken."""
    if isinstance(value, ast.Call):
        maker = ast.unparse(value.func).rpartition(".")[2]
        return maker in STATE_MAKERS and not value.args
    empty_list = isinstance(value, (ast.List, ast.Set)) and not value.elts
    return empty_list or (isinstance(value, ast.Dict) and not value.keys)
