"""The commands of `python -m wlemail`: one module each, with `add_arguments(parser)` and `run(options) -> exit status`.

A module is imported when its command is run, so that one command does not pay for the others.
"""

from __future__ import annotations

import sys
from importlib import import_module

#: name of the command (and of its module) → what the list of commands says about it
COMMANDS = {
    "demo": "send a mail and see it arrive, without a network",
    "sandbox": "run a mail server on this machine that keeps and shows what it receives",
    "outbox": "show the mails of asynchronous sessions: waiting, failed, sent; send them, cancel them",
    "secret": "keep passwords in the system's keyring, for SecretString",
    "names": "find and rewrite the spellings of wlemail's names in a script",
}
INTERRUPTED = 130


def run(arguments: list[str]) -> int:
    """Run one command; the result is its exit status (0 well, 1 not, 2 not understood, 130 Ctrl-C)."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(_listing())
        return 0
    if arguments[0] in ("-V", "--version"):
        print(f"wlemail {_version()}")
        return 0
    name = arguments[0]
    if name not in COMMANDS:
        print(f"python -m wlemail: there is no command {name!r}\n\n{_listing()}", file=sys.stderr)
        return 2
    return _run_command(name, arguments[1:])


def _run_command(name: str, arguments: list[str]) -> int:
    from argparse import ArgumentParser, RawDescriptionHelpFormatter

    module = import_module(f".{name}", __name__)
    parser = ArgumentParser(
        prog=f"python -m wlemail {name}",
        description=module.__doc__,
        formatter_class=RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    try:
        return int(module.run(parser.parse_args(arguments)))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has seen enough (`| head`); the interpreter must not complain about it at its end.
        _silence_output()
        return 1


def _listing() -> str:
    width = max(map(len, COMMANDS))
    rows = "\n".join(f"  {name:{width}}  {summary}" for name, summary in COMMANDS.items())
    return f"usage: python -m wlemail COMMAND [options]\n\n{rows}\n\npython -m wlemail COMMAND --help says more."


def _version() -> str:
    from .. import __version__

    return __version__


def _silence_output() -> None:
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
