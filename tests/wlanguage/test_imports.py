"""The import is a budget: a script that only prepares a mail must not pay for sockets, TLS and MIME.

A fresh interpreter without site (-I -S): a development environment's .pth files import much, which would hide what the
package imports.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import wlemail

#: where the package under test lies
ROOT = Path(wlemail.__file__).parents[1]

#: what must not be there once the names are: each alone costs a good part of the whole import
DEAR = (
    *("dataclasses", "typing", "typing_extensions", "collections", "logging", "inspect", "re", "enum", "functools"),
    *("socket", "ssl", "threading", "datetime", "difflib", "pathlib", "subprocess", "asyncio", "queue", "locale"),
    *("email", "smtplib", "poplib", "imaplib"),
)

#: built in, or loaded by `site` in any interpreter that users start
FREE = {"_thread", "time", "__future__", "os", "os.path", "posixpath", "ntpath", "genericpath", "stat", "_stat"}
FREE |= {"nt", "posix", "errno", "abc", "_abc", "_collections_abc"}
# Where there is no bytecode yet, the compiler itself loads this for names with accents.
FREE |= {"unicodedata"}

PROBE = """
import sys
sys.path.insert(0, {root!r})
before = set(sys.modules)
{statements}
print(*sorted(set(sys.modules) - before))
"""


def loaded_by(statements: str) -> set[str]:
    """The modules that a bare interpreter loads for these statements."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PROBE.format(root=str(ROOT), statements=statements)],
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    return set(done.stdout.split())


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    return loaded_by("import wlemail\nfrom wlemail import *")


def test_only_the_face_the_companions_and_the_errors_are_loaded(loaded: set[str]) -> None:
    own = {name for name in loaded if name.partition(".")[0] == "wlemail"}
    strangers = {name for name in own if name.split(".")[1:2] not in ([], ["wlanguage"], ["companions"], ["errors"])}
    assert not strangers, f"`import wlemail` loads {sorted(strangers)}; import them in the functions that need them"


@pytest.mark.parametrize("name", DEAR)
def test_a_dear_module_is_not_loaded(name: str, loaded: set[str]) -> None:
    assert name not in loaded


def test_nothing_else_of_the_library_is_loaded(loaded: set[str]) -> None:
    foreign = {name for name in loaded if name.partition(".")[0] != "wlemail"} - FREE
    assert not foreign, f"`import wlemail` loads {sorted(foreign)}"


def test_filling_a_message_loads_nothing_more(loaded: set[str]) -> None:
    filled = loaded_by(
        "from wlemail import *\n"
        "Email.Expediteur = 'a@x'\n"
        "Email.Recipient[1] = 'b@x'\n"
        "m = Email()\n"
        "m.Attach.Add('a.txt')\n"
        "s = emailSMTPSession()\n"
        "s.port = '25'\n"
    )
    assert filled - FREE == loaded - FREE
