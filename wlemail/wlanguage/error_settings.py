"""How errors are told, for the whole process: the language of the texts, the line at the prompt, where messages go.

All three are extensions: WLanguage takes the language of its framework and shows windows.
"""

from __future__ import annotations

import os
import sys

from ..errors import InvalidValue
from .boundary import wl_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class ErrorSettings:
    """The record of the settings; there is one, `SETTINGS`."""

    #: "en", "fr", or "" for the locale's
    language: str = ""
    prompt_line: bool = True
    #: called with ("Error" | "Warning" | "Info" | "Trace", text) in place of writing to a stream
    output: Callable[[str, str], object] | None = None


SETTINGS = ErrorSettings()

_LANGUAGES = {
    "fr": "fr",
    "en": "en",
    "fra": "fr",
    "fre": "fr",
    "eng": "en",
    "français": "fr",
    "french": "fr",
    "english": "en",
}

# Primary language identifier of French in a Windows LANGID (winnt.h, LANG_FRENCH).
_WINDOWS_FRENCH = 0x0C


def error_language() -> str:
    """The language of error texts now: "en" or "fr"."""
    return SETTINGS.language or _locale_language()


def _locale_language() -> str:
    # Read at each use: a script may set its environment after the import, and this runs for failures only.
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        name = os.environ.get(variable, "")
        if name:
            break
    if name.partition(".")[0] in ("C", "POSIX"):
        return "en"
    # GNU's LANGUAGE is a list that goes before a locale that is set.
    name = (os.environ.get("LANGUAGE", "") if name else "") or name
    if name:
        return "fr" if name[:2].lower() == "fr" else "en"
    return _system_language()


def _system_language() -> str:
    french = False
    if sys.platform == "win32":
        import ctypes

        french = ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF == _WINDOWS_FRENCH
    return "fr" if french else "en"


@wl_function(on_error="", error_state="keeps")
def EmailErrorLanguage(Language: str | None = None) -> str:
    """Choose the language of error texts for the whole program and return the one in use ("en" or "fr").

    `Language` is "en", "fr", a locale name such as "fr_FR", or "" to follow the locale again; without it
    nothing is changed. Extension; an unknown language is an error and changes nothing.
    """
    if Language is not None:
        SETTINGS.language = _language_code(Language)
    return error_language()


def _language_code(name: str) -> str:
    wanted = str(name).strip().lower().replace("-", "_").partition("_")[0].partition(".")[0]
    if not wanted:
        return ""
    if wanted not in _LANGUAGES:
        raise InvalidValue("Language", "there are error texts in English (en) and French (fr) only", name)
    return _LANGUAGES[wanted]


def EmailErrorPrompt(Active: bool = True) -> None:
    """Switch the line that explains a failing call at Python's interactive prompt on or off. Extension."""
    SETTINGS.prompt_line = bool(Active)


@wl_function(on_error=None, error_state="keeps")
def EmailRedirectOutput(Procedure: Callable[[str, str], object] | None = None) -> None:
    """Send what Error, Warning, Info and Trace show to `Procedure(kind, text)`; without it, to the streams again.

    `kind` is "Error", "Warning", "Info" or "Trace". For a window, a logger, a web page. Extension.
    """
    if Procedure is not None and not callable(Procedure):
        raise InvalidValue("Procedure", "a procedure with the parameters (kind, text) is needed")
    SETTINGS.output = Procedure
