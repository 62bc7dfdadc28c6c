"""The content of a message as it comes in: DATA's end and its dots, BDAT's octets, and what is wrong with it.

Works on bytes in any division. Only CR LF . CR LF ends DATA (RFC 5321 4.1.1.4): no other mix of CR, LF and dots is
taken for the end, which is the hole that SMTP smuggling needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .replies import Reply

if TYPE_CHECKING:
    from .storage import Spool, Stored

_END = b"\r\n.\r\n"


class DataReader:
    """Finds the end of DATA and takes the dots out; `feed` gives what it has made out and what lies behind the end."""

    def __init__(self) -> None:
        # The content begins at the start of a line; a line end that nobody sent makes that the ordinary case.
        self._pending = b"\r\n"
        self._invented = 2

    def feed(self, data: bytes) -> tuple[bytes, bytes | None]:
        """(content, None) while the end has not come, (content, bytes behind the end) when it has."""
        data = self._pending + data
        end = data.find(_END)
        if end >= 0:
            return self._unstuffed(data[: end + 2]), data[end + len(_END) :]
        kept = next(n for n in range(4, -1, -1) if data.endswith(_END[:n]))
        cut = len(data) - kept
        self._pending = data[cut:]
        return self._unstuffed(data[:cut]), None

    def _unstuffed(self, data: bytes) -> bytes:
        start = min(self._invented, len(data))
        self._invented -= start
        return data.replace(b"\r\n.", b"\r\n")[start:]


class ContentCheck:
    """Watches content go by: its size, line ends that are not CR LF, lines longer than SMTP allows."""

    #: RFC 5321 4.5.3.1.6 and RFC 5322 2.1.1: 998 octets and CR LF
    MAX_LINE = 998

    def __init__(self) -> None:
        self.size = 0
        self.bare_newline = False
        self.eight_bit = False
        self._longest = 0
        self._unended = 0
        self._ends_in_cr = False

    def see(self, data: bytes) -> None:
        if not data:
            return
        self.size += len(data)
        self._check_line_ends(data)
        self._check_lengths(data)
        self.eight_bit = self.eight_bit or not data.isascii()

    @property
    def problem(self) -> Reply | None:
        """The reply to content that a strict server refuses, None where all is well."""
        if self.bare_newline or self._ends_in_cr:
            return Reply(554, "5.6.0", "CR or LF alone in the message; lines end in CR LF (RFC 5321 2.3.8)")
        if max(self._longest, self._unended) > self.MAX_LINE + 1:
            return Reply(554, "5.6.0", f"a line of the message is longer than {self.MAX_LINE} octets")
        return None

    def _check_line_ends(self, data: bytes) -> None:
        crossing = self._ends_in_cr and data.startswith(b"\n")
        if self._ends_in_cr and not crossing:
            self.bare_newline = True
        pairs = data.count(b"\r\n")
        self._ends_in_cr = data.endswith(b"\r")
        bare_lf = data.count(b"\n") - pairs - crossing
        bare_cr = data.count(b"\r") - pairs - self._ends_in_cr
        if bare_lf or bare_cr:
            self.bare_newline = True

    def _check_lengths(self, data: bytes) -> None:
        # Lengths count the CR, not the LF.
        lengths = [len(line) for line in data.split(b"\n")]
        lengths[0] += self._unended
        self._unended = lengths.pop()
        if lengths:
            self._longest = max(self._longest, *lengths)


class Arriving:
    """A message that is coming in: checked, counted, spooled up to the size that the server takes."""

    def __init__(self, spool: Spool, max_size: int, *, check: bool = True) -> None:
        self._spool: Spool | None = spool
        self._max_size = max_size
        self._strict = check
        self._check = ContentCheck()
        self._failed: Reply | None = None

    @property
    def size(self) -> int:
        return self._check.size

    @property
    def eight_bit(self) -> bool:
        """True where an octet above 127 was in it."""
        return self._check.eight_bit

    def write(self, data: bytes) -> None:
        self._check.see(data)
        if self._check.size > self._max_size:
            self.fail(Reply(552, "5.3.4", f"the message is larger than {self._max_size} octets"))
        if self._spool is None:
            return
        try:
            self._spool.write(data)
        except OSError:
            self.fail(Reply(452, "4.3.1", "no room to keep the message"))

    def fail(self, reply: Reply) -> None:
        """Answer the end of the message with this; what came is dropped, what comes is counted only."""
        self._failed = self._failed or reply
        self.discard()

    def discard(self) -> None:
        spool, self._spool = self._spool, None
        if spool is not None:
            spool.discard()

    def finish(self) -> Stored | Reply:
        """The content when it may be kept, else the reply that refuses it."""
        if self._strict and self._check.problem:
            self.fail(self._check.problem)
        if self._failed is not None:
            return self._failed
        spool, self._spool = self._spool, None
        assert spool is not None
        try:
            return spool.finish()
        except OSError:
            spool.discard()
            return Reply(452, "4.3.1", "no room to keep the message")
