"""EmailProgressBar: the procedure that is told how far transfers have come (page 3032017)."""

from __future__ import annotations

import sys

from .boundary import wl_function
from .values import int_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Procedure = Callable[[int, int], object]

#: bytes between two calls, unless set
DEFAULT_FREQUENCY = 10_000


class Progress:
    """What EmailProgressBar set, for the whole process."""

    def __init__(self) -> None:
        self.procedure: Procedure | None = None
        self.frequency = DEFAULT_FREQUENCY

    def transfer(self) -> Procedure | None:
        """What one transfer calls at each step, which calls the script's procedure as often as was asked for."""
        procedure, frequency = self.procedure, self.frequency
        if procedure is None:
            return None
        told = 0

        def step(total: int, done: int) -> None:
            nonlocal told
            if done - told >= frequency or done >= total:
                told = done
                procedure(total, done)

        return step


PROGRESS = Progress()


@wl_function(on_error=None, error_state="keeps")
def EmailProgressBar(Procedure: Procedure | str, Frequency: int | None = DEFAULT_FREQUENCY) -> None:
    """Name the procedure that is told how far sending and reading have come; "" ends it.

    Procedure  a function with two parameters (total bytes, bytes done), or the name of one in the calling script.
    Frequency  bytes between two calls, 10,000 unless given; a hint, for data moves in larger steps.

    It is called in the thread that sends or reads, while the session is in use: using that session in it is an error of
    that call. Set it before the transfer. Controls and window events (the other forms of the page) do not exist here.
    There is no result.

    French: EmailJauge. WLanguage page 3032017.
    """
    from ..errors import InvalidValue

    if isinstance(Procedure, str):
        name = Procedure.strip()
        # Two frames up: the boundary's, then the script's.
        found = sys._getframe(2).f_globals.get(name) if name else None
        if name and not callable(found):
            raise InvalidValue("Procedure", "no procedure of that name in the calling script", name)
    elif callable(Procedure):
        found = Procedure
    else:
        raise InvalidValue("Procedure", f"a procedure is expected, not a {type(Procedure).__name__}")
    frequency = int_value("Frequency", Frequency, DEFAULT_FREQUENCY)
    if frequency < 0:
        raise InvalidValue("Frequency", "a number of bytes is expected", frequency)
    PROGRESS.procedure, PROGRESS.frequency = found, frequency
