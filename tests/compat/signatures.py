"""Signatures as syntaxes.csv writes them: `Name(A, B=25, *Lines)`, a default that the help does not state as `...`."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Signature:
    """One documented syntax: how it is called, and with how many arguments."""

    text: str
    name: str
    #: parameter names in order, without a variadic one
    names: tuple[str, ...]
    #: default of each optional parameter as it is written; the last ones of `names`
    defaults: tuple[str, ...]
    variadic: bool

    @property
    def required(self) -> int:
        return len(self.names) - len(self.defaults)

    def argument_counts(self) -> list[int]:
        """With how many arguments this syntax can be called (two beyond the named ones stand for a variadic rest)."""
        return list(range(self.required, len(self.names) + 1 + (2 if self.variadic else 0)))

    def shape(self) -> tuple[int, int, bool]:
        """What the English and the French form have in common."""
        return self.required, len(self.names), self.variadic

    def why_it_does_not_bind(self, function: Callable[..., object]) -> str:
        """ "" where the real function takes every form of this syntax by position, else what is wrong."""
        real = inspect.signature(function)
        for count in self.argument_counts():
            try:
                real.bind(*range(count))
            except TypeError as error:
                return f"{self.text} with {count} argument(s): {error}; the code has {self.name}{real}"
        return ""

    def values(self, names: Mapping[str, object]) -> dict[str, object]:
        """The defaults that are stated, by parameter, as values (`names` gives the constants)."""
        optional = self.names[self.required :]
        return {
            name: eval(default, dict(names))
            for name, default in zip(optional, self.defaults, strict=True)
            if default != "..."
        }


def parse(text: str) -> Signature:
    """Read a signature; ValueError where it is not one."""
    name, bracket, rest = text.partition("(")
    if not bracket or not rest.endswith(")") or not all(part.isidentifier() for part in name.split(".")):
        raise ValueError(f"not a signature: {text}")
    try:
        found = ast.parse(f"def f({rest[:-1]}): ...").body[0]
    except SyntaxError as error:
        raise ValueError(f"not a signature: {text}: {error.msg}") from None
    assert isinstance(found, ast.FunctionDef)
    arguments = found.args
    if arguments.kwonlyargs or arguments.kwarg or arguments.posonlyargs:
        raise ValueError(f"WLanguage has parameters by position only: {text}")
    return Signature(
        text=text,
        name=name,
        names=tuple(argument.arg for argument in arguments.args),
        defaults=tuple(ast.unparse(default) for default in arguments.defaults),
        variadic=arguments.vararg is not None,
    )
