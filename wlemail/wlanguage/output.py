"""Error, Warning, Info, Trace: messages for whoever looks on.

WLanguage opens a window and waits; here a message is a write to a stream and never waits for anybody, because
mail programs run as services, in threads and at night. `EmailRedirectOutput` sends them elsewhere.
"""

from __future__ import annotations

import sys

from .error_settings import SETTINGS
from .thread_state import THREAD, ErrorRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

#: the windows of WLanguage cut what they show there (3021013)
LONGEST_MESSAGE = 4096


def Error(*Lines: object) -> None:
    """Show an error message on stderr, one argument a line; without argument, the text of the last error.

    Page 3021013. Never waits; `EmailRedirectOutput` sends it elsewhere. Cut at 4096 characters.
    """
    if Lines:
        _show("Error", Lines)
    else:
        from .error_info import ErrorInfo

        _show("Error", (ErrorInfo(),))


def Warning(Text: object, *Lines: object) -> None:
    """Show a warning on stderr, one argument a line. Not star-exported: it would hide Python's `Warning`."""
    _show("Warning", (Text, *Lines))


def Info(Text: object, *Lines: object) -> None:
    """Show a message on stdout, one argument a line. Page 3021011. Never waits; cut at 4096 characters."""
    _show("Info", (Text, *Lines))


def Trace(Text: object, *Lines: object) -> None:
    """Write a line of trace on stdout for each argument. Never waits; cut at 4096 characters."""
    _show("Trace", (Text, *Lines))


def show_error(error: ErrorRecord) -> None:
    """Show the message of an error as `Error()` does (epDisplayMessage)."""
    from .error_info import message

    _show("Error", (message(error),))


def tell_at_prompt(error: ErrorRecord) -> None:
    """One line beside the False that a person at the interactive prompt gets."""
    if not SETTINGS.prompt_line:
        return
    from .error_info import function_name, message

    _write(sys.stderr, f"{function_name(error)}: {' '.join(message(error).split())}")


def _show(kind: str, lines: tuple[object, ...]) -> None:
    text = "\n".join("" if line is None else str(line) for line in lines)[:LONGEST_MESSAGE]
    procedure = SETTINGS.output
    if procedure is None:
        _write(sys.stderr if kind in ("Error", "Warning") else sys.stdout, text)
        return
    standing = THREAD.error
    try:
        procedure(kind, text)
    finally:
        # Showing an error must not change the error that is shown, whatever the procedure calls.
        THREAD.error = standing


def _write(stream: TextIO | None, text: str) -> None:
    # A program without a console (pythonw) has no streams at all.
    if stream is None:
        return
    try:
        encoding = getattr(stream, "encoding", None) or "utf-8"
        # QUIRK: a cp1252 console cannot show every subject; a question mark is better than a failing message.
        stream.write(text.encode(encoding, "replace").decode(encoding) + "\n")
        stream.flush()
    except (OSError, ValueError):
        # The reader of our output is gone, or the stream is closed; a message that nobody reads stops no mail.
        return
