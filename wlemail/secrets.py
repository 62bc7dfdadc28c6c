"""Named secrets: their content comes from the environment or the system's keyring, and is kept nowhere else.

An entry has a content and a test content. A process whose environment holds WLEMAIL_TEST_MODE=1 is a test run: it reads
test contents only, so that a test can never log in with what production uses. Either content may stand in an
environment variable (`variable`), which is looked at first: it is there for machines without a keyring, where asking
for one may block. In the keyring the service is "wlemail" (test contents: "wlemail.test") and the user is the name,
folded. Case and accents of a name do not count.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from .errors import InvalidValue, SecretUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    Wanted = TypeVar("Wanted")

TEST_MODE_VARIABLE = "WLEMAIL_TEST_MODE"
_PREFIX = "WLEMAIL_SECRET_"
_TEST_PREFIX = "WLEMAIL_TEST_SECRET_"

_SERVICE = "wlemail"
_TEST_SERVICE = "wlemail.test"
#: A keyring cannot be listed: the names that were stored here stand in an entry of their own.
_INDEX = ("wlemail.index", "names")
_PARTS_SERVICE = "wlemail.parts"
_PARTS_MARK = "wlemail:parts:"

#: A locked keyring asks its user for a password: time to type one, not to wait for somebody who is not there.
KEYRING_SECONDS = 60.0
#: Windows keeps 2560 octets of UTF-16 in a credential (CRED_MAX_CREDENTIAL_BLOB_SIZE); a character takes up to four.
_PART = 600
#: The longest tokens have some thousand characters; a file that was given by mistake has more.
MAX_CONTENT = 64 * 1024
MAX_NAME = 100

# On Windows no wait for a lock is interrupted by Ctrl-C: wait in slices there.
_SLICE = 0.25 if sys.platform == "win32" else float("inf")


@dataclass(frozen=True)
class Entry:
    """What is known of a name without reading any content: where each content is ("" for nowhere)."""

    name: str
    content: str
    test_content: str


# -- names --------------------------------------------------------------------------------------------


def check_name(name: object) -> str:
    """The name of a secret without blanks around it; InvalidValue if it cannot be one."""
    if not isinstance(name, str):
        raise InvalidValue("Name", f"the name of a secret is text, not a {type(name).__name__}")
    name = name.strip()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        # Not shown: people paste the secret itself here.
        raise InvalidValue("Name", f"the name of a secret is 1 to {MAX_NAME} printable characters")
    return name


def folded(name: str) -> str:
    """The form in which spellings of one name are equal."""
    taken_apart = unicodedata.normalize("NFKD", name.strip().casefold())
    return "".join(c for c in taken_apart if not unicodedata.combining(c))


def variable(name: str, *, test: bool = False) -> str:
    """The environment variable that can hold a content: "Mon courrier" has WLEMAIL_SECRET_MON_COURRIER."""
    return (_TEST_PREFIX if test else _PREFIX) + "".join(map(_in_variable, folded(name)))


def _in_variable(character: str) -> str:
    if character.isascii():
        return character.upper() if character.isalnum() else "_"
    # Shells take ASCII only. Other letters keep apart by their number what "_" alone would confuse.
    return f"U{ord(character):04X}" if character.isalnum() else "_"


def test_mode() -> bool:
    """Whether this process is a test run; InvalidValue where the variable says neither yes nor no."""
    said = os.environ.get(TEST_MODE_VARIABLE, "").strip().casefold()
    if said in ("", "0", "false", "no", "off"):
        return False
    if said in ("1", "true", "yes", "on"):
        return True
    raise InvalidValue(TEST_MODE_VARIABLE, "1 makes this a test run, 0 or nothing an ordinary one", said)


# -- reading and keeping --------------------------------------------------------------------------------


def read(name: str) -> str:
    """The content that counts in this process (see above); SecretUnavailable where there is none."""
    name = check_name(name)
    test = test_mode()
    given = os.environ.get(variable(name, test=test))
    if given:
        return given
    service, key = _service(test), folded(name)
    content = _with_keyring(lambda ring: _load(ring, service, key), name, test)
    if content is None:
        raise _unavailable(name, test, "missing")
    return content


def store(name: str, content: str, *, test: bool = False) -> None:
    """Keep a content in the keyring, in place of what was there."""
    name = check_name(name)
    _check_content(content)
    service, key = _service(test), folded(name)

    def work(ring: ModuleType) -> bool:
        _save(ring, service, key, content)
        kept = _load(ring, service, key) == content
        if kept:
            names = _load_index(ring)
            _, has_content, has_test = names.get(key, ("", False, False))
            names[key] = (name, has_content or not test, has_test or test)
            _save_index(ring, names)
        return kept

    if not _with_keyring(work, name, test, content):
        # The "null" back end takes everything and keeps nothing.
        raise _unavailable(name, test, "no keyring", "it did not keep what it was given")


def delete(name: str, *, test_only: bool = False) -> bool:
    """Remove an entry from the keyring, or its test content only; False if there was nothing to remove."""
    name = check_name(name)
    key = folded(name)

    def work(ring: ModuleType) -> bool:
        removed = _remove(ring, _TEST_SERVICE, key)
        if not test_only:
            removed = _remove(ring, _SERVICE, key) or removed
        names = _load_index(ring)
        if key in names:
            written, has_content, _ = names.pop(key)
            if test_only and has_content:
                names[key] = (written, True, False)
            _save_index(ring, names)
        return removed

    return _with_keyring(work, name, test_only)


def in_keyring() -> list[Entry]:
    """What was stored in the keyring by `store`, by name; contents are not read."""
    names = _with_keyring(_load_index, "", False)
    return [
        Entry(name, "keyring" if has_content else "", "keyring" if has_test else "")
        for _, (name, has_content, has_test) in sorted(names.items())
    ]


def in_environment() -> list[Entry]:
    """What the environment holds; the names are those of the variables, whose own spelling nobody knows."""
    found: dict[str, list[str]] = {}
    for place, prefix in enumerate((_PREFIX, _TEST_PREFIX)):
        for name in os.environ:
            if name.startswith(prefix) and name != prefix and os.environ[name]:
                found.setdefault(name[len(prefix) :], ["", ""])[place] = "environment"
    return [Entry(name, *places) for name, places in sorted(found.items())]


def _service(test: bool) -> str:
    return _TEST_SERVICE if test else _SERVICE


def _check_content(content: str) -> None:
    why = ""
    if not content:
        why = "the content of a secret is empty"
    elif len(content) > MAX_CONTENT:
        why = f"the content of a secret has at most {MAX_CONTENT} characters"
    elif "\0" in content or any("\ud800" <= c <= "\udfff" for c in content):
        why = "the content of a secret is text without NUL"
    if why:
        raise InvalidValue("Content", why)


# -- the keyring's entries --------------------------------------------------------------------------------
# What does not fit in one credential of Windows is kept in parts, everywhere alike: the entry itself then holds their
# number and a token that is new each time, so that a reader never puts parts of two contents together.


def _load(ring: ModuleType, service: str, key: str) -> str | None:
    head: str | None = ring.get_password(service, key)
    if head is None or not head.startswith(_PARTS_MARK):
        return head
    parts = [ring.get_password(_PARTS_SERVICE, part) for part in _part_names(head)]
    if None in parts or not parts:
        raise _Damaged
    return "".join(parts)


def _save(ring: ModuleType, service: str, key: str, content: str) -> None:
    old = ring.get_password(service, key)
    if len(content) <= _PART and not content.startswith(_PARTS_MARK):
        ring.set_password(service, key, content)
    else:
        pieces = [content[n : n + _PART] for n in range(0, len(content), _PART)]
        head = f"{_PARTS_MARK}{len(pieces)}:{os.urandom(8).hex()}"
        for part, piece in zip(_part_names(head), pieces, strict=True):
            ring.set_password(_PARTS_SERVICE, part, piece)
        ring.set_password(service, key, head)
    _remove_parts(ring, old)


def _remove(ring: ModuleType, service: str, key: str) -> bool:
    head = ring.get_password(service, key)
    if head is None:
        return False
    ring.delete_password(service, key)
    _remove_parts(ring, head)
    return True


def _remove_parts(ring: ModuleType, head: str | None) -> None:
    for part in _part_names(head or ""):
        if ring.get_password(_PARTS_SERVICE, part) is not None:
            ring.delete_password(_PARTS_SERVICE, part)


def _part_names(head: str) -> list[str]:
    if not head.startswith(_PARTS_MARK):
        return []
    count, _, token = head[len(_PARTS_MARK) :].partition(":")
    if not count.isdecimal() or int(count) > MAX_CONTENT // _PART + 1:
        return []
    return [f"{token}.{n}" for n in range(1, int(count) + 1)]


_Names = dict[str, tuple[str, bool, bool]]


def _load_index(ring: ModuleType) -> _Names:
    import json

    try:
        found = json.loads(_load(ring, *_INDEX) or "{}")
        return {key: (str(name), bool(content), bool(test)) for key, (name, content, test) in found.items()}
    except (ValueError, TypeError, AttributeError, _Damaged):
        # Somebody else wrote there. The contents are not lost: whoever knows a name still reads it.
        return {}


def _save_index(ring: ModuleType, names: _Names) -> None:
    import json

    if names:
        _save(ring, *_INDEX, json.dumps(names))
    else:
        _remove(ring, *_INDEX)


# -- asking the keyring -----------------------------------------------------------------------------------


class _Damaged(Exception):
    """Parts of a content are gone."""


#: What back ends raise beside keyring's own errors; classes of modules that were not imported cannot have been raised.
_FOREIGN = (
    ("secretstorage.exceptions", "SecretStorageException"),
    ("jeepney.wrappers", "DBusErrorResponse"),
    ("jeepney.auth", "AuthenticationError"),
    ("dbus.exceptions", "DBusException"),
    ("gi.repository.GLib", "Error"),
    ("win32ctypes.pywin32.pywintypes", "error"),
    ("pywintypes", "error"),
    ("configparser", "Error"),
    ("keyring.errors", "KeyringError"),
)


def _with_keyring(work: Callable[[ModuleType], Wanted], name: str, test: bool, content: str = "") -> Wanted:
    """Do something with the keyring within its time; what goes wrong there becomes SecretUnavailable.

    A locked keyring waits for its user and D-Bus may wait for ever, even while keyring is imported: a daemon thread
    does the work and is abandoned when time is up."""
    results: list[Wanted] = []
    problems: list[BaseException] = []
    done = threading.Event()

    def run() -> None:
        try:
            import keyring

            results.append(work(keyring))
        except (_Damaged, OSError, RuntimeError, ImportError, AttributeError, LookupError, ValueError) as problem:
            problems.append(problem)
        except _foreign_errors() as problem:
            problems.append(problem)
        finally:
            done.set()

    threading.Thread(target=run, daemon=True, name="wlemail-keyring").start()
    _wait(done, KEYRING_SECONDS)
    if results:
        return results[0]
    if problems:
        raise _translated(problems[0], name, test, content) from problems[0]
    if not done.is_set():
        raise _unavailable(name, test, "no answer", f"waited {KEYRING_SECONDS:g} s")
    raise AssertionError("the thread ended by an exception that nobody expects: it has printed it")


def _wait(done: threading.Event, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not done.wait(max(0.0, min(deadline - time.monotonic(), _SLICE))):
        if time.monotonic() >= deadline:
            return


def _foreign_errors() -> tuple[type[BaseException], ...]:
    found = (getattr(sys.modules.get(module), name, None) for module, name in _FOREIGN)
    return tuple(kind for kind in found if isinstance(kind, type) and issubclass(kind, BaseException))


def _translated(problem: BaseException, name: str, test: bool, content: str) -> SecretUnavailable:
    said = " ".join(str(problem).split())
    if content and content in said:
        said = ""
    if isinstance(problem, _Damaged):
        return _unavailable(name, test, "damaged")
    # By name: the module that defines them may be what could not be imported.
    kinds = {kind.__name__ for kind in type(problem).__mro__}
    if kinds & {"NoKeyringError", "InitError"}:
        return _unavailable(name, test, "no keyring")
    if "KeyringLocked" in kinds:
        return _unavailable(name, test, "locked", said)
    return _unavailable(name, test, "failed", f"{type(problem).__name__}: {said}"[:300])


#: What happened, for the text of the exception; {of} is "" or "test "
_TEXTS = {
    "missing": "the {of}secret {name!r} is stored nowhere: run `{command}`, or",
    "no keyring": "this machine has no keyring that could hold the {of}secret {name!r}:",
    "locked": "the keyring that may hold the {of}secret {name!r} is locked: unlock it, or",
    "no answer": "the keyring that may hold the {of}secret {name!r} does not answer:",
    "damaged": "the {of}secret {name!r} is incomplete in the keyring: store it again, or",
    "failed": "the keyring that may hold the {of}secret {name!r} failed:",
}


def _unavailable(name: str, test: bool, problem: str, detail: str = "") -> SecretUnavailable:
    wanted = variable(name, test=test) if name else _PREFIX + "<NAME>"
    argument = name if name.isalnum() else f'"{name}"'
    command = f"python -m wlemail secret set {argument}" + (" --test" if test else "")
    text = _TEXTS[problem].format(name=name or "…", of="test " if test else "", command=command)
    text += f" set the environment variable {wanted}" + (f" ({detail})" if detail else "")
    return SecretUnavailable(text, name=name, problem=problem, variable=wanted, command=command, detail=detail)
