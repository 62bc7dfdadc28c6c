"""Keep passwords and tokens out of scripts: store them by name in the system's keyring.

A script says SecretString("NAME") where it would say a password. The content is asked for without echo, or read from
standard input with --stdin; it is never shown. A test run (WLEMAIL_TEST_MODE=1 in the environment) uses the test
contents, stored with --test, and no others.

On a machine without a keyring the environment variable WLEMAIL_SECRET_<NAME> holds the content, and
WLEMAIL_TEST_SECRET_<NAME> the test content. A variable that is set is used before the keyring.

The exit status is 0 where it worked, 1 where it did not, 2 where the command was not understood.
"""

from __future__ import annotations

import os
import sys
import warnings
from typing import TYPE_CHECKING

from .. import secrets
from ..errors import MailError
from .console import Console, clean

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable


class _Unusable(Exception):
    """There is no content to store; the text says why."""


def add_arguments(parser: ArgumentParser) -> None:
    from argparse import SUPPRESS

    actions = parser.add_subparsers(metavar="ACTION", required=True, title="actions")
    set_ = actions.add_parser("set", help="store a content under a name, in place of what was there")
    set_.add_argument("name", metavar="NAME")
    # Taken only to be refused: the usual message about an argument too many would show it.
    set_.add_argument("content", nargs="*", help=SUPPRESS)
    set_.add_argument("--test", action="store_true", help="the content that test runs use")
    set_.add_argument("--stdin", action="store_true", help="read it from standard input; a last line end is left out")
    set_.set_defaults(action=_set)
    list_ = actions.add_parser("list", help="show the names, and which contents there are")
    list_.set_defaults(action=_list)
    delete = actions.add_parser("delete", help="remove a name with its contents from the keyring")
    delete.add_argument("name", metavar="NAME")
    delete.add_argument("--test", action="store_true", help="remove the test content alone")
    delete.set_defaults(action=_delete)


def run(arguments: Namespace) -> int:
    try:
        return int(arguments.action(arguments))
    except (MailError, _Unusable) as problem:
        print(f"python -m wlemail secret: {clean(str(problem))}", file=sys.stderr)
        return 1


# -- actions --------------------------------------------------------------------------------------------


def _set(arguments: Namespace) -> int:
    if arguments.content:
        print(
            "python -m wlemail secret set: the content is not given on the command line, where other programs and the "
            "history of the shell see it: it is asked for, or read with --stdin",
            file=sys.stderr,
        )
        return 2
    name = secrets.check_name(arguments.name)
    kind = "test content" if arguments.test else "content"
    content = _from_input() if arguments.stdin else _asked(f"{kind.capitalize()} of {clean(name)}")
    secrets.store(name, content, test=arguments.test)
    console = Console()
    console.line(f"the {kind} of {clean(name)} is in the keyring; in scripts: SecretString({clean(name)!r})")
    _warn_of_environment(name, arguments.test)
    return 0


def _delete(arguments: Namespace) -> int:
    name = secrets.check_name(arguments.name)
    kind = "test content" if arguments.test else "secret"
    if not secrets.delete(name, test_only=arguments.test):
        print(f"the keyring has no {kind} of the name {clean(name)}", file=sys.stderr)
        return 1
    Console().line(f"the {kind} {clean(name)} is gone")
    _warn_of_environment(name, arguments.test)
    return 0


def _list(arguments: Namespace) -> int:
    problem: MailError | None = None
    kept: list[secrets.Entry] = []
    try:
        kept = secrets.in_keyring()
    except MailError as found:
        problem = found
    console = Console()
    rows = list(_rows(kept))
    if rows:
        width = max(len("NAME"), *(len(name) for name, _, _ in rows))
        for name, content, test_content in [("NAME", "CONTENT", "TEST CONTENT"), *rows]:
            console.line(f"{name:{width}}  {content:23}  {test_content}".rstrip())
    elif problem is None:
        console.line("no secrets (python -m wlemail secret set NAME stores one)")
    if problem is not None:
        print(f"python -m wlemail secret list: {clean(str(problem))}", file=sys.stderr)
        return 1
    return 0


def _rows(kept: Iterable[secrets.Entry]) -> Iterable[tuple[str, str, str]]:
    """A row for each name; where both hold a content, the environment's is the one that is used."""
    given = {entry.name: entry for entry in secrets.in_environment()}
    for entry in kept:
        variable = secrets.variable(entry.name).removeprefix(secrets.variable(""))
        other = given.pop(variable, secrets.Entry("", "", ""))
        contents = ((entry.content, other.content), (entry.test_content, other.test_content))
        stored, tested = (", ".join(place for place in places if place) or "-" for places in contents)
        yield clean(entry.name), stored, tested
    for entry in given.values():
        yield clean(entry.name), entry.content or "-", entry.test_content or "-"


def _warn_of_environment(name: str, test: bool) -> None:
    variable = secrets.variable(name, test=test)
    if os.environ.get(variable):
        print(f"note: {variable} is set in the environment, and that is what will be used", file=sys.stderr)


# -- asking for a content -------------------------------------------------------------------------------


def _from_input() -> str:
    if sys.stdin is None:
        raise _Unusable("there is no standard input")
    # One more than is allowed tells a long token from a file that was given by mistake.
    data = sys.stdin.buffer.read(4 * secrets.MAX_CONTENT + 2)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Not chained into a traceback: that exception holds what was read.
        raise _Unusable("what standard input gives is not UTF-8") from None
    return text.removesuffix("\n").removesuffix("\r")


def _asked(prompt: str) -> str:
    import getpass

    if sys.stdin is None or not sys.stdin.isatty():
        raise _Unusable("there is no terminal to ask on; --stdin reads the content from standard input")
    with warnings.catch_warnings():
        # getpass would go on with echo where it cannot turn it off.
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            content = getpass.getpass(f"{prompt}: ")
            again = getpass.getpass("Once more: ")
        except getpass.GetPassWarning:
            raise _Unusable("this terminal would show what is typed; use --stdin") from None
        except EOFError:
            raise _Unusable("nothing was typed") from None
    if content != again:
        raise _Unusable("the two are not the same; nothing is stored")
    return content
