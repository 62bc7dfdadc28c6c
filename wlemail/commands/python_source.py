"""A Python source file: its text as it was encoded, and the names in it that come from outside.

Knows encodings, line ends, tokens and scopes of Python, and none of our names. Nothing in the file is ever run.
"""

from __future__ import annotations

import ast
import io
import os
import re
import tempfile
import tokenize
import unicodedata
import warnings
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: line (from 1) and column (from 0, in characters)
Position = tuple[int, int]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class SourceProblem(Exception):
    """A file cannot be read as Python source; the text says why."""


class Use(NamedTuple):
    """A name as it stands in the source, and the names of the source's own that are visible there."""

    line: int
    column: int
    name: str
    visible: frozenset[str]


class Source:
    """A file that was read: `lines` with their ends, in the encoding that Python would use."""

    def __init__(self, data: bytes) -> None:
        # The comment that names the encoding stands in the first two lines, wherever lines end.
        first_lines = io.BytesIO(data.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
        try:
            self.encoding, _ = tokenize.detect_encoding(first_lines.readline)
            text = data.decode(self.encoding)
            whole = text.encode(self.encoding) == data
        except (SyntaxError, UnicodeError, LookupError) as problem:
            raise SourceProblem(f"Python cannot read its encoding ({problem}); save it as UTF-8") from problem
        if not whole:
            raise SourceProblem(f"its encoding ({self.encoding}) does not keep every byte; save it as UTF-8")
        #: newline="" keeps the ends: LF, CR LF and CR, mixed as they may be
        self.lines = list(io.StringIO(text, newline=""))
        #: where the text stops being Python, and why; None where all of it is
        self.problem: tuple[int, str] | None = None
        #: modules of which everything is imported
        self.star_imports: list[str] = []
        self._plain = [line.rstrip("\r\n") + ("\n" if line[-1:] in "\r\n" else "") for line in self.lines]

    def uses(self) -> list[Use]:
        """Names whose value comes from outside, by position. In what is not Python they are told by their look."""
        tree = self._parsed()
        if tree is None:
            return list(_uses_by_look(self._plain))
        scopes = _Scopes(tree, self._plain)
        self.star_imports = scopes.star_imports
        return [
            Use(*position, name, scopes.visible(position))
            for position, name in _names(self._plain)
            if not scopes.binds(position, unicodedata.normalize("NFKC", name))
        ]

    def _parsed(self) -> ast.Module | None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse("".join(self._plain))
        except SyntaxError as problem:
            self.problem = (problem.lineno or 1, problem.msg)
        except (ValueError, RecursionError, MemoryError) as problem:
            self.problem = (1, str(problem) or type(problem).__name__)
        return None

    def replaced(self, changes: Iterable[tuple[int, int, str, str]]) -> bytes:
        """The file with (line, column, old, new) carried out; UnicodeEncodeError where its encoding lacks a letter."""
        lines = list(self.lines)
        for line, column, old, new in sorted(changes, reverse=True):
            text = lines[line - 1]
            assert text.startswith(old, column)
            lines[line - 1] = text[:column] + new + text[column + len(old) :]
        return "".join(lines).encode(self.encoding)


def write_whole(path: str, data: bytes) -> None:
    """Put `data` in the place of a file, which is there whole, old or new, at every moment."""
    # A link stays a link: what it leads to is replaced.
    path = os.path.realpath(path)
    if not os.access(path, os.W_OK):
        raise PermissionError(13, "the file is write-protected", path)
    handle, temporary = tempfile.mkstemp(prefix=".wlemail-", dir=os.path.dirname(path))
    try:
        with open(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, os.stat(path).st_mode & 0o7777)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


# -- names among the tokens -----------------------------------------------------------------------------


def _names(lines: list[str]) -> Iterator[tuple[Position, str]]:
    """Identifiers that stand for a variable: no attributes, no names of keyword arguments."""
    before, held, depth = "", None, 0
    for kind, text, position in _joined(lines):
        if held is not None:
            # `name=` behind "(" or "," is an argument's name, in a call as in a definition.
            if not (text == "=" and depth and held[2] in ("(", ",")):
                yield held[0], held[1]
            held = None
        if kind == tokenize.NAME and before not in (".", "!"):
            held = (position, text, before)
        if kind == tokenize.OP:
            depth += (text in ("(", "[", "{")) - (text in (")", "]", "}"))
        if kind == tokenize.STRING:
            yield from _names_in_string(text, position)
        if kind not in (tokenize.NL, tokenize.COMMENT):
            before = text
    if held is not None:
        yield held[0], held[1]


def _joined(lines: list[str]) -> Iterator[tuple[int, str, Position]]:
    """Tokens, where a letter with a combining mark is one name. Before Python 3.12 it comes in pieces."""
    held: tuple[int, str, Position] | None = None
    end = (0, 0)
    for token in tokenize.generate_tokens(iter([*lines, ""]).__next__):
        kind, text, start, stop, _ = token
        if held is not None and held[0] == tokenize.NAME and start == end and text and (held[1] + text).isidentifier():
            held = (tokenize.NAME, held[1] + text, held[2])
        else:
            if held is not None:
                yield held
            held = (kind, text, start)
        end = stop
    if held is not None:
        yield held


_STRING = re.compile(r"(?P<prefix>[A-Za-z]*)(?P<quote>\"\"\"|'''|\"|')")


def _names_in_string(text: str, position: Position) -> Iterator[tuple[Position, str]]:
    """The names in the replacement fields of an f-string, which is one token before Python 3.12."""
    match = _STRING.match(text)
    if match is None or "f" not in match["prefix"].lower():
        return
    spans: list[tuple[int, int]] = []
    raw = "r" in match["prefix"].lower()
    _find_fields(text, match.end(), len(text) - len(match["quote"]), raw, spans)
    for start, stop in spans:
        above = text.count("\n", 0, start)
        first = start - (text.rfind("\n", 0, start) + 1) + (0 if above else position[1])
        # In brackets a line end is a blank. The bracket takes one column of the first line.
        lines = list(io.StringIO(f"[{text[start:stop]}]", newline=""))
        for (line, column), name in _names(lines):
            yield (position[0] + above + line - 1, column + (first - 1 if line == 1 else 0)), name


def _find_fields(text: str, at: int, end: int, raw: bool, found: list[tuple[int, int]], within: bool = False) -> int:
    """Note where the expressions between `at` and `end` begin and end; `within`: in a specification, up to its end."""
    while at < end:
        if not within and text.startswith(("{{", "}}"), at):
            at += 2
        elif not raw and text.startswith("\\N{", at):
            at = text.index("}", at) + 1
        elif text[at] == "{":
            stop = _end_of_expression(text, at + 1, end)
            found.append((at + 1, stop))
            if text[stop] == "!":
                stop += 2
            if text[stop] == ":":
                stop = _find_fields(text, stop + 1, end, raw, found, within=True)
            at = stop + 1
        elif text[at] == "}":
            return at
        else:
            at += 1
    return at


def _end_of_expression(text: str, at: int, end: int) -> int:
    """Where the expression of a replacement field ends: at its conversion, its specification or its bracket."""
    depth = 0
    while at < end:
        sign = text[at]
        if sign in "\"'":
            at = _end_of_string(text, at, end)
        elif sign in "([{":
            depth += 1
        elif not depth and (sign in ":}" or (sign == "!" and text[at + 1] != "=")):
            return at
        elif sign in ")]}":
            depth -= 1
        at += 1
    return end


def _end_of_string(text: str, at: int, end: int) -> int:
    quote = text[at] * 3 if text.startswith(text[at] * 3, at) else text[at]
    found = text.find(quote, at + len(quote), end)
    return end if found < 0 else found + len(quote) - 1


# -- scopes ---------------------------------------------------------------------------------------------


class _Scope:
    """What a module, a class or a function (a lambda, a comprehension) binds, and from where to where it goes."""

    def __init__(self, parent: _Scope | None, start: Position, end: Position, *, is_class: bool = False) -> None:
        self.parent = parent
        self.start = start
        self.end = end
        self.is_class = is_class
        self.is_comprehension = False
        self.bound: set[str] = set()
        self.global_names: set[str] = set()
        self.children: list[_Scope] = []
        #: what can be used there, once somebody has asked
        self.visible: frozenset[str] | None = None
        if parent is not None:
            parent.children.append(self)

    def holds(self, position: Position) -> bool:
        return self.start <= position < self.end


class _Scopes:
    """The scopes of a module, and which of its own names are visible where."""

    def __init__(self, tree: ast.Module, lines: list[str]) -> None:
        self._lines = lines
        self._module = _Scope(None, (0, 0), (len(lines) + 2, 0))
        # Positions of what is no use of a variable though it is a name.
        self._parameters: set[Position] = set()
        self._imports: list[tuple[Position, Position]] = []
        self.star_imports: list[str] = []
        # Not recursive: a sum of a thousand terms is a tree of that depth.
        waiting: list[tuple[ast.AST, _Scope]] = [(node, self._module) for node in tree.body]
        while waiting:
            waiting += self._look_at(*waiting.pop())

    def binds(self, position: Position, name: str) -> bool:
        """Whether a name that stands there is the source's own."""
        if position in self._parameters or any(start <= position < end for start, end in self._imports):
            return True
        return name in self.visible(position)

    def visible(self, position: Position) -> frozenset[str]:
        """The source's own names that can be used at a position."""
        scope = self._innermost(position)
        if scope.visible is None:
            scope.visible = self._visible_in(scope)
        return scope.visible

    def _visible_in(self, innermost: _Scope) -> frozenset[str]:
        scope: _Scope | None = innermost
        found: set[str] = set()
        hidden: set[str] = set()
        while scope is not None:
            # The names of a class are not seen from the functions in it.
            if scope is innermost or not scope.is_class:
                found |= scope.bound - hidden
                hidden |= scope.global_names
            scope = scope.parent
        return frozenset(found | self._module.bound)

    def _innermost(self, position: Position) -> _Scope:
        scope = self._module
        while inner := next((child for child in scope.children if child.holds(position)), None):
            scope = inner
        return scope

    def _look_at(self, node: ast.AST, scope: _Scope) -> list[tuple[ast.AST, _Scope]]:
        """Note what a node binds; what is to be looked at next, with its scope."""
        if isinstance(node, (*_FUNCTIONS, ast.Lambda)):
            return self._function(node, scope)
        if isinstance(node, ast.ClassDef):
            self._bind(scope, node.name)
            self._bind_type_parameters(node, scope)
            body = _Scope(scope, self._start(node.body), self._end(node), is_class=True)
            outside = [*node.decorator_list, *node.bases, *node.keywords]
            return [(part, scope) for part in outside] + [(part, body) for part in node.body]
        if isinstance(node, _COMPREHENSIONS):
            inner = _Scope(scope, self._start([node]), self._end(node))
            inner.is_comprehension = True
            return [(part, inner) for part in ast.iter_child_nodes(node)]
        self._note(node, scope)
        return [(part, scope) for part in ast.iter_child_nodes(node)]

    def _function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: _Scope
    ) -> list[tuple[ast.AST, _Scope]]:
        body = [node.body] if isinstance(node, ast.Lambda) else node.body
        inner = _Scope(scope, self._start(body), self._end(node))
        arguments = node.args
        outside: list[ast.AST | None] = [*arguments.defaults, *arguments.kw_defaults]
        for parameter in _all_parameters(arguments):
            inner.bound.add(parameter.arg)
            self._parameters.add(self._start([parameter]))
            outside.append(parameter.annotation)
        if not isinstance(node, ast.Lambda):
            self._bind(scope, node.name)
            self._bind_type_parameters(node, scope)
            outside += [*node.decorator_list, node.returns]
        return [(part, scope) for part in outside if part is not None] + [(part, inner) for part in body]

    def _note(self, node: ast.AST, scope: _Scope) -> None:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            self._bind(scope, node.id)
        elif isinstance(node, ast.NamedExpr):
            # PEP 572: in a comprehension the name belongs to what is around it.
            while scope.is_comprehension and scope.parent is not None:
                scope = scope.parent
            self._bind(scope, node.target.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            self._note_import(node, scope)
        elif isinstance(node, ast.Global):
            scope.global_names.update(node.names)
            self._module.bound.update(set(node.names) & scope.bound)
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            self._bind(scope, node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            self._bind(scope, node.rest)

    def _note_import(self, node: ast.Import | ast.ImportFrom, scope: _Scope) -> None:
        self._imports.append((self._start([node]), self._end(node)))
        for alias in node.names:
            if alias.name == "*":
                self.star_imports.append("." * getattr(node, "level", 0) + (getattr(node, "module", "") or ""))
            else:
                self._bind(scope, alias.asname or alias.name.partition(".")[0])

    def _bind(self, scope: _Scope, name: str) -> None:
        scope.bound.add(name)
        if name in scope.global_names:
            self._module.bound.add(name)

    def _bind_type_parameters(self, node: ast.AST, scope: _Scope) -> None:
        # Python 3.12: `def f[T](…)`. That they end with the definition makes no difference here.
        for parameter in getattr(node, "type_params", ()):
            self._bind(scope, parameter.name)

    # ast counts columns in octets of UTF-8.

    def _start(self, nodes: Iterable[ast.AST]) -> Position:
        """Where the first of the nodes begins, its decorators included."""
        first = next(iter(nodes))
        starts = [first, *getattr(first, "decorator_list", ())]
        return min(self._position(node.lineno, node.col_offset) for node in starts)

    def _end(self, node: ast.stmt | ast.expr) -> Position:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._position(node.end_lineno, node.end_col_offset)

    def _position(self, line: int, octets: int) -> Position:
        return line, len(self._lines[line - 1].encode()[:octets].decode("utf-8", "ignore"))


def _all_parameters(arguments: ast.arguments) -> list[ast.arg]:
    extra = [parameter for parameter in (arguments.vararg, arguments.kwarg) if parameter is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *extra]


# -- what is not Python ---------------------------------------------------------------------------------

# Strings and comments of Python and of WLanguage; a string that does not end takes the rest of its line.
_BY_LOOK = re.compile(
    r"""(?P<skipped> \"\"\"[\s\S]*?(?:\"\"\"|\Z) | '''[\s\S]*?(?:'''|\Z)
          | "(?:\\.|[^"\\\n])*(?:"|$) | (?:\#|//).*$ | \d[\w.]* )
      | (?P<name> [^\W\d][\w\u0300-\u036f]* )""",
    re.VERBOSE | re.MULTILINE,
)
_ASSIGNED = re.compile(r"\s*(=(?!=)|\+=|-=|(is|are|est|sont)\b)", re.IGNORECASE)
_DEFINED = re.compile(
    r"\b(def|class|import|as|for|pour|local|global|procedure|procédure|function|fonction)\s+$", re.IGNORECASE
)


def _uses_by_look(lines: list[str]) -> Iterator[Use]:
    """Names in text that is not Python, or not yet: told by what stands around them."""
    text = "".join(lines)
    found = [match for match in _BY_LOOK.finditer(text) if match["name"]]
    own = frozenset(match["name"] for match in found if _is_own(text, *match.span()))
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    number = 0
    for match in found:
        while starts[number + 1] <= match.start():
            number += 1
        if text[: match.start()].rstrip(" \t")[-1:] != "." and match["name"] not in own:
            yield Use(number + 1, match.start() - starts[number], match["name"], own)


def _is_own(text: str, start: int, end: int) -> bool:
    before = text[text.rfind("\n", 0, start) + 1 : start]
    if _DEFINED.search(before):
        return True
    return not before.strip() and _ASSIGNED.match(text, end) is not None
