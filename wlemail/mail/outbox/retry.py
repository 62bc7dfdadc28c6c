"""When a message is tried again: pure arithmetic, no clock and no dice of its own.

A refusal that may pass (4xx) usually takes minutes: greylisting, a quota, a busy server. A broken connection is often
whole again at once. Both wait longer each time, and not exactly as long as the others that failed with them, or they
would all come back in the same second.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ...errors import ServerReply

#: No server may put a message to sleep for longer than this, in seconds.
LONGEST_HINT = 6 * 3600.0
# Exchange Online throttles with "4.3.2 … Suggested Backoff Time: 299850 milliseconds".
_HINT = re.compile(r"suggested\s+backoff\s+time\s*:?\s*([0-9]{1,9})\s*(milliseconds?|ms|seconds?|s)\b", re.IGNORECASE)


class Schedule(NamedTuple):
    """Delays in seconds."""

    after_refusal: float = 30.0
    after_break: float = 1.0
    factor: float = 2.0
    longest: float = 3600.0
    #: a delay is longer or shorter by up to this part of it
    jitter: float = 0.2

    @property
    def horizon(self) -> float:
        """Nothing is ever planned further ahead; what seems to be was planned by a clock that has been set back."""
        return max(LONGEST_HINT, self.longest) * (1 + self.jitter)

    def delay(self, attempt: int, *, broken: bool, hint: float = 0.0, chance: float = 0.5) -> float:
        """How long to wait after the given attempt (1 is the first).

        `hint` is what the server suggested, and a minimum. `chance` (0 to 1) decides about the jitter.
        """
        first = self.after_break if broken else self.after_refusal
        # The exponent has a ceiling only because floats have one.
        planned = min(self.longest, first * self.factor ** min(attempt - 1, 64))
        planned *= 1 + self.jitter * (2 * chance - 1)
        asked = min(hint, LONGEST_HINT) * (1 + self.jitter * chance)  # never earlier than asked
        return max(planned, asked)


def suggested_backoff(reply: ServerReply | None) -> float:
    """The seconds that a server's reply asks to wait, 0.0 where it asks for nothing."""
    found = _HINT.search(reply.text) if reply is not None else None
    if found is None:
        return 0.0
    number = float(found[1])
    return number / 1000 if found[2].lower().startswith("m") else number
