"""EmailProgressBar: the procedure that is told how far transfers have come (page 3032017)."""

from __future__ import annotations

import sys

from .boundary import wl_function
from .values import int_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Procedure = Callable[[int, int], object] | Callable[[int, int, int, int], object]
    #: what a transfer calls with (total bytes, bytes done)
    Step = Callable[[int, int], object]

#: bytes between two calls, unless set
DEFAULT_FREQUENCY = 10_000


class Progress:
    """What EmailProgressBar set, for the whole process."""

    def __init__(self) -> None:
        self.procedure: Callable[..., Any] | None = None
        #: it takes the rank of the message and their number too
        self.takes_ranks = False
        #: it takes nothing but the bytes
        self.takes_bytes = True
        self.frequency = DEFAULT_FREQUENCY

    def transfer(self) -> Step | None:
        """What one transfer calls at each step, which calls the script's procedure as often as was asked for."""
        procedure, frequency = self.procedure, self.frequency
        if procedure is None:
            return None
        ranks = () if self.takes_bytes else (1, 1)
        told = 0

        def step(total: int, done: int) -> None:
            nonlocal told
            if done < told:  # the next message of a walk
                told = 0
            if done - told >= frequency or done >= total:
                told = done
                procedure(total, done, *ranks)

        return step

    def series(self, sizes: Sequence[int]) -> Series:
        """What the transfer of several messages of these sizes calls (page 1000018727)."""
        assert self.procedure is not None, "nobody is to be told"
        return Series(self.procedure, self.frequency, sizes, ranked=self.takes_ranks)


class Series:
    """Tells a procedure how far a row of messages has come: the bytes of all, and which message it is at."""

    def __init__(self, procedure: Callable[..., Any], frequency: int, sizes: Sequence[int], *, ranked: bool) -> None:
        self._procedure = procedure
        self._frequency = frequency
        self._sizes = sizes
        self._ranked = ranked
        self._total = sum(sizes)
        self._place = 0
        self._before = 0
        self._told = 0

    def step(self, total: int, done: int) -> None:
        """The message that is under way has come so far. Of a header alone the message counts as a whole at its end."""
        size = self._size()
        if total >= size:
            self._tell(self._before + min(done, size))

    def message_done(self) -> None:
        """The next message begins."""
        done = self._before + self._size()
        self._tell(done)
        self._place += 1
        self._before = done

    def _size(self) -> int:
        return self._sizes[self._place] if self._place < len(self._sizes) else 0

    def _tell(self, done: int) -> None:
        if done <= self._told or (done - self._told < self._frequency and done < self._total):
            return
        self._told = done
        ranks = (self._place + 1, len(self._sizes)) if self._ranked else ()
        self._procedure(self._total, done, *ranks)


PROGRESS = Progress()


@wl_function(on_error=None, error_state="keeps")
def EmailProgressBar(Procedure: Procedure | str, Frequency: int | None = DEFAULT_FREQUENCY) -> None:
    """Name the procedure that is told how far sending and reading have come; "" ends it.

    Procedure  a function with two parameters (total bytes, bytes done), or the name of one in the calling script. With
               four parameters, EmailGetAll gives it the rank of the mail and their number too; the bytes are then, as
               with two, those of all mails together. Other transfers give it 1 and 1.
    Frequency  bytes between two calls, 10,000 unless given; a hint, for data moves in larger steps.

    It is called in the thread that sends or reads, while the session is in use: using that session in it is an error of
    that call. It is not told of what asynchronous sessions send. Set it before the transfer. Controls and window events
    (the other forms of the page) do not exist here. There is no result.

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
    PROGRESS.takes_bytes, PROGRESS.takes_ranks = _shapes(found)
    PROGRESS.procedure, PROGRESS.frequency = found, frequency


def _shapes(procedure: Any) -> tuple[bool, bool]:
    """Whether it can be called with two parameters, and whether with four."""
    from inspect import signature

    try:
        parameters = signature(procedure)
    except (TypeError, ValueError):
        return True, False  # "" or a function of C, which does not tell

    def takes(count: int) -> bool:
        try:
            parameters.bind(*range(count))
        except TypeError:
            return False
        return True

    if not takes(2) and not takes(4):
        from ..errors import InvalidValue

        raise InvalidValue("Procedure", "a procedure with two or four parameters is expected")
    return takes(2), takes(4) and not any(p.kind is p.VAR_POSITIONAL for p in parameters.parameters.values())
